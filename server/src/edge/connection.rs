//! One connection: HTTP/1 or 2, a count of its requests in flight, and its end.

use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::body::Body;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};
use tower::ServiceExt as _;

use super::held::{Held, Tally};
use crate::config::Limits;

/// Bytes of headers: ours fit into one; four leave room for proxies.
const HEADERS_MAX: usize = 16 << 10;
/// Requests at once on one HTTP/2 connection. A phone sends one at a time.
const STREAMS_MAX: u32 = 16;
/// Time an idle connection gets to say goodbye.
const GOODBYE: Duration = Duration::from_millis(500);

/// How many requests are in flight on a connection, and since when there is none.
#[derive(Clone)]
struct Activity(Arc<Mutex<Flight>>);

struct Flight {
    requests: usize,
    idle_since: Instant,
}

impl Activity {
    fn new() -> Self {
        Self(Arc::new(Mutex::new(Flight { requests: 0, idle_since: Instant::now() })))
    }

    fn lock(&self) -> MutexGuard<'_, Flight> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn begin(&self) -> InFlight {
        self.lock().requests += 1;
        InFlight(self.clone())
    }

    /// When an idle connection must close; while requests are in flight, when to look again.
    fn closes_at(&self, limit: Duration) -> Result<Instant, Instant> {
        let flight = self.lock();
        if flight.requests == 0 { Ok(flight.idle_since + limit) } else { Err(Instant::now() + limit) }
    }
}

/// A request in flight, until its answer is sent or dropped.
struct InFlight(Activity);

impl Tally for InFlight {
    fn sent(&mut self, _bytes: usize) {}
}

impl Drop for InFlight {
    fn drop(&mut self) {
        let mut flight = self.0.lock();
        flight.requests = flight.requests.saturating_sub(1);
        flight.idle_since = Instant::now();
    }
}

/// Serves the connection until it ends, is idle for too long, or the server stops.
pub(super) async fn run<S>(stream: S, router: axum::Router, limits: &Limits, mut stopping: watch::Receiver<bool>)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let activity = Activity::new();
    let counted = activity.clone();
    let service = hyper::service::service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
        let in_flight = counted.begin();
        let answer = router.clone().oneshot(request.map(Body::new));
        async move { answer.await.map(|response| response.map(|body| Body::new(Held::new(body, in_flight)))) }
    });
    let mut builder = Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(limits.headers).max_buf_size(HEADERS_MAX);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS_MAX)
        .max_header_list_size(u32::try_from(HEADERS_MAX).unwrap_or(u32::MAX));
    let mut connection = pin!(builder.serve_connection(TokioIo::new(stream), service));

    // HTTP's own header limit does not cover HTTP/2, nor the bytes before the version is known; this one covers all.
    let mut goodbye: Option<Instant> = None;
    let mut stopped = *stopping.borrow();
    if stopped {
        connection.as_mut().graceful_shutdown();
    }
    loop {
        let (closes, wake) = match (goodbye, activity.closes_at(limits.headers)) {
            (Some(at), _) | (None, Ok(at)) => (true, at),
            (None, Err(at)) => (false, at),
        };
        tokio::select! {
            ended = connection.as_mut() => {
                if let Err(cause) = ended {
                    tracing::debug!(%cause, "a connection ended early");
                }
                return;
            }
            () = sleep_until(wake) => match (closes, goodbye) {
                (false, _) => {}
                (true, Some(_)) => return,
                (true, None) => {
                    // A request may have begun and ended since the wake was set.
                    if activity.closes_at(limits.headers).is_ok_and(|at| at <= Instant::now()) {
                        connection.as_mut().graceful_shutdown();
                        goodbye = Some(Instant::now() + GOODBYE);
                    }
                }
            },
            changed = stopping.changed(), if !stopped => {
                stopped = true;
                if changed.is_ok() {
                    connection.as_mut().graceful_shutdown();
                }
            }
        }
    }
}
