//! What goes into one push, and what its answer settles.
//!
//! Pure, and blind to what a change is about. The outbox empties only by verdicts that name a change this push sent:
//! an answer that forgets one, invents one or contradicts itself settles nothing for it.

use std::collections::{BTreeMap, BTreeSet};

use serde_bytes::ByteBuf;

use super::wire::{PUSH_BATCH_BYTES, PUSH_CHANGES_MAX, PushAnswer, PushRequest, PushVerdict, PushedChange, VERSION, Verdict};
use crate::id::{ChangeHash, DocId, DocKind};
use crate::planted::{self, Planted};

/// What a change costs in a push beside its bytes: names of fields, ids, lengths.
const CHANGE_OVERHEAD: usize = 128;

/// An unsent change, as the outbox has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutgoingChange {
    /// Its place in the outbox; grows with every tap, so order within a document is order by it.
    pub n: u64,
    /// The document.
    pub doc: DocId,
    /// What it is.
    pub kind: DocKind,
    /// The change.
    pub hash: ChangeHash,
    /// The plain change chunk.
    pub bytes: Vec<u8>,
    /// Agreement bundles that it names; they travel in the same push.
    pub bundles: Vec<Vec<u8>>,
}

impl OutgoingChange {
    fn size(&self) -> usize {
        CHANGE_OVERHEAD + self.bytes.len() + self.bundles.iter().map(Vec::len).sum::<usize>()
    }
}

/// How much one push may carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BatchLimit {
    /// Bytes of changes and bundles.
    pub bytes: usize,
    /// Changes.
    pub changes: usize,
}

impl Default for BatchLimit {
    fn default() -> Self {
        Self { bytes: PUSH_BATCH_BYTES, changes: PUSH_CHANGES_MAX }
    }
}

/// What one push carries: the beginning of the outbox, as far as the limit goes; never empty unless
/// [`Batch::leave_out`] made it so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    changes: Vec<OutgoingChange>,
}

impl Batch {
    /// The longest beginning of `changes` (in order of `n`) within the limit, but at least one; none if there are
    /// none. A change named twice goes once.
    pub fn close(mut changes: Vec<OutgoingChange>, limit: BatchLimit) -> Option<Self> {
        changes.sort_by_key(|change| change.n);
        let mut named = BTreeSet::new();
        changes.retain(|change| named.insert((change.doc, change.hash)));
        let mut bytes = 0usize;
        let within = changes
            .iter()
            .take(limit.changes)
            .take_while(|change| {
                bytes = bytes.saturating_add(change.size());
                bytes <= limit.bytes
            })
            .count();
        changes.truncate(within.max(1));
        (!changes.is_empty()).then_some(Self { changes })
    }

    /// The changes, in the order they are sent.
    pub fn changes(&self) -> &[OutgoingChange] {
        &self.changes
    }

    /// About how many bytes it takes before compression.
    pub fn size(&self) -> usize {
        self.changes.iter().map(OutgoingChange::size).sum()
    }

    /// Place of its last change in the outbox.
    pub fn last(&self) -> u64 {
        self.changes.last().map_or(0, |change| change.n)
    }

    /// Keeps the first half; `false` if there is only one change, which can't be halved.
    pub fn halve(&mut self) -> bool {
        let half = self.changes.len() / 2;
        if half == 0 {
            return false;
        }
        self.changes.truncate(half);
        true
    }

    /// Takes out the changes that `which` says, and gives them.
    pub fn leave_out(&mut self, which: impl Fn(&OutgoingChange) -> bool) -> Vec<OutgoingChange> {
        let (out, stay) = std::mem::take(&mut self.changes).into_iter().partition(which);
        self.changes = stay;
        out
    }

    /// The request's record. A bundle that several changes name goes once.
    pub fn request(&self) -> PushRequest {
        let bundles: BTreeSet<&[u8]> =
            self.changes.iter().flat_map(|change| change.bundles.iter().map(Vec::as_slice)).collect();
        PushRequest {
            version: VERSION,
            changes: self
                .changes
                .iter()
                .map(|change| PushedChange {
                    doc: change.doc,
                    kind: change.kind,
                    hash: change.hash,
                    bytes: ByteBuf::from(change.bytes.as_slice()),
                })
                .collect(),
            bundles: bundles.into_iter().map(ByteBuf::from).collect(),
        }
    }

    /// An answer that says everything was stored; nothing, unless this fault is planted.
    pub(super) fn as_if_stored(&self, fault: Planted) -> Option<PushAnswer> {
        let stored = |one: &OutgoingChange| PushVerdict { doc: one.doc, hash: one.hash, verdict: Verdict::Stored { seq: 0 } };
        planted::is(fault).then(|| PushAnswer { verdicts: self.changes.iter().map(stored).collect() })
    }

    /// What the answer settles, in the batch's order, and the stable code of what is wrong with it, if something is.
    pub fn settle(&self, answer: PushAnswer) -> (Vec<Settled>, Option<&'static str>) {
        let mut wrong = None;
        let sent: BTreeSet<(DocId, ChangeHash)> = self.changes.iter().map(|change| (change.doc, change.hash)).collect();
        let mut verdicts = BTreeMap::new();
        let mut twice = BTreeSet::new();
        for found in answer.verdicts {
            let name = (found.doc, found.hash);
            if !sent.contains(&name) {
                wrong = Some("verdict_unknown");
            } else if verdicts.insert(name, found.verdict).is_some() {
                twice.insert(name);
            }
        }
        for name in &twice {
            verdicts.remove(name);
            wrong = Some("verdict_twice");
        }
        let mut settled = Vec::with_capacity(self.changes.len());
        for change in &self.changes {
            match verdicts.remove(&(change.doc, change.hash)) {
                Some(verdict) => settled.push(Settled { n: change.n, doc: change.doc, hash: change.hash, verdict }),
                None => wrong = wrong.or(Some("verdict_missing")),
            }
        }
        (settled, wrong)
    }
}

/// What became of one change of the outbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    /// Its place in the outbox.
    pub n: u64,
    /// The document.
    pub doc: DocId,
    /// The change.
    pub hash: ChangeHash,
    /// `Stored` and `Known`: the server has it. `SetAside`: it never will; the document is rebuilt without it.
    /// `Wanted`: it stays unsent, and those it names are to be sent before it.
    pub verdict: Verdict,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::wire::PushVerdict;
    use super::*;

    fn change(n: u64, doc: u8, bytes: usize) -> OutgoingChange {
        let mut hash = [doc; 32];
        hash[..8].copy_from_slice(&n.to_be_bytes());
        OutgoingChange {
            n,
            doc: DocId::from_bytes([doc; 16]),
            kind: DocKind::Case,
            hash: ChangeHash::from_bytes(hash),
            bytes: vec![0; bytes],
            bundles: vec![],
        }
    }

    fn verdict(change: &OutgoingChange, verdict: Verdict) -> PushVerdict {
        PushVerdict { doc: change.doc, hash: change.hash, verdict }
    }

    proptest! {
        #[test]
        fn batches_cover_the_outbox_in_order_and_within_the_limit(
            sizes in prop::collection::vec((0u8..4, 0usize..900), 1..60), bytes in 200usize..3_000, most in 1usize..9,
        ) {
            let outbox: Vec<_> = sizes.iter().zip(1..).map(|((doc, size), n)| change(n, *doc, *size)).collect();
            let mut rest = outbox.clone();
            let mut sent = Vec::new();
            while let Some(batch) = Batch::close(rest.clone(), BatchLimit { bytes, changes: most }) {
                let count = batch.changes().len();
                prop_assert!(count <= most);
                prop_assert!(count == 1 || batch.size() <= bytes);
                sent.extend_from_slice(batch.changes());
                rest.retain(|change| change.n > batch.last());
            }
            prop_assert_eq!(sent, outbox);
        }
    }

    #[test]
    fn a_bundle_named_twice_travels_once() {
        let mut one = change(1, 1, 1);
        one.bundles = vec![vec![5; 10], vec![6; 10]];
        let mut two = change(2, 1, 1);
        two.bundles = vec![vec![5; 10]];
        let batch = Batch::close(vec![one, two], BatchLimit::default()).unwrap();
        assert_eq!(batch.request().bundles.len(), 2);
    }

    #[test]
    fn only_verdicts_on_what_was_sent_settle_anything() {
        let outbox = vec![change(1, 1, 1), change(2, 1, 1), change(3, 2, 1)];
        let batch = Batch::close(outbox.clone(), BatchLimit::default()).unwrap();
        let stored = Verdict::Stored { seq: 9 };

        let fewer = PushAnswer { verdicts: vec![verdict(&outbox[2], stored.clone())] };
        let (settled, wrong) = batch.settle(fewer);
        assert_eq!(settled.iter().map(|settled| settled.n).collect::<Vec<_>>(), [3]);
        assert_eq!(wrong, Some("verdict_missing"));

        let mut answer: Vec<_> = outbox.iter().map(|change| verdict(change, stored.clone())).collect();
        answer.push(verdict(&change(7, 7, 1), stored.clone()));
        let (settled, wrong) = batch.settle(PushAnswer { verdicts: answer });
        assert_eq!((settled.len(), wrong), (3, Some("verdict_unknown")));

        let twice = PushAnswer {
            verdicts: vec![
                verdict(&outbox[0], stored.clone()),
                verdict(&outbox[1], stored.clone()),
                verdict(&outbox[1], Verdict::SetAside { code: "x".into(), about: vec![] }),
                verdict(&outbox[2], stored),
            ],
        };
        let (settled, wrong) = batch.settle(twice);
        assert_eq!(settled.iter().map(|settled| settled.n).collect::<Vec<_>>(), [1, 3], "contradicted: unsettled");
        assert_eq!(wrong, Some("verdict_twice"));
    }
}
