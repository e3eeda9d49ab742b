//! Agreed, done at once (商定即办): commitments, completion, and the look at the effect on the spot.

use super::event::{
    CommitmentDefaulted, CommitmentExtended, CommitmentFulfilled, CommitmentRef, CommitmentWaived, Completed, EffectChecked,
};
use super::moot::{Applied, Moot, refuse};
use super::refusal::{Refusal, RefusalCode};
use super::state::{CaseState, CommitmentState, CommitmentStatus, HandoverStatus, Stage, Written};
use super::text::{self, TEXT_MAX};

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

enum Change {
    Settles(CommitmentStatus),
    Extends(crate::time::Date),
}

/// Applies a change. Two phones that found the same are at one, and the second record is moot; kept against not kept is
/// for people to choose.
fn change(state: &mut CaseState, id: CommitmentRef, stamp: Option<crate::time::Stamp>, change: Change) -> Applied {
    let Some(commitment) = state.commitments.iter_mut().find(|commitment| commitment.id == id) else {
        return Err(Moot::new(RefusalCode::NoCommitment, None));
    };
    let settled_by = match &commitment.status {
        CommitmentStatus::Open | CommitmentStatus::Defaulted(..) => None,
        CommitmentStatus::Fulfilled(written, _) | CommitmentStatus::Waived(written, _) => Some(written.stamp),
    };
    match (change, settled_by) {
        (Change::Extends(until), None) => commitment.content.due = until,
        (Change::Settles(status), None) => commitment.status = status,
        (Change::Settles(status @ CommitmentStatus::Defaulted(..)), Some(by)) => {
            commitment.disputed.push(status);
            if let Some(stamp) = stamp {
                state.contest(by, stamp);
            }
        }
        (_, Some(by)) => return Err(Moot::new(RefusalCode::CommitmentSettled, Some(by))),
    }
    Ok(())
}

pub(super) fn fulfilled(state: &mut CaseState, written: Written, event: &CommitmentFulfilled) -> Applied {
    let stamp = written.stamp;
    let status = CommitmentStatus::Fulfilled(written, event.seen.clone());
    change(state, event.commitment, Some(stamp), Change::Settles(status))
}

pub(super) fn extended(state: &mut CaseState, event: &CommitmentExtended) -> Applied {
    change(state, event.commitment, None, Change::Extends(event.until))
}

pub(super) fn defaulted(state: &mut CaseState, written: Written, event: &CommitmentDefaulted) -> Applied {
    let stamp = written.stamp;
    let status = CommitmentStatus::Defaulted(written, event.why.clone());
    change(state, event.commitment, Some(stamp), Change::Settles(status))
}

pub(super) fn waived(state: &mut CaseState, written: Written, event: &CommitmentWaived) -> Applied {
    let stamp = written.stamp;
    let status = CommitmentStatus::Waived(written, event.why.clone());
    change(state, event.commitment, Some(stamp), Change::Settles(status))
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
