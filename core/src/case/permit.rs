//! The role's side of the handbook's table: which deed a command or an event is, and whether this person may do it here.
//!
//! Asks [`crate::access`] and knows of stages only who has the case now and whether it has ended. A refusal says the truth that helps: who may
//! never do this here is not allowed; who may, but not while somebody else has the case, hears that.

use super::event::{CommitmentRef, Event, PartyKind};
use super::handover::is_offered;
use super::judge::{Origin, Setting};
use super::kind::CommandKind;
use super::lifecycle::check_open;
use super::refusal::{Refusal, RefusalCode};
use super::state::{CaseState, Handover};
use crate::access::{self, Deed, Situation};
use crate::id::OrgId;
use crate::time::{DAY_MS, Stamp};

/// Whether the person's posts could ever allow such a command on this case, whoever has it now.
pub(super) fn could(setting: &Setting<'_>, state: &CaseState, kind: CommandKind) -> Result<(), Refusal> {
    let Some(place) = state.place() else { return Err(Refusal::new(RefusalCode::NotReported)) };
    let involved = involved(setting, state);
    let mut answer = Err(Refusal::new(RefusalCode::NotAllowed));
    for deed in deeds(state, kind, &involved) {
        for holder in std::iter::once(None).chain(involved.iter().copied().map(Some)) {
            let at = Situation { place, holder, involved: &involved };
            answer = access::may(setting.directory, setting.person, deed, &at);
            if answer.is_ok() {
                return answer;
            }
        }
    }
    // Whoever holds no post at all is told so, also where nobody could.
    access::may(setting.directory, setting.person, Deed::Note, &Situation { place, holder: None, involved: &[] })
        .or_else(|refusal| if refusal.code == RefusalCode::UnknownPerson { Err(refusal) } else { Ok(()) })?;
    answer
}

/// What is asked before anybody looks for "the open consultation" or "the draft": whoever may never do this here, or not now
/// because of whose hands the case is in, or because it has ended, hears that first, not what is missing for it.
pub(super) fn first(setting: &Setting<'_>, state: &CaseState, kind: CommandKind) -> Result<(), Refusal> {
    use CommandKind as K;
    if kind == K::Report {
        return Ok(());
    }
    could(setting, state, kind)?;
    // What may be added to a case that has ended says itself until when.
    if !matches!(kind, K::Note | K::Attach | K::SettleContest | K::ConfirmAgreement) {
        check_open(state)?;
    }
    if let [deed @ Deed::Consult] = deeds(state, kind, &[])[..] {
        may(setting, state, deed)?;
        // Offered: no longer the community's, and not yet anybody else's.
        if state.handover().is_some_and(|handover| is_offered(&handover.status)) {
            return Err(Refusal::new(RefusalCode::HandedOver));
        }
    }
    Ok(())
}

/// Whether the person may bring this event about now.
pub(super) fn permitted(setting: &Setting<'_>, state: &CaseState, event: &Event) -> Result<(), Refusal> {
    if let Event::Reported(reported) = event {
        let at = Situation { place: &reported.place, holder: None, involved: &[] };
        return access::may(setting.directory, setting.person, Deed::Report, &at);
    }
    may(setting, state, deed(state, event)?)
}

/// Whether the person may type in the shared texts now.
pub(super) fn may_type(setting: &Setting<'_>, state: &CaseState) -> Result<(), Refusal> {
    may(setting, state, Deed::Type)
}

fn may(setting: &Setting<'_>, state: &CaseState, deed: Deed<'_>) -> Result<(), Refusal> {
    let Some(place) = state.place() else { return Err(Refusal::new(RefusalCode::NotReported)) };
    let involved = involved(setting, state);
    let ask = |holder| access::may(setting.directory, setting.person, deed, &Situation { place, holder, involved: &involved });
    let Err(refusal) = ask(state.holder()) else { return Ok(()) };
    let others = std::iter::once(None).chain(involved.iter().copied().map(Some));
    if refusal.code != RefusalCode::NotAllowed || !others.into_iter().any(|holder| ask(holder).is_ok()) {
        return Err(refusal);
    }
    // Their posts would allow it, were the case in their hands.
    Err(Refusal::new(if state.holder().is_some() { RefusalCode::HandedOver } else { RefusalCode::NoHandover }))
}

/// The orgs the case was handed to that still see it. Like every limit in days it is held only against what is done here and
/// now; what arrives may come from a clock that is wrong.
fn involved<'a>(setting: &Setting<'_>, state: &'a CaseState) -> Vec<&'a OrgId> {
    let kept = i64::from(setting.directory.policy.visible_after_return_days) * DAY_MS;
    let still = |handover: &&Handover| match (setting.origin, handover.ended()) {
        (Origin::Here { now }, Some(ended)) => ended.wall().plus_ms(kept) > now,
        _ => true,
    };
    state.handovers.iter().filter(still).map(|handover| &handover.to).collect()
}

/// Which deed it is.
fn deed<'a>(state: &'a CaseState, event: &Event) -> Result<Deed<'a>, Refusal> {
    Ok(match event {
        Event::ConsultationOpened(_)
        | Event::ConsultationConcluded(_)
        | Event::AgreementDrafted(_)
        | Event::AgreementSealed(_)
        | Event::AgreementOnPaper(_)
        | Event::AgreementOral(_) => Deed::Consult,
        Event::CommitmentFulfilled(e) => Deed::Commitment { owed_by: owed_by(state, e.commitment) },
        Event::CommitmentExtended(e) => Deed::Commitment { owed_by: owed_by(state, e.commitment) },
        Event::CommitmentDefaulted(e) => Deed::Commitment { owed_by: owed_by(state, e.commitment) },
        // A beneficiary's waiver is taken down by worker or lead, never by the org that owes or that wants to be done with it.
        Event::CommitmentWaived(_) | Event::EffectChecked(_) | Event::FeedbackGiven(_) | Event::FeedbackTried(_) => {
            Deed::FollowUp
        }
        Event::Completed(_) => Deed::Complete,
        Event::HandoverAccepted(e) => Deed::Receive { to: receiver(state, e.handover)? },
        Event::HandoverReturned(e) => Deed::Receive { to: receiver(state, e.handover)? },
        Event::HandoverSettled(e) => Deed::Receive { to: receiver(state, e.handover)? },
        Event::DepartmentsConvened(e) => Deed::Convene { to: receiver(state, e.handover)? },
        Event::Noted(_) => Deed::Note,
        Event::Attached(_) => Deed::Attach,
        Event::Reported(_) => Deed::Report,
        Event::Assigned(_)
        | Event::AgreementStamped(_)
        | Event::AgreementConfirmed(_)
        | Event::Closed(_)
        | Event::Raised(_)
        | Event::Transferred(_)
        | Event::HandoverRecalled(_)
        | Event::Withdrawn(_)
        | Event::MergedInto(_)
        | Event::ContestSettled(_) => Deed::Lead,
    })
}

/// Which deeds such a command may turn out to be on this case.
fn deeds<'a>(state: &'a CaseState, kind: CommandKind, involved: &[&'a OrgId]) -> Vec<Deed<'a>> {
    use CommandKind as K;
    match kind {
        K::Report => vec![Deed::Report],
        K::OpenConsultation
        | K::ConcludeConsultation
        | K::DraftAgreement
        | K::SealAgreement
        | K::RecordOralAgreement
        | K::RecordPaperAgreement => vec![Deed::Consult],
        K::FulfilCommitment | K::ExtendCommitment | K::DefaultCommitment => {
            let owing = state.commitments.iter().filter_map(|commitment| owed_by(state, commitment.id));
            std::iter::once(None).chain(owing.map(Some)).map(|owed_by| Deed::Commitment { owed_by }).collect()
        }
        K::WaiveCommitment | K::CheckEffect | K::RecordFeedback | K::RecordFeedbackTry => vec![Deed::FollowUp],
        K::Complete => vec![Deed::Complete],
        K::AcceptHandover | K::ReturnHandover | K::SettleHandover => involved.iter().map(|&to| Deed::Receive { to }).collect(),
        K::ConveneDepartments => involved.iter().map(|&to| Deed::Convene { to }).collect(),
        K::Note => vec![Deed::Note],
        K::Attach => vec![Deed::Attach],
        K::EditText => vec![Deed::Type],
        K::Assign
        | K::StampAgreement
        | K::ConfirmAgreement
        | K::Close
        | K::Raise
        | K::Transfer
        | K::RecallHandover
        | K::Withdraw
        | K::MarkDuplicate
        | K::SettleContest => vec![Deed::Lead],
    }
}

fn receiver(state: &CaseState, offer: Stamp) -> Result<&OrgId, Refusal> {
    let found = state.handovers.iter().find(|handover| handover.offered.stamp == offer);
    found.map(|handover| &handover.to).ok_or(Refusal::new(RefusalCode::NoHandover))
}

/// The org of the directory that owes a commitment.
pub(super) fn owed_by(state: &CaseState, id: CommitmentRef) -> Option<&OrgId> {
    let commitment = state.commitments.iter().find(|commitment| commitment.id == id)?;
    let draft = state.drafts.iter().find(|draft| draft.written.stamp == id.draft)?;
    let party = draft.content.parties.iter().find(|party| party.name == commitment.content.party)?;
    match &party.kind {
        PartyKind::Org { org } => org.as_ref(),
        PartyKind::Resident => None,
    }
}
