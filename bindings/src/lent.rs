//! The host's own code, called so that it can neither hang the device nor throw into it.
//!
//! Each call is made on a thread that waits for such calls, and its answer is awaited only so long: whoever hangs keeps that one
//! thread until it comes back. So many at most may hang at a time; then the next call fails at once. Nothing here knows what is
//! asked.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::sentences::{HOST_FAILED, HOST_TIMEOUT};
use crate::work::{Stop, locked};

/// For a whole answer of the host's HTTP client: five minutes bring a first sync's largest answer over a poor link.
pub(crate) const ANSWER_WITHIN: Duration = Duration::from_mins(5);
/// For a signature or a secret: a minute for a person to find the sensor and put a finger on it.
pub(crate) const SECRET_WITHIN: Duration = Duration::from_mins(1);
/// For the time of day: nobody is asked for it.
pub(crate) const TIME_WITHIN: Duration = Duration::from_secs(2);
/// Calls of one object that may hang at a time, each on a thread that only the host can give back: the retries of one sync.
const HUNG_MAX: usize = 4;
/// How often who waits looks whether it was called off, milliseconds: a person does not notice so much.
const LOOK_MS: u64 = 50;

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// It threw, or answered what cannot be.
    Failed,
    /// It did not come back in time.
    Hung,
    /// It was called off meanwhile.
    Stopped,
}

impl Trouble {
    /// Its permanent code.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::Failed => HOST_FAILED,
            Self::Hung | Self::Stopped => HOST_TIMEOUT,
        }
    }
}

type Job = Box<dyn FnOnce() + Send>;

/// The threads on which one object of the host's is called.
#[derive(Default)]
struct Threads {
    /// Those that wait for a call.
    idle: Vec<Sender<Job>>,
    /// Calls that nobody waits for any more and that have not come back.
    hung: usize,
}

/// An object of the host's.
pub(crate) struct Lent<T: ?Sized> {
    object: Arc<T>,
    within: Duration,
    threads: Arc<Mutex<Threads>>,
}

impl<T: ?Sized + Send + Sync + 'static> Lent<T> {
    /// Waits `within` for each answer.
    pub(crate) fn new(object: Arc<T>, within: Duration) -> Self {
        Self { object, within, threads: Arc::default() }
    }

    /// Asks the object and gives what it answered.
    pub(crate) fn ask<A, Q>(&self, stop: Option<&Stop>, question: Q) -> Result<A, Trouble>
    where
        A: Send + 'static,
        Q: FnOnce(&T) -> A + Send + 'static,
    {
        if locked(&self.threads).hung >= HUNG_MAX {
            return Err(Trouble::Hung);
        }
        let (answers, answer) = mpsc::channel();
        let object = Arc::clone(&self.object);
        let given_up = Arc::new(Mutex::new(false));
        let (theirs, threads) = (Arc::clone(&given_up), Arc::downgrade(&self.threads));
        begin(
            &self.threads,
            Box::new(move || {
                let answered = question(&object);
                // Before the answer: a host that closes its device next finds its object let go of.
                drop(object);
                // Held until the answer is on its way: who gives up looks behind the same lock whether it came.
                let given_up = locked(&theirs);
                if !*given_up {
                    let _ = answers.send(answered);
                } else if let Some(threads) = threads.upgrade() {
                    let mut threads = locked(&threads);
                    threads.hung = threads.hung.saturating_sub(1);
                }
            }),
        )?;
        let trouble = match wait(&answer, self.within, stop) {
            Ok(answered) => return Ok(answered),
            Err(Trouble::Failed) => return Err(Trouble::Failed),
            Err(trouble) => trouble,
        };
        let mut gives_up = locked(&given_up);
        // It may have come back meanwhile.
        if let Ok(answered) = answer.try_recv() {
            return Ok(answered);
        }
        *gives_up = true;
        locked(&self.threads).hung += 1;
        Err(trouble)
    }
}

/// Waits for an answer, until it was called off or took too long.
fn wait<A>(answer: &Receiver<A>, within: Duration, stop: Option<&Stop>) -> Result<A, Trouble> {
    let until = Instant::now() + within;
    loop {
        let left = until.saturating_duration_since(Instant::now());
        match answer.recv_timeout(left.min(Duration::from_millis(LOOK_MS))) {
            Ok(answered) => return Ok(answered),
            // The thread is gone: the border threw what it must not.
            Err(RecvTimeoutError::Disconnected) => return Err(Trouble::Failed),
            Err(RecvTimeoutError::Timeout) if stop.is_some_and(Stop::is_set) => return Err(Trouble::Stopped),
            Err(RecvTimeoutError::Timeout) if left.is_zero() => return Err(Trouble::Hung),
            Err(RecvTimeoutError::Timeout) => {}
        }
    }
}

/// Hands a call to a thread that waits, or to a new one.
fn begin(threads: &Arc<Mutex<Threads>>, mut job: Job) -> Result<(), Trouble> {
    loop {
        let Some(idle) = locked(threads).idle.pop() else { break };
        match idle.send(job) {
            Ok(()) => return Ok(()),
            Err(mpsc::SendError(back)) => job = back,
        }
    }
    let home = Arc::downgrade(threads);
    let body = move || {
        let mut next = Some(job);
        while let Some(job) = next {
            if catch_unwind(AssertUnwindSafe(job)).is_err() {
                return;
            }
            // Only who lent the object holds the other end: once they let go of it, nothing more is asked.
            let (jobs, waits) = mpsc::channel::<Job>();
            let Some(threads) = home.upgrade() else { return };
            locked(&threads).idle.push(jobs);
            drop(threads);
            next = waits.recv().ok();
        }
    };
    let begun = std::thread::Builder::new().name("doorstep-host".into()).spawn(body);
    begun.map(drop).map_err(|_| Trouble::Failed)
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;

    use super::*;

    const SOON: Duration = Duration::from_millis(30);

    #[test]
    fn answers_come_back_and_a_panic_is_a_failure_of_one_call() {
        let lent = Lent::new(Arc::new(20), ANSWER_WITHIN);
        assert_eq!(lent.ask(None, |n| n + 1), Ok(21));
        assert_eq!(lent.ask::<i32, _>(None, |_| panic!("planted")), Err(Trouble::Failed));
        assert_eq!(lent.ask(None, |n| n + 2), Ok(22));
    }

    #[test]
    fn who_hangs_is_waited_for_only_so_long_and_too_many_of_them_not_at_all() {
        let gate = Arc::new(Barrier::new(HUNG_MAX + 1));
        let lent = Lent::new(Arc::clone(&gate), SOON);
        for _ in 0..HUNG_MAX {
            assert_eq!(
                lent.ask(None, |gate| {
                    gate.wait();
                }),
                Err(Trouble::Hung)
            );
        }
        assert_eq!(lent.ask(None, |_| ()), Err(Trouble::Hung), "no thread is given to one more");
        gate.wait();
        // They come back one by one, and each makes room.
        let until = Instant::now() + ANSWER_WITHIN;
        while lent.ask(None, |_| ()) != Ok(()) {
            assert!(Instant::now() < until, "nobody came back");
        }
    }

    #[test]
    fn who_is_called_off_waits_no_longer() {
        let gate = Arc::new(Barrier::new(2));
        let lent = Lent::new(Arc::clone(&gate), ANSWER_WITHIN);
        let stop = Stop::default();
        stop.set();
        assert_eq!(
            lent.ask(Some(&stop), |gate| {
                gate.wait();
            }),
            Err(Trouble::Stopped)
        );
        gate.wait();
    }

    #[test]
    fn the_threads_end_with_whoever_lent_the_object() {
        let object = Arc::new(());
        let lent = Lent::new(Arc::clone(&object), ANSWER_WITHIN);
        lent.ask(None, |()| ()).unwrap();
        let threads = Arc::downgrade(&lent.threads);
        drop(lent);
        let until = Instant::now() + ANSWER_WITHIN;
        while Arc::strong_count(&object) > 1 || threads.strong_count() > 0 {
            assert!(Instant::now() < until, "something holds on to it");
            std::thread::yield_now();
        }
    }
}
