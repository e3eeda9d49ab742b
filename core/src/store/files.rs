//! The files of a store: the database, and what SQLite keeps beside it.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::StoreError;

/// The file that SQLite keeps beside `path` under this suffix.
pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

pub(super) fn has_content(path: &Path) -> bool {
    path.metadata().is_ok_and(|metadata| metadata.len() > 0)
}

/// Takes away the empty log that merely looking at a refused file made.
pub(super) fn remove_empty_log(path: &Path) {
    let log = beside(path, "-wal");
    if log.metadata().is_ok_and(|metadata| metadata.len() == 0) {
        // If it stays, SQLite takes an empty log for none: nothing is lost by ignoring this.
        let _ = fs::remove_file(log);
    }
}

/// Removes a database that this program made, and what SQLite keeps beside it.
pub(super) fn remove(path: &Path) -> Result<(), StoreError> {
    for suffix in ["", "-wal", "-journal", "-shm"] {
        match fs::remove_file(beside(path, suffix)) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(StoreError::Disk),
            _ => {}
        }
    }
    Ok(())
}

/// What is in it is nobody else's to read; the log and the journal take over the file's permissions.
#[cfg(unix)]
pub(super) fn make_private(path: &Path) -> Result<(), StoreError> {
    use std::os::unix::fs::OpenOptionsExt;

    let made = fs::OpenOptions::new().create(true).append(true).mode(0o600).open(path);
    made.map(drop).map_err(|_| StoreError::Unopenable)
}

#[cfg(not(unix))]
pub(super) fn make_private(_: &Path) -> Result<(), StoreError> {
    Ok(())
}

/// A new name is durable once its folder is; a file system that can't do that has nothing better.
pub(super) fn sync_folder(path: &Path) {
    #[cfg(unix)]
    if let Some(folder) = path.parent() {
        let _ = fs::File::open(folder).and_then(|folder| folder.sync_all());
    }
    #[cfg(not(unix))]
    let _ = path;
}
