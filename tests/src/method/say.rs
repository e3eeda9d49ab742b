//! Commands as people would say them, with filler for what a test does not care about.

use doorstep_core::case::{
    AgreedWithBody, Asked, Channel, Command, Commitment, CommitmentRef, Department, DisputeKind, Elements, Form, Grade, Ground,
    Outcome, Participant, Party, PartyKind, Reported, Reporter,
};
use doorstep_core::id::Digest;
use doorstep_core::people::Place;
use doorstep_core::time::{Date, Stamp};

use super::{beginning, town};

/// Whoever reported.
pub const REPORTER: &str = "张某";
/// The other side.
pub const OTHER_SIDE: &str = "李某";

/// A day of that month.
pub fn day(day: u32) -> Date {
    Date::from_ymd(2026, 5, day).unwrap()
}

/// A report of this title at this place.
pub fn report_of(title: &str, place: Place) -> Command {
    Command::Report {
        report: Reported {
            channel: Channel::InPerson,
            reporter: Some(Reporter { name: REPORTER.into(), phone: String::new() }),
            title: title.into(),
            place,
            category: "邻里纠纷".into(),
            account: title.into(),
            visit: None,
        },
    }
}

/// The report of the water case.
pub fn report() -> Command {
    report_of("自装阀门致邻居断水", town::compound())
}

/// Somebody at the table.
pub fn guest(name: &str, capacity: &str) -> Participant {
    Participant { name: name.into(), capacity: capacity.into() }
}

/// All of the 5W.
pub fn elements() -> Elements {
    Elements {
        who: vec![guest(REPORTER, "业主"), guest(OTHER_SIDE, "业主"), guest("民警甲", "片区民警")],
        what: "恢复供水与赔偿".into(),
        when: Some(beginning()),
        place: "家属院门口".into(),
        why: "民法典相邻关系".into(),
    }
}

/// Sitting down in this form.
pub fn open_as(form: Form) -> Command {
    Command::OpenConsultation { form, elements: elements() }
}

/// Sitting down on site.
pub fn open() -> Command {
    open_as(Form::OnSite)
}

/// Rising with this outcome.
pub fn conclude(outcome: Outcome) -> Command {
    Command::ConcludeConsultation { outcome, elements: Elements::default() }
}

/// Rising agreed.
pub fn agreed() -> Command {
    conclude(Outcome::Agreed)
}

/// Rising without agreement.
pub fn not_agreed() -> Command {
    conclude(Outcome::NotAgreed { reason: "各执一词".into() })
}

/// Rising to meet again.
pub fn adjourned() -> Command {
    conclude(Outcome::Adjourned { until: day(20) })
}

/// A resident who is a party.
pub fn resident(name: &str) -> Party {
    Party { name: name.into(), kind: PartyKind::Resident }
}

/// An org that is a party.
pub fn unit(name: &str, org: &str) -> Party {
    Party { name: name.into(), kind: PartyKind::Org { org: org.parse().ok() } }
}

/// Who does what.
pub fn commitment(party: &str, deed: &str) -> Commitment {
    Commitment { party: party.into(), deed: deed.into(), due: day(15), amount_fen: None }
}

/// A draft between these, with these commitments.
pub fn draft_of(dispute: DisputeKind, parties: Vec<Party>, commitments: Vec<Commitment>) -> Command {
    Command::DraftAgreement {
        dispute, parties, facts: "经现场查看".into(), terms: "双方同意如下".into(), commitments
    }
}

/// The water case's draft: the other side takes the valve out and pays; whoever reported restores the pipe.
pub fn draft() -> Command {
    draft_of(
        DisputeKind::Ordinary,
        vec![resident(REPORTER), resident(OTHER_SIDE)],
        vec![commitment(OTHER_SIDE, "拆除阀门、恢复供水"), commitment(REPORTER, "配合施工")],
    )
}

/// The end of the signing of this draft. `copy` tells two bundles of one draft apart; the digest is a dummy.
pub fn seal(draft: Stamp, copy: u8) -> Command {
    Command::SealAgreement { draft, bundle: Digest::from_bytes([copy; 32]), check_number: "12345678901234567890".into() }
}

/// Agreed by word.
pub fn oral() -> Command {
    Command::RecordOralAgreement { witness: "民警甲".into() }
}

/// A photo of a signed sheet is attached.
pub fn attach() -> Command {
    let digest = Digest::from_bytes([1; 32]);
    Command::Attach { digest, media: "image/jpeg".into(), length: 9, caption: String::new(), preview: None }
}

/// The printed draft was signed by hand, as these sheets show.
pub fn on_paper(sheets: Vec<Digest>) -> Command {
    Command::RecordPaperAgreement { sheets, witness: "民警甲".into() }
}

/// A court confirmed what was signed.
pub fn confirm() -> Command {
    Command::ConfirmAgreement { court: "区人民法院".into(), number: "（2026）调确1号".into(), on: day(20) }
}

/// A commitment was carried out.
pub fn fulfil(draft: Stamp, index: u32) -> Command {
    Command::FulfilCommitment { commitment: CommitmentRef { draft, index }, seen: "已到现场查看".into() }
}

/// A commitment was not kept.
pub fn default(draft: Stamp, index: u32) -> Command {
    Command::DefaultCommitment { commitment: CommitmentRef { draft, index }, why: "逾期未做".into() }
}

/// A commitment gets more time.
pub fn extend(draft: Stamp, index: u32, until: Date) -> Command {
    Command::ExtendCommitment { commitment: CommitmentRef { draft, index }, why: "等材料".into(), until }
}

/// Its beneficiary waives a commitment.
pub fn waive(draft: Stamp, index: u32, by: &str) -> Command {
    Command::WaiveCommitment { commitment: CommitmentRef { draft, index }, by: by.into(), why: "不再需要".into() }
}

/// Everything is done.
pub fn complete() -> Command {
    Command::Complete { words: "全部办结".into() }
}

/// What was seen on the spot.
pub fn check_effect() -> Command {
    Command::CheckEffect { seen: "水压正常".into() }
}

/// What a party said.
pub fn feedback(party: &str, grade: Grade) -> Command {
    Command::RecordFeedback { party: party.into(), grade, words: String::new(), asked: Asked::InPerson }
}

/// A party was not reached.
pub fn feedback_try(party: &str) -> Command {
    Command::RecordFeedbackTry { party: party.into(), asked: Asked::ByPhone }
}

/// Two raises: beyond the community's powers.
pub fn raise(to: &str) -> Command {
    raise_on(to, Ground::BeyondPowers)
}

/// Two raises, on this ground.
pub fn raise_on(to: &str, ground: Ground) -> Command {
    Command::Raise { to: to.parse().unwrap(), ground, reason: "超出社区权限".into(), tried: "两次协商".into() }
}

/// One transfer, with the record that a body outside agreed.
pub fn transfer_agreed(to: &str) -> Command {
    let agreed = AgreedWithBody { with: "科长甲".into(), on: day(9), how: "电话".into() };
    Command::Transfer { to: to.parse().unwrap(), reason: "属其职责".into(), agreed: Some(agreed) }
}

/// One transfer, without such a record.
pub fn transfer(to: &str) -> Command {
    Command::Transfer { to: to.parse().unwrap(), reason: "属其职责".into(), agreed: None }
}

/// The receiver sends it back.
pub fn send_back() -> Command {
    Command::ReturnHandover { why: "不属我单位管辖".into() }
}

/// The receiver settled it.
pub fn settle() -> Command {
    Command::SettleHandover { result: "已解决".into() }
}

/// The community takes its offer back.
pub fn recall() -> Command {
    Command::RecallHandover { why: "当事人已和解".into() }
}

/// The committee calls departments to one table.
pub fn convene() -> Command {
    let department =
        |org: &str, name: &str, task: &str| Department { org: org.parse().ok(), name: name.into(), task: task.into() };
    Command::ConveneDepartments {
        departments: vec![
            department(town::EDUCATION, "区教育局", "落实入学"),
            department(town::CIVIL_AFFAIRS, "区民政局", "落实困境儿童照料"),
        ],
    }
}

/// The reporter takes it back.
pub fn withdraw() -> Command {
    Command::Withdraw { why: "当事人撤回".into() }
}

/// A note.
pub fn note() -> Command {
    Command::Note { text: "已电话告知".into() }
}

/// The lead chooses.
pub fn choose(holds: Stamp, over: Stamp) -> Command {
    Command::SettleContest { holds, over: vec![over], why: "以先签为准".into() }
}
