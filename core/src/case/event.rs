//! What happened: the vocabulary of a case's log. Facts, past tense, never edited, never deleted.
//!
//! Each event is an [`Entry`]: stamp, author, kind, body. The kind is a permanent name; the body a record whose fields
//! may grow but never change meaning. An entry of a kind this version doesn't know is [`Body::Newer`]: kept, shown as
//! such, folded over.

use serde::{Deserialize, Serialize};

use crate::entry::{self, events};
use crate::id::{Digest, DocId, OrgId, PersonId};
use crate::people::Place;
use crate::time::{Date, Stamp, Timestamp};

/// One line of a case's log.
pub type Entry = entry::Entry<Event>;

/// The event of an entry, as far as this version knows it.
pub type Body = entry::Body<Event>;

events! {
    /// Everything that can happen to a case.
    pub enum Event;
    /// A concern came in.
    Reported = "reported",
    /// A worker was named for it.
    Assigned = "assigned",
    /// People sat down.
    ConsultationOpened = "consultation_opened",
    /// They rose, with or without agreement, or to meet again.
    ConsultationConcluded = "consultation_concluded",
    /// What was agreed was written down.
    AgreementDrafted = "agreement_drafted",
    /// It was signed by all, witnessed and sealed.
    AgreementSealed = "agreement_sealed",
    /// It was agreed without signing, as the law allows.
    AgreementOral = "agreement_oral",
    /// A commitment was carried out.
    CommitmentFulfilled = "commitment_fulfilled",
    /// A commitment got more time.
    CommitmentExtended = "commitment_extended",
    /// A commitment was not kept.
    CommitmentDefaulted = "commitment_defaulted",
    /// Its beneficiary waived a commitment.
    CommitmentWaived = "commitment_waived",
    /// Everything agreed is done.
    Completed = "completed",
    /// Somebody looked at the effect on the spot.
    EffectChecked = "effect_checked",
    /// A party said how satisfied they are.
    FeedbackGiven = "feedback_given",
    /// A party was not reached.
    FeedbackTried = "feedback_tried",
    /// The case was closed.
    Closed = "closed",
    /// The case was raised to an office or to the committee.
    Raised = "raised",
    /// The case was transferred to a unit or a responsible body.
    Transferred = "transferred",
    /// The receiver took it.
    HandoverAccepted = "handover_accepted",
    /// The receiver sent it back.
    HandoverReturned = "handover_returned",
    /// The receiver settled it.
    HandoverSettled = "handover_settled",
    /// The community took its offer back.
    HandoverRecalled = "handover_recalled",
    /// The committee called departments to one table.
    DepartmentsConvened = "departments_convened",
    /// The reporter took the concern back.
    Withdrawn = "withdrawn",
    /// The case is another one's duplicate.
    MergedInto = "merged_into",
    /// Somebody noted something.
    Noted = "noted",
    /// Something was attached.
    Attached = "attached",
    /// A lead chose between events that exclude each other.
    ContestSettled = "contest_settled",
}

/// How a concern came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// 来电.
    Phone,
    /// 来信.
    Letter,
    /// 来人.
    InPerson,
    /// 走访发现.
    Visit,
    /// 12345.
    Hotline,
}

/// Who brought a concern.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Reporter {
    /// Their name, as they give it.
    pub name: String,
    /// Where to reach them; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub phone: String,
}

/// See [`Event::Reported`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Reported {
    /// How it came in.
    pub channel: Channel,
    /// Who brought it; none where a worker found it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reporter: Option<Reporter>,
    /// One line.
    pub title: String,
    /// Where it lies.
    pub place: Place,
    /// What it is filed under.
    pub category: String,
    /// What was said, in full.
    pub account: String,
    /// The visit that found it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visit: Option<DocId>,
}

/// See [`Event::Assigned`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Assigned {
    /// The worker.
    pub to: PersonId,
}

/// The four forms of a consultation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// 入户商.
    AtHome,
    /// 路边商.
    Roadside,
    /// 现场商.
    OnSite,
    /// 议事室商.
    MeetingRoom,
}

/// Somebody at the table.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Participant {
    /// Their name.
    pub name: String,
    /// In what capacity (业主, 片区民警, 律师, 政协委员 …).
    pub capacity: String,
}

/// The 5W (协商要素), as far as they are known. Concluding needs all of them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub struct Elements {
    /// Who sat at the table.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub who: Vec<Participant>,
    /// What was at issue.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub what: String,
    /// When they sat.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<Timestamp>,
    /// Where; the form stands beside it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub place: String,
    /// What it rests on: facts, rules, precedent.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
}

/// See [`Event::ConsultationOpened`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ConsultationOpened {
    /// Which consultation of the case this is, from 1, as its author knew it. Two with one number, from two phones,
    /// are one consultation with two records.
    pub number: u32,
    /// Where people sat down, in the method's four forms.
    pub form: Form,
    /// What is known of the 5W so far.
    pub elements: Elements,
}

/// How a consultation ended.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The parties agree.
    Agreed,
    /// They don't.
    NotAgreed {
        /// Why not.
        reason: String,
    },
    /// They meet again.
    Adjourned {
        /// On this day.
        until: Date,
    },
}

/// See [`Event::ConsultationConcluded`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ConsultationConcluded {
    /// The record that opened it.
    pub consultation: Stamp,
    /// How it ended.
    pub outcome: Outcome,
    /// What is to be added to the 5W; each given element replaces the earlier one.
    pub elements: Elements,
}

/// What a party to an agreement is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PartyKind {
    /// A resident or another natural person.
    Resident,
    /// An org of the directory, or one in people's words.
    Org {
        /// The org, where the directory has it: its contact may fulfil its commitments.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        org: Option<OrgId>,
    },
}

/// A party.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Party {
    /// Name as it stands in the agreement; unique within it.
    pub name: String,
    /// What it is.
    pub kind: PartyKind,
}

/// Who does what by when.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Commitment {
    /// Name of the party that commits itself.
    pub party: String,
    /// What it will do.
    pub deed: String,
    /// By when.
    pub due: Date,
    /// How much, where money is owed: fen of renminbi.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount_fen: Option<u64>,
}

/// Kinds of dispute that the law treats apart (Electronic Signature Law, art. 3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DisputeKind {
    /// May be signed on a screen.
    #[default]
    Ordinary,
    /// Marriage, adoption, inheritance and other personal status: wet ink only.
    PersonalStatus,
    /// Stopping water, heat or gas supply: wet ink only.
    UtilityCutOff,
}

/// See [`Event::AgreementDrafted`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct AgreementDrafted {
    /// The consultation it came from.
    pub consultation: Stamp,
    /// What kind of dispute it settles.
    #[serde(default)]
    pub dispute: DisputeKind,
    /// The parties, each of whom signs.
    pub parties: Vec<Party>,
    /// The facts and what was disputed.
    pub facts: String,
    /// The terms, in words.
    pub terms: String,
    /// The commitments.
    pub commitments: Vec<Commitment>,
}

/// See [`Event::AgreementSealed`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct AgreementSealed {
    /// The draft that was signed.
    pub draft: Stamp,
    /// SHA-256 of the bundle's bytes.
    pub bundle: Digest,
    /// The 20-digit check number (核验码) of the signed text.
    pub check_number: String,
}

/// See [`Event::AgreementOral`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct AgreementOral {
    /// The draft that was agreed by word.
    pub draft: Stamp,
    /// Who witnessed it.
    pub witness: String,
}

/// Which commitment: the draft it stands in and its place there, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct CommitmentRef {
    /// The draft.
    pub draft: Stamp,
    /// Its place.
    pub index: u32,
}

/// See [`Event::CommitmentFulfilled`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct CommitmentFulfilled {
    /// Which.
    pub commitment: CommitmentRef,
    /// What was seen.
    pub seen: String,
}

/// See [`Event::CommitmentExtended`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct CommitmentExtended {
    /// Which.
    pub commitment: CommitmentRef,
    /// Why.
    pub why: String,
    /// The new date.
    pub until: Date,
}

/// See [`Event::CommitmentDefaulted`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct CommitmentDefaulted {
    /// Which.
    pub commitment: CommitmentRef,
    /// What was found.
    pub why: String,
}

/// See [`Event::CommitmentWaived`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct CommitmentWaived {
    /// Which.
    pub commitment: CommitmentRef,
    /// The party that waives it, its beneficiary.
    pub by: String,
    /// In what words.
    pub why: String,
}

/// See [`Event::Completed`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Completed {
    /// The round it completes.
    pub round: u32,
    /// What was done, in a sentence; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub words: String,
}

/// See [`Event::EffectChecked`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct EffectChecked {
    /// The round it belongs to.
    pub round: u32,
    /// What was seen on the spot.
    pub seen: String,
}

/// Five grades of satisfaction; the two lowest set the table again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Grade {
    /// 很不满意.
    VeryDissatisfied,
    /// 不满意.
    Dissatisfied,
    /// 一般.
    Fair,
    /// 满意.
    Satisfied,
    /// 很满意.
    VerySatisfied,
}

impl Grade {
    /// Whether it reopens the case.
    pub const fn is_dissatisfied(self) -> bool {
        matches!(self, Self::VeryDissatisfied | Self::Dissatisfied)
    }
}

/// How a party was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Asked {
    /// Face to face.
    InPerson,
    /// By telephone.
    ByPhone,
    /// By letter or message.
    InWriting,
}

/// See [`Event::FeedbackGiven`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct FeedbackGiven {
    /// The round it is about.
    pub round: u32,
    /// The party's name.
    pub party: String,
    /// How satisfied.
    pub grade: Grade,
    /// In what words; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub words: String,
    /// How asked.
    pub asked: Asked,
}

/// See [`Event::FeedbackTried`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct FeedbackTried {
    /// The round.
    pub round: u32,
    /// The party's name.
    pub party: String,
    /// How.
    pub asked: Asked,
    /// The day of the try.
    pub on: Date,
}

/// See [`Event::Closed`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Closed {
    /// The round it closes.
    pub round: u32,
}

/// Why a case may be handed over.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ground {
    /// Consultation ended without agreement.
    NoAgreement,
    /// It lies beyond the community's powers.
    BeyondPowers,
}

/// See [`Event::Raised`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Raised {
    /// The office, centre or committee.
    pub to: OrgId,
    /// On what ground.
    pub ground: Ground,
    /// The reason, in words.
    pub reason: String,
    /// What was tried.
    pub tried: String,
}

/// The record that a body outside agreed to take a case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct AgreedWithBody {
    /// Who agreed there.
    pub with: String,
    /// When.
    pub on: Date,
    /// How (letter, call, meeting).
    pub how: String,
}

/// See [`Event::Transferred`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Transferred {
    /// The unit or responsible body.
    pub to: OrgId,
    /// Why it is theirs.
    pub reason: String,
    /// For a body outside: that it agreed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agreed: Option<AgreedWithBody>,
}

/// See [`Event::HandoverAccepted`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct HandoverAccepted {
    /// The offer.
    pub handover: Stamp,
}

/// See [`Event::HandoverReturned`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct HandoverReturned {
    /// The offer.
    pub handover: Stamp,
    /// Why it comes back.
    pub why: String,
}

/// See [`Event::HandoverSettled`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct HandoverSettled {
    /// The offer.
    pub handover: Stamp,
    /// What came of it.
    pub result: String,
}

/// See [`Event::HandoverRecalled`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct HandoverRecalled {
    /// The offer.
    pub handover: Stamp,
    /// Why.
    pub why: String,
}

/// A department at the committee's table.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Department {
    /// The org, where the directory has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub org: Option<OrgId>,
    /// Its name.
    pub name: String,
    /// What it is asked to do.
    pub task: String,
}

/// See [`Event::DepartmentsConvened`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct DepartmentsConvened {
    /// The raise it answers.
    pub handover: Stamp,
    /// Who was called.
    pub departments: Vec<Department>,
}

/// See [`Event::Withdrawn`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Withdrawn {
    /// Why, in the reporter's words.
    pub why: String,
}

/// See [`Event::MergedInto`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct MergedInto {
    /// The case that goes on.
    pub case: DocId,
}

/// See [`Event::Noted`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Noted {
    /// The note.
    pub text: String,
}

/// See [`Event::Attached`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Attached {
    /// SHA-256 of the bytes.
    pub digest: Digest,
    /// Media type.
    pub media: String,
    /// Length, bytes.
    pub length: u64,
    /// What it shows.
    pub caption: String,
}

/// See [`Event::ContestSettled`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ContestSettled {
    /// The event that holds.
    pub holds: Stamp,
    /// Those that don't.
    pub over: Vec<Stamp>,
    /// Why.
    pub why: String,
}
