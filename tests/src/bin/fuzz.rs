//! Puts hostile bytes into every way in, in processes under limits, and keeps what it finds.
//!
//! `cargo run --release -p doorstep-tests --bin fuzz -- --target all --seconds 600` · `… -- --replay FILE` runs a finding
//! again. An input may take one second of processor time and 256 MiB; more, a panic, or something that does not hold is a
//! finding. The limits are a child process's: what ends it is what the input before did.
#![expect(clippy::expect_used, reason = "a harness: what does not hold here must stop it")]
#![allow(clippy::cast_precision_loss, reason = "figures for people")]

use std::io::{BufRead as _, BufReader, Write as _};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use clap::Parser;
use doorstep_tests::fuzz::{Seeds, Stage, TARGETS, Target};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use rustix::process::{Resource, Rlimit, setrlimit};
use rustix::time::{ClockId, clock_gettime};
use serde::{Deserialize, Serialize};

/// Processor time that an input may take, in nanoseconds.
const TIME_MAX_NS: i128 = 1_000_000_000;
/// Memory that an input may take on top of what its process had before the first.
const MEMORY_MAX: u64 = 256 << 20;
/// Real time without a word from a process after which its input counts as one that never ends.
const SILENCE_MAX: Duration = Duration::from_mins(1);
/// Findings of one target after which it stops: more of them say little more.
const FINDINGS_MAX: usize = 20;

/// Puts hostile bytes into every way in.
#[derive(Parser, Clone)]
struct Asked {
    /// push, change, document, ingest, pull, bundle, attachment; or all.
    #[arg(long, default_value = "all")]
    target: String,
    /// Seconds for each target.
    #[arg(long, default_value_t = 30)]
    seconds: u64,
    /// Decides everything.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Targets at once.
    #[arg(long, default_value_t = 2)]
    jobs: usize,
    /// Runs the finding in this file again.
    #[arg(long, conflicts_with_all = ["target", "seconds", "seed"])]
    replay: Option<PathBuf>,
    /// Where findings are kept.
    #[arg(long, default_value = "target/fuzz")]
    keep: PathBuf,
    /// The number to begin with.
    #[arg(long, hide = true, default_value_t = 0)]
    from: u64,
    /// Is the process in which inputs are run, up to this number.
    #[arg(long, hide = true)]
    inside: Option<u64>,
}

/// What was found: enough to make the input again, and those before it that it may need.
#[derive(Serialize, Deserialize)]
struct Finding {
    target: String,
    seed: u64,
    /// The first input since everything was set up anew.
    first: u64,
    n: u64,
    what: String,
    /// For a look; replaying makes it again.
    input_hex: String,
}

fn main() -> ExitCode {
    let asked = Asked::parse();
    if let Some(until) = asked.inside {
        return inside(&asked, until);
    }
    if let Some(file) = &asked.replay {
        let finding: Finding = serde_json::from_slice(&std::fs::read(file).expect("the finding's file")).expect("a finding");
        println!("{} {} from seed {}: {}", finding.target, finding.n, finding.seed, finding.what);
        let asked = Asked { target: finding.target, seed: finding.seed, from: finding.first, ..asked };
        let found = run(&asked, target(&asked.target).expect("a target"), Some(finding.n + 1), &ProgressBar::hidden());
        found.findings.iter().for_each(|what| println!("again: {what}"));
        return if found.findings.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    }
    let chosen: Vec<Target> =
        if asked.target == "all" { TARGETS.to_vec() } else { asked.target.split(',').filter_map(target).collect() };
    if chosen.is_empty() {
        eprintln!("no such target; there are: all {}", TARGETS.map(Target::name).join(" "));
        return ExitCode::from(2);
    }
    let bars = MultiProgress::new();
    let style = ProgressStyle::with_template("{prefix:>9} {bar:30} {elapsed_precise} {msg}").expect("a template");
    let queue = std::sync::Mutex::new(chosen.clone().into_iter());
    let results = std::sync::Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..asked.jobs.max(1) {
            scope.spawn(|| {
                loop {
                    let Some(target) = queue.lock().expect("nobody panics").next() else { return };
                    let bar = bars.add(ProgressBar::new(asked.seconds).with_style(style.clone()).with_prefix(target.name()));
                    let found = run(&asked, target, None, &bar);
                    bar.finish();
                    results.lock().expect("nobody panics").push((target, found));
                }
            });
        }
    });
    let results = results.into_inner().expect("nobody panics");
    println!(
        "{:>9}{:>12}{:>12}{:>12}{:>10}{:>14}{:>14}",
        "", "inputs", "taken", "refused", "findings", "slowest ms", "memory MiB"
    );
    for (target, found) in &results {
        let Found { inputs, taken, refused, slowest_us, memory_kib, findings } = found;
        let (slowest, memory) = (*slowest_us as f64 / 1e3, memory_kib / 1024);
        println!("{:>9}{inputs:>12}{taken:>12}{refused:>12}{:>10}{slowest:>14.1}{memory:>14}", target.name(), findings.len());
    }
    for (target, found) in &results {
        found.findings.iter().for_each(|what| println!("{}: {what}", target.name()));
    }
    if results.iter().all(|(_, found)| found.findings.is_empty()) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn target(name: &str) -> Option<Target> {
    TARGETS.into_iter().find(|target| target.name() == name)
}

#[derive(Default)]
struct Found {
    inputs: u64,
    taken: u64,
    refused: u64,
    slowest_us: u64,
    /// What a process held at its peak, beyond what it had at the start.
    memory_kib: u64,
    findings: Vec<String>,
}

/// Runs a target in processes, one after another when one ends: up to a number, or as long as was asked for.
fn run(asked: &Asked, target: Target, until: Option<u64>, bar: &ProgressBar) -> Found {
    let mut found = Found::default();
    let begun = Instant::now();
    let time = Duration::from_secs(asked.seconds);
    let mut from = asked.from;
    while (until.is_some() || begun.elapsed() < time) && until.is_none_or(|until| from < until) {
        let (mut child, said) = start(asked, target, from, until.unwrap_or(u64::MAX));
        let (mut at, mut first) = (from, from);
        let mut ready = false;
        let ended = loop {
            match said.recv_timeout(SILENCE_MAX) {
                Ok(line) => {
                    let mut words = line.splitn(3, ' ');
                    match (words.next(), words.next().and_then(|number| number.parse().ok())) {
                        (Some("ready"), _) => ready = true,
                        (Some("at"), Some(n)) => {
                            at = n;
                            first = words.next().and_then(|number| number.parse().ok()).unwrap_or(from);
                        }
                        (Some("found"), Some(n)) => {
                            keep(asked, target, (first, n), words.next().unwrap_or_default(), &mut found);
                        }
                        (Some("tally"), Some(n)) => tally(&mut found, n, words.next().unwrap_or_default()),
                        _ => {}
                    }
                    bar.set_position(begun.elapsed().as_secs());
                    bar.set_message(format!("{at} inputs, {} findings", found.findings.len()));
                    if until.is_none() && begun.elapsed() >= time {
                        break None;
                    }
                }
                Err(RecvTimeoutError::Timeout) => break Some("never ends".to_owned()),
                Err(RecvTimeoutError::Disconnected) => break Some("ended its process".to_owned()),
            }
        };
        if ended.as_deref() == Some("never ends") {
            let _ = child.kill();
        }
        // Told to stop by its standard input, it says its tally.
        drop(child.stdin.take());
        for line in &said {
            if let Some(rest) = line.strip_prefix("tally ")
                && let Some((n, rest)) = rest.split_once(' ')
            {
                tally(&mut found, n.parse().unwrap_or(0), rest);
            }
        }
        let status = child.wait().expect("a child's end");
        if !status.success() {
            assert!(ready, "{} could not be set up: {status}", target.name());
            let what = format!("{} ({status})", ended.unwrap_or_else(|| "ended its process".into()));
            keep(asked, target, (first, at), &what, &mut found);
            from = at + 1;
        } else if until.is_some() {
            break;
        } else {
            from = at + 1;
        }
        if found.findings.len() >= FINDINGS_MAX {
            break;
        }
    }
    found
}

fn tally(found: &mut Found, inputs: u64, rest: &str) {
    let numbers: Vec<u64> = rest.split(' ').filter_map(|word| word.parse().ok()).collect();
    if let [taken, refused, slowest, memory] = numbers[..] {
        found.inputs += inputs;
        found.taken += taken;
        found.refused += refused;
        found.slowest_us = found.slowest_us.max(slowest);
        found.memory_kib = found.memory_kib.max(memory);
    }
}

fn keep(asked: &Asked, target: Target, (first, n): (u64, u64), what: &str, found: &mut Found) {
    let seeds = Seeds::new(asked.seed);
    let input_hex = data_encoding::HEXLOWER.encode(&target.input(&seeds, asked.seed, n));
    let finding = Finding { target: target.name().into(), seed: asked.seed, first, n, what: what.into(), input_hex };
    std::fs::create_dir_all(&asked.keep).expect("a directory for findings");
    let file = asked.keep.join(format!("{}-{}-{n}.json", target.name(), asked.seed));
    std::fs::write(&file, serde_json::to_vec_pretty(&finding).expect("plain values")).expect("a finding's file");
    found.findings.push(format!("{what} (input {n}; --replay {})", file.display()));
}

fn start(asked: &Asked, target: Target, from: u64, until: u64) -> (Child, Receiver<String>) {
    let mut child = Command::new(std::env::current_exe().expect("this program"))
        .args(["--target", target.name(), "--seed", &asked.seed.to_string()])
        .args(["--from", &from.to_string(), "--inside", &until.to_string()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("a process");
    let out = child.stdout.take().expect("its output");
    let (to, said) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(out).lines().map_while(Result::ok) {
            if to.send(line).is_err() {
                return;
            }
        }
    });
    (child, said)
}

/// The process in which inputs are run. Says each one's number before it; whatever ends it, it was that one.
fn inside(asked: &Asked, until: u64) -> ExitCode {
    std::panic::set_hook(Box::new(|_| ()));
    let target = target(&asked.target).expect("a target");
    let seeds = Seeds::new(asked.seed);
    let mut stage = Stage::new(target, &seeds);
    let (stop, stopped) = channel::<()>();
    std::thread::spawn(move || {
        let _ = std::io::stdin().read_line(&mut String::new());
        drop(stop);
    });
    let before = memory("VmData:");
    let peak_before = memory("VmRSS:");
    let most = Some(before * 1024 + MEMORY_MAX);
    setrlimit(Resource::Data, Rlimit { current: most, maximum: most }).expect("a limit of memory");
    setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) }).expect("no core files");
    let mut out = std::io::stdout().lock();
    let mut say = |line: &str| writeln!(out, "{line}").and_then(|()| out.flush()).is_ok();
    say("ready");
    let (mut slowest, mut n, mut first) = (0, asked.from, asked.from);
    while n < until && !matches!(stopped.try_recv(), Err(std::sync::mpsc::TryRecvError::Disconnected)) {
        if n - first >= target.epoch() {
            stage.again();
            first = n;
        }
        let input = target.input(&seeds, asked.seed, n);
        if !say(&format!("at {n} {first}")) {
            return ExitCode::SUCCESS;
        }
        let begun = cpu_ns();
        let held = catch_unwind(AssertUnwindSafe(|| stage.run(&input)));
        let took = cpu_ns() - begun;
        slowest = slowest.max(took);
        let what = match held {
            Err(_) => Some("panics".to_owned()),
            Ok(Err(what)) => Some(what),
            Ok(Ok(())) if took > TIME_MAX_NS => Some(format!("takes {} ms", took / 1_000_000)),
            Ok(Ok(())) => None,
        };
        if let Some(what) = what {
            say(&format!("found {n} {what}"));
            stage.again();
            first = n + 1;
        }
        n += 1;
    }
    let count = |counter: &std::sync::atomic::AtomicU64| counter.load(Ordering::Relaxed);
    let grown = memory("VmHWM:").saturating_sub(peak_before);
    let (taken, refused) = (count(&stage.tally.taken), count(&stage.tally.refused));
    say(&format!("tally {} {taken} {refused} {} {grown}", n - asked.from, slowest / 1_000));
    ExitCode::SUCCESS
}

/// Processor time of this process, all its threads.
fn cpu_ns() -> i128 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    i128::from(time.tv_sec) * 1_000_000_000 + i128::from(time.tv_nsec)
}

/// A line of what the system says of this process's memory, KiB.
fn memory(line: &str) -> u64 {
    let status = std::fs::read_to_string(Path::new("/proc/self/status")).unwrap_or_default();
    let found = status.lines().find_map(|other| other.strip_prefix(line));
    found.and_then(|rest| rest.trim().strip_suffix(" kB")?.trim().parse().ok()).unwrap_or(0)
}
