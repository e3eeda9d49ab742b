//! Storage that fails: a disk below the real SQLite that loses power, tears writes, returns errors and fills up.
//!
//! Nothing of the product or of SQLite is replaced; only the disk is simulated. A transaction runs once on a [`Disk`] that
//! records every write; then, for a cut after each of them and each kind of [`Loss`], the disk that a power cut would have
//! left is opened again by the product. [`rig`] says what must then hold, [`phone`] and [`server`] what is put to the test.
//!
//! The files of attachments, beside the database, lie on the same disk: what the product does to them on its way to the
//! C library is done there too (`files`), so that their writes and SQLite's are cut in one order.
//!
//! Reading order: [`model`] (the disk) → [`loss`] (power cuts) → [`mount`](Mounted) → [`rig`] → [`phone`], [`server`].
//! `ffi` is the door for SQLite.

mod attached;
mod ffi;
mod files;
mod locks;
pub mod loss;
pub mod model;
pub mod phone;
pub mod rig;
pub mod server;

use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use loss::Loss;
pub use model::{Disk, Image, Spell, Trouble};

/// A disk at a folder's path. The product looks at files with the file system too, before it opens them; so what is on
/// the disk when it is mounted lies in the real folder as well.
pub struct Mounted {
    _folder: tempfile::TempDir,
    path: PathBuf,
    disk: Arc<Disk>,
}

impl Mounted {
    /// A disk with this on it; lax ones tell SQLite to be lax ([`Disk::lax`]).
    pub fn new(image: &Image, lax: bool) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        lay_out(folder.path(), image);
        Self::at(folder, image, lax)
    }

    /// The same without files in the real folder: for SQLite alone.
    pub fn bare(image: &Image) -> Self {
        Self::at(tempfile::tempdir().expect("a folder"), image, false)
    }

    fn at(folder: tempfile::TempDir, image: &Image, lax: bool) -> Self {
        let path = folder.path().canonicalize().expect("the folder is there");
        let disk = Disk::new(image, lax);
        let mounted = Self { _folder: folder, path, disk };
        ffi::mount(&mounted.path, Some(Arc::clone(&mounted.disk)));
        mounted
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The disk.
    pub fn disk(&self) -> &Disk {
        &self.disk
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        ffi::mount(&self.path, None);
    }
}

/// The image as real files.
fn lay_out(folder: &Path, image: &Image) {
    // A folder's name comes before those of what is in it.
    for (name, content) in &image.0 {
        if name.ends_with('/') {
            std::fs::create_dir(folder.join(name)).expect("room for a folder");
        } else {
            std::fs::write(folder.join(name), content.as_slice()).expect("room for a copy");
        }
    }
}
