//! Where something lies, as typed: what a flag leaves out follows from what the others say, or from the person's own post.

use clap::Args;
use doorstep_core::directory::Directory;
use doorstep_core::id::{BuildingId, GridId, OrgId, PersonId};
use doorstep_core::people::{Person, Place, Role};

use super::phone::Phone;
use crate::words::Said;

/// A place, as typed.
#[derive(Debug, Clone, Args)]
pub(super) struct Typed {
    /// 具体地址 · The address, in people's words.
    #[arg(long, value_name = "ADDRESS", default_value = "", hide_default_value = true)]
    at: String,
    /// 网格；只管一个网格的可省略 · The grid; need not be given by who works one grid.
    #[arg(long)]
    grid: Option<GridId>,
    /// 楼院 · The building.
    #[arg(long)]
    building: Option<BuildingId>,
}

impl Typed {
    /// Whether nothing was typed.
    pub(super) const fn is_empty(&self) -> bool {
        self.at.is_empty() && self.grid.is_none() && self.building.is_none()
    }

    /// The place meant.
    pub(super) fn of(&self, phone: &Phone) -> Result<Place, Said> {
        let directory = phone.device.directory();
        let person = phone.device.enrolled().map(|enrolled| enrolled.person);
        place(&directory, person.as_ref(), self.grid.as_ref(), self.building.as_ref(), &self.at)
    }
}

/// The grid that was typed, else the building's, else the only one that the person works or has their building in.
pub(super) fn place(
    directory: &Directory,
    person: Option<&PersonId>,
    grid: Option<&GridId>,
    building: Option<&BuildingId>,
    at: &str,
) -> Result<Place, Said> {
    if directory.grids.is_empty() {
        return Err(Said::coded(
            "no_directory",
            "名录还没有到这部手机，请先 doorstep phone sync。",
            "this phone has no directory yet: doorstep phone sync first.",
        ));
    }
    let mut building = building.cloned();
    let found = match (grid, &building) {
        (Some(grid), _) => Some(directory.grid(grid).ok_or_else(|| unknown(directory, grid.as_str()))?),
        (None, Some(building)) => {
            let within = directory.grids.iter().find(|grid| grid.buildings.contains_key(building));
            Some(within.ok_or_else(|| unknown(directory, building.as_str()))?)
        }
        (None, None) => {
            let posts = || person.and_then(|id| directory.person(id)).into_iter().flat_map(Person::posts);
            let heads: Vec<&BuildingId> =
                posts().filter(|post| post.role == Role::BuildingHead).flat_map(|post| &post.buildings).collect();
            let works: Vec<&GridId> = posts().flat_map(|post| &post.grids).collect();
            match (works.as_slice(), heads.as_slice()) {
                ([only], _) => directory.grid(only),
                ([], [only]) => {
                    building = Some((*only).clone());
                    directory.grids.iter().find(|grid| grid.buildings.contains_key(*only))
                }
                _ => None,
            }
        }
    };
    let grid = found.ok_or_else(|| {
        Said::usage(
            "place_unclear",
            format!("请用 --grid 写明网格：{}。", grids(directory)),
            format!("say which grid with --grid: {}.", grids(directory)),
        )
    })?;
    Ok(Place { community: grid.community.clone(), grid: grid.id.clone(), building, detail: at.trim().to_owned() })
}

fn grids(directory: &Directory) -> String {
    let ids: Vec<&str> = directory.grids.iter().map(|grid| grid.id.as_str()).collect();
    ids.join(" ")
}

fn unknown(directory: &Directory, typed: &str) -> Said {
    Said::coded(
        "unknown_place",
        format!("名录里没有“{typed}”。网格有：{}。", grids(directory)),
        format!("the directory has no {typed}. Grids: {}.", grids(directory)),
    )
}

/// A place in words: community, grid, building, address.
pub(super) fn words(place: &Place, directory: &Directory) -> String {
    let grid = directory.grid(&place.grid);
    let building = place.building.as_ref();
    let building = building.map(|id| grid.and_then(|grid| grid.buildings.get(id)).map_or(id.as_str(), String::as_str));
    let parts = [
        Some(directory.org_name(&place.community)),
        Some(grid.map_or(place.grid.as_str(), |grid| grid.name.as_str())),
        building,
        Some(place.detail.as_str()),
    ];
    parts.into_iter().flatten().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

/// An org by its id or its whole name.
pub(super) fn org(directory: &Directory, typed: &str) -> Result<OrgId, Said> {
    let found = directory.orgs.iter().find(|org| org.id.as_str() == typed || org.name == typed);
    found.map(|org| org.id.clone()).ok_or_else(|| {
        Said::coded(
            "unknown_org",
            format!("名录里没有单位“{typed}”，用 doorstep phone directory 查看。"),
            format!("the directory has no org {typed}; see doorstep phone directory."),
        )
    })
}

/// A person by their id or their whole name, if only one has it.
pub(super) fn person(directory: &Directory, typed: &str) -> Result<PersonId, Said> {
    let mut found = directory.people.iter().filter(|person| person.id.as_str() == typed || person.name == typed);
    match (found.next(), found.next()) {
        (Some(person), None) => Ok(person.id.clone()),
        (None, _) => Err(Said::coded(
            "unknown_person",
            format!("名录里没有“{typed}”，用 doorstep phone directory 查看。"),
            format!("the directory has nobody called {typed}; see doorstep phone directory."),
        )),
        (Some(_), Some(_)) => Err(Said::coded(
            "ambiguous_person",
            format!("有几位都叫“{typed}”，请写编号。"),
            format!("several people are called {typed}: give the id."),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Directory {
        crate::admin::sample().unwrap()
    }

    fn placed(who: &str, grid: Option<&str>, building: Option<&str>) -> Result<(String, Option<String>), String> {
        let (grid, building) = (grid.map(|id| id.parse().unwrap()), building.map(|id| id.parse().unwrap()));
        let person = who.parse().unwrap();
        place(&sample(), Some(&person), grid.as_ref(), building.as_ref(), " 2单元 ")
            .map(|place| (place.grid.to_string(), place.building.map(|id| id.to_string())))
            .map_err(|said| said.code().to_owned())
    }

    #[test]
    fn what_is_left_out_follows_from_the_rest() {
        assert_eq!(placed("w-ncg-1", None, None), Ok(("ncg-1".into(), None)));
        assert_eq!(placed("w-ncg-1", None, Some("ncg-1-a")), Ok(("ncg-1".into(), Some("ncg-1-a".into()))));
        assert_eq!(placed("head-ncg-1-a", None, None), Ok(("ncg-1".into(), Some("ncg-1-a".into()))));
        assert_eq!(placed("w-lg-1", None, None), Err("place_unclear".into()), "two grids are two answers");
        assert_eq!(placed("lead-ncg", Some("ncg-2"), None), Ok(("ncg-2".into(), None)));
        assert_eq!(placed("lead-ncg", Some("nowhere"), None), Err("unknown_place".into()));
    }

    #[test]
    fn orgs_and_people_are_found_by_id_or_name() {
        let directory = sample();
        assert_eq!(org(&directory, "电信局").unwrap().as_str(), "telecom");
        assert_eq!(org(&directory, "telecom").unwrap().as_str(), "telecom");
        assert_eq!(person(&directory, "王敏").unwrap().as_str(), "w-ncg-1");
        assert_eq!(person(&directory, "王").unwrap_err().code(), "unknown_person");
    }
}
