//! The one writer: a thread that owns the only writing connection and commits in groups.
//!
//! Whoever writes hands in a closure and waits. The writer takes everything that waits, runs each in a savepoint of one
//! transaction, and commits once: one fsync for all. An answer leaves only after that commit. A closure that fails
//! or panics is rolled back alone. It knows nothing of what the closures do.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use doorstep_core::planted::{self, Planted};
use rusqlite::Connection;

use super::StoreError;

/// Writes that may wait before the next caller is made to wait at the door: bounds memory.
const QUEUE: usize = 1024;
/// Most writes of one transaction: bounds how long the first of them waits for its answer.
const GROUP: usize = 256;

/// One piece of work for the writer.
trait Job: Send {
    /// Does it inside a savepoint; whether to keep it.
    fn run(&mut self, conn: &Connection) -> bool;
    /// Tells the caller, once the group is durable or has failed.
    fn answer(self: Box<Self>, committed: Result<(), StoreError>);
}

struct Task<F, T> {
    work: Option<F>,
    outcome: Option<Result<T, StoreError>>,
    reply: SyncSender<Result<T, StoreError>>,
}

impl<F, T> Job for Task<F, T>
where
    F: FnOnce(&Connection) -> Result<T, StoreError> + Send,
    T: Send,
{
    fn run(&mut self, conn: &Connection) -> bool {
        let Some(work) = self.work.take() else { return false };
        let outcome = catch_unwind(AssertUnwindSafe(|| work(conn))).unwrap_or(Err(StoreError::Refused("panicked")));
        let keep = outcome.is_ok();
        self.outcome = Some(outcome);
        keep
    }

    fn answer(self: Box<Self>, committed: Result<(), StoreError>) {
        let outcome = match committed {
            Ok(()) => self.outcome.unwrap_or(Err(StoreError::Closed)),
            Err(error) => Err(error),
        };
        // The caller may have gone away; what it asked for is done all the same.
        let _ = self.reply.send(outcome);
    }
}

/// The handle to the writer's thread. Dropping it finishes what waits, then closes the database.
pub(super) struct Writer {
    queue: Option<SyncSender<Box<dyn Job>>>,
    thread: Option<JoinHandle<()>>,
    commits: Arc<AtomicU64>,
}

impl Writer {
    /// Starts the thread.
    pub(super) fn start(conn: Connection) -> Result<Self, StoreError> {
        let (queue, waiting) = sync_channel(QUEUE);
        let commits = Arc::new(AtomicU64::new(0));
        let counter = Arc::clone(&commits);
        let thread = std::thread::Builder::new()
            .name("doorstep-writer".into())
            .spawn(move || serve(&conn, &waiting, &counter))
            .map_err(|error| super::open::system(&error))?;
        Ok(Self { queue: Some(queue), thread: Some(thread), commits })
    }

    /// Runs `work` in the next group and gives its result once that is durable. Blocks.
    pub(super) fn write<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    {
        let (reply, answer) = sync_channel(1);
        let queue = self.queue.as_ref().ok_or(StoreError::Closed)?;
        queue.send(Box::new(Task { work: Some(work), outcome: None, reply })).map_err(|_| StoreError::Closed)?;
        answer.recv().map_err(|_| StoreError::Closed)?
    }

    /// Transactions committed since the start.
    pub(super) fn commits(&self) -> u64 {
        self.commits.load(Ordering::Relaxed)
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.queue = None;
        if let Some(thread) = self.thread.take() {
            // A panic of the writer's loop itself was already answered with `Closed`.
            let _ = thread.join();
        }
    }
}

fn serve(conn: &Connection, waiting: &Receiver<Box<dyn Job>>, commits: &AtomicU64) {
    while let Ok(first) = waiting.recv() {
        let mut group = vec![first];
        while group.len() < GROUP {
            match waiting.try_recv() {
                Ok(next) => group.push(next),
                Err(_) => break,
            }
        }
        let committed = commit(conn, &mut group);
        if committed.is_ok() {
            commits.fetch_add(1, Ordering::Relaxed);
        } else if !conn.is_autocommit() {
            // Best effort: the next BEGIN fails loudly if this one did not work.
            let _ = conn.execute_batch("ROLLBACK");
        }
        for job in group {
            job.answer(committed.clone());
        }
    }
}

fn commit(conn: &Connection, group: &mut [Box<dyn Job>]) -> Result<(), StoreError> {
    if planted::is(Planted::AnswerBeforeCommit) && !conn.is_autocommit() {
        conn.prepare_cached("COMMIT")?.execute([])?;
    }
    conn.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
    for job in group {
        conn.prepare_cached("SAVEPOINT job")?.execute([])?;
        if !job.run(conn) {
            // A full disk may have ended the whole transaction already: then nothing of the group is kept.
            if conn.is_autocommit() {
                return Err(StoreError::Full);
            }
            conn.prepare_cached("ROLLBACK TO job")?.execute([])?;
        }
        conn.prepare_cached("RELEASE job")?.execute([])?;
    }
    if !planted::is(Planted::AnswerBeforeCommit) {
        conn.prepare_cached("COMMIT")?.execute([])?;
    }
    Ok(())
}
