//! The operating system's clock and entropy.

use std::sync::OnceLock;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use super::HostError;
use crate::environment::{Clock, Entropy};
use crate::time::Timestamp;

/// The wall clock. Wrong wherever the device's is.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let ms = match SystemTime::now().duration_since(UNIX_EPOCH) {
            Ok(after) => i64::try_from(after.as_millis()).unwrap_or(i64::MAX),
            // A device whose battery was empty may believe in 1969.
            Err(before) => i64::try_from(before.duration().as_millis()).map_or(i64::MIN, |ms| -ms),
        };
        Timestamp(ms)
    }

    /// A run is a process; its number is random, its milliseconds count from the first question.
    fn monotonic(&self) -> (u64, u64) {
        static RUN: OnceLock<(u64, Instant)> = OnceLock::new();
        let (number, began) = RUN.get_or_init(|| {
            let mut number = [0; 8];
            // Without entropy the wall clock tells two runs apart well enough: nothing secret hangs on it.
            let number = match getrandom::fill(&mut number) {
                Ok(()) => u64::from_be_bytes(number),
                Err(_) => self.now().0.unsigned_abs(),
            };
            (number, Instant::now())
        });
        (*number, u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX))
    }
}

/// The operating system's random bytes.
#[derive(Debug, Clone, Copy)]
pub struct SystemEntropy(());

impl SystemEntropy {
    /// Ready, if the system gave random bytes once; from then on it does.
    pub fn new() -> Result<Self, HostError> {
        let mut probe = [0; 16];
        getrandom::fill(&mut probe).map_err(|_| HostError::NoEntropy)?;
        Ok(Self(()))
    }
}

impl Entropy for SystemEntropy {
    #[expect(clippy::panic, reason = "predictable ids and keys would be worse than an operation that fails")]
    fn fill(&self, bytes: &mut [u8]) {
        let Ok(()) = getrandom::fill(bytes) else { panic!("the system stopped giving random bytes") };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::environment::random;

    #[test]
    fn the_clock_is_past_the_day_this_was_written() {
        assert!(SystemClock.now() > Timestamp(1_735_689_600_000));
    }

    #[test]
    fn the_other_clock_only_goes_forward() {
        let (run, before) = SystemClock.monotonic();
        std::thread::sleep(std::time::Duration::from_millis(5));
        let (same, after) = SystemClock.monotonic();
        assert!(run == same && after >= before + 5);
    }

    #[test]
    fn two_draws_differ() {
        let entropy = SystemEntropy::new().unwrap();
        assert_ne!(random::<32>(&entropy), random::<32>(&entropy));
    }
}
