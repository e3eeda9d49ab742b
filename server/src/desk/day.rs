//! `phone day`: what is on this person's desk today. Their own work only; there is no asking for somebody else's.

use clap::Args;
use doorstep_core::day::{Item, Section};
use doorstep_core::id::DocKind;
use doorstep_core::words;
use serde::Serialize;

use super::phone::{Phone, short};
use super::print::{Table, json, rfc3339};
use super::shown::PlaceRecord;
use super::{choice, fail};
use crate::words::{Lang, Said, say};

#[derive(Debug, Args)]
pub(super) struct Options {
    /// 每一类最多几行 · Lines of each part at most.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..=500))]
    limit: u16,
    /// 空的也列出 · Parts with nothing in them, too.
    #[arg(long)]
    all: bool,
}

#[derive(Serialize)]
struct ItemRecord {
    id: String,
    kind: &'static str,
    title: String,
    place: Option<PlaceRecord>,
    wait: Option<&'static str>,
    due: Option<String>,
    /// Working days left; negative: over.
    days: Option<i32>,
}

#[derive(Serialize)]
struct SectionRecord {
    section: &'static str,
    count: u64,
    items: Vec<ItemRecord>,
}

#[derive(Serialize)]
struct Record {
    on: String,
    next_change: String,
    calendar_known: bool,
    sections: Vec<SectionRecord>,
}

pub(super) fn run(phone: &Phone, options: &Options) -> Result<(), Said> {
    let day = phone.device.day(usize::from(options.limit)).map_err(|error| fail::told(&error))?;
    let directory = phone.device.directory();
    if phone.json {
        let item = |item: &Item| ItemRecord {
            id: item.doc.to_string(),
            kind: item.kind.name(),
            title: item.title.clone(),
            place: item.place.as_ref().map(|at| PlaceRecord::new(at, &directory)),
            wait: item.wait.as_ref().map(|wait| wait.kind.name()),
            due: item.due.map(|due| due.to_string()),
            days: item.days,
        };
        let section = |section: &Section| SectionRecord {
            section: section.kind.name(),
            count: section.count,
            items: section.items.iter().map(item).collect(),
        };
        json(&Record {
            on: day.on.to_string(),
            next_change: rfc3339(day.next_change),
            calendar_known: day.calendar_known,
            sections: day.sections.iter().map(section).collect(),
        });
        return Ok(());
    }
    let weekdays = match phone.lang {
        Lang::Zh => ["星期一", "星期二", "星期三", "星期四", "星期五", "星期六", "星期日"],
        Lang::En => ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
    };
    let weekday = usize::try_from(day.on.weekday()).ok().and_then(|at| weekdays.get(at)).copied().unwrap_or_default();
    say!("{} {weekday}", words::date(day.on, phone.lang));
    if day.sections.iter().all(|section| section.count == 0) && !options.all {
        say!("{}", phone.pick("今天没有要办的。", "nothing is on your desk today."));
    }
    for section in day.sections.iter().filter(|section| section.count > 0 || options.all) {
        print(phone, section);
    }
    if !day.calendar_known {
        say!("\n{}", words::calendar_note(&day.years_unknown, phone.lang));
    }
    Ok(())
}

fn print(phone: &Phone, section: &Section) {
    let lang = phone.lang;
    let name = section.kind.name();
    let heading = words::section(name, lang).unwrap_or(name);
    if section.count == 0 {
        say!("\n{}", words::section_empty(name, lang).unwrap_or(heading));
        return;
    }
    match lang {
        Lang::Zh => say!("\n{heading}（{}）", section.count),
        Lang::En => say!("\n{heading} ({})", section.count),
    }
    let directory = phone.device.directory();
    let mut table = Table::new(&[""; 5]);
    for item in &section.items {
        let what = item.wait.as_ref().map(|wait| {
            let org = wait.org.as_ref().map(|org| format!(" {}", directory.org_name(org))).unwrap_or_default();
            format!("{}{org}", words::wait(wait.kind, lang))
        });
        let kind = if item.kind == DocKind::Case { String::new() } else { choice::kind_words(item.kind, lang).to_owned() };
        table.row([
            format!("{}{}", short(item.doc), if kind.is_empty() { kind } else { format!(" {kind}") }),
            item.title.clone(),
            what.unwrap_or_default(),
            item.due.map(|due| due.to_string()).unwrap_or_default(),
            item.days.map(|days| words::days_left(days, lang)).unwrap_or_default(),
        ]);
    }
    table.lines().iter().skip(1).for_each(|line| say!("  {line}"));
    let more = section.count.saturating_sub(section.items.len() as u64);
    if more > 0 {
        match lang {
            Lang::Zh => say!("  还有 {more} 条（--limit）"),
            Lang::En => say!("  and {more} more (--limit)"),
        }
    }
}
