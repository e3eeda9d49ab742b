//! The table at the end: how each case went, against its row in the report.

use doorstep_core::case::{Grade, Stage};
use doorstep_core::view::CaseView;
use doorstep_core::words;
use serde::Serialize;
use unicode_width::UnicodeWidthStr;

use super::Kept;
use super::cast::World;
use crate::words::Lang;

/// How a case is to end, as far as the report says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Expected {
    pub(super) stage: Stage,
    pub(super) round: u32,
    pub(super) signed: bool,
    /// All parties satisfied; none: the report says nothing of it.
    pub(super) satisfied: Option<bool>,
}

/// How it ended.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) number: u32,
    pub(super) title: String,
    pub(super) way: String,
    pub(super) filler: bool,
    pub(super) stage: Stage,
    pub(super) round: u32,
    pub(super) satisfied: Option<u32>,
    pub(super) signed: bool,
    pub(super) expected: Expected,
}

impl Row {
    pub(super) fn new(number: u32, view: &CaseView, way: &str, filler: bool, expected: Expected) -> Self {
        let graded: Vec<Grade> = view.parties.iter().filter_map(|party| party.grade).collect();
        let good = graded.iter().filter(|grade| matches!(grade, Grade::Satisfied | Grade::VerySatisfied)).count();
        let percent = (!graded.is_empty()).then(|| u32::try_from(good * 100 / graded.len()).unwrap_or_default());
        Self {
            number,
            title: view.title.clone(),
            way: way.to_owned(),
            filler,
            stage: view.stage,
            round: view.round,
            satisfied: percent,
            signed: view.agreement.as_ref().is_some_and(|agreement| agreement.bundle.is_some()),
            expected,
        }
    }

    pub(super) fn as_expected(&self) -> bool {
        let satisfied = self.satisfied.map(|percent| percent == 100);
        Expected { stage: self.stage, round: self.round, signed: self.signed, satisfied } == self.expected
    }
}

/// For people.
pub(super) fn print(rows: &[Row], world: &World) {
    let lang = world.lang();
    let heads = match lang {
        Lang::Zh => ["事项", "", "经过", "阶段", "轮次", "满意", "签署", ""],
        Lang::En => ["case", "", "how it went", "stage", "round", "satisfied", "signed", ""],
    };
    let cells = rows.iter().map(|row| {
        [
            row.number.to_string(),
            row.title.clone(),
            row.way.clone(),
            words::stage(row.stage, lang).to_owned(),
            row.round.to_string(),
            row.satisfied.map_or_else(|| "—".to_owned(), |percent| format!("{percent}%")),
            if row.signed { lang.pick("已签", "yes") } else { "—" }.to_owned(),
            [if row.as_expected() { "✓" } else { "✗" }, if row.filler { lang.pick("（虚构）", "(filler)") } else { "" }]
                .concat(),
        ]
    });
    let lines: Vec<[String; 8]> = std::iter::once(heads.map(String::from)).chain(cells).collect();
    let mut widths = [0; 8];
    for line in &lines {
        for (width, cell) in widths.iter_mut().zip(line) {
            *width = (*width).max(cell.width());
        }
    }
    println!();
    for (number, line) in lines.iter().enumerate() {
        let padded: Vec<String> =
            line.iter().zip(widths).map(|(cell, width)| format!("{cell}{}", " ".repeat(width - cell.width()))).collect();
        let text = padded.join("  ");
        println!("{}", if number == 0 { world.bold(text.trim_end()) } else { text.trim_end().to_owned() });
    }
    println!();
    for phone in world.phones() {
        let waiting = world
            .device(phone.person.as_str())
            .and_then(|device| device.pending().map_err(|error| world.unexpected(phone.person.as_str(), &error)));
        let counts = waiting.map(|pending| pending.counts).unwrap_or_default();
        let role_and_name = format!("{} {}", phone.role, phone.name);
        let pad = " ".repeat(34_usize.saturating_sub(role_and_name.width()));
        let (documents, waiting, aside) = (counts.documents, counts.waiting + counts.wanted, counts.set_aside);
        let (up, down, requests) = (kib(phone.up), kib(phone.down), phone.requests);
        world.say(
            &format!("  {role_and_name}{pad}{documents:>3} 份记录  待传 {waiting}  搁置 {aside}  请求 {requests:>3}  上行 {up:>7}  下行 {down:>7}"),
            &format!("  {role_and_name}{pad}{documents:>3} records  waiting {waiting}  set aside {aside}  requests {requests:>3}  up {up:>7}  down {down:>7}"),
        );
    }
    if let Some(memory) = world.server.memory_kib() {
        let memory = kib(memory * 1024);
        world.say(&format!("  服务器内存 {memory}"), &format!("  server memory {memory}"));
    }
}

/// Bytes as people read them.
fn kib(bytes: u64) -> String {
    let tenths = bytes * 10 / 1024;
    if tenths >= 102_400 { format!("{} MB", bytes >> 20) } else { format!("{}.{} KB", tenths / 10, tenths % 10) }
}

#[derive(Serialize)]
struct CaseRecord<'a> {
    case: u32,
    title: &'a str,
    way: &'a str,
    stage: &'static str,
    round: u32,
    satisfied_percent: Option<u32>,
    signed: bool,
    filler: bool,
    as_expected: bool,
}

#[derive(Serialize)]
struct PhoneRecord<'a> {
    person: &'a str,
    records: u64,
    waiting: u64,
    set_aside: u64,
    requests: u64,
    bytes_up: u64,
    bytes_down: u64,
}

#[derive(Serialize)]
struct AgreementRecord<'a> {
    file: String,
    check_number: &'a str,
    verifies: bool,
    finding_after_one_byte_changed: &'a str,
}

#[derive(Serialize)]
struct Record<'a> {
    cases: Vec<CaseRecord<'a>>,
    phones: Vec<PhoneRecord<'a>>,
    server: String,
    server_memory_kib: Option<u64>,
    agreement: AgreementRecord<'a>,
    data: String,
}

/// For programs.
pub(super) fn json(rows: &[Row], world: &World, kept: &Kept) -> String {
    let cases = rows.iter().map(|row| CaseRecord {
        case: row.number,
        title: &row.title,
        way: &row.way,
        stage: row.stage.name(),
        round: row.round,
        satisfied_percent: row.satisfied,
        signed: row.signed,
        filler: row.filler,
        as_expected: row.as_expected(),
    });
    let phones = world.phones().filter_map(|phone| {
        let counts = world.device(phone.person.as_str()).ok()?.pending().ok()?.counts;
        Some(PhoneRecord {
            person: phone.person.as_str(),
            records: counts.documents,
            waiting: counts.waiting + counts.wanted,
            set_aside: counts.set_aside,
            requests: phone.requests,
            bytes_up: phone.up,
            bytes_down: phone.down,
        })
    });
    let record = Record {
        cases: cases.collect(),
        phones: phones.collect(),
        server: world.server_address(),
        server_memory_kib: world.server.memory_kib(),
        agreement: AgreementRecord {
            file: kept.path.display().to_string(),
            check_number: &kept.check_number,
            verifies: kept.holds,
            finding_after_one_byte_changed: &kept.finding,
        },
        data: world.dir.display().to_string(),
    };
    serde_json::to_string_pretty(&record).unwrap_or_default()
}
