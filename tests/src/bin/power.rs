//! Cuts the power after every write of the main transactions of phone and server, in six ways each, and fails and fills
//! their disk; then plants `synchronous=NORMAL`, which must be found.
//!
//! `cargo run -p doorstep-tests --bin power` · `… -- --transaction "phone: tap" --seed 7` plays one again.
#![expect(clippy::expect_used, reason = "a harness: what does not hold here must stop it")]

use std::process::ExitCode;
use std::time::Instant;

use clap::Parser;
use doorstep_tests::disk::Loss;
use doorstep_tests::disk::rig::{Found, test_all, transactions};
use indicatif::{ProgressBar, ProgressStyle};

/// Violations of one transaction that are told in words.
const TOLD_MAX: usize = 5;

/// Cuts the power after every write of the main transactions, in six ways each.
#[derive(Parser)]
struct Asked {
    /// Only transactions whose name has this in it.
    #[arg(long)]
    transaction: Option<String>,
    /// What decides which writes are lost, torn, garbled; each next one's is one more.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many seeds.
    #[arg(long, default_value_t = 1)]
    seeds: u64,
    /// How many transactions are tested at once.
    #[arg(long, default_value_t = 2)]
    threads: usize,
    /// Without the failing and full disks.
    #[arg(long)]
    cuts_only: bool,
}

fn main() -> ExitCode {
    let asked = Asked::parse();
    let begun = Instant::now();
    let mut bad = 0;
    for seed in asked.seed..asked.seed + asked.seeds {
        bad += play(&asked, seed, false);
    }
    println!("{bad} violations in {:.1} s", begun.elapsed().as_secs_f64());
    // The check must be able to fail: with a sync less a commit, a cut takes back what was told.
    let planted = play(&asked, asked.seed, true);
    println!("planted synchronous=NORMAL: {planted} violations {}", if planted > 0 { "found" } else { "FOUND NONE" });
    println!("{:.1} s in all", begun.elapsed().as_secs_f64());
    if bad == 0 && planted > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Violations.
fn play(asked: &Asked, seed: u64, lax: bool) -> usize {
    let mut all = transactions(seed);
    all.retain(|one| asked.transaction.as_ref().is_none_or(|name| one.name.contains(name.as_str())));
    let bar = ProgressBar::new(all.len() as u64);
    let style = "{elapsed_precise} {wide_bar} {pos}/{len} transactions · {msg}";
    bar.set_style(ProgressStyle::with_template(style).expect("a template"));
    let each = |found: &Found| {
        bar.set_message(found.name);
        bar.inc(1);
    };
    let found = test_all(&all, seed, lax, !lax && !asked.cuts_only, asked.threads, each);
    bar.finish_and_clear();
    if lax {
        println!("\nplanted: synchronous=NORMAL");
    } else {
        println!("\nseed {seed}");
    }
    tell(&found, lax);
    found.iter().map(Found::bad).sum()
}

/// A line a transaction: in each way of losing, cuts after which it was gone untold (allowed) and violations.
fn tell(all: &[Found], planted: bool) {
    print!("{:<32}{:>7}{:>7}{:>7}", "gone untold · violations", "deeds", "cuts", "disks");
    Loss::ALL.iter().for_each(|loss| print!("{:>13}", loss.name()));
    println!("{:>15}", "failing disk");
    for found in all {
        let cuts: usize = found.cuts.values().map(|cuts| cuts.tried).sum();
        print!("{:<32}{:>7}{cuts:>7}{:>7}", found.name, found.deeds, found.different);
        for loss in Loss::ALL {
            let cuts = found.cuts.get(&loss).copied().unwrap_or_default();
            print!("{:>13}", format!("{} · {}", cuts.gone, cuts.bad));
        }
        println!("{:>15}", format!("{} · {}", found.troubles.tried, found.troubles.bad));
    }
    for found in all {
        found.told.iter().take(if planted { 1 } else { TOLD_MAX }).for_each(|what| println!("  {}: {what}", found.name));
    }
}
