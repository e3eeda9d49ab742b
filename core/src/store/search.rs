//! The search index: FTS5 over the terms that [`crate::search`] makes of list rows. Written in the row's own transaction, so
//! that what is on the screen can be found, and what is gone cannot.
//!
//! It asks the index for rows that have every term, and looks at the rows themselves: what a term means is not its business.

use std::collections::{HashMap, HashSet};

use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};

use super::{Store, StoreError};
use crate::row::Row;
use crate::search::{Closeness, Query, Reach, print, terms};

/// Rows that fit, for each that is asked for, after which a query stops looking.
const FITTING: usize = 2;
/// Rows that fit after which it stops in any case, and the fewest after which it does. A look costs about ten microseconds.
const FITTING_MAX: usize = 100;
const FITTING_MIN: usize = 40;
/// Rows that it looks at, whether they fit or not, for each that may fit. Nearly all that the index answers with fit.
const LOOKS: usize = 3;
/// The newest rows of a piece that count for it.
const COUNTED: usize = 300;

/// Parts of the index that are left as they are. SQLite keeps them below four of a size while little is written at a time; a pull
/// of 80,000 documents leaves fourteen, and a search then takes a third longer.
const PARTS_MAX: i64 = 8;

/// What a search of the store found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Searched {
    /// The closest first.
    pub rows: Vec<Row>,
    /// Whether every row that fits was looked at.
    pub took_all: bool,
}

impl Store {
    /// The rows that have everything that the query wants, the closest first, at most `limit`.
    pub fn search(&self, query: &Query, limit: usize) -> Result<Searched, StoreError> {
        let mut seen = Seen::default();
        let most = (FITTING * limit).clamp(FITTING_MIN, FITTING_MAX).max(limit);
        let took_all = self.look(query, Reach::Anywhere, most, &mut seen)?;
        if !took_all && query.is_wide() {
            // Too many: the newest were looked at. What stands in a name or a title is closer, however old.
            self.look(query, Reach::Names, most / 2, &mut seen)?;
            self.look(query, Reach::Titles, most / 2, &mut seen)?;
        }
        seen.rows.sort_by_key(|(closeness, row)| (*closeness, row.doc));
        let rows = seen.rows.into_iter().take(limit).map(|(_, row)| row).collect();
        Ok(Searched { rows, took_all })
    }

    /// Looks at the newest rows that the index answers with, until `most` fit; whether that were all.
    fn look(&self, query: &Query, reach: Reach, most: usize, seen: &mut Seen) -> Result<bool, StoreError> {
        let expression = query.expression(reach);
        if expression.is_empty() {
            return Ok(true);
        }
        let mut statement = self.connection.prepare_cached(
            "SELECT search_doc.n, record FROM search
             JOIN search_doc ON search_doc.n = search.rowid JOIN list_row USING (doc)
             WHERE search MATCH ?1 ORDER BY search.rowid DESC LIMIT ?2",
        )?;
        let limit = i64::try_from(LOOKS * most + 1).unwrap_or(i64::MAX);
        let mut found = statement.query(params![expression, limit])?;
        let (mut looked, mut fitting) = (0, 0);
        while let Some(columns) = found.next()? {
            if fitting == most || looked == LOOKS * most {
                return Ok(false);
            }
            looked += 1;
            let n: i64 = columns.get(0)?;
            if !seen.numbers.insert(n) {
                continue;
            }
            let record = columns.get_ref(1)?.as_blob().map_err(|_| StoreError::Damaged { what: "value" })?;
            // A record that can't be decoded has no texts to be found by; the list shows it.
            let Ok(row) = minicbor_serde::from_slice::<Row>(record) else { continue };
            if let Some(closeness) = query.look(&row) {
                fitting += 1;
                seen.rows.push((closeness, row));
            }
        }
        Ok(true)
    }

    /// Whether the index has any row for each of these expressions.
    pub fn has(&self, expressions: &[String]) -> Result<Vec<bool>, StoreError> {
        let mut statement = self.connection.prepare_cached("SELECT 1 FROM search WHERE search MATCH ?1 LIMIT 1")?;
        let mut has = Vec::with_capacity(expressions.len());
        for expression in expressions {
            has.push(statement.exists([expression])?);
        }
        Ok(has)
    }

    /// The rows that have most of these pieces, at most `limit`. A piece that few rows have counts for more.
    pub fn most_of(&self, pieces: &[Query], limit: usize) -> Result<Vec<Row>, StoreError> {
        let mut counts: HashMap<i64, usize> = HashMap::new();
        let mut statement =
            self.connection.prepare_cached("SELECT rowid FROM search WHERE search MATCH ?1 ORDER BY rowid DESC LIMIT ?2")?;
        for piece in pieces {
            let mut found = statement.query(params![piece.expression(Reach::Anywhere), i64::try_from(COUNTED).unwrap_or(0)])?;
            let mut numbers: Vec<i64> = Vec::new();
            while let Some(columns) = found.next()? {
                numbers.push(columns.get(0)?);
            }
            let weight = match numbers.len() {
                0..10 => 4,
                10..100 => 3,
                100..COUNTED => 2,
                _ => 1,
            };
            numbers.into_iter().for_each(|n| *counts.entry(n).or_default() += weight);
        }
        let mut ranked: Vec<(usize, i64)> = counts.into_iter().map(|(n, count)| (count, n)).collect();
        ranked.sort_unstable_by(|one, other| other.cmp(one));
        let mut statement = self
            .connection
            .prepare_cached("SELECT record FROM search_doc JOIN list_row USING (doc) WHERE search_doc.n = ?1")?;
        let mut rows = Vec::new();
        for (_, n) in ranked.into_iter().take(limit) {
            let record: Option<Vec<u8>> = statement.query_row([n], |columns| columns.get(0)).optional()?;
            rows.extend(record.and_then(|record| minicbor_serde::from_slice::<Row>(&record).ok()));
        }
        Ok(rows)
    }
}

/// What was looked at, and what of it fits.
#[derive(Default)]
struct Seen {
    numbers: HashSet<i64>,
    rows: Vec<(Closeness, Row)>,
}

/// Indexes the row, unless the index has its texts already.
pub(super) fn put(connection: &Connection, row: &Row) -> Result<(), StoreError> {
    let now = print(row);
    let held: Option<(i64, i64)> = connection
        .prepare_cached("SELECT n, print FROM search_doc WHERE doc = ?1")?
        .query_row([row.doc.as_bytes()], |columns| Ok((columns.get(0)?, columns.get(1)?)))
        .optional()?;
    let n = match held {
        Some((_, print)) if print == now => return Ok(()),
        Some((old, _)) => {
            connection.prepare_cached("DELETE FROM search WHERE rowid = ?1")?.execute([old])?;
            let newest: i64 =
                connection.prepare_cached("SELECT max(n) FROM search_doc")?.query_row([], |columns| columns.get(0))?;
            connection.prepare_cached("UPDATE search_doc SET n = ?1, print = ?2 WHERE n = ?3")?.execute([
                newest + 1,
                now,
                old,
            ])?;
            newest + 1
        }
        None => {
            connection
                .prepare_cached("INSERT INTO search_doc (doc, print) VALUES (?1, ?2)")?
                .execute(params![row.doc.as_bytes(), now])?;
            connection.last_insert_rowid()
        }
    };
    // Not `INSERT … SELECT`: before a statement that may fail halfway SQLite has FTS5 write out what it holds, and a pull of a
    // hundred documents would leave a hundred parts instead of one.
    connection.prepare_cached("INSERT INTO search (rowid, terms) VALUES (?1, ?2)")?.execute(params![n, terms(row)])?;
    Ok(())
}

/// Merges the index's parts where something was deleted from them, so that no trace of it is left there; and where a long pull
/// has left many, for each of which a search asks anew. Up to a second on a large index; nothing to do, as a rule.
pub(super) fn tidy(connection: &Connection) -> Result<(), StoreError> {
    let parts: i64 =
        connection.prepare_cached("SELECT count(DISTINCT segid) FROM search_idx")?.query_row([], |columns| columns.get(0))?;
    if parts > PARTS_MAX || connection.prepare_cached("SELECT 1 FROM search_gone")?.exists([])? {
        // Rolled back when it fails: a full disk must not leave a transaction open in which nothing else could begin.
        let transaction = Transaction::new_unchecked(connection, TransactionBehavior::Immediate)?;
        transaction.execute_batch("INSERT INTO search (search) VALUES ('optimize'); DELETE FROM search_gone")?;
        transaction.commit()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::testing::{Desk, doc, row};
    use super::super::{Apply, Options};
    use super::*;
    use crate::id::{DocId, DocKind};
    use crate::row::Named;
    use crate::time::Hlc;

    fn titles(store: &Store, text: &str) -> Vec<String> {
        let found = store.search(&Query::parse(text, &[]), 50).unwrap();
        found.rows.into_iter().map(|row| row.title).collect()
    }

    fn titled(i: u8, title: &str) -> Row {
        Row { title: title.into(), ..row(i) }
    }

    fn many(n: u32) -> Vec<Apply> {
        let rows = (0..n).map(|i| {
            let mut id = [7; 16];
            id[..4].copy_from_slice(&i.to_be_bytes());
            let words = format!("夜里漏水影响休息，已是第{i}次");
            Row { title: format!("事项{i}"), words, ..Row { doc: DocId::from_bytes(id), ..row(1) } }
        });
        rows.map(|row| Apply::Document { doc: row.doc, kind: row.kind, bytes: b"s".to_vec(), heads: vec![], row }).collect()
    }

    fn number(store: &Store, sql: &str) -> i64 {
        store.connection.query_row(sql, [], |columns| columns.get(0)).unwrap()
    }

    #[test]
    fn what_is_stored_is_found_at_once_and_after_reopening() {
        let desk = Desk::new();
        let mut store = desk.open();
        desk.pull_row(&mut store, titled(1, "楼上漏水"));
        desk.pull_row(&mut store, titled(2, "停水两天"));
        for _ in 0..2 {
            assert_eq!(titles(&store, "漏水"), ["楼上漏水"]);
            assert_eq!(titles(&store, "水"), ["停水两天", "楼上漏水"], "the newer first");
            assert_eq!(titles(&store, "上水"), Vec::<String>::new());
            drop(store);
            store = desk.open();
        }
        store.check().unwrap();
    }

    #[test]
    fn after_an_edit_the_new_words_are_found_and_the_old_ones_are_not() {
        let desk = Desk::new();
        let mut store = desk.open();
        desk.pull_row(&mut store, titled(1, "楼上漏水"));
        desk.pull_row(&mut store, titled(2, "别的"));
        desk.pull_row(&mut store, titled(1, "楼下停电"));
        assert_eq!((titles(&store, "漏水").len(), titles(&store, "停电").len()), (0, 1));
        desk.tap(&mut store, 1, 1);
        assert_eq!((titles(&store, "停电").len(), titles(&store, "aft").len()), (0, 1));
        // Nothing is left over that no document has.
        assert_eq!(number(&store, "SELECT count(*) FROM search_doc"), 2);
        assert_eq!(number(&store, "SELECT count(*) FROM search_docsize"), 2);
        store.check().unwrap();
    }

    #[test]
    fn a_row_whose_texts_are_the_same_costs_the_index_nothing() {
        let desk = Desk::new();
        let mut store = desk.open();
        desk.pull_row(&mut store, titled(1, "楼上漏水"));
        let blocks = number(&store, "SELECT sum(length(block)) FROM search_data");
        desk.pull_row(&mut store, Row { stage: "closed".into(), look: true, ..titled(1, "楼上漏水") });
        assert_eq!(number(&store, "SELECT n FROM search_doc"), 1);
        assert_eq!(number(&store, "SELECT sum(length(block)) FROM search_data"), blocks);
        assert_eq!(store.row(&doc(1)).unwrap().unwrap().stage, "closed");
    }

    #[test]
    fn tidying_makes_one_part_of_the_many_that_a_long_pull_leaves() {
        let desk = Desk::new();
        let mut store = desk.open();
        // Without SQLite's own merging a few transactions are enough to make many parts.
        store.connection.execute("INSERT INTO search (search, rank) VALUES ('automerge', 0)", []).unwrap();
        let parts = "SELECT count(DISTINCT segid) FROM search_idx";
        for i in 0..8 {
            desk.pull_row(&mut store, titled(i, "楼上漏水"));
        }
        store.tidy().unwrap();
        assert_eq!(number(&store, parts), 8, "not worth it yet");
        desk.pull_row(&mut store, titled(8, "停水两天"));
        store.tidy().unwrap();
        assert_eq!(number(&store, parts), 1);
        assert_eq!((titles(&store, "漏水").len(), titles(&store, "停水").len()), (8, 1));
        store.check().unwrap();
    }

    #[test]
    fn what_is_forgotten_is_not_found_and_tidying_leaves_no_trace_of_it_in_the_index() {
        let desk = Desk::new();
        let mut store = desk.open();
        let named =
            Row { people: vec![Named { name: "欧阳靖".into(), phone: "13897654321".into() }], ..titled(1, "漏水") };
        desk.pull_row(&mut store, named);
        desk.pull_row(&mut store, titled(2, "漏水"));
        let traces = "SELECT count(*) FROM search_data WHERE instr(block, 'ouyangjing') + instr(block, '阳靖') > 0";
        assert!(number(&store, traces) > 0);
        store.apply(&[Apply::Forget { doc: doc(1) }], None).unwrap();
        assert_eq!((titles(&store, "欧阳").len(), titles(&store, "漏水").len(), titles(&store, "7654").len()), (0, 1, 0));
        store.tidy().unwrap();
        assert_eq!(number(&store, traces), 0);
        assert_eq!(number(&store, "SELECT count(*) FROM search_gone"), 0);
        assert_eq!(titles(&store, "漏水").len(), 1);
        store.check().unwrap();
    }

    #[test]
    fn one_checkpoint_is_one_part_of_the_index() {
        // A statement that could fail halfway makes SQLite write the pending part out before it: a hundred parts.
        let desk = Desk::new();
        let mut store = desk.open();
        store.apply(&many(100), None).unwrap();
        assert_eq!(number(&store, "SELECT count(DISTINCT segid) FROM search_idx"), 1);
    }

    #[test]
    fn with_too_many_to_look_at_names_and_titles_are_looked_at_however_old() {
        let desk = Desk::new();
        let mut store = desk.open();
        desk.pull_row(&mut store, titled(1, "暖气漏水"));
        desk.pull_row(&mut store, Row { people: vec![Named { name: "漏水".into(), phone: String::new() }], ..titled(2, "名") });
        store.apply(&many(600), None).unwrap();
        let found = store.search(&Query::parse("漏水", &[]), 50).unwrap();
        assert!(!found.took_all && found.rows.len() == 50);
        assert_eq!((found.rows[0].title.as_str(), found.rows[1].title.as_str()), ("名", "暖气漏水"));
        let few = store.search(&Query::parse("事项577", &[]), 50).unwrap();
        assert!(few.took_all && few.rows.len() == 1);
    }

    #[test]
    fn what_has_most_of_the_pieces_comes_first() {
        let desk = Desk::new();
        let mut store = desk.open();
        desk.pull_row(&mut store, titled(1, "楼上漏水"));
        desk.pull_row(&mut store, titled(2, "夜里楼上漏水滴到床上"));
        desk.pull_row(&mut store, titled(3, "楼上噪声"));
        let pieces = Query::parse("夜间楼上漏水", &[]).pieces();
        let found = store.most_of(&pieces, 2).unwrap();
        assert_eq!(found.iter().map(|row| row.doc).collect::<Vec<_>>(), [doc(2), doc(1)]);
        assert_eq!(store.has(&Query::parse("楼上漏电", &[]).probes()).unwrap(), [true, true, false]);
    }

    #[test]
    fn a_damaged_record_is_not_found_and_breaks_nothing() {
        let desk = Desk::new();
        let mut store = desk.open();
        desk.pull_row(&mut store, titled(1, "漏水"));
        desk.pull_row(&mut store, titled(2, "漏水"));
        store.connection.execute("UPDATE list_row SET record = x'ff' WHERE doc = ?1", [doc(1).as_bytes()]).unwrap();
        assert_eq!(titles(&store, "漏水").len(), 1);
    }

    #[test]
    fn a_killed_transaction_leaves_index_and_rows_as_they_were() {
        let desk = Desk::new();
        let mut store = desk.open();
        desk.pull_row(&mut store, titled(1, "漏水"));
        drop(store);
        let hook = |step| {
            if step == super::super::Step::BeforeCommit {
                std::panic::resume_unwind(Box::new("killed"));
            }
        };
        let mut store = desk.open_with(Options { on_step: Some(Box::new(hook)), ..Options::default() });
        let apply = std::panic::AssertUnwindSafe(|| desk.pull_row(&mut store, titled(1, "停电")));
        std::panic::catch_unwind(apply).unwrap_err();
        assert_eq!((titles(&store, "漏水").len(), titles(&store, "停电").len()), (1, 0));
        store.check().unwrap();
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

        #[test]
        fn every_piece_of_a_title_finds_it(title in "[王李水楼甲乙1-3号a-c ]{1,14}", from in 0..14usize, size in 1..6usize) {
            let desk = Desk::new();
            let mut store = desk.open();
            let wanted = Row { updated: Hlc(9), ..titled(1, &title) };
            desk.pull_row(&mut store, wanted.clone());
            desk.pull_row(&mut store, Row { kind: DocKind::Visit, ..titled(2, "乙楼1号") });
            let chars: Vec<char> = title.chars().collect();
            let piece: String = chars.iter().skip(from.min(chars.len() - 1)).take(size).collect();
            let query = Query::parse(&piece, &[]);
            let found = store.search(&query, 50).unwrap().rows.contains(&wanted);
            // The index leaves nothing out that a look at the row would find; and Chinese is found wherever it is cut.
            prop_assert_eq!(found, query.look(&wanted).is_some());
            if piece.chars().all(|c| "王李水楼甲乙号".contains(c)) {
                prop_assert!(found, "{} in {}", piece, title);
            }
        }

        #[test]
        fn whatever_is_typed_is_no_error(text in "\\PC{0,40}|[\"*():^+\\-\\x00 a水1]{0,30}") {
            let desk = Desk::new();
            let mut store = desk.open();
            desk.pull_row(&mut store, titled(1, &text));
            let query = Query::parse(&text, &[]);
            let known = store.has(&query.probes()).unwrap();
            let near = query.near(&known).into_iter().flatten();
            for one in [query.clone()].into_iter().chain(query.cut(&known)).chain(near) {
                store.search(&one, 50).unwrap();
            }
            store.most_of(&query.pieces(), 10).unwrap();
        }
    }
}
