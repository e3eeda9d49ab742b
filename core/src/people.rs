//! Who works here: roles, posts, orgs, and where in the sub-district something lies.
//!
//! The table of roles is that of the method's handbook ("Who works here"). What a role may do is decided in
//! [`crate::access`]; here are only the nouns.

use serde::{Deserialize, Serialize};

use crate::id::{BuildingId, GridId, OrgId, PersonId};
use crate::time::Timestamp;

/// What a person does in an org.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// 网格员: visits households, takes reports, consults, witnesses signing, follows up.
    GridWorker,
    /// 楼院长: reports and visits in their building.
    BuildingHead,
    /// 社区负责人: all of the community.
    CommunityLead,
    /// 科室经办人: works the cases raised to their office or centre.
    OfficeClerk,
    /// 党工委协调人: convenes the platform for cases raised to the committee.
    CommitteeCoordinator,
    /// 单位联系人: works the cases transferred to their unit or body.
    UnitContact,
    /// 督查: reads all of the sub-district, writes nothing but notes.
    Supervisor,
    /// 管理员: people, posts, devices, policy; no case content.
    Administrator,
}

impl Role {
    /// Every role, in the handbook's order.
    pub const ALL: [Self; 8] = [
        Self::GridWorker,
        Self::BuildingHead,
        Self::CommunityLead,
        Self::OfficeClerk,
        Self::CommitteeCoordinator,
        Self::UnitContact,
        Self::Supervisor,
        Self::Administrator,
    ];
}

/// What an org is to the method.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrgKind {
    /// 社区.
    Community,
    /// One of the sub-district's offices and centres (五办四中心).
    Office,
    /// 街道党工委.
    Committee,
    /// 辖区单位: a company, property manager, utility or institution in the area.
    Unit,
    /// 责任主体: a district bureau or other authority outside the sub-district.
    Body,
}

/// An org of the sub-district or beside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Org {
    /// Its slug.
    pub id: OrgId,
    /// What it is.
    pub kind: OrgKind,
    /// Its name, as people write it.
    pub name: String,
}

/// A role in an org, and where it holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Post {
    /// The role.
    pub role: Role,
    /// The org. For supervisors and administrators the org they sit in; it does not narrow what they see.
    pub org: OrgId,
    /// The grids of a grid worker; empty for other roles.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub grids: Vec<GridId>,
    /// The buildings of a building head; empty for other roles.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub buildings: Vec<BuildingId>,
    /// When the post ended, if it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<Timestamp>,
}

/// A user. Guests at a consultation are participants in a record, not users.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Their slug.
    pub id: PersonId,
    /// Their name, as colleagues read it.
    pub name: String,
    /// Their posts, ended ones included.
    pub posts: Vec<Post>,
}

impl Person {
    /// The posts that hold now.
    pub fn posts(&self) -> impl Iterator<Item = &Post> {
        self.posts.iter().filter(|post| post.ended.is_none())
    }
}

/// Where something lies.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Place {
    /// The community.
    pub community: OrgId,
    /// The grid of it.
    pub grid: GridId,
    /// The building, where one is concerned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub building: Option<BuildingId>,
    /// The rest of the address, in people's words; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub detail: String,
}
