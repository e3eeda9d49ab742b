//! What lies in a device's folder: `phone.db` (the store), `key` (the software key, where the phone brings none),
//! `installation` (16 random bytes), `database-key` (where the store is encrypted), `attachment-key` (under which attachments lie,
//! sealed, in `phone.db-attachments`; a phone with a keystore brings its own) and `roots.pem` (the certificates to trust, for a trial with a self-signed one).
//!
//! A backup may hold everything but `installation`: a database that comes back without it takes new names for what it
//! writes, instead of using numbers twice. Phones exclude that file from their backups.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use crate::attachment::AttachmentKey;
use crate::environment::{Entropy, random};
use crate::store::{DatabaseKey, Store};

/// Largest file of certificates, bytes: a chain of a dozen.
const ROOTS_MAX: u64 = 64 << 10;

/// Where the folders of other persons on the same phone are.
const PERSONS: &str = "persons";
/// Longest name of such a folder, characters: as long as a person's id may be on any file system.
const NAME_MAX: usize = 64;

/// Where the store keeps attachments, beside `phone.db`.
const ATTACHMENTS: &str = "phone.db-attachments";

/// The folder of one device.
#[derive(Debug, Clone)]
pub struct Folder(PathBuf);

impl Folder {
    /// The folder, made if it is not there.
    ///
    /// # Errors
    /// The system would not make it.
    pub fn open(path: impl Into<PathBuf>) -> io::Result<Self> {
        let path = path.into();
        fs::create_dir_all(&path)?;
        let folder = Self(path);
        if folder.wiping().exists() {
            // Cut off before: gone on with before anything could be opened.
            folder.wipe()?;
        }
        Ok(folder)
    }

    /// Destroys everything in it: the key first, then the databases, damaged ones that were set aside included. Only when the
    /// device is closed and said that it is to be wiped. Cut off anywhere, the next [`Folder::open`] goes on. Other persons'
    /// folders within this one are not touched.
    pub fn wipe(&self) -> io::Result<()> {
        self.begin_wipe()?;
        remove(&self.key())?;
        remove(&self.database_key_file())?;
        let mut rest: Vec<PathBuf> = Vec::new();
        for entry in fs::read_dir(&self.0)? {
            let entry = entry?;
            if entry.file_type()?.is_file() && entry.path() != self.wiping() {
                rest.push(entry.path());
            }
        }
        rest.iter().try_for_each(|path| remove(path))?;
        // Their key is gone by now; what is left of them can't be opened.
        match fs::remove_dir_all(self.0.join(ATTACHMENTS)) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        remove(&self.wiping())
    }

    /// Says that it is to be wiped: from here on no device opens in it, and whoever comes next goes on. For hosts that have keys to
    /// destroy elsewhere first.
    pub fn begin_wipe(&self) -> io::Result<()> {
        write(&self.wiping(), b"")
    }

    fn wiping(&self) -> PathBuf {
        self.0.join("wiping")
    }

    /// The folder of another person who works with the same phone, made if it is not there. Each has their own database, key and
    /// installation: nothing of one is ever opened for another. `name`: small letters, digits, hyphens; a person's id is one.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] for any other name.
    pub fn of_person(&self, name: &str) -> io::Result<Self> {
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if name.is_empty() || name.len() > NAME_MAX || !name.chars().all(fits) {
            return Err(ErrorKind::InvalidInput.into());
        }
        Self::open(self.0.join(PERSONS).join(name))
    }

    /// The names of the persons who have a folder here, beside whoever the phone itself belongs to.
    pub fn persons(&self) -> io::Result<Vec<String>> {
        let entries = match fs::read_dir(self.0.join(PERSONS)) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries?,
        };
        let mut names = Vec::new();
        for entry in entries {
            let entry = entry?;
            if entry.path().join("phone.db").exists() {
                names.extend(entry.file_name().into_string());
            }
        }
        names.sort_unstable();
        Ok(names)
    }

    /// Whether its store is there and encrypted: it opens with its own key alone, and a new one must not be made in that one's place.
    pub fn holds_an_encrypted_store(&self) -> bool {
        Store::is_encrypted(&self.store())
    }

    /// Whether a device was ever opened here.
    pub fn holds_a_device(&self) -> bool {
        self.store().exists()
    }

    /// The folder itself.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Where the store is.
    pub fn store(&self) -> PathBuf {
        self.0.join("phone.db")
    }

    /// Where the software key is.
    pub fn key(&self) -> PathBuf {
        self.0.join("key")
    }

    /// The installation's nonce. One that is missing or cut short is made anew: that costs new actor ids, nothing else.
    pub fn installation(&self, entropy: &dyn Entropy) -> io::Result<[u8; 16]> {
        let path = self.0.join("installation");
        match read_up_to(&path, 17) {
            Ok(bytes) => {
                if let Ok(nonce) = bytes.try_into() {
                    return Ok(nonce);
                }
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        let nonce = random(entropy);
        write(&path, &nonce)?;
        Ok(nonce)
    }

    /// The key under which attachments lie, made when it is first asked for. One that is cut short is not made anew: what was
    /// sealed under it would never open again, so that is an error for a person to see.
    pub fn attachment_key(&self, entropy: &dyn Entropy) -> io::Result<AttachmentKey> {
        if let Some(key) = self.kept_attachment_key()? {
            return Ok(AttachmentKey::from_bytes(key));
        }
        let key: [u8; 32] = random(entropy);
        write(&self.attachment_key_file(), &key)?;
        Ok(AttachmentKey::from_bytes(key))
    }

    /// The same where it lies in this folder, for whoever moves it into a key store.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidData`]: it is cut short.
    pub fn kept_attachment_key(&self) -> io::Result<Option<[u8; 32]>> {
        kept_key(&self.attachment_key_file())
    }

    /// Removes it from the folder, once a key store has it.
    pub fn remove_attachment_key(&self) -> io::Result<()> {
        remove(&self.attachment_key_file())
    }

    /// Removes the software key from the folder, once a key store has it.
    pub fn remove_key(&self) -> io::Result<()> {
        remove(&self.key())
    }

    /// The key of an encrypted store, made when it is first asked for. It protects a database that is copied without its folder, and
    /// no more: phones keep it in their key store.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidData`]: it is cut short, and is not made anew. [`ErrorKind::NotFound`]: it is lost, and the store is there.
    pub fn database_key(&self, entropy: &dyn Entropy) -> io::Result<DatabaseKey> {
        if let Some(key) = self.kept_database_key()? {
            return Ok(DatabaseKey::from_bytes(key));
        }
        if self.holds_an_encrypted_store() {
            return Err(ErrorKind::NotFound.into());
        }
        let key: [u8; 32] = random(entropy);
        write(&self.database_key_file(), &key)?;
        Ok(DatabaseKey::from_bytes(key))
    }

    /// The same where it lies in this folder, for whoever moves it into a key store.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidData`]: it is cut short.
    pub fn kept_database_key(&self) -> io::Result<Option<[u8; 32]>> {
        kept_key(&self.database_key_file())
    }

    /// Removes it from the folder, once a key store has it.
    pub fn remove_database_key(&self) -> io::Result<()> {
        remove(&self.database_key_file())
    }

    fn database_key_file(&self) -> PathBuf {
        self.0.join("database-key")
    }

    fn attachment_key_file(&self) -> PathBuf {
        self.0.join("attachment-key")
    }

    /// The certificates to trust instead of the web's, where some were given.
    pub fn roots(&self) -> io::Result<Option<Vec<u8>>> {
        match read_up_to(&self.0.join("roots.pem"), ROOTS_MAX) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Remembers them, or that the web's are to be trusted.
    pub fn set_roots(&self, pem: Option<&[u8]>) -> io::Result<()> {
        let path = self.0.join("roots.pem");
        match pem {
            Some(pem) => write(&path, pem),
            None => match fs::remove_file(&path) {
                Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
                _ => Ok(()),
            },
        }
    }
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// A key of 32 bytes in a file of its own.
fn kept_key(path: &Path) -> io::Result<Option<[u8; 32]>> {
    match read_up_to(path, 33) {
        Ok(bytes) => bytes.try_into().map(Some).map_err(|_| ErrorKind::InvalidData.into()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn read_up_to(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Whole or not at all: beside its place first, then renamed.
fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let beside = path.with_extension("new");
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&beside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&beside, path)?;
    #[cfg(unix)]
    if let Some(folder) = path.parent() {
        // The new name is durable once its folder is; a file system that can't do that has nothing better.
        let _ = File::open(folder).and_then(|folder| folder.sync_all());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::SystemEntropy;
    use super::*;

    fn folder() -> (tempfile::TempDir, Folder) {
        let temporary = tempfile::tempdir().unwrap();
        let folder = Folder::open(temporary.path().join("phone")).unwrap();
        (temporary, folder)
    }

    #[test]
    fn an_installation_keeps_its_nonce_and_a_copy_without_the_file_gets_another() {
        let (_temporary, folder) = folder();
        let entropy = SystemEntropy::new().unwrap();
        let first = folder.installation(&entropy).unwrap();
        assert_eq!(folder.installation(&entropy).unwrap(), first);
        fs::remove_file(folder.0.join("installation")).unwrap();
        assert_ne!(folder.installation(&entropy).unwrap(), first);
    }

    #[test]
    fn a_nonce_that_was_cut_short_is_made_anew() {
        let (_temporary, folder) = folder();
        let entropy = SystemEntropy::new().unwrap();
        for wrong in [&b"short"[..], &[7; 40]] {
            fs::write(folder.0.join("installation"), wrong).unwrap();
            let made = folder.installation(&entropy).unwrap();
            assert_eq!(fs::read(folder.0.join("installation")).unwrap(), made);
        }
    }

    #[test]
    fn the_key_for_attachments_stays_and_one_cut_short_is_told_and_not_replaced() {
        let (_temporary, folder) = folder();
        let entropy = SystemEntropy::new().unwrap();
        let first = folder.attachment_key(&entropy).unwrap();
        assert_eq!(folder.attachment_key(&entropy).unwrap(), first);
        fs::write(folder.0.join("attachment-key"), b"short").unwrap();
        assert_eq!(folder.attachment_key(&entropy).unwrap_err().kind(), ErrorKind::InvalidData);
        assert_eq!(fs::read(folder.0.join("attachment-key")).unwrap(), b"short");
    }

    #[test]
    fn the_key_of_the_database_likewise_and_a_wipe_takes_it() {
        let (_temporary, folder) = folder();
        let entropy = SystemEntropy::new().unwrap();
        let first = folder.database_key(&entropy).unwrap();
        assert_eq!(folder.database_key(&entropy).unwrap(), first);
        fs::write(folder.0.join("database-key"), b"short").unwrap();
        assert_eq!(folder.database_key(&entropy).unwrap_err().kind(), ErrorKind::InvalidData);
        folder.wipe().unwrap();
        assert_eq!(folder.kept_database_key().unwrap(), None);
    }

    #[test]
    fn roots_are_remembered_until_the_webs_are_trusted_again() {
        let (_temporary, folder) = folder();
        assert_eq!(folder.roots().unwrap(), None);
        folder.set_roots(Some(b"pem")).unwrap();
        assert_eq!(folder.roots().unwrap().as_deref(), Some(&b"pem"[..]));
        folder.set_roots(None).unwrap();
        folder.set_roots(None).unwrap();
        assert_eq!(folder.roots().unwrap(), None);
    }
}
