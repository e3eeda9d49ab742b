//! Where the bytes of attachments lie: whole ones in an object store under their digest, coming ones in a folder of this
//! computer. Bytes and names; who may have them, and whether they are what they should be, is asked elsewhere.
//!
//! A name is a digest, written by this program: no path of anybody's reaches a file system. What [`Blobs::keep`] returned
//! from is durable: the local folder is told to fsync each file and its folder.

pub mod s3;

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use doorstep_core::id::{DeviceId, Digest};
use object_store::local::LocalFileSystem;
use object_store::path::Path as Key;
use object_store::{ObjectStore, ObjectStoreExt as _, PutPayload};
use sha2::{Digest as _, Sha256};
use tokio::runtime::Handle;

/// The folder of whole ones in the data directory.
pub const FOLDER: &str = "blobs";
/// The folder of coming ones in the data directory.
const COMING: &str = "uploads";
/// Bytes handed to the object store at once: the smallest part that S3 takes, and all that is in memory of a film.
const PART_BYTES: usize = 5 << 20;
/// Bytes of which each has a sum of its own: a part can be held against it without reading the whole.
pub(crate) const SUMMED: usize = 256 << 10;

/// Why bytes could not be kept or read. The cause goes to the log.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    /// No room.
    #[error("there is no room for it")]
    Full,
    /// It isn't there.
    #[error("it is not there")]
    Missing,
    /// The object store or the system failed.
    #[error("{0}")]
    Failed(String),
}

impl From<io::Error> for BlobError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full,
            io::ErrorKind::NotFound => Self::Missing,
            kind => Self::Failed(kind.to_string()),
        }
    }
}

impl From<object_store::Error> for BlobError {
    fn from(error: object_store::Error) -> Self {
        match error {
            object_store::Error::NotFound { .. } => Self::Missing,
            // Its texts name keys and hosts, which are the operator's own.
            other => Self::Failed(other.to_string()),
        }
    }
}

/// What bytes were found to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Weighed {
    /// SHA-256 of the whole.
    pub(crate) digest: Digest,
    /// Its beginning.
    pub(crate) beginning: Vec<u8>,
    /// SHA-256 of each [`SUMMED`] bytes, the last shorter, in a row.
    pub(crate) sums: Vec<u8>,
}

/// Makes it out, a piece after another.
struct Weighing {
    hash: Sha256,
    beginning: Vec<u8>,
    most: usize,
    sums: Vec<u8>,
}

impl Weighing {
    fn new(most: usize) -> Self {
        Self { hash: Sha256::new(), beginning: Vec::new(), most, sums: Vec::new() }
    }

    fn piece(&mut self, piece: &[u8]) {
        self.hash.update(piece);
        self.sums.extend_from_slice(&Sha256::digest(piece));
        self.beginning.extend(piece.iter().take(self.most.saturating_sub(self.beginning.len())));
    }

    fn weighed(self) -> Weighed {
        Weighed { digest: Digest::from_bytes(self.hash.finalize().into()), beginning: self.beginning, sums: self.sums }
    }
}

/// Whether these bytes, from piece number `first` on, are what the sums say. The last piece may end with the whole.
pub(crate) fn is_summed(sums: &[u8], first: usize, bytes: &[u8]) -> bool {
    let mut sums = sums.chunks(Sha256::output_size()).skip(first);
    bytes.chunks(SUMMED).all(|piece| sums.next().is_some_and(|sum| sum == Sha256::digest(piece).as_slice()))
}

/// Where whole ones lie.
#[derive(Clone)]
enum Whole {
    Folder(PathBuf),
    Store(Arc<dyn ObjectStore>),
}

/// The blobs. Cheap to clone.
#[derive(Clone)]
pub struct Blobs {
    whole: Whole,
    coming: PathBuf,
}

impl Blobs {
    /// In the data directory, both kinds. Folders are made once something is kept.
    pub fn local(data: &Path) -> Self {
        Self { whole: Whole::Folder(data.join(FOLDER)), coming: data.join(COMING) }
    }

    /// Whole ones in this object store, coming ones in the data directory.
    pub fn over(whole: Arc<dyn ObjectStore>, data: &Path) -> Self {
        Self { whole: Whole::Store(whole), coming: data.join(COMING) }
    }

    fn whole(&self) -> Result<Arc<dyn ObjectStore>, BlobError> {
        match &self.whole {
            Whole::Store(store) => Ok(Arc::clone(store)),
            Whole::Folder(folder) => {
                fs::create_dir_all(folder)?;
                // Without fsync a power cut loses what a phone was told is safe, and has perhaps let go of.
                Ok(Arc::new(LocalFileSystem::new_with_prefix(folder)?.with_fsync(true)))
            }
        }
    }

    /// Whether the whole ones can be asked for: none has this name.
    pub(crate) fn reach(&self) -> Result<(), BlobError> {
        self.has(&Digest::from_bytes([0; 32]), 0).map(drop)
    }

    /// Whether it is there with this length.
    pub(crate) fn has(&self, digest: &Digest, length: u64) -> Result<bool, BlobError> {
        let whole = self.whole()?;
        match wait(async move { whole.head(&key(digest)).await })? {
            Ok(found) => Ok(found.size == length),
            Err(object_store::Error::NotFound { .. }) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// A part of it.
    pub(crate) fn read(&self, digest: &Digest, from: u64, to: u64) -> Result<Vec<u8>, BlobError> {
        let whole = self.whole()?;
        Ok(wait(async move { whole.get_range(&key(digest), from..to).await })??.to_vec())
    }

    /// Writes a piece of what comes from a device behind so many bytes of it, and cuts off whatever lay there; durable when
    /// this returns.
    pub(crate) fn append(&self, digest: &Digest, device: &DeviceId, at: u64, bytes: &[u8]) -> Result<(), BlobError> {
        fs::create_dir_all(&self.coming)?;
        let path = self.coming_path(digest, device);
        let mut file = OpenOptions::new().write(true).create(true).truncate(false).open(&path)?;
        if file.metadata()?.len() < at {
            return Err(BlobError::Missing);
        }
        file.set_len(at)?;
        file.seek(SeekFrom::Start(at))?;
        file.write_all(bytes)?;
        file.sync_all()?;
        // With the first piece, whoever made the file: a kill may have come between its making and this.
        if at == 0 {
            sync_folder(&self.coming)?;
        }
        Ok(())
    }

    /// Bytes of what comes from a device that are in its file.
    pub(crate) fn coming(&self, digest: &Digest, device: &DeviceId) -> u64 {
        fs::metadata(self.coming_path(digest, device)).map_or(0, |found| found.len())
    }

    /// What the first so many bytes of what came from a device are, and their beginning.
    pub(crate) fn weigh(
        &self,
        digest: &Digest,
        device: &DeviceId,
        length: u64,
        beginning: usize,
    ) -> Result<Weighed, BlobError> {
        let mut file = File::open(self.coming_path(digest, device))?.take(length);
        let mut weighing = Weighing::new(beginning);
        loop {
            let mut piece = Vec::new();
            file.by_ref().take(SUMMED as u64).read_to_end(&mut piece)?;
            if piece.is_empty() {
                return Ok(weighing.weighed());
            }
            weighing.piece(&piece);
        }
    }

    /// What the whole one of this name is by now.
    pub(crate) fn weigh_whole(&self, digest: &Digest, length: u64) -> Result<Weighed, BlobError> {
        if !self.has(digest, length)? {
            return Err(BlobError::Missing);
        }
        let mut weighing = Weighing::new(0);
        let mut from = 0;
        while from < length {
            let to = (from + SUMMED as u64).min(length);
            weighing.piece(&self.read(digest, from, to)?);
            from = to;
        }
        Ok(weighing.weighed())
    }

    /// Puts what came from a device among the whole ones; durable when this returns. The file it came in stays.
    pub(crate) fn keep(&self, digest: &Digest, device: &DeviceId, length: u64) -> Result<(), BlobError> {
        let mut file = File::open(self.coming_path(digest, device))?.take(length);
        let mut next = move || -> Result<Vec<u8>, BlobError> {
            let mut part = Vec::new();
            file.by_ref().take(PART_BYTES as u64).read_to_end(&mut part)?;
            Ok(part)
        };
        let whole = self.whole()?;
        let key = key(digest);
        let kept: Result<(), BlobError> = wait(async move {
            let first = next()?;
            if (first.len() as u64) == length {
                whole.put(&key, PutPayload::from(first)).await?;
                return Ok(());
            }
            let mut upload = whole.put_multipart(&key).await?;
            let mut part = first;
            while !part.is_empty() {
                if let Err(error) = upload.put_part(PutPayload::from(part)).await {
                    // What is left of it is the object store's to sweep if even this fails.
                    let _ = upload.abort().await;
                    return Err(error.into());
                }
                part = next()?;
            }
            upload.complete().await?;
            Ok(())
        })?;
        kept?;
        // The object store makes durable what it makes; the folder that it was given is ours.
        if let Whole::Folder(folder) = &self.whole {
            sync_folder(folder)?;
        }
        Ok(())
    }

    /// Nothing more comes of it from this device.
    pub(crate) fn discard(&self, digest: &Digest, device: &DeviceId) {
        // What can't be removed is overwritten by the next upload of the same, and swept with the folder otherwise.
        let _ = fs::remove_file(self.coming_path(digest, device));
    }

    fn coming_path(&self, digest: &Digest, device: &DeviceId) -> PathBuf {
        self.coming.join(format!("{digest}-{device}"))
    }
}

/// Under the first two digits, so that no folder grows without end.
fn key(digest: &Digest) -> Key {
    let name = digest.to_string();
    Key::from(format!("{}/{name}", name.get(..2).unwrap_or_default()))
}

/// Waits for the object store on a thread that may wait: requests are worked on off the threads that serve sockets.
fn wait<T>(work: impl Future<Output = T>) -> Result<T, BlobError> {
    let handle = Handle::try_current().map_err(|_| BlobError::Failed("outside the server".into()))?;
    Ok(handle.block_on(work))
}

/// A name is durable once its folder is, and that once its own name is: the first attachment makes it.
fn sync_folder(folder: &Path) -> io::Result<()> {
    #[cfg(unix)]
    for folder in [Some(folder), folder.parent()].into_iter().flatten() {
        File::open(folder)?.sync_all()?;
    }
    #[cfg(not(unix))]
    let _ = folder;
    Ok(())
}

#[cfg(test)]
mod tests {
    use object_store::memory::InMemory;

    use super::*;

    const DEVICE: DeviceId = DeviceId::from_bytes([3; 16]);

    fn bytes(length: usize) -> Vec<u8> {
        (0..length).map(|at| u8::try_from(at * 31 % 251).unwrap()).collect()
    }

    /// On a thread that may wait, as requests are worked on.
    fn on_a_server<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        runtime.block_on(async { tokio::task::spawn_blocking(work).await.unwrap() })
    }

    #[test]
    fn what_is_kept_is_given_back_in_parts_by_a_folder_and_by_another_kind_of_store() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().to_owned();
        on_a_server(move || {
            for blobs in [Blobs::local(&path), Blobs::over(Arc::new(InMemory::new()), &path)] {
                // In one put, and in several parts.
                for length in [1, PART_BYTES, PART_BYTES + 1, 2 * PART_BYTES + 9] {
                    let plain = bytes(length);
                    let name = Digest::from_bytes(Sha256::digest(&plain).into());
                    let length = plain.len() as u64;
                    assert!(!blobs.has(&name, length).unwrap());
                    assert!(matches!(blobs.read(&name, 0, 1), Err(BlobError::Missing)));
                    blobs.append(&name, &DEVICE, 0, &plain).unwrap();
                    let weighed = blobs.weigh(&name, &DEVICE, length, 3).unwrap();
                    assert_eq!((weighed.digest, &*weighed.beginning), (name, &plain[..plain.len().min(3)]));
                    blobs.keep(&name, &DEVICE, length).unwrap();
                    assert_eq!(blobs.weigh_whole(&name, length).unwrap(), Weighed { beginning: vec![], ..weighed.clone() });
                    assert!(is_summed(&weighed.sums, 0, &plain));
                    let last = (plain.len() - 1) / SUMMED;
                    assert!(is_summed(&weighed.sums, last, &plain[last * SUMMED..]));
                    assert!(!is_summed(&weighed.sums, last, b"other") && !is_summed(&weighed.sums, last + 1, &plain[..1]));
                    blobs.discard(&name, &DEVICE);
                    assert!(blobs.has(&name, length).unwrap() && !blobs.has(&name, length + 1).unwrap());
                    assert_eq!(blobs.read(&name, length / 2, length).unwrap(), &plain[plain.len() / 2..]);
                }
            }
        });
    }

    #[test]
    fn what_lies_behind_the_count_is_cut_off_and_a_gap_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let blobs = Blobs::local(dir.path());
        let name = Digest::from_bytes([7; 32]);
        blobs.append(&name, &DEVICE, 0, b"first, and what was never acknowledged").unwrap();
        blobs.append(&name, &DEVICE, 5, b" second").unwrap();
        assert_eq!(fs::read(blobs.coming_path(&name, &DEVICE)).unwrap(), b"first second");
        assert!(matches!(blobs.append(&name, &DEVICE, 99, b"x"), Err(BlobError::Missing)));
    }
}
