//! Paper: what stands on it, that it is the same every time, that it carries its evidence, and that other people's tools agree.
//!
//! The other tools are poppler (text, pictures, attachments), qpdf (the file's structure) and rqrr (the codes); `tests/print_tools`
//! installs the first two. With `DOORSTEP_PRINTS` naming a folder, every PDF is kept there, for an eye and for `tests/pdfa/run`.

mod again;
mod altered;
mod codes;
mod forms;
mod outside;

use std::path::{Path, PathBuf};
use std::process::Command as Process;

use doorstep_core::agreement::{Drawing, Identity, SignerRole, Signing};
use doorstep_core::case::{
    Asked, Command, Commitment, CommitmentRef, DisputeKind, Elements, Form as Sitting, Grade, Outcome, Participant, Party,
    PartyKind, TextName,
};
use doorstep_core::device::{SealedAgreement, Terms};
use doorstep_core::environment::Clock as _;
use doorstep_core::id::DocId;
use doorstep_core::print::{Copy, Fonts, Form};
use doorstep_server::desk::ink;
use doorstep_server::fonts;
use doorstep_tests::{Phone, World, scenes};

/// The four at the table.
const TABLE: [(SignerRole, &str, &str); 4] = [
    (SignerRole::Party, "张建国", ""),
    (SignerRole::Party, "李秀英", ""),
    (SignerRole::Witness, "陈志强", "片区民警"),
    (SignerRole::Mediator, "王敏", ""),
];

fn paper() -> &'static Fonts {
    fonts::fonts().unwrap()
}

/// A leak through the ceiling, told as people tell it.
fn draft(world: &World) -> Command {
    let day = |n: i32| world.clock.now().date().plus_days(n);
    let promise = |party: &str, deed: &str, due, amount_fen| Commitment {
        party: party.into(),
        deed: deed.into(),
        due: day(due),
        amount_fen,
    };
    Command::DraftAgreement {
        dispute: DisputeKind::Ordinary,
        parties: ["张建国", "李秀英"].map(|name| Party { name: name.into(), kind: PartyKind::Resident }).into(),
        facts: "2026年10月8日，401室卫生间防水层老化渗水，致301室卫生间吊顶、主卧墙面受损。双方就维修责任、赔偿数额及施工时间发生争议，经社区网格员上门勘查，双方对渗水来源无异议。".into(),
        terms: "一、张建国负责维修并赔偿（不含家具），李秀英提供入户配合。\n二、上述款项付清、闭水试验通过后，双方就本次渗水事项再无其他争议。".into(),
        commitments: vec![
            promise("张建国", "完成401室卫生间防水层重做，并通过48小时闭水试验", 17, None),
            promise("张建国", "一次性赔偿301室吊顶及墙面修复费用", 22, Some(380_000)),
            promise("李秀英", "在约定的施工时段（工作日9时至17时）提供入户配合", 17, None),
        ],
    }
}

/// How everybody at the table signs.
fn hands(phone: &Phone) -> Vec<Signing> {
    let signing = |(hand, (role, name, capacity)): (u64, (SignerRole, &str, &str))| Signing {
        role,
        name: name.into(),
        capacity: capacity.into(),
        by: None,
        identity: if role == SignerRole::Party { Identity::CardShown } else { Identity::Known },
        shown_ms: 93_000,
        read_aloud: true,
        at: phone.device().moment(),
        drawing: written(name, hand),
        dynamics: None,
        dynamics_consent: false,
        photo: None,
    };
    (11..).zip(TABLE).map(signing).collect()
}

fn written(name: &str, hand: u64) -> Drawing {
    ink::draw(name, hand).unwrap()
}

/// Reported, consulted, drafted: nothing signed yet.
fn drafted(world: &World, phone: &Phone, draft: &Command) -> DocId {
    let mut reported = scenes::reported("楼上渗水损坏邻居吊顶");
    reported.account = "李秀英来社区反映：楼上卫生间漏水，吊顶塌了一块，墙面发霉，找过楼上两次没有结果。".into();
    reported.reporter.as_mut().unwrap().phone = "13800000000".into();
    let case = phone.device().report(reported).unwrap().id;
    let who = [
        ("张建国", "401室业主"),
        ("李秀英", "301室业主"),
        ("陈志强", "片区民警"),
        ("何静", "律师"),
        ("䶮㛃𬱖𫖯〇", "物业代表"),
    ];
    let elements = Elements {
        who: who.map(|(name, capacity)| Participant { name: name.into(), capacity: capacity.into() }).into(),
        what: "渗水维修责任与赔偿".into(),
        when: Some(world.clock.now()),
        place: "幸福里社区3号楼2单元301室".into(),
        why: "现场查勘；《民法典》第二百八十八条、第二百九十六条（相邻关系）".into(),
    };
    let minutes = "李秀英：吊顶上周塌了一块，墙面发霉，找过楼上两次。\n张建国：防水是开发商做的，但愿意先修。\n何静：渗水来源在401室，维修责任在业主，可另行向开发商主张。";
    for command in [
        Command::OpenConsultation { form: Sitting::AtHome, elements },
        Command::EditText { text: TextName::Minutes, now: minutes.into() },
        Command::ConcludeConsultation { outcome: Outcome::Agreed, elements: Elements::default() },
        draft.clone(),
    ] {
        phone.device().run(case, &command).unwrap();
        world.minutes(20);
    }
    case
}

/// Signed by all four.
fn signed(world: &World, phone: &Phone, draft: &Command) -> (DocId, SealedAgreement) {
    let case = drafted(world, phone, draft);
    let terms = Terms { number: Some("〔2026〕和平街人调字第118号".into()), mediator: Some("王敏".into()) };
    phone.device().freeze(case, terms).unwrap();
    for signing in hands(phone) {
        world.minutes(2);
        let signing = Signing { at: phone.device().moment(), ..signing };
        phone.device().sign(case, signing, false).unwrap();
    }
    (case, phone.device().seal(case).unwrap())
}

/// Signed, carried out, looked at, asked.
fn followed_up(world: &World, phone: &Phone, lead: &Phone) -> (DocId, SealedAgreement) {
    let (case, agreement) = signed(world, phone, &draft(world));
    let draft = agreement.case.commitments[0].draft;
    world.days(3);
    let reference = |index| CommitmentRef { draft, index };
    let until = world.clock.now().date().plus_days(24);
    let why = "瓷砖缺货".to_owned();
    let mut commands = vec![Command::ExtendCommitment { commitment: reference(0), why, until }];
    for (index, seen) in [(0, "闭水48小时未见渗漏"), (1, "转账截图已看"), (2, "施工期间均有人在家")] {
        commands.push(Command::FulfilCommitment { commitment: reference(index), seen: seen.into() });
    }
    for command in &commands {
        phone.device().run(case, command).unwrap();
    }
    phone.settle();
    lead.settle();
    lead.device().run(case, &Command::Complete { words: "防水修好，赔偿到位".into() }).unwrap();
    lead.settle();
    phone.settle();
    let asked = Asked::ByPhone;
    phone.device().run(case, &Command::CheckEffect { seen: "上门查看，吊顶已修复，墙面干燥".into() }).unwrap();
    for (party, words) in [("张建国", ""), ("李秀英", "修得很好，谢谢大家")] {
        let (party, words) = (party.into(), words.into());
        phone.device().run(case, &Command::RecordFeedback { party, grade: Grade::Satisfied, words, asked }).unwrap();
    }
    (case, agreement)
}

/// The agreement's file as this phone has it: what its PDF carries.
fn file(phone: &Phone, sealed: &SealedAgreement) -> Vec<u8> {
    phone.device().agreement_file(&sealed.bundle).unwrap().unwrap()
}

/// A folder for PDFs: the one that is asked for, or one that goes.
struct Prints {
    dir: PathBuf,
    _goes: Option<tempfile::TempDir>,
}

impl Prints {
    fn new() -> Self {
        if let Some(dir) = std::env::var_os("DOORSTEP_PRINTS") {
            return Self { dir: dir.into(), _goes: None };
        }
        let temp = tempfile::tempdir().unwrap();
        Self { dir: temp.path().into(), _goes: Some(temp) }
    }

    fn keep(&self, name: &str, pdf: &[u8]) -> PathBuf {
        let path = self.dir.join(format!("{name}.pdf"));
        std::fs::write(&path, pdf).unwrap();
        path
    }
}

/// What a tool says on standard output; it must end well.
fn tool(name: &str, arguments: &[&str], file: &Path) -> Vec<u8> {
    let output = Process::new(name).args(arguments).arg(file).output();
    let output = output.unwrap_or_else(|error| panic!("{name}: {error}; run tests/print_tools"));
    assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// The words of a PDF, page by page, blanks and line breaks taken out.
fn words(path: &Path) -> Vec<String> {
    let output = Process::new("pdftotext").args(["-raw", "-enc", "UTF-8"]).arg(path).arg("-").output();
    let output = output.unwrap_or_else(|error| panic!("pdftotext: {error}; run tests/print_tools"));
    let text = String::from_utf8(output.stdout).unwrap();
    let close = |page: &str| page.split_whitespace().collect::<String>();
    text.split('\u{c}').map(close).filter(|page| !page.is_empty()).collect()
}

/// Every form of this case, for this copy.
fn print(phone: &Phone, case: DocId, form: Form, copy: Copy) -> Vec<u8> {
    phone.device().print(case, form, copy, paper()).unwrap()
}
