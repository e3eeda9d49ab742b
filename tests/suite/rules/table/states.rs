//! The columns of the table: each a case that was really brought there, by commands of people who may.

use doorstep_core::case::{Command, DisputeKind, Grade};
use doorstep_core::directory::Directory;
use doorstep_core::people::{Org, OrgKind, Person, Post, Role};
use doorstep_tests::method::say::{self, REPORTER};
use doorstep_tests::method::town::{
    CLERK, COLLEAGUE, COMMITTEE, COORDINATOR, LEAD, OFFICE, PROPERTY, PROPERTY_CONTACT, TELECOM, TELECOM_CONTACT, WORKER,
};
use doorstep_tests::method::{Phone, directory};

/// The office in which supervisors and administrators sit.
pub(super) const GENERAL: &str = "office-general";
/// Its clerk.
pub(super) const GENERAL_CLERK: &str = "o-general-1";
/// A second committee, so that there is another one.
const OTHER_COMMITTEE: &str = "committee-2";
/// Its coordinator.
pub(super) const OTHER_COORDINATOR: &str = "c-committee-2";
/// Head of another building in the same grid.
pub(super) const OTHER_HEAD: &str = "b-ncg-1-b";
/// The unit among the parties, which owes the first commitment.
const UNIT: &str = "电信局";

/// The town, and some people more of whom only the table needs to know.
pub(super) fn town() -> Directory {
    let mut town = (*directory()).clone();
    let committee = Org { id: OTHER_COMMITTEE.parse().unwrap(), kind: OrgKind::Committee, name: "另一党工委".into() };
    town.orgs.push(committee);
    let post = |role, org: &str, buildings: &[&str]| Post {
        role,
        org: org.parse().unwrap(),
        grids: Vec::new(),
        buildings: buildings.iter().map(|id| id.parse().unwrap()).collect(),
        ended: None,
    };
    for (id, post) in [
        (GENERAL_CLERK, post(Role::OfficeClerk, GENERAL, &[])),
        (OTHER_COORDINATOR, post(Role::CommitteeCoordinator, OTHER_COMMITTEE, &[])),
        (OTHER_HEAD, post(Role::BuildingHead, "nanchenggen", &["ncg-1-b"])),
    ] {
        town.people.push(Person { id: id.parse().unwrap(), name: "某".into(), posts: vec![post] });
    }
    town.check().unwrap();
    town
}

/// In whose hands a case is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hands {
    /// The community's.
    Community,
    /// Offered to the role's own org (to an office, for roles whose org receives nothing), not yet accepted.
    Offered,
    /// Held by the role's own org.
    Own,
    /// Held by another org.
    Other,
}

/// How far the community's own work had come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Work {
    Unreported,
    Received,
    Sitting,
    Risen,
    Agreed,
    Drafted,
    Acting,
    Contested,
    Kept,
    Done,
    Asked,
    Reopened,
    Closed,
    LongClosed,
    Withdrawn,
    Merged,
}

/// A column: its heading, in whose hands the case is, and how far it has come.
pub(super) type Column = (&'static str, Hands, Work);

/// Every column, in the order of a life; the handed-over ones apart.
pub(super) const COLUMNS: [Column; 28] = [
    ("unreported", Hands::Community, Work::Unreported),
    ("received", Hands::Community, Work::Received),
    ("consulting: sitting", Hands::Community, Work::Sitting),
    ("consulting: risen", Hands::Community, Work::Risen),
    ("agreed", Hands::Community, Work::Agreed),
    ("agreed: drafted", Hands::Community, Work::Drafted),
    ("acting", Hands::Community, Work::Acting),
    ("acting: contested", Hands::Community, Work::Contested),
    ("acting: all kept", Hands::Community, Work::Kept),
    ("done", Hands::Community, Work::Done),
    ("done: all asked", Hands::Community, Work::Asked),
    ("reopened", Hands::Community, Work::Reopened),
    ("closed", Hands::Community, Work::Closed),
    ("closed: long ago", Hands::Community, Work::LongClosed),
    ("withdrawn", Hands::Community, Work::Withdrawn),
    ("merged", Hands::Community, Work::Merged),
    ("offered", Hands::Offered, Work::Received),
    ("offered: acting", Hands::Offered, Work::Acting),
    ("offered: all kept", Hands::Offered, Work::Kept),
    ("own org", Hands::Own, Work::Received),
    ("own: sitting", Hands::Own, Work::Sitting),
    ("own: drafted", Hands::Own, Work::Drafted),
    ("own: acting", Hands::Own, Work::Acting),
    ("own: all kept", Hands::Own, Work::Kept),
    ("own: done", Hands::Own, Work::Done),
    ("another org", Hands::Other, Work::Received),
    ("another: acting", Hands::Other, Work::Acting),
    ("another: all kept", Hands::Other, Work::Kept),
];

/// The org in which a role of the table receives or sits, and who acts for it; none for the community's roles.
pub(super) fn own_org(role: Role) -> Option<&'static str> {
    match role {
        Role::GridWorker | Role::BuildingHead | Role::CommunityLead => None,
        Role::OfficeClerk => Some(OFFICE),
        Role::CommitteeCoordinator => Some(COMMITTEE),
        Role::UnitContact => Some(TELECOM),
        Role::Supervisor | Role::Administrator => Some(GENERAL),
    }
}

fn receiver(org: &str) -> &'static str {
    match org {
        OFFICE => CLERK,
        COMMITTEE => COORDINATOR,
        TELECOM => TELECOM_CONTACT,
        PROPERTY => PROPERTY_CONTACT,
        _ => GENERAL_CLERK,
    }
}

fn offer(phone: &mut Phone, org: &str) {
    let to_unit = [TELECOM, PROPERTY].contains(&org);
    phone.does(LEAD, if to_unit { say::transfer(org) } else { say::raise(org) });
}

fn hand_over(phone: &mut Phone, org: &str) {
    offer(phone, org);
    phone.does(receiver(org), Command::AcceptHandover);
}

/// The draft of the table: a unit owes the first commitment, whoever reported the second.
pub(super) fn draft() -> Command {
    let parties = vec![say::unit(UNIT, TELECOM), say::resident(REPORTER)];
    let deeds = vec![say::commitment(UNIT, "修围墙"), say::commitment(REPORTER, "让出通道")];
    say::draft_of(DisputeKind::Ordinary, parties, deeds)
}

/// Brings the community's own work this far, from a report; `person` sits down, drafts and signs.
fn work(phone: &mut Phone, to: Work, person: &str) {
    if to == Work::Risen {
        phone.does(person, say::open());
        phone.does(person, say::not_agreed());
        return;
    }
    let ends = matches!(to, Work::Withdrawn | Work::Merged);
    let reaches = |step: Work| to >= step && !ends;
    if reaches(Work::Sitting) {
        phone.does(person, say::open());
    }
    if reaches(Work::Agreed) {
        phone.does(person, say::agreed());
    }
    if reaches(Work::Drafted) {
        phone.does(person, draft());
        phone.does(person, say::attach());
    }
    if reaches(Work::Acting) {
        seal(phone, person, to == Work::Contested);
    }
    if reaches(Work::Kept) {
        phone.does(LEAD, Command::StampAgreement);
        let drafted = phone.state().drafts[0].written.stamp;
        phone.does(person, say::fulfil(drafted, 0));
        phone.does(person, say::fulfil(drafted, 1));
    }
    if reaches(Work::Done) {
        phone.does(LEAD, say::complete());
    }
    if to == Work::Reopened {
        phone.does(WORKER, say::feedback(REPORTER, Grade::Dissatisfied));
    } else if reaches(Work::Asked) {
        phone.does(WORKER, say::feedback(REPORTER, Grade::Satisfied));
        phone.does(WORKER, say::feedback(UNIT, Grade::Satisfied));
    }
    match to {
        Work::Closed | Work::LongClosed => drop(phone.run(LEAD, &Command::Close).unwrap()),
        Work::Withdrawn => drop(phone.run(LEAD, &say::withdraw()).unwrap()),
        Work::Merged => drop(phone.run(LEAD, &duplicate()).unwrap()),
        _ => {}
    }
    if to == Work::LongClosed {
        phone.wait_days(31);
    }
}

/// Signed; or signed on two phones that were apart.
fn seal(phone: &mut Phone, person: &str, twice: bool) {
    let drafted = phone.state().drafts[0].written.stamp;
    let mut other = phone.fork(22, 0);
    phone.does(person, say::seal(drafted, 1));
    if twice {
        other.does(COLLEAGUE, say::seal(drafted, 2));
        phone.hear(&other);
    }
}

/// Marks the case as another's duplicate.
pub(super) fn duplicate() -> Command {
    Command::MarkDuplicate { of: doorstep_core::id::DocId::from_bytes([9; 16]) }
}

/// The case of this column as the person of this role meets it. Roles of receiving orgs know it: in the community's columns it was
/// offered to their org before and came back. None: the community is no org that a case can be handed to.
pub(super) fn case(role: Role, hands: Hands, to: Work) -> Option<Phone> {
    let mut phone = Phone::empty(1).under(town());
    if to == Work::Unreported {
        return Some(phone);
    }
    phone.does(WORKER, say::report());
    let own = own_org(role);
    if role.receives() && matches!(hands, Hands::Community | Hands::Other) {
        let org = own.unwrap();
        offer(&mut phone, org);
        phone.does(receiver(org), say::send_back());
    }
    match hands {
        Hands::Community => work(&mut phone, to, WORKER),
        Hands::Offered => {
            work(&mut phone, to, WORKER);
            offer(&mut phone, own.unwrap_or(OFFICE));
        }
        Hands::Own => {
            let org = own?;
            // What is signed by whoever holds a case was also drafted there.
            let there = matches!(to, Work::Sitting | Work::Drafted);
            if !there {
                work(&mut phone, to, WORKER);
            }
            hand_over(&mut phone, org);
            if there {
                work(&mut phone, to, receiver(org));
            }
        }
        Hands::Other => {
            work(&mut phone, to, WORKER);
            hand_over(&mut phone, PROPERTY);
        }
    }
    Some(phone)
}

/// Whether people of a role receive cases that are handed over.
trait Receives {
    fn receives(self) -> bool;
}

impl Receives for Role {
    fn receives(self) -> bool {
        matches!(self, Self::OfficeClerk | Self::CommitteeCoordinator | Self::UnitContact)
    }
}
