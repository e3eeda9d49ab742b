//! What each kind of answer means for the session, once it is whole.

use super::super::incoming::Apply;
use super::super::outgoing::{BatchLimit, OutgoingChange, Settled};
use super::super::report::{Aside, Outcome};
use super::super::retry;
use super::super::wire::{CODE_REVOKED, ErrorAnswer, KINDS_UNSAID, PushAnswer, Verdict};
use super::{BATCH_BYTES_MIN, Errand, Flight, Goal, LIGHT_BYTES, Session};
use crate::planted::Planted;

impl Session {
    pub(super) fn nonce_came(&mut self) {
        if self.nonce.is_none() {
            self.protocol("no_nonce");
        }
    }

    pub(super) fn token_came(&mut self) {
        self.resigned = false;
        if self.token.is_none() {
            self.protocol("no_token");
        }
    }

    pub(super) fn push_answered(&mut self, body: &[u8]) {
        let Goal::Push(batch) = std::mem::replace(&mut self.goal, Goal::Outbox) else { return };
        let read = minicbor_serde::from_slice::<PushAnswer>(body);
        let Ok(answer) = read.or_else(|error| batch.as_if_stored(Planted::OutboxEmptiedWithoutVerdicts).ok_or(error)) else {
            return self.protocol("push_answer_malformed");
        };
        let (settled, wrong) = batch.settle(answer);
        self.after = batch.last();
        self.failures = 0;
        self.resigned = false;
        self.wanted |= settled.iter().any(|settled| matches!(settled.verdict, Verdict::Wanted { .. }));
        if !settled.is_empty() {
            self.settle = Some(settled);
        }
        if let Some(code) = wrong {
            self.protocol(code);
        }
    }

    pub(super) fn pull_ended(&mut self, flight: &Flight) {
        self.retokened = false;
        if !flight.incoming.at_checkpoint() || (!flight.incoming.done() && !flight.advanced) {
            return self.trouble("link_dropped", None);
        }
        if !flight.incoming.done() {
            return; // the server paused at a checkpoint: pull on from there
        }
        // Whether a new epoch requeued something is known once the plans still waiting are stored.
        let met = self.new_epoch || self.plans.iter().flatten().any(|apply| *apply == Apply::BeginRefetch { new_epoch: true });
        if met {
            self.goal = Goal::Outbox;
            self.last_push = true;
            self.after = 0;
            self.pass = 1;
            self.wanted = false;
        } else {
            self.end = Some(Outcome::Done);
        }
    }

    pub(super) fn refused(&mut self, status: u16, flight: &Flight) {
        let answer: Option<ErrorAnswer> = minicbor_serde::from_slice(&flight.body).ok();
        let code = answer.as_ref().map_or("unexpected_status", |answer| answer.code.as_str());
        if retry::status_passes(status) {
            return self.trouble(code, flight.retry_after_ms);
        }
        if matches!(status, 401 | 403) && code == CODE_REVOKED {
            return self.revoked(flight);
        }
        match (status, flight.errand) {
            (401, Errand::Push | Errand::Token) if !self.resigned && self.nonce.is_some() => {
                self.resigned = true;
                return;
            }
            (401, Errand::Pull) if !self.retokened => {
                self.retokened = true;
                self.token = None;
                return;
            }
            (413, Errand::Push) => return self.shrink(code),
            (400, Errand::Push) if self.leave_out_new_kinds() => return,
            _ => {}
        }
        let (zh, en, at) =
            answer.as_ref().map_or_else(Default::default, |answer| (answer.zh.clone(), answer.en.clone(), answer.at.clone()));
        self.end = Some(Outcome::Refused { status, code: code.into(), zh, en, at });
    }

    /// This device was revoked. What the server keeps of this push is with a lead now, and what is left of the outbox follows;
    /// a server that does not say so keeps nothing that could be counted on.
    fn revoked(&mut self, flight: &Flight) {
        let Goal::Push(batch) = std::mem::replace(&mut self.goal, Goal::Outbox) else {
            self.end = Some(Outcome::Revoked);
            return;
        };
        if flight.ours && flight.kept == Some(batch.changes().len()) {
            self.report.kept.extend(batch.changes().iter().map(|change| (change.doc, change.hash)));
            (self.revoked, self.failures, self.resigned) = (true, 0, false);
            self.after = batch.last();
        } else {
            self.end = Some(Outcome::Revoked);
        }
    }

    /// The link did not carry the push: halve a large one.
    pub(super) fn lighten(&mut self) {
        let Goal::Push(batch) = &mut self.goal else { return };
        if batch.size() > LIGHT_BYTES && batch.halve() {
            self.batch_limit.bytes = batch.size().max(BATCH_BYTES_MIN);
        }
    }

    /// The server finds the push too large: halve it, or leave a change that is too large by itself.
    pub(super) fn shrink(&mut self, code: &str) {
        let Goal::Push(batch) = &mut self.goal else { return };
        if batch.halve() {
            self.batch_limit = BatchLimit { bytes: batch.size().max(BATCH_BYTES_MIN), changes: batch.changes().len() };
            return;
        }
        if let Some(change) = batch.changes().first()
            && !self.report.held.iter().any(|held| held.hash == change.hash)
        {
            self.report.held.push(Aside { doc: change.doc, hash: change.hash, code: code.into(), about: Vec::new() });
        }
        self.after = batch.last();
        self.batch_limit = self.limits.batch;
        self.goal = Goal::Outbox;
    }

    /// The server can't read the push. An older one can't read a single change of a kind that it doesn't know, nor any
    /// change beside it: those stay here until it was updated, and the others go. Whether there were any.
    fn leave_out_new_kinds(&mut self) -> bool {
        let Goal::Push(batch) = &mut self.goal else { return false };
        let last = batch.last();
        let left = batch.leave_out(|change| !KINDS_UNSAID.contains(&change.kind));
        if left.is_empty() {
            return false;
        }
        self.first_kinds_only = true;
        if batch.changes().is_empty() {
            self.after = last;
            self.goal = Goal::Outbox;
        }
        self.hold_back(left);
        true
    }

    /// Says of each of them that the server is too old for it.
    pub(super) fn hold_back(&mut self, changes: Vec<OutgoingChange>) {
        for OutgoingChange { doc, hash, .. } in changes {
            if !self.report.held.iter().any(|held| held.hash == hash) {
                self.report.held.push(Aside { doc, hash, code: "server_older".into(), about: Vec::new() });
            }
        }
    }

    pub(super) fn count_verdicts(&mut self, settled: Vec<Settled>) {
        let counts = &mut self.report.verdicts;
        for Settled { doc, hash, verdict, .. } in settled {
            match verdict {
                Verdict::Stored { .. } => counts.stored += 1,
                Verdict::Known { .. } => counts.known += 1,
                Verdict::Wanted { .. } => counts.wanted += 1,
                Verdict::SetAside { code, about } => {
                    counts.set_aside += 1;
                    self.report.set_aside.push(Aside { doc, hash, code, about });
                }
            }
        }
    }
}
