//! A server of a few lines of state, a phone as small, and a link that drops where the test says.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use serde_bytes::ByteBuf;

use super::super::super::frames::tests::framed;
use super::super::super::wire::{
    CODE_REVOKED, ErrorAnswer, Frame, PATH_NONCE, PATH_PULL, PATH_PUSH, PATH_TOKEN, PushAnswer, PushRequest, PushVerdict,
    Verdict,
};
use super::super::*;
use crate::environment::{Request, SignerError};
use crate::id::{ChangeHash, DeviceId, DocId, DocKind};

pub(super) struct Seeded(pub(super) Mutex<u64>);
impl Entropy for Seeded {
    fn fill(&self, bytes: &mut [u8]) {
        let mut state = self.0.lock().unwrap();
        for byte in bytes {
            *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            *byte = (*state >> 56) as u8;
        }
    }
}

pub(super) struct Key;
impl Signer for Key {
    fn public_key(&self) -> [u8; 33] {
        [2; 33]
    }
    fn sign(&self, _: &[u8]) -> Result<[u8; 64], SignerError> {
        Ok([1; 64])
    }
}

pub(super) struct LostKey;
impl Signer for LostKey {
    fn public_key(&self) -> [u8; 33] {
        [2; 33]
    }
    fn sign(&self, _: &[u8]) -> Result<[u8; 64], SignerError> {
        Err(SignerError)
    }
}

pub(super) type Answer = (u16, Vec<(String, String)>, Vec<u8>);

/// A server: nonces used once, tokens that end, a log with sequence numbers, pages of three documents.
#[derive(Default)]
pub(super) struct Server {
    pub(super) nonces: u64,
    pub(super) open_nonces: BTreeSet<String>,
    pub(super) tokens: u64,
    pub(super) log: Vec<(DocId, ChangeHash)>,
    pub(super) epoch: u8,
    /// Refuses pushes of more changes than this with 413.
    pub(super) most: Option<usize>,
    /// Changes it won't take, whatever the batch.
    pub(super) monster: Option<ChangeHash>,
    pub(super) aside: BTreeSet<ChangeHash>,
    pub(super) needs: BTreeMap<ChangeHash, ChangeHash>,
    /// Answers given before any other, oldest first.
    pub(super) scripted: Vec<Answer>,
    pub(super) revoked: bool,
    /// Knows no kinds but the first release's, and no push that has another.
    pub(super) older: bool,
    pub(super) seen: Vec<String>,
}

pub(super) const PAGE: usize = 3;

impl Server {
    pub(super) fn headers(&mut self, token: bool) -> Vec<(String, String)> {
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

    pub(super) fn error(&mut self, status: u16, code: &str) -> Answer {
        let answer = ErrorAnswer { code: code.into(), zh: "不行".into(), en: "no".into(), at: None };
        (status, self.headers(false), minicbor_serde::to_vec(answer).unwrap())
    }

    pub(super) fn answer(&mut self, request: &Request) -> Answer {
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

    pub(super) fn push(&mut self, push: &PushRequest) -> Answer {
        if self.most.is_some_and(|most| push.changes.len() > most)
            || push.changes.iter().any(|change| Some(change.hash) == self.monster)
        {
            return self.error(413, "too_large");
        }
        if self.older && push.changes.iter().any(|change| change.kind == DocKind::Household) {
            return self.error(400, "malformed");
        }
        let mut verdicts = Vec::new();
        for change in &push.changes {
            let place = self.log.iter().position(|(_, hash)| *hash == change.hash);
            let need = self.needs.get(&change.hash).filter(|need| !self.log.iter().any(|(_, hash)| hash == *need));
            let verdict = match (place, need) {
                (Some(seq), _) => Verdict::Known { seq: seq as u64 },
                (None, Some(need)) => Verdict::Wanted { hashes: vec![*need] },
                (None, None) if self.aside.contains(&change.hash) => {
                    Verdict::SetAside { code: "not_yours".into(), about: vec![] }
                }
                (None, None) => {
                    self.log.push((change.doc, change.hash));
                    Verdict::Stored { seq: self.log.len() as u64 }
                }
            };
            verdicts.push(PushVerdict { doc: change.doc, hash: change.hash, verdict });
        }
        (200, self.headers(true), minicbor_serde::to_vec(PushAnswer { verdicts }).unwrap())
    }

    pub(super) fn pull(&mut self, cursor: Option<Vec<u8>>) -> Answer {
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
                body.extend(framed(&Frame::Document {
                    doc: *doc,
                    kind: DocKind::Case,
                    bytes,
                    heads: vec![*hash],
                    row: ByteBuf::new(),
                }));
            }
            from = to;
            let done = to == self.log.len();
            body.extend(framed(&Frame::Checkpoint {
                cursor: ByteBuf::from(vec![self.epoch, u8::try_from(to).unwrap()]),
                done,
                lost: vec![],
            }));
            if done {
                return (200, self.headers(false), body);
            }
        }
    }
}

/// A phone: what is unsent, what came, where it stands.
#[derive(Default)]
pub(super) struct Phone {
    pub(super) outbox: Vec<OutgoingChange>,
    pub(super) aside: Vec<ChangeHash>,
    /// Each committed document of the server's log, in order: twice would be a commit told twice.
    pub(super) stored: Vec<u8>,
    pub(super) cursor: Option<Vec<u8>>,
    pub(super) token: Option<String>,
    pub(super) nonce: Option<String>,
    pub(super) waits: Vec<u64>,
    /// Bytes of each answer after which the link drops; beyond the list it holds.
    pub(super) drops: Vec<Option<usize>>,
    pub(super) chunk: usize,
    /// Longest body the link carries up; it breaks in the middle of a longer one.
    pub(super) carries: Option<usize>,
    pub(super) full: bool,
}

impl Phone {
    pub(super) fn with(changes: impl IntoIterator<Item = OutgoingChange>) -> Self {
        Self { outbox: changes.into_iter().collect(), chunk: 7, ..Self::default() }
    }

    pub(super) fn sync(&mut self, server: &mut Server) -> Report {
        self.sync_with(server, &Key)
    }

    pub(super) fn sync_with(&mut self, server: &mut Server, signer: &dyn Signer) -> Report {
        let identity = Identity { device: DeviceId::from_bytes([9; 16]), person: "w-1".parse().unwrap() };
        let remembered =
            Remembered { nonce: self.nonce.take(), nonce_recent: false, token: self.token.take(), cursor: self.cursor.clone() };
        let mut session = Session::new(identity, remembered, Limits::default());
        let entropy = Seeded(Mutex::new(7));
        let mut body: Vec<u8> = Vec::new();
        let mut drop_at = None;
        for _ in 0..100_000 {
            match session.next(signer, &entropy) {
                Step::NeedOutbox { after, .. } => {
                    session.give_outbox(self.outbox.iter().filter(|change| change.n > after).cloned().collect());
                }
                Step::Send(request) if self.carries.is_some_and(|most| request.body.len() > most) => {
                    session.failed(&TransportError::Unreachable);
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

pub(super) fn change(n: u64) -> OutgoingChange {
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

pub(super) fn hash(n: u8) -> ChangeHash {
    ChangeHash::from_bytes([n; 32])
}

pub(super) fn everything(server: &Server) -> Vec<u8> {
    (0..u8::try_from(server.log.len()).unwrap()).collect()
}
