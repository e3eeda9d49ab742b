//! The doing and the asking: findings about commitments, completion, the look on the spot, what the parties say.

use serde::{Deserialize, Serialize};

use super::Knew;
use crate::time::{Date, Stamp};

/// Which commitment: the draft it stands in and its place there, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct CommitmentRef {
    /// The draft.
    pub draft: Stamp,
    /// Its place.
    pub index: u32,
}

/// See [`Event::CommitmentFulfilled`](super::Event::CommitmentFulfilled).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct CommitmentFulfilled {
    /// Which.
    pub commitment: CommitmentRef,
    /// What was seen.
    pub seen: String,
    /// The finding about this commitment that its author saw; absent in what the first release wrote.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub knew: Option<Knew>,
}

/// See [`Event::CommitmentExtended`](super::Event::CommitmentExtended).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct CommitmentExtended {
    /// Which.
    pub commitment: CommitmentRef,
    /// Why.
    pub why: String,
    /// The new date.
    pub until: Date,
    /// The finding about this commitment that its author saw; absent in what the first release wrote.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub knew: Option<Knew>,
}

/// See [`Event::CommitmentDefaulted`](super::Event::CommitmentDefaulted).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct CommitmentDefaulted {
    /// Which.
    pub commitment: CommitmentRef,
    /// What was found.
    pub why: String,
    /// The finding about this commitment that its author saw; absent in what the first release wrote.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub knew: Option<Knew>,
}

/// See [`Event::CommitmentWaived`](super::Event::CommitmentWaived).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct CommitmentWaived {
    /// Which.
    pub commitment: CommitmentRef,
    /// The party that waives it, its beneficiary.
    pub by: String,
    /// In what words.
    pub why: String,
    /// The finding about this commitment that its author saw; absent in what the first release wrote.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub knew: Option<Knew>,
}

/// See [`Event::Completed`](super::Event::Completed).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Completed {
    /// The round it completes.
    pub round: u32,
    /// What was done, in a sentence; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub words: String,
}

/// See [`Event::EffectChecked`](super::Event::EffectChecked).
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

/// See [`Event::FeedbackGiven`](super::Event::FeedbackGiven).
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

/// See [`Event::FeedbackTried`](super::Event::FeedbackTried).
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
