//! Long work: on a thread of its own, awaited by the host without a runtime of ours, and asked to stop when nobody waits any more.
//!
//! A future that is dropped (a cancelled coroutine or task) or a [`Cancellation`] sets the work's [`Stop`]; whoever sends requests
//! looks at it before each and while waiting. Work without requests (an export, a print, a check) runs to its end unseen: each of
//! them is whole or not there. Nothing here knows what the work is.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use doorstep_core::words::Lang;

use crate::errors::DoorstepError;

/// Takes the lock; what a panic elsewhere left is as good as before: every state here is whole between two lines.
pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether work is to end at its next request. Shared, and set once.
#[derive(Debug, Clone, Default)]
pub(crate) struct Stop(Arc<(Mutex<bool>, Condvar)>);

impl Stop {
    pub(crate) fn set(&self) {
        *locked(&self.0.0) = true;
        self.0.1.notify_all();
    }

    pub(crate) fn is_set(&self) -> bool {
        *locked(&self.0.0)
    }

    /// Lets so much time pass, or less if it is set meanwhile.
    pub(crate) fn pause(&self, time: Duration) {
        let until = Instant::now() + time;
        let mut set = locked(&self.0.0);
        while !*set {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            set = self.0.1.wait_timeout(set, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

/// Calls off the work it was passed to: at its next request, and from then on. What was done stays, nothing is lost; the report says
/// `cancelled`. To get no report, dropping the future (cancelling the coroutine or task) does the same.
#[derive(Debug, Default, uniffi::Object)]
pub struct Cancellation(Stop);

#[uniffi::export]
impl Cancellation {
    /// Not called off yet.
    #[uniffi::constructor]
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    /// Calls it off; for good.
    pub fn cancel(&self) {
        self.0.set();
    }

    /// Whether it was called off.
    pub fn is_cancelled(&self) -> bool {
        self.0.is_set()
    }
}

impl Cancellation {
    pub(crate) fn stop(&self) -> Stop {
        self.0.clone()
    }
}

/// Does `work` on a thread of its own. Dropped before it is ready, it sets the stop that the work was given; a panic in the work is an
/// error of the kind `Internal`.
pub(crate) fn on_a_thread<T, W>(stop: Stop, lang: Lang, work: W) -> Working<T>
where
    T: Send + 'static,
    W: FnOnce(&Stop) -> Result<T, DoorstepError> + Send + 'static,
{
    let desk: Arc<Mutex<Shared<T>>> = Arc::default();
    let (theirs, their_stop) = (Arc::clone(&desk), stop.clone());
    let begun = std::thread::Builder::new().name("doorstep-work".into()).spawn(move || {
        let done = catch_unwind(AssertUnwindSafe(|| work(&their_stop))).unwrap_or_else(|_| Err(DoorstepError::internal(lang)));
        let mut shared = locked(&theirs);
        shared.done = Some(done);
        let waker = shared.waker.take();
        drop(shared);
        if let Some(waker) = waker {
            waker.wake();
        }
    });
    if begun.is_err() {
        locked(&desk).done = Some(Err(DoorstepError::internal(lang)));
    }
    Working { desk, stop }
}

/// The same for work that nothing calls off but the future's drop.
pub(crate) fn off_thread<T, W>(lang: Lang, work: W) -> Working<T>
where
    T: Send + 'static,
    W: FnOnce(&Stop) -> Result<T, DoorstepError> + Send + 'static,
{
    on_a_thread(Stop::default(), lang, work)
}

struct Shared<T> {
    done: Option<Result<T, DoorstepError>>,
    waker: Option<Waker>,
}

impl<T> Default for Shared<T> {
    fn default() -> Self {
        Self { done: None, waker: None }
    }
}

/// Work under way.
pub(crate) struct Working<T> {
    desk: Arc<Mutex<Shared<T>>>,
    stop: Stop,
}

impl<T> Future for Working<T> {
    type Output = Result<T, DoorstepError>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let mut shared = locked(&self.desk);
        if let Some(done) = shared.done.take() {
            return Poll::Ready(done);
        }
        shared.waker = Some(context.waker().clone());
        Poll::Pending
    }
}

impl<T> Drop for Working<T> {
    fn drop(&mut self) {
        // Work that is done no longer looks.
        self.stop.set();
    }
}

/// Waits for a future on this thread, for the crate's own tests.
#[cfg(test)]
pub(crate) fn wait<F: Future>(future: F) -> F::Output {
    struct Unpark(std::thread::Thread);
    impl std::task::Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    let mut future = std::pin::pin!(future);
    loop {
        if let Poll::Ready(done) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return done;
        }
        std::thread::park();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[test]
    fn work_is_done_on_another_thread_and_its_answer_awaited() {
        let here = std::thread::current().id();
        let there = wait(off_thread(Lang::En, |_| Ok(std::thread::current().id()))).unwrap();
        assert_ne!(here, there);
    }

    #[test]
    fn a_panic_in_the_work_is_an_error_and_no_more() {
        let done: Result<(), _> = wait(off_thread(Lang::En, |_| panic!("planted")));
        assert_eq!(done.unwrap_err().code(), "internal");
        assert_eq!(wait(off_thread(Lang::En, |_| Ok(1))), Ok(1));
    }

    #[test]
    fn a_future_that_is_dropped_asks_its_work_to_stop_and_ends_its_pause() {
        let (told, hears) = mpsc::channel();
        let (began, begins) = mpsc::channel();
        let working = off_thread(Lang::En, move |stop| {
            began.send(()).unwrap();
            stop.pause(Duration::from_mins(10));
            told.send(stop.is_set()).unwrap();
            Ok(())
        });
        begins.recv().unwrap();
        drop(working);
        assert!(hears.recv_timeout(Duration::from_mins(1)).unwrap());
    }

    #[test]
    fn a_cancellation_stays_set() {
        let cancellation = Cancellation::new();
        assert!(!cancellation.is_cancelled());
        cancellation.cancel();
        assert!(cancellation.is_cancelled() && cancellation.stop().is_set());
    }
}
