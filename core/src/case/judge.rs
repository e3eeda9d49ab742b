//! The judge: is this event allowed, by this person, on the case as they saw it?
//!
//! One function for facts of our own and facts that arrive: [`decide`](super::decide) asks it before anything is
//! written, the server before anything is stored. It reads the state at the event's own past, never a later one.

use super::event::{Attached, Event, Noted};
use super::refusal::{Refusal, RefusalCode};
use super::state::CaseState;
use super::{act, agree, consult, feedback, handover, lifecycle, permit};
use crate::directory::Directory;
use crate::id::DocId;
use crate::people::{Person, Role};
use crate::time::{DAY_MS, Stamp, Timestamp};

/// Where an event comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// From this device, about now: limits that depend on the day apply.
    Here {
        /// The wall clock.
        now: Timestamp,
    },
    /// From elsewhere: its clock may be wrong, so no limit in days is held against it.
    Arriving,
}

/// Who does it, where, under which directory.
#[derive(Debug, Clone, Copy)]
pub struct Setting<'a> {
    /// The sub-district's directory.
    pub directory: &'a Directory,
    /// Who does it.
    pub person: &'a Person,
    /// The case.
    pub case: DocId,
    /// From here or from elsewhere.
    pub origin: Origin,
}

/// Whether `event` is allowed on `state`.
pub fn judge(setting: &Setting<'_>, state: &CaseState, event: &Event) -> Result<(), Refusal> {
    permit::permitted(setting, state, event)?;
    let Setting { directory, .. } = setting;
    match event {
        Event::Reported(e) => lifecycle::check_reported(state, e),
        Event::Assigned(e) => {
            lifecycle::check_open(state)?;
            let worker = directory.person(&e.to).is_some_and(|person| works_on(person, state));
            if worker { Ok(()) } else { Err(Refusal::about(RefusalCode::UnknownPerson, [e.to.as_str()])) }
        }
        Event::Withdrawn(e) => {
            lifecycle::check_ending(state, e.knew)?;
            super::text::required("why", &e.why, super::text::TEXT_MAX)
        }
        Event::MergedInto(e) => {
            lifecycle::check_ending(state, e.knew)?;
            if e.case == setting.case { Err(Refusal::new(RefusalCode::OwnDuplicate)) } else { Ok(()) }
        }
        Event::Closed(e) => lifecycle::check_closed(state, e, &directory.policy),
        Event::Noted(e) => noted(setting, state, e),
        Event::Attached(e) => attached(setting, state, e),
        Event::ContestSettled(e) => lifecycle::check_contest_settled(state, e),
        Event::ConsultationOpened(e) => consult::check_opened(state, e),
        Event::ConsultationConcluded(e) => consult::check_concluded(state, e),
        Event::AgreementDrafted(e) => agree::check_drafted(state, e),
        Event::AgreementSealed(e) => {
            agree::check_sealed(state, e)?;
            drafted_by_holder(setting, state, e.draft)
        }
        Event::AgreementOnPaper(e) => {
            agree::check_on_paper(state, e)?;
            drafted_by_holder(setting, state, e.draft)
        }
        Event::AgreementOral(e) => agree::check_oral(state, e),
        Event::AgreementStamped(e) => agree::check_stamped(state, e),
        Event::AgreementConfirmed(e) => agree::check_confirmed(state, e),
        Event::CommitmentFulfilled(e) => act::check_fulfilled(state, e),
        Event::CommitmentExtended(e) => act::check_extended(state, e),
        Event::CommitmentDefaulted(e) => act::check_defaulted(state, e),
        Event::CommitmentWaived(e) => act::check_waived(state, e),
        Event::Completed(e) => act::check_completed(state, e),
        Event::EffectChecked(e) => act::check_effect_checked(state, e),
        Event::FeedbackGiven(e) => feedback::check_given(state, e),
        Event::FeedbackTried(e) => feedback::check_tried(state, e),
        Event::Raised(e) => handover::check_raised(state, e, directory),
        Event::Transferred(e) => handover::check_transferred(state, e, directory),
        Event::HandoverAccepted(e) => handover::check_accepted(state, e),
        Event::HandoverReturned(e) => handover::check_returned(state, e),
        Event::HandoverSettled(e) => handover::check_settled(state, e),
        Event::HandoverRecalled(e) => handover::check_recalled(state, e),
        Event::DepartmentsConvened(e) => handover::check_convened(state, e, directory),
    }
}

/// Whether this person may type in the shared texts of the case now.
pub fn judge_typing(setting: &Setting<'_>, state: &CaseState) -> Result<(), Refusal> {
    permit::may_type(setting, state)?;
    lifecycle::check_open(state)
}

/// Whether a person's posts let them work the case day to day.
fn works_on(person: &Person, state: &CaseState) -> bool {
    let Some(place) = state.place() else { return false };
    person.posts().any(|post| match post.role {
        Role::GridWorker => post.grids.contains(&place.grid),
        Role::CommunityLead => post.org == place.community,
        Role::BuildingHead => place.building.as_ref().is_some_and(|building| post.buildings.contains(building)),
        _ => false,
    })
}

fn noted(setting: &Setting<'_>, state: &CaseState, event: &Noted) -> Result<(), Refusal> {
    lifecycle::check_noted(state, event)?;
    afterlife(setting, state)
}

fn attached(setting: &Setting<'_>, state: &CaseState, event: &Attached) -> Result<(), Refusal> {
    lifecycle::check_attached(state, event)?;
    afterlife(setting, state)
}

/// Notes may be added for some days after the end; only the writer's own device can tell which day it is.
fn afterlife(setting: &Setting<'_>, state: &CaseState) -> Result<(), Refusal> {
    let Origin::Here { now } = setting.origin else { return Ok(()) };
    let ended = state.own_stage_by.filter(|_| state.own_stage.is_end());
    let lasts = i64::from(setting.directory.policy.afterlife_days) * DAY_MS;
    match ended {
        Some(end) if end.time.wall().plus_ms(lasts) < now => Err(Refusal::new(RefusalCode::AfterlifeOver)),
        _ => Ok(()),
    }
}

/// To the fold a signature under a draft from before the handover is one whose author did not know of it, and is contested
/// with the holder (`agree::sealed`). So whoever holds the case drafts anew; asked here only, so that no signature that was
/// really given is ever turned away.
fn drafted_by_holder(setting: &Setting<'_>, state: &CaseState, draft: Stamp) -> Result<(), Refusal> {
    match (setting.origin, state.handover()) {
        (Origin::Here { .. }, Some(handover)) if draft < handover.offered.stamp => {
            Err(Refusal::new(RefusalCode::DraftBeforeHandover))
        }
        _ => Ok(()),
    }
}
