//! Sync without I/O: what to send, what to do with what comes.
//!
//! [`Session`] is a state machine: answers go in, requests and plans come out, and whoever drives it brings the
//! socket, the database, the key and the entropy. It treats documents, changes and rows as bytes and has never heard
//! of a thread, a clock or a file.
//!
//! Start at `session.rs`; below it lie `outgoing.rs` (what goes into a push, what its answer settles), `incoming.rs`
//! (a pull's frames as plans to store), `frames.rs` (frames out of a byte stream), `retry.rs` (when to try again) and,
//! beside them, `enrol.rs` (how a device gets in), `aside.rs` (what a lead decides on) and `attachment.rs` (photos and the
//! like, after all text). `wire.rs` has every record that travels.

pub mod aside;
mod attachment;
pub mod enrol;
mod frames;
mod incoming;
mod outgoing;
mod report;
mod requests;
pub mod retry;
mod session;
pub mod wire;

pub use attachment::{
    AttachmentAnswer, AttachmentReport, AttachmentRequest, AttachmentSession, AttachmentStep, Errand, Fate, PATH_ATTACHMENTS,
    RANGE_ANSWER_MAX, Way,
};
pub use enrol::EnrolError;
pub use frames::{FrameDecoder, FrameError};
pub use incoming::{Apply, CURSOR_MAX, Incoming, PLAN_BYTES_MAX};
pub use outgoing::{Batch, BatchLimit, OutgoingChange, Settled};
pub use report::{Aside, Outcome, Report, ServerTime, VerdictCounts, Wire};
pub use requests::{Identity, beside, bundle, log};
pub use session::{Limits, NONCE_RECENT_MS, Remembered, Session, Step, WAIT_MAX_MS};
