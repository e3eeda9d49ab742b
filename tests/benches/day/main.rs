//! `cargo bench -p doorstep-tests --bench day -- [--cases 10000] [--visits 50000] [--json]`: what a worker's screen waits for.
//!
//! A lead's phone after years of work: a real store with real documents, opened by the real device. No network. Nothing
//! is asserted about time: the figures are for people.

#![allow(
    clippy::expect_used,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "a program that measures: what goes wrong ends it, and its numbers are small"
)]

mod crowded;
#[path = "../work/table.rs"]
mod table;
mod town;

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use doorstep_core::case::{self, Command};
use doorstep_core::device::{Device, Host};
use doorstep_core::environment::Clock;
use doorstep_core::host::{SoftwareSigner, SystemEntropy};
use doorstep_core::id::{DocId, DocKind};
use doorstep_core::store::{Apply, Filter, Meta, Options, Order, Query, Store};
use doorstep_core::time::Timestamp;
use doorstep_core::words::Lang;
use table::{Line, Spread};
use town::{Size, TODAY};

/// Short measurements are repeated so often.
const TIMES: usize = 200;
/// Lines of each section of a day that are shown at once.
const ITEMS: usize = 10;
/// Long ones so often.
const FEW: usize = 5;

/// A clock that stands still: the day that is looked at.
struct Standing;

impl Clock for Standing {
    fn now(&self) -> Timestamp {
        TODAY
    }
    fn monotonic(&self) -> (u64, u64) {
        (1, 0)
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |name: &str, default: usize| {
        let given = arguments.iter().skip_while(|argument| *argument != name).nth(1);
        given.and_then(|given| given.parse().ok()).unwrap_or(default)
    };
    let cases = number("--cases", 10_000);
    let size = Size { cases, visits: number("--visits", 5 * cases), households: number("--households", cases / 2) };
    let mut lines = Vec::new();
    crowd(size, &mut lines);
    if !arguments.iter().any(|argument| argument == "--crowded") {
        measure(size, &mut lines);
    }
    if arguments.iter().any(|argument| argument == "--json") { table::json(&lines) } else { table::print(&lines) }
}

/// Milliseconds of each of `n` runs.
fn timed(n: usize, mut work: impl FnMut(usize)) -> Spread {
    let mut taken = Vec::with_capacity(n);
    for run in 0..n {
        let begun = Instant::now();
        work(run);
        taken.push(begun.elapsed().as_secs_f64() * 1e3);
    }
    Spread::of(&taken)
}

fn host(dir: &Path) -> Host {
    let entropy = SystemEntropy::new().expect("entropy");
    let signer = SoftwareSigner::load_or_create(&dir.join("key"), &entropy).expect("key");
    Host {
        clock: Arc::new(Standing),
        entropy: Arc::new(entropy),
        signer: Arc::new(signer),
        installation: [7; 16],
        lang: Lang::Zh,
    }
}

/// A lead's phone with all that in it; never enrolled with any server.
fn phone(path: &Path, size: Size, fill: impl FnOnce(&mut Store, Size)) {
    let mut store = Store::open(path, Options::default()).expect("open");
    let directory = doorstep_tests::method::directory();
    let bytes = minicbor_serde::to_vec(&*directory).expect("directory");
    store.apply(&[Apply::Directory { version: 1, bytes }], None).expect("directory");
    let person = doorstep_tests::method::town::LEAD.as_bytes();
    store.set_meta(&[(Meta::Device, Some(&[9; 16])), (Meta::Person, Some(person))]).expect("meta");
    fill(&mut store, size);
}

fn measure(size: Size, lines: &mut Vec<Line>) {
    let mut add = |what: &str, spread: Spread| {
        lines.push(Line { size: size.cases, what: what.into(), spread, unit: "ms", floor: None });
    };
    let log = town::long_case(200);
    add("fold of a case with 200 events", timed(TIMES, |_| drop(std::hint::black_box(case::fold(&log)))));

    let temp = tempfile::Builder::new().prefix("doorstep-bench-").tempdir().expect("temporary folder");
    let path = temp.path().join("phone.db");
    phone(&path, size, town::fill);
    let megabytes = std::fs::metadata(&path).expect("file").len() as f64 / 1e6;
    lines.push(Line {
        size: size.cases,
        what: "the phone's database".into(),
        spread: Spread::of(&[megabytes]),
        unit: "MB",
        floor: None,
    });
    let mut add = |what: &str, spread: Spread| {
        lines.push(Line { size: size.cases, what: what.into(), spread, unit: "ms", floor: None });
    };
    let open = || Device::open(&path, Options::default(), host(temp.path())).expect("open");
    add("open the device", timed(FEW * 4, |_| drop(open())));
    let device = open();
    pages(&device, &mut add);
    add("the day's route, 50 doors of a community", timed(TIMES, |_| drop(device.route(None, 50).expect("route"))));
    let month = TODAY.date().plus_days(-30);
    add("coverage of a community's grids", timed(TIMES, |_| drop(device.coverage(month).expect("coverage"))));
    let first = device.rows(&Query::first(DocKind::Case, 500)).expect("rows");
    let open_case = first.iter().find(|row| row.stage == "received").expect("an open case").doc;
    let note = |n: usize| Command::Note { text: format!("已电话联系，第{n}次") };
    add("a tap (a note on an open case)", timed(TIMES, |n| drop(device.run(open_case, &note(n)).expect("tap"))));
    days(&open, device, open_case, &mut add);
}

/// A phone on which every case is open and overdue: lists and days at their worst.
fn crowd(size: Size, lines: &mut Vec<Line>) {
    let mut add = |what: &str, spread: Spread| {
        lines.push(Line { size: size.cases, what: format!("crowded: {what}"), spread, unit: "ms", floor: None });
    };
    let temp = tempfile::Builder::new().prefix("doorstep-bench-").tempdir().expect("temporary folder");
    let path = temp.path().join("phone.db");
    phone(&path, size, crowded::fill);
    let open = || Device::open(&path, Options::default(), host(temp.path())).expect("open");
    let device = open();
    pages(&device, &mut add);
    let Command::Report { report } = doorstep_tests::method::say::report() else { return };
    let case = device.report(report).expect("report").id;
    let note = |n: usize| Command::Note { text: format!("已电话联系，第{n}次") };
    add("a tap (a note on an open case)", timed(TIMES, |n| drop(device.run(case, &note(n)).expect("tap"))));
    days(&open, device, case, &mut add);
}

/// My day: made anew, and after a tap.
fn days(open: &impl Fn() -> Device, device: Device, case: DocId, add: &mut impl FnMut(&str, Spread)) {
    drop(device);
    let mut cold = Vec::new();
    for _ in 0..FEW * 4 {
        let device = open();
        let begun = Instant::now();
        drop(device.day(ITEMS).expect("day"));
        cold.push(begun.elapsed().as_secs_f64() * 1e3);
    }
    add("my day from cold", Spread::of(&cold));
    let device = open();
    device.case(case).expect("case");
    let day = device.day(ITEMS).expect("day");
    let counts: Vec<String> = day.sections.iter().map(|one| format!("{} {}", one.kind.name(), one.count)).collect();
    eprintln!("  {}", counts.join(", "));
    let mut after = Vec::new();
    for n in 0..TIMES {
        device.run(case, &Command::Note { text: format!("第{n}次") }).expect("tap");
        let begun = Instant::now();
        drop(device.day(ITEMS).expect("day"));
        after.push(begun.elapsed().as_secs_f64() * 1e3);
    }
    add("my day after a tap", Spread::of(&after));
}

/// First pages of lists, narrowed by what people ask for.
fn pages(device: &Device, add: &mut impl FnMut(&str, Spread)) {
    let grid = doorstep_tests::method::town::compound().grid;
    let nobody = "nobody".parse().expect("slug");
    let (elsewhere, nowhere) = ("elsewhere".parse().expect("slug"), "nowhere".parse().expect("slug"));
    let household = DocId::from_bytes([3; 16]);
    let nothing = Filter::default();
    let filters: [(&str, DocKind, Filter<'_>, Order); 19] = [
        ("cases, newest", DocKind::Case, nothing.clone(), Order::Newest),
        ("cases in one stage", DocKind::Case, Filter { stage: Some("done"), ..nothing.clone() }, Order::Newest),
        ("cases in a rare stage", DocKind::Case, Filter { stage: Some("merged"), ..nothing.clone() }, Order::Newest),
        ("cases of a grid", DocKind::Case, Filter { grid: Some(&grid), ..nothing.clone() }, Order::Newest),
        ("cases assigned to nobody known", DocKind::Case, Filter { assignee: Some(&nobody), ..nothing.clone() }, Order::Newest),
        ("cases that need a look", DocKind::Case, Filter { look: true, ..nothing.clone() }, Order::Newest),
        ("cases by due date", DocKind::Case, nothing.clone(), Order::Due),
        ("visits, newest", DocKind::Visit, nothing.clone(), Order::Newest),
        ("visits with a rare result", DocKind::Visit, Filter { stage: Some("refused"), ..nothing.clone() }, Order::Newest),
        ("cases of no such community", DocKind::Case, Filter { community: Some(&elsewhere), ..nothing.clone() }, Order::Newest),
        ("cases with no such org", DocKind::Case, Filter { holder: Some(&elsewhere), ..nothing.clone() }, Order::Newest),
        ("cases with no such title", DocKind::Case, Filter { text: Some("没有的"), ..nothing.clone() }, Order::Newest),
        ("cases by due date, in a rare stage", DocKind::Case, Filter { stage: Some("merged"), ..nothing.clone() }, Order::Due),
        ("visits of no such grid", DocKind::Visit, Filter { grid: Some(&nowhere), ..nothing.clone() }, Order::Newest),
        (
            "visits of no such community",
            DocKind::Visit,
            Filter { community: Some(&elsewhere), ..nothing.clone() },
            Order::Newest,
        ),
        (
            "visits of a grid with a rare result",
            DocKind::Visit,
            Filter { grid: Some(&grid), stage: Some("refused"), ..nothing.clone() },
            Order::Newest,
        ),
        ("visits with no such address", DocKind::Visit, Filter { text: Some("没有的"), ..nothing.clone() }, Order::Newest),
        ("visits of a household", DocKind::Visit, Filter { household: Some(&household), ..nothing.clone() }, Order::Newest),
        ("households with no such tag", DocKind::Household, Filter { tag: Some("没有的"), ..nothing }, Order::Newest),
    ];
    for (what, kind, filter, order) in filters {
        let query = Query { filter, order, ..Query::first(kind, 50) };
        add(&format!("first page: {what}"), timed(TIMES, |_| drop(device.rows(&query).expect("page"))));
    }
}
