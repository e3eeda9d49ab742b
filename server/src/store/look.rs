//! Looking at a document without a device: for whoever holds the server. Each look is on record before anything is shown.

use doorstep_core::id::{DocId, DocKind};
use doorstep_core::time::Timestamp;
use rusqlite::params;

use super::{Store, StoreError, signed};
use crate::audit::{Fact, Who};

impl Store {
    /// Documents whose id lies between these two, both included; `limit` at most, in the order of their ids.
    pub fn documents_between(&self, low: &DocId, high: &DocId, limit: u64) -> Result<Vec<(DocId, DocKind)>, StoreError> {
        self.read(|view| {
            let sql = "SELECT id, kind FROM doc WHERE id BETWEEN ?1 AND ?2 ORDER BY id LIMIT ?3";
            let mut statement = view.conn.prepare_cached(sql)?;
            let mut rows = statement.query(params![low.as_bytes(), high.as_bytes(), signed(limit)])?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                let kind = DocKind::from_name(&row.get::<_, String>(1)?).ok_or(StoreError::Damaged)?;
                found.push((DocId::from_bytes(row.get(0)?), kind));
            }
            Ok(found)
        })
    }

    /// A document's bytes, for the operator's eyes: the look is durable in the audit chain when this returns.
    pub fn look_at(&self, id: DocId, now: Timestamp) -> Result<Vec<u8>, StoreError> {
        self.write(move |tx| {
            let line = tx.doc(&id)?.ok_or(StoreError::Missing)?;
            tx.record(now, &Who::Operator, &Fact::CaseShown(id))?;
            Ok(tx.document(&line)?.bytes)
        })
    }
}
