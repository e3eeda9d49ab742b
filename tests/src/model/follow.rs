//! Done, asked at once (办结即评): what the parties say; and the ends of a case that are not its closing.

use std::collections::BTreeMap;

use doorstep_core::case::{AgreementForm, Asked, Event, FeedbackGiven, Grade, Knew, RefusalCode, Stage};
use doorstep_core::time::{Date, Stamp};

use super::pages::{By, Pages, by};
use super::{Margin, Read, law, moot};

/// What came of asking a party.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// They said this, in these words.
    Said(Grade, String),
    /// They were not reached on that day.
    NotReached(Date),
}

/// A party was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Who asked.
    pub by: By,
    /// About which round.
    pub round: u32,
    /// Whom.
    pub party: String,
    /// How.
    pub asked: Asked,
    /// What came of it.
    pub reply: Reply,
}

impl Pages<'_> {
    /// Everything that was said, and who was not reached.
    pub fn answers(self) -> Vec<Answer> {
        let mut answers = Vec::new();
        for (_, line, event) in self.counted() {
            match event {
                Event::FeedbackGiven(e) => answers.push(Answer {
                    by: by(line),
                    round: e.round,
                    party: e.party.clone(),
                    asked: e.asked,
                    reply: Reply::Said(e.grade, e.words.clone()),
                }),
                Event::FeedbackTried(e) => answers.push(Answer {
                    by: by(line),
                    round: e.round,
                    party: e.party.clone(),
                    asked: e.asked,
                    reply: Reply::NotReached(e.on),
                }),
                _ => {}
            }
        }
        answers
    }

    /// The last word of each party about this round.
    pub fn last_words(self, round: u32) -> BTreeMap<String, Grade> {
        let mut words = BTreeMap::new();
        for answer in self.answers() {
            if let (true, Reply::Said(grade, _)) = (answer.round == round, answer.reply) {
                words.insert(answer.party, grade);
            }
        }
        words
    }

    /// Who is asked how satisfied they are: the parties to the agreement in force; without one, whoever reported, and the
    /// parties of the last agreement that held in an earlier round. Each once.
    pub fn to_ask(self) -> Vec<String> {
        let mut ask: Vec<String> = Vec::new();
        let parties_of = |draft: Stamp| {
            let drafts = self.drafts();
            let found = drafts.into_iter().find(|known| known.by.0 == draft);
            found.map(|draft| draft.content.parties).unwrap_or_default()
        };
        if let Some(agreed) = self.in_force() {
            ask.extend(parties_of(agreed.draft).into_iter().map(|party| party.name));
            return ask;
        }
        let reporter = self.report().and_then(|(_, report)| report.reporter.as_ref());
        ask.extend(reporter.map(|reporter| reporter.name.clone()));
        let round = self.round();
        if let Some(earlier) = self.agreements().into_iter().rfind(|agreed| agreed.round < round && agreed.holds) {
            for party in parties_of(earlier.draft) {
                if !ask.contains(&party.name) {
                    ask.push(party.name);
                }
            }
        }
        ask
    }

    /// Completions: round, who, words.
    pub fn completions(self) -> Vec<(u32, By, String)> {
        let completed = self.counted().filter_map(|(_, line, event)| match event {
            Event::Completed(e) => Some((e.round, by(line), e.words.clone())),
            _ => None,
        });
        completed.collect()
    }

    /// What was seen on the spot: round, who, words.
    pub fn effects(self) -> Vec<(u32, By, String)> {
        let checked = self.counted().filter_map(|(_, line, event)| match event {
            Event::EffectChecked(e) => Some((e.round, by(line), e.seen.clone())),
            _ => None,
        });
        checked.collect()
    }
}

/// Whether the last word of anybody about this round is a dissatisfied one.
pub(super) fn somebody_is_dissatisfied(pages: Pages<'_>, round: u32) -> bool {
    pages.last_words(round).values().any(|grade| is_dissatisfied(*grade))
}

/// The two lowest of five grades.
fn is_dissatisfied(grade: Grade) -> bool {
    grade == Grade::VeryDissatisfied || grade == Grade::Dissatisfied
}

/// A citizen's word outranks a clerk's: a dissatisfied answer sets the table again, and overtakes a closing that did not
/// know of it, whatever the clocks say.
pub(super) fn given(pages: Pages<'_>, given: &FeedbackGiven) -> Read {
    let round = pages.round();
    if given.round > round {
        return Err(moot(RefusalCode::WrongRound, None));
    }
    let (stage, brought_by) = pages.own_stage();
    if given.round < round || !is_dissatisfied(given.grade) || !matches!(stage, Stage::Done | Stage::Closed) {
        return Ok(Margin::counts());
    }
    let closing = brought_by.filter(|_| stage == Stage::Closed);
    let overtakes = closing.map(|closing| (closing, RefusalCode::Dissatisfied)).into_iter().collect();
    Ok(Margin { next_round: true, overtakes, ..Margin::enters(Stage::Reopened) })
}

/// withdraw, at the reporter's word; mark duplicate: any open case. Where another org has it or is offered it, that ends
/// too. Where a signed agreement is in force that the lead did not know of, both are real: people must choose.
///
/// The first release did not write down what leads knew; and there a case that was handed over could not be ended.
pub(super) fn ended(pages: Pages<'_>, here: Stamp, stage: Stage, knew: Option<Knew>) -> Read {
    law::is_open(pages)?;
    let under_way = pages.under_way();
    if knew.is_none() && !under_way.is_empty() {
        return Err(moot(RefusalCode::HandedOver, None));
    }
    let overtakes = under_way.into_iter().map(|handover| (handover.by.0, RefusalCode::WrongStage)).collect();
    let mut at_odds = Vec::new();
    if let (Some(knew), Some(agreed)) = (knew, pages.in_force())
        && !matches!(agreed.form, AgreementForm::Oral { .. })
        && knew.event != Some(agreed.by.0)
    {
        at_odds.push((agreed.by.0, here));
    }
    Ok(Margin { overtakes, at_odds, ..Margin::enters(stage) })
}
