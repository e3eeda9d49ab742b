//! What comes out of a case or a visit: names beside ids, codes for what a screen switches on, words for what it shows.

use doorstep_core::{case, view};

use crate::names::{Door, Form, Grade, Stage};
use crate::terms::{Elements, Outcome, Place, strings};

/// Whether an event counts.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Enum)]
pub enum Standing {
    /// It does.
    Effective,
    /// Another event made it moot.
    Overtaken {
        /// That event, where one can be named.
        by: Option<String>,
        /// The reason's permanent code.
        why: String,
    },
    /// It and others exclude each other, and a lead must choose.
    Contested {
        /// The others.
        others: Vec<String>,
    },
}

impl From<case::Standing> for Standing {
    fn from(standing: case::Standing) -> Self {
        match standing {
            case::Standing::Effective => Self::Effective,
            case::Standing::Overtaken { by, why } => {
                Self::Overtaken { by: by.map(|stamp| stamp.to_string()), why: why.as_str().into() }
            }
            case::Standing::Contested { with } => Self::Contested { others: with.iter().map(ToString::to_string).collect() },
        }
    }
}

/// One line of a document's history.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct HistoryLine {
    /// The event's name, for [`crate::Device::settle_contest`].
    pub event: String,
    /// When, by the clock of the phone that wrote it, milliseconds since 1970.
    pub at_ms: i64,
    /// Who.
    pub by: String,
    /// Their name.
    pub by_name: String,
    /// The kind's permanent name.
    pub kind: String,
    /// The line in words.
    pub text: String,
    /// Whether it counts.
    pub standing: Standing,
}

impl From<view::HistoryLine> for HistoryLine {
    fn from(line: view::HistoryLine) -> Self {
        Self {
            event: line.stamp.to_string(),
            at_ms: line.at.0,
            by: line.by.to_string(),
            by_name: line.by_name,
            kind: line.kind,
            text: line.text,
            standing: line.standing.into(),
        }
    }
}

/// A consultation.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct ConsultationView {
    /// Its place among the case's, from 1.
    pub number: u32,
    /// Its round.
    pub round: u32,
    /// Its form.
    pub form: Form,
    /// The 5W so far.
    pub elements: Elements,
    /// Which of the 5W are missing, in codes.
    pub missing: Vec<String>,
    /// How it ended, once it has.
    pub outcome: Option<Outcome>,
    /// How many phones recorded it.
    pub records: u32,
}

/// A commitment.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct CommitmentView {
    /// Its place in the agreement, from 0; what commands name it by.
    pub index: u32,
    /// Who owes it.
    pub party: String,
    /// What.
    pub deed: String,
    /// By when.
    pub due: String,
    /// `open`, `fulfilled`, `defaulted`, `waived`.
    pub status: String,
}

/// A raise or transfer.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct HandoverView {
    /// The offer's event.
    pub event: String,
    /// Whether it was raised (else transferred).
    pub raised: bool,
    /// To whom.
    pub to: String,
    /// Their name.
    pub to_name: String,
    /// Why.
    pub reason: String,
    /// `offered`, `accepted`, `returned`, `settled`, `recalled`, `overtaken`.
    pub status: String,
    /// What came of it, or why it came back.
    pub result: String,
    /// Departments convened.
    pub departments: Vec<String>,
}

/// What a party said in the case's present round.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct PartyView {
    /// The party.
    pub name: String,
    /// The last word; none: not asked or not reached yet.
    pub grade: Option<Grade>,
    /// How often it was tried in vain.
    pub tries: u32,
}

/// The agreement in force.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct AgreementView {
    /// The bundle's digest, where it was signed.
    pub bundle: Option<String>,
    /// The check number, where it was signed.
    pub check_number: String,
    /// The witness, where it was by word or on paper.
    pub witness: String,
    /// Photos or scans of what was signed, where it was signed on paper: attachments.
    pub sheets: Vec<String>,
    /// When the committee stamped it, milliseconds since 1970: from then on it has effect.
    pub stamped_at_ms: Option<i64>,
    /// The last day for asking a court to confirm it, such as `2026-05-08`.
    pub confirm_by: Option<String>,
    /// The court that confirmed it.
    pub court: Option<String>,
    /// The number of the court's ruling.
    pub ruling: Option<String>,
}

/// A case, ready to be shown.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct CaseView {
    /// The case.
    pub id: String,
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
    /// Whether the number of rounds is used up, so that raising it is proposed.
    pub propose_raise: bool,
    /// The worker it is assigned to.
    pub assignee: Option<String>,
    /// Consultations.
    pub consultations: Vec<ConsultationView>,
    /// The draft that would be signed now.
    pub draft: Option<String>,
    /// The agreement in force in this round.
    pub agreement: Option<AgreementView>,
    /// The sealed agreement of an earlier round that one signed now takes the place of: fetch it before freezing.
    pub replaces: Option<String>,
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
    pub digest: String,
}

impl From<view::CaseView> for CaseView {
    fn from(case: view::CaseView) -> Self {
        let consultation = |sitting: view::ConsultationView| ConsultationView {
            number: sitting.number,
            round: sitting.round,
            form: sitting.form.into(),
            elements: sitting.elements.into(),
            missing: sitting.missing.into_iter().map(Into::into).collect(),
            outcome: sitting.outcome.map(Into::into),
            records: sitting.records,
        };
        let commitment = |commitment: view::CommitmentView| CommitmentView {
            index: commitment.index,
            party: commitment.party,
            deed: commitment.deed,
            due: commitment.due.to_string(),
            status: commitment.status.into(),
        };
        let handover = |handover: view::HandoverView| HandoverView {
            event: handover.stamp.to_string(),
            raised: handover.raised,
            to: handover.to.to_string(),
            to_name: handover.to_name,
            reason: handover.reason,
            status: handover.status.into(),
            result: handover.result,
            departments: handover.departments,
        };
        let party =
            |party: view::PartyView| PartyView { name: party.name, grade: party.grade.map(Into::into), tries: party.tries };
        Self {
            id: case.id.to_string(),
            title: case.title,
            place: case.place.map(Into::into),
            category: case.category,
            stage: case.stage.into(),
            round: case.round,
            propose_raise: case.propose_raise,
            assignee: case.assignee.map(|person| person.to_string()),
            consultations: case.consultations.into_iter().map(consultation).collect(),
            draft: case.draft.map(|stamp| stamp.to_string()),
            agreement: case.agreement.map(|agreement| AgreementView {
                bundle: agreement.bundle.map(|digest| digest.to_string()),
                check_number: agreement.check_number,
                witness: agreement.witness,
                sheets: agreement.sheets.iter().map(ToString::to_string).collect(),
                stamped_at_ms: agreement.stamped_at.map(|at| at.0),
                confirm_by: agreement.confirm_by.map(|day| day.to_string()),
                court: agreement.confirmed.as_ref().map(|(court, _)| court.clone()),
                ruling: agreement.confirmed.map(|(_, ruling)| ruling),
            }),
            replaces: case.replaces.map(|digest| digest.to_string()),
            commitments: case.commitments.into_iter().map(commitment).collect(),
            handovers: case.handovers.into_iter().map(handover).collect(),
            parties: case.parties.into_iter().map(party).collect(),
            account: case.account,
            minutes: case.minutes,
            draft_text: case.draft_text,
            history: case.history.into_iter().map(Into::into).collect(),
            unreadable: case.unreadable,
            look: case.look,
            digest: case.digest.to_string(),
        }
    }
}

/// A visit, ready to be shown.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct VisitView {
    /// The visit.
    pub id: String,
    /// Where; none if the record can't be read.
    pub place: Option<Place>,
    /// What happened at the door.
    pub door: Option<Door>,
    /// What was seen.
    pub seen: String,
    /// What was asked for.
    pub asked: String,
    /// Cases that came of it.
    pub cases: Vec<String>,
    /// Everything recorded, in order.
    pub history: Vec<HistoryLine>,
    /// SHA-256 of what the document says.
    pub digest: String,
}

impl From<view::VisitView> for VisitView {
    fn from(visit: view::VisitView) -> Self {
        Self {
            id: visit.id.to_string(),
            place: visit.place.map(Into::into),
            door: visit.door.map(Into::into),
            seen: visit.seen,
            asked: visit.asked,
            cases: strings(&visit.cases),
            history: visit.history.into_iter().map(Into::into).collect(),
            digest: visit.digest.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use doorstep_core::case::RefusalCode;
    use doorstep_core::time::{Hlc, Stamp};

    use super::*;

    #[test]
    fn a_contested_event_names_the_others_so_that_a_lead_can_choose() {
        let other = Stamp { time: Hlc(7), node: 9 };
        let Standing::Contested { others } = case::Standing::Contested { with: vec![other] }.into() else { panic!() };
        assert_eq!(others.iter().map(|text| text.parse::<Stamp>()).collect::<Vec<_>>(), [Ok(other)]);
        let overtaken = Standing::from(case::Standing::Overtaken { by: None, why: RefusalCode::WrongStage });
        assert_eq!(overtaken, Standing::Overtaken { by: None, why: "wrong_stage".into() });
    }
}
