//! scratch
#![allow(
    clippy::expect_used,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "a program that measures: what goes wrong ends it, and its numbers are small"
)]

mod fill;
use std::time::Instant;
use doorstep_core::{case, document::{Document, Log}, store::{Query, Store, Options}, id::DocKind};

fn main() {
    let dir = tempfile::tempdir().expect("dir");
    let path = dir.path().join("phone.db");
    let t = Instant::now();
    fill::fill(&path, 2000, 2000);
    eprintln!("filled {:?}", t.elapsed());
    let store = Store::open(&path, Options::default()).expect("open");
    for kind in [DocKind::Case, DocKind::Visit] {
        let t = Instant::now();
        let mut ids = Vec::new();
        let mut q = Query::first(kind, 500);
        loop {
            let page = store.rows(&q).expect("rows");
            let Some(last) = page.last() else { break };
            q.after = doorstep_core::store::Position::after(last, q.order);
            ids.extend(page.iter().map(|row| row.doc));
        }
        eprintln!("{kind:?} rows {:?}", t.elapsed());
        let t = Instant::now();
        let stored: Vec<_> = ids.iter().map(|id| store.document(id).expect("d").expect("d").bytes).collect();
        eprintln!("{kind:?} bytes {:?} {}", t.elapsed(), stored.iter().map(Vec::len).sum::<usize>() / stored.len());
        let t = Instant::now();
        let docs: Vec<_> = stored.iter().map(|b| Document::load(b).expect("load")).collect();
        eprintln!("{kind:?} load {:?} each", t.elapsed() / docs.len() as u32);
        if kind == DocKind::Case {
            let t = Instant::now();
            let logs: Vec<Log<case::Event>> = docs.iter().map(|d| d.log()).collect();
            eprintln!("log {:?} each", t.elapsed() / docs.len() as u32);
            let t = Instant::now();
            let states: Vec<_> = logs.iter().map(|l| case::fold(&l.entries)).collect();
            eprintln!("fold {:?} each", t.elapsed() / states.len() as u32);
        }
    }
}
