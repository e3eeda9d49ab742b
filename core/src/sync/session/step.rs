//! What goes into a session and what comes out of it: its limits, what it remembers, the steps it asks for.

use super::super::incoming::{Apply, PLAN_BYTES_MAX};
use super::super::outgoing::{BatchLimit, Settled};
use super::super::report::Report;
use super::super::retry::Backoff;
use crate::environment::Request;

/// Longest wait inside a session, milliseconds; asked for more, it ends with
/// [`Outcome::Later`](super::super::Outcome::Later).
pub const WAIT_MAX_MS: u64 = 60_000;

/// How long a nonce counts as recent, milliseconds: two thirds of the quarter of an hour that servers keep it.
pub const NONCE_RECENT_MS: i64 = 10 * 60_000;

/// What one session leaves to the next. None of it is needed; all of it saves round trips.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Remembered {
    /// The last nonce the server gave, if it was not used.
    pub nonce: Option<String>,
    /// Whether it came within the last [`NONCE_RECENT_MS`], by this device's clock. Wrong, it costs a push sent in vain.
    pub nonce_recent: bool,
    /// The last token.
    pub token: Option<String>,
    /// The cursor of the last commit. Unlike the others it must be the one stored together with the rows.
    pub cursor: Option<Vec<u8>>,
}

/// How far a session goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// When to try again.
    pub backoff: Backoff,
    /// [`WAIT_MAX_MS`].
    pub wait_max_ms: u64,
    /// What one push carries.
    pub batch: BatchLimit,
    /// [`PLAN_BYTES_MAX`].
    pub plan_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { backoff: Backoff::default(), wait_max_ms: WAIT_MAX_MS, batch: BatchLimit::default(), plan_bytes: PLAN_BYTES_MAX }
    }
}

/// What to do next.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "a session makes one report, at its end")]
pub enum Step {
    /// Give unsent changes with a place behind `after`, in order, at least one if there is one: `give_outbox`.
    NeedOutbox {
        /// Changes up to this place were dealt with in this pass. 0: from the beginning.
        after: u64,
        /// More bytes than this won't be sent at once.
        bytes: usize,
        /// More changes than this won't be sent at once.
        changes: usize,
    },
    /// Send it: `answer_head`, or `failed`.
    Send(Request),
    /// Read on in the answer: `answer_body`, `answer_end`, or `failed`.
    Read,
    /// Make these verdicts durable: `durable`.
    Settle(Vec<Settled>),
    /// Store this plan in one transaction, its commit's cursor with it: `durable`.
    Store(Vec<Apply>),
    /// Wait, then go on.
    Wait {
        /// Milliseconds.
        ms: u64,
        /// What is in the way, as a stable code.
        why: String,
    },
    /// It is over; every further call says the same.
    Finished(Report),
}
