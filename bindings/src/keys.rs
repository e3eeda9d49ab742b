//! The host's key store: secrets by name, kept by the platform instead of in files beside the database.
//!
//! A secret is used only once the store gave it back as it was put in. One that lies in the folder moves: it leaves the folder when
//! the store has it. What the secrets are for is not known here.

use std::sync::Arc;

use doorstep_core::device::{AttachmentKey, DatabaseKey, DeviceError};
use doorstep_core::environment::{Entropy, random};
use doorstep_core::host::{Folder, KeyError, SoftwareSigner};
use doorstep_core::words::Lang;

use crate::errors::DoorstepError;
use crate::lent::Lent;
use crate::sentences::HOST_FAILED;

/// The name of the device's signing key, where no [`crate::Signer`] is given: the 32 bytes of its scalar.
const DEVICE_KEY: &str = "device-key";
/// The name of the key under which attachments lie: 32 bytes.
const ATTACHMENT_KEY: &str = "attachment-key";
/// The name of the key under which the database lies: 32 bytes.
const DATABASE_KEY: &str = "database-key";

/// The key store gave or kept nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, uniffi::Error)]
pub enum KeyStoreFailure {
    /// Not now: locked, or its owner said no.
    #[error("the key store is not available")]
    Unavailable,
    /// It failed: whatever else is thrown comes as this.
    #[error("the key store failed")]
    Failed,
}

impl From<uniffi::UnexpectedUniFFICallbackError> for KeyStoreFailure {
    fn from(_: uniffi::UnexpectedUniFFICallbackError) -> Self {
        Self::Failed
    }
}

/// Keeps the secrets of one device by name: Android Keystore, the iOS keychain. Names are small letters and hyphens, secrets a few dozen bytes. It is
/// called on a thread of its own and waited for a minute, unless [`crate::DeviceOptions::patience_ms`] says otherwise.
#[uniffi::export(with_foreign)]
pub trait KeyStore: Send + Sync {
    /// The secret of this name; none if there is none. Never none because it could not be read.
    fn secret(&self, name: String) -> Result<Option<Vec<u8>>, KeyStoreFailure>;
    /// Keeps a secret, durably, in place of one of the same name.
    fn keep(&self, name: String, secret: Vec<u8>) -> Result<(), KeyStoreFailure>;
    /// Forgets the secret of this name; none of it is no error.
    fn forget(&self, name: String) -> Result<(), KeyStoreFailure>;
}

/// A foreign key store, asked for what a device needs.
pub(crate) struct Secrets {
    lent: Lent<dyn KeyStore>,
    lang: Lang,
}

impl Secrets {
    pub(crate) fn new(lent: Lent<dyn KeyStore>, lang: Lang) -> Self {
        Self { lent, lang }
    }

    /// The device's key, from the folder or made anew where there was none.
    pub(crate) fn signer(&self, folder: &Folder, entropy: &dyn Entropy) -> Result<SoftwareSigner, DoorstepError> {
        let no_key = |error| DoorstepError::key(error, self.lang);
        let of_file = || match SoftwareSigner::load(&folder.key()) {
            Ok(signer) => Ok(Some(signer.secret())),
            Err(KeyError::Missing) => Ok(None),
            Err(error) => Err(no_key(error)),
        };
        let new = || SoftwareSigner::generate(entropy).map(|signer| signer.secret()).map_err(no_key);
        let (secret, moved) = self.secret(DEVICE_KEY, of_file()?, new)?;
        let signer = SoftwareSigner::from_secret(&secret).map_err(|_| DoorstepError::secret(self.lang))?;
        if moved {
            folder.remove_key().map_err(|_| DoorstepError::file(self.lang))?;
        }
        Ok(signer)
    }

    /// The key for attachments, from the folder or made anew where there was none.
    pub(crate) fn attachment_key(&self, folder: &Folder, entropy: &dyn Entropy) -> Result<AttachmentKey, DoorstepError> {
        let no_file = |_| DoorstepError::file(self.lang);
        let before = folder.kept_attachment_key().map_err(no_file)?;
        let (secret, moved) = self.secret(ATTACHMENT_KEY, before, || Ok(random::<32>(entropy)))?;
        if moved {
            folder.remove_attachment_key().map_err(no_file)?;
        }
        Ok(AttachmentKey::from_bytes(secret))
    }

    /// The key of the database, likewise. A database that is there already is not given a new key: without its own it stays shut.
    pub(crate) fn database_key(&self, folder: &Folder, entropy: &dyn Entropy) -> Result<DatabaseKey, DoorstepError> {
        let no_file = |_| DoorstepError::file(self.lang);
        let before = folder.kept_database_key().map_err(no_file)?;
        let new = || {
            // The host says that there is none, and there is a store that opens with no other.
            if folder.holds_an_encrypted_store() {
                return Err(DoorstepError::locked(self.lang));
            }
            Ok(random::<32>(entropy))
        };
        let (secret, moved) = self.secret(DATABASE_KEY, before, new)?;
        if moved {
            folder.remove_database_key().map_err(no_file)?;
        }
        Ok(DatabaseKey::from_bytes(secret))
    }

    /// Forgets them all, for the end of a device.
    pub(crate) fn forget(&self) -> Result<(), DoorstepError> {
        for name in [DEVICE_KEY, ATTACHMENT_KEY, DATABASE_KEY] {
            self.ask(move |store| store.forget(name.into()))?;
        }
        Ok(())
    }

    /// A secret, and whether it is the one that lay in the folder `before` and may leave it.
    fn secret(
        &self,
        name: &'static str,
        before: Option<[u8; 32]>,
        new: impl FnOnce() -> Result<[u8; 32], DoorstepError>,
    ) -> Result<([u8; 32], bool), DoorstepError> {
        if let Some(kept) = self.ask(move |store| store.secret(name.into()))? {
            let kept = kept.try_into().map_err(|_| DoorstepError::secret(self.lang))?;
            return Ok((kept, before == Some(kept)));
        }
        let secret = before.map_or_else(new, Ok)?;
        self.ask(move |store| store.keep(name.into(), secret.to_vec()))?;
        let kept = self.ask(move |store| store.secret(name.into()))?;
        if kept.as_deref() != Some(secret.as_slice()) {
            return Err(DoorstepError::host(HOST_FAILED, "key_store", self.lang));
        }
        Ok((secret, before.is_some()))
    }

    fn ask<A: Send + 'static>(
        &self,
        question: impl FnOnce(&(dyn KeyStore + 'static)) -> Result<A, KeyStoreFailure> + Send + 'static,
    ) -> Result<A, DoorstepError> {
        let host = |code| DoorstepError::host(code, "key_store", self.lang);
        match self.lent.ask(None, question) {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(KeyStoreFailure::Unavailable)) => Err(DoorstepError::of(&DeviceError::Key, self.lang)),
            Ok(Err(KeyStoreFailure::Failed)) => Err(host(HOST_FAILED)),
            Err(trouble) => Err(host(trouble.code())),
        }
    }
}

/// The secrets of a device in this folder: the host's store's, or the folder's own.
pub(crate) fn attachment_key(
    secrets: Option<&Secrets>,
    folder: &Folder,
    entropy: &dyn Entropy,
    lang: Lang,
) -> Result<AttachmentKey, DoorstepError> {
    match secrets {
        Some(secrets) => secrets.attachment_key(folder, entropy),
        None => folder.attachment_key(entropy).map_err(|_| DoorstepError::file(lang)),
    }
}

/// The key of the database, likewise; none where this library was built without encryption.
pub(crate) fn database_key(
    secrets: Option<&Secrets>,
    folder: &Folder,
    entropy: &dyn Entropy,
    lang: Lang,
) -> Result<Option<DatabaseKey>, DoorstepError> {
    if !cfg!(feature = "encryption") {
        return Ok(None);
    }
    let key = match secrets {
        Some(secrets) => secrets.database_key(folder, entropy)?,
        None => folder.database_key(entropy).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => DoorstepError::locked(lang),
            _ => DoorstepError::file(lang),
        })?,
    };
    Ok(Some(key))
}

/// The device's own key in software, likewise.
pub(crate) fn software_signer(
    secrets: Option<&Secrets>,
    folder: &Folder,
    entropy: &dyn Entropy,
    lang: Lang,
) -> Result<Arc<SoftwareSigner>, DoorstepError> {
    let signer = match secrets {
        Some(secrets) => secrets.signer(folder, entropy)?,
        None => SoftwareSigner::load_or_create(&folder.key(), entropy).map_err(|error| DoorstepError::key(error, lang))?,
    };
    Ok(Arc::new(signer))
}

#[cfg(feature = "encryption")]
#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::Path;
    use std::sync::Mutex;

    use super::*;
    use crate::device::Device;
    use crate::names::Lang as ShownLang;
    use crate::options::DeviceOptions;
    use crate::work::wait;

    /// A platform's store, for as long as the test.
    #[derive(Default)]
    struct Kept(Mutex<BTreeMap<String, Vec<u8>>>);

    impl KeyStore for Kept {
        fn secret(&self, name: String) -> Result<Option<Vec<u8>>, KeyStoreFailure> {
            Ok(self.0.lock().unwrap().get(&name).cloned())
        }

        fn keep(&self, name: String, secret: Vec<u8>) -> Result<(), KeyStoreFailure> {
            self.0.lock().unwrap().insert(name, secret);
            Ok(())
        }

        fn forget(&self, name: String) -> Result<(), KeyStoreFailure> {
            self.0.lock().unwrap().remove(&name);
            Ok(())
        }
    }

    fn open(folder: &Path, key_store: Option<Arc<Kept>>) -> Result<Arc<Device>, DoorstepError> {
        let key_store = key_store.map(|kept| kept as Arc<dyn KeyStore>);
        let options = DeviceOptions { key_store, ..DeviceOptions::default() };
        wait(Device::open(folder.to_str().unwrap().into(), Some(ShownLang::En), Some(options)))
    }

    fn refusal(opened: Result<Arc<Device>, DoorstepError>) -> (String, bool) {
        let error = opened.err().expect("it must not open");
        (error.code().to_owned(), matches!(error, DoorstepError::Key { .. }))
    }

    #[test]
    fn the_database_is_encrypted_under_a_key_that_lies_in_the_key_store_and_not_in_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        let kept = Arc::new(Kept::default());
        drop(open(folder.path(), Some(Arc::clone(&kept))).unwrap());
        assert!(Folder::open(folder.path()).unwrap().holds_an_encrypted_store());
        assert_eq!(kept.secret(DATABASE_KEY.into()).unwrap().unwrap().len(), 32);
        assert!(!folder.path().join("database-key").exists());
        drop(open(folder.path(), Some(kept)).unwrap());
    }

    #[test]
    fn without_a_key_store_the_key_lies_in_the_folder_and_moves_once_there_is_one() {
        let folder = tempfile::tempdir().unwrap();
        drop(open(folder.path(), None).unwrap());
        let before = std::fs::read(folder.path().join("database-key")).unwrap();
        let kept = Arc::new(Kept::default());
        drop(open(folder.path(), Some(Arc::clone(&kept))).unwrap());
        assert_eq!(kept.secret(DATABASE_KEY.into()).unwrap(), Some(before));
        assert!(!folder.path().join("database-key").exists());
    }

    #[test]
    fn another_key_and_a_lost_one_open_nothing_change_nothing_and_make_no_new_one() {
        let folder = tempfile::tempdir().unwrap();
        let kept = Arc::new(Kept::default());
        drop(open(folder.path(), Some(Arc::clone(&kept))).unwrap());
        let database = || std::fs::read(folder.path().join("phone.db")).unwrap();
        let (before, right) = (database(), kept.secret(DATABASE_KEY.into()).unwrap().unwrap());
        kept.keep(DATABASE_KEY.into(), vec![1; 32]).unwrap();
        assert_eq!(refusal(open(folder.path(), Some(Arc::clone(&kept)))), ("store_wrong_key".into(), true));
        kept.forget(DATABASE_KEY.into()).unwrap();
        assert_eq!(refusal(open(folder.path(), Some(Arc::clone(&kept)))), ("store_locked".into(), true));
        assert_eq!(kept.secret(DATABASE_KEY.into()).unwrap(), None, "a store that answers again still has the place free");
        assert_eq!(refusal(open(folder.path(), None)), ("store_locked".into(), true));
        assert_eq!(database(), before);
        kept.keep(DATABASE_KEY.into(), right).unwrap();
        drop(open(folder.path(), Some(kept)).unwrap());
    }

    #[test]
    fn a_damaged_database_is_set_aside_and_the_device_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let device = open(folder.path(), None).unwrap();
        assert_eq!(device.rescued(), None);
        drop(device);
        let path = folder.path().join("phone.db");
        let mut bytes = std::fs::read(&path).unwrap();
        bytes[4_096..].fill(7);
        std::fs::write(&path, &bytes).unwrap();
        let rescue = open(folder.path(), None).unwrap().rescued().expect("it was damaged");
        assert!(rescue.gaps > 0);
        assert_eq!(std::fs::read(rescue.damaged).unwrap(), bytes);
    }

    #[test]
    fn a_wipe_that_was_cut_off_after_its_secrets_goes_on_with_the_next_opening() {
        let folder = tempfile::tempdir().unwrap();
        let kept = Arc::new(Kept::default());
        drop(open(folder.path(), Some(Arc::clone(&kept))).unwrap());
        Folder::open(folder.path()).unwrap().begin_wipe().unwrap();
        kept.forget(DATABASE_KEY.into()).unwrap();
        let device = open(folder.path(), Some(kept)).unwrap();
        assert_eq!(device.enrolled(), None);
    }
}
