//! The tap: what one command made, stored in one transaction with one fsync. Knows neither the command nor the change.

use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};

use super::error::is_taken;
use super::{OnStep, Step, Store, StoreError, bundle, joined, meta, rows, step};
use crate::id::{ActorId, ChangeHash, Digest, DocId, DocKind};
use crate::planted::{self, Planted};
use crate::row::Row;
use crate::time::Hlc;

/// A change this device wrote: a plain chunk and its names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeRecord {
    /// The change's hash.
    pub hash: ChangeHash,
    /// Whom this installation writes as in the document.
    pub actor: ActorId,
    /// The actor's number, from 1.
    pub seq: u64,
    /// The plain chunk.
    pub bytes: Vec<u8>,
}

/// One command's effect.
#[derive(Debug, Clone, Copy)]
pub struct Tap<'a> {
    /// The document; made if it isn't there.
    pub doc: DocId,
    /// What it is.
    pub kind: DocKind,
    /// The change, made on everything the store has of the document: it is the document's one head afterwards.
    pub change: &'a ChangeRecord,
    /// The command that made it, for a replay should the server refuse the change.
    pub command: &'a [u8],
    /// The list row after it.
    pub row: &'a Row,
    /// The clock after it.
    pub hlc: Hlc,
    /// Agreements the change names, by digest; they travel with it.
    pub bundles: &'a [(Digest, Vec<u8>)],
    /// Whether the document's signing ceremony ended with this.
    pub clear_ceremony: bool,
}

impl Store {
    /// Stores one command's effect: change, outbox, list row, clock, bundles. Durable when it returns.
    ///
    /// # Errors
    /// [`StoreError::Duplicate`], [`StoreError::WrongKind`], [`StoreError::Full`], [`StoreError::BundleDiffers`] …: nothing was stored.
    pub fn tap(&mut self, tap: &Tap<'_>) -> Result<(), StoreError> {
        self.tap_all(std::slice::from_ref(tap))
    }

    /// The same for one command's effect on several documents: all of it or nothing.
    ///
    /// # Errors
    /// As for [`Store::tap`]; nothing of any of them was stored.
    pub fn tap_all(&mut self, taps: &[Tap<'_>]) -> Result<(), StoreError> {
        self.tap_with(taps, |_| Ok(()))
    }

    /// The same, and what `besides` writes into the same transaction.
    pub(super) fn tap_with(
        &mut self,
        taps: &[Tap<'_>],
        besides: impl FnOnce(&Connection) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let on_step = self.on_step.as_ref();
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for tap in taps {
            put(&transaction, tap, on_step)?;
        }
        besides(&transaction)?;
        step(on_step, Step::BeforeCommit);
        transaction.commit()?;
        step(on_step, Step::AfterCommit);
        Ok(())
    }
}

/// One document's part.
fn put(connection: &Connection, tap: &Tap<'_>, on_step: Option<&OnStep>) -> Result<(), StoreError> {
    let written = connection
        .prepare_cached(
            "INSERT INTO document (doc, kind, heads, actor, revision, trust, on_server) VALUES (?1, ?2, ?3, ?4, 1, 'verified', 0)
             ON CONFLICT (doc) DO UPDATE SET
                 heads = excluded.heads, actor = excluded.actor, revision = revision + 1, trust = 'verified', fault = NULL
             WHERE kind = excluded.kind",
        )?
        .execute(params![tap.doc.as_bytes(), tap.kind.name(), joined(&[tap.change.hash]), tap.change.actor.as_bytes()])?;
    if written == 0 {
        return Err(StoreError::WrongKind);
    }
    let n = put_own(connection, &tap.doc, tap.change)?;
    if planted::is(Planted::TapInTwo) {
        connection.execute_batch("COMMIT; BEGIN IMMEDIATE")?;
    }
    step(on_step, Step::AfterChange);
    queue(connection, n, &tap.doc, if planted::is(Planted::CommandNotKept) { b"" } else { tap.command })?;
    for (digest, bytes) in tap.bundles {
        bundle::put(connection, digest, bytes)?;
        if !planted::is(Planted::BundleNotCarried) {
            bundle::carry(connection, n, digest)?;
        }
    }
    step(on_step, Step::AfterOutbox);
    rows::put(connection, tap.row)?;
    meta::advance_hlc(connection, tap.hlc)?;
    if tap.clear_ceremony {
        connection.prepare_cached("DELETE FROM ceremony WHERE doc = ?1")?.execute([tap.doc.as_bytes()])?;
    }
    Ok(())
}

/// Writes an own change behind the document's tail and gives its place.
pub(super) fn put_own(connection: &Connection, doc: &DocId, change: &ChangeRecord) -> Result<i64, StoreError> {
    let seq = i64::try_from(change.seq).map_err(|_| StoreError::Record)?;
    let inserted = connection
        .prepare_cached("INSERT INTO change (doc, hash, actor, seq, place, bytes) VALUES (?1, ?2, ?3, ?4, 'tail', ?5)")?
        .execute(params![doc.as_bytes(), change.hash.as_bytes(), change.actor.as_bytes(), seq, change.bytes]);
    match inserted {
        Ok(_) => Ok(connection.last_insert_rowid()),
        Err(error) if is_taken(&error) => Err(StoreError::Duplicate),
        Err(error) => Err(error.into()),
    }
}

/// Queues an own change for the push.
pub(super) fn queue(connection: &Connection, n: i64, doc: &DocId, command: &[u8]) -> Result<(), StoreError> {
    connection
        .prepare_cached("INSERT INTO outbox (n, doc, state, command) VALUES (?1, ?2, 'waiting', ?3)")?
        .execute(params![n, doc.as_bytes(), command])?;
    Ok(())
}

/// Where the change stands and whether it is in the document, if it is known here.
pub(super) fn find(connection: &Connection, doc: &DocId, hash: &ChangeHash) -> Result<Option<i64>, StoreError> {
    Ok(connection
        .prepare_cached("SELECT n FROM change WHERE doc = ?1 AND hash = ?2")?
        .query_row(params![doc.as_bytes(), hash.as_bytes()], |row| row.get(0))
        .optional()?)
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::super::testing::{Desk, doc, own, row};
    use super::super::{Journal, Options};
    use super::*;

    #[test]
    fn a_tap_is_there_after_reopening() {
        for journal in [Journal::Wal, Journal::Rollback] {
            let desk = Desk::new();
            let mut store = desk.open_with(Options { journal, ..Options::default() });
            desk.tap(&mut store, 1, 1);
            drop(store);
            let mut store = desk.open_with(Options { journal, ..Options::default() });
            desk.tap(&mut store, 1, 2);
            drop(store);
            let store = desk.open_with(Options { journal, ..Options::default() });
            let stored = store.document(&doc(1)).unwrap().unwrap();
            assert_eq!(stored.bytes, [own(1, 1).bytes, own(1, 2).bytes].concat());
            assert_eq!(stored.heads, [own(1, 2).hash]);
            assert_eq!(stored.actor, Some(own(1, 1).actor));
            assert_eq!(store.unsent_of(&doc(1)).unwrap().len(), 2);
            assert_eq!(store.hlc().unwrap(), Hlc(2 << 16));
            store.check().unwrap();
        }
    }

    #[test]
    fn a_tap_killed_at_any_step_is_whole_or_absent() {
        for at in [Step::AfterChange, Step::AfterOutbox, Step::BeforeCommit, Step::AfterCommit] {
            let desk = Desk::new();
            desk.tap(&mut desk.open(), 1, 1);
            // What a kill leaves behind is what the files hold at that moment: copy them from inside the transaction.
            let (path, copy) = (desk.path.clone(), desk.path.with_extension("killed"));
            let into = copy.clone();
            let hook = move |step| {
                if step == at {
                    super::super::testing::copy_files(&path, &into);
                    std::panic::resume_unwind(Box::new("killed"));
                }
            };
            let mut store = desk.open_with(Options { on_step: Some(Box::new(hook)), ..Options::default() });
            catch_unwind(AssertUnwindSafe(|| desk.tap(&mut store, 1, 2))).unwrap_err();
            drop(store);
            let expected = if at == Step::AfterCommit { 2 } else { 1 };
            for path in [&desk.path, &copy] {
                let store = Store::open(path, Options::default()).unwrap();
                assert_eq!(store.unsent_of(&doc(1)).unwrap().len(), expected, "{at:?}");
                assert_eq!(store.document(&doc(1)).unwrap().unwrap().heads, [own(1, expected as u64).hash]);
                store.check().unwrap();
            }
        }
    }

    #[test]
    fn after_a_panic_inside_a_tap_the_same_store_goes_on() {
        let desk = Desk::new();
        let armed = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(true));
        let trigger = std::sync::Arc::clone(&armed);
        let hook = move |step| {
            if step == Step::BeforeCommit && trigger.swap(false, std::sync::atomic::Ordering::SeqCst) {
                std::panic::resume_unwind(Box::new("stopped"));
            }
        };
        let mut store = desk.open_with(Options { on_step: Some(Box::new(hook)), ..Options::default() });
        catch_unwind(AssertUnwindSafe(|| desk.tap(&mut store, 1, 1))).unwrap_err();
        assert!(store.document(&doc(1)).unwrap().is_none());
        desk.tap(&mut store, 1, 1);
        assert_eq!(store.counts().unwrap().waiting, 1);
    }

    #[test]
    fn a_full_disk_refuses_the_tap_and_keeps_what_was_there() {
        let desk = Desk::new();
        let mut store = desk.open();
        desk.tap(&mut store, 1, 1);
        let pages: u32 = store.connection.query_row("PRAGMA page_count", [], |row| row.get(0)).unwrap();
        drop(store);
        let mut store = desk.open_with(Options { max_pages: Some(pages), ..Options::default() });
        let mut big = own(1, 2);
        big.bytes = vec![7; 64 << 10];
        let tap = Tap {
            doc: doc(1),
            kind: DocKind::Case,
            change: &big,
            command: b"c",
            row: &row(1),
            hlc: Hlc(9 << 16),
            bundles: &[],
            clear_ceremony: false,
        };
        assert_eq!(store.tap(&tap), Err(StoreError::Full));
        assert_eq!(store.document(&doc(1)).unwrap().unwrap().bytes, own(1, 1).bytes);
        assert_eq!(store.counts().unwrap().waiting, 1);
        assert_eq!(store.hlc().unwrap(), Hlc(1 << 16));
        drop(store);
        desk.tap(&mut desk.open(), 1, 2);
        desk.open().check().unwrap();
    }

    #[test]
    fn a_change_or_an_actor_number_is_taken_once() {
        let desk = Desk::new();
        let mut store = desk.open();
        desk.tap(&mut store, 1, 1);
        assert_eq!(desk.try_tap(&mut store, 1, &own(1, 1)), Err(StoreError::Duplicate));
        let forked = ChangeRecord { hash: ChangeHash::from_bytes([99; 32]), ..own(1, 1) };
        assert_eq!(desk.try_tap(&mut store, 1, &forked), Err(StoreError::Duplicate));
        assert_eq!(store.counts().unwrap().waiting, 1);
    }

    #[test]
    fn a_document_does_not_change_its_kind() {
        let desk = Desk::new();
        let mut store = desk.open();
        desk.tap(&mut store, 1, 1);
        let (change, row) = (own(1, 2), row(1));
        let tap = Tap {
            doc: doc(1),
            kind: DocKind::Visit,
            change: &change,
            command: b"",
            row: &row,
            hlc: Hlc(0),
            bundles: &[],
            clear_ceremony: false,
        };
        assert_eq!(store.tap(&tap), Err(StoreError::WrongKind));
    }

    #[test]
    fn a_tap_costs_the_change_and_not_the_document() {
        let desk = Desk::new();
        let mut store = desk.open();
        desk.pull(&mut store, 1, &vec![7; 1 << 20]);
        store.tidy().unwrap();
        drop(store);
        let mut store = desk.open();
        desk.tap(&mut store, 1, 1);
        let log = std::fs::metadata(desk.path.with_extension("db-wal")).unwrap().len();
        assert!(log < 100_000, "a megabyte of document, {log} bytes of log");
    }
}
