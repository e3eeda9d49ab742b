//! The machine against a server that is a number and some bytes.

use super::*;
use crate::environment::SignerError;
use crate::id::DeviceId;
use crate::sync::wire::ErrorAnswer;

struct Key;
impl Signer for Key {
    fn public_key(&self) -> [u8; 33] {
        [2; 33]
    }
    fn sign(&self, _: &[u8]) -> Result<[u8; 64], SignerError> {
        Ok([1; 64])
    }
}

struct Zeros;
impl Entropy for Zeros {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(0);
    }
}

const DIGEST: Digest = Digest::from_bytes([9; 32]);
const LENGTH: u64 = 3 * PART as u64 + 10;

fn session(way: Way) -> AttachmentSession {
    let identity = Identity { device: DeviceId::from_bytes([1; 16]), person: "w-1".parse().unwrap() };
    let remembered = Remembered { token: Some("t".into()), nonce: Some("n".into()), ..Remembered::default() };
    let length = if way == Way::Up { LENGTH } else { 0 };
    let errand = Errand { digest: DIGEST, doc: DocId::from_bytes([4; 16]), length, way };
    AttachmentSession::new(identity, remembered, Limits::default(), vec![errand])
}

fn ours() -> Vec<(String, String)> {
    vec![(HEADER_TIME.into(), "1".into()), (HEADER_NONCE.into(), "n".into())]
}

/// What the server has, what was sent to it, and what it does next.
#[derive(Default)]
struct Fake {
    received: u64,
    carried: u64,
    /// Of the requests in their order: acted on, and its answer lost.
    lost: Vec<usize>,
    requests: usize,
    /// Bytes of a download after which the link drops.
    cut: Option<usize>,
}

impl Fake {
    fn run(&mut self, session: &mut AttachmentSession) -> (AttachmentReport, Vec<Fate>) {
        let (mut fates, mut have) = (Vec::new(), 0);
        for _ in 0..500 {
            match session.next(&Key, &Zeros) {
                AttachmentStep::NeedBytes { from, most, .. } => {
                    let length = usize::try_from(LENGTH - from).unwrap().min(most);
                    session.give(vec![7; length]);
                }
                AttachmentStep::Send(request) => {
                    self.requests += 1;
                    let lost = self.lost.contains(&self.requests);
                    if request.method == "POST" {
                        let body: AttachmentRequest = minicbor_serde::from_slice(&request.body).unwrap();
                        self.carried += body.bytes.len() as u64;
                        if body.offset == self.received {
                            self.received += body.bytes.len() as u64;
                        }
                        if lost {
                            session.failed(&TransportError::Timeout);
                            continue;
                        }
                        let answer = AttachmentAnswer { received: self.received, stored: self.received == LENGTH };
                        session.answer_head(200, &ours());
                        session.answer_body(&minicbor_serde::to_vec(answer).unwrap());
                        session.answer_end();
                    } else if request.path == crate::sync::wire::PATH_NONCE {
                        session.answer_head(200, &ours());
                        session.answer_end();
                    } else {
                        let range = &request.headers.iter().find(|(name, _)| *name == "range").unwrap().1;
                        let from: u64 = range["bytes=".len()..range.len() - 1].parse().unwrap();
                        let to = (from + PART as u64).min(LENGTH);
                        let mut head = ours();
                        head.push(("content-range".into(), format!("bytes {from}-{}/{LENGTH}", to - 1)));
                        session.answer_head(206, &head);
                        let length = usize::try_from(to - from).unwrap();
                        match self.cut.take() {
                            Some(cut) if cut < length => {
                                session.answer_body(&vec![7; cut]);
                                session.failed(&TransportError::Unreachable);
                            }
                            _ => {
                                session.answer_body(&vec![7; length]);
                                session.answer_end();
                            }
                        }
                    }
                }
                AttachmentStep::Keep { from, length, bytes, .. } => {
                    assert_eq!((from, length), (have, LENGTH));
                    have = from + bytes.len() as u64;
                    if have < LENGTH {
                        have -= have % crate::attachment::CHUNK as u64;
                    }
                    session.kept(have, (have == LENGTH).then_some(true));
                }
                AttachmentStep::Settle { fate, .. } => {
                    fates.push(fate);
                    session.durable();
                }
                AttachmentStep::Read => panic!("nothing is under way"),
                AttachmentStep::Wait { .. } => {}
                AttachmentStep::Finished(report) => return (report, fates),
            }
        }
        panic!("it never ends");
    }
}

#[test]
fn an_upload_whose_answers_are_lost_sends_nothing_twice() {
    for lost in 1..=5 {
        let mut fake = Fake { lost: vec![lost], ..Fake::default() };
        let (report, fates) = fake.run(&mut session(Way::Up));
        assert_eq!((report.outcome, report.stored), (Outcome::Done, 1));
        assert_eq!(fates.last(), Some(&Fate::Stored));
        assert_eq!(fake.carried, LENGTH, "request {lost} lost");
    }
}

#[test]
fn an_upload_that_never_gets_on_ends_for_now() {
    let mut fake = Fake { lost: (1..=60).collect(), ..Fake::default() };
    let (report, _) = fake.run(&mut session(Way::Up));
    assert!(matches!(report.outcome, Outcome::Later { .. }), "{:?}", report.outcome);
    assert!(fake.requests < 30, "{}", fake.requests);
}

#[test]
fn a_download_goes_on_behind_what_came() {
    for cut in [1, PART / 2, PART - 1] {
        let mut fake = Fake { cut: Some(cut), ..Fake::default() };
        let (report, _) = fake.run(&mut session(Way::Down { have: 0 }));
        assert_eq!((report.outcome, report.fetched), (Outcome::Done, 1));
        assert!(report.bytes.down < LENGTH + crate::attachment::CHUNK as u64, "{}", report.bytes.down);
    }
}

fn say_no(session: &mut AttachmentSession, status: u16, code: &str) -> AttachmentStep {
    while !matches!(session.next(&Key, &Zeros), AttachmentStep::Send(_)) {}
    session.answer_head(status, &ours());
    let answer = ErrorAnswer { code: code.into(), zh: String::new(), en: String::new(), at: None };
    session.answer_body(&minicbor_serde::to_vec(&answer).unwrap());
    session.answer_end();
    session.next(&Key, &Zeros)
}

#[test]
fn a_refusal_is_settled_with_its_code_and_what_is_unknown_waits() {
    let settled = |fate| AttachmentStep::Settle { digest: DIGEST, doc: DocId::from_bytes([4; 16]), fate };
    let refused = say_no(&mut session(Way::Up), 413, "attachment_too_large");
    assert_eq!(refused, settled(Fate::Refused("attachment_too_large".into())));
    let later = say_no(&mut session(Way::Up), 404, "attachment_unknown");
    assert_eq!(later, settled(Fate::Later("attachment_unknown".into())));
}

#[test]
fn other_bytes_on_the_server_are_sent_once_more_and_then_it_is_refused() {
    let mut session = session(Way::Up);
    let again = say_no(&mut session, 422, "attachment_hash");
    assert!(matches!(again, AttachmentStep::Send(_)), "{again:?}");
    session.answer_head(422, &ours());
    let answer = ErrorAnswer { code: "attachment_hash".into(), zh: String::new(), en: String::new(), at: None };
    session.answer_body(&minicbor_serde::to_vec(&answer).unwrap());
    session.answer_end();
    let settled = AttachmentStep::Settle {
        digest: DIGEST,
        doc: DocId::from_bytes([4; 16]),
        fate: Fate::Refused("attachment_hash".into()),
    };
    assert_eq!(session.next(&Key, &Zeros), settled);
}

#[test]
fn what_was_not_made_durable_counts_as_not_said() {
    let mut session = session(Way::Up);
    let settle = say_no(&mut session, 413, "attachment_too_large");
    assert!(matches!(settle, AttachmentStep::Settle { .. }));
    let AttachmentStep::Finished(report) = session.next(&Key, &Zeros) else { panic!("it goes on") };
    assert_eq!(report.outcome, Outcome::Storage);
}

#[test]
fn a_hotspots_login_page_is_not_an_answer() {
    let mut session = session(Way::Up);
    let AttachmentStep::Send(_) = session.next(&Key, &Zeros) else { panic!("nothing is sent") };
    session.answer_head(200, &[]);
    let AttachmentStep::Finished(report) = session.next(&Key, &Zeros) else { panic!("it goes on") };
    assert_eq!(report.outcome, Outcome::Protocol { code: "not_doorstep" });
}
