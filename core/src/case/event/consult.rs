//! Sitting down and rising: the consultation's events and the 5W (协商要素).

use serde::{Deserialize, Serialize};

use crate::time::{Date, Stamp, Timestamp};

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

/// See [`Event::ConsultationOpened`](super::Event::ConsultationOpened).
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

/// See [`Event::ConsultationConcluded`](super::Event::ConsultationConcluded).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ConsultationConcluded {
    /// The record that opened it.
    pub consultation: Stamp,
    /// How it ended.
    pub outcome: Outcome,
    /// What is to be added to the 5W; each given element replaces the earlier one.
    pub elements: Elements,
}
