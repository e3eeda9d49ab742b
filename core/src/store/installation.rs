//! What belongs to one installation and must never be used twice: actor ids, the node of stamps, the count of seals.

use rusqlite::{OptionalExtension, TransactionBehavior};

use super::{Meta, Store, StoreError, meta};
use crate::id::{ActorId, Digest, DocId};
use crate::planted::{self, Planted};

impl Store {
    /// Begins a new installation on this database: another node for stamps, and another actor for each document the
    /// next time it is written. What is unsent stays as it is.
    pub fn begin_installation(&mut self, installation: &[u8; 16], node: &[u8; 8]) -> Result<(), StoreError> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        if !planted::is(Planted::ActorReused) {
            transaction.execute("UPDATE document SET actor = NULL", [])?;
        }
        // A copy or an older state of this database may have sealed on. Its count goes on from there, this one's from far beyond:
        // a gap shows and is harmless, a number used twice is refused.
        let known = |name: Meta| meta::get(&transaction, name.name());
        if known(Meta::Installation)?.is_some() || known(Meta::Device)?.is_some() {
            let mut last = known(Meta::LastSeal)?.unwrap_or_else(|| vec![0; 8]);
            if let Some(counter) = last.first_chunk_mut::<8>() {
                let [.., a, b, c, d] = *node;
                let leap = u64::from(u32::from_be_bytes([a, b, c, d]) | 1) << 24;
                *counter = u64::from_be_bytes(*counter).saturating_add(leap).to_be_bytes();
                meta::set(&transaction, Meta::LastSeal.name(), Some(&last))?;
            }
        }
        meta::set(&transaction, Meta::Installation.name(), Some(installation))?;
        meta::set(&transaction, Meta::Node.name(), Some(node))?;
        Ok(transaction.commit()?)
    }

    /// Whom this installation writes as in a document, if it has written there.
    pub fn actor(&self, doc: &DocId) -> Result<Option<ActorId>, StoreError> {
        let mut statement = self.connection.prepare_cached("SELECT actor FROM document WHERE doc = ?1")?;
        let found: Option<Option<Vec<u8>>> = statement.query_row([doc.as_bytes()], |row| row.get(0)).optional()?;
        let actor = found.flatten().map(|bytes| ActorId::from_slice(&bytes));
        actor.transpose().map_err(|_| StoreError::Damaged { what: "value" })
    }

    /// How many seals this device has made, and the digest of the last.
    pub fn last_seal(&self) -> Result<(u64, Option<Digest>), StoreError> {
        let Some(bytes) = self.meta(Meta::LastSeal)? else { return Ok((0, None)) };
        let damaged = StoreError::Damaged { what: "value" };
        let Some((counter, digest)) = bytes.split_first_chunk::<8>() else { return Err(damaged) };
        // A count without a seal: this database was put back, and knows of none that it made.
        let seal = if digest.is_empty() { None } else { Some(Digest::from_slice(digest).map_err(|_| damaged)?) };
        Ok((u64::from_be_bytes(*counter), seal))
    }

    /// Remembers the last seal. A counter that was used is never used again, whatever happens afterwards.
    pub fn set_last_seal(&mut self, counter: u64, seal: &Digest) -> Result<(), StoreError> {
        let value = [counter.to_be_bytes().as_slice(), seal.as_bytes()].concat();
        self.set_meta(&[(Meta::LastSeal, Some(&value))])
    }
}
