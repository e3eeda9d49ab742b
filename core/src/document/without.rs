//! A document as it would be without some of its changes and everything that builds on them.

use std::collections::BTreeSet;

use automerge::Automerge;

use super::{Document, DocumentError, shielded};
use crate::id::ChangeHash;

impl Document {
    /// This document without `gone` and without whatever builds on it; none if nothing is left.
    pub fn without(&self, gone: &[ChangeHash]) -> Result<Option<Self>, DocumentError> {
        shielded(|| {
            let mut out: BTreeSet<ChangeHash> = gone.iter().copied().collect();
            let mut rest = Automerge::new();
            let mut kept = Vec::new();
            // Changes come in an order in which each follows what it builds on.
            for change in self.automerge.get_changes(&[]) {
                let hash = ChangeHash::from_bytes(change.hash().0);
                let builds_on_gone = change.deps().iter().any(|dep| out.contains(&ChangeHash::from_bytes(dep.0)));
                if builds_on_gone || out.contains(&hash) {
                    out.insert(hash);
                } else {
                    kept.push(change);
                }
            }
            if kept.is_empty() {
                return Ok(None);
            }
            rest.apply_changes(kept).map_err(|_| DocumentError::Unloadable)?;
            Self::of(rest).map(Some)
        })
    }
}
