//! Signing ceremonies under way: bytes kept a document, so that a call, a kill or a dead battery in the middle of one
//! costs nothing. What is in them is not known here.

use rusqlite::{OptionalExtension, TransactionBehavior, params};

use super::{Store, StoreError, settle};
use crate::id::DocId;

impl Store {
    /// The ceremony under way for this document.
    pub fn ceremony(&self, doc: &DocId) -> Result<Option<Vec<u8>>, StoreError> {
        let mut statement = self.connection.prepare_cached("SELECT bytes FROM ceremony WHERE doc = ?1")?;
        Ok(statement.query_row([doc.as_bytes()], |row| row.get(0)).optional()?)
    }

    /// Keeps the ceremony as it now stands, or, with none, ends it. While one is under way the document stays, even
    /// out of scope.
    pub fn put_ceremony(&mut self, doc: &DocId, bytes: Option<&[u8]>) -> Result<(), StoreError> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        if let Some(bytes) = bytes {
            transaction
                .prepare_cached("INSERT INTO ceremony VALUES (?1, ?2) ON CONFLICT (doc) DO UPDATE SET bytes = excluded.bytes")?
                .execute(params![doc.as_bytes(), bytes])?;
        } else {
            transaction.prepare_cached("DELETE FROM ceremony WHERE doc = ?1")?.execute([doc.as_bytes()])?;
            settle::finish_leaving(&transaction, doc)?;
        }
        Ok(transaction.commit()?)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Apply;
    use super::super::testing::{Desk, doc};

    #[test]
    fn a_ceremony_survives_reopening_and_keeps_its_document() {
        let desk = Desk::new();
        let mut store = desk.open();
        desk.pull(&mut store, 1, b"save");
        store.put_ceremony(&doc(1), Some(b"half signed")).unwrap();
        drop(store);
        let mut store = desk.open();
        assert_eq!(store.ceremony(&doc(1)).unwrap().as_deref(), Some(&b"half signed"[..]));
        store.apply(&[Apply::Forget { doc: doc(1) }], None).unwrap();
        assert!(store.document(&doc(1)).unwrap().unwrap().leaving);
        store.put_ceremony(&doc(1), None).unwrap();
        assert!(store.document(&doc(1)).unwrap().is_none());
    }
}
