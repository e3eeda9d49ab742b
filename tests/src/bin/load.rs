//! A thousand phones against the real server process, on the same machine: signed pushes at a rate, first syncs all at once,
//! more than it can take. Prints a table; the exit code says whether the targets were reached.
//!
//! `cargo build --release --workspace --features doorstep-bindings/cli`, then `target/release/load pushes`, `… first-sync`,
//! `… overload`; `--phones 100 --seconds 10` for a short run.
#![expect(clippy::expect_used, reason = "a harness: what does not hold here must stop it")]

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::AtomicUsize;
use std::time::{Duration, Instant};

use clap::{Args, Parser, Subcommand};
use doorstep_core::environment::Clock as _;
use doorstep_core::host::SystemClock;
use doorstep_tests::load::run::{self, Pace};
use doorstep_tests::load::table::{Seen, percentile, tell};
use doorstep_tests::load::town::{self, Phone};
use doorstep_tests::process::{self, Served};
use doorstep_tests::seed::Seeded;

/// Longest that all but one of a hundred pushes may take, milliseconds.
const P99_MS: f64 = 1_500.0;
/// Most memory of the server, MiB.
const MEMORY_MIB: f64 = 512.0;
/// Longest for all first syncs, seconds.
const FIRST_SYNC_S: f64 = 900.0;
/// Pushes a second after an overload, and for how long: an easy pace that must go well at once.
const AFTERWARDS: (f64, u64) = (50.0, 10);

#[derive(Parser)]
struct Asked {
    #[command(subcommand)]
    kind: Kind,
}

/// What every kind takes.
#[derive(Args)]
struct Common {
    /// How many phones are connected.
    #[arg(long, default_value_t = 1_000)]
    phones: usize,
    /// The server's program; the one beside this one, if not given.
    #[arg(long)]
    program: Option<PathBuf>,
    /// What decides keys and contents.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

#[derive(Subcommand)]
enum Kind {
    /// Signed pushes of one change each at a rate, and pulls now and then.
    Pushes {
        #[command(flatten)]
        common: Common,
        /// Pushes a second, of all phones together.
        #[arg(long, default_value_t = 300.0)]
        rate: f64,
        /// For how long.
        #[arg(long, default_value_t = 300)]
        seconds: u64,
        /// How often each phone pulls, seconds; 0: never.
        #[arg(long, default_value_t = 30)]
        pull_every: u64,
    },
    /// Every phone's first sync, all at once.
    FirstSync {
        #[command(flatten)]
        common: Common,
        /// Documents in each phone's sight.
        #[arg(long, default_value_t = 500)]
        documents: usize,
    },
    /// Every phone pushes as fast as it is answered; then an easy pace, which must go well.
    Overload {
        #[command(flatten)]
        common: Common,
        /// For how long.
        #[arg(long, default_value_t = 30)]
        seconds: u64,
    },
}

fn main() -> ExitCode {
    let missed = match Asked::parse().kind {
        Kind::Pushes { common, rate, seconds, pull_every } => pushes(&common, rate, seconds, pull_every),
        Kind::FirstSync { common, documents } => first_sync(&common, documents),
        Kind::Overload { common, seconds } => overload(&common, seconds),
    };
    missed.iter().for_each(|what| println!("  MISSED: {what}"));
    if missed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// What is asked of a run: whether it is so, else in words.
fn unless(holds: bool, what: String, missed: &mut Vec<String>) {
    if !holds {
        missed.push(what);
    }
}

/// Prepares so many pushes on each phone, on all processors.
fn prepare(phones: &mut [Phone], each: usize, seed: u64) {
    let now = SystemClock.now();
    let processors = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
    let share = phones.len().div_ceil(processors).max(1);
    std::thread::scope(|scope| {
        for (number, some) in phones.chunks_mut(share).enumerate() {
            scope.spawn(move || {
                let chance = Seeded::new(seed, &format!("work {number}"));
                some.iter_mut().for_each(|phone| phone.prepare(each, now, &chance));
            });
        }
    });
}

#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "counts of a run")]
fn pushes(common: &Common, rate: f64, seconds: u64, pull_every: u64) -> Vec<String> {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("server");
    let began = Instant::now();
    let (store, mut phones) = town::found(&data, common.phones, common.phones.div_ceil(4), common.seed, SystemClock.now());
    drop(store);
    prepare(&mut phones, (rate * seconds as f64 / common.phones as f64) as usize + 2, common.seed);
    println!("prepared in {:.1} s", began.elapsed().as_secs_f64());
    let served = Served::start(&process::doorstep(common.program.clone()), &data);
    let next: Vec<AtomicUsize> = phones.iter().map(|_| AtomicUsize::new(0)).collect();
    let pull_every = (pull_every > 0).then(|| Duration::from_secs(pull_every));
    let pace = Pace { rate: Some(rate), lasts: Duration::from_secs(seconds), pull_every };
    let (mut seen, used, took) = run::pushes(&served, &phones, &next, pace);
    tell(&format!("{} phones, {rate} pushes a second", phones.len()), took, &mut seen, used);
    let stored = seen.push_ms.len() as f64;
    let p99 = percentile(&mut seen.push_ms, 99.0);
    println!("  {:.1} pushes stored a second", stored / seconds as f64);
    let mut missed = Vec::new();
    unless(stored >= 0.99 * rate * seconds as f64, format!("{stored} pushes of {}", rate * seconds as f64), &mut missed);
    unless(p99 <= P99_MS, format!("p99 of {p99:.0} ms"), &mut missed);
    unless(used.memory_mib <= MEMORY_MIB, format!("{:.0} MiB", used.memory_mib), &mut missed);
    unless(seen.other_than(&[200, 204]) == 0 && seen.broken.is_empty(), "other answers than 200".into(), &mut missed);
    unless(seen.refused == 0, format!("{} changes not stored", seen.refused), &mut missed);
    missed
}

fn first_sync(common: &Common, documents: usize) -> Vec<String> {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("server");
    let began = Instant::now();
    // Few grids, so that what many phones share has to be made once.
    let grids = common.phones.clamp(1, 4);
    let (store, phones) = town::found(&data, common.phones, grids, common.seed, SystemClock.now());
    std::thread::scope(|scope| {
        for (number, phone) in phones.iter().enumerate().take(grids) {
            let (store, seed) = (&store, common.seed);
            scope.spawn(move || phone.fill(store, documents, SystemClock.now(), &Seeded::new(seed, &format!("fill {number}"))));
        }
    });
    drop(store);
    println!("prepared in {:.1} s", began.elapsed().as_secs_f64());
    let served = Served::start(&process::doorstep(common.program.clone()), &data);
    let (mut seen, used, took) = run::first_syncs(&served, &phones);
    tell(&format!("{} first syncs of {documents} documents", phones.len()), took, &mut seen, used);
    let mut missed = Vec::new();
    let wanted = (phones.len() * documents) as u64;
    unless(seen.documents == wanted, format!("{} documents came of {wanted}", seen.documents), &mut missed);
    unless(took.as_secs_f64() <= FIRST_SYNC_S, format!("{:.0} s", took.as_secs_f64()), &mut missed);
    unless(used.memory_mib <= MEMORY_MIB, format!("{:.0} MiB", used.memory_mib), &mut missed);
    turned_away_properly(&seen, &mut missed);
    missed
}

/// Only 200, 204, 429 and 503, and the last two with the time to come back.
fn turned_away_properly(seen: &Seen, missed: &mut Vec<String>) {
    let (other, silent) = (seen.other_than(&[200, 204, 429, 503]), seen.no_retry_after);
    unless(other == 0, format!("{other} answers other than 200, 204, 429, 503"), missed);
    unless(silent == 0, format!("{silent} refusals without Retry-After"), missed);
    unless(seen.broken.is_empty(), format!("no answer: {:?}", seen.broken), missed);
}

fn overload(common: &Common, seconds: u64) -> Vec<String> {
    // More than any server stores a second, so that no phone runs out.
    const MOST_A_SECOND: usize = 2_000;
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("server");
    let began = Instant::now();
    let (store, mut phones) = town::found(&data, common.phones, common.phones.div_ceil(4), common.seed, SystemClock.now());
    drop(store);
    let each = MOST_A_SECOND * usize::try_from(seconds + AFTERWARDS.1).unwrap_or(60) / common.phones + 4;
    prepare(&mut phones, each, common.seed);
    println!("prepared in {:.1} s", began.elapsed().as_secs_f64());
    let served = Served::start(&process::doorstep(common.program.clone()), &data);
    let next: Vec<AtomicUsize> = phones.iter().map(|_| AtomicUsize::new(0)).collect();
    let pace = Pace { rate: None, lasts: Duration::from_secs(seconds), pull_every: None };
    let (mut seen, used, took) = run::pushes(&served, &phones, &next, pace);
    tell(&format!("{} phones, each as fast as it is answered", phones.len()), took, &mut seen, used);
    let mut missed = Vec::new();
    let away: u64 = seen.answers.iter().filter(|((_, status), _)| *status != 200).map(|(_, count)| count).sum();
    unless(away > 0, "nobody was turned away: that was no overload".into(), &mut missed);
    unless(used.memory_mib <= MEMORY_MIB, format!("{:.0} MiB", used.memory_mib), &mut missed);
    unless(seen.refused == 0, format!("{} changes not stored", seen.refused), &mut missed);
    turned_away_properly(&seen, &mut missed);
    let pace = Pace { rate: Some(AFTERWARDS.0), lasts: Duration::from_secs(AFTERWARDS.1), pull_every: None };
    let (mut seen, used, took) = run::pushes(&served, &phones, &next, pace);
    tell("afterwards, at an easy pace", took, &mut seen, used);
    let p99 = percentile(&mut seen.push_ms, 99.0);
    unless(p99 <= P99_MS, format!("afterwards, p99 of {p99:.0} ms"), &mut missed);
    unless(
        seen.other_than(&[200, 204]) == 0 && seen.broken.is_empty(),
        "afterwards, other answers than 200".into(),
        &mut missed,
    );
    missed
}
