//! A key of the platform's: Android Keystore, Secure Enclave. Without one, a key in a file or in the host's key store serves.
//!
//! Foreign code is trusted to be itself, not to be tidy: keys and signatures come in the forms that platforms give
//! (Android's and Apple's DER, high `s` included) and are brought into the one form that the core knows. Whatever it throws becomes a
//! code; its text, which may hold a stack trace, goes nowhere.

use std::sync::{Arc, Mutex};

use doorstep_core::environment::{self, SignerError};
use p256::ecdsa::{Signature, VerifyingKey};

use crate::lent::{Lent, Trouble};
use crate::sentences::HOST_FAILED;
use crate::work::locked;

/// A foreign key did not sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, uniffi::Error)]
pub enum SignerFailure {
    /// It did not sign: locked, lost, cancelled by its owner.
    #[error("the key did not sign")]
    NotSigned,
    /// It failed: whatever else is thrown comes as this.
    #[error("the signer failed")]
    Failed,
}

impl From<uniffi::UnexpectedUniFFICallbackError> for SignerFailure {
    fn from(_: uniffi::UnexpectedUniFFICallbackError) -> Self {
        Self::Failed
    }
}

/// A P-256 key that signs and never shows itself: Android Keystore, Secure Enclave. It is called on a thread of its own and waited for a
/// minute, unless [`crate::DeviceOptions::patience_ms`] says otherwise.
#[uniffi::export(with_foreign)]
pub trait Signer: Send + Sync {
    /// The public key as a SEC1 point: 33 bytes compressed or 65 not.
    fn public_key(&self) -> Result<Vec<u8>, SignerFailure>;
    /// ECDSA over SHA-256 of `message`: DER, or 64 bytes `r || s`.
    fn sign(&self, message: Vec<u8>) -> Result<Vec<u8>, SignerFailure>;
}

/// Why the host's signer last did not sign, where it was its own fault: the code.
pub(crate) type SignerTrouble = Arc<Mutex<Option<&'static str>>>;

/// Why there is no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoKey {
    /// It would not show its public key, or showed none.
    NotSigned,
    /// The host's code threw or hung.
    Host(&'static str),
}

/// A foreign key in the core's form.
pub(crate) struct ForeignSigner {
    lent: Lent<dyn Signer>,
    public_key: [u8; 33],
    trouble: SignerTrouble,
}

impl ForeignSigner {
    /// Asks for the public key once.
    pub(crate) fn new(lent: Lent<dyn Signer>, trouble: SignerTrouble) -> Result<Self, NoKey> {
        let given = match lent.ask(None, Signer::public_key) {
            Ok(Ok(given)) => given,
            Ok(Err(SignerFailure::NotSigned)) => return Err(NoKey::NotSigned),
            Ok(Err(SignerFailure::Failed)) => return Err(NoKey::Host(HOST_FAILED)),
            Err(trouble) => return Err(NoKey::Host(trouble.code())),
        };
        let point = |given: &[u8]| VerifyingKey::from_sec1_bytes(given).ok()?.to_sec1_point(true).as_bytes().try_into().ok();
        let public_key = point(&given).ok_or(NoKey::NotSigned)?;
        Ok(Self { lent, public_key, trouble })
    }
}

impl environment::Signer for ForeignSigner {
    fn public_key(&self) -> [u8; 33] {
        self.public_key
    }

    fn sign(&self, message: &[u8]) -> Result<[u8; 64], SignerError> {
        let message = message.to_vec();
        let answered = self.lent.ask(None, move |signer| signer.sign(message));
        *locked(&self.trouble) = match &answered {
            Ok(Ok(_) | Err(SignerFailure::NotSigned)) => None,
            Ok(Err(SignerFailure::Failed)) => Some(Trouble::Failed.code()),
            Err(trouble) => Some(trouble.code()),
        };
        let given = answered.map_err(|_| SignerError)?.map_err(|_| SignerError)?;
        let raw = || Signature::from_slice(&given);
        let signature = if given.len() == 64 { raw() } else { Signature::from_der(&given) }.map_err(|_| SignerError)?;
        Ok(signature.normalize_s().to_bytes().into())
    }
}

#[cfg(test)]
mod tests {
    use doorstep_core::environment::Signer as _;
    use doorstep_core::host::{SoftwareSigner, SystemEntropy};

    use super::*;
    use crate::lent::SECRET_WITHIN;

    fn foreign(signer: impl Signer + 'static) -> Result<ForeignSigner, NoKey> {
        ForeignSigner::new(Lent::new(Arc::new(signer), SECRET_WITHIN), SignerTrouble::default())
    }

    /// A platform's key: an uncompressed point, DER signatures.
    struct Platform(SoftwareSigner);

    impl Signer for Platform {
        fn public_key(&self) -> Result<Vec<u8>, SignerFailure> {
            let key = VerifyingKey::from_sec1_bytes(&self.0.public_key()).map_err(|_| SignerFailure::NotSigned)?;
            Ok(key.to_sec1_point(false).as_bytes().to_vec())
        }

        fn sign(&self, message: Vec<u8>) -> Result<Vec<u8>, SignerFailure> {
            let raw = self.0.sign(&message).map_err(|_| SignerFailure::NotSigned)?;
            let signature = Signature::from_slice(&raw).map_err(|_| SignerFailure::NotSigned)?;
            Ok(signature.to_der().as_bytes().to_vec())
        }
    }

    #[test]
    fn a_platforms_key_and_signature_become_the_cores() {
        let software = SoftwareSigner::generate(&SystemEntropy::new().unwrap()).unwrap();
        let public_key = software.public_key();
        let key_of_host = foreign(Platform(software)).unwrap();
        assert_eq!(key_of_host.public_key(), public_key);
        let signature = Signature::from_slice(&environment::Signer::sign(&key_of_host, b"words").unwrap()).unwrap();
        use p256::ecdsa::signature::Verifier as _;
        VerifyingKey::from_sec1_bytes(&public_key).unwrap().verify(b"words", &signature).unwrap();
    }

    /// A platform whose key is that of RFC 6979, A.2.5, and which signs as the RFC writes it down: DER, s as it comes out.
    struct Rfc6979(&'static str, &'static str);

    fn bytes(hex: &str) -> Vec<u8> {
        (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
    }

    /// A DER integer of these 32 bytes.
    fn integer(hex: &str) -> Vec<u8> {
        let value: Vec<u8> = bytes(hex).into_iter().skip_while(|byte| *byte == 0).collect();
        let value = if value[0] < 0x80 { value } else { [vec![0], value].concat() };
        [vec![2, u8::try_from(value.len()).unwrap()], value].concat()
    }

    impl Signer for Rfc6979 {
        fn public_key(&self) -> Result<Vec<u8>, SignerFailure> {
            let x = "60FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6";
            let y = "7903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299";
            Ok([vec![4], bytes(x), bytes(y)].concat())
        }

        fn sign(&self, _: Vec<u8>) -> Result<Vec<u8>, SignerFailure> {
            let both = [integer(self.0), integer(self.1)].concat();
            Ok([vec![0x30, u8::try_from(both.len()).unwrap()], both].concat())
        }
    }

    #[test]
    fn signatures_of_rfc_6979_in_der_with_high_s_become_the_one_low_form_that_verifies() {
        use p256::ecdsa::signature::Verifier as _;
        let sample = (
            "EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716",
            "F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8",
        );
        let test = (
            "F1ABB023518351CD71D881567B1EA663ED3EFCF6C5132B354F28D3B0B7D38367",
            "019F4113742A2B14BD25926B49C649155F267E60D3814B4C0CC84250E46F0083",
        );
        for (message, (r, s), high) in [(b"sample".as_slice(), sample, true), (b"test".as_slice(), test, false)] {
            let key_of_host = foreign(Rfc6979(r, s)).unwrap();
            let raw = environment::Signer::sign(&key_of_host, message).unwrap();
            assert_eq!(raw[..32], bytes(r));
            assert_eq!(raw[32..] != bytes(s), high, "only a high s is turned over");
            assert!(raw[32] < 0x80, "s lies in the lower half");
            let signature = Signature::from_slice(&raw).unwrap();
            let key = VerifyingKey::from_sec1_bytes(&environment::Signer::public_key(&key_of_host)).unwrap();
            key.verify(message, &signature).unwrap();
            // Our own software key signs the same messages to the same signature.
            let secret = bytes("C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721");
            let own = SoftwareSigner::from_secret(&secret.try_into().unwrap()).unwrap();
            assert_eq!(own.sign(message).unwrap(), raw);
        }
    }

    struct Nonsense;

    impl Signer for Nonsense {
        fn public_key(&self) -> Result<Vec<u8>, SignerFailure> {
            Ok(vec![2; 33])
        }

        fn sign(&self, _: Vec<u8>) -> Result<Vec<u8>, SignerFailure> {
            Ok(vec![0; 64])
        }
    }

    #[test]
    fn a_signature_that_is_none_counts_as_not_signed() {
        if let Ok(key_of_host) = foreign(Nonsense) {
            assert!(environment::Signer::sign(&key_of_host, b"words").is_err());
        }
        struct Pointless;
        impl Signer for Pointless {
            fn public_key(&self) -> Result<Vec<u8>, SignerFailure> {
                Ok(vec![9; 5])
            }
            fn sign(&self, _: Vec<u8>) -> Result<Vec<u8>, SignerFailure> {
                Err(SignerFailure::NotSigned)
            }
        }
        assert!(foreign(Pointless).is_err_and(|error| error == NoKey::NotSigned));
    }

    struct Thrown;

    impl Signer for Thrown {
        fn public_key(&self) -> Result<Vec<u8>, SignerFailure> {
            Platform(SoftwareSigner::from_secret(&[7; 32]).map_err(|_| SignerFailure::Failed)?).public_key()
        }

        fn sign(&self, _: Vec<u8>) -> Result<Vec<u8>, SignerFailure> {
            Err(SignerFailure::Failed)
        }
    }

    #[test]
    fn a_signer_that_throws_is_remembered_until_it_signs_or_says_no() {
        let thrown = foreign(Thrown).unwrap();
        assert!(thrown.sign(b"words").is_err());
        assert_eq!(*locked(&thrown.trouble), Some(HOST_FAILED));
    }
}
