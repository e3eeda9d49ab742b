//! Where chance comes from: splitmix64 from one number, so that a test can be played again.

use std::sync::atomic::{AtomicU64, Ordering};

use doorstep_core::environment::Entropy;

/// The environment variable with the seed to play again.
pub const SEED: &str = "DOORSTEP_SEED";
/// The environment variable with how many random schedules to play; more than in the daily run, before a release.
pub const SCHEDULES: &str = "DOORSTEP_SCHEDULES";

const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

/// Chance as a sequence of numbers. Shared: what several threads draw depends on who comes first, the numbers do not.
#[derive(Debug)]
pub struct Seeded(AtomicU64);

impl Seeded {
    /// From this seed; `stream` keeps what one part draws apart from another's.
    pub fn new(seed: u64, stream: &str) -> Self {
        let begin = stream.bytes().fold(seed, |state, byte| mix(state.wrapping_add(GOLDEN) ^ u64::from(byte)));
        Self(AtomicU64::new(begin))
    }

    /// The next number.
    pub fn next(&self) -> u64 {
        mix(self.0.fetch_add(GOLDEN, Ordering::Relaxed).wrapping_add(GOLDEN))
    }

    /// A number below `end`, which is not 0.
    pub fn below(&self, end: usize) -> usize {
        usize::try_from(self.next() % end as u64).unwrap_or_default()
    }

    /// True so many times in a hundred.
    pub fn percent(&self, chance: u64) -> bool {
        self.next() % 100 < chance
    }

    /// One of these, of which there is at least one.
    pub fn pick<'a, T>(&self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }
}

impl Entropy for Seeded {
    fn fill(&self, bytes: &mut [u8]) {
        for eight in bytes.chunks_mut(8) {
            eight.copy_from_slice(&self.next().to_le_bytes()[..eight.len()]);
        }
    }
}

fn mix(state: u64) -> u64 {
    let z = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// Says on a failure which seed it was and how to play it again.
#[derive(Debug)]
pub struct Replay(pub u64);

impl Drop for Replay {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("failed with seed {seed}; to play it again: {SEED}={seed} cargo test -p doorstep-tests <test>", seed = self.0);
        }
    }
}

/// Plays `test` with each of `count` seeds (more, if the environment asks), or only with the one that it names.
pub fn each_seed(count: u64, test: impl Fn(u64)) {
    let number = |name| std::env::var(name).ok().and_then(|text| text.parse().ok());
    let seeds = match number(SEED) {
        Some(seed) => seed..seed + 1,
        None => 1..1 + number(SCHEDULES).unwrap_or(count),
    };
    for seed in seeds {
        let _replay = Replay(seed);
        test(seed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_the_same_again_and_another_stream_something_else() {
        let draw = |seed, stream| (0..4).map(|_| Seeded::new(seed, stream).next()).collect::<Vec<_>>();
        assert_eq!(draw(1, "a"), draw(1, "a"));
        assert_ne!(draw(1, "a"), draw(1, "b"));
        assert_ne!(draw(1, "a"), draw(2, "a"));
    }
}
