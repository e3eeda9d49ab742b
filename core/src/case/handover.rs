//! Two raises, one transfer (两提一转): offered, accepted, returned, settled, recalled, and the committee's table.

use super::event::{
    DepartmentsConvened, Ground, HandoverAccepted, HandoverRecalled, HandoverReturned, HandoverSettled, Outcome, Raised,
    Transferred,
};
use super::lifecycle::check_open;
use super::moot::{Applied, Moot, refuse};
use super::refusal::{Refusal, RefusalCode};
use super::state::{CaseState, Handover, HandoverKind, HandoverStatus, Stage, Written};
use super::text::{self, LINE_MAX, TEXT_MAX};
use crate::directory::{Directory, Policy};
use crate::id::OrgId;
use crate::people::OrgKind;
use crate::time::Stamp;

fn check_offer(state: &CaseState, to: &OrgId, kinds: &[OrgKind], directory: &Directory) -> Result<OrgKind, Refusal> {
    check_open(state)?;
    if state.handover().is_some() {
        return Err(Refusal::new(RefusalCode::HandedOver));
    }
    match directory.org(to) {
        Some(org) if kinds.contains(&org.kind) => Ok(org.kind),
        _ => Err(Refusal::about(RefusalCode::WrongReceiver, [to.as_str()])),
    }
}

pub(super) fn check_raised(state: &CaseState, event: &Raised, directory: &Directory) -> Result<(), Refusal> {
    check_offer(state, &event.to, &[OrgKind::Office, OrgKind::Committee], directory)?;
    text::required("reason", &event.reason, TEXT_MAX)?;
    text::optional("tried", &event.tried, TEXT_MAX)?;
    let without_agreement = |outcome: &Outcome| matches!(outcome, Outcome::NotAgreed { .. } | Outcome::Adjourned { .. });
    let tried = state.consultations.iter().any(|c| c.outcome.as_ref().is_some_and(|(_, outcome)| without_agreement(outcome)));
    if event.ground == Ground::NoAgreement && !tried {
        return Err(Refusal::new(RefusalCode::NothingTried));
    }
    Ok(())
}

pub(super) fn check_transferred(state: &CaseState, event: &Transferred, directory: &Directory) -> Result<(), Refusal> {
    let kind = check_offer(state, &event.to, &[OrgKind::Unit, OrgKind::Body], directory)?;
    text::required("reason", &event.reason, TEXT_MAX)?;
    match (&event.agreed, kind) {
        (None, OrgKind::Body) => Err(Refusal::new(RefusalCode::BodyNotAsked)),
        (None, _) => Ok(()),
        (Some(agreed), _) => {
            text::required("with", &agreed.with, LINE_MAX)?;
            text::required("how", &agreed.how, LINE_MAX)
        }
    }
}

pub(super) fn raised(state: &mut CaseState, written: Written, event: &Raised) -> Applied {
    let kind = HandoverKind::Raised { ground: event.ground.clone(), tried: event.tried.clone() };
    offer(state, written, kind, &event.to, &event.reason)
}

pub(super) fn transferred(state: &mut CaseState, written: Written, event: &Transferred) -> Applied {
    offer(state, written, HandoverKind::Transferred, &event.to, &event.reason)
}

/// The earlier of two offers is effective; the later one stays on record, and counts again if its receiver had already
/// accepted it.
fn offer(state: &mut CaseState, written: Written, kind: HandoverKind, to: &OrgId, reason: &str) -> Applied {
    check_open(state).map_err(|refusal| Moot::new(refusal.code, None))?;
    let earlier = state.handover().map(|handover| handover.offered.stamp);
    let status = earlier.map_or(HandoverStatus::Offered, HandoverStatus::Overtaken);
    let round = state.round;
    state.handovers.push(Handover {
        offered: written,
        round,
        kind,
        to: to.clone(),
        reason: reason.into(),
        status,
        convened: Vec::new(),
    });
    match earlier {
        Some(earlier) => Err(Moot::new(RefusalCode::HandedOver, Some(earlier))),
        None => Ok(()),
    }
}

fn find(state: &mut CaseState, offer: Stamp) -> Result<&mut Handover, Moot> {
    let found = state.handovers.iter_mut().find(|handover| handover.offered.stamp == offer);
    found.ok_or(Moot::new(RefusalCode::NoHandover, None))
}

/// The handover named, if it is in a state that fits.
fn check_status(state: &CaseState, offer: Stamp, fits: fn(&HandoverStatus) -> bool) -> Result<&Handover, Refusal> {
    check_open(state)?;
    let found = state.handovers.iter().find(|handover| handover.offered.stamp == offer && fits(&handover.status));
    found.ok_or_else(|| refuse(state, &Moot::new(RefusalCode::NoHandover, None)))
}

pub(super) const fn is_offered(status: &HandoverStatus) -> bool {
    matches!(status, HandoverStatus::Offered)
}

pub(super) const fn is_accepted(status: &HandoverStatus) -> bool {
    matches!(status, HandoverStatus::Accepted(_))
}

pub(super) fn check_accepted(state: &CaseState, event: &HandoverAccepted) -> Result<(), Refusal> {
    check_status(state, event.handover, is_offered).map(|_| ())
}

pub(super) fn accepted(state: &mut CaseState, written: Written, event: &HandoverAccepted) -> Applied {
    let overtook = overtook(state, event.handover);
    let ended = state.own_stage.is_end();
    let handover = find(state, event.handover)?;
    match (&handover.status, overtook) {
        (HandoverStatus::Offered, _) => {
            handover.status = HandoverStatus::Accepted(written);
            Ok(())
        }
        // The receiver took it before anyone there knew of what overtook it. What is left of that is as real as this.
        (HandoverStatus::Overtaken(_), Some(others)) if !ended => {
            handover.status = HandoverStatus::Accepted(written);
            state.leave_contests(event.handover);
            state.standings.remove(&event.handover);
            for other in others {
                state.contest(other, event.handover);
            }
            Ok(())
        }
        _ => Err(Moot::new(RefusalCode::NoHandover, handover_ender(handover))),
    }
}

/// What stands against an overtaken offer now: handovers under way, and what was signed since it was made. None for an
/// offer that people have chosen against.
fn overtook(state: &CaseState, offer: Stamp) -> Option<Vec<Stamp>> {
    let handover = state.handovers.iter().find(|handover| handover.offered.stamp == offer)?;
    let HandoverStatus::Overtaken(by) = handover.status else { return None };
    let by_event = state.handovers.iter().any(|other| other.offered.stamp == by)
        || state.agreements.iter().any(|agreement| agreement.written.stamp == by);
    let active = state.handovers.iter().filter(|other| other.is_active()).map(|other| other.offered.stamp);
    let signed = state.signed();
    let signed = signed.map(|agreement| agreement.written.stamp).filter(|stamp| *stamp > offer);
    by_event.then(|| active.chain(signed).collect())
}

const fn handover_ender(handover: &Handover) -> Option<Stamp> {
    match &handover.status {
        HandoverStatus::Offered => None,
        HandoverStatus::Overtaken(by) => Some(*by),
        HandoverStatus::Accepted(written)
        | HandoverStatus::Returned(written, _)
        | HandoverStatus::Settled(written, _)
        | HandoverStatus::Recalled(written, _) => Some(written.stamp),
    }
}

pub(super) fn check_returned(state: &CaseState, event: &HandoverReturned) -> Result<(), Refusal> {
    check_status(state, event.handover, |status| is_offered(status) || is_accepted(status))?;
    text::required("why", &event.why, TEXT_MAX)
}

pub(super) fn returned(state: &mut CaseState, written: Written, event: &HandoverReturned) -> Applied {
    let handover = find(state, event.handover)?;
    match handover.status {
        HandoverStatus::Offered | HandoverStatus::Accepted(_) => {
            handover.status = HandoverStatus::Returned(written, event.why.clone());
            // Of two contested handovers one came back: nothing is left to choose between.
            state.leave_contests(event.handover);
            Ok(())
        }
        _ => Err(Moot::new(RefusalCode::NoHandover, handover_ender(handover))),
    }
}

pub(super) fn check_settled(state: &CaseState, event: &HandoverSettled) -> Result<(), Refusal> {
    check_status(state, event.handover, is_accepted)?;
    text::required("result", &event.result, TEXT_MAX)
}

/// Settled: the result comes back to the community, which asks the parties like after its own work.
pub(super) fn settled(state: &mut CaseState, written: Written, event: &HandoverSettled) -> Applied {
    let stamp = written.stamp;
    let handover = find(state, event.handover)?;
    if !is_accepted(&handover.status) {
        return Err(Moot::new(RefusalCode::NoHandover, handover_ender(handover)));
    }
    handover.status = HandoverStatus::Settled(written, event.result.clone());
    state.leave_contests(event.handover);
    // With a contested one still under way people see that; once it ends, too, this result is what is asked about.
    if !state.own_stage.is_end() {
        state.enter(Stage::Done, stamp);
    }
    Ok(())
}

pub(super) fn check_recalled(state: &CaseState, event: &HandoverRecalled) -> Result<(), Refusal> {
    check_status(state, event.handover, is_offered)?;
    text::required("why", &event.why, TEXT_MAX)
}

pub(super) fn recalled(state: &mut CaseState, written: Written, event: &HandoverRecalled) -> Applied {
    let handover = find(state, event.handover)?;
    if !is_offered(&handover.status) {
        return Err(Moot::new(RefusalCode::NoHandover, handover_ender(handover)));
    }
    handover.status = HandoverStatus::Recalled(written, event.why.clone());
    state.leave_contests(event.handover);
    Ok(())
}

pub(super) fn check_convened(state: &CaseState, event: &DepartmentsConvened, directory: &Directory) -> Result<(), Refusal> {
    let handover = check_status(state, event.handover, is_accepted)?;
    if directory.org(&handover.to).is_none_or(|org| org.kind != OrgKind::Committee) {
        return Err(Refusal::new(RefusalCode::NoHandover));
    }
    if event.departments.is_empty() {
        return Err(Refusal::about(RefusalCode::Missing, ["departments"]));
    }
    text::list("departments", &event.departments)?;
    for department in &event.departments {
        text::required("departments", &department.name, LINE_MAX)?;
        text::required("task", &department.task, TEXT_MAX)?;
    }
    Ok(())
}

pub(super) fn convened(state: &mut CaseState, written: Written, event: &DepartmentsConvened) -> Applied {
    let handover = find(state, event.handover)?;
    if !is_accepted(&handover.status) {
        return Err(Moot::new(RefusalCode::NoHandover, handover_ender(handover)));
    }
    handover.convened.push((written, event.departments.clone()));
    Ok(())
}

/// Whether raising the case is proposed: people sit down again after the policy's number of rounds, and nobody has handed
/// it over in this one. A proposal for the lead, who decides; the core never raises.
pub fn proposes_raise(state: &CaseState, policy: &Policy) -> bool {
    let tried = state.handovers.iter().any(|handover| handover.round == state.round);
    let sits = matches!(state.stage(), Stage::Reopened | Stage::Consulting);
    sits && !tried && state.round > u32::from(policy.rounds)
}
