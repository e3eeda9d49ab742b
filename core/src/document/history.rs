//! The changes a document is made of: who wrote which, on top of what. Names and numbers only, no content.
//!
//! Automerge knows all this too, but answers "what lies before these changes" and "what number comes next" only by
//! rebuilding changes; asked once at loading, it is kept here.

use std::collections::{BTreeMap, HashMap, HashSet};

use automerge::Automerge;

use super::guard::Header;
use crate::id::{ActorId, ChangeHash};

/// One change.
#[derive(Debug, Clone)]
struct Step {
    deps: Vec<ChangeHash>,
    actor: ActorId,
    seq: u64,
    max_op: u64,
}

/// All changes of a document.
#[derive(Debug, Clone, Default)]
pub(super) struct History {
    steps: HashMap<ChangeHash, Step>,
}

/// What comes before a change.
#[derive(Debug, Default)]
pub(super) struct Past {
    /// The changes in it.
    pub(super) changes: HashSet<ChangeHash>,
    /// The highest operation number in it; 0 if it is empty.
    pub(super) max_op: u64,
    /// The number of each actor's last change in it.
    pub(super) last_seq: BTreeMap<ActorId, u64>,
}

impl History {
    /// The history of a loaded document; none if an actor's name is not of our length.
    pub(super) fn of(automerge: &Automerge) -> Option<Self> {
        let mut steps = HashMap::new();
        for meta in automerge.get_changes_meta(&[]) {
            let step = Step {
                deps: meta.deps.iter().map(|dep| ChangeHash::from_bytes(dep.0)).collect(),
                actor: ActorId::from_slice(meta.actor.to_bytes()).ok()?,
                seq: meta.seq,
                max_op: meta.max_op,
            };
            steps.insert(ChangeHash::from_bytes(meta.hash.0), step);
        }
        Some(Self { steps })
    }

    /// This history and one change more.
    pub(super) fn and(&self, header: &Header) -> Self {
        let mut steps = self.steps.clone();
        let step =
            Step { deps: header.deps.clone(), actor: header.actor, seq: header.seq, max_op: header.start_op + header.ops - 1 };
        steps.insert(header.hash, step);
        Self { steps }
    }

    pub(super) fn has(&self, hash: &ChangeHash) -> bool {
        self.steps.contains_key(hash)
    }

    pub(super) fn last_seq(&self, actor: &ActorId) -> u64 {
        self.steps.values().filter(|step| step.actor == *actor).map(|step| step.seq).max().unwrap_or(0)
    }

    /// Whether it is all of `past`, and nothing else: then a document with this history stands where `past` ends.
    pub(super) fn is(&self, past: &Past) -> bool {
        self.steps.len() == past.changes.len() && past.changes.iter().all(|hash| self.has(hash))
    }

    /// Everything at and before `heads`, which are all known.
    pub(super) fn before(&self, heads: &[ChangeHash]) -> Past {
        let mut past = Past::default();
        let mut stack = heads.to_vec();
        while let Some(hash) = stack.pop() {
            let Some(step) = self.steps.get(&hash) else { continue };
            if past.changes.insert(hash) {
                past.max_op = past.max_op.max(step.max_op);
                let last = past.last_seq.entry(step.actor).or_default();
                *last = step.seq.max(*last);
                stack.extend(&step.deps);
            }
        }
        past
    }
}
