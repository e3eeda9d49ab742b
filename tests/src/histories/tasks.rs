//! Stage and tasks never contradict: what the stage says must stand in the record, and what a case waits for must be
//! something that can still be done in that stage.

use std::collections::BTreeSet;

use doorstep_core::case::{CaseState, HandoverStatus, Outcome, Stage, Standing, Wait, WaitKind, waits};

type Held = Result<(), String>;

/// Whether they do.
pub(super) fn never_contradict(state: &CaseState) -> Held {
    stage_stands_in_the_record(state)?;
    let waits = waits(state);
    waits.iter().try_for_each(|wait| can_be_done(state, wait))?;
    let mut seen = BTreeSet::new();
    for wait in &waits {
        let what = format!("{:?} {:?} {:?} {:?}", wait.kind, wait.org, wait.since, wait.due);
        // Two commitments of one party may run to one day; everything else is waited for once.
        let once = wait.kind != WaitKind::Commitment && wait.kind != WaitKind::Sitting;
        if once && !seen.insert(what.clone()) {
            return Err(format!("waited for twice: {what}"));
        }
    }
    Ok(())
}

fn says(yes: bool, state: &CaseState, what: &str) -> Held {
    if yes { Ok(()) } else { Err(format!("{}, round {}: {what}", state.own_stage.name(), state.round)) }
}

/// What each stage of the community's own work means, in the record.
fn stage_stands_in_the_record(state: &CaseState) -> Held {
    let this_round = || state.consultations.iter().filter(|sitting| sitting.round == state.round);
    let agreement = state.agreement().is_some();
    let says = |yes, what| says(yes, state, what);
    match state.own_stage {
        Stage::Unreported => {
            says(state.report.is_none() && state.round == 0, "there is a report")?;
        }
        Stage::Received => {
            says(this_round().next().is_none(), "people have sat down")?;
            says(!agreement, "something is agreed")?;
            says(state.round == 1, "it has come back")?;
        }
        Stage::Reopened => {
            says(state.round > 1, "nobody was dissatisfied")?;
            says(this_round().next().is_none(), "people have sat down again")?;
            says(!agreement, "something is agreed")?;
        }
        Stage::Consulting => {
            says(this_round().next().is_some(), "nobody has sat down")?;
            says(!agreement || state.open_consultation().is_some(), "what was agreed is not being carried out")?;
        }
        Stage::Agreed => {
            let agreed = this_round()
                .any(|sitting| sitting.outcome.iter().chain(&sitting.disputed).any(|(_, outcome)| *outcome == Outcome::Agreed));
            says(agreed, "nobody agreed")?;
            says(!agreement, "what was agreed is not being carried out")?;
        }
        Stage::Acting => says(agreement, "nothing is agreed")?,
        Stage::Merged => says(state.merged_into.is_some(), "into what?")?,
        Stage::Done | Stage::Closed | Stage::Withdrawn => {}
        Stage::HandedOver => says(false, "no stage of the community's own work")?,
    }
    says(state.report.is_some() == (state.own_stage != Stage::Unreported), "there is no report")?;
    says(state.merged_into.is_none() || state.own_stage == Stage::Merged, "and merged into another case")?;
    let handed_over = state.handovers.iter().any(doorstep_core::case::Handover::is_active);
    says(!(handed_over && state.own_stage.is_end()), "and handed over")?;
    says(handed_over == (state.stage() == Stage::HandedOver), "people see another stage")
}

/// Whether what is waited for can be done in this state.
fn can_be_done(state: &CaseState, wait: &Wait) -> Held {
    let (stage, own) = (state.stage(), state.own_stage);
    let in_hand = stage != Stage::HandedOver;
    let receiver = |accepted: bool| {
        state.handovers.iter().any(|handover| {
            let there = match handover.status {
                HandoverStatus::Offered => !accepted,
                HandoverStatus::Accepted(_) => accepted,
                _ => false,
            };
            there && wait.org.as_ref() == Some(&handover.to)
        })
    };
    let possible = match wait.kind {
        WaitKind::FirstContact => own == Stage::Received && in_hand,
        WaitKind::Consultation => matches!(own, Stage::Received | Stage::Consulting | Stage::Reopened) && in_hand,
        WaitKind::Sitting => own == Stage::Consulting && in_hand,
        WaitKind::Signing => own == Stage::Agreed && state.agreement().is_none() && state.draft().is_some(),
        WaitKind::Commitment => own == Stage::Acting && state.commitments().any(|commitment| !commitment.is_settled()),
        WaitKind::Completion => own == Stage::Acting && state.commitments().all(|commitment| commitment.is_settled()),
        WaitKind::EffectCheck | WaitKind::Feedback | WaitKind::Closing => stage == Stage::Done,
        WaitKind::Acceptance => receiver(false),
        WaitKind::Answer => receiver(true),
        WaitKind::Returned | WaitKind::Raise => !own.is_end() && in_hand,
        WaitKind::Choice => state.standings.values().any(|standing| matches!(standing, Standing::Contested { .. })),
    };
    says(possible, state, &format!("waits for {}", wait.kind.name()))?;
    // Only a choice is left to make once a case has ended.
    says(!own.is_end() || wait.kind == WaitKind::Choice, state, &format!("has ended and waits for {}", wait.kind.name()))?;
    says(wait.since <= state.updated.wall(), state, "waits since a time that has not come")
}
