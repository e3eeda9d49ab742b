//! How many workers one device's changes may cost. Starting one takes milliseconds and a death up to two seconds of a core;
//! a push of two thousand changes that each kill a worker would keep everybody else's waiting for an hour.
//!
//! Deaths are counted for each device, over all of its pushes: when they are used up, what else it brings is not tried until
//! some time after its first death, and its pushes are answered "come back later". What was refused by then is known by its
//! code and costs nothing when it comes again, so a phone that merely has bad luck gets on with every try. Time is the
//! server's clock, handed in.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use doorstep_core::id::DeviceId;
use doorstep_core::time::Timestamp;

/// Workers that a device's changes may cost within [`WINDOW_MS`]: four changes that kill two each. No change of a phone of
/// ours ever cost one; a system short of memory may end a few.
pub const DEATHS_MAX: u32 = 8;
/// Time after a device's first death until it may cost workers again, milliseconds. So one device can keep a core busy for
/// half of the time at most, and a phone is through with four bad changes in each of its usual repeats.
pub const WINDOW_MS: i64 = 30_000;

/// The deaths of one device.
#[derive(Debug, Clone, Copy)]
struct Strikes {
    until: Timestamp,
    deaths: u32,
}

/// The deaths of all devices that cost any of late.
#[derive(Debug, Default)]
pub(super) struct Patience {
    struck: Mutex<HashMap<DeviceId, Strikes>>,
    untried: AtomicU64,
}

impl Patience {
    /// A worker died over a change of this device, or was ended.
    pub(super) fn strike(&self, device: &DeviceId, now: Timestamp) {
        let mut struck = self.struck.lock().unwrap_or_else(PoisonError::into_inner);
        struck.retain(|_, strikes| counts(strikes, now));
        let fresh = Strikes { until: now.plus_ms(WINDOW_MS), deaths: 0 };
        let strikes = struck.entry(*device).or_insert(fresh);
        strikes.deaths = strikes.deaths.saturating_add(1);
    }

    /// Whether nothing more of this device is tried for now. Counts the change that is let be.
    pub(super) fn is_spent(&self, device: &DeviceId, now: Timestamp) -> bool {
        let struck = self.struck.lock().unwrap_or_else(PoisonError::into_inner);
        let spent = struck.get(device).is_some_and(|strikes| counts(strikes, now) && strikes.deaths >= DEATHS_MAX);
        if spent {
            self.untried.fetch_add(1, Ordering::Relaxed);
        }
        spent
    }

    /// Counts a change that is let be for another reason.
    pub(super) fn let_be(&self) {
        self.untried.fetch_add(1, Ordering::Relaxed);
    }

    /// Changes that were let be since the server started, each time they came.
    pub(super) fn untried(&self) -> u64 {
        self.untried.load(Ordering::Relaxed)
    }
}

/// Whether they still count; not either if the clock was set back behind their beginning.
fn counts(strikes: &Strikes, now: Timestamp) -> bool {
    now < strikes.until && now >= strikes.until.plus_ms(-WINDOW_MS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_may_cost_so_many_workers_and_then_again_after_a_while() {
        let (patience, one, other) = (Patience::default(), DeviceId::from_bytes([1; 16]), DeviceId::from_bytes([2; 16]));
        let at = |ms| Timestamp(1_000_000).plus_ms(ms);
        for n in 0..DEATHS_MAX {
            assert!(!patience.is_spent(&one, at(0)), "{n}");
            patience.strike(&one, at(0));
        }
        assert!(patience.is_spent(&one, at(0)) && patience.is_spent(&one, at(WINDOW_MS - 1)));
        assert!(!patience.is_spent(&other, at(0)), "nobody pays for another");
        assert!(!patience.is_spent(&one, at(WINDOW_MS)));
        assert!(!patience.is_spent(&one, at(-1)), "a clock that was set back shuts nobody out");
        patience.strike(&other, at(WINDOW_MS));
        assert_eq!((patience.struck.lock().unwrap().len(), patience.untried()), (1, 2));
    }
}
