//! Word of which documents changed, for whoever shows them: a tap's own and those that a pull brought or took away.
//!
//! It is given once the change is durable and under the desk's lock, so whoever watches only notes it and returns; what a
//! screen does about it, it does elsewhere. Nothing here knows who listens.

use std::sync::Arc;

use super::{Desk, Device};
use crate::id::DocId;

/// Notes that a document changed, came or went. It must neither wait nor call the device.
pub type Watch = Arc<dyn Fn(DocId) + Send + Sync>;

impl Device {
    /// From now on `watch` is told of every document that changes here; one watch at a time, the last one given.
    pub fn watch(&self, watch: Watch) {
        self.desk().watch = Some(watch);
    }
}

impl Desk {
    /// A document changed, durably.
    pub(super) fn changed(&self, doc: DocId) {
        if let Some(watch) = &self.watch {
            watch(doc);
        }
    }
}
