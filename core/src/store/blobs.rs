//! The files beside the database in which attachments lie, sealed. Named by the digest of what is in them, by nothing that
//! anybody typed. Knows no case, no server and no table: what is here and what may go is the database's word
//! (`attachments.rs`).
//!
//! A file takes its name only when it is whole and on the disk. Under other names lie what is being written (`new-…`) and
//! what is being fetched (`….part`); the first is worthless after a kill, the second is gone on with.

use std::collections::HashMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;
use sha2::{Digest as _, Sha256};

use super::StoreError;
use crate::attachment::{
    AttachmentKey, CHUNK, HEADER, Opening, PREFIX, SealError, Sealing, sealed_chunk_at, sealed_length, whole_chunks,
};
use crate::id::Digest;

/// The folder, and the key under which its files are sealed.
#[derive(Debug, Clone)]
pub struct Blobs {
    folder: PathBuf,
    key: AttachmentKey,
}

/// Bytes on the disk that have no name yet. Dropped without one, they are gone.
#[derive(Debug)]
pub struct Written {
    path: PathBuf,
    digest: Digest,
    length: u64,
}

impl Written {
    /// SHA-256 of the plain bytes.
    pub const fn digest(&self) -> Digest {
        self.digest
    }

    /// How many they are.
    pub const fn length(&self) -> u64 {
        self.length
    }
}

impl Drop for Written {
    fn drop(&mut self) {
        // Gone already where it got its name; left over after a kill, it is removed when the store opens.
        let _ = fs::remove_file(&self.path);
    }
}

impl Blobs {
    pub(super) fn beside(database: &Path, key: AttachmentKey) -> Self {
        Self { folder: folder(database), key }
    }

    /// Seals what `source` gives, chunk by chunk, into a new file without a name; it is on the disk when this returns.
    /// None: there are more than `most` bytes. `prefix` must never have been used before.
    pub fn write(&self, source: &mut dyn Read, prefix: [u8; PREFIX], most: u64) -> Result<Option<Written>, StoreError> {
        fs::create_dir_all(&self.folder).map_err(failed)?;
        let path = self.folder.join(format!("new-{}", HEXLOWER.encode(&prefix)));
        let mut file = private().write(true).create_new(true).open(&path).map_err(failed)?;
        let mut written = Written { path, digest: Digest::from_bytes([0; 32]), length: 0 };
        let mut sealing = Sealing::new(&self.key, prefix);
        file.write_all(&sealing.header()).map_err(failed)?;
        let mut hash = Sha256::new();
        let mut chunk = filled(source)?;
        loop {
            written.length += chunk.len() as u64;
            if written.length > most {
                return Ok(None);
            }
            hash.update(&chunk);
            // Only what comes behind it tells whether a chunk is the last.
            let next = if chunk.len() == CHUNK { filled(source)? } else { Vec::new() };
            sealing.chunk(&mut chunk, next.is_empty()).map_err(sealed)?;
            file.write_all(&chunk).map_err(failed)?;
            if next.is_empty() {
                break;
            }
            chunk = next;
        }
        file.sync_all().map_err(failed)?;
        written.digest = Digest::from_bytes(hash.finalize().into());
        Ok(Some(written))
    }

    /// Gives what was written its name; durable when this returns. A file of this name should be the same bytes and may be
    /// damaged; what was written now is known to be sound.
    pub(super) fn name(&self, written: &Written) -> Result<(), StoreError> {
        fs::rename(&written.path, self.path(&written.digest)).map_err(failed)?;
        sync_folder(&self.folder)
    }

    /// Whether the file opens and is what its name says. Reads all of it.
    pub fn is_sound(&self, digest: &Digest, length: u64) -> bool {
        self.copy(digest, length, &mut |_| Ok(())).is_ok()
    }

    /// So many plain bytes from `from` on, fewer at the end. Each chunk is known to be what was written there.
    pub fn read(&self, digest: &Digest, length: u64, from: u64, most: usize) -> Result<Vec<u8>, StoreError> {
        let end = from.saturating_add(most as u64).min(length);
        let mut file = File::open(self.path(digest)).map_err(failed)?;
        let mut plain = self.chunks(&mut file, length, from / CHUNK as u64, end)?;
        plain.drain(..plain.len().min(usize::try_from(from % CHUNK as u64).unwrap_or(0)));
        plain.truncate(usize::try_from(end.saturating_sub(from)).unwrap_or(0));
        Ok(plain)
    }

    /// The chunks from number `first` on, until `end` plain bytes of the file are reached.
    fn chunks(&self, file: &mut File, length: u64, first: u64, end: u64) -> Result<Vec<u8>, StoreError> {
        let mut header = [0; HEADER];
        file.read_exact(&mut header).map_err(failed)?;
        let opening = Opening::new(&self.key, &header, length).map_err(sealed)?;
        let mut plain = Vec::new();
        for number in first.. {
            let Some((at, size)) = sealed_chunk_at(number, length).filter(|_| number * (CHUNK as u64) < end) else { break };
            let mut chunk = vec![0; size];
            file.seek(SeekFrom::Start(at)).map_err(failed)?;
            file.read_exact(&mut chunk).map_err(failed)?;
            opening.chunk(number, &mut chunk).map_err(sealed)?;
            plain.append(&mut chunk);
        }
        Ok(plain)
    }

    /// Gives the whole to `sink`, a chunk at a time, and says at the end whether it had the digest that is its name.
    pub fn copy(&self, digest: &Digest, length: u64, sink: &mut dyn FnMut(&[u8]) -> io::Result<()>) -> Result<(), StoreError> {
        let mut file = File::open(self.path(digest)).map_err(failed)?;
        if self.hash(&mut file, length, sink)? == *digest { Ok(()) } else { Err(StoreError::Sealed) }
    }

    fn hash(&self, file: &mut File, length: u64, sink: &mut dyn FnMut(&[u8]) -> io::Result<()>) -> Result<Digest, StoreError> {
        let mut hash = Sha256::new();
        for number in 0..length.div_ceil(CHUNK as u64) {
            file.rewind().map_err(failed)?;
            let plain = self.chunks(file, length, number, (number + 1) * CHUNK as u64)?;
            hash.update(&plain);
            sink(&plain).map_err(failed)?;
        }
        Ok(Digest::from_bytes(hash.finalize().into()))
    }

    /// Plain bytes of what is being fetched that are here: whole chunks only, for the rest may be cut short.
    pub(super) fn fetched(&self, digest: &Digest, length: u64) -> u64 {
        let sealed = fs::metadata(self.part(digest)).map_or(0, |found| found.len());
        (whole_chunks(sealed) * CHUNK as u64).min(length)
    }

    /// Puts what came behind what was fetched. `from` is a whole number of chunks, and what is here ends there or behind.
    pub(super) fn fetch(
        &self,
        digest: &Digest,
        length: u64,
        from: u64,
        bytes: &[u8],
        prefix: [u8; PREFIX],
    ) -> Result<(), StoreError> {
        if !from.is_multiple_of(CHUNK as u64) || from > self.fetched(digest, length) {
            return Err(StoreError::Record);
        }
        fs::create_dir_all(&self.folder).map_err(failed)?;
        let mut file = private().read(true).write(true).create(true).open(self.part(digest)).map_err(failed)?;
        let mut sealing = if from == 0 {
            let sealing = Sealing::new(&self.key, prefix);
            file.set_len(0).map_err(failed)?;
            file.write_all(&sealing.header()).map_err(failed)?;
            sealing
        } else {
            let mut header = [0; HEADER];
            file.read_exact(&mut header).map_err(failed)?;
            Sealing::resume(&self.key, &header, from / CHUNK as u64).map_err(sealed)?
        };
        let (at, _) = sealed_chunk_at(from / CHUNK as u64, length).ok_or(StoreError::Record)?;
        file.set_len(at).map_err(failed)?;
        file.seek(SeekFrom::Start(at)).map_err(failed)?;
        let mut reached = from;
        for plain in bytes.chunks(CHUNK) {
            reached += plain.len() as u64;
            // A piece of a chunk at the end of what came, but not of the file: it comes again.
            if plain.len() < CHUNK && reached < length {
                break;
            }
            let mut chunk = plain.to_vec();
            sealing.chunk(&mut chunk, reached >= length).map_err(sealed)?;
            file.write_all(&chunk).map_err(failed)?;
        }
        Ok(())
    }

    /// What was fetched is whole: if it has the digest, it takes its name and is durable. If not, it is thrown away.
    pub(super) fn finish(&self, digest: &Digest, length: u64) -> Result<bool, StoreError> {
        let part = self.part(digest);
        let mut file = File::open(&part).map_err(failed)?;
        let whole = file.metadata().is_ok_and(|found| found.len() == sealed_length(length));
        if !whole || self.hash(&mut file, length, &mut |_| Ok(())) != Ok(*digest) {
            fs::remove_file(&part).map_err(failed)?;
            return Ok(false);
        }
        file.sync_all().map_err(failed)?;
        fs::rename(&part, self.path(digest)).map_err(failed)?;
        sync_folder(&self.folder)?;
        Ok(true)
    }

    /// Removes it, however much of it is here. What can't be removed now is removed when the store opens.
    pub(super) fn remove(&self, digest: &Digest) {
        let _ = fs::remove_file(self.path(digest));
        let _ = fs::remove_file(self.part(digest));
    }

    fn path(&self, digest: &Digest) -> PathBuf {
        self.folder.join(digest.to_string())
    }

    fn part(&self, digest: &Digest) -> PathBuf {
        self.folder.join(format!("{digest}.part"))
    }
}

/// Where the attachments of this database lie.
fn folder(database: &Path) -> PathBuf {
    let mut name = database.file_name().unwrap_or_default().to_owned();
    name.push("-attachments");
    database.with_file_name(name)
}

/// The whole files that are here, with their lengths as sealed. What a kill left without a name goes, and what was being
/// fetched and is no longer `known`.
pub(super) fn sweep(
    database: &Path,
    mut known: impl FnMut(&Digest) -> Result<bool, StoreError>,
) -> Result<HashMap<Digest, u64>, StoreError> {
    let entries = match fs::read_dir(folder(database)) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(HashMap::new()),
        Err(error) => return Err(failed(error)),
    };
    let mut whole = HashMap::new();
    for entry in entries {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name();
        let name = name.to_str().unwrap_or_default();
        if let Ok(digest) = name.parse::<Digest>() {
            whole.insert(digest, entry.metadata().map_err(failed)?.len());
            continue;
        }
        let fetched: Option<Digest> = name.strip_suffix(".part").and_then(|name| name.parse().ok());
        let gone = match fetched {
            Some(digest) => !known(&digest)?,
            // Another program's file is not ours to remove.
            None => name.starts_with("new-"),
        };
        if gone {
            fs::remove_file(entry.path()).map_err(failed)?;
        }
    }
    Ok(whole)
}

/// A chunk, shorter only at the source's end.
fn filled(source: &mut dyn Read) -> Result<Vec<u8>, StoreError> {
    let mut chunk = Vec::with_capacity(CHUNK);
    source.take(CHUNK as u64).read_to_end(&mut chunk).map_err(|_| StoreError::Disk)?;
    Ok(chunk)
}

/// For files that nobody else may read.
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// A name is durable once its folder is, and that once its own name is: the first attachment makes it.
fn sync_folder(folder: &Path) -> Result<(), StoreError> {
    #[cfg(unix)]
    for folder in [Some(folder), folder.parent()].into_iter().flatten() {
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed)?;
    }
    #[cfg(not(unix))]
    let _ = folder;
    Ok(())
}

#[expect(clippy::needless_pass_by_value, reason = "reads well behind map_err")]
fn failed(error: io::Error) -> StoreError {
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => StoreError::Full,
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => StoreError::Unopenable,
        _ => StoreError::Disk,
    }
}

const fn sealed(_: SealError) -> StoreError {
    StoreError::Sealed
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blobs(dir: &tempfile::TempDir) -> Blobs {
        Blobs::beside(&dir.path().join("store.db"), AttachmentKey::from_bytes([7; 32]))
    }

    fn bytes(length: usize) -> Vec<u8> {
        (0..length).map(|at| u8::try_from(at * 31 % 251).unwrap()).collect()
    }

    fn digest(bytes: &[u8]) -> Digest {
        Digest::from_bytes(Sha256::digest(bytes).into())
    }

    fn kept(blobs: &Blobs, plain: &[u8]) -> Digest {
        let written = blobs.write(&mut &plain[..], [plain.len().to_le_bytes()[0]; PREFIX], u64::MAX).unwrap().unwrap();
        blobs.name(&written).unwrap();
        assert_eq!((written.digest(), written.length()), (digest(plain), plain.len() as u64));
        written.digest()
    }

    #[test]
    fn what_was_written_is_read_back_whole_and_in_parts_and_stands_nowhere_in_the_clear() {
        let dir = tempfile::tempdir().unwrap();
        let blobs = blobs(&dir);
        for length in [1, CHUNK, 3 * CHUNK + 17] {
            let plain = bytes(length);
            let name = kept(&blobs, &plain);
            let mut all = Vec::new();
            blobs
                .copy(&name, length as u64, &mut |chunk| {
                    all.extend_from_slice(chunk);
                    Ok(())
                })
                .unwrap();
            assert_eq!(all, plain);
            for (from, most) in [(0, 1), (CHUNK - 1, 2), (length / 2, CHUNK), (length - 1, 9), (length, 9)] {
                let end = (from + most).min(length);
                assert_eq!(
                    blobs.read(&name, length as u64, from as u64, most).unwrap(),
                    plain.get(from..end).unwrap_or_default()
                );
            }
            let file = fs::read(blobs.path(&name)).unwrap();
            assert!(length < 99 || !file.windows(32).any(|window| window == &plain[..32]));
        }
    }

    #[test]
    fn too_much_leaves_nothing_behind() {
        let dir = tempfile::tempdir().unwrap();
        let blobs = blobs(&dir);
        assert!(blobs.write(&mut &bytes(CHUNK + 1)[..], [1; PREFIX], CHUNK as u64).unwrap().is_none());
        assert_eq!(fs::read_dir(&blobs.folder).unwrap().count(), 0);
    }

    #[test]
    fn a_damaged_file_is_told_and_never_given_as_whole() {
        let dir = tempfile::tempdir().unwrap();
        let blobs = blobs(&dir);
        let plain = bytes(2 * CHUNK);
        let name = kept(&blobs, &plain);
        let mut file = fs::read(blobs.path(&name)).unwrap();
        *file.last_mut().unwrap() ^= 1;
        fs::write(blobs.path(&name), file).unwrap();
        assert_eq!(blobs.copy(&name, plain.len() as u64, &mut |_| Ok(())), Err(StoreError::Sealed));
        // Another attachment's file under this name opens, and is not what the name says.
        let other = kept(&blobs, &vec![5; 2 * CHUNK]);
        fs::copy(blobs.path(&other), blobs.path(&name)).unwrap();
        assert_eq!(blobs.copy(&name, plain.len() as u64, &mut |_| Ok(())), Err(StoreError::Sealed));
    }

    #[test]
    fn what_is_fetched_goes_on_where_it_was_cut_and_takes_its_name_only_with_the_right_digest() {
        let dir = tempfile::tempdir().unwrap();
        let blobs = blobs(&dir);
        let plain = bytes(3 * CHUNK + 5);
        let (name, length) = (digest(&plain), plain.len() as u64);
        blobs.fetch(&name, length, 0, &plain[..CHUNK + 100], [1; PREFIX]).unwrap();
        assert_eq!(blobs.fetched(&name, length), CHUNK as u64, "the piece of a chunk comes again");
        // A kill in the middle of a chunk.
        let mut part = OpenOptions::new().append(true).open(blobs.part(&name)).unwrap();
        part.write_all(&[9; 1_000]).unwrap();
        assert_eq!(blobs.fetched(&name, length), CHUNK as u64);
        assert_eq!(blobs.fetch(&name, length, 2 * CHUNK as u64, &plain[..9], [1; PREFIX]), Err(StoreError::Record), "a gap");
        blobs.fetch(&name, length, CHUNK as u64, &plain[CHUNK..], [2; PREFIX]).unwrap();
        assert_eq!(blobs.finish(&name, length), Ok(true));
        assert!(blobs.is_sound(&name, length));
        let wrong = digest(b"something else");
        blobs.fetch(&wrong, length, 0, &plain, [3; PREFIX]).unwrap();
        assert_eq!(blobs.finish(&wrong, length), Ok(false));
        assert!(!blobs.is_sound(&wrong, length) && blobs.fetched(&wrong, length) == 0);
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_may_read_the_files() {
        use std::os::unix::fs::PermissionsExt;

        let dir = tempfile::tempdir().unwrap();
        let blobs = blobs(&dir);
        let name = kept(&blobs, b"photo");
        assert_eq!(fs::metadata(blobs.path(&name)).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
