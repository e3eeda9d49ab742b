//! A few reading connections, opened when first needed, lent for one short transaction each.

use std::path::PathBuf;
use std::sync::{Condvar, Mutex, PoisonError};

use rusqlite::Connection;

use super::{StoreError, open};

/// Most connections: readers are short, and each costs a page cache.
const READERS: usize = 4;

/// The pool.
pub(super) struct Readers {
    path: PathBuf,
    idle: Mutex<Idle>,
    returned: Condvar,
}

struct Idle {
    connections: Vec<Connection>,
    lent: usize,
}

/// A borrowed connection; goes back when dropped, panics included.
struct Lent<'p> {
    pool: &'p Readers,
    connection: Option<Connection>,
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        let mut idle = self.pool.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.lent -= 1;
        idle.connections.extend(self.connection.take());
        drop(idle);
        self.pool.returned.notify_one();
    }
}

impl Readers {
    /// A pool over this file; opens nothing yet.
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path, idle: Mutex::new(Idle { connections: Vec::new(), lent: 0 }), returned: Condvar::new() }
    }

    /// Runs `work` in one read transaction: it sees one state of the database from its first read to its last.
    pub(super) fn read<T>(&self, work: impl FnOnce(&Connection) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        while idle.lent >= READERS {
            idle = self.returned.wait(idle).unwrap_or_else(PoisonError::into_inner);
        }
        idle.lent += 1;
        let mut lent = Lent { pool: self, connection: idle.connections.pop() };
        drop(idle);
        if lent.connection.is_none() {
            lent.connection = Some(open::reader(&self.path)?);
        }
        let conn = lent.connection.as_ref().ok_or(StoreError::Closed)?;
        // Dropped without commit: it only reads.
        let tx = conn.unchecked_transaction()?;
        work(&tx)
    }
}
