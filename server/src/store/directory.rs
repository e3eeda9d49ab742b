//! The directory's versions. Scope effects of a new version need no rows here: what a person sees follows from the
//! keys of their posts, and a pull whose keys are no longer the cursor's begins anew.

use doorstep_core::directory::Directory;
use doorstep_core::time::Timestamp;
use rusqlite::{OptionalExtension, params};

use super::{Store, StoreError, Tx, View, signed, unsigned};
use crate::audit::{Fact, Who};

impl Store {
    /// Stores `directory` as the next version, whatever version it carries, and gives that version's number.
    /// Phones get it with their next pull.
    pub fn put_directory(&self, directory: Directory, now: Timestamp) -> Result<u64, StoreError> {
        directory.check()?;
        self.write(move |tx| tx.put_directory(directory, now))
    }

    /// Stores `directory` as the next version if it was made from the present one, which it names as its own.
    pub fn replace_directory(&self, directory: Directory, now: Timestamp) -> Result<u64, StoreError> {
        directory.check()?;
        self.write(move |tx| {
            let present = tx.directory_version()?;
            if directory.version != present {
                return Err(StoreError::Outdated { present });
            }
            tx.put_directory(directory, now)
        })
    }
}

impl View<'_> {
    /// The newest version's number.
    pub(crate) fn directory_version(&self) -> Result<u64, StoreError> {
        let sql = "SELECT coalesce(max(version), 0) FROM directory";
        Ok(self.conn.prepare_cached(sql)?.query_row([], |row| row.get(0)).map(unsigned)?)
    }

    pub(super) fn directory_newer_than(&self, version: u64) -> Result<Option<Directory>, StoreError> {
        let sql = "SELECT bytes FROM directory WHERE version > ?1 ORDER BY version DESC LIMIT 1";
        let bytes: Option<Vec<u8>> =
            self.conn.prepare_cached(sql)?.query_row([signed(version)], |row| row.get(0)).optional()?;
        bytes.map(|bytes| minicbor_serde::from_slice(&bytes).map_err(|_| StoreError::Damaged)).transpose()
    }
}

impl Tx<'_> {
    pub(super) fn put_directory(&self, mut directory: Directory, now: Timestamp) -> Result<u64, StoreError> {
        let version = self.directory_version()? + 1;
        directory.version = version;
        let bytes = minicbor_serde::to_vec(&directory).map_err(|_| StoreError::Refused("directory_encoding"))?;
        let sql = "INSERT INTO directory (version, bytes, at) VALUES (?1, ?2, ?3)";
        self.conn.prepare_cached(sql)?.execute(params![signed(version), bytes, now.0])?;
        self.record(now, &Who::Operator, &Fact::DirectoryChanged(version))?;
        Ok(version)
    }
}
