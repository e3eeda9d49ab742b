//! What time alone takes out of an org's sight: cases it gave back longer ago than policy lets it see them.

use doorstep_core::row::Row;
use doorstep_core::time::Timestamp;

use super::weigh::{back_since, kept_for, scopes};
use crate::store::{Store, StoreError};

/// Documents looked at in one transaction: others write in between.
const AT_ONCE: usize = 100;

/// Takes them out, and gives how many documents were concerned. The server calls it now and then; phones hear with their
/// next pull.
pub fn expire(store: &Store, now: Timestamp) -> Result<usize, StoreError> {
    let mut concerned = 0;
    loop {
        let directory = store.directory()?;
        let before = now.plus_ms(-kept_for(&directory.policy));
        let found = store.write(move |tx| {
            let lines = tx.back_before(before, AT_ONCE)?;
            for line in &lines {
                let row: Row = minicbor_serde::from_slice(&line.row).map_err(|_| StoreError::Damaged)?;
                let policy = &directory.policy;
                tx.rescope(line, &scopes(&row, policy, now), back_since(&row, policy, now))?;
            }
            Ok(lines.len())
        })?;
        concerned += found;
        if found < AT_ONCE {
            return Ok(concerned);
        }
    }
}
