//! Simulated time: one clock for the world, which only tests and waiting move, and phones' clocks, which may be wrong.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use doorstep_core::environment::Clock;
use doorstep_core::time::Timestamp;

/// 2026-05-08, 09:00 in China.
pub const BEGIN: Timestamp = Timestamp(1_778_202_000_000);

/// The world's time.
#[derive(Debug, Clone)]
pub struct WorldClock(Arc<AtomicI64>);

impl WorldClock {
    /// At [`BEGIN`].
    pub fn new() -> Self {
        Self(Arc::new(AtomicI64::new(BEGIN.0)))
    }

    /// Lets so many milliseconds pass.
    pub fn pass(&self, ms: i64) {
        self.0.fetch_add(ms, Ordering::SeqCst);
    }
}

impl Default for WorldClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for WorldClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }

    fn monotonic(&self) -> (u64, u64) {
        (1, (self.now().0 - BEGIN.0).unsigned_abs())
    }
}

/// A phone's clock: the world's, and so many milliseconds off.
#[derive(Debug, Clone)]
pub struct PhoneClock {
    world: WorldClock,
    off_ms: Arc<AtomicI64>,
}

impl PhoneClock {
    /// Right, to begin with.
    pub fn new(world: WorldClock) -> Self {
        Self { world, off_ms: Arc::new(AtomicI64::new(0)) }
    }

    /// From now on it is wrong by this much.
    pub fn set_off(&self, ms: i64) {
        self.off_ms.store(ms, Ordering::SeqCst);
    }
}

impl Clock for PhoneClock {
    fn now(&self) -> Timestamp {
        self.world.now().plus_ms(self.off_ms.load(Ordering::SeqCst))
    }

    fn monotonic(&self) -> (u64, u64) {
        self.world.monotonic()
    }
}
