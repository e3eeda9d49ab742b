//! What revoked devices pushed, as a lead's phone asks for it and decides on it: one signed request, one answer. Pure: records
//! and requests. What a change says arrives as lines to read; the change itself stays on the server.

use serde::{Deserialize, Serialize};

use super::requests::{Identity, signed};
use super::wire::VERSION;
use crate::environment::{Request, Signer, SignerError};
use crate::id::{ChangeHash, DocId, DocKind, PersonId};
use crate::time::Timestamp;

/// `POST`, signed: an [`AsideRequest`].
pub const PATH_ASIDE: &str = "/v1/aside";
/// Changes in one answer; what is decided makes room for the next.
pub const ASIDE_MAX: usize = 100;
/// Longest reason for a decision, characters.
pub const WHY_MAX: usize = 500;

/// What a lead decides about one change kept aside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// The change's number in the list.
    pub n: u64,
    /// Taken into its document after all, as what it was; otherwise it stays where it is for good.
    pub adopt: bool,
    /// Why.
    pub why: String,
}

/// Asks for what is kept aside, after deciding on some of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AsideRequest {
    /// [`VERSION`].
    pub version: u32,
    /// Decisions, carried out in this order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub decisions: Vec<Decision>,
    /// `zh` or `en`: the language of the lines to read.
    pub lang: String,
}

/// One change kept aside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AsideRecord {
    /// Its number.
    pub n: u64,
    /// The document.
    pub doc: DocId,
    /// What it is.
    pub kind: DocKind,
    /// The document's title, as far as it can be read.
    pub title: String,
    /// The change.
    pub hash: ChangeHash,
    /// Who pushed it.
    pub person: PersonId,
    /// When it came.
    pub received: Timestamp,
    /// What it says, line by line; empty where it can't be read here.
    pub lines: Vec<String>,
}

/// What became of a decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decided {
    /// The change's number.
    pub n: u64,
    /// Empty: it was carried out. Otherwise why not: a stable code.
    pub code: String,
}

/// What is still kept aside and this person may decide on.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct AsideAnswer {
    /// What became of the decisions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub decided: Vec<Decided>,
    /// The changes, oldest first; at most [`ASIDE_MAX`].
    pub aside: Vec<AsideRecord>,
}

/// The request, signed.
pub fn request(
    decisions: Vec<Decision>,
    lang: &str,
    identity: &Identity,
    nonce: &str,
    signer: &dyn Signer,
) -> Result<Request, SignerError> {
    let record = AsideRequest { version: VERSION, decisions, lang: lang.to_owned() };
    // Plain records always encode; an empty body is refused by the server like any other that can't be read.
    let body = minicbor_serde::to_vec(&record).unwrap_or_default();
    signed(PATH_ASIDE, body, identity, nonce, signer)
}
