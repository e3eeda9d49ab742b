//! Judging the pushed changes of one document, one after another, each on top of those that were let in before it.
//!
//! No database: facts in, a plan out. What can be seen without the document is seen here; the trial, the rules and the
//! evidence are a worker's (`worker`), one change at a time.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use doorstep_core::access::scopes_of_row;
use doorstep_core::directory::{Directory, Policy};
use doorstep_core::document::guard::{GuardError, Header};
use doorstep_core::id::{ChangeHash, Digest, DocId, DocKind};
use doorstep_core::planted::{self, Planted};
use doorstep_core::row::Row;
use doorstep_core::sync::wire::PushedChange;
use doorstep_core::time::{DAY_MS, Timestamp};

use super::evidence;
use super::facts::{Facts, Look};
use super::{Bundled, Pusher};
use crate::store::{DocWrite, Kept, NewChange, StoreError};
use crate::worker::{From as At, Judged, Opening, Seat, Trials, Unjudged};

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
    /// Nobody tried it: the device has cost as many workers as it may for now. It is to come again.
    Untried,
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
    pub(super) trials: &'a Trials,
    pub(super) directory: &'a Arc<Directory>,
    pub(super) pusher: &'a Pusher,
    pub(super) bundles: &'a HashMap<Digest, &'a [u8]>,
    /// Those of them that do not go with the others that there are, with the code to refuse them with.
    pub(super) unfit: &'a HashMap<Digest, String>,
    /// When it came: by this it is judged.
    pub(super) now: Timestamp,
    /// Now.
    pub(super) tried: Timestamp,
}

/// A refused change, to be kept.
pub(super) fn kept(change: &PushedChange, code: &str, about: Vec<String>) -> Kept {
    Kept { doc: change.doc, kind: change.kind, hash: change.hash, code: code.into(), about, bytes: change.bytes.to_vec() }
}

/// Judges them. An error: nobody could.
pub(super) fn weigh<'a>(case: &'a Case<'a>, facts: Facts, bundled: &Bundled<'_>) -> Result<Weighed, StoreError> {
    let first = bundled.changes.first().map_or(DocKind::Case, |(_, change)| change.kind);
    let kind = facts.line.as_ref().map_or(first, |line| line.kind);
    Scales::weigh(case, facts, bundled, kind)
}

/// Why a change is not let in.
enum No {
    Refused(Cow<'static, str>, Vec<String>),
    Wanted(Vec<ChangeHash>),
    /// Nobody judged it now; the phone comes again.
    Unjudged(Unjudged),
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

/// One document on the scales.
struct Scales<'a> {
    case: &'a Case<'a>,
    facts: Facts,
    doc: DocId,
    kind: DocKind,
    seat: Seat<'a>,
    accepted: HashSet<ChangeHash>,
    changes: Vec<NewChange>,
    heads: Vec<ChangeHash>,
    /// The list row, and its bytes.
    row: Option<(Row, Vec<u8>)>,
    bundles: Vec<(Digest, Vec<u8>)>,
}

impl<'a> Scales<'a> {
    fn weigh(case: &'a Case<'a>, mut facts: Facts, bundled: &Bundled<'_>, kind: DocKind) -> Result<Weighed, StoreError> {
        let looks = std::mem::take(&mut facts.looks);
        let seat = case.trials.open(
            Opening {
                directory: Arc::clone(case.directory),
                person: case.pusher.person.clone(),
                now: case.now,
                doc: bundled.doc,
                kind,
                file: facts.document.as_mut().map(|stored| std::mem::take(&mut stored.bytes)),
                bundles: facts.bundles.clone(),
                keys: facts.keys.clone(),
                unfit: case.unfit.clone(),
            },
            At { device: case.pusher.device, now: case.tried },
        );
        let trusted = facts.trusted;
        let mut scales = Self {
            case,
            facts,
            doc: bundled.doc,
            kind,
            seat,
            accepted: HashSet::new(),
            changes: Vec::new(),
            heads: Vec::new(),
            row: None,
            bundles: Vec::new(),
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
                    Err(No::Unjudged(Unjudged::NotNow)) => Outcome::Untried,
                    Err(No::Unjudged(Unjudged::Failed(error))) => return Err(error),
                },
            };
            if matches!(outcome, Outcome::Refused { .. }) {
                scales.facts.refused.insert(change.hash);
            }
            said.insert(change.hash, outcome.clone());
            outcomes.push((*place, outcome));
        }
        Ok(Weighed { outcomes, write: scales.write(), kept: aside, trusted })
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
        let (heads, row, bundles) = match self.seat.judge(&header, self.case.bundles).map_err(No::Unjudged)? {
            Judged::Accepted { heads, row, bundles } => (heads, row.into_vec(), bundles),
            Judged::Refused { code, about } => return Err(No::Refused(code, about)),
            Judged::Wanted(hashes) => return Err(No::Wanted(hashes)),
            Judged::Lacks(_) => return Err(No::code(evidence::MISSING)),
        };
        let read: Row = minicbor_serde::from_slice(&row).map_err(|_| No::code("not_storable"))?;
        for digest in bundles {
            let bytes = self.case.bundles.get(&digest).ok_or(No::code(evidence::MISSING))?;
            self.bundles.push((digest, bytes.to_vec()));
        }
        self.row = Some((read, row));
        self.heads = heads;
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

    fn write(mut self) -> Option<DocWrite> {
        let (row, encoded) = self.row?;
        let policy = &self.case.directory.policy;
        let stored = self.facts.document.as_ref();
        let tail_bytes =
            stored.map_or(0, |stored| stored.tail_bytes) + self.changes.iter().map(|c| c.bytes.len()).sum::<usize>();
        let tail_changes = stored.map_or(0, |stored| stored.tail_changes) + self.changes.len();
        let long = tail_bytes > TAIL_BYTES_MAX || tail_changes > TAIL_CHANGES_MAX;
        Some(DocWrite {
            doc: self.doc,
            kind: self.kind,
            judged_at: self.facts.line.as_ref().map_or(0, |line| line.last_seq),
            heads: self.heads,
            scopes: scopes(&row, policy, self.case.now),
            back_since: back_since(&row, policy, self.case.now),
            row: encoded,
            changes: self.changes,
            saved: if long { self.seat.save() } else { None },
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
