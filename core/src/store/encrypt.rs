//! A store that was plain becomes an encrypted one: made whole beside it, under the key, and then given its name. Killed anywhere,
//! the plain one is still there, or the encrypted one is.
//!
//! What lay plain on a phone's flash may be found there by whoever takes it apart, until the flash has used those cells again: writing
//! over a file reaches other cells, so it is not tried.

use std::fs::{self, File};
use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use super::files::{beside, has_content, make_private, remove, sync_folder};
use super::key::DatabaseKey;
use super::{Journal, StoreError, migrate};

/// Behind the name of the encrypted store that is not in place yet.
const NEW: &str = ".encrypting";

/// Encrypts the plain store at `path`. Somebody else's, a newer or a damaged one is refused and stays as it is.
pub(super) fn encrypt(path: &Path, key: &DatabaseKey) -> Result<(), StoreError> {
    let new = beside(path, NEW);
    remove(&new)?;
    let done = replace(path, &new, key);
    if done.is_err() {
        // Half of one is nobody's, and the disk may be full. What can't be removed now is before the next attempt.
        let _ = remove(&new);
    }
    done
}

fn replace(path: &Path, new: &Path, key: &DatabaseKey) -> Result<(), StoreError> {
    make_private(new)?;
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    super::open::alone(&connection)?;
    super::open::accept(&connection)?;
    let (application, version) = migrate::identity(&connection)?;
    connection.execute("ATTACH DATABASE ?1 AS encrypted KEY ?2", (new.to_str().ok_or(StoreError::Unopenable)?, key.spec()))?;
    connection.query_row("SELECT sqlcipher_export('encrypted')", [], |_| Ok(()))?;
    connection.execute_batch(&format!(
        "PRAGMA encrypted.application_id = {application}; PRAGMA encrypted.user_version = {version}; DETACH DATABASE encrypted"
    ))?;
    // The log into the file, and away: beside the new one it would be taken for its own.
    super::open::let_go(&connection)?;
    super::open::set_journal(&connection, Journal::Rollback)?;
    if ["-wal", "-journal"].iter().any(|suffix| has_content(&beside(path, suffix))) {
        return Err(StoreError::Busy);
    }
    File::open(new).and_then(|file| file.sync_all()).map_err(|_| StoreError::Disk)?;
    // Before the plain one is closed: nobody else has it until nobody can find it.
    fs::rename(new, path).map_err(|_| StoreError::Disk)?;
    sync_folder(path);
    Ok(())
}
