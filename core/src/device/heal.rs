//! What happens to work that the server refused: the change leaves the document, the commands behind it are done again on
//! what remains, and what no longer makes sense is kept and shown with its reason.
//!
//! The document is made anew from everything the server has or may still take, under a new actor id, so that no number
//! is ever used twice. A kill in the middle leaves the list of documents to rebuild as it was.

use super::retype::retyped;
use super::work::{Kept, record, row, stored};
use super::{Desk, Device, DeviceError};
use crate::case::{self, Command, Refusal};
use crate::document::{Document, Writing};
use crate::environment::random;
use crate::id::{ActorId, ChangeHash, Digest, DocId, DocKind};
use crate::planted::{self, Planted};
use crate::store::{ChangeRecord, Outcome, Outgoing, Queued, Rebuild, SetAside, Settled};
use crate::{household, visit};

impl Device {
    /// Rebuilds every document that still has something in it that the server set aside.
    pub(super) fn rebuild_what_was_refused(&self) -> Result<(), DeviceError> {
        let mut desk = self.desk();
        for doc in desk.store.to_rebuild()? {
            match desk.rebuild(self, doc) {
                // One document that can't be rebuilt blocks no other; it stays on the list, counted.
                Ok(()) | Err(DeviceError::Document(_) | DeviceError::HeadsDiffer | DeviceError::NotFound) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

/// Why the server sets a change aside that nothing is wrong with but what it builds on: its command is done again.
const DEPENDS_ON_REFUSED: &str = "depends_on_refused";

/// A command to be done again, and the change it made the first time.
struct Again {
    hash: ChangeHash,
    kind: DocKind,
    command: Vec<u8>,
    bundles: Vec<Digest>,
    /// Whether it is set aside already, so that it needs no verdict of its own if it no longer makes sense.
    aside: bool,
}

impl From<Outgoing> for Again {
    fn from(Outgoing { hash, kind, command, bundles, .. }: Outgoing) -> Self {
        Self { hash, kind, command, bundles, aside: false }
    }
}

impl From<SetAside> for Again {
    fn from(SetAside { hash, kind, command, .. }: SetAside) -> Self {
        let bundles = match minicbor_serde::from_slice(&command) {
            Ok(Kept::Case(Command::SealAgreement { bundle, .. })) => vec![bundle],
            _ => Vec::new(),
        };
        Self { hash, kind, command, bundles, aside: true }
    }
}

/// A command done again.
struct Replayed {
    change: ChangeRecord,
    command: Vec<u8>,
    bundles: Vec<Digest>,
}

impl Desk {
    fn rebuild(&mut self, device: &Device, doc: DocId) -> Result<(), DeviceError> {
        self.loaded.drop_case(&doc);
        let held = stored(self, doc)?;
        let unsent = self.store.unsent_of(&doc)?;
        let whole = Document::load(&held.bytes)?;
        let aside = self.store.set_aside()?.into_iter().filter(|aside| aside.doc == doc && aside.in_document);
        let (followers, refused): (Vec<_>, Vec<_>) = aside.partition(|aside| aside.code == DEPENDS_ON_REFUSED);
        let aside = refused.iter().chain(&followers).map(|aside| aside.hash);
        let gone: Vec<ChangeHash> = aside.chain(unsent.iter().map(|change| change.hash)).collect();
        let Some(mut document) = whole.without(&gone)? else {
            // Nothing of it is on the server: the report itself was refused. What was wanted stays readable.
            return self.set_aside_all(doc, &unsent);
        };
        let old = self.store.actor(&doc)?.filter(|_| planted::is(Planted::ReplayUnderOldActor));
        let actor = old.unwrap_or_else(|| ActorId::from_bytes(random(&*device.host.entropy)));
        let save = document.save();
        let mut queue: Vec<Replayed> = Vec::new();
        let mut replaced: Vec<ChangeHash> = Vec::new();
        let mut refusals: Vec<Settled> = Vec::new();
        let mut hlc = self.store.hlc()?;
        for again in followers.into_iter().map(Again::from).chain(unsent.into_iter().map(Again::from)) {
            match self.replay(device, doc, &whole, &document, actor, &again) {
                Ok((next, change, at)) => {
                    hlc = hlc.max(at);
                    document = next;
                    replaced.push(again.hash);
                    queue.push(Replayed { change, command: again.command, bundles: again.bundles });
                }
                Err(DeviceError::Refused(_)) if again.aside => {}
                Err(DeviceError::Refused(Refusal { code, .. })) => {
                    let outcome = Outcome::SetAside { code: code.as_str().into(), about: Vec::new() };
                    refusals.push(Settled { doc, hash: again.hash, outcome });
                }
                Err(error) => return Err(error),
            }
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

    fn set_aside_all(&mut self, doc: DocId, unsent: &[Outgoing]) -> Result<(), DeviceError> {
        let outcome = |code: &str| Outcome::SetAside { code: code.into(), about: Vec::new() };
        let all: Vec<Settled> =
            unsent.iter().map(|one| Settled { doc, hash: one.hash, outcome: outcome(DEPENDS_ON_REFUSED) }).collect();
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
        whole: &Document,
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
                        let (was, is) = (whole.text_before(&again.hash, text), document.text(text));
                        Command::EditText { text, now: was.map_or(now.clone(), |was| retyped(&was, &now, &is)) }
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
