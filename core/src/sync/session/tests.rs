//! The session against a server that is a few lines of state, over a link that drops where the test says.
//!
//! The phone here is as small: an outbox, a set of what was stored, the committed cursor. What both hold in the end is
//! what the promises are about.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use proptest::prelude::*;
use serde_bytes::ByteBuf;

use super::super::frames::tests::framed;
use super::super::wire::{Frame, PATH_NONCE, PATH_PULL, PATH_PUSH, PATH_TOKEN, PushRequest, PushVerdict};
use super::*;
use crate::environment::SignerError;
use crate::id::{ChangeHash, DeviceId, DocId, DocKind};

struct Seeded(Mutex<u64>);
impl Entropy for Seeded {
    fn fill(&self, bytes: &mut [u8]) {
        let mut state = self.0.lock().unwrap();
        for byte in bytes {
            *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            *byte = (*state >> 56) as u8;
        }
    }
}

struct Key;
impl Signer for Key {
    fn public_key(&self) -> [u8; 33] {
        [2; 33]
    }
    fn sign(&self, _: &[u8]) -> Result<[u8; 64], SignerError> {
        Ok([1; 64])
    }
}

struct LostKey;
impl Signer for LostKey {
    fn public_key(&self) -> [u8; 33] {
        [2; 33]
    }
    fn sign(&self, _: &[u8]) -> Result<[u8; 64], SignerError> {
        Err(SignerError)
    }
}

type Answer = (u16, Vec<(String, String)>, Vec<u8>);

/// A server: nonces used once, tokens that end, a log with sequence numbers, pages of three documents.
#[derive(Default)]
struct Server {
    nonces: u64,
    open_nonces: BTreeSet<String>,
    tokens: u64,
    log: Vec<(DocId, ChangeHash)>,
    epoch: u8,
    /// Refuses pushes of more changes than this with 413.
    most: Option<usize>,
    /// Changes it won't take, whatever the batch.
    monster: Option<ChangeHash>,
    aside: BTreeSet<ChangeHash>,
    needs: BTreeMap<ChangeHash, ChangeHash>,
    /// Answers given before any other, oldest first.
    scripted: Vec<Answer>,
    revoked: bool,
    seen: Vec<String>,
}

const PAGE: usize = 3;

impl Server {
    fn headers(&mut self, token: bool) -> Vec<(String, String)> {
        self.nonces += 1;
        let nonce = format!("nonce-{}", self.nonces);
        self.open_nonces.insert(nonce.clone());
        let mut headers = vec![(HEADER_NONCE.into(), nonce), (HEADER_TIME.into(), "5000".into())];
        if token {
            self.tokens += 1;
            headers.push((HEADER_TOKEN.into(), format!("token-{}", self.tokens)));
        }
        headers
    }

    fn error(&mut self, status: u16, code: &str) -> Answer {
        let answer = ErrorAnswer { code: code.into(), zh: "不行".into(), en: "no".into(), at: None };
        (status, self.headers(false), minicbor_serde::to_vec(answer).unwrap())
    }

    fn answer(&mut self, request: &Request) -> Answer {
        let path = request.path.split('?').next().unwrap().to_owned();
        self.seen.push(path.clone());
        let header = |name: &str| request.headers.iter().find(|(key, _)| *key == name).map(|(_, value)| value.clone());
        if !self.scripted.is_empty() {
            return self.scripted.remove(0);
        }
        if path == PATH_NONCE {
            return (204, self.headers(false), vec![]);
        }
        if request.method == "POST" {
            assert!(header("doorstep-signature").is_some() && header("doorstep-device").is_some());
            if !self.open_nonces.remove(&header(HEADER_NONCE).unwrap()) {
                return self.error(401, "nonce");
            }
        }
        if self.revoked {
            return self.error(403, CODE_REVOKED);
        }
        match path.as_str() {
            PATH_TOKEN => (200, self.headers(true), vec![]),
            PATH_PUSH => self.push(&minicbor_serde::from_slice(&request.body).unwrap()),
            PATH_PULL => {
                if header("authorization") != Some(format!("Bearer token-{}", self.tokens)) {
                    return self.error(401, "token_expired");
                }
                let cursor = request.path.split_once("?cursor=");
                self.pull(cursor.map(|(_, text)| data_encoding::BASE64URL_NOPAD.decode(text.as_bytes()).unwrap()))
            }
            _ => self.error(404, "not_found"),
        }
    }

    fn push(&mut self, push: &PushRequest) -> Answer {
        if self.most.is_some_and(|most| push.changes.len() > most)
            || push.changes.iter().any(|change| Some(change.hash) == self.monster)
        {
            return self.error(413, "too_large");
        }
        let mut verdicts = Vec::new();
        for change in &push.changes {
            let place = self.log.iter().position(|(_, hash)| *hash == change.hash);
            let need = self.needs.get(&change.hash).filter(|need| !self.log.iter().any(|(_, hash)| hash == *need));
            let verdict = match (place, need) {
                (Some(seq), _) => Verdict::Known { seq: seq as u64 },
                (None, Some(need)) => Verdict::Wanted { hashes: vec![*need] },
                (None, None) if self.aside.contains(&change.hash) => Verdict::SetAside { code: "not_yours".into(), about: vec![] },
                (None, None) => {
                    self.log.push((change.doc, change.hash));
                    Verdict::Stored { seq: self.log.len() as u64 }
                }
            };
            verdicts.push(PushVerdict { doc: change.doc, hash: change.hash, verdict });
        }
        (200, self.headers(true), minicbor_serde::to_vec(PushAnswer { verdicts }).unwrap())
    }

    fn pull(&mut self, cursor: Option<Vec<u8>>) -> Answer {
        let mut body = Vec::new();
        let mut from = 0;
        match cursor {
            Some(cursor) if cursor[0] == self.epoch => from = usize::from(cursor[1]),
            Some(_) => body.extend(framed(&Frame::MustRefetch { new_epoch: true })),
            None => {}
        }
        loop {
            let to = (from + PAGE).min(self.log.len());
            for (n, (doc, hash)) in self.log[from..to].iter().enumerate() {
                let bytes = ByteBuf::from(vec![u8::try_from(from + n).unwrap(); 5]);
                body.extend(framed(&Frame::Document { doc: *doc, kind: DocKind::Case, bytes, heads: vec![*hash], row: ByteBuf::new() }));
            }
            from = to;
            let done = to == self.log.len();
            body.extend(framed(&Frame::Checkpoint { cursor: ByteBuf::from(vec![self.epoch, u8::try_from(to).unwrap()]), done }));
            if done {
                return (200, self.headers(false), body);
            }
        }
    }
}

/// A phone: what is unsent, what came, where it stands.
#[derive(Default)]
struct Phone {
    outbox: Vec<OutgoingChange>,
    aside: Vec<ChangeHash>,
    /// Each committed document of the server's log, in order: twice would be a commit told twice.
    stored: Vec<u8>,
    cursor: Option<Vec<u8>>,
    token: Option<String>,
    nonce: Option<String>,
    waits: Vec<u64>,
    /// Bytes of each answer after which the link drops; beyond the list it holds.
    drops: Vec<Option<usize>>,
    chunk: usize,
    full: bool,
}

impl Phone {
    fn with(changes: impl IntoIterator<Item = OutgoingChange>) -> Self {
        Self { outbox: changes.into_iter().collect(), chunk: 7, ..Self::default() }
    }

    fn sync(&mut self, server: &mut Server) -> Report {
        self.sync_with(server, &Key)
    }

    fn sync_with(&mut self, server: &mut Server, signer: &dyn Signer) -> Report {
        let identity = Identity { device: DeviceId::from_bytes([9; 16]), person: "w-1".parse().unwrap() };
        let remembered = Remembered { nonce: self.nonce.take(), token: self.token.take(), cursor: self.cursor.clone() };
        let mut session = Session::new(identity, remembered, Limits::default());
        let entropy = Seeded(Mutex::new(7));
        let mut body: Vec<u8> = Vec::new();
        let mut drop_at = None;
        for _ in 0..5_000 {
            match session.next(signer, &entropy) {
                Step::NeedOutbox { after, .. } => {
                    session.give_outbox(self.outbox.iter().filter(|change| change.n > after).cloned().collect());
                }
                Step::Send(request) => {
                    let (status, headers, answer) = server.answer(&request);
                    drop_at = if self.drops.is_empty() { None } else { self.drops.remove(0) };
                    if drop_at == Some(0) {
                        session.failed(&TransportError::Unreachable);
                        continue;
                    }
                    body = answer;
                    session.answer_head(status, &headers, Timestamp(2_000));
                }
                Step::Read => {
                    if body.is_empty() && drop_at.is_none() {
                        session.answer_end();
                        continue;
                    }
                    let take = body.len().min(self.chunk).min(drop_at.unwrap_or(usize::MAX));
                    if take == 0 {
                        session.failed(&TransportError::Unreachable);
                        continue;
                    }
                    drop_at = drop_at.map(|left| left - take);
                    let chunk: Vec<u8> = body.drain(..take).collect();
                    session.answer_body(&chunk);
                }
                Step::Settle(settled) => {
                    for settled in settled {
                        if let Verdict::SetAside { .. } = settled.verdict {
                            self.aside.push(settled.hash);
                        }
                        if !matches!(settled.verdict, Verdict::Wanted { .. }) {
                            self.outbox.retain(|change| change.n != settled.n);
                        }
                    }
                    session.durable();
                }
                Step::Store(plan) => {
                    if self.full {
                        continue;
                    }
                    for apply in plan {
                        match apply {
                            Apply::Document { bytes, .. } => self.stored.push(bytes[0]),
                            Apply::BeginRefetch { .. } => self.stored.clear(),
                            Apply::Commit { cursor, .. } => self.cursor = Some(cursor),
                            _ => {}
                        }
                    }
                    session.durable();
                }
                Step::Wait { ms, .. } => self.waits.push(ms),
                Step::Finished(report) => {
                    assert_eq!(report.remembered.cursor, self.cursor);
                    self.nonce.clone_from(&report.remembered.nonce);
                    self.token.clone_from(&report.remembered.token);
                    return report;
                }
            }
        }
        panic!("the session goes on for ever");
    }
}

fn change(n: u64) -> OutgoingChange {
    let byte = u8::try_from(n).unwrap();
    OutgoingChange {
        n,
        doc: DocId::from_bytes([byte % 4; 16]),
        kind: DocKind::Case,
        hash: ChangeHash::from_bytes([byte; 32]),
        bytes: vec![byte; 20],
        bundles: vec![],
    }
}

fn hash(n: u8) -> ChangeHash {
    ChangeHash::from_bytes([n; 32])
}

fn everything(server: &Server) -> Vec<u8> {
    (0..u8::try_from(server.log.len()).unwrap()).collect()
}

#[test]
fn a_first_session_pushes_and_pulls_in_three_requests() {
    let (mut server, mut phone) = (Server::default(), Phone::with((1..=8).map(change)));
    let report = phone.sync(&mut server);
    assert_eq!(report.outcome, Outcome::Done);
    assert_eq!(server.seen, [PATH_NONCE, PATH_PUSH, PATH_PULL]);
    assert_eq!((report.requests, report.documents, report.checkpoints), (3, 8, 3));
    assert_eq!(report.verdicts, super::super::report::VerdictCounts { stored: 8, ..Default::default() });
    assert!(phone.outbox.is_empty());
    assert_eq!(phone.stored, everything(&server));
    assert_eq!(report.server_time.unwrap().offset_ms(), 3_000);
}

#[test]
fn nothing_new_is_one_request() {
    let (mut server, mut phone) = (Server::default(), Phone::with([change(1)]));
    phone.sync(&mut server);
    server.seen.clear();
    let report = phone.sync(&mut server);
    assert_eq!((report.outcome, report.documents), (Outcome::Done, 0));
    assert_eq!(server.seen, [PATH_PULL]);
}

#[test]
fn a_used_nonce_costs_one_more_request_and_an_endless_one_ends() {
    let (mut server, mut phone) = (Server::default(), Phone::with([change(1)]));
    phone.nonce = Some("from yesterday".into());
    assert_eq!(phone.sync(&mut server).outcome, Outcome::Done);
    assert_eq!(server.seen, [PATH_PUSH, PATH_PUSH, PATH_PULL]);

    let mut phone = Phone::with([change(2)]);
    let asked = (204, server.headers(false), vec![]);
    server.scripted = vec![asked, server.error(401, "nonce"), server.error(401, "nonce"), server.error(401, "nonce")];
    let report = phone.sync(&mut server);
    assert!(matches!(report.outcome, Outcome::Refused { status: 401, .. }), "{:?}", report.outcome);
    assert_eq!((report.requests, phone.outbox.len()), (3, 1));
}

#[test]
fn an_ended_token_is_replaced_once() {
    let (mut server, mut phone) = (Server::default(), Phone::with([]));
    phone.token = Some("token-old".into());
    assert_eq!(phone.sync(&mut server).outcome, Outcome::Done);
    assert_eq!(server.seen, [PATH_PULL, PATH_TOKEN, PATH_PULL]);
    assert_eq!(phone.sync(&mut server).requests, 1, "the new token is remembered");
}

#[test]
fn a_large_push_does_not_travel_on_an_old_nonce() {
    let mut large = change(1);
    large.bytes = vec![0; 100_000];
    let (mut server, mut phone) = (Server::default(), Phone::with([large]));
    phone.nonce = Some("from yesterday".into());
    phone.sync(&mut server);
    assert_eq!(server.seen, [PATH_NONCE, PATH_PUSH, PATH_PULL]);
}

#[test]
fn a_batch_too_large_is_halved_until_it_fits() {
    let (mut server, mut phone) = (Server { most: Some(5), ..Server::default() }, Phone::with((1..=40).map(change)));
    let report = phone.sync(&mut server);
    assert_eq!((report.outcome, report.verdicts.stored), (Outcome::Done, 40));
    assert!(report.requests < 16, "{}", report.requests);
    assert_eq!(server.log.iter().map(|(_, hash)| *hash).collect::<Vec<_>>(), (1..=40).map(hash).collect::<Vec<_>>());
}

#[test]
fn one_change_too_large_by_itself_blocks_nothing_else() {
    let (mut server, mut phone) = (Server { monster: Some(hash(7)), ..Server::default() }, Phone::with((1..=20).map(change)));
    let report = phone.sync(&mut server);
    assert_eq!((report.outcome, report.verdicts.stored, report.held.len()), (Outcome::Done, 19, 1));
    assert_eq!(phone.outbox.iter().map(|change| change.n).collect::<Vec<_>>(), [7], "kept, not lost");
}

#[test]
fn a_change_set_aside_is_reported_and_the_others_go_through() {
    let (mut server, mut phone) = (Server { aside: [hash(2)].into(), ..Server::default() }, Phone::with((1..=3).map(change)));
    let report = phone.sync(&mut server);
    assert_eq!((report.verdicts.stored, report.verdicts.set_aside), (2, 1));
    assert_eq!(report.set_aside[0].code, "not_yours");
    assert_eq!(phone.aside, [hash(2)]);
}

#[test]
fn a_change_that_waits_for_another_goes_in_the_next_pass() {
    let mut server = Server { needs: [(hash(1), hash(3))].into(), ..Server::default() };
    let mut phone = Phone::with((1..=3).map(change));
    let report = phone.sync(&mut server);
    assert_eq!((report.outcome, report.verdicts.stored, report.verdicts.wanted), (Outcome::Done, 3, 1));
    assert!(phone.outbox.is_empty());
}

#[test]
fn a_change_that_waits_in_vain_stays_and_the_session_still_ends() {
    let mut server = Server { needs: [(hash(1), hash(99))].into(), ..Server::default() };
    let mut phone = Phone::with((1..=3).map(change));
    let report = phone.sync(&mut server);
    assert_eq!((report.outcome, report.verdicts.stored, phone.outbox.len()), (Outcome::Done, 2, 1));
    assert_eq!(report.verdicts.wanted, u64::from(PUSH_PASSES_MAX));
}

#[test]
fn a_busy_server_is_left_alone_as_long_as_it_asks() {
    let (mut server, mut phone) = (Server::default(), Phone::with([change(1)]));
    let mut busy = server.error(503, "busy");
    busy.1.push(("retry-after".into(), "20".into()));
    server.scripted = vec![busy.clone()];
    assert_eq!(phone.sync(&mut server).outcome, Outcome::Done);
    assert!(phone.waits[0] >= 20_000);

    busy.1.push(("retry-after".into(), "3600".into()));
    busy.1.retain(|(name, value)| name != "retry-after" || value == "3600");
    server.scripted = vec![busy];
    let report = phone.sync(&mut server);
    assert!(matches!(&report.outcome, Outcome::Later { ms, code } if *ms >= 3_600_000 && code == "busy"), "{:?}", report.outcome);
}

#[test]
fn a_server_that_stays_silent_is_given_up_for_now() {
    let (mut server, mut phone) = (Server::default(), Phone::with([change(1)]));
    phone.drops = vec![Some(0); 50];
    let report = phone.sync(&mut server);
    assert!(matches!(&report.outcome, Outcome::Later { code, .. } if code == "unreachable"));
    assert_eq!((report.requests, phone.outbox.len()), (retry::FAILURES_MAX + 1, 1));
    assert!(phone.waits.windows(2).all(|pair| pair[0] < pair[1] * 2), "{:?}", phone.waits);
}

#[test]
fn a_refusal_ends_the_session_with_the_servers_words() {
    let (mut server, mut phone) = (Server::default(), Phone::with([change(1)]));
    server.scripted = vec![(204, server.headers(false), vec![]), server.error(415, "media_type")];
    let report = phone.sync(&mut server);
    assert_eq!(report.outcome.code(), "media_type");
    assert!(matches!(report.outcome, Outcome::Refused { status: 415, zh, .. } if zh == "不行"));
}

#[test]
fn a_revoked_device_learns_it_and_keeps_its_outbox() {
    let (mut server, mut phone) = (Server { revoked: true, ..Server::default() }, Phone::with([change(1)]));
    assert_eq!(phone.sync(&mut server).outcome, Outcome::Revoked);
    assert_eq!(phone.outbox.len(), 1);
}

#[test]
fn a_hotspots_login_page_is_not_the_server() {
    let (mut server, mut phone) = (Server::default(), Phone::with([change(1)]));
    server.scripted = vec![(200, vec![("doorstep".into(), "no".into())], b"<html>".to_vec())];
    assert_eq!(phone.sync(&mut server).outcome, Outcome::Protocol { code: "not_doorstep" });
    assert_eq!(phone.outbox.len(), 1);
}

#[test]
fn an_answer_that_forgets_a_change_does_not_settle_it() {
    let (mut server, mut phone) = (Server::default(), Phone::with((1..=3).map(change)));
    let verdicts =
        [1u8, 3].map(|n| PushVerdict { doc: change(n.into()).doc, hash: hash(n), verdict: Verdict::Stored { seq: 1 } }).to_vec();
    let body = minicbor_serde::to_vec(PushAnswer { verdicts }).unwrap();
    server.scripted = vec![(204, server.headers(false), vec![]), (200, server.headers(true), body)];
    assert_eq!(phone.sync(&mut server).outcome, Outcome::Protocol { code: "verdict_missing" });
    assert_eq!(phone.outbox.iter().map(|change| change.n).collect::<Vec<_>>(), [2]);
}

#[test]
fn what_was_not_stored_is_not_claimed() {
    let (mut server, mut phone) = (Server::default(), Phone::with((1..=4).map(change)));
    phone.full = true;
    let report = phone.sync(&mut server);
    assert_eq!((report.outcome, report.documents, report.remembered.cursor), (Outcome::Storage, 0, None));
    phone.full = false;
    assert_eq!(phone.sync(&mut server).outcome, Outcome::Done);
    assert_eq!(phone.stored, everything(&server));
}

#[test]
fn a_key_that_does_not_sign_ends_it() {
    let (mut server, mut phone) = (Server::default(), Phone::with([change(1)]));
    assert_eq!(phone.sync_with(&mut server, &LostKey).outcome, Outcome::Key);
}

#[test]
fn garbage_in_a_pull_keeps_what_was_checkpointed() {
    let mut server = Server::default();
    server.log = (1..=5).map(|n| (change(n).doc, change(n).hash)).collect();
    let (status, headers, mut body) = server.pull(None);
    body.truncate(body.len() - 3);
    body.extend([0xff; 40]);
    let mut phone = Phone { token: Some("t".into()), chunk: 9_999, ..Phone::default() };
    server.scripted = vec![(status, headers, body)];
    let report = phone.sync(&mut server);
    assert!(matches!(report.outcome, Outcome::Protocol { .. }), "{:?}", report.outcome);
    assert_eq!(phone.stored, [0, 1, 2], "one page was checkpointed");
    assert_eq!(phone.sync(&mut server).outcome, Outcome::Done);
    assert_eq!(phone.stored, everything(&server));
}

#[test]
fn a_restored_server_gets_back_what_it_lost() {
    let (mut server, mut phone) = (Server::default(), Phone::with((1..=4).map(change)));
    phone.sync(&mut server);
    server.log.truncate(2);
    server.epoch = 1;
    let identity = Identity { device: DeviceId::from_bytes([9; 16]), person: "w-1".parse().unwrap() };
    let remembered = Remembered { token: phone.token.clone(), cursor: phone.cursor.clone(), nonce: None };
    let mut session = Session::new(identity, remembered, Limits::default());
    let entropy = Seeded(Mutex::new(1));
    let mut asked = 0;
    let mut body = Vec::new();
    let report = loop {
        match session.next(&Key, &entropy) {
            Step::NeedOutbox { after, .. } => {
                asked += 1;
                // The store found two changes of its own missing from the refetched log and put them back.
                let requeued = if asked > 1 { vec![change(3), change(4)] } else { vec![] };
                session.give_outbox(requeued.into_iter().filter(|change| change.n > after).collect());
            }
            Step::Send(request) => {
                let (status, headers, answer) = server.answer(&request);
                body = answer;
                session.answer_head(status, &headers, Timestamp(0));
            }
            Step::Read => {
                session.answer_body(&std::mem::take(&mut body));
                session.answer_end();
            }
            Step::Settle(_) | Step::Store(_) => session.durable(),
            Step::Wait { .. } => {}
            Step::Finished(report) => break report,
        }
    };
    assert_eq!((report.outcome, report.refetched, report.verdicts.stored), (Outcome::Done, true, 2));
    assert_eq!(server.log.len(), 4);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Wherever the link drops, however often: nothing is lost, nothing is committed twice, the log has each change once.
    #[test]
    fn a_link_that_drops_anywhere_loses_and_doubles_nothing(
        changes in 0u64..20,
        others in 0u8..12,
        drops in prop::collection::vec(prop::option::of(0usize..1_500), 0..25),
        chunk in 1usize..300,
    ) {
        let mut server = Server::default();
        server.log = (100..100 + others).map(|n| (DocId::from_bytes([n; 16]), hash(n))).collect();
        let mut phone = Phone::with((1..=changes).map(change));
        (phone.drops, phone.chunk) = (drops, chunk);
        for _ in 0..30 {
            let before = phone.cursor.clone();
            let report = phone.sync(&mut server);
            prop_assert!(matches!(report.outcome, Outcome::Done | Outcome::Later { .. }), "{:?}", report.outcome);
            prop_assert!(before.is_none() || phone.cursor.is_some());
            if report.outcome == Outcome::Done { break; }
        }
        prop_assert!(phone.outbox.is_empty());
        prop_assert_eq!(&phone.stored, &everything(&server));
        let mut sent: Vec<_> = server.log.iter().map(|(_, hash)| *hash).filter(|hash| hash.as_bytes()[0] < 100).collect();
        prop_assert_eq!(sent.len() as u64, changes);
        sent.dedup();
        prop_assert_eq!(sent.len() as u64, changes);
    }

    #[test]
    fn an_answer_of_garbage_never_panics_and_settles_nothing(
        status in prop::sample::select(vec![200u16, 204, 301, 400, 401, 403, 404, 409, 413, 429, 500, 503]),
        body in prop::collection::vec(any::<u8>(), 0..200), push: bool,
    ) {
        let mut server = Server::default();
        let mut phone = Phone::with(push.then(|| change(1)));
        let mut nonce = server.headers(false);
        nonce.push((HEADER_TOKEN.into(), "token-1".into()));
        let headers = server.headers(false);
        server.scripted = std::iter::once((204, nonce, vec![])).chain((0..40).map(|_| (status, headers.clone(), body.clone()))).collect();
        phone.sync(&mut server);
        prop_assert_eq!(phone.outbox.len(), usize::from(push));
    }
}
