//! An event that no longer fits where it stands, and why: what every verb answers the fold.

use super::refusal::{Refusal, RefusalCode};
use super::state::CaseState;
use crate::time::Stamp;

/// An event that no longer fits, and why.
#[derive(Debug)]
pub(super) struct Moot {
    pub(super) why: RefusalCode,
    pub(super) by: Option<Stamp>,
}

impl Moot {
    pub(super) const fn new(why: RefusalCode, by: Option<Stamp>) -> Self {
        Self { why, by }
    }
}

/// What applying an event gives: it counts, or it is moot.
pub(super) type Applied = Result<(), Moot>;

/// A moot event as the refusal of a command.
pub(super) fn refuse(state: &CaseState, moot: &Moot) -> Refusal {
    match moot.why {
        RefusalCode::WrongStage => Refusal::about(moot.why, [state.stage().name()]),
        code => Refusal::new(code),
    }
}
