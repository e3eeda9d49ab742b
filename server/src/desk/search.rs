//! `phone search`, and what a new report may be another one of.

use std::io::IsTerminal as _;

use clap::Args;
use doorstep_core::case::Alike;
use doorstep_core::words;
use serde::Serialize;

use super::look::RowRecord;
use super::phone::{Phone, short};
use super::print::json;
use super::{choice, fail, sync};
use crate::words::{Said, say};

#[derive(Debug, Args)]
#[command(after_help = "示例 · Examples:
  doorstep phone search 漏水                       一两个字也行 · one or two characters will do
  doorstep phone search 13800 3号楼                电话片段、地址，都要有 · part of a number, an address; all must fit
  doorstep phone search lxy                        姓名的拼音首字母 · pinyin initials of a name")]
pub(super) struct Options {
    /// 要找的字、姓名、地址、电话片段、拼音首字母 · Words, names, addresses, parts of numbers, pinyin initials.
    #[arg(required = true, value_name = "TEXT")]
    text: Vec<String>,
    /// 最多几条 · Hits at most.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..=500))]
    limit: u16,
}

/// A piece of a text for programs: whether it is what was looked for.
type SpanRecord = doorstep_core::search::Span;

#[derive(Serialize)]
struct HitRecord {
    row: RowRecord,
    title: Vec<SpanRecord>,
    snippet: Vec<SpanRecord>,
    field: &'static str,
}

#[derive(Serialize)]
struct Record {
    hits: Vec<HitRecord>,
    /// Nothing has all of it; these come nearest.
    nearest: bool,
    took_all: bool,
}

pub(super) fn run(phone: &Phone, options: &Options) -> Result<(), Said> {
    let text = options.text.join(" ");
    let found = phone.device.search(&text, usize::from(options.limit)).map_err(|error| fail::told(&error))?;
    if phone.json {
        let hit = |hit: &doorstep_core::search::Hit| HitRecord {
            row: RowRecord::new(&hit.row, phone),
            title: hit.title.clone(),
            snippet: hit.snippet.clone(),
            field: hit.field,
        };
        let hits = found.hits.iter().map(hit).collect();
        json(&Record { hits, nearest: found.nearest, took_all: found.took_all });
        return Ok(());
    }
    if let Some(sentence) = words::found_sentence(&found, phone.lang) {
        say!("{sentence}");
    }
    for hit in &found.hits {
        let (kind, row) = (choice::kind_words(hit.row.kind, phone.lang), &hit.row);
        let stage = sync::row_stage(row.kind, &row.stage, phone.lang);
        say!("{}  {kind} {}  {stage}", short(row.doc), marked(&hit.title));
        if !hit.snippet.is_empty() {
            say!("        {}", marked(&hit.snippet));
        }
    }
    Ok(())
}

/// A text with what was looked for in bold on a terminal, in brackets elsewhere.
fn marked(spans: &[SpanRecord]) -> String {
    let (before, after) = if std::io::stdout().is_terminal() { ("\u{1b}[1m", "\u{1b}[0m") } else { ("【", "】") };
    spans.iter().map(|span| if span.hit { format!("{before}{}{after}", span.text) } else { span.text.clone() }).collect()
}

/// Likely duplicates of a report for programs.
#[derive(Serialize)]
pub(super) struct AlikeRecord {
    id: String,
    title: String,
    stage: String,
    why: Vec<&'static str>,
}

impl AlikeRecord {
    pub(super) fn new(alike: &Alike) -> Self {
        Self {
            id: alike.row.doc.to_string(),
            title: alike.row.title.clone(),
            stage: alike.row.stage.clone(),
            why: alike.why.iter().map(|why| why.name()).collect(),
        }
    }
}

/// Shows what a report may be another one of, each with why. Nothing is merged: a person looks.
pub(super) fn alike(phone: &Phone, all: &[Alike]) {
    if all.is_empty() {
        return;
    }
    say!(
        "{}",
        phone.pick(
            "可能是同一件事（请核对，确是重复的用 phone duplicate）：",
            "may be the same concern (look; if so: phone duplicate):"
        )
    );
    for one in all {
        let why: Vec<&str> = one.why.iter().map(|why| words::alike_reason(*why, phone.lang)).collect();
        let stage = sync::row_stage(one.row.kind, &one.row.stage, phone.lang);
        say!("  {}  {}  {stage}  {}", short(one.row.doc), one.row.title, why.join(phone.pick("、", ", ")));
    }
}
