//! The server's edge: sockets, TLS, time limits, stopping in good order. Knows nothing of the routes behind it.
//!
//! An own loop under axum, because its ready one sets no limit for half-sent headers. Three things keep a connection
//! from being held for nothing: a connection without a request in flight closes after [`Limits::headers`], a body
//! without progress is answered 408 ([`crate::body`]), an answer nobody takes is cut after [`Limits::write_stall`].
//!
//! [`Limits::headers`]: crate::config::Limits::headers
//! [`Limits::write_stall`]: crate::config::Limits::write_stall

mod connection;
mod held;
mod stall;
pub mod tls;

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, oneshot, watch};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

pub(crate) use held::{Held, Tally};

use crate::app::App;
use crate::ingest;

/// Pause after a failed accept, usually "too many open files": connections that end meanwhile make room.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// How often the server looks for cases whose time in an org's sight is over. They are counted in days; a look costs one
/// read of an index.
const EXPIRE_EVERY: Duration = Duration::from_mins(1);

/// Where connections come from, and whether they are encrypted.
pub struct Listener {
    tcp: TcpListener,
    tls: Option<TlsAcceptor>,
}

impl From<TcpListener> for Listener {
    fn from(tcp: TcpListener) -> Self {
        Self { tcp, tls: None }
    }
}

impl Listener {
    /// Encrypted, with this configuration ([`tls::configure`]).
    pub fn encrypted(tcp: TcpListener, config: Arc<rustls::ServerConfig>) -> Self {
        Self { tcp, tls: Some(TlsAcceptor::from(config)) }
    }
}

/// Serves until `shutdown` ends, then lets requests in flight finish, at most [`Limits::drain`] long.
///
/// [`Limits::drain`]: crate::config::Limits::drain
pub async fn serve(listener: Listener, app: Arc<App>, shutdown: impl Future<Output = ()> + Send) -> io::Result<()> {
    let router = crate::router::router(Arc::clone(&app));
    let slots = Arc::new(Semaphore::new(app.limits().connections_max));
    let (stop, stopping) = watch::channel(false);
    let expiring = tokio::spawn(expire_now_and_then(Arc::clone(&app)));
    let mut connections = JoinSet::new();
    tokio::pin!(shutdown);
    loop {
        let accepted = tokio::select! {
            accepted = listener.tcp.accept() => accepted,
            () = &mut shutdown => break,
            // Ended connections are collected as they end, so that the set does not grow.
            Some(_) = connections.join_next() => continue,
        };
        let stream = match accepted {
            Ok((stream, _)) => stream,
            Err(cause) => {
                tracing::warn!(%cause, "could not accept a connection");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        // Beyond the cap the socket is closed at once: a phone sees it and comes back, nothing stalls.
        let Ok(slot) = Arc::clone(&slots).try_acquire_owned() else { continue };
        let (tls, router, limits, stopping) = (listener.tls.clone(), router.clone(), app.limits().clone(), stopping.clone());
        connections.spawn(async move {
            let _slot = slot;
            welcome(stream, tls, router, limits, stopping).await;
        });
    }
    // No new connections from here on.
    drop(listener);
    expiring.abort();
    let _ = stop.send(true);
    let drained = tokio::time::timeout(app.limits().drain, async { while connections.join_next().await.is_some() {} }).await;
    if drained.is_err() {
        tracing::warn!(left = connections.len(), "requests still in flight were cut off");
        connections.shutdown().await;
    }
    Ok(())
}

async fn expire_now_and_then(app: Arc<App>) {
    let mut ticks = tokio::time::interval(EXPIRE_EVERY);
    loop {
        ticks.tick().await;
        // A failure is in the log, and the next look makes up for it.
        let _ = app.blocking(|app| Ok(ingest::expire(app.store(), app.now())?)).await;
    }
}

async fn welcome(
    stream: TcpStream,
    tls: Option<TlsAcceptor>,
    router: axum::Router,
    limits: crate::config::Limits,
    stopping: watch::Receiver<bool>,
) {
    // Answers are written in whole pieces; waiting to fill a packet only adds round trips.
    let _ = stream.set_nodelay(true);
    let stream = stall::Stall::new(stream, limits.write_stall);
    match tls {
        None => connection::run(stream, router, &limits, stopping).await,
        Some(tls) => match tokio::time::timeout(limits.headers, tls.accept(stream)).await {
            Ok(Ok(stream)) => connection::run(stream, router, &limits, stopping).await,
            Ok(Err(cause)) => tracing::debug!(%cause, "a TLS handshake failed"),
            Err(_) => tracing::debug!("a TLS handshake took too long"),
        },
    }
}

/// A server on a thread and runtime of its own, for callers that block: tests, the demo.
pub struct Background {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<std::thread::JoinHandle<io::Result<()>>>,
}

impl Background {
    /// Serves `app` on `listen` (port 0: any free one).
    pub fn start(app: Arc<App>, listen: SocketAddr, tls: Option<Arc<rustls::ServerConfig>>) -> io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        let tcp = runtime.block_on(TcpListener::bind(listen))?;
        let address = tcp.local_addr()?;
        let listener = match tls {
            None => Listener::from(tcp),
            Some(config) => Listener::encrypted(tcp, config),
        };
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::Builder::new().name("edge".into()).spawn(move || {
            runtime.block_on(serve(listener, app, async {
                // A dropped sender is a wish to stop as well.
                let _ = stopped.await;
            }))
        })?;
        Ok(Self { address, stop: Some(stop), thread: Some(thread) })
    }

    /// Where it listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Stops in good order.
    pub fn stop(mut self) -> io::Result<()> {
        self.end()
    }

    fn end(&mut self) -> io::Result<()> {
        drop(self.stop.take());
        self.thread.take().map_or(Ok(()), |thread| thread.join().unwrap_or_else(|_| Err(io::Error::other("the edge panicked"))))
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        let _ = self.end();
    }
}
