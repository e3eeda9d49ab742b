//! Many seeds on all cores: each is a world of its own.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use super::plan::Plan;
use super::play::{Broken, play};
use super::tally::Tally;

/// What became of many seeds.
#[derive(Debug, Default)]
pub struct Found {
    /// What came about in all of them.
    pub tally: Tally,
    /// The seeds in which a promise was broken, in the order they were found.
    pub broken: Vec<(u64, Broken)>,
    /// Seeds that were played.
    pub played: u64,
}

/// What to play.
#[derive(Debug, Clone, Copy)]
pub struct Asked {
    /// The first seed.
    pub seed: u64,
    /// How many.
    pub seeds: u64,
    /// How many at a time.
    pub threads: usize,
    /// Whether to stop at the first that breaks a promise.
    pub first: bool,
}

/// Plays them. `each` hears of every seed, and of how it broke a promise if it did.
pub fn many(asked: Asked, each: impl Fn(&Found, Option<&(u64, Broken)>) + Sync) -> Found {
    let next = AtomicU64::new(0);
    let found = Mutex::new(Found::default());
    let lock = || found.lock().unwrap_or_else(PoisonError::into_inner);
    std::thread::scope(|scope| {
        for _ in 0..asked.threads.max(1) {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= asked.seeds || (asked.first && !lock().broken.is_empty()) {
                        return;
                    }
                    let seed = asked.seed.wrapping_add(number);
                    let played = play(&Plan::of(seed));
                    let mut found = lock();
                    found.tally.add(&played.tally);
                    found.played += 1;
                    let broke = played.broken.is_some();
                    found.broken.extend(played.broken.map(|broken| (seed, broken)));
                    each(&found, found.broken.last().filter(|_| broke));
                }
            });
        }
    });
    let mut found = found.into_inner().unwrap_or_else(PoisonError::into_inner);
    found.broken.sort_by_key(|(seed, _)| *seed);
    found
}
