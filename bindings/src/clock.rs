//! A clock of the host's. Nothing depends on a clock being right, so one that throws or hangs is replaced by the system's for that
//! question, and listeners are told.

use std::sync::Arc;

use doorstep_core::environment;
use doorstep_core::host::SystemClock;
use doorstep_core::time::Timestamp;

use crate::lent::{Lent, Trouble};
use crate::watching::Hub;

/// The host's clock told no time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, uniffi::Error)]
pub enum ClockFailure {
    /// It failed: whatever is thrown comes as this.
    #[error("the clock failed")]
    Failed,
}

impl From<uniffi::UnexpectedUniFFICallbackError> for ClockFailure {
    fn from(_: uniffi::UnexpectedUniFFICallbackError) -> Self {
        Self::Failed
    }
}

/// Tells the time of day. It is called on a thread of its own, while taps wait for it, and waited for two seconds, unless
/// [`crate::DeviceOptions::patience_ms`] says otherwise.
#[uniffi::export(with_foreign)]
pub trait Clock: Send + Sync {
    /// The time, milliseconds since 1970. It may go back.
    fn now_ms(&self) -> Result<i64, ClockFailure>;
}

/// A foreign clock in the core's form.
pub(crate) struct ForeignClock {
    lent: Lent<dyn Clock>,
    hub: Arc<Hub>,
}

impl ForeignClock {
    /// Asks it once; the code where it can't answer.
    pub(crate) fn new(lent: Lent<dyn Clock>, hub: Arc<Hub>) -> Result<Self, &'static str> {
        let clock = Self { lent, hub };
        clock.ask().map(|_| clock).map_err(Trouble::code)
    }

    fn ask(&self) -> Result<Timestamp, Trouble> {
        self.lent.ask(None, Clock::now_ms)?.map(Timestamp).map_err(|_| Trouble::Failed)
    }
}

impl environment::Clock for ForeignClock {
    fn now(&self) -> Timestamp {
        self.ask().unwrap_or_else(|trouble| {
            self.hub.clock_failed(trouble.code());
            SystemClock.now()
        })
    }

    /// The system's: a host's clock may go back.
    fn monotonic(&self) -> (u64, u64) {
        SystemClock.monotonic()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use doorstep_core::environment::Clock as _;

    use super::*;
    use crate::lent::TIME_WITHIN;

    #[derive(Default)]
    struct Stopped(AtomicBool);

    impl Clock for Stopped {
        fn now_ms(&self) -> Result<i64, ClockFailure> {
            if self.0.load(Ordering::Relaxed) { Err(ClockFailure::Failed) } else { Ok(77) }
        }
    }

    #[test]
    fn a_clock_that_throws_is_replaced_by_the_systems_and_refused_when_it_is_new() {
        let stopped = Arc::new(Stopped::default());
        let lend = || Lent::new(Arc::clone(&stopped) as Arc<dyn Clock>, TIME_WITHIN);
        let clock = ForeignClock::new(lend(), Arc::default()).unwrap();
        assert_eq!(clock.now(), Timestamp(77));
        stopped.0.store(true, Ordering::Relaxed);
        assert!(clock.now() > Timestamp(77));
        assert_eq!(ForeignClock::new(lend(), Arc::default()).err(), Some("host_failed"));
    }
}
