//! What goes in: the method's terms as records. Each is the core's type of the same name and says no more; texts are as
//! people typed them.

use doorstep_core::id::{DocId, IdError};
use doorstep_core::time::Timestamp;
use doorstep_core::{case, people, visit};

use crate::names::{Channel, DisputeKind, Door};

/// Where something lies.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Place {
    /// The community's id.
    pub community: String,
    /// The grid's id.
    pub grid: String,
    /// The building's id, where one is concerned.
    #[uniffi(default = None)]
    pub building: Option<String>,
    /// The rest of the address, in people's words.
    #[uniffi(default = "")]
    pub detail: String,
}

impl TryFrom<Place> for people::Place {
    type Error = IdError;
    fn try_from(place: Place) -> Result<Self, IdError> {
        Ok(Self {
            community: place.community.parse()?,
            grid: place.grid.parse()?,
            building: place.building.map(|building| building.parse()).transpose()?,
            detail: place.detail,
        })
    }
}

impl From<people::Place> for Place {
    fn from(place: people::Place) -> Self {
        Self {
            community: place.community.to_string(),
            grid: place.grid.to_string(),
            building: place.building.map(|building| building.to_string()),
            detail: place.detail,
        }
    }
}

/// Who brought a concern.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Reporter {
    /// Their name, as they give it.
    pub name: String,
    /// Where to reach them.
    #[uniffi(default = "")]
    pub phone: String,
}

/// A concern as it is reported.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Report {
    /// How it came in.
    pub channel: Channel,
    /// One line.
    pub title: String,
    /// Where it lies.
    pub place: Place,
    /// What it is filed under; one of the directory's categories.
    pub category: String,
    /// What was said, in full.
    pub account: String,
    /// Who brought it; none where a worker found it.
    #[uniffi(default = None)]
    pub reporter: Option<Reporter>,
}

impl TryFrom<Report> for case::Reported {
    type Error = IdError;
    fn try_from(report: Report) -> Result<Self, IdError> {
        Ok(Self {
            channel: report.channel.into(),
            reporter: report.reporter.map(|Reporter { name, phone }| case::Reporter { name, phone }),
            title: report.title,
            place: report.place.try_into()?,
            category: report.category,
            account: report.account,
            visit: None,
        })
    }
}

/// A visit as it is recorded.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Visit {
    /// Which door.
    pub place: Place,
    /// What happened there.
    pub door: Door,
    /// Whether the day's route had it.
    #[uniffi(default = false)]
    pub planned: bool,
    /// What was seen.
    #[uniffi(default = "")]
    pub seen: String,
    /// What was asked for.
    #[uniffi(default = "")]
    pub asked: String,
    /// The household's record, where it is known.
    #[uniffi(default = None)]
    pub household: Option<String>,
}

impl TryFrom<Visit> for visit::Visited {
    type Error = IdError;
    fn try_from(visit: Visit) -> Result<Self, IdError> {
        Ok(Self {
            place: visit.place.try_into()?,
            door: visit.door.into(),
            planned: visit.planned,
            seen: visit.seen,
            asked: visit.asked,
            household: visit.household.map(|id| id.parse()).transpose()?,
        })
    }
}

/// Somebody at the table.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Participant {
    /// Their name.
    pub name: String,
    /// In what capacity.
    pub capacity: String,
}

/// The 5W (协商要素), as far as they are known. Concluding needs all of them.
#[derive(Debug, Clone, PartialEq, Eq, Default, uniffi::Record)]
pub struct Elements {
    /// Who sat at the table.
    #[uniffi(default = [])]
    pub who: Vec<Participant>,
    /// What was at issue.
    #[uniffi(default = "")]
    pub what: String,
    /// When they sat, milliseconds since 1970.
    #[uniffi(default = None)]
    pub when_ms: Option<i64>,
    /// Where.
    #[uniffi(default = "")]
    pub place: String,
    /// What it rests on: facts, rules, precedent.
    #[uniffi(default = "")]
    pub why: String,
}

impl From<Elements> for case::Elements {
    fn from(elements: Elements) -> Self {
        let who = elements.who.into_iter().map(|Participant { name, capacity }| case::Participant { name, capacity });
        Self {
            who: who.collect(),
            what: elements.what,
            when: elements.when_ms.map(Timestamp),
            place: elements.place,
            why: elements.why,
        }
    }
}

impl From<case::Elements> for Elements {
    fn from(elements: case::Elements) -> Self {
        let who = elements.who.into_iter().map(|case::Participant { name, capacity }| Participant { name, capacity });
        Self {
            who: who.collect(),
            what: elements.what,
            when_ms: elements.when.map(|when| when.0),
            place: elements.place,
            why: elements.why,
        }
    }
}

/// What a party to an agreement is.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Enum)]
pub enum PartyKind {
    /// A resident or another natural person.
    Resident,
    /// An org of the directory (with its id), or one in people's words (without).
    Org {
        /// The org's id.
        org: Option<String>,
    },
}

/// A party.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Party {
    /// Name as it stands in the agreement; unique within it.
    pub name: String,
    /// What it is.
    pub kind: PartyKind,
}

impl TryFrom<Party> for case::Party {
    type Error = IdError;
    fn try_from(party: Party) -> Result<Self, IdError> {
        let kind = match party.kind {
            PartyKind::Resident => case::PartyKind::Resident,
            PartyKind::Org { org } => case::PartyKind::Org { org: org.map(|org| org.parse()).transpose()? },
        };
        Ok(Self { name: party.name, kind })
    }
}

impl From<case::Party> for Party {
    fn from(party: case::Party) -> Self {
        let kind = match party.kind {
            case::PartyKind::Resident => PartyKind::Resident,
            case::PartyKind::Org { org } => PartyKind::Org { org: org.map(|org| org.to_string()) },
        };
        Self { name: party.name, kind }
    }
}

/// Who does what by when.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Commitment {
    /// Name of the party that commits itself.
    pub party: String,
    /// What it will do.
    pub deed: String,
    /// By when, such as `2026-05-08`.
    pub due: String,
    /// How much, where money is owed: fen of renminbi.
    #[uniffi(default = None)]
    pub amount_fen: Option<u64>,
}

impl TryFrom<Commitment> for case::Commitment {
    type Error = IdError;
    fn try_from(commitment: Commitment) -> Result<Self, IdError> {
        Ok(Self {
            party: commitment.party,
            deed: commitment.deed,
            due: commitment.due.parse()?,
            amount_fen: commitment.amount_fen,
        })
    }
}

/// An agreement being drafted.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Draft {
    /// The parties, each of whom signs.
    pub parties: Vec<Party>,
    /// The facts and what was disputed.
    pub facts: String,
    /// The terms, in words.
    pub terms: String,
    /// The commitments.
    pub commitments: Vec<Commitment>,
    /// What kind of dispute it settles.
    pub dispute: DisputeKind,
}

/// The record that a body outside agreed to take a case.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct AgreedWithBody {
    /// Who agreed there.
    pub person: String,
    /// When, such as `2026-05-08`.
    pub day: String,
    /// How: letter, call, meeting.
    pub how: String,
}

impl TryFrom<AgreedWithBody> for case::AgreedWithBody {
    type Error = IdError;
    fn try_from(agreed: AgreedWithBody) -> Result<Self, IdError> {
        Ok(Self { with: agreed.person, on: agreed.day.parse()?, how: agreed.how })
    }
}

/// A department at the committee's table.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Department {
    /// Its name.
    pub name: String,
    /// What it is asked to do.
    pub task: String,
    /// The org's id, where the directory has it.
    #[uniffi(default = None)]
    pub org: Option<String>,
}

impl TryFrom<Department> for case::Department {
    type Error = IdError;
    fn try_from(department: Department) -> Result<Self, IdError> {
        let org = department.org.map(|org| org.parse()).transpose()?;
        Ok(Self { org, name: department.name, task: department.task })
    }
}

/// How a consultation ended.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Enum)]
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
        /// On this day, such as `2026-05-08`.
        until: String,
    },
}

impl From<case::Outcome> for Outcome {
    fn from(outcome: case::Outcome) -> Self {
        match outcome {
            case::Outcome::Agreed => Self::Agreed,
            case::Outcome::NotAgreed { reason } => Self::NotAgreed { reason },
            case::Outcome::Adjourned { until } => Self::Adjourned { until: until.to_string() },
        }
    }
}

/// Ids as the other side reads them.
pub(crate) fn strings(ids: &[DocId]) -> Vec<String> {
    ids.iter().map(ToString::to_string).collect()
}

/// Each of a list, in the core's form.
pub(crate) fn each<F, T: TryFrom<F, Error = IdError>>(items: Vec<F>) -> Result<Vec<T>, IdError> {
    items.into_iter().map(T::try_from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_goes_in_and_comes_out_as_it_was() {
        let place =
            Place { community: "ncg".into(), grid: "ncg-1".into(), building: Some("ncg-1-3".into()), detail: "3单元".into() };
        let core = people::Place::try_from(place.clone()).unwrap();
        assert_eq!(Place::from(core), place);
        assert!(people::Place::try_from(Place { community: "南池社区".into(), ..place }).is_err());
    }

    #[test]
    fn a_commitment_needs_a_day_that_exists() {
        let commitment = Commitment { party: "甲".into(), deed: "修".into(), due: "2026-02-30".into(), amount_fen: None };
        assert!(case::Commitment::try_from(commitment).is_err());
    }

    #[test]
    fn elements_keep_every_field_both_ways() {
        let elements = Elements {
            who: vec![Participant { name: "甲".into(), capacity: "业主".into() }],
            what: "漏水".into(),
            when_ms: Some(1_762_000_000_000),
            place: "现场".into(),
            why: "民法典".into(),
        };
        assert_eq!(Elements::from(case::Elements::from(elements.clone())), elements);
    }
}
