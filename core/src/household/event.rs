//! What happens to a household's record: facts, past tense, never edited, never deleted.

use serde::{Deserialize, Serialize};

use crate::entry::{self, events};
use crate::id::{DocId, ResidentId};
use crate::people::Place;
use crate::time::{Date, Stamp};

/// One line of a household's log.
pub type Entry = entry::Entry<Event>;

events! {
    /// Everything that can happen to a household's record.
    pub enum Event;
    /// The record was begun.
    Registered = "registered",
    /// Its address was corrected.
    Readdressed = "readdressed",
    /// A resident was written down, or what is known of them replaced.
    ResidentRecorded = "resident_recorded",
    /// A resident no longer lives here.
    ResidentLeft = "resident_left",
    /// A care tag was set.
    TagSet = "tag_set",
    /// A care tag was cleared.
    TagCleared = "tag_cleared",
    /// Somebody noted something.
    Noted = "noted",
    /// The record was struck off: nobody lives at that address any more, or there is another record of it.
    Struck = "struck",
    /// It counts again.
    Restored = "restored",
}

/// See [`Event::Registered`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Registered {
    /// The address.
    pub place: Place,
}

/// See [`Event::Readdressed`]. It stays in its grid: another grid's household is another record.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Readdressed {
    /// The address as it is now.
    pub place: Place,
}

/// See [`Event::ResidentRecorded`]. Nothing that the work does not need: no identity number, no occupation.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ResidentRecorded {
    /// Who, wherever they move.
    pub resident: ResidentId,
    /// Their name.
    pub name: String,
    /// Where to reach them; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub phone: String,
    /// Year of birth, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub born: Option<i32>,
    /// What they are to the household (户主, 配偶, 租户 …); may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub relation: String,
    /// Care tags about them that are set with it, none taken away: those that they bring along when they move, or that a
    /// worker ticks when writing them down.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// The household they moved here from, where its record is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<DocId>,
    /// They had left and are back: the leaving that this takes back. None: they live here as before, so that a corrected
    /// telephone number brings nobody back whom another phone wrote off meanwhile. Filled in by
    /// [`translate`](super::translate).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub back: Option<Stamp>,
}

/// Why somebody no longer lives here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Leaving {
    /// 迁出.
    Moved,
    /// 去世.
    Died,
    /// 登记有误: they never lived here.
    Mistaken,
}

impl Leaving {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Moved, Self::Died, Self::Mistaken];

    /// Its stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Moved => "moved",
            Self::Died => "died",
            Self::Mistaken => "mistaken",
        }
    }
}

/// See [`Event::ResidentLeft`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ResidentLeft {
    /// Who.
    pub resident: ResidentId,
    /// Why.
    pub why: Leaving,
    /// Since which day.
    pub on: Date,
    /// Where to, in people's words; may be empty. Another grid's address does not stand here: this grid's worker has no
    /// business knowing it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub to: String,
    /// The household they moved to, where its record is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub household: Option<DocId>,
}

/// See [`Event::TagSet`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TagSet {
    /// The tag, one of the policy's care tags.
    pub tag: String,
    /// Whom it is about; none: the household.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resident: Option<ResidentId>,
}

/// See [`Event::TagCleared`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TagCleared {
    /// The tag.
    pub tag: String,
    /// Whom it was about; none: the household.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resident: Option<ResidentId>,
}

/// See [`Event::Noted`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Noted {
    /// The note.
    pub text: String,
}

/// Why a record no longer counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Striking {
    /// 重复建档: another record has the same address.
    Duplicate,
    /// 房屋拆除: the door is no more.
    Gone,
    /// 登记有误: there never was such a door.
    Mistaken,
}

impl Striking {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Duplicate, Self::Gone, Self::Mistaken];

    /// Its stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Duplicate => "duplicate",
            Self::Gone => "gone",
            Self::Mistaken => "mistaken",
        }
    }
}

/// See [`Event::Struck`]. Nothing goes: who lived there and what was noted stays readable.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Struck {
    /// Why.
    pub why: Striking,
    /// The record that goes on for it, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub into: Option<DocId>,
}

/// See [`Event::Restored`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Restored {
    /// Why, in people's words; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
}

/// What somebody wants to do with a household's record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
#[expect(missing_docs, reason = "each command is documented by the event it becomes, whose record it carries")]
pub enum Command {
    Register { place: Place },
    Readdress { place: Place },
    RecordResident { resident: ResidentRecorded },
    RecordLeaving { left: ResidentLeft },
    SetTag { tag: TagSet },
    ClearTag { tag: TagCleared },
    Note { text: String },
    Strike { struck: Struck },
    Restore { why: String },
}
