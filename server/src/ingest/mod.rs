//! What phones push: judged change by change, stored in groups, answered with a verdict each.
//!
//! The order of questions is that of the design (`sync.md`, the guard's five steps): known → readable → whose actor →
//! dependencies → fits the document → allowed and sensible → one transaction. Judging happens outside the write transaction
//! on facts gathered before it (`facts.rs`, `weigh.rs`); inside, only a check that the facts still hold, and the rows.
//! No HTTP here, no SQL, and no rule of the work: those are the core's `document::guard` and `review`, asked by a worker.

mod adopt;
pub(crate) mod evidence;
mod expire;
mod facts;
pub(crate) mod kind;
mod possession;
mod readable;
mod renew;
mod stamp;
mod weigh;

use std::collections::{HashMap, HashSet};
use std::panic::catch_unwind;
use std::sync::Arc;

use doorstep_core::directory::Directory;
use doorstep_core::id::{DeviceId, Digest, DocId, PersonId};
use doorstep_core::planted::{self, Planted};
use doorstep_core::sync::wire::{PushAnswer, PushRequest, PushVerdict, PushedChange, Verdict};
use doorstep_core::time::Timestamp;
use sha2::{Digest as _, Sha256};

pub use adopt::{Adopted, adopt};
pub use expire::expire;
pub use possession::record_possession;
pub use readable::{Readable, Reviewer, readable};
pub use renew::renew_rows;
pub(crate) use stamp::{agreement_file, stamp};

use crate::store::{DocWrite, Kept, Store, StoreError};
use crate::worker::Trials;
use facts::Facts;
use weigh::{Outcome, Weighed};

/// Most documents judged and stored together: bounds what is held in memory, and how long others wait for them.
const BATCH_DOCUMENTS: usize = 64;
/// Bytes of changes after which a batch is closed, for the same reasons.
const BATCH_BYTES: usize = 1 << 20;
/// How often a batch is judged anew because the directory or a document changed under it, before the phone is asked
/// to come again later.
const ATTEMPTS: usize = 4;

/// Who pushes: the device that signed the request, and the person it acts for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pusher {
    /// The device.
    pub device: DeviceId,
    /// The person.
    pub person: PersonId,
}

/// Judges and stores a push. Blocks until everything said to be stored is durable. What a revoked device pushes is kept
/// aside, like everything else that is refused. An error means that nobody can say what of it was stored: the phone
/// repeats the push, which is harmless.
///
/// Changes are tried in this process; a server that is open to strangers uses [`push_through`].
pub fn push(store: &Store, pusher: &Pusher, request: &PushRequest, now: Timestamp) -> Result<PushAnswer, StoreError> {
    push_through(&Trials::Here, store, pusher, request, now)
}

/// The same, with the changes tried where `trials` says.
pub fn push_through(
    trials: &Trials,
    store: &Store,
    pusher: &Pusher,
    request: &PushRequest,
    now: Timestamp,
) -> Result<PushAnswer, StoreError> {
    let bundles: HashMap<Digest, &[u8]> = request.bundles.iter().map(|bytes| (digest(bytes), bytes.as_slice())).collect();
    let ingest = Ingest { trials, store, pusher, bundles, now };
    let mut verdicts: Vec<Option<Verdict>> = vec![None; request.changes.len()];
    for batch in batches(&request.changes) {
        let (changes, mut said) = (batch.iter().map(|doc| doc.changes.len()).sum(), 0_usize);
        for (place, verdict) in ingest.batch(&batch)? {
            said += 1;
            if let Some(slot) = verdicts.get_mut(place) {
                *slot = Some(verdict);
            }
        }
        // The device has cost as many workers as it may. What was said is durable and said again when it all comes again,
        // later; what killed them is known then and costs none.
        if said < changes {
            return Err(StoreError::Busy);
        }
    }
    if planted::is(Planted::VerdictForTheWrongHash) {
        let by = usize::from(!verdicts.is_empty());
        verdicts.rotate_left(by);
    }
    let verdicts = request.changes.iter().zip(verdicts).map(|(change, verdict)| {
        let verdict = verdict.ok_or(StoreError::Refused("no_verdict"))?;
        Ok(PushVerdict { doc: change.doc, hash: change.hash, verdict })
    });
    Ok(PushAnswer { verdicts: verdicts.collect::<Result<_, StoreError>>()? })
}

pub(crate) fn digest(bytes: &[u8]) -> Digest {
    Digest::from_bytes(Sha256::digest(bytes).into())
}

/// A change and its place in the push.
type Placed<'r> = (usize, &'r PushedChange);

/// The changes of one document, in the push's order.
#[derive(Clone)]
struct Bundled<'r> {
    doc: DocId,
    changes: Vec<Placed<'r>>,
}

/// Groups a push by document, documents in the order of their first change, and cuts it into batches.
fn batches(changes: &[PushedChange]) -> Vec<Vec<Bundled<'_>>> {
    let mut docs: Vec<Bundled<'_>> = Vec::new();
    let mut places: HashMap<DocId, usize> = HashMap::new();
    for (place, change) in changes.iter().enumerate() {
        let at = *places.entry(change.doc).or_insert_with(|| {
            docs.push(Bundled { doc: change.doc, changes: Vec::new() });
            docs.len() - 1
        });
        docs[at].changes.push((place, change));
    }
    let mut batches: Vec<Vec<Bundled<'_>>> = Vec::new();
    let mut bytes = usize::MAX;
    for doc in docs {
        let size: usize = doc.changes.iter().map(|(_, change)| change.bytes.len()).sum();
        match batches.last_mut() {
            Some(batch) if batch.len() < BATCH_DOCUMENTS && bytes.saturating_add(size) <= BATCH_BYTES => {
                bytes += size;
                batch.push(doc);
            }
            _ => {
                bytes = size;
                batches.push(vec![doc]);
            }
        }
    }
    batches
}

struct Ingest<'r> {
    trials: &'r Trials,
    store: &'r Store,
    pusher: &'r Pusher,
    bundles: HashMap<Digest, &'r [u8]>,
    now: Timestamp,
}

impl Ingest<'_> {
    /// Judges and stores a batch. If its rows break a rule of the database, each change is tried alone, so that the one
    /// at fault is found and set aside and the others get through.
    fn batch(&self, batch: &[Bundled<'_>]) -> Result<Vec<(usize, Verdict)>, StoreError> {
        let held = self.store.hold(batch.iter().map(|doc| doc.doc));
        let done = self.attempt(batch);
        drop(held);
        let singles: Vec<Bundled<'_>> = batch
            .iter()
            .flat_map(|doc| doc.changes.iter().map(|change| Bundled { doc: doc.doc, changes: vec![*change] }))
            .collect();
        match (done, singles.as_slice()) {
            (Err(StoreError::Refused(_)), [Bundled { doc, changes }]) => {
                let _held = self.store.hold([*doc]);
                changes.iter().map(|placed| self.keep_unstorable(*placed)).collect()
            }
            (Err(StoreError::Refused(_)), _) => {
                let mut verdicts = Vec::new();
                for single in singles {
                    verdicts.extend(self.batch(&[single])?);
                }
                Ok(verdicts)
            }
            (done, _) => done,
        }
    }

    fn attempt(&self, batch: &[Bundled<'_>]) -> Result<Vec<(usize, Verdict)>, StoreError> {
        for _ in 0..ATTEMPTS {
            let directory = self.store.directory()?;
            let weighed = batch.iter().map(|doc| self.weigh(&directory, doc)).collect::<Result<Vec<_>, _>>()?;
            if let Some(seqs) = self.commit(&directory, &weighed)? {
                return Ok(verdicts(weighed, &seqs));
            }
        }
        Err(StoreError::Busy)
    }

    fn weigh(&self, directory: &Arc<Directory>, bundled: &Bundled<'_>) -> Result<Weighed, StoreError> {
        let facts = Facts::gather(self.store, self.pusher, bundled)?;
        let (trials, pusher, bundles) = (self.trials, self.pusher, &self.bundles);
        let unfit = &evidence::unfit(self.store, bundles)?;
        weigh::weigh(&weigh::Case { trials, directory, pusher, bundles, unfit, now: self.now, tried: self.now }, facts, bundled)
    }

    /// Stores what was weighed, all of it in one transaction: the sequence numbers, document by document. Nothing if what
    /// it was judged by no longer holds.
    fn commit(&self, directory: &Directory, weighed: &[Weighed]) -> Result<Option<Vec<Vec<u64>>>, StoreError> {
        if weighed.iter().all(|doc| doc.write.is_none() && doc.kept.is_empty()) {
            return Ok(Some(vec![Vec::new(); weighed.len()]));
        }
        let work: Vec<(Option<DocWrite>, Vec<Kept>)> =
            weighed.iter().map(|doc| (doc.write.clone(), doc.kept.clone())).collect();
        let (pusher, now, version) = (self.pusher.clone(), self.now, directory.version);
        let trusted = weighed.iter().all(|doc| doc.trusted);
        // Agreements that come with what is kept aside: with them it can still be taken in.
        let docs: HashSet<DocId> = work.iter().flat_map(|(_, kept)| kept.iter().map(|kept| kept.doc)).collect();
        let bundles = if trusted { Vec::new() } else { self.bundles_of(&docs) };
        let stored = self.store.write(move |tx| {
            let still_trusted = facts::trusted(tx, &pusher)?;
            if tx.directory_version()? != version || still_trusted != trusted {
                return Err(StoreError::Busy);
            }
            let mut seqs = Vec::with_capacity(work.len());
            for (write, kept) in &work {
                seqs.push(match write {
                    Some(write) => tx.append(write, &pusher.device, &pusher.person, now)?.ok_or(StoreError::Busy)?,
                    None => Vec::new(),
                });
                for kept in kept.iter().filter(|_| !planted::is(Planted::QuarantineDropped)) {
                    tx.set_aside(kept, &pusher.device, &pusher.person, now)?;
                }
            }
            for (doc, digest, bytes) in &bundles {
                tx.keep_bundle_aside(doc, digest, bytes)?;
            }
            Ok(seqs)
        });
        match stored {
            Ok(seqs) => Ok(Some(seqs)),
            Err(StoreError::Busy) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The push's agreements that say they are of one of these documents.
    fn bundles_of(&self, docs: &HashSet<DocId>) -> Vec<(DocId, Digest, Vec<u8>)> {
        let of = |bytes: &[u8]| catch_unwind(|| evidence::case_of(bytes)).ok().flatten().filter(|doc| docs.contains(doc));
        self.bundles.iter().filter_map(|(digest, bytes)| Some((of(bytes)?, *digest, bytes.to_vec()))).collect()
    }

    /// The last resort for a change that nothing is wrong with and that still cannot be stored.
    fn keep_unstorable(&self, (place, change): Placed<'_>) -> Result<(usize, Verdict), StoreError> {
        let kept = weigh::kept(change, "not_storable", Vec::new());
        let pusher = self.pusher.clone();
        let now = self.now;
        self.store.write(move |tx| tx.set_aside(&kept, &pusher.device, &pusher.person, now))?;
        Ok((place, Verdict::SetAside { code: "not_storable".into(), about: Vec::new() }))
    }
}

/// A verdict for each change but those that nobody tried.
fn verdicts(weighed: Vec<Weighed>, seqs: &[Vec<u64>]) -> Vec<(usize, Verdict)> {
    let mut all = Vec::new();
    for (doc, seqs) in weighed.into_iter().zip(seqs) {
        for (place, outcome) in doc.outcomes {
            let verdict = match outcome {
                Outcome::Known(seq) => Verdict::Known { seq },
                Outcome::Accepted(index) => Verdict::Stored { seq: seqs.get(index).copied().unwrap_or(0) },
                Outcome::Refused { code, about } => Verdict::SetAside { code: code.into_owned(), about },
                Outcome::Wanted(hashes) => Verdict::Wanted { hashes },
                Outcome::Untried => continue,
            };
            all.push((place, verdict));
        }
    }
    all
}

#[cfg(test)]
mod tests;
