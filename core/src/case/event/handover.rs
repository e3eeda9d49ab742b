//! Two raises, one transfer (两提一转): offers, and what became of them.

use serde::{Deserialize, Serialize};

use crate::id::OrgId;
use crate::time::{Date, Stamp};

/// Why a case may be handed over.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ground {
    /// Consultation ended without agreement.
    NoAgreement,
    /// It lies beyond the community's powers.
    BeyondPowers,
}

/// See [`Event::Raised`](super::Event::Raised).
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

/// See [`Event::Transferred`](super::Event::Transferred).
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

/// See [`Event::HandoverAccepted`](super::Event::HandoverAccepted).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct HandoverAccepted {
    /// The offer.
    pub handover: Stamp,
}

/// See [`Event::HandoverReturned`](super::Event::HandoverReturned).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct HandoverReturned {
    /// The offer.
    pub handover: Stamp,
    /// Why it comes back.
    pub why: String,
}

/// See [`Event::HandoverSettled`](super::Event::HandoverSettled).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct HandoverSettled {
    /// The offer.
    pub handover: Stamp,
    /// What came of it.
    pub result: String,
}

/// See [`Event::HandoverRecalled`](super::Event::HandoverRecalled).
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

/// See [`Event::DepartmentsConvened`](super::Event::DepartmentsConvened).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct DepartmentsConvened {
    /// The raise it answers.
    pub handover: Stamp,
    /// Who was called.
    pub departments: Vec<Department>,
}
