//! Documents as bytes: save, then tail. What was pulled is handed out as it came, marked as not yet verified; whoever loads it
//! says whether it is sound. An append never rewrites the save; [`Store::compact`] does, when the caller finds the tail long.

use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};

use super::{Store, StoreError, doc_id, rows, split};
use crate::id::{ActorId, ChangeHash, DocId, DocKind};
use crate::row::Row;

/// Changes in a tail after which it is worth compacting: loading one by one starts to show on the screen.
pub const TAIL_CHANGES_MAX: usize = 50;
/// Bytes in a tail after which it is worth compacting.
pub const TAIL_BYTES_MAX: usize = 64 << 10;

/// Whether anybody has loaded the document's bytes as they stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trust {
    /// Loaded and found to have its heads.
    Verified,
    /// Pulled, and not loaded since: check it against `heads`, project it, then [`Store::mark_verified`].
    Unverified,
    /// Could not be loaded, with the reason's stable code. Its bytes are kept; a whole document from the server heals it.
    Unreadable(String),
}

/// A document as it lies in the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredDocument {
    /// What it is.
    pub kind: DocKind,
    /// Save, tail, own unsent changes: loads as one file.
    pub bytes: Vec<u8>,
    /// Hashes that the loaded document must have.
    pub heads: Vec<ChangeHash>,
    /// Whom this installation writes as, if it has written.
    pub actor: Option<ActorId>,
    /// Whether the bytes were ever loaded.
    pub trust: Trust,
    /// Which content this is; given back when something is said about it.
    pub revision: u64,
    /// Out of scope; something unsent keeps it.
    pub leaving: bool,
    /// Changes behind the save.
    pub tail_changes: usize,
    /// Their bytes.
    pub tail_bytes: usize,
}

/// What the server has of a document, as far as it is here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Apart {
    /// The save; empty where there is none. A compaction may have folded own unsent changes into it.
    pub save: Vec<u8>,
    /// The changes behind it that the server has, each a plain chunk.
    pub tail: Vec<Vec<u8>>,
}

impl StoredDocument {
    /// Whether the tail has grown long enough for a compaction.
    pub const fn wants_compaction(&self) -> bool {
        self.tail_changes > TAIL_CHANGES_MAX || self.tail_bytes > TAIL_BYTES_MAX
    }
}

impl Store {
    /// The document, if it is here.
    pub fn document(&self, doc: &DocId) -> Result<Option<StoredDocument>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT kind, heads, actor, trust, fault, revision, leaving, (SELECT bytes FROM saved WHERE saved.doc = document.doc)
             FROM document WHERE doc = ?1",
        )?;
        let mut found = statement.query([doc.as_bytes()])?;
        let Some(columns) = found.next()? else { return Ok(None) };
        let actor: Option<Vec<u8>> = columns.get(2)?;
        let saved: Option<Vec<u8>> = columns.get(7)?;
        let mut stored = StoredDocument {
            kind: kind(&columns.get::<_, String>(0)?)?,
            bytes: saved.unwrap_or_default(),
            heads: split(&columns.get::<_, Vec<u8>>(1)?)?,
            actor: actor
                .map(|bytes| ActorId::from_slice(&bytes))
                .transpose()
                .map_err(|_| StoreError::Damaged { what: "value" })?,
            trust: match columns.get::<_, String>(3)?.as_str() {
                "verified" => Trust::Verified,
                "unverified" => Trust::Unverified,
                _ => Trust::Unreadable(columns.get::<_, Option<String>>(4)?.unwrap_or_default()),
            },
            revision: columns.get::<_, i64>(5)?.cast_unsigned(),
            leaving: columns.get(6)?,
            tail_changes: 0,
            tail_bytes: 0,
        };
        // The server's changes before the own ones it has not answered for, each in the order they came.
        let mut tail = self.connection.prepare_cached(
            "SELECT change.bytes FROM change LEFT JOIN outbox USING (n)
             WHERE change.doc = ?1 AND place = 'tail' ORDER BY outbox.n IS NOT NULL, change.n",
        )?;
        let mut changes = tail.query([doc.as_bytes()])?;
        while let Some(change) = changes.next()? {
            let bytes = change.get_ref(0)?.as_blob().map_err(|_| StoreError::Damaged { what: "value" })?;
            stored.bytes.extend_from_slice(bytes);
            stored.tail_changes += 1;
            stored.tail_bytes += bytes.len();
        }
        Ok(Some(stored))
    }

    /// The document without what is own and unanswered, in the parts it lies in: for when it can't be loaded as a whole.
    pub fn apart(&self, doc: &DocId) -> Result<Apart, StoreError> {
        let mut statement = self.connection.prepare_cached("SELECT bytes FROM saved WHERE doc = ?1")?;
        let save: Option<Vec<u8>> = statement.query_row([doc.as_bytes()], |row| row.get(0)).optional()?;
        let mut statement = self.connection.prepare_cached(
            "SELECT bytes FROM change WHERE doc = ?1 AND place = 'tail'
             AND NOT EXISTS (SELECT 1 FROM outbox WHERE outbox.n = change.n) ORDER BY n",
        )?;
        let tail = statement.query_map([doc.as_bytes()], |row| row.get(0))?.collect::<Result<_, _>>()?;
        Ok(Apart { save: save.unwrap_or_default(), tail })
    }

    /// What the document is, if it is here.
    pub fn kind(&self, doc: &DocId) -> Result<Option<DocKind>, StoreError> {
        let mut statement = self.connection.prepare_cached("SELECT kind FROM document WHERE doc = ?1")?;
        let found: Option<String> = statement.query_row([doc.as_bytes()], |row| row.get(0)).optional()?;
        found.map(|name| kind(&name)).transpose()
    }

    /// How many changes follow the document's save.
    pub fn tail_changes(&self, doc: &DocId) -> Result<usize, StoreError> {
        let mut statement = self.connection.prepare_cached("SELECT count(*) FROM change WHERE doc = ?1 AND place = 'tail'")?;
        let count: i64 = statement.query_row([doc.as_bytes()], |row| row.get(0))?;
        Ok(usize::try_from(count).unwrap_or_default())
    }

    /// Replaces save and tail by `save`, which must hold everything of the document at `revision`. False, and nothing
    /// done, if the document has changed since.
    pub fn compact(&mut self, doc: &DocId, revision: u64, save: &[u8]) -> Result<bool, StoreError> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        if held(&transaction, doc)?.is_none_or(|held| held.revision != revision) {
            return Ok(false);
        }
        put_save(&transaction, doc, save)?;
        fold(&transaction, doc)?;
        transaction.commit()?;
        Ok(true)
    }

    /// Says that the document at `revision` was loaded and has its heads, and what its row is. False, and nothing done,
    /// if it has changed since.
    pub fn mark_verified(&mut self, doc: &DocId, revision: u64, row: &Row) -> Result<bool, StoreError> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let marked = transaction
            .prepare_cached("UPDATE document SET trust = 'verified', fault = NULL WHERE doc = ?1 AND revision = ?2")?
            .execute(params![doc.as_bytes(), revision.cast_signed()])?;
        if marked == 1 {
            rows::put(&transaction, row)?;
        }
        transaction.commit()?;
        Ok(marked == 1)
    }

    /// Says that the document at `revision` can't be loaded, and why, as a stable code. Its bytes stay. False if it has
    /// changed since.
    pub fn mark_unreadable(&mut self, doc: &DocId, revision: u64, code: &str) -> Result<bool, StoreError> {
        let marked = self
            .connection
            .prepare_cached("UPDATE document SET trust = 'unreadable', fault = ?3 WHERE doc = ?1 AND revision = ?2")?
            .execute(params![doc.as_bytes(), revision.cast_signed(), code])?;
        Ok(marked == 1)
    }

    /// Documents that could not be loaded.
    pub fn unreadable(&self) -> Result<Vec<DocId>, StoreError> {
        docs(&self.connection, "SELECT doc FROM document WHERE trust = 'unreadable' ORDER BY doc")
    }

    /// Of those, the ones with own work that the server has not answered for: they can't be read because of it, or the work
    /// can't be shown because of them.
    pub fn unreadable_with_unsent(&self) -> Result<Vec<DocId>, StoreError> {
        docs(
            &self.connection,
            "SELECT doc FROM document WHERE trust = 'unreadable'
             AND EXISTS (SELECT 1 FROM outbox WHERE outbox.doc = document.doc AND state <> 'set_aside') ORDER BY doc",
        )
    }

    /// Some documents whose row is still to be made: a migration dropped it. At most `limit`.
    pub fn without_row(&self, limit: usize) -> Result<Vec<DocId>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT doc FROM document WHERE NOT EXISTS (SELECT 1 FROM list_row WHERE list_row.doc = document.doc) LIMIT ?1",
        )?;
        let mut found = statement.query([i64::try_from(limit).unwrap_or(i64::MAX)])?;
        let mut docs = Vec::new();
        while let Some(row) = found.next()? {
            docs.push(doc_id(&row.get::<_, Vec<u8>>(0)?)?);
        }
        Ok(docs)
    }

    /// Writes rows that were missing, in one transaction.
    pub fn put_rows(&mut self, rows: &[Row]) -> Result<(), StoreError> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for row in rows {
            rows::put(&transaction, row)?;
        }
        Ok(transaction.commit()?)
    }
}

/// What the writers need to know of a document that is here.
pub(super) struct Held {
    pub(super) kind: DocKind,
    pub(super) heads: Vec<ChangeHash>,
    pub(super) revision: u64,
    pub(super) unreadable: bool,
    pub(super) unseen: bool,
}

pub(super) fn held(connection: &Connection, doc: &DocId) -> Result<Option<Held>, StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT kind, heads, revision, trust = 'unreadable', unseen FROM document WHERE doc = ?1")?;
    let found = statement
        .query_row([doc.as_bytes()], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, Vec<u8>>(1)?, row.get::<_, i64>(2)?, row.get(3)?, row.get(4)?))
        })
        .optional()?;
    let Some((name, heads, revision, unreadable, unseen)) = found else { return Ok(None) };
    Ok(Some(Held { kind: kind(&name)?, heads: split(&heads)?, revision: revision.cast_unsigned(), unreadable, unseen }))
}

pub(super) fn put_save(connection: &Connection, doc: &DocId, save: &[u8]) -> Result<(), StoreError> {
    connection
        .prepare_cached("INSERT INTO saved VALUES (?1, ?2) ON CONFLICT (doc) DO UPDATE SET bytes = excluded.bytes")?
        .execute(params![doc.as_bytes(), save])?;
    Ok(())
}

/// The tail went into the save: of pulled changes the hash stays, of own ones the bytes too.
pub(super) fn fold(connection: &Connection, doc: &DocId) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "UPDATE change SET place = 'saved', bytes = CASE WHEN actor IS NULL THEN NULL ELSE bytes END
             WHERE doc = ?1 AND place = 'tail'",
        )?
        .execute([doc.as_bytes()])?;
    Ok(())
}

pub(super) fn kind(name: &str) -> Result<DocKind, StoreError> {
    DocKind::from_name(name).ok_or(StoreError::Damaged { what: "value" })
}

pub(super) fn docs(connection: &Connection, sql: &str) -> Result<Vec<DocId>, StoreError> {
    let mut statement = connection.prepare_cached(sql)?;
    let found = statement.query_map([], |row| row.get::<_, Vec<u8>>(0))?;
    found.map(|bytes| doc_id(&bytes?)).collect()
}

#[cfg(test)]
mod tests {
    use super::super::Apply;
    use super::super::testing::{Desk, doc, own, row};
    use super::*;

    #[test]
    fn compaction_keeps_what_is_unsent_ready_to_be_sent() {
        let desk = Desk::new();
        let mut store = desk.open();
        for seq in 1..=60 {
            desk.tap(&mut store, 1, seq);
        }
        let stored = store.document(&doc(1)).unwrap().unwrap();
        assert!(stored.wants_compaction());
        assert!(store.compact(&doc(1), stored.revision, b"whole").unwrap());
        let compacted = store.document(&doc(1)).unwrap().unwrap();
        assert_eq!((compacted.bytes.as_slice(), compacted.tail_changes), (&b"whole"[..], 0));
        assert_eq!(compacted.heads, stored.heads);
        let unsent = store.unsent_of(&doc(1)).unwrap();
        assert_eq!(unsent.len(), 60);
        assert_eq!(unsent[59].bytes, own(1, 60).bytes);
        store.check().unwrap();
    }

    #[test]
    fn what_is_said_about_an_older_content_is_not_taken() {
        let desk = Desk::new();
        let mut store = desk.open();
        desk.pull(&mut store, 1, b"save");
        let old = store.document(&doc(1)).unwrap().unwrap();
        desk.tap(&mut store, 1, 1);
        assert!(!store.compact(&doc(1), old.revision, b"without the tap").unwrap());
        assert!(!store.mark_verified(&doc(1), old.revision, &row(1)).unwrap());
        assert!(!store.mark_unreadable(&doc(1), old.revision, "unloadable").unwrap());
        assert_eq!(store.document(&doc(1)).unwrap().unwrap().bytes, [b"save", own(1, 1).bytes.as_slice()].concat());
    }

    #[test]
    fn an_unreadable_document_keeps_its_bytes_is_counted_and_heals_by_a_whole_one() {
        let desk = Desk::new();
        let mut store = desk.open();
        desk.pull(&mut store, 1, b"bad");
        let stored = store.document(&doc(1)).unwrap().unwrap();
        assert_eq!(stored.trust, Trust::Unverified);
        assert!(store.mark_unreadable(&doc(1), stored.revision, "unloadable").unwrap());
        assert_eq!(store.unreadable().unwrap(), [doc(1)]);
        assert_eq!(store.counts().unwrap().unreadable, 1);
        let stored = store.document(&doc(1)).unwrap().unwrap();
        assert_eq!((stored.trust, stored.bytes), (Trust::Unreadable("unloadable".into()), b"bad".to_vec()));
        // The server's document has the heads that the broken bytes should have had.
        let good = Apply::Document {
            doc: doc(1),
            kind: DocKind::Case,
            bytes: b"good".to_vec(),
            heads: stored.heads.clone(),
            row: row(1),
        };
        store.apply(&[good], None).unwrap();
        let stored = store.document(&doc(1)).unwrap().unwrap();
        assert_eq!((stored.trust, stored.bytes), (Trust::Unverified, b"good".to_vec()));
    }
}
