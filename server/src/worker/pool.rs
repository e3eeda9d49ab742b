//! The workers from the server's side: a few processes, started when they are needed, ended and replaced when they fail.
//!
//! Everything in here blocks, with an end to every wait, and runs on threads for work, never on those that serve sockets. A
//! change over which a worker dies is tried once more in a fresh one, so that nobody's work is refused because the system
//! killed a process that happened to hold it. Nor is it refused because a worker was silent: its phone is asked to come back
//! later.

use std::collections::HashMap;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use doorstep_core::id::Digest;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::Signal;
use serde_bytes::ByteBuf;

use super::frames::{self, Answer, Ask, LENGTH_BYTES};
use super::patience::Patience;
use super::{DIED, From, Judged, Opening, TOO_SLOW, Unjudged};
use crate::config::Workers;
use crate::store::StoreError;

/// Bytes read from a worker at a time.
const READ_BYTES: usize = 16 << 10;
/// How often a change is put before a worker before it is refused.
const ATTEMPTS: usize = 2;
/// Time that a worker which has closed its pipes may take to be gone.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// What the workers have been through since the server started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Counts {
    /// Workers at once, at most.
    pub most: usize,
    /// Workers started.
    pub started: u64,
    /// Workers that died while they were asked.
    pub died: u64,
    /// Workers ended because they computed or were silent for too long.
    pub too_slow: u64,
    /// Changes refused because of either.
    pub refused: u64,
    /// Changes that were not judged, each time they came, because their device had cost as many workers as it may for now,
    /// or because no worker answered in time.
    pub untried: u64,
}

/// The workers.
pub struct Pool {
    workers: Workers,
    idle: Mutex<Idle>,
    freed: Condvar,
    started: AtomicU64,
    died: AtomicU64,
    too_slow: AtomicU64,
    refused: AtomicU64,
    patience: Patience,
}

#[derive(Default)]
struct Idle {
    free: Vec<Worker>,
    /// Workers that there are, free or not.
    alive: usize,
}

/// How a worker failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    Died,
    /// It computed until its processor time was up.
    TooSlow,
    /// It did not answer in time, whatever it did: as well a busy or paused machine as a worker that hangs.
    Hung,
}

impl Pool {
    /// No worker runs yet.
    pub fn new(workers: Workers) -> Self {
        let zero = AtomicU64::default;
        Self {
            workers,
            idle: Mutex::default(),
            freed: Condvar::new(),
            started: zero(),
            died: zero(),
            too_slow: zero(),
            refused: zero(),
            patience: Patience::default(),
        }
    }

    /// What they have been through.
    pub fn counts(&self) -> Counts {
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Counts {
            most: self.workers.count.max(1),
            started: count(&self.started),
            died: count(&self.died),
            too_slow: count(&self.too_slow),
            refused: count(&self.refused),
            untried: self.patience.untried(),
        }
    }

    /// The process ids of the workers that wait for work: for whoever watches their memory.
    pub fn idle(&self) -> Vec<u32> {
        self.locked().free.iter().map(|worker| worker.process.id()).collect()
    }

    /// Starts a worker and waits until it answers: an operator learns at the start that there can be none.
    pub fn check(&self) -> io::Result<()> {
        let mut worker = self.start()?;
        let answered = worker.ask(&Ask::Save, self.workers.answer_max).map_err(|_| io::ErrorKind::BrokenPipe);
        let mut idle = self.locked();
        answered?;
        idle.alive += 1;
        idle.free.push(worker);
        Ok(())
    }

    fn locked(&self) -> std::sync::MutexGuard<'_, Idle> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn start(&self) -> io::Result<Worker> {
        self.started.fetch_add(1, Ordering::Relaxed);
        Worker::start(&self.workers)
    }

    /// A worker for one document; waits for one that is free. `fresh`: one that nothing has been asked yet.
    fn take(&self, fresh: bool) -> io::Result<Worker> {
        let mut idle = self.locked();
        loop {
            match idle.free.pop() {
                Some(worker) if !fresh => return Ok(worker),
                Some(old) => {
                    drop(old);
                    idle.alive -= 1;
                }
                None if idle.alive < self.workers.count.max(1) => break,
                None => idle = self.freed.wait(idle).unwrap_or_else(PoisonError::into_inner),
            }
        }
        idle.alive += 1;
        drop(idle);
        let started = self.start();
        if started.is_err() {
            self.gone();
        }
        started
    }

    fn give_back(&self, worker: Worker) {
        self.locked().free.push(worker);
        self.freed.notify_one();
    }

    fn gone(&self) {
        self.locked().alive -= 1;
        self.freed.notify_one();
    }

    /// Counts a worker that failed, and at whose expense; ends it, and says how.
    fn bury(&self, mut worker: Worker, failed: &io::Error, from: From) -> Fault {
        let fault = worker.end(failed.kind() == io::ErrorKind::TimedOut);
        drop(worker);
        self.gone();
        let counter = if fault == Fault::Died { &self.died } else { &self.too_slow };
        counter.fetch_add(1, Ordering::Relaxed);
        self.patience.strike(&from.device, from.now);
        fault
    }

    /// A document's place; a worker is taken for it when the first change is judged.
    pub(super) fn seat(&self, opening: Opening, from: From) -> Seat<'_> {
        Seat { pool: self, opening, from, worker: None, unopenable: None }
    }
}

/// One document, before one worker.
pub(crate) struct Seat<'p> {
    pool: &'p Pool,
    /// The document as it stands: its file grows by every change that is let in, so that another worker can go on.
    opening: Opening,
    from: From,
    worker: Option<Worker>,
    /// Workers die over the document itself.
    unopenable: Option<&'static str>,
}

impl Seat<'_> {
    pub(super) fn judge(&mut self, change: &[u8], bundles: &HashMap<Digest, &[u8]>) -> Result<Judged, Unjudged> {
        if let Some(code) = self.unopenable {
            return Ok(Judged::refused(code));
        }
        if self.pool.patience.is_spent(&self.from.device, self.from.now) {
            return Err(Unjudged::NotNow);
        }
        let mut given: Vec<(Digest, ByteBuf)> = Vec::new();
        let mut may_ask = true;
        loop {
            let ask = Ask::Change { bytes: ByteBuf::from(change), bundles: given.clone(), may_ask };
            let judged = match self.ask(&ask).map_err(Unjudged::Failed)? {
                Ok(Answer::Judged(judged)) => judged,
                Ok(_) => return Err(Unjudged::Failed(StoreError::Busy)),
                // Judging only computes, and for that there is a limit of its own: the machine is busy or was paused.
                Err(Fault::Hung) => {
                    self.pool.patience.let_be();
                    return Err(Unjudged::NotNow);
                }
                Err(fault) => return Ok(self.refuse(fault)),
            };
            match judged {
                Judged::Lacks(lacking) if may_ask => {
                    may_ask = false;
                    let came = |digest: Digest| bundles.get(&digest).map(|bytes| (digest, ByteBuf::from(*bytes)));
                    given = lacking.into_iter().filter_map(came).collect();
                }
                judged => {
                    if let Judged::Accepted { bundles, .. } = &judged {
                        self.opening.file.get_or_insert_default().extend_from_slice(change);
                        self.opening.bundles.extend(bundles);
                    }
                    return Ok(judged);
                }
            }
        }
    }

    pub(super) fn save(&mut self) -> Option<Vec<u8>> {
        // A whole save is for later readers' sake; the next push of the document makes it as well.
        if self.pool.patience.is_spent(&self.from.device, self.from.now) {
            return None;
        }
        match self.ask(&Ask::Save) {
            Ok(Ok(Answer::Saved(saved))) => saved.map(ByteBuf::into_vec),
            _ => None,
        }
    }

    fn refuse(&self, fault: Fault) -> Judged {
        self.pool.refused.fetch_add(1, Ordering::Relaxed);
        let code = fault.code();
        tracing::warn!(doc = %self.opening.doc, code, "a change is set aside because the guard's workers failed over it");
        Judged::refused(code)
    }

    /// Asks the worker that has the document open; if it fails, a fresh one.
    fn ask(&mut self, ask: &Ask) -> Result<Result<Answer, Fault>, StoreError> {
        let mut fault = Fault::Died;
        for attempt in 0..ATTEMPTS {
            let mut worker = match self.worker.take() {
                Some(worker) => worker,
                None => match self.opened(attempt > 0)? {
                    Ok(worker) => worker,
                    Err(opening) => {
                        fault = opening;
                        if attempt + 1 == ATTEMPTS && fault != Fault::Hung {
                            self.unopenable = Some(fault.code());
                        }
                        continue;
                    }
                },
            };
            match worker.ask(ask, self.pool.workers.answer_max) {
                Ok(answer) => {
                    self.worker = Some(worker);
                    return Ok(Ok(answer));
                }
                Err(failed) => fault = self.pool.bury(worker, &failed, self.from),
            }
            // One that computed until its time was up would do so again.
            if fault == Fault::TooSlow {
                break;
            }
        }
        Ok(Err(fault))
    }

    /// A worker with the document open.
    fn opened(&self, fresh: bool) -> Result<Result<Worker, Fault>, StoreError> {
        let taken = self.pool.take(fresh).map_err(|cause| {
            tracing::error!(%cause, "no guard worker can be started: phones are asked to come back later");
            StoreError::Busy
        });
        let mut worker = taken?;
        let opening = &self.opening;
        let open = Ask::Open {
            person: opening.person.clone(),
            now: opening.now,
            doc: opening.doc,
            kind: opening.kind,
            file: opening.file.as_deref().map(ByteBuf::from),
            bundles: opening.bundles.iter().copied().collect(),
            keys: opening.keys.iter().copied().collect(),
            unfit: opening.unfit.iter().map(|(digest, code)| (*digest, code.clone())).collect(),
        };
        let limit = self.pool.workers.answer_max;
        match worker.learn(opening, limit).and_then(|()| worker.ask(&open, limit)) {
            Ok(_) => Ok(Ok(worker)),
            Err(failed) => Ok(Err(self.pool.bury(worker, &failed, self.from))),
        }
    }
}

impl Drop for Seat<'_> {
    fn drop(&mut self) {
        if let Some(worker) = self.worker.take() {
            self.pool.give_back(worker);
        }
    }
}

impl Fault {
    const fn code(self) -> &'static str {
        match self {
            Self::Died => DIED,
            Self::TooSlow | Self::Hung => TOO_SLOW,
        }
    }
}

/// A process, and the pipes to it.
struct Worker {
    process: Child,
    questions: ChildStdin,
    answers: ChildStdout,
    /// The directory's version it was told.
    directory: Option<u64>,
}

impl Worker {
    fn start(workers: &Workers) -> io::Result<Self> {
        // Nothing of the server's: no environment, no place, no way to say anything but answers.
        let mut process = Command::new(&workers.program)
            .args(&workers.arguments)
            .env_clear()
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let pipes = process.stdin.take().zip(process.stdout.take());
        let Some((questions, answers)) = pipes else { return Err(io::ErrorKind::BrokenPipe.into()) };
        rustix::io::ioctl_fionbio(&questions, true)?;
        rustix::io::ioctl_fionbio(&answers, true)?;
        Ok(Self { process, questions, answers, directory: None })
    }

    /// Tells it the directory, if it knows another.
    fn learn(&mut self, opening: &Opening, limit: Duration) -> io::Result<()> {
        let version = opening.directory.version;
        if self.directory == Some(version) {
            return Ok(());
        }
        let bytes = minicbor_serde::to_vec(&*opening.directory).map_err(|_| io::ErrorKind::InvalidData)?;
        self.say(&frames::framed(&Ask::Directory { bytes: ByteBuf::from(bytes) })?, Instant::now() + limit)?;
        self.directory = Some(version);
        Ok(())
    }

    /// A question and its answer.
    fn ask(&mut self, ask: &Ask, limit: Duration) -> io::Result<Answer> {
        let end = Instant::now() + limit;
        self.say(&frames::framed(ask)?, end)?;
        self.hear(end)
    }

    fn say(&mut self, mut bytes: &[u8], end: Instant) -> io::Result<()> {
        while !bytes.is_empty() {
            match self.questions.write(bytes) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(n) => bytes = bytes.get(n..).unwrap_or_default(),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => wait(self.questions.as_fd(), PollFlags::OUT, end)?,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn hear(&mut self, end: Instant) -> io::Result<Answer> {
        let mut heard: Vec<u8> = Vec::new();
        let mut buffer = [0; READ_BYTES];
        loop {
            if let Some((head, body)) = heard.split_first_chunk::<LENGTH_BYTES>() {
                let length = frames::length(*head)?;
                if body.len() >= length {
                    return frames::record(body.get(..length).unwrap_or_default());
                }
            }
            wait(self.answers.as_fd(), PollFlags::IN, end)?;
            match self.answers.read(&mut buffer) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(n) => heard.extend_from_slice(buffer.get(..n).unwrap_or_default()),
                Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Ends it, and says how it failed: by itself, or by not answering.
    fn end(&mut self, timed_out: bool) -> Fault {
        if timed_out {
            let _ = self.process.kill();
            let _ = self.process.wait();
            return Fault::Hung;
        }
        // It closed its pipes, so it is about to end by itself; the signal says why.
        let patience = Instant::now() + LAST_WORDS;
        while Instant::now() < patience {
            match self.process.try_wait() {
                Ok(Some(status)) if status.signal() == Some(Signal::XCPU.as_raw()) => return Fault::TooSlow,
                Ok(None) => std::thread::sleep(Duration::from_millis(1)),
                Ok(Some(_)) | Err(_) => return Fault::Died,
            }
        }
        Fault::Died
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Waits until the pipe is ready, at most until `end`.
fn wait(pipe: BorrowedFd<'_>, flags: PollFlags, end: Instant) -> io::Result<()> {
    let left = end.saturating_duration_since(Instant::now());
    if left.is_zero() {
        return Err(io::ErrorKind::TimedOut.into());
    }
    let left = Timespec::try_from(left).map_err(|_| io::ErrorKind::InvalidInput)?;
    match poll(&mut [PollFd::from_borrowed_fd(pipe, flags)], Some(&left)) {
        Ok(_) | Err(rustix::io::Errno::INTR) => Ok(()),
        Err(error) => Err(error.into()),
    }
}
