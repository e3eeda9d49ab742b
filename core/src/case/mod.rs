//! The case (事项): one concern, from report to close.
//!
//! A [`Command`] is what somebody wants to do. [`decide`] turns it into an [`Event`] or a [`Refusal`]; [`judge`] holds
//! events that arrive from elsewhere against the same guards; [`fold`] turns the log of all events into a
//! [`CaseState`], the same everywhere for the same set of events, whatever the order they came in. Nothing here knows
//! documents, databases, networks or clocks. Start at `event.rs`, then `state.rs`, then `fold.rs`.
//!
//! The verbs are split by what they are about: `lifecycle`, `consult`, `agree`, `act`, `feedback`, `handover`; each file
//! says when its events are allowed (`check_…`, strict, with policy and directory) and what they change (the function
//! of the event's name, which reads nothing but the log and obeys the law of phones that were apart).

mod act;
mod agree;
mod agreed;
mod alike;
mod command;
mod consult;
mod decide;
mod event;
mod feedback;
mod fold;
mod handover;
mod judge;
mod kind;
mod lifecycle;
mod moot;
mod offers;
mod permit;
mod refusal;
mod state;
mod text;
mod wait;

pub use agreed::*;
pub use alike::{Alike, AlikeReason, alike, alike_span};
pub use command::{Command, TextName};
pub use decide::{Decision, decide};
pub use event::*;
pub use feedback::rates_own_work;
pub use fold::{extend, fold};
pub use handover::proposes_raise;
pub use judge::{Origin, Setting, judge, judge_typing};
pub use kind::CommandKind;
pub use offers::{Offer, offers};
pub use refusal::{Refusal, RefusalCode};
pub use state::*;
pub use text::{LINE_MAX, LIST_MAX, TEXT_MAX, optional, required};
pub(crate) use wait::known_waits;
pub use wait::{Wait, WaitKind, waits};
