//! The first gate of opening: the file's header, read as a file, so that what is not ours never meets SQLite. See SQLite's
//! "Database File Format", section 1.3. Says nothing about what is in the log: that is the second gate's.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use super::StoreError;
use super::migrate::VERSION;
use super::open::APPLICATION_ID;

const MAGIC: &[u8; 16] = b"SQLite format 3\0";
/// Bytes of the header.
const LENGTH: usize = 100;

/// The file that SQLite keeps beside `path` under this suffix.
pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

fn has_content(path: &Path) -> bool {
    path.metadata().is_ok_and(|metadata| metadata.len() > 0)
}

/// Takes away the empty log that merely looking at a refused file made.
pub(super) fn remove_empty_log(path: &Path) {
    let log = beside(path, "-wal");
    if log.metadata().is_ok_and(|metadata| metadata.len() == 0) {
        // If it stays, SQLite takes an empty log for none: nothing is lost by ignoring this.
        let _ = std::fs::remove_file(log);
    }
}

pub(super) fn check(path: &Path) -> Result<(), StoreError> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return absent(path),
        Err(_) => return Err(StoreError::Unopenable),
    };
    let metadata = file.metadata().map_err(|_| StoreError::Disk)?;
    if !metadata.is_file() {
        return Err(StoreError::Unopenable);
    }
    if metadata.len() == 0 {
        return absent(path);
    }
    // A journal with content means that a transaction was cut off in the middle; a log, that it may have been cut off while
    // it was moved into the file, whose first page can then be anything. Only SQLite can say what the header is: the second
    // gate asks.
    if ["-journal", "-wal"].iter().any(|end| has_content(&beside(path, end))) {
        return Ok(());
    }
    let mut bytes = [0; LENGTH];
    file.read_exact(&mut bytes).map_err(|error| match error.kind() {
        ErrorKind::UnexpectedEof => StoreError::Damaged { what: "not a database" },
        _ => StoreError::Disk,
    })?;
    if !bytes.starts_with(MAGIC) {
        return Err(StoreError::Damaged { what: "not a database" });
    }
    let number = |at: usize| bytes[at..].first_chunk().map_or(0, |four: &[u8; 4]| i32::from_be_bytes(*four));
    if number(68) != APPLICATION_ID {
        return Err(StoreError::Foreign);
    }
    let version = i64::from(number(60));
    if version > VERSION {
        return Err(StoreError::Newer { found: version, known: VERSION });
    }
    Ok(())
}

/// No file, or an empty one: a new store, unless a log says that there was one.
fn absent(path: &Path) -> Result<(), StoreError> {
    if has_content(&beside(path, "-wal")) {
        return Err(StoreError::Damaged { what: "log without its file" });
    }
    make_private(path)
}

/// What is in it is nobody else's to read; the log and the journal take over the file's permissions.
#[cfg(unix)]
fn make_private(path: &Path) -> Result<(), StoreError> {
    use std::os::unix::fs::OpenOptionsExt;

    let made = std::fs::OpenOptions::new().create(true).append(true).mode(0o600).open(path);
    made.map(drop).map_err(|_| StoreError::Unopenable)
}

#[cfg(not(unix))]
fn make_private(_: &Path) -> Result<(), StoreError> {
    Ok(())
}
