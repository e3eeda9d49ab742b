//! A sub-district to work in, shaped like Guangwumen: its communities and orgs by name, everybody in it filler.

use doorstep_core::directory::{Directory, Grid, Policy};
use doorstep_core::people::{Org, OrgKind, Person, Place, Post, Role};
use doorstep_core::time::Timestamp;

/// Worker of Nanchenggen's first grid.
pub const WORKER: &str = "w-ncg-1";
/// A colleague of the same grid.
pub const COLLEAGUE: &str = "w-ncg-1b";
/// Worker of Nanchenggen's second grid.
pub const NEIGHBOUR: &str = "w-ncg-2";
/// Worker in another community.
pub const ELSEWHERE: &str = "w-ghj-1";
/// Head of the building where the cases of these tests lie.
pub const HEAD: &str = "b-ncg-1-a";
/// Community lead.
pub const LEAD: &str = "l-ncg";
/// The other lead of the same community.
pub const DEPUTY: &str = "l-ncg-2";
/// Lead of another community.
pub const OTHER_LEAD: &str = "l-ghj";
/// Clerk of the office of social affairs.
pub const CLERK: &str = "o-affairs-1";
/// Another clerk of the same office.
pub const CLERK_2: &str = "o-affairs-2";
/// Coordinator of the Party working committee.
pub const COORDINATOR: &str = "c-committee";
/// Contact of the telecom bureau, a unit in the area.
pub const TELECOM_CONTACT: &str = "u-telecom";
/// Contact of the property manager, a unit in the area.
pub const PROPERTY_CONTACT: &str = "u-property";
/// Contact of the district's education bureau, a body outside.
pub const EDUCATION_CONTACT: &str = "u-education";
/// Supervisor.
pub const SUPERVISOR: &str = "s-1";
/// Administrator.
pub const ADMINISTRATOR: &str = "a-1";
/// Somebody whose post has ended.
pub const GONE: &str = "w-gone";

/// Everybody whom the directory knows.
pub const EVERYBODY: [&str; 17] = [
    WORKER,
    COLLEAGUE,
    NEIGHBOUR,
    ELSEWHERE,
    HEAD,
    LEAD,
    DEPUTY,
    OTHER_LEAD,
    CLERK,
    CLERK_2,
    COORDINATOR,
    TELECOM_CONTACT,
    PROPERTY_CONTACT,
    EDUCATION_CONTACT,
    SUPERVISOR,
    ADMINISTRATOR,
    GONE,
];

/// An office.
pub const OFFICE: &str = "office-affairs";
/// The Party working committee.
pub const COMMITTEE: &str = "committee";
/// A unit in the area.
pub const TELECOM: &str = "telecom";
/// Another unit.
pub const PROPERTY: &str = "property";
/// A body outside the sub-district.
pub const EDUCATION: &str = "education";
/// Another body.
pub const CIVIL_AFFAIRS: &str = "civil-affairs";

/// Orgs that a case can be handed to, with the person who receives it there.
pub const RECEIVERS: [(&str, &str); 5] = [
    (OFFICE, CLERK),
    (COMMITTEE, COORDINATOR),
    (TELECOM, TELECOM_CONTACT),
    (PROPERTY, PROPERTY_CONTACT),
    (EDUCATION, EDUCATION_CONTACT),
];

fn slug<T: std::str::FromStr<Err: std::fmt::Debug>>(text: &str) -> T {
    text.parse().unwrap()
}

fn org(id: &str, kind: OrgKind, name: &str) -> Org {
    Org { id: slug(id), kind, name: name.into() }
}

fn grid(id: &str, community: &str, buildings: &[(&str, &str)]) -> Grid {
    let buildings = buildings.iter().map(|(id, name)| (slug(id), (*name).into())).collect();
    Grid { id: slug(id), name: "网格".into(), community: slug(community), buildings }
}

fn person(id: &str, name: &str, role: Role, org: &str, grids: &[&str], buildings: &[&str]) -> Person {
    let post = Post {
        role,
        org: slug(org),
        grids: grids.iter().map(|id| slug(id)).collect(),
        buildings: buildings.iter().map(|id| slug(id)).collect(),
        ended: (id == GONE).then_some(Timestamp(0)),
    };
    Person { id: slug(id), name: name.into(), posts: vec![post] }
}

/// The directory.
pub fn guangwumen() -> Directory {
    let office = "office-general";
    let ncg = "nanchenggen";
    let directory = Directory {
        version: 1,
        name: "广武门街道".into(),
        orgs: vec![
            org(ncg, OrgKind::Community, "南城根社区"),
            org("guanghoujie", OrgKind::Community, "广后街社区"),
            org(office, OrgKind::Office, "综合办公室"),
            org(OFFICE, OrgKind::Office, "社会事务办公室"),
            org(COMMITTEE, OrgKind::Committee, "街道党工委"),
            org(TELECOM, OrgKind::Unit, "电信局"),
            org(PROPERTY, OrgKind::Unit, "物业公司"),
            org(EDUCATION, OrgKind::Body, "区教育局"),
            org(CIVIL_AFFAIRS, OrgKind::Body, "区民政局"),
        ],
        grids: vec![
            grid("ncg-1", ncg, &[("ncg-1-a", "家属院1号楼"), ("ncg-1-b", "家属院2号楼")]),
            grid("ncg-2", ncg, &[("ncg-2-a", "甲楼院")]),
            grid("ghj-1", "guanghoujie", &[("ghj-1-a", "邓家花园1号楼")]),
        ],
        people: vec![
            person(WORKER, "网格员甲", Role::GridWorker, ncg, &["ncg-1"], &[]),
            person(COLLEAGUE, "网格员乙", Role::GridWorker, ncg, &["ncg-1"], &[]),
            person(NEIGHBOUR, "网格员丙", Role::GridWorker, ncg, &["ncg-2"], &[]),
            person(ELSEWHERE, "网格员丁", Role::GridWorker, "guanghoujie", &["ghj-1"], &[]),
            person(HEAD, "楼院长甲", Role::BuildingHead, ncg, &[], &["ncg-1-a"]),
            person(LEAD, "书记甲", Role::CommunityLead, ncg, &[], &[]),
            person(DEPUTY, "副书记甲", Role::CommunityLead, ncg, &[], &[]),
            person(OTHER_LEAD, "书记乙", Role::CommunityLead, "guanghoujie", &[], &[]),
            person(CLERK, "经办人甲", Role::OfficeClerk, OFFICE, &[], &[]),
            person(CLERK_2, "经办人乙", Role::OfficeClerk, OFFICE, &[], &[]),
            person(COORDINATOR, "协调人甲", Role::CommitteeCoordinator, COMMITTEE, &[], &[]),
            person(TELECOM_CONTACT, "联系人甲", Role::UnitContact, TELECOM, &[], &[]),
            person(PROPERTY_CONTACT, "联系人乙", Role::UnitContact, PROPERTY, &[], &[]),
            person(EDUCATION_CONTACT, "联系人丙", Role::UnitContact, EDUCATION, &[], &[]),
            person(SUPERVISOR, "督查甲", Role::Supervisor, office, &[], &[]),
            person(ADMINISTRATOR, "管理员甲", Role::Administrator, office, &[], &[]),
            person(GONE, "网格员戊", Role::GridWorker, ncg, &["ncg-1"], &[]),
        ],
        policy: Policy::default(),
        ..Directory::default()
    };
    directory.check().unwrap();
    directory
}

/// The compound in Nanchenggen's first grid.
pub fn compound() -> Place {
    Place {
        community: slug("nanchenggen"),
        grid: slug("ncg-1"),
        building: Some(slug("ncg-1-a")),
        detail: "单位家属院1号楼".into(),
    }
}

/// A place in another community.
pub fn garden() -> Place {
    Place { community: slug("guanghoujie"), grid: slug("ghj-1"), building: None, detail: "邓家花园周边".into() }
}
