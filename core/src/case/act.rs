//! Agreed, done at once (商定即办): commitments, completion, and the look at the effect on the spot.

use super::event::{
    CommitmentDefaulted, CommitmentExtended, CommitmentFulfilled, CommitmentRef, CommitmentWaived, Completed, EffectChecked,
    Knew,
};
use super::moot::{Applied, Moot, refuse};
use super::refusal::{Refusal, RefusalCode};
use super::state::{CaseState, CommitmentState, CommitmentStatus, HandoverStatus, Stage, Standing, Written};
use super::text::{self, TEXT_MAX};
use crate::time::Stamp;

/// The commitment, if it can still change.
fn check_pending(state: &CaseState, id: CommitmentRef) -> Result<&CommitmentState, Refusal> {
    if state.own_stage != Stage::Acting {
        return Err(Refusal::about(RefusalCode::WrongStage, [state.stage().name()]));
    }
    let found = state.commitments().find(|commitment| commitment.id == id);
    let commitment = found.ok_or(Refusal::new(RefusalCode::NoCommitment))?;
    if commitment.is_settled() { Err(Refusal::new(RefusalCode::CommitmentSettled)) } else { Ok(commitment) }
}

pub(super) fn check_fulfilled(state: &CaseState, event: &CommitmentFulfilled) -> Result<(), Refusal> {
    check_pending(state, event.commitment)?;
    text::required("seen", &event.seen, TEXT_MAX)
}

pub(super) fn check_extended(state: &CaseState, event: &CommitmentExtended) -> Result<(), Refusal> {
    check_pending(state, event.commitment)?;
    text::required("why", &event.why, TEXT_MAX)
}

pub(super) fn check_defaulted(state: &CaseState, event: &CommitmentDefaulted) -> Result<(), Refusal> {
    check_pending(state, event.commitment)?;
    text::required("why", &event.why, TEXT_MAX)
}

pub(super) fn check_waived(state: &CaseState, event: &CommitmentWaived) -> Result<(), Refusal> {
    let commitment = check_pending(state, event.commitment)?;
    // Only a beneficiary can waive: a party to the agreement, and not the one that owes.
    let draft = state.drafts.iter().find(|draft| draft.written.stamp == event.commitment.draft);
    let is_party = draft.is_some_and(|draft| draft.content.parties.iter().any(|party| party.name == event.by));
    if !is_party || commitment.content.party == event.by {
        return Err(Refusal::about(RefusalCode::UnknownParty, [&event.by]));
    }
    text::required("why", &event.why, TEXT_MAX)
}

fn find(state: &mut CaseState, id: CommitmentRef) -> Result<&mut CommitmentState, Moot> {
    let found = state.commitments.iter_mut().find(|commitment| commitment.id == id);
    found.ok_or(Moot::new(RefusalCode::NoCommitment, None))
}

/// What a finding comes to.
enum Meets {
    /// Nothing stands against it: it is how the commitment stands now.
    Stands,
    /// This says the same already.
    Same(Stamp),
    /// What stands says the contrary, and neither's author knew of the other.
    Contrary,
}

/// A finding against the one that stands. Two phones that found the same are at one, and the second record is moot; kept
/// against not kept is for people to choose, unless the author knew: what was not kept in time may be kept later.
fn meets(commitment: &CommitmentState, finding: &CommitmentStatus, knew: Option<Knew>) -> Meets {
    let Some(stands) = commitment.status.found() else { return Meets::Stands };
    match knew {
        Some(knew) if knew.event == Some(stands) => Meets::Stands,
        // The first release did not say what its author knew: there a default gave way to whatever came after it.
        None if !commitment.is_settled() => Meets::Stands,
        _ if finding.is_settled() == commitment.is_settled() => Meets::Same(stands),
        _ => Meets::Contrary,
    }
}

/// Findings that say the contrary, that nobody has chosen against, and of which the author did not know: not only the one that
/// stands, because people may choose against that one.
fn contrary(state: &CaseState, id: CommitmentRef, finding: &CommitmentStatus, knew: Option<Knew>) -> Vec<Stamp> {
    let Some(commitment) = state.commitments.iter().find(|commitment| commitment.id == id) else { return Vec::new() };
    let gave_way = commitment.status.found().filter(|_| !commitment.is_settled());
    let known = knew.map_or(gave_way, |knew| knew.event);
    let found = std::iter::once(&commitment.status).chain(&commitment.disputed);
    let found = found.filter(|other| other.is_settled() != finding.is_settled()).filter_map(CommitmentStatus::found);
    let chosen_against = |stamp: &Stamp| matches!(state.standings.get(stamp), Some(Standing::Overtaken { .. }));
    found.filter(|stamp| Some(*stamp) != known && !chosen_against(stamp)).collect()
}

fn found(state: &mut CaseState, id: CommitmentRef, finding: CommitmentStatus, knew: Option<Knew>) -> Applied {
    let contrary = contrary(state, id, &finding, knew);
    let here = finding.found();
    let commitment = find(state, id)?;
    match meets(commitment, &finding, knew) {
        Meets::Same(by) => return Err(Moot::new(RefusalCode::CommitmentSettled, Some(by))),
        Meets::Contrary => commitment.disputed.push(finding),
        Meets::Stands => commitment.status = finding,
    }
    if let Some(here) = here {
        for other in contrary {
            state.contest(other, here);
        }
    }
    Ok(())
}

pub(super) fn fulfilled(state: &mut CaseState, written: Written, event: &CommitmentFulfilled) -> Applied {
    found(state, event.commitment, CommitmentStatus::Fulfilled(written, event.seen.clone()), event.knew)
}

pub(super) fn defaulted(state: &mut CaseState, written: Written, event: &CommitmentDefaulted) -> Applied {
    found(state, event.commitment, CommitmentStatus::Defaulted(written, event.why.clone()), event.knew)
}

pub(super) fn waived(state: &mut CaseState, written: Written, event: &CommitmentWaived) -> Applied {
    found(state, event.commitment, CommitmentStatus::Waived(written, event.why.clone()), event.knew)
}

/// More time is no finding: for what was kept meanwhile it is moot, for what was not it is a new date, whatever its author
/// knew.
pub(super) fn extended(state: &mut CaseState, event: &CommitmentExtended) -> Applied {
    let commitment = find(state, event.commitment)?;
    if commitment.is_settled() {
        return Err(Moot::new(RefusalCode::CommitmentSettled, commitment.status.found()));
    }
    commitment.content.due = event.until;
    Ok(())
}

fn completable(state: &CaseState, event: &Completed) -> Applied {
    if state.own_stage != Stage::Acting {
        return Err(Moot::new(RefusalCode::WrongStage, None));
    }
    if event.round != state.round {
        return Err(Moot::new(RefusalCode::WrongRound, None));
    }
    if state.commitments().any(|commitment| !commitment.is_settled()) {
        return Err(Moot::new(RefusalCode::CommitmentsOpen, None));
    }
    match state.handover() {
        Some(offer) if offer.status == HandoverStatus::Offered => {
            Err(Moot::new(RefusalCode::HandedOver, Some(offer.offered.stamp)))
        }
        _ => Ok(()),
    }
}

pub(super) fn check_completed(state: &CaseState, event: &Completed) -> Result<(), Refusal> {
    text::optional("words", &event.words, TEXT_MAX)?;
    completable(state, event).map_err(|moot| match moot.why {
        RefusalCode::CommitmentsOpen => {
            let open = state.commitments().filter(|commitment| !commitment.is_settled());
            Refusal::about(moot.why, open.map(|commitment| (commitment.id.index + 1).to_string()))
        }
        _ => refuse(state, &moot),
    })
}

/// Done. Where another org held the case, this is its result, and the case comes back to the community.
pub(super) fn completed(state: &mut CaseState, written: Written, event: &Completed) -> Applied {
    completable(state, event)?;
    let mut settled = Vec::new();
    for handover in state.handovers.iter_mut().filter(|handover| handover.is_active()) {
        handover.status = HandoverStatus::Settled(written.clone(), event.words.clone());
        settled.push(handover.offered.stamp);
    }
    for offer in settled {
        state.leave_contests(offer);
    }
    state.enter(Stage::Done, written.stamp);
    state.completions.push((event.round, written, event.words.clone()));
    Ok(())
}

/// What is open after all was completed too early, and is carried out: people chose that it was not kept, or signed elsewhere what
/// outranks the word that was kept. Asked after every event.
pub(super) fn take_back_completion(state: &mut CaseState, by: Stamp) {
    let Some(done_by) = state.own_stage_by.filter(|_| state.own_stage == Stage::Done) else { return };
    let completed = state.completions.iter().any(|(_, written, _)| written.stamp == done_by);
    if completed && state.commitments().any(|commitment| !commitment.is_settled()) {
        state.overtake(done_by, Some(by), RefusalCode::CommitmentsOpen);
        state.enter(Stage::Acting, by);
    }
}

pub(super) fn check_effect_checked(state: &CaseState, event: &EffectChecked) -> Result<(), Refusal> {
    if state.stage() != Stage::Done {
        return Err(Refusal::about(RefusalCode::WrongStage, [state.stage().name()]));
    }
    if event.round != state.round {
        return Err(Refusal::new(RefusalCode::WrongRound));
    }
    text::required("seen", &event.seen, TEXT_MAX)
}

/// What was seen was seen, whatever happened meanwhile; it belongs to its round.
pub(super) fn effect_checked(state: &mut CaseState, written: Written, event: &EffectChecked) -> Applied {
    if event.round > state.round {
        return Err(Moot::new(RefusalCode::WrongRound, None));
    }
    state.effects.push((event.round, written, event.seen.clone()));
    Ok(())
}
