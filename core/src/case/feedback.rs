//! Done, asked at once (办结即评): what the parties say, and the next round when one of them is dissatisfied.
//!
//! A citizen's word outranks a clerk's: a dissatisfied answer overtakes a closing that did not know of it, whatever the
//! clocks say.

use super::event::{FeedbackGiven, FeedbackTried};
use super::moot::{Applied, Moot};
use super::refusal::{Refusal, RefusalCode};
use super::state::{Answer, CaseState, CommitmentStatus, Reply, Stage, Written};
use super::text::{self, LINE_MAX, TEXT_MAX};
use crate::id::PersonId;
use crate::time::Stamp;

fn check_askable(state: &CaseState, round: u32, party: &str) -> Result<(), Refusal> {
    if state.stage() != Stage::Done {
        return Err(Refusal::about(RefusalCode::WrongStage, [state.stage().name()]));
    }
    if round != state.round {
        return Err(Refusal::new(RefusalCode::WrongRound));
    }
    text::required("party", party, LINE_MAX)?;
    let parties = state.parties_to_ask();
    // A concern without reporter and without agreement has no named party: whoever is asked then is one. Whoever has
    // answered in this round may always be asked again: a dissatisfied word from before it was done holds the case open.
    if !parties.is_empty() && !parties.contains(&party) && !state.last_words(round).contains_key(party) {
        return Err(Refusal::about(RefusalCode::UnknownParty, [party]));
    }
    Ok(())
}

pub(super) fn check_given(state: &CaseState, event: &FeedbackGiven) -> Result<(), Refusal> {
    check_askable(state, event.round, &event.party)?;
    text::optional("words", &event.words, TEXT_MAX)
}

pub(super) fn check_tried(state: &CaseState, event: &FeedbackTried) -> Result<(), Refusal> {
    check_askable(state, event.round, &event.party)
}

pub(super) fn given(state: &mut CaseState, written: Written, event: &FeedbackGiven) -> Applied {
    if event.round > state.round {
        return Err(Moot::new(RefusalCode::WrongRound, None));
    }
    let stamp = written.stamp;
    let reply = Reply::Given { grade: event.grade, words: event.words.clone() };
    state.answers.push(Answer { written, round: event.round, party: event.party.clone(), asked: event.asked, reply });
    if event.grade.is_dissatisfied() && event.round == state.round {
        reopen(state, stamp);
    }
    Ok(())
}

/// The table is set again, without anyone pressing anything.
fn reopen(state: &mut CaseState, by: Stamp) {
    if state.own_stage == Stage::Closed
        && let Some(closing) = state.own_stage_by
    {
        state.overtake(closing, Some(by), RefusalCode::Dissatisfied);
    }
    if matches!(state.own_stage, Stage::Done | Stage::Closed) {
        state.round += 1;
        state.enter(Stage::Reopened, by);
    }
}

pub(super) fn tried(state: &mut CaseState, written: Written, event: &FeedbackTried) -> Applied {
    if event.round > state.round {
        return Err(Moot::new(RefusalCode::WrongRound, None));
    }
    let reply = Reply::Tried { on: event.on };
    state.answers.push(Answer { written, round: event.round, party: event.party.clone(), asked: event.asked, reply });
    Ok(())
}

/// Whether this person would take down how satisfied people are with the person's own work of this round: they were
/// assigned, sat at the table, drafted or recorded the agreement, or found what was kept. The handbook asks for somebody
/// else where possible, and in a grid with one worker it is not: a hint for screens, never a refusal.
pub fn rates_own_work(state: &CaseState, person: &PersonId) -> bool {
    let round = state.round;
    let by = |written: &Written| written.by == *person;
    let sat = state.consultations.iter().filter(|sitting| sitting.round == round).any(|sitting| {
        by(&sitting.opened) || sitting.also.iter().any(by) || sitting.outcome.as_ref().is_some_and(|(written, _)| by(written))
    });
    let wrote = state.drafts.iter().any(|draft| draft.round == round && by(&draft.written));
    let agreed = state.agreements.iter().any(|agreement| agreement.round == round && by(&agreement.written));
    let found = state.commitments.iter().filter(|commitment| commitment.round == round).any(|commitment| {
        std::iter::once(&commitment.status).chain(&commitment.disputed).filter_map(CommitmentStatus::written).any(by)
    });
    state.assignee.as_ref() == Some(person) || sat || wrote || agreed || found
}
