//! Stage and tasks never contradict: what the stage says must stand in the record, and what a case waits for must be
//! something that can still be done in that stage.

use std::collections::BTreeSet;

use doorstep_core::case::{CaseState, CommandKind, HandoverStatus, Outcome, Stage, Standing, Wait, WaitKind, waits};

use crate::method::{Phone, town};

type Held = Result<(), String>;

/// Whether they do.
pub(super) fn never_contradict(state: &CaseState) -> Held {
    stage_stands_in_the_record(state)?;
    let waits = waits(state);
    waits.iter().try_for_each(|wait| can_be_done(state, wait))?;
    let mut seen = BTreeSet::new();
    for wait in &waits {
        // Two commitments may run to one day, and two contested offers go to one org; all else is waited for once.
        let twice = matches!(wait.kind, WaitKind::Commitment | WaitKind::Acceptance | WaitKind::Answer);
        says(twice || seen.insert((wait.kind, &wait.org)), state, &format!("waits twice for {}", wait.kind.name()))?;
    }
    let open = state.report.is_some() && !state.own_stage.is_end();
    says(open != waits.is_empty(), state, &format!("waits for {waits:?}"))?;
    let choice = waits.iter().any(|wait| wait.kind == WaitKind::Choice);
    says(choice == (open && is_contested(state)), state, "something is contested, and nobody is asked to choose, or neither")
}

/// Whether somebody is offered what the case waits for: no task that nobody can do.
pub(super) fn somebody_can_do_them(phone: &Phone) -> Held {
    let state = phone.state();
    let waits = waits(&state);
    if waits.is_empty() {
        return Ok(());
    }
    let mut offered = BTreeSet::new();
    let people = [town::LEAD, town::WORKER].into_iter().chain(town::RECEIVERS.map(|(_, person)| person));
    for person in people {
        let offers = phone.offers(person);
        offered.extend(offers.into_iter().filter(|offer| offer.refusal.is_none()).map(|offer| offer.kind.name()));
    }
    for wait in waits {
        let doable = done_by(wait.kind).iter().any(|kind| offered.contains(kind.name()));
        says(doable, &state, &format!("waits for {}, and nobody can do that", wait.kind.name()))?;
    }
    Ok(())
}

/// The commands of which one does what is waited for.
const fn done_by(wait: WaitKind) -> &'static [CommandKind] {
    use CommandKind as K;
    match wait {
        WaitKind::FirstContact => &[K::Note, K::OpenConsultation],
        WaitKind::Consultation => &[K::OpenConsultation],
        WaitKind::Sitting => &[K::OpenConsultation, K::ConcludeConsultation],
        WaitKind::Signing => &[K::DraftAgreement, K::SealAgreement, K::RecordOralAgreement, K::RecordPaperAgreement],
        WaitKind::Stamp => &[K::StampAgreement],
        WaitKind::Confirmation => &[K::ConfirmAgreement],
        WaitKind::Commitment => &[K::FulfilCommitment],
        WaitKind::Completion => &[K::Complete],
        WaitKind::EffectCheck => &[K::CheckEffect],
        WaitKind::Feedback => &[K::RecordFeedback],
        WaitKind::Closing => &[K::Close],
        WaitKind::Acceptance => &[K::AcceptHandover],
        WaitKind::Answer => &[K::SettleHandover],
        WaitKind::Returned => &[K::OpenConsultation, K::Raise, K::Transfer, K::Complete, K::Close],
        WaitKind::Raise => &[K::Raise],
        WaitKind::Choice => &[K::SettleContest],
    }
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
        Stage::Done => {
            let completed = state.completions.iter().any(|(_, written, _)| Some(written.stamp) == state.own_stage_by);
            let open = state.commitments().any(|commitment| !commitment.is_settled());
            says(!(completed && open), "completed, and commitments are open")?;
        }
        Stage::Closed | Stage::Withdrawn => {}
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
    // In the community's hands, or in those of the org that holds it.
    let theirs = in_hand && wait.org.is_none() || wait.org.is_some() && wait.org.as_ref() == state.holder();
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
        WaitKind::Consultation => matches!(own, Stage::Received | Stage::Consulting | Stage::Reopened) && theirs,
        WaitKind::Sitting => own == Stage::Consulting && theirs,
        WaitKind::Signing => own == Stage::Agreed && state.agreement().is_none() && theirs,
        WaitKind::Stamp => state.signed().is_some_and(|agreement| agreement.stamped.is_none()),
        WaitKind::Confirmation => {
            state.signed().is_some_and(|agreement| agreement.stamped.is_some() && agreement.confirmed.is_none())
        }
        WaitKind::Commitment => own == Stage::Acting && state.commitments().any(|commitment| !commitment.is_settled()),
        WaitKind::Completion => {
            own == Stage::Acting && state.commitments().all(doorstep_core::case::CommitmentState::is_settled) && theirs
        }
        WaitKind::EffectCheck | WaitKind::Feedback | WaitKind::Closing => stage == Stage::Done,
        WaitKind::Acceptance => receiver(false),
        WaitKind::Answer => receiver(true),
        WaitKind::Returned | WaitKind::Raise => in_hand,
        WaitKind::Choice => is_contested(state),
    };
    says(possible, state, &format!("waits for {} of {:?}", wait.kind.name(), wait.org))?;
    says(wait.since <= state.updated.wall(), state, "waits since a time that has not come")
}

fn is_contested(state: &CaseState) -> bool {
    state.standings.values().any(|standing| matches!(standing, Standing::Contested { .. }))
}
