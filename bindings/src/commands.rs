//! What a worker does to cases and visits: one method a command, in the words of the core's `case::Command`.
//!
//! Each is on disk when it returns and gives the view after it; refused, nothing has changed and the error says why.

use doorstep_core::case::{Command, CommitmentRef, Outcome, Refusal, RefusalCode};
use doorstep_core::device::DeviceError;
use doorstep_core::visit;

use crate::device::Device;
use crate::errors::{DoorstepError, read};
use crate::names::{Asked, Form, Grade, Ground, TextName};
use crate::terms::{AgreedWithBody, Department, Draft, Elements, Report, Visit, each};
use crate::views::{CaseView, VisitView};

#[uniffi::export]
impl Device {
    /// Reports a new case.
    pub fn report(&self, report: Report) -> Result<CaseView, DoorstepError> {
        let report = self.term(report.try_into())?;
        self.inner.report(report).map(Into::into).map_err(|error| self.error(&error))
    }

    /// Records a visit.
    pub fn record_visit(&self, visit: Visit) -> Result<VisitView, DoorstepError> {
        let visit = self.term(visit.try_into())?;
        self.inner.record_visit(visit).map(Into::into).map_err(|error| self.error(&error))
    }

    /// Opens a case out of a visit: the case names the visit, and the visit the case.
    pub fn report_from_visit(&self, visit_id: String, report: Report) -> Result<CaseView, DoorstepError> {
        let (visit, report) = (self.doc(&visit_id)?, self.term(report.try_into())?);
        self.inner.report_from_visit(visit, report).map(Into::into).map_err(|error| self.error(&error))
    }

    /// Adds a line to a visit.
    pub fn add_line(&self, visit_id: String, text: String) -> Result<VisitView, DoorstepError> {
        let visit = self.doc(&visit_id)?;
        self.inner.run_visit(visit, &visit::Command::AddLine { text }).map(Into::into).map_err(|error| self.error(&error))
    }

    /// Assigns the case to a worker.
    pub fn assign(&self, case_id: String, to: String) -> Result<CaseView, DoorstepError> {
        self.run(&case_id, Command::Assign { to: read(&to, self.lang)? })
    }

    /// Opens a consultation.
    pub fn open_consultation(&self, case_id: String, form: Form, elements: Elements) -> Result<CaseView, DoorstepError> {
        self.run(&case_id, Command::OpenConsultation { form: form.into(), elements: elements.into() })
    }

    /// Concludes the open consultation: the parties agree. Elements given replace earlier ones.
    pub fn conclude_agreed(&self, case_id: String, elements: Elements) -> Result<CaseView, DoorstepError> {
        self.conclude(&case_id, Outcome::Agreed, elements)
    }

    /// Concludes the open consultation: they don't agree.
    pub fn conclude_not_agreed(&self, case_id: String, reason: String, elements: Elements) -> Result<CaseView, DoorstepError> {
        self.conclude(&case_id, Outcome::NotAgreed { reason }, elements)
    }

    /// Adjourns the open consultation to a day such as `2026-05-08`.
    pub fn adjourn(&self, case_id: String, until: String, elements: Elements) -> Result<CaseView, DoorstepError> {
        let until = read(&until, self.lang)?;
        self.conclude(&case_id, Outcome::Adjourned { until }, elements)
    }

    /// Drafts the agreement, or drafts it anew.
    pub fn draft_agreement(&self, case_id: String, draft: Draft) -> Result<CaseView, DoorstepError> {
        let (parties, commitments) = (self.term(each(draft.parties))?, self.term(each(draft.commitments))?);
        let Draft { facts, terms, dispute, .. } = draft;
        self.run(&case_id, Command::DraftAgreement { dispute: dispute.into(), parties, facts, terms, commitments })
    }

    /// Records that the draft was agreed by word, before a witness.
    pub fn record_oral_agreement(&self, case_id: String, witness: String) -> Result<CaseView, DoorstepError> {
        self.run(&case_id, Command::RecordOralAgreement { witness })
    }

    /// Records that the printed draft was signed in wet ink. `sheets`: photos or scans of it, attached to the case before.
    pub fn record_paper_agreement(
        &self,
        case_id: String,
        sheets: Vec<String>,
        witness: String,
    ) -> Result<CaseView, DoorstepError> {
        let sheets = sheets.iter().map(|sheet| read(sheet, self.lang)).collect::<Result<_, _>>()?;
        self.run(&case_id, Command::RecordPaperAgreement { sheets, witness })
    }

    /// Puts the committee's stamp to the signed agreement in force: it takes effect.
    pub fn stamp_agreement(&self, case_id: String) -> Result<CaseView, DoorstepError> {
        self.run(&case_id, Command::StampAgreement)
    }

    /// Records that a court confirmed the agreement, on a day such as `2026-05-08`.
    pub fn confirm_agreement(
        &self,
        case_id: String,
        court: String,
        number: String,
        on: String,
    ) -> Result<CaseView, DoorstepError> {
        let on = read(&on, self.lang)?;
        self.run(&case_id, Command::ConfirmAgreement { court, number, on })
    }

    /// Records that a commitment was fulfilled; `index` as in [`crate::CommitmentView`].
    pub fn fulfil_commitment(&self, case_id: String, index: u32, seen: String) -> Result<CaseView, DoorstepError> {
        let commitment = self.commitment(&case_id, index)?;
        self.run(&case_id, Command::FulfilCommitment { commitment, seen })
    }

    /// Extends a commitment to a day such as `2026-05-08`.
    pub fn extend_commitment(
        &self,
        case_id: String,
        index: u32,
        until: String,
        why: String,
    ) -> Result<CaseView, DoorstepError> {
        let (commitment, until) = (self.commitment(&case_id, index)?, read(&until, self.lang)?);
        self.run(&case_id, Command::ExtendCommitment { commitment, why, until })
    }

    /// Records that a commitment was not kept.
    pub fn default_commitment(&self, case_id: String, index: u32, why: String) -> Result<CaseView, DoorstepError> {
        let commitment = self.commitment(&case_id, index)?;
        self.run(&case_id, Command::DefaultCommitment { commitment, why })
    }

    /// Records that the party a commitment is owed to waives it.
    pub fn waive_commitment(&self, case_id: String, index: u32, by: String, why: String) -> Result<CaseView, DoorstepError> {
        let commitment = self.commitment(&case_id, index)?;
        self.run(&case_id, Command::WaiveCommitment { commitment, by, why })
    }

    /// Says that everything agreed is done.
    pub fn complete(&self, case_id: String, words: String) -> Result<CaseView, DoorstepError> {
        self.run(&case_id, Command::Complete { words })
    }

    /// Records what was seen when the effect was checked on the spot.
    pub fn check_effect(&self, case_id: String, seen: String) -> Result<CaseView, DoorstepError> {
        self.run(&case_id, Command::CheckEffect { seen })
    }

    /// Records how satisfied a party is.
    pub fn record_feedback(
        &self,
        case_id: String,
        party: String,
        grade: Grade,
        asked: Asked,
        words: String,
    ) -> Result<CaseView, DoorstepError> {
        self.run(&case_id, Command::RecordFeedback { party, grade: grade.into(), words, asked: asked.into() })
    }

    /// Records that a party could not be reached.
    pub fn record_feedback_try(&self, case_id: String, party: String, asked: Asked) -> Result<CaseView, DoorstepError> {
        self.run(&case_id, Command::RecordFeedbackTry { party, asked: asked.into() })
    }

    /// Closes the case.
    pub fn close_case(&self, case_id: String) -> Result<CaseView, DoorstepError> {
        self.run(&case_id, Command::Close)
    }

    /// Raises the case to an office, a centre or the committee.
    pub fn raise_case(
        &self,
        case_id: String,
        to: String,
        ground: Ground,
        reason: String,
        tried: String,
    ) -> Result<CaseView, DoorstepError> {
        self.run(&case_id, Command::Raise { to: read(&to, self.lang)?, ground: ground.into(), reason, tried })
    }

    /// Transfers the case to a unit, or to a body outside that agreed to take it.
    pub fn transfer(
        &self,
        case_id: String,
        to: String,
        reason: String,
        agreed: Option<AgreedWithBody>,
    ) -> Result<CaseView, DoorstepError> {
        let agreed = self.term(agreed.map(TryInto::try_into).transpose())?;
        self.run(&case_id, Command::Transfer { to: read(&to, self.lang)?, reason, agreed })
    }

    /// Accepts what was raised or transferred.
    pub fn accept_handover(&self, case_id: String) -> Result<CaseView, DoorstepError> {
        self.run(&case_id, Command::AcceptHandover)
    }

    /// Gives it back.
    pub fn return_handover(&self, case_id: String, why: String) -> Result<CaseView, DoorstepError> {
        self.run(&case_id, Command::ReturnHandover { why })
    }

    /// Says what came of it.
    pub fn settle_handover(&self, case_id: String, result: String) -> Result<CaseView, DoorstepError> {
        self.run(&case_id, Command::SettleHandover { result })
    }

    /// Takes an offer back before it is accepted.
    pub fn recall_handover(&self, case_id: String, why: String) -> Result<CaseView, DoorstepError> {
        self.run(&case_id, Command::RecallHandover { why })
    }

    /// Calls departments to the committee's table.
    pub fn convene_departments(&self, case_id: String, departments: Vec<Department>) -> Result<CaseView, DoorstepError> {
        let departments = self.term(each(departments))?;
        self.run(&case_id, Command::ConveneDepartments { departments })
    }

    /// Records that the reporter withdrew.
    pub fn withdraw(&self, case_id: String, why: String) -> Result<CaseView, DoorstepError> {
        self.run(&case_id, Command::Withdraw { why })
    }

    /// Says that the case is another one's duplicate.
    pub fn mark_duplicate(&self, case_id: String, of: String) -> Result<CaseView, DoorstepError> {
        self.run(&case_id, Command::MarkDuplicate { of: self.doc(&of)? })
    }

    /// Adds a note.
    pub fn note(&self, case_id: String, text: String) -> Result<CaseView, DoorstepError> {
        self.run(&case_id, Command::Note { text })
    }

    /// Replaces a shared text by what now stands on the screen; only the difference is recorded.
    pub fn edit_text(&self, case_id: String, text: TextName, now: String) -> Result<CaseView, DoorstepError> {
        self.run(&case_id, Command::EditText { text: text.into(), now })
    }

    /// Chooses between events that exclude each other; events are named as in [`crate::HistoryLine`].
    pub fn settle_contest(
        &self,
        case_id: String,
        holds: String,
        over: Vec<String>,
        why: String,
    ) -> Result<CaseView, DoorstepError> {
        let over = over.iter().map(|event| read(event, self.lang)).collect::<Result<_, _>>()?;
        self.run(&case_id, Command::SettleContest { holds: read(&holds, self.lang)?, over, why })
    }
}

impl Device {
    fn run(&self, case_id: &str, command: Command) -> Result<CaseView, DoorstepError> {
        self.inner.run(self.doc(case_id)?, &command).map(Into::into).map_err(|error| self.error(&error))
    }

    fn conclude(&self, case_id: &str, outcome: Outcome, elements: Elements) -> Result<CaseView, DoorstepError> {
        self.run(case_id, Command::ConcludeConsultation { outcome, elements: elements.into() })
    }

    /// The commitment at this place of the agreement in force.
    fn commitment(&self, case_id: &str, index: u32) -> Result<CommitmentRef, DoorstepError> {
        let case = self.inner.case(self.doc(case_id)?).map_err(|error| self.error(&error))?;
        let found = case.commitments.iter().find(|commitment| commitment.index == index);
        let none = || self.error(&DeviceError::Refused(Refusal::new(RefusalCode::NoCommitment)));
        Ok(CommitmentRef { draft: found.ok_or_else(none)?.draft, index })
    }

    pub(crate) fn term<T>(&self, term: Result<T, doorstep_core::id::IdError>) -> Result<T, DoorstepError> {
        term.map_err(|error| DoorstepError::not(error.expected, self.lang))
    }
}
