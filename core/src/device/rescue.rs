//! A phone whose database can't be opened, or fails its check: the file is set aside, and a new one begun with what can still
//! be read of the work that is nowhere else. The documents come again from the server, and the work goes up with the next sync.
//!
//! What can't be queued again is kept to be read and handed in (`packet/`); that something may be missing is said, never hidden.

use std::path::Path;

use super::work::Kept;
use super::{Device, DeviceError, Host};
use crate::directory::Directory;
use crate::id::{DocKind, PersonId};
use crate::store::{Meaning, Options, Rescued, Store, StoreError};

impl Device {
    /// Opens the phone's database; a damaged one is set aside first ([`Device::rescue`]). One that is under another key
    /// is no damaged one: it is refused and stays.
    pub fn open_or_rescue(
        path: &Path,
        options: impl Fn() -> Options,
        host: Host,
    ) -> Result<(Self, Option<Rescued>), DeviceError> {
        match Self::open(path, options(), host.clone()) {
            Err(DeviceError::Store(StoreError::Damaged { .. }) | DeviceError::Damaged(_)) => {
                let (device, rescued) = Self::rescue(path, options(), host)?;
                Ok((device, Some(rescued)))
            }
            opened => opened.map(|device| (device, None)),
        }
    }

    /// Sets the database at `path` aside, whatever is wrong with it, and begins a new one with what can be read of it: who the
    /// device is, what is unsent, ceremonies under way. For one that does not open, or that [`Device::check`] found damaged (close
    /// it first).
    pub fn rescue(path: &Path, options: Options, host: Host) -> Result<(Self, Rescued), DeviceError> {
        let rescued = Store::rescue(path, options.database_key.as_ref(), &MEANING)?;
        let device = Self::open(path, options, host)?;
        let mut desk = device.desk();
        for doc in &rescued.documents {
            // One that is all own work is whole; of the others the server has the beginning.
            let _ = desk.load(*doc);
        }
        drop(desk);
        Ok((device, rescued))
    }
}

/// What the store has to be told of what it keeps.
const MEANING: Meaning = Meaning { kind_of, is_person, is_directory };

fn is_person(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok_and(|text| text.parse::<PersonId>().is_ok())
}

fn is_directory(bytes: &[u8]) -> bool {
    minicbor_serde::from_slice::<Directory>(bytes).is_ok()
}

/// What a command is about.
fn kind_of(command: &[u8]) -> Option<DocKind> {
    Some(match minicbor_serde::from_slice::<Kept>(command).ok()? {
        Kept::Case(_) => DocKind::Case,
        Kept::Visit(_) => DocKind::Visit,
        Kept::Household(_) => DocKind::Household,
    })
}
