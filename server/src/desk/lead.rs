//! What is done beside the way of a case: assigning, notes, texts, withdrawals, duplicates, contests.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use doorstep_core::case::{Command, TextName};
use doorstep_core::id::DocKind;
use doorstep_core::time::Stamp;
use doorstep_core::visit;

use super::history::{Counts, Line, lines};
use super::phone::{Phone, read};
use super::print::{json, minute, paragraph};
use super::{Which, choice, done, fail, handover, look, place};
use crate::words::{Said, say};

#[derive(Debug, Args)]
pub(super) struct Assign {
    #[command(flatten)]
    which: Which,
    /// 交给谁（编号或姓名） · To whom, by id or name.
    #[arg(long, value_name = "PERSON")]
    to: String,
}

pub(super) fn assign(phone: &Phone, options: &Assign) -> Result<(), Said> {
    let id = phone.case(&options.which.id)?;
    let to = place::person(&phone.device.directory(), &options.to)?;
    done(phone, &phone.run(id, &Command::Assign { to })?)
}

pub(super) fn withdraw(phone: &Phone, options: &handover::Why) -> Result<(), Said> {
    let id = phone.case(&options.which.id)?;
    done(phone, &phone.run(id, &Command::Withdraw { why: options.why.clone() })?)
}

pub(super) fn stamp(phone: &Phone, which: &Which) -> Result<(), Said> {
    let id = phone.case(&which.id)?;
    done(phone, &phone.run(id, &Command::StampAgreement)?)
}

#[derive(Debug, Args)]
pub(super) struct Confirm {
    #[command(flatten)]
    which: Which,
    /// 法院 · The court.
    #[arg(long, value_name = "NAME")]
    court: String,
    /// 裁定书文号 · The number of the ruling.
    #[arg(long, value_name = "NUMBER")]
    number: String,
    /// 裁定日期，如 2026-05-08 · The day of the ruling, such as 2026-05-08.
    #[arg(long, value_name = "DAY")]
    on: doorstep_core::time::Date,
}

pub(super) fn confirm(phone: &Phone, options: &Confirm) -> Result<(), Said> {
    let id = phone.case(&options.which.id)?;
    let (court, number) = (options.court.clone(), options.number.clone());
    done(phone, &phone.run(id, &Command::ConfirmAgreement { court, number, on: options.on })?)
}

#[derive(Debug, Args)]
pub(super) struct Duplicate {
    #[command(flatten)]
    which: Which,
    /// 并入哪一件 · The case that goes on.
    #[arg(long, value_name = "ID")]
    of: String,
}

pub(super) fn duplicate(phone: &Phone, options: &Duplicate) -> Result<(), Said> {
    let id = phone.case(&options.which.id)?;
    let of = phone.case(&options.of)?;
    done(phone, &phone.run(id, &Command::MarkDuplicate { of })?)
}

#[derive(Debug, Args)]
#[command(
    after_help = "示例 · Example:\n  doorstep phone note last 反映人来电，说水压又小了    事项、走访、户档都可以 · cases, visits and households alike"
)]
pub(super) struct Note {
    #[command(flatten)]
    which: Which,
    /// 内容 · The note.
    text: String,
}

pub(super) fn note(phone: &Phone, options: &Note) -> Result<(), Said> {
    let (id, kind) = phone.any(&options.which.id)?;
    match kind {
        DocKind::Case => done(phone, &phone.run(id, &Command::Note { text: options.text.clone() })?),
        DocKind::Visit => {
            let command = visit::Command::AddLine { text: options.text.clone() };
            phone.device.run_visit(id, &command).map_err(|error| fail::told(&error))?;
            phone.touched(kind, id);
            look::visit(phone, id)
        }
        DocKind::Household => super::household::note(phone, id, &options.text),
    }
}

#[derive(Debug, Args)]
#[command(after_help = "示例 · Examples:
  doorstep phone text last account                        显示 · show it
  doorstep phone text last minutes --from minutes.txt     换成文件里的内容，只记录改动 · replace it; only the difference is recorded
  doorstep phone text last minutes --append 双方同意周五再看   接在后面 · add a line at its end")]
pub(super) struct Text {
    #[command(flatten)]
    which: Which,
    /// 哪段文字 · Which text.
    #[arg(value_parser = choice::text(), value_name = "account|minutes|draft", hide_possible_values = true)]
    name: TextName,
    /// 换成文件里的内容，- 为标准输入 · Replace it by a file's content; - is standard input.
    #[arg(long, value_name = "FILE", conflicts_with = "append")]
    from: Option<PathBuf>,
    /// 在末尾加一行 · Add a line at its end.
    #[arg(long, value_name = "TEXT")]
    append: Option<String>,
}

pub(super) fn text(phone: &Phone, options: &Text) -> Result<(), Said> {
    let id = phone.case(&options.which.id)?;
    let is = phone.device.text(id, options.name).map_err(|error| fail::told(&error))?;
    let now = match (&options.from, &options.append) {
        (Some(path), _) => read(path)?.trim_end().to_owned(),
        (None, Some(line)) if is.is_empty() => line.clone(),
        (None, Some(line)) => format!("{}\n{line}", is.trim_end()),
        (None, None) => {
            if phone.json {
                json(
                    &serde_json::json!({ "id": id.to_string(), "text": choice::name(choice::TEXTS, &options.name), "now": is }),
                );
            } else {
                say!("{is}");
            }
            return Ok(());
        }
    };
    let view = phone.run(id, &Command::EditText { text: options.name, now })?;
    if phone.json {
        return done(phone, &view);
    }
    let what = choice::text_words(options.name, phone.lang);
    say!("✓ {}{what}", phone.pick("已更新：", "updated: "));
    Ok(())
}

#[derive(Debug, Subcommand)]
pub(super) enum Contest {
    /// 列出互相矛盾的记录 · List the records that exclude each other.
    Show(Which),
    /// 认定哪一条有效 · Say which one holds.
    #[command(after_help = "示例 · Examples:
  doorstep phone contest show last
  doorstep phone contest settle last --holds 7 --why 以双方当场签署的为准

行号即 case show 里的行号；同步后可能变化，也可写记录的编号 · Numbers are those of case show; a sync may move them, so an event's id is taken too.")]
    Settle(SettleContest),
}

#[derive(Debug, Args)]
pub(super) struct SettleContest {
    #[command(flatten)]
    which: Which,
    /// 有效的那一行 · The line that holds.
    #[arg(long, value_name = "LINE")]
    holds: String,
    /// 不再有效的行，可重复；缺省为与其矛盾的全部 · A line that no longer holds, repeat for each; all that it is in contest with if not given.
    #[arg(long, value_name = "LINE")]
    over: Vec<String>,
    /// 理由 · Why.
    #[arg(long)]
    why: String,
}

pub(super) fn contest(phone: &Phone, action: &Contest) -> Result<(), Said> {
    let which = match action {
        Contest::Show(which) => which,
        Contest::Settle(settle) => &settle.which,
    };
    let id = phone.case(&which.id)?;
    let whole = phone.device.whole_case(id).map_err(|error| fail::told(&error))?;
    let lines = lines(&whole, &phone.device.directory(), phone.lang);
    match action {
        Contest::Show(_) => {
            show(phone, &lines);
            Ok(())
        }
        Contest::Settle(settle) => {
            let holds = line(&lines, &settle.holds)?;
            let over = match settle.over.as_slice() {
                [] => contested_with(&lines, holds),
                some => some.iter().map(|typed| line(&lines, typed)).collect::<Result<_, _>>()?,
            };
            let command = Command::SettleContest { holds, over, why: settle.why.clone() };
            done(phone, &phone.run(id, &command)?)
        }
    }
}

fn show(phone: &Phone, lines: &[Line]) {
    let contested: Vec<&Line> = lines.iter().filter(|line| matches!(line.standing, Counts::Contested { .. })).collect();
    if phone.json {
        let record = |line: &&Line| {
            let with = if let Counts::Contested { with } = &line.standing { with.clone() } else { Vec::new() };
            serde_json::json!({ "n": line.n, "event": line.event.to_string(), "text": line.text, "contested_with": with })
        };
        json(&contested.iter().map(record).collect::<Vec<_>>());
    } else if contested.is_empty() {
        say!("{}", phone.pick("没有互相矛盾的记录。", "no records exclude each other."));
    }
    if phone.json {
        return;
    }
    for line in contested {
        let first = format!("!{:>3}  {}  {}  ", line.n, minute(line.at), line.by_name);
        paragraph(&first, &line.text);
        say!("        → {}  [{}]", line.standing.words(phone.lang).unwrap_or_default(), line.event);
    }
}

/// An event by its line's number or its own id.
fn line(lines: &[Line], typed: &str) -> Result<Stamp, Said> {
    let number = typed.parse::<u32>().ok();
    let found = lines.iter().find(|line| number == Some(line.n) || line.event.to_string() == typed);
    found
        .map(|line| line.event)
        .ok_or_else(|| Said::usage("no_line", format!("没有第 {typed} 行。"), format!("there is no line {typed}.")))
}

fn contested_with(lines: &[Line], holds: Stamp) -> Vec<Stamp> {
    let Some(Counts::Contested { with }) = lines.iter().find(|line| line.event == holds).map(|line| &line.standing) else {
        return Vec::new();
    };
    lines.iter().filter(|line| with.contains(&line.n)).map(|line| line.event).collect()
}
