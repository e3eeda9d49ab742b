//! Pieces out of a damaged database, kept for a person to read. What they say is not known here.

use rusqlite::{Connection, params};

use super::document::kind;
use super::{Store, StoreError, doc_id};
use crate::id::{DocId, DocKind};

/// Something that was wanted and can't be done again by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// Its number here.
    pub n: i64,
    /// The document, where that could be read.
    pub doc: Option<DocId>,
    /// What that is.
    pub kind: Option<DocKind>,
    /// Why it is here: a stable code.
    pub code: String,
    /// What was wanted, as it stood in the outbox.
    pub command: Option<Vec<u8>>,
    /// The change that it had made.
    pub bytes: Option<Vec<u8>>,
}

impl Store {
    /// All of them, in the order they were found.
    pub fn pieces(&self) -> Result<Vec<Piece>, StoreError> {
        let mut statement =
            self.connection.prepare_cached("SELECT n, doc, kind, code, command, bytes FROM packet ORDER BY n")?;
        let mut found = statement.query([])?;
        let mut pieces = Vec::new();
        while let Some(columns) = found.next()? {
            pieces.push(Piece {
                n: columns.get(0)?,
                doc: columns.get::<_, Option<Vec<u8>>>(1)?.map(|bytes| doc_id(&bytes)).transpose()?,
                kind: columns.get::<_, Option<String>>(2)?.map(|name| kind(&name)).transpose()?,
                code: columns.get(3)?,
                command: columns.get(4)?,
                bytes: columns.get(5)?,
            });
        }
        Ok(pieces)
    }

    /// Somebody dealt with it. False if there is none of this number.
    pub fn drop_piece(&mut self, n: i64) -> Result<bool, StoreError> {
        Ok(self.connection.prepare_cached("DELETE FROM packet WHERE n = ?1")?.execute([n])? > 0)
    }
}

/// Keeps a piece; its number is given here.
pub(super) fn put(connection: &Connection, piece: &Piece) -> Result<(), StoreError> {
    connection.prepare_cached("INSERT INTO packet (doc, kind, code, command, bytes) VALUES (?1, ?2, ?3, ?4, ?5)")?.execute(
        params![piece.doc.as_ref().map(DocId::as_bytes), piece.kind.map(DocKind::name), piece.code, piece.command, piece.bytes],
    )?;
    Ok(())
}
