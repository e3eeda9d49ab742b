//! Where each event is found in the state of its case.

use doorstep_core::case::{
    Body, CaseState, CommitmentState, CommitmentStatus, Entry, Event, HandoverStatus, Standing, Written,
};
use doorstep_core::time::Stamp;

/// Whether an event left what it must leave: a record, or a standing that says why not.
pub(super) fn is_found(state: &CaseState, entry: &Entry) -> bool {
    let stamp = entry.stamp;
    let is = |written: &Written| written.stamp == stamp;
    let Body::Event(event) = &entry.body else { return state.newer.iter().any(|(written, _)| is(written)) };
    // Drafts and signatures stay on record even where they no longer count.
    let always = matches!(event, Event::AgreementDrafted(_) | Event::AgreementSealed(_) | Event::AgreementOnPaper(_));
    if state.standings.contains_key(&stamp) && !always {
        return true;
    }
    match event {
        Event::Reported(_) => state.report.as_ref().is_some_and(|(written, _)| is(written)),
        Event::ConsultationOpened(_) => state.consultations.iter().any(|sitting| sitting.has_record(stamp)),
        // A second record of the same end leaves the first.
        Event::ConsultationConcluded(e) => {
            let sitting = state.consultations.iter().find(|sitting| sitting.has_record(e.consultation));
            sitting.is_some_and(|sitting| sitting.outcome.is_some())
        }
        Event::AgreementDrafted(_) => state.drafts.iter().any(|draft| is(&draft.written)),
        Event::AgreementSealed(_) | Event::AgreementOnPaper(_) | Event::AgreementOral(_) => {
            state.agreements.iter().any(|agreement| is(&agreement.written))
        }
        Event::AgreementStamped(e) => {
            state.agreements.iter().any(|one| one.written.stamp == e.agreement && one.stamped.is_some())
        }
        Event::AgreementConfirmed(e) => {
            state.agreements.iter().any(|one| one.written.stamp == e.agreement && one.confirmed.is_some())
        }
        Event::CommitmentFulfilled(e) => holds(state, e.commitment, stamp),
        Event::CommitmentWaived(e) => holds(state, e.commitment, stamp),
        // A commitment kept after all leaves the keeping; a later default leaves the later one.
        Event::CommitmentDefaulted(e) => commitment(state, e.commitment).is_some_and(|c| c.status != CommitmentStatus::Open),
        Event::CommitmentExtended(e) => commitment(state, e.commitment).is_some(),
        Event::Completed(_) => state.completions.iter().any(|(_, written, _)| is(written)),
        Event::EffectChecked(_) => state.effects.iter().any(|(_, written, _)| is(written)),
        Event::FeedbackGiven(_) | Event::FeedbackTried(_) => state.answers.iter().any(|answer| is(&answer.written)),
        Event::Closed(_) | Event::Withdrawn(_) | Event::MergedInto(_) => state.own_stage_by == Some(stamp),
        Event::Raised(_) | Event::Transferred(_) => state.handovers.iter().any(|handover| is(&handover.offered)),
        Event::HandoverAccepted(e) => state
            .handovers
            .iter()
            .any(|handover| handover.offered.stamp == e.handover && !matches!(handover.status, HandoverStatus::Offered)),
        Event::HandoverReturned(_) | Event::HandoverSettled(_) | Event::HandoverRecalled(_) => {
            state.handovers.iter().any(|handover| match &handover.status {
                HandoverStatus::Returned(written, _)
                | HandoverStatus::Settled(written, _)
                | HandoverStatus::Recalled(written, _) => is(written),
                _ => false,
            })
        }
        Event::DepartmentsConvened(_) => {
            state.handovers.iter().flat_map(|handover| &handover.convened).any(|(written, _)| is(written))
        }
        Event::Noted(_) => state.notes.iter().any(|(written, _)| is(written)),
        Event::Attached(_) => state.attachments.iter().any(|(written, _)| is(written)),
        // These leave what they brought about.
        Event::Assigned(_) => state.assignee.is_some(),
        Event::ContestSettled(e) => e.over.iter().all(|stamp| matches!(state.standing(*stamp), Standing::Overtaken { .. })),
    }
}

fn commitment(state: &CaseState, id: doorstep_core::case::CommitmentRef) -> Option<&CommitmentState> {
    state.commitments.iter().find(|commitment| commitment.id == id)
}

fn holds(state: &CaseState, id: doorstep_core::case::CommitmentRef, stamp: Stamp) -> bool {
    commitment(state, id).is_some_and(|c| std::iter::once(&c.status).chain(&c.disputed).any(|s| s.found() == Some(stamp)))
}
