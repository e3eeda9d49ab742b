//! What lies before a worker: one document, and what a change of it is judged by.
//!
//! The guard's steps three and four in one place, the same in a worker and in the server's own process: the trial
//! (`document::guard`), the rules (`review`), the evidence. No database, no clock; a panic in here is that change's refusal.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use doorstep_core::case::{self, RefusalCode};
use doorstep_core::directory::Directory;
use doorstep_core::document::Document;
use doorstep_core::document::guard::{Admitted, Gate, GuardError, Header};
use doorstep_core::entry::Entry;
use doorstep_core::id::{ChangeHash, Digest, DocId, DocKind, PersonId};
use doorstep_core::review::Arrival;
use doorstep_core::time::Timestamp;
use doorstep_core::{household, visit};
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;

use crate::ingest::evidence;
use crate::ingest::kind::Kind;

/// A document that is put on the table, and what its changes are judged by.
pub(crate) struct Opening {
    /// The directory.
    pub(crate) directory: Arc<Directory>,
    /// Who pushes.
    pub(crate) person: PersonId,
    /// When.
    pub(crate) now: Timestamp,
    /// The document.
    pub(crate) doc: DocId,
    /// What it is.
    pub(crate) kind: DocKind,
    /// Its bytes; none if it is yet to begin.
    pub(crate) file: Option<Vec<u8>>,
    /// Agreements that it has.
    pub(crate) bundles: HashSet<Digest>,
    /// Fingerprints of the keys that the person ever enrolled.
    pub(crate) keys: HashSet<Digest>,
    /// Agreements of this push that do not go with the others that there are, with the code to refuse them with.
    pub(crate) unfit: HashMap<Digest, String>,
}

/// What became of a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Judged {
    /// It has joined.
    Accepted {
        /// The document's list row now, CBOR.
        row: ByteBuf,
        /// Its heads.
        heads: Vec<ChangeHash>,
        /// Agreements that came with the change and are to be kept.
        bundles: Vec<Digest>,
    },
    /// It may not join.
    Refused {
        /// Stable code.
        code: Cow<'static, str>,
        /// What is in the way, in codes.
        about: Vec<String>,
    },
    /// These must come first.
    Wanted(Vec<ChangeHash>),
    /// These agreements are needed to judge it: ask again with those of them that came.
    Lacks(Vec<Digest>),
}

impl Judged {
    /// Refused under this code.
    pub(crate) const fn refused(code: &'static str) -> Self {
        Self::Refused { code: Cow::Borrowed(code), about: Vec::new() }
    }
}

impl From<GuardError> for Judged {
    fn from(error: GuardError) -> Self {
        match error {
            GuardError::MissingDependency(hashes) => Self::Wanted(hashes),
            other => Self::refused(other.code()),
        }
    }
}

impl From<case::Refusal> for Judged {
    fn from(refusal: case::Refusal) -> Self {
        // Names of parties are for the worker's own screen; the phone that made the change can say them itself.
        let travels = matches!(
            refusal.code,
            RefusalCode::WrongStage
                | RefusalCode::Missing
                | RefusalCode::ElementsMissing
                | RefusalCode::TooLong
                | RefusalCode::WrongReceiver
                | RefusalCode::CommitmentsOpen
                | RefusalCode::UnknownPerson
        );
        let about = if travels { refusal.about } else { Vec::new() };
        Self::Refused { code: Cow::Borrowed(refusal.code.as_str()), about }
    }
}

/// Where to find an agreement that came with the push.
pub(crate) type Bundles<'a> = &'a dyn Fn(&Digest) -> Option<&'a [u8]>;

/// A document on the table.
pub(crate) trait Tray {
    /// Judges one change; if it may join, it has joined when this returns. `may_ask`: an agreement that is not among
    /// `bundles` may still have come, and is asked for.
    fn judge(&mut self, header: &Header, bundles: Bundles<'_>, may_ask: bool) -> Judged;
    /// The whole document as it stands; none if it could not be saved.
    fn save(&self) -> Option<Vec<u8>>;
}

impl dyn Tray {
    /// Loads the document. One that can't be loaded refuses every change.
    pub(crate) fn open(opening: Opening) -> Box<Self> {
        match opening.kind {
            DocKind::Case => Box::new(Open::<case::Event>::new(opening)),
            DocKind::Visit => Box::new(Open::<visit::Event>::new(opening)),
            DocKind::Household => Box::new(Open::<household::Event>::new(opening)),
        }
    }
}

struct Open<E> {
    opening: Opening,
    gate: Result<Gate, &'static str>,
    events: std::marker::PhantomData<E>,
}

/// What an admitted change makes of the document.
struct Fit<E> {
    admitted: Admitted<E>,
    row: Vec<u8>,
    bundles: Vec<Digest>,
}

impl<E: Kind> Open<E> {
    fn new(mut opening: Opening) -> Self {
        let gate = |document| Gate::new(opening.doc, opening.kind, document);
        let gate = match opening.file.take() {
            None => Ok(gate(None)),
            Some(file) => match Document::load(&file) {
                Ok(document) => Ok(gate(Some(document))),
                Err(error) => Err(error.code()),
            },
        };
        Self { opening, gate, events: std::marker::PhantomData }
    }

    /// The guard, the rules, the evidence.
    fn fit(&self, header: &Header, bundles: Bundles<'_>, may_ask: bool) -> Result<Fit<E>, Judged> {
        let gate = self.gate.as_ref().map_err(|code| Judged::refused(code))?;
        let admitted = gate.admit::<E>(header)?;
        if admitted.unreadable > 0 {
            return Err(Judged::refused("unreadable_entry"));
        }
        if admitted.added.is_empty() && admitted.texts.is_empty() {
            return Err(Judged::refused("empty_change"));
        }
        let directory = &self.opening.directory;
        let person = directory.person(&self.opening.person);
        let person = person.ok_or_else(|| case::Refusal::new(RefusalCode::UnknownPerson))?;
        let arrival = Arrival { directory, person, doc: self.opening.doc, received: self.opening.now };
        E::review(&arrival, &admitted.past.entries, &admitted.added, !admitted.texts.is_empty())?;
        let bundles = self.sealed(&admitted.past.entries, &admitted.added, bundles, may_ask)?;
        let row = E::row(self.opening.doc, &admitted.document.log::<E>().entries);
        let row = minicbor_serde::to_vec(&row).map_err(|_| Judged::refused("not_storable"))?;
        Ok(Fit { admitted, row, bundles })
    }

    /// The bundles that the entries name and the document does not have yet. Each must have come with the push.
    fn sealed(
        &self,
        past: &[Entry<E>],
        added: &[Entry<E>],
        bundles: Bundles<'_>,
        may_ask: bool,
    ) -> Result<Vec<Digest>, Judged> {
        let named = added.iter().filter_map(E::sealed);
        let unknown: Vec<_> = named.filter(|sealed| !self.opening.bundles.contains(&sealed.bundle)).collect();
        let lacking: Vec<Digest> = unknown.iter().map(|one| one.bundle).filter(|digest| bundles(digest).is_none()).collect();
        if may_ask && !lacking.is_empty() {
            return Err(Judged::Lacks(lacking));
        }
        let mut new: Vec<Digest> = Vec::new();
        for sealed in unknown {
            if new.contains(&sealed.bundle) {
                continue;
            }
            let bytes = bundles(&sealed.bundle).ok_or(Judged::refused(evidence::MISSING))?;
            let draft = past.iter().chain(added).find(|entry| entry.stamp == sealed.draft).and_then(E::drafted);
            evidence::check(self.opening.doc, sealed, draft, bytes, &self.opening.keys).map_err(Judged::refused)?;
            if let Some(code) = self.opening.unfit.get(&sealed.bundle) {
                return Err(Judged::Refused { code: Cow::Owned(code.clone()), about: Vec::new() });
            }
            new.push(sealed.bundle);
        }
        Ok(new)
    }
}

impl<E: Kind> Tray for Open<E> {
    fn judge(&mut self, header: &Header, bundles: Bundles<'_>, may_ask: bool) -> Judged {
        let tried = catch_unwind(AssertUnwindSafe(|| self.fit(header, bundles, may_ask)));
        let fit = match tried.unwrap_or(Err(Judged::from(GuardError::Panicked))) {
            Ok(fit) => fit,
            Err(judged) => return judged,
        };
        let heads = fit.admitted.document.heads();
        if let Ok(gate) = &mut self.gate {
            gate.keep(fit.admitted);
        }
        self.opening.bundles.extend(&fit.bundles);
        Judged::Accepted { row: ByteBuf::from(fit.row), heads, bundles: fit.bundles }
    }

    fn save(&self) -> Option<Vec<u8>> {
        let document = self.gate.as_ref().ok().and_then(Gate::document)?;
        // A save that fails only means that the tail grows on.
        catch_unwind(AssertUnwindSafe(|| document.save())).ok()
    }
}
