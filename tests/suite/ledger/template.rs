//! Ledgers of an office's own making: data of the directory.

use doorstep_core::directory::{LedgerColumn, LedgerOf, LedgerTemplate};

use super::*;

fn template(id: &str, of: LedgerOf, columns: &[(&str, &str)]) -> LedgerTemplate {
    let column =
        |(field, title): &(&str, &str)| LedgerColumn { field: (*field).into(), title: (*title).into(), width: Some(18) };
    LedgerTemplate { id: id.into(), title: "十小事项表".into(), of, columns: columns.iter().map(column).collect() }
}

#[test]
fn an_offices_template_shows_its_columns_in_its_order_under_its_headings() {
    let world = World::new(1);
    let lead = world.phone("lead-ncg");
    scenes::report(&lead, "楼道灯不亮");
    let own = template("ten-small-things", LedgerOf::Cases, &[("title", "问题"), ("community", ""), ("reported_on", "时间")]);
    world.direct(|directory| directory.ledgers = vec![own]);
    lead.settle();
    assert_eq!(lead.device().ledgers().len(), 6, "the shipped five and this");
    let rows = csv(&bytes(&lead, "ten-small-things", Format::Csv, None).0);
    assert_eq!(rows, [["问题", "社区", "时间"], ["楼道灯不亮", "南城根社区", "2026-05-08"]]);
    let sheet = workbook(&bytes(&lead, "ten-small-things", Format::Xlsx, None).0);
    assert!(matches!(&sheet[0][0], Data::String(title) if title.contains("十小事项表")));
    let lines = json(&lead, "ten-small-things", None);
    assert_eq!(lines[0], serde_json::json!({"title": "楼道灯不亮", "community": "南城根社区", "reported_on": "2026-05-08"}));
}

#[test]
fn an_offices_template_can_take_the_place_of_a_shipped_one() {
    let world = World::new(2);
    let lead = world.phone("lead-ncg");
    scenes::report(&lead, "楼道灯不亮");
    world.direct(|directory| directory.ledgers = vec![template("cases", LedgerOf::Cases, &[("title", "")])]);
    lead.settle();
    assert_eq!(csv(&bytes(&lead, "cases", Format::Csv, None).0), [["事项"], ["楼道灯不亮"]]);
    assert_eq!(lead.device().ledgers().len(), 5);
}

#[test]
fn a_template_that_is_not_there_or_names_an_unknown_field_is_an_error_that_says_which() {
    let world = World::new(3);
    let lead = world.phone("lead-ncg");
    world.direct(|directory| directory.ledgers = vec![template("ours", LedgerOf::Cases, &[("titel", "问题")])]);
    lead.settle();
    for (id, code, about) in [("nothing", "ledger_unknown", vec!["nothing"]), ("ours", "ledger_field", vec!["ours", "titel"])] {
        let mut bytes = Vec::new();
        let error = lead.device().export(id, Format::Xlsx, None, &mut bytes).unwrap_err();
        assert_eq!((error.code(), error.about()), (code, about.into_iter().map(str::to_owned).collect()));
        assert!(!error.sentence(lead.device().lang()).is_empty());
        assert!(bytes.is_empty(), "nothing was written");
    }
}

#[test]
fn a_monthly_summary_by_category_has_a_line_a_category() {
    let world = World::new(4);
    let lead = world.phone("lead-ncg");
    for category in ["停车秩序", "邻里纠纷", "邻里纠纷", "谁也没听过的类别", "另一个"] {
        let mut report = scenes::reported("一件事");
        report.category = category.into();
        lead.device().report(report).unwrap();
    }
    let columns = [("month", ""), ("category", ""), ("reported", "")];
    world.direct(|directory| directory.ledgers = vec![template("by-category", LedgerOf::Months, &columns)]);
    lead.settle();
    let rows = csv(&bytes(&lead, "by-category", Format::Csv, None).0);
    let rows: Vec<(&str, &str)> = rows[1..].iter().map(|row| (row[1].as_str(), row[2].as_str())).collect();
    assert_eq!(rows, [("邻里纠纷", "2"), ("停车秩序", "1"), ("（未列类别）", "2")], "in the order of the policy");
}
