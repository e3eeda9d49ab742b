//! Two phones keep one household while apart: both end up with the same, and nothing that either said yes to is lost.
//! What the server refuses comes back and the rest is done again.

use doorstep_core::household::{Command, Leaving, ResidentLeft, Striking, Struck};
use doorstep_core::id::{DocId, ResidentId};
use doorstep_core::view::HouseholdView;
use doorstep_tests::seed::{Seeded, each_seed};
use doorstep_tests::{Phone, Weather, World};

use super::{lives, names, record, registered, somebody, tag};

/// A worker and the lead, who both have this household; somebody lives there.
fn two(seed: u64) -> (World, Phone, Phone, DocId, ResidentId) {
    let world = World::new(seed);
    let (worker, lead) = (world.phone("w-ncg-1"), world.phone("lead-ncg"));
    let home = registered(&worker, "ncg-1", "401");
    let resident = lives(&worker, home, "李秀英");
    worker.settle();
    lead.settle();
    (world, worker, lead, home, resident)
}

fn meet(one: &Phone, other: &Phone, home: DocId) -> HouseholdView {
    one.settle();
    other.settle();
    one.settle();
    let view = one.device().household(home).unwrap();
    assert_eq!(other.device().household(home).unwrap(), view);
    view
}

fn leaves(resident: ResidentId, why: Leaving, phone: &Phone) -> Command {
    let on = phone.device().now().date();
    Command::RecordLeaving { left: ResidentLeft { resident, why, on, to: String::new(), household: None } }
}

#[test]
fn residents_written_down_on_two_phones_both_live_there_and_of_one_the_later_word_stands() {
    let (world, worker, lead, home, resident) = two(1);
    lives(&worker, home, "张建国");
    let mut known = somebody(resident, "李秀英");
    known.phone = "13500000001".into();
    record(&worker, home, known.clone()).unwrap();
    world.minutes(1);
    lives(&lead, home, "王小明");
    known.phone = "13500000002".into();
    record(&lead, home, known).unwrap();
    tag(&worker, home, "低保", None);
    tag(&lead, home, "残疾", Some(resident));
    let view = meet(&worker, &lead, home);
    assert_eq!(names(&worker, home), ["李秀英", "张建国", "王小明"]);
    assert_eq!(view.residents[0].phone, "13500000002");
    assert_eq!((&view.tags[..], &view.residents[0].tags[..]), (&["低保".to_owned()][..], &["残疾".to_owned()][..]));
    let said = |number: &str| view.history.iter().any(|line| line.text.contains(number));
    assert!(said("13500000001") && said("13500000002"), "both words are in the history");
}

#[test]
fn who_died_is_not_brought_back_by_a_number_corrected_elsewhere() {
    let (world, worker, lead, home, resident) = two(2);
    worker.device().run_household(home, &leaves(resident, Leaving::Died, &worker)).unwrap();
    world.minutes(5);
    let mut known = somebody(resident, "李秀英");
    known.phone = "13500000002".into();
    record(&lead, home, known.clone()).unwrap();
    let view = meet(&worker, &lead, home);
    assert!(view.residents.is_empty());
    assert_eq!((view.former[0].left.as_ref().unwrap().why, view.former[0].phone.as_str()), (Leaving::Died, "13500000002"));
    // Once the phone knows, to write them down is to say that they are back.
    record(&lead, home, known).unwrap();
    assert_eq!(meet(&worker, &lead, home).residents.len(), 1);
}

#[test]
fn a_record_struck_off_on_one_phone_keeps_what_another_wrote_meanwhile() {
    let (world, worker, lead, home, _) = two(3);
    let struck = Struck { why: Striking::Duplicate, into: None };
    lead.device().run_household(home, &Command::Strike { struck }).unwrap();
    world.minutes(1);
    lives(&worker, home, "张建国");
    let view = meet(&worker, &lead, home);
    assert_eq!((view.stage, view.residents.len()), ("struck", 2), "legal where it was made, so it is there");
    assert_eq!(worker.pending().counts.set_aside, 0);
    lead.device().run_household(home, &Command::Restore { why: String::new() }).unwrap();
    assert_eq!(meet(&worker, &lead, home).stage, "lived_in");
}

#[test]
fn a_refused_change_leaves_the_household_and_what_follows_is_done_again() {
    let (world, worker, lead, home, _) = two(4);
    let grid = |grid: &str| {
        world.direct(|directory| {
            let person = directory.people.iter_mut().find(|one| one.id.as_str() == "w-ncg-1").unwrap();
            person.posts[0].grids = vec![grid.parse().unwrap()];
        });
    };
    grid("ncg-2");
    let refused = lives(&worker, home, "不在岗时登记的人");
    // One builds on it and makes no sense without; the others come again as new changes.
    tag(&worker, home, "残疾", Some(refused));
    lives(&worker, home, "张建国");
    tag(&worker, home, "低保", None);
    worker.network.next([doorstep_tests::Fault::None, doorstep_tests::Fault::Lost]);
    worker.network.weather(Weather::Offline);
    worker.sync();
    worker.network.clear();
    grid("ncg-1");
    worker.settle();
    let view = meet(&worker, &lead, home);
    assert_eq!(names(&worker, home), ["李秀英", "张建国"]);
    assert_eq!(view.tags, ["低保"]);
    assert_eq!(worker.set_aside(), ["not_allowed", "depends_on_refused"]);
    let aside = worker.pending().set_aside;
    assert!(aside.iter().all(|one| one.words.ends_with('。')), "{aside:?}");
    let wanted = "不在岗时登记的人".as_bytes();
    assert!(aside[0].command.windows(wanted.len()).any(|at| at == wanted), "what was wanted is kept");
}

/// Schedules of the daily run; `DOORSTEP_SCHEDULES` asks for more.
const SCHEDULES: u64 = 12;
/// Steps of one.
const STEPS: usize = 40;

#[test]
fn phones_converge_on_households_and_lose_nobody_over_a_bad_network() {
    each_seed(SCHEDULES, play);
}

fn play(seed: u64) {
    let (world, worker, lead, home, first) = two(seed);
    let other = registered(&worker, "ncg-1", "402");
    worker.settle();
    lead.settle();
    let phones = [worker, lead];
    let chance = &world.chance;
    for phone in &phones {
        phone.network.weather(Weather::Stormy(25));
    }
    let mut people = vec![first];
    let mut noted = Vec::new();
    for step in 0..STEPS {
        let phone = &phones[chance.below(2)];
        let home = *chance.pick(&[home, other]);
        match chance.below(10) {
            0..=2 => people.push(lives(phone, home, &format!("第{step}人"))),
            3 => {
                let who = *chance.pick(&people);
                let _ = phone.device().run_household(home, &leaves(who, Leaving::Moved, phone));
            }
            4 => {
                let (who, today) = (*chance.pick(&people), phone.device().now().date());
                let (from, to) = if chance.percent(50) { (home, other) } else { (other, home) };
                let _ = phone.device().move_resident(from, to, who, today);
            }
            5 => {
                let text = format!("第{step}句");
                phone.device().run_household(home, &Command::Note { text: text.clone() }).unwrap();
                noted.push((home, text));
            }
            6..=8 => {
                phone.sync();
            }
            _ => world.minutes(minutes(chance)),
        }
    }
    for _ in 0..2 {
        phones.iter().for_each(Phone::settle);
    }
    let mut seen = Vec::new();
    for home in [home, other] {
        let view = phones[0].device().household(home).unwrap();
        assert_eq!(phones[1].device().household(home).unwrap(), view);
        seen.extend(view.residents.iter().chain(&view.former).map(|one| one.id));
        for (_, text) in noted.iter().filter(|(at, _)| *at == home) {
            assert!(view.notes.contains(text), "{text} is nowhere");
        }
    }
    assert!(people.iter().all(|one| seen.contains(one)), "somebody is nowhere");
    assert!(phones.iter().all(|phone| phone.pending().counts.set_aside == 0));
    let routes = phones.each_ref().map(|phone| phone.device().route(Some(&"ncg-1".parse().unwrap()), 50).unwrap());
    assert_eq!(routes[0], routes[1]);
}

fn minutes(chance: &Seeded) -> i64 {
    i64::try_from(chance.below(1_000)).unwrap()
}
