//! Likely duplicates of a report, with why; nothing is merged by itself.

use doorstep_core::case::{AlikeReason, Command};
use doorstep_core::words::{Lang, alike_reason};
use doorstep_tests::{Phone, World};

use super::{report, reported};

/// Titles and reasons of the likely duplicates of this report.
fn alike(phone: &Phone, detail: &str, number: &str) -> Vec<(String, Vec<AlikeReason>)> {
    phone.in_touch();
    let report = reported("新的", detail, "孙小圣", number);
    let found = phone.device().likely_duplicates(&report).unwrap();
    found.into_iter().map(|alike| (alike.row.title, alike.why)).collect()
}

#[test]
fn a_report_of_the_same_door_and_category_within_the_days_is_shown_and_a_day_later_is_not() {
    let world = World::new(331);
    let phone = world.phone("w-ncg-1");
    report(&phone, "旧的", "3号楼2单元401", "张三", "");
    let why = vec![AlikeReason::SamePlace, AlikeReason::SameCategory];
    assert_eq!(alike(&phone, "三栋2单元401室", ""), [("旧的".to_owned(), why.clone())]);
    assert_eq!(alike(&phone, "3号楼2单元402", ""), []);
    assert_eq!(alike_reason(AlikeReason::SamePlace, Lang::Zh), "地点相同");
    world.days(14);
    assert_eq!(alike(&phone, "3-2-401", ""), [("旧的".to_owned(), why)]);
    world.days(1);
    assert_eq!(alike(&phone, "3-2-401", ""), []);
}

#[test]
fn the_same_telephone_number_is_shown_and_an_ended_case_only_while_it_is_recent() {
    let world = World::new(332);
    let phone = world.phone("lead-ncg");
    let case = report(&phone, "旧的", "别处", "张三", "138 9317 5566");
    assert_eq!(alike(&phone, "3-2-401", "+86 13893175566")[0].1[0], AlikeReason::SamePhone);
    phone.device().run(case, &Command::Withdraw { why: "反映人撤回".into() }).unwrap();
    let found = phone.device().likely_duplicates(&reported("新的", "3-2-401", "孙", "13893175566")).unwrap();
    assert_eq!(found[0].row.stage, "withdrawn");
    world.days(15);
    assert_eq!(alike(&phone, "3-2-401", "13893175566"), []);
}

#[test]
fn a_case_is_not_its_own_duplicate_and_two_stay_two() {
    let world = World::new(333);
    let phone = world.phone("w-ncg-1");
    let first = report(&phone, "甲报", "3-2-401", "张三", "13893175566");
    assert!(phone.device().likely_duplicates_of(first).unwrap().is_empty());
    let second = report(&phone, "乙报", "3-2-401", "张三", "13893175566");
    let found = phone.device().likely_duplicates_of(second).unwrap();
    assert_eq!(found.iter().map(|alike| alike.row.doc).collect::<Vec<_>>(), [first]);
    assert_eq!(found[0].why, AlikeReason::ALL);
    phone.settle();
    assert_eq!(phone.pending().counts.documents, 2, "nothing is merged by itself");
}
