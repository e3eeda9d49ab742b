//! A household now: the fold over its log.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::event::{Entry, Event, ResidentLeft, ResidentRecorded};
use crate::case::Written;
use crate::entry::Body;
use crate::id::ResidentId;
use crate::people::Place;
use crate::time::Hlc;

/// Somebody who lives or lived here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Lived {
    /// What is known of them, by whom.
    pub known: (Written, ResidentRecorded),
    /// That they left, and why; none: they live here.
    pub left: Option<(Written, ResidentLeft)>,
}

/// A household.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct HouseholdState {
    /// Who began the record.
    pub registered: Option<Written>,
    /// The address.
    pub place: Option<Place>,
    /// Who lives or lived here, in the order they were first written down by stamp.
    pub residents: BTreeMap<ResidentId, Lived>,
    /// Care tags in force: the tag and whom it is about.
    pub tags: BTreeSet<(String, Option<ResidentId>)>,
    /// Notes.
    pub notes: Vec<(Written, String)>,
    /// Entries of kinds this version doesn't know, with their names.
    pub newer: Vec<(Written, String)>,
    /// Time of the newest event.
    pub updated: Hlc,
}

impl HouseholdState {
    /// Who lives here now.
    pub fn present(&self) -> impl Iterator<Item = &ResidentRecorded> {
        self.residents.values().filter(|lived| lived.left.is_none()).map(|lived| &lived.known.1)
    }
}

/// The household with this log; the same for the same entries in any order.
pub fn fold<'a>(log: impl IntoIterator<Item = &'a Entry>) -> HouseholdState {
    let mut entries: Vec<&Entry> = log.into_iter().collect();
    entries.sort();
    entries.dedup();
    let mut state = HouseholdState::default();
    for entry in entries {
        state.updated = state.updated.max(entry.stamp.time);
        let written = Written { stamp: entry.stamp, by: entry.author.clone() };
        match &entry.body {
            Body::Event(event) => apply(&mut state, written, event),
            Body::Newer { kind, .. } => state.newer.push((written, kind.clone())),
        }
    }
    state
}

fn apply(state: &mut HouseholdState, written: Written, event: &Event) {
    match event {
        Event::Registered(e) => {
            // The first record stands; there is one author and one phone to a record's beginning.
            if state.registered.is_none() {
                state.registered = Some(written);
                state.place = Some(e.place.clone());
            }
        }
        Event::Readdressed(e) => state.place = Some(e.place.clone()),
        Event::ResidentRecorded(e) => {
            // Written down again after they left: they are back.
            state.residents.insert(e.resident, Lived { known: (written, e.clone()), left: None });
        }
        Event::ResidentLeft(e) => {
            if let Some(lived) = state.residents.get_mut(&e.resident) {
                lived.left = Some((written, e.clone()));
            }
        }
        Event::TagSet(e) => {
            state.tags.insert((e.tag.clone(), e.resident));
        }
        Event::TagCleared(e) => {
            state.tags.remove(&(e.tag.clone(), e.resident));
        }
        Event::Noted(e) => state.notes.push((written, e.text.clone())),
    }
}
