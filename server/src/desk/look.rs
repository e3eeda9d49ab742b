//! `phone list`, `phone show`, `phone directory`: what is on the phone, without changing it.

use clap::{Args, Subcommand};
use doorstep_core::case::Stage;
use doorstep_core::device::{Filter, Order, Query};
use doorstep_core::id::{DocId, DocKind, GridId};
use doorstep_core::row::Row;
use doorstep_core::words;
use serde::Serialize;

use super::phone::{Phone, short};
use super::print::{Table, json, minute, paragraph, rfc3339};
use super::shown::{self, CaseRecord, Depth, PlaceRecord};
use super::{choice, fail, place, sync, when};
use crate::words::{Lang, Said, say};

#[derive(Debug, Args)]
#[command(after_help = "示例 · Examples:
  doorstep phone list                              最近动过的事项 · cases, the last touched first
  doorstep phone list --stage consulting --mine    我负责、协商中的 · consulting, and assigned to me
  doorstep phone list visit --limit 50             走访 · visits
  doorstep phone list --due +3                     三天内到期的 · due within three days")]
pub(super) struct List {
    /// 看什么 · What to list.
    #[arg(value_parser = choice::kind(), default_value = "case", hide_possible_values = true, value_name = "case|visit|household")]
    kind: DocKind,
    /// 只看这个阶段 · In this stage only.
    #[arg(long, value_parser = choice::stage())]
    stage: Option<Stage>,
    /// 只看这个社区 · In this community only.
    #[arg(long, value_name = "ORG")]
    community: Option<String>,
    /// 只看这个网格 · In this grid only.
    #[arg(long)]
    grid: Option<GridId>,
    /// 只看现由这个单位办理的 · With this org now.
    #[arg(long, value_name = "ORG")]
    holder: Option<String>,
    /// 只看由此人负责的 · Assigned to this person.
    #[arg(long, value_name = "PERSON", conflicts_with = "mine")]
    assignee: Option<String>,
    /// 只看我负责的 · Assigned to me.
    #[arg(long)]
    mine: bool,
    /// 只看有争议或被取代记录的 · Only what has contested or overtaken records.
    #[arg(long)]
    look: bool,
    /// 这天或之前到期的 · Due on this day or before.
    #[arg(long, value_name = "DAY", value_parser = when::day)]
    due: Option<when::Day>,
    /// 有这个关爱标签的（户档） · With this care tag (households).
    #[arg(long)]
    tag: Option<String>,
    /// 标题含有这些字 · With this in the title.
    #[arg(long)]
    text: Option<String>,
    /// 最多几行 · Lines at most.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..=500))]
    limit: u16,
}

/// A row for programs.
#[derive(Debug, Serialize)]
pub(super) struct RowRecord {
    pub(super) id: String,
    kind: &'static str,
    title: String,
    place: Option<PlaceRecord>,
    stage: String,
    category: String,
    round: u32,
    assignee: Option<String>,
    holder: Option<String>,
    due: Option<String>,
    tags: Vec<String>,
    look: bool,
    signed: bool,
    updated: String,
}

impl RowRecord {
    pub(super) fn new(row: &Row, phone: &Phone) -> Self {
        let directory = phone.device.directory();
        Self {
            id: row.doc.to_string(),
            kind: row.kind.name(),
            title: row.title.clone(),
            place: row.place.as_ref().map(|at| PlaceRecord::new(at, &directory)),
            stage: row.stage.clone(),
            category: row.category.clone(),
            round: row.round,
            assignee: row.assignee.as_ref().map(ToString::to_string),
            holder: row.holder.as_ref().map(ToString::to_string),
            due: row.due.map(|due| due.to_string()),
            tags: row.tags.clone(),
            look: row.look,
            signed: row.signed,
            updated: rfc3339(row.updated.wall()),
        }
    }
}

pub(super) fn list(phone: &Phone, options: &List) -> Result<(), Said> {
    let directory = phone.device.directory();
    let org = |typed: &Option<String>| typed.as_ref().map(|typed| place::org(&directory, typed)).transpose();
    let (community, holder) = (org(&options.community)?, org(&options.holder)?);
    let assignee = match &options.assignee {
        Some(typed) => Some(place::person(&directory, typed)?),
        None => phone.device.enrolled().map(|enrolled| enrolled.person).filter(|_| options.mine),
    };
    let stage = options.stage.map(Stage::name);
    let filter = Filter {
        stage,
        community: community.as_ref(),
        grid: options.grid.as_ref(),
        holder: holder.as_ref(),
        assignee: assignee.as_ref(),
        look: options.look,
        due_until: options.due.map(|day| day.of(phone.today())),
        text: options.text.as_deref(),
        household: None,
        tag: options.tag.as_deref(),
    };
    let order = if options.due.is_some() { Order::Due } else { Order::Newest };
    let query = Query { kind: options.kind, order, filter, after: None, limit: usize::from(options.limit) };
    let rows = phone.device.rows(&query).map_err(|error| fail::told(&error))?;
    if phone.json {
        json(&rows.iter().map(|row| RowRecord::new(row, phone)).collect::<Vec<_>>());
    } else if rows.is_empty() {
        say!("{}", phone.pick("没有符合的记录。", "nothing matches."));
    } else {
        table(phone, &rows).print();
    }
    Ok(())
}

/// Rows as a table.
pub(super) fn table(phone: &Phone, rows: &[Row]) -> Table {
    let directory = phone.device.directory();
    let heads = match phone.lang {
        Lang::Zh => ["编号", "内容", "地点", "阶段", "期限", "负责", "更新"],
        Lang::En => ["id", "what", "where", "stage", "due", "assigned", "updated"],
    };
    let mut table = Table::new(&heads);
    for row in rows {
        let at = row.place.as_ref().map(|at| {
            let grid = directory.grid(&at.grid).map_or(at.grid.as_str(), |grid| grid.name.as_str());
            format!("{} {grid}", directory.org_name(&at.community))
        });
        let round = if row.round > 1 { format!("·{}", row.round) } else { String::new() };
        let holder = row.holder.as_ref().map(|org| format!(" {}", directory.org_name(org))).unwrap_or_default();
        let look = if row.look { " !" } else { "" };
        let stage = format!("{}{round}{holder}{look}", sync::row_stage(row.kind, &row.stage, phone.lang));
        table.row([
            short(row.doc),
            row.title.clone(),
            at.unwrap_or_default(),
            stage,
            row.due.map(|due| due.to_string()).unwrap_or_default(),
            row.assignee.as_ref().map(|id| directory.person_name(id).to_owned()).unwrap_or_default(),
            minute(row.updated.wall()),
        ]);
    }
    table
}

#[derive(Debug, Args)]
pub(super) struct Show {
    /// 编号或其开头；last 为最近动过的 · The id or its beginning; last: what was last touched.
    #[arg(value_name = "ID")]
    id: String,
    /// 连同全部经过 · With its whole history.
    #[arg(long)]
    all: bool,
}

pub(super) fn show(phone: &Phone, options: &Show) -> Result<(), Said> {
    let (id, kind) = phone.any(&options.id)?;
    match kind {
        DocKind::Case => {
            let whole = phone.device.whole_case(id).map_err(|error| fail::told(&error))?;
            let directory = phone.device.directory();
            if phone.json {
                json(&CaseRecord::new(&whole, &directory, phone.lang));
            } else {
                let depth = if options.all { Depth::Whole } else { Depth::Now };
                shown::print(&whole, &directory, phone.lang, depth);
            }
        }
        DocKind::Visit => visit(phone, id)?,
        DocKind::Household => super::household::show(phone, id)?,
    }
    phone.touched(kind, id);
    Ok(())
}

#[derive(Serialize)]
struct VisitRecord {
    id: String,
    place: Option<PlaceRecord>,
    door: serde_json::Value,
    seen: String,
    asked: String,
    cases: Vec<String>,
    history: Vec<serde_json::Value>,
    digest: String,
}

/// Prints a visit.
pub(super) fn visit(phone: &Phone, id: DocId) -> Result<(), Said> {
    let view = phone.device.visit(id).map_err(|error| fail::told(&error))?;
    let directory = phone.device.directory();
    if phone.json {
        let line = |line: &doorstep_core::view::HistoryLine| {
            serde_json::json!({
                "event": line.stamp.to_string(), "at": rfc3339(line.at), "by": line.by.to_string(),
                "by_name": line.by_name, "kind": line.kind, "text": line.text,
            })
        };
        json(&VisitRecord {
            id: view.id.to_string(),
            place: view.place.as_ref().map(|at| PlaceRecord::new(at, &directory)),
            door: serde_json::to_value(view.door).unwrap_or_default(),
            seen: view.seen,
            asked: view.asked,
            cases: view.cases.iter().map(ToString::to_string).collect(),
            history: view.history.iter().map(line).collect(),
            digest: view.digest.to_string(),
        });
        return Ok(());
    }
    say!("{}", view.place.as_ref().map(|at| place::words(at, &directory)).unwrap_or_default());
    let door = view.door.map_or("—", |door| words::door(door, phone.lang));
    say!("  {}  {}  {door}", phone.pick("走访", "visit"), view.id);
    for (label, text) in [(phone.pick("所见：", "seen: "), &view.seen), (phone.pick("诉求：", "asked for: "), &view.asked)]
    {
        if !text.is_empty() {
            paragraph(&format!("  {label}"), text);
        }
    }
    for line in &view.history {
        paragraph(&format!("  {}  {}  ", minute(line.at), line.by_name), &line.text);
    }
    for case in &view.cases {
        say!("  {} {}", phone.pick("由此立案", "a case came of it:"), short(*case));
    }
    Ok(())
}

#[derive(Debug, Args)]
pub(super) struct DirectoryOptions {
    #[command(subcommand)]
    part: Option<Part>,
}

#[derive(Debug, Clone, Copy, Subcommand)]
enum Part {
    /// 单位 · Orgs: where a case can be raised or transferred to.
    Orgs,
    /// 网格与楼院 · Grids and buildings.
    Grids,
    /// 人员 · People and what they do.
    People,
    /// 类别、关爱标签、协议模板 · Categories, care tags, agreement templates.
    Words,
}

/// Prints the directory, or a part of it.
pub(super) fn directory(phone: &Phone, options: &DirectoryOptions) -> Result<(), Said> {
    let directory = phone.device.directory();
    if phone.json {
        json(&*directory);
        return Ok(());
    }
    let wanted = |part: Part| options.part.is_none_or(|only| std::mem::discriminant(&only) == std::mem::discriminant(&part));
    let lang = phone.lang;
    match lang {
        Lang::Zh => say!("{}（名录第 {} 版）", directory.name, directory.version),
        Lang::En => say!("{} (directory version {})", directory.name, directory.version),
    }
    if wanted(Part::Orgs) {
        let mut table = Table::new(&[lang.pick("单位", "org"), lang.pick("名称", "name"), lang.pick("类别", "kind")]);
        for org in &directory.orgs {
            table.row([org.id.to_string(), org.name.clone(), words::org_kind(org.kind, lang).to_owned()]);
        }
        say!("");
        table.print();
    }
    if wanted(Part::Grids) {
        let heads = [
            lang.pick("网格", "grid"),
            lang.pick("社区", "community"),
            lang.pick("名称", "name"),
            lang.pick("楼院", "buildings"),
        ];
        let mut table = Table::new(&heads);
        for grid in &directory.grids {
            let buildings: Vec<String> = grid.buildings.iter().map(|(id, name)| format!("{id} {name}")).collect();
            let community = directory.org_name(&grid.community).to_owned();
            table.row([grid.id.to_string(), community, grid.name.clone(), buildings.join(lang.pick("、", ", "))]);
        }
        say!("");
        table.print();
    }
    if wanted(Part::People) {
        let mut table = Table::new(&[lang.pick("人员", "person"), lang.pick("姓名", "name"), lang.pick("岗位", "posts")]);
        for person in &directory.people {
            let post = |post: &doorstep_core::people::Post| {
                format!("{} {}", directory.org_name(&post.org), words::role(post.role, lang))
            };
            let posts: Vec<String> = person.posts().map(post).collect();
            table.row([person.id.to_string(), person.name.clone(), posts.join(lang.pick("、", "; "))]);
        }
        say!("");
        table.print();
    }
    if wanted(Part::Words) {
        let line = |zh, en, all: Vec<&str>| {
            let first = format!("{}{}", lang.pick(zh, en), lang.pick("：", ": "));
            paragraph(&first, &all.join(lang.pick("、", ", ")));
        };
        say!("");
        line("类别", "categories", directory.policy.categories.iter().map(String::as_str).collect());
        line("关爱标签", "care tags", directory.policy.care_tags.iter().map(String::as_str).collect());
        line("协议模板", "agreement templates", directory.templates.iter().map(|one| one.title.as_str()).collect());
        line("自定台账", "ledgers of our own", directory.ledgers.iter().map(|one| one.id.as_str()).collect());
    }
    Ok(())
}
