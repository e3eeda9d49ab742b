//! Watching: what changed on the device and how a sync goes, told to the host on a thread of its own.
//!
//! Whoever changes something only notes it here, in a queue that cannot grow: documents are named once, and too many of them become
//! `ManyChanged`; of a progress or a count only the newest is kept. A listener that throws or hangs therefore holds up nobody and
//! misses nothing that still matters. Nothing here reads a document.

use std::collections::BTreeSet;
use std::sync::{Arc, Condvar, Mutex, PoisonError, Weak};

use doorstep_core::id::DocId;

use crate::work::locked;

/// Documents that are named one by one, at most, before it is said that many changed: a screen that shows more reads its list anew
/// anyway.
pub const NAMED_MAX: usize = 256;

/// What a sync is at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum SyncPhase {
    /// It makes itself known to the server.
    Greeting,
    /// It sends what was done here.
    Sending,
    /// It receives what others did.
    Receiving,
    /// It waits before it tries again.
    Waiting,
    /// It is over; the report says how.
    Ended,
}

/// How far a sync is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Record)]
pub struct SyncProgress {
    /// What it is at.
    pub phase: SyncPhase,
    /// Requests sent so far, repeats included.
    pub requests: u32,
    /// Changes of this device that the server does not have yet.
    pub waiting: u64,
    /// Documents that came, changed or went so far.
    pub documents: u64,
    /// Bytes of requests' bodies so far, before compression.
    pub bytes_up: u64,
    /// Bytes of answers' bodies so far, after decompression.
    pub bytes_down: u64,
}

/// Something that happened on the device.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Enum)]
pub enum News {
    /// These documents changed, came or went, by a tap here or by a sync: a screen that shows one reads it anew.
    Changed {
        /// The documents.
        ids: Vec<String>,
    },
    /// More than can be named: whatever is shown is read anew.
    ManyChanged,
    /// What the server set aside changed in number: see [`crate::Device::pending`].
    SetAside {
        /// Changes set aside now.
        count: u64,
    },
    /// How far a sync is.
    Progress {
        /// How far.
        progress: SyncProgress,
    },
    /// The host's clock threw or hung, and the system's was asked in its stead.
    ClockFailed {
        /// `host_failed` or `host_timeout`.
        code: String,
    },
}

/// A listener did not take the news; it hears more the next time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, uniffi::Error)]
pub enum ListenerFailure {
    /// It threw.
    #[error("the listener did not take it")]
    Failed,
}

impl From<uniffi::UnexpectedUniFFICallbackError> for ListenerFailure {
    fn from(_: uniffi::UnexpectedUniFFICallbackError) -> Self {
        Self::Failed
    }
}

/// Hears what happens on a device. It is called on a thread of its own, one call at a time, and may call the device. Throwing loses
/// nothing: what it did not take comes again as `ManyChanged` with the next news.
#[uniffi::export(with_foreign)]
pub trait Listener: Send + Sync {
    /// Something happened.
    fn heard(&self, news: News) -> Result<(), ListenerFailure>;
}

/// Hears how far a sync is, as a [`Listener`] does and for this one sync; the newest word only, `Ended` as the last.
#[uniffi::export(with_foreign)]
pub trait ProgressListener: Send + Sync {
    /// How far it is.
    fn progress(&self, progress: SyncProgress) -> Result<(), ListenerFailure>;
}

/// A listener that hears until this is closed or let go of.
#[derive(uniffi::Object)]
pub struct Observation(Arc<Post>);

#[uniffi::export]
impl Observation {
    /// Ends it: no call begins from now on; one under way comes to its end.
    pub fn end(&self) {
        self.0.close(false);
    }
}

impl Observation {
    pub(crate) fn new(post: Arc<Post>) -> Arc<Self> {
        Arc::new(Self(post))
    }
}

impl Drop for Observation {
    fn drop(&mut self) {
        self.end();
    }
}

/// What is still to be told.
#[derive(Default)]
struct Queue {
    changed: BTreeSet<DocId>,
    many: bool,
    set_aside: Option<u64>,
    progress: Option<SyncProgress>,
    clock: Option<&'static str>,
    /// Something was not taken; told as `many` once there is other news.
    missed: bool,
    closed: bool,
    /// Closed once everything is told.
    closing: bool,
}

impl Queue {
    /// The next news, the most urgent first.
    fn take(&mut self) -> Option<News> {
        if self.many {
            (self.many, self.missed) = (false, false);
            self.changed.clear();
            return Some(News::ManyChanged);
        }
        if !self.changed.is_empty() {
            let ids = std::mem::take(&mut self.changed).iter().map(ToString::to_string).collect();
            return Some(News::Changed { ids });
        }
        if let Some(count) = self.set_aside.take() {
            return Some(News::SetAside { count });
        }
        if let Some(code) = self.clock.take() {
            return Some(News::ClockFailed { code: code.to_owned() });
        }
        self.progress.take().map(|progress| News::Progress { progress })
    }
}

/// One listener's letter box.
pub(crate) struct Post {
    queue: Mutex<Queue>,
    comes: Condvar,
}

impl Post {
    /// A letter box whose letters are read out by `tell`, on a thread of their own; none if the system gives no thread.
    pub(crate) fn begin(tell: impl Fn(News) -> Result<(), ListenerFailure> + Send + 'static) -> Option<Arc<Self>> {
        let post = Arc::new(Self { queue: Mutex::default(), comes: Condvar::new() });
        let box_of_thread = Arc::clone(&post);
        let begun = std::thread::Builder::new().name("doorstep-news".into()).spawn(move || {
            while let Some(news) = box_of_thread.next() {
                let taken = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| tell(news)));
                if !matches!(taken, Ok(Ok(()))) {
                    locked(&box_of_thread.queue).missed = true;
                }
            }
        });
        begun.ok().map(|_| post)
    }

    /// Waits for the next news; none: closed.
    fn next(&self) -> Option<News> {
        let mut queue = locked(&self.queue);
        loop {
            if queue.closed {
                return None;
            }
            if let Some(news) = queue.take() {
                return Some(news);
            }
            if queue.closing {
                return None;
            }
            queue = self.comes.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn note(&self, note: impl FnOnce(&mut Queue)) {
        let mut queue = locked(&self.queue);
        note(&mut queue);
        queue.many |= queue.missed;
        drop(queue);
        self.comes.notify_all();
    }

    /// Ends it: at once, or once what is in it was told.
    pub(crate) fn close(&self, told: bool) {
        let mut queue = locked(&self.queue);
        if told {
            queue.closing = true;
        } else {
            queue.closed = true;
        }
        drop(queue);
        self.comes.notify_all();
    }

    pub(crate) fn progress(&self, progress: SyncProgress) {
        let mut queue = locked(&self.queue);
        queue.progress = Some(progress);
        drop(queue);
        self.comes.notify_all();
    }
}

/// A letter box that is read out to its end and then closed.
pub(crate) struct ToTheEnd(pub(crate) Arc<Post>);

impl Drop for ToTheEnd {
    fn drop(&mut self) {
        self.0.close(true);
    }
}

/// Everyone who listens to one device.
#[derive(Default)]
pub(crate) struct Hub {
    posts: Mutex<Vec<Weak<Post>>>,
    /// Changes set aside, as last told.
    set_aside: Mutex<Option<u64>>,
    /// Documents that changed since the device was opened.
    documents: std::sync::atomic::AtomicU64,
}

impl Hub {
    pub(crate) fn add(&self, post: &Arc<Post>) {
        locked(&self.posts).push(Arc::downgrade(post));
    }

    fn each(&self, tell: impl Fn(&Post)) {
        let mut posts = locked(&self.posts);
        posts.retain(|post| match post.upgrade() {
            Some(post) => {
                tell(&post);
                true
            }
            None => false,
        });
    }

    /// A document changed. Only noted: this is called under the device's lock.
    pub(crate) fn changed(&self, doc: DocId) {
        self.documents.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        self.each(|post| {
            post.note(|queue| {
                if !queue.many {
                    queue.changed.insert(doc);
                    queue.many = queue.changed.len() > NAMED_MAX;
                }
            });
        });
    }

    /// How many documents changed since the device was opened.
    pub(crate) fn documents(&self) -> u64 {
        self.documents.load(std::sync::atomic::Ordering::Relaxed)
    }

    /// How many changes are set aside now; told where it is another number than before.
    pub(crate) fn set_aside(&self, count: u64) {
        let before = locked(&self.set_aside).replace(count);
        if before.unwrap_or_default() != count {
            self.each(|post| post.note(|queue| queue.set_aside = Some(count)));
        }
    }

    pub(crate) fn progress(&self, progress: SyncProgress) {
        self.each(|post| post.progress(progress));
    }

    /// The host's clock failed.
    pub(crate) fn clock_failed(&self, code: &'static str) {
        self.each(|post| post.note(|queue| queue.clock = Some(code)));
    }
}

impl Drop for Hub {
    /// The device is gone: there is no more news.
    fn drop(&mut self) {
        self.each(|post| post.close(true));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::time::Duration;

    use super::*;

    /// Longest wait for what must come; a test that fails waits so long, no other does.
    const LONG: Duration = Duration::from_mins(1);

    fn doc(n: u32) -> DocId {
        let mut bytes = [0; 16];
        bytes[..4].copy_from_slice(&n.to_be_bytes());
        DocId::from_bytes(bytes)
    }

    #[test]
    fn what_changed_while_a_listener_hangs_is_told_afterwards_and_in_one() {
        let (go, goes) = mpsc::channel::<()>();
        let (told, hears) = mpsc::channel();
        let hub = Hub::default();
        let post = Post::begin(move |news| {
            told.send(news).unwrap();
            goes.recv().map_err(|_| ListenerFailure::Failed)
        });
        let post = post.unwrap();
        hub.add(&post);
        hub.changed(doc(1));
        assert_eq!(hears.recv_timeout(LONG).unwrap(), News::Changed { ids: vec![doc(1).to_string()] });
        for n in [3, 2, 3] {
            hub.changed(doc(n));
        }
        go.send(()).unwrap();
        assert_eq!(hears.recv_timeout(LONG).unwrap(), News::Changed { ids: vec![doc(2).to_string(), doc(3).to_string()] });
        for n in 0..=u32::try_from(NAMED_MAX).unwrap() {
            hub.changed(doc(n));
        }
        assert!(locked(&post.queue).changed.len() <= NAMED_MAX + 1);
        go.send(()).unwrap();
        assert_eq!(hears.recv_timeout(LONG).unwrap(), News::ManyChanged);
    }

    #[test]
    fn a_listener_that_throws_or_panics_hears_that_it_missed_something() {
        for panics in [false, true] {
            let (told, hears) = mpsc::channel();
            let hub = Hub::default();
            let post = Post::begin(move |news| {
                told.send(news).unwrap();
                if panics { panic!("planted") } else { Err(ListenerFailure::Failed) }
            });
            let post = post.unwrap();
            hub.add(&post);
            hub.changed(doc(1));
            assert_eq!(hears.recv_timeout(LONG).unwrap(), News::Changed { ids: vec![doc(1).to_string()] });
            while !locked(&post.queue).missed {
                std::thread::yield_now();
            }
            hub.changed(doc(2));
            assert_eq!(hears.recv_timeout(LONG).unwrap(), News::ManyChanged);
        }
    }

    #[test]
    fn nobody_hears_anything_after_the_end_and_its_listener_is_let_go_of() {
        let (told, hears) = mpsc::channel();
        let hub = Hub::default();
        let post = Post::begin(move |news| told.send(news).map_err(|_| ListenerFailure::Failed)).unwrap();
        hub.add(&post);
        let observation = Observation::new(post);
        drop(observation);
        hub.changed(doc(1));
        assert!(hears.recv_timeout(LONG).is_err_and(|error| error == mpsc::RecvTimeoutError::Disconnected));
        // The thread lets go of its letter box last.
        while !locked(&hub.posts).is_empty() {
            hub.changed(doc(2));
        }
    }

    #[test]
    fn only_another_number_of_set_aside_changes_is_news() {
        // Nobody reads it out, so that what lies in it can be looked at.
        let post = Arc::new(Post { queue: Mutex::default(), comes: Condvar::new() });
        let hub = Hub::default();
        hub.add(&post);
        for (count, news) in [(0, None), (2, Some(2)), (2, None), (0, Some(0))] {
            hub.set_aside(count);
            let wanted = news.map(|count| News::SetAside { count });
            assert_eq!(locked(&post.queue).take(), wanted);
        }
        drop(hub);
        assert_eq!(post.next(), None, "the device is gone, and with it its news");
    }
}
