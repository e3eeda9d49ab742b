//! What an operator sets: limits of the edge, and where the server gets its time and entropy from.
//!
//! Knows nothing of HTTP. Every limit has its unit and its reason here, once; tests set shorter ones.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use doorstep_core::environment::{Clock, Entropy};
use doorstep_core::sync::wire;
use doorstep_core::time::Timestamp;

/// Limits of the server's edge.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Time a connection may stay without a complete request on it: slow headers, a half-done TLS handshake, silence.
    /// Five seconds are many round trips on a bad mobile link; waiting longer only serves who wants to hold sockets.
    pub headers: Duration,
    /// Time a request body may stay without progress.
    pub body_stall: Duration,
    /// Time a request body may take in all: a batch of 2 MiB compressed to a third, at 2.5 KB/s.
    pub body_total: Duration,
    /// Time an answer may stay without the phone taking any of it. Longer than for bodies: a phone that stores a page
    /// of documents on slow flash reads nothing meanwhile.
    pub write_stall: Duration,
    /// Time that requests in flight get to finish when the server stops.
    pub drain: Duration,
    /// Largest request body on the wire, bytes.
    pub body_max: usize,
    /// Largest request body after decompression, bytes.
    pub inflated_max: usize,
    /// Bytes that all request bodies together may hold in memory.
    pub bodies_bytes_max: usize,
    /// Requests worked on at once; beyond it the server answers 503 and when to come back.
    pub requests_max: usize,
    /// Pushes judged at once: enough that those which wait for the disk fill one fsync together, few enough that the last of
    /// them is answered within a second.
    pub pushes_max: usize,
    /// Time a push may wait for its turn; after that it is answered 503, and its phone comes back when that says. Waiting
    /// longer would only let everybody wait.
    pub push_wait: Duration,
    /// Connections open at once; beyond it new ones are closed.
    pub connections_max: usize,
    /// Seconds after which a phone that was turned away should come back.
    pub retry_after_s: u32,
    /// The processes in which changes of strangers are tried. None: they are tried in this one, as a library's user may want
    /// it; the program always has them.
    pub workers: Option<Workers>,
}

/// The word that makes the program a worker.
pub const WORKER_ARGUMENT: &str = "guard-worker";

/// Processes in which changes are tried (`worker`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workers {
    /// The program that is a worker when it is given `arguments`.
    pub program: PathBuf,
    /// What makes it one.
    pub arguments: Vec<OsString>,
    /// How many there are at once.
    pub count: usize,
    /// Time one question to a worker may take, whatever it does meanwhile.
    pub answer_max: Duration,
}

impl Workers {
    /// As many as there are cores: they do nothing but compute.
    pub fn new(program: PathBuf, arguments: Vec<OsString>) -> Self {
        let count = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        // A change takes a millisecond. A worker that computes for long is stopped by its own limit of processor time;
        // this one is for a worker that hangs, and long because the machine may be busy with something else.
        Self { program, arguments, count, answer_max: Duration::from_secs(10) }
    }

    /// This same program.
    pub fn this_program() -> std::io::Result<Self> {
        Ok(Self::new(std::env::current_exe()?, vec![WORKER_ARGUMENT.into()]))
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            headers: Duration::from_secs(5),
            body_stall: Duration::from_secs(5),
            body_total: Duration::from_mins(5),
            write_stall: Duration::from_secs(30),
            drain: Duration::from_secs(10),
            body_max: wire::BODY_MAX,
            inflated_max: wire::INFLATED_MAX,
            bodies_bytes_max: 256 << 20,
            // Half of tokio's 512 blocking threads, so that an admitted request always finds one.
            requests_max: 256,
            pushes_max: 64,
            push_wait: Duration::from_secs(1),
            connections_max: 2_048,
            retry_after_s: 2,
            workers: None,
        }
    }
}

/// The server's clock: the system's, or a file that a demo or a test moves.
#[derive(Debug)]
pub enum ServerClock {
    /// The operating system's.
    System,
    /// Milliseconds since 1970 as text in a file, read at every use.
    File {
        /// The file.
        path: PathBuf,
        /// The last reading that made sense, for the moment in which the file is being replaced.
        last: Mutex<Timestamp>,
    },
}

impl ServerClock {
    /// A clock that reads `path`; an error if it can't be read now.
    pub fn file(path: &Path) -> std::io::Result<Self> {
        let last = Self::read(path)
            .ok_or_else(|| std::io::Error::new(std::io::ErrorKind::InvalidData, "the clock file holds no milliseconds"))?;
        Ok(Self::File { path: path.into(), last: Mutex::new(last) })
    }

    fn read(path: &Path) -> Option<Timestamp> {
        std::fs::read_to_string(path).ok()?.trim().parse().ok().map(Timestamp)
    }
}

impl Clock for ServerClock {
    fn monotonic(&self) -> (u64, u64) {
        doorstep_core::host::SystemClock.monotonic()
    }

    fn now(&self) -> Timestamp {
        match self {
            Self::System => {
                let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
            }
            Self::File { path, last } => {
                let mut last = last.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                if let Some(now) = Self::read(path) {
                    *last = now;
                }
                *last
            }
        }
    }
}

/// The operating system's entropy.
#[derive(Debug, Clone, Copy, Default)]
pub struct ServerEntropy;

impl Entropy for ServerEntropy {
    #[expect(clippy::expect_used, reason = "without entropy no secret may be made: stopping is the only safe answer")]
    fn fill(&self, bytes: &mut [u8]) {
        getrandom::fill(bytes).expect("the operating system gives entropy");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_file_is_read_at_every_use_and_survives_a_broken_moment() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("clock");
        assert!(ServerClock::file(&path).is_err(), "a missing file is told at the start");
        std::fs::write(&path, "1778000000000\n").unwrap();
        let clock = ServerClock::file(&path).unwrap();
        assert_eq!(clock.now(), Timestamp(1_778_000_000_000));
        std::fs::write(&path, "1778000005000").unwrap();
        assert_eq!(clock.now(), Timestamp(1_778_000_005_000));
        std::fs::write(&path, "").unwrap();
        assert_eq!(clock.now(), Timestamp(1_778_000_005_000));
    }
}
