//! Several phones work on one case offline and meet later, in any order, over any network: they end up the same, and
//! nothing that a phone said yes to is lost.

use std::cell::Cell;

use doorstep_core::case::{Command, Stage, Standing, TextName};
use doorstep_core::environment::Clock as _;
use doorstep_core::id::{Digest, DocKind};
use doorstep_core::store::Query;
use doorstep_core::time::DAY_MS;
use doorstep_core::visit::{Door, Visited};
use doorstep_tests::seed::each_seed;
use doorstep_tests::worker::Ledger;
use doorstep_tests::{Phone, Weather, World, scenes};

/// Schedules of the daily run; `DOORSTEP_SCHEDULES` asks for more.
const SCHEDULES: u64 = 36;
/// Steps of one schedule: enough for a case to be agreed, done, disputed and begun again.
const STEPS: usize = 60;

/// Fails unless both phones show the same of every case and visit: state, list row, bytes.
fn assert_same(one: &Phone, other: &Phone) {
    let query = Query::first(DocKind::Case, 100);
    let rows = |phone: &Phone| phone.device().rows(&query).unwrap();
    assert_eq!(rows(one), rows(other), "list rows of {} and {}", one.person, other.person);
    for row in rows(one) {
        assert_eq!(one.device().case(row.doc).unwrap(), other.device().case(row.doc).unwrap());
        assert_eq!(one.device().digest(row.doc).unwrap(), other.device().digest(row.doc).unwrap());
    }
}

fn assert_nothing_pending(phone: &Phone) {
    let pending = phone.pending();
    assert_eq!(pending.set_aside, [], "{}", phone.person);
    let counts = pending.counts;
    assert_eq!((counts.waiting, counts.wanted, counts.unreadable, counts.leaving), (0, 0, 0, 0), "{}", phone.person);
}

/// Both phones add to one case while offline, then meet in this order. What the case says at the end.
fn meet(worker_first: bool) -> Digest {
    let world = World::new(7);
    let (worker, lead) = (world.phone("w-ncg-1"), world.phone("lead-ncg"));
    let case = scenes::report(&worker, "私装阀门致邻居停水");
    worker.settle();
    lead.settle();
    worker.device().run(case, &scenes::sit_down(world.clock.now())).unwrap();
    lead.device().run(case, &Command::Assign { to: worker.person.clone() }).unwrap();
    lead.device().run(case, &scenes::sit_down(world.clock.now())).unwrap();
    for (phone, words) in [(&worker, "工作人员所见"), (&lead, "负责人补充")] {
        let edit = scenes::add_text(phone, case, TextName::Account, words);
        phone.device().run(case, &edit).unwrap();
    }
    let order = if worker_first { [&worker, &lead] } else { [&lead, &worker] };
    for phone in order {
        phone.synced();
    }
    order.into_iter().for_each(Phone::settle);
    assert_same(&worker, &lead);
    assert_nothing_pending(&worker);
    assert_nothing_pending(&lead);
    let view = worker.device().case(case).unwrap();
    assert_eq!((view.consultations.len(), view.consultations[0].records), (1, 2), "one sitting, two records");
    assert!(view.account.contains("工作人员所见") && view.account.contains("负责人补充"));
    view.digest
}

#[test]
fn two_phones_that_worked_offline_end_up_the_same_in_whatever_order_they_sync() {
    assert_eq!(meet(true), meet(false));
}

#[test]
fn what_another_phone_made_moot_meanwhile_is_kept_and_shown_as_overtaken() {
    let world = World::new(9);
    let (mut worker, mut lead) = (world.phone("w-ncg-1"), world.phone("lead-ncg"));
    let case = scenes::report(&worker, "当事人撤回");
    worker.settle();
    lead.settle();
    lead.device().run(case, &Command::Withdraw { why: "当事人撤回".into() }).unwrap();
    world.minutes(1);
    // Legal on the phone that does not know of the withdrawal, and so on the server too.
    worker.device().run(case, &scenes::sit_down(world.clock.now())).unwrap();
    lead.settle();
    worker.settle();
    lead.settle();
    assert_nothing_pending(&worker);
    assert_same(&worker, &lead);
    let view = lead.device().case(case).unwrap();
    assert!(view.look && view.stage == Stage::Withdrawn);
    assert!(matches!(view.history.last().unwrap().standing, Standing::Overtaken { .. }));
    assert_eq!(worker.log(case), lead.log(case));
}

#[test]
fn a_phone_whose_clock_is_years_off_agrees_with_the_others() {
    for off in [-9 * 365 * DAY_MS, 7 * 365 * DAY_MS] {
        let world = World::new(8);
        let (worker, lead) = (world.phone("w-ncg-1"), world.phone("lead-ncg"));
        worker.clock.set_off(off);
        let case = scenes::report(&worker, "时钟有误");
        worker.settle();
        lead.settle();
        lead.device().run(case, &scenes::note("一")).unwrap();
        worker.device().run(case, &scenes::note("二")).unwrap();
        worker.settle();
        lead.settle();
        worker.settle();
        assert_same(&worker, &lead);
        // Once the server's time is known, the wrong clock no longer shows.
        let at = worker.device().run(case, &scenes::note("三")).unwrap().history.last().unwrap().at;
        assert!((worker.device().now().0 - world.clock.now().0).abs() < DAY_MS || at >= world.clock.now());
    }
}

#[test]
fn phones_converge_and_lose_nothing_under_random_work_over_a_bad_network() {
    let done = Cell::new(0);
    each_seed(SCHEDULES, |seed| done.set(done.get() + play(seed)));
    assert!(done.get() > 5, "the schedules do something: {}", done.get());
}

/// One schedule. How much of the work the phones allowed.
fn play(seed: u64) -> usize {
    let world = World::new(seed);
    let mut phones = ["w-ncg-1", "lead-ncg", "contact-telecom"].map(|person| world.phone(person));
    let case = scenes::report(&phones[0], "一件事");
    phones[0].settle();
    phones[1].settle();
    let mut ledger = Ledger::default();
    let mut visits = 0;
    let chance = &world.chance;
    for phone in &phones {
        phone.network.weather(Weather::Stormy(35));
    }
    for _ in 0..STEPS {
        let at = chance.below(phones.len());
        match chance.below(100) {
            0..=59 => ledger.work(&phones[at], case, chance),
            60..=85 => {
                phones[at].sync();
            }
            86..=88 => phones[at].reopen(),
            89..=90 => {
                world.server.kill();
                world.server.start();
            }
            91..=93 => phones[at].clock.set_off(*chance.pick(&[0, -5 * 365 * DAY_MS, 3 * 365 * DAY_MS, 90_000])),
            94..=95 if at == 0 => {
                let place = scenes::place();
                let visit = Visited {
                    place,
                    door: Door::Met,
                    planned: false,
                    seen: String::new(),
                    asked: String::new(),
                    household: None,
                };
                phones[0].device().record_visit(visit).unwrap();
                visits += 1;
            }
            _ => world.minutes(i64::try_from(chance.below(1_000)).unwrap()),
        }
    }
    for _ in 0..2 {
        phones.iter().for_each(Phone::settle);
    }
    assert_same(&phones[0], &phones[1]);
    assert_eq!(phones[1].device().rows(&Query::first(DocKind::Visit, 100)).unwrap().len(), visits);
    if phones[2].device().case(case).is_ok() {
        assert_same(&phones[0], &phones[2]);
    }
    for phone in &mut phones {
        assert_nothing_pending(phone);
        if phone.device().case(case).is_ok() {
            ledger.check(phone, case);
        }
    }
    ledger.entries.len() + ledger.typed.len()
}
