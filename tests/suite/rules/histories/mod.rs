//! Random histories in the short form: a few hundred, the same ones every time, each held against every check by its name.
//!
//! `DOORSTEP_HISTORIES` sets how many; the command `histories` of this package plays any number from any seed. What was
//! found once stands in `counterexamples.rs`, by name.

mod counterexamples;

use std::sync::OnceLock;

use doorstep_core::case::{self, Entry, Event};
use doorstep_core::entry::Body;
use doorstep_core::time::{Hlc, Stamp};
pub(super) use doorstep_tests::histories::dice;
use doorstep_tests::histories::{CHECKS, Coverage, Failure, Plan, STOPPED, report, try_plan};
use doorstep_tests::method::{Phone, town};
use doorstep_tests::model::{Book, Told, differences};

use dice::{Dice, KINDS, any_command, any_event, small_stamp};

/// How many histories every run waits for.
const HISTORIES: u64 = 500;
/// The environment variable that asks for more.
const ASKED: &str = "DOORSTEP_HISTORIES";

/// What all of them came to.
struct Ran {
    coverage: Coverage,
    /// The first failure of each check, with its seed.
    failures: Vec<(u64, Failure)>,
}

/// Plays them once for all tests of this file.
fn ran() -> &'static Ran {
    static RAN: OnceLock<Ran> = OnceLock::new();
    RAN.get_or_init(|| {
        let asked = std::env::var(ASKED).ok().and_then(|asked| asked.parse().ok());
        let mut ran = Ran { coverage: Coverage::default(), failures: Vec::new() };
        for seed in 1..=asked.unwrap_or(HISTORIES) {
            let (coverage, failures) = try_plan(&Plan::of(seed));
            coverage.iter().for_each(|coverage| ran.coverage.merge(coverage));
            for failure in failures {
                if ran.failures.iter().all(|(_, known)| known.check != failure.check) {
                    ran.failures.push((seed, failure));
                }
            }
        }
        ran
    })
}

#[track_caller]
fn holds(check: &str) {
    assert!(check == STOPPED || CHECKS.iter().any(|(known, _)| *known == check), "no check is called {check}");
    if let Some((seed, failure)) = ran().failures.iter().find(|(_, failure)| failure.check == check) {
        panic!("{}", report(*seed, failure));
    }
}

macro_rules! of_every_history {
    ($($check:ident,)*) => {
        $(#[test] fn $check() { holds(stringify!($check)); })*

        #[test]
        fn every_check_is_a_test_here() {
            let tests = [$(stringify!($check)),*];
            assert!(CHECKS.iter().all(|(check, _)| tests.contains(check)));
        }
    };
}

of_every_history! {
    nothing_stops,
    equal_change_sets_give_equal_state,
    the_slow_model_agrees,
    no_event_disappears,
    no_case_is_closed_over_a_dissatisfied_answer,
    no_sealed_text_is_altered,
    every_signature_holds_or_is_contested_or_gave_way,
    what_says_otherwise_is_contested_or_was_chosen_against,
    each_handover_has_one_holder_or_is_contested,
    contests_are_mutual_and_about_something,
    stage_and_tasks_never_contradict,
    whatever_was_done_was_offered,
    people_of_good_will_can_end_it,
}

/// Histories are worth something only if they get somewhere.
#[test]
fn random_histories_reach_every_event_standing_stage_and_contest() {
    let coverage = &ran().coverage;
    println!("{coverage}");
    assert_eq!(coverage.missing(), Vec::<String>::new(), "never reached");
    assert_eq!(KINDS, Event::KINDS.len());
}

/// Holds of every log whatsoever, legal or not: the order and repetition of arrival do not matter, and the model agrees.
#[test]
fn any_log_whatever_folds_to_one_state_and_the_model_agrees() {
    for seed in 0..HISTORIES {
        let mut dice = Dice(seed);
        let log = any_log(&mut dice);
        let state = case::fold(&log);
        let backwards = case::fold(log.iter().rev().chain(&log));
        assert_eq!(backwards, state, "seed {seed}");
        let mut unique = log.clone();
        unique.sort();
        unique.dedup_by_key(|entry| entry.stamp);
        let book = Book::of(&unique);
        let found = differences(&Told::by_book(book.pages()), &Told::by_core(&case::fold(&unique)));
        assert!(found.is_empty(), "seed {seed}: {}\n{unique:#?}", found.join("\n"));
    }
}

/// Anything at all, in a small world where references often meet.
fn any_log(dice: &mut Dice) -> Vec<Entry> {
    let mut log = Vec::new();
    for _ in 0..dice.below(80) {
        let stamp: Stamp = small_stamp(dice);
        let author = dice.of(&[town::WORKER, town::LEAD, town::CLERK]).parse().unwrap();
        let body = if dice.once_in(20) {
            Body::Newer { kind: "praised".into(), record: vec![0] }
        } else {
            // A report often enough that there is a case to speak of.
            let kind = if dice.once_in(10) { 0 } else { dice.below(KINDS) };
            Body::Event(any_event(kind, dice))
        };
        log.push(Entry { stamp, author, body });
    }
    log
}

/// Says how long a long case takes to fold; asserts nothing about time.
#[test]
fn a_case_of_two_hundred_events_folds() {
    let mut seed = 0;
    let mut phone = Phone::reported();
    while phone.log().len() < 200 {
        seed += 1;
        let mut dice = Dice(seed);
        let person = dice.of(&[town::WORKER, town::LEAD, town::COLLEAGUE, town::CLERK]);
        let kind = dice.below(KINDS);
        let kind = if matches!(Event::KINDS[kind], "closed" | "withdrawn" | "merged_into") { 25 } else { kind };
        let command = any_command(kind, &mut dice, &phone);
        let _ = phone.run(person, &command);
    }
    let begun = std::time::Instant::now();
    let times = 20;
    for _ in 0..times {
        assert_ne!(case::fold(phone.log()).updated, Hlc::default());
    }
    println!("fold of {} events: {:?}, round {}", phone.log().len(), begun.elapsed() / times, phone.state().round);
}
