//! The judge: is this event allowed, by this person, on the case as they saw it?
//!
//! One function for facts of our own and facts that arrive: [`decide`](super::decide) asks it before anything is
//! written, the server before anything is stored. It reads the state at the event's own past, never a later one.

use super::event::{AgreementSealed, Attached, CommitmentRef, Event, Noted, PartyKind};
use super::refusal::{Refusal, RefusalCode};
use super::state::{CaseState, Stage};
use super::{act, agree, consult, feedback, handover, lifecycle};
use crate::access::{self, Deed, Situation};
use crate::directory::Directory;
use crate::id::{DocId, OrgId};
use crate::people::{Person, Role};
use crate::time::{DAY_MS, Timestamp};

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
    permitted(setting, state, event)?;
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
        Event::AgreementSealed(e) => sealed(state, e),
        Event::AgreementOral(e) => agree::check_oral(state, e),
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
    lifecycle::check_open(state)?;
    may(setting, state, Deed::Type)
}

/// The role's side of the table.
fn permitted(setting: &Setting<'_>, state: &CaseState, event: &Event) -> Result<(), Refusal> {
    if let Event::Reported(reported) = event {
        let at = Situation { place: &reported.place, holder: None, involved: &[] };
        return access::may(setting.directory, setting.person, Deed::Report, &at);
    }
    let deed = match event {
        Event::ConsultationOpened(_)
        | Event::ConsultationConcluded(_)
        | Event::AgreementDrafted(_)
        | Event::AgreementSealed(_)
        | Event::AgreementOral(_) => Deed::Consult,
        Event::CommitmentFulfilled(e) => Deed::Commitment { owed_by: owed_by(state, e.commitment) },
        Event::CommitmentExtended(e) => Deed::Commitment { owed_by: owed_by(state, e.commitment) },
        Event::CommitmentDefaulted(e) => Deed::Commitment { owed_by: owed_by(state, e.commitment) },
        // A beneficiary's waiver is taken down by worker or lead, never by the org that owes.
        Event::CommitmentWaived(_) | Event::EffectChecked(_) | Event::FeedbackGiven(_) | Event::FeedbackTried(_) => {
            Deed::FollowUp
        }
        Event::Completed(_) => Deed::Complete,
        Event::HandoverAccepted(e) => Deed::Receive { to: receiver(state, e.handover)? },
        Event::HandoverReturned(e) => Deed::Receive { to: receiver(state, e.handover)? },
        Event::HandoverSettled(e) => Deed::Receive { to: receiver(state, e.handover)? },
        Event::DepartmentsConvened(e) => Deed::Receive { to: receiver(state, e.handover)? },
        Event::Noted(_) | Event::Attached(_) => Deed::Note,
        Event::Reported(_)
        | Event::Assigned(_)
        | Event::Closed(_)
        | Event::Raised(_)
        | Event::Transferred(_)
        | Event::HandoverRecalled(_)
        | Event::Withdrawn(_)
        | Event::MergedInto(_)
        | Event::ContestSettled(_) => Deed::Lead,
    };
    may(setting, state, deed)
}

fn may(setting: &Setting<'_>, state: &CaseState, deed: Deed<'_>) -> Result<(), Refusal> {
    let Some(place) = state.place() else { return Err(Refusal::new(RefusalCode::NotReported)) };
    let involved: Vec<&OrgId> = state.handovers.iter().map(|handover| &handover.to).collect();
    access::may(setting.directory, setting.person, deed, &Situation { place, holder: state.holder(), involved: &involved })
}

fn receiver(state: &CaseState, offer: crate::time::Stamp) -> Result<&OrgId, Refusal> {
    let found = state.handovers.iter().find(|handover| handover.offered.stamp == offer);
    found.map(|handover| &handover.to).ok_or(Refusal::new(RefusalCode::NoHandover))
}

/// The org of the directory that owes a commitment.
fn owed_by(state: &CaseState, id: CommitmentRef) -> Option<&OrgId> {
    let commitment = state.commitments.iter().find(|commitment| commitment.id == id)?;
    let draft = state.drafts.iter().find(|draft| draft.written.stamp == id.draft)?;
    let party = draft.content.parties.iter().find(|party| party.name == commitment.content.party)?;
    match &party.kind {
        PartyKind::Org { org } => org.as_ref(),
        PartyKind::Resident => None,
    }
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
    // A supervisor reads all and writes nothing but notes.
    let only_reads = setting.person.posts().all(|post| post.role == Role::Supervisor);
    if only_reads { Err(Refusal::new(RefusalCode::NotAllowed)) } else { afterlife(setting, state) }
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

fn sealed(state: &CaseState, event: &AgreementSealed) -> Result<(), Refusal> {
    if state.stage() == Stage::Unreported {
        return Err(Refusal::new(RefusalCode::NotReported));
    }
    agree::check_sealed(state, event)
}
