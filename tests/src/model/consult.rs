//! Reported, consulted at once (接诉即商): sittings, the 5W, and how people rose.

use doorstep_core::case::{
    ConsultationConcluded, ConsultationOpened, ContestSettled, Elements, Event, Form, Outcome, RefusalCode, Stage,
};
use doorstep_core::time::Stamp;

use super::pages::{By, Pages, Standing, by};
use super::{Margin, Moot, Read, moot};

/// One sitting, with as many records as phones made of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sitting {
    /// Its records; the first is the one that opened it.
    pub records: Vec<By>,
    /// The round.
    pub round: u32,
    /// Its form.
    pub form: Form,
    /// The 5W.
    pub elements: Elements,
    /// How people rose, by the record that counts.
    pub outcome: Option<(By, Outcome)>,
    /// How they rose by other records.
    pub disputed: Vec<(By, Outcome)>,
}

impl Sitting {
    fn has_record(&self, stamp: Stamp) -> bool {
        self.records.iter().any(|(record, _)| *record == stamp)
    }

    /// Whether this is one of the outcomes that don't count yet.
    pub(super) fn disputes(&self, stamp: Stamp) -> bool {
        self.disputed.iter().any(|((record, _), _)| *record == stamp)
    }

    /// Whether people rose agreed.
    pub(super) fn rose_agreed(&self) -> bool {
        matches!(self.outcome, Some((_, Outcome::Agreed)))
    }

    /// The stage that its outcome brings.
    pub(super) fn brings(&self) -> Option<Stage> {
        self.outcome.as_ref().map(|(_, outcome)| stage_of(outcome))
    }
}

fn stage_of(outcome: &Outcome) -> Stage {
    match outcome {
        Outcome::Agreed => Stage::Agreed,
        Outcome::NotAgreed { .. } | Outcome::Adjourned { .. } => Stage::Consulting,
    }
}

/// Whether two records of how people rose say the same: both agreed, both not (each in its words), both to meet again on
/// the same day.
fn say_the_same(one: &Outcome, other: &Outcome) -> bool {
    match (one, other) {
        (Outcome::Agreed, Outcome::Agreed) | (Outcome::NotAgreed { .. }, Outcome::NotAgreed { .. }) => true,
        (Outcome::Adjourned { until }, Outcome::Adjourned { until: other }) => until == other,
        _ => false,
    }
}

impl Pages<'_> {
    /// Every sitting, in order.
    pub fn sittings(self) -> Vec<Sitting> {
        let mut sittings: Vec<Sitting> = Vec::new();
        for (number, line, event) in self.counted() {
            match event {
                Event::ConsultationOpened(opened) => match which(opened, sittings.len()) {
                    Some(same) => {
                        sittings[same].elements = complete(&sittings[same].elements, &opened.elements);
                        sittings[same].records.push(by(line));
                    }
                    None => sittings.push(Sitting {
                        records: vec![by(line)],
                        round: self.before(number).round(),
                        form: opened.form,
                        elements: opened.elements.clone(),
                        outcome: None,
                        disputed: Vec::new(),
                    }),
                },
                Event::ConsultationConcluded(concluded) => {
                    let Some(sitting) = sittings.iter_mut().find(|sitting| sitting.has_record(concluded.consultation)) else {
                        continue;
                    };
                    let said = (by(line), concluded.outcome.clone());
                    if sitting.outcome.is_none() {
                        sitting.elements = amend(&sitting.elements, &concluded.elements);
                        sitting.outcome = Some(said);
                    } else {
                        sitting.elements = complete(&sitting.elements, &concluded.elements);
                        sitting.disputed.push(said);
                    }
                }
                Event::ContestSettled(choice) => choose(&mut sittings, choice),
                _ => {}
            }
        }
        sittings
    }

    /// Every sitting, as it is once this choice is made.
    pub(super) fn sittings_after(self, choice: &ContestSettled) -> Vec<Sitting> {
        let mut sittings = self.sittings();
        choose(&mut sittings, choice);
        sittings
    }

    /// The sitting of this round from which people have not risen; of several, the last.
    pub fn open_sitting(self) -> Option<Sitting> {
        let round = self.round();
        self.sittings().into_iter().rfind(|sitting| sitting.round == round && sitting.outcome.is_none())
    }
}

/// Which of so many sittings a record is of, if it is of one that is known: two records with one number are one sitting.
fn which(opened: &ConsultationOpened, sittings: usize) -> Option<usize> {
    let number = usize::try_from(opened.number).ok()?;
    if number >= 1 && number <= sittings { Some(number - 1) } else { None }
}

/// The chosen outcome counts; the one that counted so far is among the others.
fn choose(sittings: &mut [Sitting], choice: &ContestSettled) {
    for sitting in sittings {
        if !sitting.disputes(choice.holds) {
            continue;
        }
        let mut said: Vec<(By, Outcome)> = sitting.disputed.clone();
        said.extend(sitting.outcome.clone());
        let (chosen, others) = said.into_iter().partition(|((record, _), _)| *record == choice.holds);
        sitting.outcome = Vec::into_iter(chosen).next();
        sitting.disputed = others;
        return;
    }
}

fn says_something(text: &str) -> bool {
    !text.trim().is_empty()
}

fn either(first: &str, second: &str) -> String {
    if says_something(first) { first.to_owned() } else { second.to_owned() }
}

/// The 5W with what is said at the end: each element that is given replaces the earlier one.
fn amend(before: &Elements, later: &Elements) -> Elements {
    Elements {
        who: if later.who.is_empty() { before.who.clone() } else { later.who.clone() },
        what: either(&later.what, &before.what),
        when: later.when.or(before.when),
        place: either(&later.place, &before.place),
        why: either(&later.why, &before.why),
    }
}

/// The 5W of two records of one sitting: the people of both; the rest by the first record, where it says something.
fn complete(first: &Elements, second: &Elements) -> Elements {
    let mut who = first.who.clone();
    for participant in &second.who {
        // Whoever stands twice in one record stands twice; whoever stands in both stands there once.
        if first.who.is_empty() || !who.contains(participant) {
            who.push(participant.clone());
        }
    }
    Elements {
        who,
        what: either(&first.what, &second.what),
        when: first.when.or(second.when),
        place: either(&first.place, &second.place),
        why: either(&first.why, &second.why),
    }
}

/// open consultation: received, consulting, agreed without a sealed agreement, or reopened; once another org has the
/// case, that org may sit down whatever stage the community's own work was in. Not while it is on offer.
fn may_sit_down(pages: Pages<'_>) -> Result<(), Moot> {
    if let Some(offer) = pages.on_offer() {
        return Err(moot(RefusalCode::HandedOver, Some(offer)));
    }
    match pages.own_stage().0 {
        Stage::Received | Stage::Consulting | Stage::Agreed | Stage::Reopened => Ok(()),
        Stage::Acting | Stage::Done if pages.holder().is_some() => Ok(()),
        Stage::Unreported => Err(moot(RefusalCode::NotReported, None)),
        _ => Err(moot(RefusalCode::WrongStage, None)),
    }
}

/// Two workers who sit down at once hold one consultation with two records, whatever else happened.
pub(super) fn opened(pages: Pages<'_>, opened: &ConsultationOpened) -> Read {
    if which(opened, pages.sittings().len()).is_some() {
        return Ok(Margin::counts());
    }
    may_sit_down(pages)?;
    match pages.open_sitting() {
        Some(open) => Err(moot(RefusalCode::ConsultationOpen, open.records.first().map(|(record, _)| *record))),
        None => Ok(Margin::enters(Stage::Consulting)),
    }
}

/// People rise once. A further record of it says the same as those before it, or people must choose between it and each that
/// says otherwise and was not chosen against.
pub(super) fn concluded(pages: Pages<'_>, here: Stamp, concluded: &ConsultationConcluded) -> Read {
    let sittings = pages.sittings();
    let Some(sitting) = sittings.iter().find(|sitting| sitting.has_record(concluded.consultation)) else {
        return Err(moot(RefusalCode::NoOpenConsultation, None));
    };
    if sitting.outcome.is_some() {
        let standings = pages.standings();
        let mut at_odds = Vec::new();
        for ((record, _), outcome) in sitting.outcome.iter().chain(&sitting.disputed) {
            let chosen_against = matches!(standings.get(record), Some(Standing::Overtaken { .. }));
            if !say_the_same(outcome, &concluded.outcome) && !chosen_against {
                at_odds.push((*record, here));
            }
        }
        return Ok(Margin { at_odds, ..Margin::default() });
    }
    let moves = matches!(pages.own_stage().0, Stage::Consulting | Stage::Reopened | Stage::Agreed);
    if !moves || sitting.round != pages.round() {
        return Ok(Margin::counts());
    }
    // Where an agreement is in force already, it is carried out as before.
    let stage = if pages.in_force().is_some() { Stage::Acting } else { stage_of(&concluded.outcome) };
    Ok(Margin::enters(stage))
}
