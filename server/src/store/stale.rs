//! List rows that an older version made, until they are made anew. Knows rows as bytes.

use rusqlite::params;

use super::{DocLine, StoreError, Tx, View, signed};

impl View<'_> {
    /// Some documents whose row is an older version's; at most `limit`.
    pub(crate) fn stale_rows(&self, limit: usize) -> Result<Vec<DocLine>, StoreError> {
        let mut statement = self.conn.prepare_cached("SELECT doc FROM stale_row ORDER BY doc LIMIT ?1")?;
        let found: Vec<i64> = statement.query_map([signed(limit as u64)], |row| row.get(0))?.collect::<Result<_, _>>()?;
        found.into_iter().map(|n| self.doc_at(n)?.ok_or(StoreError::Damaged)).collect()
    }
}

impl Tx<'_> {
    /// The document's row is no longer stale: it is this one, unless the document has changed since `line` was read, and
    /// has a new row with that. With none it stays as it is. Scopes and the order of news stay in any case.
    pub(crate) fn renew_row(&self, line: &DocLine, row: Option<&[u8]>) -> Result<(), StoreError> {
        if let Some(row) = row {
            let sql = "UPDATE doc SET row = ?2 WHERE n = ?1 AND last_seq = ?3";
            self.conn.prepare_cached(sql)?.execute(params![line.n, row, signed(line.last_seq)])?;
        }
        self.conn.prepare_cached("DELETE FROM stale_row WHERE doc = ?1")?.execute([line.n])?;
        Ok(())
    }
}
