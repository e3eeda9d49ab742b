//! What a case waits for: from this, the policy and the calendar a person's day is made.
//!
//! Read from the state alone, so that the list row carries it and neither a policy's change nor the passing of time
//! makes it stale: it says since when, never until when, unless people themselves set the date.

use serde::{Deserialize, Serialize};

use super::state::CaseState;
use crate::id::OrgId;
use crate::time::{Date, Timestamp};

/// What is waited for. Which limit runs is the policy's business.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WaitKind {
    /// That somebody speaks with whoever reported.
    FirstContact,
    /// That people sit down.
    Consultation,
    /// That they sit down again on the day they set.
    Sitting,
    /// That an agreement is signed, or agreed by word.
    Signing,
    /// That a commitment is carried out by its own date.
    Commitment,
    /// That the case is completed: every commitment is settled.
    Completion,
    /// That somebody looks at the effect on the spot.
    EffectCheck,
    /// That the parties say how satisfied they are.
    Feedback,
    /// That the lead closes it: everybody has answered.
    Closing,
    /// That the org it was offered to takes it or sends it back.
    Acceptance,
    /// That the org that holds it answers.
    Answer,
    /// It came back unsettled: that the lead decides what next.
    Returned,
    /// The policy's rounds are used up: that the lead considers raising it.
    Raise,
    /// Events exclude each other: that the lead chooses.
    Choice,
}

impl WaitKind {
    /// All of them.
    pub const ALL: [Self; 14] = [
        Self::FirstContact,
        Self::Consultation,
        Self::Sitting,
        Self::Signing,
        Self::Commitment,
        Self::Completion,
        Self::EffectCheck,
        Self::Feedback,
        Self::Closing,
        Self::Acceptance,
        Self::Answer,
        Self::Returned,
        Self::Raise,
        Self::Choice,
    ];

    /// Its stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::FirstContact => "first_contact",
            Self::Consultation => "consultation",
            Self::Sitting => "sitting",
            Self::Signing => "signing",
            Self::Commitment => "commitment",
            Self::Completion => "completion",
            Self::EffectCheck => "effect_check",
            Self::Feedback => "feedback",
            Self::Closing => "closing",
            Self::Acceptance => "acceptance",
            Self::Answer => "answer",
            Self::Returned => "returned",
            Self::Raise => "raise",
            Self::Choice => "choice",
        }
    }
}

/// One thing a case waits for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wait {
    /// What.
    pub kind: WaitKind,
    /// Whose move it is: the org that it was handed to or that owes; none: the community's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub org: Option<OrgId>,
    /// Since when, by the stamp of the event that began it.
    pub since: Timestamp,
    /// The date that people set themselves: a commitment's, an adjourned meeting's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Date>,
}

/// What a case in this state waits for.
pub fn waits(state: &CaseState) -> Vec<Wait> {
    let _ = state;
    Vec::new()
}
