//! `phone print`: a form of a case as PDF, made on this phone of what was recorded once.

use std::path::PathBuf;

use clap::Args;
use doorstep_core::print::{Copy, Form};

use super::phone::{Phone, write};
use super::print::json;
use super::{Which, agreement, choice, fail};
use crate::fonts;
use crate::words::{Lang, Said, say};

#[derive(Debug, Args)]
#[command(after_help = "示例 · Examples:
  doorstep phone print last --out 协议书.pdf                                签署的协议，当事人联 · the agreement, a party's copy
  doorstep phone print last --form draft --out 草稿.pdf                     打印后在纸面签名 · to be signed in ink
  doorstep phone print last --form dossier --copy committee --out 卷宗.pdf  全卷存档 · the whole dossier, for the archive
  doorstep verify 协议书.pdf                                                任何人都能核验 · anyone can check it")]
pub(super) struct Options {
    #[command(flatten)]
    which: Which,
    /// 哪种文书 · Which form.
    #[arg(long, value_parser = choice::paper(), default_value = "agreement")]
    form: Form,
    /// 谁的一联；当事人联不含附件清单和电话 · Whose copy; a party's names no attachments and no telephone numbers.
    #[arg(long, value_parser = choice::copy(), default_value = "party")]
    copy: Copy,
    /// 写入文件；- 为标准输出 · Where to write it; - is standard output.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

pub(super) fn run(phone: &Phone, options: &Options) -> Result<(), Said> {
    let id = phone.case(&options.which.id)?;
    let view = phone.device.case(id).map_err(|error| fail::told(&error))?;
    if let Some(digest) = view.agreement.and_then(|agreement| agreement.bundle)
        && matches!(options.form, Form::Agreement | Form::Dossier)
    {
        // One that another phone sealed is fetched first, and kept.
        agreement::bundle(phone, &digest)?;
    }
    let fonts = fonts::fonts().map_err(|error| Said::coded(error.code(), error.zh(), error.en()))?;
    let pdf = phone.device.print(id, options.form, options.copy, fonts).map_err(|error| fail::told(&error))?;
    write(&options.out, &pdf)?;
    phone.touched(doorstep_core::id::DocKind::Case, id);
    let out = options.out.display().to_string();
    if out == "-" {
    } else if phone.json {
        let (form, copy) = (options.form.name(), options.copy.name());
        json(&serde_json::json!({ "file": out, "form": form, "copy": copy, "bytes": pdf.len() }));
    } else {
        let kib = pdf.len().div_ceil(1_024);
        match phone.lang {
            Lang::Zh => say!("✓ {}已写入 {out}（{kib} KiB）", options.form.title()),
            Lang::En => say!("✓ {} written to {out} ({kib} KiB)", options.form.name()),
        }
    }
    Ok(())
}
