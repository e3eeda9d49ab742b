//! Judging the pushed changes of one document, one after another, each on top of those that were let in before it.
//!
//! No database: facts in, a plan out. A panic in here is that change's refusal.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::panic::{AssertUnwindSafe, catch_unwind};

use doorstep_core::access::scopes_of_row;
use doorstep_core::case::{self, RefusalCode};
use doorstep_core::directory::{Directory, Policy};
use doorstep_core::document::Document;
use doorstep_core::document::guard::{Admitted, Gate, GuardError, Header};
use doorstep_core::entry::Entry;
use doorstep_core::id::{ChangeHash, Digest, DocId, DocKind};
use doorstep_core::planted::{self, Planted};
use doorstep_core::review::Arrival;
use doorstep_core::row::Row;
use doorstep_core::sync::wire::PushedChange;
use doorstep_core::time::{DAY_MS, Timestamp};
use doorstep_core::{household, visit};

use super::evidence;
use super::facts::{Facts, Look};
use super::kind::Kind;
use super::{Bundled, Pusher};
use crate::store::{DocWrite, Kept, NewChange};

/// Bytes of changes behind a save after which the whole document is saved anew: loading many small changes is slow.
const TAIL_BYTES_MAX: usize = 64 << 10;
/// The same, in changes. Small, because a change that travels by itself brings its hash and those it depends on, which no
/// compression makes smaller: thirty of them behind a save cost a cold pull 1.5 KB a document more than inside it. The
/// document is loaded here anyway, and saving it takes a tenth of what admitting a change does.
const TAIL_CHANGES_MAX: usize = 4;

/// What became of a pushed change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Stored before, under this number.
    Known(u64),
    /// Let in, as the write's change of this place.
    Accepted(usize),
    /// Refused.
    Refused {
        /// Stable code.
        code: Cow<'static, str>,
        /// What is in the way, in codes.
        about: Vec<String>,
    },
    /// These must come first.
    Wanted(Vec<ChangeHash>),
}

/// The plan for one document.
pub(super) struct Weighed {
    /// An outcome for each change, by its place in the push.
    pub(super) outcomes: Vec<(usize, Outcome)>,
    /// What is to be stored.
    pub(super) write: Option<DocWrite>,
    /// What is to be kept aside.
    pub(super) kept: Vec<Kept>,
    /// Whether the device was trusted when this was judged.
    pub(super) trusted: bool,
}

/// Who pushes what with it, when, and by which directory it is judged.
pub(super) struct Case<'a> {
    pub(super) directory: &'a Directory,
    pub(super) pusher: &'a Pusher,
    pub(super) bundles: &'a HashMap<Digest, &'a [u8]>,
    pub(super) now: Timestamp,
}

/// A refused change, to be kept.
pub(super) fn kept(change: &PushedChange, code: &str, about: Vec<String>) -> Kept {
    Kept { doc: change.doc, kind: change.kind, hash: change.hash, code: code.into(), about, bytes: change.bytes.to_vec() }
}

/// Judges them.
pub(super) fn weigh(case: &Case<'_>, facts: Facts, bundled: &Bundled<'_>) -> Weighed {
    let first = bundled.changes.first().map_or(DocKind::Case, |(_, change)| change.kind);
    match facts.line.as_ref().map_or(first, |line| line.kind) {
        DocKind::Case => Scales::<case::Event>::weigh(case, facts, bundled, DocKind::Case),
        DocKind::Visit => Scales::<visit::Event>::weigh(case, facts, bundled, DocKind::Visit),
        DocKind::Household => Scales::<household::Event>::weigh(case, facts, bundled, DocKind::Household),
    }
}

/// Why a change is not let in.
enum No {
    Refused(Cow<'static, str>, Vec<String>),
    Wanted(Vec<ChangeHash>),
}

impl No {
    const fn code(code: &'static str) -> Self {
        Self::Refused(Cow::Borrowed(code), Vec::new())
    }
}

impl From<GuardError> for No {
    fn from(error: GuardError) -> Self {
        match error {
            GuardError::MissingDependency(hashes) => Self::Wanted(hashes),
            other => Self::code(other.code()),
        }
    }
}

impl From<case::Refusal> for No {
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
        Self::Refused(Cow::Borrowed(refusal.code.as_str()), about)
    }
}

/// One document on the scales.
struct Scales<'a, E> {
    case: &'a Case<'a>,
    facts: Facts,
    doc: DocId,
    kind: DocKind,
    gate: Result<Gate, &'static str>,
    accepted: HashSet<ChangeHash>,
    changes: Vec<NewChange>,
    /// The list row, and its bytes.
    row: Option<(Row, Vec<u8>)>,
    bundles: Vec<(Digest, Vec<u8>)>,
    events: std::marker::PhantomData<E>,
}

impl<'a, E: Kind> Scales<'a, E> {
    fn weigh(case: &'a Case<'a>, mut facts: Facts, bundled: &Bundled<'_>, kind: DocKind) -> Weighed {
        let looks = std::mem::take(&mut facts.looks);
        let stored = facts.document.as_ref().map(|stored| Document::load(&stored.bytes));
        let gate = match stored {
            None => Ok(Gate::new(bundled.doc, kind, None)),
            Some(Ok(document)) => Ok(Gate::new(bundled.doc, kind, Some(document))),
            Some(Err(error)) => Err(error.code()),
        };
        let trusted = facts.trusted;
        let mut scales = Self {
            case,
            facts,
            doc: bundled.doc,
            kind,
            gate,
            accepted: HashSet::new(),
            changes: Vec::new(),
            row: None,
            bundles: Vec::new(),
            events: std::marker::PhantomData,
        };
        let mut outcomes: Vec<(usize, Outcome)> = Vec::with_capacity(bundled.changes.len());
        let mut said: HashMap<ChangeHash, Outcome> = HashMap::new();
        let mut aside = Vec::new();
        for ((place, change), look) in bundled.changes.iter().zip(looks) {
            // Named twice in one push: one answer.
            if let Some(outcome) = said.get(&change.hash) {
                outcomes.push((*place, outcome.clone()));
                continue;
            }
            let outcome = match look {
                _ if planted::is(Planted::AllOrNothing) && !aside.is_empty() => {
                    aside.push(kept(change, "batch_refused", Vec::new()));
                    Outcome::Refused { code: "batch_refused".into(), about: Vec::new() }
                }
                Look::Known(seq) => Outcome::Known(seq),
                Look::Refused { code, about } => Outcome::Refused { code: code.into(), about },
                Look::New(header) => match scales.judge(change, header) {
                    Ok(()) => Outcome::Accepted(scales.changes.len() - 1),
                    Err(No::Wanted(_)) if planted::is(Planted::MissingDependencyStored) => Outcome::Known(0),
                    Err(No::Wanted(hashes)) => Outcome::Wanted(hashes),
                    Err(No::Refused(code, about)) => {
                        aside.push(kept(change, &code, about.clone()));
                        Outcome::Refused { code, about }
                    }
                },
            };
            if matches!(outcome, Outcome::Refused { .. }) {
                scales.facts.refused.insert(change.hash);
            }
            said.insert(change.hash, outcome.clone());
            outcomes.push((*place, outcome));
        }
        Weighed { outcomes, write: scales.write(), kept: aside, trusted }
    }

    /// Judges one change; if it may join, it has joined when this returns.
    fn judge(&mut self, change: &PushedChange, header: Result<Header, GuardError>) -> Result<(), No> {
        if !self.facts.trusted {
            return Err(No::code("device_revoked"));
        }
        let header = header?;
        if header.hash != change.hash {
            return Err(No::code("hash_mismatch"));
        }
        if change.kind != self.kind {
            return Err(No::code(GuardError::WrongKind.code()));
        }
        if self.facts.actors.get(&header.actor).is_some_and(|device| *device != self.case.pusher.device) {
            return Err(No::code("foreign_actor"));
        }
        self.check_dependencies(&header)?;
        let tried = catch_unwind(AssertUnwindSafe(|| self.admit(&header)));
        let (admitted, row, bundles) = tried.unwrap_or(Err(No::code(GuardError::Panicked.code())))?;
        if let Ok(gate) = &mut self.gate {
            gate.keep(admitted);
        }
        self.row = Some(row);
        self.bundles.extend(bundles);
        self.accepted.insert(header.hash);
        self.changes.push(NewChange {
            hash: header.hash,
            actor: header.actor,
            actor_seq: header.seq,
            bytes: change.bytes.to_vec(),
        });
        Ok(())
    }

    fn check_dependencies(&self, header: &Header) -> Result<(), No> {
        if let Some(refused) = header.deps.iter().find(|dep| self.facts.refused.contains(dep)) {
            return Err(No::Refused(Cow::Borrowed("depends_on_refused"), vec![refused.to_string()]));
        }
        let there = |dep: &ChangeHash| self.facts.present.contains(dep) || self.accepted.contains(dep);
        let missing: Vec<_> = header.deps.iter().filter(|dep| !there(dep)).copied().collect();
        if missing.is_empty() { Ok(()) } else { Err(No::Wanted(missing)) }
    }

    /// The guard, the rules, the evidence.
    #[expect(clippy::type_complexity, reason = "three parts of one outcome, taken apart by the one caller")]
    fn admit(&self, header: &Header) -> Result<(Admitted<E>, (Row, Vec<u8>), Vec<(Digest, Vec<u8>)>), No> {
        let gate = self.gate.as_ref().map_err(|code| No::code(code))?;
        let admitted = gate.admit::<E>(header)?;
        if admitted.unreadable > 0 {
            return Err(No::code("unreadable_entry"));
        }
        if admitted.added.is_empty() && admitted.texts.is_empty() {
            return Err(No::code("empty_change"));
        }
        let directory = self.case.directory;
        let person = directory.person(&self.case.pusher.person);
        let person = person.ok_or_else(|| case::Refusal::new(RefusalCode::UnknownPerson))?;
        let arrival = Arrival { directory, person, doc: self.doc, received: self.case.now };
        E::review(&arrival, &admitted.past.entries, &admitted.added, !admitted.texts.is_empty())?;
        let bundles = self.sealed(&admitted.past.entries, &admitted.added)?;
        let row = E::row(self.doc, &admitted.document.log::<E>().entries);
        let encoded = minicbor_serde::to_vec(&row).map_err(|_| No::code("not_storable"))?;
        Ok((admitted, (row, encoded), bundles))
    }

    /// The bundles that the entries name and the document does not have yet. Each must have come with the push.
    fn sealed(&self, past: &[Entry<E>], added: &[Entry<E>]) -> Result<Vec<(Digest, Vec<u8>)>, No> {
        let mut new: Vec<(Digest, Vec<u8>)> = Vec::new();
        for sealed in added.iter().filter_map(E::sealed) {
            let has = |list: &[(Digest, Vec<u8>)]| list.iter().any(|(digest, _)| *digest == sealed.bundle);
            if self.facts.bundles.contains(&sealed.bundle) || has(&self.bundles) || has(&new) {
                continue;
            }
            let bytes = self.case.bundles.get(&sealed.bundle).ok_or(No::code(evidence::MISSING))?;
            let draft = past.iter().chain(added).find(|entry| entry.stamp == sealed.draft).and_then(E::drafted);
            evidence::check(self.doc, sealed, draft, bytes, &self.facts.keys).map_err(No::code)?;
            new.push((sealed.bundle, bytes.to_vec()));
        }
        Ok(new)
    }

    fn write(self) -> Option<DocWrite> {
        let (row, encoded) = self.row?;
        let document = self.gate.as_ref().ok().and_then(Gate::document)?;
        let policy = &self.case.directory.policy;
        let stored = self.facts.document.as_ref();
        let tail_bytes =
            stored.map_or(0, |stored| stored.tail_bytes) + self.changes.iter().map(|c| c.bytes.len()).sum::<usize>();
        let tail_changes = stored.map_or(0, |stored| stored.tail_changes) + self.changes.len();
        let saved = if tail_bytes > TAIL_BYTES_MAX || tail_changes > TAIL_CHANGES_MAX {
            // A save that fails only means that the tail grows on.
            catch_unwind(AssertUnwindSafe(|| document.save())).ok()
        } else {
            None
        };
        Some(DocWrite {
            doc: self.doc,
            kind: self.kind,
            judged_at: self.facts.line.as_ref().map_or(0, |line| line.last_seq),
            heads: document.heads(),
            scopes: scopes(&row, policy, self.case.now),
            back_since: back_since(&row, policy, self.case.now),
            row: encoded,
            changes: self.changes,
            saved,
            bundles: self.bundles,
        })
    }
}

/// The keys of the scopes a document with this row is in.
pub(super) fn scopes(row: &Row, policy: &Policy, now: Timestamp) -> BTreeSet<String> {
    scopes_of_row(row, policy, now).iter().map(ToString::to_string).collect()
}

/// When the first of the orgs that still see it gave it back.
pub(super) fn back_since(row: &Row, policy: &Policy, now: Timestamp) -> Option<Timestamp> {
    let kept = kept_for(policy);
    let back = row.involved.iter().filter_map(|(_, until)| until.map(doorstep_core::time::Hlc::wall));
    back.filter(|until| until.plus_ms(kept) > now).min()
}

/// How long an org sees a document after giving it back, milliseconds.
pub(super) fn kept_for(policy: &Policy) -> i64 {
    i64::from(policy.visible_after_return_days) * DAY_MS
}
