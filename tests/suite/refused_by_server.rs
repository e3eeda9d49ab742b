//! What the server refuses stays on the phone, with its reason; what builds on it is done again or kept beside it; the
//! rest goes on.

use std::cell::Cell;
use std::sync::atomic::{AtomicBool, Ordering};

use doorstep_core::case::{Command, TextName};
use doorstep_core::environment::{Clock as _, Request, Response, Transport, TransportError};
use doorstep_core::id::DocId;
use doorstep_core::sync::wire::PATH_PUSH;
use doorstep_tests::seed::each_seed;
use doorstep_tests::worker::Ledger;
use doorstep_tests::{Phone, Weather, World, scenes};

/// A worker and a lead who have the same case.
fn two(seed: u64) -> (World, Phone, Phone, DocId) {
    let world = World::new(seed);
    let (worker, lead) = (world.phone("w-ncg-1"), world.phone("lead-ncg"));
    let case = scenes::report(&worker, "一件事");
    worker.settle();
    lead.settle();
    (world, worker, lead, case)
}

/// Gives the first grid's worker this grid instead; the phone does not know yet.
fn move_worker(world: &World, grid: &str) {
    world.direct(|directory| {
        let person = directory.people.iter_mut().find(|one| one.id.as_str() == "w-ncg-1").unwrap();
        person.posts[0].grids = vec![grid.parse().unwrap()];
    });
}

#[test]
fn work_done_after_the_post_ended_is_set_aside_with_code_words_and_command() {
    let (world, mut worker, lead, case) = two(1);
    world.end_posts("w-ncg-1");
    worker.device().run(case, &scenes::note("已经调走的人写的")).unwrap();
    worker.device().run(case, &scenes::sit_down(world.clock.now())).unwrap();
    let own = scenes::report(&worker, "调走后新报的");
    let report = worker.synced();
    assert_eq!((report.verdicts.stored, report.verdicts.set_aside), (0, 3));
    let aside = worker.pending().set_aside;
    let codes: Vec<_> = aside.iter().map(|one| (one.doc, one.code.as_str())).collect();
    assert_eq!(codes, [(case, "unknown_person"), (case, "depends_on_refused"), (own, "unknown_person")]);
    assert!(aside.iter().all(|one| !one.words.is_empty() && !one.words.contains("unknown_person")), "{aside:?}");
    let holds = |number: usize, words: &str| aside[number].command.windows(words.len()).any(|bytes| bytes == words.as_bytes());
    assert!(holds(0, "已经调走的人写的") && holds(1, "恢复供水") && holds(2, "调走后新报的"), "what was wanted is kept");
    assert!(lead.synced().changes == 0, "nobody else sees any of it");
    // Nothing of it goes away by itself: not by another sync, not by switching the phone off.
    worker.synced();
    worker.reopen();
    assert_eq!(worker.pending().set_aside, aside);
}

/// A way to the server that breaks for good once a push was answered; the worker taps before the phone reads the answer.
struct TapsMeanwhile<'a, T: Fn()> {
    phone: &'a Phone,
    tap: T,
    answered: AtomicBool,
}

impl<T: Fn() + Send + Sync> Transport for TapsMeanwhile<'_, T> {
    fn send(&self, request: &Request) -> Result<Response, TransportError> {
        if self.answered.load(Ordering::Relaxed) {
            return Err(TransportError::Unreachable);
        }
        let response = self.phone.network.send(request)?;
        if request.path == PATH_PUSH && response.status == 200 {
            self.answered.store(true, Ordering::Relaxed);
            (self.tap)();
        }
        Ok(response)
    }

    fn pause(&self, ms: u64) {
        self.phone.network.pause(ms);
    }
}

#[test]
fn work_on_a_case_whose_report_is_refused_meanwhile_is_set_aside_beside_it() {
    let (world, worker, _, _) = two(14);
    world.end_posts("w-ncg-1");
    let own = scenes::report(&worker, "调走后新报的");
    let tap = || drop(worker.device().run(own, &scenes::note("拒绝还在路上")).unwrap());
    let way = TapsMeanwhile { phone: &worker, tap, answered: AtomicBool::new(false) };
    worker.device().sync(&way).unwrap();
    assert!(way.answered.load(Ordering::Relaxed));
    assert_eq!(worker.set_aside(), ["unknown_person", "depends_on_refused"], "it was never sent, and has nothing to stand on");
    let aside = worker.pending().set_aside;
    assert!(aside[1].command.windows(6).any(|bytes| bytes == "拒绝".as_bytes()), "what was wanted is kept");
    assert_eq!(worker.pending().counts.waiting, 0);
}

#[test]
fn what_comes_after_work_that_was_done_again_is_later_than_it_whatever_the_clock_says_then() {
    let (world, mut worker, _, case) = two(15);
    move_worker(&world, "ncg-2");
    worker.device().run(case, &scenes::sit_down(world.clock.now())).unwrap();
    let tap = || drop(worker.device().run(case, &scenes::note("接着写")).unwrap());
    let way = TapsMeanwhile { phone: &worker, tap, answered: AtomicBool::new(false) };
    world.minutes(60);
    worker.device().sync(&way).unwrap();
    assert_eq!(worker.set_aside(), ["not_allowed"]);
    worker.clock.set_off(-2 * 3_600_000);
    worker.reopen();
    let again = worker.log(case).last().unwrap().stamp;
    let later = scenes::report(&worker, "之后的");
    assert!(worker.log(later)[0].stamp > again);
}

#[test]
fn a_refused_change_leaves_the_case_and_its_followers_come_again_as_new_ones() {
    let (world, mut worker, mut lead, case) = two(2);
    // For a while the worker has no post; what was done then is refused, what is done later on top of it is not.
    move_worker(&world, "ncg-2");
    worker.device().run(case, &scenes::sit_down(world.clock.now())).unwrap();
    worker.network.next([doorstep_tests::Fault::None, doorstep_tests::Fault::Lost]);
    worker.network.weather(Weather::Offline);
    worker.sync();
    worker.network.clear();
    assert_eq!(worker.set_aside(), ["not_allowed"]);
    move_worker(&world, "ncg-1");
    worker.device().run(case, &scenes::note("回到岗位后写的")).unwrap();
    worker.settle();
    lead.settle();
    assert_eq!(worker.set_aside(), ["not_allowed"]);
    assert_eq!(worker.device().case(case).unwrap(), lead.device().case(case).unwrap());
    assert_eq!(worker.log(case), lead.log(case));
    assert_eq!(worker.log(case).len(), 2, "the report and the note; the sitting is not in the case");
}

#[test]
fn what_builds_on_a_refused_change_is_done_again_and_keeps_what_others_typed_meanwhile() {
    let (world, worker, lead, case) = two(3);
    worker.device().run(case, &scenes::add_text(&worker, case, TextName::Account, "工作人员补充。")).unwrap();
    worker.synced();
    world.end_posts("w-ncg-1");
    // The lead's phone knows nothing of either.
    lead.device().run(case, &Command::Assign { to: worker.person.clone() }).unwrap();
    lead.device().run(case, &scenes::note("负责人所记")).unwrap();
    lead.device().run(case, &scenes::add_text(&lead, case, TextName::Account, "负责人补充。")).unwrap();
    let report = lead.synced();
    assert_eq!(report.verdicts.set_aside, 3);
    lead.settle();
    assert_eq!(lead.set_aside(), ["unknown_person"], "only what is wrong itself stays aside");
    let supervisor = world.phone("supervisor");
    let view = supervisor.device().case(case).unwrap();
    assert_eq!(view, lead.device().case(case).unwrap());
    assert_eq!(view.history.last().unwrap().kind, "noted");
    assert!(view.account.contains("工作人员补充。") && view.account.contains("负责人补充。"), "{}", view.account);
}

#[test]
fn one_refused_document_holds_up_no_other() {
    let (world, worker, lead, case) = two(4);
    move_worker(&world, "ncg-2");
    // The phone still believes in the first grid; the second is the one where its word counts now.
    worker.device().run(case, &scenes::note("被拒绝")).unwrap();
    worker.settle();
    assert_eq!(worker.set_aside(), ["not_allowed"]);
    let mut report = scenes::reported("新网格的事");
    report.place = scenes::place_in("nanchenggen", "ncg-2");
    let new = worker.device().report(report).unwrap().id;
    worker.settle();
    lead.settle();
    assert!(lead.device().case(new).is_ok());
    assert_eq!(worker.set_aside(), ["not_allowed"]);
}

/// Schedules of the daily run; `DOORSTEP_SCHEDULES` asks for more.
const SCHEDULES: u64 = 12;
/// Steps of one.
const STEPS: usize = 50;

#[test]
fn nothing_is_lost_while_a_post_comes_and_goes_under_random_work_over_a_bad_network() {
    let aside = Cell::new(0);
    each_seed(SCHEDULES, |seed| aside.set(aside.get() + play(seed)));
    assert!(aside.get() > 0 || std::env::var(doorstep_tests::seed::SEED).is_ok(), "something is refused");
}

/// One schedule. How many changes were set aside in it.
fn play(seed: u64) -> usize {
    let (world, mut worker, mut lead, case) = two(seed);
    let chance = &world.chance;
    let mut ledger = Ledger::default();
    for phone in [&worker, &lead] {
        phone.network.weather(Weather::Stormy(25));
    }
    for _ in 0..STEPS {
        let phone = if chance.percent(60) { &mut worker } else { &mut lead };
        match chance.below(100) {
            0..=54 => ledger.work(phone, case, chance),
            55..=79 => {
                phone.sync();
            }
            80..=84 => phone.reopen(),
            85..=95 => move_worker(&world, if chance.percent(50) { "ncg-1" } else { "ncg-2" }),
            _ => world.minutes(i64::try_from(chance.below(1_000)).unwrap()),
        }
    }
    move_worker(&world, "ncg-1");
    for _ in 0..2 {
        worker.settle();
        lead.settle();
    }
    assert_eq!(worker.device().case(case).unwrap(), lead.device().case(case).unwrap());
    let counts = worker.pending().counts;
    assert_eq!((counts.waiting, counts.wanted, counts.unreadable, counts.leaving), (0, 0, 0, 0));
    let aside: Vec<Vec<u8>> =
        [&worker, &lead].into_iter().flat_map(|phone| phone.pending().set_aside).map(|one| one.command).collect();
    ledger.check_or_aside(&mut worker, case, &aside);
    ledger.check_or_aside(&mut lead, case, &aside);
    aside.len()
}
