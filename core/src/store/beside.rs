//! What stands beside a sealed agreement, by the bundle's digest: receipt and stamp, written once; and the dynamics of its
//! signatures, which can be erased. Bytes; what is in them is not known here.

use rusqlite::{OptionalExtension, TransactionBehavior, params};

use super::{Store, StoreError};
use crate::id::{Digest, DocId};

/// What can stand beside a bundle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Beside {
    /// The log's receipt.
    Receipt,
    /// The committee's stamp.
    Stamp,
}

impl Beside {
    const fn name(self) -> &'static str {
        match self {
            Self::Receipt => "receipt",
            Self::Stamp => "stamp",
        }
    }
}

impl Store {
    /// What stands beside this bundle, of this kind.
    pub fn beside(&self, bundle: &Digest, kind: Beside) -> Result<Option<Vec<u8>>, StoreError> {
        let mut statement = self.connection.prepare_cached("SELECT bytes FROM beside WHERE bundle = ?1 AND kind = ?2")?;
        Ok(statement.query_row(params![bundle.as_bytes(), kind.name()], |row| row.get(0)).optional()?)
    }

    /// Puts something beside a bundle. What is there stays; whether this was new.
    pub fn put_beside(&mut self, bundle: &Digest, kind: Beside, bytes: &[u8]) -> Result<bool, StoreError> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let values = params![bundle.as_bytes(), kind.name(), bytes];
        let known = "SELECT 1 FROM beside WHERE bundle = ?1 AND kind = ?2";
        if transaction.prepare_cached(known)?.exists(params![bundle.as_bytes(), kind.name()])? {
            return Ok(false);
        }
        transaction.prepare_cached("INSERT INTO beside VALUES (?1, ?2, ?3)")?.execute(values)?;
        transaction.commit()?;
        Ok(true)
    }

    /// Bundles here that lack something of this kind, in the order of their digests.
    pub fn without(&self, kind: Beside) -> Result<Vec<Digest>, StoreError> {
        let sql = "SELECT digest FROM bundle WHERE NOT EXISTS
                   (SELECT 1 FROM beside WHERE beside.bundle = bundle.digest AND kind = ?1) ORDER BY digest";
        let mut statement = self.connection.prepare_cached(sql)?;
        let digests = statement.query_map([kind.name()], |row| row.get::<_, Vec<u8>>(0))?;
        digests.map(|bytes| Digest::from_slice(&bytes?).map_err(|_| StoreError::Damaged { what: "value" })).collect()
    }

    /// Keeps the dynamics of a signature of this document.
    pub fn put_dynamics(&mut self, digest: &Digest, doc: &DocId, bytes: &[u8]) -> Result<(), StoreError> {
        let sql = "INSERT INTO dynamics VALUES (?1, ?2, ?3) ON CONFLICT (digest) DO NOTHING";
        self.connection.prepare_cached(sql)?.execute(params![digest.as_bytes(), doc.as_bytes(), bytes])?;
        Ok(())
    }

    /// The dynamics with this digest, unless they were erased.
    pub fn dynamics(&self, digest: &Digest) -> Result<Option<Vec<u8>>, StoreError> {
        let mut statement = self.connection.prepare_cached("SELECT bytes FROM dynamics WHERE digest = ?1")?;
        Ok(statement.query_row([digest.as_bytes()], |row| row.get(0)).optional()?)
    }

    /// Erases all dynamics of this document; how many there were.
    pub fn erase_dynamics(&mut self, doc: &DocId) -> Result<usize, StoreError> {
        Ok(self.connection.prepare_cached("DELETE FROM dynamics WHERE doc = ?1")?.execute([doc.as_bytes()])?)
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Desk, doc};
    use super::*;

    #[test]
    fn a_receipt_is_written_once_whatever_sql_is_tried() {
        let desk = Desk::new();
        let mut store = desk.open();
        let digest = Digest::from_bytes([5; 32]);
        store.put_bundle(&digest, b"sealed").unwrap();
        assert_eq!(store.without(Beside::Receipt).unwrap(), [digest]);
        assert!(store.put_beside(&digest, Beside::Receipt, b"receipt").unwrap());
        assert!(!store.put_beside(&digest, Beside::Receipt, b"another").unwrap());
        for sql in [
            "UPDATE beside SET bytes = x'00'",
            "UPDATE OR REPLACE beside SET kind = 'stamp'",
            "DELETE FROM beside",
            "INSERT OR REPLACE INTO beside SELECT bundle, kind, x'00' FROM beside",
            "INSERT INTO beside SELECT bundle, kind, x'00' FROM beside WHERE true ON CONFLICT DO UPDATE SET bytes = x'00'",
        ] {
            assert!(store.connection.execute(sql, []).is_err(), "{sql}");
        }
        assert_eq!(store.beside(&digest, Beside::Receipt).unwrap().as_deref(), Some(&b"receipt"[..]));
        assert_eq!(store.beside(&digest, Beside::Stamp).unwrap(), None);
        assert!(store.without(Beside::Receipt).unwrap().is_empty());
    }

    #[test]
    fn dynamics_are_kept_until_they_are_erased() {
        let desk = Desk::new();
        let mut store = desk.open();
        let digest = Digest::from_bytes([6; 32]);
        store.put_dynamics(&digest, &doc(1), b"slow").unwrap();
        assert_eq!(store.erase_dynamics(&doc(2)).unwrap(), 0);
        assert_eq!(store.dynamics(&digest).unwrap().as_deref(), Some(&b"slow"[..]));
        assert_eq!(store.erase_dynamics(&doc(1)).unwrap(), 1);
        assert_eq!(store.dynamics(&digest).unwrap(), None);
    }
}
