//! `cargo bench -p doorstep-tests --bench ledger -- [--docs 1000,10000] [--visits 50000] [--json] [--keep FOLDER]`: what exporting a
//! ledger costs, as a table. With `--keep` the phone and the files stay in that folder, for somebody to look at.
//!
//! Real parts: a phone's SQLite file that holds cases with about twelve events by three people each, and visits. Each run
//! is a process of its own, which opens the phone and exports one ledger to a file on disk, so that its peak memory can be
//! read. Nothing is asserted: the figures are for people.

#![allow(
    clippy::expect_used,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "a program that measures: what goes wrong ends it, and its numbers are small"
)]

mod fill;

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Instant;

use doorstep_core::device::{Device, Format, Host, Options};
use doorstep_core::host::{SoftwareSigner, SystemClock, SystemEntropy};
use doorstep_core::words::Lang;

/// How often each ledger is exported.
const RUNS: usize = 7;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let option = |name: &str| arguments.iter().skip_while(|argument| *argument != name).nth(1).map(String::as_str);
    if let Some(what) = option("--run") {
        return run(Path::new(option("--phone").expect("a phone")), what, Path::new(option("--to").expect("a file")));
    }
    let json = arguments.iter().any(|argument| argument == "--json");
    let sizes = option("--docs").unwrap_or("1000,10000").split(',').filter_map(|size| size.parse::<usize>().ok());
    let mut lines = Vec::new();
    for size in sizes {
        let visits = option("--visits").and_then(|visits| visits.parse().ok()).unwrap_or(size * 5);
        let temporary = tempfile::Builder::new().prefix("doorstep-bench-").tempdir().expect("temporary folder");
        let kept = option("--keep").map(|folder| Path::new(folder).join(size.to_string()));
        let dir = kept.as_deref().unwrap_or_else(|| temporary.path());
        std::fs::create_dir_all(dir).expect("a folder");
        measure(dir, size, visits, &mut lines);
    }
    if json { print_json(&lines) } else { print(&lines) }
}

/// One figure, of several runs.
struct Line {
    cases: usize,
    what: String,
    unit: &'static str,
    values: Vec<f64>,
}

fn measure(dir: &Path, cases: usize, visits: usize, lines: &mut Vec<Line>) {
    let phone = dir.join("phone.db");
    fill::fill(&phone, cases, visits);
    let mut add = |what: String, unit, values: Vec<f64>| lines.push(Line { cases, what, unit, values });
    let opened: Vec<Figures> = (0..RUNS).map(|_| child(&phone, "nothing", dir)).collect();
    add("open the phone, export nothing: peak memory".into(), "MB", opened.iter().map(|run| run.peak_mb).collect());
    for (ledger, formats) in
        [("cases", &Format::ALL[..]), ("months", &[Format::Xlsx]), ("follow-ups", &[Format::Xlsx]), ("visits", &[Format::Xlsx])]
    {
        for format in formats {
            let name = format!("{ledger}.{}", format.name());
            let runs: Vec<Figures> = (0..RUNS).map(|_| child(&phone, &name, dir)).collect();
            add(format!("{name}: time"), "ms", runs.iter().map(|run| run.ms).collect());
            add(format!("{name}: peak memory"), "MB", runs.iter().map(|run| run.peak_mb).collect());
            add(format!("{name}: file"), "kB", runs.iter().map(|run| run.bytes / 1e3).collect());
            add(format!("{name}: lines"), "", runs.iter().map(|run| run.lines).collect());
        }
    }
}

/// What a run says of itself.
struct Figures {
    ms: f64,
    peak_mb: f64,
    bytes: f64,
    lines: f64,
}

fn child(phone: &Path, what: &str, dir: &Path) -> Figures {
    let to = dir.join(what);
    let said = Command::new(std::env::current_exe().expect("this program"))
        .args(["--run", what, "--phone"])
        .arg(phone)
        .arg("--to")
        .arg(&to)
        .output()
        .expect("a run");
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    let said = String::from_utf8(said.stdout).expect("text");
    let numbers: Vec<f64> = said.split_whitespace().map(|number| number.parse().expect("a number")).collect();
    let bytes = std::fs::metadata(&to).map_or(0.0, |file| file.len() as f64);
    Figures { ms: numbers[0], peak_mb: numbers[1], lines: numbers[2], bytes }
}

/// Exports one ledger and prints milliseconds, peak memory and lines.
fn run(phone: &Path, what: &str, to: &Path) {
    let entropy = SystemEntropy::new().expect("entropy");
    let signer = SoftwareSigner::generate(&entropy).expect("a key");
    let host = Host {
        clock: Arc::new(SystemClock),
        entropy: Arc::new(entropy),
        signer: Arc::new(signer),
        installation: [7; 16],
        lang: Lang::Zh,
    };
    let device = Device::open(phone, Options::default(), host).expect("open");
    let begun = Instant::now();
    let lines = match what.rsplit_once('.') {
        Some((ledger, format)) => {
            let format = Format::from_name(format).expect("a format");
            let exported = device.export_to_file(ledger, format, None, to).expect("exported");
            assert_eq!(exported.unreadable, 0);
            exported.lines
        }
        None => 0,
    };
    println!("{} {} {lines}", begun.elapsed().as_secs_f64() * 1e3, peak_mb());
}

/// The most memory this process ever held, as the kernel counts it.
fn peak_mb() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    line.trim().trim_end_matches(" kB").trim().parse::<f64>().map_or(f64::NAN, |kib| kib / 1024.0)
}

/// Minimum, median, maximum.
fn spread(values: &[f64]) -> [f64; 3] {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    [sorted[0], sorted[sorted.len() / 2], sorted[sorted.len() - 1]]
}

fn print(lines: &[Line]) {
    println!("{:>6}  {:<46}{:>10}{:>10}{:>10}  {:<3}{:>4}", "cases", "", "min", "median", "max", "", "n");
    for Line { cases, what, unit, values } in lines {
        let [min, median, max] = spread(values);
        println!("{cases:>6}  {what:<46}{min:>10.2}{median:>10.2}{max:>10.2}  {unit:<3}{:>4}", values.len());
    }
}

fn print_json(lines: &[Line]) {
    let lines: Vec<serde_json::Value> = lines
        .iter()
        .map(|Line { cases, what, unit, values }| {
            let [min, median, max] = spread(values);
            serde_json::json!({"cases": cases, "what": what, "unit": unit, "runs": values.len(), "min": min, "median": median, "max": max})
        })
        .collect();
    println!("{}", serde_json::to_string_pretty(&lines).expect("plain values"));
}
