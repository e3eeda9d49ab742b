//! What every request needs: the store, the time, entropy, nonces, limits. Built once, shared by all.

use std::sync::Arc;

use axum::http::HeaderValue;
use doorstep_core::environment::{Clock, Entropy};
use doorstep_core::time::Timestamp;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, SemaphorePermit};

use crate::attachments::Attachments;
use crate::blobs::Blobs;
use crate::body::Budget;
use crate::config::Limits;
use crate::error::ApiError;
use crate::nonce::Nonces;
use crate::store::Store;
use crate::worker::Trials;

/// The server without its sockets.
pub struct App {
    store: Store,
    attachments: Arc<Attachments>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    nonces: Nonces,
    limits: Limits,
    budget: Budget,
    requests: Arc<Semaphore>,
    pushes: Semaphore,
    trials: Trials,
}

impl App {
    /// Over `store`, with this time and entropy; attachments lie in the data directory.
    pub fn new(store: Store, clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>, limits: Limits) -> Arc<Self> {
        let blobs = Blobs::local(store.dir());
        Self::with_blobs(store, blobs, clock, entropy, limits)
    }

    /// The same, attachments being elsewhere.
    pub fn with_blobs(
        store: Store,
        blobs: Blobs,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        limits: Limits,
    ) -> Arc<Self> {
        // Agreements are taken in without it as well, and entered when this succeeds at a later start.
        if let Err(cause) = store.found_log(entropy.as_ref(), clock.now()) {
            tracing::error!(%cause, "the log of sealed agreements could not be opened");
        }
        Arc::new(Self {
            attachments: Attachments::new(store.clone(), blobs),
            store,
            nonces: Nonces::new(entropy.as_ref()),
            budget: Budget::new(limits.bodies_bytes_max),
            requests: Arc::new(Semaphore::new(limits.requests_max)),
            pushes: Semaphore::new(limits.pushes_max),
            trials: Trials::new(limits.workers.as_ref()),
            clock,
            entropy,
            limits,
        })
    }

    /// The store.
    pub const fn store(&self) -> &Store {
        &self.store
    }

    /// Attachments.
    pub(crate) fn attachments(&self) -> &Attachments {
        &self.attachments
    }

    /// The server's time.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Its entropy.
    pub fn entropy(&self) -> &dyn Entropy {
        self.entropy.as_ref()
    }

    /// Its nonces.
    pub const fn nonces(&self) -> &Nonces {
        &self.nonces
    }

    /// Where changes are tried.
    pub const fn trials(&self) -> &Trials {
        &self.trials
    }

    /// Its limits.
    pub const fn limits(&self) -> &Limits {
        &self.limits
    }

    pub(crate) const fn budget(&self) -> &Budget {
        &self.budget
    }

    /// A place among the requests worked on, or none: then the request is turned away at once.
    pub(crate) fn admit(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.requests).try_acquire_owned().ok()
    }

    /// A push's turn, in the order they came; none, if it does not come in time.
    pub(crate) async fn turn(&self) -> Option<SemaphorePermit<'_>> {
        tokio::time::timeout(self.limits.push_wait, self.pushes.acquire()).await.ok()?.ok()
    }

    /// A fresh nonce as a header's value.
    pub(crate) fn nonce(&self) -> Option<HeaderValue> {
        HeaderValue::try_from(self.nonces.give(self.entropy(), self.now())).ok()
    }

    /// Runs `work` (SQLite, signatures, compression) off the threads that serve sockets. A panic in it becomes a 500.
    pub(crate) async fn blocking<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Self) -> Result<T, ApiError> + Send + 'static,
    ) -> Result<T, ApiError> {
        let app = Arc::clone(self);
        tokio::task::spawn_blocking(move || work(&app)).await.unwrap_or_else(|cause| Err(ApiError::internal(&cause)))
    }
}
