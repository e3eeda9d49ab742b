//! A refetch: the server sends everything in scope again, and what it did not send is dealt with at the end.
//!
//! Of the same log (another scope), what was not sent is out of scope: forgotten, unless something unsent keeps it. Of a **new** log
//! (a restored server), what was not sent may be something the server lost: it stays, if it is still the person's to see,
//! and own changes are queued again. Own changes only: the server takes a change from its author's device alone, so other people's come back
//! from their phones; until then what is here is kept. The marks are in the file: a refetch may take days and restarts.

use rusqlite::{Connection, TransactionBehavior};

use super::apply::{Applied, forget};
use super::document::docs;
use super::{Store, StoreError, attachments, document, meta, settle};
use crate::id::DocId;
use crate::planted::{self, Planted};

impl Store {
    /// Whether anything here came from the server, or went there, and no refetch is under way already.
    pub fn has_pulled(&self) -> Result<bool, StoreError> {
        if meta::refetch(&self.connection)?.is_some() {
            return Ok(false);
        }
        let mut statement = self.connection.prepare_cached("SELECT EXISTS (SELECT 1 FROM document WHERE on_server = 1)")?;
        Ok(statement.query_row([], |row| row.get(0))?)
    }

    /// Whether a refetch of a new log is under way.
    pub fn refetches_new_log(&self) -> Result<bool, StoreError> {
        Ok(meta::refetch(&self.connection)? == Some(true))
    }

    /// What was on the server and a new log has not sent so far; nothing, if no refetch of a new log is under way.
    pub fn unseen_of_new_log(&self) -> Result<Vec<DocId>, StoreError> {
        if !self.refetches_new_log()? {
            return Ok(Vec::new());
        }
        docs(&self.connection, "SELECT doc FROM document WHERE unseen = 1 AND on_server = 1")
    }

    /// The cursor is gone: what comes next is everything. `new_epoch`: nobody can say that it is the same log.
    pub fn begin_refetch(&mut self, new_epoch: bool) -> Result<(), StoreError> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        begin(&transaction, new_epoch)?;
        Ok(transaction.commit()?)
    }
}

/// Marks everything as not yet sent. A refetch of a new log that was cut off stays one of a new log.
pub(super) fn begin(connection: &Connection, new_epoch: bool) -> Result<(), StoreError> {
    let new_epoch = new_epoch || meta::refetch(connection)? == Some(true);
    meta::set_refetch(connection, Some(new_epoch))?;
    connection.execute("UPDATE document SET unseen = 1", [])?;
    if new_epoch && !planted::is(Planted::AttachmentNotSentAgain) {
        attachments::wait_again(connection)?;
    }
    Ok(())
}

/// Deals with what was not sent.
pub(super) fn end(connection: &Connection, applied: &mut Applied) -> Result<(), StoreError> {
    let Some(new_epoch) = meta::refetch(connection)? else { return Ok(()) };
    if new_epoch {
        for doc in docs(connection, "SELECT doc FROM document WHERE unseen = 1")? {
            again(connection, applied, &doc)?;
        }
        connection.execute("UPDATE document SET on_server = 0, unseen = 0 WHERE unseen = 1", [])?;
    } else {
        // What the server never had is not missing from what it sent. Without an outbox entry, though, it is what an
        // earlier new log left over, and nobody claims it any more.
        let gone = "SELECT doc FROM document WHERE unseen = 1
                    AND (on_server = 1 OR NOT EXISTS (SELECT 1 FROM outbox WHERE outbox.doc = document.doc))";
        for doc in docs(connection, gone)? {
            forget(connection, applied, &doc)?;
        }
        connection.execute("UPDATE document SET unseen = 0 WHERE unseen = 1", [])?;
    }
    meta::set_refetch(connection, None)
}

/// These are no longer this person's to see: whether the server lost them or keeps them from this phone, they go, but not
/// before the server has answered for the own changes in them.
pub(super) fn leave(connection: &Connection, applied: &mut Applied, outside: &[DocId]) -> Result<(), StoreError> {
    for doc in outside {
        let unseen = "UPDATE document SET on_server = 0 WHERE doc = ?1 AND unseen = 1";
        if connection.prepare_cached(unseen)?.execute([doc.as_bytes()])? > 0 {
            again(connection, applied, doc)?;
            forget(connection, applied, doc)?;
        }
    }
    Ok(())
}

fn again(connection: &Connection, applied: &mut Applied, doc: &DocId) -> Result<(), StoreError> {
    if !planted::is(Planted::NotSentAgain) {
        applied.queued_again += settle::queue_again(connection, "doc", doc.as_bytes())?;
    }
    Ok(())
}

/// A restored server's document that differs from the one here: both are kept, one behind the other; changes in both count
/// once when they are loaded.
pub(super) fn merge(connection: &Connection, doc: &DocId, bytes: &[u8], unreadable: bool) -> Result<(), StoreError> {
    let mut both = bytes.to_vec();
    if unreadable {
        // What can't be loaded is of no use in front of what can; the own changes in it still are, one by one.
        connection.prepare_cached("DELETE FROM change WHERE doc = ?1 AND actor IS NULL")?.execute([doc.as_bytes()])?;
        connection
            .prepare_cached("UPDATE change SET place = 'tail' WHERE doc = ?1 AND place = 'saved'")?
            .execute([doc.as_bytes()])?;
    } else {
        let mut statement = connection.prepare_cached("SELECT bytes FROM saved WHERE doc = ?1")?;
        let mut found = statement.query([doc.as_bytes()])?;
        if let Some(row) = found.next()? {
            both.extend_from_slice(row.get_ref(0)?.as_blob().map_err(|_| StoreError::Damaged { what: "value" })?);
        }
    }
    document::put_save(connection, doc, &both)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Desk, doc, head, own, row, whole};
    use super::super::{Apply, Outcome, PulledChange, Settled, Store};
    use crate::id::DocKind;

    fn sent(store: &mut Store, i: u8, seq: u64) {
        store.settle(&[Settled { doc: doc(i), hash: own(i, seq).hash, outcome: Outcome::Stored }]).unwrap();
    }

    fn begin(new_epoch: bool) -> Apply {
        Apply::BeginRefetch { new_epoch }
    }

    #[test]
    fn another_scope_forgets_what_was_not_sent_and_keeps_what_is_unsent() {
        let desk = Desk::new();
        let mut store = desk.open();
        for i in 1..=3 {
            desk.pull(&mut store, i, b"save");
        }
        desk.tap(&mut store, 2, 1);
        desk.tap(&mut store, 4, 1);
        store.apply(&[begin(false), whole(3, b"save")], Some(b"half")).unwrap();
        drop(store);
        let mut store = desk.open();
        let applied = store.apply(&[Apply::EndRefetch], Some(b"done")).unwrap();
        assert_eq!((applied.forgotten, applied.leaving), (vec![doc(1)], vec![doc(2)]));
        assert!(store.document(&doc(3)).unwrap().is_some());
        assert!(!store.document(&doc(4)).unwrap().unwrap().leaving, "the server never had it");
        assert_eq!(store.counts().unwrap().waiting, 2);
        let again = store.apply(&[Apply::EndRefetch], None).unwrap();
        assert_eq!(again, super::Applied::default(), "no refetch is under way");
    }

    #[test]
    fn a_restored_server_is_sent_again_what_it_lost() {
        let desk = Desk::new();
        let mut store = desk.open();
        // 1: lost by the server. 2: the server has an older state. 3: nothing lost. 4: somebody else's, lost.
        desk.tap(&mut store, 1, 1);
        desk.pull(&mut store, 2, b"old");
        desk.tap(&mut store, 2, 1);
        desk.pull(&mut store, 3, b"same");
        desk.pull(&mut store, 4, b"theirs");
        sent(&mut store, 1, 1);
        sent(&mut store, 2, 1);
        let revision = store.document(&doc(1)).unwrap().unwrap().revision;
        store.compact(&doc(1), revision, b"compacted 1").unwrap();
        assert_eq!(store.counts().unwrap().waiting, 0);

        let applied = store.apply(&[begin(true), whole(2, b"older"), whole(3, b"same")], Some(b"half")).unwrap();
        assert_eq!((applied.queued_again, applied.to_project.as_slice()), (1, &[doc(2)][..]));
        drop(store);
        let mut store = desk.open();
        let applied = store.apply(&[Apply::EndRefetch], Some(b"done")).unwrap();
        assert_eq!((applied.queued_again, applied.forgotten), (1, vec![]));

        let out = store.outbox(0, 1 << 20, 10).unwrap();
        assert_eq!(out.iter().map(|out| out.hash).collect::<Vec<_>>(), [own(1, 1).hash, own(2, 1).hash]);
        assert_eq!((out[0].bytes.as_slice(), out[0].command.as_slice()), (own(1, 1).bytes.as_slice(), &b"command 1"[..]));
        let two = store.document(&doc(2)).unwrap().unwrap();
        assert_eq!(two.bytes, [b"olderold", own(2, 1).bytes.as_slice()].concat(), "the server's, then what was here");
        assert_eq!(two.heads, [own(2, 1).hash, head(b"older")]);
        assert_eq!(store.document(&doc(4)).unwrap().unwrap().bytes, b"theirs", "kept: its author's phone sends it again");
        store.check().unwrap();

        // The other author never sent it again, and the next refetch of this log does not bring it either.
        let applied = store.apply(&[begin(false), whole(2, b"x"), whole(3, b"same"), Apply::EndRefetch], None).unwrap();
        assert_eq!(applied.forgotten, [doc(4)]);
        assert_eq!(applied.leaving, [], "1 still waits to be sent");
    }

    #[test]
    fn a_refetch_of_a_new_log_that_was_cut_off_stays_one() {
        let desk = Desk::new();
        let mut store = desk.open();
        desk.tap(&mut store, 1, 1);
        sent(&mut store, 1, 1);
        store.apply(&[begin(true)], None).unwrap();
        let applied = store.apply(&[begin(false), Apply::EndRefetch], None).unwrap();
        assert_eq!((applied.queued_again, applied.forgotten), (1, vec![]));
    }

    #[test]
    fn changes_alone_do_not_prove_that_a_restored_server_lost_nothing() {
        let desk = Desk::new();
        let mut store = desk.open();
        desk.tap(&mut store, 1, 1);
        sent(&mut store, 1, 1);
        let theirs = PulledChange { hash: head(b"theirs"), deps: vec![head(b"older")], bytes: b"<theirs>".to_vec() };
        let frame = Apply::Changes {
            doc: doc(1),
            kind: DocKind::Case,
            changes: vec![theirs],
            heads: vec![head(b"theirs")],
            row: row(1),
        };
        let applied = store.apply(&[begin(true), frame, Apply::EndRefetch], None).unwrap();
        assert_eq!(applied.queued_again, 1);
        assert_eq!(store.document(&doc(1)).unwrap().unwrap().heads, [head(b"theirs"), own(1, 1).hash]);
    }

    #[test]
    fn what_a_restored_server_has_lost_stays_in_the_list_too() {
        let desk = Desk::new();
        let mut store = desk.open();
        let named = |title: &str| crate::row::Row { title: title.into(), ..row(1) };
        desk.pull_row(&mut store, named("with what was lost"));
        let older = Apply::Document {
            doc: doc(1),
            kind: DocKind::Case,
            bytes: b"older".to_vec(),
            heads: vec![head(b"older")],
            row: named("without it"),
        };
        let applied = store.apply(&[begin(true), older, Apply::EndRefetch], None).unwrap();
        assert_eq!(applied.to_project, [doc(1)]);
        assert_eq!(store.row(&doc(1)).unwrap().unwrap().title, "with what was lost");
        // A phone that dies here goes on when it is opened.
        drop(store);
        let mut store = desk.open();
        assert_eq!(store.to_project().unwrap(), [doc(1)]);
        let document = store.document(&doc(1)).unwrap().unwrap();
        assert!(store.mark_verified(&doc(1), document.revision, &named("both")).unwrap());
        store.projected().unwrap();
        // The next change builds on what the server has and says nothing of what it lost.
        let hash = head(b"next");
        let next = |deps| {
            let changes = vec![PulledChange { hash, deps, bytes: b"<next>".to_vec() }];
            Apply::Changes { doc: doc(1), kind: DocKind::Case, changes, heads: vec![hash], row: named("of the server") }
        };
        let heads = store.document(&doc(1)).unwrap().unwrap().heads;
        assert!(heads.contains(&head(b"older")), "{heads:?}");
        let applied = store.apply(&[next(vec![])], None).unwrap();
        assert_eq!(applied.to_project, [doc(1)]);
        assert_eq!(store.row(&doc(1)).unwrap().unwrap().title, "both");
        // One that builds on all there is here leaves nothing that the server has not.
        let hash = head(b"last");
        let changes =
            vec![PulledChange { hash, deps: store.document(&doc(1)).unwrap().unwrap().heads, bytes: b"<last>".to_vec() }];
        let last = Apply::Changes { doc: doc(1), kind: DocKind::Case, changes, heads: vec![hash], row: named("of the server") };
        assert_eq!(store.apply(&[last], None).unwrap().to_project, []);
        assert_eq!(store.row(&doc(1)).unwrap().unwrap().title, "of the server");
    }

    #[test]
    fn what_a_restored_server_gets_back_later_does_not_take_the_ground_from_own_work() {
        let desk = Desk::new();
        let mut store = desk.open();
        desk.pull(&mut store, 1, b"with theirs");
        desk.tap(&mut store, 1, 1);
        sent(&mut store, 1, 1);
        // The new log has nothing of it, then the part of it that was sent again so far.
        store.apply(&[begin(true), Apply::EndRefetch], Some(b"done")).unwrap();
        store.apply(&[whole(1, b"begun")], None).unwrap();
        let document = store.document(&doc(1)).unwrap().unwrap();
        assert_eq!(document.bytes, [&b"begunwith theirs"[..], own(1, 1).bytes.as_slice()].concat());
        // Part of the own work is answered for, and the rest still stands on what is not there.
        desk.tap(&mut store, 1, 2);
        sent(&mut store, 1, 1);
        store.apply(&[whole(1, b"more")], None).unwrap();
        let document = store.document(&doc(1)).unwrap().unwrap();
        assert!(document.bytes.starts_with(b"morebegunwith theirs"));
    }

    #[test]
    fn of_an_unreadable_document_the_own_changes_are_rescued() {
        let desk = Desk::new();
        let mut store = desk.open();
        desk.tap(&mut store, 1, 1);
        sent(&mut store, 1, 1);
        let revision = store.document(&doc(1)).unwrap().unwrap().revision;
        store.compact(&doc(1), revision, b"broken").unwrap();
        assert!(store.mark_unreadable(&doc(1), revision, "unloadable").unwrap());
        store.apply(&[begin(true), whole(1, b"older")], None).unwrap();
        let document = store.document(&doc(1)).unwrap().unwrap();
        assert_eq!(document.bytes, [b"older", own(1, 1).bytes.as_slice()].concat());
        assert_eq!(document.heads, [head(b"older"), own(1, 1).hash]);
    }
}
