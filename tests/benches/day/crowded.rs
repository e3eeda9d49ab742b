//! The worst phone there is: a lead's, on which every case is open and overdue. Rows made up straight into the store, for
//! lists and days read nothing else; only the case that is tapped is a real one.

use doorstep_core::case::{Wait, WaitKind};
use doorstep_core::id::{DocId, DocKind};
use doorstep_core::row::Row;
use doorstep_core::store::{Apply, Store};
use doorstep_core::time::{DAY_MS, Date, Hlc, Timestamp};
use doorstep_tests::method::town;

use crate::town::{Rng, Size, TODAY};

/// Rows stored in one transaction.
const BATCH: usize = 1_000;

fn row(rng: &mut Rng, n: usize, kind: DocKind) -> Row {
    let doc = DocId::from_bytes((u128::from(rng.0 ^ 0x9E37) << 64 | n as u128).to_be_bytes());
    let at = Timestamp(TODAY.0 - rng.below(700 * 24 * 60) as i64 * 60_000);
    let updated = Hlc(0).next(at);
    Row { place: Some(town::compound()), updated, began: updated, look: false, ..Row::unreadable(doc, kind) }
}

fn a_case(rng: &mut Rng, n: usize) -> Row {
    let since = Timestamp(TODAY.0 - (20 + rng.below(600)) as i64 * DAY_MS);
    let wait = |kind, due: Option<Date>| Wait { kind, org: None, since, due, so_far: None };
    let promised = since.date().plus_days(9);
    let (stage, waits) = match n % 5 {
        0 => ("received", vec![wait(WaitKind::FirstContact, None), wait(WaitKind::Consultation, None)]),
        1 => ("consulting", vec![wait(WaitKind::Sitting, Some(promised))]),
        2 => ("agreed", vec![wait(WaitKind::Signing, None)]),
        3 => ("acting", vec![wait(WaitKind::Commitment, Some(promised)), wait(WaitKind::Commitment, Some(promised))]),
        _ => ("done", vec![wait(WaitKind::EffectCheck, None), wait(WaitKind::Feedback, None)]),
    };
    let due = waits.iter().filter_map(|wait| wait.due).min();
    let title = format!("{}号楼漏水{n}", n % 40);
    let words = "住户反映多次无人处理，夜间影响休息，希望尽快协调。".repeat(2);
    Row {
        title, stage: stage.into(), category: "房屋漏水".into(), round: 1, waits, due, words, ..row(rng, n, DocKind::Case)
    }
}

/// Fills the store.
pub(crate) fn fill(store: &mut Store, size: Size) {
    let mut rng = Rng(77);
    let homes: Vec<DocId> = (0..size.households.max(1)).map(|n| DocId::from_bytes([(n % 251) as u8; 16])).collect();
    let mut rows: Vec<Row> = Vec::new();
    for n in 0..size.cases {
        rows.push(a_case(&mut rng, n));
    }
    for n in 0..size.visits {
        let stage = if n % 3 == 0 { "nobody_home" } else { "met" };
        let household = Some(*rng.of(&homes));
        let title = format!("{}号楼{}单元", n % 40, n % 4);
        rows.push(Row { title, stage: stage.into(), household, ..row(&mut rng, n, DocKind::Visit) });
    }
    for n in 0..size.households {
        let tags = if n % 9 == 0 { vec!["独居老人".to_owned()] } else { Vec::new() };
        rows.push(Row { title: format!("{n}室"), stage: "lived_in".into(), tags, ..row(&mut rng, n, DocKind::Household) });
    }
    for batch in rows.chunks(BATCH) {
        let plan: Vec<Apply> = batch
            .iter()
            .map(|row| Apply::Document { doc: row.doc, kind: row.kind, bytes: Vec::new(), heads: Vec::new(), row: row.clone() })
            .collect();
        store.apply(&plan, None).expect("apply");
    }
    store.tidy().expect("tidy");
}
