//! Beginning and end of a case, and what may be added at any time: report, assign, close, withdraw, merge, note, attach,
//! and the lead's choice between contested events.

use super::event::{Assigned, Attached, Closed, ContestSettled, Knew, MergedInto, Noted, Outcome, Reported, Withdrawn};
use super::moot::{Applied, Moot};
use super::refusal::{Refusal, RefusalCode};
use super::state::{CaseState, Handover, HandoverStatus, Reply, Stage, Standing, Written};
use super::text::{self, LINE_MAX, TEXT_MAX};
use crate::directory::Policy;
use crate::time::Stamp;

/// An open case: reported and not ended.
pub(super) fn check_open(state: &CaseState) -> Result<(), Refusal> {
    if state.report.is_none() {
        return Err(Refusal::new(RefusalCode::NotReported));
    }
    if state.own_stage.is_end() {
        return Err(Refusal::about(RefusalCode::WrongStage, [state.own_stage.name()]));
    }
    Ok(())
}

fn open(state: &CaseState) -> Applied {
    check_open(state).map_err(|refusal| Moot::new(refusal.code, state.own_stage_by))
}

pub(super) fn check_reported(state: &CaseState, event: &Reported) -> Result<(), Refusal> {
    if state.report.is_some() {
        return Err(Refusal::new(RefusalCode::AlreadyReported));
    }
    text::required("title", &event.title, LINE_MAX)?;
    text::optional("account", &event.account, TEXT_MAX)?;
    text::optional("category", &event.category, LINE_MAX)?;
    text::optional("place", &event.place.detail, LINE_MAX)?;
    if let Some(reporter) = &event.reporter {
        text::required("reporter", &reporter.name, LINE_MAX)?;
        text::optional("phone", &reporter.phone, LINE_MAX)?;
    }
    Ok(())
}

pub(super) fn reported(state: &mut CaseState, written: Written, event: &Reported) -> Applied {
    if let Some((first, _)) = &state.report {
        return Err(Moot::new(RefusalCode::AlreadyReported, Some(first.stamp)));
    }
    state.enter(Stage::Received, written.stamp);
    state.round = 1;
    state.report = Some((written, event.clone()));
    Ok(())
}

pub(super) fn assigned(state: &mut CaseState, event: &Assigned) -> Applied {
    open(state)?;
    state.assignee = Some(event.to.clone());
    Ok(())
}

/// Withdrawing and merging: any open case, also while another org has it; the first release waited until it came back.
pub(super) fn check_ending(state: &CaseState, knew: Option<Knew>) -> Result<(), Refusal> {
    check_open(state)?;
    match (knew, state.handover()) {
        (None, Some(_)) => Err(Refusal::new(RefusalCode::HandedOver)),
        _ => Ok(()),
    }
}

/// The case ends. Whoever has it sees why it is no longer theirs; should people choose a signature over this end, the case is
/// the community's again, which may hand it over anew. A signature in force that the author did not know of is real.
fn end(state: &mut CaseState, written: &Written, stage: Stage, knew: Option<Knew>) -> Applied {
    check_ending(state, knew).map_err(|refusal| Moot::new(refusal.code, None))?;
    let signed = state.signed().map(|agreement| agreement.written.stamp);
    let mut taken = Vec::new();
    for handover in state.handovers.iter_mut().filter(|handover| handover.is_active()) {
        handover.status = HandoverStatus::Overtaken(written.stamp);
        taken.push(handover.offered.stamp);
    }
    for offer in taken {
        state.overtake(offer, Some(written.stamp), RefusalCode::WrongStage);
    }
    state.enter(stage, written.stamp);
    match (knew, signed) {
        (Some(knew), Some(signed)) if knew.event != Some(signed) => state.contest(signed, written.stamp),
        _ => {}
    }
    Ok(())
}

pub(super) fn withdrawn(state: &mut CaseState, written: &Written, event: &Withdrawn) -> Applied {
    end(state, written, Stage::Withdrawn, event.knew)
}

pub(super) fn merged(state: &mut CaseState, written: &Written, event: &MergedInto) -> Applied {
    end(state, written, Stage::Merged, event.knew)?;
    state.merged_into = Some(event.case);
    Ok(())
}

/// Closing: every party has answered or was tried often enough on different days, and nobody is dissatisfied.
pub(super) fn check_closed(state: &CaseState, event: &Closed, policy: &Policy) -> Result<(), Refusal> {
    closable(state, event).map_err(|moot| match moot.why {
        RefusalCode::WrongStage => Refusal::about(moot.why, [state.stage().name()]),
        code => Refusal::new(code),
    })?;
    let said = state.last_words(state.round);
    let unasked: Vec<&str> = state
        .parties_to_ask()
        .into_iter()
        .filter(|party| !said.contains_key(party) && days_tried(state, party) < usize::from(policy.feedback_tries))
        .collect();
    if unasked.is_empty() { Ok(()) } else { Err(Refusal::about(RefusalCode::PartiesNotAsked, unasked)) }
}

pub(super) fn days_tried(state: &CaseState, party: &str) -> usize {
    let mut days: Vec<_> = state
        .answers
        .iter()
        .filter(|answer| answer.round == state.round && answer.party == party)
        .filter_map(|answer| if let Reply::Tried { on } = answer.reply { Some(on) } else { None })
        .collect();
    days.sort_unstable();
    days.dedup();
    days.len()
}

fn closable(state: &CaseState, event: &Closed) -> Applied {
    // A round that went on means that somebody was dissatisfied: a citizen's word outranks a clerk's.
    if event.round < state.round {
        return Err(Moot::new(RefusalCode::Dissatisfied, None));
    }
    if state.stage() != Stage::Done {
        return Err(Moot::new(RefusalCode::WrongStage, None));
    }
    if event.round != state.round {
        return Err(Moot::new(RefusalCode::WrongRound, None));
    }
    if state.last_words(state.round).values().any(|grade| grade.is_dissatisfied()) {
        return Err(Moot::new(RefusalCode::Dissatisfied, None));
    }
    Ok(())
}

pub(super) fn closed(state: &mut CaseState, written: &Written, event: &Closed) -> Applied {
    closable(state, event)?;
    state.enter(Stage::Closed, written.stamp);
    Ok(())
}

pub(super) fn check_noted(state: &CaseState, event: &Noted) -> Result<(), Refusal> {
    if state.report.is_none() {
        return Err(Refusal::new(RefusalCode::NotReported));
    }
    text::required("text", &event.text, TEXT_MAX)
}

/// A note counts whatever happened meanwhile.
pub(super) fn noted(state: &mut CaseState, written: Written, event: &Noted) -> Applied {
    state.notes.push((written, event.text.clone()));
    Ok(())
}

pub(super) fn check_attached(state: &CaseState, event: &Attached) -> Result<(), Refusal> {
    if state.report.is_none() {
        return Err(Refusal::new(RefusalCode::NotReported));
    }
    text::required("media", &event.media, LINE_MAX)?;
    text::optional("caption", &event.caption, LINE_MAX)
}

pub(super) fn attached(state: &mut CaseState, written: Written, event: &Attached) -> Applied {
    state.attachments.push((written, event.clone()));
    Ok(())
}

pub(super) fn check_contest_settled(state: &CaseState, event: &ContestSettled) -> Result<(), Refusal> {
    text::required("why", &event.why, TEXT_MAX)?;
    let with = match state.standing(event.holds) {
        Standing::Contested { with } if !event.over.is_empty() => with,
        _ => return Err(Refusal::new(RefusalCode::NotContested)),
    };
    if event.over.iter().all(|stamp| with.contains(stamp)) { Ok(()) } else { Err(Refusal::new(RefusalCode::NotContested)) }
}

/// The chosen event counts again; the others are overtaken by the choice, and what they brought about ends.
pub(super) fn contest_settled(state: &mut CaseState, written: &Written, event: &ContestSettled) -> Applied {
    check_contest_settled(state, event).map_err(|refusal| Moot::new(refusal.code, None))?;
    let in_force = state.agreement().is_some();
    for stamp in &event.over {
        state.overtake(*stamp, Some(written.stamp), RefusalCode::NotContested);
        for agreement in state.agreements.iter_mut().filter(|agreement| agreement.written.stamp == *stamp) {
            agreement.holds = false;
        }
        let overruled = |handover: &&mut Handover| handover.offered.stamp == *stamp && handover.is_active();
        for handover in state.handovers.iter_mut().filter(overruled) {
            handover.status = HandoverStatus::Overtaken(written.stamp);
        }
    }
    for agreement in state.agreements.iter_mut().filter(|agreement| agreement.written.stamp == event.holds) {
        agreement.holds = true;
    }
    for commitment in &mut state.commitments {
        commitment.hold_to(event.holds);
    }
    let round = state.round;
    let chosen = state.consultations.iter_mut().find_map(|sitting| Some((sitting.opened.stamp, sitting.hold_to(event.holds)?)));
    // What people came to when they sat down again stands, whatever is found about an earlier sitting.
    let last = state.consultations.last().filter(|sitting| sitting.round == round).map(|sitting| sitting.opened.stamp);
    let chosen = chosen.filter(|(of, _)| Some(*of) == last).map(|(_, stage)| stage);
    settle_stage(state, written.stamp, &event.over, chosen);
    // A signed agreement that was out of force because of another that is now chosen against: its commitments are to be kept.
    if !in_force && state.agreement().is_some() && state.own_stage.is_before_acting() {
        state.enter(Stage::Acting, written.stamp);
    }
    Ok(())
}

/// The stage after a choice: an end that was chosen against has not come; without an agreement there is nothing to carry
/// out; the choice of outcome moves the case only while it still stands where that consultation left it.
fn settle_stage(state: &mut CaseState, by: Stamp, over: &[Stamp], chosen: Option<Stage>) {
    let agreement = state.agreement().is_some();
    let end_overruled = state.own_stage.is_end() && state.own_stage_by.is_some_and(|end| over.contains(&end));
    match (state.own_stage, chosen) {
        _ if end_overruled && agreement => {
            state.merged_into = None;
            state.enter(Stage::Acting, by);
        }
        (Stage::Acting, _) if !agreement => {
            let sittings = state.consultations.iter().filter(|sitting| sitting.round == state.round);
            let agreed = sittings.filter_map(|sitting| sitting.outcome.as_ref()).any(|(_, end)| *end == Outcome::Agreed);
            state.enter(if agreed { Stage::Agreed } else { Stage::Consulting }, by);
        }
        (Stage::Consulting | Stage::Agreed, Some(stage)) if !agreement => state.enter(stage, by),
        _ => {}
    }
}
