//! What was agreed: the draft, its parties and commitments, and how it came into force.

use serde::{Deserialize, Serialize};

use crate::id::{Digest, OrgId};
use crate::time::{Date, Stamp};

/// What a party to an agreement is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PartyKind {
    /// A resident or another natural person.
    Resident,
    /// An org of the directory, or one in people's words.
    Org {
        /// The org, where the directory has it: its contact may fulfil its commitments.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        org: Option<OrgId>,
    },
}

/// A party.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Party {
    /// Name as it stands in the agreement; unique within it.
    pub name: String,
    /// What it is.
    pub kind: PartyKind,
}

/// Who does what by when.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Commitment {
    /// Name of the party that commits itself.
    pub party: String,
    /// What it will do.
    pub deed: String,
    /// By when.
    pub due: Date,
    /// How much, where money is owed: fen of renminbi.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount_fen: Option<u64>,
}

/// Kinds of dispute that the law treats apart (Electronic Signature Law, art. 3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DisputeKind {
    /// May be signed on a screen.
    #[default]
    Ordinary,
    /// Marriage, adoption, inheritance and other personal status: wet ink only.
    PersonalStatus,
    /// Stopping water, heat or gas supply: wet ink only.
    UtilityCutOff,
}

/// See [`Event::AgreementDrafted`](super::Event::AgreementDrafted).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct AgreementDrafted {
    /// The consultation it came from.
    pub consultation: Stamp,
    /// What kind of dispute it settles.
    #[serde(default)]
    pub dispute: DisputeKind,
    /// The parties, each of whom signs.
    pub parties: Vec<Party>,
    /// The facts and what was disputed.
    pub facts: String,
    /// The terms, in words.
    pub terms: String,
    /// The commitments.
    pub commitments: Vec<Commitment>,
    /// The draft that its author saw as the current one, and rewrote; none for the first, and for those that the first
    /// release wrote. Not part of what is signed: see [`AgreementDrafted::as_signed`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaces: Option<Stamp>,
}

impl AgreementDrafted {
    /// What of it the parties sign: everything but which earlier draft it replaces.
    #[must_use]
    pub fn as_signed(&self) -> Self {
        Self { replaces: None, ..self.clone() }
    }
}

/// See [`Event::AgreementSealed`](super::Event::AgreementSealed).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct AgreementSealed {
    /// The draft that was signed.
    pub draft: Stamp,
    /// SHA-256 of the bundle's bytes.
    pub bundle: Digest,
    /// The 20-digit check number (核验码) of the signed text.
    pub check_number: String,
}

/// See [`Event::AgreementStamped`](super::Event::AgreementStamped).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct AgreementStamped {
    /// The sealing that it stamps.
    pub agreement: Stamp,
    /// The bundle, so that the stamp is for these bytes and no others.
    pub bundle: Digest,
}

/// See [`Event::AgreementConfirmed`](super::Event::AgreementConfirmed).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct AgreementConfirmed {
    /// The sealing of the agreement that was confirmed.
    pub agreement: Stamp,
    /// The court.
    pub court: String,
    /// The number of its ruling.
    pub number: String,
    /// The day of the ruling.
    pub on: Date,
}

/// See [`Event::AgreementOnPaper`](super::Event::AgreementOnPaper).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct AgreementOnPaper {
    /// The draft that was printed and signed.
    pub draft: Stamp,
    /// Photos or scans of the signed sheets, in order: attachments of the case, by the SHA-256 of their bytes.
    pub sheets: Vec<Digest>,
    /// Who witnessed it.
    pub witness: String,
}

/// See [`Event::AgreementOral`](super::Event::AgreementOral).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct AgreementOral {
    /// The draft that was agreed by word.
    pub draft: Stamp,
    /// Who witnessed it.
    pub witness: String,
}
