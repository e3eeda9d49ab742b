//! The day's route and the coverage of grids: from the phone's own store.

use doorstep_core::device::{Coverage, Stop};
use doorstep_core::environment::Clock as _;
use doorstep_core::household::{Command, Striking, Struck};
use doorstep_core::id::DocId;
use doorstep_core::people::{Place, Post, Role};
use doorstep_core::visit::{self, Door, Visited};
use doorstep_tests::{Phone, World};

use super::{at, lives, long_ago, registered, tag};

fn visited(place: Place) -> Visited {
    Visited { place, door: Door::Met, planned: false, seen: String::new(), asked: String::new(), household: None }
}

fn route(phone: &Phone) -> Vec<DocId> {
    phone.device().route(None, 50).unwrap().into_iter().map(|stop| stop.household).collect()
}

#[test]
fn doors_never_visited_come_first_and_then_those_longest_ago() {
    let world = World::new(1);
    let mut phone = world.phone("w-ncg-1");
    let doors: Vec<DocId> = ["401", "402", "403", "404"].map(|door| registered(&phone, "ncg-1", door)).into();
    assert_eq!(route(&phone), doors, "among equals by address");
    let device = phone.device();
    device.visit_household(doors[0], Door::Met, true, "").unwrap();
    world.days(2);
    device.visit_household(doors[2], Door::NobodyHome, true, "").unwrap();
    world.days(1);
    device.visit_household(doors[1], Door::Refused, false, "").unwrap();
    assert_eq!(route(&phone), [doors[3], doors[0], doors[2], doors[1]]);
    device.visit_household(doors[0], Door::Met, true, "").unwrap();
    let stops = device.route(None, 50).unwrap();
    assert_eq!(stops.iter().map(|stop| stop.household).collect::<Vec<_>>(), [doors[3], doors[2], doors[1], doors[0]]);
    assert_eq!(
        stops.iter().map(|stop| stop.last_door).collect::<Vec<_>>(),
        [None, Some(Door::NobodyHome), Some(Door::Refused), Some(Door::Met)]
    );
    assert_eq!(stops[0].last_visit, None);
    assert_eq!(stops[1].last_visit.unwrap().date(), world.clock.now().date().plus_days(-1));
    assert_eq!(device.route(None, 2).unwrap(), stops[..2]);
    phone.reopen();
    assert_eq!(phone.device().route(None, 50).unwrap(), stops);
    // The same on a phone that only pulled, of whom may see it: rows are as good as documents.
    phone.settle();
    assert_eq!(world.phone("lead-ncg").device().route(Some(&"ncg-1".parse().unwrap()), 50).unwrap(), stops);
}

#[test]
fn a_visit_is_one_call_and_a_line() {
    let world = World::new(2);
    let phone = world.phone("w-ncg-1");
    let home = registered(&phone, "ncg-1", "401");
    let view = phone.device().visit_household(home, Door::Met, true, "一切都好").unwrap();
    assert_eq!((view.place, view.household, view.seen.as_str()), (Some(at("ncg-1", "401")), Some(home), "一切都好"));
    // The record's address where the caller gives none.
    let blank = Visited { household: Some(home), ..visited(at("ncg-1", "")) };
    assert_eq!(phone.device().record_visit(blank).unwrap().place, Some(at("ncg-1", "401")));
    let nowhere = Visited { household: Some(DocId::from_bytes([9; 16])), ..visited(at("ncg-1", "")) };
    assert_eq!(phone.device().record_visit(nowhere).unwrap_err().code(), "not_found");
    // An address whose record is here is that household.
    assert_eq!(phone.device().record_visit(visited(at("ncg-1", "401"))).unwrap().household, Some(home));
    assert_eq!(phone.device().record_visit(visited(at("ncg-1", "402"))).unwrap().household, None);
    assert_eq!(phone.device().visits_of(home, 10).unwrap().len(), 3);
    assert_eq!(phone.device().visits_of(home, 2).unwrap().len(), 2);
    assert_eq!(phone.device().visit_household(view.id, Door::Met, true, "").unwrap_err().code(), "not_found");
}

#[test]
fn visits_from_before_the_record_count_by_their_address() {
    let world = World::new(3);
    let phone = world.phone("w-ncg-1");
    phone.device().record_visit(visited(at("ncg-1", "401"))).unwrap();
    let other_building = Place { building: Some("ncg-1-a".parse().unwrap()), ..at("ncg-1", "402") };
    phone.device().record_visit(visited(other_building)).unwrap();
    world.days(1);
    let (first, second) = (registered(&phone, "ncg-1", "401"), registered(&phone, "ncg-1", "402"));
    assert_eq!(route(&phone), [second, first], "402 of another building is another door");
    let next = phone.device().route(None, 1).unwrap();
    assert_eq!((next.len(), next[0].household, next[0].last_visit), (1, second, None));
    assert_eq!(phone.device().coverage(long_ago()).unwrap()[0].visited, 1);
    world.days(1);
    phone.device().visit_household(second, Door::Met, true, "").unwrap();
    assert_eq!(route(&phone), [first, second]);
    // A corrected address takes the record's visits along.
    let place = at("ncg-1", "1号楼402");
    phone.device().run_household(second, &Command::Readdress { place }).unwrap();
    assert_eq!(route(&phone), [first, second]);
}

#[test]
fn care_tags_are_shown_and_move_no_door() {
    let world = World::new(4);
    let phone = world.phone("w-ncg-1");
    let (plain, cared) = (registered(&phone, "ncg-1", "401"), registered(&phone, "ncg-1", "402"));
    let resident = lives(&phone, cared, "李秀英");
    tag(&phone, cared, "独居老人", Some(resident));
    tag(&phone, cared, "低保", None);
    let stops = phone.device().route(None, 50).unwrap();
    assert_eq!(stops.iter().map(|stop| stop.household).collect::<Vec<_>>(), [plain, cared]);
    assert_eq!((&stops[0].tags[..], &stops[1].tags[..]), (&[][..], &["低保".to_owned(), "独居老人".to_owned()][..]));
}

#[test]
fn a_visit_at_night_counts_like_any_other() {
    let world = World::new(5);
    let phone = world.phone("w-ncg-1");
    let home = registered(&phone, "ncg-1", "401");
    let today = world.clock.now().date();
    // 23:30 in China; then midnight passes.
    let until = today.start().plus_ms(23 * 3_600_000 + 1_800_000);
    world.clock.pass(until.0 - world.clock.now().0);
    phone.device().visit_household(home, Door::Met, true, "").unwrap();
    world.minutes(60);
    let coverage = |day| phone.device().coverage(day).unwrap()[0].visited;
    assert_eq!((coverage(today), coverage(today.plus_days(1))), (1, 0));
    // Half past midnight is the next day's.
    phone.device().visit_household(home, Door::NobodyHome, true, "").unwrap();
    assert_eq!((coverage(today.plus_days(1)), coverage(today.plus_days(2))), (1, 0));
}

#[test]
fn coverage_says_how_many_doors_of_each_grid_were_visited_and_nothing_of_anybody() {
    let world = World::new(6);
    world.direct(|directory| {
        let worker = directory.people.iter_mut().find(|one| one.id.as_str() == "w-ncg-1").unwrap();
        worker.posts[0].grids.push("ncg-2".parse().unwrap());
    });
    let phone = world.phone("w-ncg-1");
    let homes = ["401", "402", "403"].map(|door| registered(&phone, "ncg-1", door));
    let far = registered(&phone, "ncg-2", "501");
    phone.device().visit_household(homes[0], Door::NobodyHome, true, "").unwrap();
    phone.device().visit_household(homes[0], Door::Met, true, "").unwrap();
    world.days(10);
    phone.device().visit_household(homes[1], Door::Met, true, "").unwrap();
    let since = |day| {
        let all = phone.device().coverage(day).unwrap().into_iter();
        // Every field by name: one more would not build, and a person would be one more.
        all.map(|Coverage { grid, households, visited }| (grid.to_string(), households, visited)).collect::<Vec<_>>()
    };
    let today = world.clock.now().date();
    assert_eq!(since(long_ago()), [("ncg-1".to_owned(), 3, 2), ("ncg-2".to_owned(), 1, 0)]);
    assert_eq!(since(today.plus_days(-5)), [("ncg-1".to_owned(), 3, 1), ("ncg-2".to_owned(), 1, 0)]);
    // Nor does a stop say who was at the door.
    for Stop { household, place: _, tags: _, last_visit: _, last_door: _ } in phone.device().route(None, 50).unwrap() {
        assert!(homes.contains(&household) || household == far);
    }
    // A door that is struck off is no door.
    let struck = Struck { why: Striking::Duplicate, into: Some(homes[0]) };
    phone.device().run_household(homes[1], &Command::Strike { struck }).unwrap();
    assert_eq!(since(long_ago())[0], ("ncg-1".to_owned(), 2, 1));
    assert!(!route(&phone).contains(&homes[1]));
    let only: Vec<DocId> =
        phone.device().route(Some(&"ncg-2".parse().unwrap()), 9).unwrap().iter().map(|stop| stop.household).collect();
    assert_eq!(only, [far]);
    assert!(phone.device().route(Some(&"lg-2".parse().unwrap()), 9).unwrap().is_empty());
}

#[test]
fn an_address_has_one_record_on_a_phone() {
    let world = World::new(7);
    let phone = world.phone("w-ncg-1");
    let home = registered(&phone, "ncg-1", "401");
    assert_eq!(phone.device().household_at(&at("ncg-1", "401")).unwrap(), Some(home));
    assert_eq!(phone.device().household_at(&at("ncg-2", "401")).unwrap(), None);
    let twice = phone.device().register_household(at("ncg-1", "401")).unwrap_err();
    assert_eq!(twice.code(), "already_registered");
    let struck = Struck { why: Striking::Mistaken, into: None };
    phone.device().run_household(home, &Command::Strike { struck }).unwrap();
    assert_eq!(phone.device().household_at(&at("ncg-1", "401")).unwrap(), None);
    registered(&phone, "ncg-1", "401");
}

#[test]
fn who_keeps_no_households_has_no_route() {
    let world = World::new(8);
    world.direct(|directory| {
        // A building head who is also a worker elsewhere: the route is the grid's.
        let head = directory.people.iter_mut().find(|one| one.id.as_str() == "head-ncg-1-a").unwrap();
        let post =
            Post { role: Role::GridWorker, grids: vec!["ncg-2".parse().unwrap()], buildings: vec![], ..head.posts[0].clone() };
        head.posts.push(post);
    });
    let worker = world.phone("w-ncg-1");
    let home = registered(&worker, "ncg-1", "401");
    worker.settle();
    for person in ["supervisor", "contact-telecom", "clerk-affairs", "admin", "head-ncg-1-a"] {
        let phone = world.phone(person);
        assert!(phone.device().route(None, 50).unwrap().is_empty(), "{person}");
        let all = phone.device().coverage(long_ago()).unwrap();
        assert!(all.iter().all(|one| one.grid.as_str() == "ncg-2" && one.households == 0), "{person} {all:?}");
    }
    // What a building head sees at a door counts for the grid.
    let head = world.phone("head-ncg-1-a");
    let place = Place { building: Some("ncg-1-a".parse().unwrap()), ..at("ncg-1", "601") };
    let visit = head.device().record_visit(visited(place.clone())).unwrap();
    head.device().run_visit(visit.id, &visit::Command::AddLine { text: "老人独自在家".into() }).unwrap();
    head.settle();
    worker.settle();
    let there = worker.device().register_household(place).unwrap().id;
    assert_eq!(route(&worker), [home, there]);
    assert_eq!(worker.device().route(None, 50).unwrap()[1].last_door, Some(Door::Met));
}
