//! The files beside a database, as the product and what it is built on really handle them: each open, write, sync, rename and
//! removal that reaches the C library for a file in a folder of a mounted disk is done there too, in its order.
//!
//! Only files in folders below the mount: the database's own are SQLite's, which comes by its own door. A folder stands on
//! the disk as a name with a slash at its end. Reading goes to the real file system. Knows no pointer ([`super::ffi`]).

use std::path::Path;
use std::sync::Arc;

use super::ffi;
use super::model::{Disk, Trouble};

/// A file or folder on a disk.
pub(super) struct Place {
    disk: Arc<Disk>,
    name: String,
}

/// Where this path lies, if on a disk: with its name below the mount, empty for the mount itself.
fn below(path: &Path) -> Option<Place> {
    let (disk, name) = ffi::above(path)?;
    Some(Place { disk, name: name.to_str()?.to_owned() })
}

/// The same for a file in a folder of a disk.
pub(super) fn file(path: &Path) -> Option<Place> {
    below(path).filter(|place| place.name.contains('/'))
}

/// A file was opened: made, if it was not there; emptied, if so it was asked.
pub(super) fn opened(place: &Place, create: bool, empty: bool) -> Result<(), Trouble> {
    let Some((number, _)) = place.disk.open(&place.name, create) else { return Ok(()) };
    if empty && place.disk.length(number) > 0 { place.disk.resize(number, 0) } else { Ok(()) }
}

/// Bytes go into it.
pub(super) fn write(place: &Place, at: usize, bytes: &[u8]) -> Result<(), Trouble> {
    place.disk.open(&place.name, false).map_or(Ok(()), |(number, _)| place.disk.write(number, at, bytes))
}

/// It gets this length.
pub(super) fn resize(place: &Place, length: usize) -> Result<(), Trouble> {
    place.disk.open(&place.name, false).map_or(Ok(()), |(number, _)| place.disk.resize(number, length))
}

/// A file's content, or a folder's names, are to be durable.
pub(super) fn sync(path: &Path) -> Result<(), Trouble> {
    let Some(place) = below(path) else { return Ok(()) };
    if path.is_dir() {
        let folder = if place.name.is_empty() { String::new() } else { format!("{}/", place.name) };
        return place.disk.sync_folder(folder);
    }
    place.disk.open(&place.name, false).map_or(Ok(()), |(number, _)| place.disk.sync(number, false))
}

/// A folder was made.
pub(super) fn folder_made(path: &Path) {
    if let Some(place) = below(path) {
        place.disk.open(&format!("{}/", place.name), true);
    }
}

/// A file got another name.
pub(super) fn renamed(from: &Path, to: &Path) {
    if let (Some(from), Some(to)) = (file(from), file(to)) {
        from.disk.rename(&from.name, &to.name);
    }
}

/// A file went.
pub(super) fn removed(path: &Path) {
    if let Some(place) = file(path) {
        place.disk.delete(&place.name, false);
    }
}
