//! Changes are tried in processes of their own: what such a process dies over is set aside alone, and nothing else notices.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use doorstep_core::case::{Event, Noted};
use doorstep_core::document::Document;
use doorstep_core::document::guard::{self, GuardError};
use doorstep_core::entry::Body;
use doorstep_core::environment::random;
use doorstep_core::id::{ActorId, ChangeHash, DocId, DocKind};
use doorstep_core::store::{Apply, PulledChange, Query};
use doorstep_core::sync::Outcome;
use doorstep_core::sync::wire::{PushedChange, Verdict};
use doorstep_core::words::{Lang, set_aside_sentence};
use doorstep_server::config::Workers;
use doorstep_server::worker::patience::{DEATHS_MAX, WINDOW_MS};
use doorstep_server::worker::{DIED, TOO_SLOW, Trials};
use doorstep_tests::forge::tried;
use doorstep_tests::fuzz::chunk::{self, Parts};
use doorstep_tests::{Phone, World, forge, scenes};

fn workers() -> Workers {
    let program = PathBuf::from(env!("CARGO_BIN_EXE_tried_worker"));
    Workers { count: 2, ..Workers::new(program, vec![]) }
}

/// A phone with so many cases, all on the server.
fn cases(world: &World, count: usize) -> (Phone, Vec<(DocId, Document)>) {
    let mut phone = world.phone("w-ncg-1");
    let cases: Vec<DocId> = (0..count).map(|n| scenes::report(&phone, &format!("事项{n}"))).collect();
    phone.settle();
    let cases = cases.into_iter().map(|case| (case, phone.document(case))).collect();
    (phone, cases)
}

/// A note on the case as another program of this phone would push it.
fn note(phone: &Phone, (case, document): &(DocId, Document), text: &str) -> (Document, PushedChange) {
    let actor = ActorId::from_bytes(random(phone.entropy.as_ref()));
    let (after, change) = forge::write(phone, document, actor, Body::Event(Event::from(Noted { text: text.into() })));
    (after, forge::pushed(*case, change))
}

fn stored(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::Stored { .. })
}

fn aside(code: &str) -> Verdict {
    Verdict::SetAside { code: code.into(), about: vec![] }
}

#[test]
fn a_change_over_which_a_worker_dies_is_set_aside_and_all_others_of_its_push_go_on() {
    let world = World::with_workers(1, workers());
    let (phone, cases) = cases(&world, 3);
    for (word, code) in [(tried::DIE, DIED), (tried::FILL, DIED), (tried::DEEP, DIED), (tried::LOOP, TOO_SLOW)] {
        let (_, before) = note(&phone, &cases[0], "在它之前");
        let (with, killer) = note(&phone, &cases[1], word);
        let (_, on_top) = note(&phone, &(cases[1].0, with), "接在它后面");
        let (_, beside) = note(&phone, &cases[1], "在它旁边");
        let (_, behind) = note(&phone, &cases[2], "在它之后");
        let hash = killer.hash;
        let verdicts = forge::push(&phone, vec![before, killer.clone(), on_top, beside, behind]).verdicts();
        assert!(stored(&verdicts[0]) && stored(&verdicts[3]) && stored(&verdicts[4]), "{word}: {verdicts:?}");
        assert_eq!(verdicts[1], aside(code), "{word}");
        let on_refused = Verdict::SetAside { code: "depends_on_refused".into(), about: vec![hash.to_string()] };
        assert_eq!(verdicts[2], on_refused, "{word}");
        // Pushed again it is known by its code, and costs no worker.
        assert_eq!(forge::push(&phone, vec![killer]).verdicts(), [aside(code)], "{word}");
    }
    assert_eq!(world.store().holdings().unwrap().set_aside, 8);
    phone.settle();
    let lead = world.phone("lead-ncg");
    for (case, _) in &cases {
        assert_eq!(lead.device().case(*case).unwrap(), phone.device().case(*case).unwrap());
    }
}

#[test]
fn ten_million_operations_that_get_as_far_as_automerge_end_in_their_worker() {
    let world = World::with_workers(10, workers());
    let (phone, cases) = cases(&world, 2);
    let (_, bomb) = note(&phone, &cases[0], tried::BOMB);
    let (_, other) = note(&phone, &cases[1], "别的");
    let verdicts = forge::push(&phone, vec![bomb, other]).verdicts();
    // Whichever limit is met first: memory, or the time to fill it.
    assert!(verdicts[0] == aside(DIED) || verdicts[0] == aside(TOO_SLOW), "{verdicts:?}");
    assert!(stored(&verdicts[1]), "{verdicts:?}");
}

#[test]
fn a_worker_that_falls_silent_is_ended_after_its_time_and_the_change_is_neither_taken_nor_refused() {
    let world = World::with_workers(2, Workers { answer_max: Duration::from_millis(400), count: 1, ..workers() });
    let (phone, cases) = cases(&world, 2);
    let (_, silent) = note(&phone, &cases[0], tried::SILENT);
    let (_, other) = note(&phone, &cases[1], "别的");
    let answer = forge::push(&phone, vec![silent, other.clone()]);
    assert_eq!(answer.status, 503, "silence says nothing of a change: it may come again");
    assert!(matches!(forge::push(&phone, vec![other]).verdicts()[..], [Verdict::Known { .. }]), "the other one is stored");
    let counts = health(&phone);
    assert_eq!((counts["too_slow"].as_u64(), counts["refused"].as_u64()), (Some(2), Some(0)));
    assert_eq!(counts["untried"].as_u64(), Some(1));
}

/// What `GET /v1/health` says of the workers.
fn health(phone: &Phone) -> serde_json::Value {
    let request =
        doorstep_core::environment::Request { method: "GET", path: "/v1/health".into(), headers: vec![], body: vec![] };
    let answer = forge::send(phone, &request).unwrap();
    serde_json::from_slice::<serde_json::Value>(&answer.body).unwrap()["workers"].clone()
}

#[test]
fn the_health_page_counts_what_the_workers_go_through() {
    let world = World::with_workers(3, Workers { count: 1, ..workers() });
    let (phone, cases) = cases(&world, 1);
    let before = health(&phone);
    assert_eq!((before["started"].as_u64(), before["died"].as_u64(), before["most"].as_u64()), (Some(1), Some(0), Some(1)));
    let (_, killer) = note(&phone, &cases[0], tried::DIE);
    assert_eq!(forge::push(&phone, vec![killer]).verdicts(), [aside(DIED)]);
    let (_, after) = note(&phone, &cases[0], "之后");
    assert!(stored(&forge::push(&phone, vec![after]).verdicts()[0]));
    let counts = health(&phone);
    // Tried once more in a fresh one; the next change gets a third.
    assert_eq!((counts["died"].as_u64(), counts["refused"].as_u64(), counts["started"].as_u64()), (Some(2), Some(1), Some(3)));
    assert_eq!(health(&World::new(3).new_phone("w-ncg-1")), serde_json::Value::Null, "nothing, where there are none");
}

#[test]
fn a_push_costs_a_few_workers_at_most_and_each_repeat_gets_further() {
    let world = World::with_workers(12, Workers { count: 1, ..workers() });
    let (phone, cases) = cases(&world, 12);
    // Ten cases with a change that kills, each followed by one that is good; and two good ones at the end.
    let mut changes = Vec::new();
    for case in &cases[..10] {
        changes.push(note(&phone, case, tried::DIE).1);
        changes.push(note(&phone, case, "在它旁边").1);
    }
    changes.extend(cases[10..].iter().map(|case| note(&phone, case, "好的").1));
    let died = |phone: &Phone| health(phone)["died"].as_u64().unwrap();
    let most = u64::from(DEATHS_MAX);
    for pushes in 1..=2 {
        let answer = forge::push(&phone, changes.clone());
        assert_eq!((answer.status, answer.header("retry-after").is_some()), (503, true), "{}", answer.code());
        assert_eq!((died(&phone), world.store().holdings().unwrap().set_aside), (pushes * most, pushes * most / 2));
        // At once again, it costs nothing.
        assert_eq!(forge::push(&phone, changes.clone()).status, 503);
        assert_eq!(died(&phone), pushes * most);
        // Nobody else waits for it.
        let other = world.phone("lead-ncg");
        let case = scenes::report(&other, "别人的");
        other.settle();
        assert!(world.phone("lead-ncg").device().case(case).is_ok());
        world.clock.pass(WINDOW_MS);
    }
    let verdicts = forge::push(&phone, changes).verdicts();
    let aside_all = verdicts.iter().step_by(2).take(10).all(|verdict| *verdict == aside(DIED));
    let kept = |verdict: &Verdict| matches!(verdict, Verdict::Stored { .. } | Verdict::Known { .. });
    assert!(aside_all && verdicts.iter().skip(1).step_by(2).all(kept) && kept(&verdicts[20]), "{verdicts:?}");
    assert_eq!(died(&phone), 20);
    assert!(health(&phone)["untried"].as_u64().unwrap() > 0);
}

#[test]
fn a_worker_that_the_system_kills_costs_nobody_a_change() {
    let world = World::with_workers(4, workers());
    let (phone, cases) = cases(&world, 1);
    for n in 0..4 {
        // All that wait for work; whichever is asked next is gone.
        for id in world.server.idle_workers() {
            assert!(Command::new("kill").args(["-9", &id.to_string()]).status().unwrap().success());
        }
        let (_, change) = note(&phone, &cases[0], &format!("第{n}句"));
        assert!(stored(&forge::push(&phone, vec![change]).verdicts()[0]), "{n}");
    }
    assert_eq!(world.store().holdings().unwrap().set_aside, 0);
}

#[test]
fn where_no_worker_can_be_started_phones_wait_and_nothing_is_set_aside() {
    let nothing = Path::new("/nonexistent/doorstep").to_owned();
    let world = World::with_workers(5, Workers { program: nothing, ..workers() });
    let phone = world.phone("w-ncg-1");
    scenes::report(&phone, "等着");
    assert_ne!(phone.sync().outcome, Outcome::Done);
    let counts = phone.pending().counts;
    assert_eq!((counts.waiting, counts.set_aside), (1, 0));
    assert_eq!(world.store().holdings().unwrap().set_aside, 0);
}

#[test]
fn a_sealed_agreement_gets_through_a_worker_with_its_bundle_and_not_without() {
    let world = World::with_workers(6, workers());
    let (mut phone, lead) = (world.phone("w-ncg-1"), world.phone("lead-ncg"));
    let (case, agreement) = scenes::sealed(&world, &phone);
    let unsent = phone.with_store(|store| store.unsent_of(&case).unwrap());
    let changes: Vec<PushedChange> = unsent
        .into_iter()
        .map(|one| PushedChange {
            doc: case,
            kind: DocKind::Case,
            hash: one.hash,
            bytes: serde_bytes::ByteBuf::from(one.bytes),
        })
        .collect();
    let sealing = changes.len() - 1;
    let mut bare = changes;
    bare.truncate(sealing);
    assert!(forge::push(&phone, bare).verdicts().iter().all(stored));
    phone.settle();
    lead.settle();
    let fetched = lead.device().fetch_bundle(lead.network.as_ref(), &agreement.bundle).unwrap();
    assert_eq!(fetched, Some(agreement.bytes));
    // A second one whose bundle never came.
    let other = world.phone("w-ncg-1");
    let (case, _) = scenes::sealed(&world, &other);
    let mut other = other;
    let unsent = other.with_store(|store| store.unsent_of(&case).unwrap());
    let changes = unsent.into_iter().map(|one| PushedChange {
        doc: case,
        kind: DocKind::Case,
        hash: one.hash,
        bytes: serde_bytes::ByteBuf::from(one.bytes),
    });
    let verdicts = forge::push(&other, changes.collect()).verdicts();
    assert_eq!(verdicts.last(), Some(&aside("bundle_missing")), "{verdicts:?}");
}

#[test]
fn a_document_begun_and_grown_past_its_tail_in_one_push_is_saved_whole_by_the_worker() {
    let world = World::with_workers(7, workers());
    let phone = world.phone("w-ncg-1");
    let case = scenes::report(&phone, "长的");
    for n in 0..20 {
        phone.device().run(case, &scenes::note(&format!("第{n}句"))).unwrap();
    }
    phone.settle();
    let lead = world.phone("lead-ncg");
    assert_eq!(lead.device().case(case).unwrap(), phone.device().case(case).unwrap());
    assert_eq!(lead.device().digest(case).unwrap(), phone.device().digest(case).unwrap());
}

#[test]
fn what_the_workers_say_is_what_the_same_judge_says_in_this_process() {
    for seed in [8, 9] {
        let verdicts = |world: &World| {
            let (phone, cases) = cases(world, 2);
            let (_, good) = note(&phone, &cases[0], "好的");
            let (_, mut other_kind) = note(&phone, &cases[0], "类别不对");
            other_kind.kind = DocKind::Visit;
            let (_, elsewhere) = note(&phone, &cases[0], "不是这份的");
            let elsewhere = PushedChange { doc: cases[1].0, ..elsewhere };
            let mut broken = note(&phone, &cases[0], "坏的").1;
            broken.bytes[40] ^= 1;
            let missing = Verdict::Wanted { hashes: vec![ChangeHash::from_bytes([7; 32])] };
            let all = forge::push(&phone, vec![good, other_kind, elsewhere, broken]).verdicts();
            let wanted = all.iter().map(|one| if matches!(one, Verdict::Wanted { .. }) { &missing } else { one });
            wanted.map(|one| format!("{one:?}")).collect::<Vec<_>>()
        };
        assert_eq!(verdicts(&World::with_workers(seed, workers())), verdicts(&World::new(seed)));
    }
}

#[test]
fn a_bad_change_that_a_phone_pulled_harms_one_document_until_the_server_sends_it_whole() {
    let world = World::new(11);
    let mut lead = world.phone("lead-ncg");
    let (phone, cases) = cases(&world, 2);
    lead.settle();
    let (bad, good) = (cases[0].0, cases[1].0);
    let row = lead.device().rows(&Query::first(DocKind::Case, 10)).unwrap().into_iter().find(|row| row.doc == bad).unwrap();
    let (_, change) = note(&phone, &cases[0], "编号不对");
    let mut parts = Parts::of(&change.bytes).unwrap();
    parts.start_op += 7;
    let bytes = parts.bytes();
    let hash = ChangeHash::from_bytes(chunk::hash(&bytes));
    let news = Apply::Changes {
        doc: bad,
        kind: DocKind::Case,
        changes: vec![PulledChange { hash, deps: Vec::new(), bytes }],
        heads: vec![hash],
        row,
    };
    lead.with_store(|store| store.apply(&[news], None).unwrap());
    for _ in 0..2 {
        let error = lead.device().case(bad).unwrap_err();
        assert_eq!(error.code(), "start_op");
        assert!(error.sentence(Lang::En).contains("does not fit"), "{}", error.sentence(Lang::En));
    }
    assert_eq!(lead.pending().counts.unreadable, 1);
    assert!(
        lead.device().rows(&Query::first(DocKind::Case, 10)).unwrap().iter().any(|row| row.doc == bad),
        "it is still listed"
    );
    assert_eq!(lead.device().case(good).unwrap(), phone.device().case(good).unwrap());
    // The sync after this one begins again from nothing, and not more than once a day.
    lead.synced();
    let report = lead.synced();
    assert!(report.documents >= 2, "{report:?}");
    assert_eq!(lead.device().case(bad).unwrap(), phone.device().case(bad).unwrap());
    assert_eq!(lead.pending().counts.unreadable, 0);
    assert_eq!(lead.synced().documents, 0);
}

#[test]
fn each_code_of_the_guard_has_words_in_both_languages() {
    let unknown = set_aside_sentence("a code nobody knows", &[], Lang::Zh);
    let codes = [
        GuardError::CompressedChunk,
        GuardError::DocumentChunk,
        GuardError::BundleChunk,
        GuardError::Malformed,
        GuardError::TooLarge,
        GuardError::TooManyOperations,
        GuardError::BadChecksum,
        GuardError::ActorFork,
        GuardError::SequenceGap,
        GuardError::MissingDependency(vec![]),
        GuardError::StartOp,
        GuardError::Depth,
        GuardError::NotAppendOnly,
        GuardError::WrongKind,
        GuardError::Unloadable,
        GuardError::Panicked,
    ];
    for code in codes.iter().map(GuardError::code).chain([DIED, TOO_SLOW]) {
        assert_ne!(set_aside_sentence(code, &[], Lang::Zh), unknown, "{code}");
        assert!(set_aside_sentence(code, &[], Lang::En).is_ascii(), "{code}");
    }
}

#[test]
fn the_bomb_is_one_and_the_first_look_refuses_it() {
    let bomb = tried::bomb();
    assert!(bomb.len() < 80, "{} bytes", bomb.len());
    assert_eq!(guard::inspect(&bomb), Err(GuardError::TooManyOperations));
    assert!(matches!(Trials::new(None), Trials::Here));
    assert!(tried::ALL.iter().all(|word| word.starts_with("put-through")));
}

#[test]
fn two_thousand_mutated_changes_leave_the_running_server_well() {
    let program = env!("CARGO_BIN_EXE_mutate");
    let run = Command::new(program).args(["--changes", "2000", "--server", program]).output().unwrap();
    assert!(run.status.success(), "{}{}", String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
}
