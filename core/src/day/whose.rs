//! Whose day it is: which of the things that are waited for are this person's to see to.
//!
//! - A **grid worker** sees to the cases of their grids, but for those that are assigned to somebody else.
//! - A **building head** is the one who is asked first in their building: the first contact, the same way.
//! - Whoever a case is **assigned** to sees to all of it that the community's workers do.
//! - A **community lead** sees all of the community, and alone what only a lead can do; also what other orgs owe it.
//! - **Clerks, coordinators and contacts** see to what waits for their org, and to nothing of the community's.
//! - A **supervisor** reads everything and sees to none of it: their day is empty.
//!
//! Two posts make one day. What may be *done* is [`crate::access`]'s business; this only chooses what is put on a desk.

use crate::case::WaitKind;
use crate::people::{Person, Role};

/// A person, by what they see to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Whose {
    person: String,
    communities: Vec<String>,
    grids: Vec<String>,
    buildings: Vec<String>,
    orgs: Vec<String>,
}

/// Where a case lies and who has it, by ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct At<'a> {
    /// The community.
    pub community: Option<&'a str>,
    /// The grid.
    pub grid: Option<&'a str>,
    /// The building.
    pub building: Option<&'a str>,
    /// Whom it is assigned to.
    pub assignee: Option<&'a str>,
}

fn has(list: &[String], id: Option<&str>) -> bool {
    id.is_some_and(|id| list.iter().any(|known| known == id))
}

impl Whose {
    /// The day of this person, by the posts they hold now.
    pub fn of(person: &Person) -> Self {
        let mut whose = Self { person: person.id.to_string(), ..Self::default() };
        for post in person.posts() {
            match post.role {
                Role::GridWorker => whose.grids.extend(post.grids.iter().map(ToString::to_string)),
                Role::BuildingHead => whose.buildings.extend(post.buildings.iter().map(ToString::to_string)),
                Role::CommunityLead => whose.communities.push(post.org.to_string()),
                Role::OfficeClerk | Role::CommitteeCoordinator | Role::UnitContact => whose.orgs.push(post.org.to_string()),
                Role::Supervisor | Role::Administrator => {}
            }
        }
        whose
    }

    /// Whether nothing anywhere is theirs to see to.
    pub const fn is_nobodys(&self) -> bool {
        self.communities.is_empty() && self.grids.is_empty() && self.buildings.is_empty() && self.orgs.is_empty()
    }

    /// Whether this wait is theirs to see to.
    pub fn sees_to(&self, kind: WaitKind, org: Option<&str>, at: &At<'_>) -> bool {
        if has(&self.orgs, org) {
            return true;
        }
        // Of what other orgs have to do, the community sees what they owe it; not what they do under their own roof.
        let shown = org.is_none() || matches!(kind, WaitKind::Commitment | WaitKind::Acceptance | WaitKind::Answer);
        if !shown {
            return false;
        }
        has(&self.communities, at.community) || (is_workers(kind) && self.works_at(kind, at))
    }

    /// Whether something contested or overtaken on a document is theirs to look at.
    pub fn looks_at<'b>(&self, at: &At<'_>, mut involved: impl Iterator<Item = &'b str>) -> bool {
        has(&self.communities, at.community)
            || self.works_at(WaitKind::FirstContact, at)
            || involved.any(|org| has(&self.orgs, Some(org)))
    }

    fn works_at(&self, kind: WaitKind, at: &At<'_>) -> bool {
        match at.assignee {
            Some(assignee) => assignee == self.person && !(self.grids.is_empty() && self.buildings.is_empty()),
            None => has(&self.grids, at.grid) || (kind == WaitKind::FirstContact && has(&self.buildings, at.building)),
        }
    }
}

/// Whether the community's workers do it; the rest is the lead's alone, or another org's.
const fn is_workers(kind: WaitKind) -> bool {
    match kind {
        WaitKind::FirstContact
        | WaitKind::Consultation
        | WaitKind::Sitting
        | WaitKind::Signing
        | WaitKind::Commitment
        | WaitKind::EffectCheck
        | WaitKind::Feedback => true,
        WaitKind::Stamp
        | WaitKind::Confirmation
        | WaitKind::Completion
        | WaitKind::Closing
        | WaitKind::Acceptance
        | WaitKind::Answer
        | WaitKind::Returned
        | WaitKind::Raise
        | WaitKind::Choice => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::people::Post;
    use crate::time::Timestamp;

    fn person(posts: &[(Role, &str, &[&str])]) -> Whose {
        let post = |(role, org, places): &(Role, &str, &[&str])| Post {
            role: *role,
            org: org.parse().unwrap(),
            grids: if *role == Role::GridWorker { places.iter().map(|id| id.parse().unwrap()).collect() } else { vec![] },
            buildings: if *role == Role::BuildingHead { places.iter().map(|id| id.parse().unwrap()).collect() } else { vec![] },
            ended: None,
        };
        Whose::of(&Person { id: "me".parse().unwrap(), name: "我".into(), posts: posts.iter().map(post).collect() })
    }

    fn at(assignee: Option<&str>) -> At<'_> {
        At { community: Some("ncg"), grid: Some("ncg-1"), building: Some("ncg-1-a"), assignee }
    }

    /// The kinds that are seen to, of all those that wait for the community.
    fn kinds(whose: &Whose, at: &At<'_>) -> Vec<&'static str> {
        WaitKind::ALL.into_iter().filter(|kind| whose.sees_to(*kind, None, at)).map(WaitKind::name).collect()
    }

    const WORKERS: [&str; 7] =
        ["first_contact", "consultation", "sitting", "signing", "commitment", "effect_check", "feedback"];

    #[test]
    fn a_grid_worker_sees_to_their_grids_and_not_to_what_is_assigned_to_somebody_else() {
        let worker = person(&[(Role::GridWorker, "ncg", &["ncg-1"])]);
        assert_eq!(kinds(&worker, &at(None)), WORKERS);
        assert_eq!(kinds(&worker, &at(Some("me"))), WORKERS);
        assert!(kinds(&worker, &at(Some("colleague"))).is_empty());
        assert!(kinds(&worker, &At { grid: Some("ncg-2"), ..at(None) }).is_empty());
        assert!(worker.sees_to(WaitKind::Commitment, Some("telecom"), &at(None)), "what a unit owes is watched");
        assert!(!worker.sees_to(WaitKind::Answer, Some("telecom"), &at(None)));
    }

    #[test]
    fn a_building_head_is_asked_first_in_their_building() {
        let head = person(&[(Role::BuildingHead, "ncg", &["ncg-1-a"])]);
        assert_eq!(kinds(&head, &at(None)), ["first_contact"]);
        assert_eq!(kinds(&head, &at(Some("me"))), WORKERS);
        assert!(kinds(&head, &At { building: None, ..at(None) }).is_empty());
    }

    #[test]
    fn a_lead_sees_all_of_the_community_and_what_others_owe_it() {
        let lead = person(&[(Role::CommunityLead, "ncg", &[])]);
        assert_eq!(kinds(&lead, &at(Some("colleague"))).len(), WaitKind::ALL.len());
        assert!(kinds(&lead, &At { community: Some("elsewhere"), ..at(None) }).is_empty());
        let of_office = |kind| lead.sees_to(kind, Some("office"), &at(None));
        assert!(of_office(WaitKind::Answer) && of_office(WaitKind::Acceptance) && of_office(WaitKind::Commitment));
        assert!(!of_office(WaitKind::Signing) && !of_office(WaitKind::Sitting) && !of_office(WaitKind::Completion));
    }

    #[test]
    fn an_orgs_people_see_to_what_waits_for_their_org_and_to_nothing_else() {
        for role in [Role::OfficeClerk, Role::CommitteeCoordinator, Role::UnitContact] {
            let clerk = person(&[(role, "office", &[])]);
            assert!(WaitKind::ALL.into_iter().all(|kind| clerk.sees_to(kind, Some("office"), &at(None))));
            assert!(WaitKind::ALL.into_iter().all(|kind| !clerk.sees_to(kind, Some("other"), &at(None))));
            assert!(kinds(&clerk, &at(None)).is_empty());
            assert!(kinds(&clerk, &at(Some("me"))).is_empty());
        }
    }

    #[test]
    fn a_supervisor_sees_to_nothing_and_two_posts_make_one_day() {
        let supervisor = person(&[(Role::Supervisor, "committee", &[]), (Role::Administrator, "committee", &[])]);
        assert!(supervisor.is_nobodys() && kinds(&supervisor, &at(Some("me"))).is_empty());
        let both = person(&[(Role::GridWorker, "ncg", &["ncg-1"]), (Role::UnitContact, "telecom", &[])]);
        assert_eq!(kinds(&both, &at(None)), WORKERS);
        assert!(both.sees_to(WaitKind::Answer, Some("telecom"), &at(None)));
        assert!(!both.is_nobodys());
    }

    #[test]
    fn a_post_that_has_ended_brings_nothing() {
        let post = Post {
            role: Role::CommunityLead,
            org: "ncg".parse().unwrap(),
            grids: vec![],
            buildings: vec![],
            ended: Some(Timestamp(1)),
        };
        let gone = Person { id: "me".parse().unwrap(), name: "我".into(), posts: vec![post] };
        assert!(Whose::of(&gone).is_nobodys());
    }
}
