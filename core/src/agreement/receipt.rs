//! The server's receipt: this agreement is entry so-and-so of a log that nobody can rewrite without it showing.
//!
//! `["doorstep-receipt", 1, bundle, received, index, [hash, …], checkpoint]`. The entry itself is
//! `["doorstep-log-leaf", 1, bundle, received]`. It stands beside the bundle, never in it.

use super::canon::{self, ReadError, Reader, Record, Writer};
use super::checkpoint::Checkpoint;
use super::merkle::{PROOF_MAX, is_included, leaf_hash};
use super::seal::CARRIED_MAX;
use super::signed::Signed;
use crate::id::Digest;
use crate::time::Timestamp;

const NAME: &str = "doorstep-receipt";
const LEAF_NAME: &str = "doorstep-log-leaf";
const VERSION: u64 = 1;

/// An entry of the log: which agreement, and when the server received it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogLeaf {
    /// The bundle's name.
    pub bundle: Digest,
    /// When the server took it in, by its clock.
    pub received_at: Timestamp,
}

impl LogLeaf {
    /// The leaf's hash in the tree.
    pub fn hash(&self) -> Digest {
        leaf_hash(&canon::write(self))
    }
}

impl Record for LogLeaf {
    fn put(&self, out: &mut Writer) {
        out.array(4);
        out.text(LEAF_NAME);
        out.uint(VERSION);
        out.bytes(self.bundle.as_bytes());
        out.int(self.received_at.0);
    }

    fn get(input: &mut Reader<'_>) -> Result<Self, ReadError> {
        input.opening(4, LEAF_NAME, VERSION)?;
        Ok(Self { bundle: Digest::from_bytes(input.exactly()?), received_at: Timestamp(input.int()?) })
    }
}

/// A receipt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The entry.
    pub leaf: LogLeaf,
    /// Its place in the log, from 0.
    pub index: u64,
    /// The proof that it is there, from the leaf upwards.
    pub proof: Vec<Digest>,
    /// The signed checkpoint that the proof leads to, as the log made it.
    pub checkpoint: Vec<u8>,
}

impl Receipt {
    /// The receipt's bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        canon::write(self)
    }

    /// The receipt in these bytes.
    pub fn read(bytes: &[u8]) -> Result<Self, ReadError> {
        canon::read_canonical(bytes)
    }

    /// Whether the proof leads from the entry to what this checkpoint says.
    pub fn leads_to(&self, checkpoint: &Checkpoint) -> bool {
        is_included(&self.leaf.hash(), self.index, checkpoint.size, &self.proof, &checkpoint.root)
    }

    /// The checkpoint it stands on.
    pub fn checkpoint(&self) -> Result<Signed<Checkpoint>, ReadError> {
        Signed::<Checkpoint>::read(&self.checkpoint)
    }
}

impl Record for Receipt {
    fn put(&self, out: &mut Writer) {
        out.array(7);
        out.text(NAME);
        out.uint(VERSION);
        out.bytes(self.leaf.bundle.as_bytes());
        out.int(self.leaf.received_at.0);
        out.uint(self.index);
        out.list(&self.proof, |out, hash| out.bytes(hash.as_bytes()));
        out.bytes(&self.checkpoint);
    }

    fn get(input: &mut Reader<'_>) -> Result<Self, ReadError> {
        input.opening(7, NAME, VERSION)?;
        Ok(Self {
            leaf: LogLeaf { bundle: Digest::from_bytes(input.exactly()?), received_at: Timestamp(input.int()?) },
            index: input.uint()?,
            proof: input.list(PROOF_MAX, |input| input.exactly().map(Digest::from_bytes))?,
            checkpoint: match input.bytes()? {
                bytes if bytes.len() <= CARRIED_MAX => bytes.to_vec(),
                _ => return Err(ReadError::TooLarge),
            },
        })
    }
}
