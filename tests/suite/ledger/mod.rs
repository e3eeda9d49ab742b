//! Ledgers: what people entered once, on real phones, read back from the files they export.
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    reason = "days and line numbers of a few dozen lines, as a spreadsheet has them"
)]

mod damaged;
mod file;
mod hostile;
mod people;
mod template;
mod whole;

use std::io::Cursor;

use calamine::{Data, Reader as _, Xlsx};
use doorstep_core::case::{Asked, Command, CommitmentRef, Form, Grade, Ground, Outcome};
use doorstep_core::device::{Exported, Format, Range};
use doorstep_core::environment::Clock as _;
use doorstep_core::id::DocId;
use doorstep_core::time::Date;
use doorstep_tests::scenes::{self, PARTIES};
use doorstep_tests::{Phone, World};

/// The ledger in this format.
fn bytes(phone: &Phone, template: &str, format: Format, range: Range) -> (Vec<u8>, Exported) {
    let mut bytes = Vec::new();
    let exported = phone.device().export(template, format, range, &mut bytes).unwrap();
    (bytes, exported)
}

/// A workbook's first sheet, read by somebody else's reader: every row, title and headings included.
fn workbook(bytes: &[u8]) -> Vec<Vec<Data>> {
    let mut book: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(bytes)).unwrap();
    let name = book.sheet_names()[0].clone();
    let formulas = book.worksheet_formula(&name).unwrap();
    assert!(formulas.used_cells().next().is_none(), "a ledger has no formulas");
    book.worksheet_range(&name).unwrap().rows().map(<[Data]>::to_vec).collect()
}

/// The ledger as JSON.
fn json(phone: &Phone, template: &str, range: Range) -> Vec<serde_json::Value> {
    let (bytes, exported) = bytes(phone, template, Format::Json, range);
    let lines: Vec<serde_json::Value> = serde_json::from_slice(&bytes).unwrap();
    assert_eq!(lines.len() as u64, exported.lines);
    lines
}

/// The CSV's rows, read by the rules of RFC 4180.
fn csv(bytes: &[u8]) -> Vec<Vec<String>> {
    let text = std::str::from_utf8(bytes).unwrap().strip_prefix('\u{feff}').unwrap();
    let (mut rows, mut row, mut cell, mut quoted) = (Vec::new(), Vec::new(), String::new(), false);
    let mut left = text.chars().peekable();
    while let Some(c) = left.next() {
        match c {
            '"' if quoted && left.peek() == Some(&'"') => cell.extend(left.next()),
            '"' => quoted = !quoted,
            ',' if !quoted => row.push(std::mem::take(&mut cell)),
            '\r' if !quoted => {
                assert_eq!(left.next(), Some('\n'), "rows end with CRLF");
                row.push(std::mem::take(&mut cell));
                rows.push(std::mem::take(&mut row));
            }
            c => cell.push(c),
        }
    }
    assert!(row.is_empty() && cell.is_empty() && !quoted, "the last row ends too");
    rows
}

fn run(phone: &Phone, case: DocId, command: &Command) {
    phone.device().run(case, command).unwrap();
}

/// The commitment that counts.
fn commitment(phone: &Phone, case: DocId) -> CommitmentRef {
    let view = phone.device().case(case).unwrap();
    let last = view.commitments.last().unwrap();
    CommitmentRef { draft: last.draft, index: last.index }
}

/// From a consultation to an oral agreement that is carried out and completed.
fn settle(world: &World, phone: &Phone, case: DocId, due: Date) {
    for command in [
        scenes::sit_down(world.clock.now()),
        scenes::agreed(),
        scenes::draft(due),
        Command::RecordOralAgreement { witness: "民警甲".into() },
    ] {
        run(phone, case, &command);
        world.minutes(3);
    }
    let commitment = commitment(phone, case);
    for command in [
        Command::FulfilCommitment { commitment, seen: "阀门已拆除".into() },
        Command::Complete { words: "全部办结".into() },
        Command::CheckEffect { seen: "水压正常".into() },
    ] {
        run(phone, case, &command);
        world.minutes(3);
    }
}

/// What this party says.
fn says(phone: &Phone, case: DocId, party: &str, grade: Grade) {
    let words = if grade.is_dissatisfied() { "水还是小" } else { "" }.into();
    run(phone, case, &Command::RecordFeedback { party: party.into(), grade, words, asked: Asked::ByPhone });
}

/// What became of a case of [`Town`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Reported,
    Adjourned,
    SettledByWord,
    TwoRounds,
    Raised,
    Signed,
}

const FATES: [Fate; 6] = [Fate::Reported, Fate::Adjourned, Fate::SettledByWord, Fate::TwoRounds, Fate::Raised, Fate::Signed];

/// A lead's phone with thirty cases that people really worked on, five of each fate, one a day.
struct Town {
    world: World,
    lead: Phone,
    cases: Vec<(DocId, Fate)>,
}

impl Town {
    fn new(seed: u64) -> Self {
        let world = World::new(seed);
        let lead = world.phone("lead-ncg");
        let clerk = world.phone("clerk-affairs");
        let mut cases = Vec::new();
        for n in 0..30_usize {
            let fate = FATES[n % FATES.len()];
            let case = scenes::report(&lead, &format!("事项{n}：{fate:?}"));
            Self::play(&world, &lead, case, fate);
            cases.push((case, fate));
            world.days(1);
            lead.in_touch();
        }
        lead.settle();
        clerk.settle();
        for (case, _) in cases.iter().filter(|(_, fate)| *fate == Fate::Raised) {
            run(&clerk, *case, &Command::AcceptHandover);
            run(&clerk, *case, &Command::SettleHandover { result: "已协调水务公司".into() });
        }
        clerk.settle();
        lead.settle();
        for (case, _) in cases.iter().filter(|(_, fate)| *fate == Fate::Raised) {
            says(&lead, *case, PARTIES[1], Grade::Satisfied);
            run(&lead, *case, &Command::Close);
        }
        Self { world, lead, cases }
    }

    fn play(world: &World, lead: &Phone, case: DocId, fate: Fate) {
        let today = world.clock.now().date();
        match fate {
            Fate::Reported => {}
            Fate::Adjourned => {
                run(lead, case, &scenes::sit_down(world.clock.now()));
                let outcome = Outcome::Adjourned { until: today.plus_days(2) };
                run(lead, case, &Command::ConcludeConsultation { outcome, elements: doorstep_core::case::Elements::default() });
            }
            Fate::SettledByWord => {
                settle(world, lead, case, today.plus_days(7));
                PARTIES.into_iter().for_each(|party| says(lead, case, party, Grade::Satisfied));
                run(lead, case, &Command::Close);
            }
            Fate::TwoRounds => {
                settle(world, lead, case, today.plus_days(7));
                says(lead, case, PARTIES[0], Grade::Dissatisfied);
                settle(world, lead, case, today.plus_days(9));
                run(lead, case, &Command::RecordFeedbackTry { party: PARTIES[1].into(), asked: Asked::InPerson });
                says(lead, case, PARTIES[0], Grade::VerySatisfied);
                says(lead, case, PARTIES[1], Grade::Fair);
                run(lead, case, &Command::Close);
            }
            Fate::Raised => {
                run(
                    lead,
                    case,
                    &Command::OpenConsultation { form: Form::MeetingRoom, elements: scenes::elements(world.clock.now()) },
                );
                let outcome = Outcome::NotAgreed { reason: "各执一词".into() };
                run(lead, case, &Command::ConcludeConsultation { outcome, elements: doorstep_core::case::Elements::default() });
                run(
                    lead,
                    case,
                    &Command::Raise {
                        to: "office-affairs".parse().unwrap(),
                        ground: Ground::NoAgreement,
                        reason: "社区无法协调".into(),
                        tried: "一次协商".into(),
                    },
                );
            }
            Fate::Signed => {
                for command in [scenes::sit_down(world.clock.now()), scenes::agreed(), scenes::draft(today.plus_days(3))] {
                    run(lead, case, &command);
                    world.minutes(3);
                }
                lead.device().freeze(case, doorstep_core::device::Terms::default()).unwrap();
                scenes::sign_all(lead, case);
                lead.device().seal(case).unwrap();
                let extend = Command::ExtendCommitment {
                    commitment: commitment(lead, case),
                    why: "等材料".into(),
                    until: today.plus_days(5),
                };
                run(lead, case, &extend);
            }
        }
    }

    fn of(&self, fate: Fate) -> impl Iterator<Item = DocId> {
        self.cases.iter().filter(move |(_, other)| *other == fate).map(|(case, _)| *case)
    }
}
