//! The first gate of opening: the file's header, read as a file, so that what is not ours never meets SQLite. See SQLite's
//! "Database File Format", section 1.3. Of an encrypted store only whose it is can be seen (`key.rs`). Says nothing about what
//! is in the log: that is the second gate's.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;

use super::files::{beside, has_content, make_private};
use super::key;
use super::migrate::VERSION;
use super::open::APPLICATION_ID;
use super::{Store, StoreError};

const MAGIC: &[u8; 16] = b"SQLite format 3\0";
/// Bytes of the header.
const LENGTH: usize = 100;

/// What the header shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// Nothing: a new store is made.
    Nothing,
    /// A database that anybody can read.
    Plain,
    /// An encrypted store, and the first bytes of all that are under its key.
    Encrypted([u8; 16]),
    /// It may have been cut off while it was written. SQLite, which knows the log, can say.
    Unsure,
}

/// Looks at the file, and makes an empty one that is private where there is none.
pub(super) fn look(path: &Path) -> Result<Found, StoreError> {
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
    let mut bytes = Vec::with_capacity(LENGTH);
    file.by_ref().take(LENGTH as u64).read_to_end(&mut bytes).map_err(|_| StoreError::Disk)?;
    if let Some(salt) = bytes.first_chunk().filter(|salt| salt.starts_with(&key::MAGIC)) {
        return Ok(Found::Encrypted(*salt));
    }
    let plain = bytes.starts_with(MAGIC);
    // A journal with content means that a transaction was cut off in the middle; a log, that it may have been cut off while
    // it was moved into the file, whose first page can then be anything. Only SQLite can say what the header is: the second
    // gate asks.
    if ["-journal", "-wal"].iter().any(|end| has_content(&beside(path, end))) {
        return Ok(if plain { Found::Plain } else { Found::Unsure });
    }
    if !plain || bytes.len() < LENGTH {
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
    Ok(Found::Plain)
}

impl Store {
    /// Whether the file at `path` is an encrypted store, under whatever key. For hosts that are about to make a key: one that is made
    /// anew opens nothing that is there.
    pub fn is_encrypted(path: &Path) -> bool {
        let mut first = [0; key::MAGIC.len()];
        File::open(path).and_then(|mut file| file.read_exact(&mut first)).is_ok() && first == key::MAGIC
    }
}

/// No file, or an empty one: a new store, unless a log says that there was one.
fn absent(path: &Path) -> Result<Found, StoreError> {
    if has_content(&beside(path, "-wal")) {
        return Err(StoreError::Damaged { what: "log without its file" });
    }
    make_private(path)?;
    Ok(Found::Nothing)
}
