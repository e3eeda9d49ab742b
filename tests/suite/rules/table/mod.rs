//! The handbook's table of commands, cell by cell: `method.md` beside this file is the specification, read by people who
//! know the method; here every cell is held against what the rules really say.
//!
//! A cell is a role, a command and a column: a stage, and in whose hands the case is. Each is asked three ways: as a command
//! on the phone, as an offer to a screen, and as an event that arrives under this person's name. After a change that is
//! meant: `cargo test -p doorstep-tests --test suite rules::table -- --ignored rewrite`, then review what `git diff` shows
//! against the handbook.

mod paper;
mod states;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::PathBuf;

use doorstep_core::case::{
    self, Body, Command, CommandKind, Decision, Entry, Origin, RefusalCode, Setting, Standing, TextName,
};
use doorstep_core::people::Role;
use doorstep_core::time::{Hlc, Stamp};
use doorstep_tests::method::Phone;
use doorstep_tests::method::say::{self, REPORTER};
use doorstep_tests::method::town::{
    ADMINISTRATOR, CLERK, COORDINATOR, EDUCATION_CONTACT, ELSEWHERE, EVERYBODY, HEAD, LEAD, NEIGHBOUR, OFFICE, OTHER_LEAD,
    SUPERVISOR, TELECOM, TELECOM_CONTACT, WORKER,
};

use paper::{NONE, YES};
use states::{COLUMNS, GENERAL_CLERK, Hands, OTHER_COORDINATOR, OTHER_HEAD};

/// Heading of the section about people whose grid, building, community or org is another.
const ELSEWHERE_HEADING: &str = "The same roles elsewhere";

/// The person of each role who would be in charge here.
const fn person(role: Role) -> &'static str {
    match role {
        Role::GridWorker => WORKER,
        Role::BuildingHead => HEAD,
        Role::CommunityLead => LEAD,
        Role::OfficeClerk => CLERK,
        Role::CommitteeCoordinator => COORDINATOR,
        Role::UnitContact => TELECOM_CONTACT,
        Role::Supervisor => SUPERVISOR,
        Role::Administrator => ADMINISTRATOR,
    }
}

/// The people of the last section: heading, who, and the role whose cases they are held against. Supervisors and administrators
/// are the whole sub-district's: for them there is no elsewhere.
const STRANGERS: [(&str, &str, Role); 7] = [
    ("worker of the next grid", NEIGHBOUR, Role::GridWorker),
    ("worker of another community", ELSEWHERE, Role::GridWorker),
    ("head of the next building", OTHER_HEAD, Role::BuildingHead),
    ("lead of another community", OTHER_LEAD, Role::CommunityLead),
    ("clerk of another office", GENERAL_CLERK, Role::OfficeClerk),
    ("coordinator of another committee", OTHER_COORDINATOR, Role::CommitteeCoordinator),
    ("contact of another body", EDUCATION_CONTACT, Role::UnitContact),
];

/// The command of this kind as it would be said on this case.
fn say(kind: CommandKind, phone: &Phone) -> Command {
    use CommandKind as K;
    let state = phone.state();
    let nothing = Stamp { time: Hlc(0), node: 0 };
    let draft = state.drafts.last().map_or(nothing, |draft| draft.written.stamp);
    match kind {
        K::Report => say::report(),
        K::Assign => Command::Assign { to: WORKER.parse().unwrap() },
        K::OpenConsultation => say::open(),
        K::ConcludeConsultation => Command::ConcludeConsultation { outcome: case::Outcome::Agreed, elements: say::elements() },
        K::DraftAgreement => states::draft(),
        K::SealAgreement => say::seal(draft, 7),
        K::RecordOralAgreement => say::oral(),
        K::RecordPaperAgreement => say::on_paper(state.attachments.iter().map(|(_, known)| known.digest).collect()),
        K::StampAgreement => Command::StampAgreement,
        K::ConfirmAgreement => say::confirm(),
        K::FulfilCommitment => say::fulfil(draft, 0),
        K::ExtendCommitment => say::extend(draft, 0, say::day(30)),
        K::DefaultCommitment => say::default(draft, 0),
        K::WaiveCommitment => say::waive(draft, 0, REPORTER),
        K::Complete => say::complete(),
        K::CheckEffect => say::check_effect(),
        K::RecordFeedback => say::feedback(REPORTER, case::Grade::Satisfied),
        K::RecordFeedbackTry => say::feedback_try(REPORTER),
        K::Close => Command::Close,
        K::Raise => say::raise(OFFICE),
        K::Transfer => say::transfer(TELECOM),
        K::AcceptHandover => Command::AcceptHandover,
        K::ReturnHandover => say::send_back(),
        K::SettleHandover => say::settle(),
        K::RecallHandover => say::recall(),
        K::ConveneDepartments => say::convene(),
        K::Withdraw => say::withdraw(),
        K::MarkDuplicate => states::duplicate(),
        K::Note => say::note(),
        K::Attach => say::attach(),
        K::SettleContest => {
            let contested = state.standings.iter().find_map(|(stamp, standing)| match standing {
                Standing::Contested { with } => Some((*stamp, with[0])),
                _ => None,
            });
            let (holds, over) = contested.unwrap_or((nothing, nothing));
            say::choose(holds, over)
        }
        K::EditText => Command::EditText { text: TextName::Account, now: "经过".into() },
    }
}

/// What the phone answers; what is allowed must also pass the check of arrivals.
fn ask(phone: &Phone, person: &str, kind: CommandKind) -> Result<(), RefusalCode> {
    phone.clone().run(person, &say(kind, phone)).map(drop).map_err(|refusal| refusal.code)
}

/// What a screen is offered; none: this is no business of theirs.
fn offered(phone: &Phone, person: &str) -> BTreeMap<CommandKind, Result<(), RefusalCode>> {
    let (directory, person) = (states::town(), phone.person(person));
    let setting =
        Setting { directory: &directory, person: &person, case: phone.case, origin: Origin::Here { now: phone.clock } };
    let offers = case::offers(&setting, &phone.state());
    offers.into_iter().map(|offer| (offer.kind, offer.refusal.map_or(Ok(()), |refusal| Err(refusal.code)))).collect()
}

/// What the server says to the event, had a phone without rules written it; none where nobody could bring it about.
fn arriving(phone: &Phone, person: &str, kind: CommandKind) -> Option<Result<(), RefusalCode>> {
    let command = say(kind, phone);
    let anybody = EVERYBODY.iter().chain(&[GENERAL_CLERK]);
    let event = anybody.filter_map(|able| phone.decide(able, &command).ok()).find_map(|decision| match decision {
        Decision::Event(event) => Some(event),
        Decision::Text(..) => None,
    })?;
    let latest = phone.log().last().map_or(Hlc::default(), |entry| entry.stamp.time);
    let stamp = Stamp { time: latest.next(phone.clock), node: 5 };
    let entry = Entry { stamp, author: person.parse().unwrap(), body: Body::Event(*event) };
    Some(phone.review(&[entry]).map(drop).map_err(|refusal| refusal.code))
}

fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("suite/rules/table/method.md")
}

fn on_paper() -> String {
    std::fs::read_to_string(path()).unwrap()
}

/// The case of each role and column, built once.
fn cases() -> BTreeMap<(usize, usize), Phone> {
    let mut cases = BTreeMap::new();
    for (r, role) in Role::ALL.into_iter().enumerate() {
        for (c, (_, hands, work)) in COLUMNS.into_iter().enumerate() {
            cases.extend(states::case(role, hands, work).map(|phone| ((r, c), phone)));
        }
    }
    cases
}

/// What the rules say, as cells: command → (row, column) → cell.
fn answers(cases: &BTreeMap<(usize, usize), Phone>) -> BTreeMap<CommandKind, BTreeMap<(String, String), String>> {
    let mut all = BTreeMap::new();
    for kind in CommandKind::ALL {
        let cells: &mut BTreeMap<_, _> = all.entry(*kind).or_default();
        for (r, role) in Role::ALL.into_iter().enumerate() {
            for (c, (column, ..)) in COLUMNS.into_iter().enumerate() {
                let answer = cases.get(&(r, c)).map(|phone| ask(phone, person(role), *kind));
                cells.insert((paper::row(role), column.to_owned()), answer.map_or(NONE.into(), paper::cell));
            }
        }
    }
    all
}

/// What people elsewhere hear, over every column: command → the different answers.
fn elsewhere(cases: &BTreeMap<(usize, usize), Phone>) -> BTreeMap<(String, String), String> {
    let mut cells = BTreeMap::new();
    for kind in CommandKind::ALL {
        for (heading, who, role) in STRANGERS {
            let r = Role::ALL.into_iter().position(|known| known == role).unwrap();
            let theirs = cases.iter().filter(|((row, _), _)| *row == r);
            let heard: BTreeSet<String> = theirs.map(|(_, phone)| paper::cell(ask(phone, who, *kind))).collect();
            let heard = heard.into_iter().collect::<Vec<_>>().join(", ");
            cells.insert((format!("`{}`", kind.name()), heading.to_owned()), heard);
        }
    }
    cells
}

#[track_caller]
fn same(heading: &str, paper: &BTreeMap<(String, String), String>, rules: &BTreeMap<(String, String), String>) {
    let mut differ = Vec::new();
    for ((row, column), cell) in rules {
        match paper.get(&(row.clone(), column.clone())) {
            Some(known) if known == cell => {}
            Some(known) => differ.push(format!("{row}, {column}: the table says {known}, the rules say {cell}")),
            None => differ.push(format!("{row}, {column}: not in the table")),
        }
    }
    let beyond = paper.keys().filter(|key| !rules.contains_key(*key));
    differ.extend(beyond.map(|(row, column)| format!("{row}, {column}: only in the table")));
    assert!(differ.is_empty(), "{heading}:\n{}", differ.join("\n"));
}

#[test]
fn every_command_role_and_stage_is_as_the_table_says() {
    let paper = on_paper();
    let sections = paper::sections(&paper);
    let cases = cases();
    let mut counted = 0;
    for (kind, rules) in answers(&cases) {
        let heading = paper::heading(kind);
        let found: Vec<_> = sections.iter().filter(|(known, _)| *known == heading).collect();
        let [(_, lines)] = found[..] else { panic!("{} sections are headed {heading}", found.len()) };
        assert!(lines.iter().any(|line| line.starts_with("> ")), "{heading}: what does the handbook say of it?");
        same(&heading, &paper::cells(lines), &rules);
        counted += rules.len();
    }
    assert_eq!(counted, CommandKind::ALL.len() * Role::ALL.len() * COLUMNS.len());
    assert_eq!(sections.len(), CommandKind::ALL.len() + 3, "beside the commands: the beginning, the legend, and elsewhere");
}

#[test]
fn the_same_roles_elsewhere_are_refused_throughout() {
    let paper = on_paper();
    let sections = paper::sections(&paper);
    let (_, lines) = sections.iter().find(|(heading, _)| heading == ELSEWHERE_HEADING).expect("a section");
    let cells = paper::cells(lines);
    same(ELSEWHERE_HEADING, &cells, &elsewhere(&cases()));
    let allowed: Vec<_> = cells.iter().filter(|(_, cell)| cell.contains(YES)).collect();
    assert!(allowed.is_empty(), "{allowed:?}");
}

#[test]
fn the_table_covers_every_stage_and_every_state_of_a_handover() {
    let mut stages: BTreeSet<&str> = BTreeSet::new();
    let mut standings = BTreeSet::new();
    for phone in cases().values() {
        let state = phone.state();
        stages.insert(state.stage().name());
        standings.extend(state.standings.values().map(std::mem::discriminant).map(|kind| format!("{kind:?}")));
        assert_eq!(phone.log().is_empty(), state.stage() == case::Stage::Unreported);
    }
    assert_eq!(stages.len(), case::Stage::ALL.len(), "{stages:?}");
    assert_eq!(standings.len(), 1, "one column is contested, and nothing else is out of order");
    let hands = |hands| COLUMNS.iter().filter(|(_, known, _)| *known == hands).count();
    assert!([Hands::Community, Hands::Offered, Hands::Own, Hands::Other].into_iter().all(|each| hands(each) > 1));
}

#[test]
fn a_screen_is_offered_what_the_table_says_and_nothing_else() {
    for ((r, c), phone) in cases() {
        let who = person(Role::ALL[r]);
        let offers = offered(&phone, who);
        for kind in CommandKind::ALL {
            let answer = ask(&phone, who, *kind);
            let at = || format!("{who}, {}, {}", COLUMNS[c].0, kind.name());
            match offers.get(kind) {
                Some(offer) => assert_eq!(*offer, answer, "{}", at()),
                None if *kind == CommandKind::Report => assert!(answer.is_err(), "{}", at()),
                None => {
                    let code = answer.err().map(RefusalCode::as_str);
                    assert!(matches!(code, Some("not_allowed" | "not_reported")), "not offered: {}: {code:?}", at());
                }
            }
        }
    }
}

#[test]
fn nobody_is_offered_what_their_role_never_does() {
    let cases = cases();
    let (mut never, mut ever) = (0, 0);
    for (r, role) in Role::ALL.into_iter().enumerate() {
        let who = person(role);
        let theirs: Vec<&Phone> = cases.iter().filter(|((row, _), _)| *row == r).map(|(_, phone)| phone).collect();
        for kind in CommandKind::ALL {
            let is_never = |code: RefusalCode| matches!(code.as_str(), "not_allowed" | "not_reported");
            if theirs.iter().all(|phone| ask(phone, who, *kind).is_err_and(is_never)) {
                never += 1;
                assert!(theirs.iter().all(|phone| !offered(phone, who).contains_key(kind)), "{who}: {}", kind.name());
            } else {
                ever += 1;
            }
        }
    }
    assert!(never > 50 && ever > 50, "{never} {ever}");
}

#[test]
fn what_the_table_refuses_is_refused_on_arrival_too() {
    let mut held = 0;
    for ((r, c), phone) in cases() {
        let who = person(Role::ALL[r]);
        for kind in CommandKind::ALL {
            let here = ask(&phone, who, *kind);
            let Some(there) = arriving(&phone, who, *kind) else { continue };
            held += 1;
            assert_eq!(there.is_ok(), here.is_ok(), "{who}, {}, {}: {here:?} {there:?}", COLUMNS[c].0, kind.name());
        }
    }
    assert!(held > 1_000, "{held}");
}

#[test]
fn the_legend_explains_every_word_of_the_table() {
    let paper = on_paper();
    assert!(paper.contains(&paper::legend()), "rewrite it");
    let sections = paper::sections(&paper);
    let words: BTreeSet<String> = sections
        .iter()
        .filter(|(heading, _)| heading.starts_with('`'))
        .flat_map(|(_, lines)| paper::cells(lines).into_values())
        .collect();
    let known = paper::legend();
    let explained = known.lines().filter_map(|line| line.split(" | ").next()?.strip_prefix("| ")).skip(1);
    let explained: BTreeSet<String> = explained.map(str::to_owned).chain([YES, NONE].map(str::to_owned)).collect();
    assert_eq!(words, explained);
}

/// Writes the table anew, keeping what stands between a heading and its tables. For review: the paper is the specification.
#[test]
#[ignore = "writes the table anew, for review"]
fn rewrite() {
    let old = std::fs::read_to_string(path()).unwrap_or_default();
    let sections: BTreeMap<String, Vec<&str>> = paper::sections(&old).into_iter().collect();
    let prose = |heading: &str, otherwise: &str| {
        let lines = sections.get(heading).into_iter().flatten();
        let kept: Vec<&str> = lines.copied().take_while(|line| !line.starts_with('|')).collect();
        let kept = kept.join("\n").trim().to_owned();
        if kept.is_empty() { otherwise.to_owned() } else { kept }
    };
    let cases = cases();
    let mut out = format!("{}\n", prose("", "# The table"));
    write!(out, "\n## Words in the cells\n\n{}\n\n{}", prose("Words in the cells", "?"), paper::legend()).unwrap();
    for (kind, cells) in answers(&cases) {
        let heading = paper::heading(kind);
        writeln!(out, "\n## {heading}\n\n{}", prose(&heading, "?")).unwrap();
        for handed_over in [false, true] {
            let columns: Vec<&str> = paper::columns(handed_over).into_iter().map(|(name, ..)| name).collect();
            let row = |role| {
                let cell = |column: &&str| cells[&(paper::row(role), (*column).to_owned())].clone();
                (paper::row(role), columns.iter().map(cell).collect())
            };
            let rows: Vec<_> = Role::ALL.into_iter().map(row).collect();
            let corner = if handed_over { "handed over" } else { "in the community's hands" };
            write!(out, "\n{}", paper::table(corner, &columns, &rows)).unwrap();
        }
    }
    let cells = elsewhere(&cases);
    let columns: Vec<&str> = STRANGERS.iter().map(|(heading, ..)| *heading).collect();
    let row = |kind: &CommandKind| {
        let heading = format!("`{}`", kind.name());
        let cell = |column: &&str| cells[&(heading.clone(), (*column).to_owned())].clone();
        (heading.clone(), columns.iter().map(cell).collect())
    };
    let rows: Vec<_> = CommandKind::ALL.iter().map(row).collect();
    writeln!(out, "\n## {ELSEWHERE_HEADING}\n\n{}", prose(ELSEWHERE_HEADING, "?")).unwrap();
    write!(out, "\n{}", paper::table("throughout", &columns, &rows)).unwrap();
    std::fs::write(path(), out).unwrap();
}
