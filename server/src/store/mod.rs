//! The server's store: one embedded SQLite file, one writer that commits in groups, a few readers.
//!
//! It keeps bytes and numbers and makes no judgement: what is admitted is decided in [`crate::ingest`], who sees what by
//! the core's `access` through the scope keys handed in. Only this module knows SQL. [`View`] is one state of the
//! database to read; [`Tx`] one transaction to write, durable when [`Store::write`] returns.
//! Start at `migrations/0001_start.sql`, then `writer.rs`, then `documents.rs` and `scopes.rs`.

mod aside;
mod attachments;
mod directory;
mod documents;
mod enrolment;
mod epoch;
mod error;
mod ledger;
mod locks;
mod log;
mod look;
mod open;
mod readers;
mod scopes;
mod stale;
mod writer;

use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use doorstep_core::directory::Directory;
use doorstep_core::environment::{Entropy, random};
use doorstep_core::id::DocId;
use doorstep_core::time::Timestamp;
use rusqlite::Connection;

pub use aside::AsideDecision;
pub(crate) use attachments::{Attachment, Coming, Sender};
pub use documents::{DocLine, Kept, NewChange, SetAside, StoredDocument};
pub(crate) use documents::{DocWrite, Refused};
pub use enrolment::{CodeRefusal, Device, NewCode, NewDevice, SHORT_CODE_TRIES, TokenRow};
pub use error::StoreError;
pub use log::Proved;
pub(crate) use log::{Mark, marks};
pub use scopes::{Interval, News};

use crate::audit::{Fact, Who};
use locks::{DocLocks, Held};
use readers::Readers;
use writer::Writer;

/// The database's name in its directory.
pub const FILE: &str = "doorstep.db";

/// The store. Cheap to clone; the last clone closes the file.
#[derive(Clone)]
pub struct Store(Arc<Inner>);

struct Inner {
    /// The directory it lies in.
    dir: PathBuf,
    writer: Writer,
    readers: Readers,
    /// The directory last read; see [`Store::directory`].
    directory: Mutex<Option<Arc<Directory>>>,
    documents_read: AtomicU64,
    locks: DocLocks,
}

/// What a store has done since it was opened. For tests, measurements and the health page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counters {
    /// Transactions committed, each with one fsync.
    pub commits: u64,
    /// Documents or their changes read for a pull.
    pub documents_read: u64,
}

/// How much a store holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holdings {
    /// Documents.
    pub documents: u64,
    /// Changes in the log.
    pub changes: u64,
    /// Refused changes kept aside.
    pub set_aside: u64,
    /// Enrolled devices that are not revoked.
    pub devices: u64,
}

impl Store {
    /// Makes a new database in `dir` (made if need be) with this directory as version 1 and an epoch from `entropy`.
    pub fn create(dir: &Path, directory: &Directory, entropy: &dyn Entropy, now: Timestamp) -> Result<Self, StoreError> {
        directory.check()?;
        std::fs::create_dir_all(dir).map_err(|error| open::system(&error))?;
        let path = dir.join(FILE);
        match std::fs::File::create_new(&path) {
            Ok(_) => {}
            // A founding that was cut off is gone on with.
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
                if !open::is_unfounded(&path) {
                    return Err(StoreError::Exists);
                }
            }
            Err(error) => return Err(open::system(&error)),
        }
        let store = Self::start(path, true)?;
        let (epoch, cursor_key): ([u8; 16], [u8; 32]) = (random(entropy), random(entropy));
        let directory = directory.clone();
        store.write(move |tx| {
            // Of two that found at once one does.
            if open::is_founded(tx.conn)? {
                return Err(StoreError::Exists);
            }
            tx.put_epoch(&epoch)?;
            tx.put_cursor_key(&cursor_key)?;
            tx.record(now, &Who::Operator, &Fact::Founded)?;
            tx.put_directory(directory, now)
        })?;
        store.found_log(entropy, now)?;
        Ok(store)
    }

    /// Opens the database in `dir`. A newer or damaged one is refused and left as it is.
    pub fn open(dir: &Path) -> Result<Self, StoreError> {
        let path = dir.join(FILE);
        open::probe(&path)?;
        let store = Self::start(path, false)?;
        // A file that was begun and never founded is no database yet.
        store.epoch()?;
        Ok(store)
    }

    fn start(path: PathBuf, create: bool) -> Result<Self, StoreError> {
        let writer = Writer::start(open::writer(&path, create)?)?;
        Ok(Self(Arc::new(Inner {
            dir: path.parent().map(Path::to_path_buf).unwrap_or_default(),
            writer,
            readers: Readers::new(path),
            directory: Mutex::new(None),
            documents_read: AtomicU64::new(0),
            locks: DocLocks::default(),
        })))
    }

    /// The data directory: what belongs to the database and is not in it lies beside it.
    pub fn dir(&self) -> &Path {
        &self.0.dir
    }

    /// Runs `work` on one state of the database.
    pub(crate) fn read<T>(&self, work: impl FnOnce(&View<'_>) -> Result<T, StoreError>) -> Result<T, StoreError> {
        self.0.readers.read(|conn| work(&View { conn, documents_read: Some(&self.0.documents_read) }))
    }

    /// Runs `work` as one transaction, shared with whoever else waits; durable when this returns. Blocks.
    pub(crate) fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Tx<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.0.writer.write(move |conn| work(&Tx(View { conn, documents_read: None })))
    }

    /// Holds these documents for judging; waits while somebody else holds one of them.
    pub(crate) fn hold(&self, docs: impl IntoIterator<Item = DocId>) -> Held<'_> {
        self.0.locks.hold(docs)
    }

    /// The directory as it stands. Cached; one lookup by key tells whether another process has changed it.
    pub fn directory(&self) -> Result<Arc<Directory>, StoreError> {
        let cached = self.0.directory.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let known = cached.as_ref().map_or(0, |directory| directory.version);
        match (self.read(|view| view.directory_newer_than(known))?, cached) {
            (Some(newer), _) => {
                let newer = Arc::new(newer);
                *self.0.directory.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&newer));
                Ok(newer)
            }
            (None, Some(cached)) => Ok(cached),
            (None, None) => Err(StoreError::Damaged),
        }
    }

    /// What it has done since it was opened.
    pub fn counters(&self) -> Counters {
        Counters { commits: self.0.writer.commits(), documents_read: self.0.documents_read.load(Ordering::Relaxed) }
    }

    /// How much it holds.
    #[expect(clippy::redundant_closure_for_method_calls, reason = "the method itself is not general over the view's lifetime")]
    pub fn holdings(&self) -> Result<Holdings, StoreError> {
        self.read(|view| view.holdings())
    }
}

/// One state of the database, to read.
pub(crate) struct View<'c> {
    conn: &'c Connection,
    documents_read: Option<&'c AtomicU64>,
}

impl View<'_> {
    fn count_document(&self) {
        if let Some(counter) = self.documents_read {
            counter.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn holdings(&self) -> Result<Holdings, StoreError> {
        let sql = "SELECT (SELECT count(*) FROM doc), (SELECT coalesce(sum(n_changes), 0) FROM doc),
                          (SELECT count(*) FROM set_aside), (SELECT count(*) FROM device WHERE revoked_at IS NULL)";
        Ok(self.conn.prepare_cached(sql)?.query_row([], |row| {
            Ok(Holdings {
                documents: unsigned(row.get(0)?),
                changes: unsigned(row.get(1)?),
                set_aside: unsigned(row.get(2)?),
                devices: unsigned(row.get(3)?),
            })
        })?)
    }
}

/// One transaction, to read and write.
pub(crate) struct Tx<'c>(View<'c>);

impl<'c> Deref for Tx<'c> {
    type Target = View<'c>;
    fn deref(&self) -> &View<'c> {
        &self.0
    }
}

/// SQLite's integers are signed; ours (sequence numbers, counts) are never negative.
fn unsigned(value: i64) -> u64 {
    u64::try_from(value).unwrap_or(0)
}

/// The other way; no sequence number reaches 2^63.
fn signed(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests;
