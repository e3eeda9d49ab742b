//! A command becomes events, or a refusal that says what is missing.
//!
//! Here only the command's words are turned into facts ("the open consultation" into its stamp); whether the facts are
//! allowed is the judge's business.

use super::agreed::AgreementForm;
use super::consult::next_number;
use super::event::{
    AgreementConfirmed, AgreementDrafted, AgreementOnPaper, AgreementOral, AgreementSealed, AgreementStamped, Assigned,
    Attached, Closed, CommitmentDefaulted, CommitmentExtended, CommitmentFulfilled, CommitmentRef, CommitmentWaived, Completed,
    ConsultationConcluded, ConsultationOpened, ContestSettled, DepartmentsConvened, EffectChecked, Event, FeedbackGiven,
    FeedbackTried, HandoverAccepted, HandoverRecalled, HandoverReturned, HandoverSettled, Knew, MergedInto, Noted, Outcome,
    Raised, Transferred, Withdrawn,
};
use super::handover::{is_accepted, is_offered};
use super::judge::{Origin, Setting, judge, judge_typing};
use super::refusal::{Refusal, RefusalCode};
use super::state::{CaseState, Handover, HandoverStatus};
use super::{Command, TextName, agree, permit};
use crate::id::Digest;
use crate::people::Person;
use crate::time::{Stamp, Timestamp};

/// What a command comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// This happened.
    Event(Box<Event>),
    /// This text now reads so.
    Text(TextName, String),
}

/// What `command` comes to on `state`, if it is allowed.
pub fn decide(setting: &Setting<'_>, state: &CaseState, command: &Command, now: Timestamp) -> Result<Decision, Refusal> {
    permit::first(setting, state, command.kind())?;
    if let Command::EditText { text, now } = command {
        judge_typing(setting, state)?;
        super::text::optional(text.key(), now, super::text::TEXT_MAX)?;
        return Ok(Decision::Text(*text, now.clone()));
    }
    let event = translate(setting.person, state, command, now)?;
    judge(&Setting { origin: Origin::Here { now }, ..*setting }, state, &event)?;
    Ok(Decision::Event(Box::new(event)))
}

fn translate(person: &Person, state: &CaseState, command: &Command, now: Timestamp) -> Result<Event, Refusal> {
    let round = state.round;
    let own = |fits| own_handover(person, state, fits);
    Ok(match command.clone() {
        Command::Report { report } => report.into(),
        Command::Assign { to } => Assigned { to }.into(),
        Command::OpenConsultation { form, elements } => {
            ConsultationOpened { number: next_number(state), form, elements }.into()
        }
        Command::ConcludeConsultation { outcome, elements } => {
            let consultation = open_consultation(state)?;
            ConsultationConcluded { consultation, outcome, elements }.into()
        }
        Command::DraftAgreement { dispute, parties, facts, terms, commitments } => {
            let consultation = agreed_consultation(state)?;
            let replaces = state.draft().map(|draft| draft.written.stamp);
            AgreementDrafted { consultation, dispute, parties, facts, terms, commitments, replaces }.into()
        }
        Command::SealAgreement { draft, bundle, check_number } => AgreementSealed { draft, bundle, check_number }.into(),
        Command::RecordPaperAgreement { sheets, witness } => AgreementOnPaper { draft: draft(state)?, sheets, witness }.into(),
        Command::RecordOralAgreement { witness } => AgreementOral { draft: draft(state)?, witness }.into(),
        Command::StampAgreement => {
            let (agreement, bundle) = signed(state)?;
            AgreementStamped { agreement, bundle }.into()
        }
        Command::ConfirmAgreement { court, number, on } => {
            let last = state.last_sealed().ok_or(Refusal::new(RefusalCode::NotSigned))?;
            AgreementConfirmed { agreement: last.written.stamp, court, number, on }.into()
        }
        Command::FulfilCommitment { commitment, seen } => {
            CommitmentFulfilled { commitment, seen, knew: Some(finding(state, commitment)) }.into()
        }
        Command::ExtendCommitment { commitment, why, until } => {
            CommitmentExtended { commitment, why, until, knew: Some(finding(state, commitment)) }.into()
        }
        Command::DefaultCommitment { commitment, why } => {
            CommitmentDefaulted { commitment, why, knew: Some(finding(state, commitment)) }.into()
        }
        Command::WaiveCommitment { commitment, by, why } => {
            CommitmentWaived { commitment, by, why, knew: Some(finding(state, commitment)) }.into()
        }
        Command::Complete { words } => Completed { round, words }.into(),
        Command::CheckEffect { seen } => EffectChecked { round, seen }.into(),
        Command::RecordFeedback { party, grade, words, asked } => FeedbackGiven { round, party, grade, words, asked }.into(),
        Command::RecordFeedbackTry { party, asked } => FeedbackTried { round, party, asked, on: now.date() }.into(),
        Command::Close => Closed { round }.into(),
        Command::Raise { to, ground, reason, tried } => Raised { to, ground, reason, tried }.into(),
        Command::Transfer { to, reason, agreed } => Transferred { to, reason, agreed }.into(),
        Command::AcceptHandover => HandoverAccepted { handover: own(is_offered)? }.into(),
        Command::ReturnHandover { why } => HandoverReturned { handover: own(is_accepted)?, why }.into(),
        Command::SettleHandover { result } => HandoverSettled { handover: own(is_accepted)?, result }.into(),
        Command::RecallHandover { why } => HandoverRecalled { handover: offered(state)?, why }.into(),
        Command::ConveneDepartments { departments } => DepartmentsConvened { handover: own(is_accepted)?, departments }.into(),
        Command::Withdraw { why } => Withdrawn { why, knew: Some(in_force(state)) }.into(),
        Command::MarkDuplicate { of } => MergedInto { case: of, knew: Some(in_force(state)) }.into(),
        Command::Note { text } => Noted { text }.into(),
        Command::Attach { digest, media, length, caption, preview } => {
            Attached { digest, media, length, caption, preview }.into()
        }
        Command::SettleContest { holds, over, why } => ContestSettled { holds, over, why }.into(),
        // Typing makes no event; `decide` has dealt with it.
        Command::EditText { .. } => return Err(Refusal::new(RefusalCode::WrongStage)),
    })
}

fn open_consultation(state: &CaseState) -> Result<Stamp, Refusal> {
    let open = state.open_consultation().ok_or(Refusal::new(RefusalCode::NoOpenConsultation))?;
    Ok(open.opened.stamp)
}

/// The last sitting of the round that ended in agreement.
fn agreed_consultation(state: &CaseState) -> Result<Stamp, Refusal> {
    let agreed = state
        .consultations
        .iter()
        .rev()
        .find(|sitting| sitting.round == state.round && matches!(sitting.outcome, Some((_, Outcome::Agreed))));
    Ok(agreed.ok_or(Refusal::new(RefusalCode::NotAgreed))?.opened.stamp)
}

fn draft(state: &CaseState) -> Result<Stamp, Refusal> {
    agree::check_draftable(state)?;
    Ok(state.draft().ok_or(Refusal::new(RefusalCode::NoDraft))?.written.stamp)
}

/// The sealing of the signed agreement in force, and its bundle.
fn signed(state: &CaseState) -> Result<(Stamp, Digest), Refusal> {
    match state.agreement().map(|agreement| (agreement.written.stamp, &agreement.form)) {
        Some((stamp, AgreementForm::Sealed { bundle, .. })) => Ok((stamp, *bundle)),
        _ => Err(Refusal::new(RefusalCode::NotSigned)),
    }
}

/// The finding about a commitment that stands now.
fn finding(state: &CaseState, id: CommitmentRef) -> Knew {
    let commitment = state.commitments.iter().find(|commitment| commitment.id == id);
    Knew { event: commitment.and_then(|commitment| commitment.status.found()) }
}

/// The agreement in force now.
fn in_force(state: &CaseState) -> Knew {
    Knew { event: state.agreement().map(|agreement| agreement.written.stamp) }
}

/// The handover under way to an org that the person works for: of several, contested ones, that in the state that fits.
fn own_handover(person: &Person, state: &CaseState, fits: fn(&HandoverStatus) -> bool) -> Result<Stamp, Refusal> {
    let to_own = |handover: &&Handover| handover.is_active() && person.posts().any(|post| post.org == handover.to);
    let own = || state.handovers.iter().filter(to_own);
    let fitting = own().find(|handover| fits(&handover.status)).or_else(|| own().next());
    Ok(fitting.ok_or(Refusal::new(RefusalCode::NoHandover))?.offered.stamp)
}

/// The offer that nobody has accepted yet.
fn offered(state: &CaseState) -> Result<Stamp, Refusal> {
    let offered = state.handovers.iter().find(|handover| is_offered(&handover.status));
    Ok(offered.ok_or(Refusal::new(RefusalCode::NoHandover))?.offered.stamp)
}
