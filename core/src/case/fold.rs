//! The fold: a log of events, in any order of arrival, becomes a [`CaseState`].
//!
//! It never fails and never drops: what doesn't fit where it stands in the order is kept with its [`Standing`]. It reads
//! nothing but the log (no policy, no directory, no clock), so equal logs give equal states on every replica. Whether
//! an event was *allowed* is [`super::judge`]'s question, asked once, against the state its author saw; so an event that
//! doesn't fit here was made by somebody who didn't yet know of another, and the law of the method decides (`method.md`,
//! "What the law of the method is when phones were apart").

use super::event::{Body, Entry, Event};
use super::moot::{Applied, Moot};
use super::state::{CaseState, Written};
use super::{act, agree, consult, feedback, handover, lifecycle};
use crate::planted::{self, Planted};

/// The state of the case with this log. Sorted by stamp, then content; an entry that stands twice counts once.
pub fn fold<'a>(log: impl IntoIterator<Item = &'a Entry>) -> CaseState {
    let mut entries: Vec<&Entry> = log.into_iter().collect();
    // Logs come sorted from the document layer; then this is one comparison an entry.
    if !planted::is(Planted::FoldByArrival) && !entries.is_sorted() {
        entries.sort();
    }
    entries.dedup();
    let mut state = CaseState::default();
    for entry in entries {
        extend(&mut state, entry);
    }
    state
}

/// One more entry, later in the order than everything in `state`.
pub fn extend(state: &mut CaseState, entry: &Entry) {
    state.updated = state.updated.max(entry.stamp.time);
    let written = Written { stamp: entry.stamp, by: entry.author.clone() };
    let event = match &entry.body {
        Body::Event(event) => event,
        Body::Newer { kind, .. } => {
            state.newer.push((written, kind.clone()));
            return;
        }
    };
    if let Err(Moot { why, by }) = apply(state, written, event) {
        let by = by.or(state.own_stage_by);
        state.overtake(entry.stamp, by, why);
    }
    agree::uphold(state, entry.stamp);
    act::take_back_completion(state, entry.stamp);
}

fn apply(state: &mut CaseState, written: Written, event: &Event) -> Applied {
    match event {
        Event::Reported(e) => lifecycle::reported(state, written, e),
        Event::Assigned(e) => lifecycle::assigned(state, e),
        Event::Withdrawn(e) => lifecycle::withdrawn(state, &written, e),
        Event::MergedInto(e) => lifecycle::merged(state, &written, e),
        Event::Closed(e) => lifecycle::closed(state, &written, e),
        Event::Noted(e) => lifecycle::noted(state, written, e),
        Event::Attached(e) => lifecycle::attached(state, written, e),
        Event::ContestSettled(e) => lifecycle::contest_settled(state, &written, e),
        Event::ConsultationOpened(e) => consult::opened(state, written, e),
        Event::ConsultationConcluded(e) => consult::concluded(state, written, e),
        Event::AgreementDrafted(e) => agree::drafted(state, written, e),
        Event::AgreementSealed(e) => agree::sealed(state, written, e),
        Event::AgreementOral(e) => agree::oral(state, written, e),
        Event::AgreementOnPaper(e) => agree::on_paper(state, written, e),
        Event::AgreementStamped(e) => agree::stamped(state, written, e),
        Event::AgreementConfirmed(e) => agree::confirmed(state, written, e),
        Event::CommitmentFulfilled(e) => act::fulfilled(state, written, e),
        Event::CommitmentExtended(e) => act::extended(state, e),
        Event::CommitmentDefaulted(e) => act::defaulted(state, written, e),
        Event::CommitmentWaived(e) => act::waived(state, written, e),
        Event::Completed(e) => act::completed(state, written, e),
        Event::EffectChecked(e) => act::effect_checked(state, written, e),
        Event::FeedbackGiven(e) => feedback::given(state, written, e),
        Event::FeedbackTried(e) => feedback::tried(state, written, e),
        Event::Raised(e) => handover::raised(state, written, e),
        Event::Transferred(e) => handover::transferred(state, written, e),
        Event::HandoverAccepted(e) => handover::accepted(state, written, e),
        Event::HandoverReturned(e) => handover::returned(state, written, e),
        Event::HandoverSettled(e) => handover::settled(state, written, e),
        Event::HandoverRecalled(e) => handover::recalled(state, written, e),
        Event::DepartmentsConvened(e) => handover::convened(state, written, e),
    }
}
