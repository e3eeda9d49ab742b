//! The simulator: sub-districts by chance, everything going wrong in them, and the promises of the sync held against it.
//!
//! ```text
//! cargo run -p doorstep-tests --bin simulate -- --seeds 1000
//! cargo run -p doorstep-tests --bin simulate -- --seed 17 --trace
//! ```
//!
//! A seed that breaks a promise is named with the commit it was found on; `--seed N` plays it again, the same to the last
//! line, and tells a short story of it. Ends with a failure if any promise was broken, or if a kind of fault never came
//! about.

use std::process::{Command, ExitCode};

use clap::Parser;
use doorstep_tests::sim::many::{self, Asked, Found};
use doorstep_tests::sim::play::{Broken, quiet_panics};
use doorstep_tests::sim::{Plan, play, shrink};
use indicatif::{ProgressBar, ProgressStyle};

/// Seeds that broke a promise and are told of at the end.
const TOLD: usize = 20;
/// Seeds from which on every kind of fault must have come about.
const ENOUGH: u64 = 300;

/// Plays sub-districts by chance, with everything going wrong, and holds the promises of the sync against them.
#[derive(Parser)]
struct Arguments {
    /// How many seeds.
    #[arg(long, default_value_t = 1_000)]
    seeds: u64,
    /// The first seed; without --seeds only this one, told as a short story if it breaks a promise.
    #[arg(long)]
    seed: Option<u64>,
    /// Tells everything that happens in the one seed.
    #[arg(long)]
    trace: bool,
    /// How many at a time.
    #[arg(long, default_value_t = std::thread::available_parallelism().map_or(1, usize::from))]
    threads: usize,
    /// Plants a fault in the product, by its name, or `all` one after another, and says after how many seeds each was found;
    /// only in a build with the feature `planted`.
    #[cfg(feature = "planted")]
    #[arg(long)]
    planted: Option<String>,
    /// Stops at the first seed that breaks a promise.
    #[arg(long)]
    first: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    quiet_panics();
    #[cfg(feature = "planted")]
    if let Some(which) = &arguments.planted {
        return planted::find(which, &arguments);
    }
    match arguments.seed {
        Some(seed) if arguments.trace || !std::env::args().any(|argument| argument.starts_with("--seeds")) => {
            one(seed, arguments.trace)
        }
        _ => several(&arguments),
    }
}

fn one(seed: u64, trace: bool) -> ExitCode {
    let plan = Plan::of(seed);
    let played = play(&plan);
    if trace {
        print!("{}", played.story);
    }
    let Some(broken) = played.broken else {
        println!("seed {seed}: every promise was kept");
        return ExitCode::SUCCESS;
    };
    println!("{}", told(seed, &broken));
    if !trace {
        println!("\nmade short:");
        let short = shrink::shrink(&plan, broken.promise, broken.step);
        println!("{}", play(&short).story);
    }
    ExitCode::FAILURE
}

fn several(arguments: &Arguments) -> ExitCode {
    let begun = std::time::Instant::now();
    let style = "{elapsed_precise} {wide_bar} {pos}/{len} seeds, {per_sec}, {eta} to go · {msg}";
    let bar = ProgressBar::new(arguments.seeds);
    if let Ok(style) = ProgressStyle::with_template(style) {
        bar.set_style(style);
    }
    let asked =
        Asked { seed: arguments.seed.unwrap_or(1), seeds: arguments.seeds, threads: arguments.threads, first: arguments.first };
    let found = many::many(asked, |found: &Found, newest: Option<&(u64, Broken)>| {
        // At once, not at the end: a long run that is cut off has told what it found.
        if let Some((seed, broken)) = newest {
            bar.suspend(|| eprintln!("seed {seed} broke {}", broken.promise));
        }
        bar.set_message(format!("{} faults, {} broken", found.tally.injected(), found.broken.len()));
        bar.set_position(found.played);
    });
    bar.finish();
    println!("{}", found.tally);
    let seconds = begun.elapsed().as_secs_f64();
    #[expect(clippy::cast_precision_loss, reason = "for people")]
    let rate = |count: u64| count as f64 / seconds;
    println!(
        "{} seeds and {} steps in {seconds:.1} s: {:.1} seeds/s, {:.0} steps/s, {} faults",
        found.played,
        found.tally.steps,
        rate(found.played),
        rate(found.tally.steps),
        found.tally.injected()
    );
    for (seed, broken) in found.broken.iter().take(TOLD) {
        println!("\n{}", told(*seed, broken));
    }
    let missing = found.tally.missing();
    if found.played >= ENOUGH && !missing.is_empty() {
        println!("\nnever came about: {}", missing.join(", "));
        return ExitCode::FAILURE;
    }
    println!("{} of {} seeds broke a promise", found.broken.len(), found.played);
    if found.broken.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

#[cfg(feature = "planted")]
mod planted {
    //! Each planted fault by itself, until a promise is found broken.

    use std::process::ExitCode;

    use doorstep_core::planted::{Planted, plant};
    use doorstep_tests::sim::cast;
    use doorstep_tests::sim::many::{self, Asked};
    use doorstep_tests::sim::play::{Broken, play};
    use doorstep_tests::sim::{Plan, shrink};

    use super::Arguments;

    /// Seeds within which each must be found.
    const WITHIN: u64 = 200;

    /// The first seed in which a promise is broken with the fault, and none without it; and how many it took.
    fn first_found(fault: Planted, arguments: &Arguments) -> Option<(u64, u64, Broken)> {
        let (mut seed, end) = (arguments.seed.unwrap_or(1), arguments.seed.unwrap_or(1) + arguments.seeds.min(WITHIN));
        while seed < end {
            plant(Some(fault));
            let asked = Asked { seed, seeds: end - seed, threads: arguments.threads, first: true };
            let found = many::many(asked, |_, _| {});
            let (at, broken) = found.broken.into_iter().next()?;
            plant(None);
            if play(&Plan::of(at)).broken.is_none() {
                plant(Some(fault));
                return Some((at, at + 1 - arguments.seed.unwrap_or(1), broken));
            }
            seed = at + 1;
        }
        None
    }

    pub(super) fn find(which: &str, arguments: &Arguments) -> ExitCode {
        let chosen: Vec<Planted> =
            Planted::ALL.iter().copied().filter(|fault| which == "all" || fault.name() == which).collect();
        if chosen.is_empty() {
            let names: Vec<&str> = Planted::ALL.iter().map(|fault| fault.name()).collect();
            eprintln!("no such fault; there are: {}", names.join(", "));
            return ExitCode::FAILURE;
        }
        // Everybody begins on sound files.
        cast::beginning();
        let begun = std::time::Instant::now();
        let mut missed = Vec::new();
        for fault in &chosen {
            plant(Some(*fault));
            if let (Some(seed), true) = (arguments.seed, arguments.trace) {
                print!("{}", play(&Plan::of(seed)).story);
                continue;
            }
            match first_found(*fault, arguments) {
                Some((seed, tried, broken)) => {
                    println!("{:<34} after {tried:>3} seeds: {} (seed {seed})", fault.name(), broken.promise);
                    if chosen.len() == 1 {
                        println!("{}", play(&shrink::shrink(&Plan::of(seed), broken.promise, broken.step)).story);
                    }
                }
                None => {
                    println!("{:<34} NOT FOUND", fault.name());
                    missed.push(fault.name());
                }
            }
        }
        plant(None);
        println!(
            "{} of {} planted faults found, {:.0} s",
            chosen.len() - missed.len(),
            chosen.len(),
            begun.elapsed().as_secs_f64()
        );
        if missed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

fn told(seed: u64, broken: &Broken) -> String {
    let after = broken.step.map_or_else(|| "at rest".to_owned(), |step| format!("after step {step}"));
    format!(
        "seed {seed} at {}: {} was broken {after}\n  {}\n  again: cargo run -p doorstep-tests --bin simulate -- --seed {seed} --trace",
        commit(),
        broken.promise,
        broken.what
    )
}

/// The commit that is checked out.
fn commit() -> String {
    let output = Command::new("git").args(["rev-parse", "--short", "HEAD"]).output();
    let text = output.ok().map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    text.filter(|text| !text.is_empty()).unwrap_or_else(|| "an unknown commit".to_owned())
}
