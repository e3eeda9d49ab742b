//! What happens to work that the server refused: the change leaves the document, the commands behind it are done again on
//! what remains, and what no longer makes sense is kept and shown with its reason.
//!
//! The document is made anew from everything the server has or may still take, under a new actor id, so that no number
//! is ever used twice. A kill in the middle leaves the list of documents to rebuild as it was.
//!
//! The same way heals what is nobody's mistake: a **fork** (two phones with one database write under one actor: nothing is
//! wrong with what was wanted, so this phone takes new names and does it again), and a document that can no longer be read
//! together with what is unsent of it (the other half of a fork came, or something below it was lost with a damaged database).

use std::collections::BTreeSet;

use super::retype::retyped;
use super::work::{Kept, opened, record, row, stored};
use super::{Desk, Device, DeviceError};
use crate::case::{self, Command, Refusal};
use crate::document::{Document, Writing, guard};
use crate::environment::random;
use crate::id::{ActorId, ChangeHash, Digest, DocId, DocKind};
use crate::planted::{self, Planted};
use crate::store::{ChangeRecord, Outcome, Outgoing, Queued, Rebuild, SetAside, Settled};
use crate::{household, visit};

impl Device {
    /// Rebuilds every document that still has something in it that the server set aside.
    pub(super) fn rebuild_what_was_refused(&self) -> Result<(), DeviceError> {
        let mut desk = self.desk();
        desk.leave_a_fork(self)?;
        let docs = desk.store.to_rebuild()?;
        desk.rebuild_each(self, &docs, DEPENDS_ON_REFUSED)
    }

    /// Rebuilds every document that can't be read together with what is unsent of it. Only once everything has been pulled:
    /// until then what is missing may still come.
    pub(super) fn rebuild_what_does_not_load(&self) -> Result<(), DeviceError> {
        let mut desk = self.desk();
        let docs = desk.store.unreadable_with_unsent()?;
        desk.rebuild_each(self, &docs, BASE_MISSING)
    }
}

/// Why the server sets a change aside that nothing is wrong with but what it builds on: its command is done again.
const DEPENDS_ON_REFUSED: &str = "depends_on_refused";
/// Why it sets one aside whose number is taken: another phone writes under the same names, because one is a copy of the
/// other's database. Nothing is wrong with what was wanted.
const FORKS: [&str; 3] = ["actor_fork", "foreign_actor", "sequence_gap"];
/// Why the phone itself sets work aside: there is nothing left, here or on the server, that it could stand on.
pub(super) const BASE_MISSING: &str = "base_missing";
/// Why the phone itself sets work aside: what was wanted can't be read any more.
pub(super) const COMMAND_LOST: &str = "command_lost";

/// A command to be done again, and the change it made the first time.
struct Again {
    hash: ChangeHash,
    kind: DocKind,
    command: Vec<u8>,
    bundles: Vec<Digest>,
    /// Whether it is set aside already for what it builds on, so that it needs no verdict of its own if it no longer makes
    /// sense.
    aside: bool,
}

impl From<Outgoing> for Again {
    fn from(Outgoing { hash, kind, command, bundles, .. }: Outgoing) -> Self {
        Self { hash, kind, command, bundles, aside: false }
    }
}

impl From<SetAside> for Again {
    fn from(SetAside { hash, kind, command, code, .. }: SetAside) -> Self {
        let bundles = match minicbor_serde::from_slice(&command) {
            Ok(Kept::Case(Command::SealAgreement { bundle, .. })) => vec![bundle],
            _ => Vec::new(),
        };
        Self { hash, kind, command, bundles, aside: code == DEPENDS_ON_REFUSED }
    }
}

/// A command done again.
struct Replayed {
    change: ChangeRecord,
    command: Vec<u8>,
    bundles: Vec<Digest>,
}

/// The document as whoever wrote `own` saw it: these, and of `below` only what they build on. None if some of that is gone.
fn seen_by<'a>(below: impl Iterator<Item = &'a [u8]>, own: &[&'a [u8]]) -> Option<Document> {
    // In the order they came: each after those it builds on.
    let all: Vec<&[u8]> = below.chain(own.iter().copied()).collect();
    let headers: Vec<_> = all.iter().map(|bytes| guard::inspect(bytes).ok()).collect();
    let mut wanted: BTreeSet<ChangeHash> = own.iter().filter_map(|bytes| Some(guard::inspect(bytes).ok()?.hash)).collect();
    for header in headers.iter().rev().flatten() {
        if wanted.contains(&header.hash) {
            wanted.extend(&header.deps);
        }
    }
    let seen = all.iter().zip(&headers).filter(|(_, header)| header.as_ref().is_some_and(|one| wanted.contains(&one.hash)));
    let bytes: Vec<u8> = seen.flat_map(|(bytes, _)| bytes.iter().copied()).collect();
    Document::load(&bytes).ok()
}

impl Desk {
    /// Another phone writes as this one does: from here on this one writes under new names everywhere, and with another node
    /// in its stamps, so that no two events of the two are ever stamped alike.
    fn leave_a_fork(&mut self, device: &Device) -> Result<(), DeviceError> {
        let forked = |aside: &SetAside| aside.in_document && FORKS.contains(&aside.code.as_str());
        if self.store.set_aside()?.iter().any(forked) {
            let node = random::<8>(&*device.host.entropy);
            self.store.begin_installation(&device.host.installation, &node)?;
            self.node = u64::from_be_bytes(node);
        }
        Ok(())
    }

    fn rebuild_each(&mut self, device: &Device, docs: &[DocId], otherwise: &str) -> Result<(), DeviceError> {
        for doc in docs {
            match self.rebuild(device, *doc, otherwise) {
                // One document that can't be rebuilt blocks no other; it stays on the list, counted.
                Ok(())
                | Err(DeviceError::Document(_) | DeviceError::Guard(_) | DeviceError::HeadsDiffer | DeviceError::NotFound) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// `otherwise`: why nothing of it could be done again, should there be nothing to do it on.
    fn rebuild(&mut self, device: &Device, doc: DocId, otherwise: &str) -> Result<(), DeviceError> {
        self.loaded.drop_case(&doc);
        let held = stored(self, doc)?;
        let unsent = self.store.unsent_of(&doc)?;
        let aside = self.store.set_aside()?.into_iter().filter(|aside| aside.doc == doc && aside.in_document);
        let done_again = |aside: &SetAside| aside.code == DEPENDS_ON_REFUSED || FORKS.contains(&aside.code.as_str());
        let (again, refused): (Vec<_>, Vec<_>) = aside.partition(done_again);
        let own = refused.iter().chain(&again).map(|aside| (aside.hash, &aside.bytes));
        let own: Vec<(ChangeHash, &Vec<u8>)> = own.chain(unsent.iter().map(|change| (change.hash, &change.bytes))).collect();
        let gone: Vec<ChangeHash> = own.iter().map(|(hash, _)| *hash).collect();
        let (base, whole) = if let Ok(whole) = opened(doc, &held) {
            (whole.without(&gone)?, Some(whole))
        } else {
            let own: Vec<&[u8]> = own.iter().map(|(_, bytes)| bytes.as_slice()).collect();
            self.apart(doc, &gone, &own)?
        };
        let Some(mut document) = base else {
            // Nothing of it is on the server: the report itself was refused. What was wanted stays readable.
            return self.set_aside_all(doc, &unsent, otherwise);
        };
        let actor = ActorId::from_bytes(random(&*device.host.entropy));
        let save = document.save();
        let mut queue: Vec<Replayed> = Vec::new();
        let mut replaced: Vec<ChangeHash> = Vec::new();
        let mut refusals: Vec<Settled> = Vec::new();
        let mut hlc = self.store.hlc()?;
        for again in again.into_iter().map(Again::from).chain(unsent.into_iter().map(Again::from)) {
            let code = match self.replay(device, doc, whole.as_ref(), &document, actor, &again) {
                Ok((next, change, at)) => {
                    hlc = hlc.max(at);
                    document = next;
                    replaced.push(again.hash);
                    queue.push(Replayed { change, command: again.command, bundles: again.bundles });
                    continue;
                }
                Err(DeviceError::Refused(_)) if again.aside => continue,
                Err(DeviceError::Refused(Refusal { code, .. })) => code.as_str(),
                Err(DeviceError::Damaged("command")) => COMMAND_LOST,
                Err(error) => return Err(error),
            };
            let outcome = Outcome::SetAside { code: code.into(), about: Vec::new() };
            refusals.push(Settled { doc, hash: again.hash, outcome });
        }
        // First what no longer makes sense is marked, so that it leaves the document together with the rest.
        if !refusals.is_empty() {
            self.store.settle(&refusals)?;
        }
        let queued: Vec<Queued<'_>> =
            queue.iter().map(|one| Queued { change: &one.change, command: &one.command, bundles: &one.bundles }).collect();
        let revision = stored(self, doc)?.revision;
        self.store.rebuild(&Rebuild {
            doc,
            revision,
            save: &save,
            heads: &document.heads(),
            row: &row(doc, &document),
            hlc,
            replaced: &replaced,
            queue: &queued,
        })?;
        Ok(())
    }

    /// A document that can't be loaded as one: what the server has of it, and, where that is still to be had, the document as
    /// whoever wrote the own changes saw it.
    fn apart(
        &self,
        doc: DocId,
        gone: &[ChangeHash],
        own: &[&[u8]],
    ) -> Result<(Option<Document>, Option<Document>), DeviceError> {
        let parts = self.store.apart(&doc)?;
        // Two saves one behind the other are a restored server's and the phone's own: the first is the server's.
        let saved = match (parts.save.is_empty(), Document::load(&parts.save)) {
            (true, _) => None,
            (false, Ok(saved)) => Some(saved),
            (false, Err(_)) => Some(Document::load_first(&parts.save)?),
        };
        // A compaction may have folded own changes into the save.
        let server = saved.as_ref().map(|saved| saved.without(gone)).transpose()?.flatten();
        let mut bytes = server.as_ref().map(Document::save).unwrap_or_default();
        bytes.extend(parts.tail.concat());
        let base = if bytes.is_empty() { None } else { Some(Document::load(&bytes)?) };
        let below = saved.as_ref().map(Document::changes).transpose()?.unwrap_or_default();
        let below = below.iter().map(|change| change.bytes.as_slice()).chain(parts.tail.iter().map(Vec::as_slice));
        Ok((base, seen_by(below, own)))
    }

    fn set_aside_all(&mut self, doc: DocId, unsent: &[Outgoing], code: &str) -> Result<(), DeviceError> {
        let outcome = || Outcome::SetAside { code: code.into(), about: Vec::new() };
        let all: Vec<Settled> = unsent.iter().map(|one| Settled { doc, hash: one.hash, outcome: outcome() }).collect();
        if !all.is_empty() {
            self.store.settle(&all)?;
        }
        Ok(())
    }

    /// One command again, on the document as it is without what was refused; `whole` is the one it was first done on.
    fn replay(
        &self,
        device: &Device,
        doc: DocId,
        whole: Option<&Document>,
        document: &Document,
        actor: ActorId,
        again: &Again,
    ) -> Result<(Document, ChangeRecord, crate::time::Hlc), DeviceError> {
        let kept: Kept = minicbor_serde::from_slice(&again.command).map_err(|_| DeviceError::Damaged("command"))?;
        match (kept, again.kind) {
            (Kept::Case(command), DocKind::Case) => {
                let command = match command {
                    // Not the text that stood on the screen, but what was typed into it: others typed meanwhile.
                    Command::EditText { text, now } if !planted::is(Planted::TypedTextOverwritten) => {
                        let was = whole.and_then(|whole| whole.text_before(&again.hash, text));
                        // Without it nobody can say what of the text was typed here: it is kept to be read, not put over
                        // what others typed.
                        let Some(was) = was else { return Err(DeviceError::Damaged("command")) };
                        Command::EditText { text, now: retyped(&was, &now, &document.text(text)) }
                    }
                    other => other,
                };
                let state = case::fold(&document.log().entries);
                let decided = self.decide(&device.host, doc, &state, &command)?;
                let writing = self.writing(&device.host, decided, state.updated)?;
                self.rewrite(document, actor, &writing, matches!(command, Command::EditText { .. }))
            }
            (Kept::Visit(command), DocKind::Visit) => {
                let log = document.log::<visit::Event>();
                let state = visit::fold(&log.entries);
                let event = visit::translate(&command);
                visit::judge(&self.directory, self.person()?, &state, &event)?;
                let stamp = self.stamp(&device.host, state.updated)?;
                let author = self.person()?.id.clone();
                let entry = visit::Entry { stamp, author, body: crate::entry::Body::Event(event) };
                self.rewrite(document, actor, &Writing::entries(vec![entry]), false)
            }
            (Kept::Household(command), DocKind::Household) => {
                let log = document.log::<household::Event>();
                let state = household::fold(&log.entries);
                let event = self.decide_household(&device.host, &state, &command)?;
                let entry = self.household_entry(&device.host, state.updated, event)?;
                self.rewrite(document, actor, &Writing::entries(vec![entry]), false)
            }
            _ => Err(DeviceError::Damaged("command")),
        }
    }

    fn rewrite<E: crate::entry::Record>(
        &self,
        document: &Document,
        actor: ActorId,
        writing: &Writing<E>,
        typing: bool,
    ) -> Result<(Document, ChangeRecord, crate::time::Hlc), DeviceError> {
        let at = writing.entries.iter().map(|entry| entry.stamp.time).max();
        let at = at.map_or_else(|| self.store.hlc(), Ok)?;
        match document.write(actor, writing) {
            Ok((next, change)) => Ok((next, record(change), at)),
            // Typed text that already reads so needs no change: somebody else typed the same.
            Err(crate::document::DocumentError::Nothing) if typing => {
                Err(DeviceError::Refused(Refusal::new(case::RefusalCode::AlreadyReported)))
            }
            Err(error) => Err(error.into()),
        }
    }
}
