//! `phone packets`: work that could not be done, to be read, written to a file and handed in; `phone check`: whether the phone's
//! database is sound.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use doorstep_core::device::{Packet, PacketForm, Rescued};
use doorstep_core::words;
use serde::Serialize;

use super::fail;
use super::phone::{self, Common, Phone};
use super::print::{Table, json, rfc3339};
use crate::words::{Lang, Said, say};

#[derive(Debug, Args)]
#[command(after_help = "示例 · Examples:
  doorstep phone packets                                  列出 · list them
  doorstep phone packets show c3f0q7x2k9d1                看一份的全部内容 · read one whole
  doorstep phone packets export c3f0q7x2k9d1 --out 未办成.txt      打印、上交 · print it, hand it in
  doorstep phone packets export c3f0q7x2k9d1 --out packet.json     给程序用 · for programs
  doorstep phone packets dismiss c3f0q7x2k9d1             已另行处理，不再保留 · dealt with, need not be kept

被搁置的和从损坏的数据库里救出的都在这里；自己不会消失 · What was set aside, and what was rescued from a damaged database; none of it goes by itself")]
pub(super) struct Options {
    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// 列出 · List them.
    List,
    /// 看一份的全部内容 · Read one whole.
    Show(Which),
    /// 写入文件 · Write one to a file: text, or JSON where the file's name ends so.
    Export(Export),
    /// 已处理，不再保留 · It was dealt with and need not be kept.
    Dismiss(Which),
}

#[derive(Debug, Args)]
struct Which {
    /// 编号，见列表 · Its name, as listed.
    name: String,
}

#[derive(Debug, Args)]
struct Export {
    /// 编号，见列表 · Its name, as listed.
    name: String,
    /// 写入文件；- 为标准输出 · Where to write it; - is standard output.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

pub(super) fn run(phone: &Phone, options: &Options) -> Result<(), Said> {
    let told = |error| fail::told(&error);
    match &options.action {
        None | Some(Action::List) => list(phone, &phone.device.packets().map_err(told)?),
        Some(Action::Show(which)) => {
            let packet = phone.device.packet(&which.name).map_err(told)?;
            say!("{}", if phone.json { packet.json() } else { packet.text() }.trim_end());
        }
        Some(Action::Export(export)) => {
            let is_json = export.out.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("json"));
            let form = if is_json || phone.json { PacketForm::Json } else { PacketForm::Text };
            let mut bytes = Vec::new();
            phone.device.export_packet(&export.name, form, &mut bytes).map_err(told)?;
            phone::write(&export.out, &bytes)?;
        }
        Some(Action::Dismiss(which)) => {
            if !phone.device.dismiss_packet(&which.name).map_err(told)? {
                return Err(Said::coded(
                    "not_yet",
                    "这份记录还在整理，请先同步。",
                    "its record is still being put in order: sync first.",
                ));
            }
            say!("{}", phone.pick("✓ 已移除。", "✓ gone."));
        }
    }
    Ok(())
}

#[derive(Serialize)]
struct Record<'a> {
    name: &'a str,
    doc: Option<String>,
    title: &'a str,
    command: &'a str,
    at: Option<String>,
    code: &'a str,
    wanted: String,
    why: String,
}

fn list(phone: &Phone, packets: &[Packet]) {
    let lang = phone.lang;
    if phone.json {
        let all: Vec<Record<'_>> = packets
            .iter()
            .map(|packet| Record {
                name: &packet.name,
                doc: packet.doc.map(|doc| doc.to_string()),
                title: &packet.title,
                command: &packet.command,
                at: packet.at.map(rfc3339),
                code: &packet.code,
                wanted: packet.wanted(lang),
                why: packet.why(lang),
            })
            .collect();
        json(&all);
        return;
    }
    if packets.is_empty() {
        say!("{}", phone.pick("没有未能办成的记录。", "nothing is left undone."));
        return;
    }
    let heads = [
        phone.pick("编号", "name"),
        phone.pick("标题", "title"),
        phone.pick("时间", "when"),
        phone.pick("要做的事", "wanted"),
        phone.pick("原因", "why"),
    ];
    let mut table = Table::new(&heads).whole();
    for packet in packets {
        let when = packet.at.map(rfc3339).unwrap_or_default();
        table.row([packet.name.clone(), packet.title.clone(), when, packet.wanted(lang), packet.why(lang)]);
    }
    table.print();
}

#[derive(Debug, Args)]
#[command(after_help = "示例 · Examples:
  doorstep phone check                数据库是否完好 · whether the database is sound
  doorstep phone check --rescue       不完好就换新：旧文件原样保留，未传的内容救出 · if not, begin a new one: the old file is kept, unsent work is rescued")]
pub(super) struct Check {
    /// 不完好就换新 · Begin a new one if it is not sound.
    #[arg(long)]
    rescue: bool,
}

/// Checks the phone in its folder, and rescues it if that is wanted and needed.
pub(super) fn check(common: &Common, options: &Check, lang: Lang) -> Result<(), Said> {
    let phone = Phone::open(common, lang)?;
    match phone.device.check() {
        Ok(()) => {
            say!("{}", lang.pick("✓ 数据库完好。", "✓ the database is sound."));
            Ok(())
        }
        Err(_) if options.rescue => phone.rescue(common, lang).map(drop),
        Err(error) => Err(fail::told(&error)
            .and("可用 doorstep phone check --rescue 换新。", "Begin a new one with: doorstep phone check --rescue")),
    }
}

/// Says what a rescue did, where people look.
pub(super) fn rescued(rescued: &Rescued, lang: Lang) {
    let (at, queued, pieces) = (rescued.damaged.display(), rescued.queued, rescued.pieces);
    let sentence = words::device_sentence("rescued", lang).unwrap_or_default();
    match lang {
        Lang::Zh => eprintln!("! {sentence}（{at}）救出待传 {queued} 条，需人工处理 {pieces} 份：doorstep phone packets"),
        Lang::En => eprintln!("! {sentence} ({at}) {queued} changes queued again, {pieces} packets: doorstep phone packets"),
    }
}
