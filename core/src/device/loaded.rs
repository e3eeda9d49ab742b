//! The few documents that are open: loaded once, kept while they are being worked on.
//!
//! A document costs some milliseconds and some ten kilobytes to load, so lists never do and a screen does once. What a
//! sync changes is dropped here and read again.

use std::collections::VecDeque;

use crate::case::CaseState;
use crate::document::{Document, Log};
use crate::id::DocId;

/// How many cases stay open: more than anyone leafs through, a few hundred kilobytes.
const OPEN_MAX: usize = 8;

/// A case, loaded and folded.
#[derive(Debug, Clone)]
pub(super) struct OpenCase {
    pub(super) document: Document,
    pub(super) log: Log,
    pub(super) state: CaseState,
}

/// The open cases, the last used at the back.
#[derive(Debug, Default)]
pub(super) struct Loaded {
    cases: VecDeque<(DocId, OpenCase)>,
}

impl Loaded {
    /// The case, taken out; whoever takes it puts it back with [`Loaded::put`] if it is still true.
    pub(super) fn take(&mut self, id: &DocId) -> Option<OpenCase> {
        let place = self.cases.iter().position(|(known, _)| known == id)?;
        self.cases.remove(place).map(|(_, case)| case)
    }

    /// Keeps the case, and lets go of the one that was not used for longest.
    pub(super) fn put(&mut self, id: DocId, case: OpenCase) {
        self.cases.retain(|(known, _)| *known != id);
        if self.cases.len() >= OPEN_MAX {
            self.cases.pop_front();
        }
        self.cases.push_back((id, case));
    }

    /// Forgets what is no longer true.
    pub(super) fn drop_case(&mut self, id: &DocId) {
        self.cases.retain(|(known, _)| known != id);
    }
}
