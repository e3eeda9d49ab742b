//! Documents in the order in which they began, a page at a time: what a ledger reads. A document's beginning never moves, so
//! whatever is tapped or pulled between two pages, none is left out and none comes twice.

use rusqlite::params;

use super::rows::sortable;
use super::{Store, StoreError, doc_id};
use crate::id::{DocId, DocKind};
use crate::time::Hlc;

/// A document, and when it began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Begun {
    /// Hybrid time of its first event; zero where that is not known.
    pub at: Hlc,
    /// The document.
    pub doc: DocId,
}

/// Hybrid times, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// The first.
    pub from: Hlc,
    /// The last.
    pub to: Hlc,
}

impl Span {
    /// All there is.
    pub const ALL: Self = Self { from: Hlc(0), to: Hlc(u64::MAX) };
    /// What is not known to have begun.
    pub const UNKNOWN: Self = Self { from: Hlc(0), to: Hlc(0) };
}

impl Store {
    /// Documents of this kind that began in this span, in order, behind this one; at most `limit`.
    pub fn begun(&self, kind: DocKind, span: Span, after: Option<Begun>, limit: usize) -> Result<Vec<Begun>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT began, doc FROM list_row
             WHERE kind = ?1 AND (began, doc) > (?2, ?3) AND began <= ?4 ORDER BY began, doc LIMIT ?5",
        )?;
        // Nothing is smaller than an id without bytes: the span's own beginning is behind it.
        let (at, doc) = after.as_ref().map_or((span.from, &[][..]), |begun| (begun.at, begun.doc.as_bytes().as_slice()));
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let mut found = statement.query(params![kind.name(), sortable(at), doc, sortable(span.to), limit])?;
        let mut begun = Vec::new();
        while let Some(columns) = found.next()? {
            let at = Hlc(columns.get::<_, i64>(0)?.cast_unsigned());
            begun.push(Begun { at, doc: doc_id(&columns.get::<_, Vec<u8>>(1)?)? });
        }
        Ok(begun)
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Desk, doc, row};
    use super::*;
    use crate::row::Row;

    /// All of the span, two at a time.
    fn pages(store: &Store, span: Span) -> Vec<Begun> {
        let mut all: Vec<Begun> = Vec::new();
        loop {
            let page = store.begun(DocKind::Case, span, all.last().copied(), 2).unwrap();
            if page.is_empty() {
                return all;
            }
            all.extend(page);
        }
    }

    #[test]
    fn pages_follow_each_other_in_the_order_of_beginnings_and_a_change_moves_nothing() {
        let desk = Desk::new();
        let mut store = desk.open();
        for i in 0..9 {
            // Three that began at one moment each; one of unknown beginning.
            desk.pull_row(&mut store, Row { began: Hlc(u64::from(i).div_ceil(3) << 20), ..row(i) });
        }
        let all = pages(&store, Span::ALL);
        assert_eq!(all.len(), 9);
        assert!(all.is_sorted_by(|a, b| (a.at, a.doc) < (b.at, b.doc)));
        assert_eq!(pages(&store, Span::UNKNOWN).iter().map(|begun| begun.doc).collect::<Vec<_>>(), [doc(0)]);
        assert_eq!(pages(&store, Span { from: Hlc(1 << 20), to: Hlc(2 << 20) }), all[1..7]);
        assert_eq!(store.begun(DocKind::Visit, Span::ALL, None, 9).unwrap(), []);
        // What is changed between two pages is not moved behind the second.
        let first = store.begun(DocKind::Case, Span::ALL, None, 4).unwrap();
        desk.pull_row(&mut store, Row { began: first[1].at, updated: Hlc(u64::MAX >> 2), ..row(1) });
        assert_eq!(store.begun(DocKind::Case, Span::ALL, first.last().copied(), 9).unwrap(), all[4..]);
    }

    #[test]
    fn a_page_comes_from_the_index_without_sorting() {
        let desk = Desk::new();
        let store = desk.open();
        let sql = "EXPLAIN QUERY PLAN SELECT began, doc FROM list_row
                   WHERE kind = 'case' AND (began, doc) > (1, x'') AND began <= 9 ORDER BY began, doc LIMIT 9";
        let mut statement = store.connection.prepare(sql).unwrap();
        let plan: Vec<String> = statement.query_map([], |row| row.get(3)).unwrap().map(Result::unwrap).collect();
        assert!(plan.len() == 1 && plan[0].contains("COVERING INDEX list_began"), "{plan:?}");
    }
}
