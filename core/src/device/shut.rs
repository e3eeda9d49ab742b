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
    seen: Seen,
    /// What of that is on disk.
    kept: Timestamp,
}

/// How far time has come since the server's word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Seen {
    at: Timestamp,
    /// The run of the clock that can't be set, and its reading then.
    run: u64,
    ms: u64,
}

impl Seen {
    /// Later. While the clock that can't be set runs on, it alone counts: a wall clock that jumps by years shuts no phone and
    /// opens none. Behind a restart there is only the wall clock, and it never takes time back.
    fn later(self, wall: Timestamp, (run, ms): (u64, u64)) -> Self {
        let at = if run == self.run && ms >= self.ms {
            self.at.plus_ms(i64::try_from(ms - self.ms).unwrap_or(i64::MAX))
        } else {
            self.at.max(wall)
        };
        Self { at, run, ms }
    }

    fn to_bytes(self) -> [u8; 24] {
        let mut bytes = [0; 24];
        for (to, from) in
            bytes.iter_mut().zip([self.at.0.to_be_bytes(), self.run.to_be_bytes(), self.ms.to_be_bytes()].concat())
        {
            *to = from;
        }
        bytes
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (at, rest) = bytes.split_first_chunk::<8>()?;
        let (run, rest) = rest.split_first_chunk::<8>()?;
        let ms = rest.try_into().ok()?;
        Some(Self { at: Timestamp(i64::from_be_bytes(*at)), run: u64::from_be_bytes(*run), ms: u64::from_be_bytes(ms) })
    }
}

impl Shut {
    /// Whether the server said that this device is revoked.
    pub(super) const fn is_revoked(self) -> bool {
        self.revoked
    }

    /// As it stands on disk. A phone that was updated from a version without a lease begins its own now.
    pub(super) fn read(store: &mut Store, enrolled: bool, now: Timestamp, (run, ms): (u64, u64)) -> Result<Self, DeviceError> {
        let heard = store.meta(Meta::Heard)?.and_then(|bytes| <[u8; 8]>::try_from(bytes.as_slice()).ok());
        let mut heard = heard.map(|bytes| Timestamp(i64::from_be_bytes(bytes)));
        if heard.is_none() && enrolled {
            store.set_meta(&[(Meta::Heard, Some(&now.0.to_be_bytes())), (Meta::Seen, None)])?;
            heard = Some(now);
        }
        let shut = store.meta(Meta::Shut)?;
        let wipe = shut.as_deref() == Some(WIPE);
        let known = store.meta(Meta::Seen)?.and_then(|bytes| Seen::from_bytes(&bytes));
        // Without one, only the wall clock says how long ago the server's word was.
        let seen = known.unwrap_or(Seen { at: heard.unwrap_or(now).max(now), run, ms });
        Ok(Self { revoked: shut.is_some(), wipe, heard, seen, kept: seen.at })
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
        desk.shut.seen = desk.shut.seen.later(now, self.host.clock.monotonic());
        let Shut { heard: Some(heard), seen, kept, .. } = desk.shut else { return Ok(desk) };
        // A full disk keeps nobody from reading.
        if seen.at.0.saturating_sub(kept.0) >= SEEN_STEP_MS
            && desk.store.set_meta(&[(Meta::Seen, Some(&seen.to_bytes()))]).is_ok()
        {
            desk.shut.kept = seen.at;
        }
        if seen.at.0.saturating_sub(heard.0) > LEASE_DAYS * DAY_MS { Err(DeviceError::LeaseOver) } else { Ok(desk) }
    }
}

impl Desk {
    /// What a sync means for the lease and for what keeps the phone shut.
    pub(super) fn heard(&mut self, report: &sync::Report, monotonic: (u64, u64)) -> Result<(), DeviceError> {
        if report.outcome == sync::Outcome::Revoked {
            return self.revoked(&report.kept);
        }
        let counts = report.verdicts;
        let spoken = report.outcome == sync::Outcome::Done
            || report.checkpoints > 0
            || counts.stored + counts.known + counts.set_aside + counts.wanted > 0;
        if let (true, Some(time)) = (spoken, &report.server_time) {
            self.begin_lease(time.server, monotonic)?;
        }
        Ok(())
    }

    /// The server's word, at this time of its clock.
    pub(super) fn begin_lease(&mut self, at: Timestamp, (run, ms): (u64, u64)) -> Result<(), DeviceError> {
        let seen = Seen { at, run, ms };
        let (heard, kept) = (at.0.to_be_bytes(), seen.to_bytes());
        let mut values = vec![(Meta::Heard, Some(heard.as_slice())), (Meta::Seen, Some(kept.as_slice()))];
        // Whoever is served is not revoked (any more); what is to be wiped stays so.
        let wipe = self.shut.wipe;
        if !wipe {
            values.push((Meta::Shut, None));
        }
        self.store.set_meta(&values)?;
        self.shut = Shut { heard: Some(at), seen, kept: at, revoked: wipe, wipe };
        Ok(())
    }

    /// The server said that this device is revoked; `kept`: what it says it keeps of what was pushed now.
    fn revoked(&mut self, kept: &BTreeSet<(DocId, ChangeHash)>) -> Result<(), DeviceError> {
        let wipe = self.shut.wipe || planted::is(Planted::WipedTooEarly) || self.nothing_is_here_alone(kept)?;
        self.store.set_meta(&[(Meta::Shut, Some(if wipe { WIPE } else { REVOKED }))])?;
        (self.shut.revoked, self.shut.wipe) = (true, wipe);
        Ok(())
    }

    /// Whether everything that was recorded here is with the server: each unsent change, each photo, and each piece of a
    /// damaged database.
    fn nothing_is_here_alone(&self, kept: &BTreeSet<(DocId, ChangeHash)>) -> Result<bool, DeviceError> {
        if self.store.has_unsent_attachments()? {
            return Ok(false);
        }
        if self.store.pieces()?.iter().any(|piece| piece.command.is_some() || piece.bytes.is_some()) {
            return Ok(false);
        }
        let unsent = self.store.outbox(0, usize::MAX, usize::MAX)?;
        Ok(unsent.iter().all(|change| kept.contains(&(change.doc, change.hash))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_goes_on_by_the_clock_that_cannot_be_set_and_never_back() {
        let begun = Seen { at: Timestamp(1_000), run: 7, ms: 50 };
        // The wall clock jumps ahead by years, or back: nothing of it counts while the other runs on.
        assert_eq!(begun.later(Timestamp(i64::MAX), (7, 60)).at, Timestamp(1_010));
        assert_eq!(begun.later(Timestamp(0), (7, 60)).at, Timestamp(1_010));
        // Behind a restart there is only the wall clock; set back, it gains nothing.
        assert_eq!(begun.later(Timestamp(5_000), (8, 1)), Seen { at: Timestamp(5_000), run: 8, ms: 1 });
        assert_eq!(begun.later(Timestamp(0), (8, 1)).at, Timestamp(1_000));
        assert_eq!(Seen::from_bytes(&begun.to_bytes()), Some(begun));
        assert_eq!(Seen::from_bytes(b"short"), None);
    }
}
