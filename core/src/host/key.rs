//! A P-256 key in a file, for desktops, the command line and tests. Phones keep theirs in hardware.
//!
//! The file is PKCS#8 PEM, readable by its owner only, written whole or not at all and never over another key: a
//! device that loses its key has to be enrolled again.

use std::fs::{self, File, OpenOptions};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{Signature, SigningKey};
use p256::pkcs8::{DecodePrivateKey, EncodePrivateKey, LineEnding};

use crate::environment::{Entropy, Signer, SignerError, random};

/// Largest key file read, bytes; a P-256 key takes 241.
const FILE_MAX: u64 = 4_096;
/// Draws before giving up: each fails with a chance of 2^-32.
const DRAWS: usize = 4;

/// Why there is no key. Carries no path: it may name a person's home.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// There is a file already, which is left as it is.
    #[error("there is a key already")]
    Exists,
    /// There is no file.
    #[error("there is no key")]
    Missing,
    /// Others than its owner may read the file.
    #[error("others may read the key's file")]
    Exposed,
    /// What is in the file is no P-256 key.
    #[error("this is not a P-256 key in PEM form")]
    NotAKey,
    /// The system would not read or write it.
    #[error("the key's file could not be read or written")]
    File(std::io::ErrorKind),
    /// The entropy gave nothing that makes a key.
    #[error("no key came of the random bytes")]
    Entropy,
}

impl KeyError {
    /// Its stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Exists => "key_exists",
            Self::Missing => "key_missing",
            Self::Exposed => "key_exposed",
            Self::NotAKey => "key_unreadable",
            Self::File(_) => "key_file",
            Self::Entropy => "key_entropy",
        }
    }
}

impl From<std::io::Error> for KeyError {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::NotFound => Self::Missing,
            std::io::ErrorKind::AlreadyExists => Self::Exists,
            kind => Self::File(kind),
        }
    }
}

/// A key in memory that signs.
pub struct SoftwareSigner {
    key: SigningKey,
}

impl std::fmt::Debug for SoftwareSigner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SoftwareSigner")
    }
}

impl SoftwareSigner {
    /// A new key, in memory only.
    pub fn generate(entropy: &dyn Entropy) -> Result<Self, KeyError> {
        (0..DRAWS)
            .find_map(|_| SigningKey::from_slice(&random::<32>(entropy)).ok())
            .map(|key| Self { key })
            .ok_or(KeyError::Entropy)
    }

    /// The key with this secret scalar, big-endian.
    pub fn from_secret(secret: &[u8; 32]) -> Result<Self, KeyError> {
        SigningKey::from_slice(secret).map(|key| Self { key }).map_err(|_| KeyError::NotAKey)
    }

    /// Its secret scalar, big-endian: for whoever keeps it elsewhere than in a file.
    pub fn secret(&self) -> [u8; 32] {
        self.key.to_bytes().into()
    }

    /// A new key in a new file.
    pub fn create(path: &Path, entropy: &dyn Entropy) -> Result<Self, KeyError> {
        let signer = Self::generate(entropy)?;
        signer.save(path, entropy)?;
        Ok(signer)
    }

    /// The key in a file.
    pub fn load(path: &Path) -> Result<Self, KeyError> {
        let file = File::open(path)?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            if file.metadata()?.permissions().mode() & 0o077 != 0 {
                return Err(KeyError::Exposed);
            }
        }
        let mut pem = String::new();
        file.take(FILE_MAX).read_to_string(&mut pem).map_err(|_| KeyError::NotAKey)?;
        SigningKey::from_pkcs8_pem(&pem).map(|key| Self { key }).map_err(|_| KeyError::NotAKey)
    }

    /// The key in a file, or a new one where there is no file. Anything else wrong with the file is an error.
    pub fn load_or_create(path: &Path, entropy: &dyn Entropy) -> Result<Self, KeyError> {
        match Self::load(path) {
            Err(KeyError::Missing) => match Self::create(path, entropy) {
                Err(KeyError::Exists) => Self::load(path), // another process was first
                made => made,
            },
            found => found,
        }
    }

    /// Writes it to a new file, whole or not at all.
    pub fn save(&self, path: &Path, entropy: &dyn Entropy) -> Result<(), KeyError> {
        let pem = self.key.to_pkcs8_pem(LineEnding::LF).map_err(|_| KeyError::NotAKey)?;
        let beside = beside(path, entropy);
        let written = write_private(&beside, pem.as_bytes()).and_then(|()| place(&beside, path));
        let _ = fs::remove_file(&beside); // there only if something above failed, or as the link's other name
        written?;
        #[cfg(unix)]
        if let Some(folder) = path.parent() {
            // A name is durable once its folder is; a file system that can't do that has nothing better.
            let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
            let _ = File::open(folder).and_then(|folder| folder.sync_all());
        }
        Ok(())
    }
}

impl Signer for SoftwareSigner {
    fn public_key(&self) -> [u8; 33] {
        let point = self.key.verifying_key().to_sec1_point(true);
        let mut bytes = [0; 33];
        // A compressed P-256 point is 33 bytes by definition.
        for (to, from) in bytes.iter_mut().zip(point.as_bytes()) {
            *to = *from;
        }
        bytes
    }

    fn sign(&self, message: &[u8]) -> Result<[u8; 64], SignerError> {
        let signature: Signature = self.key.try_sign(message).map_err(|_| SignerError)?;
        Ok(signature.normalize_s().to_bytes().into())
    }
}

/// A name beside `path` that nobody else uses.
fn beside(path: &Path, entropy: &dyn Entropy) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{:016x}", u64::from_be_bytes(random(entropy))));
    PathBuf::from(name)
}

fn write_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Gives the finished file its name, unless something has it. A second link refuses that by itself; where there are no
/// links, a look before the renaming has to do.
fn place(from: &Path, to: &Path) -> std::io::Result<()> {
    match fs::hard_link(from, to) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => {
            if fs::symlink_metadata(to).is_ok() {
                return Err(std::io::ErrorKind::AlreadyExists.into());
            }
            fs::rename(from, to)
        }
        linked => linked,
    }
}

#[cfg(test)]
mod tests {
    use p256::ecdsa::VerifyingKey;
    use p256::ecdsa::signature::Verifier as _;

    use super::super::SystemEntropy;
    use super::*;

    fn entropy() -> SystemEntropy {
        SystemEntropy::new().unwrap()
    }

    #[test]
    fn a_saved_key_is_the_same_key() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("device.pem");
        let made = SoftwareSigner::load_or_create(&path, &entropy()).unwrap();
        let loaded = SoftwareSigner::load_or_create(&path, &entropy()).unwrap();
        assert_eq!(made.public_key(), loaded.public_key());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");
    }

    #[test]
    fn every_signature_verifies_and_is_low() {
        let signer = SoftwareSigner::generate(&entropy()).unwrap();
        let key = VerifyingKey::from_sec1_bytes(&signer.public_key()).unwrap();
        for n in 0..40u8 {
            let signature = Signature::from_slice(&signer.sign(&[n]).unwrap()).unwrap();
            key.verify(&[n], &signature).unwrap();
            assert_eq!(signature, signature.normalize_s());
        }
    }

    #[test]
    fn a_key_is_never_written_over_another() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("device.pem");
        fs::write(&path, "something of somebody's").unwrap();
        assert_eq!(SoftwareSigner::create(&path, &entropy()).unwrap_err().code(), "key_exists");
        assert_eq!(fs::read_to_string(&path).unwrap(), "something of somebody's");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn only_its_owner_may_read_it() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("device.pem");
        SoftwareSigner::create(&path, &entropy()).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        assert_eq!(SoftwareSigner::load(&path).unwrap_err().code(), "key_exposed");
    }

    #[test]
    fn a_file_that_is_no_key_is_an_error_and_stays() {
        use std::io::Write as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("device.pem");
        let mut file = tempfile::NamedTempFile::new_in(folder.path()).unwrap(); // 0600
        file.write_all(b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n").unwrap();
        file.persist(&path).unwrap();
        assert_eq!(SoftwareSigner::load_or_create(&path, &entropy()).unwrap_err().code(), "key_unreadable");
        assert!(path.exists());
    }
}
