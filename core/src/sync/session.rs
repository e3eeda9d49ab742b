//! One sync session as a state machine: push everything unsent, then pull everything new.
//!
//! [`Session::next`] says what to do; the answers go in by [`give_outbox`](Session::give_outbox),
//! [`answer_head`](Session::answer_head), [`answer_body`](Session::answer_body), [`answer_end`](Session::answer_end),
//! [`failed`](Session::failed) and [`durable`](Session::durable). It never assumes that anything was stored: a plan or
//! a verdict counts once `durable` was called, and a session that is asked on without it ends there. It doesn't know
//! what a document is, who the server is or what time it is.
//!
//! Nothing in it loops without end: each kind of repeat has its bound, and only progress (an answered push, a
//! committed checkpoint with a new cursor) resets it.

mod answers;
mod step;

use std::collections::VecDeque;

pub use step::{Limits, NONCE_RECENT_MS, Remembered, Step, WAIT_MAX_MS};

use super::incoming::{Apply, Incoming};
use super::outgoing::{Batch, BatchLimit, OutgoingChange, Settled};
use super::report::{Outcome, Report, Wire};
use super::requests::{self, Identity};
use super::retry;
use super::wire::{HEADER_KEPT, HEADER_NONCE, HEADER_TIME, HEADER_TOKEN, KINDS_UNSAID};
use crate::environment::{Entropy, Signer, TransportError};
use crate::time::Timestamp;

/// Requests of one session. A first sync of a hundred thousand changes takes a few hundred.
const REQUESTS_MAX: u32 = 10_000;
/// Times the outbox is gone through while the server wants other changes first.
const PUSH_PASSES_MAX: u32 = 3;
/// Size of a push above which a nonce of an earlier session is replaced before, not after, the body was sent in vain;
/// bytes. Below it the body costs less than the extra round trip.
const STALE_NONCE_BYTES: usize = 32 << 10;
/// Largest answer to a push, bytes: two thousand verdicts take a tenth of it.
const PUSH_ANSWER_MAX: usize = 4 << 20;
/// Bytes of an error's body that are read; the rest is not needed to understand it.
const ERROR_ANSWER_MAX: usize = 64 << 10;
/// Size above which a push that got no answer is halved for its next try, bytes: a poor link, or a proxy that hangs up
/// on large bodies, may carry the half. A smaller one fails for other reasons.
const LIGHT_BYTES: usize = 64 << 10;
/// Smallest limit to which refused batches shrink, bytes.
const BATCH_BYTES_MIN: usize = 16 << 10;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Errand {
    Nonce,
    Token,
    Push,
    Pull,
}

#[derive(Debug)]
enum Goal {
    Outbox,
    Push(Batch),
    Pull,
}

/// A request under way.
#[derive(Debug)]
struct Flight {
    errand: Errand,
    status: Option<u16>,
    retry_after_ms: Option<u64>,
    /// Whether the answer carries the server's mark, its time.
    ours: bool,
    /// How many of a push's changes the server says it keeps, though it has revoked this device.
    kept: Option<usize>,
    body: Vec<u8>,
    incoming: Incoming,
    /// Whether a checkpoint with another cursor came.
    advanced: bool,
}

/// What `durable` would confirm.
#[derive(Debug)]
enum Unconfirmed {
    Settled(Vec<Settled>),
    Plan(Tally),
}

/// What a plan adds to the report once it is stored.
#[derive(Debug, Default)]
struct Tally {
    documents: u64,
    changes: u64,
    forgotten: u64,
    directory: Option<u64>,
    refetch: Option<bool>,
    cursor: Vec<u8>,
}

/// A session; see the module.
#[derive(Debug)]
pub struct Session {
    identity: Identity,
    limits: Limits,
    batch_limit: BatchLimit,
    nonce: Option<String>,
    /// Whether the nonce came in this session.
    nonce_fresh: bool,
    token: Option<String>,
    cursor: Option<Vec<u8>>,
    goal: Goal,
    flight: Option<Flight>,
    need_outbox: bool,
    settle: Option<Vec<Settled>>,
    plans: VecDeque<Vec<Apply>>,
    unconfirmed: Option<Unconfirmed>,
    wait: Option<Trouble>,
    end: Option<Outcome>,
    /// Place in the outbox up to which this pass has gone.
    after: u64,
    pass: u32,
    wanted: bool,
    /// Whether the pull met a new epoch, so that what it requeued is pushed once more.
    new_epoch: bool,
    last_push: bool,
    /// The server has revoked this device, and keeps what it still pushes.
    revoked: bool,
    /// Whether the server turned out to know no kinds of documents but the first release's.
    first_kinds_only: bool,
    failures: u32,
    resigned: bool,
    retokened: bool,
    report: Report,
}

/// A failure that may pass, not yet turned into a wait.
#[derive(Debug)]
struct Trouble {
    code: String,
    asked_ms: Option<u64>,
}

impl Session {
    /// A session that has not begun. The cursor must be the committed one.
    pub fn new(identity: Identity, remembered: Remembered, limits: Limits) -> Self {
        Self {
            identity,
            limits,
            batch_limit: limits.batch,
            nonce: remembered.nonce,
            nonce_fresh: remembered.nonce_recent,
            token: remembered.token,
            cursor: remembered.cursor,
            goal: Goal::Outbox,
            flight: None,
            need_outbox: false,
            settle: None,
            plans: VecDeque::new(),
            unconfirmed: None,
            wait: None,
            end: None,
            after: 0,
            pass: 1,
            wanted: false,
            new_epoch: false,
            last_push: false,
            revoked: false,
            first_kinds_only: false,
            failures: 0,
            resigned: false,
            retokened: false,
            report: Report::begin(),
        }
    }

    /// What to do next. Asked again before the answer is in, it asks for that answer again; but a plan or verdicts that
    /// were not confirmed end the session.
    pub fn next(&mut self, signer: &dyn Signer, entropy: &dyn Entropy) -> Step {
        if self.unconfirmed.take().is_some() {
            self.settle = None;
            self.plans.clear();
            self.flight = None;
            self.end = Some(Outcome::Storage);
        }
        if let Some(settled) = self.settle.take() {
            self.unconfirmed = Some(Unconfirmed::Settled(settled.clone()));
            return Step::Settle(settled);
        }
        if let Some(plan) = self.plans.pop_front() {
            self.unconfirmed = Some(Unconfirmed::Plan(tally(&plan)));
            return Step::Store(plan);
        }
        if let Some(trouble) = self.wait.take()
            && self.end.is_none()
        {
            self.failures += 1;
            let ms = self.limits.backoff.delay_ms(self.failures, trouble.asked_ms, entropy);
            if self.failures <= self.limits.backoff.failures_max && ms <= self.limits.wait_max_ms {
                return Step::Wait { ms, why: trouble.code };
            }
            self.end = Some(Outcome::Later { ms, code: trouble.code });
        }
        if let Some(outcome) = &self.end {
            self.report.outcome = outcome.clone();
            self.report.remembered = Remembered {
                nonce: self.nonce.clone(),
                nonce_recent: self.nonce_fresh,
                token: self.token.clone(),
                cursor: self.cursor.clone(),
            };
            return Step::Finished(self.report.clone());
        }
        if self.flight.is_some() {
            return Step::Read;
        }
        if matches!(self.goal, Goal::Outbox) {
            self.need_outbox = true;
            return Step::NeedOutbox { after: self.after, bytes: self.batch_limit.bytes, changes: self.batch_limit.changes };
        }
        self.send(signer, entropy)
    }

    /// The unsent changes that [`Step::NeedOutbox`] asked for; none if there are none behind `after`.
    pub fn give_outbox(&mut self, changes: Vec<OutgoingChange>) {
        if !std::mem::take(&mut self.need_outbox) {
            return;
        }
        let mut behind: Vec<_> = changes.into_iter().filter(|change| change.n > self.after).collect();
        let last = behind.iter().map(|change| change.n).max();
        if self.first_kinds_only {
            let (known, new) = behind.into_iter().partition(|change| KINDS_UNSAID.contains(&change.kind));
            behind = known;
            self.hold_back(new);
            if let Some(last) = last.filter(|_| behind.is_empty()) {
                // What follows may be of a known kind.
                self.after = last;
                return;
            }
        }
        if let Some(batch) = Batch::close(behind, self.batch_limit) {
            self.goal = Goal::Push(batch);
        } else if self.wanted && self.pass < PUSH_PASSES_MAX {
            self.pass += 1;
            self.wanted = false;
            self.after = 0;
        } else if self.revoked {
            self.end = Some(Outcome::Revoked);
        } else if self.last_push {
            self.end = Some(Outcome::Done);
        } else {
            self.goal = Goal::Pull;
        }
    }

    /// The answer's status and headers (names in lower case), and what this device's clock says.
    pub fn answer_head(&mut self, status: u16, headers: &[(String, String)], now: Timestamp) {
        let header = |name: &str| headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
        let Some(flight) = &mut self.flight else { return };
        flight.status = Some(status);
        flight.retry_after_ms = header("retry-after").and_then(retry::retry_after_ms);
        flight.kept = header(HEADER_KEPT).and_then(|value| value.parse().ok());
        if let Some(server) = header(HEADER_TIME).and_then(|value| value.parse().ok()) {
            flight.ours = true;
            self.report.saw_time(Timestamp(server), now);
        }
        if flight.ours {
            if let Some(nonce) = header(HEADER_NONCE) {
                self.nonce = Some(nonce.into());
                self.nonce_fresh = true;
            }
            if let Some(token) = header(HEADER_TOKEN) {
                self.token = Some(token.into());
            }
        } else if !retry::status_passes(status) && status != 413 {
            // A proxy before the server may be busy or have a smaller cap; anything else is not the server speaking.
            self.protocol("not_doorstep");
        }
    }

    /// The next bytes of the answer's body, decompressed.
    pub fn answer_body(&mut self, chunk: &[u8]) {
        let Some(flight) = &mut self.flight else { return };
        self.report.plain.down = self.report.plain.down.saturating_add(chunk.len() as u64);
        let good = matches!(flight.status, Some(200..=299));
        if good && flight.errand == Errand::Pull {
            let (plans, error) = flight.incoming.feed(chunk);
            for plan in plans {
                if let Some(Apply::Commit { cursor, .. }) = plan.last() {
                    flight.advanced |= self.cursor.as_ref() != Some(cursor);
                }
                self.plans.push_back(plan);
            }
            if let Some(error) = error {
                self.protocol(error.code());
            }
            return;
        }
        let most = if good { PUSH_ANSWER_MAX } else { ERROR_ANSWER_MAX };
        if flight.body.len() + chunk.len() <= most {
            flight.body.extend_from_slice(chunk);
        } else if good {
            self.protocol("answer_too_large");
        }
    }

    /// The body ended as it should.
    pub fn answer_end(&mut self) {
        let Some(flight) = self.flight.take() else { return };
        match flight.status {
            Some(200..=299) => match flight.errand {
                Errand::Nonce => self.nonce_came(),
                Errand::Token => self.token_came(),
                Errand::Push => self.push_answered(&flight.body),
                Errand::Pull => self.pull_ended(&flight),
            },
            Some(status) => self.refused(status, &flight),
            None => self.trouble("link_dropped", None),
        }
    }

    /// No answer, or it broke off. What was checkpointed before stays; the rest comes again.
    pub fn failed(&mut self, error: &TransportError) {
        let Some(flight) = self.flight.take() else { return };
        if !retry::transport_passes(error) {
            self.end = Some(Outcome::Untrusted);
        } else if let Some(status) = flight.status.filter(|status| !(200..=299).contains(status)) {
            self.refused(status, &flight); // its body is missing, its meaning is not
        } else {
            if flight.errand == Errand::Push && flight.status.is_none() {
                self.lighten();
            }
            self.trouble(if flight.status.is_some() { "link_dropped" } else { retry::transport_code(error) }, None);
        }
    }

    /// The plan or the verdicts of the last step are durable.
    pub fn durable(&mut self) {
        match self.unconfirmed.take() {
            Some(Unconfirmed::Settled(settled)) => self.count_verdicts(settled),
            Some(Unconfirmed::Plan(tally)) => {
                if self.cursor.as_ref() != Some(&tally.cursor) {
                    self.failures = 0;
                }
                self.report.checkpoints += 1;
                self.report.documents += tally.documents;
                self.report.changes += tally.changes;
                self.report.forgotten += tally.forgotten;
                self.report.directory = tally.directory.or(self.report.directory);
                self.report.refetched |= tally.refetch.is_some();
                self.new_epoch |= tally.refetch == Some(true);
                self.cursor = Some(tally.cursor);
            }
            None => {}
        }
    }

    /// Bytes the host counted on the wire since it last said.
    pub fn on_wire(&mut self, up: u64, down: u64) {
        let so_far = self.report.wire.unwrap_or_default();
        self.report.wire = Some(Wire { up: so_far.up.saturating_add(up), down: so_far.down.saturating_add(down) });
    }

    fn send(&mut self, signer: &dyn Signer, entropy: &dyn Entropy) -> Step {
        if self.report.requests >= REQUESTS_MAX {
            self.end = Some(Outcome::Later { ms: self.limits.backoff.cap_ms, code: "too_many_requests".into() });
            return self.next(signer, entropy);
        }
        let built = match (&self.goal, &self.token) {
            (Goal::Pull, Some(token)) => Ok((Errand::Pull, requests::pull(self.cursor.as_deref(), token))),
            (goal, _) => {
                let stale = matches!(goal, Goal::Push(batch) if !self.nonce_fresh && batch.size() > STALE_NONCE_BYTES);
                match self.nonce.take().filter(|_| !stale) {
                    None => Ok((Errand::Nonce, requests::nonce())),
                    Some(nonce) => match goal {
                        Goal::Push(batch) => match minicbor_serde::to_vec(batch.request()) {
                            Ok(body) => {
                                requests::push(body, &self.identity, &nonce, signer).map(|request| (Errand::Push, request))
                            }
                            Err(_) => return self.over(Outcome::Protocol { code: "push_unencodable" }, signer, entropy),
                        },
                        _ => requests::token(&self.identity, &nonce, signer).map(|request| (Errand::Token, request)),
                    },
                }
            }
        };
        let Ok((errand, request)) = built else {
            return self.over(Outcome::Key, signer, entropy);
        };
        self.report.requests += 1;
        self.report.plain.up = self.report.plain.up.saturating_add(request.body.len() as u64);
        self.flight = Some(Flight {
            errand,
            status: None,
            retry_after_ms: None,
            ours: false,
            kept: None,
            body: Vec::new(),
            incoming: Incoming::new(self.limits.plan_bytes),
            advanced: false,
        });
        Step::Send(request)
    }

    fn over(&mut self, outcome: Outcome, signer: &dyn Signer, entropy: &dyn Entropy) -> Step {
        self.end = Some(outcome);
        self.next(signer, entropy)
    }

    fn protocol(&mut self, code: &'static str) {
        self.flight = None;
        self.end = Some(Outcome::Protocol { code });
    }

    fn trouble(&mut self, code: &str, asked_ms: Option<u64>) {
        self.wait = Some(Trouble { code: code.into(), asked_ms });
    }
}

fn tally(plan: &[Apply]) -> Tally {
    let mut tally = Tally::default();
    for apply in plan {
        match apply {
            Apply::Document { .. } => tally.documents += 1,
            Apply::Changes { changes, .. } => tally.changes += changes.len() as u64,
            Apply::Forget { .. } => tally.forgotten += 1,
            Apply::Directory { version, .. } => tally.directory = Some(*version),
            Apply::BeginRefetch { new_epoch } => tally.refetch = Some(*new_epoch || tally.refetch == Some(true)),
            Apply::SendAgain { .. } => {}
            Apply::Commit { cursor, .. } => tally.cursor.clone_from(cursor),
        }
    }
    tally
}

#[cfg(test)]
mod tests;
