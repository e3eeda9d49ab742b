//! A damaged database is set aside, never erased, and a new one begun with whatever could be read of the work that is nowhere
//! else. The rest (documents, the directory) the server sends again.
//!
//! The new file is made whole beside the damaged one before either gets another name, so a kill anywhere leaves the damaged
//! one in place, or the new one, or says plainly which of the renamings was still to come ([`finish`]).

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags, TransactionBehavior, params};

use super::claim::Claim;
use super::files::{beside, remove, sync_folder};
use super::header::{self, Found};
use super::key::DatabaseKey;
use super::salvage::{self, Salvage, Unsent};
use super::{Options, Piece, Store, StoreError, bundle, joined, meta, packets, tap};
use crate::id::{ChangeHash, DocId, DocKind};

/// Behind the name of a copy that is read.
const COPY: &str = ".rescue";
/// Behind the name of a new database that is not in place yet.
const NEW: &str = ".rescued";
/// Behind the name of a database that was set aside, before its number.
const DAMAGED: &str = ".damaged-";
/// What SQLite keeps beside a database.
const BESIDE: [&str; 3] = ["", "-wal", "-journal"];
/// Most damaged databases kept beside one another; a phone that made so many has a broken disk.
const DAMAGED_MAX: u32 = 1_000;

/// Why a piece could not be queued: the change that it had made can't be read, only what was wanted.
pub const CHANGE_LOST: &str = "change_lost";
/// A part of the damaged database could not be read; whether there was anything in it that is nowhere else, nobody can say.
pub const PART_UNREADABLE: &str = "part_unreadable";

/// What the store does not know of the bytes it keeps, and a rescue has to be told.
#[derive(Debug, Clone, Copy)]
pub struct Meaning {
    /// A document's kind by a command, where the document's own row is lost.
    pub kind_of: fn(&[u8]) -> Option<DocKind>,
    /// Whether this is a person's id.
    pub is_person: fn(&[u8]) -> bool,
    /// Whether this is a directory.
    pub is_directory: fn(&[u8]) -> bool,
}

impl Meaning {
    fn kind(&self, one: &Unsent) -> Option<DocKind> {
        one.kind.or_else(|| (self.kind_of)(&one.queued.as_ref()?.command))
    }

    /// Whether a remembered value is one of its kind: a page that can be read may still hold nothing but zeros.
    fn is_sound(&self, name: &str, value: &[u8]) -> bool {
        match name {
            "device" => value.len() == 16,
            "person" => (self.is_person)(value),
            "tenant" | "server" => std::str::from_utf8(value).is_ok_and(|text| !text.contains('\0')),
            "last_seal" => matches!(value.len(), 8 | 40),
            _ => value.len() == 8,
        }
    }
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rescued {
    /// Where the damaged database is now.
    pub damaged: PathBuf,
    /// Unsent changes that are queued again.
    pub queued: usize,
    /// Pieces that are kept to be read.
    pub pieces: usize,
    /// Documents with something unsent.
    pub documents: Vec<DocId>,
    /// Stretches of the database that could not be read.
    pub gaps: u64,
}

impl Store {
    /// Sets the database at `path` aside and begins a new one with what can be read of it, under `key` where one is given.
    ///
    /// # Errors
    /// The disk's. The damaged file is then where it was, or the next call goes on. [`StoreError::WrongKey`], [`StoreError::Locked`],
    /// [`StoreError::NoCipher`]: it may be sound, and stays.
    pub fn rescue(path: &Path, key: Option<&DatabaseKey>, meaning: &Meaning) -> Result<Rescued, StoreError> {
        let claim = Claim::take(path)?;
        let found = if path.exists() { header::look(path).ok() } else { None };
        if let Some(Found::Encrypted(salt)) = &found {
            super::open::fits(salt, key)?;
        }
        let copy = beside(path, COPY);
        let new = beside(path, NEW);
        remove(&copy)?;
        remove(&new)?;
        for suffix in BESIDE {
            copy_file(&beside(path, suffix), &beside(&copy, suffix))?;
        }
        // One that can't be opened at all gives nothing, and says so.
        let salvage = salvage_copy(&copy, key.filter(|_| found != Some(Found::Plain)))
            .unwrap_or_else(|_| Salvage { gaps: 1, ..Salvage::default() });
        remove(&copy)?;
        let (queued, pieces, documents) = fill(&new, key, &salvage, meaning)?;
        let damaged = move_away(path)?;
        put_in_place(path, &new)?;
        drop(claim);
        Ok(Rescued { damaged, queued, pieces, documents, gaps: salvage.gaps })
    }

    /// Goes on with a rescue that was cut off between setting the damaged database aside and putting the new one in its place.
    /// Called before every opening; nothing to do, mostly.
    pub fn finish_rescue(path: &Path) -> Result<(), StoreError> {
        let new = beside(path, NEW);
        if path.exists() || !new.exists() {
            return Ok(());
        }
        let _claim = Claim::take(path)?;
        move_away(path)?;
        put_in_place(path, &new)
    }
}

/// What can be read of the copy at `path`.
fn salvage_copy(path: &Path, key: Option<&DatabaseKey>) -> Result<Salvage, StoreError> {
    #[cfg(feature = "encryption")]
    if let Some(key) = key {
        return salvage::salvage(&super::image::open(path, key)?);
    }
    let _ = key;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    salvage::salvage(&Connection::open_with_flags(path, flags)?)
}

/// The new database, whole and on disk when this returns.
fn fill(
    new: &Path,
    key: Option<&DatabaseKey>,
    salvage: &Salvage,
    meaning: &Meaning,
) -> Result<(usize, usize, Vec<DocId>), StoreError> {
    let mut store = Store::open(new, Options { database_key: key.copied(), ..Options::default() })?;
    let transaction = store.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for (name, value) in salvage.meta.iter().filter(|(name, value)| meaning.is_sound(name, value)) {
        meta::set(&transaction, name, Some(value))?;
    }
    if let Some((version, bytes)) = salvage.directory.as_ref().filter(|(_, bytes)| (meaning.is_directory)(bytes)) {
        meta::put_directory(&transaction, version.unsigned_abs(), bytes)?;
    }
    for (doc, bytes) in &salvage.ceremonies {
        transaction.execute("INSERT OR IGNORE INTO ceremony VALUES (?1, ?2)", params![doc.as_bytes(), bytes])?;
    }
    for (digest, bytes) in &salvage.bundles {
        bundle::put(&transaction, digest, bytes)?;
    }
    let mut queued = 0;
    let mut pieces = salvage.pieces.clone();
    let mut heads: BTreeMap<DocId, Vec<ChangeHash>> = BTreeMap::new();
    for one in &salvage.unsent {
        match requeue(&transaction, one, meaning)? {
            Requeued::InDocument(hash) => {
                queued += 1;
                heads.entry(one.doc).or_default().push(hash);
            }
            Requeued::Beside => queued += 1,
            Requeued::TooLittle => pieces.push(Piece {
                n: 0,
                doc: Some(one.doc),
                kind: meaning.kind(one),
                code: CHANGE_LOST.into(),
                command: one.queued.as_ref().map(|queued| queued.command.clone()),
                bytes: one.change.as_ref().map(|change| change.bytes.clone()),
            }),
        }
    }
    for (doc, heads) in &heads {
        transaction.execute("UPDATE document SET heads = ?2 WHERE doc = ?1", params![doc.as_bytes(), joined(heads)])?;
    }
    // Never in silence: whoever holds the phone learns that something may be missing, and where the damaged file is.
    for _ in 0..salvage.gaps {
        pieces.push(Piece { n: 0, doc: None, kind: None, code: PART_UNREADABLE.into(), command: None, bytes: None });
    }
    for piece in &pieces {
        packets::put(&transaction, piece)?;
    }
    transaction.commit()?;
    store.check()?;
    store.tidy()?;
    drop(store);
    File::open(new).and_then(|file| file.sync_all()).map_err(|_| StoreError::Disk)?;
    Ok((queued, pieces.len(), heads.into_keys().collect()))
}

/// What became of an unsent change.
enum Requeued {
    /// It waits for the server, and its document has it.
    InDocument(ChangeHash),
    /// It had been set aside, and still is; or it is there already.
    Beside,
    /// There is not enough of it.
    TooLittle,
}

/// Puts an unsent change into the new outbox.
fn requeue(connection: &Connection, one: &Unsent, meaning: &Meaning) -> Result<Requeued, StoreError> {
    let (Some(kind), Some(change)) = (meaning.kind(one), &one.change) else { return Ok(Requeued::TooLittle) };
    if tap::find(connection, &one.doc, &change.hash)?.is_some() {
        return Ok(Requeued::Beside);
    }
    // Unreadable until it is loaded: what is below the own changes may be with the server alone.
    connection.execute(
        "INSERT OR IGNORE INTO document (doc, kind, heads, revision, trust, fault, on_server)
         VALUES (?1, ?2, x'', 1, 'unreadable', 'unloadable', 0)",
        params![one.doc.as_bytes(), kind.name()],
    )?;
    let aside = one.queued.as_ref().and_then(|queued| queued.aside.as_ref());
    let place = if aside.is_some() { "out" } else { "tail" };
    connection.execute(
        "INSERT INTO change (doc, hash, actor, seq, place, bytes) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![one.doc.as_bytes(), change.hash.as_bytes(), change.actor.as_bytes(), change.seq, place, change.bytes],
    )?;
    let n = connection.last_insert_rowid();
    let command = one.queued.as_ref().map(|queued| queued.command.as_slice()).unwrap_or_default();
    if let Some((code, about)) = aside {
        connection.execute(
            "INSERT INTO outbox (n, doc, state, command, code, about) VALUES (?1, ?2, 'set_aside', ?3, ?4, ?5)",
            params![n, one.doc.as_bytes(), command, code, about],
        )?;
    } else {
        tap::queue(connection, n, &one.doc, command)?;
    }
    for digest in &one.bundles {
        bundle::carry(connection, n, digest)?;
    }
    Ok(if aside.is_none() { Requeued::InDocument(change.hash) } else { Requeued::Beside })
}

/// Gives the damaged database, and what SQLite keeps beside it, a name that nothing else has.
fn move_away(path: &Path) -> Result<PathBuf, StoreError> {
    let named = |number: u32| beside(path, &format!("{DAMAGED}{number}"));
    let taken = |number: &u32| BESIDE.iter().any(|suffix| beside(&named(*number), suffix).exists());
    let free = (1..=DAMAGED_MAX).find(|number| !taken(number)).ok_or(StoreError::Full)?;
    // Cut off before, its file may have its name already and the log not yet.
    let number = if path.exists() { free } else { free.saturating_sub(1).max(1) };
    let damaged = named(number);
    for suffix in BESIDE {
        let (from, to) = (beside(path, suffix), beside(&damaged, suffix));
        if from.exists() {
            fs::rename(&from, &to).map_err(|_| StoreError::Disk)?;
        }
    }
    sync_folder(path);
    Ok(damaged)
}

/// The new one in the place of the old, which is gone from there, log and all: a log that is not its own would be taken for it.
fn put_in_place(path: &Path, new: &Path) -> Result<(), StoreError> {
    for suffix in ["-wal", "-journal"] {
        if beside(path, suffix).metadata().is_ok_and(|found| found.len() > 0)
            || beside(new, suffix).metadata().is_ok_and(|found| found.len() > 0)
        {
            return Err(StoreError::Damaged { what: "log without its file" });
        }
    }
    fs::rename(new, path).map_err(|_| StoreError::Disk)?;
    sync_folder(path);
    Ok(())
}

fn copy_file(from: &Path, to: &Path) -> Result<(), StoreError> {
    if !from.exists() {
        return Ok(());
    }
    let copied = fs::copy(from, to).map_err(|error| match error.kind() {
        std::io::ErrorKind::StorageFull => StoreError::Full,
        _ => StoreError::Disk,
    });
    copied.map(drop)
}
