//! The list row: what a list, a search or "my day" needs of a document without loading it.
//!
//! Made by the same projection on server and phone ([`Row::of_case`]), stored beside the document, sent with it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::case::{CaseState, Channel, Outcome, Standing, Wait, waits};
use crate::household::{HouseholdState, ResidentRecorded};
use crate::id::{DocId, DocKind, OrgId, PersonId};
use crate::people::Place;
use crate::time::{Date, Hlc};
use crate::visit::VisitState;

/// One line of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// The document.
    pub doc: DocId,
    /// What it is.
    pub kind: DocKind,
    /// One line of text: a case's title, a visit's address.
    pub title: String,
    /// Where it lies; none for a document whose first event can't be read.
    pub place: Option<Place>,
    /// A case's stage, a visit's result, whether a household is lived in, by its stable name.
    pub stage: String,
    /// What a case is filed under; empty for visits.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub category: String,
    /// How it came in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<Channel>,
    /// Round, from 1.
    pub round: u32,
    /// The worker it is assigned to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assignee: Option<PersonId>,
    /// The org it was offered to or that holds it, while that lasts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holder: Option<OrgId>,
    /// Every org it was ever handed to, with the last hybrid time it was theirs (none: still is).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub involved: Vec<(OrgId, Option<Hlc>)>,
    /// The next date on it: a commitment's, an adjourned meeting's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Date>,
    /// Whether something on it is contested or overtaken and wants a look.
    #[serde(default)]
    pub look: bool,
    /// What of it wants a look, in one number: it is another one as soon as something else was contested, overtaken or
    /// chosen. 0, where nothing is, or nothing can be read.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub look_mark: u64,
    /// Whether a signed agreement is in force.
    #[serde(default)]
    pub signed: bool,
    /// Stamp time of the newest event.
    pub updated: Hlc,
    /// Stamp time of the first event: the report, the visit, the registration.
    #[serde(default)]
    pub began: Hlc,
    /// What the case waits for.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "crate::case::known_waits")]
    pub waits: Vec<Wait>,
    /// The household that was visited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub household: Option<DocId>,
    /// A household's care tags, those about its residents included; each once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// Names and telephone numbers of the people in it, by which a search finds it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub people: Vec<Named>,
    /// The beginning of what it says, for searches: [`WORDS_MAX`] characters at most.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub words: String,
}

/// Somebody named in a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Named {
    /// Their name.
    pub name: String,
    /// Their telephone number; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub phone: String,
}

/// Characters of [`Row::words`]: enough to be found by, small beside the document on the wire.
pub const WORDS_MAX: usize = 120;

impl Row {
    /// The row of a case.
    pub fn of_case(doc: DocId, state: &CaseState) -> Self {
        let report = state.report.as_ref().map(|(_, report)| report);
        Self {
            doc,
            kind: DocKind::Case,
            title: report.map(|report| report.title.clone()).unwrap_or_default(),
            place: report.map(|report| report.place.clone()),
            stage: state.stage().name().into(),
            category: report.map(|report| report.category.clone()).unwrap_or_default(),
            channel: report.map(|report| report.channel),
            round: state.round,
            assignee: state.assignee.clone(),
            holder: state.handover().map(|handover| handover.to.clone()),
            involved: involved(state),
            due: due(state),
            look: !state.standings.is_empty(),
            look_mark: look_mark(state),
            signed: state.signed().is_some(),
            updated: state.updated,
            began: state.report.as_ref().map(|(written, _)| written.stamp.time).unwrap_or_default(),
            waits: waits(state),
            household: None,
            tags: Vec::new(),
            people: people(state),
            words: report.map(|report| beginning(&report.account)).unwrap_or_default(),
        }
    }

    /// The row of a document whose own row can't be read: it stays in the list, where it can be opened.
    pub fn unreadable(doc: DocId, kind: DocKind) -> Self {
        let nothing = CaseState::default();
        Self { kind, stage: String::new(), look: true, ..Self::of_case(doc, &nothing) }
    }

    /// The row of a visit.
    pub fn of_visit(doc: DocId, state: &VisitState) -> Self {
        let visit = state.visit.as_ref().map(|(_, visit)| visit);
        Self {
            doc,
            kind: DocKind::Visit,
            title: visit.map(|visit| visit.place.detail.clone()).unwrap_or_default(),
            place: visit.map(|visit| visit.place.clone()),
            stage: visit.map(|visit| visit.door.name()).unwrap_or_default().into(),
            category: String::new(),
            channel: None,
            round: 0,
            assignee: None,
            holder: None,
            involved: Vec::new(),
            due: None,
            look: false,
            look_mark: 0,
            signed: false,
            updated: state.updated,
            began: state.visit.as_ref().map(|(written, _)| written.stamp.time).unwrap_or_default(),
            waits: Vec::new(),
            household: visit.and_then(|visit| visit.household),
            tags: Vec::new(),
            people: Vec::new(),
            words: visit.map(|visit| beginning(&format!("{} {}", visit.seen, visit.asked))).unwrap_or_default(),
        }
    }

    /// The row of a household.
    pub fn of_household(doc: DocId, state: &HouseholdState) -> Self {
        // Struck off, it is in no list but that of records: whom to look after there, another record says.
        let counts = state.struck.is_none();
        let named = |resident: &ResidentRecorded| Named { name: resident.name.clone(), phone: resident.phone.clone() };
        let tags: BTreeSet<&str> = state.tags().map(|(tag, _)| tag).collect();
        Self {
            kind: DocKind::Household,
            title: state.place.as_ref().map(|place| place.detail.clone()).unwrap_or_default(),
            place: state.place.clone(),
            stage: state.stage().into(),
            updated: state.updated,
            began: state.registered.as_ref().map(|written| written.stamp.time).unwrap_or_default(),
            look: false,
            tags: tags.into_iter().filter(|_| counts).map(String::from).collect(),
            people: state.present().filter(|_| counts).map(named).collect(),
            ..Self::unreadable(doc, DocKind::Household)
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands out references")]
const fn is_zero(mark: &u64) -> bool {
    *mark == 0
}

/// FNV-1a over what is not plainly effective: the same on every replica with the same log. It keeps nothing secret and
/// proves nothing; two that collide cost somebody a look.
fn look_mark(state: &CaseState) -> u64 {
    let mut mark: u64 = 0xcbf2_9ce4_8422_2325;
    for (stamp, standing) in &state.standings {
        let kind = u8::from(matches!(standing, Standing::Contested { .. }));
        let bytes = stamp.time.0.to_be_bytes().into_iter().chain(stamp.node.to_be_bytes()).chain([kind]);
        mark = bytes.fold(mark, |mark, byte| (mark ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    }
    if state.standings.is_empty() { 0 } else { mark.max(1) }
}

/// Reporter and parties, each once.
fn people(state: &CaseState) -> Vec<Named> {
    let reporter = state.report.as_ref().and_then(|(_, report)| report.reporter.as_ref());
    let mut people: Vec<Named> =
        reporter.map(|reporter| Named { name: reporter.name.clone(), phone: reporter.phone.clone() }).into_iter().collect();
    for name in state.parties_to_ask() {
        if !people.iter().any(|known| known.name == name) {
            people.push(Named { name: name.to_owned(), phone: String::new() });
        }
    }
    people
}

/// The first [`WORDS_MAX`] characters.
fn beginning(text: &str) -> String {
    text.trim().chars().take(WORDS_MAX).collect()
}

/// Each org the case was handed to, once, with when it ceased to be theirs.
fn involved(state: &CaseState) -> Vec<(OrgId, Option<Hlc>)> {
    let mut involved: Vec<(OrgId, Option<Hlc>)> = Vec::new();
    for handover in &state.handovers {
        let until = handover.ended();
        match involved.iter_mut().find(|(org, _)| *org == handover.to) {
            // Handed over twice: open beats ended, later beats earlier.
            Some((_, known)) => *known = known.zip(until).map(|(one, other)| one.max(other)),
            None => involved.push((handover.to.clone(), until)),
        }
    }
    involved
}

/// The earliest date that somebody promised.
fn due(state: &CaseState) -> Option<Date> {
    let promised = state.commitments().filter(|commitment| !commitment.is_settled()).map(|commitment| commitment.content.due);
    let adjourned = state.consultations.last().and_then(|sitting| match sitting.outcome {
        Some((_, Outcome::Adjourned { until })) if sitting.round == state.round => Some(until),
        _ => None,
    });
    if state.own_stage.is_end() { None } else { promised.chain(adjourned).min() }
}
