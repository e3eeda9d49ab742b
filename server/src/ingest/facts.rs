//! What the database knows about the changes of one document that were pushed: gathered in one read, before judging.

use std::collections::{HashMap, HashSet};
use std::panic::{AssertUnwindSafe, catch_unwind};

use doorstep_core::agreement::key_fingerprint;
use doorstep_core::document::guard::{GuardError, Header, inspect};
use doorstep_core::id::{ActorId, ChangeHash, DeviceId, Digest};
use doorstep_core::planted::{self, Planted};

use super::{Bundled, Pusher};
use crate::store::{DocLine, Refused, Store, StoreError, StoredDocument, View};

/// A change looked at from outside.
pub(super) enum Look {
    /// It is stored already.
    Known(u64),
    /// This device was told so before, about the same bytes.
    Refused {
        /// The code it was told.
        code: String,
        /// What it was about.
        about: Vec<String>,
    },
    /// To be judged: what stands on it, or that it cannot be read.
    New(Result<Header, GuardError>),
}

/// The facts.
pub(super) struct Facts {
    /// The document, if there is one.
    pub(super) line: Option<DocLine>,
    /// Its bytes, if something new is to be judged.
    pub(super) document: Option<StoredDocument>,
    /// Whether the device may push: enrolled for this person and not revoked.
    pub(super) trusted: bool,
    /// The changes, in order.
    pub(super) looks: Vec<Look>,
    /// Whose the changes' actor ids are.
    pub(super) actors: HashMap<ActorId, DeviceId>,
    /// Dependencies that are stored.
    pub(super) present: HashSet<ChangeHash>,
    /// Dependencies that were refused when this device pushed them.
    pub(super) refused: HashSet<ChangeHash>,
    /// Agreements that the document has.
    pub(super) bundles: HashSet<Digest>,
    /// Fingerprints of the keys that the person ever enrolled.
    pub(super) keys: HashSet<Digest>,
}

/// Whether the device is enrolled for this person and not revoked.
pub(super) fn trusted(view: &View<'_>, pusher: &Pusher) -> Result<bool, StoreError> {
    Ok(view.device(&pusher.device)?.is_some_and(|device| device.person == pusher.person && device.revoked_at.is_none()))
}

impl Facts {
    pub(super) fn gather(store: &Store, pusher: &Pusher, bundled: &Bundled<'_>) -> Result<Self, StoreError> {
        Self::about(store, pusher, bundled, true)
    }

    /// The same for what a revoked device pushed and somebody wants to have after all: as if it had not been refused.
    pub(super) fn anew(store: &Store, pusher: &Pusher, bundled: &Bundled<'_>) -> Result<Self, StoreError> {
        let facts = Self::about(store, pusher, bundled, false)?;
        Ok(Self { trusted: true, ..facts })
    }

    /// `told`: what the device was told before counts.
    fn about(store: &Store, pusher: &Pusher, bundled: &Bundled<'_>, told: bool) -> Result<Self, StoreError> {
        // Reading the chunks needs no database, so none is held meanwhile.
        let headers: Vec<_> = bundled
            .changes
            .iter()
            .map(|(_, change)| {
                let look = || inspect(&change.bytes);
                catch_unwind(AssertUnwindSafe(look)).unwrap_or(Err(GuardError::Panicked))
            })
            .collect();
        store.read(|view| {
            let mut facts = Self {
                line: view.doc(&bundled.doc)?,
                document: None,
                trusted: trusted(view, pusher)?,
                looks: Vec::with_capacity(headers.len()),
                actors: HashMap::new(),
                present: HashSet::new(),
                refused: HashSet::new(),
                bundles: HashSet::new(),
                keys: view.keys_of(&pusher.person)?.iter().map(key_fingerprint).collect(),
            };
            for ((_, change), header) in bundled.changes.iter().zip(headers) {
                let stored = facts.seq(view, &change.hash)?.filter(|_| !planted::is(Planted::RepeatJudgedAnew));
                let look = match stored {
                    Some(seq) => Look::Known(seq),
                    None => match view.refused(&pusher.device, &bundled.doc, &change.hash)? {
                        Some(Refused { code, about, bytes }) if told && bytes == change.bytes.as_slice() => {
                            Look::Refused { code, about }
                        }
                        _ => Look::New(header),
                    },
                };
                if let Look::New(Ok(header)) = &look {
                    facts.look_up(view, pusher, bundled, header, told)?;
                }
                facts.looks.push(look);
            }
            if let Some(line) = &facts.line
                && facts.looks.iter().any(|look| matches!(look, Look::New(Ok(_))))
            {
                facts.document = Some(view.document(line)?);
                facts.bundles = view.bundles_of(line)?;
            }
            Ok(facts)
        })
    }

    fn look_up(
        &mut self,
        view: &View<'_>,
        pusher: &Pusher,
        bundled: &Bundled<'_>,
        header: &Header,
        told: bool,
    ) -> Result<(), StoreError> {
        if let Some((device, _)) = view.actor(&bundled.doc, &header.actor)? {
            self.actors.insert(header.actor, device);
        }
        for dep in &header.deps {
            if self.seq(view, dep)?.is_some() {
                self.present.insert(*dep);
            } else if told && view.refused(&pusher.device, &bundled.doc, dep)?.is_some() {
                self.refused.insert(*dep);
            }
        }
        Ok(())
    }

    fn seq(&self, view: &View<'_>, hash: &ChangeHash) -> Result<Option<u64>, StoreError> {
        match &self.line {
            Some(line) => view.change_seq(line, hash),
            None => Ok(None),
        }
    }
}
