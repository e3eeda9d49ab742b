//! The outbox: what the server has not answered for, with the command that made each change. This file reads it; only
//! verdicts (`settle.rs`) empty it.

use rusqlite::{Connection, params};

use super::document::{docs, kind};
use super::{Store, StoreError, bundle, change_hash, doc_id};
use crate::id::{ChangeHash, Digest, DocId, DocKind};
use crate::planted::{self, Planted};

/// Why a change is still here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OutboxState {
    /// Not pushed yet, or no answer came.
    Waiting,
    /// The server wants others first.
    Wanted,
}

/// A change to be pushed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// Its place in the outbox: pass it as `after` to read on.
    pub n: i64,
    /// The document.
    pub doc: DocId,
    /// What it is.
    pub kind: DocKind,
    /// The change.
    pub hash: ChangeHash,
    /// Its plain chunk.
    pub bytes: Vec<u8>,
    /// The command that made it.
    pub command: Vec<u8>,
    /// Bundles that travel with it.
    pub bundles: Vec<Digest>,
    /// Why it is here.
    pub state: OutboxState,
}

/// A change that the server set aside, kept for a person to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetAside {
    /// The document.
    pub doc: DocId,
    /// What it is.
    pub kind: DocKind,
    /// The change.
    pub hash: ChangeHash,
    /// The reason's stable code.
    pub code: String,
    /// What it is about, in codes.
    pub about: Vec<String>,
    /// The command that made it.
    pub command: Vec<u8>,
    /// The change's plain chunk, for a packet the worker can hand in.
    pub bytes: Vec<u8>,
    /// Whether the document still has it: it is to be rebuilt.
    pub in_document: bool,
}

impl Store {
    /// Changes to be pushed, oldest first, behind place `after` (0: from the start): as many as fit in both limits, but
    /// at least one if there is any, so that a large one does not block the rest.
    pub fn outbox(&self, after: i64, limit_bytes: usize, limit_changes: usize) -> Result<Vec<Outgoing>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT n, doc, kind, hash, bytes, command, state = 'wanted'
             FROM outbox JOIN change USING (n, doc) JOIN document USING (doc)
             WHERE n > ?1 AND state <> 'set_aside' ORDER BY n",
        )?;
        let mut found = statement.query([after])?;
        let (mut batch, mut size) = (Vec::new(), 0_usize);
        while let Some(columns) = found.next()? {
            let outgoing = outgoing(&self.connection, columns)?;
            size = size.saturating_add(outgoing.bytes.len());
            if !batch.is_empty() && (size > limit_bytes || batch.len() >= limit_changes) {
                break;
            }
            batch.push(outgoing);
        }
        for sent in batch.iter().filter(|_| planted::is(Planted::OutboxEmptiedBeforeVerdict)) {
            super::settle::answered(&self.connection, sent.n)?;
        }
        Ok(batch)
    }

    /// What is unsent of one document, oldest first.
    pub fn unsent_of(&self, doc: &DocId) -> Result<Vec<Outgoing>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT n, doc, kind, hash, bytes, command, state = 'wanted'
             FROM outbox JOIN change USING (n, doc) JOIN document USING (doc)
             WHERE doc = ?1 AND state <> 'set_aside' ORDER BY n",
        )?;
        let mut found = statement.query(params![doc.as_bytes()])?;
        let mut unsent = Vec::new();
        while let Some(columns) = found.next()? {
            unsent.push(outgoing(&self.connection, columns)?);
        }
        Ok(unsent)
    }

    /// What the server set aside, oldest first.
    pub fn set_aside(&self) -> Result<Vec<SetAside>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT doc, kind, hash, code, about, command, bytes, place <> 'out'
             FROM outbox JOIN change USING (n, doc) JOIN document USING (doc)
             WHERE state = 'set_aside' ORDER BY n",
        )?;
        let mut found = statement.query([])?;
        let mut aside = Vec::new();
        while let Some(columns) = found.next()? {
            let about: Vec<u8> = columns.get(4)?;
            aside.push(SetAside {
                doc: doc_id(&columns.get::<_, Vec<u8>>(0)?)?,
                kind: kind(&columns.get::<_, String>(1)?)?,
                hash: change_hash(&columns.get::<_, Vec<u8>>(2)?)?,
                code: columns.get(3)?,
                about: minicbor_serde::from_slice(&about).map_err(|_| StoreError::Record)?,
                command: columns.get(5)?,
                bytes: columns.get(6)?,
                in_document: columns.get(7)?,
            });
        }
        Ok(aside)
    }

    /// Documents that still have a change the server set aside. A kill between verdict and rebuild leaves them here.
    pub fn to_rebuild(&self) -> Result<Vec<DocId>, StoreError> {
        docs(
            &self.connection,
            "SELECT DISTINCT doc FROM outbox JOIN change USING (n, doc)
             WHERE state = 'set_aside' AND place <> 'out' ORDER BY doc",
        )
    }
}

fn outgoing(connection: &Connection, columns: &rusqlite::Row<'_>) -> Result<Outgoing, StoreError> {
    let n = columns.get(0)?;
    Ok(Outgoing {
        n,
        doc: doc_id(&columns.get::<_, Vec<u8>>(1)?)?,
        kind: kind(&columns.get::<_, String>(2)?)?,
        hash: change_hash(&columns.get::<_, Vec<u8>>(3)?)?,
        bytes: columns.get(4)?,
        command: columns.get(5)?,
        bundles: bundle::carried(connection, n)?,
        state: if columns.get(6)? { OutboxState::Wanted } else { OutboxState::Waiting },
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Desk, doc, own, row};
    use super::super::{Tap, document};
    use super::*;
    use crate::time::Hlc;

    #[test]
    fn a_batch_keeps_to_both_limits_and_reads_on() {
        let desk = Desk::new();
        let mut store = desk.open();
        for i in 1..=5 {
            desk.tap(&mut store, i, 1);
        }
        let size = own(1, 1).bytes.len();
        let first = store.outbox(0, size * 3, 100).unwrap();
        assert_eq!(first.len(), 3);
        assert_eq!(first[0].command, b"command 1");
        let rest = store.outbox(first[2].n, size * 3, 100).unwrap();
        assert_eq!(rest.iter().map(|out| out.doc).collect::<Vec<_>>(), [doc(4), doc(5)]);
        assert_eq!(store.outbox(0, usize::MAX, 2).unwrap().len(), 2);
        assert_eq!(store.outbox(0, 1, 100).unwrap().len(), 1, "a change larger than a batch goes alone");
        assert!(store.outbox(rest[1].n, size, 100).unwrap().is_empty());
    }

    #[test]
    fn bundles_travel_with_the_change_that_names_them() {
        let desk = Desk::new();
        let mut store = desk.open();
        let (change, row, digest) = (own(1, 1), row(1), Digest::from_bytes([5; 32]));
        store.put_ceremony(&doc(1), Some(b"under way")).unwrap();
        store
            .tap(&Tap {
                doc: doc(1),
                kind: DocKind::Case,
                change: &change,
                command: b"seal",
                row: &row,
                hlc: Hlc(1),
                bundles: &[(digest, b"sealed".to_vec())],
                clear_ceremony: true,
            })
            .unwrap();
        assert_eq!(store.outbox(0, 1 << 20, 10).unwrap()[0].bundles, [digest]);
        assert_eq!(store.bundle(&digest).unwrap().as_deref(), Some(&b"sealed"[..]));
        assert_eq!(store.ceremony(&doc(1)).unwrap(), None);
        drop(store);
        assert!(document::held(&desk.open().connection, &doc(1)).unwrap().is_some());
    }
}
