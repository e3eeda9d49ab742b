//! The file that a sub-district is made from: TOML, written by people, so every misspelt field is an error that names
//! its line. Converted explicitly into the core's directory; the file's form may change without the core's.

use std::collections::BTreeMap;

use doorstep_core::directory::{Directory, Grid, Policy};
use doorstep_core::id::{BuildingId, GridId, OrgId, PersonId};
use doorstep_core::people::{Org, OrgKind, Person, Post, Role};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    /// Which version this was printed from, where `admin show` printed it.
    #[serde(default)]
    version: u64,
    name: String,
    #[serde(default)]
    orgs: Vec<FileOrg>,
    #[serde(default)]
    grids: Vec<FileGrid>,
    #[serde(default)]
    people: Vec<FilePerson>,
    #[serde(default)]
    policy: Policy,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileOrg {
    id: OrgId,
    kind: OrgKind,
    name: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileGrid {
    id: GridId,
    name: String,
    community: OrgId,
    #[serde(default)]
    buildings: BTreeMap<BuildingId, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FilePerson {
    id: PersonId,
    name: String,
    #[serde(default)]
    posts: Vec<FilePost>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FilePost {
    role: Role,
    org: OrgId,
    #[serde(default)]
    grids: Vec<GridId>,
    #[serde(default)]
    buildings: Vec<BuildingId>,
}

/// The directory that `text` describes. Whether it contradicts itself is the store's question.
pub(super) fn read(text: &str) -> Result<Directory, toml::de::Error> {
    let file: File = toml::from_str(text)?;
    Ok(Directory {
        version: file.version,
        name: file.name,
        orgs: file.orgs.into_iter().map(|org| Org { id: org.id, kind: org.kind, name: org.name }).collect(),
        grids: file
            .grids
            .into_iter()
            .map(|grid| Grid { id: grid.id, name: grid.name, community: grid.community, buildings: grid.buildings })
            .collect(),
        people: file.people.into_iter().map(person).collect(),
        policy: file.policy,
        ..Directory::default()
    })
}

fn person(person: FilePerson) -> Person {
    let post =
        |post: FilePost| Post { role: post.role, org: post.org, grids: post.grids, buildings: post.buildings, ended: None };
    Person { id: person.id, name: person.name, posts: person.posts.into_iter().map(post).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::admin::SAMPLE;

    #[test]
    fn the_sample_is_whole_and_has_every_role() {
        let directory = read(SAMPLE).unwrap();
        assert_eq!(directory.check(), Ok(()));
        for role in Role::ALL {
            assert!(directory.people.iter().any(|person| person.posts().any(|post| post.role == role)), "{role:?}");
        }
        for org in directory.orgs.iter().filter(|org| org.kind == OrgKind::Community) {
            assert_eq!(directory.grids.iter().filter(|grid| grid.community == org.id).count(), 2, "{}", org.id);
        }
    }

    #[test]
    fn every_person_of_the_sample_is_marked_as_filler() {
        let mut lines = SAMPLE.lines().skip_while(|line| !line.starts_with("[[people]]"));
        let names: Vec<_> = lines.by_ref().filter(|line| line.starts_with("name = ")).collect();
        assert!(names.len() >= 16);
        assert!(names.iter().all(|line| line.ends_with("# filler")), "{names:?}");
    }

    #[test]
    fn a_misspelt_field_is_named_with_its_line() {
        let error = read("name = \"x\"\n[[orgs]]\nid = \"a\"\nkind = \"unit\"\nnmae = \"b\"\n").err().unwrap().to_string();
        assert!(error.contains("nmae") && error.contains("line 5"), "{error}");
    }
}
