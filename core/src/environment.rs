//! What the core asks of its host: the time, entropy, a key that signs, a way to send a request.
//!
//! Everything in the core takes these as arguments. Tests hand in simulated ones, seeded; `host` has the operating
//! system's; phones bring their own through the bindings.

use std::io::Read;

use crate::time::Timestamp;

/// Tells the time. It may be wrong; nothing depends on it being right.
pub trait Clock: Send + Sync {
    /// The wall clock, as this device believes it.
    fn now(&self) -> Timestamp;
    /// A clock that only goes forward: a number that tells its runs apart, and milliseconds in this run.
    fn monotonic(&self) -> (u64, u64);
}

/// Gives random bytes, unpredictable outside tests.
pub trait Entropy: Send + Sync {
    /// Fills `bytes`.
    fn fill(&self, bytes: &mut [u8]);
}

/// `N` bytes from `entropy`.
pub fn random<const N: usize>(entropy: &dyn Entropy) -> [u8; N] {
    let mut bytes = [0; N];
    entropy.fill(&mut bytes);
    bytes
}

/// A P-256 key that signs and never shows itself: Android Keystore, Secure Enclave, WebCrypto, or a software key.
pub trait Signer: Send + Sync {
    /// SEC1 compressed public key.
    fn public_key(&self) -> [u8; 33];
    /// ECDSA over SHA-256 of `message`: raw `r || s`, `s` in the lower half of the order.
    fn sign(&self, message: &[u8]) -> Result<[u8; 64], SignerError>;
}

/// The key did not sign: locked, lost, cancelled by its owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the device's key did not sign")]
pub struct SignerError;

/// One HTTP request, as values. Bodies are plain; a transport may compress them (`content-encoding: zstd`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// `GET` or `POST`.
    pub method: &'static str,
    /// Path and query below the server's address.
    pub path: String,
    /// Headers, lower case.
    pub headers: Vec<(&'static str, String)>,
    /// Body; empty for `GET`.
    pub body: Vec<u8>,
}

/// The answer: status, headers, and a body to be read as it comes, decompressed.
pub struct Response {
    /// HTTP status.
    pub status: u16,
    /// Headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body. An error while reading is a dropped link.
    pub body: Box<dyn Read + Send>,
}

impl Response {
    /// The first header of this (lower-case) name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// No answer: nobody knows whether the server got the request.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    /// No connection could be made, or it broke.
    #[error("no connection to the server")]
    Unreachable,
    /// The server's certificate is not one this device trusts.
    #[error("the server's certificate is not trusted")]
    Untrusted,
    /// It took too long.
    #[error("the server did not answer in time")]
    Timeout,
}

/// Sends a request and gives the answer. Blocking; called off the screen's thread.
pub trait Transport: Send + Sync {
    /// Sends it once; retrying is the caller's business.
    fn send(&self, request: &Request) -> Result<Response, TransportError>;
    /// Lets so many milliseconds pass before the next request.
    fn pause(&self, ms: u64);
    /// Bytes sent and received since it was made, if it counts them.
    fn on_wire(&self) -> Option<(u64, u64)> {
        None
    }
}
