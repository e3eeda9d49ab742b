//! The answers to all questions, once as the book tells them and once as core's `CaseState` does; and where they differ.

use std::collections::BTreeMap;

use doorstep_core::case::{
    Attached, CaseState, CommitmentRef, CommitmentStatus, Event, Grade, HandoverStatus, Reply as CoreReply, Reported, Stage,
    Standing as CoreStanding, Written,
};
use doorstep_core::id::{DocId, OrgId, PersonId};
use doorstep_core::time::{Hlc, Stamp};

use super::act::{Finding, Kind, Promise};
use super::agree::{Agreed, Draft};
use super::consult::Sitting;
use super::follow::{Answer, Reply};
use super::handover::{Handover, Where};
use super::pages::{By, Pages, Standing, by};

/// Declares the answers, and how two of them are compared: by name.
macro_rules! told {
    ($($(#[$doc:meta])* $question:ident: $answer:ty,)*) => {
        /// A case, told: every question with its answer.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct Told { $($(#[$doc])* pub $question: $answer,)* }

        /// Every question that the book and core answer differently.
        pub fn differences(book: &Told, core: &Told) -> Vec<String> {
            let mut differences = Vec::new();
            $(if book.$question != core.$question {
                let (question, book, core) = (stringify!($question), &book.$question, &core.$question);
                differences.push(format!("{question}:\n  the book says {book:?}\n  core says     {core:?}"));
            })*
            differences
        }
    };
}

told! {
    /// The report.
    report: Option<(By, Reported)>,
    /// The stage that people see.
    stage: Stage,
    /// The stage of the community's own work, and what brought it.
    own_stage: (Stage, Option<Stamp>),
    /// The round.
    round: u32,
    /// The worker named.
    assignee: Option<PersonId>,
    /// Sittings.
    sittings: Vec<Sitting>,
    /// The one that is open.
    open_sitting: Option<Stamp>,
    /// Drafts.
    drafts: Vec<Draft>,
    /// The one that would be signed.
    draft: Option<Stamp>,
    /// Agreements.
    agreements: Vec<Agreed>,
    /// The one in force.
    in_force: Option<Stamp>,
    /// Commitments of all agreements.
    promises: Vec<Promise>,
    /// Those that count.
    promises_in_force: Vec<CommitmentRef>,
    /// Completions.
    completions: Vec<(u32, By, String)>,
    /// What was seen on the spot.
    effects: Vec<(u32, By, String)>,
    /// What people said.
    answers: Vec<Answer>,
    /// The last word of each in this round.
    last_words: BTreeMap<String, Grade>,
    /// Who is to be asked.
    to_ask: Vec<String>,
    /// Handovers.
    handovers: Vec<Handover>,
    /// The first that is under way.
    handover: Option<Stamp>,
    /// Who has the case.
    holder: Option<OrgId>,
    /// The case it was merged into.
    merged_into: Option<DocId>,
    /// Notes.
    notes: Vec<(By, String)>,
    /// Attachments.
    attachments: Vec<(By, Attached)>,
    /// Kinds of a newer version.
    newer: Vec<(By, String)>,
    /// Events that are not plainly effective.
    standings: BTreeMap<Stamp, Standing>,
    /// Time of the newest event.
    updated: Hlc,
}

impl Told {
    /// As the book tells it.
    pub fn by_book(pages: Pages<'_>) -> Self {
        Self {
            report: pages.report().map(|(by, report)| (by, report.clone())),
            stage: pages.stage(),
            own_stage: pages.own_stage(),
            round: pages.round(),
            assignee: pages.assignee().cloned(),
            sittings: pages.sittings().into_iter().map(in_order).collect(),
            open_sitting: pages.open_sitting().and_then(|sitting| sitting.records.first().map(|(record, _)| *record)),
            drafts: pages.drafts(),
            draft: pages.draft().map(|draft| draft.by.0),
            agreements: pages.agreements(),
            in_force: pages.in_force().map(|agreed| agreed.by.0),
            promises: pages.promises().into_iter().map(sorted).collect(),
            promises_in_force: pages.promises_in_force().iter().map(|promise| promise.id).collect(),
            completions: pages.completions(),
            effects: pages.effects(),
            answers: pages.answers(),
            last_words: pages.last_words(pages.round()),
            to_ask: pages.to_ask(),
            handovers: pages.handovers(),
            handover: pages.under_way().first().map(|handover| handover.by.0),
            holder: pages.holder(),
            merged_into: pages.merged_into(),
            notes: notes(pages),
            attachments: attachments(pages),
            newer: pages.newer().into_iter().map(|(by, kind)| (by, kind.to_owned())).collect(),
            standings: pages.standings(),
            updated: pages.lines().iter().map(|line| line.entry.stamp.time).max().unwrap_or_default(),
        }
    }

    /// As core tells it.
    pub fn by_core(state: &CaseState) -> Self {
        Self {
            report: state.report.as_ref().map(|(written, report)| (who(written), report.clone())),
            stage: state.stage(),
            own_stage: (state.own_stage, state.own_stage_by),
            round: state.round,
            assignee: state.assignee.clone(),
            sittings: state.consultations.iter().map(sitting).collect(),
            open_sitting: state.open_consultation().map(|sitting| sitting.opened.stamp),
            drafts: state.drafts.iter().map(draft).collect(),
            draft: state.draft().map(|draft| draft.written.stamp),
            agreements: state.agreements.iter().map(agreed).collect(),
            in_force: state.agreement().map(|agreement| agreement.written.stamp),
            promises: state.commitments.iter().map(promise).collect(),
            promises_in_force: state.commitments().map(|commitment| commitment.id).collect(),
            completions: state.completions.iter().map(|(round, by, words)| (*round, who(by), words.clone())).collect(),
            effects: state.effects.iter().map(|(round, by, words)| (*round, who(by), words.clone())).collect(),
            answers: state.answers.iter().map(answer).collect(),
            last_words: state.last_words(state.round).into_iter().map(|(party, grade)| (party.to_owned(), grade)).collect(),
            to_ask: state.parties_to_ask().into_iter().map(str::to_owned).collect(),
            handovers: state.handovers.iter().map(handover).collect(),
            handover: state.handover().map(|handover| handover.offered.stamp),
            holder: state.holder().cloned(),
            merged_into: state.merged_into,
            notes: state.notes.iter().map(|(by, text)| (who(by), text.clone())).collect(),
            attachments: state.attachments.iter().map(|(by, attached)| (who(by), attached.clone())).collect(),
            newer: state.newer.iter().map(|(by, kind)| (who(by), kind.clone())).collect(),
            standings: state.standings.iter().filter_map(standing).collect(),
            updated: state.updated,
        }
    }
}

fn notes(pages: Pages<'_>) -> Vec<(By, String)> {
    let noted = pages.events().filter_map(|(_, line, event)| match event {
        Event::Noted(note) => Some((by(line), note.text.clone())),
        _ => None,
    });
    noted.collect()
}

fn attachments(pages: Pages<'_>) -> Vec<(By, Attached)> {
    let attached = pages.events().filter_map(|(_, line, event)| match event {
        Event::Attached(attached) => Some((by(line), attached.clone())),
        _ => None,
    });
    attached.collect()
}

/// The order in which the others are kept is no part of the law.
fn in_order(mut sitting: Sitting) -> Sitting {
    sitting.disputed.sort();
    sitting
}

fn sorted(mut promise: Promise) -> Promise {
    promise.disputed.sort();
    promise
}

fn who(written: &Written) -> By {
    (written.stamp, written.by.clone())
}

fn sitting(core: &doorstep_core::case::Consultation) -> Sitting {
    let said = |(by, outcome): &(Written, doorstep_core::case::Outcome)| (who(by), outcome.clone());
    in_order(Sitting {
        records: std::iter::once(&core.opened).chain(&core.also).map(who).collect(),
        round: core.round,
        form: core.form,
        elements: core.elements.clone(),
        outcome: core.outcome.as_ref().map(said),
        disputed: core.disputed.iter().map(said).collect(),
    })
}

fn draft(core: &doorstep_core::case::Draft) -> Draft {
    Draft { by: who(&core.written), round: core.round, content: core.content.clone() }
}

fn agreed(core: &doorstep_core::case::Agreement) -> Agreed {
    Agreed {
        by: who(&core.written),
        draft: core.draft,
        round: core.round,
        form: core.form.clone(),
        holds: core.holds,
        stamped: core.stamped.as_ref().map(who),
        confirmed: core.confirmed.as_ref().map(|(written, ruling)| (who(written), ruling.clone())),
    }
}

fn finding(status: &CommitmentStatus) -> Option<Finding> {
    let found = |by: &Written, kind, words: &String| Some(Finding { by: who(by), kind, words: words.clone() });
    match status {
        CommitmentStatus::Open => None,
        CommitmentStatus::Fulfilled(by, words) => found(by, Kind::Kept, words),
        CommitmentStatus::Defaulted(by, words) => found(by, Kind::NotKept, words),
        CommitmentStatus::Waived(by, words) => found(by, Kind::Waived, words),
    }
}

fn promise(core: &doorstep_core::case::CommitmentState) -> Promise {
    sorted(Promise {
        id: core.id,
        round: core.round,
        content: core.content.clone(),
        found: finding(&core.status),
        disputed: core.disputed.iter().filter_map(finding).collect(),
    })
}

fn answer(core: &doorstep_core::case::Answer) -> Answer {
    let reply = match &core.reply {
        CoreReply::Given { grade, words } => Reply::Said(*grade, words.clone()),
        CoreReply::Tried { on } => Reply::NotReached(*on),
    };
    Answer { by: who(&core.written), round: core.round, party: core.party.clone(), asked: core.asked, reply }
}

fn handover(core: &doorstep_core::case::Handover) -> Handover {
    let at = match &core.status {
        HandoverStatus::Offered => Where::Offered,
        HandoverStatus::Accepted(by) => Where::Accepted(who(by)),
        HandoverStatus::Returned(by, why) => Where::Returned(who(by), why.clone()),
        HandoverStatus::Settled(by, result) => Where::Settled(who(by), result.clone()),
        HandoverStatus::Recalled(by, why) => Where::Recalled(who(by), why.clone()),
        HandoverStatus::Overtaken(by) => Where::Overtaken(*by),
    };
    Handover {
        by: who(&core.offered),
        round: core.round,
        kind: core.kind.clone(),
        to: core.to.clone(),
        reason: core.reason.clone(),
        at,
        convened: core.convened.iter().map(|(by, departments)| (who(by), departments.clone())).collect(),
    }
}

fn standing((stamp, standing): (&Stamp, &CoreStanding)) -> Option<(Stamp, Standing)> {
    match standing {
        CoreStanding::Effective => None,
        CoreStanding::Overtaken { by, why } => Some((*stamp, Standing::Overtaken { by: *by, why: *why })),
        CoreStanding::Contested { with } => {
            let mut with = with.clone();
            with.sort();
            Some((*stamp, Standing::Contested { with }))
        }
    }
}
