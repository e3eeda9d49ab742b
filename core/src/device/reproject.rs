//! Rows that a newer version of the store dropped, made again from the documents. Runs when the device is opened, once after
//! an update; cut off, it goes on where it was.

use super::work::row;
use super::{Desk, DeviceError};
use crate::document::Document;
use crate::row::Row;
use crate::store::{Meta, VERSION};

/// Rows made in one transaction: little to lose, few fsyncs.
const BATCH: usize = 200;

impl Desk {
    pub(super) fn make_missing_rows(&mut self) -> Result<(), DeviceError> {
        // Only a migration drops rows. Looking for missing ones takes longer than all else when a phone is opened.
        let version = VERSION.to_be_bytes();
        if self.store.meta(Meta::Rows)?.as_deref() == Some(version.as_slice()) {
            return Ok(());
        }
        loop {
            let docs = self.store.without_row(BATCH)?;
            if docs.is_empty() {
                // A full disk keeps nobody from opening the phone; it is looked for again the next time.
                let _ = self.store.set_meta(&[(Meta::Rows, Some(&version))]);
                return Ok(());
            }
            let mut rows = Vec::with_capacity(docs.len());
            for doc in docs {
                let Some(stored) = self.store.document(&doc)? else { continue };
                // One that can't be read stays in the list, where it can be opened and says why.
                rows.push(
                    Document::load(&stored.bytes)
                        .map_or_else(|_| Row::unreadable(doc, stored.kind), |document| row(doc, &document)),
                );
            }
            self.store.put_rows(&rows)?;
        }
    }
}
