//! What keeps a phone shut: that nobody at the server has heard of it for too long, or that it was revoked. Nothing on it is lost
//! by that, and it still sends what is unsent; but nobody reads or writes on it.
//!
//! A revoked phone is to be wiped once everything unsent on it is where a lead can look at it, and not before. The order is
//! written down before the host is told, so that whatever a kill cuts off is gone on with.

use std::collections::BTreeSet;
use std::sync::MutexGuard;

use super::{Desk, Device, DeviceError};
use crate::id::{ChangeHash, DocId};
use crate::planted::{self, Planted};
use crate::store::{Meta, Store};
use crate::sync;
use crate::time::{DAY_MS, Timestamp};

/// Days without a server's word after which a phone shuts itself, as the sub-district's rules have it: a lost phone that never
/// meets a network again shows nobody anything for longer.
pub const LEASE_DAYS: i64 = 14;
/// How far the time this device has seen may run ahead of what is on disk, milliseconds: a clock that is set back gains an hour.
const SEEN_STEP_MS: i64 = 3_600_000;

/// In [`Meta::Shut`]: revoked, and something unsent is nowhere else yet.
const REVOKED: &[u8] = b"revoked";
/// In [`Meta::Shut`]: revoked, and everything is elsewhere.
const WIPE: &[u8] = b"wipe";

/// Whether, and why, the phone is shut.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Shut {
    revoked: bool,
    wipe: bool,
    /// When the server last spoke to this device as to one of its own; none before it was enrolled.
    heard: Option<Timestamp>,
    /// The latest time seen since.
    seen: Timestamp,
    /// What of that is on disk.
    kept: Timestamp,
}

impl Shut {
    /// As it stands on disk. A phone that was updated from a version without a lease begins its own now.
    pub(super) fn read(store: &mut Store, enrolled: bool, now: Timestamp) -> Result<Self, DeviceError> {
        let time = |bytes: Option<Vec<u8>>| {
            let bytes = bytes.and_then(|bytes| <[u8; 8]>::try_from(bytes.as_slice()).ok());
            bytes.map(|bytes| Timestamp(i64::from_be_bytes(bytes)))
        };
        let mut heard = time(store.meta(Meta::Heard)?);
        if heard.is_none() && enrolled {
            store.set_meta(&[(Meta::Heard, Some(&now.0.to_be_bytes()))])?;
            heard = Some(now);
        }
        let shut = store.meta(Meta::Shut)?;
        let wipe = shut.as_deref() == Some(WIPE);
        let kept = time(store.meta(Meta::Seen)?).or(heard).unwrap_or(now);
        Ok(Self { revoked: shut.is_some(), wipe, heard, seen: kept, kept })
    }
}

impl Device {
    /// Whether everything on this phone is elsewhere and it is to be wiped: the host closes the device and destroys its database
    /// and key (`host::Folder::wipe`).
    pub fn wipe_ordered(&self) -> bool {
        self.desk().shut.wipe
    }

    /// The desk, for somebody who reads or writes; an error if the phone is shut.
    pub(super) fn open_desk(&self) -> Result<MutexGuard<'_, Desk>, DeviceError> {
        let mut desk = self.desk();
        if desk.shut.revoked {
            return Err(DeviceError::Revoked);
        }
        let now = self.host.clock.now().plus_ms(desk.offset_ms);
        desk.shut.seen = desk.shut.seen.max(now);
        let Shut { heard: Some(heard), seen, kept, .. } = desk.shut else { return Ok(desk) };
        if seen.0.saturating_sub(kept.0) >= SEEN_STEP_MS {
            // A full disk keeps nobody from reading.
            if desk.store.set_meta(&[(Meta::Seen, Some(&seen.0.to_be_bytes()))]).is_ok() {
                desk.shut.kept = seen;
            }
        }
        if seen.0.saturating_sub(heard.0) > LEASE_DAYS * DAY_MS { Err(DeviceError::LeaseOver) } else { Ok(desk) }
    }
}

impl Desk {
    /// What a sync means for the lease and for what keeps the phone shut.
    pub(super) fn heard(&mut self, report: &sync::Report) -> Result<(), DeviceError> {
        if report.outcome == sync::Outcome::Revoked {
            return self.revoked(&report.kept);
        }
        let counts = report.verdicts;
        let spoken = report.outcome == sync::Outcome::Done
            || report.checkpoints > 0
            || counts.stored + counts.known + counts.set_aside + counts.wanted > 0;
        if let (true, Some(time)) = (spoken, &report.server_time) {
            self.begin_lease(time.server, true)?;
        }
        Ok(())
    }

    /// The server's word, at this time of its clock.
    pub(super) fn begin_lease(&mut self, at: Timestamp, open: bool) -> Result<(), DeviceError> {
        let time = at.0.to_be_bytes();
        let mut values = vec![(Meta::Heard, Some(time.as_slice())), (Meta::Seen, Some(time.as_slice()))];
        // Whoever is served is not revoked (any more).
        let open = open && !self.shut.wipe;
        if open && self.shut.revoked {
            values.push((Meta::Shut, None));
        }
        self.store.set_meta(&values)?;
        self.shut = Shut { heard: Some(at), seen: at, kept: at, revoked: self.shut.revoked && !open, wipe: self.shut.wipe };
        Ok(())
    }

    /// The server said that this device is revoked; `kept`: what it says it keeps of what was pushed now.
    fn revoked(&mut self, kept: &BTreeSet<(DocId, ChangeHash)>) -> Result<(), DeviceError> {
        let wipe = self.shut.wipe || planted::is(Planted::WipedTooEarly) || self.nothing_is_here_alone(kept)?;
        self.store.set_meta(&[(Meta::Shut, Some(if wipe { WIPE } else { REVOKED }))])?;
        (self.shut.revoked, self.shut.wipe) = (true, wipe);
        Ok(())
    }

    /// Whether everything that was recorded here is with the server: each unsent change, and each piece of a damaged database.
    fn nothing_is_here_alone(&self, kept: &BTreeSet<(DocId, ChangeHash)>) -> Result<bool, DeviceError> {
        if self.store.pieces()?.iter().any(|piece| piece.command.is_some() || piece.bytes.is_some()) {
            return Ok(false);
        }
        let unsent = self.store.outbox(0, usize::MAX, usize::MAX)?;
        Ok(unsent.iter().all(|change| kept.contains(&(change.doc, change.hash))))
    }
}
