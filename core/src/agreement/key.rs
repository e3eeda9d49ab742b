//! P-256 signatures: checking them, and the key that a resident's act is signed with and that exists for one act only.
//!
//! Signatures are raw `r || s` with `s` in the lower half of the order: one signature has one form.

use p256::ecdsa::signature::{Signer as _, Verifier as _};
use p256::ecdsa::{Signature, SigningKey, VerifyingKey};
use p256::elliptic_curve::zeroize::Zeroizing;

use crate::environment::{Entropy, Signer, SignerError};

/// Draws of 32 bytes until one is a P-256 scalar. One draw fails with probability 2^-32; entropy that fails this often is none.
const DRAWS_MAX: usize = 8;

/// Whether this is the key's signature over the message. Everything malformed is a no.
pub(super) fn is_signature(public_key: &[u8; 33], message: &[u8], signature: &[u8]) -> bool {
    let (Ok(key), Ok(signature)) = (VerifyingKey::from_sec1_bytes(public_key), Signature::from_slice(signature)) else {
        return false;
    };
    signature.normalize_s() == signature && key.verify(message, &signature).is_ok()
}

/// A key for one act. It leaves no trace: made in memory, erased when dropped.
pub(super) struct OneTimeKey(SigningKey);

impl OneTimeKey {
    /// A fresh key; fails only if `entropy` keeps giving what is no scalar (all zeros).
    pub(super) fn new(entropy: &dyn Entropy) -> Result<Self, SignerError> {
        let mut scalar = Zeroizing::new([0; 32]);
        for _ in 0..DRAWS_MAX {
            entropy.fill(&mut *scalar);
            if let Ok(key) = SigningKey::from_slice(&*scalar) {
                return Ok(Self(key));
            }
        }
        Err(SignerError)
    }
}

impl Signer for OneTimeKey {
    fn public_key(&self) -> [u8; 33] {
        let mut bytes = [0; 33];
        let point = self.0.verifying_key().to_sec1_point(true);
        // A compressed point has 33 bytes; a key of zeros would verify nothing.
        if point.as_bytes().len() == bytes.len() {
            bytes.copy_from_slice(point.as_bytes());
        }
        bytes
    }

    fn sign(&self, message: &[u8]) -> Result<[u8; 64], SignerError> {
        let signature: Signature = self.0.try_sign(message).map_err(|_| SignerError)?;
        Ok(signature.normalize_s().to_bytes().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agreement::specimen::Seeded;

    struct Zeros;
    impl Entropy for Zeros {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(0);
        }
    }

    #[test]
    fn every_key_is_another_and_signs_for_itself_only() {
        let entropy = Seeded::new(7);
        let (one, two) = (OneTimeKey::new(&entropy).unwrap(), OneTimeKey::new(&entropy).unwrap());
        assert_ne!(one.public_key(), two.public_key());
        let signature = one.sign(b"text").unwrap();
        assert!(is_signature(&one.public_key(), b"text", &signature));
        assert!(!is_signature(&two.public_key(), b"text", &signature));
        assert!(!is_signature(&one.public_key(), b"other", &signature));
    }

    #[test]
    fn the_other_form_of_a_signature_is_refused() {
        let key = OneTimeKey::new(&Seeded::new(8)).unwrap();
        let signature = Signature::from_slice(&key.sign(b"text").unwrap()).unwrap();
        let mirrored = Signature::from_scalars(*signature.r(), -*signature.s()).unwrap();
        assert!(key.0.verifying_key().verify(b"text", &mirrored).is_ok(), "plain ECDSA would take it");
        assert!(!is_signature(&key.public_key(), b"text", &mirrored.to_bytes()));
    }

    #[test]
    fn dead_entropy_makes_no_key() {
        assert!(OneTimeKey::new(&Zeros).is_err());
    }
}
