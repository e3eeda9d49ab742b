//! Rebuilding: a change that the server refused leaves the document, and the commands behind it that still make sense
//! come back as new changes. Which ones those are, the caller decided; here is that it happens at once or not at all.

use rusqlite::{TransactionBehavior, params};

use super::tap::{self, ChangeRecord};
use super::{Step, Store, StoreError, bundle, document, joined, meta, rows, settle, step};
use crate::id::{ActorId, ChangeHash, Digest, DocId};
use crate::planted::{self, Planted};
use crate::row::Row;
use crate::time::Hlc;

/// A command replayed as a new change.
#[derive(Debug, Clone, Copy)]
pub struct Queued<'a> {
    /// The new change.
    pub change: &'a ChangeRecord,
    /// The command.
    pub command: &'a [u8],
    /// Bundles, already in the store, that travel with it.
    pub bundles: &'a [Digest],
}

/// A document made anew without what the server refused.
#[derive(Debug, Clone, Copy)]
pub struct Rebuild<'a> {
    /// The document.
    pub doc: DocId,
    /// The content it was made from; a later one is not overwritten.
    pub revision: u64,
    /// A whole save without the changes set aside and replaced. It may leave out what is in `queue` and what still waits:
    /// those follow it as a tail.
    pub save: &'a [u8],
    /// Hashes the loaded document must have, tail included.
    pub heads: &'a [ChangeHash],
    /// The list row after it.
    pub row: &'a Row,
    /// The clock after it.
    pub hlc: Hlc,
    /// Unsent changes whose commands now stand in `queue`; they go, bytes and all.
    pub replaced: &'a [ChangeHash],
    /// The replayed commands, oldest first.
    pub queue: &'a [Queued<'a>],
}

impl Store {
    /// Puts the rebuilt document in the place of the one before. What was set aside stays readable in
    /// [`Store::set_aside`], outside the document. False, and nothing done, if the document has changed since `revision`.
    pub fn rebuild(&mut self, rebuild: &Rebuild<'_>) -> Result<bool, StoreError> {
        let on_step = self.on_step.as_ref();
        let doc = &rebuild.doc;
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let held = document::held(&transaction, doc)?.ok_or(StoreError::NoDocument)?;
        if held.revision != rebuild.revision {
            return Ok(false);
        }
        for hash in rebuild.replaced.iter().filter(|_| !planted::is(Planted::ReplacedNotDropped)) {
            if let Some(n) = tap::find(&transaction, doc, hash)? {
                settle::drop_own(&transaction, n)?;
            }
        }
        transaction
            .prepare_cached(
                "UPDATE change SET place = 'out'
                 WHERE doc = ?1 AND n IN (SELECT n FROM outbox WHERE doc = ?1 AND state = 'set_aside')",
            )?
            .execute([doc.as_bytes()])?;
        document::fold(&transaction, doc)?;
        unsent_to_tail(&transaction, doc)?;
        document::put_save(&transaction, doc, rebuild.save)?;
        step(on_step, Step::AfterChange);
        let mut actor = None;
        for queued in rebuild.queue {
            let n = tap::put_own(&transaction, doc, queued.change)?;
            tap::queue(&transaction, n, doc, queued.command)?;
            for digest in queued.bundles {
                bundle::carry(&transaction, n, digest)?;
            }
            actor = Some(queued.change.actor);
        }
        step(on_step, Step::AfterOutbox);
        transaction
            .prepare_cached(
                "UPDATE document SET heads = ?2, actor = coalesce(?3, actor), revision = revision + 1, trust = 'verified', fault = NULL
                 WHERE doc = ?1",
            )?
            .execute(params![doc.as_bytes(), joined(rebuild.heads), actor.as_ref().map(ActorId::as_bytes)])?;
        rows::put(&transaction, rebuild.row)?;
        meta::advance_hlc(&transaction, rebuild.hlc)?;
        settle::finish_leaving(&transaction, doc)?;
        step(on_step, Step::BeforeCommit);
        transaction.commit()?;
        step(on_step, Step::AfterCommit);
        Ok(true)
    }
}

/// The save was replaced by one that need not have them: unsent changes follow it again.
pub(super) fn unsent_to_tail(connection: &rusqlite::Connection, doc: &DocId) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "UPDATE change SET place = 'tail'
             WHERE doc = ?1 AND n IN (SELECT n FROM outbox WHERE doc = ?1 AND state <> 'set_aside')",
        )?
        .execute([doc.as_bytes()])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Desk, doc, own, row};
    use super::super::{Outcome, Settled};
    use super::*;

    #[test]
    fn a_refused_change_leaves_the_document_and_its_followers_come_back_as_new_ones() {
        let desk = Desk::new();
        let mut store = desk.open();
        desk.pull(&mut store, 1, b"save");
        desk.tap(&mut store, 1, 1);
        desk.tap(&mut store, 1, 2);
        let aside = Outcome::SetAside { code: "refused".into(), about: vec![] };
        store.settle(&[Settled { doc: doc(1), hash: own(1, 1).hash, outcome: aside.clone() }]).unwrap();
        // The replayed change: a new actor would do as well; the refused one gave its number back.
        let replayed = ChangeRecord { hash: ChangeHash::from_bytes([77; 32]), bytes: b"again".to_vec(), ..own(1, 1) };
        let revision = store.document(&doc(1)).unwrap().unwrap().revision;
        let rebuild = Rebuild {
            doc: doc(1),
            revision,
            save: b"save",
            heads: &[replayed.hash],
            row: &row(1),
            hlc: Hlc(9),
            replaced: &[own(1, 2).hash],
            queue: &[Queued { change: &replayed, command: b"command 2", bundles: &[] }],
        };
        assert!(store.rebuild(&rebuild).unwrap());
        assert!(!store.rebuild(&rebuild).unwrap(), "made from a content that is no longer there");
        let stored = store.document(&doc(1)).unwrap().unwrap();
        assert_eq!((stored.bytes.as_slice(), stored.heads), (&b"saveagain"[..], vec![replayed.hash]));
        let unsent = store.unsent_of(&doc(1)).unwrap();
        assert_eq!((unsent.len(), unsent[0].command.as_slice()), (1, &b"command 2"[..]));
        assert!(store.to_rebuild().unwrap().is_empty());
        let aside = store.set_aside().unwrap();
        assert_eq!(
            (aside[0].command.as_slice(), aside[0].bytes.as_slice(), aside[0].in_document),
            (&b"command 1"[..], own(1, 1).bytes.as_slice(), false)
        );
        assert!(store.dismiss(&doc(1), &own(1, 1).hash).unwrap());
        assert_eq!(store.counts().unwrap().set_aside, 0);
        store.check().unwrap();
    }

    #[test]
    fn a_rebuild_that_forgets_an_unsent_change_does_not_lose_it() {
        let desk = Desk::new();
        let mut store = desk.open();
        desk.tap(&mut store, 1, 1);
        let stored = store.document(&doc(1)).unwrap().unwrap();
        store.compact(&doc(1), stored.revision, b"whole").unwrap();
        let actor = ActorId::from_bytes([9; 16]);
        let rebuild = Rebuild {
            doc: doc(1),
            revision: stored.revision,
            save: b"without",
            heads: &[],
            row: &row(1),
            hlc: Hlc(9),
            replaced: &[],
            queue: &[Queued { change: &ChangeRecord { actor, ..own(2, 1) }, command: b"c", bundles: &[] }],
        };
        assert!(store.rebuild(&rebuild).unwrap());
        let after = store.document(&doc(1)).unwrap().unwrap();
        assert_eq!(after.bytes, [b"without", own(1, 1).bytes.as_slice(), own(2, 1).bytes.as_slice()].concat());
        assert_eq!(after.actor, Some(actor));
        assert_eq!(store.counts().unwrap().waiting, 2);
    }
}
