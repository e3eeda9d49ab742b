//! SQLite's door to the disk: a VFS, registered as the default one, below the real library. The project's one place with
//! unsafe code, because SQLite's interface for this is C.
//!
//! A path in a folder where a [`Disk`] is mounted goes to that disk; every other goes on to the operating system's own VFS,
//! untouched. Nothing in here decides anything: pointers come in, calls of [`Disk`] go out.
#![allow(unsafe_code, reason = "SQLite calls a VFS through C pointers; nothing else in the workspace may")]

use std::collections::BTreeMap;
use std::ffi::{CStr, c_char, c_int, c_void};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicPtr, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, Once, PoisonError};

use doorstep_core::environment::Entropy as _;
use rusqlite::ffi::{self as sqlite, sqlite3_file, sqlite3_io_methods, sqlite3_vfs};

use super::locks::SHARED;
use super::model::{Disk, Number, Trouble};
use crate::seed::Seeded;

/// The folders that are disks.
static MOUNTED: Mutex<BTreeMap<PathBuf, Arc<Disk>>> = Mutex::new(BTreeMap::new());
/// The VFS below: the operating system's.
static BELOW: AtomicPtr<sqlite3_vfs> = AtomicPtr::new(std::ptr::null_mut());
/// Draws of SQLite's own randomness, so that a run can be played again.
static DRAWS: AtomicU64 = AtomicU64::new(0);

fn mounted() -> MutexGuard<'static, BTreeMap<PathBuf, Arc<Disk>>> {
    MOUNTED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Mounts a disk at this folder, whose path has no links in it; or takes the one there away.
pub(super) fn mount(folder: &Path, disk: Option<Arc<Disk>>) {
    register();
    match disk {
        Some(disk) => mounted().insert(folder.to_owned(), disk),
        None => mounted().remove(folder),
    };
}

/// A file of ours as SQLite holds it: the base that C knows, then what only we do.
#[repr(C)]
struct Handle {
    base: sqlite3_file,
    open: *mut Open,
}

struct Open {
    disk: Arc<Disk>,
    file: Number,
    handle: u64,
    /// Whether the names become durable with this file, as SQLite's own VFS does for logs and journals.
    folder: bool,
    main: bool,
    in_shared: bool,
    gone_when_closed: Option<String>,
}

static METHODS: sqlite3_io_methods = sqlite3_io_methods {
    iVersion: 2,
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(file_size),
    xLock: Some(lock),
    xUnlock: Some(unlock),
    xCheckReservedLock: Some(reserved),
    xFileControl: Some(control),
    xSectorSize: Some(sector_size),
    xDeviceCharacteristics: Some(characteristics),
    xShmMap: Some(shm_map),
    xShmLock: Some(shm_lock),
    xShmBarrier: Some(shm_barrier),
    xShmUnmap: Some(shm_unmap),
    xFetch: None,
    xUnfetch: None,
};

fn register() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // SAFETY: asks for the default VFS, which lives as long as the process; `register` runs once.
        unsafe {
            sqlite::sqlite3_initialize();
            let below = sqlite::sqlite3_vfs_find(std::ptr::null());
            assert!(!below.is_null(), "SQLite has a VFS");
            BELOW.store(below, Ordering::SeqCst);
            let ours = c_int::try_from(size_of::<Handle>()).expect("a small handle");
            // Everything not named here (time, sleep, loading of libraries) is the operating system's own.
            let vfs = sqlite3_vfs {
                szOsFile: ours.max((*below).szOsFile),
                pNext: std::ptr::null_mut(),
                zName: c"doorstep-disk".as_ptr(),
                xOpen: Some(open),
                xDelete: Some(delete),
                xAccess: Some(access),
                xRandomness: Some(randomness),
                ..std::ptr::read(below)
            };
            let registered = sqlite::sqlite3_vfs_register(Box::leak(Box::new(vfs)), 1);
            assert_eq!(registered, sqlite::SQLITE_OK, "the VFS is registered");
            sqlite::sqlite3_auto_extension(Some(opened));
        }
    });
}

/// The disk that a path lies on, and its name there.
fn place(name: *const c_char) -> Option<(Arc<Disk>, String)> {
    if name.is_null() {
        return None;
    }
    // SAFETY: SQLite's file names end with a zero.
    let path = Path::new(unsafe { CStr::from_ptr(name) }.to_str().ok()?);
    let disk = mounted().get(path.parent()?).map(Arc::clone)?;
    Some((disk, path.file_name()?.to_str()?.to_owned()))
}

unsafe extern "C" fn open(
    _vfs: *mut sqlite3_vfs,
    name: *const c_char,
    file: *mut sqlite3_file,
    flags: c_int,
    out: *mut c_int,
) -> c_int {
    let below = BELOW.load(Ordering::SeqCst);
    let Some((disk, name)) = place(name) else {
        // SAFETY: the VFS below made room for its own file in `szOsFile`, and fills it in itself.
        return unsafe { (*below).xOpen.map_or(sqlite::SQLITE_ERROR, |open| open(below, name, file, flags, out)) };
    };
    let handle = file.cast::<Handle>();
    // SAFETY: SQLite hands in `szOsFile` bytes, at least as many as a `Handle` has.
    unsafe { (*handle).base.pMethods = std::ptr::null() };
    let Some((number, id)) = disk.open(&name, flags & sqlite::SQLITE_OPEN_CREATE != 0) else {
        return sqlite::SQLITE_CANTOPEN;
    };
    let folder = flags & (sqlite::SQLITE_OPEN_WAL | sqlite::SQLITE_OPEN_MAIN_JOURNAL | sqlite::SQLITE_OPEN_SUPER_JOURNAL) != 0;
    let open = Open {
        disk,
        file: number,
        handle: id,
        folder,
        main: flags & sqlite::SQLITE_OPEN_MAIN_DB != 0,
        in_shared: false,
        gone_when_closed: (flags & sqlite::SQLITE_OPEN_DELETEONCLOSE != 0).then_some(name),
    };
    // SAFETY: as above; `close` takes the box back. `out` may be null.
    unsafe {
        (*handle).open = Box::into_raw(Box::new(open));
        (*handle).base.pMethods = &raw const METHODS;
        if !out.is_null() {
            *out = flags;
        }
    }
    sqlite::SQLITE_OK
}

unsafe extern "C" fn delete(_vfs: *mut sqlite3_vfs, name: *const c_char, folder: c_int) -> c_int {
    let below = BELOW.load(Ordering::SeqCst);
    match place(name) {
        // SAFETY: the call goes on as it came.
        None => unsafe { (*below).xDelete.map_or(sqlite::SQLITE_ERROR, |delete| delete(below, name, folder)) },
        Some((disk, name)) if disk.delete(&name, folder != 0) => sqlite::SQLITE_OK,
        Some(_) => sqlite::SQLITE_IOERR_DELETE_NOENT,
    }
}

unsafe extern "C" fn access(_vfs: *mut sqlite3_vfs, name: *const c_char, flags: c_int, out: *mut c_int) -> c_int {
    let below = BELOW.load(Ordering::SeqCst);
    let Some((disk, name)) = place(name) else {
        // SAFETY: the call goes on as it came.
        return unsafe { (*below).xAccess.map_or(sqlite::SQLITE_ERROR, |access| access(below, name, flags, out)) };
    };
    let length = disk.length_of(&name);
    // As the operating system's VFS: an empty file is none.
    let there = if flags == sqlite::SQLITE_ACCESS_EXISTS { length.is_some_and(|length| length > 0) } else { length.is_some() };
    // SAFETY: SQLite gives a place for the answer.
    unsafe { *out = c_int::from(there) };
    sqlite::SQLITE_OK
}

unsafe extern "C" fn randomness(_vfs: *mut sqlite3_vfs, count: c_int, out: *mut c_char) -> c_int {
    let length = usize::try_from(count).unwrap_or(0);
    // SAFETY: SQLite gives room for `count` bytes.
    let bytes = unsafe { std::slice::from_raw_parts_mut(out.cast::<u8>(), length) };
    Seeded::new(DRAWS.fetch_add(1, Ordering::SeqCst), "sqlite").fill(bytes);
    count
}

/// What only we know of a file.
///
/// # Safety
/// `file` was opened by [`open`] and not closed since; SQLite uses a file from one thread at a time.
unsafe fn ours<'a>(file: *mut sqlite3_file) -> &'a mut Open {
    // SAFETY: by the contract above `open` points to a live box that nobody else borrows.
    unsafe { &mut *(*file.cast::<Handle>()).open }
}

const fn code(trouble: Trouble) -> c_int {
    match trouble {
        Trouble::Full => sqlite::SQLITE_FULL,
        Trouble::Write => sqlite::SQLITE_IOERR_WRITE,
        Trouble::Sync => sqlite::SQLITE_IOERR_FSYNC,
        Trouble::Read => sqlite::SQLITE_IOERR_READ,
    }
}

fn done(result: Result<(), Trouble>) -> c_int {
    result.map_or_else(code, |()| sqlite::SQLITE_OK)
}

fn offset(at: i64) -> usize {
    usize::try_from(at).unwrap_or(0)
}

unsafe extern "C" fn close(file: *mut sqlite3_file) -> c_int {
    // SAFETY: the box of `open`, given back once: SQLite does not use a file after closing it.
    let open = unsafe { Box::from_raw((*file.cast::<Handle>()).open) };
    open.disk.locks(open.file, |locks| locks.lower(open.handle, 0));
    if let Some(name) = &open.gone_when_closed {
        open.disk.delete(name, false);
    }
    sqlite::SQLITE_OK
}

unsafe extern "C" fn read(file: *mut sqlite3_file, into: *mut c_void, count: c_int, at: i64) -> c_int {
    // SAFETY: the contract of `ours`; SQLite gives room for `count` bytes.
    let (open, into) = unsafe { (ours(file), std::slice::from_raw_parts_mut(into.cast::<u8>(), offset(count.into()))) };
    match open.disk.read(open.file, offset(at), into) {
        Err(trouble) => code(trouble),
        Ok(count) if count == into.len() => sqlite::SQLITE_OK,
        Ok(count) => {
            into[count..].fill(0);
            sqlite::SQLITE_IOERR_SHORT_READ
        }
    }
}

unsafe extern "C" fn write(file: *mut sqlite3_file, from: *const c_void, count: c_int, at: i64) -> c_int {
    // SAFETY: the contract of `ours`; SQLite gives `count` bytes.
    let (open, bytes) = unsafe { (ours(file), std::slice::from_raw_parts(from.cast::<u8>(), offset(count.into()))) };
    done(open.disk.write(open.file, offset(at), bytes))
}

unsafe extern "C" fn truncate(file: *mut sqlite3_file, length: i64) -> c_int {
    // SAFETY: the contract of `ours`.
    let open = unsafe { ours(file) };
    done(open.disk.resize(open.file, offset(length)))
}

unsafe extern "C" fn sync(file: *mut sqlite3_file, _flags: c_int) -> c_int {
    // SAFETY: the contract of `ours`.
    let open = unsafe { ours(file) };
    let synced = open.disk.sync(open.file, open.folder);
    if synced.is_ok() {
        // Once: a name does not have to be made durable twice.
        open.folder = false;
    }
    done(synced)
}

unsafe extern "C" fn file_size(file: *mut sqlite3_file, out: *mut i64) -> c_int {
    // SAFETY: the contract of `ours`; SQLite gives a place for the answer.
    unsafe {
        let open = ours(file);
        *out = i64::try_from(open.disk.length(open.file)).unwrap_or(i64::MAX);
    }
    sqlite::SQLITE_OK
}

unsafe extern "C" fn lock(file: *mut sqlite3_file, level: c_int) -> c_int {
    // SAFETY: the contract of `ours`.
    let open = unsafe { ours(file) };
    let raised = open.disk.locks(open.file, |locks| locks.raise(open.handle, level));
    if raised { sqlite::SQLITE_OK } else { sqlite::SQLITE_BUSY }
}

unsafe extern "C" fn unlock(file: *mut sqlite3_file, level: c_int) -> c_int {
    // SAFETY: the contract of `ours`.
    let open = unsafe { ours(file) };
    open.disk.locks(open.file, |locks| locks.lower(open.handle, level.min(SHARED)));
    sqlite::SQLITE_OK
}

unsafe extern "C" fn reserved(file: *mut sqlite3_file, out: *mut c_int) -> c_int {
    // SAFETY: the contract of `ours`; SQLite gives a place for the answer.
    unsafe {
        let open = ours(file);
        *out = c_int::from(open.disk.locks(open.file, |locks| locks.reserved()));
    }
    sqlite::SQLITE_OK
}

unsafe extern "C" fn control(file: *mut sqlite3_file, what: c_int, argument: *mut c_void) -> c_int {
    // SAFETY: the contract of `ours`.
    let open = unsafe { ours(file) };
    if what != sqlite::SQLITE_FCNTL_PRAGMA || !open.main || !open.disk.lax {
        return sqlite::SQLITE_NOTFOUND;
    }
    // SAFETY: for this control SQLite gives an array of strings: the answer's place, the name, the value or null.
    let (name, value) = unsafe {
        let words = argument.cast::<*const c_char>();
        (*words.add(1), *words.add(2))
    };
    if name.is_null() || value.is_null() {
        return sqlite::SQLITE_NOTFOUND;
    }
    // SAFETY: they end with a zero.
    let (name, value) = unsafe { (CStr::from_ptr(name), CStr::from_ptr(value)) };
    // A lax disk's database keeps the `NORMAL` of `opened`, whatever the product asks for.
    let strict = name.to_bytes().eq_ignore_ascii_case(b"synchronous") && value.to_bytes().eq_ignore_ascii_case(b"full");
    if strict { sqlite::SQLITE_OK } else { sqlite::SQLITE_NOTFOUND }
}

/// Called for each new connection: on a lax disk it begins with `synchronous=NORMAL`.
unsafe extern "C" fn opened(
    db: *mut sqlite::sqlite3,
    _message: *mut *mut c_char,
    _routines: *const sqlite::sqlite3_api_routines,
) -> c_int {
    // SAFETY: `db` is a connection that was just opened; the name it gives ends with a zero or is null.
    unsafe {
        let name = sqlite::sqlite3_db_filename(db, c"main".as_ptr());
        if place(name).is_some_and(|(disk, _)| disk.lax) {
            let nothing = std::ptr::null_mut();
            sqlite::sqlite3_exec(db, c"PRAGMA synchronous=NORMAL".as_ptr(), None, nothing, std::ptr::null_mut());
        }
    }
    sqlite::SQLITE_OK
}

unsafe extern "C" fn sector_size(_file: *mut sqlite3_file) -> c_int {
    // What SQLite's own VFS says of every file.
    4096
}

unsafe extern "C" fn characteristics(_file: *mut sqlite3_file) -> c_int {
    // The same: bytes beside a write survive a cut.
    sqlite::SQLITE_IOCAP_POWERSAFE_OVERWRITE
}

unsafe extern "C" fn shm_map(file: *mut sqlite3_file, piece: c_int, bytes: c_int, make: c_int, out: *mut *mut c_void) -> c_int {
    // SAFETY: the contract of `ours`.
    let open = unsafe { ours(file) };
    if !open.in_shared {
        open.in_shared = true;
        open.disk.slots(open.file, |slots| slots.enter(open.handle));
    }
    let shared = open.disk.shared(open.file, offset(piece.into()), offset(bytes.into()), make != 0);
    // SAFETY: SQLite gives a place for the answer. The memory is the disk's, which outlives its open files, and is made of
    // atomics, so that several connections may write to it.
    unsafe { *out = shared.map_or(std::ptr::null_mut(), |shared| shared.as_ptr().cast_mut().cast()) };
    sqlite::SQLITE_OK
}

unsafe extern "C" fn shm_lock(file: *mut sqlite3_file, first: c_int, count: c_int, flags: c_int) -> c_int {
    // SAFETY: the contract of `ours`.
    let open = unsafe { ours(file) };
    let bits = (first..first + count).fold(0_u8, |bits, slot| bits | 1 << slot);
    if flags & sqlite::SQLITE_SHM_UNLOCK != 0 {
        open.disk.slots(open.file, |slots| slots.give_back(open.handle, bits));
        return sqlite::SQLITE_OK;
    }
    let exclusive = flags & sqlite::SQLITE_SHM_EXCLUSIVE != 0;
    let taken = open.disk.slots(open.file, |slots| slots.take(open.handle, bits, exclusive));
    if taken { sqlite::SQLITE_OK } else { sqlite::SQLITE_BUSY }
}

unsafe extern "C" fn shm_barrier(_file: *mut sqlite3_file) {
    std::sync::atomic::fence(Ordering::SeqCst);
}

unsafe extern "C" fn shm_unmap(file: *mut sqlite3_file, gone: c_int) -> c_int {
    // SAFETY: the contract of `ours`.
    let open = unsafe { ours(file) };
    open.in_shared = false;
    if open.disk.slots(open.file, |slots| slots.leave(open.handle)) && gone != 0 {
        open.disk.unshare(open.file);
    }
    sqlite::SQLITE_OK
}
