//! Storage that fails: a disk below the real SQLite that loses power, tears writes, returns errors and fills up.
//!
//! Nothing of the product or of SQLite is replaced; only the disk is simulated. A transaction runs once on a [`Disk`] that
//! records every write; then, for a cut after each of them and each kind of [`Loss`], the disk that a power cut would have
//! left is opened again by the product. [`rig`] says what must then hold, [`phone`] and [`server`] what is put to the test.
//!
//! Reading order: [`model`] (the disk) → [`loss`] (power cuts) → [`mount`](Mounted) → [`rig`] → [`phone`], [`server`].
//! `ffi` is the door for SQLite.

mod ffi;
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
    folder: tempfile::TempDir,
    path: PathBuf,
    disk: Arc<Disk>,
}

impl Mounted {
    /// A disk with this on it; lax ones tell SQLite to be lax ([`Disk::lax`]).
    pub fn new(image: &Image, lax: bool) -> Self {
        let mounted = Self::with(image, lax);
        mounted.lay_out(image);
        mounted
    }

    /// The same without files in the real folder: for SQLite alone.
    pub fn bare(image: &Image) -> Self {
        Self::with(image, false)
    }

    fn with(image: &Image, lax: bool) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().canonicalize().expect("the folder is there");
        let disk = Disk::new(image, lax);
        let mounted = Self { folder, path, disk };
        ffi::mount(&mounted.path, Some(Arc::clone(&mounted.disk)));
        mounted
    }

    fn lay_out(&self, image: &Image) {
        for (name, content) in &image.0 {
            std::fs::write(self.folder.path().join(name), content.as_slice()).expect("room for a copy");
        }
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
