//! A case or visit as an Automerge document: events in, bytes out; bytes in, events out.
//!
//! The only importer of `automerge`. It knows how a document is laid out (`schema`), how an entry is written (`codec`)
//! and what a stranger's change may do to it ([`guard`]); it does not know what the events mean, who may write them, or
//! where the bytes are kept. Nothing here edits in place: [`Document::write`] gives a new document and one new change.
//!
//! Panics inside Automerge become [`DocumentError::Panicked`]. Start at [`Document`]; what comes from outside goes through
//! [`guard`] first.

mod codec;
mod column;
mod file;
mod glance;
pub mod guard;
mod history;
mod schema;
#[cfg(test)]
mod tests;
mod without;

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use automerge::transaction::{CommitOptions, Transactable, Transaction};
use automerge::{Automerge, AutomergeError, Change, ReadDoc};
use sha2::Digest as _;

use crate::case::{Event, TextName};
use crate::entry::{Entry, Record};
use crate::id::{ActorId, ChangeHash, Digest, DocId, DocKind};
pub use glance::glance;
use guard::GuardError;
use history::History;
use schema::Layout;

/// A document, loaded.
#[derive(Clone)]
pub struct Document {
    automerge: Automerge,
    layout: Layout,
    history: History,
}

impl fmt::Debug for Document {
    /// Names only: what a document says is personal and stays out of logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Document")
            .field("id", &self.layout.doc)
            .field("kind", &self.layout.kind)
            .field("heads", &self.heads())
            .finish_non_exhaustive()
    }
}

/// One change as it is stored and sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewChange {
    /// Its name.
    pub hash: ChangeHash,
    /// Who wrote it, in Automerge's sense.
    pub actor: ActorId,
    /// Its number among this actor's changes, from 1.
    pub seq: u64,
    /// The plain change chunk.
    pub bytes: Vec<u8>,
}

/// What one command adds to a document: it becomes one change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Writing<E = Event> {
    /// The entries to append.
    pub entries: Vec<Entry<E>>,
    /// Texts, and what is to stand in them now; only the difference is written.
    pub texts: Vec<(TextName, String)>,
}

impl<E> Writing<E> {
    /// Entries only.
    pub const fn entries(entries: Vec<Entry<E>>) -> Self {
        Self { entries, texts: Vec::new() }
    }
}

/// A document's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Log<E = Event> {
    /// Its entries in the order of their stamps, ties by their bytes; the same bytes stand once.
    pub entries: Vec<Entry<E>>,
    /// What could not be read, in the list's order.
    pub unreadable: Vec<Unreadable>,
}

impl<E> Default for Log<E> {
    fn default() -> Self {
        Self { entries: Vec::new(), unreadable: Vec::new() }
    }
}

/// An element of the log that is no entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unreadable {
    /// Its place in the list.
    pub index: usize,
    /// SHA-256 of its bytes.
    pub digest: Digest,
}

/// Why a document can't be read or written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DocumentError {
    /// The bytes are no whole Automerge document.
    #[error("the document's bytes cannot be loaded")]
    Unloadable,
    /// They are one, but not one of cases or visits.
    #[error("the document is not laid out as one of ours")]
    NotOurs,
    /// It is laid out as a newer version does.
    #[error("the document was written by a newer version")]
    Newer,
    /// Nothing to write: no entries, and no text that differs.
    #[error("there is nothing to write")]
    Nothing,
    /// More than one change can carry: see [`guard::OPERATIONS_MAX`] and [`guard::CHANGE_MAX`].
    #[error("this is too much for one change")]
    TooMuch,
    /// The text does not belong to this kind of document.
    #[error("the document has no such text")]
    NoSuchText,
    /// An entry or a change could not be made.
    #[error("the change cannot be written")]
    Unwritable,
    /// The CRDT library panicked.
    #[error("the document library failed")]
    Panicked,
}

impl DocumentError {
    /// Its stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Unloadable => "unloadable",
            Self::NotOurs => "not_ours",
            Self::Newer => "newer",
            Self::Nothing => "nothing_to_write",
            Self::TooMuch => "too_much",
            Self::NoSuchText => "no_such_text",
            Self::Unwritable => "unwritable",
            Self::Panicked => "panicked",
        }
    }
}

/// Runs `f`, turning a panic inside Automerge into an error. What `f` works on must not be used after one.
fn shielded<T>(f: impl FnOnce() -> Result<T, DocumentError>) -> Result<T, DocumentError> {
    catch_unwind(AssertUnwindSafe(f)).unwrap_or(Err(DocumentError::Panicked))
}

impl Document {
    /// A new document, and the change that makes it and writes the first entries. `actor` is random and new.
    pub fn create<E: Record>(
        doc: DocId,
        kind: DocKind,
        actor: ActorId,
        writing: &Writing<E>,
    ) -> Result<(Self, NewChange), DocumentError> {
        shielded(|| {
            let automerge = Automerge::new();
            let create = |tx: &mut Transaction<'_>| Layout::create(tx, doc, kind).map_err(|_| DocumentError::Unwritable);
            change(automerge, &History::default(), actor, writing, create)
        })
    }

    /// The document in `bytes`: a save, followed by any number of changes. All at once, for what this program wrote or has
    /// opened before; what comes from elsewhere goes through [`guard::open`] first.
    pub fn load(bytes: &[u8]) -> Result<Self, DocumentError> {
        shielded(|| Self::of(Self::load_automerge(bytes)?))
    }

    /// How many saves stand in this file: more than one only where a pull found something here to keep.
    pub fn saves_in(bytes: &[u8]) -> usize {
        file::check(bytes).unwrap_or_default()
    }

    /// The document in the first chunk of `bytes` alone: for when what follows contradicts it.
    pub fn load_first(bytes: &[u8]) -> Result<Self, DocumentError> {
        Self::load(file::first(bytes).ok_or(DocumentError::Unloadable)?)
    }

    /// Loads the bytes, all of them or nothing.
    fn load_automerge(bytes: &[u8]) -> Result<Automerge, DocumentError> {
        if bytes.is_empty() || file::check(bytes).is_err() {
            return Err(DocumentError::Unloadable);
        }
        let automerge = Automerge::load(bytes).map_err(|_| DocumentError::Unloadable)?;
        if automerge.get_missing_deps(&[]).is_empty() { Ok(automerge) } else { Err(DocumentError::Unloadable) }
    }

    /// The document, if it is one of ours.
    fn of(automerge: Automerge) -> Result<Self, DocumentError> {
        let history = History::of(&automerge).ok_or(DocumentError::NotOurs)?;
        Self::with(automerge, history)
    }

    fn with(automerge: Automerge, history: History) -> Result<Self, DocumentError> {
        let layout = Layout::find(&automerge)?;
        layout.raw_log(&automerge)?;
        Ok(Self { automerge, layout, history })
    }

    /// This document with `writing` in one change on top of everything in it. `self` stays as it is, so that nothing is
    /// shown before it is stored.
    pub fn write<E: Record>(&self, actor: ActorId, writing: &Writing<E>) -> Result<(Self, NewChange), DocumentError> {
        shielded(|| change(self.automerge.clone(), &self.history, actor, writing, |_| Ok(self.layout.clone())))
    }

    /// Its id.
    pub const fn id(&self) -> DocId {
        self.layout.doc
    }

    /// What it is.
    pub const fn kind(&self) -> DocKind {
        self.layout.kind
    }

    /// Its log.
    pub fn log<E: Record>(&self) -> Log<E> {
        codec::log(self.raw_log().iter().map(Vec::as_slice))
    }

    /// One of its texts; empty where the kind has none.
    pub fn text(&self, name: TextName) -> String {
        self.layout.text(name).and_then(|id| self.automerge.text(id).ok()).unwrap_or_default()
    }

    /// One of its texts as whoever wrote this change saw it before; none if the change or the text is not here.
    pub fn text_before(&self, change: &ChangeHash, name: TextName) -> Option<String> {
        let change = self.automerge.get_change_by_hash(&automerge::ChangeHash(*change.as_bytes()))?;
        self.automerge.text_at(self.layout.text(name)?, change.deps()).ok()
    }

    /// The texts to write one after another until `now` stands in this one, each small enough for one change. One, mostly;
    /// more for what was pasted.
    pub fn steps(&self, name: TextName, now: &str) -> Vec<String> {
        schema::steps(&self.text(name), now)
    }

    /// Its changes, each after those it builds on: what a server that lost them is sent again.
    pub fn changes(&self) -> Result<Vec<NewChange>, DocumentError> {
        let one = |change: &Change| {
            Ok(NewChange {
                hash: ChangeHash::from_bytes(change.hash().0),
                actor: ActorId::from_slice(change.actor_id().to_bytes()).map_err(|_| DocumentError::NotOurs)?,
                seq: change.seq(),
                bytes: change.raw_bytes().to_vec(),
            })
        };
        shielded(|| self.automerge.get_changes(&[]).iter().map(one).collect())
    }

    /// The changes that nothing in it builds on, in the order of their hashes.
    pub fn heads(&self) -> Vec<ChangeHash> {
        self.automerge.get_heads().iter().map(|hash| ChangeHash::from_bytes(hash.0)).collect()
    }

    /// The whole document as bytes, uncompressed.
    pub fn save(&self) -> Vec<u8> {
        self.automerge.save_nocompress()
    }

    /// Whether the change is in it.
    pub fn has(&self, change: &ChangeHash) -> bool {
        self.history.has(change)
    }

    /// The number of this actor's last change; 0 if there is none.
    pub fn last_seq(&self, actor: &ActorId) -> u64 {
        self.history.last_seq(actor)
    }

    /// SHA-256 of what the document says: equal for documents made of the same changes, whatever order they came in.
    pub fn digest(&self) -> Digest {
        let mut raw = self.raw_log();
        raw.sort_unstable();
        raw.dedup();
        let mut hasher = sha2::Sha256::new();
        let mut part = |bytes: &[u8]| {
            hasher.update((bytes.len() as u64).to_be_bytes());
            hasher.update(bytes);
        };
        part(self.layout.doc.as_bytes());
        part(self.layout.kind.name().as_bytes());
        for (name, _) in &self.layout.texts {
            part(name.key().as_bytes());
            part(self.text(*name).as_bytes());
        }
        for bytes in &raw {
            part(bytes);
        }
        Digest::from_bytes(hasher.finalize().into())
    }

    /// The log's raw elements. They were looked at when the document was made, so that nothing can be wrong with them.
    fn raw_log(&self) -> Vec<Vec<u8>> {
        self.layout.raw_log(&self.automerge).unwrap_or_default()
    }
}

/// Writes one change: `open` finds or makes the objects.
fn change<E: Record>(
    mut automerge: Automerge,
    before: &History,
    actor: ActorId,
    writing: &Writing<E>,
    open: impl FnOnce(&mut Transaction<'_>) -> Result<Layout, DocumentError>,
) -> Result<(Document, NewChange), DocumentError> {
    automerge.set_actor(actor.as_bytes().as_slice().into());
    // Purely advisory in Automerge, in seconds; taken from the stamp, so that the same writing gives the same bytes.
    let time = writing.entries.first().map_or(0, |entry| entry.stamp.time.wall().0 / 1000);
    let written = automerge.transact_with::<_, _, DocumentError, _>(
        |_| CommitOptions::default().with_time(time),
        |tx| {
            let layout = open(tx)?;
            write(tx, &layout, writing)?;
            Ok(layout)
        },
    );
    let layout = written.map_err(|failure| failure.error)?.result;
    let new = automerge.get_last_local_change().ok_or(DocumentError::Unwritable)?;
    // Nobody else would take a change that the guard refuses: better said now than at the next sync.
    let header = guard::inspect(new.raw_bytes()).map_err(|error| match error {
        GuardError::TooLarge | GuardError::TooManyOperations => DocumentError::TooMuch,
        _ => DocumentError::Unwritable,
    })?;
    let new = NewChange { hash: header.hash, actor, seq: header.seq, bytes: new.raw_bytes().to_vec() };
    let history = before.and(&header);
    Ok((Document { automerge, layout, history }, new))
}

fn write<E: Record>(tx: &mut Transaction<'_>, layout: &Layout, writing: &Writing<E>) -> Result<(), DocumentError> {
    let unwritable = |_: AutomergeError| DocumentError::Unwritable;
    for (end, entry) in (tx.length(&layout.log)..).zip(&writing.entries) {
        tx.insert(&layout.log, end, codec::encode(entry)?).map_err(unwritable)?;
    }
    for (name, now) in &writing.texts {
        let text = layout.text(*name).ok_or(DocumentError::NoSuchText)?;
        schema::edit(tx, text, now).map_err(unwritable)?;
    }
    if tx.pending_ops() == 0 { Err(DocumentError::Nothing) } else { Ok(()) }
}
