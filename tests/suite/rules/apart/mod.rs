//! The law of the method when phones were apart: what each phone recorded, once all have heard of it.
//!
//! Every test runs with the second phone's clock right, years behind and years ahead: the law asks for stamps' order
//! where it says "the earlier", and for no clock at all where it says who outranks whom.

mod arrival;
mod knew;
mod offers;
mod signatures;
mod sittings;
mod words;

use doorstep_core::case::{CaseState, Standing};
use doorstep_core::time::Stamp;
use doorstep_tests::method::Phone;

/// Years by which the other phone's clock is off.
pub(super) const CLOCKS: [i64; 4] = [0, 1, 9, -9];

pub(super) fn apart(phone: &Phone, years: i64) -> (Phone, Phone) {
    (phone.fork(11, 0), phone.fork(22, years))
}

pub(super) fn is_overtaken(state: &CaseState, stamp: Stamp) -> bool {
    matches!(state.standing(stamp), Standing::Overtaken { .. })
}

#[track_caller]
pub(super) fn is_contested(state: &CaseState, one: Stamp, other: Stamp) {
    assert_eq!(*state.standing(one), Standing::Contested { with: vec![other] });
    assert_eq!(*state.standing(other), Standing::Contested { with: vec![one] });
}

#[track_caller]
pub(super) fn no_contest(state: &CaseState) {
    assert!(!state.standings.values().any(|s| matches!(s, Standing::Contested { .. })), "{:?}", state.standings);
}
