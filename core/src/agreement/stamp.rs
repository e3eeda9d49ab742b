//! The committee's stamp (调解委员会印章): with it an agreement takes effect (People's Mediation Law art. 31).
//!
//! `["doorstep-committee-stamp", 1, bundle, case, committee, by, time]`, signed with the sub-district's root key by the server when
//! it takes in that a lead has stamped. It stands beside the bundle: the parties' signatures come first and do not wait.

use super::canon::{ReadError, Reader, Record, Writer};
use super::signed::{self, Signed};
use crate::environment::{Signer, SignerError};
use crate::id::{Digest, DocId, PersonId};
use crate::time::Timestamp;

const NAME: &str = "doorstep-committee-stamp";
const VERSION: u64 = 1;
const TAG: &str = "doorstep-committee-stamp-1";

/// A stamp.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommitteeStamp {
    /// The bundle that it makes effective.
    pub bundle: Digest,
    /// The case.
    pub case: DocId,
    /// The committee, as the agreement names it.
    pub committee: String,
    /// Who stamped for it.
    pub by: PersonId,
    /// When, by the clock of whoever stamped.
    pub at: Timestamp,
}

impl CommitteeStamp {
    /// Signed with the root's key.
    pub fn sign(&self, root: &dyn Signer) -> Result<Vec<u8>, SignerError> {
        signed::sign(TAG, self, root)
    }
}

impl Signed<CommitteeStamp> {
    /// The stamp in these bytes.
    pub fn read(bytes: &[u8]) -> Result<Self, ReadError> {
        signed::open(bytes)
    }

    /// Whether this is the key that signed it.
    pub fn is_by(&self, key: &[u8; 33]) -> bool {
        self.is_by_under(TAG, key)
    }
}

impl Record for CommitteeStamp {
    fn put(&self, out: &mut Writer) {
        out.array(7);
        out.text(NAME);
        out.uint(VERSION);
        out.bytes(self.bundle.as_bytes());
        out.bytes(self.case.as_bytes());
        out.text(&self.committee);
        out.text(self.by.as_str());
        out.int(self.at.0);
    }

    fn get(input: &mut Reader<'_>) -> Result<Self, ReadError> {
        input.opening(7, NAME, VERSION)?;
        Ok(Self {
            bundle: Digest::from_bytes(input.exactly()?),
            case: DocId::from_bytes(input.exactly()?),
            committee: input.string()?,
            by: input.parsed()?,
            at: Timestamp(input.int()?),
        })
    }
}
