//! `doorstep admin person`: who works here.

use clap::{Args, Subcommand};
use doorstep_core::id::PersonId;
use doorstep_core::people::Person;

use super::{DataDir, failed, now};
use crate::words::{Lang, Said, say};

#[derive(Debug, Subcommand)]
pub(super) enum Action {
    /// 添加人员 · Add a person; their posts come next, with `admin post add`.
    Add(Add),
}

#[derive(Debug, Args)]
#[command(after_help = "示例 · Example:\n  doorstep admin person add w-ncg-3 --name 李娜 --data ./data")]
pub(super) struct Add {
    /// 编号（小写字母、数字、连字符，不用姓名） · An id: small letters, digits, hyphens; not a name.
    #[arg(value_name = "PERSON")]
    id: PersonId,
    /// 姓名 · The name colleagues read.
    #[arg(long)]
    name: String,
    #[command(flatten)]
    dir: DataDir,
}

pub(super) fn run(action: &Action, lang: Lang) -> Result<(), Said> {
    let Action::Add(add) = action;
    let store = add.dir.open()?;
    let mut directory = (*store.directory().map_err(|error| failed(&error))?).clone();
    if directory.person(&add.id).is_some() {
        return Err(Said::new(format!("{} 已经在名录里。", add.id), format!("{} is in the directory already", add.id)));
    }
    directory.people.push(Person { id: add.id.clone(), name: add.name.trim().into(), posts: Vec::new() });
    let version = store.replace_directory(directory, now()).map_err(|error| failed(&error))?;
    match lang {
        Lang::Zh => say!("已添加 {}（名录第 {version} 版）。下一步：doorstep admin post add {} …", add.id, add.id),
        Lang::En => say!("added {} (directory version {version}); next: doorstep admin post add {} …", add.id, add.id),
    }
    Ok(())
}
