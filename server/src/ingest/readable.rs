//! What a change kept aside says, as lines for people, and who may read and decide it: the leads of the community that the
//! document lies in. A document that the server never had is read from what was kept of it.

use std::panic::{AssertUnwindSafe, catch_unwind};

use doorstep_core::directory::Directory;
use doorstep_core::document::Document;
use doorstep_core::entry::Entry;
use doorstep_core::id::{DocKind, PersonId};
use doorstep_core::people::Role;
use doorstep_core::row::Row;
use doorstep_core::words::{self, Lang};
use doorstep_core::{case, household, visit};

use super::kind::Kind;
use crate::store::{SetAside, Store, StoreError};

/// Characters of a typed text that are shown: its end, where people type.
const TEXT_SHOWN: usize = 200;

/// A change kept aside, to be read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Readable {
    /// The document's title; empty where it can't be read.
    pub title: String,
    /// The document's list row with it, where it can be read.
    pub row: Option<Row>,
    /// What it says.
    pub lines: Vec<String>,
}

/// Who reads and decides.
#[derive(Debug, Clone, Copy)]
pub enum Reviewer<'a> {
    /// Whoever holds the server.
    Operator,
    /// A person of the directory.
    Person(&'a PersonId),
}

impl Reviewer<'_> {
    /// Whether they may: the operator may, and the leads of the community that the document lies in. Nobody else, and what can't
    /// be placed is the operator's alone.
    pub fn may(self, directory: &Directory, readable: &Readable) -> bool {
        let Reviewer::Person(person) = self else { return true };
        let place = readable.row.as_ref().and_then(|row| row.place.as_ref());
        let (Some(person), Some(place)) = (directory.person(person), place) else { return false };
        person.posts().any(|post| post.role == Role::CommunityLead && post.org == place.community)
    }
}

/// Reads it, on top of what the server has and of what else was kept of it before.
pub fn readable(store: &Store, aside: &SetAside, directory: &Directory, lang: Lang) -> Result<Readable, StoreError> {
    let stored = store.row_and_bytes(&aside.kept.doc)?;
    let before = store.aside_of(&aside.kept.doc, &aside.device)?;
    let known = stored.as_ref().and_then(|stored| minicbor_serde::from_slice::<Row>(&stored.row).ok());
    let mut bytes = stored.map(|stored| stored.bytes).unwrap_or_default();
    for earlier in before.iter().take_while(|earlier| earlier.n < aside.n) {
        bytes.extend_from_slice(&earlier.kept.bytes);
    }
    // Bytes of a stranger: what goes wrong in here is an unreadable change, and nothing else.
    let read = || read(aside, bytes, directory, lang);
    let mut found = catch_unwind(AssertUnwindSafe(read)).ok().flatten().unwrap_or_default();
    found.row = known.or(found.row);
    if let Some(row) = &found.row {
        found.title.clone_from(&row.title);
    }
    Ok(found)
}

fn read(aside: &SetAside, mut bytes: Vec<u8>, directory: &Directory, lang: Lang) -> Option<Readable> {
    // Only what the guard would look at further is loaded at all.
    doorstep_core::document::guard::inspect(&aside.kept.bytes).ok()?;
    let before = if bytes.is_empty() { None } else { Document::load(&bytes).ok() };
    if before.as_ref().is_none_or(|document| !document.has(&aside.kept.hash)) {
        bytes.extend_from_slice(&aside.kept.bytes);
    }
    let after = Document::load(&bytes).ok()?;
    let before = before.as_ref();
    Some(match aside.kept.kind {
        DocKind::Case => told::<case::Event>(aside, before, &after, |entry, _| words::case_line(entry, directory, lang), lang),
        DocKind::Visit => told::<visit::Event>(aside, before, &after, |entry, _| words::visit_line(entry, lang), lang),
        DocKind::Household => told::<household::Event>(
            aside,
            before,
            &after,
            |entry, log| words::household_line(entry, &household::fold(log), lang),
            lang,
        ),
    })
}

fn told<E: Kind + PartialEq>(
    aside: &SetAside,
    before: Option<&Document>,
    after: &Document,
    line: impl Fn(&Entry<E>, &[Entry<E>]) -> String,
    lang: Lang,
) -> Readable {
    let past = before.map(|document| document.log::<E>().entries).unwrap_or_default();
    let log = after.log::<E>().entries;
    let mut lines: Vec<String> = log.iter().filter(|entry| !past.contains(entry)).map(|entry| line(entry, &log)).collect();
    for name in case::TextName::ALL {
        let (was, is) = (before.map(|document| document.text(name)).unwrap_or_default(), after.text(name));
        if was != is {
            let label = words::field(name.key(), lang).unwrap_or(name.key());
            let from = is.chars().count().saturating_sub(TEXT_SHOWN);
            lines.push(format!("{label}: {}", is.chars().skip(from).collect::<String>()));
        }
    }
    let row = E::row(aside.kept.doc, &log);
    Readable { title: row.title.clone(), row: Some(row), lines }
}
