//! The bundle: the whole agreement as one file. Each part stands in it as bytes, so that a broken one breaks alone.
//!
//! `["doorstep-agreement", 1, body, [[act, signature, drawing], …], seal, signature]`, all canonical CBOR. What comes
//! later (receipts, the committee's stamp) stands beside it: a bundle never changes, its digest is its name.

use super::act::SignedAct;
use super::body::Body;
use super::canon::{self, ReadError, Reader, Record, Writer};
use super::ceremony::ACTS_MAX;
use super::digest::bundle_digest;
use super::seal::Seal;
use crate::id::Digest;

const NAME: &str = "doorstep-agreement";
const VERSION: u64 = 1;

/// Largest bundle, bytes. The largest body, every act with the largest drawing and the seal stay below it.
pub const BUNDLE_MAX: usize = 2 << 20;

/// One act as it stands in a bundle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ActParts {
    pub(super) act: Vec<u8>,
    pub(super) signature: Vec<u8>,
    pub(super) drawing: Vec<u8>,
}

/// The parts of a bundle, unread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Parts {
    pub(super) body: Vec<u8>,
    pub(super) acts: Vec<ActParts>,
    pub(super) seal: Vec<u8>,
    pub(super) seal_signature: Vec<u8>,
}

impl Record for Parts {
    fn put(&self, out: &mut Writer) {
        out.array(6);
        out.text(NAME);
        out.uint(VERSION);
        out.bytes(&self.body);
        out.list(&self.acts, |out, act| {
            out.array(3);
            out.bytes(&act.act);
            out.bytes(&act.signature);
            out.bytes(&act.drawing);
        });
        out.bytes(&self.seal);
        out.bytes(&self.seal_signature);
    }

    fn get(input: &mut Reader<'_>) -> Result<Self, ReadError> {
        input.opening(6, NAME, VERSION)?;
        Ok(Self {
            body: input.bytes()?.to_vec(),
            acts: input.list(ACTS_MAX, |input| {
                input.array(3)?;
                Ok(ActParts {
                    act: input.bytes()?.to_vec(),
                    signature: input.bytes()?.to_vec(),
                    drawing: input.bytes()?.to_vec(),
                })
            })?,
            seal: input.bytes()?.to_vec(),
            seal_signature: input.bytes()?.to_vec(),
        })
    }
}

/// A bundle, read: for showing and printing. Reading is not verifying; that is [`super::verify`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bundle {
    /// Its name.
    pub digest: Digest,
    /// What was signed.
    pub body: Body,
    /// The acts with their drawings, in order.
    pub acts: Vec<SignedAct>,
    /// The seal.
    pub seal: Seal,
}

impl Bundle {
    /// The bundle in these bytes, every part of it readable and canonical.
    pub fn read(bytes: &[u8]) -> Result<Self, ReadError> {
        if bytes.len() > BUNDLE_MAX {
            return Err(ReadError::TooLarge);
        }
        let parts: Parts = canon::read_canonical(bytes)?;
        let acts = parts.acts.into_iter().map(|parts| {
            Ok(SignedAct {
                act: canon::read_canonical(&parts.act)?,
                signature: parts.signature.try_into().map_err(|_| ReadError::Malformed)?,
                drawing: canon::read_canonical(&parts.drawing)?,
                bytes: parts.act,
            })
        });
        Ok(Self {
            digest: bundle_digest(bytes),
            acts: acts.collect::<Result<_, _>>()?,
            body: canon::read_canonical(&parts.body)?,
            seal: canon::read_canonical(&parts.seal)?,
        })
    }

    pub(super) fn assemble(body: &[u8], acts: &[SignedAct], seal: &[u8], seal_signature: &[u8; 64]) -> Vec<u8> {
        let acts = acts.iter().map(|signed| ActParts {
            act: signed.bytes.clone(),
            signature: signed.signature.to_vec(),
            drawing: canon::write(&signed.drawing),
        });
        canon::write(&Parts {
            body: body.to_vec(),
            acts: acts.collect(),
            seal: seal.to_vec(),
            seal_signature: seal_signature.to_vec(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agreement::specimen;

    #[test]
    fn a_bundle_gives_back_what_was_signed_and_drawn() {
        let ceremony = specimen::complete();
        let sealed = specimen::sealed();
        let bundle = Bundle::read(&sealed.bytes).unwrap();
        assert_eq!(bundle.digest, sealed.digest);
        assert_eq!(bundle.body, *ceremony.frozen().body());
        assert_eq!(bundle.acts, ceremony.acts());
    }

    #[test]
    fn an_oversized_file_is_not_read() {
        assert_eq!(Bundle::read(&vec![0; BUNDLE_MAX + 1]), Err(ReadError::TooLarge));
    }
}
