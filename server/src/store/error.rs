//! What can go wrong with the database, as its callers need to tell it apart.

use doorstep_core::directory::DirectoryError;

/// A failed read or write. Nothing of a failed write is stored. Codes are stable; messages carry no data.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// There is no database in this directory.
    #[error("there is no database here")]
    Missing,
    /// There is one already, and a new one was to be made.
    #[error("there is a database here already")]
    Exists,
    /// Written by a newer program; left untouched.
    #[error("the database was written by a newer version of this program (schema {found}, known {known})")]
    Newer {
        /// Its schema.
        found: u32,
        /// The newest this program knows.
        known: u32,
    },
    /// Not a database of ours, or not whole; left untouched.
    #[error("the database is damaged or not one of Doorstep's")]
    Damaged,
    /// No room on the disk.
    #[error("the disk is full")]
    Full,
    /// Somebody else held the database, or the same documents kept changing, for too long. Try again.
    #[error("the database is busy")]
    Busy,
    /// The directory an administrator wants to store contradicts itself.
    #[error(transparent)]
    Directory(#[from] DirectoryError),
    /// A code was to be made for a person whom the directory does not have.
    #[error("the directory has no such person")]
    UnknownPerson,
    /// The directory was to be replaced by one made from an older version than the present one.
    #[error("the directory is at version {present} by now")]
    Outdated {
        /// The version it is at.
        present: u64,
    },
    /// A write broke a rule of the schema, or panicked: a bug, and only this write's.
    #[error("the write was refused by the database's own rules ({0})")]
    Refused(&'static str),
    /// The system failed to read or write the file.
    #[error("the database file could not be read or written (code {0})")]
    System(i32),
    /// The store is shutting down.
    #[error("the store is closed")]
    Closed,
}

impl StoreError {
    /// Its permanent code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Missing => "store_missing",
            Self::Exists => "store_exists",
            Self::Newer { .. } => "store_newer",
            Self::Damaged => "store_damaged",
            Self::Full => "store_full",
            Self::Busy => "store_busy",
            Self::Directory(_) => "directory_wrong",
            Self::UnknownPerson => "unknown_person",
            Self::Outdated { .. } => "directory_outdated",
            Self::Refused(_) => "store_refused",
            Self::System(_) => "store_system",
            Self::Closed => "store_closed",
        }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode as Code;
        match error {
            rusqlite::Error::SqliteFailure(failure, _) => match failure.code {
                Code::DiskFull => Self::Full,
                Code::DatabaseBusy | Code::DatabaseLocked => Self::Busy,
                Code::DatabaseCorrupt | Code::NotADatabase => Self::Damaged,
                Code::ConstraintViolation => Self::Refused("constraint"),
                Code::TooBig => Self::Refused("too_big"),
                _ => Self::System(failure.extended_code),
            },
            // A column of another type or length than this program writes: the file isn't what it seems.
            _ => Self::Damaged,
        }
    }
}
