//! Attachments without I/O: one at a time up or down, in pieces, gone on with where it was cut.
//!
//! The same kind of machine as [`super::Session`]: [`AttachmentSession::next`] says what to do, the answers go in, and
//! nothing counts as stored before [`durable`](AttachmentSession::durable) was called. Up: an empty piece asks how far the
//! server has it; then pieces from there on, until the server says that it has all of it, durable. The server's count is
//! the one that counts, never this device's. Down: pieces from where this device stands; whether the whole is what its
//! name says is for whoever keeps it. An attachment that is refused stands in nobody's way.

mod answers;
mod record;

use std::collections::VecDeque;

pub use record::{AttachmentAnswer, AttachmentRequest, PATH_ATTACHMENTS, RANGE_ANSWER_MAX};

use record::content_range;

use super::report::{Outcome, Wire};
use super::requests::{self, Identity};
use super::retry;
use super::session::{Limits, Remembered};
use super::wire::{HEADER_NONCE, HEADER_TIME, HEADER_TOKEN, VERSION};
use crate::attachment::PART;
use crate::environment::{Entropy, Request, Signer, TransportError};
use crate::id::{Digest, DocId};

/// Requests of one session: 2,500 MiB in pieces.
const REQUESTS_MAX: u32 = 10_000;
/// Times one attachment goes up from its beginning again because the server says that it came to other bytes.
const RESTARTS_MAX: u32 = 1;
/// Bytes of an answer that is no piece.
const ANSWER_MAX: usize = 64 << 10;

/// Which way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// To the server.
    Up,
    /// From the server, this device having so many bytes of it.
    Down {
        /// How many.
        have: u64,
    },
}

/// One attachment to carry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Errand {
    /// Its name.
    pub digest: Digest,
    /// The case under which it is named.
    pub doc: DocId,
    /// Its length, bytes. For what is fetched and not known: 0, and the server says.
    pub length: u64,
    /// Which way.
    pub way: Way,
}

/// What became of one attachment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// The server has so much of it.
    Sent(u64),
    /// The server has it whole, durable, for this case.
    Stored,
    /// The server says no, with this code.
    Refused(String),
    /// Not now, with this code: its case is not there yet, or this device can't read its bytes.
    Later(String),
}

/// What to do next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AttachmentStep {
    /// Give so many bytes of it from `from` on, fewer at its end: `give`, or `unreadable`.
    NeedBytes {
        /// Its name.
        digest: Digest,
        /// From here on.
        from: u64,
        /// At most so many.
        most: usize,
    },
    /// Send it: `answer_head`, or `failed`.
    Send(Request),
    /// Read on in the answer: `answer_body`, `answer_end`, or `failed`.
    Read,
    /// Make the server's word about an upload durable: `durable`.
    Settle {
        /// Its name.
        digest: Digest,
        /// The case for which it was sent.
        doc: DocId,
        /// The word.
        fate: Fate,
    },
    /// Keep these bytes of a download: `kept`.
    Keep {
        /// Its name.
        digest: Digest,
        /// The case under which it was asked for.
        doc: DocId,
        /// The length of the whole, as the server says.
        length: u64,
        /// Where they begin.
        from: u64,
        /// The bytes.
        bytes: Vec<u8>,
    },
    /// Wait, then go on.
    Wait {
        /// Milliseconds.
        ms: u64,
    },
    /// It is over.
    Finished(AttachmentReport),
}

/// What a session did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttachmentReport {
    /// How it ended. Refused and unknown attachments are no other end than `Done`.
    pub outcome: Outcome,
    /// Requests sent, repeats included.
    pub requests: u32,
    /// Bytes of attachments up and down.
    pub bytes: Wire,
    /// Attachments that the server has now.
    pub stored: u64,
    /// Attachments that it refused, each with its code.
    pub refused: Vec<(Digest, String)>,
    /// Attachments that wait for something, each with its code.
    pub later: Vec<(Digest, String)>,
    /// Attachments that came whole.
    pub fetched: u64,
    /// What the next session should be given; the cursor is not its business.
    pub remembered: Remembered,
}

#[derive(Debug)]
struct Flight {
    /// Whether it asks for a nonce or a token, and not for the attachment.
    aside: bool,
    status: Option<u16>,
    ours: bool,
    retry_after_ms: Option<u64>,
    range: Option<(u64, u64)>,
    body: Vec<u8>,
}

/// Where the attachment at hand stands.
#[derive(Debug)]
enum Stand {
    /// Up: how far the server has it; not known before it was asked.
    Up { received: Option<u64>, piece: Option<Vec<u8>> },
    /// Down: how far this device has it.
    Down { have: u64 },
}

/// A session; see the module.
#[derive(Debug)]
pub struct AttachmentSession {
    identity: Identity,
    limits: Limits,
    nonce: Option<String>,
    nonce_fresh: bool,
    token: Option<String>,
    errands: VecDeque<Errand>,
    stand: Option<Stand>,
    flight: Option<Flight>,
    /// What is to be made durable, and whether the attachment at hand is done with then.
    settle: Option<(Fate, bool)>,
    keep: Option<(u64, u64, Vec<u8>)>,
    unconfirmed: bool,
    /// Whether the attachment at hand is done with once the last step is durable.
    over: bool,
    wait: Option<(String, Option<u64>)>,
    end: Option<Outcome>,
    failures: u32,
    resigned: bool,
    retokened: bool,
    restarts: u32,
    /// How far the server was seen to have the attachment at hand.
    reached: u64,
    report: AttachmentReport,
}

impl AttachmentSession {
    /// A session that has not begun, for these attachments in this order.
    pub fn new(identity: Identity, remembered: Remembered, limits: Limits, errands: Vec<Errand>) -> Self {
        Self {
            identity,
            limits,
            nonce: remembered.nonce,
            nonce_fresh: remembered.nonce_recent,
            token: remembered.token,
            errands: errands.into(),
            stand: None,
            flight: None,
            settle: None,
            keep: None,
            unconfirmed: false,
            over: false,
            wait: None,
            end: None,
            failures: 0,
            resigned: false,
            retokened: false,
            restarts: 0,
            reached: 0,
            report: AttachmentReport {
                outcome: Outcome::Done,
                requests: 0,
                bytes: Wire::default(),
                stored: 0,
                refused: Vec::new(),
                later: Vec::new(),
                fetched: 0,
                remembered: Remembered::default(),
            },
        }
    }

    /// What to do next. What was not confirmed as durable ends the session.
    pub fn next(&mut self, signer: &dyn Signer, entropy: &dyn Entropy) -> AttachmentStep {
        if std::mem::take(&mut self.unconfirmed) {
            self.end = Some(Outcome::Storage);
        }
        if self.end.is_none() {
            if let Some(step) = self.store() {
                return step;
            }
            if let Some((code, asked_ms)) = self.wait.take() {
                self.failures += 1;
                let ms = self.limits.backoff.delay_ms(self.failures, asked_ms, entropy);
                if self.failures <= self.limits.backoff.failures_max && ms <= self.limits.wait_max_ms {
                    return AttachmentStep::Wait { ms };
                }
                self.end = Some(Outcome::Later { ms, code });
            }
        }
        if self.end.is_none() && self.errands.is_empty() {
            self.end = Some(Outcome::Done);
        }
        if let Some(outcome) = &self.end {
            self.report.outcome = outcome.clone();
            self.report.remembered = Remembered {
                nonce: self.nonce.clone(),
                nonce_recent: self.nonce_fresh,
                token: self.token.clone(),
                cursor: None,
            };
            return AttachmentStep::Finished(self.report.clone());
        }
        if self.flight.is_some() {
            return AttachmentStep::Read;
        }
        self.go_on(signer, entropy)
    }

    /// What must be made durable before anything else.
    fn store(&mut self) -> Option<AttachmentStep> {
        let errand = self.errands.front()?;
        if let Some((fate, over)) = self.settle.take() {
            (self.unconfirmed, self.over) = (true, over);
            return Some(AttachmentStep::Settle { digest: errand.digest, doc: errand.doc, fate });
        }
        let (from, length, bytes) = self.keep.take()?;
        self.unconfirmed = true;
        Some(AttachmentStep::Keep { digest: errand.digest, doc: errand.doc, length, from, bytes })
    }

    fn go_on(&mut self, signer: &dyn Signer, entropy: &dyn Entropy) -> AttachmentStep {
        let Some(errand) = self.errands.front() else { return self.next(signer, entropy) };
        let stand = self.stand.get_or_insert(match errand.way {
            Way::Up => Stand::Up { received: None, piece: None },
            Way::Down { have } => Stand::Down { have },
        });
        if let Stand::Up { received: Some(from), piece: None } = stand {
            return AttachmentStep::NeedBytes { digest: errand.digest, from: *from, most: PART };
        }
        if self.report.requests >= REQUESTS_MAX {
            self.end = Some(Outcome::Later { ms: self.limits.backoff.cap_ms, code: "too_many_requests".into() });
            return self.next(signer, entropy);
        }
        let path = record::path(&errand.doc, &errand.digest);
        let built = match (stand, &self.token) {
            (Stand::Down { have }, Some(token)) => Ok((false, requests::attachment(path, *have, token))),
            (stand, _) => match (self.nonce.take(), stand) {
                (None, _) => Ok((true, requests::nonce())),
                (Some(nonce), Stand::Down { .. }) => {
                    requests::token(&self.identity, &nonce, signer).map(|request| (true, request))
                }
                (Some(nonce), Stand::Up { received, piece }) => {
                    let (offset, bytes) = (received.unwrap_or(0), piece.clone().unwrap_or_default());
                    let body = AttachmentRequest { version: VERSION, length: errand.length, offset, bytes: bytes.into() };
                    let Ok(body) = minicbor_serde::to_vec(&body) else {
                        self.end = Some(Outcome::Protocol { code: "attachment_unencodable" });
                        return self.next(signer, entropy);
                    };
                    requests::signed(path, body, &self.identity, &nonce, signer).map(|request| (false, request))
                }
            },
        };
        let Ok((aside, request)) = built else {
            self.end = Some(Outcome::Key);
            return self.next(signer, entropy);
        };
        self.report.requests += 1;
        self.flight = Some(Flight { aside, status: None, ours: false, retry_after_ms: None, range: None, body: Vec::new() });
        AttachmentStep::Send(request)
    }

    /// The bytes that [`AttachmentStep::NeedBytes`] asked for.
    pub fn give(&mut self, bytes: Vec<u8>) {
        if let Some(Stand::Up { piece, .. }) = &mut self.stand {
            *piece = Some(bytes);
        }
    }

    /// This device can't read the bytes, with this code: the attachment stays, the others go on.
    pub fn unreadable(&mut self, code: &str) {
        if let Some(errand) = self.errands.front() {
            self.report.later.push((errand.digest, code.into()));
        }
        self.settle = Some((Fate::Later(code.into()), true));
    }

    /// The answer's status and headers (names in lower case).
    pub fn answer_head(&mut self, status: u16, headers: &[(String, String)]) {
        let header = |name: &str| headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
        let Some(flight) = &mut self.flight else { return };
        flight.status = Some(status);
        flight.ours = header(HEADER_TIME).is_some();
        flight.retry_after_ms = header("retry-after").and_then(retry::retry_after_ms);
        flight.range = header("content-range").and_then(content_range);
        if flight.ours {
            if let Some(nonce) = header(HEADER_NONCE) {
                self.nonce = Some(nonce.into());
                self.nonce_fresh = true;
            }
            if let Some(token) = header(HEADER_TOKEN) {
                self.token = Some(token.into());
            }
        } else if !retry::status_passes(status) && status != 413 {
            self.protocol("not_doorstep");
        }
    }

    /// The next bytes of the answer's body.
    pub fn answer_body(&mut self, chunk: &[u8]) {
        let Some(flight) = &mut self.flight else { return };
        let most = if flight.status == Some(206) { RANGE_ANSWER_MAX } else { ANSWER_MAX };
        if flight.body.len() + chunk.len() > most {
            return self.protocol("answer_too_large");
        }
        flight.body.extend_from_slice(chunk);
    }

    /// The body ended as it should.
    pub fn answer_end(&mut self) {
        let Some(flight) = self.flight.take() else { return };
        match flight.status {
            None => self.trouble("link_dropped", None),
            Some(200..=299) if flight.aside => self.aside_came(),
            Some(206) => self.piece_came(flight),
            Some(200) => self.answered(&flight.body),
            Some(status) => self.refused(status, &flight),
        }
    }

    /// No answer, or it broke off. Of a piece that was on its way down, what came is kept.
    pub fn failed(&mut self, error: &TransportError) {
        let Some(flight) = self.flight.take() else { return };
        if !retry::transport_passes(error) {
            self.end = Some(Outcome::Untrusted);
            return;
        }
        match flight.status {
            Some(206) if !flight.aside => self.piece_came(flight),
            Some(status) if !(200..=299).contains(&status) => self.refused(status, &flight),
            status => {
                let code = if status.is_some() { "link_dropped" } else { retry::transport_code(error) };
                self.trouble(code, None);
            }
        }
    }

    /// What the last [`AttachmentStep::Settle`] said is durable.
    pub fn durable(&mut self) {
        self.unconfirmed = false;
        if std::mem::take(&mut self.over) {
            self.go_to_next();
        }
    }

    /// What the last [`AttachmentStep::Keep`] gave is kept: so many bytes of it are here now. `whole`: all of it, and whether
    /// it is what its name says.
    pub fn kept(&mut self, have: u64, whole: Option<bool>) {
        self.unconfirmed = false;
        if let Some(Stand::Down { have: before }) = &mut self.stand {
            if have > *before {
                self.failures = 0;
            } else if whole.is_none() && self.wait.is_none() {
                // Less than a chunk came: no step forward.
                self.wait = Some(("link_dropped".into(), None));
            }
            *before = have;
        }
        match whole {
            Some(true) => {
                self.report.fetched += 1;
                self.go_to_next();
            }
            Some(false) => {
                if let Some(errand) = self.errands.front() {
                    self.report.refused.push((errand.digest, "attachment_hash".into()));
                }
                self.go_to_next();
            }
            None => {}
        }
    }

    fn go_to_next(&mut self) {
        self.errands.pop_front();
        self.stand = None;
        self.restarts = 0;
        self.reached = 0;
        self.failures = 0;
        self.wait = None;
    }

    fn protocol(&mut self, code: &'static str) {
        self.flight = None;
        self.end = Some(Outcome::Protocol { code });
    }

    fn trouble(&mut self, code: &str, asked_ms: Option<u64>) {
        // What was under way may have come: the server is asked how far it is before anything goes twice.
        if let Some(Stand::Up { received, piece }) = &mut self.stand {
            (*received, *piece) = (None, None);
        }
        self.wait = Some((code.into(), asked_ms));
    }
}

#[cfg(test)]
mod tests;
