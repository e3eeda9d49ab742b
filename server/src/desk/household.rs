//! `phone household …`, `phone route`, `phone coverage`: the worker's own ledger of doors.

use clap::{Args, Subcommand};
use doorstep_core::household::{Command, Leaving, ResidentLeft, ResidentRecorded, Striking, Struck, TagCleared, TagSet};
use doorstep_core::id::{DocId, DocKind, GridId};
use doorstep_core::view::{HouseholdView, ResidentView};
use doorstep_core::words;
use serde::Serialize;

use super::phone::{Phone, short};
use super::print::{Table, json, minute, paragraph, rfc3339};
use super::shown::PlaceRecord;
use super::{Which, choice, fail, place, when};
use crate::words::{Lang, Said, say};

#[derive(Debug, Subcommand)]
pub(super) enum Action {
    /// 建户档 · Begin a household's record.
    #[command(after_help = "示例 · Example:\n  doorstep phone household register --building ncg-1-a --at 2单元401")]
    Register(Register),
    /// 登记或更正住户 · Write down a resident, or replace what is known of one.
    #[command(after_help = "示例 · Examples:
  doorstep phone household resident last --name 赵国庆 --phone 13800000000 --born 1948 --relation 户主
  doorstep phone household resident last --who 赵国庆 --phone 13900000000    更正 · put right")]
    Resident(Resident),
    /// 搬到另一户 · Somebody moves to another household.
    Move(Move),
    /// 迁出、去世、登记有误 · Somebody no longer lives here.
    Left(Left),
    /// 加关爱标签 · Set a care tag.
    Tag(Tag),
    /// 去掉关爱标签 · Clear a care tag.
    Untag(Tag),
    /// 更正地址 · Correct the address.
    Readdress(Register2),
    /// 注销重复或不存在的户档 · Strike a record off: a duplicate, a door that is no more.
    Strike(Strike),
    /// 恢复注销的户档 · Let a record that was struck off count again.
    Restore(Restore),
    /// 查看 · Show it.
    Show(Which),
}

#[derive(Debug, Args)]
pub(super) struct Register {
    #[command(flatten)]
    place: place::Typed,
}

#[derive(Debug, Args)]
pub(super) struct Register2 {
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    place: place::Typed,
}

#[derive(Debug, Args)]
pub(super) struct Resident {
    #[command(flatten)]
    which: Which,
    /// 更正哪位住户（姓名或编号），没写的各项不变；新登记不写 · Whom to put right, by name or id; what isn't given stays. Left out for somebody new.
    #[arg(long, value_name = "RESIDENT")]
    who: Option<String>,
    /// 姓名 · Their name.
    #[arg(long, required_unless_present = "who")]
    name: Option<String>,
    /// 电话 · Where to reach them.
    #[arg(long, value_name = "NUMBER")]
    phone: Option<String>,
    /// 出生年份 · Year of birth.
    #[arg(long, value_name = "YEAR")]
    born: Option<i32>,
    /// 与户的关系（户主、配偶、租户……） · What they are to the household.
    #[arg(long)]
    relation: Option<String>,
    /// 关爱标签，可重复 · A care tag; repeat for each.
    #[arg(long = "tag", value_name = "TAG")]
    tags: Vec<String>,
}

impl Resident {
    /// What is to be written down: what was typed, over what is known.
    fn recorded(&self, phone: &Phone, id: DocId) -> Result<ResidentRecorded, Said> {
        self.tags.iter().try_for_each(|tag| known_tag(phone, tag))?;
        let known = self.who.as_ref().map(|typed| resident(phone, id, typed)).transpose()?;
        let of = |typed: &Option<String>, known: Option<&String>| typed.as_ref().or(known).cloned().unwrap_or_default();
        Ok(ResidentRecorded {
            resident: known.as_ref().map_or_else(|| phone.device.new_resident(), |one| one.id),
            name: of(&self.name, known.as_ref().map(|one| &one.name)),
            phone: of(&self.phone, known.as_ref().map(|one| &one.phone)),
            born: self.born.or(known.as_ref().and_then(|one| one.born)),
            relation: of(&self.relation, known.as_ref().map(|one| &one.relation)),
            tags: self.tags.clone(),
            from: known.and_then(|one| one.from),
            back: None,
        })
    }
}

#[derive(Debug, Args)]
pub(super) struct Move {
    #[command(flatten)]
    which: Which,
    /// 谁（姓名或编号） · Who, by name or id.
    #[arg(long, value_name = "RESIDENT")]
    who: String,
    /// 搬到哪一户 · The household they move to.
    #[arg(long, value_name = "ID")]
    to: String,
    /// 从哪天起 · Since which day.
    #[arg(long, value_name = "DAY", value_parser = when::day, default_value = "today")]
    on: when::Day,
}

#[derive(Debug, Args)]
pub(super) struct Left {
    #[command(flatten)]
    which: Which,
    /// 谁（姓名或编号） · Who, by name or id.
    #[arg(long, value_name = "RESIDENT")]
    who: String,
    /// 原因 · Why.
    #[arg(long, value_parser = choice::leaving())]
    why: Leaving,
    /// 从哪天起 · Since which day.
    #[arg(long, value_name = "DAY", value_parser = when::day, default_value = "today")]
    on: when::Day,
    /// 去向 · Where to, in people's words.
    #[arg(long, default_value = "", hide_default_value = true)]
    to: String,
}

#[derive(Debug, Args)]
pub(super) struct Tag {
    #[command(flatten)]
    which: Which,
    /// 标签，见 phone directory words · The tag; see phone directory words.
    #[arg(value_name = "TAG")]
    name: String,
    /// 关于哪位住户（姓名或编号）；不写为整户 · Whom it is about, by name or id; the household if left out.
    #[arg(long, value_name = "RESIDENT")]
    who: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct Strike {
    #[command(flatten)]
    which: Which,
    /// 原因 · Why.
    #[arg(long, value_parser = choice::striking())]
    why: Striking,
    /// 由哪份户档接续 · The record that goes on for it.
    #[arg(long, value_name = "ID")]
    into: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct Restore {
    #[command(flatten)]
    which: Which,
    /// 原因 · Why.
    #[arg(long, default_value = "", hide_default_value = true)]
    why: String,
}

pub(super) fn run(phone: &Phone, action: &Action) -> Result<(), Said> {
    let failed = |error| fail::told(&error);
    let of = |which: &Which| phone.of_kind(&which.id, DocKind::Household);
    let view = match action {
        Action::Show(which) => {
            let id = of(which)?;
            phone.touched(DocKind::Household, id);
            return show(phone, id);
        }
        Action::Register(register) => phone.device.register_household(register.place.of(phone)?).map_err(failed)?,
        Action::Move(moved) => {
            let (from, to) = (of(&moved.which)?, phone.of_kind(&moved.to, DocKind::Household)?);
            let who = resident(phone, from, &moved.who)?.id;
            phone.device.move_resident(from, to, who, moved.on.of(phone.today())).map_err(failed)?
        }
        Action::Resident(recorded) => {
            let id = of(&recorded.which)?;
            let resident = recorded.recorded(phone, id)?;
            run_one(phone, id, &Command::RecordResident { resident })?
        }
        Action::Left(left) => {
            let id = of(&left.which)?;
            let left = ResidentLeft {
                resident: resident(phone, id, &left.who)?.id,
                why: left.why,
                on: left.on.of(phone.today()),
                to: left.to.clone(),
                household: None,
            };
            run_one(phone, id, &Command::RecordLeaving { left })?
        }
        Action::Tag(tag) => {
            let id = of(&tag.which)?;
            known_tag(phone, &tag.name)?;
            let resident = tag.who.as_ref().map(|typed| resident(phone, id, typed)).transpose()?.map(|one| one.id);
            run_one(phone, id, &Command::SetTag { tag: TagSet { tag: tag.name.clone(), resident } })?
        }
        Action::Untag(tag) => {
            let id = of(&tag.which)?;
            let resident = tag.who.as_ref().map(|typed| resident(phone, id, typed)).transpose()?.map(|one| one.id);
            run_one(phone, id, &Command::ClearTag { tag: TagCleared { tag: tag.name.clone(), resident } })?
        }
        Action::Readdress(readdress) => {
            let place = readdress.place.of(phone)?;
            run_one(phone, of(&readdress.which)?, &Command::Readdress { place })?
        }
        Action::Strike(strike) => {
            let into = strike.into.as_ref().map(|typed| phone.of_kind(typed, DocKind::Household)).transpose()?;
            run_one(phone, of(&strike.which)?, &Command::Strike { struck: Struck { why: strike.why, into } })?
        }
        Action::Restore(restore) => run_one(phone, of(&restore.which)?, &Command::Restore { why: restore.why.clone() })?,
    };
    phone.touched(DocKind::Household, view.id);
    changed(phone, &view);
    Ok(())
}

/// A note in a household's record.
pub(super) fn note(phone: &Phone, id: DocId, text: &str) -> Result<(), Said> {
    let view = run_one(phone, id, &Command::Note { text: text.to_owned() })?;
    phone.touched(DocKind::Household, id);
    changed(phone, &view);
    Ok(())
}

fn run_one(phone: &Phone, id: DocId, command: &Command) -> Result<HouseholdView, Said> {
    phone.device.run_household(id, command).map_err(|error| fail::told(&error))
}

fn changed(phone: &Phone, view: &HouseholdView) {
    if phone.json {
        json(&Record::new(view, phone));
        return;
    }
    let newest = view.history.iter().max_by_key(|line| line.stamp);
    say!("✓ {}", newest.map(|line| line.text.clone()).unwrap_or_default());
    let at = view.place.as_ref().map(|at| place::words(at, &phone.device.directory())).unwrap_or_default();
    say!("  {}  {at}", short(view.id));
}

/// A resident by name or by the beginning of their id.
fn resident(phone: &Phone, id: DocId, typed: &str) -> Result<ResidentView, Said> {
    let view = phone.device.household(id).map_err(|error| fail::told(&error))?;
    let lower = typed.to_ascii_lowercase();
    let fits = |one: &&ResidentView| one.name == typed || (lower.len() >= 4 && one.id.to_string().starts_with(&lower));
    let all: Vec<&ResidentView> = view.residents.iter().chain(&view.former).filter(fits).collect();
    match all.as_slice() {
        [one] => Ok((*one).clone()),
        [] => {
            let names: Vec<&str> = view.residents.iter().map(|one| one.name.as_str()).collect();
            Err(Said::coded(
                "no_resident",
                format!("这一户没有“{typed}”。住户：{}。", names.join("、")),
                format!("nobody called {typed} lives here: {}.", names.join(", ")),
            ))
        }
        several => {
            let ids: Vec<String> = several.iter().map(|one| one.id.to_string()).collect();
            Err(Said::coded(
                "ambiguous_resident",
                format!("有几位都叫“{typed}”，请写编号：{}。", ids.join("、")),
                format!("several are called {typed}: give the id: {}.", ids.join(", ")),
            ))
        }
    }
}

fn known_tag(phone: &Phone, tag: &str) -> Result<(), Said> {
    let directory = phone.device.directory();
    let known = &directory.policy.care_tags;
    if known.is_empty() || known.iter().any(|one| one == tag) {
        return Ok(());
    }
    Err(Said::usage(
        "unknown_tag",
        format!("没有“{tag}”这个标签。可以是：{}。", known.join("、")),
        format!("there is no tag {tag}. It can be: {}.", known.join(", ")),
    ))
}

#[derive(Serialize)]
struct ResidentRecord {
    id: String,
    name: String,
    phone: String,
    born: Option<i32>,
    relation: String,
    tags: Vec<String>,
    left: Option<String>,
}

#[derive(Serialize)]
struct Record {
    id: String,
    place: Option<PlaceRecord>,
    stage: &'static str,
    tags: Vec<String>,
    residents: Vec<ResidentRecord>,
    former: Vec<ResidentRecord>,
    notes: Vec<String>,
    digest: String,
}

impl Record {
    fn new(view: &HouseholdView, phone: &Phone) -> Self {
        let resident = |one: &ResidentView| ResidentRecord {
            id: one.id.to_string(),
            name: one.name.clone(),
            phone: one.phone.clone(),
            born: one.born,
            relation: one.relation.clone(),
            tags: one.tags.clone(),
            left: one.left.as_ref().map(|left| left.on.to_string()),
        };
        Self {
            id: view.id.to_string(),
            place: view.place.as_ref().map(|at| PlaceRecord::new(at, &phone.device.directory())),
            stage: view.stage,
            tags: view.tags.clone(),
            residents: view.residents.iter().map(resident).collect(),
            former: view.former.iter().map(resident).collect(),
            notes: view.notes.clone(),
            digest: view.digest.to_string(),
        }
    }
}

/// Prints a household.
pub(super) fn show(phone: &Phone, id: DocId) -> Result<(), Said> {
    let view = phone.device.household(id).map_err(|error| fail::told(&error))?;
    if phone.json {
        json(&Record::new(&view, phone));
        return Ok(());
    }
    let lang = phone.lang;
    say!("{}", view.place.as_ref().map(|at| place::words(at, &phone.device.directory())).unwrap_or_default());
    let stage = words::household_stage(view.stage, lang).unwrap_or(view.stage);
    say!("  {}  {}  {stage}  {}", lang.pick("户档", "household"), view.id, view.tags.join(lang.pick("、", ", ")));
    let heads = [
        lang.pick("住户", "resident"),
        lang.pick("关系", "relation"),
        lang.pick("出生", "born"),
        lang.pick("电话", "phone"),
        lang.pick("标签", "tags"),
        "",
    ];
    let mut table = Table::new(&heads);
    for one in view.residents.iter().chain(&view.former) {
        let left = one.left.as_ref().map(|left| format!("{} {}", words::leaving(left.why, lang), left.on));
        table.row([
            one.name.clone(),
            one.relation.clone(),
            one.born.map(|year| year.to_string()).unwrap_or_default(),
            one.phone.clone(),
            one.tags.join(lang.pick("、", ", ")),
            left.unwrap_or_default(),
        ]);
    }
    if !view.residents.is_empty() || !view.former.is_empty() {
        table.lines().iter().for_each(|line| say!("  {line}"));
    }
    for line in &view.history {
        paragraph(&format!("  {}  {}  ", minute(line.at), line.by_name), &line.text);
    }
    let visits = phone.device.visits_of(id, 5).map_err(|error| fail::told(&error))?;
    for row in visits {
        let door = super::sync::row_stage(row.kind, &row.stage, lang);
        say!("  {}  {} {}  {door}  {}", minute(row.began.wall()), lang.pick("走访", "visit"), short(row.doc), row.words);
    }
    Ok(())
}

#[derive(Debug, Args)]
pub(super) struct Route {
    /// 只看这个网格 · In this grid only.
    #[arg(long)]
    grid: Option<GridId>,
    /// 最多几户 · Doors at most.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..=500))]
    limit: u16,
}

#[derive(Serialize)]
struct StopRecord {
    household: String,
    place: PlaceRecord,
    tags: Vec<String>,
    last_visit: Option<String>,
    last_door: serde_json::Value,
}

/// Where to go today: doors never visited first, then those not visited for longest.
pub(super) fn route(phone: &Phone, options: &Route) -> Result<(), Said> {
    let stops = phone.device.route(options.grid.as_ref(), usize::from(options.limit)).map_err(|error| fail::told(&error))?;
    let directory = phone.device.directory();
    if phone.json {
        let record = |stop: &doorstep_core::device::Stop| StopRecord {
            household: stop.household.to_string(),
            place: PlaceRecord::new(&stop.place, &directory),
            tags: stop.tags.clone(),
            last_visit: stop.last_visit.map(rfc3339),
            last_door: serde_json::to_value(stop.last_door).unwrap_or_default(),
        };
        json(&stops.iter().map(record).collect::<Vec<_>>());
        return Ok(());
    }
    if stops.is_empty() {
        say!(
            "{}",
            phone.pick(
                "还没有户档，用 doorstep phone household register 建。",
                "there are no households yet: doorstep phone household register"
            )
        );
        return Ok(());
    }
    let heads = match phone.lang {
        Lang::Zh => ["户档", "地址", "标签", "上次走访", ""],
        Lang::En => ["household", "where", "tags", "last visit", ""],
    };
    let mut table = Table::new(&heads);
    for stop in &stops {
        table.row([
            short(stop.household),
            place::words(&stop.place, &directory),
            stop.tags.join(phone.pick("、", ", ")),
            stop.last_visit.map_or_else(|| phone.pick("还没去过", "never").to_owned(), |at| at.date().to_string()),
            stop.last_door.map(|door| words::door(door, phone.lang).to_owned()).unwrap_or_default(),
        ]);
    }
    table.print();
    Ok(())
}

#[derive(Debug, Args)]
pub(super) struct Coverage {
    /// 从哪天起算 · Counting visits since this day.
    #[arg(long, value_name = "DAY", value_parser = when::day)]
    since: when::Day,
}

#[derive(Serialize)]
struct CoverageRecord {
    grid: String,
    households: u64,
    visited: u64,
}

/// How many doors of each grid were visited: a figure for planning, of grids and never of people.
pub(super) fn coverage(phone: &Phone, options: &Coverage) -> Result<(), Said> {
    let since = options.since.of(phone.today());
    let grids = phone.device.coverage(since).map_err(|error| fail::told(&error))?;
    if phone.json {
        let record = |one: &doorstep_core::device::Coverage| CoverageRecord {
            grid: one.grid.to_string(),
            households: one.households,
            visited: one.visited,
        };
        json(&grids.iter().map(record).collect::<Vec<_>>());
        return Ok(());
    }
    let directory = phone.device.directory();
    let heads = match phone.lang {
        Lang::Zh => ["网格", "", "户数", "已走访"],
        Lang::En => ["grid", "", "households", "visited"],
    };
    let mut table = Table::new(&heads);
    for one in &grids {
        let name = directory.grid(&one.grid).map(|grid| format!("{} {}", directory.org_name(&grid.community), grid.name));
        table.row([one.grid.to_string(), name.unwrap_or_default(), one.households.to_string(), one.visited.to_string()]);
    }
    table.print();
    Ok(())
}
