//! What a phone may bring along: its own key and its own HTTP client. Without them a key in a file and a ready client serve.
//!
//! Foreign code is trusted to be itself, not to be tidy: keys and signatures come in the forms that platforms give
//! (Android's and Apple's DER, high `s` included) and are brought into the one form that the core knows. Whatever foreign
//! code throws becomes "did not sign" or "unreachable"; its text, which may hold a stack trace, goes nowhere.

use std::io::{self, Cursor, Read};
use std::sync::Arc;

use doorstep_core::environment::{self, Request, Response, SignerError, TransportError};
use p256::ecdsa::{Signature, VerifyingKey};

/// Most bytes of an answer that are taken from a foreign transport, after decompression. What lies behind counts as a
/// dropped link, and the next sync goes on from the last checkpoint: 32 MiB is far more than a day's news, and what a
/// small phone can hold twice.
pub const ANSWER_MAX: u64 = 32 << 20;

/// A foreign key did not sign: locked, lost, cancelled by its owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, uniffi::Error)]
pub enum SignerFailure {
    /// It did not sign.
    #[error("the key did not sign")]
    NotSigned,
}

impl From<uniffi::UnexpectedUniFFICallbackError> for SignerFailure {
    fn from(_: uniffi::UnexpectedUniFFICallbackError) -> Self {
        Self::NotSigned
    }
}

/// A P-256 key that signs and never shows itself: Android Keystore, Secure Enclave.
#[uniffi::export(with_foreign)]
pub trait Signer: Send + Sync {
    /// The public key as a SEC1 point: 33 bytes compressed or 65 not.
    fn public_key(&self) -> Result<Vec<u8>, SignerFailure>;
    /// ECDSA over SHA-256 of `message`: DER, or 64 bytes `r || s`.
    fn sign(&self, message: Vec<u8>) -> Result<Vec<u8>, SignerFailure>;
}

/// A foreign key in the core's form.
pub(crate) struct ForeignSigner {
    inner: Arc<dyn Signer>,
    public_key: [u8; 33],
}

impl ForeignSigner {
    /// Asks for the public key once; none if what comes is no point of P-256.
    pub(crate) fn new(inner: Arc<dyn Signer>) -> Option<Self> {
        let given = inner.public_key().ok()?;
        let key = VerifyingKey::from_sec1_bytes(&given).ok()?;
        let public_key = key.to_sec1_point(true).as_bytes().try_into().ok()?;
        Some(Self { inner, public_key })
    }
}

impl environment::Signer for ForeignSigner {
    fn public_key(&self) -> [u8; 33] {
        self.public_key
    }

    fn sign(&self, message: &[u8]) -> Result<[u8; 64], SignerError> {
        let given = self.inner.sign(message.to_vec()).map_err(|_| SignerError)?;
        let raw = || Signature::from_slice(&given);
        let signature = if given.len() == 64 { raw() } else { Signature::from_der(&given) }.map_err(|_| SignerError)?;
        Ok(signature.normalize_s().to_bytes().into())
    }
}

/// One header of a request or an answer.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct HttpHeader {
    /// Its name, lower case in requests, any case in answers.
    pub name: String,
    /// Its value.
    pub value: String,
}

/// A request for the server.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct HttpRequest {
    /// `GET` or `POST`.
    pub method: String,
    /// Path and query, to be put behind the server's address as they are.
    pub path: String,
    /// Headers, all of which must be sent.
    pub headers: Vec<HttpHeader>,
    /// The body; empty for `GET`.
    pub body: Vec<u8>,
    /// Most bytes of the answer's body that will be read; more may be left out.
    pub answer_max: u64,
}

/// The server's answer, whatever its status.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct HttpResponse {
    /// HTTP status.
    pub status: u16,
    /// Headers.
    pub headers: Vec<HttpHeader>,
    /// The body, decompressed.
    pub body: Vec<u8>,
    /// Whether the body is whole; not if the link dropped, or it was longer than asked for. What came is used.
    pub whole: bool,
}

/// No answer: nobody knows whether the server got the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, uniffi::Error)]
pub enum TransportFailure {
    /// No connection could be made, or it broke.
    #[error("no connection to the server")]
    Unreachable,
    /// The server's certificate is not trusted.
    #[error("the server's certificate is not trusted")]
    Untrusted,
    /// It took too long.
    #[error("the server did not answer in time")]
    Timeout,
}

impl From<uniffi::UnexpectedUniFFICallbackError> for TransportFailure {
    fn from(_: uniffi::UnexpectedUniFFICallbackError) -> Self {
        Self::Unreachable
    }
}

impl From<TransportFailure> for TransportError {
    fn from(failure: TransportFailure) -> Self {
        match failure {
            TransportFailure::Unreachable => Self::Unreachable,
            TransportFailure::Untrusted => Self::Untrusted,
            TransportFailure::Timeout => Self::Timeout,
        }
    }
}

/// The host's HTTP client. It sends once, follows no redirect and gives every status back as an answer.
#[uniffi::export(with_foreign)]
pub trait Transport: Send + Sync {
    /// Sends a request.
    fn send(&self, request: HttpRequest) -> Result<HttpResponse, TransportFailure>;
    /// Lets so many milliseconds pass. Throwing ends the wait, not the sync.
    fn pause(&self, ms: u64) -> Result<(), TransportFailure>;
}

/// A foreign client in the core's form.
pub(crate) struct ForeignTransport(pub(crate) Arc<dyn Transport>);

impl environment::Transport for ForeignTransport {
    fn send(&self, request: &Request) -> Result<Response, TransportError> {
        let headers = request.headers.iter().map(|(name, value)| HttpHeader { name: (*name).into(), value: value.clone() });
        let answer = self.0.send(HttpRequest {
            method: request.method.into(),
            path: request.path.clone(),
            headers: headers.collect(),
            body: request.body.clone(),
            answer_max: ANSWER_MAX,
        })?;
        let headers = answer.headers.into_iter().map(|header| (header.name.to_ascii_lowercase(), header.value));
        let cut = !answer.whole || answer.body.len() as u64 > ANSWER_MAX;
        let body = Cursor::new(answer.body).take(ANSWER_MAX);
        let body: Box<dyn Read + Send> = if cut { Box::new(body.chain(Dropped)) } else { Box::new(body) };
        Ok(Response { status: answer.status, headers: headers.collect(), body })
    }

    fn pause(&self, ms: u64) {
        // A host that can't wait is asked again sooner; nothing else hangs on it.
        let _ = self.0.pause(ms);
    }
}

/// Ends in an error, as a dropped link does.
struct Dropped;

impl Read for Dropped {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(io::ErrorKind::ConnectionReset.into())
    }
}

#[cfg(test)]
mod tests {
    use doorstep_core::environment::{Signer as _, Transport as _};
    use doorstep_core::host::{SoftwareSigner, SystemEntropy};

    use super::*;

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
        let foreign = ForeignSigner::new(Arc::new(Platform(software))).unwrap();
        assert_eq!(foreign.public_key(), public_key);
        let signature = Signature::from_slice(&environment::Signer::sign(&foreign, b"words").unwrap()).unwrap();
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
            let foreign = ForeignSigner::new(Arc::new(Rfc6979(r, s))).unwrap();
            let raw = environment::Signer::sign(&foreign, message).unwrap();
            assert_eq!(raw[..32], bytes(r));
            assert_eq!(raw[32..] != bytes(s), high, "only a high s is turned over");
            assert!(raw[32] < 0x80, "s lies in the lower half");
            let signature = Signature::from_slice(&raw).unwrap();
            let key = VerifyingKey::from_sec1_bytes(&environment::Signer::public_key(&foreign)).unwrap();
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
        if let Some(foreign) = ForeignSigner::new(Arc::new(Nonsense)) {
            assert!(environment::Signer::sign(&foreign, b"words").is_err());
        }
        struct NoKey;
        impl Signer for NoKey {
            fn public_key(&self) -> Result<Vec<u8>, SignerFailure> {
                Ok(vec![9; 5])
            }
            fn sign(&self, _: Vec<u8>) -> Result<Vec<u8>, SignerFailure> {
                Err(SignerFailure::NotSigned)
            }
        }
        assert!(ForeignSigner::new(Arc::new(NoKey)).is_none());
    }

    struct Canned(bool);

    impl Transport for Canned {
        fn send(&self, _: HttpRequest) -> Result<HttpResponse, TransportFailure> {
            let headers = vec![HttpHeader { name: "Doorstep-Nonce".into(), value: "n".into() }];
            Ok(HttpResponse { status: 200, headers, body: b"frame".to_vec(), whole: self.0 })
        }

        fn pause(&self, _: u64) -> Result<(), TransportFailure> {
            Ok(())
        }
    }

    #[test]
    fn an_answer_that_is_not_whole_ends_like_a_dropped_link() {
        let request = Request { method: "GET", path: "/v1/health".into(), headers: Vec::new(), body: Vec::new() };
        for whole in [true, false] {
            let mut answer = ForeignTransport(Arc::new(Canned(whole))).send(&request).unwrap();
            assert_eq!(answer.header("doorstep-nonce"), Some("n"), "names are brought to lower case");
            let mut body = Vec::new();
            assert_eq!(answer.body.read_to_end(&mut body).is_ok(), whole);
            assert_eq!(body, b"frame", "what came is used");
        }
    }
}
