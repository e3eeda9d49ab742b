//! Each way of finding that people use; and that what is found is what is on the phone now.

use doorstep_core::case::Command;
use doorstep_core::visit::{Door, Visited};
use doorstep_tests::{World, scenes};

use super::{report, search, shown, titles};

#[test]
fn words_of_one_and_two_characters_names_addresses_phone_fragments_and_initials_find_a_case() {
    let world = World::new(301);
    let phone = world.phone("w-ncg-1");
    report(&phone, "楼道路灯不亮", "3号楼2单元401", "单雄信", "138 9317 5566");
    report(&phone, "电梯异响", "12号楼1单元1502", "欧阳静", "0931-8461234");
    let lamp = ["灯", "路灯", "路灯不亮", "单雄信", "雄信", "3号楼", "2单元401", "3-2-4", "401", "9317", "1755", "13893175566"];
    for text in lamp.into_iter().chain(["sxx", "dxx", "SX", "shanxiong", "s", "ｓｘｘ", "灯 sxx", "sxx 3号楼"]) {
        assert_eq!(titles(&phone, text), ["楼道路灯不亮"], "{text}");
    }
    for text in ["梯", "异响", "欧阳", "oyj", "ouyangjing", "8461", "09318461234", "1502", "阀门 电梯"] {
        assert_eq!(titles(&phone, text), ["电梯异响"], "{text}");
    }
    assert_eq!(titles(&phone, "931").len(), 2, "in both numbers: 138 9317 5566 and 0931-8461234");
}

#[test]
fn what_was_found_is_marked_where_it_stands() {
    let world = World::new(302);
    let phone = world.phone("w-ncg-1");
    report(&phone, "楼道路灯不亮", "3号楼2单元401", "张建国", "138 9317 5566");
    for (text, title, snippet, field) in [
        ("路灯", "楼道[路灯]不亮", "", "title"),
        ("zj", "楼道路灯不亮", "[张建]国 138 9317 5566", "name"),
        ("9317", "楼道路灯不亮", "张建国 138 [9317] 5566", "phone"),
        ("单元40", "楼道路灯不亮", "3号楼2[单元40]1", "address"),
        ("阀门", "楼道路灯不亮", "私装[阀门]。", "words"),
        ("邻里", "楼道路灯不亮", "[邻里]纠纷", "category"),
    ] {
        let found = search(&phone, text);
        let hit = &found.hits[0];
        assert_eq!((shown(&hit.title).as_str(), shown(&hit.snippet).as_str(), hit.field), (title, snippet, field), "{text}");
    }
}

#[test]
fn a_building_is_found_by_its_name_in_the_directory() {
    let world = World::new(303);
    let phone = world.phone("w-ncg-1");
    let mut inside = super::reported("楼道堆物", "2单元", "李秀英", "");
    inside.place.building = Some("ncg-1-a".parse().unwrap());
    phone.device().report(inside).unwrap();
    report(&phone, "井盖破损", "东门", "李秀英", "");
    assert_eq!(titles(&phone, "家属院1号"), ["楼道堆物"]);
    assert_eq!(titles(&phone, "家属院 堆物"), ["楼道堆物"]);
    let found = search(&phone, "家属院");
    assert_eq!(shown(&found.hits[0].snippet), "单位[家属院]1号楼 2单元");
}

#[test]
fn visits_are_found_beside_cases() {
    let world = World::new(304);
    let phone = world.phone("w-ncg-1");
    report(&phone, "暖气不热", "5号楼", "李秀英", "");
    let mut place = scenes::place();
    place.detail = "7号楼3单元".into();
    let visited = Visited {
        place,
        door: Door::Met,
        planned: true,
        seen: "独居，暖气片漏水".into(),
        asked: String::new(),
        household: None,
    };
    phone.device().record_visit(visited).unwrap();
    assert_eq!(titles(&phone, "暖气"), ["暖气不热", "7号楼3单元"], "what it is about before what was seen");
    let found = search(&phone, "漏水");
    assert_eq!((shown(&found.hits[0].snippet).as_str(), found.hits[0].field), ("独居，暖气片[漏水]", "words"));
}

#[test]
fn after_a_sync_the_other_phone_finds_it_and_after_an_edit_by_its_new_parties() {
    let world = World::new(305);
    let (worker, lead) = (world.phone("w-ncg-1"), world.phone("lead-ncg"));
    let case = report(&worker, "地下室积水", "5号楼", "赵铁柱", "13609310000");
    assert_eq!(titles(&lead, "积水"), Vec::<String>::new());
    worker.settle();
    lead.settle();
    assert_eq!(titles(&lead, "积水"), ["地下室积水"]);
    assert_eq!(titles(&lead, "ztz"), ["地下室积水"]);
    // Who signs becomes somebody to be asked, and is found from then on: here, and where it is pulled.
    assert_eq!(titles(&lead, "张建国"), Vec::<String>::new());
    let now = doorstep_core::environment::Clock::now(&world.clock);
    for command in [scenes::sit_down(now), scenes::agreed(), scenes::draft(now.date().plus_days(7))] {
        lead.device().run(case, &command).unwrap();
        world.minutes(5);
    }
    lead.device().run(case, &Command::RecordOralAgreement { witness: "陈志强".into() }).unwrap();
    assert_eq!(titles(&lead, "张建国"), ["地下室积水"]);
    assert_eq!(titles(&worker, "张建国"), Vec::<String>::new());
    lead.settle();
    worker.settle();
    assert_eq!(titles(&worker, "zjg"), ["地下室积水"]);
    assert_eq!(titles(&worker, "积水"), ["地下室积水"]);
}

#[test]
fn what_left_the_phone_is_not_found_any_more() {
    let world = World::new(306);
    let (mut moved, other) = (world.phone("w-ncg-1"), world.phone("w-ncg-2"));
    report(&moved, "第一网格漏水", "3号楼", "欧阳静", "13893175566");
    let mut elsewhere = super::reported("第二网格漏水", "3号楼", "司马光", "");
    elsewhere.place = scenes::place_in("nanchenggen", "ncg-2");
    other.device().report(elsewhere).unwrap();
    moved.settle();
    other.settle();
    assert_eq!(titles(&moved, "漏水"), ["第一网格漏水"]);
    world.direct(|directory| {
        let person = directory.people.iter_mut().find(|one| one.id.as_str() == "w-ncg-1").unwrap();
        person.posts[0].grids = vec!["ncg-2".parse().unwrap()];
    });
    moved.settle();
    for _ in 0..2 {
        assert_eq!(titles(&moved, "漏水"), ["第二网格漏水"]);
        for gone in ["欧阳", "oyj", "9317", "第一"] {
            assert!(search(&moved, gone).hits.iter().all(|hit| hit.row.title == "第二网格漏水"), "{gone}");
        }
        moved.device().tidy().unwrap();
        moved.reopen();
    }
    moved.device().check().unwrap();
}

#[test]
fn whatever_is_typed_is_an_answer_and_no_error() {
    let world = World::new(307);
    let phone = world.phone("w-ncg-1");
    report(&phone, "楼上漏水", "3号楼", "张三", "13893175566");
    let long = "漏水".repeat(5_000);
    for text in [
        "",
        " ",
        "　",
        "\"",
        "'",
        "*",
        "^",
        "NEAR(",
        "NEAR(a b, 5)",
        "a AND",
        "title:x",
        "-",
        "(((",
        "😀",
        "\0",
        "漏\0水",
        &long,
    ] {
        let found = search(&phone, text);
        assert!(found.hits.len() <= 1, "{text:.20}");
    }
    assert!(search(&phone, "😀").hits.is_empty() && !search(&phone, "😀").nearest);
    assert_eq!(titles(&phone, "\"漏水\" *"), ["楼上漏水"]);
    assert!(phone.device().search("漏水", 0).unwrap().hits.is_empty());
}
