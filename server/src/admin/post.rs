//! `doorstep admin post`: what people do, where, and that they no longer do. Ended posts stay in the directory: who
//! was allowed what, then, must be answerable later.

use clap::{Args, Subcommand};
use doorstep_core::id::{BuildingId, GridId, OrgId, PersonId};
use doorstep_core::people::{Person, Post, Role};

use super::{DataDir, failed, now, role, role_words};
use crate::words::{Lang, Said, say};

#[derive(Debug, Subcommand)]
pub(super) enum Action {
    /// 任命 · Give a person a post.
    Add(Add),
    /// 卸任 · End a post; its holder's phones forget what they no longer see.
    End(End),
}

#[derive(Debug, Args)]
#[command(after_help = "示例 · Examples:
  doorstep admin post add w-ncg-3 --role grid_worker --org nanchenggen --grid ncg-1 --grid ncg-2 --data ./data
  doorstep admin post add head-2 --role building_head --org nanchenggen --building ncg-1-b --data ./data
  doorstep admin post add clerk-2 --role office_clerk --org office-affairs --data ./data")]
pub(super) struct Add {
    /// 人员编号 · The person's id.
    person: PersonId,
    /// 角色 · grid_worker, building_head, community_lead, office_clerk, committee_coordinator, unit_contact, supervisor, administrator.
    #[arg(long, value_parser = role)]
    role: Role,
    /// 单位编号 · The org's id.
    #[arg(long)]
    org: OrgId,
    /// 网格（网格员，可重复） · A grid of a grid worker; repeat for several.
    #[arg(long = "grid", value_name = "GRID")]
    grids: Vec<GridId>,
    /// 楼院（楼院长，可重复） · A building of a building head; repeat for several.
    #[arg(long = "building", value_name = "BUILDING")]
    buildings: Vec<BuildingId>,
    #[command(flatten)]
    dir: DataDir,
}

#[derive(Debug, Args)]
#[command(after_help = "示例 · Example:\n  doorstep admin post end w-ncg-1 --role grid_worker --org nanchenggen --data ./data")]
pub(super) struct End {
    /// 人员编号 · The person's id.
    person: PersonId,
    /// 角色 · The post's role.
    #[arg(long, value_parser = role)]
    role: Role,
    /// 单位编号 · The post's org.
    #[arg(long)]
    org: OrgId,
    #[command(flatten)]
    dir: DataDir,
}

pub(super) fn run(action: &Action, lang: Lang) -> Result<(), Said> {
    match action {
        Action::Add(add) => {
            let grids = add.role == Role::GridWorker;
            let buildings = add.role == Role::BuildingHead;
            if grids == add.grids.is_empty() || buildings == add.buildings.is_empty() {
                return Err(Said::new(
                    "网格员须用 --grid 指定网格，楼院长须用 --building 指定楼院，其他角色两者都不用。",
                    "a grid worker needs --grid, a building head --building, other roles neither",
                ));
            }
            let post = Post {
                role: add.role,
                org: add.org.clone(),
                grids: add.grids.clone(),
                buildings: add.buildings.clone(),
                ended: None,
            };
            change(&add.dir, &add.person, |person| {
                if person.posts().any(|held| *held == post) {
                    return Err(Said::new("该人员已有这个岗位。", "this person holds that post already"));
                }
                person.posts.push(post);
                Ok(())
            })?;
            match lang {
                Lang::Zh => say!("已任命：{}，{}，{}", add.person, role_words(add.role, lang), add.org),
                Lang::En => say!("{} is now {} of {}", add.person, role_words(add.role, lang), add.org),
            }
        }
        Action::End(end) => {
            change(&end.dir, &end.person, |person| {
                let held = person.posts.iter_mut();
                let mut ended =
                    held.filter(|post| post.ended.is_none() && post.role == end.role && post.org == end.org).peekable();
                if ended.peek().is_none() {
                    return Err(Said::new("该人员没有这个岗位。", "this person does not hold that post"));
                }
                let at = now();
                ended.for_each(|post| post.ended = Some(at));
                Ok(())
            })?;
            match lang {
                Lang::Zh => say!("已卸任：{}，{}，{}", end.person, role_words(end.role, lang), end.org),
                Lang::En => say!("{} is no longer {} of {}", end.person, role_words(end.role, lang), end.org),
            }
        }
    }
    Ok(())
}

fn change(dir: &DataDir, id: &PersonId, edit: impl FnOnce(&mut Person) -> Result<(), Said>) -> Result<(), Said> {
    let store = dir.open()?;
    let mut directory = (*store.directory().map_err(|error| failed(&error))?).clone();
    let person = directory.people.iter_mut().find(|person| person.id == *id).ok_or_else(|| {
        Said::new(
            format!("名录里没有 {id}，请用 doorstep admin list 查看。"),
            format!("the directory has no {id}; see: doorstep admin list"),
        )
    })?;
    edit(person)?;
    store.replace_directory(directory, now()).map_err(|error| failed(&error))?;
    Ok(())
}
