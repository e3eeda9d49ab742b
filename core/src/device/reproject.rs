//! Rows that a newer version of the store dropped, made again from the documents. Runs when the device is opened, once after
//! an update; cut off, it goes on where it was.

use super::work::{opened, row};
use super::{Desk, DeviceError};
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
                // One that can't be read stays in the list, counted, where it can be opened and says why.
                rows.push(match opened(doc, &stored) {
                    Ok(document) => row(doc, &document),
                    Err(error) => {
                        self.store.mark_unreadable(&doc, stored.revision, error.code())?;
                        Row::unreadable(doc, stored.kind)
                    }
                });
            }
            self.store.put_rows(&rows)?;
        }
    }
}
