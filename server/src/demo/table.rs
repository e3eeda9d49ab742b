//! The table at the end: how each case went, against its row in the report; and what each phone carried.

use doorstep_core::case::{Grade, Stage, Standing};
use doorstep_core::view::CaseView;
use doorstep_core::words;
use serde::Serialize;
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use super::Kept;
use super::cast::World;
use super::morning::Morning;
use super::voice::Ink;
use crate::words::{Lang, Said};

/// Longest title on its line: with the other columns it fits a terminal of 80.
const TITLE_MAX: usize = 38;

/// How a case ends: as it should, by the report or by the law of the method; and as it did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Ending {
    pub(super) stage: Stage,
    pub(super) round: u32,
    pub(super) signed: bool,
    /// All parties satisfied; none: nobody answered, or the report says nothing of it.
    pub(super) satisfied: Option<bool>,
    /// How each raise or transfer ended, in order.
    pub(super) handovers: Vec<&'static str>,
    /// How each commitment of the agreement in force stands, in order.
    pub(super) commitments: Vec<&'static str>,
    /// Kinds of the events that the law of the method overtook, in order.
    pub(super) overtaken: Vec<String>,
    /// How many events still wait for a lead's choice.
    pub(super) contested: usize,
}

impl Ending {
    /// Here, and nothing more to say of it.
    pub(super) const fn at(stage: Stage) -> Self {
        Self {
            stage,
            round: 1,
            signed: false,
            satisfied: None,
            handovers: Vec::new(),
            commitments: Vec::new(),
            overtaken: Vec::new(),
            contested: 0,
        }
    }

    /// Closed, and all parties satisfied.
    pub(super) fn satisfied() -> Self {
        Self { satisfied: Some(true), ..Self::at(Stage::Closed) }
    }

    /// With the table set so often.
    pub(super) fn in_round(self, round: u32) -> Self {
        Self { round, ..self }
    }

    /// With a signed agreement in force.
    pub(super) fn signed(self) -> Self {
        Self { signed: true, ..self }
    }

    pub(super) fn handed_over(self, handovers: &[&'static str]) -> Self {
        Self { handovers: handovers.to_vec(), ..self }
    }

    pub(super) fn committed(self, commitments: &[&'static str]) -> Self {
        Self { commitments: commitments.to_vec(), ..self }
    }

    pub(super) fn overtaken(self, kinds: &[&str]) -> Self {
        Self { overtaken: kinds.iter().map(|kind| (*kind).to_owned()).collect(), ..self }
    }

    /// As the case did end.
    fn of(view: &CaseView) -> Self {
        let overtaken = view.history.iter().filter(|line| matches!(line.standing, Standing::Overtaken { .. }));
        Self {
            stage: view.stage,
            round: view.round,
            signed: view.agreement.as_ref().is_some_and(|agreement| agreement.bundle.is_some()),
            satisfied: satisfied(view).map(|percent| percent == 100),
            handovers: view.handovers.iter().map(|handover| handover.status).collect(),
            commitments: view.commitments.iter().map(|commitment| commitment.status).collect(),
            overtaken: overtaken.map(|line| line.kind.clone()).collect(),
            contested: view.history.iter().filter(|line| matches!(line.standing, Standing::Contested { .. })).count(),
        }
    }
}

/// How many of a hundred that answered in the last round are satisfied.
fn satisfied(view: &CaseView) -> Option<u32> {
    let graded: Vec<Grade> = view.parties.iter().filter_map(|party| party.grade).collect();
    let good = graded.iter().filter(|grade| matches!(grade, Grade::Satisfied | Grade::VerySatisfied)).count();
    (!graded.is_empty()).then(|| u32::try_from(good * 100 / graded.len()).unwrap_or_default())
}

/// A case's line of the table.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) number: u32,
    title: String,
    way: String,
    filler: bool,
    satisfied: Option<u32>,
    ending: Ending,
    expected: Ending,
}

impl Row {
    pub(super) fn new(number: u32, view: &CaseView, way: &str, filler: bool, expected: Ending) -> Self {
        let (title, way) = (view.title.clone(), way.to_owned());
        Self { number, title, way, filler, satisfied: satisfied(view), ending: Ending::of(view), expected }
    }

    pub(super) fn as_expected(&self) -> bool {
        self.ending == self.expected
    }
}

/// Whether every case ended as its row says; if not, which didn't.
pub(super) fn judge(rows: &[Row]) -> Result<(), Said> {
    let wrong: Vec<String> = rows.iter().filter(|row| !row.as_expected()).map(|row| row.number.to_string()).collect();
    if wrong.is_empty() {
        return Ok(());
    }
    let numbers = wrong.join(", ");
    Err(Said::new(format!("以下事项的结果与案例不符：{numbers}"), format!("these cases did not end as they should: {numbers}")))
}

/// For people: two lines a case, no wider than a terminal of 80.
pub(super) fn print(rows: &[Row], world: &World) {
    let lang = world.lang();
    let heads = match lang {
        Lang::Zh => ["事项", "阶段", "轮次", "满意", "签署"],
        Lang::En => ["case", "stage", "round", "satisfied", "signed"],
    };
    let cells = rows.iter().map(|row| {
        let mark = if row.as_expected() { "✓" } else { "✗" };
        [
            format!("{:>2} {mark} {}", row.number, shortened(&row.title)),
            words::stage(row.ending.stage, lang).to_owned(),
            row.ending.round.to_string(),
            row.satisfied.map_or_else(|| "—".to_owned(), |percent| format!("{percent}%")),
            if row.ending.signed { lang.pick("已签", "yes") } else { "—" }.to_owned(),
        ]
    });
    let lines: Vec<[String; 5]> = std::iter::once(heads.map(String::from)).chain(cells).collect();
    let mut widths = [0; 5];
    for line in &lines {
        for (width, cell) in widths.iter_mut().zip(line) {
            *width = (*width).max(cell.width());
        }
    }
    let padded = |line: &[String; 5]| {
        let cells = line.iter().zip(widths).map(|(cell, width)| format!("{cell}{}", " ".repeat(width - cell.width())));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    let mut lines = lines.iter();
    world.line(Ink::Plain, "");
    for head in lines.by_ref().take(1) {
        world.line(Ink::Bold, &padded(head));
    }
    for (row, line) in rows.iter().zip(lines) {
        world.line(Ink::Plain, &padded(line));
        let filler = if row.filler { lang.pick("虚构 · ", "filler · ") } else { "" };
        world.line(Ink::Faint, &format!("     {filler}{}", row.way));
    }
}

/// A title that leaves room for the other columns.
fn shortened(title: &str) -> String {
    if title.width() <= TITLE_MAX {
        return title.to_owned();
    }
    let mut short = String::new();
    for character in title.chars() {
        if short.width() + character.width().unwrap_or(0) + '…'.width().unwrap_or(0) > TITLE_MAX {
            break;
        }
        short.push(character);
    }
    format!("{}…", short.trim_end())
}

/// What each phone carried, and what the server weighs.
pub(super) fn print_phones(world: &World) -> Result<(), Said> {
    world.line(Ink::Plain, "");
    let mut left = 0;
    for phone in world.phones() {
        let id = phone.person.as_str();
        let counts = world.device(id)?.pending().map_err(|error| world.unexpected(id, &error))?.counts;
        left += counts.waiting + counts.wanted + counts.set_aside;
        let role_and_name = format!("{} {}", phone.role, phone.name);
        let pad = " ".repeat(28_usize.saturating_sub(role_and_name.width()));
        let (documents, requests) = (counts.documents, phone.requests);
        let (up, down) = (kib(phone.up), kib(phone.down));
        let (of_records, of_requests) = (world.pick("份记录 请求", "records"), world.pick("次", "requests"));
        let line = format!("  {role_and_name}{pad}{documents:>3} {of_records} {requests:>3} {of_requests} ↑{up:>8} ↓{down:>8}");
        world.line(Ink::Plain, &line);
    }
    match left {
        0 => world.say("  各部手机：没有待传，没有搁置", "  on all phones: nothing waits to be sent, nothing is set aside"),
        left => world.say(&format!("  还有 {left} 条待传或搁置"), &format!("  {left} changes wait or are set aside")),
    }
    if let Some(memory) = world.server.memory_kib() {
        let memory = kib(memory * 1024);
        world.say(&format!("  服务器内存 {memory}"), &format!("  server memory {memory}"));
    }
    Ok(())
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
    satisfied_percent: Option<u32>,
    #[serde(flatten)]
    ending: &'a Ending,
    expected: &'a Ending,
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
    pdf: String,
    check_number: &'a str,
    verifies: bool,
    pdf_verifies: bool,
    finding_after_one_byte_changed: &'static str,
    pdf_finding_after_one_byte_changed: &'static str,
}

#[derive(Serialize)]
struct Record<'a> {
    cases: Vec<CaseRecord<'a>>,
    morning: &'a Morning,
    phones: Vec<PhoneRecord<'a>>,
    server: String,
    server_memory_kib: Option<u64>,
    agreement: AgreementRecord<'a>,
    data: String,
}

/// For programs.
pub(super) fn json(rows: &[Row], morning: &Morning, world: &World, kept: &Kept) -> String {
    let cases = rows.iter().map(|row| CaseRecord {
        case: row.number,
        title: &row.title,
        way: &row.way,
        satisfied_percent: row.satisfied,
        ending: &row.ending,
        expected: &row.expected,
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
        morning,
        phones: phones.collect(),
        server: world.server_address(),
        server_memory_kib: world.server.memory_kib(),
        agreement: AgreementRecord {
            file: kept.path.display().to_string(),
            pdf: kept.pdf.display().to_string(),
            check_number: &kept.check_number,
            verifies: kept.holds,
            pdf_verifies: kept.pdf_holds,
            finding_after_one_byte_changed: kept.finding.code(),
            pdf_finding_after_one_byte_changed: kept.pdf_finding.code(),
        },
        data: world.dir.display().to_string(),
    };
    serde_json::to_string_pretty(&record).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(number: u32, ending: Ending) -> Row {
        let (title, way) = (String::new(), String::new());
        Row { number, title, way, filler: true, satisfied: None, ending, expected: Ending::satisfied().in_round(2) }
    }

    #[test]
    fn a_case_that_ended_otherwise_is_named_by_its_number() {
        let right = || Ending::satisfied().in_round(2);
        assert_eq!(judge(&[row(1, right()), row(2, right())]), Ok(()));
        let others = [
            right().in_round(1),
            right().signed(),
            right().handed_over(&["returned"]),
            right().committed(&["waived"]),
            right().overtaken(&["closed"]),
            Ending { stage: Stage::Done, ..right() },
            Ending { satisfied: None, ..right() },
            Ending { contested: 2, ..right() },
        ];
        for other in others {
            let said = judge(&[row(1, right()), row(7, other), row(12, Ending::at(Stage::Merged))]).unwrap_err();
            assert!(said.text(Lang::Zh).ends_with("：7, 12") && said.text(Lang::En).ends_with(": 7, 12"), "{said}");
        }
    }

    #[test]
    fn titles_leave_room_for_the_other_columns() {
        assert_eq!(shortened("彩钢房雨水倒灌，围墙下沉倾斜"), "彩钢房雨水倒灌，围墙下沉倾斜");
        for long in ["a".repeat(80), "墙".repeat(40)] {
            let short = shortened(&long);
            assert!(short.ends_with('…') && short.width() <= TITLE_MAX, "{short}");
        }
    }
}
