//! Counter-signatures: another authority's word that it has seen this agreement. Each is over the bundle's digest, stands
//! beside the bundle, and is of a named kind; a kind that this version does not know is said to be there and passed over.
//!
//! [`CounterSigner`] is the hook: a province's SM2 signature server, an RFC 3161 time-stamp authority or a judicial chain
//! sits behind it. Here is what the core itself can make and check: SM2 ([`LocalSm2`]) and time stamps (`timestamp`).

use sm2::dsa::signature::{Signer as _, Verifier as _};
use sm2::dsa::{Signature, SigningKey, VerifyingKey};

use super::anchors::Anchors;
use super::canon::{self, ReadError, Reader, Record, Writer};
use super::digest::framed;
use super::file::CounterSignature;
use super::report::{CheckName, Finding, Part};
use super::timestamp;
use super::verify::{Lines, unread};
use crate::environment::SignerError;
use crate::id::Digest;
use crate::time::Timestamp;

/// The kind of an SM2 counter-signature (GM/T 0003.2-2012).
pub const SM2: &str = "sm2";
/// The kind of an RFC 3161 time-stamp token.
pub const RFC3161: &str = "rfc3161";

const NAME: &str = "doorstep-sm2-signature";
const VERSION: u64 = 1;
const TAG: &str = "doorstep-sm2-signature-1";
/// The signer's distinguishing id where none was agreed: GM/T 0009-2012 §10.
const SIGNER_ID: &str = "1234567812345678";

/// Somebody who counter-signs agreements.
pub trait CounterSigner: Send + Sync {
    /// A counter-signature over the bundle of this digest.
    fn counter_sign(&self, bundle: &Digest) -> Result<CounterSignature, SignerError>;
}

/// What an SM2 counter-signer signs.
struct Seen {
    bundle: Digest,
    at: Timestamp,
}

impl Record for Seen {
    fn put(&self, out: &mut Writer) {
        out.array(4);
        out.text(NAME);
        out.uint(VERSION);
        out.bytes(self.bundle.as_bytes());
        out.int(self.at.0);
    }

    fn get(input: &mut Reader<'_>) -> Result<Self, ReadError> {
        input.opening(4, NAME, VERSION)?;
        Ok(Self { bundle: Digest::from_bytes(input.exactly()?), at: Timestamp(input.int()?) })
    }
}

/// `[what was seen, key, signature]`.
struct Signed {
    seen: Vec<u8>,
    key: [u8; 33],
    signature: [u8; 64],
}

impl Record for Signed {
    fn put(&self, out: &mut Writer) {
        out.array(3);
        out.bytes(&self.seen);
        out.bytes(&self.key);
        out.bytes(&self.signature);
    }

    fn get(input: &mut Reader<'_>) -> Result<Self, ReadError> {
        input.array(3)?;
        Ok(Self { seen: input.bytes()?.to_vec(), key: input.exactly()?, signature: input.exactly()? })
    }
}

/// An SM2 key in software, at a given time: for tests, trials, and as the pattern for a signature server's client.
pub struct LocalSm2 {
    key: SigningKey,
    at: Timestamp,
}

impl LocalSm2 {
    /// From a secret scalar, 32 bytes.
    pub fn new(secret: &[u8; 32], at: Timestamp) -> Result<Self, SignerError> {
        Ok(Self { key: SigningKey::from_slice(SIGNER_ID, secret).map_err(|_| SignerError)?, at })
    }

    /// Its public key, SEC1 compressed: the verifier's anchor.
    pub fn public_key(&self) -> [u8; 33] {
        compressed(&self.key.verifying_key().to_sec1_bytes())
    }
}

/// An uncompressed point (4, x, y) as a compressed one.
fn compressed(point: &[u8]) -> [u8; 33] {
    let mut key = [0; 33];
    if let (Some(x), Some(last)) = (point.get(1..33), point.last()) {
        key[0] = 2 + (last & 1);
        key[1..].copy_from_slice(x);
    }
    key
}

impl CounterSigner for LocalSm2 {
    fn counter_sign(&self, bundle: &Digest) -> Result<CounterSignature, SignerError> {
        let seen = canon::write(&Seen { bundle: *bundle, at: self.at });
        let signature: Signature = self.key.try_sign(&framed(TAG, &seen)).map_err(|_| SignerError)?;
        let bytes = canon::write(&Signed { seen, key: self.public_key(), signature: signature.to_bytes().into() });
        Ok(CounterSignature { kind: SM2.into(), bytes })
    }
}

/// The lines about counter-signatures.
pub(super) fn check(bundle: Digest, all: &[CounterSignature], anchors: &Anchors, lines: &mut Lines) {
    const LINE: CheckName = CheckName::CounterSignatures;
    if all.is_empty() {
        lines.not_made(LINE);
    }
    for (at, one) in all.iter().enumerate() {
        let (holds, known) = match one.kind.as_str() {
            SM2 => match check_sm2(bundle, &one.bytes, &anchors.sm2) {
                Ok(answer) => answer,
                Err(error) => {
                    lines.find(LINE, unread(Part::CounterSignature(at), error));
                    continue;
                }
            },
            RFC3161 => {
                let Some(answer) = timestamp::check(bundle, &one.bytes, &anchors.times) else {
                    lines.find(LINE, Finding::Unreadable(Part::CounterSignature(at)));
                    continue;
                };
                answer
            }
            _ => {
                lines.not_made(LINE);
                lines.find(LINE, Finding::CounterSignatureUnknown(at));
                continue;
            }
        };
        lines.expect(LINE, holds, Finding::BadCounterSignature(at));
        if !known {
            lines.not_made(LINE);
            lines.find(LINE, Finding::CounterSignerUnknown(at));
        }
    }
}

/// Whether it is over this bundle and its key's, by a key that is trusted; and whether keys were given to trust.
fn check_sm2(bundle: Digest, bytes: &[u8], trusted: &[[u8; 33]]) -> Result<(bool, bool), ReadError> {
    let signed: Signed = canon::read_canonical(bytes)?;
    let seen: Seen = canon::read_canonical(&signed.seen)?;
    let message = framed(TAG, &signed.seen);
    let by_key = || {
        let key = VerifyingKey::from_sec1_bytes(SIGNER_ID, &signed.key).ok()?;
        key.verify(&message, &Signature::from_slice(&signed.signature).ok()?).ok()
    };
    let own = seen.bundle == bundle && by_key().is_some();
    let listed = trusted.is_empty() || trusted.contains(&signed.key);
    Ok((own && listed, !trusted.is_empty()))
}
