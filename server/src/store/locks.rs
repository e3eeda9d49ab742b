//! Who is judging which document: two pushes to one document wait for each other, all others don't.
//!
//! Only a courtesy to work: what is stored is checked again inside the transaction.

use std::collections::HashSet;
use std::sync::{Condvar, Mutex, PoisonError};

use doorstep_core::id::DocId;

/// The documents that are held now.
#[derive(Default)]
pub(super) struct DocLocks {
    held: Mutex<HashSet<DocId>>,
    released: Condvar,
}

/// Holds some documents until dropped.
pub(crate) struct Held<'l> {
    locks: &'l DocLocks,
    docs: Vec<DocId>,
}

impl DocLocks {
    /// Waits until none of these is held, then holds all of them: all or none, so nobody waits in a circle.
    pub(super) fn hold(&self, docs: impl IntoIterator<Item = DocId>) -> Held<'_> {
        let docs: Vec<DocId> = docs.into_iter().collect();
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        while docs.iter().any(|doc| held.contains(doc)) {
            held = self.released.wait(held).unwrap_or_else(PoisonError::into_inner);
        }
        held.extend(docs.iter().copied());
        Held { locks: self, docs }
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        let mut held = self.locks.held.lock().unwrap_or_else(PoisonError::into_inner);
        for doc in &self.docs {
            held.remove(doc);
        }
        drop(held);
        self.locks.released.notify_all();
    }
}
