//! `phone export`: what was entered once, in the ledger that somebody asks for.

use std::path::PathBuf;

use clap::Args;
use doorstep_core::device::Exported;
use doorstep_core::ledger::Format;

use super::phone::Phone;
use super::print::{Table, json};
use super::{choice, fail, sync, when};
use crate::words::{Lang, Said, say};

#[derive(Debug, Args)]
#[command(after_help = "示例 · Examples:
  doorstep phone export                                         有哪些台账 · which ledgers there are
  doorstep phone export cases --out 事项台账.xlsx               格式由文件名结尾决定 · the file's ending says the format
  doorstep phone export follow-ups --format csv --from 2026-05-01 --to 2026-05-31 --out 回访.csv
  doorstep phone export cases --format json --out - | jq .

栏目由办公室在名录里定（ledgers） · An office sets the columns, as ledgers of its directory.")]
pub(super) struct Options {
    /// 哪种台账；不写则列出全部 · Which ledger; without, all are listed.
    #[arg(value_name = "LEDGER", requires = "out")]
    ledger: Option<String>,
    /// 格式；缺省看文件名结尾 · The format; the file's ending says it, if not given.
    #[arg(long, value_parser = choice::format())]
    format: Option<Format>,
    /// 从哪天起 · Since this day.
    #[arg(long, value_name = "DAY", value_parser = when::day)]
    from: Option<when::Day>,
    /// 到哪天止（含） · Until this day, included.
    #[arg(long, value_name = "DAY", value_parser = when::day)]
    to: Option<when::Day>,
    /// 写入文件，已有的会换掉；- 为标准输出 · Where to write it, over what is there; - is standard output.
    #[arg(long, value_name = "FILE", requires = "ledger")]
    out: Option<PathBuf>,
}

pub(super) fn run(phone: &Phone, options: &Options) -> Result<(), Said> {
    let (Some(ledger), Some(out)) = (&options.ledger, &options.out) else { return list(phone) };
    let ending = out.extension().and_then(|ending| ending.to_str()).map(str::to_ascii_lowercase);
    let format = options.format.or_else(|| Format::from_name(&ending?)).ok_or_else(|| {
        Said::usage(
            "format_missing",
            "看不出要哪种格式，请用 --format xlsx、csv 或 json。",
            "there is no telling which format: give --format xlsx, csv or json.",
        )
    })?;
    let range = match (options.from, options.to) {
        (None, None) => None,
        (from, to) => {
            let today = phone.today();
            let from = from.map_or(doorstep_core::time::Date::from_days(0), |day| day.of(today));
            Some((from, to.map_or(today, |day| day.of(today))))
        }
    };
    if range.is_some_and(|(from, to)| to < from) {
        return Err(Said::usage("wrong_range", "起止日期颠倒了。", "the range ends before it begins."));
    }
    let bar = sync::bar(phone);
    bar.set_message(phone.pick("正在导出……", "exporting …"));
    let exported = if out.as_os_str() == "-" {
        phone.device.export(ledger, format, range, &mut std::io::stdout().lock())
    } else {
        phone.device.export_to_file(ledger, format, range, out)
    };
    bar.finish_and_clear();
    let Exported { lines, unreadable } = exported.map_err(|error| fail::told(&error))?;
    let file = out.display().to_string();
    if file == "-" {
        return Ok(());
    }
    if phone.json {
        json(&serde_json::json!({
            "ledger": ledger, "format": format.name(), "file": file, "lines": lines, "unreadable": unreadable,
        }));
        return Ok(());
    }
    match phone.lang {
        Lang::Zh => say!("✓ {lines} 行，已写入 {file}"),
        Lang::En => say!("✓ {lines} lines, written to {file}"),
    }
    if unreadable > 0 {
        match phone.lang {
            Lang::Zh => say!("  {unreadable} 份记录无法完整读取，台账里已注明。"),
            Lang::En => say!("  {unreadable} records could not be read whole; the ledger says which."),
        }
    }
    Ok(())
}

fn list(phone: &Phone) -> Result<(), Said> {
    let ledgers = phone.device.ledgers();
    if phone.json {
        json(&ledgers);
        return Ok(());
    }
    let heads = [phone.pick("台账", "ledger"), phone.pick("名称", "title"), phone.pick("栏目", "columns")];
    let mut table = Table::new(&heads);
    for ledger in &ledgers {
        let columns: Vec<&str> = ledger.columns.iter().map(|column| column.title.as_str()).collect();
        table.row([ledger.id.clone(), ledger.title.clone(), columns.join(phone.pick("、", ", "))]);
    }
    table.print();
    Ok(())
}
