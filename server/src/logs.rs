//! The log: one line a request, nothing personal.
//!
//! A line has the method, the route as it is written in [`crate::router`] (never the path as sent: it may hold
//! anything), status, error code, milliseconds, bytes sent, and the beginning of the device's id. No bodies, no names,
//! no person ids, no enrolment codes, no tokens.

use std::sync::{Arc, OnceLock};
use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use axum::http::{Method, StatusCode};
use doorstep_core::id::DeviceId;
use tokio::sync::OwnedSemaphorePermit;
use tracing_subscriber::EnvFilter;

use crate::edge::Tally;

/// What is logged unless `RUST_LOG` says otherwise.
const DEFAULT_FILTER: &str = "info";
/// Characters of a device's id that a line shows: enough to follow one device, too few to use it.
const DEVICE_SHOWN: usize = 8;

/// Starts logging to standard error, as `RUST_LOG` says. A second call changes nothing.
pub fn start() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(DEFAULT_FILTER));
    let ansi = std::io::IsTerminal::is_terminal(&std::io::stderr());
    let _ = tracing_subscriber::fmt().with_env_filter(filter).with_ansi(ansi).with_writer(std::io::stderr).try_init();
}

/// Who a request turned out to be from, told by [`crate::auth`] to the log.
#[derive(Debug, Clone, Default)]
pub(crate) struct Who(Arc<OnceLock<DeviceId>>);

impl Who {
    pub(crate) fn is(&self, device: DeviceId) {
        let _ = self.0.set(device);
    }
}

/// A request's line, written when its answer is sent or dropped.
pub(crate) struct Line {
    began: Instant,
    method: Method,
    path: Option<MatchedPath>,
    who: Who,
    status: Option<StatusCode>,
    code: &'static str,
    bytes: usize,
    /// The request's place among those worked on: given back when the answer is sent.
    permit: Option<OwnedSemaphorePermit>,
}

impl Line {
    pub(crate) fn begin(request: &Request, who: Who) -> Self {
        Self {
            began: Instant::now(),
            method: request.method().clone(),
            path: request.extensions().get().cloned(),
            who,
            status: None,
            code: "",
            bytes: 0,
            permit: None,
        }
    }

    pub(crate) const fn refused(&mut self, code: &'static str) {
        self.code = code;
    }

    pub(crate) fn answered(&mut self, status: StatusCode, permit: Option<OwnedSemaphorePermit>) {
        self.status = Some(status);
        self.permit = permit;
    }

    /// The method's name; a stranger's own invention is not repeated.
    fn method(&self) -> &str {
        match self.method {
            Method::GET | Method::POST | Method::HEAD | Method::PUT | Method::DELETE | Method::OPTIONS | Method::PATCH => {
                self.method.as_str()
            }
            _ => "other",
        }
    }
}

impl Tally for Line {
    fn sent(&mut self, bytes: usize) {
        self.bytes += bytes;
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        let device = self.who.0.get().map(|device| device.to_string().chars().take(DEVICE_SHOWN).collect::<String>());
        tracing::info!(
            target: "doorstep::request",
            method = self.method(),
            path = self.path.as_ref().map_or("none", MatchedPath::as_str),
            // 0: the caller went away before there was an answer.
            status = self.status.map_or(0, |status| status.as_u16()),
            code = self.code,
            ms = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX),
            bytes = self.bytes,
            device = device.as_deref().unwrap_or("-"),
        );
    }
}
