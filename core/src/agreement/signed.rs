//! A record and one P-256 signature over it: certificate, checkpoint, stamp. `[record bytes, signature]`, canonical.
//!
//! It says whether a key signed these bytes, never whether that key is to be trusted: that is what anchors are for.

use super::canon::{self, ReadError, Reader, Record, Writer};
use super::digest::framed;
use super::key::is_signature;
use crate::environment::{Signer, SignerError};

/// A signed record, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed<T> {
    /// What was signed.
    pub record: T,
    bytes: Vec<u8>,
    signature: Vec<u8>,
}

/// The two parts as they stand in the file.
struct Parts {
    bytes: Vec<u8>,
    signature: Vec<u8>,
}

impl Record for Parts {
    fn put(&self, out: &mut Writer) {
        out.array(2);
        out.bytes(&self.bytes);
        out.bytes(&self.signature);
    }

    fn get(input: &mut Reader<'_>) -> Result<Self, ReadError> {
        input.array(2)?;
        Ok(Self { bytes: input.bytes()?.to_vec(), signature: input.bytes()?.to_vec() })
    }
}

/// The record signed under this tag, as a file.
pub(super) fn sign<T: Record>(tag: &str, record: &T, signer: &dyn Signer) -> Result<Vec<u8>, SignerError> {
    let bytes = canon::write(record);
    let signature = signer.sign(&framed(tag, &bytes))?.to_vec();
    Ok(canon::write(&Parts { bytes, signature }))
}

/// The signed record in these bytes. Reading is not checking: see [`Signed::is_by_under`].
pub(super) fn open<T: Record>(bytes: &[u8]) -> Result<Signed<T>, ReadError> {
    let Parts { bytes, signature } = canon::read_canonical(bytes)?;
    Ok(Signed { record: canon::read_canonical(&bytes)?, bytes, signature })
}

impl<T> Signed<T> {
    /// Whether this key signed it under this tag.
    pub(super) fn is_by_under(&self, tag: &str, key: &[u8; 33]) -> bool {
        is_signature(key, &framed(tag, &self.bytes), &self.signature)
    }
}
