//! Every ledger of thirty cases, in every format.

use super::*;

fn text(cell: &Data) -> &str {
    match cell {
        Data::String(text) => text,
        Data::Empty => "",
        other => panic!("{other:?} is no text"),
    }
}

fn day(cell: &Data) -> Option<Date> {
    match cell {
        Data::DateTime(day) => {
            assert!(day.is_datetime());
            Some(Date::from_days(day.as_f64() as i32 - 25_569))
        }
        Data::Empty => None,
        other => panic!("{other:?} is no day"),
    }
}

/// The column with this heading.
fn column(rows: &[Vec<Data>], heading: &str) -> usize {
    rows[1].iter().position(|cell| text(cell) == heading).unwrap_or_else(|| panic!("no column {heading}"))
}

#[test]
fn a_workbook_of_cases_shows_each_ones_whole_way() {
    let town = Town::new(1);
    let (bytes, exported) = bytes(&town.lead, "cases", Format::Xlsx, None);
    assert_eq!(exported, Exported { lines: 30, unreadable: 0 });
    let rows = workbook(&bytes);
    assert_eq!(rows.len(), 32);
    assert!(text(&rows[0][0]).starts_with("广武门街道　事项台账（全部；本机所存，2026年6月"), "{:?}", rows[0][0]);
    let at = |row: usize, heading: &str| &rows[row + 2][column(&rows, heading)];
    for (n, (case, fate)) in town.cases.iter().enumerate() {
        assert_eq!(at(n, "序号"), &Data::Float(n as f64 + 1.0), "in the order in which they were reported");
        assert_eq!(text(at(n, "编号")), &case.to_string()[..8].to_uppercase());
        assert_eq!(day(at(n, "受理日期")), Some(Date::from_ymd(2026, 5, 8).unwrap().plus_days(n as i32)));
        assert_eq!(text(at(n, "社区")), "南城根社区");
        assert_eq!(text(at(n, "来源")), "来人");
        assert_eq!(text(at(n, "事项")), format!("事项{n}：{fate:?}"));
        let shown = |heading| text(at(n, heading));
        let number = |heading| at(n, heading).clone();
        match fate {
            Fate::Reported => assert_eq!((shown("办理阶段"), day(at(n, "结案日期"))), ("已受理", None)),
            Fate::Adjourned => {
                assert_eq!((shown("办理阶段"), shown("协商形式")), ("协商中", "现场商"));
                // The last ones' day has not come yet.
                let overdue =
                    town.world.clock.now().date().days() - (Date::from_ymd(2026, 5, 8).unwrap().days() + n as i32 + 2);
                let expected = if overdue > 0 { Data::Float(overdue.into()) } else { Data::Empty };
                assert_eq!(number("超期天数"), expected);
            }
            Fate::SettledByWord => {
                assert_eq!((shown("办理阶段"), shown("协议形式"), shown("核验码")), ("已结案", "口头", ""));
                assert_eq!(shown("满意度"), "张建国：满意；李秀英：满意");
                assert_eq!(shown("最低评价"), "满意");
                assert_eq!(number("办理天数"), Data::Float(0.0));
                assert_eq!(day(at(n, "结案日期")), day(at(n, "受理日期")));
                assert_eq!(shown("现场问效"), "水压正常");
            }
            Fate::TwoRounds => {
                assert_eq!((number("轮次"), number("协商次数")), (Data::Float(2.0), Data::Float(2.0)));
                assert_eq!(shown("满意度"), "张建国：很满意；李秀英：一般", "the last word of this round");
                assert_eq!((shown("最低评价"), shown("办理阶段")), ("一般", "已结案"));
            }
            Fate::Raised => {
                assert_eq!((shown("提级转办单位"), shown("办复情况")), ("社会事务办公室", "已协调水务公司"));
                assert_eq!((shown("协商形式"), shown("办理阶段")), ("议事室商", "已结案"));
                assert_eq!(day(at(n, "办结日期")), Some(town.world.clock.now().date()), "when the office settled it");
            }
            Fate::Signed => {
                assert_eq!((shown("办理阶段"), shown("协议形式")), ("办理中", "书面签署"));
                assert_eq!(shown("核验码").len(), 24, "twenty digits in groups of four");
                assert_eq!((number("约定项数"), number("未了约定")), (Data::Float(1.0), Data::Float(1.0)));
            }
        }
    }
}

#[test]
fn the_three_formats_say_the_same() {
    let town = Town::new(2);
    for template in town.lead.device().ledgers() {
        let (xlsx, one) = bytes(&town.lead, &template.id, Format::Xlsx, None);
        let (text, two) = bytes(&town.lead, &template.id, Format::Csv, None);
        let (_, three) = bytes(&town.lead, &template.id, Format::Json, None);
        assert!(one == two && two == three, "{}", template.id);
        let (sheet, rows) = (workbook(&xlsx), csv(&text));
        let lines = json(&town.lead, &template.id, None);
        assert_eq!((sheet.len(), rows.len()), (lines.len() + 2, lines.len() + 1));
        for (cells, row) in sheet[1..].iter().zip(&rows) {
            assert_eq!(row.len(), template.columns.len());
            for (cell, written) in cells.iter().zip(row) {
                let same = match cell {
                    Data::Empty => written.is_empty(),
                    Data::String(text) => text == written,
                    Data::Float(number) => written.parse() == Ok(*number),
                    Data::DateTime(day) => {
                        let day = Date::from_days(day.as_f64() as i32 - 25_569).to_string();
                        day == *written || day == format!("{written}-01")
                    }
                    _ => false,
                };
                assert!(same, "{}: {cell:?} is not {written:?}", template.id);
            }
        }
        for (object, row) in lines.iter().zip(&rows[1..]) {
            let object = object.as_object().unwrap();
            let fields: Vec<&String> = template.columns.iter().map(|column| &column.field).collect();
            assert!(fields.iter().all(|field| object.contains_key(*field)) && object.len() == row.len());
        }
    }
}

#[test]
fn commitments_and_answers_have_a_line_each() {
    let town = Town::new(3);
    let commitments = json(&town.lead, "commitments", None);
    // One a settled case, two where there were two rounds, one signed.
    assert_eq!(commitments.len(), 5 + 10 + 5);
    let signed: Vec<_> = commitments.iter().filter(|line| line["agreement"] == "signed").collect();
    assert_eq!(signed.len(), 5);
    for line in signed {
        assert_eq!((&line["status"], &line["extended"]), (&"open".into(), &true.into()));
        assert_eq!((&line["promised_by"], &line["deed"]), (&PARTIES[0].into(), &"拆除阀门".into()));
    }
    assert_eq!(commitments.iter().filter(|line| line["found"] == "阀门已拆除").count(), 15);
    let answers = json(&town.lead, "follow-ups", None);
    assert_eq!(answers.len(), 5 * 2 + 5 * 4 + 5);
    assert_eq!(answers.iter().filter(|line| line["reached"] == false).count(), 5);
    let unhappy: Vec<_> = answers.iter().filter(|line| line["grade"] == "dissatisfied").collect();
    assert!(unhappy.len() == 5 && unhappy.iter().all(|line| line["words"] == "水还是小" && line["round"] == 1));
}

#[test]
fn a_month_counts_what_happened_in_it() {
    let town = Town::new(4);
    let months = json(&town.lead, "months", None);
    // 8 May to 6 June: twenty-four cases, then six.
    let of = |month: &str| months.iter().find(|line| line["month"] == month).unwrap();
    assert_eq!(months.len(), 2, "one community, two months");
    for (month, each) in [("2026-05", 4), ("2026-06", 1)] {
        let line = of(month);
        let expected = [
            ("reported", 6),
            ("in_person", 6),
            ("by_phone", 0),
            // Adjourned, settled, raised and signed once each; twice where there were two rounds.
            ("consultations", 6),
            ("agreements_oral", 3),
            ("agreements_signed", 1),
            ("raised", 1),
            ("transferred", 0),
            ("settled_here", 2),
            ("dissatisfied", 1),
        ];
        for (field, count) in expected {
            assert_eq!(line[field], count * each, "{month} {field}");
        }
        assert_eq!(line["community"], "南城根社区");
    }
    // What the office settled was closed after all thirty had come in, and not in the community.
    assert_eq!((&of("2026-05")["closed"], &of("2026-06")["closed"]), (&8.into(), &7.into()));
    // Rounds completed; and what the office settled is the community's to complete.
    assert_eq!(of("2026-05")["completed"].as_u64().unwrap() + of("2026-06")["completed"].as_u64().unwrap(), 20);
    let all: u64 = months.iter().map(|line| line["reported"].as_u64().unwrap()).sum();
    assert_eq!(all, 30);
}

#[test]
fn a_range_takes_lines_by_their_own_date_both_days_included() {
    let town = Town::new(5);
    let day = |n: i32| Date::from_ymd(2026, 5, 8).unwrap().plus_days(n);
    for (from, to) in [(0, 29), (3, 3), (5, 11), (-9, -1), (30, 99), (7, 6)] {
        let range = Some((day(from), day(to)));
        let expected = (0..30).filter(|n| (from..=to).contains(n)).count();
        assert_eq!(json(&town.lead, "cases", range).len(), expected, "{from} to {to}");
        for line in json(&town.lead, "commitments", range) {
            let due: Date = line["due"].as_str().unwrap().parse().unwrap();
            assert!((day(from)..=day(to)).contains(&due));
        }
        let reported: u64 = json(&town.lead, "months", range).iter().map(|line| line["reported"].as_u64().unwrap()).sum();
        assert_eq!(reported, expected as u64);
    }
    // A commitment of a case from before the range that falls due in it.
    let due = json(&town.lead, "commitments", Some((day(9), day(9))));
    assert!(due.iter().any(|line| line["reported_on"] != line["due"]), "{due:?}");
    let title = workbook(&bytes(&town.lead, "cases", Format::Xlsx, Some((day(0), day(2)))).0)[0][0].clone();
    assert!(text(&title).contains("受理日期：2026年5月8日至2026年5月10日"), "{title:?}");
}

#[test]
fn visits_have_their_ledger_with_every_word_that_was_written() {
    let world = World::new(6);
    let worker = world.phone("w-ncg-1");
    let long = "楼道堆物，".repeat(60);
    for door in [doorstep_core::visit::Door::Met, doorstep_core::visit::Door::NobodyHome] {
        let visited = doorstep_core::visit::Visited {
            place: scenes::place(),
            door,
            planned: true,
            seen: long.clone(),
            asked: "修灯".into(),
            household: None,
        };
        worker.device().record_visit(visited).unwrap();
        world.days(1);
    }
    let visits = json(&worker, "visits", None);
    assert_eq!(visits.iter().map(|line| line["door"].as_str().unwrap()).collect::<Vec<_>>(), ["met", "nobody_home"]);
    assert!(visits.iter().all(|line| line["seen"] == long && line["asked"] == "修灯"));
    assert_eq!(visits[1]["visited_on"], "2026-05-09");
    let months = json(&worker, "months", None);
    assert_eq!((months.len(), &months[0]["visits"]), (1, &2.into()));
}

#[test]
fn work_that_is_not_sent_yet_is_in_the_ledger_too() {
    let world = World::new(7);
    let worker = world.phone("w-ncg-1");
    let case = scenes::report(&worker, "刚登记");
    run(&worker, case, &scenes::sit_down(world.clock.now()));
    let lines = json(&worker, "cases", None);
    assert_eq!((&lines[0]["title"], &lines[0]["stage"]), (&"刚登记".into(), &"consulting".into()));
}
