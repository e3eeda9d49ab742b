//! What a pull brings, applied: a checkpoint's documents, changes and rows with their cursor, in one transaction.
//!
//! Pulled bytes are stored without being loaded. The invariant: **whatever comes, own unsent changes stay** in the document and in the
//! outbox; after a whole document its bytes are the server's, then the own unsent changes. Changes are known by hash,
//! so an own change that comes back is stored once. What a refetch leaves over is `refetch.rs`'s business.

use rusqlite::{Connection, TransactionBehavior, params};

use super::{Step, Store, StoreError, attachments, document, joined, meta, open, refetch, rows, settle, step, tap};
use crate::id::{ChangeHash, Digest, DocId, DocKind};
use crate::planted::{self, Planted};
use crate::row::Row;

/// Log pages (4 KiB each) after which applying moves the log into the file. A pull runs in the background: it pays for this, so
/// that taps don't.
const APPLY_CHECKPOINT_PAGES: u32 = 1_000;

/// A change as it came from the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PulledChange {
    /// Its hash.
    pub hash: ChangeHash,
    /// What it builds on, directly.
    pub deps: Vec<ChangeHash>,
    /// The plain chunk.
    pub bytes: Vec<u8>,
}

/// One thing that a pull asks of the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Apply {
    /// A whole document takes the place of what is here.
    Document {
        /// The document.
        doc: DocId,
        /// What it is.
        kind: DocKind,
        /// Save and tail as one file.
        bytes: Vec<u8>,
        /// Heads the bytes must show.
        heads: Vec<ChangeHash>,
        /// The server's projection.
        row: Row,
    },
    /// New changes of a document that is here.
    Changes {
        /// The document.
        doc: DocId,
        /// What it is.
        kind: DocKind,
        /// The changes, in the server's order.
        changes: Vec<PulledChange>,
        /// Heads after them.
        heads: Vec<ChangeHash>,
        /// The server's projection after them.
        row: Row,
    },
    /// Out of scope: forget it, once nothing unsent is left of it.
    Forget {
        /// The document.
        doc: DocId,
    },
    /// The directory.
    Directory {
        /// Its version.
        version: u64,
        /// The record.
        bytes: Vec<u8>,
    },
    /// The server lost these attachments of these cases: those that are here wait to be sent again.
    SendAgain {
        /// Case and digest.
        lost: Vec<(DocId, Digest)>,
    },
    /// Everything in scope follows whole.
    BeginRefetch {
        /// Whether the server's log is a new one.
        new_epoch: bool,
    },
    /// Of what a new log did not send, this is no longer the person's to see: own changes are queued again, and it goes once
    /// they are answered.
    Outside {
        /// The documents.
        docs: Vec<DocId>,
    },
    /// Everything in scope has come. Nothing, if no refetch is under way.
    EndRefetch,
}

/// What applying left for the caller to do or to tell.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Applied {
    /// Documents stored or changed.
    pub changed: Vec<DocId>,
    /// Of those, the ones that hold more here than on the server: load, project and [`Store::mark_verified`] them, then
    /// [`Store::projected`].
    pub to_project: Vec<DocId>,
    /// Changes came for these, and they are not here (or of another kind): ask for everything again.
    pub missing: Vec<DocId>,
    /// Forgotten.
    pub forgotten: Vec<DocId>,
    /// Out of scope, kept for what is unsent.
    pub leaving: Vec<DocId>,
    /// Own changes queued again for a restored server.
    pub queued_again: usize,
}

impl Applied {
    /// What a second plan left beside that of the first.
    pub fn add(&mut self, other: Self) {
        self.changed.extend(other.changed);
        self.to_project.extend(other.to_project);
        self.missing.extend(other.missing);
        self.forgotten.extend(other.forgotten);
        self.leaving.extend(other.leaving);
        self.queued_again += other.queued_again;
    }
}

impl Store {
    /// Applies `plan` in order and moves the cursor, all in one transaction.
    pub fn apply(&mut self, plan: &[Apply], cursor: Option<&[u8]>) -> Result<Applied, StoreError> {
        open::checkpoint_after(&self.connection, Some(APPLY_CHECKPOINT_PAGES))?;
        let applied = self.apply_in_one(plan, cursor);
        open::checkpoint_after(&self.connection, None)?;
        applied
    }

    fn apply_in_one(&mut self, plan: &[Apply], cursor: Option<&[u8]>) -> Result<Applied, StoreError> {
        let on_step = self.on_step.as_ref();
        if let Some(cursor) = cursor.filter(|_| planted::is(Planted::CursorBeforeData)) {
            meta::set_cursor(&self.connection, cursor)?;
        }
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut applied = Applied::default();
        let content = |item: &Apply| matches!(item, Apply::Document { .. } | Apply::Changes { .. });
        let left_out = plan.iter().rposition(content).filter(|_| planted::is(Planted::CheckpointWithoutRows));
        for (place, item) in plan.iter().enumerate() {
            if left_out == Some(place) {
                continue;
            }
            match item {
                Apply::Document { doc, kind, bytes, heads, row } => {
                    whole(&transaction, &mut applied, &Pulled { doc, kind: *kind, heads, row }, bytes)?;
                }
                Apply::Changes { doc, kind, changes, heads, row } => {
                    behind(&transaction, &mut applied, &Pulled { doc, kind: *kind, heads, row }, changes)?;
                }
                Apply::Forget { doc } => forget(&transaction, &mut applied, doc)?,
                Apply::SendAgain { lost } => {
                    lost.iter().try_for_each(|(doc, digest)| attachments::send_again(&transaction, doc, digest))?;
                }
                Apply::Directory { .. } if planted::is(Planted::DirectoryNotApplied) => {}
                Apply::Directory { version, bytes } => meta::put_directory(&transaction, *version, bytes)?,
                Apply::BeginRefetch { new_epoch } => refetch::begin(&transaction, *new_epoch)?,
                Apply::Outside { docs } => refetch::leave(&transaction, &mut applied, docs)?,
                Apply::EndRefetch => refetch::end(&transaction, &mut applied)?,
            }
            step(on_step, Step::AfterChange);
        }
        meta::add_unprojected(&transaction, &applied.to_project)?;
        if let Some(cursor) = cursor {
            meta::set_cursor(&transaction, cursor)?;
        }
        step(on_step, Step::BeforeCommit);
        transaction.commit()?;
        step(on_step, Step::AfterCommit);
        Ok(applied)
    }
}

/// What both kinds of content have in common.
struct Pulled<'a> {
    doc: &'a DocId,
    kind: DocKind,
    heads: &'a [ChangeHash],
    row: &'a Row,
}

/// A whole document.
fn whole(connection: &Connection, applied: &mut Applied, pulled: &Pulled<'_>, bytes: &[u8]) -> Result<(), StoreError> {
    let doc = pulled.doc;
    let Some(held) = document::held(connection, doc)? else {
        connection
            .prepare_cached(
                "INSERT INTO document (doc, kind, heads, revision, trust, on_server) VALUES (?1, ?2, ?3, 1, 'unverified', 1)",
            )?
            .execute(params![doc.as_bytes(), pulled.kind.name(), joined(pulled.heads)])?;
        document::put_save(connection, doc, bytes)?;
        return finish(connection, applied, pulled, None, false);
    };
    if held.kind != pulled.kind {
        applied.missing.push(*doc);
        return Ok(());
    }
    if !held.unreadable && same(&held.heads, pulled.heads) {
        // The same heads are the same changes: what is here stays, verified or not, and costs no rewrite.
        return finish(connection, applied, pulled, None, false);
    }
    let new_log = held.unseen && meta::refetch(connection)? == Some(true);
    // What is unsent, or left over from a log that is gone, may stand on what other people's phones have yet to send again: what
    // is here stays below it. Not together with what the server refused: that would stay in it too.
    let ground = !held.unreadable && (!held.on_server || has_unsent(connection, doc)?) && !has_set_aside(connection, doc)?;
    if new_log || ground {
        refetch::merge(connection, doc, bytes, held.unreadable)?;
        if new_log {
            applied.queued_again += settle::queue_again(connection, "doc", doc.as_bytes())?;
        }
        // What was here is still here: both sets of heads must be found.
        let heads = if held.unreadable { pulled.heads.to_vec() } else { both(held.heads, pulled.heads) };
        return finish(connection, applied, pulled, Some(&heads), !held.unreadable);
    }
    // Of what is here only own changes are worth keeping: unsent ones behind the new bytes, sent ones for their bytes,
    // set-aside ones outside the document.
    connection.prepare_cached("DELETE FROM change WHERE doc = ?1 AND actor IS NULL")?.execute([doc.as_bytes()])?;
    connection
        .prepare_cached(
            "UPDATE change SET place = CASE (SELECT state FROM outbox WHERE outbox.n = change.n)
                 WHEN 'set_aside' THEN 'out' WHEN 'waiting' THEN 'tail' WHEN 'wanted' THEN 'tail' ELSE 'saved' END
             WHERE doc = ?1",
        )?
        .execute([doc.as_bytes()])?;
    document::put_save(connection, doc, bytes)?;
    finish(connection, applied, pulled, Some(pulled.heads), false)
}

/// All of these, each once.
fn both(mut heads: Vec<ChangeHash>, more: &[ChangeHash]) -> Vec<ChangeHash> {
    for head in more {
        if !heads.contains(head) {
            heads.push(*head);
        }
    }
    heads
}

/// Changes behind what is here.
fn behind(
    connection: &Connection,
    applied: &mut Applied,
    pulled: &Pulled<'_>,
    changes: &[PulledChange],
) -> Result<(), StoreError> {
    let doc = pulled.doc;
    let held = document::held(connection, doc)?;
    let Some(held) = held.filter(|held| held.kind == pulled.kind) else {
        applied.missing.push(*doc);
        return Ok(());
    };
    if held.unseen && meta::refetch(connection)? == Some(true) {
        // A new log's changes say nothing about what it lost before them: only the whole document does. Own changes
        // go out again; the server knows those that it has.
        applied.queued_again += settle::queue_again(connection, "doc", doc.as_bytes())?;
    }
    // What ends here and is neither among these changes nor built upon by them, the server has not got: its author's phone did
    // not send it again to a restored server so far.
    let is_theirs = |head: &ChangeHash| {
        pulled.heads.contains(head) || changes.iter().any(|change| change.hash == *head || change.deps.contains(head))
    };
    let beyond: Vec<ChangeHash> = held.heads.into_iter().filter(|head| !is_theirs(head)).collect();
    let more_here = !held.unreadable && !beyond.is_empty();
    let heads = if more_here { both(pulled.heads.to_vec(), &beyond) } else { pulled.heads.to_vec() };
    let mut new = false;
    for change in changes {
        if let Some(n) = tap::find(connection, doc, &change.hash)? {
            // Here already: an own one that comes back, or one sent twice. One that was taken out comes in again: the
            // server has it after all.
            let back =
                connection.prepare_cached("UPDATE change SET place = 'tail' WHERE n = ?1 AND place = 'out'")?.execute([n])?;
            if back > 0 {
                settle::answered(connection, n)?;
                new = true;
            }
            continue;
        }
        connection
            .prepare_cached("INSERT INTO change (doc, hash, place, bytes) VALUES (?1, ?2, 'tail', ?3)")?
            .execute(params![doc.as_bytes(), change.hash.as_bytes(), change.bytes])?;
        new = true;
    }
    if new {
        finish(connection, applied, pulled, Some(&heads), more_here)
    } else {
        set_heads(connection, doc, &heads)?;
        finish(connection, applied, pulled, None, more_here)
    }
}

/// The document has come: it is in scope and seen. With `heads`, its content is another now, and nobody has loaded it.
/// `more_here`: it holds what the server has not, and not because it is unsent.
fn finish(
    connection: &Connection,
    applied: &mut Applied,
    pulled: &Pulled<'_>,
    heads: Option<&[ChangeHash]>,
    more_here: bool,
) -> Result<(), StoreError> {
    let doc = pulled.doc;
    connection
        .prepare_cached("UPDATE document SET on_server = 1, leaving = 0, unseen = 0 WHERE doc = ?1")?
        .execute([doc.as_bytes()])?;
    if let Some(heads) = heads {
        set_heads(connection, doc, heads)?;
        connection
            .prepare_cached("UPDATE document SET revision = revision + 1, trust = 'unverified', fault = NULL WHERE doc = ?1")?
            .execute([doc.as_bytes()])?;
    }
    applied.changed.push(*doc);
    if has_unsent(connection, doc)? || (more_here && row_is_there(connection, doc)?) {
        // The server's row does not know what is here alone; the one that is here shows it. The truth is in the document.
        if heads.is_some() {
            applied.to_project.push(*doc);
        }
        Ok(())
    } else if planted::is(Planted::ListRowNotUpdated) && row_is_there(connection, doc)? {
        Ok(())
    } else {
        rows::put(connection, pulled.row)
    }
}

fn row_is_there(connection: &Connection, doc: &DocId) -> Result<bool, StoreError> {
    Ok(connection.prepare_cached("SELECT 1 FROM list_row WHERE doc = ?1")?.exists([doc.as_bytes()])?)
}

/// The document must have these heads, and the own unsent changes beside them.
fn set_heads(connection: &Connection, doc: &DocId, heads: &[ChangeHash]) -> Result<(), StoreError> {
    let mut statement = connection
        .prepare_cached("SELECT hash FROM change JOIN outbox USING (n, doc) WHERE doc = ?1 AND state <> 'set_aside'")?;
    let mut column = joined(heads);
    let mut unsent = statement.query([doc.as_bytes()])?;
    while let Some(row) = unsent.next()? {
        let hash: Vec<u8> = row.get(0)?;
        if !heads.contains(&super::change_hash(&hash)?) {
            column.extend(hash);
        }
    }
    connection.prepare_cached("UPDATE document SET heads = ?2 WHERE doc = ?1")?.execute(params![doc.as_bytes(), column])?;
    Ok(())
}

fn has_unsent(connection: &Connection, doc: &DocId) -> Result<bool, StoreError> {
    let mut statement = connection.prepare_cached("SELECT 1 FROM outbox WHERE doc = ?1 AND state <> 'set_aside'")?;
    Ok(statement.exists([doc.as_bytes()])?)
}

fn has_set_aside(connection: &Connection, doc: &DocId) -> Result<bool, StoreError> {
    let mut statement = connection.prepare_cached("SELECT 1 FROM outbox WHERE doc = ?1 AND state = 'set_aside'")?;
    Ok(statement.exists([doc.as_bytes()])?)
}

fn same(left: &[ChangeHash], right: &[ChangeHash]) -> bool {
    !left.is_empty() && left.len() == right.len() && left.iter().all(|hash| right.contains(hash))
}

/// Forgets the document, or marks it as leaving while something of it is here and nowhere else.
pub(super) fn forget(connection: &Connection, applied: &mut Applied, doc: &DocId) -> Result<(), StoreError> {
    let known =
        connection.prepare_cached("UPDATE document SET leaving = 1, unseen = 0 WHERE doc = ?1")?.execute([doc.as_bytes()])?;
    if planted::is(Planted::ForgetDeletesUnsent) {
        connection.execute("DELETE FROM outbox WHERE doc = ?1", [doc.as_bytes()])?;
    }
    settle::finish_leaving(connection, doc)?;
    if known > 0 {
        if document::held(connection, doc)?.is_some() { &mut applied.leaving } else { &mut applied.forgotten }.push(*doc);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::super::testing::{Desk, doc, head, own, row, whole};
    use super::super::{Meta, Options, Outcome, Settled, Trust};
    use super::*;

    fn changes(i: u8, list: &[(ChangeHash, &[u8])], after: &[ChangeHash]) -> Apply {
        // Each builds on what any of these tests has here.
        let deps = [b"save".as_slice(), b"old", b"new"].map(head).to_vec();
        let one = |(hash, bytes): &(ChangeHash, &[u8])| PulledChange { hash: *hash, deps: deps.clone(), bytes: bytes.to_vec() };
        let changes = list.iter().map(one).collect();
        let row = Row { title: "from the server".into(), ..row(i) };
        Apply::Changes { doc: doc(i), kind: DocKind::Case, changes, heads: after.to_vec(), row }
    }

    fn bytes(store: &Store, i: u8) -> Vec<u8> {
        store.document(&doc(i)).unwrap().unwrap().bytes
    }

    fn stored(i: u8, seq: u64) -> Settled {
        Settled { doc: doc(i), hash: own(i, seq).hash, outcome: Outcome::Stored }
    }

    #[test]
    fn what_is_pulled_is_stored_unloaded_with_its_row_and_the_cursor() {
        let desk = Desk::new();
        let mut store = desk.open();
        let directory = Apply::Directory { version: 3, bytes: b"names".to_vec() };
        let applied = store.apply(&[whole(1, b"save"), directory], Some(b"here")).unwrap();
        assert_eq!((applied.changed, applied.to_project), (vec![doc(1)], vec![]));
        drop(store);
        let store = desk.open();
        let document = store.document(&doc(1)).unwrap().unwrap();
        assert_eq!(
            (document.bytes.as_slice(), document.trust, document.heads),
            (&b"save"[..], Trust::Unverified, vec![head(b"save")])
        );
        assert_eq!(store.row(&doc(1)).unwrap(), Some(row(1)));
        assert_eq!(store.meta(Meta::Cursor).unwrap().as_deref(), Some(&b"here"[..]));
        assert_eq!(store.directory().unwrap().unwrap().version, 3);
    }

    #[test]
    fn a_whole_document_goes_under_what_is_unsent() {
        let desk = Desk::new();
        let mut store = desk.open();
        desk.pull(&mut store, 1, b"old");
        desk.tap(&mut store, 1, 1);
        store.settle(&[stored(1, 1)]).unwrap();
        desk.tap(&mut store, 1, 2);
        desk.tap(&mut store, 1, 3);
        let applied = desk.pull(&mut store, 1, b"new with 1");
        assert_eq!(applied.to_project, [doc(1)]);
        let document = store.document(&doc(1)).unwrap().unwrap();
        let tail = [1, 2, 3].map(|seq| own(1, seq).bytes).concat();
        assert_eq!(document.bytes, [&b"new with 1old"[..], &tail].concat(), "with what it stands on");
        for head in [head(b"new with 1"), own(1, 2).hash, own(1, 3).hash] {
            assert!(document.heads.contains(&head), "{:?}", document.heads);
        }
        assert_eq!(store.counts().unwrap().waiting, 2);
        assert_eq!(store.row(&doc(1)).unwrap().unwrap().title, "after 3", "the own change stays on the screen");
        assert_eq!(store.to_project().unwrap(), [doc(1)], "a kill before the projection");
        assert!(store.mark_verified(&doc(1), document.revision, &row(1)).unwrap());
        store.projected().unwrap();
        assert!(store.to_project().unwrap().is_empty());
        store.check().unwrap();
    }

    #[test]
    fn a_whole_document_keeps_even_unsent_changes_that_were_compacted() {
        let desk = Desk::new();
        let mut store = desk.open();
        desk.pull(&mut store, 1, b"old");
        desk.tap(&mut store, 1, 1);
        let revision = store.document(&doc(1)).unwrap().unwrap().revision;
        assert!(store.compact(&doc(1), revision, b"old and 1").unwrap());
        desk.pull(&mut store, 1, b"new");
        assert_eq!(bytes(&store, 1), b"newold and 1");
    }

    #[test]
    fn pulled_changes_come_before_what_is_unsent_and_an_own_one_is_stored_once() {
        let desk = Desk::new();
        let mut store = desk.open();
        desk.pull(&mut store, 1, b"save");
        desk.tap(&mut store, 1, 1);
        desk.tap(&mut store, 1, 2);
        store.settle(&[stored(1, 1)]).unwrap();
        let own_back = (own(1, 1).hash, own(1, 1).bytes);
        let theirs = (head(b"theirs"), b"<theirs>".to_vec());
        let frame = changes(1, &[(own_back.0, &own_back.1), (theirs.0, &theirs.1)], &[own_back.0, theirs.0]);
        for _ in 0..2 {
            store.apply(std::slice::from_ref(&frame), None).unwrap();
            assert_eq!(bytes(&store, 1), [b"save", own(1, 1).bytes.as_slice(), b"<theirs>", &own(1, 2).bytes].concat());
        }
        assert_eq!(store.document(&doc(1)).unwrap().unwrap().heads, [own_back.0, theirs.0, own(1, 2).hash]);
        assert_eq!(store.unsent_of(&doc(1)).unwrap().len(), 1);
    }

    #[test]
    fn an_own_unsent_change_that_comes_back_still_waits_for_its_verdict() {
        let desk = Desk::new();
        let mut store = desk.open();
        desk.tap(&mut store, 1, 1);
        let before = store.document(&doc(1)).unwrap().unwrap();
        let applied = store.apply(&[changes(1, &[(own(1, 1).hash, b"x")], &[own(1, 1).hash])], None).unwrap();
        assert_eq!(store.document(&doc(1)).unwrap().unwrap(), before, "nothing new: still verified");
        assert!(applied.to_project.is_empty());
        assert_eq!(store.counts().unwrap().waiting, 1);
        store.settle(&[stored(1, 1)]).unwrap();
        assert_eq!(store.counts().unwrap().waiting, 0);
    }

    #[test]
    fn after_a_compaction_a_change_sent_twice_is_still_known() {
        let desk = Desk::new();
        let mut store = desk.open();
        desk.pull(&mut store, 1, b"save");
        let frame = changes(1, &[(head(b"a"), b"<a>")], &[head(b"a")]);
        store.apply(std::slice::from_ref(&frame), None).unwrap();
        let revision = store.document(&doc(1)).unwrap().unwrap().revision;
        store.compact(&doc(1), revision, b"save and a").unwrap();
        store.apply(&[frame], None).unwrap();
        assert_eq!(bytes(&store, 1), b"save and a");
    }

    #[test]
    fn changes_for_what_is_not_here_are_reported_and_block_nothing() {
        let desk = Desk::new();
        let mut store = desk.open();
        let applied = store.apply(&[changes(1, &[(head(b"a"), b"<a>")], &[]), whole(2, b"save")], None).unwrap();
        assert_eq!((applied.missing, applied.changed), (vec![doc(1)], vec![doc(2)]));
    }

    #[test]
    fn what_is_unsent_or_set_aside_keeps_a_forgotten_document_until_it_is_settled() {
        let desk = Desk::new();
        let mut store = desk.open();
        desk.pull(&mut store, 1, b"save");
        desk.pull(&mut store, 2, b"save");
        desk.tap(&mut store, 2, 1);
        desk.tap(&mut store, 2, 2);
        let applied = store.apply(&[Apply::Forget { doc: doc(1) }, Apply::Forget { doc: doc(2) }], None).unwrap();
        assert_eq!((applied.forgotten, applied.leaving), (vec![doc(1)], vec![doc(2)]));
        assert!(store.row(&doc(1)).unwrap().is_none());
        assert_eq!(store.counts().unwrap().leaving, 1);
        drop(store);
        let mut store = desk.open();
        let aside = Outcome::SetAside { code: "scope".into(), about: vec![] };
        store.settle(&[Settled { doc: doc(2), hash: own(2, 2).hash, outcome: aside }, stored(2, 1)]).unwrap();
        assert!(store.document(&doc(2)).unwrap().is_some(), "set aside is not settled");
        let n = tap::find(&store.connection, &doc(2), &own(2, 2).hash).unwrap().unwrap();
        store.connection.execute("DELETE FROM document WHERE doc = ?1", [doc(2).as_bytes()]).unwrap_err();
        store.connection.execute("UPDATE change SET place = 'out' WHERE n = ?1", [n]).unwrap();
        assert!(store.dismiss(&doc(2), &own(2, 2).hash).unwrap());
        assert!(store.document(&doc(2)).unwrap().is_none());
        assert_eq!(store.counts().unwrap(), super::super::Counts::default());
        store.check().unwrap();
    }

    #[test]
    fn a_document_that_comes_back_into_scope_no_longer_leaves() {
        let desk = Desk::new();
        let mut store = desk.open();
        desk.pull(&mut store, 1, b"save");
        desk.tap(&mut store, 1, 1);
        store.apply(&[Apply::Forget { doc: doc(1) }, whole(1, b"again")], None).unwrap();
        store.settle(&[stored(1, 1)]).unwrap();
        assert!(!store.document(&doc(1)).unwrap().unwrap().leaving);
    }

    #[test]
    fn a_change_the_server_took_after_all_comes_back_into_the_document() {
        let desk = Desk::new();
        let mut store = desk.open();
        desk.tap(&mut store, 1, 1);
        let aside = Outcome::SetAside { code: "x".into(), about: vec![] };
        store.settle(&[Settled { doc: doc(1), hash: own(1, 1).hash, outcome: aside }]).unwrap();
        desk.pull(&mut store, 1, b"without");
        assert_eq!(bytes(&store, 1), b"without");
        assert!(!store.set_aside().unwrap()[0].in_document);
        store.apply(&[changes(1, &[(own(1, 1).hash, b"x")], &[own(1, 1).hash])], None).unwrap();
        assert_eq!(bytes(&store, 1), [b"without", own(1, 1).bytes.as_slice()].concat());
        assert!(store.set_aside().unwrap().is_empty());
    }

    #[test]
    fn a_pull_killed_at_any_step_leaves_rows_and_cursor_together() {
        for (at, expected) in [(Step::AfterChange, &b"one"[..]), (Step::BeforeCommit, b"one"), (Step::AfterCommit, b"two")] {
            let desk = Desk::new();
            desk.open().apply(&[whole(1, b"one")], Some(b"one")).unwrap();
            let (path, copy) = (desk.path.clone(), desk.path.with_extension("killed"));
            let into = copy.clone();
            let hook = move |step| {
                if step == at {
                    super::super::testing::copy_files(&path, &into);
                    std::panic::resume_unwind(Box::new("killed"));
                }
            };
            let mut store = desk.open_with(Options { on_step: Some(Box::new(hook)), ..Options::default() });
            catch_unwind(AssertUnwindSafe(|| store.apply(&[whole(1, b"two"), whole(2, b"more")], Some(b"two")))).unwrap_err();
            drop(store);
            let store = Store::open(&copy, Options::default()).unwrap();
            assert_eq!(bytes(&store, 1), expected);
            assert_eq!(store.meta(Meta::Cursor).unwrap().as_deref(), Some(expected));
        }
    }
}
