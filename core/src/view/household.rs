//! A household for the screen.

use super::{HistoryLine, count, line};
use crate::case::Standing;
use crate::directory::Directory;
use crate::document::{Document, Log};
use crate::household::{Event, HouseholdState, Leaving, Lived, Striking};
use crate::id::{Digest, DocId, ResidentId};
use crate::people::Place;
use crate::time::Date;
use crate::words::{self, Lang};

/// Somebody who lives or lived there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResidentView {
    /// Who.
    pub id: ResidentId,
    /// Their name.
    pub name: String,
    /// Where to reach them; may be empty.
    pub phone: String,
    /// Year of birth, where it is known.
    pub born: Option<i32>,
    /// What they are to the household; may be empty.
    pub relation: String,
    /// Care tags in force about them.
    pub tags: Vec<String>,
    /// The household they moved here from, where its record is known; it need not be on this device.
    pub from: Option<DocId>,
    /// That they left; none: they live here.
    pub left: Option<LeftView>,
}

/// How somebody left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftView {
    /// Why.
    pub why: Leaving,
    /// Since which day.
    pub on: Date,
    /// Where to, in people's words; may be empty.
    pub to: String,
    /// The household they moved to, where its record is known; it need not be on this device.
    pub household: Option<DocId>,
}

/// A household, ready to be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HouseholdView {
    /// The household.
    pub id: DocId,
    /// Where; none if the record can't be read.
    pub place: Option<Place>,
    /// `lived_in`, `vacant`, `struck`.
    pub stage: &'static str,
    /// Why it was struck off, and the record that goes on for it; none: it counts.
    pub struck: Option<(Striking, Option<DocId>)>,
    /// Care tags in force about the household as a whole.
    pub tags: Vec<String>,
    /// Who lives there, in the order they were first written down.
    pub residents: Vec<ResidentView>,
    /// Who lived there, in the same order.
    pub former: Vec<ResidentView>,
    /// Notes, oldest first.
    pub notes: Vec<String>,
    /// Everything recorded, in order.
    pub history: Vec<HistoryLine>,
    /// Entries that could not be read.
    pub unreadable: u32,
    /// SHA-256 of what the document says.
    pub digest: Digest,
}

impl HouseholdView {
    /// The view of a household.
    pub fn new(
        id: DocId,
        document: &Document,
        log: &Log<Event>,
        state: &HouseholdState,
        directory: &Directory,
        lang: Lang,
    ) -> Self {
        let mut all: Vec<&Lived> = state.residents.values().collect();
        all.sort_by_key(|lived| lived.first);
        let residents = all.into_iter().map(|lived| resident(state, lived));
        let (former, residents) = residents.partition(|one| one.left.is_some());
        let history = log.entries.iter().map(|entry| {
            let text = words::household_line(entry, state, lang);
            // What a later word replaced was no mistake: it is history.
            line(directory, entry.stamp, &entry.author, entry.body.kind(), text, Standing::Effective)
        });
        Self {
            id,
            place: state.place.clone(),
            stage: state.stage(),
            struck: state.struck.as_ref().map(|(_, struck)| (struck.why, struck.into)),
            tags: state.tags_of(None),
            residents,
            former,
            notes: state.notes.iter().map(|(_, text)| text.clone()).collect(),
            history: history.collect(),
            unreadable: count(log.unreadable.len()),
            digest: document.digest(),
        }
    }
}

fn resident(state: &HouseholdState, lived: &Lived) -> ResidentView {
    let (_, known) = &lived.known;
    ResidentView {
        id: known.resident,
        name: known.name.clone(),
        phone: known.phone.clone(),
        born: known.born,
        relation: known.relation.clone(),
        tags: state.tags_of(Some(&known.resident)),
        from: known.from,
        left: lived.left.as_ref().map(|(_, left)| LeftView {
            why: left.why,
            on: left.on,
            to: left.to.clone(),
            household: left.household,
        }),
    }
}
