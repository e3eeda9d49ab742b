//! One store a file in a process. SQLite and the operating system keep other processes out; this keeps out a second
//! store of the same one, before it touches the file.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::StoreError;

static CLAIMED: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

/// The right to open a file; given back when dropped, which has to be after the connection is closed.
pub(super) struct Claim(PathBuf);

impl Claim {
    /// Claims `path`, or says that it is in use.
    pub(super) fn take(path: &Path) -> Result<Self, StoreError> {
        let path = real(path);
        if claimed().insert(path.clone()) { Ok(Self(path)) } else { Err(StoreError::Busy) }
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        claimed().remove(&self.0);
    }
}

fn claimed() -> MutexGuard<'static, BTreeSet<PathBuf>> {
    // A set of paths is whole after any panic.
    CLAIMED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The path without links and dots, as far as there is anything: a new store's file is not there yet.
fn real(path: &Path) -> PathBuf {
    if let Ok(real) = path.canonicalize() {
        return real;
    }
    match (path.parent().map(Path::canonicalize), path.file_name()) {
        (Some(Ok(directory)), Some(name)) => directory.join(name),
        _ => path.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_claimed_once_under_whatever_name() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("store.db");
        let claim = Claim::take(&path).unwrap();
        assert!(Claim::take(&directory.path().join(".").join("store.db")).is_err());
        drop(claim);
        std::fs::write(&path, b"").unwrap();
        let claim = Claim::take(&path).unwrap();
        assert!(Claim::take(&path).is_err());
        drop(claim);
    }
}
