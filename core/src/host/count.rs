//! Counts what really crosses the socket: between TCP and TLS, so handshakes, headers and encryption are in it;
//! only TCP/IP's own headers are not.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use ureq::Error;
use ureq::unversioned::transport::{Buffers, ConnectionDetails, Connector, NextTimeout, Transport};

/// Bytes so far.
#[derive(Debug, Default)]
pub(super) struct Counts {
    up: AtomicU64,
    down: AtomicU64,
}

impl Counts {
    /// Bytes up and down since the beginning.
    pub(super) fn read(&self) -> (u64, u64) {
        (self.up.load(Ordering::Relaxed), self.down.load(Ordering::Relaxed))
    }
}

/// Puts a [`Counted`] around each connection.
#[derive(Debug)]
pub(super) struct Counting(pub(super) Arc<Counts>);

impl<In: Transport> Connector<In> for Counting {
    type Out = Counted<In>;

    fn connect(&self, _: &ConnectionDetails<'_>, chained: Option<In>) -> Result<Option<Self::Out>, Error> {
        Ok(chained.map(|inner| Counted { inner, counts: self.0.clone() }))
    }
}

/// A connection whose bytes are counted.
#[derive(Debug)]
pub(super) struct Counted<In> {
    inner: In,
    counts: Arc<Counts>,
}

impl<In: Transport> Transport for Counted<In> {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.inner.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        self.inner.transmit_output(amount, timeout)?;
        self.counts.up.fetch_add(amount as u64, Ordering::Relaxed);
        Ok(())
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        let before = self.inner.buffers().input().len();
        let more = self.inner.await_input(timeout)?;
        let came = self.inner.buffers().input().len().saturating_sub(before);
        self.counts.down.fetch_add(came as u64, Ordering::Relaxed);
        Ok(more)
    }

    fn is_open(&mut self) -> bool {
        self.inner.is_open()
    }
}
