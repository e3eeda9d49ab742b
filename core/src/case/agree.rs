//! Agreed (商定): the draft, and how it comes into force: signed, witnessed and sealed, or by word.
//!
//! A signature outranks an edit: what was sealed is what was signed, and drafts written meanwhile are overtaken.

use super::agreed::{Agreement, AgreementForm};
use super::event::{
    AgreementConfirmed, AgreementDrafted, AgreementOnPaper, AgreementOral, AgreementSealed, AgreementStamped, CommitmentRef,
    DisputeKind, Outcome,
};
use super::moot::{Applied, Moot, refuse};
use super::refusal::{Refusal, RefusalCode};
use super::state::{CaseState, CommitmentState, CommitmentStatus, Draft, HandoverStatus, Stage, Standing, Written};
use super::text::{self, LINE_MAX, TEXT_MAX};
use crate::id::Digest;
use crate::planted::{self, Planted};
use crate::time::Stamp;

/// Whether a draft may be written or agreed to: the last consultation ended in agreement and nothing is in force yet.
fn draftable(state: &CaseState) -> Applied {
    if let Some(agreement) = state.agreement() {
        return Err(Moot::new(RefusalCode::AgreementHolds, Some(agreement.written.stamp)));
    }
    if let Some(offer) = state.handover().filter(|handover| handover.status == HandoverStatus::Offered) {
        return Err(Moot::new(RefusalCode::HandedOver, Some(offer.offered.stamp)));
    }
    match state.own_stage {
        Stage::Agreed => Ok(()),
        Stage::Unreported => Err(Moot::new(RefusalCode::NotReported, None)),
        Stage::Received | Stage::Consulting | Stage::Reopened => Err(Moot::new(RefusalCode::NotAgreed, None)),
        _ => Err(Moot::new(RefusalCode::WrongStage, None)),
    }
}

pub(super) fn check_draftable(state: &CaseState) -> Result<(), Refusal> {
    draftable(state).map_err(|moot| refuse(state, &moot))
}

pub(super) fn check_drafted(state: &CaseState, event: &AgreementDrafted) -> Result<(), Refusal> {
    check_draftable(state)?;
    let ended_agreed = state.consultations.iter().any(|consultation| {
        consultation.round == state.round
            && consultation.has_record(event.consultation)
            && matches!(consultation.outcome, Some((_, Outcome::Agreed)))
    });
    if !ended_agreed {
        return Err(Refusal::new(RefusalCode::NotAgreed));
    }
    check_content(event)
}

/// What a draft must hold, whatever the case.
fn check_content(event: &AgreementDrafted) -> Result<(), Refusal> {
    if event.parties.is_empty() {
        return Err(Refusal::about(RefusalCode::Missing, ["parties"]));
    }
    text::list("parties", &event.parties)?;
    text::list("commitments", &event.commitments)?;
    for (place, party) in event.parties.iter().enumerate() {
        text::required("parties", &party.name, LINE_MAX)?;
        if event.parties.iter().take(place).any(|earlier| earlier.name == party.name) {
            return Err(Refusal::about(RefusalCode::PartyTwice, [&party.name]));
        }
    }
    text::optional("facts", &event.facts, TEXT_MAX)?;
    text::required("terms", &event.terms, TEXT_MAX)?;
    for commitment in &event.commitments {
        text::required("commitments", &commitment.deed, TEXT_MAX)?;
        if !event.parties.iter().any(|party| party.name == commitment.party) {
            return Err(Refusal::about(RefusalCode::UnknownParty, [&commitment.party]));
        }
    }
    Ok(())
}

/// A draft that came too late is kept as well: it may have been signed where nobody knew that it was.
pub(super) fn drafted(state: &mut CaseState, written: Written, event: &AgreementDrafted) -> Applied {
    let sitting = state.consultations.iter().find(|consultation| consultation.has_record(event.consultation));
    let round = sitting.map_or(state.round, |sitting| sitting.round);
    let applied = if round == state.round { draftable(state) } else { Err(Moot::new(RefusalCode::WrongRound, None)) };
    state.drafts.push(Draft { written, round, content: event.clone() });
    applied
}

fn check_in_force(state: &CaseState, draft: Stamp) -> Result<&Draft, Refusal> {
    check_draftable(state)?;
    match state.draft() {
        None => Err(Refusal::new(RefusalCode::NoDraft)),
        Some(current) if current.written.stamp != draft => Err(Refusal::new(RefusalCode::DraftSuperseded)),
        Some(current) => Ok(current),
    }
}

pub(super) fn check_sealed(state: &CaseState, event: &AgreementSealed) -> Result<(), Refusal> {
    let draft = check_in_force(state, event.draft)?;
    if draft.content.dispute != DisputeKind::Ordinary {
        return Err(Refusal::new(RefusalCode::WetInkOnly));
    }
    text::required("check_number", &event.check_number, LINE_MAX)
}

pub(super) fn check_oral(state: &CaseState, event: &AgreementOral) -> Result<(), Refusal> {
    check_in_force(state, event.draft)?;
    text::required("witness", &event.witness, LINE_MAX)
}

/// Signed on paper: what was signed must be there to be looked at.
pub(super) fn check_on_paper(state: &CaseState, event: &AgreementOnPaper) -> Result<(), Refusal> {
    check_in_force(state, event.draft)?;
    text::required("witness", &event.witness, LINE_MAX)?;
    text::list("sheets", &event.sheets)?;
    let attached =
        |sheet: &&Digest| state.attachments.iter().any(|(_, known)| known.digest == **sheet && is_sheet(&known.media));
    if event.sheets.is_empty() {
        return Err(Refusal::new(RefusalCode::SheetNotAttached));
    }
    let missing: Vec<String> = event.sheets.iter().filter(|sheet| !attached(sheet)).map(ToString::to_string).collect();
    if missing.is_empty() { Ok(()) } else { Err(Refusal::about(RefusalCode::SheetNotAttached, missing)) }
}

/// Whether an attachment of this media type can show a signed sheet: a photo, or a scan.
pub(super) fn is_sheet(media: &str) -> bool {
    media.starts_with("image/") || media == "application/pdf"
}

pub(super) fn sealed(state: &mut CaseState, written: Written, event: &AgreementSealed) -> Applied {
    let form = AgreementForm::Sealed { bundle: event.bundle, check_number: event.check_number.clone() };
    signed(state, written, event.draft, form)
}

pub(super) fn on_paper(state: &mut CaseState, written: Written, event: &AgreementOnPaper) -> Applied {
    let form = AgreementForm::Paper { sheets: event.sheets.clone(), witness: event.witness.clone() };
    signed(state, written, event.draft, form)
}

/// Signatures are real wherever they were given, on a screen or on paper.
fn signed(state: &mut CaseState, written: Written, signed: Stamp, form: AgreementForm) -> Applied {
    let stamp = written.stamp;
    let round = draft_round(state, signed)?;
    if round != state.round {
        // The round went on without it. It was signed all the same, and stays on record.
        state.agreements.push(Agreement { written, draft: signed, round, form, holds: false, stamped: None, confirmed: None });
        return Err(Moot::new(RefusalCode::WrongRound, None));
    }
    // Sealed elsewhere meanwhile: all those signatures are real, whichever holds until people choose. Agreed by word: the
    // signature outranks it.
    let mut contested = Vec::new();
    let mut outranked = Vec::new();
    for agreement in state.agreements.iter_mut().filter(|agreement| agreement.round == round) {
        let chosen_against = matches!(state.standings.get(&agreement.written.stamp), Some(Standing::Overtaken { .. }));
        match agreement.form {
            AgreementForm::Sealed { .. } | AgreementForm::Paper { .. } if !chosen_against => {
                contested.push(agreement.written.stamp);
            }
            AgreementForm::Oral { .. } if agreement.holds => {
                agreement.holds = false;
                outranked.push(agreement.written.stamp);
            }
            _ => {}
        }
    }
    // What made the case move on without knowing of the signatures.
    let mut unaware = Vec::new();
    for handover in state.handovers.iter_mut().filter(|handover| handover.is_active()) {
        match handover.status {
            HandoverStatus::Offered => {
                handover.status = HandoverStatus::Overtaken(stamp);
                outranked.push(handover.offered.stamp);
            }
            // Whoever holds the case may have sealed it themselves; somebody who didn't is contested with the holder.
            _ if state.drafts.iter().any(|d| d.written.stamp == signed && d.written.stamp > handover.offered.stamp) => {}
            _ => contested.push(handover.offered.stamp),
        }
    }
    if state.own_stage.is_end() {
        unaware.extend(state.own_stage_by);
    }
    let led_here = chain(state, signed);
    let meanwhile = |draft: &&Draft| draft.round == round && !led_here.contains(&draft.written.stamp);
    for draft in state.drafts.iter().filter(meanwhile).filter(|_| !planted::is(Planted::SealBypassed)) {
        outranked.push(draft.written.stamp);
    }
    take_force(state, written, signed, form, contested.is_empty());
    for other in outranked {
        state.overtake(other, Some(stamp), RefusalCode::DraftSuperseded);
    }
    for other in contested.into_iter().chain(unaware) {
        state.contest(other, stamp);
    }
    Ok(())
}

/// A draft and those that it replaces, one after another: steps on the way to what was signed, not edits made meanwhile.
fn chain(state: &CaseState, last: Stamp) -> Vec<Stamp> {
    let mut chain = vec![last];
    let mut next = Some(last);
    while let Some(at) = next {
        let draft = state.drafts.iter().find(|draft| draft.written.stamp == at);
        // Whoever replaces a draft has seen it, so it is earlier; anything else would not be a chain.
        next = draft.and_then(|draft| draft.content.replaces).filter(|replaced| *replaced < at);
        chain.extend(next);
    }
    chain
}

pub(super) fn oral(state: &mut CaseState, written: Written, event: &AgreementOral) -> Applied {
    let round = draft_round(state, event.draft)?;
    draftable(state)?;
    if round != state.round {
        return Err(Moot::new(RefusalCode::WrongRound, None));
    }
    let form = AgreementForm::Oral { witness: event.witness.clone() };
    take_force(state, written, event.draft, form, true);
    Ok(())
}

/// The signed agreement in force that this sealing made, if people have nothing to choose about it.
fn signed_in_force(state: &CaseState, sealing: Stamp) -> Result<&Agreement, Refusal> {
    super::lifecycle::check_open(state)?;
    let signed = state.signed().filter(|agreement| agreement.written.stamp == sealing);
    signed.filter(|_| !state.standings.contains_key(&sealing)).ok_or(Refusal::new(RefusalCode::NotSigned))
}

pub(super) fn check_stamped(state: &CaseState, event: &AgreementStamped) -> Result<(), Refusal> {
    let agreement = signed_in_force(state, event.agreement)?;
    if !is_of(agreement, event.bundle) {
        return Err(Refusal::new(RefusalCode::NotSigned));
    }
    if agreement.stamped.is_some() { Err(Refusal::new(RefusalCode::StampedAlready)) } else { Ok(()) }
}

/// A court takes weeks: its ruling may be recorded after the case has ended, and after the table was set again.
pub(super) fn check_confirmed(state: &CaseState, event: &AgreementConfirmed) -> Result<(), Refusal> {
    let last = state.last_sealed().filter(|agreement| agreement.written.stamp == event.agreement);
    let agreement = last.ok_or(Refusal::new(RefusalCode::NotSigned))?;
    if agreement.stamped.is_none() {
        return Err(Refusal::new(RefusalCode::NotStamped));
    }
    if agreement.confirmed.is_some() {
        return Err(Refusal::new(RefusalCode::ConfirmedAlready));
    }
    text::required("court", &event.court, LINE_MAX)?;
    text::required("number", &event.number, LINE_MAX)
}

fn is_of(agreement: &Agreement, wanted: Digest) -> bool {
    matches!(agreement.form, AgreementForm::Sealed { bundle, .. } if bundle == wanted)
}

/// A stamp was really put to what was signed, whatever happened to the case meanwhile: it stays on record. Of two the first counts.
pub(super) fn stamped(state: &mut CaseState, written: Written, event: &AgreementStamped) -> Applied {
    let mut all = state.agreements.iter_mut();
    let agreement = all.find(|agreement| agreement.written.stamp == event.agreement && is_of(agreement, event.bundle));
    let agreement = agreement.ok_or(Moot::new(RefusalCode::NotSigned, None))?;
    if let Some(first) = &agreement.stamped {
        return Err(Moot::new(RefusalCode::StampedAlready, Some(first.stamp)));
    }
    agreement.stamped = Some(written);
    Ok(())
}

/// A court confirms what it was shown, stamped: without a stamp there is nothing that it could have confirmed.
pub(super) fn confirmed(state: &mut CaseState, written: Written, event: &AgreementConfirmed) -> Applied {
    let mut signed = state.agreements.iter_mut().filter(|agreement| matches!(agreement.form, AgreementForm::Sealed { .. }));
    let agreement = signed.find(|agreement| agreement.written.stamp == event.agreement);
    let agreement = agreement.ok_or(Moot::new(RefusalCode::NotSigned, None))?;
    if agreement.stamped.is_none() {
        return Err(Moot::new(RefusalCode::NotStamped, None));
    }
    if let Some((first, _)) = &agreement.confirmed {
        return Err(Moot::new(RefusalCode::ConfirmedAlready, Some(first.stamp)));
    }
    agreement.confirmed = Some((written, event.clone()));
    Ok(())
}

fn draft_round(state: &CaseState, draft: Stamp) -> Result<u32, Moot> {
    let found = state.drafts.iter().find(|known| known.written.stamp == draft);
    found.map(|found| found.round).ok_or(Moot::new(RefusalCode::NoDraft, None))
}

/// An agreement comes into force, and its commitments with it. Of several contested ones the first holds meanwhile.
fn take_force(state: &mut CaseState, written: Written, draft: Stamp, form: AgreementForm, alone: bool) {
    let round = state.round;
    let first = !state.agreements.iter().any(|agreement| agreement.round == round && agreement.holds);
    // What was kept under an agreement that no longer holds stays on record; only those of the one in force count.
    if !state.commitments.iter().any(|commitment| commitment.id.draft == draft) {
        let content = state.drafts.iter().find(|known| known.written.stamp == draft).map(|draft| &draft.content.commitments);
        for (index, content) in (0u32..).zip(content.into_iter().flatten()) {
            state.commitments.push(CommitmentState {
                id: CommitmentRef { draft, index },
                round,
                content: content.clone(),
                status: CommitmentStatus::Open,
                disputed: Vec::new(),
            });
        }
    }
    if state.own_stage.is_before_acting() {
        state.enter(Stage::Acting, written.stamp);
    }
    state.agreements.push(Agreement { written, draft, round, form, holds: alone || first, stamped: None, confirmed: None });
}

/// A signature against which nothing stands any more holds, if nothing else does: what it was contested with came back, ended or
/// was chosen against. Its commitments are to be kept from now on. Asked after every event, because any may end a contest.
pub(super) fn uphold(state: &mut CaseState, by: Stamp) {
    if state.agreements.is_empty() || state.agreement().is_some() {
        return;
    }
    let CaseState { agreements, standings, round, .. } = &mut *state;
    let mut alone = agreements.iter_mut().filter(|agreement| {
        agreement.form.is_signed() && agreement.round == *round && !standings.contains_key(&agreement.written.stamp)
    });
    let Some(agreement) = alone.next() else { return };
    agreement.holds = true;
    if state.own_stage.is_before_acting() {
        state.enter(Stage::Acting, by);
    }
}
