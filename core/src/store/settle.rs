//! Verdicts: the only way out of the outbox. What a verdict means for the document (a rebuild) is for the caller.

use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};

use super::{Step, Store, StoreError, joined, step, tap};
use crate::id::{ChangeHash, DocId};
use crate::planted::{self, Planted};

/// What became of a pushed change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The server has it, durable: stored now or known before.
    Stored,
    /// The server keeps it beside the document.
    SetAside {
        /// The reason's stable code.
        code: String,
        /// What it is about, in codes.
        about: Vec<String>,
    },
    /// The server wants these first.
    Wanted {
        /// The missing dependencies.
        hashes: Vec<ChangeHash>,
    },
}

/// One verdict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    /// The document.
    pub doc: DocId,
    /// The change.
    pub hash: ChangeHash,
    /// What became of it.
    pub outcome: Outcome,
}

impl Store {
    /// Takes the verdicts in, all in one transaction. A verdict for what is not in the outbox is passed over: an
    /// answer may come twice. Gives the documents that are now to be rebuilt.
    pub fn settle(&mut self, verdicts: &[Settled]) -> Result<Vec<DocId>, StoreError> {
        let on_step = self.on_step.as_ref();
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for Settled { doc, hash, outcome } in verdicts {
            let Some(n) = tap::find(&transaction, doc, hash)? else { continue };
            match outcome {
                Outcome::Stored => {
                    answered(&transaction, n)?;
                    finish_leaving(&transaction, doc)?;
                }
                Outcome::SetAside { .. } if planted::is(Planted::SetAsideDropped) => answered(&transaction, n)?,
                Outcome::SetAside { code, about } => {
                    let about = minicbor_serde::to_vec(about).map_err(|_| StoreError::Record)?;
                    transaction
                        .prepare_cached(
                            "UPDATE outbox SET state = 'set_aside', code = ?2, about = ?3, wanted = NULL WHERE n = ?1",
                        )?
                        .execute(params![n, code, about])?;
                }
                Outcome::Wanted { hashes } => {
                    transaction
                        .prepare_cached(
                            "UPDATE outbox SET state = 'wanted', wanted = ?2 WHERE n = ?1 AND state <> 'set_aside'",
                        )?
                        .execute(params![n, joined(hashes)])?;
                    // What the server wants may be own changes that it once had: a restored server forgets.
                    for wanted in hashes {
                        if let Some(n) = tap::find(&transaction, doc, wanted)? {
                            queue_again(&transaction, "n", n)?;
                        }
                    }
                }
            }
        }
        step(on_step, Step::BeforeCommit);
        transaction.commit()?;
        step(on_step, Step::AfterCommit);
        self.to_rebuild()
    }

    /// A person has read why the change was set aside, and what was in it: it need not be kept here any longer. The
    /// server has its copy. False, and nothing done, if it isn't set aside or its document has yet to be rebuilt.
    pub fn dismiss(&mut self, doc: &DocId, hash: &ChangeHash) -> Result<bool, StoreError> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let n: Option<i64> = transaction
            .prepare_cached(
                "SELECT n FROM change JOIN outbox USING (n, doc)
                 WHERE doc = ?1 AND hash = ?2 AND state = 'set_aside' AND place = 'out'",
            )?
            .query_row(params![doc.as_bytes(), hash.as_bytes()], |row| row.get(0))
            .optional()?;
        let Some(n) = n else { return Ok(false) };
        drop_own(&transaction, n)?;
        finish_leaving(&transaction, doc)?;
        transaction.commit()?;
        Ok(true)
    }
}

/// The server has own change `n`: out of the outbox, into what was sent.
pub(super) fn answered(connection: &Connection, n: i64) -> Result<(), StoreError> {
    let moved = connection
        .prepare_cached("INSERT OR IGNORE INTO sent SELECT n, doc, command FROM outbox WHERE n = ?1")?
        .execute([n])?;
    if moved > 0 {
        connection.prepare_cached("DELETE FROM outbox WHERE n = ?1")?.execute([n])?;
        connection
            .prepare_cached("UPDATE document SET on_server = 1 WHERE doc = (SELECT doc FROM change WHERE n = ?1)")?
            .execute([n])?;
    }
    Ok(())
}

/// Queues sent changes again: the one at `n`, or all of a document.
pub(super) fn queue_again<P: rusqlite::ToSql>(
    connection: &Connection,
    column: &'static str,
    key: P,
) -> Result<usize, StoreError> {
    let queued = connection
        .prepare_cached(&format!(
            "INSERT INTO outbox (n, doc, state, command) SELECT n, doc, 'waiting', command FROM sent WHERE {column} = ?1"
        ))?
        .execute([&key])?;
    if queued > 0 {
        connection.prepare_cached(&format!("DELETE FROM sent WHERE {column} = ?1"))?.execute([&key])?;
    }
    Ok(queued)
}

/// Takes own change `n` out of the store altogether.
pub(super) fn drop_own(connection: &Connection, n: i64) -> Result<(), StoreError> {
    connection.prepare_cached("DELETE FROM outbox WHERE n = ?1")?.execute([n])?;
    connection.prepare_cached("DELETE FROM change WHERE n = ?1")?.execute([n])?;
    Ok(())
}

/// Whether anything of the document is here and nowhere else: unsent, set aside, a ceremony under way.
pub(super) fn is_kept(connection: &Connection, doc: &DocId) -> Result<bool, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM outbox WHERE doc = ?1) OR EXISTS (SELECT 1 FROM ceremony WHERE doc = ?1)",
    )?;
    Ok(statement.query_row([doc.as_bytes()], |row| row.get(0))?)
}

/// Forgets the document if it only stayed for what is now settled.
pub(super) fn finish_leaving(connection: &Connection, doc: &DocId) -> Result<(), StoreError> {
    if !is_kept(connection, doc)? {
        connection.prepare_cached("DELETE FROM document WHERE doc = ?1 AND leaving = 1")?.execute([doc.as_bytes()])?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::OutboxState;
    use super::super::testing::{Desk, doc, own};
    use super::*;

    fn verdict(seq: u64, outcome: Outcome) -> Settled {
        Settled { doc: doc(1), hash: own(1, seq).hash, outcome }
    }

    #[test]
    fn verdicts_empty_the_outbox_and_an_answer_may_come_twice() {
        let desk = Desk::new();
        let mut store = desk.open();
        desk.tap(&mut store, 1, 1);
        desk.tap(&mut store, 1, 2);
        let bytes = store.document(&doc(1)).unwrap().unwrap().bytes;
        for _ in 0..2 {
            store.settle(&[verdict(1, Outcome::Stored), verdict(9, Outcome::Stored)]).unwrap();
            assert_eq!(store.counts().unwrap().waiting, 1);
        }
        assert_eq!(store.document(&doc(1)).unwrap().unwrap().bytes, bytes);
        drop(store);
        assert_eq!(desk.open().unsent_of(&doc(1)).unwrap()[0].hash, own(1, 2).hash);
    }

    #[test]
    fn a_change_set_aside_keeps_its_reason_and_its_command_until_somebody_read_them() {
        let desk = Desk::new();
        let mut store = desk.open();
        desk.tap(&mut store, 1, 1);
        let outcome = Outcome::SetAside { code: "not_yours".into(), about: vec!["who".into()] };
        assert_eq!(store.settle(&[verdict(1, outcome)]).unwrap(), [doc(1)]);
        let counts = store.counts().unwrap();
        assert_eq!((counts.waiting, counts.set_aside), (0, 1));
        assert!(store.outbox(0, 1 << 20, 10).unwrap().is_empty(), "it is not pushed again");
        drop(store);
        let mut store = desk.open();
        let aside = store.set_aside().unwrap();
        assert_eq!((aside[0].code.as_str(), aside[0].about.as_slice()), ("not_yours", &["who".to_owned()][..]));
        assert_eq!(aside[0].command, b"command 1");
        assert!(aside[0].in_document);
        assert_eq!(store.to_rebuild().unwrap(), [doc(1)], "a kill between verdict and rebuild");
        assert!(!store.dismiss(&doc(1), &own(1, 1).hash).unwrap(), "not before the rebuild");
    }

    #[test]
    fn what_the_server_wants_is_queued_again_if_it_was_sent_before() {
        let desk = Desk::new();
        let mut store = desk.open();
        desk.tap(&mut store, 1, 1);
        store.settle(&[verdict(1, Outcome::Stored)]).unwrap();
        desk.tap(&mut store, 1, 2);
        store.settle(&[verdict(2, Outcome::Wanted { hashes: vec![own(1, 1).hash] })]).unwrap();
        let out = store.outbox(0, 1 << 20, 10).unwrap();
        assert_eq!(
            out.iter().map(|out| (out.hash, out.state)).collect::<Vec<_>>(),
            [(own(1, 1).hash, OutboxState::Waiting), (own(1, 2).hash, OutboxState::Wanted)]
        );
        assert_eq!(out[0].command, b"command 1");
        assert_eq!(store.counts().unwrap().wanted, 1);
    }
}
