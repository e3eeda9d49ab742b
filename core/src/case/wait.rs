//! What a case waits for: from this, the policy and the calendar a person's day is made.
//!
//! Read from the state alone, so that the list row carries it and neither a policy's change nor the passing of time
//! makes it stale: it says since when, never until when, unless people themselves or the law set the date; how far it has come,
//! never how far it may go.
//!
//! What holds for every case: before it is reported and once it has ended it waits for nothing; while it is open it waits
//! for something; while another org has it, it waits for that org, and the community for nothing but what
//! runs under an agreement: its stamp, its confirmation, its commitments. Whoever sends a case back gives the community its time anew.

use serde::{Deserialize, Deserializer, Serialize};

use super::agreed::AgreementForm;
use super::event::{Channel, Outcome};
use super::lifecycle::days_tried;
use super::permit::owed_by;
use super::state::{CaseState, Consultation, Handover, HandoverStatus, Stage, Standing};
use crate::id::OrgId;
use crate::time::{Date, Hlc, Stamp, Timestamp};

/// What is waited for. Which limit runs is the policy's business.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WaitKind {
    /// That somebody speaks with whoever reported.
    FirstContact,
    /// That people sit down.
    Consultation,
    /// That they sit down again on the day they set.
    Sitting,
    /// That an agreement is signed, on a screen or on paper, or agreed by word.
    Signing,
    /// That the committee stamps what was signed: until then it has no effect.
    Stamp,
    /// That a court confirms what was stamped: the parties may apply together, until the day that the law sets.
    Confirmation,
    /// That a commitment is carried out by its own date.
    Commitment,
    /// That the case is completed: every commitment is settled.
    Completion,
    /// That somebody looks at the effect on the spot.
    EffectCheck,
    /// That the parties say how satisfied they are.
    Feedback,
    /// That the lead closes it: everybody has answered.
    Closing,
    /// That the org it was offered to takes it or sends it back.
    Acceptance,
    /// That the org that holds it answers.
    Answer,
    /// It came back unsettled: that the lead decides what next.
    Returned,
    /// The policy's rounds are used up: that the lead considers raising it.
    Raise,
    /// Events exclude each other: that the lead chooses.
    Choice,
}

impl WaitKind {
    /// All of them.
    pub const ALL: [Self; 16] = [
        Self::FirstContact,
        Self::Consultation,
        Self::Sitting,
        Self::Signing,
        Self::Stamp,
        Self::Confirmation,
        Self::Commitment,
        Self::Completion,
        Self::EffectCheck,
        Self::Feedback,
        Self::Closing,
        Self::Acceptance,
        Self::Answer,
        Self::Returned,
        Self::Raise,
        Self::Choice,
    ];

    /// Its stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::FirstContact => "first_contact",
            Self::Consultation => "consultation",
            Self::Sitting => "sitting",
            Self::Signing => "signing",
            Self::Stamp => "stamp",
            Self::Confirmation => "confirmation",
            Self::Commitment => "commitment",
            Self::Completion => "completion",
            Self::EffectCheck => "effect_check",
            Self::Feedback => "feedback",
            Self::Closing => "closing",
            Self::Acceptance => "acceptance",
            Self::Answer => "answer",
            Self::Returned => "returned",
            Self::Raise => "raise",
            Self::Choice => "choice",
        }
    }

    /// The kind with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// One thing a case waits for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wait {
    /// What.
    pub kind: WaitKind,
    /// Whose move it is: the org that it was handed to or that owes; none: the community's. A commitment that an org of the
    /// directory owes is the community's business too: it reminds, and records what was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub org: Option<OrgId>,
    /// Since when, by the stamp of the event that began it.
    pub since: Timestamp,
    /// The date that people set themselves, a commitment's, an adjourned meeting's; or that the law counts from what they did:
    /// [`WaitKind::Confirmation`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Date>,
    /// How far it has come, where policy says how far it may go. [`WaitKind::Raise`]: the round that has begun.
    /// [`WaitKind::Feedback`]: on how many days whoever has been tried least was tried in vain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub so_far: Option<u32>,
}

impl Wait {
    fn since(kind: WaitKind, since: Hlc) -> Self {
        Self { kind, org: None, since: since.wall(), due: None, so_far: None }
    }
}

/// Waits as a newer version may have written them: those of kinds that this one doesn't know are passed over, so that a
/// list row from a newer server stays readable.
pub(crate) fn known_waits<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Wait>, D::Error> {
    /// A [`Wait`] of any kind.
    #[derive(Deserialize)]
    struct Any {
        kind: String,
        #[serde(default)]
        org: Option<OrgId>,
        since: Timestamp,
        #[serde(default)]
        due: Option<Date>,
        #[serde(default)]
        so_far: Option<u32>,
    }
    let known = |any: Any| {
        let Any { kind, org, since, due, so_far } = any;
        Some(Wait { kind: WaitKind::from_name(&kind)?, org, since, due, so_far })
    };
    Ok(Vec::<Any>::deserialize(deserializer)?.into_iter().filter_map(known).collect())
}

/// What a case in this state waits for, in the order of a life.
pub fn waits(state: &CaseState) -> Vec<Wait> {
    if state.report.is_none() || state.own_stage.is_end() {
        return Vec::new();
    }
    let mut waits: Vec<Wait> = Vec::new();
    // An org's time runs from the offer, whenever it accepts: nobody gains days by not looking.
    for handover in state.handovers.iter().filter(|handover| handover.is_active()) {
        let offered = matches!(handover.status, HandoverStatus::Offered);
        let kind = if offered { WaitKind::Acceptance } else { WaitKind::Answer };
        waits.push(Wait { org: Some(handover.to.clone()), ..Wait::since(kind, handover.offered.stamp.time) });
    }
    let away = !waits.is_empty();
    // As long as another offer stands beside the accepted one, nobody sits down or signs: people choose first.
    let offered = waits.iter().any(|wait| wait.kind == WaitKind::Acceptance);
    match (away, state.handovers.iter().find(|handover| matches!(handover.status, HandoverStatus::Accepted(_)))) {
        (false, _) => of_community(state, &mut waits),
        (true, Some(held)) if !offered => of_holder(state, held, &mut waits),
        (true, _) => {}
    }
    taking_effect(state, &mut waits);
    commitments(state, &mut waits);
    let mut contested = state.standings.iter().filter(|(_, standing)| matches!(standing, Standing::Contested { .. }));
    if let Some((last, _)) = contested.next_back() {
        waits.push(Wait::since(WaitKind::Choice, last.time));
    }
    waits.sort_by_key(|wait| wait.kind);
    waits
}

/// What the community has to do while the case is in its own hands.
fn of_community(state: &CaseState, waits: &mut Vec<Wait>) {
    // Time that the case spent elsewhere is not held against the community.
    let began = state.own_stage_by.map(|by| by.time).max(came_back(state).map(|(stamp, _)| stamp.time)).unwrap_or_default();
    match state.own_stage {
        Stage::Received => {
            if !contacted(state) {
                waits.push(Wait::since(WaitKind::FirstContact, began));
            }
            waits.push(Wait::since(WaitKind::Consultation, began));
        }
        Stage::Reopened => {
            waits.push(Wait::since(WaitKind::Consultation, began));
            waits.push(Wait { so_far: Some(state.round), ..Wait::since(WaitKind::Raise, began) });
        }
        Stage::Consulting => waits.push(sitting(state).unwrap_or_else(|| Wait::since(WaitKind::Consultation, began))),
        Stage::Agreed => waits.push(Wait::since(WaitKind::Signing, began)),
        Stage::Acting => waits.extend(completion(state, began)),
        Stage::Done => done(state, began, waits),
        Stage::Unreported | Stage::HandedOver | Stage::Closed | Stage::Withdrawn | Stage::Merged => {}
    }
    if let Some((back, true)) = came_back(state)
        && !went_on(state, back)
    {
        waits.push(Wait::since(WaitKind::Returned, back.time));
    }
}

/// What the org that holds the case has begun under its own roof, beside the answer that it owes.
fn of_holder(state: &CaseState, held: &Handover, waits: &mut Vec<Wait>) {
    let began = state.own_stage_by.map(|by| by.time).unwrap_or_default();
    let own = match state.own_stage {
        // Whether they sit down again after parting without agreement is the holder's own affair.
        Stage::Consulting => sitting(state).filter(|wait| wait.kind == WaitKind::Sitting),
        Stage::Agreed => Some(Wait::since(WaitKind::Signing, began)),
        Stage::Acting => completion(state, began),
        _ => None,
    };
    // What the community left lying is the org's from the offer on, not from before.
    let theirs = held.offered.stamp.time.wall();
    waits.extend(own.map(|wait| Wait { org: Some(held.to.clone()), since: wait.since.max(theirs), ..wait }));
}

/// Whether somebody has spoken with whoever reported: face to face when it was reported, or since, as a consultation, a
/// note or an answer shows. Where nobody is known who could be spoken with, nobody waits for it.
fn contacted(state: &CaseState) -> bool {
    let Some((_, report)) = &state.report else { return false };
    report.reporter.is_none()
        || matches!(report.channel, Channel::InPerson | Channel::Visit)
        || !state.consultations.is_empty()
        || !state.notes.is_empty()
        || !state.answers.is_empty()
}

/// The sitting under way, or the one that was adjourned: the last of this round, if it has not ended otherwise.
fn sitting(state: &CaseState) -> Option<Wait> {
    let last: &Consultation = state.consultations.iter().rev().find(|sitting| sitting.round == state.round)?;
    match &last.outcome {
        None => {
            // Opened ahead of its day, it is that day's; else it is to be concluded on the day it was opened.
            let opened = last.opened.stamp.time;
            let day = last.elements.when.map(Timestamp::date).filter(|day| *day > opened.wall().date());
            Some(Wait { due: day, ..Wait::since(WaitKind::Sitting, opened) })
        }
        Some((written, Outcome::Adjourned { until })) => {
            Some(Wait { due: Some(*until), ..Wait::since(WaitKind::Sitting, written.stamp.time) })
        }
        Some((written, _)) => {
            // Without agreement: they sit down again, unless the lead takes it elsewhere. From then on, or from its return.
            let back = came_back(state).map(|(stamp, _)| stamp.time);
            Some(Wait::since(WaitKind::Consultation, written.stamp.time.max(back.unwrap_or_default())))
        }
    }
}

/// What a signed agreement in force still lacks, whoever has the case: the committee's stamp; then, if the parties want it, a
/// court's confirmation. Of several that exclude each other nobody stamps one before the choice is made.
fn taking_effect(state: &CaseState, waits: &mut Vec<Wait>) {
    let contested = |stamp| state.standings.contains_key(&stamp);
    // The committee's seal is on the sheet itself, where people signed on paper.
    let sealed = |form: &AgreementForm| matches!(form, AgreementForm::Sealed { .. });
    let in_force = state.signed().filter(|agreement| sealed(&agreement.form) && !contested(agreement.written.stamp));
    let Some(agreement) = in_force else { return };
    match (&agreement.stamped, agreement.confirm_by()) {
        (None, _) => waits.push(Wait::since(WaitKind::Stamp, agreement.written.stamp.time)),
        (Some(stamped), Some(last)) => {
            waits.push(Wait { due: Some(last), ..Wait::since(WaitKind::Confirmation, stamped.stamp.time) });
        }
        (Some(_), None) => {}
    }
}

/// Each commitment that is neither kept nor waived, by its own date. One that was found broken still waits: to be kept
/// late, put off, or waived.
fn commitments(state: &CaseState, waits: &mut Vec<Wait>) {
    if state.own_stage != Stage::Acting {
        return;
    }
    let agreed = state.agreement().map(|agreement| agreement.written.stamp.time).unwrap_or_default();
    for commitment in state.commitments().filter(|commitment| !commitment.is_settled()) {
        let org = owed_by(state, commitment.id).cloned();
        waits.push(Wait { org, due: Some(commitment.content.due), ..Wait::since(WaitKind::Commitment, agreed) });
    }
}

/// That the case is completed, once nothing of what was promised is open.
fn completion(state: &CaseState, began: Hlc) -> Option<Wait> {
    if state.commitments().any(|commitment| !commitment.is_settled()) {
        return None;
    }
    let last = state.commitments().filter_map(|commitment| commitment.status.found()).max();
    Some(Wait::since(WaitKind::Completion, last.map_or(began, |last| last.time.max(began))))
}

/// Done: the look on the spot, the parties' answers, and the closing once all have answered.
fn done(state: &CaseState, began: Hlc, waits: &mut Vec<Wait>) {
    if !state.effects.iter().any(|(round, ..)| *round == state.round) {
        waits.push(Wait::since(WaitKind::EffectCheck, began));
    }
    let said = state.last_words(state.round);
    let tried = |party: &str| u32::try_from(days_tried(state, party)).unwrap_or(u32::MAX);
    let unheard = state.parties_to_ask().into_iter().filter(|party| !said.contains_key(party)).map(tried);
    // A dissatisfied word from before it was done is to be asked about again: no number of tries makes up for that.
    let dissatisfied = said.values().filter(|grade| grade.is_dissatisfied()).map(|_| 0);
    if let Some(least) = unheard.chain(dissatisfied).min() {
        waits.push(Wait { so_far: Some(least), ..Wait::since(WaitKind::Feedback, began) });
    } else {
        let answers = state.answers.iter().filter(|answer| answer.round == state.round);
        let last = answers.map(|answer| answer.written.stamp.time).max().unwrap_or_default();
        waits.push(Wait::since(WaitKind::Closing, began.max(last)));
    }
}

/// When the case last came back to the community without a result, and whether somebody sent it back (else it was
/// recalled).
fn came_back(state: &CaseState) -> Option<(Stamp, bool)> {
    let back = state.handovers.iter().filter_map(|handover| match &handover.status {
        HandoverStatus::Returned(written, _) => Some((written.stamp, true)),
        HandoverStatus::Recalled(written, _) => Some((written.stamp, false)),
        _ => None,
    });
    back.max()
}

/// Whether anything has been done with the case itself since: a sitting, a draft, a finding, an answer, another offer. A
/// note alone is no next step.
fn went_on(state: &CaseState, since: Stamp) -> bool {
    let stage = state.own_stage_by.into_iter();
    let offers = state.handovers.iter().map(|handover| handover.offered.stamp);
    let drafts = state.drafts.iter().map(|draft| draft.written.stamp);
    let findings = state.commitments.iter().filter_map(|commitment| commitment.status.found());
    let effects = state.effects.iter().map(|(_, written, _)| written.stamp);
    let answers = state.answers.iter().map(|answer| answer.written.stamp);
    stage.chain(offers).chain(drafts).chain(findings).chain(effects).chain(answers).any(|stamp| stamp > since)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{DocId, DocKind};
    use crate::row::Row;

    #[test]
    fn a_row_from_a_newer_version_is_read_without_the_waits_that_nobody_here_knows() {
        let known = Wait {
            kind: WaitKind::Feedback,
            org: Some("office-1".parse().unwrap()),
            since: Timestamp(5),
            due: Some(Date::from_days(9)),
            so_far: Some(2),
        };
        let row = Row { waits: vec![known.clone()], ..Row::unreadable(DocId::from_bytes([1; 16]), DocKind::Case) };
        let cbor = minicbor_serde::to_vec(&row).unwrap();
        assert_eq!(minicbor_serde::from_slice::<Row>(&cbor).unwrap(), row);
        let mut json = serde_json::to_value(&row).unwrap();
        let newer = serde_json::json!({ "kind": "blessing", "since": 7, "by": "somebody" });
        json["waits"].as_array_mut().unwrap().push(newer);
        assert_eq!(serde_json::from_value::<Row>(json).unwrap().waits, [known]);
    }
}
