//! What revoked devices pushed, and what was decided about it. Knows codes and bytes; what a change says, and who may decide, is
//! for others.

use doorstep_core::id::{ChangeHash, DeviceId, Digest, DocId};
use doorstep_core::time::Timestamp;
use rusqlite::{OptionalExtension, params};

use super::documents::read_aside;
use super::{SetAside, Store, StoreError, Tx, View, signed};
use crate::audit::{Fact, Who};

/// The code under which a revoked device's changes are kept.
const REVOKED: &str = "device_revoked";

/// What was decided about a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AsideDecision {
    /// Whether it was taken into its document.
    pub adopted: bool,
    /// Who decided, as the audit chain names them.
    pub who: String,
    /// Why.
    pub why: String,
    /// When.
    pub at: Timestamp,
}

/// A document as the server has it.
pub(crate) struct RowAndBytes {
    /// Its list row, CBOR.
    pub(crate) row: Vec<u8>,
    /// Its bytes.
    pub(crate) bytes: Vec<u8>,
}

impl Store {
    /// What revoked devices pushed, behind number `after`, oldest first, at most `limit`, each with what was decided on it.
    pub fn quarantine(&self, after: u64, limit: u64) -> Result<Vec<(SetAside, Option<AsideDecision>)>, StoreError> {
        self.read(|view| view.quarantine(after, limit, false))
    }

    /// Of those, the ones nobody has decided on.
    pub fn undecided(&self, after: u64, limit: u64) -> Result<Vec<SetAside>, StoreError> {
        let all = self.read(|view| view.quarantine(after, limit, true))?;
        Ok(all.into_iter().map(|(aside, _)| aside).collect())
    }

    /// The change of this number, if a revoked device pushed it.
    pub fn in_quarantine(&self, n: u64) -> Result<Option<(SetAside, Option<AsideDecision>)>, StoreError> {
        let found = self.read(|view| view.quarantine(n.saturating_sub(1), 1, false))?;
        Ok(found.into_iter().find(|(aside, _)| aside.n == n))
    }

    /// Leaves it where it is for good. False if somebody decided before.
    pub fn dismiss_aside(&self, aside: &SetAside, who: Who, why: String, now: Timestamp) -> Result<bool, StoreError> {
        let (n, doc, hash) = (aside.n, aside.kept.doc, aside.kept.hash);
        self.write(move |tx| {
            if tx.aside_decision(n)?.is_some() {
                return Ok(false);
            }
            tx.decide_aside(n, false, (doc, hash), &who, &why, now)?;
            Ok(true)
        })
    }

    /// Somebody is about to read what is kept aside of these documents: it is on record before anything is shown.
    pub fn look_at_aside(&self, docs: Vec<DocId>, who: Who, now: Timestamp) -> Result<(), StoreError> {
        self.write(move |tx| docs.into_iter().try_for_each(|doc| tx.record(now, &who, &Fact::AsideShown(doc))))
    }

    /// Agreements that came with changes of this document that were kept aside.
    pub(crate) fn aside_bundles(&self, doc: &DocId) -> Result<Vec<Vec<u8>>, StoreError> {
        self.read(|view| {
            let mut statement = view.conn.prepare_cached("SELECT bytes FROM aside_bundle WHERE doc = ?1")?;
            let rows = statement.query_map([doc.as_bytes()], |row| row.get(0))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// All that this device's changes of a document were, kept aside, in their order.
    pub(crate) fn aside_of(&self, doc: &DocId, device: &DeviceId) -> Result<Vec<SetAside>, StoreError> {
        self.read(|view| {
            let sql = "SELECT n, doc, kind, hash, code, about, bytes, device, person, received_at FROM set_aside
                       WHERE doc = ?1 AND device = ?2 AND code = ?3 ORDER BY n";
            let mut statement = view.conn.prepare_cached(sql)?;
            let mut rows = statement.query(params![doc.as_bytes(), device.as_bytes(), REVOKED])?;
            let mut all = Vec::new();
            while let Some(row) = rows.next()? {
                all.push(read_aside(row)?);
            }
            Ok(all)
        })
    }

    /// A document's bytes and its list row, for whoever decides what belongs to it.
    pub(crate) fn row_and_bytes(&self, doc: &DocId) -> Result<Option<RowAndBytes>, StoreError> {
        self.read(|view| {
            let Some(line) = view.doc(doc)? else { return Ok(None) };
            let bytes = view.document(&line)?.bytes;
            Ok(Some(RowAndBytes { row: line.row, bytes }))
        })
    }
}

impl View<'_> {
    fn quarantine(
        &self,
        after: u64,
        limit: u64,
        undecided: bool,
    ) -> Result<Vec<(SetAside, Option<AsideDecision>)>, StoreError> {
        let open = if undecided { "AND d.n IS NULL" } else { "" };
        let sql = format!(
            "SELECT s.n, doc, kind, hash, code, about, bytes, device, person, received_at, d.adopted, d.who, d.why, d.at
             FROM set_aside s LEFT JOIN aside_decision d ON d.n = s.n
             WHERE s.n > ?1 AND code = ?3 {open} ORDER BY s.n LIMIT ?2"
        );
        let mut statement = self.conn.prepare_cached(&sql)?;
        let mut rows = statement.query(params![signed(after), signed(limit), REVOKED])?;
        let mut all = Vec::new();
        while let Some(row) = rows.next()? {
            let decision = match row.get::<_, Option<bool>>(10)? {
                Some(adopted) => {
                    Some(AsideDecision { adopted, who: row.get(11)?, why: row.get(12)?, at: Timestamp(row.get(13)?) })
                }
                None => None,
            };
            all.push((read_aside(row)?, decision));
        }
        Ok(all)
    }

    pub(crate) fn aside_decision(&self, n: u64) -> Result<Option<bool>, StoreError> {
        let mut statement = self.conn.prepare_cached("SELECT adopted FROM aside_decision WHERE n = ?1")?;
        Ok(statement.query_row([signed(n)], |row| row.get(0)).optional()?)
    }
}

impl Tx<'_> {
    /// Writes a decision down, in the table and in the audit chain.
    pub(crate) fn decide_aside(
        &self,
        n: u64,
        adopted: bool,
        (doc, hash): (DocId, ChangeHash),
        who: &Who,
        why: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO aside_decision (n, adopted, who, why, at) VALUES (?1, ?2, ?3, ?4, ?5)";
        self.conn.prepare_cached(sql)?.execute(params![signed(n), adopted, who.to_string(), why, now.0])?;
        let fact = if adopted { Fact::AsideAdopted { doc, hash } } else { Fact::AsideDismissed { doc, hash } };
        self.record(now, who, &fact)
    }

    /// Keeps an agreement that came with a change kept aside.
    pub(crate) fn keep_bundle_aside(&self, doc: &DocId, digest: &Digest, bytes: &[u8]) -> Result<(), StoreError> {
        let sql = "INSERT OR IGNORE INTO aside_bundle (doc, digest, bytes) VALUES (?1, ?2, ?3)";
        self.conn.prepare_cached(sql)?.execute(params![doc.as_bytes(), digest.as_bytes(), bytes])?;
        Ok(())
    }
}
