//! The power goes after any write of the main transactions of phone and server, in six ways; the disk fails or is full for a
//! while. A program of its own, because it puts a disk of its own under every SQLite database of the process.

use doorstep_tests::disk::rig::{Found, Transaction, test_all, transactions};
use doorstep_tests::seed::{Replay, SEED};

/// Cores of the machines that this is run on daily.
const THREADS: usize = 2;

fn seed() -> u64 {
    std::env::var(SEED).ok().and_then(|text| text.parse().ok()).unwrap_or(1)
}

fn told(all: &[Found]) -> Vec<String> {
    all.iter().flat_map(|found| found.told.iter().map(|what| format!("{}: {what}", found.name))).collect()
}

#[test]
fn no_power_cut_and_no_failing_disk_takes_back_what_was_told_or_leaves_half_of_anything() {
    let _replay = Replay(seed());
    let all = test_all(&transactions(seed()), seed(), false, true, THREADS, |_| {});
    assert_eq!(told(&all), Vec::<String>::new());
    assert_eq!(all.iter().map(Found::bad).sum::<usize>(), 0);
    // That it was put to the test at all: each is cut, in each way, and most are gone when nobody was told.
    assert!(all.len() >= 25, "{} transactions", all.len());
    assert!(all.iter().map(|found| found.again.tried).sum::<usize>() > 500, "a second cut, into the opening after the first");
    for found in &all {
        assert!(found.deeds > 5 && found.cuts.values().all(|cuts| cuts.tried > found.deeds), "{}", found.name);
        assert!(found.troubles.tried > 20, "{}", found.name);
    }
}

#[test]
fn a_commit_without_its_sync_is_found_to_be_taken_back() {
    let planted: Vec<Transaction> =
        transactions(1).into_iter().filter(|one| ["phone: tap", "server: push", "phone: apply"].contains(&one.name)).collect();
    assert_eq!(planted.len(), 3);
    for found in test_all(&planted, 1, true, false, THREADS, |_| {}) {
        assert!(found.told.iter().any(|what| what.contains("told and lost")), "{}: {:?}", found.name, found.told);
    }
}
