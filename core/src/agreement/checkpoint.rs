//! What the server's log says of itself: so many entries, this root, at this time, signed with the log's key.
//!
//! A phone carries the newest one it has and puts it into the next seal ("not before"); a receipt stands on one ("not
//! after"). `["doorstep-log-checkpoint", 1, log, size, root, time]`, signed: canonical CBOR like everything else here, and
//! not the text of a signed note, so that a verifier needs one decoder.

use super::canon::{ReadError, Reader, Record, Writer};
use super::signed::{self, Signed};
use crate::environment::{Signer, SignerError};
use crate::id::Digest;
use crate::time::Timestamp;

const NAME: &str = "doorstep-log-checkpoint";
const VERSION: u64 = 1;
const TAG: &str = "doorstep-log-checkpoint-1";

/// A checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Whose log: the sub-district's name.
    pub log: String,
    /// How many entries it has.
    pub size: u64,
    /// The root over them.
    pub root: Digest,
    /// When, by the server's clock.
    pub at: Timestamp,
}

impl Checkpoint {
    /// Signed with the log's key: what travels and is carried.
    pub fn sign(&self, key: &dyn Signer) -> Result<Vec<u8>, SignerError> {
        signed::sign(TAG, self, key)
    }
}

impl Signed<Checkpoint> {
    /// The signed checkpoint in these bytes.
    pub fn read(bytes: &[u8]) -> Result<Self, ReadError> {
        signed::open(bytes)
    }

    /// Whether this is the key that signed it.
    pub fn is_by(&self, key: &[u8; 33]) -> bool {
        self.is_by_under(TAG, key)
    }
}

impl Record for Checkpoint {
    fn put(&self, out: &mut Writer) {
        out.array(6);
        out.text(NAME);
        out.uint(VERSION);
        out.text(&self.log);
        out.uint(self.size);
        out.bytes(self.root.as_bytes());
        out.int(self.at.0);
    }

    fn get(input: &mut Reader<'_>) -> Result<Self, ReadError> {
        input.opening(6, NAME, VERSION)?;
        Ok(Self {
            log: input.string()?,
            size: input.uint()?,
            root: Digest::from_bytes(input.exactly()?),
            at: Timestamp(input.int()?),
        })
    }
}
