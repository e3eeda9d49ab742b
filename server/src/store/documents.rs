//! Documents and their changes: the log, what is compacted of it, what was refused.

use std::collections::{BTreeSet, HashSet};

use doorstep_core::id::{ActorId, ChangeHash, DeviceId, Digest, DocId, DocKind, PersonId};
use doorstep_core::time::Timestamp;
use rusqlite::{OptionalExtension, params};

use super::{Store, StoreError, Tx, View, signed, unsigned};
use crate::audit::{Fact, Who};

/// Bytes of a hash.
const HASH: usize = 32;

/// A document's line: all but its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocLine {
    /// Its place in the table, for the rows that belong to it.
    pub(super) n: i64,
    /// Its id.
    pub id: DocId,
    /// What it is.
    pub kind: DocKind,
    /// Sequence number of its newest change.
    pub last_seq: u64,
    /// Its heads.
    pub heads: Vec<ChangeHash>,
    /// Its list row, CBOR.
    pub row: Vec<u8>,
}

impl DocLine {
    /// Its place in the table: documents are walked in this order.
    pub(crate) const fn place(&self) -> i64 {
        self.n
    }
}

/// A document's bytes, and how much of them is tail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredDocument {
    /// The save (if there is one yet), then the changes behind it: loads as one file.
    pub bytes: Vec<u8>,
    /// Bytes of the changes behind the save.
    pub tail_bytes: usize,
    /// How many they are.
    pub tail_changes: usize,
}

/// An admitted change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewChange {
    /// Its name.
    pub hash: ChangeHash,
    /// Who wrote it, in Automerge's sense.
    pub actor: ActorId,
    /// Its number among the actor's.
    pub actor_seq: u64,
    /// The plain chunk.
    pub bytes: Vec<u8>,
}

/// What one push adds to one document, and how the document stands after it.
#[derive(Debug, Clone)]
pub(crate) struct DocWrite {
    pub(crate) doc: DocId,
    pub(crate) kind: DocKind,
    /// The document's newest change when this was judged; 0 for a new document. Another one now: judge again.
    pub(crate) judged_at: u64,
    pub(crate) changes: Vec<NewChange>,
    pub(crate) heads: Vec<ChangeHash>,
    pub(crate) row: Vec<u8>,
    pub(crate) scopes: BTreeSet<String>,
    pub(crate) back_since: Option<Timestamp>,
    /// The whole document with these changes, when it is time to compact.
    pub(crate) saved: Option<Vec<u8>>,
    pub(crate) bundles: Vec<(Digest, Vec<u8>)>,
}

/// A refused change about to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// The document it was for.
    pub doc: DocId,
    /// What the device said that is.
    pub kind: DocKind,
    /// What the device called the change.
    pub hash: ChangeHash,
    /// Why it was refused: a stable code.
    pub code: String,
    /// What is missing or in the way, in codes.
    pub about: Vec<String>,
    /// The bytes as they came.
    pub bytes: Vec<u8>,
}

/// What a device was told about a change it pushed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refused {
    /// The code.
    pub(crate) code: String,
    /// What was in the way.
    pub(crate) about: Vec<String>,
    /// The bytes it had pushed.
    pub(crate) bytes: Vec<u8>,
}

/// A refused change, kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetAside {
    /// Its number in the list.
    pub n: u64,
    /// What and why.
    pub kept: Kept,
    /// The device that pushed it.
    pub device: DeviceId,
    /// The person it acted for.
    pub person: PersonId,
    /// When it came.
    pub received_at: Timestamp,
}

impl Store {
    /// Refused changes behind number `after`, oldest first, at most `limit`.
    pub fn set_aside_after(&self, after: u64, limit: u64) -> Result<Vec<SetAside>, StoreError> {
        self.read(|view| {
            let sql = "SELECT n, doc, kind, hash, code, about, bytes, device, person, received_at FROM set_aside
                       WHERE n > ?1 ORDER BY n LIMIT ?2";
            let mut statement = view.conn.prepare_cached(sql)?;
            let mut rows = statement.query([signed(after), signed(limit)])?;
            let mut all = Vec::new();
            while let Some(row) = rows.next()? {
                all.push(read_aside(row)?);
            }
            Ok(all)
        })
    }
}

impl View<'_> {
    /// The newest sequence number given, whether or not its change is still there.
    pub(crate) fn newest_seq(&self) -> Result<u64, StoreError> {
        let sql = "SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'change'), 0)";
        Ok(self.conn.prepare_cached(sql)?.query_row([], |row| row.get(0)).map(unsigned)?)
    }

    /// The line of this document.
    pub(crate) fn doc(&self, id: &DocId) -> Result<Option<DocLine>, StoreError> {
        self.doc_line("SELECT n, id, kind, last_seq, heads, row FROM doc WHERE id = ?1", id.as_bytes())
    }

    /// The line at this place of the table.
    pub(crate) fn doc_at(&self, n: i64) -> Result<Option<DocLine>, StoreError> {
        self.doc_line("SELECT n, id, kind, last_seq, heads, row FROM doc WHERE n = ?1", n)
    }

    /// Some cases behind this place of the table, in its order; at most `limit`.
    pub(crate) fn cases_behind(&self, n: i64, limit: usize) -> Result<Vec<DocLine>, StoreError> {
        let mut statement = self.conn.prepare_cached("SELECT n FROM doc WHERE kind = 'case' AND n > ?1 ORDER BY n LIMIT ?2")?;
        let found: Vec<i64> = statement.query_map([n, signed(limit as u64)], |row| row.get(0))?.collect::<Result<_, _>>()?;
        found.into_iter().map(|n| self.doc_at(n)?.ok_or(StoreError::Damaged)).collect()
    }

    fn doc_line(&self, sql: &str, key: impl rusqlite::ToSql) -> Result<Option<DocLine>, StoreError> {
        let mut statement = self.conn.prepare_cached(sql)?;
        let mut rows = statement.query([key])?;
        let Some(row) = rows.next()? else { return Ok(None) };
        let heads: Vec<u8> = row.get(4)?;
        Ok(Some(DocLine {
            n: row.get(0)?,
            id: DocId::from_bytes(row.get(1)?),
            kind: kind(&row.get::<_, String>(2)?)?,
            last_seq: unsigned(row.get(3)?),
            heads: heads.as_chunks::<HASH>().0.iter().copied().map(ChangeHash::from_bytes).collect(),
            row: row.get(5)?,
        }))
    }

    /// A document's bytes.
    pub(crate) fn document(&self, line: &DocLine) -> Result<StoredDocument, StoreError> {
        self.count_document();
        let sql = "SELECT through_seq, bytes FROM saved WHERE doc = ?1";
        let saved: Option<(i64, Vec<u8>)> =
            self.conn.prepare_cached(sql)?.query_row([line.n], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
        let (through, mut bytes) = saved.unwrap_or_default();
        let saved_bytes = bytes.len();
        let tail = self.tail(line, unsigned(through))?;
        for change in &tail {
            bytes.extend_from_slice(change);
        }
        Ok(StoredDocument { tail_bytes: bytes.len() - saved_bytes, tail_changes: tail.len(), bytes })
    }

    /// A document's changes behind sequence number `after`, oldest first.
    pub(crate) fn changes_after(&self, line: &DocLine, after: u64) -> Result<Vec<Vec<u8>>, StoreError> {
        self.count_document();
        self.tail(line, after)
    }

    fn tail(&self, line: &DocLine, after: u64) -> Result<Vec<Vec<u8>>, StoreError> {
        let sql = "SELECT bytes FROM change WHERE doc = ?1 AND seq > ?2 ORDER BY seq";
        let mut statement = self.conn.prepare_cached(sql)?;
        let rows = statement.query_map([line.n, signed(after)], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The sequence number of a change of this document, if it is stored.
    pub(crate) fn change_seq(&self, line: &DocLine, hash: &ChangeHash) -> Result<Option<u64>, StoreError> {
        let sql = "SELECT seq FROM change WHERE doc = ?1 AND hash = ?2";
        let mut statement = self.conn.prepare_cached(sql)?;
        Ok(statement.query_row(params![line.n, hash.as_bytes()], |row| row.get(0)).optional()?.map(unsigned))
    }

    /// Whose actor id this is in this document, and the number of its last change.
    pub(crate) fn actor(&self, doc: &DocId, actor: &ActorId) -> Result<Option<(DeviceId, u64)>, StoreError> {
        let sql = "SELECT device, last_seq FROM actor WHERE doc = ?1 AND actor = ?2";
        let mut statement = self.conn.prepare_cached(sql)?;
        let row = statement.query_row(params![doc.as_bytes(), actor.as_bytes()], |row| {
            Ok((DeviceId::from_bytes(row.get(0)?), unsigned(row.get(1)?)))
        });
        Ok(row.optional()?)
    }

    /// What was said to this device when it pushed a refused change of this name before, and the bytes it pushed.
    pub(crate) fn refused(&self, device: &DeviceId, doc: &DocId, hash: &ChangeHash) -> Result<Option<Refused>, StoreError> {
        let sql = "SELECT code, about, bytes FROM set_aside WHERE device = ?1 AND doc = ?2 AND hash = ?3
                   ORDER BY n DESC LIMIT 1";
        let mut statement = self.conn.prepare_cached(sql)?;
        let mut rows = statement.query(params![device.as_bytes(), doc.as_bytes(), hash.as_bytes()])?;
        let Some(row) = rows.next()? else { return Ok(None) };
        Ok(Some(Refused { code: row.get(0)?, about: words(&row.get::<_, Vec<u8>>(1)?)?, bytes: row.get(2)? }))
    }

    /// The documents a bundle belongs to, and its bytes.
    pub(crate) fn bundle(&self, digest: &Digest) -> Result<Vec<(DocLine, Vec<u8>)>, StoreError> {
        let sql = "SELECT doc, bytes FROM bundle WHERE digest = ?1";
        let mut statement = self.conn.prepare_cached(sql)?;
        let mut rows = statement.query([digest.as_bytes()])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let line = self.doc_at(row.get(0)?)?.ok_or(StoreError::Damaged)?;
            found.push((line, row.get(1)?));
        }
        Ok(found)
    }

    /// The digests of the bundles that a document has.
    pub(crate) fn bundles_of(&self, line: &DocLine) -> Result<HashSet<Digest>, StoreError> {
        let sql = "SELECT digest FROM bundle WHERE doc = ?1";
        let mut statement = self.conn.prepare_cached(sql)?;
        let rows = statement.query_map([line.n], |row| row.get(0).map(Digest::from_bytes))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

impl Tx<'_> {
    /// Stores what a push adds to a document, with all that follows from it, and gives the changes' sequence numbers.
    /// Nothing if the document is no longer the one that was judged.
    pub(crate) fn append(
        &self,
        write: &DocWrite,
        device: &DeviceId,
        person: &PersonId,
        now: Timestamp,
    ) -> Result<Option<Vec<u64>>, StoreError> {
        let line = self.doc(&write.doc)?;
        if line.as_ref().map_or(0, |line| line.last_seq) != write.judged_at {
            return Ok(None);
        }
        let mut heads = Vec::with_capacity(write.heads.len() * HASH);
        for head in &write.heads {
            heads.extend_from_slice(head.as_bytes());
        }
        let first = self.newest_seq()? + 1;
        let last = first + write.changes.len().saturating_sub(1) as u64;
        let back_since = write.back_since.map(|time| time.0);
        let count = signed(write.changes.len() as u64);
        let n = if let Some(line) = line {
            let sql = "UPDATE doc SET last_seq = ?2, n_changes = n_changes + ?3, heads = ?4, row = ?5, back_since = ?6
                       WHERE n = ?1";
            self.conn.prepare_cached(sql)?.execute(params![line.n, signed(last), count, heads, write.row, back_since])?;
            line.n
        } else {
            let sql = "INSERT INTO doc (id, kind, first_seq, last_seq, n_changes, heads, row, back_since)
                       VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
            self.conn.prepare_cached(sql)?.insert(params![
                write.doc.as_bytes(),
                write.kind.name(),
                signed(first),
                signed(last),
                count,
                heads,
                write.row,
                back_since
            ])?
        };
        let who = Who::Device(*device, person.clone());
        let mut seqs = Vec::with_capacity(write.changes.len());
        for change in &write.changes {
            let sql = "INSERT INTO change (doc, hash, actor, actor_seq, device, person, received_at, bytes)
                       VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
            let seq = unsigned(self.conn.prepare_cached(sql)?.insert(params![
                n,
                change.hash.as_bytes(),
                change.actor.as_bytes(),
                signed(change.actor_seq),
                device.as_bytes(),
                person.as_str(),
                now.0,
                change.bytes
            ])?);
            // The primary key refuses a second device; a number that does not grow, the change's own UNIQUE.
            let sql = "INSERT INTO actor (doc, actor, device, last_seq) VALUES (?1, ?2, ?3, ?4)
                       ON CONFLICT (doc, actor) DO UPDATE SET last_seq = excluded.last_seq";
            let values = params![write.doc.as_bytes(), change.actor.as_bytes(), device.as_bytes(), signed(change.actor_seq)];
            self.conn.prepare_cached(sql)?.execute(values)?;
            self.record(now, &who, &Fact::ChangeStored { doc: write.doc, hash: change.hash, seq })?;
            seqs.push(seq);
        }
        if let Some(bytes) = &write.saved {
            let sql = "INSERT INTO saved (doc, through_seq, bytes) VALUES (?1, ?2, ?3)
                       ON CONFLICT (doc) DO UPDATE SET through_seq = excluded.through_seq, bytes = excluded.bytes";
            self.conn.prepare_cached(sql)?.execute(params![n, signed(last), bytes])?;
        }
        for (digest, bytes) in &write.bundles {
            self.check_marks(&write.doc, digest, bytes)?;
            let sql = "INSERT INTO bundle (digest, doc, bytes) VALUES (?1, ?2, ?3)";
            self.conn.prepare_cached(sql)?.execute(params![digest.as_bytes(), n, bytes])?;
            self.register(write.doc, digest, bytes, now)?;
            self.record(now, &who, &Fact::BundleStored { doc: write.doc, digest: *digest })?;
        }
        self.set_scopes(n, &write.scopes, last)?;
        Ok(Some(seqs))
    }

    /// Keeps a refused change.
    pub(crate) fn set_aside(
        &self,
        kept: &Kept,
        device: &DeviceId,
        person: &PersonId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let about = minicbor_serde::to_vec(&kept.about).map_err(|_| StoreError::Refused("about_encoding"))?;
        let sql = "INSERT INTO set_aside (doc, kind, hash, device, person, code, about, bytes, received_at)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
        self.conn.prepare_cached(sql)?.execute(params![
            kept.doc.as_bytes(),
            kept.kind.name(),
            kept.hash.as_bytes(),
            device.as_bytes(),
            person.as_str(),
            kept.code,
            about,
            kept.bytes,
            now.0
        ])?;
        let fact = Fact::ChangeSetAside { doc: kept.doc, hash: kept.hash, code: kept.code.clone() };
        self.record(now, &Who::Device(*device, person.clone()), &fact)
    }
}

/// A refused change out of its row: number, document, kind, hash, code, about, bytes, device, person, time.
pub(super) fn read_aside(row: &rusqlite::Row<'_>) -> Result<SetAside, StoreError> {
    let kept = Kept {
        doc: DocId::from_bytes(row.get(1)?),
        kind: kind(&row.get::<_, String>(2)?)?,
        hash: ChangeHash::from_bytes(row.get(3)?),
        code: row.get(4)?,
        about: words(&row.get::<_, Vec<u8>>(5)?)?,
        bytes: row.get(6)?,
    };
    Ok(SetAside {
        n: unsigned(row.get(0)?),
        kept,
        device: DeviceId::from_bytes(row.get(7)?),
        person: row.get::<_, String>(8)?.parse().map_err(|_| StoreError::Damaged)?,
        received_at: Timestamp(row.get(9)?),
    })
}

fn kind(name: &str) -> Result<DocKind, StoreError> {
    DocKind::from_name(name).ok_or(StoreError::Damaged)
}

fn words(cbor: &[u8]) -> Result<Vec<String>, StoreError> {
    minicbor_serde::from_slice(cbor).map_err(|_| StoreError::Damaged)
}
