//! The case (事项): one concern, from report to close.
//!
//! A [`Command`] is what somebody wants to do. [`decide`] turns it into [`Event`]s or a [`Refusal`]; [`judge`] holds
//! events that arrive from elsewhere against the same guards; [`fold`] turns the log of all events into a
//! [`CaseState`], the same everywhere for the same set of events, whatever the order they came in. Nothing here knows
//! documents, databases, networks or clocks. Start at `event.rs`, then `state.rs`, then `fold.rs`.
//!
//! The verbs are split by what they are about: `consult`, `agree`, `act`, `feedback`, `handover`, `lifecycle`; each
//! file says when its events are legal and what they change.

mod command;
mod event;
mod refusal;

pub use command::{Command, TextName};
pub use event::*;
pub use refusal::{Refusal, RefusalCode};
