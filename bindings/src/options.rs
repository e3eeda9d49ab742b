//! What a device is opened with: the host's own client, key, key store and clock, or for each of them the ready one.

use std::sync::Arc;
use std::time::Duration;

use crate::clock::Clock;
use crate::keys::KeyStore;
use crate::lent::Lent;
use crate::signer::Signer;
use crate::transport::HttpTransport;

/// What the host brings along. What is left out is there already: an HTTPS client, a P-256 key and other secrets in the device's folder,
/// the system's clock.
#[derive(Clone, Default, uniffi::Record)]
pub struct DeviceOptions {
    /// The host's HTTP client.
    #[uniffi(default = None)]
    pub transport: Option<Arc<dyn HttpTransport>>,
    /// A key of the platform's, instead of one in the folder or in the key store.
    #[uniffi(default = None)]
    pub signer: Option<Arc<dyn Signer>>,
    /// Where secrets are kept, instead of in the folder. Those that are in the folder move into it when the device is opened.
    #[uniffi(default = None)]
    pub key_store: Option<Arc<dyn KeyStore>>,
    /// The time of day, instead of the system's.
    #[uniffi(default = None)]
    pub clock: Option<Arc<dyn Clock>>,
    /// How long any of these is waited for, milliseconds; none: five minutes for an answer of the client, one for a key or a secret, two
    /// seconds for the time.
    #[uniffi(default = None)]
    pub patience_ms: Option<u64>,
}

impl DeviceOptions {
    /// One of them, to be asked safely.
    pub(crate) fn lend<T: ?Sized + Send + Sync + 'static>(&self, object: &Arc<T>, within: Duration) -> Lent<T> {
        Lent::new(Arc::clone(object), self.patience_ms.map_or(within, Duration::from_millis))
    }
}
