//! The device: everything a phone does, composed. What bindings expose.
//!
//! A tap goes [`Device::run`] → [`case::decide`] → [`Document::write`] (one change on a copy) → [`Store::tap`] (one durable
//! transaction) → a view back to the screen; later [`Device::sync`] hands the change to the network. Durable, then
//! visible, then sent: nothing is shown that a dead battery could take back.
//!
//! Time, entropy, keys and the network are the host's ([`Host`], [`Transport`]); nothing here reads a clock or opens a
//! socket. `work.rs` is taps and views, `day.rs` my day, `household.rs` and `route.rs` the doors, `signing.rs` the ceremony,
//! `syncing.rs` the loop between store and server, `attach.rs` and `attach_sync.rs` photos and the like,
//! `printing.rs` paper, `heal.rs` what happens to work the server refused.

mod attach;
mod attach_sync;
mod day;
mod enrolling;
mod error;
mod evidence;
mod export;
mod fetching;
mod finding;
mod heal;
mod household;
mod loaded;
mod offers;
mod packet;
#[cfg(feature = "print")]
mod printing;
mod reproject;
#[cfg(not(target_family = "wasm"))]
mod rescue;
mod retype;
mod reviewing;
mod route;
mod search;
mod shut;
mod signing;
mod syncing;
mod watch;
mod work;

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub use attach::{Attaching, AttachmentView, UnsentAttachment};
pub use attach_sync::Link;
pub use error::DeviceError;
pub use evidence::EvidenceReport;
pub use export::Exported;
pub use finding::WholeCase;
pub use packet::{Packet, PacketForm, Value as PacketValue};
pub use route::{Coverage, Stop};
pub use shut::LEASE_DAYS;
pub use signing::{Pad, SealedAgreement, Terms};
pub use syncing::{Pending, SyncReport, Unsettled};
pub use watch::Watch;

// What hosts and bindings name in calls to the device.
pub use crate::attachment::AttachmentKey;
pub use crate::ledger::{Format, Range};
pub use crate::search::{Field, Found, Hit, Span};
#[cfg(not(target_family = "wasm"))]
pub use crate::store::Rescued;
pub use crate::store::{AttachmentCounts, Counts, DatabaseKey, Filter, Options, Order, PAGE_MAX, Position, Query, Upload};
pub use crate::sync::aside::{AsideAnswer, AsideRecord, Decision};
pub use crate::sync::enrol::{EnrolError, Invitation};
pub use crate::sync::{AttachmentReport, Outcome as SyncOutcome};

#[cfg(doc)]
use crate::case;
use crate::directory::Directory;
#[cfg(doc)]
use crate::document::Document;
#[cfg(doc)]
use crate::environment::Transport;
use crate::environment::{Clock, Entropy, Signer};
use crate::id::{DeviceId, PersonId};
use crate::store::{Meta, Store};
use crate::time::Timestamp;
use crate::words::Lang;
use loaded::Loaded;

/// What the device needs of its host.
#[derive(Clone)]
pub struct Host {
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Gives randomness.
    pub entropy: Arc<dyn Entropy>,
    /// The device's key.
    pub signer: Arc<dyn Signer>,
    /// The installation's nonce: 16 random bytes kept outside any backup of the database. A database that was restored or
    /// copied comes with another one, and takes new actor ids instead of reusing numbers (`sync.md`).
    pub installation: [u8; 16],
    /// The language of what is shown.
    pub lang: Lang,
}

/// A person's phone.
pub struct Device {
    desk: Mutex<Desk>,
    host: Host,
    /// One sync at a time; taps go on meanwhile.
    syncing: Mutex<()>,
    /// One session of attachments at a time, beside syncs.
    attaching: Mutex<()>,
}

/// What is behind the lock: the store, and what is derived from it.
struct Desk {
    store: Store,
    node: u64,
    offset_ms: i64,
    enrolled: Option<Enrolled>,
    directory: Arc<Directory>,
    loaded: Loaded,
    /// The day as it was last shown.
    day: Option<day::KeptDay>,
    /// A pull named a document that isn't here.
    begin_again: bool,
    /// What keeps the phone shut, if anything does.
    shut: shut::Shut,
    /// Whoever is told which documents change.
    watch: Option<Watch>,
}

/// Who the device is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enrolled {
    /// The device.
    pub device: DeviceId,
    /// Whom it works for.
    pub person: PersonId,
    /// The sub-district's name.
    pub tenant: String,
    /// The server's address.
    pub server: String,
}

impl Device {
    /// Opens the phone's database, or makes one. Nothing is loaded but what it knows of itself.
    pub fn open(path: &Path, options: Options, host: Host) -> Result<Self, DeviceError> {
        let mut store = Store::open(path, options)?;
        let node = installation(&mut store, &host)?;
        let offset_ms = meta_i64(&store, Meta::Offset)?;
        let enrolled = enrolled(&store)?;
        let directory = directory(&store)?;
        let now = host.clock.now().plus_ms(offset_ms);
        let shut = shut::Shut::read(&mut store, enrolled.is_some(), now, host.clock.monotonic())?;
        let loaded = Loaded::default();
        let mut desk =
            Desk { store, node, offset_ms, enrolled, directory, loaded, day: None, begin_again: false, shut, watch: None };
        desk.make_missing_rows()?;
        desk.project_rest()?;
        desk.adopt_attachments()?;
        Ok(Self { desk: Mutex::new(desk), host, syncing: Mutex::new(()), attaching: Mutex::new(()) })
    }

    /// Who the device is, once it is enrolled.
    pub fn enrolled(&self) -> Option<Enrolled> {
        self.desk().enrolled.clone()
    }

    /// The directory as last pulled; empty before the first sync.
    pub fn directory(&self) -> Arc<Directory> {
        Arc::clone(&self.desk().directory)
    }

    /// The language of what is shown.
    pub const fn lang(&self) -> Lang {
        self.host.lang
    }

    /// The time, corrected by the server's clock where it is known.
    pub fn now(&self) -> Timestamp {
        let offset = self.desk().offset_ms;
        self.host.clock.now().plus_ms(offset)
    }

    /// Whether every page of the database is sound; slow, for when somebody asks.
    pub fn check(&self) -> Result<(), DeviceError> {
        Ok(self.desk().store.check()?)
    }

    /// Lets the store put its log in order; for a moment when nobody taps.
    pub fn tidy(&self) -> Result<(), DeviceError> {
        Ok(self.desk().store.tidy()?)
    }

    /// A panic elsewhere leaves the desk usable: what it holds was read from the store and is read again.
    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The node for stamps. Another installation than the one that wrote the database: everything of this device's
/// own that must never be used twice is made anew.
fn installation(store: &mut Store, host: &Host) -> Result<u64, DeviceError> {
    let known = store.meta(Meta::Installation)?;
    if known.as_deref() != Some(host.installation.as_slice()) {
        let node = crate::environment::random::<8>(&*host.entropy);
        store.begin_installation(&host.installation, &node)?;
    }
    let node = store.meta(Meta::Node)?.unwrap_or_default();
    <[u8; 8]>::try_from(node.as_slice()).map(u64::from_be_bytes).map_err(|_| DeviceError::Damaged("node"))
}

fn meta_i64(store: &Store, name: Meta) -> Result<i64, DeviceError> {
    Ok(match store.meta(name)? {
        Some(bytes) => <[u8; 8]>::try_from(bytes.as_slice()).map(i64::from_be_bytes).unwrap_or_default(),
        None => 0,
    })
}

fn meta_text(store: &Store, name: Meta) -> Result<Option<String>, DeviceError> {
    let bytes = store.meta(name)?;
    bytes.map(|bytes| String::from_utf8(bytes).map_err(|_| DeviceError::Damaged("meta"))).transpose()
}

fn enrolled(store: &Store) -> Result<Option<Enrolled>, DeviceError> {
    let (Some(device), Some(person)) = (store.meta(Meta::Device)?, meta_text(store, Meta::Person)?) else {
        return Ok(None);
    };
    Ok(Some(Enrolled {
        device: DeviceId::from_slice(&device).map_err(|_| DeviceError::Damaged("device"))?,
        person: person.parse().map_err(|_| DeviceError::Damaged("person"))?,
        tenant: meta_text(store, Meta::Tenant)?.unwrap_or_default(),
        server: meta_text(store, Meta::Server)?.unwrap_or_default(),
    }))
}

fn directory(store: &Store) -> Result<Arc<Directory>, DeviceError> {
    Ok(match store.directory()? {
        Some(stored) => Arc::new(minicbor_serde::from_slice(&stored.bytes).map_err(|_| DeviceError::Damaged("directory"))?),
        None => Arc::default(),
    })
}
