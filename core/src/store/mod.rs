//! The device's store: one SQLite file, one connection, one transaction a tap.
//!
//! It keeps documents, changes, commands, bundles and ceremonies as **bytes** and knows one record, the list
//! [`Row`]. It refuses to know what a change means, what the server is and what time it is: it never loads a document,
//! never sends, never reads a clock. Start at `migrations/0001_begin.sql`, then [`Store::tap`] (how something gets in),
//! then `apply.rs` (what a pull does to it).
//!
//! What it promises: a call that returned `Ok` is on disk (`synchronous=FULL`); a call that returned an error or was killed
//! left nothing behind; nothing unsent is ever deleted; a file that it cannot read is left as it is.

mod alike;
mod apply;
mod attachments;
mod beginning;
mod begun;
mod beside;
mod blobs;
mod bundle;
mod ceremony;
mod claim;
mod document;
mod doors;
#[cfg(feature = "encryption")]
mod encrypt;
mod error;
#[cfg(not(target_family = "wasm"))]
mod files;
#[cfg(not(target_family = "wasm"))]
mod header;
#[cfg(feature = "encryption")]
mod image;
mod installation;
mod key;
mod meta;
mod migrate;
mod open;
mod outbox;
mod packets;
#[cfg(feature = "encryption")]
mod pages;
mod rebuild;
mod refetch;
#[cfg(not(target_family = "wasm"))]
mod rescue;
mod rows;
#[cfg(not(target_family = "wasm"))]
mod salvage;
mod search;
mod settle;
mod tap;
#[cfg(test)]
mod testing;
mod waits;

use rusqlite::Connection;

pub use apply::{Applied, Apply, PulledChange};
pub use attachments::{AttachmentCounts, NewAttachment, StoredAttachment, Upload, WaitingUpload};
pub use begun::{Begun, Span};
pub use beside::Beside;
pub use blobs::{Blobs, Written};
pub use document::{Apart, StoredDocument, TAIL_BYTES_MAX, TAIL_CHANGES_MAX, Trust};
pub use doors::{Covered, Door};
pub use error::StoreError;
pub use key::DatabaseKey;
pub use meta::{Meta, StoredDirectory};
pub use migrate::VERSION;
pub use open::{APPLICATION_ID, Journal, Options};
pub use outbox::{OutboxState, Outgoing, SetAside};
pub use packets::Piece;
pub use rebuild::{Queued, Rebuild};
#[cfg(not(target_family = "wasm"))]
pub use rescue::{CHANGE_LOST, Meaning, PART_UNREADABLE, Rescued};
pub use rows::{Counts, Filter, Order, PAGE_MAX, Position, Query};
pub use search::Searched;
pub use settle::{Outcome, Settled};
pub use tap::{ChangeRecord, Tap};
pub use waits::StoredWait;

use crate::id::{ChangeHash, DocId};
#[cfg(doc)]
use crate::row::Row;

/// A moment inside a transaction, named for tests that stop the world there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Step {
    /// The change's bytes are written, nothing else of it.
    AfterChange,
    /// The command stands in the outbox too.
    AfterOutbox,
    /// Everything is written, nothing is durable.
    BeforeCommit,
    /// It is durable; the caller does not know yet.
    AfterCommit,
    /// An attachment's file has its name, on the disk; the event that names it is not written yet.
    AttachmentNamed,
}

/// Called at each [`Step`]; may panic, and the transaction is then rolled back.
pub type OnStep = Box<dyn Fn(Step) + Send>;

/// A device's store, open. One of them has the file; a second one is [`StoreError::Busy`].
pub struct Store {
    connection: Connection,
    on_step: Option<OnStep>,
    blobs: Option<Blobs>,
    /// Whole files that no row knew when the store was opened, with their lengths as sealed.
    unclaimed: Vec<(crate::id::Digest, u64)>,
    // Last: given back once the connection above is closed.
    _claim: claim::Claim,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").finish_non_exhaustive()
    }
}

/// Tells the hook where the transaction stands.
fn step(on_step: Option<&OnStep>, at: Step) {
    if let Some(hook) = on_step {
        hook(at);
    }
}

/// Hashes one after the other, as they stand in a column.
fn joined(hashes: &[ChangeHash]) -> Vec<u8> {
    hashes.iter().flat_map(|hash| hash.as_bytes().iter().copied()).collect()
}

/// The hashes of such a column.
fn split(column: &[u8]) -> Result<Vec<ChangeHash>, StoreError> {
    column.chunks(32).map(|bytes| ChangeHash::from_slice(bytes).map_err(|_| StoreError::Damaged { what: "value" })).collect()
}

/// The document id of a column.
fn doc_id(column: &[u8]) -> Result<DocId, StoreError> {
    DocId::from_slice(column).map_err(|_| StoreError::Damaged { what: "value" })
}

/// The change hash of a column.
fn change_hash(column: &[u8]) -> Result<ChangeHash, StoreError> {
    ChangeHash::from_slice(column).map_err(|_| StoreError::Damaged { what: "value" })
}
