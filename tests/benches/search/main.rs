//! `cargo bench -p doorstep-tests --bench search -- [--cases 10000] [--visits 50000] [--households 20000] [--json]`: how long
//! an answer takes while somebody types.
//!
//! A phone with everything of a sub-district on it; its rows made up, the same every time, and stored as a pull stores them. A
//! thousand prefixes are typed into the real device: marks, the nearest and all. Nothing is asserted about time.

#![allow(
    clippy::expect_used,
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "a program that measures: what goes wrong ends it, and its numbers are small"
)]

#[path = "../work/table.rs"]
mod table;
mod town;
mod typed;

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use doorstep_core::device::{Device, Host};
use doorstep_core::host::{SoftwareSigner, SystemClock, SystemEntropy};
use doorstep_core::id::DocKind;
use doorstep_core::store::{Apply, Options, Query, Store};
use doorstep_core::words::Lang;
use table::{Line, Spread};

/// Hits that a screen asks for.
const SHOWN: usize = 50;
/// Documents of one transaction, as in a pull's checkpoint.
const BATCH: usize = 100;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |name: &str, default: usize| {
        let given = arguments.iter().skip_while(|argument| *argument != name).nth(1);
        given.and_then(|given| given.parse().ok()).unwrap_or(default)
    };
    let cases = number("--cases", 10_000);
    let rows = town::rows(cases, number("--visits", 5 * cases), number("--households", 2 * cases));
    let temp = tempfile::Builder::new().prefix("doorstep-bench-").tempdir().expect("temporary folder");
    let path = temp.path().join("phone.db");
    let mut lines = Vec::new();
    let mut add = |what: &str, spread: Spread, unit| {
        lines.push(Line { size: cases, what: what.into(), spread, unit, floor: None });
    };

    let count = rows.len();
    let (taken, tidied) = fill(&path, rows);
    add("store a document of a pull", Spread::of(&taken), "ms");
    add("tidy after the pull", Spread::of(&[tidied]), "ms");
    add("index, a document", Spread::of(&[index_bytes(&path) / count as f64]), "B");

    let device = Device::open(&path, Options::default(), host(temp.path())).expect("open");
    let mut all = Vec::new();
    for (kind, texts) in typed::prefixes() {
        let mut some = Vec::new();
        for text in texts {
            let begun = Instant::now();
            let found = device.search(&text, SHOWN).expect("search");
            let took = begun.elapsed().as_secs_f64() * 1e3;
            if took > 15.0 {
                eprintln!(
                    "  {took:.1} ms for {text:?}: {} hits, nearest {}, all {}",
                    found.hits.len(),
                    found.nearest,
                    found.took_all
                );
            }
            some.push(took);
        }
        add(&format!("search, {kind}"), Spread::of(&some), "ms");
        all.append(&mut some);
    }
    add("search as you type", Spread::of(&all), "ms");
    drop(device);
    let (forgotten, tidied) = forget(&path, cases / 10);
    add("forget a document", Spread::of(&forgotten), "ms");
    add("tidy after forgetting", Spread::of(&[tidied]), "ms");
    if arguments.iter().any(|argument| argument == "--json") { table::json(&lines) } else { table::print(&lines) }
}

/// Milliseconds a document of each transaction, and of the tidying after it.
fn fill(path: &Path, rows: Vec<doorstep_core::row::Row>) -> (Vec<f64>, f64) {
    let mut store = Store::open(path, Options::default()).expect("open");
    let directory = doorstep_tests::method::directory();
    let bytes = minicbor_serde::to_vec(&*directory).expect("directory");
    store.apply(&[Apply::Directory { version: 1, bytes }], None).expect("directory");
    let mut taken = Vec::new();
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        let whole = |row: doorstep_core::row::Row| Apply::Document {
            doc: row.doc,
            kind: row.kind,
            bytes: vec![7; 900],
            heads: vec![],
            row,
        };
        let batch: Vec<Apply> = rows.by_ref().take(BATCH).map(whole).collect();
        let begun = Instant::now();
        store.apply(&batch, None).expect("apply");
        taken.push(begun.elapsed().as_secs_f64() * 1e3 / batch.len() as f64);
    }
    let begun = Instant::now();
    store.tidy().expect("tidy");
    (taken, begun.elapsed().as_secs_f64() * 1e3)
}

/// Milliseconds a document to forget so many, and of the tidying that takes the traces out of the index.
fn forget(path: &Path, count: usize) -> (Vec<f64>, f64) {
    let mut store = Store::open(path, Options::default()).expect("open");
    let mut taken = Vec::new();
    for _ in 0..count.div_ceil(BATCH) {
        let rows = store.rows(&Query::first(DocKind::Case, BATCH)).expect("rows");
        let batch: Vec<Apply> = rows.iter().map(|row| Apply::Forget { doc: row.doc }).collect();
        let begun = Instant::now();
        store.apply(&batch, None).expect("apply");
        taken.push(begun.elapsed().as_secs_f64() * 1e3 / batch.len() as f64);
    }
    let begun = Instant::now();
    store.tidy().expect("tidy");
    (taken, begun.elapsed().as_secs_f64() * 1e3)
}

/// Bytes of everything that is there for searching.
fn index_bytes(path: &Path) -> f64 {
    let file = rusqlite::Connection::open_with_flags(path, rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY).expect("open");
    let sql = "SELECT name, sum(pgsize) FROM dbstat GROUP BY name ORDER BY 2 DESC";
    let mut statement = file.prepare(sql).expect("dbstat");
    let tables = statement.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, f64>(1)?))).expect("dbstat");
    let tables: Vec<(String, f64)> = tables.map(|table| table.expect("row")).collect();
    for (name, bytes) in &tables {
        eprintln!("  {:>8.2} MB {name}", bytes / 1e6);
    }
    tables.iter().filter(|(name, _)| name.contains("search")).map(|(_, bytes)| bytes).sum()
}

fn host(dir: &Path) -> Host {
    let entropy = SystemEntropy::new().expect("entropy");
    let signer = SoftwareSigner::load_or_create(&dir.join("key"), &entropy).expect("key");
    Host {
        clock: Arc::new(SystemClock),
        entropy: Arc::new(entropy),
        signer: Arc::new(signer),
        installation: [7; 16],
        lang: Lang::Zh,
    }
}
