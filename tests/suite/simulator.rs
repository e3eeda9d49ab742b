//! The simulator itself: a seed plays the same again, to the last line, or its failures could not be looked into.

use doorstep_tests::sim::{Plan, play};

/// Seeds that are played twice: of a long and bad month, so that every fault is in one of them.
const TWICE: [u64; 3] = [3, 7, 12];

#[test]
fn a_seed_played_twice_tells_the_same_story() {
    for seed in TWICE {
        let (first, again) = (play(&Plan::of(seed)), play(&Plan::of(seed)));
        assert_eq!(first.story, again.story, "seed {seed}");
        assert_eq!(first.tally, again.tally, "seed {seed}");
        assert!(first.tally.injected() > 0, "seed {seed} is a month without a mishap");
    }
}

#[test]
fn another_seed_tells_another_story() {
    assert_ne!(Plan::of(1), Plan::of(2));
    assert_ne!(play(&Plan::of(1)).story, play(&Plan::of(2)).story);
}
