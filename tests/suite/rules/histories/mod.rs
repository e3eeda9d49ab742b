//! Random histories: random people on two to four phones whose clocks are off by up to ten years, hearing of each other
//! now and then. What must hold of every one of them, whatever happened.
//!
//! `PROPTEST_CASES` sets how many are tried; without it, what CI can wait for.

pub(super) mod dice;
mod found;

use doorstep_core::case::{self, CaseState, Entry, Event, Standing};
use doorstep_core::entry::Body;
use doorstep_core::time::{DAY_MS, Hlc, Stamp};
use doorstep_tests::method::{Phone, beginning, town};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRng, TestRunner};

use super::walk;
use dice::{Dice, KINDS, any_command, any_event, small_stamp};

/// How many histories CI waits for.
const CASES: u32 = 200;
/// How often somebody who wants to get on with a case tries.
const TRIES: usize = 4;
/// How far a clock may be off, days: ten years.
const CLOCK_OFF_DAYS: i64 = 3_650;

thread_local! {
    static BEGINNINGS: Vec<Phone> = beginnings();
}

/// One step of a history.
#[derive(Debug, Clone)]
enum Step {
    /// Somebody says something to a phone; mostly refused.
    Anything { phone: u8, kind: u8, seed: u64 },
    /// Somebody does what comes next, as the phone sees the case.
    Next { phone: u8, seed: u64 },
    /// A phone hears all that another knows.
    Hears { phone: u8, other: u8 },
    /// Somebody sets a phone's clock, or days pass on it.
    Clock { phone: u8, days_off: i64 },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        3 => (any::<u8>(), any::<u8>(), any::<u64>()).prop_map(|(phone, kind, seed)| Step::Anything { phone, kind, seed }),
        6 => (any::<u8>(), any::<u64>()).prop_map(|(phone, seed)| Step::Next { phone, seed }),
        1 => (any::<u8>(), any::<u8>()).prop_map(|(phone, other)| Step::Hears { phone, other }),
        1 => (any::<u8>(), -CLOCK_OFF_DAYS..CLOCK_OFF_DAYS).prop_map(|(phone, days_off)| Step::Clock { phone, days_off }),
    ];
    prop::collection::vec(step, 1..100)
}

fn config() -> Config {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(CASES);
    // Counterexamples become named tests, not files beside the sources.
    Config { cases, failure_persistence: None, max_shrink_iters: 20_000, ..Config::default() }
}

/// What people might do next on a case in this state, by the one who may.
fn next_moves(state: &CaseState) -> Vec<(&'static str, usize)> {
    use doorstep_core::case::Stage;
    const LOCALS: [&str; 3] = [town::WORKER, town::COLLEAGUE, town::LEAD];
    const LEADS: [&str; 2] = [town::LEAD, town::DEPUTY];
    let moves = |who: &[&'static str], kinds: &[usize]| -> Vec<(&'static str, usize)> {
        who.iter().flat_map(|person| kinds.iter().map(|kind| (*person, *kind))).collect()
    };
    let mut next = Vec::new();
    for handover in state.handovers.iter().filter(|handover| handover.is_active()) {
        let receiver = town::RECEIVERS.iter().find(|(org, _)| *org == handover.to.as_str()).map_or(town::CLERK, |r| r.1);
        next.extend(moves(&[receiver], &[18, 18, 18, 19, 20, 2, 3, 4, 6, 11, 22]));
        next.extend(moves(&LEADS, &[21]));
    }
    if state.standings.values().any(|standing| matches!(standing, Standing::Contested { .. })) {
        next.extend(moves(&LEADS, &[27]));
    }
    next.extend(match state.own_stage {
        Stage::Received | Stage::Reopened => moves(&LOCALS, &[2, 2, 2, 2]),
        Stage::Consulting => moves(&LOCALS, &[3, 3, 2]),
        Stage::Agreed => moves(&LOCALS, &[4, 4, 5, 5, 5, 6, 2]),
        Stage::Acting => [moves(&LOCALS, &[7, 7, 10, 9, 8]), moves(&LEADS, &[11, 11])].concat(),
        Stage::Done => [moves(&LOCALS, &[12, 13, 13, 14]), moves(&LEADS, &[15, 15])].concat(),
        _ => moves(&LOCALS, &[25, 13]),
    });
    if !state.own_stage.is_end() {
        next.extend([(town::LEAD, 16), (town::DEPUTY, 17), (town::LEAD, if state.round > 1 { 23 } else { 1 })]);
    }
    next
}

/// Where histories begin: a stage that everybody knows of.
fn beginnings() -> Vec<Phone> {
    let drafted = walk::drafted().0;
    vec![Phone::reported(), walk::agreed(), drafted, walk::acting().0, walk::done(), walk::asked(), walk::telecom_owes().0]
}

/// The phones after these steps.
fn history(from: u8, phones: u8, steps: &[Step]) -> Vec<Phone> {
    let first = BEGINNINGS.with(|beginnings| beginnings[usize::from(from) % beginnings.len()].clone());
    let mut phones: Vec<Phone> = (0..phones).map(|n| first.fork(u64::from(n) + 10, 0)).collect();
    for step in steps {
        let count = u8::try_from(phones.len()).unwrap();
        let at = |phone: u8| usize::from(phone % count);
        match *step {
            Step::Anything { phone, kind, seed } => {
                let phone = &mut phones[at(phone)];
                let mut dice = Dice(seed);
                let person = dice.of(&town::EVERYBODY);
                let command = any_command(usize::from(kind), &mut dice, phone);
                let _ = phone.run(person, &command);
            }
            Step::Next { phone, seed } => {
                let phone = &mut phones[at(phone)];
                let mut dice = Dice(seed);
                let moves = next_moves(&phone.state());
                for _ in 0..TRIES {
                    let (person, kind) = dice.of(&moves);
                    let command = any_command(kind, &mut dice, phone);
                    if phone.run(person, &command).is_ok() {
                        break;
                    }
                }
            }
            Step::Hears { phone, other } => {
                let heard = phones[at(other)].clone();
                phones[at(phone)].hear(&heard);
            }
            Step::Clock { phone, days_off } => phones[at(phone)].clock = beginning().plus_ms(days_off * DAY_MS),
        }
    }
    phones
}

/// A phone that has heard of everything.
fn everything(phones: &[Phone]) -> Phone {
    let mut all = phones[0].fork(99, 0);
    phones[1..].iter().for_each(|phone| all.hear(phone));
    all
}

/// Holds of every log whatsoever, legal or not.
fn check_any(log: &[Entry], shuffle: u64) -> Result<CaseState, TestCaseError> {
    let state = case::fold(log);
    let digest = minicbor_serde::to_vec(&state).unwrap();
    let mut shuffled: Vec<&Entry> = log.iter().chain(log.iter().take(3)).collect();
    let mut dice = Dice(shuffle);
    for last in (1..shuffled.len()).rev() {
        shuffled.swap(last, dice.below(last + 1));
    }
    let other = case::fold(shuffled);
    prop_assert_eq!(&other, &state, "order and repetition of arrival do not matter");
    prop_assert_eq!(minicbor_serde::to_vec(&other).unwrap(), digest, "nor for the bytes");

    let mut sorted = log.to_vec();
    sorted.sort();
    sorted.dedup();
    let cut = dice.below(sorted.len() + 1);
    let mut stepwise = case::fold(&sorted[..cut]);
    sorted[cut..].iter().for_each(|entry| case::extend(&mut stepwise, entry));
    prop_assert_eq!(&stepwise, &state, "a prefix and the rest are the whole");

    for (stamp, standing) in &state.standings {
        let Standing::Contested { with } = standing else { continue };
        prop_assert!(!with.is_empty(), "{stamp} is contested with nothing");
        prop_assert!(!with.contains(stamp), "{stamp} is contested with itself");
        for other in with {
            let back = matches!(state.standing(*other), Standing::Contested { with } if with.contains(stamp));
            prop_assert!(back, "{stamp} is contested with {other}, but not the other way round");
        }
    }
    let dissatisfied = state.last_words(state.round).values().any(|grade| grade.is_dissatisfied());
    prop_assert!(!(state.own_stage == case::Stage::Closed && dissatisfied), "closed over a dissatisfied answer");
    Ok(state)
}

/// Holds of every log that people could have written.
fn check_decided(log: &[Entry], shuffle: u64) -> Result<CaseState, TestCaseError> {
    let state = check_any(log, shuffle)?;
    for entry in log {
        prop_assert!(found::is_found(&state, entry), "lost: {:?} in {:#?}", entry, state);
    }
    let active: Vec<Stamp> = state.handovers.iter().filter(|h| h.is_active()).map(|h| h.offered.stamp).collect();
    for one in &active {
        for other in active.iter().filter(|other| *other != one) {
            let contested = matches!(state.standing(*one), Standing::Contested { with } if with.contains(other));
            prop_assert!(contested, "two handovers under way and nobody is asked to choose: {:#?}", state.handovers);
        }
    }
    for handover in state.handovers.iter().filter(|handover| !handover.is_active()) {
        let contested = matches!(state.standing(handover.offered.stamp), Standing::Contested { .. });
        prop_assert!(!contested, "a handover that has ended leaves nothing to choose: {:#?}", handover);
    }
    let sealed = |entry: &&Entry| matches!(&entry.body, Body::Event(Event::AgreementSealed(_)));
    for entry in log.iter().filter(sealed) {
        let agreement = state.agreements.iter().find(|agreement| agreement.written.stamp == entry.stamp);
        let Some(agreement) = agreement else { return Err(TestCaseError::fail("a sealed agreement vanished")) };
        // A signature gives way to nothing but another round, or to people's choice.
        let chosen_against = log.iter().any(
            |other| matches!(&other.body, Body::Event(Event::ContestSettled(choice)) if choice.over.contains(&entry.stamp)),
        );
        if let (Standing::Overtaken { .. }, false) = (state.standing(entry.stamp), chosen_against) {
            prop_assert!(agreement.round < state.round, "a signature was overtaken in its own round");
        }
    }
    if state.own_stage == case::Stage::Acting {
        prop_assert!(state.agreement().is_some(), "being carried out, and nothing is agreed");
    }
    Ok(state)
}

/// From wherever a history left a case, people of good will can bring it to its end.
fn check_can_end(mut phone: Phone) -> Result<(), TestCaseError> {
    for _ in 0..200 {
        let Some((person, command)) = found::next_of_good_will(&phone) else { return Ok(()) };
        if let Err(refusal) = phone.run(person, &command) {
            let message = format!("{person} cannot {command:?}: {refusal:?} {:#?}", phone.state());
            return Err(TestCaseError::fail(message));
        }
        // What was tried must also be tried in good order: a day between.
        phone.wait_days(1);
    }
    Err(TestCaseError::fail(format!("no end in sight: {:#?}", phone.state())))
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn histories_of_people_apart_come_together(from: u8, phones in 2u8..=4, steps in steps(), shuffle: u64) {
        let phones = history(from, phones, &steps);
        for phone in &phones {
            check_decided(phone.log(), shuffle)?;
        }
        let all = everything(&phones);
        let state = check_decided(all.log(), shuffle)?;
        let mut backwards: Vec<Phone> = phones.clone();
        backwards.reverse();
        prop_assert_eq!(everything(&backwards).state(), state, "whoever hears first");
        check_can_end(all)?;
    }

    #[test]
    fn any_log_whatever_folds_to_one_state(
        entries in prop::collection::vec((any::<u8>(), any::<u64>()), 0..80),
        shuffle: u64,
    ) {
        let log: Vec<Entry> = entries.iter().map(|(kind, seed)| {
            let mut dice = Dice(*seed);
            let stamp = small_stamp(&mut dice);
            let author = dice.of(&[town::WORKER, town::LEAD, town::CLERK]).parse().unwrap();
            let body = if dice.once_in(20) {
                Body::Newer { kind: "praised".into(), record: vec![*kind] }
            } else {
                // A report often enough that there is a case to speak of.
                Body::Event(any_event(if dice.once_in(10) { 0 } else { usize::from(*kind) }, &mut dice))
            };
            Entry { stamp, author, body }
        }).collect();
        check_any(&log, shuffle)?;
    }
}

/// The histories above are worth something only if they get somewhere.
#[test]
fn random_histories_reach_every_kind_of_event_and_standing() {
    let mut runner = TestRunner::new_with_rng(config(), TestRng::deterministic_rng(config().rng_algorithm));
    let mut seen = std::collections::BTreeMap::<String, u32>::new();
    for from in 0..=255 {
        let tree = steps().new_tree(&mut runner).unwrap();
        let all = everything(&history(from, 3, &proptest::strategy::ValueTree::current(&tree)));
        let state = all.state();
        for entry in all.log() {
            *seen.entry(entry.body.kind().into()).or_default() += 1;
            let standing = match state.standing(entry.stamp) {
                Standing::Effective => "effective",
                Standing::Overtaken { .. } => "overtaken",
                Standing::Contested { .. } => "contested",
            };
            *seen.entry(standing.into()).or_default() += 1;
        }
        *seen.entry(format!("stage {}", state.stage().name())).or_default() += 1;
        *seen.entry(format!("round {}", state.round.min(3))).or_default() += 1;
    }
    println!("{seen:#?}");
    for kind in Event::KINDS.iter().chain(&["effective", "overtaken", "contested", "round 3", "stage closed"]) {
        assert!(seen.contains_key(*kind), "never: {kind}");
    }
    assert_eq!(KINDS, Event::KINDS.len());
}

/// Says how long a long case takes to fold; asserts nothing about time.
#[test]
fn a_case_of_two_hundred_events_folds() {
    let mut seed = 0;
    let mut phone = Phone::reported();
    while phone.log().len() < 200 {
        seed += 1;
        let mut dice = Dice(seed);
        let (person, kind) = dice.of(&next_moves(&phone.state()));
        let kind = if matches!(kind, 15 | 23 | 24) { 25 } else { kind };
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
