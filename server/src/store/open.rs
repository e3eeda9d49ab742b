//! Opening the database file: new, known, newer, damaged. A file that is refused is not touched.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::StoreError;

/// Stands in the file's header, so that another program's database is not taken for ours: "door".
const APPLICATION_ID: u32 = 0x646F_6F72;
/// The schema, step by step. A released step is never edited; the next one is appended.
const MIGRATIONS: &[&str] = &[
    include_str!("migrations/0001_start.sql"),
    include_str!("migrations/0002_household.sql"),
    include_str!("migrations/0003_healing.sql"),
    include_str!("migrations/0004_attachments.sql"),
    include_str!("migrations/0005_evidence.sql"),
    include_str!("migrations/0006_stamps.sql"),
    include_str!("migrations/0007_possession.sql"),
];
/// How long to wait for another process (the administrator's commands) to finish its transaction.
const BUSY_WAIT: Duration = Duration::from_secs(5);
/// Page cache of the writer, KiB: the index pages that a burst of pushes touches.
const WRITER_CACHE_KIB: i64 = 8 * 1024;
/// Page cache of a reader, KiB. Readers stream; a big cache would only hold what is not read again.
const READER_CACHE_KIB: i64 = 1024;
/// The write-ahead log is cut back to this after a checkpoint, bytes.
const WAL_KEPT: i64 = 16 << 20;

/// The newest schema this program knows.
#[expect(clippy::cast_possible_truncation, reason = "a handful of migrations")]
pub(super) const SCHEMA: u32 = MIGRATIONS.len() as u32;

/// Refuses a file that is not ours, newer or cut short, before anything could write to it.
pub(super) fn probe(path: &Path) -> Result<(), StoreError> {
    let mut file = File::open(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => StoreError::Missing,
        _ => system(&error),
    })?;
    // With a log beside it the file may rightly lag behind; and a power cut while the log was moved into it, or a journal's
    // transaction was under way, can have left anything in its first page. Then only SQLite can say.
    let beside = |end| std::fs::metadata(path.with_extension(end)).is_ok_and(|found| found.len() > 0);
    if !beside("db-wal") && !beside("db-journal") {
        header(&mut file)?;
    }
    drop(file);
    // The header may lag behind the log: ask SQLite too, and tell it to leave the log alone on the way out.
    let conn = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    conn.busy_timeout(BUSY_WAIT)?;
    newer(number(&conn, "user_version")?)?;
    if number(&conn, "application_id")? != APPLICATION_ID {
        return Err(StoreError::Damaged);
    }
    Ok(())
}

/// Whether nothing was ever founded in this file: it was made, perhaps given its tables, and left. Only looks; what can't be
/// looked at counts as somebody's.
pub(super) fn is_unfounded(path: &Path) -> bool {
    let look = || -> Result<bool, StoreError> {
        let conn = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
        conn.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
        conn.busy_timeout(BUSY_WAIT)?;
        let tables: i64 = conn.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
        Ok(tables == 0 || (number(&conn, "application_id")? == APPLICATION_ID && !is_founded(&conn)?))
    };
    look().unwrap_or(false)
}

/// Whether the log has a name.
pub(super) fn is_founded(conn: &Connection) -> Result<bool, StoreError> {
    Ok(conn.query_row("SELECT EXISTS (SELECT 1 FROM meta WHERE key = 'epoch')", [], |row| row.get(0))?)
}

/// What the file itself says, read without SQLite.
fn header(file: &mut File) -> Result<(), StoreError> {
    let mut header = [0u8; 100];
    let length = file.metadata().map_err(|error| system(&error))?.len();
    file.read_exact(&mut header).map_err(|_| StoreError::Damaged)?;
    if !header.starts_with(b"SQLite format 3\0") {
        return Err(StoreError::Damaged);
    }
    let field = |at: usize| u32::from_be_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]]);
    let page = match u16::from_be_bytes([header[16], header[17]]) {
        1 => 65_536,
        other => u64::from(other),
    };
    if u64::from(field(28)) * page > length {
        return Err(StoreError::Damaged);
    }
    newer(field(60))
}

/// The writer's connection, with the schema brought up to date.
pub(super) fn writer(path: &Path, create: bool) -> Result<Connection, StoreError> {
    let mut flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    if create {
        flags |= OpenFlags::SQLITE_OPEN_CREATE;
    }
    let mut conn = Connection::open_with_flags(path, flags)?;
    conn.busy_timeout(BUSY_WAIT)?;
    write_ahead(&conn)?;
    // With NORMAL a power cut loses commits that were already acknowledged to a phone.
    conn.pragma_update(None, "synchronous", "full")?;
    conn.pragma_update(None, "foreign_keys", true)?;
    conn.pragma_update(None, "trusted_schema", false)?;
    conn.pragma_update(None, "cache_size", -WRITER_CACHE_KIB)?;
    conn.pragma_update(None, "journal_size_limit", WAL_KEPT)?;
    conn.set_prepared_statement_cache_capacity(64);
    migrate(&mut conn)?;
    Ok(conn)
}

/// Has it keep a write-ahead log, or refuses: under a rollback journal a power cut can take back what was acknowledged.
fn write_ahead(conn: &Connection) -> Result<(), StoreError> {
    let mut statement = conn.prepare("PRAGMA journal_mode = wal")?;
    let mut rows = statement.query([])?;
    let mode: String = rows.next()?.ok_or(StoreError::Damaged)?.get(0)?;
    // To its end: the change is committed behind the row that tells of it, and may fail there.
    while rows.next()?.is_some() {}
    if mode == "wal" { Ok(()) } else { Err(StoreError::System(0)) }
}

/// A connection that only reads.
pub(super) fn reader(path: &Path) -> Result<Connection, StoreError> {
    let conn = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    conn.busy_timeout(BUSY_WAIT)?;
    conn.pragma_update(None, "query_only", true)?;
    conn.pragma_update(None, "trusted_schema", false)?;
    conn.pragma_update(None, "cache_size", -READER_CACHE_KIB)?;
    conn.set_prepared_statement_cache_capacity(32);
    Ok(conn)
}

fn migrate(conn: &mut Connection) -> Result<(), StoreError> {
    let tx = conn.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let found = number(&tx, "user_version")?;
    newer(found)?;
    if found < SCHEMA {
        for step in MIGRATIONS.iter().skip(found as usize) {
            tx.execute_batch(step)?;
        }
        tx.pragma_update(None, "user_version", SCHEMA)?;
        tx.pragma_update(None, "application_id", APPLICATION_ID)?;
    }
    tx.commit()?;
    Ok(())
}

fn newer(found: u32) -> Result<(), StoreError> {
    if found > SCHEMA { Err(StoreError::Newer { found, known: SCHEMA }) } else { Ok(()) }
}

fn number(conn: &Connection, pragma: &str) -> Result<u32, StoreError> {
    Ok(conn.pragma_query_value(None, pragma, |row| row.get(0))?)
}

pub(super) fn system(error: &std::io::Error) -> StoreError {
    match error.kind() {
        std::io::ErrorKind::StorageFull => StoreError::Full,
        _ => StoreError::System(error.raw_os_error().unwrap_or(0)),
    }
}
