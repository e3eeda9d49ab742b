//! The table as it stands on paper: read from Markdown, and written anew for review.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use doorstep_core::case::{CommandKind, RefusalCode};
use doorstep_core::people::Role;
use doorstep_core::words::{self, Lang};

use super::states::{COLUMNS, Column, Hands};

/// The sign for "allowed".
pub(super) const YES: &str = "✓";
/// The sign for "there is no such case": the community is no org that a case can be handed to.
pub(super) const NONE: &str = "–";

/// What stands in a cell for a refusal; the legend explains each.
const SHORT: [(&str, RefusalCode); 19] = [
    ("role", RefusalCode::NotAllowed),
    ("stage", RefusalCode::WrongStage),
    ("no report", RefusalCode::NotReported),
    ("reported", RefusalCode::AlreadyReported),
    ("sitting", RefusalCode::ConsultationOpen),
    ("no sitting", RefusalCode::NoOpenConsultation),
    ("not agreed", RefusalCode::NotAgreed),
    ("no draft", RefusalCode::NoDraft),
    ("in force", RefusalCode::AgreementHolds),
    ("kept", RefusalCode::CommitmentSettled),
    ("not kept", RefusalCode::CommitmentsOpen),
    ("not asked", RefusalCode::PartiesNotAsked),
    ("handed over", RefusalCode::HandedOver),
    ("no handover", RefusalCode::NoHandover),
    ("not signed", RefusalCode::NotSigned),
    ("stamped", RefusalCode::StampedAlready),
    ("no stamp", RefusalCode::NotStamped),
    ("no contest", RefusalCode::NotContested),
    ("too late", RefusalCode::AfterlifeOver),
];

/// A cell for this answer.
pub(super) fn cell(answer: Result<(), RefusalCode>) -> String {
    match answer {
        Ok(()) => YES.into(),
        Err(code) => SHORT.iter().find(|(_, known)| *known == code).map_or(code.as_str(), |(short, _)| short).into(),
    }
}

/// The sections of the paper: heading line → its lines. The first has no heading.
pub(super) fn sections(paper: &str) -> Vec<(String, Vec<&str>)> {
    let mut sections = vec![(String::new(), Vec::new())];
    for line in paper.lines() {
        match line.strip_prefix("## ") {
            Some(heading) => sections.push((heading.to_owned(), Vec::new())),
            None => sections.last_mut().unwrap().1.push(line),
        }
    }
    sections
}

/// The cells of a section's tables: (row heading, column heading) → cell. A cell that stands twice is an error.
pub(super) fn cells(lines: &[&str]) -> BTreeMap<(String, String), String> {
    let split =
        |line: &str| -> Vec<String> { line.trim().trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect() };
    let mut found = BTreeMap::new();
    let mut columns: Option<Vec<String>> = None;
    for line in lines {
        if !line.starts_with('|') {
            columns = None;
            continue;
        }
        if line.starts_with("|--") || line.starts_with("|:--") {
            continue;
        }
        let row = split(line);
        match &columns {
            None => columns = Some(row),
            Some(columns) => {
                assert_eq!(row.len(), columns.len(), "a row with too many or too few cells: {line}");
                for (column, cell) in columns.iter().zip(&row).skip(1) {
                    let twice = found.insert((row[0].clone(), column.clone()), cell.clone());
                    assert_eq!(twice, None, "stands twice: {} in {column}", row[0]);
                }
            }
        }
    }
    found
}

/// The heading of a command's section.
pub(super) fn heading(kind: CommandKind) -> String {
    format!("`{}` {} · {}", kind.name(), words::command(kind, Lang::Zh), words::command(kind, Lang::En))
}

/// The heading of a role's row.
pub(super) fn row(role: Role) -> String {
    format!("{} {}", words::role(role, Lang::Zh), words::role(role, Lang::En))
}

/// One table: rows and their cells.
pub(super) fn table(corner: &str, columns: &[&str], rows: &[(String, Vec<String>)]) -> String {
    let mut out = format!("| {corner} | {} |\n|{}\n", columns.join(" | "), "--|".repeat(columns.len() + 1));
    for (heading, cells) in rows {
        writeln!(out, "| {heading} | {} |", cells.join(" | ")).unwrap();
    }
    out
}

/// The columns of a command's first table, or of its second.
pub(super) fn columns(handed_over: bool) -> Vec<Column> {
    COLUMNS.into_iter().filter(|(_, hands, _)| (*hands != Hands::Community) == handed_over).collect()
}

/// The legend: every short word, its code and the sentence that people read.
pub(super) fn legend() -> String {
    let rows: Vec<(String, Vec<String>)> = SHORT
        .iter()
        .map(|(short, code)| {
            let sentences = [Lang::Zh, Lang::En].map(|lang| words::code_sentence(*code, lang).to_owned());
            ((*short).to_owned(), [vec![format!("`{code}`")], sentences.to_vec()].concat())
        })
        .collect();
    table("in a cell", &["code", "what the worker reads", "in English"], &rows)
}
