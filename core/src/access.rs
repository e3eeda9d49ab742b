//! Who may see and do what: the one place that decides. Deny by default.
//!
//! Seeing is a meeting of two sets of [`Scope`]s: those a person's posts open, and those a document lies in. Push, pull,
//! attachments, console and export all ask here. Doing is [`may`]: a deed at a place, by the handbook's table of roles.

use std::collections::BTreeSet;
use std::fmt;

use crate::case::{Refusal, RefusalCode};
use crate::directory::{Directory, Policy};
use crate::id::{BuildingId, DocKind, GridId, OrgId};
use crate::people::{Person, Place, Post, Role};
use crate::row::Row;
use crate::time::{DAY_MS, Timestamp};

/// A part of the sub-district that documents lie in and posts open.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// All of the sub-district.
    All,
    /// A community.
    Community(OrgId),
    /// A grid.
    Grid(GridId),
    /// A building.
    Building(BuildingId),
    /// Whatever was handed to this org.
    Org(OrgId),
    /// The households of a community. Apart from [`Scope::Community`], as those of a grid are from [`Scope::Grid`]:
    /// who sees all else there sees no household by it.
    CommunityHouseholds(OrgId),
    /// The households of a grid.
    GridHouseholds(GridId),
}

impl Scope {
    /// The only kind of document that lies in this scope; none: all but households.
    pub const fn only(&self) -> Option<DocKind> {
        match self {
            Self::CommunityHouseholds(_) | Self::GridHouseholds(_) => Some(DocKind::Household),
            Self::All | Self::Community(_) | Self::Grid(_) | Self::Building(_) | Self::Org(_) => None,
        }
    }
}

impl fmt::Display for Scope {
    /// The key under which databases keep it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("all"),
            Self::Community(id) => write!(f, "community:{id}"),
            Self::Grid(id) => write!(f, "grid:{id}"),
            Self::Building(id) => write!(f, "building:{id}"),
            Self::Org(id) => write!(f, "org:{id}"),
            Self::CommunityHouseholds(id) => write!(f, "households-of-community:{id}"),
            Self::GridHouseholds(id) => write!(f, "households-of-grid:{id}"),
        }
    }
}

/// The scopes that a person's posts open.
pub fn scopes_of_person(person: &Person) -> BTreeSet<Scope> {
    let mut scopes = BTreeSet::new();
    for post in person.posts() {
        match post.role {
            Role::GridWorker => {
                scopes.extend(post.grids.iter().cloned().flat_map(|id| [Scope::Grid(id.clone()), Scope::GridHouseholds(id)]));
            }
            Role::BuildingHead => scopes.extend(post.buildings.iter().cloned().map(Scope::Building)),
            Role::CommunityLead => {
                scopes.insert(Scope::Community(post.org.clone()));
                scopes.insert(Scope::CommunityHouseholds(post.org.clone()));
            }
            Role::OfficeClerk | Role::CommitteeCoordinator | Role::UnitContact => {
                scopes.insert(Scope::Org(post.org.clone()));
            }
            Role::Supervisor => {
                scopes.insert(Scope::All);
            }
            // People, posts, devices, policy; no case content by virtue of the post.
            Role::Administrator => {}
        }
    }
    scopes
}

/// The scopes that a document lies in: its place, and the orgs it was handed to until some days after it came back.
pub fn scopes_of_row(row: &Row, policy: &Policy, now: Timestamp) -> BTreeSet<Scope> {
    // Who lives where is the business of the grid's workers and the community's leads, of nobody else.
    if row.kind == DocKind::Household {
        let of =
            |place: &Place| [Scope::CommunityHouseholds(place.community.clone()), Scope::GridHouseholds(place.grid.clone())];
        return row.place.iter().flat_map(of).collect();
    }
    let mut scopes = BTreeSet::from([Scope::All]);
    if let Some(place) = &row.place {
        scopes.insert(Scope::Community(place.community.clone()));
        scopes.insert(Scope::Grid(place.grid.clone()));
        scopes.extend(place.building.clone().map(Scope::Building));
    }
    let kept = i64::from(policy.visible_after_return_days) * DAY_MS;
    for (org, until) in &row.involved {
        if until.is_none_or(|until| until.wall().plus_ms(kept) > now) {
            scopes.insert(Scope::Org(org.clone()));
        }
    }
    scopes
}

/// Whether a person may see a document.
pub fn sees(person: &Person, row: &Row, policy: &Policy, now: Timestamp) -> bool {
    !scopes_of_person(person).is_disjoint(&scopes_of_row(row, policy, now))
}

/// What kind of deed it is, as the handbook's table groups them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed<'a> {
    /// Taking a report or recording a visit.
    Report,
    /// Consulting, drafting, signing: worker and lead; once another org has accepted it, that org.
    Consult,
    /// Checking effect and asking parties: worker and lead.
    FollowUp,
    /// A commitment: worker and lead; the contact of the org that owes it.
    Commitment {
        /// The org that owes it, where it is one of the directory.
        owed_by: Option<&'a OrgId>,
    },
    /// Completing: lead, or the org that holds it.
    Complete,
    /// Assigning, closing, raising, transferring, recalling, withdrawing, merging, choosing: lead.
    Lead,
    /// Accepting, returning, settling: the org it was offered to.
    Receive {
        /// That org.
        to: &'a OrgId,
    },
    /// Convening departments: the coordinator of the committee it was raised to.
    Convene {
        /// That org.
        to: &'a OrgId,
    },
    /// Noting: whoever sees it.
    Note,
    /// Attaching: whoever sees it, but for supervisors, who write nothing but notes.
    Attach,
    /// Typing in the shared texts: whoever works it.
    Type,
}

/// Where a document stands, as far as deeds depend on it.
#[derive(Debug, Clone, Copy)]
pub struct Situation<'a> {
    /// Where it lies.
    pub place: &'a Place,
    /// The org that accepted it and holds it.
    pub holder: Option<&'a OrgId>,
    /// The orgs it was handed to, as far as they still see it.
    pub involved: &'a [&'a OrgId],
}

fn works_at(post: &Post, place: &Place) -> bool {
    post.role == Role::GridWorker && post.grids.contains(&place.grid)
}

fn heads(post: &Post, place: &Place) -> bool {
    post.role == Role::BuildingHead && place.building.as_ref().is_some_and(|building| post.buildings.contains(building))
}

fn leads(post: &Post, place: &Place) -> bool {
    post.role == Role::CommunityLead && post.org == place.community
}

fn receives(post: &Post, org: &OrgId) -> bool {
    matches!(post.role, Role::OfficeClerk | Role::CommitteeCoordinator | Role::UnitContact) && post.org == *org
}

fn allows(post: &Post, deed: Deed<'_>, at: &Situation<'_>) -> bool {
    let local = works_at(post, at.place) || leads(post, at.place);
    let holds = at.holder.is_some_and(|holder| receives(post, holder));
    match deed {
        Deed::Report => local || heads(post, at.place),
        Deed::Consult => {
            if at.holder.is_some() {
                holds
            } else {
                local
            }
        }
        Deed::FollowUp => local,
        Deed::Commitment { owed_by } => local || holds || owed_by.is_some_and(|org| receives(post, org)),
        Deed::Complete => {
            if at.holder.is_some() {
                holds
            } else {
                leads(post, at.place)
            }
        }
        Deed::Lead => leads(post, at.place),
        Deed::Receive { to } => receives(post, to),
        Deed::Type => local || heads(post, at.place) || holds,
        Deed::Convene { to } => post.role == Role::CommitteeCoordinator && post.org == *to,
        Deed::Note => allows(post, Deed::Attach, at) || post.role == Role::Supervisor,
        Deed::Attach => local || heads(post, at.place) || at.involved.iter().any(|org| receives(post, org)),
    }
}

/// Whether a person may do this here; if not, why.
pub fn may(directory: &Directory, person: &Person, deed: Deed<'_>, at: &Situation<'_>) -> Result<(), Refusal> {
    let mut posts = person.posts().peekable();
    if posts.peek().is_none() {
        return Err(Refusal::new(RefusalCode::UnknownPerson));
    }
    // Only what begins must lie in a place the directory knows today; old cases outlive old grids.
    if deed == Deed::Report && !directory.knows(at.place) {
        return Err(Refusal::new(RefusalCode::UnknownPlace));
    }
    if posts.any(|post| allows(post, deed, at)) { Ok(()) } else { Err(Refusal::new(RefusalCode::NotAllowed)) }
}
