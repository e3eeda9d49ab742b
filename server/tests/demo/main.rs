//! The demo as its user sees it: the real program, once in each language; every case must end as its row says.
#![expect(clippy::unwrap_used, reason = "what does not hold must stop the test")]

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;
use unicode_width::UnicodeWidthStr as _;

/// The narrowest terminal that the table is made for.
const NARROW: usize = 80;

fn play(locale: &str, options: &[&str], data: &Path) -> Output {
    let program = env!("CARGO_BIN_EXE_doorstep");
    Command::new(program).arg("demo").args(options).arg("--data").arg(data).env("LC_ALL", locale).output().unwrap()
}

/// What the method asks to be seen once, each in some case's ending.
const WAYS: [(u64, &str, &str); 17] = [
    // The report's five cases, as far as it tells them.
    (1, "stage", "closed"),
    (1, "signed", "true"),
    (2, "stage", "agreed"),
    (3, "stage", "done"),
    (4, "stage", "done"),
    (5, "handovers", "[\"settled\"]"),
    // Filler.
    (6, "round", "2"),
    (7, "handovers", "[\"settled\"]"),
    (8, "stage", "merged"),
    (9, "handovers", "[\"returned\",\"settled\"]"),
    (10, "handovers", "[\"recalled\",\"settled\"]"),
    (11, "satisfied", "null"),
    (12, "overtaken", "[\"closed\"]"),
    (13, "overtaken", "[\"agreement_sealed\"]"),
    (14, "commitments", "[\"fulfilled\",\"waived\"]"),
    (15, "stage", "withdrawn"),
    (15, "handovers", "[\"overtaken\"]"),
];

#[test]
fn every_way_of_the_method_is_played_and_ends_as_it_should() {
    let folder = tempfile::tempdir().unwrap();
    let output = play("C.UTF-8", &["--json"], folder.path());
    let story = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{story}");
    let record: Value = serde_json::from_slice(&output.stdout).unwrap();

    let cases = record["cases"].as_array().unwrap();
    for (number, case) in (1u64..).zip(cases) {
        assert_eq!(case["case"], number);
        assert_eq!(case["as_expected"], true, "{case}");
        assert_eq!(case["filler"], number > 5, "the report has five cases: {case}");
        assert_eq!(case["contested"], 0, "a lead settles what is contested: {case}");
    }
    for (number, field, value) in WAYS {
        let case = cases.iter().find(|case| case["case"] == number).unwrap();
        assert_eq!(case[field].to_string().trim_matches('"'), value, "{case}");
    }
    for phone in record["phones"].as_array().unwrap() {
        assert_eq!((&phone["waiting"], &phone["set_aside"]), (&0.into(), &0.into()), "{phone}");
    }
    let morning = &record["morning"];
    assert_eq!(morning["day"], serde_json::json!({ "overdue": 2, "to_sign": 1, "unsent": 1 }));
    assert_eq!(morning["route"], serde_json::json!(["unit 3, flat 301", "unit 1, flat 202"]), "never visited comes first");
    assert_eq!(morning["found"], serde_json::json!(["unit 3, flat 301 · 【马国庆】", "A dripping 【tap】 in the yard"]));
    assert_eq!(morning["alike"], serde_json::json!(["same_phone", "same_place", "same_category"]));
    assert_eq!((&morning["photo"]["case_first"], &morning["photo"]["arrived"]), (&true.into(), &true.into()));
    for (ledger, (name, lines)) in morning["ledgers"].as_array().unwrap().iter().zip([("cases.xlsx", 8), ("visits.csv", 2)]) {
        let file = Path::new(ledger["file"].as_str().unwrap());
        assert!(file.ends_with(name) && file.is_file(), "{ledger}");
        assert_eq!(ledger["lines"], lines, "{ledger}");
    }
    assert_eq!((&morning["households"], &morning["visited"]), (&2.into(), &1.into()));
    assert_eq!(record["agreement"]["verifies"], true);
    assert_eq!(record["agreement"]["pdf_verifies"], true);
    for finding in ["finding_after_one_byte_changed", "pdf_finding_after_one_byte_changed"] {
        assert!(!["", "not_registered"].contains(&record["agreement"][finding].as_str().unwrap()), "{finding}");
    }
    let bundle = std::fs::read(record["agreement"]["file"].as_str().unwrap()).unwrap();
    let pdf = std::fs::read(record["agreement"]["pdf"].as_str().unwrap()).unwrap();
    assert!(pdf.windows(bundle.len()).any(|window| window == bundle), "the paper's file carries the agreement's");
    // The program itself, on the file, the paper's file, and both with a byte changed.
    let verified = |bytes: &[u8]| {
        let path = folder.path().join("to-verify");
        std::fs::write(&path, bytes).unwrap();
        let program = env!("CARGO_BIN_EXE_doorstep");
        let output = Command::new(program).arg("verify").arg(&path).env("LC_ALL", "zh_CN.UTF-8").output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    assert_eq!(verified(&bundle).0, Some(0));
    let (code, said) = verified(&pdf);
    assert!(code == Some(0) && said.contains("逐字节相同"), "{said}");
    let carried = pdf.windows(bundle.len()).position(|window| window == bundle).unwrap();
    let altered = |at: usize| {
        let mut altered = pdf.clone();
        altered[at] ^= 1;
        verified(&altered)
    };
    assert_eq!(altered(carried + bundle.len() / 3).0, Some(1));
    // Beside what it carries, far from its ends.
    let behind = carried + bundle.len();
    let beside = if carried > pdf.len() - behind { carried / 2 } else { behind + (pdf.len() - behind) / 2 };
    let (code, said) = altered(beside);
    assert!(code == Some(0) && said.contains("以下面的文字为准") && said.contains("│ 当事人甲：张建国"), "{said}");

    // The law is said where it bites, and every invented case is marked in its heading.
    for sentence in ["a citizen's word outranks a clerk's", "both signings are real", "kill -9", "⚠ overtaken", "⚠ contested"]
    {
        assert!(story.contains(sentence), "{sentence}\n{story}");
    }
    let headings: Vec<&str> = story.lines().filter(|line| line.starts_with("── Case")).collect();
    let marked = headings.iter().filter(|line| line.contains("(filler)")).count();
    assert_eq!((headings.len(), marked), (14, 9), "two cases share a heading\n{headings:#?}");
    for code in ["elements_missing", "nothing_tried", "no_handover", "body_not_asked", "commitments_open", "unknown_party"] {
        assert!(story.contains(&format!("[{code}]")), "{code}\n{story}");
    }
}

/// Plays it for people: the story with its law, a table of two lines a case, and what each phone carried.
fn play_for_people(locale: &str, heads: &str, filler: &str, law: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    let output = play(locale, &[], folder.path());
    let story = String::from_utf8(output.stdout).unwrap();
    let complaints = String::from_utf8(output.stderr).unwrap();
    assert_eq!((output.status.code(), complaints.as_str()), (Some(0), ""), "{story}");
    for sentence in law {
        assert!(story.contains(sentence), "{sentence}\n{story}");
    }
    assert!(!story.contains('\u{1b}'), "colours are for terminals");

    let (_, table) = story.split_once(&format!("\n{heads} ")).unwrap();
    let (table, after) = table.split_once("\n\n").unwrap();
    let lines: Vec<&str> = table.lines().skip(1).collect();
    assert_eq!(lines.len(), 2 * 15, "{table}");
    for (number, line) in (1u32..).zip(lines.iter().step_by(2)) {
        assert!(line.trim_start().starts_with(&format!("{number} ✓")), "{line}");
    }
    let marked = lines.iter().skip(1).step_by(2).filter(|line| line.trim_start().starts_with(filler));
    assert_eq!(marked.count(), 10, "{table}");
    for line in table.lines().chain(after.lines().filter(|line| !line.contains('/'))) {
        assert!(line.width() <= NARROW, "{} columns: {line}", line.width());
    }
}

#[test]
fn in_chinese_the_table_fits_a_narrow_terminal() {
    let law = ["居民的话先于干部的结案", "两次签名都是真的", "核验通过", "没有待传，没有搁置"];
    play_for_people("zh_CN.UTF-8", "事项", "虚构 · ", &law);
}

#[test]
fn in_english_the_table_fits_a_narrow_terminal() {
    let law = ["a citizen's word outranks a clerk's", "both signings are real", ": verifies", "nothing is set aside"];
    play_for_people("C.UTF-8", "case", "filler · ", &law);
}
