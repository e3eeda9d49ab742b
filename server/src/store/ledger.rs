//! The audit chain's rows.

use doorstep_core::id::Digest;
use doorstep_core::time::Timestamp;
use rusqlite::{OptionalExtension, params};

use super::{Store, StoreError, Tx, View, signed, unsigned};
use crate::audit::{Broken, Entry, Fact, Head, Who};

/// Entries read at a time while verifying.
const PAGE: u64 = 1_000;

impl Store {
    /// Walks the whole chain. The outer error is the database's; the inner names the first bad entry.
    pub fn verify_audit(&self) -> Result<Result<Head, Broken>, StoreError> {
        let mut head = Head::EMPTY;
        loop {
            let entries = self.audit_after(head.n, PAGE)?;
            if entries.is_empty() {
                return Ok(Ok(head));
            }
            for entry in &entries {
                head = match head.followed_by(entry) {
                    Ok(next) => next,
                    Err(broken) => return Ok(Err(broken)),
                };
            }
        }
    }

    /// Up to `limit` entries behind the one numbered `after`, oldest first.
    pub fn audit_after(&self, after: u64, limit: u64) -> Result<Vec<Entry>, StoreError> {
        self.read(|view| view.audit_after(after, limit))
    }
}

impl View<'_> {
    fn audit_head(&self) -> Result<Head, StoreError> {
        let sql = "SELECT n, hash FROM audit ORDER BY n DESC LIMIT 1";
        let head = self
            .conn
            .prepare_cached(sql)?
            .query_row([], |row| Ok(Head { n: unsigned(row.get(0)?), hash: Digest::from_bytes(row.get(1)?) }))
            .optional()?;
        Ok(head.unwrap_or(Head::EMPTY))
    }

    fn audit_after(&self, after: u64, limit: u64) -> Result<Vec<Entry>, StoreError> {
        let sql = "SELECT n, at, what, who, about, prev_hash, hash FROM audit WHERE n > ?1 ORDER BY n LIMIT ?2";
        let mut statement = self.conn.prepare_cached(sql)?;
        let rows = statement.query_map([signed(after), signed(limit)], |row| {
            Ok(Entry {
                n: unsigned(row.get(0)?),
                at: Timestamp(row.get(1)?),
                what: row.get(2)?,
                who: row.get(3)?,
                about: row.get(4)?,
                prev: Digest::from_bytes(row.get(5)?),
                hash: Digest::from_bytes(row.get(6)?),
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

impl Tx<'_> {
    /// Appends an entry to the chain.
    pub(crate) fn record(&self, at: Timestamp, who: &Who, fact: &Fact) -> Result<(), StoreError> {
        let head = self.audit_head()?;
        let entry = Entry::after(head.n + 1, head.hash, at, who, fact);
        let sql = "INSERT INTO audit (n, at, what, who, about, prev_hash, hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
        self.conn.prepare_cached(sql)?.execute(params![
            signed(entry.n),
            entry.at.0,
            entry.what,
            entry.who,
            entry.about,
            entry.prev.as_bytes(),
            entry.hash.as_bytes(),
        ])?;
        Ok(())
    }
}
