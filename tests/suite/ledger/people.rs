//! A ledger is no ranking of workers.

use doorstep_core::directory::{LedgerColumn, LedgerTemplate};
use doorstep_core::ledger;

use super::*;

/// The fields that may name a worker: whom one case is assigned to, and who wrote one record.
const MAY_NAME: [&str; 2] = ["assignee", "recorded_by"];

/// Every field of every kind of ledger, as templates of the directory.
fn everything() -> Vec<LedgerTemplate> {
    let column = |field: ledger::Field| LedgerColumn { field: field.name.into(), title: String::new(), width: None };
    let template = |of| LedgerTemplate {
        id: format!("all-{}", ledger::name(of)),
        title: String::new(),
        of,
        columns: ledger::fields(of).into_iter().map(column).collect(),
    };
    ledger::ALL.into_iter().map(template).collect()
}

#[test]
fn no_field_names_a_worker_but_whom_a_case_is_assigned_to_and_who_wrote_a_record() {
    let mut town = Town::new(1);
    town.world.direct(|directory| directory.ledgers = everything());
    let worker = town.world.phone("w-ncg-1");
    let case = town.of(Fate::Reported).next().unwrap();
    run(&town.lead, case, &Command::Assign { to: "w-ncg-1".parse().unwrap() });
    worker
        .device()
        .record_visit(doorstep_core::visit::Visited {
            place: scenes::place(),
            door: doorstep_core::visit::Door::Met,
            planned: false,
            seen: String::new(),
            asked: String::new(),
            household: None,
        })
        .unwrap();
    worker.settle();
    town.lead.settle();
    let directory = town.lead.device().directory();
    let names: Vec<String> = directory.people.iter().flat_map(|person| [person.name.clone(), person.id.to_string()]).collect();
    let mut named = std::collections::BTreeSet::new();
    for template in everything() {
        let lines = json(&town.lead, &template.id, None);
        assert!(!lines.is_empty(), "{}", template.id);
        for line in &lines {
            for (field, value) in line.as_object().unwrap() {
                let value = value.to_string();
                if names.iter().any(|name| value.contains(name.as_str())) {
                    named.insert((template.id.clone(), field.clone()));
                }
            }
        }
    }
    assert!(named.iter().all(|(_, field)| MAY_NAME.contains(&field.as_str())), "{named:?}");
    // The test sees names where there are some.
    let expected = [("all-cases", "assignee"), ("all-follow-ups", "recorded_by"), ("all-visits", "recorded_by")];
    assert_eq!(named.len(), expected.len(), "{named:?}");
    assert!(!named.iter().any(|(template, _)| template == "all-months"));
    town.lead.off();
}

#[test]
fn a_summary_can_be_by_month_community_and_category_and_by_nothing_that_is_one_persons() {
    let fields = ledger::fields(doorstep_core::directory::LedgerOf::Months);
    let worded: Vec<&str> = fields.iter().filter(|field| field.kind != ledger::Kind::Number).map(|field| field.name).collect();
    assert_eq!(worded, ["month", "community", "category"], "a grid has one worker: a line a grid would be a line a worker");
}

#[test]
fn a_visits_ledger_says_the_day_and_never_the_hour() {
    let fields = ledger::fields(doorstep_core::directory::LedgerOf::Visits);
    assert!(fields.iter().all(|field| !field.name.contains("time") && !field.name.contains("hour")));
    let world = World::new(2);
    world.minutes(12 * 60 + 35);
    let worker = world.phone("w-ncg-1");
    worker
        .device()
        .record_visit(doorstep_core::visit::Visited {
            place: scenes::place(),
            door: doorstep_core::visit::Door::Met,
            planned: false,
            seen: "夜访".into(),
            asked: String::new(),
            household: None,
        })
        .unwrap();
    let (text, _) = bytes(&worker, "visits", Format::Csv, None);
    assert!(!String::from_utf8(text).unwrap().contains("21:3"));
}
