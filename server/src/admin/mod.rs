//! `doorstep admin`: set up the sub-district, its people and their devices, on the server's own computer.
//!
//! Works on the data directory, also while the server runs: SQLite keeps them apart, and the server sees a change with
//! the next request. One verb a file.

mod anchors;
mod apply;
mod aside;
mod blobs;
mod changes;
mod enrol;
mod file;
mod init;
mod list;
mod person;
mod post;
mod print;
mod restored;
mod revoke;

pub(crate) use print::toml_text;

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use doorstep_core::directory::Directory;
use doorstep_core::environment::Clock as _;
use doorstep_core::people::{OrgKind, Role};
use doorstep_core::time::Timestamp;
use doorstep_core::words::device_sentence;
use serde::Deserialize as _;
use serde::de::IntoDeserializer as _;

use crate::config::ServerClock;
use crate::store::{Store, StoreError};
use crate::words::{Lang, Said, say};

/// A sub-district to begin with.
pub const SAMPLE: &str = include_str!("../../samples/guangwumen.toml");

/// The sample, read.
pub fn sample() -> Result<Directory, String> {
    file::read(SAMPLE).map_err(|error| error.to_string())
}

/// What `doorstep admin` is told.
#[derive(Debug, Args)]
pub struct Options {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// 打印一份示例名录 · Print a sample sub-district to begin with.
    Sample,
    /// 建立数据库 · Make the database from a file.
    Init(init::Options),
    /// 打印现在的名录，可修改后用 apply 换上 · Print the directory as it stands; edit it and put it in place with apply.
    Show(DataDir),
    /// 换上修改后的名录：人员、岗位、政策、日历 · Put an edited directory in place: people, posts, policy, calendar.
    Apply(apply::Options),
    /// 人员 · People.
    #[command(subcommand)]
    Person(person::Action),
    /// 岗位 · Posts.
    #[command(subcommand)]
    Post(post::Action),
    /// 登记设备（二维码） · Enrol a person's device: prints a QR code.
    Enrol(enrol::Options),
    /// 列出人员、岗位、设备 · List people, posts, devices.
    List(DataDir),
    /// 打印核验协议用的公钥 · Print the public keys that agreements are verified against.
    Anchors(DataDir),
    /// 停用设备 · Revoke a device, lost or stolen or handed back.
    Revoke(revoke::Options),
    /// 停用设备交来的内容：查看、采纳、不采纳 · What revoked devices pushed: read it, adopt it or not.
    #[command(subcommand)]
    Aside(aside::Action),
    /// 核对附件文件是否完好 · Whether the files of attachments are still what they were.
    Blobs(blobs::Options),
    /// 恢复备份后：让手机补传备份里没有的 · A backup was put in place: phones give back what it lacks.
    Restored(restored::Options),
}

/// Where the database is.
#[derive(Debug, Args)]
struct DataDir {
    /// 数据目录 · The data directory.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
}

impl DataDir {
    fn open(&self) -> Result<Store, Said> {
        open(&self.data)
    }
}

/// Does it.
pub fn run(options: &Options, lang: Lang) -> Result<(), Said> {
    match &options.action {
        Action::Sample => {
            say!("{}", SAMPLE.trim_end());
            Ok(())
        }
        Action::Init(options) => init::run(options, lang),
        Action::Show(dir) => {
            let directory = dir.open()?.directory().map_err(|error| failed(&error))?;
            say!("{}", print::directory(&directory).trim_end());
            Ok(())
        }
        Action::Apply(options) => apply::run(options, lang),
        Action::Person(action) => person::run(action, lang),
        Action::Post(action) => post::run(action, lang),
        Action::Enrol(options) => enrol::run(options, lang),
        Action::List(dir) => list::run(&dir.open()?, lang),
        Action::Anchors(dir) => anchors::run(&dir.open()?, lang),
        Action::Revoke(options) => revoke::run(options, lang),
        Action::Aside(action) => aside::run(action, lang),
        Action::Blobs(options) => blobs::run(options, lang),
        Action::Restored(options) => restored::run(options, lang),
    }
}

/// The store in `data`, or what to do about its not opening.
pub fn open(data: &Path) -> Result<Store, Said> {
    Store::open(data).map_err(|error| match error {
        StoreError::Missing => Said::coded(
            "store_missing",
            format!("{} 里没有数据库，请先运行 doorstep admin init。", data.display()),
            format!("there is no database in {}; make one with: doorstep admin init", data.display()),
        ),
        other => failed(&other),
    })
}

/// Whether the directory's own ledgers can be exported: a phone is told too late.
fn check_ledgers(directory: &Directory) -> Result<(), Said> {
    doorstep_core::ledger::check(&directory.ledgers).map_err(|error| {
        let zh = device_sentence(error.code(), Lang::Zh).unwrap_or_default();
        Said::coded(error.code(), format!("{zh}（{}）", error.about().join("、")), error.to_string())
    })
}

/// A store's error for a person at a terminal.
pub(crate) fn failed(error: &StoreError) -> Said {
    let zh = match error {
        StoreError::Missing => "没有数据库，请先运行 doorstep admin init。".to_owned(),
        StoreError::Exists => "这里已经有数据库，没有改动它。".to_owned(),
        StoreError::Newer { .. } => "数据库由更新版本的程序写成，没有改动它，请更新程序。".to_owned(),
        StoreError::Damaged => "数据库已损坏，或不是本程序的数据库，没有改动它，请从备份恢复。".to_owned(),
        StoreError::Full => "磁盘已满，请腾出空间后重试。".to_owned(),
        StoreError::Busy => "数据库正忙，请稍后重试。".to_owned(),
        StoreError::Directory(error) => format!("名录自相矛盾，没有保存：{error}"),
        StoreError::UnknownPerson => "名录里没有这个人员。".to_owned(),
        StoreError::Outdated { present } => format!("名录已是第 {present} 版，没有改动它，请重新 admin show 后再改。"),
        StoreError::Refused(_) | StoreError::System(_) | StoreError::Closed => format!("写入失败（{}）。", error.code()),
    };
    let en = match error {
        StoreError::Missing => "there is no database here; make one with: doorstep admin init".to_owned(),
        StoreError::Exists => "there is a database here already; it was left as it is".to_owned(),
        StoreError::Newer { .. } => {
            "the database was written by a newer version of this program; update the program".to_owned()
        }
        StoreError::Damaged => {
            "the database is damaged or not one of Doorstep's; it was left as it is, restore a backup".to_owned()
        }
        StoreError::Full => "the disk is full; make room and try again".to_owned(),
        StoreError::Busy => "the database is busy; try again".to_owned(),
        StoreError::Directory(error) => format!("the directory contradicts itself and was not stored: {error}"),
        StoreError::UnknownPerson => "the directory has no such person".to_owned(),
        StoreError::Outdated { present } => {
            format!("the directory is at version {present} by now and was left as it is; begin anew with admin show")
        }
        StoreError::Refused(_) | StoreError::System(_) | StoreError::Closed => format!("{error} ({})", error.code()),
    };
    Said::coded(error.code(), zh, en)
}

fn now() -> Timestamp {
    ServerClock::System.now()
}

/// A role by its stable name.
fn role(text: &str) -> Result<Role, String> {
    let read: Result<_, serde::de::value::Error> = Role::deserialize(text.into_deserializer());
    let names: Vec<_> = Role::ALL.into_iter().map(role_name).collect();
    read.map_err(|_| format!("one of: {}", names.join(", ")))
}

/// A role's stable name.
const fn role_name(role: Role) -> &'static str {
    match role {
        Role::GridWorker => "grid_worker",
        Role::BuildingHead => "building_head",
        Role::CommunityLead => "community_lead",
        Role::OfficeClerk => "office_clerk",
        Role::CommitteeCoordinator => "committee_coordinator",
        Role::UnitContact => "unit_contact",
        Role::Supervisor => "supervisor",
        Role::Administrator => "administrator",
    }
}

/// A role in people's words.
const fn role_words(role: Role, lang: Lang) -> &'static str {
    match role {
        Role::GridWorker => lang.pick("网格员", "grid worker"),
        Role::BuildingHead => lang.pick("楼院长", "building head"),
        Role::CommunityLead => lang.pick("社区负责人", "community lead"),
        Role::OfficeClerk => lang.pick("科室经办人", "office clerk"),
        Role::CommitteeCoordinator => lang.pick("党工委协调人", "committee coordinator"),
        Role::UnitContact => lang.pick("单位联系人", "unit contact"),
        Role::Supervisor => lang.pick("督查", "supervisor"),
        Role::Administrator => lang.pick("管理员", "administrator"),
    }
}

/// A kind of org in people's words.
const fn kind_words(kind: OrgKind, lang: Lang) -> &'static str {
    match kind {
        OrgKind::Community => lang.pick("社区", "community"),
        OrgKind::Office => lang.pick("科室、中心", "office or centre"),
        OrgKind::Committee => lang.pick("街道党工委", "Party working committee"),
        OrgKind::Unit => lang.pick("辖区单位", "unit in the area"),
        OrgKind::Body => lang.pick("责任主体", "responsible body"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_role_is_read_by_the_name_it_is_shown_under() {
        for one in Role::ALL {
            assert_eq!(role(role_name(one)), Ok(one));
        }
        assert!(role("mayor").unwrap_err().contains("grid_worker"));
    }
}
