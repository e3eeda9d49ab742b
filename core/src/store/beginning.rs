//! Documents by the beginning of their id: what people type who read ids off a screen.

use rusqlite::params;

use super::{Store, StoreError, doc_id};
use crate::id::{DocId, DocKind};

impl Store {
    /// Documents whose id lies between these two, both included; `limit` at most, in the order of their ids.
    pub fn between(&self, low: &DocId, high: &DocId, limit: usize) -> Result<Vec<(DocId, DocKind)>, StoreError> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT doc, kind FROM document WHERE doc BETWEEN ?1 AND ?2 ORDER BY doc LIMIT ?3")?;
        let mut found = statement.query(params![low.as_bytes(), high.as_bytes(), i64::try_from(limit).unwrap_or(i64::MAX)])?;
        let mut documents = Vec::new();
        while let Some(columns) = found.next()? {
            let kind = DocKind::from_name(&columns.get::<_, String>(1)?).ok_or(StoreError::Damaged { what: "value" })?;
            documents.push((doc_id(&columns.get::<_, Vec<u8>>(0)?)?, kind));
        }
        Ok(documents)
    }
}
