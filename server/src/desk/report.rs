//! `phone report`, `phone visit`: how a concern comes in, and one door.

use std::path::PathBuf;

use clap::Args;
use doorstep_core::case::{Channel, Reported, Reporter};
use doorstep_core::id::DocKind;
use doorstep_core::visit::{Door, Visited};
use serde::Serialize;

use super::phone::{Phone, record, short};
use super::print::json;
use super::shown::CaseRecord;
use super::{case_record, choice, done, fail, look, place, search};
use crate::words::{Lang, Said, say};

#[derive(Debug, Args)]
#[command(after_help = "示例 · Examples:
  doorstep phone report --title 私装阀门致邻居停水 --category 邻里纠纷 --reporter 李秀英 --phone 13800000000 \\
      --building ncg-1-a --at 2单元 --account 住户自行加装阀门，楼上住户断水。
  doorstep phone report --from report.json            从文件或标准输入（-） · from a file, or standard input (-)

文件的字段 · Fields of the file:
  {\"channel\":\"in_person\",\"title\":\"…\",\"category\":\"…\",\"account\":\"…\",\"reporter\":{\"name\":\"…\",\"phone\":\"…\"},
   \"place\":{\"community\":\"…\",\"grid\":\"…\",\"building\":\"…\",\"detail\":\"…\"}}")]
pub(super) struct Report {
    /// 标题，一句话 · One line.
    #[arg(long, required_unless_present = "from")]
    title: Option<String>,
    /// 类别，见 phone directory words · What it is filed under; see phone directory words.
    #[arg(long, required_unless_present = "from")]
    category: Option<String>,
    /// 情况 · What was said, in full.
    #[arg(long, default_value = "", hide_default_value = true)]
    account: String,
    /// 来源 · How it came in.
    #[arg(long, value_parser = choice::channel(), default_value = "in_person")]
    channel: Channel,
    /// 反映人 · Who brought it.
    #[arg(long, value_name = "NAME")]
    reporter: Option<String>,
    /// 反映人电话 · Where to reach them.
    #[arg(long, value_name = "NUMBER", requires = "reporter", default_value = "", hide_default_value = true)]
    phone: String,
    #[command(flatten)]
    place: place::Typed,
    /// 由这次走访发现 · The visit that found it.
    #[arg(long, value_name = "ID")]
    visit: Option<String>,
    /// 从文件读取（TOML 或 JSON），- 为标准输入 · Read all of it from a file, TOML or JSON; - is standard input.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["title", "category", "account", "reporter", "at", "grid", "building"])]
    from: Option<PathBuf>,
}

pub(super) fn report(phone: &Phone, options: &Report) -> Result<(), Said> {
    let reported = match &options.from {
        Some(path) => record::<Reported>(path)?,
        None => Reported {
            channel: if options.visit.is_some() { Channel::Visit } else { options.channel },
            reporter: options.reporter.as_ref().map(|name| Reporter { name: name.clone(), phone: options.phone.clone() }),
            title: options.title.clone().unwrap_or_default(),
            place: options.place.of(phone)?,
            category: options.category.clone().unwrap_or_default(),
            account: options.account.clone(),
            visit: None,
        },
    };
    known_category(phone, &reported.category)?;
    let alike = phone.device.likely_duplicates(&reported).map_err(|error| fail::told(&error))?;
    let visit = options.visit.as_ref().map(|typed| phone.of_kind(typed, DocKind::Visit)).transpose()?;
    let view = match visit {
        Some(visit) => phone.device.report_from_visit(visit, reported),
        None => phone.device.report(reported),
    };
    let view = view.map_err(|error| fail::told(&error))?;
    phone.touched(DocKind::Case, view.id);
    if phone.json {
        let alike = alike.iter().map(search::AlikeRecord::new).collect();
        json(&Record { case: case_record(phone, &view)?, alike });
        return Ok(());
    }
    done(phone, &view)?;
    search::alike(phone, &alike);
    Ok(())
}

/// A report for programs: the case, and what it may be another one of.
#[derive(Serialize)]
struct Record {
    #[serde(flatten)]
    case: CaseRecord,
    alike: Vec<search::AlikeRecord>,
}

/// A category with a slip of the pen would be missing in every ledger.
fn known_category(phone: &Phone, category: &str) -> Result<(), Said> {
    let directory = phone.device.directory();
    let known = &directory.policy.categories;
    if known.is_empty() || known.iter().any(|one| one == category) {
        return Ok(());
    }
    Err(Said::usage(
        "unknown_category",
        format!("没有“{category}”这个类别。可以是：{}。", known.join("、")),
        format!("there is no category {category}. It can be: {}.", known.join(", ")),
    ))
}

#[derive(Debug, Args)]
#[command(after_help = "示例 · Examples:
  doorstep phone visit --building ncg-1-a --at 2单元401 --door met --asked 暖气不热
  doorstep phone visit --household h3x --door nobody_home       按户档 · by the household's record
  doorstep phone report --visit last --title … --category …     由此立案 · a case comes of it")]
pub(super) struct Visit {
    /// 门口的情况 · What happened at the door.
    #[arg(long, value_parser = choice::door())]
    door: Door,
    #[command(flatten)]
    place: place::Typed,
    /// 所见 · What was seen.
    #[arg(long, default_value = "", hide_default_value = true)]
    seen: String,
    /// 诉求 · What was asked for.
    #[arg(long, default_value = "", hide_default_value = true)]
    asked: String,
    /// 哪一户（户档编号），代替地址 · Which household, instead of an address.
    #[arg(long, value_name = "ID")]
    household: Option<String>,
    /// 在当天路线里 · The day's route had it.
    #[arg(long)]
    planned: bool,
}

pub(super) fn visit(phone: &Phone, options: &Visit) -> Result<(), Said> {
    let household = options.household.as_ref().map(|typed| phone.of_kind(typed, DocKind::Household)).transpose()?;
    let at = match household {
        Some(id) if options.place.is_empty() => {
            let row = phone.device.row(id).map_err(|error| fail::told(&error))?;
            row.and_then(|row| row.place).map_or_else(|| options.place.of(phone), Ok)?
        }
        _ => options.place.of(phone)?,
    };
    let visited = Visited {
        place: at,
        door: options.door,
        planned: options.planned,
        seen: options.seen.clone(),
        asked: options.asked.clone(),
        household,
    };
    let view = phone.device.record_visit(visited).map_err(|error| fail::told(&error))?;
    phone.touched(DocKind::Visit, view.id);
    if phone.json {
        return look::visit(phone, view.id);
    }
    let line = view.history.last().map(|line| line.text.clone()).unwrap_or_default();
    match phone.lang {
        Lang::Zh => say!("✓ 走访已记录：{line}（{}）", short(view.id)),
        Lang::En => say!("✓ visit recorded: {line} ({})", short(view.id)),
    }
    Ok(())
}
