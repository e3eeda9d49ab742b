//! Cases that a report may be another one of, by an index: one grid, one category, some days. Whether they are alike, the
//! rules say.

use rusqlite::params;

use super::{Store, StoreError, rows};
use crate::id::GridId;
use crate::row::Row;
use crate::time::{Hlc, Timestamp};

/// Most cases of one grid, category and span of days that are looked at, the newest first.
const CASES_MAX: i64 = 200;

impl Store {
    /// The cases of a grid in a category that began from `from` to before `until`, the newest first.
    pub fn cases_like(&self, grid: &GridId, category: &str, from: Timestamp, until: Timestamp) -> Result<Vec<Row>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT record FROM list_row
             WHERE kind = 'case' AND grid = ?1 AND category = ?2 AND began >= ?3 AND began < ?4
             ORDER BY began DESC LIMIT ?5",
        )?;
        let at = |time| rows::sortable(Hlc(0).next(time));
        let mut found = statement.query(params![grid.as_str(), category, at(from), at(until), CASES_MAX])?;
        let mut cases = Vec::new();
        while let Some(columns) = found.next()? {
            let record = columns.get_ref(0)?.as_blob().map_err(|_| StoreError::Damaged { what: "value" })?;
            // One that can't be decoded can't be compared.
            cases.extend(minicbor_serde::from_slice::<Row>(record));
        }
        Ok(cases)
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Desk, doc, row};
    use super::*;
    use crate::id::DocKind;
    use crate::time::DAY_MS;

    #[test]
    fn cases_are_found_by_grid_category_and_days_and_by_an_index() {
        let desk = Desk::new();
        let mut store = desk.open();
        let day = |n: i64| Timestamp(1_790_000_000_000 + n * DAY_MS);
        let began = |n| Hlc(0).next(day(n));
        let elsewhere = row(9).place.map(|place| crate::people::Place { grid: "ncg-2".parse().unwrap(), ..place });
        for one in [
            Row { began: began(0), ..row(1) },
            Row { began: began(5), ..row(2) },
            Row { began: began(9), ..row(3) },
            Row { began: began(5), category: "other".into(), ..row(4) },
            Row { began: began(5), place: elsewhere, ..row(5) },
            Row { began: began(5), kind: DocKind::Visit, ..row(6) },
        ] {
            desk.pull_row(&mut store, one);
        }
        let grid = "ncg-1".parse().unwrap();
        let found = store.cases_like(&grid, "noise", day(0), day(9)).unwrap();
        assert_eq!(found.iter().map(|row| row.doc).collect::<Vec<_>>(), [doc(2), doc(1)]);
        let plan: String = store
            .connection
            .query_row(
                "EXPLAIN QUERY PLAN SELECT record FROM list_row WHERE kind = 'case' AND grid = 'a' AND category = 'b'
                 AND began >= 0 AND began < 9 ORDER BY began DESC LIMIT 5",
                [],
                |row| row.get(3),
            )
            .unwrap();
        assert!(plan.contains("INDEX list_alike"), "{plan}");
    }
}
