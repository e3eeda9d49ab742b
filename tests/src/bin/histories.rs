//! Plays random histories of cases, as many as one likes, and holds each against every law of the method.
//!
//! `cargo run -p doorstep-tests --bin histories -- --histories 10000` · `… -- --replay SEED` tells one of them.
#![expect(clippy::expect_used, reason = "a harness: what does not hold here must stop it")]

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use clap::Parser;
use doorstep_tests::histories::{CHECKS, Coverage, Failure, Plan, STOPPED, play, report, try_plan};
use indicatif::{ProgressBar, ProgressStyle};

/// How many failures of one check are kept to be told; the rest are counted.
const TOLD_MAX: usize = 1;

/// Plays random histories and holds each against every law of the method.
#[derive(Parser)]
struct Asked {
    /// How many histories.
    #[arg(long, default_value_t = 10_000)]
    histories: u64,
    /// The first one's seed; each next one's is one more.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Tells the one history with this seed, and what does not hold of it.
    #[arg(long, conflicts_with_all = ["histories", "seed"])]
    replay: Option<u64>,
    /// How many are played at once.
    #[arg(long, default_value_t = 2)]
    threads: usize,
    /// Stops at the first failure instead of counting on.
    #[arg(long)]
    first: bool,
}

/// What was found so far.
#[derive(Default)]
struct Found {
    coverage: Coverage,
    failed: BTreeMap<&'static str, u64>,
    told: BTreeMap<&'static str, Vec<(u64, Failure)>>,
}

impl Found {
    fn add(&mut self, seed: u64, coverage: Option<&Coverage>, failures: Vec<Failure>) {
        if let Some(coverage) = coverage {
            self.coverage.merge(coverage);
        }
        for failure in failures {
            *self.failed.entry(failure.check).or_default() += 1;
            let told = self.told.entry(failure.check).or_default();
            told.push((seed, failure));
            // The earliest, whoever finished first.
            told.sort_by_key(|(seed, _)| *seed);
            told.truncate(TOLD_MAX);
        }
    }
}

fn main() -> ExitCode {
    let asked = Asked::parse();
    // What stops is reported like everything else that does not hold.
    std::panic::set_hook(Box::new(|_| {}));
    match asked.replay {
        Some(seed) => replay(seed),
        None => many(&asked),
    }
}

fn replay(seed: u64) -> ExitCode {
    let plan = Plan::of(seed);
    if let Ok(played) = std::panic::catch_unwind(|| play(&plan)) {
        println!("{}", played.story.join("\n"));
        println!("stage {}, round {}", played.together().state.stage().name(), played.together().state.round);
    }
    let (_, failures) = try_plan(&plan);
    for failure in &failures {
        println!("\n{}", report(seed, failure));
    }
    if failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn many(asked: &Asked) -> ExitCode {
    let style = "{elapsed_precise} {wide_bar} {pos}/{len} histories, {per_sec}, {eta} to go · {msg}";
    let bar = ProgressBar::new(asked.histories);
    bar.set_style(ProgressStyle::with_template(style).expect("a template"));
    let begun = std::time::Instant::now();
    let next = AtomicU64::new(0);
    let found = Mutex::new(Found::default());
    let lock = || found.lock().unwrap_or_else(PoisonError::into_inner);
    std::thread::scope(|scope| {
        for _ in 0..asked.threads.max(1) {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= asked.histories || (asked.first && !lock().failed.is_empty()) {
                        return;
                    }
                    let seed = asked.seed.wrapping_add(number);
                    let (coverage, failures) = try_plan(&Plan::of(seed));
                    let mut found = lock();
                    found.add(seed, coverage.as_ref(), failures);
                    bar.set_message(format!("{} failures", found.failed.values().sum::<u64>()));
                    bar.inc(1);
                }
            });
        }
    });
    bar.finish();
    let found = found.into_inner().unwrap_or_else(PoisonError::into_inner);
    tell(&found, begun.elapsed())
}

fn tell(found: &Found, took: std::time::Duration) -> ExitCode {
    println!("{}", found.coverage);
    println!("{} histories in {:.1} s", found.coverage.histories, took.as_secs_f64());
    for check in CHECKS.iter().map(|(check, _)| *check).chain([STOPPED]) {
        println!("  {check:<52} {:>7} failed", found.failed.get(check).copied().unwrap_or(0));
    }
    for (seed, failure) in found.told.values().flatten() {
        println!("\n{}", report(*seed, failure));
    }
    let missing = found.coverage.missing();
    if !missing.is_empty() {
        println!("\nnever reached: {}", missing.join(", "));
    }
    if found.failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
