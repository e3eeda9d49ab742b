//! What a session did, in numbers and codes: for the screen, the log and the tests. No content, no names of people.

use std::collections::BTreeSet;

use super::session::Remembered;
use crate::id::{ChangeHash, DocId};
use crate::time::Timestamp;

/// How a session ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// All that could be pushed was, and everything was pulled.
    Done,
    /// Not now: try again after so many milliseconds. What was settled and committed stays.
    Later {
        /// Milliseconds to wait; at least what the server asked for.
        ms: u64,
        /// What was in the way: a transport's code, a server's, or `link_dropped`.
        code: String,
    },
    /// The server said no, and would again.
    Refused {
        /// HTTP status.
        status: u16,
        /// The server's stable code, or `unexpected_status` where it gave none.
        code: String,
        /// One sentence in Chinese; may be empty.
        zh: String,
        /// One sentence in English; may be empty.
        en: String,
        /// Place in the request, where one is known.
        at: Option<String>,
    },
    /// This device was revoked.
    Revoked,
    /// What answered doesn't keep the protocol, or isn't the server: a hotspot's login page, another program.
    Protocol {
        /// Stable code.
        code: &'static str,
    },
    /// The server's certificate is not trusted.
    Untrusted,
    /// The device's key did not sign.
    Key,
    /// What came was not made durable, so it counts as not received.
    Storage,
}

impl Outcome {
    /// Its stable code.
    pub fn code(&self) -> &str {
        match self {
            Self::Done => "done",
            Self::Later { code, .. } | Self::Refused { code, .. } => code,
            Self::Revoked => super::wire::CODE_REVOKED,
            Self::Protocol { code } => code,
            Self::Untrusted => "untrusted",
            Self::Key => "key",
            Self::Storage => "storage",
        }
    }
}

/// Verdicts, counted as they came: a change that was wanted first and stored then counts in both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct VerdictCounts {
    /// Stored now.
    pub stored: u64,
    /// The server had it.
    pub known: u64,
    /// Set aside.
    pub set_aside: u64,
    /// Waits for others.
    pub wanted: u64,
}

/// A change that did not go into its document on the server, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Aside {
    /// The document.
    pub doc: DocId,
    /// The change.
    pub hash: ChangeHash,
    /// Stable code.
    pub code: String,
    /// What it is about, in codes.
    pub about: Vec<String>,
}

/// Bytes up and down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Wire {
    /// Bytes sent.
    pub up: u64,
    /// Bytes received.
    pub down: u64,
}

/// The server's clock against this device's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServerTime {
    /// What the server's clock said.
    pub server: Timestamp,
    /// What this device's clock said when that arrived.
    pub here: Timestamp,
}

impl ServerTime {
    /// Milliseconds to add to this device's clock. Too small by the time the answer was under way, never too large.
    pub const fn offset_ms(&self) -> i64 {
        self.server.0.saturating_sub(self.here.0)
    }
}

/// What a session did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// How it ended.
    pub outcome: Outcome,
    /// Requests sent, repeats included.
    pub requests: u32,
    /// Bytes of bodies before compression and after decompression.
    pub plain: Wire,
    /// Bytes on the wire, if the host told.
    pub wire: Option<Wire>,
    /// Whole documents committed.
    pub documents: u64,
    /// Changes committed, those in whole documents not counted.
    pub changes: u64,
    /// Documents that left the scope.
    pub forgotten: u64,
    /// Version of the directory that came, if one did.
    pub directory: Option<u64>,
    /// Checkpoints committed.
    pub checkpoints: u64,
    /// Whether the server asked for everything to be fetched again.
    pub refetched: bool,
    /// Verdicts on what was pushed.
    pub verdicts: VerdictCounts,
    /// Changes the server set aside.
    pub set_aside: Vec<Aside>,
    /// Changes too large for the server to take at all; they stay in the outbox.
    pub held: Vec<Aside>,
    /// What a server that has revoked this device says it keeps, of what was pushed now.
    pub kept: BTreeSet<(DocId, ChangeHash)>,
    /// The best reading of the server's clock.
    pub server_time: Option<ServerTime>,
    /// What the next session should be given.
    pub remembered: Remembered,
}

impl Report {
    pub(super) fn begin() -> Self {
        Self {
            outcome: Outcome::Done,
            requests: 0,
            plain: Wire::default(),
            wire: None,
            documents: 0,
            changes: 0,
            forgotten: 0,
            directory: None,
            checkpoints: 0,
            refetched: false,
            verdicts: VerdictCounts::default(),
            set_aside: Vec::new(),
            held: Vec::new(),
            kept: BTreeSet::new(),
            server_time: None,
            remembered: Remembered::default(),
        }
    }

    /// Notes a reading of the server's clock. Each is late by its way here, so the largest offset is the best.
    pub(super) fn saw_time(&mut self, server: Timestamp, here: Timestamp) {
        let reading = ServerTime { server, here };
        if self.server_time.is_none_or(|best| best.offset_ms() < reading.offset_ms()) {
            self.server_time = Some(reading);
        }
    }
}
