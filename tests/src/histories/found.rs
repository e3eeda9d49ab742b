//! Where each event is found in the state, and what people of good will would do next.

use doorstep_core::case::{
    Body, CaseState, Command, CommitmentState, CommitmentStatus, Entry, Event, Grade, HandoverStatus, Stage, Standing, Written,
};
use doorstep_core::time::Stamp;
use doorstep_tests::method::say;
use doorstep_tests::method::{Phone, town};

/// Whether an event left what it must leave: a record, or a standing that says why not.
pub(super) fn is_found(state: &CaseState, entry: &Entry) -> bool {
    let stamp = entry.stamp;
    let is = |written: &Written| written.stamp == stamp;
    let Body::Event(event) = &entry.body else { return state.newer.iter().any(|(written, _)| is(written)) };
    // Drafts and signatures stay on record even where they no longer count.
    let always = matches!(event, Event::AgreementDrafted(_) | Event::AgreementSealed(_));
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
        Event::AgreementSealed(_) | Event::AgreementOral(_) => state.agreements.iter().any(|agreement| is(&agreement.written)),
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

/// What comes next on the way to the end, and who does it; nothing once it is reached.
pub(super) fn next_of_good_will(phone: &Phone) -> Option<(&'static str, Command)> {
    let state = phone.state();
    let contested = state.standings.iter().find_map(|(stamp, standing)| match standing {
        Standing::Contested { with } => Some((*stamp, with.clone())),
        _ => None,
    });
    if let Some((holds, over)) = contested {
        return Some((town::LEAD, Command::SettleContest { holds, over, why: "已核实".into() }));
    }
    if state.stage().is_end() {
        return None;
    }
    if let Some(handover) = state.handover() {
        let receiver = town::RECEIVERS.iter().find(|(org, _)| *org == handover.to.as_str()).unwrap().1;
        let accepted = matches!(handover.status, HandoverStatus::Accepted(_));
        return Some((receiver, if accepted { say::send_back() } else { Command::AcceptHandover }));
    }
    Some(match state.own_stage {
        Stage::Received | Stage::Reopened => (town::WORKER, say::open()),
        Stage::Consulting if state.open_consultation().is_none() => (town::WORKER, say::open()),
        Stage::Consulting => {
            let elements = say::elements();
            (town::WORKER, Command::ConcludeConsultation { outcome: doorstep_core::case::Outcome::Agreed, elements })
        }
        Stage::Agreed if state.draft().is_none() => (town::WORKER, say::draft()),
        Stage::Agreed => (town::WORKER, say::oral()),
        Stage::Acting => {
            let open = state.commitments().find(|commitment| !commitment.is_settled());
            match open {
                Some(open) => (town::LEAD, say::fulfil(open.id.draft, open.id.index)),
                None => (town::LEAD, say::complete()),
            }
        }
        _ => {
            let said = state.last_words(state.round);
            let parties = state.parties_to_ask().into_iter().map(String::from);
            // Whoever was dissatisfied before it was done is asked again.
            let dissatisfied = said.iter().filter(|(_, grade)| grade.is_dissatisfied()).map(|(party, _)| (*party).to_owned());
            let unasked = dissatisfied.chain(parties.filter(|party| !said.contains_key(party.as_str()))).next();
            match unasked {
                Some(party) => (town::WORKER, say::feedback(&party, Grade::Satisfied)),
                None => (town::LEAD, Command::Close),
            }
        }
    })
}
