//! The list row: what a list, a search or "my day" needs of a document without loading it.
//!
//! Made by the same projection on server and phone ([`Row::of_case`]), stored beside the document, sent with it.

use serde::{Deserialize, Serialize};

use crate::case::Channel;
use crate::id::{DocId, DocKind, OrgId, PersonId};
use crate::people::Place;
use crate::time::{Date, Hlc};

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
    /// A case's stage or a visit's result, by its stable name.
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
    /// Whether a signed agreement is in force.
    #[serde(default)]
    pub signed: bool,
    /// Stamp time of the newest event.
    pub updated: Hlc,
}
