//! Which scope sees which document, from which sequence number to which. Knows keys, not what they mean.

use std::collections::BTreeSet;

use doorstep_core::time::Timestamp;
use rusqlite::params;

use super::{DocLine, StoreError, Tx, View, signed, unsigned};

/// A document with news for a scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct News {
    pub(super) doc: i64,
    /// The sequence number of the news: its newest change there, or its leaving. No two documents share one.
    pub last_seq: u64,
}

/// A scope's sight of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interval {
    /// The scope's key.
    pub scope: String,
    /// The first time the document came into it.
    pub first_seq: u64,
    /// The last time it came into it.
    pub entered_seq: u64,
    /// Its newest change there, or its leaving.
    pub last_seq: u64,
    /// When it left, if it is not in it now.
    pub left_seq: Option<u64>,
}

impl View<'_> {
    /// Documents with news for a scope behind `after`, in order, at most `limit`.
    pub(crate) fn news(&self, scope: &str, after: u64, limit: usize) -> Result<Vec<News>, StoreError> {
        let sql = "SELECT doc, last_seq FROM doc_scope WHERE scope = ?1 AND last_seq > ?2 ORDER BY last_seq LIMIT ?3";
        let mut statement = self.conn.prepare_cached(sql)?;
        let rows = statement.query_map(params![scope, signed(after), signed(limit as u64)], |row| {
            Ok(News { doc: row.get(0)?, last_seq: unsigned(row.get(1)?) })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Every scope's sight of the document that has this news.
    pub(crate) fn intervals(&self, news: News) -> Result<Vec<Interval>, StoreError> {
        self.intervals_of(news.doc)
    }

    /// The line of the document that has this news.
    pub(crate) fn doc_of(&self, news: News) -> Result<DocLine, StoreError> {
        self.doc_at(news.doc)?.ok_or(StoreError::Damaged)
    }

    fn intervals_of(&self, doc: i64) -> Result<Vec<Interval>, StoreError> {
        let sql = "SELECT scope, first_seq, entered_seq, last_seq, left_seq FROM doc_scope WHERE doc = ?1";
        let mut statement = self.conn.prepare_cached(sql)?;
        let rows = statement.query_map([doc], |row| {
            Ok(Interval {
                scope: row.get(0)?,
                first_seq: unsigned(row.get(1)?),
                entered_seq: unsigned(row.get(2)?),
                last_seq: unsigned(row.get(3)?),
                left_seq: row.get::<_, Option<i64>>(4)?.map(unsigned),
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The keys of the scopes that a document is in now.
    pub(crate) fn scopes_of(&self, line: &DocLine) -> Result<BTreeSet<String>, StoreError> {
        let intervals = self.intervals_of(line.n)?;
        Ok(intervals.into_iter().filter(|interval| interval.left_seq.is_none()).map(|interval| interval.scope).collect())
    }

    /// Documents that some org, though it gave them back before `before`, still sees; at most `limit`.
    pub(crate) fn back_before(&self, before: Timestamp, limit: usize) -> Result<Vec<DocLine>, StoreError> {
        let sql = "SELECT n FROM doc WHERE back_since IS NOT NULL AND back_since <= ?1 ORDER BY back_since LIMIT ?2";
        let mut statement = self.conn.prepare_cached(sql)?;
        let found: Vec<i64> =
            statement.query_map([before.0, signed(limit as u64)], |row| row.get(0))?.collect::<Result<_, _>>()?;
        found.into_iter().map(|n| self.doc_at(n)?.ok_or(StoreError::Damaged)).collect()
    }
}

impl Tx<'_> {
    /// From sequence number `seq` on, the document is in these scopes and no others.
    pub(super) fn set_scopes(&self, doc: i64, scopes: &BTreeSet<String>, seq: u64) -> Result<(), StoreError> {
        let known = self.intervals_of(doc)?;
        for interval in &known {
            let sql = match (scopes.contains(&interval.scope), interval.left_seq) {
                (true, None) => "UPDATE doc_scope SET last_seq = ?3 WHERE doc = ?1 AND scope = ?2",
                (true, Some(_)) => {
                    "UPDATE doc_scope SET entered_seq = ?3, last_seq = ?3, left_seq = NULL WHERE doc = ?1 AND scope = ?2"
                }
                (false, None) => "UPDATE doc_scope SET last_seq = ?3, left_seq = ?3 WHERE doc = ?1 AND scope = ?2",
                (false, Some(_)) => continue,
            };
            self.conn.prepare_cached(sql)?.execute(params![doc, interval.scope, signed(seq)])?;
        }
        for scope in scopes.iter().filter(|scope| known.iter().all(|interval| interval.scope != **scope)) {
            let sql = "INSERT INTO doc_scope (doc, scope, first_seq, entered_seq, last_seq) VALUES (?1, ?2, ?3, ?3, ?3)";
            self.conn.prepare_cached(sql)?.execute(params![doc, scope, signed(seq)])?;
        }
        Ok(())
    }

    /// The same without a change having come: time has passed. Takes a sequence number of its own, so that the leaving
    /// has its place in the order of news.
    pub(crate) fn rescope(
        &self,
        line: &DocLine,
        scopes: &BTreeSet<String>,
        back_since: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        let seq = self.newest_seq()? + 1;
        self.conn.prepare_cached("UPDATE sqlite_sequence SET seq = ?1 WHERE name = 'change'")?.execute([signed(seq)])?;
        self.conn
            .prepare_cached("UPDATE doc SET back_since = ?1 WHERE n = ?2")?
            .execute(params![back_since.map(|time| time.0), line.n])?;
        // Only who leaves hears of it: for the others nothing has happened.
        for interval in self.intervals_of(line.n)? {
            if interval.left_seq.is_none() && !scopes.contains(&interval.scope) {
                let sql = "UPDATE doc_scope SET last_seq = ?3, left_seq = ?3 WHERE doc = ?1 AND scope = ?2";
                self.conn.prepare_cached(sql)?.execute(params![line.n, interval.scope, signed(seq)])?;
            }
        }
        Ok(())
    }
}
