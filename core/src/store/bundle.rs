//! Sealed agreements by digest: written once, never changed. Triggers in the schema hold that; this file is how to
//! get in. Whether the bytes hash to the digest is for whoever knows the digest's recipe: check on every read.

use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};

use super::{Store, StoreError};
use crate::id::Digest;

impl Store {
    /// The bundle's bytes, if they are here.
    pub fn bundle(&self, digest: &Digest) -> Result<Option<Vec<u8>>, StoreError> {
        get(&self.connection, digest)
    }

    /// Stores a bundle that came from the server. The same again is nothing.
    ///
    /// # Errors
    /// [`StoreError::BundleDiffers`] if other bytes already bear the digest.
    pub fn put_bundle(&mut self, digest: &Digest, bytes: &[u8]) -> Result<(), StoreError> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        put(&transaction, digest, bytes)?;
        Ok(transaction.commit()?)
    }
}

fn get(connection: &Connection, digest: &Digest) -> Result<Option<Vec<u8>>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT bytes FROM bundle WHERE digest = ?1")?;
    Ok(statement.query_row([digest.as_bytes()], |row| row.get(0)).optional()?)
}

pub(super) fn put(connection: &Connection, digest: &Digest, bytes: &[u8]) -> Result<(), StoreError> {
    match get(connection, digest)? {
        Some(there) if there == bytes => Ok(()),
        Some(_) => Err(StoreError::BundleDiffers),
        None => {
            connection.prepare_cached("INSERT INTO bundle VALUES (?1, ?2)")?.execute(params![digest.as_bytes(), bytes])?;
            Ok(())
        }
    }
}

/// Lets the bundle travel with own change `n`.
pub(super) fn carry(connection: &Connection, n: i64, digest: &Digest) -> Result<(), StoreError> {
    connection.prepare_cached("INSERT OR IGNORE INTO carried VALUES (?1, ?2)")?.execute(params![n, digest.as_bytes()])?;
    Ok(())
}

/// The bundles that travel with own change `n`.
pub(super) fn carried(connection: &Connection, n: i64) -> Result<Vec<Digest>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT digest FROM carried WHERE n = ?1")?;
    let digests = statement.query_map([n], |row| row.get::<_, Vec<u8>>(0))?;
    digests.map(|bytes| Digest::from_slice(&bytes?).map_err(|_| StoreError::Damaged { what: "value" })).collect()
}

#[cfg(test)]
mod tests {
    use super::super::testing::Desk;
    use super::*;

    #[test]
    fn a_bundle_is_written_once_whatever_sql_is_tried() {
        let desk = Desk::new();
        let mut store = desk.open();
        let digest = Digest::from_bytes([5; 32]);
        store.put_bundle(&digest, b"sealed").unwrap();
        store.put_bundle(&digest, b"sealed").unwrap();
        assert_eq!(store.put_bundle(&digest, b"forged"), Err(StoreError::BundleDiffers));
        for sql in [
            "UPDATE bundle SET bytes = x'00'",
            "UPDATE OR REPLACE bundle SET bytes = x'00'",
            "DELETE FROM bundle",
            "INSERT OR REPLACE INTO bundle SELECT digest, x'00' FROM bundle",
            "REPLACE INTO bundle SELECT digest, x'00' FROM bundle",
            "INSERT INTO bundle SELECT digest, x'00' FROM bundle WHERE true ON CONFLICT DO UPDATE SET bytes = x'00'",
        ] {
            assert!(store.connection.execute(sql, []).is_err(), "{sql}");
        }
        assert_eq!(store.bundle(&digest).unwrap().as_deref(), Some(&b"sealed"[..]));
    }
}
