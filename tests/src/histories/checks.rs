//! What must hold of every history, by name.

use doorstep_core::case::{self, AgreementForm, Body, CaseState, Entry, Event, Outcome, Stage, Standing};
use doorstep_core::time::Stamp;

use super::dice::Dice;
use super::play::{Played, View};
use super::{can_end, found, tasks};
use crate::model::{Book, Told, differences};

/// Whether something holds of a history; if not, what was found.
pub type Check = fn(&Played) -> Result<(), String>;

/// All of them.
pub const CHECKS: [(&str, Check); 12] = [
    ("equal_change_sets_give_equal_state", equal_change_sets_give_equal_state),
    ("the_slow_model_agrees", the_slow_model_agrees),
    ("no_event_disappears", no_event_disappears),
    ("no_case_is_closed_over_a_dissatisfied_answer", no_case_is_closed_over_a_dissatisfied_answer),
    ("no_sealed_text_is_altered", no_sealed_text_is_altered),
    ("every_signature_holds_or_is_contested_or_gave_way", every_signature_holds_or_is_contested_or_gave_way),
    ("what_says_otherwise_is_contested_or_was_chosen_against", what_says_otherwise_is_contested_or_was_chosen_against),
    ("each_handover_has_one_holder_or_is_contested", each_handover_has_one_holder_or_is_contested),
    ("contests_are_mutual_and_about_something", contests_are_mutual_and_about_something),
    ("stage_and_tasks_never_contradict", stage_and_tasks_never_contradict),
    ("whatever_was_done_was_offered", whatever_was_done_was_offered),
    ("people_of_good_will_can_end_it", can_end::people_of_good_will_can_end_it),
];

fn holds(yes: bool, what: impl FnOnce() -> String) -> Result<(), String> {
    if yes { Ok(()) } else { Err(what()) }
}

/// Holds something against what every phone sees, and what all see together.
fn of_each(played: &Played, check: impl Fn(&View) -> Result<(), String>) -> Result<(), String> {
    played.views.iter().try_for_each(|view| check(view).map_err(|what| format!("on what {} sees: {what}", view.whose)))
}

fn said_otherwise(one: &CaseState, other: &CaseState) -> String {
    differences(&Told::by_core(one), &Told::by_core(other)).join("\n")
}

fn equal_change_sets_give_equal_state(played: &Played) -> Result<(), String> {
    of_each(played, |view| folds_to(&view.log, &view.state, played.seed))?;
    let logs: Vec<&[Entry]> = played.phones.iter().map(crate::method::Phone::log).collect();
    let state = &played.together().state;
    for heard in [Played::heard_in(logs.iter().copied()), Played::heard_in(logs.iter().rev().copied())] {
        holds(heard == *state, || format!("whoever hears first: {}", said_otherwise(&heard, state)))?;
    }
    Ok(())
}

/// In any order of arrival, some of it twice, in one go or line by line: one state, to the byte.
pub(crate) fn folds_to(log: &[Entry], state: &CaseState, seed: u64) -> Result<(), String> {
    let bytes = |state: &CaseState| minicbor_serde::to_vec(state).expect("a state is plain data");
    let mut dice = Dice(seed);
    let mut shuffled: Vec<&Entry> = log.iter().chain(log.iter().take(3)).collect();
    for last in (1..shuffled.len()).rev() {
        shuffled.swap(last, dice.below(last + 1));
    }
    let other = case::fold(shuffled);
    holds(other == *state, || format!("another order of arrival: {}", said_otherwise(&other, state)))?;
    holds(bytes(&other) == bytes(state), || "another order of arrival gives other bytes".into())?;
    let cut = dice.below(log.len() + 1);
    let mut stepwise = case::fold(&log[..cut]);
    log[cut..].iter().for_each(|entry| case::extend(&mut stepwise, entry));
    holds(stepwise == *state, || format!("a prefix and the rest are not the whole: {}", said_otherwise(&stepwise, state)))
}

fn the_slow_model_agrees(played: &Played) -> Result<(), String> {
    of_each(played, |view| agrees(&view.log, &view.state))
}

/// Whether the model tells the case of this log as core does.
pub(crate) fn agrees(log: &[Entry], state: &CaseState) -> Result<(), String> {
    let book = Book::of(log);
    let differences = differences(&Told::by_book(book.pages()), &Told::by_core(state));
    holds(differences.is_empty(), || differences.join("\n"))
}

fn no_event_disappears(played: &Played) -> Result<(), String> {
    of_each(played, |view| {
        view.log.iter().try_for_each(|entry| holds(found::is_found(&view.state, entry), || format!("lost: {entry:?}")))
    })?;
    let everybody = &played.together().log;
    for view in &played.views {
        let missing = view.log.iter().find(|entry| !everybody.contains(entry));
        holds(missing.is_none(), || format!("{} told nobody: {missing:?}", view.whose))?;
    }
    Ok(())
}

fn no_case_is_closed_over_a_dissatisfied_answer(played: &Played) -> Result<(), String> {
    of_each(played, |view| {
        let said = view.state.last_words(view.state.round);
        let dissatisfied = said.iter().find(|(_, grade)| grade.is_dissatisfied());
        holds(view.state.own_stage != Stage::Closed || dissatisfied.is_none(), || format!("closed over {dissatisfied:?}"))
    })
}

fn sealed(log: &[Entry]) -> impl Iterator<Item = (Stamp, &case::AgreementSealed)> {
    log.iter().filter_map(|entry| match &entry.body {
        Body::Event(Event::AgreementSealed(sealed)) => Some((entry.stamp, sealed)),
        _ => None,
    })
}

/// The bundle, the check number and the draft that a signature is of are those that were signed, for ever; and the draft
/// says what it said.
fn no_sealed_text_is_altered(played: &Played) -> Result<(), String> {
    of_each(played, |view| {
        for (stamp, signed) in sealed(&view.log) {
            let kept = view.state.agreements.iter().find(|agreement| agreement.written.stamp == stamp);
            let kept = kept.ok_or_else(|| format!("signature {stamp} vanished"))?;
            let form = AgreementForm::Sealed { bundle: signed.bundle, check_number: signed.check_number.clone() };
            holds(kept.form == form && kept.draft == signed.draft, || format!("signature {stamp} reads {kept:?}"))?;
            let draft = view.state.drafts.iter().find(|draft| draft.written.stamp == signed.draft);
            let drafted = view.log.iter().find(|entry| entry.stamp == signed.draft).map(|entry| &entry.body);
            let same = match (draft, drafted) {
                (Some(draft), Some(Body::Event(Event::AgreementDrafted(drafted)))) => draft.content == *drafted,
                _ => false,
            };
            holds(same, || format!("what was signed with {stamp} now reads {draft:?}"))?;
        }
        Ok(())
    })
}

/// A signature gives way to nothing but another round, or to people's choice; and of two in one round people must choose.
fn every_signature_holds_or_is_contested_or_gave_way(played: &Played) -> Result<(), String> {
    of_each(played, |view| {
        let state = &view.state;
        for (stamp, _) in sealed(&view.log) {
            let agreement = state.agreements.iter().find(|agreement| agreement.written.stamp == stamp);
            let Some(agreement) = agreement.filter(|agreement| agreement.round == state.round) else { continue };
            let chosen_against = view
                .log
                .iter()
                .any(|entry| matches!(&entry.body, Body::Event(Event::ContestSettled(choice)) if choice.over.contains(&stamp)));
            match state.standing(stamp) {
                Standing::Overtaken { .. } => {
                    holds(chosen_against, || format!("signature {stamp} was overtaken in its own round"))?;
                }
                Standing::Effective => {
                    holds(agreement.holds, || {
                        format!("signature {stamp} counts, doesn't hold, and nobody is asked to choose")
                    })?;
                    let in_force = state.agreement().map(|agreement| agreement.written.stamp);
                    holds(in_force == Some(stamp), || format!("{stamp} and {in_force:?} both hold, and nobody is asked"))?;
                }
                Standing::Contested { .. } => {}
            }
        }
        Ok(())
    })
}

/// A record of how people rose, or of what became of a commitment, that says otherwise than the one that counts: people are
/// asked to choose, or have chosen.
fn what_says_otherwise_is_contested_or_was_chosen_against(played: &Played) -> Result<(), String> {
    of_each(played, |view| {
        let state = &view.state;
        for (stamp, concluded) in concluded(&view.log) {
            let sitting = state.consultations.iter().find(|sitting| sitting.has_record(concluded.consultation));
            let Some((_, counts)) = sitting.and_then(|sitting| sitting.outcome.as_ref()) else { continue };
            let alike = match (counts, &concluded.outcome) {
                (Outcome::Adjourned { until }, Outcome::Adjourned { until: other }) => until == other,
                (one, other) => std::mem::discriminant(one) == std::mem::discriminant(other),
            };
            let asked = *state.standing(stamp) != Standing::Effective;
            holds(alike || asked, || format!("{stamp} says {:?}, {counts:?} counts, and nobody is asked", concluded.outcome))?;
        }
        for commitment in &state.commitments {
            for finding in &commitment.disputed {
                let asked = finding.found().is_none_or(|stamp| *state.standing(stamp) != Standing::Effective);
                let alike = finding.is_settled() == commitment.is_settled();
                // What was found before the one that counts may have been so then: not kept in time, and kept late.
                let earlier = finding.found() < commitment.status.found();
                holds(alike || asked || earlier, || {
                    format!("{finding:?} stands beside {:?}, and nobody is asked", commitment.status)
                })?;
            }
        }
        Ok(())
    })
}

fn concluded(log: &[Entry]) -> impl Iterator<Item = (Stamp, &case::ConsultationConcluded)> {
    log.iter().filter_map(|entry| match &entry.body {
        Body::Event(Event::ConsultationConcluded(concluded)) => Some((entry.stamp, concluded)),
        _ => None,
    })
}

fn each_handover_has_one_holder_or_is_contested(played: &Played) -> Result<(), String> {
    of_each(played, |view| {
        let state = &view.state;
        let active: Vec<Stamp> = state.handovers.iter().filter(|h| h.is_active()).map(|h| h.offered.stamp).collect();
        for one in &active {
            for other in active.iter().filter(|other| *other != one) {
                let contested = matches!(state.standing(*one), Standing::Contested { with } if with.contains(other));
                holds(contested, || format!("{one} and {other} are both under way, and nobody is asked to choose"))?;
            }
        }
        for handover in state.handovers.iter().filter(|handover| !handover.is_active()) {
            let contested = matches!(state.standing(handover.offered.stamp), Standing::Contested { .. });
            holds(!contested, || format!("has ended and is still contested: {handover:?}"))?;
        }
        holds(!state.own_stage.is_end() || active.is_empty(), || format!("ended, and under way: {active:?}"))
    })
}

fn contests_are_mutual_and_about_something(played: &Played) -> Result<(), String> {
    of_each(played, |view| mutual(&view.log, &view.state))
}

/// Whoever is contested is so with something that happened and that is contested with it.
pub(crate) fn mutual(log: &[Entry], state: &CaseState) -> Result<(), String> {
    for (stamp, standing) in &state.standings {
        holds(log.iter().any(|entry| entry.stamp == *stamp), || format!("{stamp} never happened"))?;
        let Standing::Contested { with } = standing else { continue };
        holds(!with.is_empty() && !with.contains(stamp), || format!("{stamp} is contested with {with:?}"))?;
        for other in with {
            let back = matches!(state.standing(*other), Standing::Contested { with } if with.contains(stamp));
            holds(back, || format!("{stamp} is contested with {other}, but not the other way round"))?;
        }
    }
    Ok(())
}

fn stage_and_tasks_never_contradict(played: &Played) -> Result<(), String> {
    of_each(played, |view| tasks::never_contradict(&view.state))?;
    tasks::somebody_can_do_them(&played.everything)
}

fn whatever_was_done_was_offered(played: &Played) -> Result<(), String> {
    holds(played.not_offered.is_empty(), || played.not_offered.join("\n"))
}
