//! What can go wrong with a store, each with a stable code. Knows SQLite's codes; tells nobody its messages, which may
//! hold what people wrote.

use rusqlite::ErrorCode;

/// Why the store did not do what it was asked. Whatever it says, nothing half done is on disk.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The file was written by a newer version of this program. Update; the file was left as it is.
    #[error("the store has version {found}, this program knows up to {known}")]
    Newer {
        /// Version of the file.
        found: i64,
        /// Newest version this program knows.
        known: i64,
    },
    /// A SQLite database, but another program's. Choose another path; the file was left as it is.
    #[error("the file is another program's database")]
    Foreign,
    /// Not a database, or a damaged one. Set it aside; it was left as it is.
    #[error("the store is damaged: {what}")]
    Damaged {
        /// Which check failed.
        what: &'static str,
    },
    /// The store is encrypted under another key. The file was left as it is.
    #[error("the store is encrypted under another key")]
    WrongKey,
    /// The store is encrypted, and no key was given. The file was left as it is.
    #[error("the store is encrypted and no key was given")]
    Locked,
    /// The store is encrypted or was to be, and this program was built without encryption. The file was left as it is.
    #[error("this program was built without encryption")]
    NoCipher,
    /// Another process has it open. Close that one, or try again.
    #[error("the store is in use")]
    Busy,
    /// No room on the disk. Make room and do it again: nothing was stored.
    #[error("no room left on the disk")]
    Full,
    /// The path cannot be opened for reading and writing.
    #[error("the store's file can't be opened for reading and writing")]
    Unopenable,
    /// Reading or writing failed below SQLite. Nothing was stored.
    #[error("the disk failed")]
    Disk,
    /// The change is there already, or its actor's number is taken: this installation's actor was cloned.
    #[error("the change, or its actor's number, is already in the store")]
    Duplicate,
    /// The document is of another kind than the change.
    #[error("the document is of another kind")]
    WrongKind,
    /// There is no such document.
    #[error("no such document")]
    NoDocument,
    /// A bundle of this digest is there with other bytes: one of the two is a forgery.
    #[error("another bundle has this digest")]
    BundleDiffers,
    /// An attachment's file is not what was written there, or was sealed under another key.
    #[error("an attachment's file does not open")]
    Sealed,
    /// The host gave no key for attachments.
    #[error("there is no key for attachments")]
    NoKey,
    /// A record could not be made into CBOR or read from it.
    #[error("a record of the store can't be encoded or decoded")]
    Record,
    /// Anything else SQLite says.
    #[error("the database answered with code {code}")]
    Database {
        /// SQLite's extended result code.
        code: i32,
    },
}

impl StoreError {
    /// Stable code; callers switch on it, words for people come from elsewhere.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Newer { .. } => "store_newer",
            Self::Foreign => "store_foreign",
            Self::Damaged { .. } => "store_damaged",
            Self::WrongKey => "store_wrong_key",
            Self::Locked => "store_locked",
            Self::NoCipher => "store_no_cipher",
            Self::Busy => "store_busy",
            Self::Full => "store_full",
            Self::Unopenable => "store_unopenable",
            Self::Disk => "store_disk",
            Self::Duplicate => "store_duplicate",
            Self::WrongKind => "store_wrong_kind",
            Self::NoDocument => "store_no_document",
            Self::BundleDiffers => "store_bundle_differs",
            Self::Sealed => "attachment_sealed",
            Self::NoKey => "attachment_no_key",
            Self::Record => "store_record",
            Self::Database { .. } => "store_database",
        }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error {
            rusqlite::Error::SqliteFailure(failure, _) => match failure.code {
                ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::FileLockingProtocolFailed => Self::Busy,
                ErrorCode::DiskFull => Self::Full,
                ErrorCode::DatabaseCorrupt => Self::Damaged { what: "structure" },
                ErrorCode::NotADatabase => Self::Damaged { what: "not a database" },
                ErrorCode::SystemIoFailure => Self::Disk,
                ErrorCode::CannotOpen | ErrorCode::PermissionDenied | ErrorCode::ReadOnly => Self::Unopenable,
                _ => Self::Database { code: failure.extended_code },
            },
            // The schema is STRICT: a value of another type than its column's was not written by SQLite.
            rusqlite::Error::InvalidColumnType(..)
            | rusqlite::Error::FromSqlConversionFailure(..)
            | rusqlite::Error::IntegralValueOutOfRange(..)
            | rusqlite::Error::Utf8Error(..) => Self::Damaged { what: "value" },
            _ => Self::Database { code: 0 },
        }
    }
}

/// Whether SQLite refused because of a UNIQUE or PRIMARY KEY constraint.
pub(super) fn is_taken(error: &rusqlite::Error) -> bool {
    matches!(error, rusqlite::Error::SqliteFailure(failure, _)
        if failure.extended_code == rusqlite::ffi::SQLITE_CONSTRAINT_UNIQUE
            || failure.extended_code == rusqlite::ffi::SQLITE_CONSTRAINT_PRIMARYKEY)
}
