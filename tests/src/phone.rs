//! A person's phone: the device's facade over a real file, with a key, a clock of its own and a way to the server.

use std::path::PathBuf;
use std::sync::Arc;

use doorstep_core::attachment::AttachmentKey;
use doorstep_core::case::Event;
use doorstep_core::device::{Device, DeviceError, Host, Pending, SyncReport};
use doorstep_core::document::Document;
use doorstep_core::entry::Entry;
use doorstep_core::host::SoftwareSigner;
use doorstep_core::id::{DocId, PersonId};
use doorstep_core::store::{DatabaseKey, Options, Store};
use doorstep_core::sync::Outcome;
use doorstep_core::words::Lang;

use crate::clock::PhoneClock;
use crate::network::Network;
use crate::seed::Seeded;

/// Its database's name in its directory.
pub const FILE: &str = "phone.db";

/// The key under which every phone's attachments lie, unless a test brings another.
pub const KEY: AttachmentKey = AttachmentKey::from_bytes([11; 32]);

/// The key under which phones' databases lie, unless they are to be plain.
pub const DATABASE_KEY: DatabaseKey = DatabaseKey::from_bytes(DATABASE_KEY_BYTES);
const DATABASE_KEY_BYTES: [u8; 32] = [12; 32];

/// Syncs in a row after which a phone on a fair network must be done.
const SYNCS_MAX: usize = 8;

/// A phone.
pub struct Phone {
    /// Whose it is.
    pub person: PersonId,
    /// Its way to the server.
    pub network: Arc<Network>,
    /// Its clock.
    pub clock: PhoneClock,
    /// Its key.
    pub signer: Arc<SoftwareSigner>,
    /// What is kept outside the database.
    pub installation: [u8; 16],
    /// The key under which its database lies; none: plain.
    pub database_key: Option<DatabaseKey>,
    /// The directory its database lies in.
    pub dir: PathBuf,
    /// Its entropy.
    pub entropy: Arc<Seeded>,
    /// The device, while it is on.
    pub device: Option<Device>,
}

impl Phone {
    /// The device, which is on.
    pub fn device(&self) -> &Device {
        self.device.as_ref().expect("the phone is on")
    }

    /// What its host gives it.
    pub fn host(&self) -> Host {
        Host {
            clock: Arc::new(self.clock.clone()),
            entropy: self.entropy.clone(),
            signer: self.signer.clone(),
            installation: self.installation,
            lang: Lang::Zh,
        }
    }

    /// What its database is opened with.
    pub fn options(&self) -> Options {
        Options { attachment_key: Some(KEY), database_key: self.database_key, ..Options::default() }
    }

    /// Its database, past the store, for those who break it or look into it. Only while the phone is off.
    pub fn raw(&self) -> rusqlite::Connection {
        let database = rusqlite::Connection::open(self.dir.join(FILE)).expect("a database");
        if self.database_key.is_some() {
            unlock(&database);
        }
        database
    }

    /// Opens the database with these options.
    pub fn try_open(&mut self, mut options: Options) -> Result<(), DeviceError> {
        self.device = None;
        options.attachment_key.get_or_insert(KEY);
        options.database_key = options.database_key.or(self.database_key);
        self.device = Some(Device::open(&self.dir.join(FILE), options, self.host())?);
        Ok(())
    }

    /// Switched off and on again.
    pub fn reopen(&mut self) {
        self.reopen_with(Options::default());
    }

    /// The same, with these options.
    pub fn reopen_with(&mut self, options: Options) {
        self.try_open(options).expect("the phone's database opens");
    }

    /// Switched off: its database is closed.
    pub fn off(&mut self) {
        self.device = None;
    }

    /// One sync, however it ends.
    pub fn sync(&self) -> SyncReport {
        self.device().sync(self.network.as_ref()).expect("the phone's own side of a sync works")
    }

    /// One sync, which must end well.
    pub fn synced(&self) -> SyncReport {
        let report = self.sync();
        assert_eq!(report.outcome, Outcome::Done, "{}", self.person);
        report
    }

    /// Hears of the server, without which a phone shuts itself after fourteen days: for stories of several weeks.
    pub fn in_touch(&self) {
        self.sync();
    }

    /// Syncs on a fair network until nothing is left to send and nothing came.
    pub fn settle(&self) {
        self.network.clear();
        for _ in 0..SYNCS_MAX {
            let report = self.synced();
            let counts = self.pending().counts;
            if counts.waiting + counts.wanted == 0 && report.documents + report.changes + report.forgotten == 0 {
                return;
            }
        }
        panic!("{} does not come to rest: {:?}", self.person, self.pending().counts);
    }

    /// What is not on the server.
    pub fn pending(&self) -> Pending {
        self.device().pending().expect("the phone knows what is pending")
    }

    /// The codes of what was set aside.
    pub fn set_aside(&self) -> Vec<String> {
        self.pending().set_aside.into_iter().map(|one| one.code).collect()
    }

    /// A case's log, read from the file with the device switched off for the moment.
    pub fn log(&mut self, case: DocId) -> Vec<Entry<Event>> {
        self.document(case).log().entries
    }

    /// A document, read from the file with the device switched off for the moment.
    pub fn document(&mut self, doc: DocId) -> Document {
        let stored = self.with_store(|store| store.document(&doc).expect("the store reads").expect("the document is here"));
        Document::load(&stored.bytes).expect("the document loads")
    }

    /// Does something with the store itself, the device switched off for the moment.
    pub fn with_store<T>(&mut self, work: impl FnOnce(&mut Store) -> T) -> T {
        let was_on = self.device.take().is_some();
        let mut store = Store::open(&self.dir.join(FILE), self.options()).expect("the phone's database opens");
        let done = work(&mut store);
        drop(store);
        if was_on {
            self.reopen();
        }
        done
    }
}

/// Gives SQLCipher the key as everybody's SQLCipher takes it, with the first bytes of the file for a salt.
pub fn unlock(database: &rusqlite::Connection) {
    let path = database.path().expect("a file");
    let salt = std::fs::read(path).expect("the database's file")[..16].to_vec();
    let hex = |bytes: &[u8]| data_encoding::HEXLOWER.encode(bytes);
    database.execute_batch(&format!("PRAGMA key = \"x'{}{}'\"", hex(&DATABASE_KEY_BYTES), hex(&salt))).expect("the key");
}
