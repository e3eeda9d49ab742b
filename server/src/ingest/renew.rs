//! Rows made anew after an update: lists, days and searches on phones show what rows carry, and an older version's carry
//! less. Once, before the server serves; cut off, it goes on where it was.

use doorstep_core::case;
use doorstep_core::document::Document;
use doorstep_core::household;
use doorstep_core::id::DocKind;
use doorstep_core::visit;

use super::kind::Kind;
use crate::store::{DocLine, Store, StoreError};

/// Documents in one transaction: little to do again after a kill, little memory.
const AT_ONCE: usize = 200;

/// Makes them, and gives how many there were. Who sees which document, and in what order phones hear of it, stays: a phone
/// that has a document already makes its row itself when it is updated.
pub fn renew_rows(store: &Store) -> Result<usize, StoreError> {
    let mut renewed = 0;
    loop {
        let rows = store.read(|view| {
            let anew = |line: DocLine| Ok((row(&line, &view.document(&line)?.bytes), line));
            view.stale_rows(AT_ONCE)?.into_iter().map(anew).collect::<Result<Vec<_>, StoreError>>()
        })?;
        if rows.is_empty() {
            return Ok(renewed);
        }
        renewed += rows.len();
        store.write(move |tx| rows.iter().try_for_each(|(row, line)| tx.renew_row(line, row.as_deref())))?;
        tracing::info!(renewed, "list rows of an older version made anew");
    }
}

/// The row of the document with these bytes. None for one that can't be read: it keeps the row it has.
fn row(line: &DocLine, bytes: &[u8]) -> Option<Vec<u8>> {
    let made = Document::load(bytes).map(|document| match line.kind {
        DocKind::Case => case::Event::row(line.id, &document.log().entries),
        DocKind::Visit => visit::Event::row(line.id, &document.log().entries),
        DocKind::Household => household::Event::row(line.id, &document.log().entries),
    });
    match made {
        Ok(row) => minicbor_serde::to_vec(&row).ok(),
        Err(error) => {
            tracing::warn!(doc = %line.id, code = error.code(), "a document can't be read: its list row stays as it is");
            None
        }
    }
}
