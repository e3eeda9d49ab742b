//! Opening: decide whether the file is ours, whole and not too new **before** anything may write to it; then set the
//! connection up so that a commit is durable.
//!
//! Two gates. The first (`header.rs`) reads the header with the file system alone, so a foreign, newer or broken file never meets SQLite
//! at all. The second asks SQLite, because in WAL mode the newest header may stand in the log; until it has passed,
//! closing must not checkpoint.
//!
//! A file is opened once in a process (`claim.rs`): POSIX takes a process's locks away as soon as it closes any handle
//! of the file, so merely reading the header a second time would unlock the first store.

use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::blobs::Blobs;
use super::claim::Claim;
#[cfg(not(target_family = "wasm"))]
use super::files;
#[cfg(not(target_family = "wasm"))]
use super::header::{self, Found};
use super::key::DatabaseKey;
use super::migrate::{self, MIGRATIONS, VERSION};
use super::{OnStep, Store, StoreError, search};
use crate::attachment::AttachmentKey;
use crate::planted::{self, Planted};

/// `application_id` of a device's store: "Door". Tells it from any other SQLite file.
pub const APPLICATION_ID: i32 = 0x446f_6f72;

/// Milliseconds to wait for another process to let go of the file: one that was just told to quit has time to.
const BUSY_MS: u32 = 250;
/// WAL pages (4 KiB each) after which a tap itself checkpoints. A tap writes about a dozen, so this is hundreds of taps
/// without a single [`Store::tidy`]: a backstop against a growing log, not the way it is meant to go.
const TAP_CHECKPOINT_PAGES: u32 = 8_192;
/// Prepared statements kept: all there are, so that applying a thousand documents prepares each once.
const STATEMENTS_KEPT: usize = 96;
/// Bytes that the log may keep on disk once it is checkpointed.
const LOG_KEEP_BYTES: u32 = 4 << 20;

/// How the file is opened.
const FLAGS: OpenFlags =
    OpenFlags::SQLITE_OPEN_READ_WRITE.union(OpenFlags::SQLITE_OPEN_CREATE).union(OpenFlags::SQLITE_OPEN_NO_MUTEX);

/// How SQLite makes a commit durable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Journal {
    /// A log beside the file, one fsync a commit. For everything with a file system.
    #[default]
    Wal,
    /// A rollback journal: for the browser's SQLite, which has no log.
    Rollback,
}

/// How to open.
#[derive(Default)]
pub struct Options {
    /// The journal.
    pub journal: Journal,
    /// Most pages (4 KiB each) the file may grow to; beyond it every write is [`StoreError::Full`]. None: the disk's size.
    pub max_pages: Option<u32>,
    /// The key under which the store itself lies on the disk; one that was plain until now is encrypted when it is opened. None: plain.
    pub database_key: Option<DatabaseKey>,
    /// The key under which attachments lie on the disk. None: this device keeps none.
    pub attachment_key: Option<AttachmentKey>,
    /// Called at each step of a transaction; for tests.
    pub on_step: Option<OnStep>,
}

impl std::fmt::Debug for Options {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Options").field("journal", &self.journal).field("max_pages", &self.max_pages).finish_non_exhaustive()
    }
}

impl Store {
    /// Opens the store at `path`, or makes an empty one where there is no file.
    ///
    /// # Errors
    /// [`StoreError::Newer`], [`StoreError::Foreign`], [`StoreError::Damaged`]: the file (and its log) were left byte for
    /// byte as they are, and so with [`StoreError::WrongKey`], [`StoreError::Locked`], [`StoreError::NoCipher`]. [`StoreError::Busy`]: another process, or another `Store` of this one, has it.
    pub fn open(path: &Path, options: Options) -> Result<Self, StoreError> {
        // A rescue that was cut off between its renamings: the new file has its place before anything could be made there.
        #[cfg(not(target_family = "wasm"))]
        Self::finish_rescue(path)?;
        let claim = Claim::take(path)?;
        #[cfg(not(target_family = "wasm"))]
        let (log_was_there, found) = {
            let found = header::look(path)?;
            if let Found::Encrypted(salt) = &found {
                fits(salt, options.database_key.as_ref())?;
            }
            (files::beside(path, "-wal").exists(), found)
        };
        #[cfg(target_family = "wasm")]
        let plain_before = false;
        #[cfg(not(target_family = "wasm"))]
        let plain_before = found == Found::Plain;
        let opened = Self::open_checked(path, options, claim, plain_before);
        // Looking at a refused file makes an empty log beside it. Somebody else's log is not to be touched.
        #[cfg(not(target_family = "wasm"))]
        if !log_was_there && opened.as_ref().is_err_and(|error| *error != StoreError::Busy) {
            files::remove_empty_log(path);
        }
        opened
    }

    fn open_checked(path: &Path, options: Options, claim: Claim, plain_before: bool) -> Result<Self, StoreError> {
        let mut connection = connect(path, options.database_key.as_ref(), plain_before)?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS_KEPT);
        accept(&connection)?;
        set_up(&connection, &options)?;
        // A file of this version was looked at by `accept`.
        if migrate::identity(&connection)?.1 < VERSION {
            migrate::migrate(&mut connection, MIGRATIONS)?;
            migrate::check_schema(&connection)?;
        }
        set_journal(&connection, options.journal)?;
        // Under a rollback journal reading takes no exclusive lock; this does, and the locking mode keeps it.
        connection.execute_batch("BEGIN EXCLUSIVE; COMMIT")?;
        let_go(&connection)?;
        let blobs = options.attachment_key.map(|key| Blobs::beside(path, key));
        let mut store = Self { connection, on_step: options.on_step, blobs, unclaimed: Vec::new(), _claim: claim };
        store.reconcile_attachments(path)?;
        Ok(store)
    }

    /// Reads the whole file and says whether it is sound: structure, indexes, references. Seconds on a large one; for a
    /// person who asks, not for each start.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] with the part that is not.
    pub fn check(&self) -> Result<(), StoreError> {
        let first: String = self.connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
        if first != "ok" {
            return Err(StoreError::Damaged { what: "integrity" });
        }
        let mut references = self.connection.prepare("PRAGMA foreign_key_check")?;
        if references.exists([])? {
            return Err(StoreError::Damaged { what: "references" });
        }
        Ok(())
    }

    /// Moves the log into the file. Call it when nobody waits (after a sync, in the background): taps then never pay
    /// for it. Nothing depends on it for durability.
    pub fn tidy(&self) -> Result<(), StoreError> {
        search::tidy(&self.connection)?;
        checkpoint(&self.connection)
    }
}

/// Whether an encrypted store that begins with these bytes opens with this key.
pub(super) fn fits(salt: &[u8; 16], key: Option<&DatabaseKey>) -> Result<(), StoreError> {
    match key {
        _ if !cfg!(feature = "encryption") => Err(StoreError::NoCipher),
        None => Err(StoreError::Locked),
        Some(key) if key.salt() != *salt => Err(StoreError::WrongKey),
        Some(_) => Ok(()),
    }
}

/// A connection that has the file for itself, under the key where there is one.
fn connect(path: &Path, key: Option<&DatabaseKey>, plain_before: bool) -> Result<Connection, StoreError> {
    #[cfg(feature = "encryption")]
    if let Some(key) = key {
        if plain_before {
            super::encrypt::encrypt(path, key)?;
        }
        let connection = Connection::open_with_flags(path, FLAGS)?;
        // First of all: from here on SQLCipher reads and writes every page under it.
        pragma(&connection, "key", &format!("\"{}\"", key.spec()))?;
        alone(&connection)?;
        return Ok(connection);
    }
    if key.is_some() {
        return Err(StoreError::NoCipher);
    }
    let _ = plain_before;
    let connection = Connection::open_with_flags(path, FLAGS)?;
    alone(&connection)?;
    Ok(connection)
}

/// One connection has the file: no shared memory beside it, and a second process learns so at once. Until [`let_go`], closing
/// it leaves the log where it is.
pub(super) fn alone(connection: &Connection) -> Result<(), StoreError> {
    connection.busy_timeout(Duration::from_millis(BUSY_MS.into()))?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    pragma(connection, "locking_mode", "EXCLUSIVE")
}

/// The file was accepted: closing may move the log into it.
pub(super) fn let_go(connection: &Connection) -> Result<(), StoreError> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)?;
    Ok(())
}

/// Copies what it can of the log into the file; does nothing without one.
pub(super) fn checkpoint(connection: &Connection) -> Result<(), StoreError> {
    connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))?;
    Ok(())
}

/// How many pages of log a commit tolerates before it checkpoints by itself.
pub(super) fn checkpoint_after(connection: &Connection, pages: Option<u32>) -> Result<(), StoreError> {
    pragma(connection, "wal_autocheckpoint", &pages.unwrap_or(TAP_CHECKPOINT_PAGES).to_string())
}

/// The second gate: what SQLite sees, log included. Reads only.
pub(super) fn accept(connection: &Connection) -> Result<(), StoreError> {
    let pages: i64 = connection.query_row("PRAGMA page_count", [], |row| row.get(0))?;
    if pages == 0 {
        return Ok(());
    }
    let (application, version) = migrate::identity(connection)?;
    if application != i64::from(APPLICATION_ID) {
        return Err(StoreError::Foreign);
    }
    if version > VERSION {
        return Err(StoreError::Newer { found: version, known: VERSION });
    }
    if version == VERSION { migrate::check_schema(connection) } else { Ok(()) }
}

fn set_up(connection: &Connection, options: &Options) -> Result<(), StoreError> {
    // FULL: with NORMAL a power cut takes back commits that were already shown.
    pragma(connection, "synchronous", if planted::is(Planted::WeakerFsync) { "NORMAL" } else { "FULL" })?;
    pragma(connection, "foreign_keys", "ON")?;
    pragma(connection, "trusted_schema", "OFF")?;
    pragma(connection, "cell_size_check", "ON")?;
    pragma(connection, "temp_store", "MEMORY")?;
    // What was forgotten is overwritten where that costs no extra write.
    pragma(connection, "secure_delete", "FAST")?;
    pragma(connection, "journal_size_limit", &LOG_KEEP_BYTES.to_string())?;
    checkpoint_after(connection, None)?;
    if let Some(pages) = options.max_pages {
        pragma(connection, "max_page_count", &pages.to_string())?;
    }
    Ok(())
}

pub(super) fn set_journal(connection: &Connection, journal: Journal) -> Result<(), StoreError> {
    // TRUNCATE: the browser's file pool keeps a fixed set of files, and emptying one costs no directory write.
    let wanted = match journal {
        Journal::Wal => "wal",
        Journal::Rollback => "truncate",
    };
    let mut statement = connection.prepare(&format!("PRAGMA journal_mode={wanted}"))?;
    let mut rows = statement.query([])?;
    let mode: String = rows.next()?.ok_or(StoreError::Unopenable)?.get(0)?;
    // To its end: the change is committed behind the row that tells of it, and a disk that fails there would otherwise leave a
    // rollback journal, under which a power cut can take back what was shown.
    while rows.next()?.is_some() {}
    if mode.eq_ignore_ascii_case(wanted) { Ok(()) } else { Err(StoreError::Unopenable) }
}

/// Sets a pragma that may answer with a row.
fn pragma(connection: &Connection, name: &str, value: &str) -> Result<(), StoreError> {
    let mut statement = connection.prepare(&format!("PRAGMA {name}={value}"))?;
    let mut rows = statement.query([])?;
    rows.next()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::fs;

    use super::super::testing::{Desk, doc, own};
    use super::*;

    /// Everything in the directory, byte for byte.
    fn files(desk: &Desk) -> BTreeMap<std::path::PathBuf, Vec<u8>> {
        let directory = desk.path.parent().unwrap();
        let entries = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
        entries.map(|path| (path.clone(), fs::read(path).unwrap())).collect()
    }

    #[track_caller]
    fn refused_untouched(desk: &Desk, expected: &StoreError) {
        let before = files(desk);
        for journal in [Journal::Wal, Journal::Rollback] {
            let error = Store::open(&desk.path, Options { journal, ..Options::default() }).unwrap_err();
            assert_eq!(&error, expected);
            assert!(files(desk) == before, "the refused file was touched");
        }
    }

    /// What a store in another process would be told: this program's test binary, run again on the same file.
    fn from_another_process(desk: &Desk, journal: Journal) -> StoreError {
        let child = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "store::open::tests::in_another_process", "--nocapture"])
            .env("DOORSTEP_TEST_STORE", &desk.path)
            .env("DOORSTEP_TEST_JOURNAL", format!("{journal:?}"))
            .output()
            .unwrap();
        let said = String::from_utf8(child.stdout).unwrap();
        assert!(said.contains("told: "), "{said}");
        if said.contains("told: Err(Busy)") { StoreError::Busy } else { StoreError::Disk }
    }

    /// Only does something when [`from_another_process`] runs it.
    #[test]
    fn in_another_process() {
        if let Some(path) = std::env::var_os("DOORSTEP_TEST_STORE") {
            let journal =
                if std::env::var("DOORSTEP_TEST_JOURNAL").unwrap() == "Wal" { Journal::Wal } else { Journal::Rollback };
            println!("told: {:?}", Store::open(Path::new(&path), Options { journal, ..Options::default() }));
        }
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_may_read_the_file() {
        use std::os::unix::fs::PermissionsExt;

        let desk = Desk::new();
        let mut store = desk.open();
        desk.tap(&mut store, 1, 1);
        for path in [desk.path.clone(), desk.path.with_extension("db-wal")] {
            assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }

    fn with_content() -> Desk {
        let desk = Desk::new();
        let mut store = desk.open();
        desk.pull(&mut store, 1, &vec![7; 100_000]);
        desk.tap(&mut store, 1, 1);
        drop(store);
        desk
    }

    #[test]
    fn a_newer_store_is_refused_and_left_untouched() {
        let desk = with_content();
        Connection::open(&desk.path).unwrap().pragma_update(None, "user_version", VERSION + 1).unwrap();
        refused_untouched(&desk, &StoreError::Newer { found: VERSION + 1, known: VERSION });
    }

    #[test]
    fn a_newer_version_that_stands_only_in_the_log_is_refused_and_left_untouched() {
        let desk = with_content();
        let newer = Connection::open(&desk.path).unwrap();
        newer.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true).unwrap();
        newer.pragma_update(None, "user_version", VERSION + 7).unwrap();
        drop(newer);
        assert_eq!(header::look(&desk.path), Ok(Found::Plain));
        refused_untouched(&desk, &StoreError::Newer { found: VERSION + 7, known: VERSION });
    }

    #[test]
    fn garbage_is_refused_and_left_untouched() {
        for content in [&b"not a database, but somebody's letter"[..], &[0xa5; 9_000], &[0; 4_096]] {
            let desk = Desk::new();
            fs::write(&desk.path, content).unwrap();
            refused_untouched(&desk, &StoreError::Damaged { what: "not a database" });
        }
    }

    #[test]
    fn another_programs_database_is_refused_and_left_untouched() {
        let desk = Desk::new();
        Connection::open(&desk.path).unwrap().execute_batch("CREATE TABLE notes (text); PRAGMA user_version = 1").unwrap();
        refused_untouched(&desk, &StoreError::Foreign);
    }

    #[test]
    fn a_truncated_file_is_refused_and_left_untouched() {
        let desk = with_content();
        let whole = fs::read(&desk.path).unwrap();
        for keep in [whole.len() - 4_096, whole.len() / 2, 4_096, 5_000] {
            fs::write(&desk.path, &whole[..keep]).unwrap();
            refused_untouched(&desk, &StoreError::Damaged { what: "structure" });
        }
        fs::write(&desk.path, &whole[..60]).unwrap();
        refused_untouched(&desk, &StoreError::Damaged { what: "not a database" });
    }

    #[test]
    fn a_log_whose_file_is_gone_is_refused_and_left_untouched() {
        let desk = with_content();
        fs::write(&desk.path, b"").unwrap();
        fs::write(desk.path.with_extension("db-wal"), b"the only copy of the last taps").unwrap();
        refused_untouched(&desk, &StoreError::Damaged { what: "log without its file" });
    }

    #[test]
    fn a_first_page_that_a_cut_left_garbled_is_read_from_the_log() {
        let desk = Desk::new();
        let mut store = desk.open();
        desk.pull(&mut store, 1, &vec![7; 100_000]);
        // As the disk is when the power goes while the log is moved into the file.
        let dead = Desk::new();
        fs::copy(files::beside(&desk.path, "-wal"), files::beside(&dead.path, "-wal")).unwrap();
        let mut bytes = fs::read(&desk.path).unwrap();
        bytes[..512].fill(0xee);
        fs::write(&dead.path, bytes).unwrap();
        let found = dead.open();
        found.check().unwrap();
        assert_eq!(found.document(&doc(1)).unwrap().unwrap().bytes, vec![7; 100_000]);
    }

    #[test]
    fn a_store_with_a_table_missing_is_refused_and_left_untouched() {
        let desk = with_content();
        Connection::open(&desk.path).unwrap().execute_batch("DROP TABLE sent").unwrap();
        refused_untouched(&desk, &StoreError::Damaged { what: "schema" });
    }

    #[test]
    fn damage_in_the_middle_is_found_by_the_full_check() {
        let desk = with_content();
        desk.open().check().unwrap();
        let mut bytes = fs::read(&desk.path).unwrap();
        let pages = bytes.len() / 4_096;
        // Somewhere behind the tables' roots, where the quick check does not look.
        let found = (2..pages).rev().any(|page| {
            let sound = bytes.clone();
            bytes[page * 4_096..(page + 1) * 4_096].fill(0xee);
            fs::write(&desk.path, &bytes).unwrap();
            let verdict = Store::open(&desk.path, Options::default()).map(|store| store.check());
            bytes = sound;
            matches!(verdict, Ok(Err(StoreError::Damaged { .. })))
        });
        assert!(found);
    }

    #[test]
    fn a_second_store_on_the_file_is_told_that_it_is_in_use() {
        for journal in [Journal::Wal, Journal::Rollback] {
            let desk = Desk::new();
            let options = || Options { journal, ..Options::default() };
            // Making a store writes, and writing locks: what counts is one that was there before.
            drop(desk.open_with(options()));
            let mut first = desk.open_with(options());
            assert_eq!(from_another_process(&desk, journal), StoreError::Busy, "{journal:?}");
            assert_eq!(Store::open(&desk.path, options()).unwrap_err(), StoreError::Busy);
            assert_eq!(from_another_process(&desk, journal), StoreError::Busy, "the second one unlocked the first");
            desk.tap(&mut first, 1, 1);
            drop(first);
            let second = desk.open_with(options());
            assert_eq!(second.unsent_of(&doc(1)).unwrap().len(), 1);
        }
    }

    #[test]
    fn a_store_can_change_its_journal() {
        let desk = with_content();
        for journal in [Journal::Rollback, Journal::Wal] {
            let store = desk.open_with(Options { journal, ..Options::default() });
            assert!(store.document(&doc(1)).unwrap().unwrap().bytes.ends_with(&own(1, 1).bytes));
        }
    }

    #[test]
    fn a_store_that_cannot_be_made_says_so() {
        let desk = Desk::new();
        let nowhere = desk.path.join("under").join("nothing");
        assert_eq!(Store::open(&nowhere, Options::default()).unwrap_err(), StoreError::Unopenable);
        assert_eq!(Store::open(desk.path.parent().unwrap(), Options::default()).unwrap_err(), StoreError::Unopenable);
    }

    #[test]
    fn a_store_can_move_to_another_thread() {
        fn can_move<T: Send>() {}
        can_move::<Store>();
    }

    #[test]
    fn an_empty_file_becomes_a_store() {
        let desk = Desk::new();
        fs::write(&desk.path, b"").unwrap();
        desk.open().check().unwrap();
    }

    #[test]
    fn commits_are_durable_and_taps_leave_the_log_alone() {
        let desk = Desk::new();
        let store = desk.open();
        let number =
            |name: &str| -> i64 { store.connection.query_row(&format!("PRAGMA {name}"), [], |row| row.get(0)).unwrap() };
        assert_eq!(number("synchronous"), 2, "FULL");
        assert_eq!(number("foreign_keys"), 1);
        assert_eq!(number("wal_autocheckpoint"), i64::from(TAP_CHECKPOINT_PAGES));
        assert_eq!(number("application_id"), i64::from(APPLICATION_ID));
    }
}
