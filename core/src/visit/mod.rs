//! The visit (走访): one door, planned or not; met, nobody home, or refused; what was seen and asked for.
//!
//! At most three taps and one line of text, so one event records it whole. A visit may open a case; then the case names
//! the visit and the visit the case. No place is attached unless the worker chose the door, and no hour counts more than
//! another.

use serde::{Deserialize, Serialize};

use crate::access::{self, Deed, Situation};
use crate::case::{LINE_MAX, Refusal, RefusalCode, TEXT_MAX, Written};
use crate::directory::Directory;
use crate::entry::{self, events};
use crate::id::DocId;
use crate::people::{Person, Place};
use crate::time::Hlc;

/// One line of a visit's log.
pub type Entry = entry::Entry<Event>;

events! {
    /// Everything that can happen to a visit.
    pub enum Event;
    /// The door was visited.
    Visited = "visited",
    /// A case came of it.
    CaseOpened = "case_opened",
    /// Somebody added a line.
    Added = "added",
}

/// What happened at the door.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Door {
    /// 见到.
    Met,
    /// 无人.
    NobodyHome,
    /// 谢绝.
    Refused,
}

impl Door {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Met, Self::NobodyHome, Self::Refused];

    /// The one with this stable name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|door| door.name() == name)
    }

    /// Its stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::NobodyHome => "nobody_home",
            Self::Refused => "refused",
        }
    }
}

/// See [`Event::Visited`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Visited {
    /// Which door.
    pub place: Place,
    /// What happened there.
    pub door: Door,
    /// Whether the day's route had it.
    #[serde(default)]
    pub planned: bool,
    /// What was seen; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub seen: String,
    /// What was asked for; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub asked: String,
    /// The household, where its record is known. An id and nothing more: whoever may see the visit and not the household
    /// learns nothing by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub household: Option<DocId>,
}

/// See [`Event::CaseOpened`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct CaseOpened {
    /// The case.
    pub case: DocId,
}

/// See [`Event::Added`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Added {
    /// The line.
    pub text: String,
}

/// What somebody wants to do with a visit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
#[expect(missing_docs, reason = "each command is documented by the event it becomes, whose fields it has")]
pub enum Command {
    RecordVisit { visit: Visited },
    NameCase { case: DocId },
    AddLine { text: String },
}

/// A visit now.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct VisitState {
    /// The record, once there is a readable one.
    pub visit: Option<(Written, Visited)>,
    /// Cases that came of it.
    pub cases: Vec<DocId>,
    /// Lines added.
    pub added: Vec<(Written, String)>,
    /// Entries of kinds this version doesn't know, with their names.
    pub newer: Vec<(Written, String)>,
    /// Time of the newest event.
    pub updated: Hlc,
}

/// The visit with this log; the same for the same entries in any order.
pub fn fold<'a>(log: impl IntoIterator<Item = &'a Entry>) -> VisitState {
    let mut entries: Vec<&Entry> = log.into_iter().collect();
    entries.sort();
    entries.dedup();
    let mut state = VisitState::default();
    for entry in entries {
        state.updated = state.updated.max(entry.stamp.time);
        let written = Written { stamp: entry.stamp, by: entry.author.clone() };
        match &entry.body {
            // The first record stands; there is one author and one phone to a door.
            entry::Body::Event(Event::Visited(visit)) => {
                state.visit.get_or_insert_with(|| (written, visit.clone()));
            }
            entry::Body::Event(Event::CaseOpened(CaseOpened { case })) => state.cases.push(*case),
            entry::Body::Event(Event::Added(Added { text })) => state.added.push((written, text.clone())),
            entry::Body::Newer { kind, .. } => state.newer.push((written, kind.clone())),
        }
    }
    state
}

/// The event a command comes to; whether it is allowed is [`judge`]'s question.
pub fn translate(command: &Command) -> Event {
    match command.clone() {
        Command::RecordVisit { visit } => visit.into(),
        Command::NameCase { case } => CaseOpened { case }.into(),
        Command::AddLine { text } => Added { text }.into(),
    }
}

/// Whether this person may add `event` to the visit.
pub fn judge(directory: &Directory, person: &Person, state: &VisitState, event: &Event) -> Result<(), Refusal> {
    let may = |place: &Place, deed| access::may(directory, person, deed, &Situation { place, holder: None, involved: &[] });
    match (event, &state.visit) {
        (Event::Visited(_), Some(_)) => Err(Refusal::new(RefusalCode::AlreadyReported)),
        (Event::Visited(visit), None) => {
            may(&visit.place, Deed::Report)?;
            crate::case::required("place", &visit.place.detail, LINE_MAX)?;
            crate::case::optional("seen", &visit.seen, TEXT_MAX)?;
            crate::case::optional("asked", &visit.asked, TEXT_MAX)
        }
        (_, None) => Err(Refusal::new(RefusalCode::NotReported)),
        (Event::CaseOpened(_), Some((_, visit))) => may(&visit.place, Deed::Report),
        (Event::Added(Added { text }), Some((_, visit))) => {
            may(&visit.place, Deed::Note)?;
            crate::case::required("text", text, TEXT_MAX)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entry::Body;
    use crate::time::Stamp;

    fn entry(time: u64, event: Event) -> Entry {
        Entry { stamp: Stamp { time: Hlc(time), node: 1 }, author: "w-1".parse().unwrap(), body: Body::Event(event) }
    }

    #[test]
    fn a_visit_is_the_same_in_any_order_of_arrival() {
        let place = Place {
            community: "c".parse().unwrap(),
            grid: "g".parse().unwrap(),
            building: None,
            detail: "3号楼2单元401".into(),
        };
        let visit =
            Visited {
                place, door: Door::Met, planned: false, seen: String::new(), asked: "暖气不热".into(), household: None
            };
        let log = [
            entry(1, visit.into()),
            entry(2, CaseOpened { case: DocId::from_bytes([1; 16]) }.into()),
            entry(3, Added { text: "已回访".into() }.into()),
        ];
        let forward = fold(&log);
        assert_eq!(forward, fold(log.iter().rev()));
        assert_eq!(forward.cases.len(), 1);
        assert_eq!(forward.visit.as_ref().map(|(_, visit)| visit.door), Some(Door::Met));
    }
}
