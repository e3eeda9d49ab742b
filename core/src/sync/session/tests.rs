//! The session against a server that is a few lines of state, over a link that drops where the test says.
//!
//! The phone here is as small: an outbox, a set of what was stored, the committed cursor. What both hold in the end is
//! what the promises are about.

mod world;

use std::sync::Mutex;

use proptest::prelude::*;

use self::world::*;
use super::super::wire::{PATH_NONCE, PATH_PULL, PATH_PUSH, PATH_TOKEN, PushAnswer, PushVerdict, Verdict};
use super::*;
use crate::id::{DeviceId, DocId, DocKind};

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
    assert!(report.requests < 14, "the others don't go one by one: {}", report.requests);
}

#[test]
fn a_server_that_knows_no_households_gets_everything_else() {
    let of = |n| OutgoingChange { kind: if n % 3 == 0 { DocKind::Household } else { DocKind::Case }, ..change(n) };
    let (mut server, mut phone) = (Server { older: true, ..Server::default() }, Phone::with((1..=20).map(of)));
    let report = phone.sync(&mut server);
    assert_eq!((report.outcome, report.verdicts.stored, report.held.len()), (Outcome::Done, 14, 6));
    assert!(report.held.iter().all(|held| held.code == "server_older"));
    assert!(phone.outbox.iter().all(|change| change.kind == DocKind::Household), "kept, not lost");
    // Updated, it takes them.
    server.older = false;
    let report = phone.sync(&mut server);
    assert_eq!((report.verdicts.stored, report.held.len(), phone.outbox.len()), (6, 0, 0));
    // Nothing but households: the rest of the session goes on all the same.
    let (mut server, mut phone) = (Server { older: true, ..Server::default() }, Phone::with((3..=3).map(of)));
    let report = phone.sync(&mut server);
    assert_eq!((report.outcome, report.held.len(), report.checkpoints), (Outcome::Done, 1, 1));
}

#[test]
fn a_link_too_poor_for_a_large_push_gets_smaller_ones() {
    let large = (1..=40).map(|n| OutgoingChange { bytes: vec![1; 10_000], ..change(n) });
    let (mut server, mut phone) = (Server::default(), Phone::with(large));
    phone.carries = Some(120_000);
    let report = phone.sync(&mut server);
    assert_eq!((report.outcome, report.verdicts.stored, phone.waits.len()), (Outcome::Done, 40, 2));
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
    assert!(
        matches!(&report.outcome, Outcome::Later { ms, code } if *ms >= 3_600_000 && code == "busy"),
        "{:?}",
        report.outcome
    );
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
    let verdicts = [1u8, 3]
        .map(|n| PushVerdict { doc: change(n.into()).doc, hash: hash(n), verdict: Verdict::Stored { seq: 1 } })
        .to_vec();
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
    let log = (1..=5).map(|n| (change(n).doc, change(n).hash)).collect();
    let mut server = Server { log, ..Server::default() };
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
fn an_answer_that_ends_inside_a_frame_is_a_dropped_link() {
    let mut server = Server { log: (1..=5).map(|n| (change(n).doc, change(n).hash)).collect(), ..Server::default() };
    let (status, headers, mut body) = server.pull(None);
    body.truncate(body.len() - 3);
    server.tokens = 1;
    server.scripted = vec![(status, headers, body)];
    let mut phone = Phone { token: Some("token-1".into()), chunk: 99, ..Phone::default() };
    let report = phone.sync(&mut server);
    assert_eq!((report.outcome, report.requests, phone.waits.len()), (Outcome::Done, 2, 1));
    assert_eq!(phone.stored, everything(&server));
}

#[test]
fn a_link_that_drops_often_is_borne_as_long_as_something_comes() {
    let mut server = Server { log: (1..=60).map(|n| (change(n).doc, change(n).hash)).collect(), ..Server::default() };
    server.tokens = 1;
    let drops = vec![Some(700); 10];
    let mut phone = Phone { token: Some("token-1".into()), chunk: 99, drops, ..Phone::default() };
    let report = phone.sync(&mut server);
    // More drops than a silent server is forgiven.
    assert_eq!((report.outcome, phone.waits.len()), (Outcome::Done, 10));
    assert_eq!(phone.stored, everything(&server));
}

#[test]
fn a_restored_server_gets_back_what_it_lost() {
    let (mut server, mut phone) = (Server::default(), Phone::with((1..=4).map(change)));
    phone.sync(&mut server);
    server.log.truncate(2);
    server.epoch = 1;
    let identity = Identity { device: DeviceId::from_bytes([9; 16]), person: "w-1".parse().unwrap() };
    let remembered = Remembered { token: phone.token.clone(), cursor: phone.cursor.clone(), ..Remembered::default() };
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
        let log = (100..100 + others).map(|n| (DocId::from_bytes([n; 16]), hash(n))).collect();
        let mut server = Server { log, ..Server::default() };
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
