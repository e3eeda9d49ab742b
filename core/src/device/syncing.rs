//! The loop between store and server: the session says what to do, the transport carries it, the store makes it durable.
//!
//! The desk is locked only while the store is asked or told; taps go on during a request. What a dead battery cuts off
//! here is done again by the next session: the outbox empties only by verdicts, the cursor moves only with the rows.

use std::io::Read;
use std::sync::{MutexGuard, TryLockError};

use super::day::Wrote;
use super::{Desk, Device, DeviceError};
use crate::access;
use crate::document::{Document, guard};
use crate::environment::{Transport, TransportError};
use crate::id::{ChangeHash, DocId, DocKind};
use crate::row::Row;
use crate::store::{self, AttachmentCounts, Counts, Meta, PulledChange, StoreError};
use crate::sync::{self, Identity, Limits, OutgoingChange, Remembered, Session, Step};
use crate::time::{DAY_MS, Timestamp};
use crate::words;

pub use crate::sync::Report as SyncReport;

/// Bytes read from an answer at a time: a few TCP segments, small beside what a checkpoint holds.
pub(super) const READ_BYTES: usize = 64 << 10;

/// Time between two requests for everything because of documents that can't be read: what the server itself has wrong, it
/// sends wrong again, and everything is much on a metered link.
const ASK_AGAIN_MS: i64 = DAY_MS;

/// What the screen shows of work that is not on the server: waiting, wanted, set aside, unreadable. Nothing is silent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pending {
    /// In numbers.
    pub counts: Counts,
    /// What the server set aside, each with its reason.
    pub set_aside: Vec<Unsettled>,
    /// Attachments that are not on the server, in numbers.
    pub attachments: AttachmentCounts,
}

/// A change that is not in its document on the server, and never will be as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsettled {
    /// The document.
    pub doc: DocId,
    /// What it is.
    pub kind: DocKind,
    /// The change.
    pub hash: ChangeHash,
    /// The reason's stable code.
    pub code: String,
    /// The reason in words.
    pub words: String,
    /// What the worker had wanted to do: the kept command, CBOR.
    pub command: Vec<u8>,
}

impl Device {
    /// Pushes everything unsent, then pulls everything new. Safe to call at any time and to lose at any time.
    pub fn sync(&self, transport: &dyn Transport) -> Result<SyncReport, DeviceError> {
        let _one_at_a_time: MutexGuard<'_, ()> = match self.syncing.try_lock() {
            Ok(guard) => guard,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return Err(DeviceError::Busy),
        };
        self.rebuild_what_was_refused()?;
        let mut session = self.begin_session()?;
        let mut body: Option<Box<dyn Read + Send>> = None;
        let mut buffer = vec![0; READ_BYTES];
        let wire_before = transport.on_wire();
        let mut report = loop {
            match session.next(&*self.host.signer, &*self.host.entropy) {
                Step::NeedOutbox { after, bytes, changes } => session.give_outbox(self.desk().outgoing(after, bytes, changes)?),
                Step::Send(request) => match transport.send(&request) {
                    Ok(response) => {
                        session.answer_head(response.status, &response.headers, self.host.clock.now());
                        body = Some(response.body);
                    }
                    Err(error) => session.failed(&error),
                },
                Step::Read => match body.as_mut().map(|body| body.read(&mut buffer)) {
                    Some(Ok(0)) => {
                        body = None;
                        session.answer_end();
                    }
                    Some(Ok(n)) => session.answer_body(buffer.get(..n).unwrap_or_default()),
                    Some(Err(error)) if error.kind() == std::io::ErrorKind::Interrupted => {}
                    Some(Err(_)) | None => {
                        body = None;
                        session.failed(&TransportError::Unreachable);
                    }
                },
                Step::Settle(settled) => {
                    self.desk().settle(settled)?;
                    session.durable();
                }
                Step::Store(plan) => {
                    self.store_plan(plan)?;
                    session.durable();
                }
                Step::Wait { ms, .. } => transport.pause(ms),
                Step::Finished(report) => break report,
            }
        };
        if let (Some((up, down)), Some((up_before, down_before))) = (transport.on_wire(), wire_before) {
            report.wire = Some(sync::Wire { up: up.saturating_sub(up_before), down: down.saturating_sub(down_before) });
        }
        self.end_session(&report)?;
        // What was forgotten takes along the photos that the server has.
        self.desk().store.release_attachments()?;
        self.rebuild_what_was_refused()?;
        if report.outcome == sync::Outcome::Done {
            self.rebuild_what_does_not_load()?;
        }
        Ok(report)
    }

    /// What is not on the server, and why.
    pub fn pending(&self) -> Result<Pending, DeviceError> {
        let desk = self.desk();
        let set_aside = desk.store.set_aside()?;
        let unsettled = set_aside.into_iter().map(|aside| Unsettled {
            doc: aside.doc,
            kind: aside.kind,
            hash: aside.hash,
            words: words::set_aside_sentence(&aside.code, &aside.about, self.host.lang),
            code: aside.code,
            command: aside.command,
        });
        Ok(Pending {
            counts: desk.store.counts()?,
            set_aside: unsettled.collect(),
            attachments: desk.store.attachment_counts()?,
        })
    }

    /// Who this device is to the server, and what earlier sessions left.
    pub(super) fn identity(&self) -> Result<(Identity, Remembered), DeviceError> {
        let desk = self.desk();
        let enrolled = desk.enrolled.as_ref().ok_or(DeviceError::NotEnrolled)?;
        let identity = Identity { device: enrolled.device, person: enrolled.person.clone() };
        let text = |name| super::meta_text(&desk.store, name);
        let (nonce, nonce_recent) = recall_nonce(text(Meta::Nonce)?.as_deref(), self.host.clock.now());
        let (token, cursor) = (text(Meta::Token)?, desk.store.meta(Meta::Cursor)?);
        let remembered = Remembered { nonce, nonce_recent, token, cursor };
        Ok((identity, remembered))
    }

    fn begin_session(&self) -> Result<Session, DeviceError> {
        {
            let mut desk = self.desk();
            // Whoever has documents and no cursor has lost it, and can't say in which log it stood: everything comes again, what
            // does not come is kept, and what is own is offered again. The server knows what it has.
            if desk.store.meta(Meta::Cursor)?.is_none() && desk.store.has_pulled()? {
                desk.store.begin_refetch(true)?;
            }
        }
        let (identity, remembered) = self.identity()?;
        Ok(Session::new(identity, remembered, Limits::default()))
    }

    /// What a session of attachments leaves to the next of either kind.
    pub(super) fn remember(&self, remembered: &Remembered) -> Result<(), DeviceError> {
        let now = self.host.clock.now();
        let nonce = remembered.nonce.as_ref().map(|nonce| keep_nonce(nonce, now));
        let token = remembered.token.as_ref().map(|token| token.clone().into_bytes());
        let values = [(Meta::Nonce, nonce.as_deref()), (Meta::Token, token.as_deref())];
        Ok(self.desk().store.set_meta(&values)?)
    }

    /// What the session leaves to the next: none of it is needed, all of it saves round trips.
    fn end_session(&self, report: &SyncReport) -> Result<(), DeviceError> {
        let now = self.host.clock.now();
        let mut desk = self.desk();
        let remembered = &report.remembered;
        let mut values: Vec<(Meta, Option<Vec<u8>>)> = vec![
            (Meta::Nonce, remembered.nonce.as_ref().map(|nonce| keep_nonce(nonce, now))),
            (Meta::Token, remembered.token.as_ref().map(|token| token.clone().into_bytes())),
        ];
        if let Some(time) = &report.server_time {
            desk.offset_ms = time.offset_ms();
            values.push((Meta::Offset, Some(desk.offset_ms.to_be_bytes().to_vec())));
        }
        if report.outcome == sync::Outcome::Done {
            let at = now.plus_ms(desk.offset_ms);
            values.push((Meta::Synced, Some(at.0.to_be_bytes().to_vec())));
            if desk.may_ask_again(at)? {
                values.push((Meta::AskedAgain, Some(at.0.to_be_bytes().to_vec())));
                desk.begin_again = true;
            }
        }
        let begin_again = std::mem::take(&mut desk.begin_again);
        if begin_again {
            values.push((Meta::Cursor, None));
        }
        let values: Vec<_> = values.iter().map(|(name, value)| (*name, value.as_deref())).collect();
        desk.store.set_meta(&values)?;
        if begin_again {
            // Behind the cursor, never before it: a refetch with the old cursor would take what does not come for out of scope.
            // As of a new log: without a cursor nobody can say that the server was not put back meanwhile.
            desk.store.begin_refetch(true)?;
        }
        desk.heard(report, self.host.clock.monotonic())?;
        // Nobody taps while a sync ends: a good moment to move the log into the file.
        Ok(desk.store.tidy()?)
    }

    /// One plan of a pull, durable with its cursor; then what is derived from it follows.
    fn store_plan(&self, plan: Vec<sync::Apply>) -> Result<(), DeviceError> {
        let mut cursor = None;
        let mut done = false;
        let mut items = Vec::with_capacity(plan.len());
        let mut new_directory = false;
        for item in plan {
            match item {
                sync::Apply::Commit { cursor: at, done: ended } => (cursor, done) = (Some(at), ended),
                other => {
                    new_directory |= matches!(other, sync::Apply::Directory { .. });
                    items.extend(convert(other));
                }
            }
        }
        let mut desk = self.desk();
        let begins = |item: &store::Apply| matches!(item, store::Apply::BeginRefetch { new_epoch: true });
        let new_log = done && (items.iter().any(begins) || desk.store.refetches_new_log()?);
        let mut applied = store::Applied::default();
        if new_log {
            // First what came, without the cursor: it says whose to see the rest is. Cut off here, the refetch begins again.
            applied = desk.store.apply(&std::mem::take(&mut items), None)?;
            if new_directory {
                desk.directory = super::directory(&desk.store)?;
            }
            items.extend(desk.outside(self.host.clock.now())?);
        }
        if done {
            items.push(store::Apply::EndRefetch);
        }
        applied.add(desk.store.apply(&items, cursor.as_deref())?);
        if new_directory {
            desk.directory = super::directory(&desk.store)?;
        }
        for doc in applied.changed.iter().chain(&applied.forgotten) {
            desk.loaded.drop_case(doc);
            desk.changed(*doc);
        }
        // News for a document that isn't here: the next sync begins again from nothing, which brings it whole.
        desk.begin_again |= !applied.missing.is_empty();
        desk.project_all(applied.to_project)
    }
}

impl Desk {
    /// At the end of a refetch of a new log: what it did not send and the person's posts no longer open. A server that was
    /// restored while somebody lost a post says of no document that it left.
    fn outside(&self, now: Timestamp) -> Result<Option<store::Apply>, DeviceError> {
        let Some(enrolled) = &self.enrolled else { return Ok(None) };
        let (person, now) = (self.directory.person(&enrolled.person), now.plus_ms(self.offset_ms));
        let mut docs = Vec::new();
        for doc in self.store.unseen_of_new_log()? {
            // What has no row says nothing of where it belongs.
            let Some(row) = self.store.row(&doc)? else { continue };
            if !person.is_some_and(|person| access::sees(person, &row, &self.directory.policy, now)) {
                docs.push(doc);
            }
        }
        Ok((!docs.is_empty()).then_some(store::Apply::Outside { docs }))
    }
}

impl Desk {
    /// Whether the next sync is to bring everything whole, because a document here can't be read and a whole one heals it.
    fn may_ask_again(&self, now: Timestamp) -> Result<bool, DeviceError> {
        let last = self.store.meta(Meta::AskedAgain)?.and_then(|bytes| bytes.try_into().ok()).map(i64::from_be_bytes);
        // A clock that was put back does not keep it from asking.
        let rested = last.is_none_or(|last| !(0..ASK_AGAIN_MS).contains(&now.0.saturating_sub(last)));
        Ok(rested && !self.store.unreadable()?.is_empty())
    }

    fn outgoing(&self, after: u64, bytes: usize, changes: usize) -> Result<Vec<OutgoingChange>, DeviceError> {
        let after = i64::try_from(after).unwrap_or(i64::MAX);
        let batch = self.store.outbox(after, bytes, changes)?;
        let mut outgoing = Vec::with_capacity(batch.len());
        for change in batch {
            let mut bundles = Vec::with_capacity(change.bundles.len());
            for digest in &change.bundles {
                bundles.push(self.store.bundle(digest)?.ok_or(DeviceError::Damaged("bundle"))?);
            }
            let n = u64::try_from(change.n).unwrap_or_default();
            let (doc, kind, hash) = (change.doc, change.kind, change.hash);
            outgoing.push(OutgoingChange { n, doc, kind, hash, bytes: change.bytes, bundles });
        }
        Ok(outgoing)
    }

    fn settle(&mut self, settled: Vec<sync::Settled>) -> Result<(), DeviceError> {
        let outcome = |verdict| match verdict {
            sync::wire::Verdict::Stored { .. } | sync::wire::Verdict::Known { .. } => store::Outcome::Stored,
            sync::wire::Verdict::SetAside { code, about } => store::Outcome::SetAside { code, about },
            sync::wire::Verdict::Wanted { hashes } => store::Outcome::Wanted { hashes },
        };
        let verdicts: Vec<_> = settled
            .into_iter()
            .map(|one| store::Settled { doc: one.doc, hash: one.hash, outcome: outcome(one.verdict) })
            .collect();
        self.store.settle(&verdicts)?;
        Ok(())
    }

    /// What a pull that was cut off left with a row that does not show everything that is here.
    pub(super) fn project_rest(&mut self) -> Result<(), DeviceError> {
        let rest = self.store.to_project()?;
        match self.project_all(rest) {
            // A full disk keeps nobody from opening the phone; it is gone on with the next time.
            Err(DeviceError::Store(StoreError::Full)) => Ok(()),
            other => other,
        }
    }

    fn project_all(&mut self, docs: Vec<DocId>) -> Result<(), DeviceError> {
        if docs.is_empty() {
            return Ok(());
        }
        for doc in docs {
            self.project(doc)?;
        }
        Ok(self.store.projected()?)
    }

    /// A document with work under what was pulled that the server has not: its row is made anew from both. One that can't be
    /// loaded is marked as such and blocks nothing else.
    fn project(&mut self, doc: DocId) -> Result<(), DeviceError> {
        match self.load(doc) {
            Ok(document) => self.as_one(doc, &document),
            // What was forgotten meanwhile has no row to make.
            Err(DeviceError::Document(_) | DeviceError::Guard(_) | DeviceError::HeadsDiffer | DeviceError::NotFound) => Ok(()),
            Err(other) => Err(other),
        }
    }

    /// What a pull put one behind the other is one save again: before another pull puts a third on top.
    fn as_one(&mut self, doc: DocId, document: &Document) -> Result<(), DeviceError> {
        let Some(stored) = self.store.document(&doc)? else { return Ok(()) };
        if Document::saves_in(&stored.bytes) < 2 {
            return Ok(());
        }
        let one = self.in_step(|desk| {
            desk.store.compact(&doc, stored.revision, &document.save())?;
            Ok(Wrote::NoRow)
        });
        match one {
            // Nothing depends on it but room.
            Err(DeviceError::Store(StoreError::Full)) => Ok(()),
            other => other,
        }
    }
}

/// A nonce as it is kept: with the time it came.
pub(super) fn keep_nonce(nonce: &str, now: Timestamp) -> Vec<u8> {
    format!("{} {nonce}", now.0).into_bytes()
}

/// A nonce that was kept; whether it is recent.
fn recall_nonce(kept: Option<&str>, now: Timestamp) -> (Option<String>, bool) {
    let Some((at, nonce)) = kept.and_then(|kept| kept.split_once(' ')) else { return (None, false) };
    let age = at.parse().map_or(i64::MAX, |at: i64| now.0.saturating_sub(at));
    (Some(nonce.to_owned()), (0..sync::NONCE_RECENT_MS).contains(&age))
}

/// The session's word for a thing to store, as the store's. A row that can't be read is made anew from the document when
/// it is opened; until then the list shows that there is something.
fn convert(item: sync::Apply) -> Option<store::Apply> {
    // A row of another document is none: it would change the other's line, or stand for nothing at all.
    let row = |doc, kind, bytes: &[u8]| {
        let read = minicbor_serde::from_slice::<Row>(bytes).ok().filter(|row| row.doc == doc && row.kind == kind);
        read.unwrap_or_else(|| Row::unreadable(doc, kind))
    };
    Some(match item {
        sync::Apply::Document { doc, kind, bytes, heads, row: record } => {
            store::Apply::Document { doc, kind, bytes, heads, row: row(doc, kind, &record) }
        }
        sync::Apply::Changes { doc, kind, changes, heads, row: record } => {
            // What is no plain change is left out; the heads then don't come out, and the document is marked as unreadable.
            let plain = |bytes: Vec<u8>| {
                let header = guard::inspect(&bytes).ok()?;
                Some(PulledChange { hash: header.hash, deps: header.deps, bytes })
            };
            let changes = changes.into_iter().filter_map(plain).collect();
            store::Apply::Changes { doc, kind, changes, heads, row: row(doc, kind, &record) }
        }
        sync::Apply::Forget { doc } => store::Apply::Forget { doc },
        sync::Apply::Directory { version, bytes } => store::Apply::Directory { version, bytes },
        sync::Apply::SendAgain { lost } => {
            store::Apply::SendAgain { lost: lost.into_iter().map(|one| (one.doc, one.digest)).collect() }
        }
        sync::Apply::BeginRefetch { new_epoch } => store::Apply::BeginRefetch { new_epoch },
        sync::Apply::Commit { .. } => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_that_names_another_document_or_kind_is_not_taken_for_this_ones() {
        let doc = DocId::from_bytes([1; 16]);
        let came = |row: &Row| {
            let row = minicbor_serde::to_vec(row).unwrap();
            let item = sync::Apply::Document { doc, kind: DocKind::Case, bytes: Vec::new(), heads: Vec::new(), row };
            let Some(store::Apply::Document { row, .. }) = convert(item) else { panic!("a document stays one") };
            row
        };
        let own = Row { title: "楼道灯不亮".into(), look: false, ..Row::unreadable(doc, DocKind::Case) };
        assert_eq!(came(&own), own);
        let unreadable = Row::unreadable(doc, DocKind::Case);
        assert_eq!(came(&Row { doc: DocId::from_bytes([2; 16]), ..own.clone() }), unreadable);
        assert_eq!(came(&Row { kind: DocKind::Visit, ..own }), unreadable);
    }
}
