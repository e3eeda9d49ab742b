//! The host: the operating system's clock and entropy, a key in a file, and the ready HTTP client.
//!
//! The only place in the core that touches the system; everything else takes these as arguments. A phone may bring its
//! own in their stead (its keystore, its background transfers). Nothing here knows what is signed, sent or timed.

#[cfg(feature = "encryption")]
mod cipher;
mod count;
mod folder;
mod http;
mod key;
mod system;

pub use folder::Folder;
pub use http::{HttpOptions, HttpTransport, Timeouts};
pub use key::{KeyError, SoftwareSigner};
pub use system::{SystemClock, SystemEntropy};

/// Why the host can't offer something. Carries no address and no path: both may say more than a log should.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HostError {
    /// The server's address is none.
    #[error("this is not a server's address")]
    BadAddress,
    /// The address is `http://` and not this machine; what travels there can be read and changed by anybody between.
    #[error("an unencrypted address is only allowed for this machine")]
    PlainHttp,
    /// The certificate to trust is none.
    #[error("this is not a certificate in PEM form")]
    BadCertificate,
    /// The system gives no entropy.
    #[error("the system gives no random bytes")]
    NoEntropy,
}

impl HostError {
    /// Its stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::BadAddress => "bad_address",
            Self::PlainHttp => "plain_http",
            Self::BadCertificate => "bad_certificate",
            Self::NoEntropy => "no_entropy",
        }
    }
}
