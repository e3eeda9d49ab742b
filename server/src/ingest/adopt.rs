//! Taking in what a revoked device pushed, once somebody who may has decided so.
//!
//! The change enters as what it was: its author, its stamp and its bytes stay, and it is guarded and judged like any other, as it
//! would have been when it came. What is decided is on record with who decided it, in the transaction of the change itself.

use std::collections::HashMap;

use doorstep_core::id::Digest;
use doorstep_core::sync::wire::PushedChange;
use doorstep_core::time::Timestamp;
use serde_bytes::ByteBuf;

use super::facts::Facts;
use super::weigh::{self, Outcome};
use super::{ATTEMPTS, Bundled, Pusher, digest};
use crate::audit::Who;
use crate::store::{SetAside, Store, StoreError};
use crate::worker::Trials;

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Adopted {
    /// It is in its document, under this number.
    Stored(u64),
    /// It can't be: a stable code, as a push would have been answered. Nothing was decided.
    Refused(String),
}

/// Takes it in, if it may. The change is tried where `trials` says, like any other.
pub fn adopt(
    trials: &Trials,
    store: &Store,
    aside: &SetAside,
    who: &Who,
    why: &str,
    now: Timestamp,
) -> Result<Adopted, StoreError> {
    let bundles = store.aside_bundles(&aside.kept.doc)?;
    let bundles: HashMap<Digest, &[u8]> = bundles.iter().map(|bytes| (digest(bytes), bytes.as_slice())).collect();
    let pusher = Pusher { device: aside.device, person: aside.person.clone() };
    let kept = &aside.kept;
    let change = PushedChange { doc: kept.doc, kind: kept.kind, hash: kept.hash, bytes: ByteBuf::from(kept.bytes.as_slice()) };
    let bundled = Bundled { doc: kept.doc, changes: vec![(0, &change)] };
    let _held = store.hold([kept.doc]);
    for _ in 0..ATTEMPTS {
        let directory = store.directory()?;
        let facts = Facts::anew(store, &pusher, &bundled)?;
        // As it would have been judged when it came: what the clock says since is no fault of its author.
        let unfit = &super::evidence::unfit(store, &bundles)?;
        let (bundles, received) = (&bundles, aside.received_at);
        let case = weigh::Case { trials, directory: &directory, pusher: &pusher, bundles, unfit, now: received, tried: now };
        let weighed = weigh::weigh(&case, facts, &bundled)?;
        let known = match weighed.outcomes.into_iter().next().map(|(_, outcome)| outcome) {
            Some(Outcome::Accepted(_)) => None,
            Some(Outcome::Known(seq)) => Some(seq),
            Some(Outcome::Refused { code, .. }) => return Ok(Adopted::Refused(code.into_owned())),
            Some(Outcome::Wanted(_)) => return Ok(Adopted::Refused("missing_dependency".into())),
            Some(Outcome::Untried) => return Err(StoreError::Busy),
            None => return Err(StoreError::Refused("no_verdict")),
        };
        let (write, version) = (weighed.write, directory.version);
        let (n, pusher, who, why) = (aside.n, pusher.clone(), who.clone(), why.to_owned());
        let about = (kept.doc, kept.hash);
        let stored = store.write(move |tx| {
            if tx.directory_version()? != version {
                return Err(StoreError::Busy);
            }
            if tx.aside_decision(n)?.is_some() {
                return Ok(None);
            }
            let seq = match (known, &write) {
                (Some(seq), _) => seq,
                (None, Some(write)) => {
                    let seqs = tx.append(write, &pusher.device, &pusher.person, now)?.ok_or(StoreError::Busy)?;
                    seqs.first().copied().unwrap_or_default()
                }
                (None, None) => return Err(StoreError::Refused("no_verdict")),
            };
            tx.decide_aside(n, true, about, &who, &why, now)?;
            Ok(Some(seq))
        });
        match stored {
            Ok(Some(seq)) => return Ok(Adopted::Stored(seq)),
            Ok(None) => return Ok(Adopted::Refused("decided_before".into())),
            Err(StoreError::Busy) => {}
            Err(error) => return Err(error),
        }
    }
    Err(StoreError::Busy)
}
