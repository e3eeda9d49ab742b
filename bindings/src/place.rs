//! Who and where: the device's enrolment and the directory, for screens.

use doorstep_core::words::{self, Lang as CoreLang};
use doorstep_core::{device, directory, people};

use crate::names::{OrgKind, Role};

/// Who the device is.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Enrolled {
    /// The device's id.
    pub device: String,
    /// The person it works for.
    pub person: String,
    /// The sub-district's name.
    pub tenant: String,
    /// The server's address.
    pub server: String,
}

impl From<device::Enrolled> for Enrolled {
    fn from(enrolled: device::Enrolled) -> Self {
        Self {
            device: enrolled.device.to_string(),
            person: enrolled.person.to_string(),
            tenant: enrolled.tenant,
            server: enrolled.server,
        }
    }
}

/// An org.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Org {
    /// Its id.
    pub id: String,
    /// What it is.
    pub kind: OrgKind,
    /// Its name.
    pub name: String,
}

/// A building.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Building {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
}

/// A grid.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Grid {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The community it belongs to.
    pub community: String,
    /// Its buildings.
    pub buildings: Vec<Building>,
}

/// A post that holds now.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Post {
    /// The role.
    pub role: Role,
    /// The role in words.
    pub role_name: String,
    /// The org.
    pub org: String,
    /// The grids of a grid worker.
    pub grids: Vec<String>,
    /// The buildings of a building head.
    pub buildings: Vec<String>,
}

/// A person.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Person {
    /// Their id.
    pub id: String,
    /// Their name.
    pub name: String,
    /// Their posts.
    pub posts: Vec<Post>,
}

/// The directory (名录) as last pulled; empty before the first sync.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Directory {
    /// Its version.
    pub version: u64,
    /// The sub-district's name.
    pub name: String,
    /// Orgs.
    pub orgs: Vec<Org>,
    /// Grids.
    pub grids: Vec<Grid>,
    /// People.
    pub people: Vec<Person>,
    /// What concerns are filed under.
    pub categories: Vec<String>,
}

impl Directory {
    /// The core's directory, with roles in words of this language.
    pub(crate) fn of(directory: &directory::Directory, lang: CoreLang) -> Self {
        let post = |post: &people::Post| Post {
            role: post.role.into(),
            role_name: words::role(post.role, lang).into(),
            org: post.org.to_string(),
            grids: post.grids.iter().map(ToString::to_string).collect(),
            buildings: post.buildings.iter().map(ToString::to_string).collect(),
        };
        let person = |person: &people::Person| Person {
            id: person.id.to_string(),
            name: person.name.clone(),
            posts: person.posts().map(post).collect(),
        };
        let grid = |grid: &directory::Grid| Grid {
            id: grid.id.to_string(),
            name: grid.name.clone(),
            community: grid.community.to_string(),
            buildings: grid.buildings.iter().map(|(id, name)| Building { id: id.to_string(), name: name.clone() }).collect(),
        };
        let org = |org: &people::Org| Org { id: org.id.to_string(), kind: org.kind.into(), name: org.name.clone() };
        Self {
            version: directory.version,
            name: directory.name.clone(),
            orgs: directory.orgs.iter().map(org).collect(),
            grids: directory.grids.iter().map(grid).collect(),
            people: directory.people.iter().map(person).collect(),
            categories: directory.policy.categories.clone(),
        }
    }
}
