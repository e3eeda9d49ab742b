//! The search index: FTS5 over the terms that [`crate::search`] makes of list rows. Written in the row's own transaction, so
//! that what is on the screen can be found, and what is gone cannot.
//!
//! It asks the index for rows that have every term, and looks at the rows themselves: what a term means is not its business.

use rusqlite::{Connection, OptionalExtension, params};

use super::{Store, StoreError};
use crate::row::Row;
use crate::search::{Closeness, Query, Reach, print, terms};

/// Most rows that one query looks at. A look costs about ten microseconds; these are a fraction of what a person notices.
const LOOKED_AT: usize = 400;
/// Of these, rows that have what is wanted in names, and in titles, when there are more altogether.
const LOOKED_AT_FIRST: usize = 150;

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
        let took_all = self.look(query, Reach::Anywhere, LOOKED_AT, &mut seen)?;
        if !took_all && query.is_wide() {
            // Too many: the newest were looked at. What stands in a name or a title is closer, however old.
            self.look(query, Reach::Names, LOOKED_AT_FIRST, &mut seen)?;
            self.look(query, Reach::Titles, LOOKED_AT_FIRST, &mut seen)?;
        }
        seen.rows.sort_by_key(|(closeness, row)| (*closeness, row.doc));
        let rows = seen.rows.into_iter().take(limit).map(|(_, row)| row).collect();
        Ok(Searched { rows, took_all })
    }

    /// Looks at the newest `most` rows that the index answers with; whether that were all.
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
        let limit = i64::try_from(most + 1).unwrap_or(i64::MAX);
        let mut found = statement.query(params![expression, limit])?;
        let mut count = 0;
        while let Some(columns) = found.next()? {
            count += 1;
            if count > most {
                return Ok(false);
            }
            let n: i64 = columns.get(0)?;
            if !seen.numbers.insert(n) {
                continue;
            }
            let record = columns.get_ref(1)?.as_blob().map_err(|_| StoreError::Damaged { what: "value" })?;
            // A record that can't be decoded has no texts to be found by; the list shows it.
            let Ok(row) = minicbor_serde::from_slice::<Row>(record) else { continue };
            if let Some(closeness) = query.look(&row) {
                seen.rows.push((closeness, row));
            }
        }
        Ok(true)
    }
}

/// What was looked at, and what of it fits.
#[derive(Default)]
struct Seen {
    numbers: std::collections::HashSet<i64>,
    rows: Vec<(Closeness, Row)>,
}

/// Indexes the row, unless the index has its texts already.
pub(super) fn put(connection: &Connection, row: &Row) -> Result<(), StoreError> {
    let now = print(row);
    let held: Option<(i64, i64)> = connection
        .prepare_cached("SELECT n, print FROM search_doc WHERE doc = ?1")?
        .query_row([row.doc.as_bytes()], |columns| Ok((columns.get(0)?, columns.get(1)?)))
        .optional()?;
    match held {
        Some((_, print)) if print == now => return Ok(()),
        Some((n, _)) => {
            connection.prepare_cached("DELETE FROM search WHERE rowid = ?1")?.execute([n])?;
            connection
                .prepare_cached(
                    "UPDATE search_doc SET n = (SELECT max(n) + 1 FROM search_doc), print = ?2 WHERE doc = ?1",
                )?
                .execute(params![row.doc.as_bytes(), now])?;
        }
        None => {
            connection
                .prepare_cached("INSERT INTO search_doc (doc, print) VALUES (?1, ?2)")?
                .execute(params![row.doc.as_bytes(), now])?;
        }
    }
    connection
        .prepare_cached("INSERT INTO search (rowid, terms) SELECT n, ?2 FROM search_doc WHERE doc = ?1")?
        .execute(params![row.doc.as_bytes(), terms(row)])?;
    Ok(())
}

/// Merges the index's parts where something was deleted from them, so that no trace of it is left there. Up to a second on a
/// large index; nothing to do, as a rule.
pub(super) fn tidy(connection: &Connection) -> Result<(), StoreError> {
    if connection.prepare_cached("SELECT 1 FROM search_gone")?.exists([])? {
        connection.execute_batch(
            "BEGIN IMMEDIATE; INSERT INTO search (search) VALUES ('optimize'); DELETE FROM search_gone; COMMIT",
        )?;
    }
    Ok(())
}
