//! Events and commands by number and seed: every kind, with references that exist, nearly exist, or don't.

use crate::method::say::{self, OTHER_SIDE, REPORTER};
use crate::method::{Phone, town};
use doorstep_core::case::{
    AgreedWithBody, AgreementConfirmed, AgreementDrafted, AgreementOnPaper, AgreementOral, AgreementSealed, AgreementStamped,
    Asked, Assigned, Attached, Channel, Closed, Command, Commitment, CommitmentDefaulted, CommitmentExtended,
    CommitmentFulfilled, CommitmentRef, CommitmentWaived, Completed, ConsultationConcluded, ConsultationOpened, ContestSettled,
    Department, DepartmentsConvened, DisputeKind, EffectChecked, Elements, Event, FeedbackGiven, FeedbackTried, Form, Grade,
    Ground, HandoverAccepted, HandoverRecalled, HandoverReturned, HandoverSettled, Knew, MergedInto, Noted, Outcome, Party,
    Raised, Reported, Standing, TextName, Transferred, Withdrawn,
};
use doorstep_core::id::{Digest, DocId};
use doorstep_core::time::{Date, Hlc, Stamp};

/// How many kinds of event there are, and of commands that make one.
pub const KINDS: usize = 31;

/// Numbers from a seed (splitmix64: Steele, Lea, Flood 2014).
pub struct Dice(pub u64);

impl Dice {
    /// The next number.
    pub fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// One of `0..n`; 0 of none.
    pub fn below(&mut self, n: usize) -> usize {
        let n = u64::try_from(n.max(1)).unwrap();
        usize::try_from(self.roll() % n).unwrap()
    }

    /// One of these.
    pub fn of<T: Clone>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())].clone()
    }

    /// True once in `n` times.
    pub fn once_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }
}

fn party(dice: &mut Dice) -> String {
    dice.of(&[REPORTER, OTHER_SIDE, "电信局", ""]).into()
}

fn grade(dice: &mut Dice) -> Grade {
    dice.of(&[Grade::VeryDissatisfied, Grade::Dissatisfied, Grade::Fair, Grade::Satisfied, Grade::VerySatisfied])
}

fn outcome(dice: &mut Dice) -> Outcome {
    match dice.below(4) {
        0 => Outcome::NotAgreed { reason: "各执一词".into() },
        1 => Outcome::Adjourned { until: date(dice) },
        _ => Outcome::Agreed,
    }
}

fn date(dice: &mut Dice) -> Date {
    say::day(1).plus_days(i32::try_from(dice.below(400)).unwrap() - 100)
}

fn elements(dice: &mut Dice) -> Elements {
    if dice.once_in(4) { Elements::default() } else { say::elements() }
}

fn org<T: std::str::FromStr<Err: std::fmt::Debug>>(dice: &mut Dice) -> T {
    dice.of(&[town::OFFICE, town::COMMITTEE, town::TELECOM, town::PROPERTY, town::EDUCATION, "nanchenggen"]).parse().unwrap()
}

fn parties(dice: &mut Dice) -> Vec<Party> {
    match dice.below(4) {
        0 => vec![say::resident(REPORTER)],
        1 => vec![say::resident(REPORTER), say::unit("电信局", town::TELECOM)],
        _ => vec![say::resident(REPORTER), say::resident(OTHER_SIDE)],
    }
}

fn commitments(dice: &mut Dice) -> Vec<Commitment> {
    let all = [
        say::commitment(REPORTER, "配合施工"),
        Commitment { amount_fen: Some(50_000), ..say::commitment(REPORTER, "赔偿") },
        say::commitment(OTHER_SIDE, "拆除阀门"),
    ];
    all[..dice.below(4)].to_vec()
}

fn dispute(dice: &mut Dice) -> DisputeKind {
    if dice.once_in(6) { DisputeKind::PersonalStatus } else { DisputeKind::Ordinary }
}

fn agreed_with_body(dice: &mut Dice) -> Option<AgreedWithBody> {
    (!dice.once_in(3)).then(|| AgreedWithBody { with: "科长甲".into(), on: date(dice), how: "电话".into() })
}

fn departments(dice: &mut Dice) -> Vec<Department> {
    let department = Department { org: town::EDUCATION.parse().ok(), name: "区教育局".into(), task: "落实入学".into() };
    vec![department; dice.below(3)]
}

fn report(dice: &mut Dice) -> Reported {
    let reporter = (!dice.once_in(3)).then(|| doorstep_core::case::Reporter { name: REPORTER.into(), phone: String::new() });
    let place = if dice.once_in(3) { town::garden() } else { town::compound() };
    let visit = dice.once_in(3).then(|| DocId::from_bytes([2; 16]));
    let channel = dice.of(&[Channel::Phone, Channel::Letter, Channel::InPerson, Channel::Visit, Channel::Hotline]);
    Reported {
        channel, reporter, title: "断水".into(), place, category: "邻里纠纷".into(), account: String::new(), visit
    }
}

/// Stamps of a small world, so that references often meet; sometimes one of nowhere.
pub fn small_stamp(dice: &mut Dice) -> Stamp {
    let time = if dice.once_in(12) { u64::MAX } else { u64::try_from(dice.below(40)).unwrap() };
    Stamp { time: Hlc(time), node: u64::try_from(dice.below(3)).unwrap() }
}

/// What its author knew; half of the time as the first release wrote it.
fn knew(dice: &mut Dice) -> Option<Knew> {
    dice.once_in(2).then(|| Knew { event: dice.once_in(2).then(|| small_stamp(dice)) })
}

/// The event of this number, its references into the small world.
pub fn any_event(kind: usize, dice: &mut Dice) -> Event {
    let round = if dice.once_in(8) { u32::MAX } else { u32::try_from(dice.below(4)).unwrap() };
    let index = if dice.once_in(8) { u32::MAX } else { u32::try_from(dice.below(3)).unwrap() };
    let stamp = small_stamp(dice);
    let commitment = CommitmentRef { draft: stamp, index };
    let why = "无".to_owned();
    match kind % KINDS {
        0 => report(dice).into(),
        1 => Assigned { to: town::WORKER.parse().unwrap() }.into(),
        2 => ConsultationOpened { number: round, form: Form::OnSite, elements: elements(dice) }.into(),
        3 => ConsultationConcluded { consultation: stamp, outcome: outcome(dice), elements: elements(dice) }.into(),
        4 => AgreementDrafted {
            consultation: stamp,
            dispute: dispute(dice),
            parties: parties(dice),
            facts: String::new(),
            terms: "如下".into(),
            commitments: commitments(dice),
            replaces: dice.once_in(2).then(|| small_stamp(dice)),
        }
        .into(),
        5 => AgreementSealed { draft: stamp, bundle: Digest::from_bytes([9; 32]), check_number: "1".into() }.into(),
        6 => AgreementOral { draft: stamp, witness: "民警甲".into() }.into(),
        7 => CommitmentFulfilled { commitment, seen: "已看".into(), knew: knew(dice) }.into(),
        8 => CommitmentExtended { commitment, why, until: date(dice), knew: knew(dice) }.into(),
        9 => CommitmentDefaulted { commitment, why, knew: knew(dice) }.into(),
        10 => CommitmentWaived { commitment, by: party(dice), why, knew: knew(dice) }.into(),
        11 => Completed { round, words: String::new() }.into(),
        12 => EffectChecked { round, seen: "已看".into() }.into(),
        13 => FeedbackGiven { round, party: party(dice), grade: grade(dice), words: "行".into(), asked: Asked::ByPhone }.into(),
        14 => FeedbackTried { round, party: party(dice), asked: Asked::InPerson, on: date(dice) }.into(),
        15 => Closed { round }.into(),
        16 => Raised { to: org(dice), ground: Ground::BeyondPowers, reason: why, tried: String::new() }.into(),
        17 => Transferred { to: org(dice), reason: why, agreed: agreed_with_body(dice) }.into(),
        18 => HandoverAccepted { handover: stamp }.into(),
        19 => HandoverReturned { handover: stamp, why }.into(),
        20 => HandoverSettled { handover: stamp, result: why }.into(),
        21 => HandoverRecalled { handover: stamp, why }.into(),
        22 => DepartmentsConvened { handover: stamp, departments: departments(dice) }.into(),
        23 => Withdrawn { why, knew: knew(dice) }.into(),
        24 => MergedInto { case: DocId::from_bytes([1; 16]), knew: knew(dice) }.into(),
        25 => Noted { text: why }.into(),
        26 => {
            Attached { digest: Digest::from_bytes([3; 32]), media: "image/jpeg".into(), length: 1, caption: why, preview: None }
                .into()
        }
        28 => AgreementStamped { agreement: stamp, bundle: Digest::from_bytes([9; 32]) }.into(),
        30 => AgreementOnPaper { draft: stamp, sheets: vec![Digest::from_bytes([3; 32])], witness: "民警甲".into() }.into(),
        29 => AgreementConfirmed { agreement: stamp, court: "法院".into(), number: why, on: date(dice) }.into(),
        _ => ContestSettled { holds: stamp, over: (0..dice.below(3)).map(|_| small_stamp(dice)).collect(), why }.into(),
    }
}

/// Any stamp that the phone knows; sometimes one it doesn't.
fn known_stamp(dice: &mut Dice, phone: &Phone) -> Stamp {
    if dice.once_in(10) || phone.log().is_empty() { small_stamp(dice) } else { dice.of(phone.log()).stamp }
}

/// The command of this number, as somebody with this phone in their hands might say it, sense or nonsense.
pub fn any_command(kind: usize, dice: &mut Dice, phone: &Phone) -> Command {
    let state = phone.state();
    let why = "无".to_owned();
    let drafts: Vec<Stamp> = state.drafts.iter().map(|draft| draft.written.stamp).collect();
    let draft = if drafts.is_empty() || dice.once_in(6) { known_stamp(dice, phone) } else { dice.of(&drafts) };
    let commitment = CommitmentRef { draft, index: u32::try_from(dice.below(4)).unwrap() };
    match kind % KINDS {
        0 => Command::Report { report: report(dice) },
        1 => Command::Assign { to: dice.of(&town::EVERYBODY).parse().unwrap() },
        2 => Command::OpenConsultation { form: Form::AtHome, elements: elements(dice) },
        3 => Command::ConcludeConsultation { outcome: outcome(dice), elements: elements(dice) },
        4 => say::draft_of(dispute(dice), parties(dice), commitments(dice)),
        5 => say::seal(draft, u8::try_from(dice.below(200)).unwrap()),
        6 => say::oral(),
        7 => Command::FulfilCommitment { commitment, seen: "已看".into() },
        8 => Command::ExtendCommitment { commitment, why, until: date(dice) },
        9 => Command::DefaultCommitment { commitment, why },
        10 => Command::WaiveCommitment { commitment, by: party(dice), why },
        11 => say::complete(),
        12 => say::check_effect(),
        13 => say::feedback(&party(dice), grade(dice)),
        14 => say::feedback_try(&party(dice)),
        15 => Command::Close,
        16 => Command::Raise {
            to: org(dice),
            ground: dice.of(&[Ground::BeyondPowers, Ground::NoAgreement]),
            reason: why,
            tried: String::new(),
        },
        17 => Command::Transfer { to: org(dice), reason: why, agreed: agreed_with_body(dice) },
        18 => Command::AcceptHandover,
        19 => say::send_back(),
        20 => say::settle(),
        21 => say::recall(),
        22 => Command::ConveneDepartments { departments: departments(dice) },
        23 => say::withdraw(),
        24 => Command::MarkDuplicate { of: DocId::from_bytes([1; 16]) },
        25 => {
            if dice.once_in(4) {
                Command::EditText { text: TextName::Account, now: why }
            } else {
                say::note()
            }
        }
        26 => Command::Attach {
            digest: Digest::from_bytes([3; 32]),
            media: "image/png".into(),
            length: 1,
            caption: why,
            preview: None,
        },
        28 => Command::StampAgreement,
        29 => say::confirm(),
        30 => say::on_paper(vec![Digest::from_bytes([3; 32])]),
        _ => {
            let contested = state.standings.iter().filter_map(|(stamp, standing)| match standing {
                Standing::Contested { with } => Some((*stamp, with.clone())),
                _ => None,
            });
            let contested: Vec<_> = contested.collect();
            if contested.is_empty() {
                Command::SettleContest { holds: known_stamp(dice, phone), over: vec![known_stamp(dice, phone)], why }
            } else {
                let (holds, with) = dice.of(&contested);
                let over = if dice.once_in(3) { vec![dice.of(&with)] } else { with };
                Command::SettleContest { holds, over, why }
            }
        }
    }
}
