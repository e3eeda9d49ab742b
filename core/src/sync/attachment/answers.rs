//! What each kind of answer means for the attachment at hand.

use super::super::report::Outcome;
use super::super::retry;
use super::super::wire::{CODE_REVOKED, ErrorAnswer};
use super::{AttachmentAnswer, AttachmentSession, Fate, Flight, RESTARTS_MAX, Stand};

/// The server knows of no such attachment for this person: its case may not be there yet, or not any more.
const UNKNOWN: &str = "attachment_unknown";
/// What came to the server has another digest than its name.
const HASH: &str = "attachment_hash";

impl AttachmentSession {
    /// A nonce or a token.
    pub(super) fn aside_came(&mut self) {
        self.resigned = false;
        if self.nonce.is_none() && self.token.is_none() {
            self.protocol("no_nonce");
        }
    }

    /// The server's count of an upload.
    pub(super) fn answered(&mut self, body: &[u8]) {
        let (Some(errand), Some(Stand::Up { received, piece })) = (self.errands.front(), &mut self.stand) else {
            return self.protocol("attachment_answer");
        };
        let Ok(answer) = minicbor_serde::from_slice::<AttachmentAnswer>(body) else {
            return self.protocol("attachment_answer");
        };
        let sent = piece.take().map_or(0, |piece| piece.len() as u64);
        self.report.bytes.up += sent;
        self.resigned = false;
        if answer.stored {
            self.report.stored += 1;
            self.settle = Some((Fate::Stored, true));
            return;
        }
        // All of it and not stored, or more than there is: no server of ours.
        if answer.received >= errand.length {
            return self.protocol("attachment_answer");
        }
        if sent > 0 && *received == Some(answer.received) {
            // The server did not get on with it.
            self.wait = Some(("attachment_stalled".into(), None));
        }
        if answer.received > self.reached {
            self.reached = answer.received;
            self.failures = 0;
        }
        *received = Some(answer.received);
        self.settle = Some((Fate::Sent(answer.received), false));
    }

    /// A piece of a download, whole or cut off.
    pub(super) fn piece_came(&mut self, flight: Flight) {
        let (Some(errand), Some(Stand::Down { have })) = (self.errands.front_mut(), &self.stand) else {
            return self.protocol("attachment_answer");
        };
        let Some((from, length)) = flight.range.filter(|(from, length)| {
            from == have && (errand.length == 0 || errand.length == *length) && from + flight.body.len() as u64 <= *length
        }) else {
            return self.protocol("attachment_range");
        };
        errand.length = length;
        self.retokened = false;
        self.report.bytes.down += flight.body.len() as u64;
        if flight.body.is_empty() {
            return self.trouble("link_dropped", None);
        }
        self.keep = Some((from, length, flight.body));
    }

    pub(super) fn refused(&mut self, status: u16, flight: &Flight) {
        let answer: Option<ErrorAnswer> = minicbor_serde::from_slice(&flight.body).ok();
        let code = answer.as_ref().map_or("unexpected_status", |answer| answer.code.as_str());
        if let Some(Stand::Up { received, piece }) = &mut self.stand {
            // A copy of the request may have been acted on: the server is asked before anything goes twice.
            (*received, *piece) = (None, None);
        }
        if retry::status_passes(status) {
            return self.trouble(code, flight.retry_after_ms);
        }
        if matches!(status, 401 | 403) && code == CODE_REVOKED {
            self.end = Some(Outcome::Revoked);
            return;
        }
        let up = matches!(self.stand, Some(Stand::Up { .. }));
        match status {
            401 if (up || flight.aside) && !self.resigned && self.nonce.is_some() => {
                self.resigned = true;
                return;
            }
            401 if !up && !flight.aside && !self.retokened => {
                self.retokened = true;
                self.token = None;
                return;
            }
            422 if up && code == HASH && self.restarts < RESTARTS_MAX => {
                // The server threw away what it had: perhaps its disk lost something. From the beginning, once.
                self.restarts += 1;
                self.stand = None;
                return;
            }
            _ => {}
        }
        let one_alone = answer.is_some() && matches!(status, 404 | 413 | 415 | 422);
        if !one_alone || flight.aside {
            let (zh, en) = answer.as_ref().map_or_else(Default::default, |answer| (answer.zh.clone(), answer.en.clone()));
            self.end = Some(Outcome::Refused { status, code: code.into(), zh, en, at: None });
            return;
        }
        let Some(errand) = self.errands.front() else { return };
        if up && code != UNKNOWN {
            self.report.refused.push((errand.digest, code.into()));
            self.settle = Some((Fate::Refused(code.into()), true));
        } else if up {
            self.report.later.push((errand.digest, code.into()));
            self.settle = Some((Fate::Later(code.into()), true));
        } else {
            self.report.refused.push((errand.digest, code.into()));
            self.go_to_next();
        }
    }
}
