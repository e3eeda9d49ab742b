//! The directory (名录): the sub-district's orgs, grids, people, posts and policy.
//!
//! Written by administrators on the server, read-only on phones, where it arrives whole with a version. It knows
//! nothing of cases; [`crate::access`] reads it to decide who may see and do what.

mod calendar;
mod policy;
mod template;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use calendar::{Calendar, CalendarError, CalendarYear, Holiday};
pub use policy::Policy;
pub use template::{AgreementTemplate, LedgerColumn, LedgerOf, LedgerTemplate};

use crate::attachment::RulesError;
use crate::id::{BuildingId, GridId, OrgId, PersonId};
use crate::people::{Org, OrgKind, Person, Place, Role};

/// A grid: 300-500 households of a community.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grid {
    /// Its slug.
    pub id: GridId,
    /// Its name.
    pub name: String,
    /// The community it belongs to.
    pub community: OrgId,
    /// Its buildings, with their names.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub buildings: BTreeMap<BuildingId, String>,
}

/// The whole directory at one version.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Directory {
    /// Grows by one with every change an administrator makes.
    pub version: u64,
    /// The sub-district's name.
    pub name: String,
    /// Its orgs.
    pub orgs: Vec<Org>,
    /// Its grids.
    pub grids: Vec<Grid>,
    /// Its people.
    pub people: Vec<Person>,
    /// Its limits and lists.
    #[serde(default)]
    pub policy: Policy,
    /// Which days are working days.
    #[serde(default)]
    pub calendar: Calendar,
    /// Beginnings for agreements.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub templates: Vec<AgreementTemplate>,
    /// Ledgers of the office's own making; the shipped ones are always there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ledgers: Vec<LedgerTemplate>,
}

/// What is wrong with a directory; the place is a slug, never a person's name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DirectoryError {
    /// Two entries share an id.
    #[error("{0} stands twice in the directory")]
    Twice(String),
    /// Something names an org that is not there, or one of the wrong kind.
    #[error("{at} names org {org}, which is not there or not of the kind it must be")]
    Org {
        /// Who names it.
        at: String,
        /// The org named.
        org: OrgId,
    },
    /// A post names a grid or building that is not there.
    #[error("{at} names {place}, which is not there")]
    Place {
        /// Who names it.
        at: String,
        /// The grid or building named.
        place: String,
    },
    /// The calendar can't be right.
    #[error(transparent)]
    Calendar(#[from] CalendarError),
    /// A limit that nobody can mean.
    #[error("{field} is {days} days; more than {LIMIT_DAYS_MAX} is no limit")]
    Limit {
        /// The policy's field.
        field: &'static str,
        /// What it says.
        days: u16,
    },
    /// A template is for a category that the policy does not have.
    #[error("the template {title} is for the category {category}, which the policy does not have")]
    Category {
        /// The template.
        title: String,
        /// The category.
        category: String,
    },
    /// What is accepted as an attachment can't be right.
    #[error("attachments: {0}")]
    Attachments(#[from] RulesError),
    /// Something that people choose from stands in the list without a name.
    #[error("{0} has an entry without a name")]
    Nameless(&'static str),
}

/// Most days of a limit: a year. Counting working days costs the days counted.
pub const LIMIT_DAYS_MAX: u16 = 366;

impl Directory {
    /// The org with this id.
    pub fn org(&self, id: &OrgId) -> Option<&Org> {
        self.orgs.iter().find(|org| org.id == *id)
    }

    /// The grid with this id.
    pub fn grid(&self, id: &GridId) -> Option<&Grid> {
        self.grids.iter().find(|grid| grid.id == *id)
    }

    /// Whether the place's community, grid and building are there and belong together.
    pub fn knows(&self, place: &Place) -> bool {
        let grid = self.grid(&place.grid).filter(|grid| grid.community == place.community);
        grid.is_some_and(|grid| place.building.as_ref().is_none_or(|building| grid.buildings.contains_key(building)))
    }

    /// The person with this id.
    pub fn person(&self, id: &PersonId) -> Option<&Person> {
        self.people.iter().find(|person| person.id == *id)
    }

    /// An org's name, or its slug where the directory does not know it (a newer one may).
    pub fn org_name<'a>(&'a self, id: &'a OrgId) -> &'a str {
        self.org(id).map_or(id.as_str(), |org| &org.name)
    }

    /// A person's name, or their slug where the directory does not know them.
    pub fn person_name<'a>(&'a self, id: &'a PersonId) -> &'a str {
        self.person(id).map_or(id.as_str(), |person| &person.name)
    }

    /// Whether everything it names is there. An administrator's change is checked before it is stored.
    pub fn check(&self) -> Result<(), DirectoryError> {
        fn once<'a>(ids: impl Iterator<Item = &'a str>) -> Result<(), DirectoryError> {
            let mut seen = std::collections::BTreeSet::new();
            for id in ids {
                if !seen.insert(id) {
                    return Err(DirectoryError::Twice(id.into()));
                }
            }
            Ok(())
        }
        fn named<'a>(list: &'static str, mut names: impl Iterator<Item = &'a String>) -> Result<(), DirectoryError> {
            if names.any(|name| name.trim().is_empty()) { Err(DirectoryError::Nameless(list)) } else { Ok(()) }
        }
        once(self.orgs.iter().map(|org| org.id.as_str()))?;
        once(self.grids.iter().map(|grid| grid.id.as_str()))?;
        once(self.people.iter().map(|person| person.id.as_str()))?;
        once(self.grids.iter().flat_map(|grid| grid.buildings.keys().map(BuildingId::as_str)))?;
        for grid in &self.grids {
            self.expect_org(grid.id.as_str(), &grid.community, &[OrgKind::Community])?;
        }
        for person in &self.people {
            for post in person.posts() {
                let at = person.id.as_str();
                self.expect_org(at, &post.org, post.role.org_kinds())?;
                for grid in &post.grids {
                    if self.grid(grid).is_none_or(|found| found.community != post.org) {
                        return Err(DirectoryError::Place { at: at.into(), place: grid.to_string() });
                    }
                }
                for building in &post.buildings {
                    if !self.grids.iter().any(|grid| grid.community == post.org && grid.buildings.contains_key(building)) {
                        return Err(DirectoryError::Place { at: at.into(), place: building.to_string() });
                    }
                }
            }
        }
        self.calendar.check()?;
        for (field, days) in self.policy.limits() {
            if days > LIMIT_DAYS_MAX {
                return Err(DirectoryError::Limit { field, days });
            }
        }
        self.policy.attachments().check()?;
        once(self.policy.categories.iter().map(String::as_str))?;
        once(self.policy.care_tags.iter().map(String::as_str))?;
        named("categories", self.policy.categories.iter())?;
        named("care_tags", self.policy.care_tags.iter())?;
        named("templates", self.templates.iter().map(|template| &template.title))?;
        for AgreementTemplate { category, title, .. } in &self.templates {
            if !category.is_empty() && !self.policy.categories.contains(category) {
                return Err(DirectoryError::Category { title: title.clone(), category: category.clone() });
            }
        }
        once(self.ledgers.iter().map(|ledger| ledger.id.as_str()))?;
        named("ledgers", self.ledgers.iter().map(|ledger| &ledger.id))
    }

    /// The beginnings of agreements for a case of this category: its own ones first, then those for any.
    pub fn templates_for(&self, category: &str) -> Vec<&AgreementTemplate> {
        let own = self.templates.iter().filter(|template| !template.category.is_empty() && template.category == category);
        own.chain(self.templates.iter().filter(|template| template.category.is_empty())).collect()
    }

    fn expect_org(&self, at: &str, org: &OrgId, kinds: &[OrgKind]) -> Result<(), DirectoryError> {
        match self.org(org) {
            Some(found) if kinds.contains(&found.kind) => Ok(()),
            _ => Err(DirectoryError::Org { at: at.into(), org: org.clone() }),
        }
    }
}

impl Role {
    /// The kinds of org a role can be held in.
    pub const fn org_kinds(self) -> &'static [OrgKind] {
        match self {
            Self::GridWorker | Self::BuildingHead | Self::CommunityLead => &[OrgKind::Community],
            Self::OfficeClerk => &[OrgKind::Office],
            Self::CommitteeCoordinator => &[OrgKind::Committee],
            Self::UnitContact => &[OrgKind::Unit, OrgKind::Body],
            Self::Supervisor | Self::Administrator => &[OrgKind::Office, OrgKind::Committee],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(change: impl FnOnce(&mut Directory)) -> String {
        let mut directory = Directory::default();
        change(&mut directory);
        directory.check().unwrap_err().to_string()
    }

    #[test]
    fn what_nobody_can_mean_is_refused_by_its_name() {
        let year = || CalendarYear { source: String::new(), holidays: vec![], workdays: vec![] };
        assert_eq!(wrong(|d| drop(d.calendar.years.insert(2026, year()))), "the calendar of 2026 names no source");
        assert_eq!(wrong(|d| d.policy.office_days = 5000), "office_days is 5000 days; more than 366 is no limit");
        assert_eq!(wrong(|d| d.policy.care_tags.push(" ".into())), "care_tags has an entry without a name");
        assert_eq!(wrong(|d| d.policy.categories.push("其他".into())), "其他 stands twice in the directory");
        assert_eq!(
            wrong(|d| d.policy.attachment_kib.extend([("image/jpg".to_owned(), 9)])),
            "attachments: image/jpg is no media type that can be told from the bytes"
        );
        let template = |category: &str, title: &str| AgreementTemplate {
            category: category.into(),
            title: title.into(),
            facts: String::new(),
            terms: "x".into(),
            deeds: vec![],
        };
        assert_eq!(
            wrong(|d| d.templates.push(template("漏水", "漏水协议"))),
            "the template 漏水协议 is for the category 漏水, which the policy does not have"
        );
        assert_eq!(wrong(|d| d.templates.push(template("", ""))), "templates has an entry without a name");
    }

    #[test]
    fn a_category_has_its_own_beginnings_first_and_then_those_for_any() {
        let template = |category: &str, title: &str| AgreementTemplate {
            category: category.into(),
            title: title.into(),
            facts: String::new(),
            terms: String::new(),
            deeds: vec![],
        };
        let templates = vec![template("", "通用"), template("房屋漏水", "漏水"), template("停车秩序", "停车")];
        let directory = Directory { templates, ..Directory::default() };
        let titles = |category| directory.templates_for(category).iter().map(|one| one.title.as_str()).collect::<Vec<_>>();
        assert_eq!(titles("房屋漏水"), ["漏水", "通用"]);
        assert_eq!(titles("其他"), ["通用"]);
        assert_eq!(titles(""), ["通用"]);
    }
}
