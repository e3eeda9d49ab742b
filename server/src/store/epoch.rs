//! The epoch: 16 bytes that tell this log from every other, an earlier state of it included. Phones that count in another
//! epoch fetch everything anew, keep what they have, and push again what this log does not know.
//!
//! And the key under which cursors are made: who brings a cursor that this server made and that is ahead of its log, proves
//! that the log was put back. Knows no cursor's content.

use doorstep_core::environment::{Entropy, random};
use doorstep_core::planted::{self, Planted};
use doorstep_core::time::Timestamp;

use super::{Store, StoreError, Tx, View};
use crate::audit::{Fact, Who};

impl Store {
    /// The 16 bytes that tell this log from every other, an earlier backup of it included.
    #[expect(clippy::redundant_closure_for_method_calls, reason = "the method itself is not general over the view's lifetime")]
    pub fn epoch(&self) -> Result<[u8; 16], StoreError> {
        self.read(|view| view.epoch())
    }

    /// Begins a new epoch, unless the present one is no longer `ended`: several may notice the same. Whether it did.
    pub fn begin_epoch(&self, ended: [u8; 16], who: Who, entropy: &dyn Entropy, now: Timestamp) -> Result<bool, StoreError> {
        let epoch: [u8; 16] = random(entropy);
        if planted::is(Planted::NoEpochOnRestore) {
            return Ok(false);
        }
        self.write(move |tx| {
            let sql = "UPDATE meta SET value = ?1 WHERE key = 'epoch' AND value = ?2";
            if tx.conn.prepare_cached(sql)?.execute([epoch, ended])? == 0 {
                return Ok(false);
            }
            tx.record(now, &who, &Fact::EpochBegun)?;
            Ok(true)
        })
    }
}

impl View<'_> {
    /// See [`Store::epoch`].
    pub(crate) fn epoch(&self) -> Result<[u8; 16], StoreError> {
        Ok(self.conn.prepare_cached("SELECT value FROM meta WHERE key = 'epoch'")?.query_row([], |row| row.get(0))?)
    }

    /// The key under which this server makes cursors.
    pub(crate) fn cursor_key(&self) -> Result<[u8; 32], StoreError> {
        Ok(self.conn.prepare_cached("SELECT value FROM meta WHERE key = 'cursor_key'")?.query_row([], |row| row.get(0))?)
    }
}

impl Tx<'_> {
    pub(super) fn put_epoch(&self, epoch: &[u8; 16]) -> Result<(), StoreError> {
        self.conn.prepare_cached("INSERT INTO meta (key, value) VALUES ('epoch', ?1)")?.execute([epoch])?;
        Ok(())
    }

    /// In the place of the one that the migration made.
    pub(super) fn put_cursor_key(&self, key: &[u8; 32]) -> Result<(), StoreError> {
        self.conn.prepare_cached("UPDATE meta SET value = ?1 WHERE key = 'cursor_key'")?.execute([key])?;
        Ok(())
    }
}
