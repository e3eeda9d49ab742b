//! The kinds of load: phones that push at a rate and pull now and then, phones that sync for the first time, and more than the
//! server can take.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use doorstep_core::sync::FrameDecoder;
use doorstep_core::sync::wire::{Frame, PushAnswer, Verdict};

use super::table::{Seen, Used};
use super::town::Phone;
use super::wire::{Answer, Wire};
use crate::process::{Served, processor_s};

/// Stack of a phone's thread, bytes: a thousand of them are to cost little.
const STACK: usize = 256 << 10;
/// How often the server's memory is looked at.
const LOOK: Duration = Duration::from_millis(200);

/// How phones push and pull.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// Pushes a second, of all phones together; none: each pushes as soon as it has its answer.
    pub rate: Option<f64>,
    /// For so long.
    pub lasts: Duration,
    /// How often each phone pulls; none: never.
    pub pull_every: Option<Duration>,
}

/// Runs one thread a phone, and watches the server meanwhile.
fn all(served: &Served, phones: &[Phone], phone: impl Fn(usize, &Phone, Wire, &mut Seen) + Sync) -> (Seen, Used, Duration) {
    let together = Mutex::new(Seen::default());
    let done = AtomicBool::new(false);
    let memory = Mutex::new(0.0_f64);
    let (began, used, generator) = (Instant::now(), served.processor_s(), processor_s("self"));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::SeqCst) {
                let now = served.memory_mib().unwrap_or(f64::NAN);
                let mut most = memory.lock().expect("no panic before");
                *most = most.max(now);
                drop(most);
                std::thread::sleep(LOOK);
            }
        });
        std::thread::scope(|scope| {
            for (number, one) in phones.iter().enumerate() {
                let (phone, together) = (&phone, &together);
                let work = move || {
                    let mut seen = Seen::default();
                    phone(number, one, Wire::new(served.port()), &mut seen);
                    together.lock().expect("no panic before").merge(seen);
                };
                std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work).expect("a thread");
            }
        });
        done.store(true, Ordering::SeqCst);
    });
    let since = |before: Option<f64>, now: Option<f64>| before.zip(now).map_or(f64::NAN, |(before, now)| now - before);
    let used = Used {
        memory_mib: memory.into_inner().expect("no panic before"),
        processor_s: since(used, served.processor_s()),
        generator_s: since(generator, processor_s("self")),
    };
    (together.into_inner().expect("no panic before"), used, began.elapsed())
}

/// Notes an answer; whether it was a good one, and else how long to wait. None: coming back would not help.
fn noted(seen: &mut Seen, what: &'static str, answer: std::io::Result<Answer>) -> Result<Answer, Option<Duration>> {
    match answer {
        Err(error) => {
            *seen.broken.entry(format!("{what}: {}", error.kind())).or_default() += 1;
            Err(Some(Duration::from_millis(500)))
        }
        Ok(answer) => {
            *seen.answers.entry((what, answer.status)).or_default() += 1;
            match answer.status {
                200 | 204 => Ok(answer),
                429 | 503 => {
                    seen.no_retry_after += u64::from(answer.retry_after.is_none());
                    Err(Some(Duration::from_secs(answer.retry_after.unwrap_or(1))))
                }
                _ => Err(None),
            }
        }
    }
}

/// Pushes and pulls at this pace. `next` says which of its prepared pushes each phone comes to next.
pub fn pushes(served: &Served, phones: &[Phone], next: &[AtomicUsize], pace: Pace) -> (Seen, Used, Duration) {
    let begin = Instant::now() + Duration::from_millis(200);
    let end = begin + pace.lasts;
    #[expect(clippy::cast_precision_loss, reason = "a count of phones")]
    let count = phones.len() as f64;
    all(served, phones, |number, phone, mut wire, seen| {
        #[expect(clippy::cast_precision_loss, reason = "a count of phones")]
        let share = number as f64 / count;
        // Spread evenly, so that they do not come in step.
        let gap = pace.rate.map_or(Duration::ZERO, |rate| Duration::from_secs_f64(count / rate));
        let mut due = begin + gap.mul_f64(share);
        let mut pull_at = pace.pull_every.map(|every| begin + every.mul_f64(share));
        let mut cursor: Option<Vec<u8>> = None;
        let stagger = Duration::from_millis((number % 997) as u64);
        loop {
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
            if Instant::now() >= end {
                break;
            }
            let Some(push) = phone.pushes.get(next[number].load(Ordering::Relaxed)) else { break };
            let asked = Instant::now();
            match noted(seen, "push", wire.push(phone, push)) {
                Ok(answer) => {
                    // From when it was due: a server that stalls must not look quick because nobody asked meanwhile.
                    let from = if pace.rate.is_some() { due } else { asked };
                    seen.push_ms.push(from.elapsed().as_secs_f64() * 1_000.0);
                    let stored = minicbor_serde::from_slice::<PushAnswer>(&answer.body).is_ok_and(|answer| {
                        answer.verdicts.iter().all(|one| matches!(one.verdict, Verdict::Stored { .. } | Verdict::Known { .. }))
                    });
                    seen.refused += u64::from(!stored);
                    next[number].fetch_add(1, Ordering::Relaxed);
                    due += gap;
                }
                // Later, the same push again.
                Err(Some(wait)) => std::thread::sleep(wait + stagger),
                Err(None) => break,
            }
            if let Some(at) = pull_at
                && at <= Instant::now()
                && wire.has_token()
            {
                // One that was turned away is in the table; the next is due soon enough.
                let _ = pull(&mut wire, &mut cursor, seen);
                pull_at = pace.pull_every.map(|every| at + every);
            }
        }
        seen.connections += wire.connections;
    })
}

/// One pull; whether it came whole, else how long to wait.
fn pull(wire: &mut Wire, cursor: &mut Option<Vec<u8>>, seen: &mut Seen) -> Result<(), Option<Duration>> {
    let asked = Instant::now();
    let answer = noted(seen, "pull", wire.pull(cursor.as_deref()))?;
    seen.pull_ms.push(asked.elapsed().as_secs_f64() * 1_000.0);
    let plain = if answer.zstd { zstd::stream::decode_all(answer.body.as_slice()).unwrap_or_default() } else { answer.body };
    let mut frames = FrameDecoder::default();
    frames.feed(&plain);
    let mut whole = false;
    while let Ok(Some(frame)) = frames.next_frame() {
        match frame {
            Frame::Document { .. } => seen.documents += 1,
            Frame::Checkpoint { cursor: at, done, .. } => {
                *cursor = Some(at.into_vec());
                whole = done;
            }
            _ => {}
        }
    }
    if whole {
        Ok(())
    } else {
        *seen.broken.entry("a pull that breaks off".into()).or_default() += 1;
        Err(Some(Duration::from_millis(100)))
    }
}

/// Each phone asks for a token and pulls everything, all of them at once; turned away, it comes back when it was told to.
pub fn first_syncs(served: &Served, phones: &[Phone]) -> (Seen, Used, Duration) {
    all(served, phones, |number, phone, mut wire, seen| {
        let stagger = Duration::from_millis((number % 997) as u64);
        let mut cursor = None;
        // Turned away again and again, as long as it says when to come back.
        let token = loop {
            match noted(seen, "token", wire.ask_token(phone)) {
                Err(Some(wait)) => std::thread::sleep(wait + stagger),
                other => break other.is_ok(),
            }
        };
        while let Err(Some(wait)) = if token { pull(&mut wire, &mut cursor, seen) } else { Ok(()) } {
            std::thread::sleep(wait + stagger);
        }
        seen.connections += wire.connections;
    })
}
