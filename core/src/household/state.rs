//! A household now: the fold over its log.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::event::{Entry, Event, ResidentLeft, ResidentRecorded, Struck};
use crate::case::Written;
use crate::entry::Body;
use crate::id::ResidentId;
use crate::people::Place;
use crate::time::{Hlc, Stamp};

/// Somebody who lives or lived here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Lived {
    /// When they were first written down.
    pub first: Stamp,
    /// What is known of them, by whom: the latest word, whole.
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
    /// Who lives or lived here. Nobody is ever dropped.
    pub residents: BTreeMap<ResidentId, Lived>,
    /// Care tags that were set and not cleared: the tag and whom it is about. Those about somebody who left rest until
    /// they are back; [`HouseholdState::tags`] leaves them out.
    pub set: BTreeSet<(String, Option<ResidentId>)>,
    /// Notes.
    pub notes: Vec<(Written, String)>,
    /// That the record was struck off, and why; none: it counts.
    pub struck: Option<(Written, Struck)>,
    /// Entries of kinds this version doesn't know, with their names.
    pub newer: Vec<(Written, String)>,
    /// Time of the newest event.
    pub updated: Hlc,
}

impl HouseholdState {
    /// Who lives here now, in the order they were first written down.
    pub fn present(&self) -> impl Iterator<Item = &ResidentRecorded> {
        let mut present: Vec<&Lived> = self.residents.values().filter(|lived| lived.left.is_none()).collect();
        present.sort_by_key(|lived| lived.first);
        present.into_iter().map(|lived| &lived.known.1)
    }

    /// Whether this person lives here now.
    pub fn has(&self, resident: &ResidentId) -> bool {
        self.residents.get(resident).is_some_and(|lived| lived.left.is_none())
    }

    /// Care tags in force: the tag and whom it is about; none: the household.
    pub fn tags(&self) -> impl Iterator<Item = (&str, Option<&ResidentId>)> {
        let there = |whom: &Option<ResidentId>| whom.is_none_or(|resident| self.has(&resident));
        self.set.iter().filter(move |(_, whom)| there(whom)).map(|(tag, whom)| (tag.as_str(), whom.as_ref()))
    }

    /// Care tags in force about this person; none: about the household as a whole.
    pub fn tags_of(&self, whom: Option<&ResidentId>) -> Vec<String> {
        self.tags().filter(|(_, about)| *about == whom).map(|(tag, _)| tag.to_owned()).collect()
    }

    /// What a list shows of it, by a stable name: `struck`, `lived_in`, `vacant`.
    pub fn stage(&self) -> &'static str {
        if self.struck.is_some() {
            "struck"
        } else if self.present().next().is_some() {
            "lived_in"
        } else {
            "vacant"
        }
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
            state.set.extend(e.tags.iter().map(|tag| (tag.clone(), Some(e.resident))));
            let stamp = written.stamp;
            let known = (written, e.clone());
            match state.residents.get_mut(&e.resident) {
                Some(lived) => {
                    lived.known = known;
                    // Only who knew of a leaving takes it back.
                    if lived.left.as_ref().zip(e.back).is_some_and(|((left, _), back)| left.stamp <= back) {
                        lived.left = None;
                    }
                }
                None => {
                    state.residents.insert(e.resident, Lived { first: stamp, known, left: None });
                }
            }
        }
        Event::ResidentLeft(e) => {
            if let Some(lived) = state.residents.get_mut(&e.resident) {
                lived.left = Some((written, e.clone()));
            }
        }
        Event::TagSet(e) => {
            state.set.insert((e.tag.clone(), e.resident));
        }
        Event::TagCleared(e) => {
            state.set.remove(&(e.tag.clone(), e.resident));
        }
        Event::Noted(e) => state.notes.push((written, e.text.clone())),
        Event::Struck(e) => state.struck = Some((written, e.clone())),
        Event::Restored(_) => state.struck = None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::event::{Leaving, Noted, Readdressed, Registered, Restored, Striking, TagCleared, TagSet};
    use super::*;
    use crate::time::Date;

    const WHO: [ResidentId; 3] =
        [ResidentId::from_bytes([1; 16]), ResidentId::from_bytes([2; 16]), ResidentId::from_bytes([3; 16])];

    fn at(time: u64, node: u64, event: impl Into<Event>) -> Entry {
        let stamp = Stamp { time: Hlc(time), node };
        Entry { stamp, author: "w-1".parse().unwrap(), body: Body::Event(event.into()) }
    }

    fn place(detail: &str) -> Place {
        Place { community: "c".parse().unwrap(), grid: "g".parse().unwrap(), building: None, detail: detail.into() }
    }

    fn somebody(resident: ResidentId, phone: &str) -> ResidentRecorded {
        let (name, phone) = ("李秀英".into(), phone.into());
        ResidentRecorded { resident, name, phone, born: None, relation: String::new(), tags: vec![], from: None, back: None }
    }

    fn leaves(resident: ResidentId, why: Leaving) -> ResidentLeft {
        ResidentLeft { resident, why, on: Date::from_days(20_000), to: String::new(), household: None }
    }

    #[test]
    fn two_people_written_down_on_two_phones_at_once_both_live_here() {
        let begun = at(1, 1, Registered { place: place("401") });
        let log = [begun, at(2, 1, somebody(WHO[1], "")), at(2, 2, somebody(WHO[0], ""))];
        let state = fold(&log);
        assert_eq!(state.present().map(|one| one.resident).collect::<Vec<_>>(), [WHO[1], WHO[0]], "as they were written down");
    }

    #[test]
    fn a_number_corrected_elsewhere_brings_nobody_back_who_has_left() {
        let begun = at(1, 1, Registered { place: place("401") });
        let died = at(3, 1, leaves(WHO[0], Leaving::Died));
        let corrected = at(4, 2, somebody(WHO[0], "130"));
        let log = [begun, at(2, 1, somebody(WHO[0], "")), died.clone(), corrected];
        let state = fold(&log);
        assert!(!state.has(&WHO[0]));
        assert_eq!(state.residents[&WHO[0]].known.1.phone, "130", "the later word is what is known");
        // Who knew that they had left and writes them down again brings them back; a leaving that they did not know of stays.
        let back = ResidentRecorded { back: Some(died.stamp), ..somebody(WHO[0], "") };
        assert!(fold(log.iter().chain([&at(6, 1, back.clone())])).has(&WHO[0]));
        let unknown = at(5, 2, leaves(WHO[0], Leaving::Moved));
        assert!(!fold(log.iter().chain([&at(6, 1, back), &unknown])).has(&WHO[0]));
    }

    #[test]
    fn a_tag_about_somebody_who_left_rests_until_they_are_back() {
        let tagged = ResidentRecorded { tags: vec!["残疾".into()], ..somebody(WHO[0], "") };
        let mut log = vec![at(1, 1, Registered { place: place("401") }), at(2, 1, tagged)];
        log.push(at(3, 1, TagSet { tag: "低保".into(), resident: None }));
        assert_eq!(fold(&log).tags().count(), 2);
        assert_eq!(fold(&log).tags_of(Some(&WHO[0])), ["残疾"]);
        log.push(at(4, 1, leaves(WHO[0], Leaving::Moved)));
        assert_eq!(fold(&log).tags_of(Some(&WHO[0])), [""; 0]);
        assert_eq!(fold(&log).tags_of(None), ["低保"]);
        let back = log.last().unwrap().stamp;
        log.push(at(5, 1, ResidentRecorded { back: Some(back), ..somebody(WHO[0], "") }));
        assert_eq!(fold(&log).tags_of(Some(&WHO[0])), ["残疾"]);
    }

    fn any_event() -> impl Strategy<Value = Event> {
        let who = prop::sample::select(WHO.to_vec());
        let tag = prop::sample::select(vec!["残疾".to_owned(), "低保".to_owned()]);
        let whom = prop::option::of(who.clone());
        let stamp = prop::option::of((0..40_u64, 0..3_u64).prop_map(|(time, node)| Stamp { time: Hlc(time), node }));
        prop_oneof![
            Just(Registered { place: place("401") }.into()),
            "[a-c]{1,2}".prop_map(|detail| Readdressed { place: place(&detail) }.into()),
            (who.clone(), "[0-9]{0,3}", stamp).prop_map(|(who, phone, back)| ResidentRecorded {
                back,
                ..somebody(who, &phone)
            }
            .into()),
            (who, prop::sample::select(Leaving::ALL.to_vec())).prop_map(|(who, why)| leaves(who, why).into()),
            (tag.clone(), whom.clone()).prop_map(|(tag, resident)| TagSet { tag, resident }.into()),
            (tag, whom).prop_map(|(tag, resident)| TagCleared { tag, resident }.into()),
            "[a-z]{1,3}".prop_map(|text| Noted { text }.into()),
            prop::sample::select(Striking::ALL.to_vec()).prop_map(|why| Struck { why, into: None }.into()),
            Just(Restored { why: String::new() }.into()),
        ]
    }

    proptest! {
        #[test]
        fn a_household_is_the_same_in_any_order_of_arrival_and_nobody_is_dropped(
            (log, shuffled) in prop::collection::vec((0..40_u64, 0..3_u64, any_event()), 0..30)
                .prop_map(|all| all.into_iter().map(|(time, node, event)| at(time, node, event)).collect::<Vec<_>>())
                .prop_flat_map(|log| (Just(log.clone()), Just(log).prop_shuffle()))
        ) {
            let state = fold(&log);
            prop_assert_eq!(&state, &fold(&shuffled));
            prop_assert_eq!(&state, &fold(log.iter().chain(&shuffled)), "each twice is each once");
            for entry in &log {
                if let Body::Event(Event::ResidentRecorded(e)) = &entry.body {
                    prop_assert!(state.residents.contains_key(&e.resident));
                }
            }
            prop_assert_eq!(state.notes.len(), {
                let mut notes: Vec<_> = log.iter().filter(|one| matches!(&one.body, Body::Event(Event::Noted(_)))).collect();
                notes.sort();
                notes.dedup();
                notes.len()
            });
        }
    }
}
