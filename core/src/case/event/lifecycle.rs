//! Beginning and end of a case, and what may be added at any time.

use serde::{Deserialize, Serialize};

use super::Knew;
use crate::id::{Digest, DocId, PersonId};
use crate::people::Place;
use crate::time::Stamp;

/// How a concern came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// 来电.
    Phone,
    /// 来信.
    Letter,
    /// 来人.
    InPerson,
    /// 走访发现.
    Visit,
    /// 12345.
    Hotline,
}

/// Who brought a concern.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Reporter {
    /// Their name, as they give it.
    pub name: String,
    /// Where to reach them; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub phone: String,
}

/// See [`Event::Reported`](super::Event::Reported).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Reported {
    /// How it came in.
    pub channel: Channel,
    /// Who brought it; none where a worker found it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reporter: Option<Reporter>,
    /// One line.
    pub title: String,
    /// Where it lies.
    pub place: Place,
    /// What it is filed under.
    pub category: String,
    /// What was said, in full.
    pub account: String,
    /// The visit that found it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visit: Option<DocId>,
}

/// See [`Event::Assigned`](super::Event::Assigned).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Assigned {
    /// The worker.
    pub to: PersonId,
}

/// See [`Event::Closed`](super::Event::Closed).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Closed {
    /// The round it closes.
    pub round: u32,
}

/// See [`Event::Withdrawn`](super::Event::Withdrawn).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Withdrawn {
    /// Why, in the reporter's words.
    pub why: String,
    /// The agreement in force that its author saw; absent in what the first release wrote.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub knew: Option<Knew>,
}

/// See [`Event::MergedInto`](super::Event::MergedInto).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct MergedInto {
    /// The case that goes on.
    pub case: DocId,
    /// The agreement in force that its author saw; absent in what the first release wrote.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub knew: Option<Knew>,
}

/// See [`Event::Noted`](super::Event::Noted).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Noted {
    /// The note.
    pub text: String,
}

/// See [`Event::Attached`](super::Event::Attached).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Attached {
    /// SHA-256 of the bytes.
    pub digest: Digest,
    /// Media type.
    pub media: String,
    /// Length, bytes.
    pub length: u64,
    /// What it shows.
    pub caption: String,
    /// SHA-256 of a small picture of it, where there is one: an attachment of its own, fetched first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preview: Option<Digest>,
}

/// See [`Event::ContestSettled`](super::Event::ContestSettled).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ContestSettled {
    /// The event that holds.
    pub holds: Stamp,
    /// Those that don't.
    pub over: Vec<Stamp>,
    /// Why.
    pub why: String,
}
