//! SQLite's door to the disk: a VFS, registered as the default one, below the real library; and the door for files beside a
//! database, which are the C library's functions under their own names. The project's one place with unsafe code, because
//! both interfaces are C.
//!
//! A path in a folder where a [`Disk`] is mounted goes to that disk; every other goes on to the operating system's own VFS,
//! untouched. Nothing in here decides anything: pointers come in, calls of [`Disk`] go out.
#![allow(unsafe_code, reason = "SQLite and the standard library call C through pointers; nothing else in the workspace may")]

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
    let mut mounted = mounted();
    match disk {
        Some(disk) => mounted.insert(folder.to_owned(), disk),
        None => mounted.remove(folder),
    };
    #[cfg(target_os = "linux")]
    below::WATCHED.store(mounted.len(), Ordering::SeqCst);
}

/// The disk above this path, and the path below its mount.
pub(super) fn above(path: &Path) -> Option<(Arc<Disk>, PathBuf)> {
    let mounted = mounted();
    path.ancestors().find_map(|folder| {
        let disk = mounted.get(folder)?;
        Some((Arc::clone(disk), path.strip_prefix(folder).ok()?.to_owned()))
    })
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

/// The C library's functions for files, under their own names in this program: the standard library calls them here. Each does
/// to a mounted disk what it is asked, fails if that fails, and goes on to the real one. While nothing is mounted, only that.
#[cfg(target_os = "linux")]
mod below {
    use std::ffi::{CStr, OsStr, c_char, c_int, c_uint, c_void};
    use std::os::unix::ffi::OsStrExt as _;
    use std::path::{Path, PathBuf};
    use std::sync::atomic::{AtomicPtr, AtomicUsize, Ordering};

    use super::super::files;
    use super::Trouble;

    /// Folders that are mounted.
    pub(super) static WATCHED: AtomicUsize = AtomicUsize::new(0);
    /// Flags of `open`: make it, and empty it.
    const CREATE: c_int = 0o100;
    const EMPTY: c_int = 0o1000;
    /// The operation failed, the disk is full.
    const EIO: c_int = 5;
    const ENOSPC: c_int = 28;

    unsafe extern "C" {
        fn dlsym(handle: *mut c_void, symbol: *const c_char) -> *mut c_void;
        fn lseek64(file: c_int, offset: i64, whence: c_int) -> i64;
        fn __errno_location() -> *mut c_int;
    }

    /// The real function of this name: the next one behind this program's own.
    fn real(known: &AtomicPtr<c_void>, name: &CStr) -> *mut c_void {
        let found = known.load(Ordering::Relaxed);
        if !found.is_null() {
            return found;
        }
        // SAFETY: the name ends with a zero; -1 asks for the next library that has it, and the C library does.
        let found = unsafe { dlsym(std::ptr::without_provenance_mut(usize::MAX), name.as_ptr()) };
        known.store(found, Ordering::Relaxed);
        found
    }

    fn watched() -> bool {
        WATCHED.load(Ordering::Relaxed) > 0
    }

    /// The file behind a descriptor.
    fn of(file: c_int) -> Option<PathBuf> {
        if watched() { std::fs::read_link(format!("/proc/self/fd/{file}")).ok() } else { None }
    }

    /// SAFETY: `name` ends with a zero.
    unsafe fn path<'a>(name: *const c_char) -> Option<&'a Path> {
        // SAFETY: the caller's.
        let name = unsafe { CStr::from_ptr(name) };
        if watched() { Some(Path::new(OsStr::from_bytes(name.to_bytes()))) } else { None }
    }

    fn failed(trouble: Trouble) -> c_int {
        // SAFETY: the C library's own place for this thread.
        unsafe { *__errno_location() = if trouble == Trouble::Full { ENOSPC } else { EIO } };
        -1
    }

    /// Calls the real function of this name and type.
    macro_rules! real {
        ($name:literal as $kind:ty, $($argument:expr),*) => {{
            static REAL: AtomicPtr<c_void> = AtomicPtr::new(std::ptr::null_mut());
            // SAFETY: it is the C library's function of this name, which has this type; the arguments go on as they came.
            unsafe { std::mem::transmute::<*mut c_void, $kind>(real(&REAL, $name))($($argument),*) }
        }};
    }

    #[unsafe(export_name = "open64")]
    unsafe extern "C" fn open(name: *const c_char, flags: c_int, mode: c_uint) -> c_int {
        let opened = real!(c"open64" as unsafe extern "C" fn(*const c_char, c_int, c_uint) -> c_int, name, flags, mode);
        // SAFETY: whoever opens a file gives a name that ends with a zero.
        if opened >= 0
            && let Some(place) = unsafe { path(name) }.and_then(files::file)
        {
            let _ = files::opened(&place, flags & CREATE != 0, flags & EMPTY != 0);
        }
        opened
    }

    #[unsafe(export_name = "write")]
    unsafe extern "C" fn write(file: c_int, bytes: *const c_void, count: usize) -> isize {
        if let Some(place) = of(file).as_deref().and_then(files::file) {
            // SAFETY: the caller's buffer has so many bytes; the descriptor is open.
            let (at, bytes) = unsafe { (lseek64(file, 0, 1), std::slice::from_raw_parts(bytes.cast::<u8>(), count)) };
            if let Err(trouble) = files::write(&place, super::offset(at), bytes) {
                return failed(trouble) as isize;
            }
        }
        real!(c"write" as unsafe extern "C" fn(c_int, *const c_void, usize) -> isize, file, bytes, count)
    }

    #[unsafe(export_name = "ftruncate64")]
    unsafe extern "C" fn truncate(file: c_int, length: i64) -> c_int {
        if let Some(place) = of(file).as_deref().and_then(files::file)
            && let Err(trouble) = files::resize(&place, super::offset(length))
        {
            return failed(trouble);
        }
        real!(c"ftruncate64" as unsafe extern "C" fn(c_int, i64) -> c_int, file, length)
    }

    #[unsafe(export_name = "fsync")]
    unsafe extern "C" fn sync(file: c_int) -> c_int {
        if let Some(path) = of(file)
            && let Err(trouble) = files::sync(&path)
        {
            return failed(trouble);
        }
        // To the simulated disk it is durable now; the real one need not turn.
        if watched() { 0 } else { real!(c"fsync" as unsafe extern "C" fn(c_int) -> c_int, file) }
    }

    #[unsafe(export_name = "mkdir")]
    unsafe extern "C" fn make_folder(name: *const c_char, mode: c_uint) -> c_int {
        let made = real!(c"mkdir" as unsafe extern "C" fn(*const c_char, c_uint) -> c_int, name, mode);
        // SAFETY: as above.
        if made == 0
            && let Some(path) = unsafe { path(name) }
        {
            files::folder_made(path);
        }
        made
    }

    #[unsafe(export_name = "rename")]
    unsafe extern "C" fn rename(from: *const c_char, to: *const c_char) -> c_int {
        let renamed = real!(c"rename" as unsafe extern "C" fn(*const c_char, *const c_char) -> c_int, from, to);
        // SAFETY: as above.
        if renamed == 0
            && let (Some(from), Some(to)) = unsafe { (path(from), path(to)) }
        {
            files::renamed(from, to);
        }
        renamed
    }

    #[unsafe(export_name = "unlink")]
    unsafe extern "C" fn remove(name: *const c_char) -> c_int {
        let removed = real!(c"unlink" as unsafe extern "C" fn(*const c_char) -> c_int, name);
        // SAFETY: as above.
        if removed == 0
            && let Some(path) = unsafe { path(name) }
        {
            files::removed(path);
        }
        removed
    }
}
