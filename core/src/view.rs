//! Plain records for screens: names instead of ids, codes for what a screen switches on, words for what it shows.
//!
//! Made from states and the directory; nothing here can be written back. What bindings hand out.

mod household;

pub use household::{HouseholdView, LeftView, ResidentView};

use crate::case::{
    AgreementForm, CaseState, CommitmentStatus, Elements, Form, Grade, HandoverKind, HandoverStatus, Outcome, Reply, Stage,
    Standing, TextName, proposes_raise,
};
use crate::directory::Directory;
use crate::document::{Document, Log};
use crate::id::{Digest, DocId, OrgId, PersonId};
use crate::people::Place;
use crate::time::{Date, Stamp, Timestamp};
use crate::visit::{Door, VisitState};
use crate::words::{self, Lang};

/// One line of a document's history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryLine {
    /// The event.
    pub stamp: Stamp,
    /// When, by the clock of the phone that wrote it.
    pub at: Timestamp,
    /// Who.
    pub by: PersonId,
    /// Their name.
    pub by_name: String,
    /// The kind's permanent name.
    pub kind: String,
    /// The line in words.
    pub text: String,
    /// Whether it counts.
    pub standing: Standing,
}

/// A consultation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsultationView {
    /// Its place among the case's, from 1.
    pub number: u32,
    /// Its round.
    pub round: u32,
    /// Its form.
    pub form: Form,
    /// The 5W so far.
    pub elements: Elements,
    /// Which of the 5W are missing.
    pub missing: Vec<&'static str>,
    /// How it ended, once it has.
    pub outcome: Option<Outcome>,
    /// How many phones recorded it.
    pub records: u32,
}

/// A commitment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommitmentView {
    /// The draft it stands in.
    pub draft: Stamp,
    /// Its place in the agreement, from 0.
    pub index: u32,
    /// Who owes it.
    pub party: String,
    /// What.
    pub deed: String,
    /// By when.
    pub due: Date,
    /// `open`, `fulfilled`, `defaulted`, `waived`.
    pub status: &'static str,
}

/// A raise or transfer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandoverView {
    /// The offer.
    pub stamp: Stamp,
    /// Whether it was raised (else transferred).
    pub raised: bool,
    /// To whom.
    pub to: OrgId,
    /// Their name.
    pub to_name: String,
    /// Why.
    pub reason: String,
    /// `offered`, `accepted`, `returned`, `settled`, `recalled`, `overtaken`.
    pub status: &'static str,
    /// What came of it, or why it came back; empty while under way.
    pub result: String,
    /// Departments convened.
    pub departments: Vec<String>,
}

/// What a party said in the case's present round.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartyView {
    /// The party.
    pub name: String,
    /// The last word; none: not asked or not reached yet.
    pub grade: Option<Grade>,
    /// How often it was tried in vain.
    pub tries: u32,
}

/// The agreement in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgreementView {
    /// The bundle's digest, where it was signed.
    pub bundle: Option<Digest>,
    /// The check number, where it was signed.
    pub check_number: String,
    /// The witness, where it was by word or on paper.
    pub witness: String,
    /// Photos or scans of what was signed, where it was signed on paper.
    pub sheets: Vec<Digest>,
    /// When the committee stamped it: from then on it has effect.
    pub stamped_at: Option<Timestamp>,
    /// The last day for asking a court to confirm it.
    pub confirm_by: Option<Date>,
    /// The court that confirmed it, and the number of its ruling.
    pub confirmed: Option<(String, String)>,
}

/// A case, ready to be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseView {
    /// The case.
    pub id: DocId,
    /// One line.
    pub title: String,
    /// Where.
    pub place: Option<Place>,
    /// What it is filed under.
    pub category: String,
    /// Stage.
    pub stage: Stage,
    /// Round, from 1.
    pub round: u32,
    /// Whether the policy's number of rounds is used up, so that raising it is proposed.
    pub propose_raise: bool,
    /// The worker it is assigned to.
    pub assignee: Option<PersonId>,
    /// Consultations.
    pub consultations: Vec<ConsultationView>,
    /// The draft that would be signed now.
    pub draft: Option<Stamp>,
    /// The agreement in force in this round.
    pub agreement: Option<AgreementView>,
    /// The sealed agreement of an earlier round that one signed now takes the place of: its bundle.
    pub replaces: Option<Digest>,
    /// Commitments of this round.
    pub commitments: Vec<CommitmentView>,
    /// Handovers.
    pub handovers: Vec<HandoverView>,
    /// The parties to be asked in this round, and what they said.
    pub parties: Vec<PartyView>,
    /// The account, as it grew.
    pub account: String,
    /// The minutes.
    pub minutes: String,
    /// Terms being drafted.
    pub draft_text: String,
    /// Everything that happened, in order.
    pub history: Vec<HistoryLine>,
    /// Entries that could not be read.
    pub unreadable: u32,
    /// Whether something is overtaken or contested.
    pub look: bool,
    /// SHA-256 of what the document says; equal on phones with the same changes.
    pub digest: Digest,
}

fn line(directory: &Directory, stamp: Stamp, by: &PersonId, kind: &str, text: String, standing: Standing) -> HistoryLine {
    HistoryLine {
        stamp,
        at: stamp.time.wall(),
        by: by.clone(),
        by_name: directory.person_name(by).to_owned(),
        kind: kind.to_owned(),
        text,
        standing,
    }
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

impl CaseView {
    /// The view of a case.
    pub fn new(id: DocId, document: &Document, log: &Log, state: &CaseState, directory: &Directory, lang: Lang) -> Self {
        let report = state.report.as_ref().map(|(_, report)| report);
        let said = state.last_words(state.round);
        let tries = |party: &str| {
            let of = |answer: &&crate::case::Answer| {
                answer.round == state.round && answer.party == party && matches!(answer.reply, Reply::Tried { .. })
            };
            count(state.answers.iter().filter(of).count())
        };
        let history = log.entries.iter().map(|entry| {
            let text = words::case_line(entry, directory, lang);
            line(directory, entry.stamp, &entry.author, entry.body.kind(), text, state.standing(entry.stamp).clone())
        });
        Self {
            id,
            title: report.map(|report| report.title.clone()).unwrap_or_default(),
            place: report.map(|report| report.place.clone()),
            category: report.map(|report| report.category.clone()).unwrap_or_default(),
            stage: state.stage(),
            round: state.round,
            propose_raise: proposes_raise(state, &directory.policy),
            assignee: state.assignee.clone(),
            consultations: consultations(state),
            draft: state.draft().map(|draft| draft.written.stamp),
            agreement: state.agreement().map(agreement),
            replaces: state.replaced(),
            commitments: commitments(state),
            handovers: state.handovers.iter().map(|handover| handover_view(handover, directory)).collect(),
            parties: state
                .parties_to_ask()
                .into_iter()
                .map(|name| PartyView { name: name.to_owned(), grade: said.get(name).copied(), tries: tries(name) })
                .collect(),
            account: document.text(TextName::Account),
            minutes: document.text(TextName::Minutes),
            draft_text: document.text(TextName::Draft),
            history: history.collect(),
            unreadable: count(log.unreadable.len()),
            look: !state.standings.is_empty(),
            digest: document.digest(),
        }
    }
}

fn consultations(state: &CaseState) -> Vec<ConsultationView> {
    let view = |(number, sitting): (u32, &crate::case::Consultation)| ConsultationView {
        number,
        round: sitting.round,
        form: sitting.form,
        elements: sitting.elements.clone(),
        missing: sitting.elements.missing(),
        outcome: sitting.outcome.as_ref().map(|(_, outcome)| outcome.clone()),
        records: 1 + count(sitting.also.len()),
    };
    (1u32..).zip(&state.consultations).map(view).collect()
}

fn commitments(state: &CaseState) -> Vec<CommitmentView> {
    let view = |commitment: &crate::case::CommitmentState| CommitmentView {
        draft: commitment.id.draft,
        index: commitment.id.index,
        party: commitment.content.party.clone(),
        deed: commitment.content.deed.clone(),
        due: commitment.content.due,
        status: match commitment.status {
            CommitmentStatus::Open => "open",
            CommitmentStatus::Fulfilled(..) => "fulfilled",
            CommitmentStatus::Defaulted(..) => "defaulted",
            CommitmentStatus::Waived(..) => "waived",
        },
    };
    state.commitments().map(view).collect()
}

fn handover_view(handover: &crate::case::Handover, directory: &Directory) -> HandoverView {
    let (status, result) = match &handover.status {
        HandoverStatus::Offered => ("offered", String::new()),
        HandoverStatus::Accepted(_) => ("accepted", String::new()),
        HandoverStatus::Returned(_, why) => ("returned", why.clone()),
        HandoverStatus::Settled(_, result) => ("settled", result.clone()),
        HandoverStatus::Recalled(_, why) => ("recalled", why.clone()),
        HandoverStatus::Overtaken(_) => ("overtaken", String::new()),
    };
    HandoverView {
        stamp: handover.offered.stamp,
        raised: matches!(handover.kind, HandoverKind::Raised { .. }),
        to: handover.to.clone(),
        to_name: directory.org_name(&handover.to).to_owned(),
        reason: handover.reason.clone(),
        status,
        result,
        departments: handover.convened.iter().flat_map(|(_, called)| called.iter().map(|d| d.name.clone())).collect(),
    }
}

/// A visit, ready to be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VisitView {
    /// The visit.
    pub id: DocId,
    /// Where; none if the record can't be read.
    pub place: Option<Place>,
    /// What happened at the door.
    pub door: Option<Door>,
    /// What was seen.
    pub seen: String,
    /// What was asked for.
    pub asked: String,
    /// The household, where its record is known.
    pub household: Option<DocId>,
    /// Cases that came of it.
    pub cases: Vec<DocId>,
    /// Everything recorded, in order.
    pub history: Vec<HistoryLine>,
    /// SHA-256 of what the document says.
    pub digest: Digest,
}

impl VisitView {
    /// The view of a visit.
    pub fn new(
        id: DocId,
        document: &Document,
        log: &Log<crate::visit::Event>,
        state: &VisitState,
        directory: &Directory,
        lang: Lang,
    ) -> Self {
        let visit = state.visit.as_ref().map(|(_, visit)| visit);
        let history = log.entries.iter().map(|entry| {
            let text = words::visit_line(entry, lang);
            line(directory, entry.stamp, &entry.author, entry.body.kind(), text, Standing::Effective)
        });
        Self {
            id,
            place: visit.map(|visit| visit.place.clone()),
            door: visit.map(|visit| visit.door),
            seen: visit.map(|visit| visit.seen.clone()).unwrap_or_default(),
            asked: visit.map(|visit| visit.asked.clone()).unwrap_or_default(),
            household: visit.and_then(|visit| visit.household),
            cases: state.cases.clone(),
            history: history.collect(),
            digest: document.digest(),
        }
    }
}
fn agreement(agreement: &crate::case::Agreement) -> AgreementView {
    let (bundle, check_number, witness, sheets) = match &agreement.form {
        AgreementForm::Sealed { bundle, check_number } => (Some(*bundle), check_number.clone(), String::new(), Vec::new()),
        AgreementForm::Paper { sheets, witness } => (None, String::new(), witness.clone(), sheets.clone()),
        AgreementForm::Oral { witness } => (None, String::new(), witness.clone(), Vec::new()),
    };
    AgreementView {
        bundle,
        check_number,
        witness,
        sheets,
        stamped_at: agreement.stamped.as_ref().map(|stamped| stamped.stamp.time.wall()),
        confirm_by: agreement.confirm_by(),
        confirmed: agreement.confirmed.as_ref().map(|(_, ruling)| (ruling.court.clone(), ruling.number.clone())),
    }
}
