//! `phone attach`, `phone attachments`, `phone fetch`: photos, recordings, scans and stroke files of a case.

use std::path::PathBuf;

use clap::Args;
use doorstep_core::device::{Attaching, AttachmentView, Link, SyncOutcome, Upload};
use doorstep_core::environment::Transport;
use doorstep_core::id::{Digest, DocId};
use doorstep_core::words;
use serde::Serialize;

use super::phone::{Phone, write};
use super::print::{Table, json, minute};
use super::{Which, done, fail};
use crate::words::{Lang, Said, say};

/// Bytes of a preview's file that are read: more is refused by the core with its own words.
const PREVIEW_READ_MAX: u64 = 1 << 20;
/// Digits of a digest that are shown: enough to tell a phone's attachments apart, and to type.
const SHORT: usize = 12;

#[derive(Debug, Args)]
#[command(after_help = "示例 · Examples:
  doorstep phone attach last 井盖.jpg --caption 破损的井盖        离线也可以，联网后随 sync 上传 · offline too; it goes up with a later sync
  doorstep phone attach last 现场.jpg --keep-metadata            保留拍摄位置等信息 · with where and when it was taken
  doorstep phone attach last 井盖.jpg --preview 小图.jpg          附一张小图，先下载它 · with a small picture, fetched first

类型由内容判断，与文件名无关；接受哪些、多大由街道政策规定。
What it is, its bytes tell, not its name; what is accepted and how large is the sub-district's policy.")]
pub(super) struct Attach {
    #[command(flatten)]
    which: Which,
    /// 文件：照片、录音、扫描件、笔迹 · The file: a photo, a recording, a scan, strokes.
    file: PathBuf,
    /// 说明 · What it shows.
    #[arg(long, default_value = "")]
    caption: String,
    /// 保留图片里的位置、时间、设备等信息；不写则清除 · Keep where, when and with what a picture was taken; without it, that is
    /// taken out.
    #[arg(long)]
    keep_metadata: bool,
    /// 小图（JPEG，不超过 128 KB） · A small picture of it, JPEG, 128 KB at most.
    #[arg(long, value_name = "FILE")]
    preview: Option<PathBuf>,
}

pub(super) fn attach(phone: &Phone, options: &Attach) -> Result<(), Said> {
    let id = phone.case(&options.which.id)?;
    let mut file = std::fs::File::open(&options.file).map_err(|cause| fail::file(&options.file, &cause))?;
    let preview = options.preview.as_ref().map(|path| {
        let mut bytes = Vec::new();
        let read = std::fs::File::open(path)
            .and_then(|file| std::io::Read::read_to_end(&mut std::io::Read::take(file, PREVIEW_READ_MAX), &mut bytes));
        read.map(|_| bytes).map_err(|cause| fail::file(path, &cause))
    });
    let preview = preview.transpose()?;
    let attaching = Attaching { caption: &options.caption, keep_metadata: options.keep_metadata, preview: preview.as_deref() };
    let view = phone.device.attach(id, &mut file, &attaching).map_err(|error| fail::told(&error))?;
    phone.touched(doorstep_core::id::DocKind::Case, id);
    done(phone, &view)
}

/// Attaches a file as it is and gives the digest under which the case has it.
pub(super) fn attach_file(phone: &Phone, case: DocId, path: &PathBuf, caption: &str) -> Result<Digest, Said> {
    let mut file = std::fs::File::open(path).map_err(|cause| fail::file(path, &cause))?;
    let attaching = Attaching { caption, keep_metadata: false, preview: None };
    phone.device.attach(case, &mut file, &attaching).map_err(|error| fail::told(&error))?;
    phone.touched(doorstep_core::id::DocKind::Case, case);
    let attached = phone.device.attachments(case).map_err(|error| fail::told(&error))?;
    // What was attached last is this: its stamp is later than everything that this phone has seen.
    let last = attached.last().map(|attached| attached.digest);
    last.ok_or_else(|| fail::told(&doorstep_core::device::DeviceError::NotFound))
}

#[derive(Debug, Args)]
pub(super) struct List {
    /// 哪件事项；不写则列出还没上传的 · Which case; without one, what has not been sent from this phone.
    #[arg(value_name = "ID")]
    id: Option<String>,
    /// 把被退回的再试一次 · Try the refused ones once more.
    #[arg(long, conflicts_with = "id")]
    retry: bool,
}

#[derive(Serialize)]
struct Record {
    digest: String,
    media: String,
    length: u64,
    caption: Option<String>,
    preview: Option<String>,
    here: bool,
    state: &'static str,
    sent: Option<u64>,
    code: Option<String>,
    words: Option<String>,
}

/// Where an upload stands: a permanent name, how far, and a code.
fn stands(upload: &Upload) -> (&'static str, Option<u64>, Option<String>) {
    match upload {
        Upload::None => ("received", None, None),
        Upload::Waiting { sent, code } => ("waiting", Some(*sent), code.clone()),
        Upload::Stored => ("stored", None, None),
        Upload::Refused { code } => ("refused", None, Some(code.clone())),
    }
}

fn said(upload: &Upload, here: bool, lang: Lang) -> String {
    let (_, sent, code) = stands(upload);
    let why = code.map(|code| words::device_sentence(&code, lang).map_or(code, str::to_owned)).unwrap_or_default();
    let state = match upload {
        Upload::Waiting { .. } if sent > Some(0) => lang.pick("上传了一部分", "partly sent"),
        Upload::Waiting { .. } => lang.pick("待上传", "waits to be sent"),
        Upload::Refused { .. } => lang.pick("未被接受", "refused"),
        Upload::Stored => lang.pick("已上传", "sent"),
        Upload::None if here => lang.pick("已下载", "fetched"),
        Upload::None => lang.pick("未下载", "not fetched"),
    };
    if why.is_empty() { state.to_owned() } else { format!("{state}：{why}") }
}

pub(super) fn list(phone: &Phone, options: &List) -> Result<(), Said> {
    match &options.id {
        Some(id) => of_case(phone, phone.case(id)?),
        None => unsent(phone, options.retry),
    }
}

fn of_case(phone: &Phone, case: DocId) -> Result<(), Said> {
    let all = phone.device.attachments(case).map_err(|error| fail::told(&error))?;
    if phone.json {
        let record = |one: &AttachmentView| {
            let (state, sent, code) = stands(&one.upload);
            Record {
                digest: one.digest.to_string(),
                media: one.media.clone(),
                length: one.length,
                caption: Some(one.caption.clone()),
                preview: one.preview.map(|preview| preview.to_string()),
                here: one.here,
                state,
                sent,
                words: code.as_ref().and_then(|code| words::device_sentence(code, phone.lang)).map(str::to_owned),
                code,
            }
        };
        json(&all.iter().map(record).collect::<Vec<_>>());
        return Ok(());
    }
    if all.is_empty() {
        say!("{}", phone.lang.pick("没有附件。", "no attachments."));
        return Ok(());
    }
    let heads = match phone.lang {
        Lang::Zh => ["", "摘要", "类型", "大小", "说明", "谁", "何时", "状态"],
        Lang::En => ["", "digest", "kind", "size", "caption", "by", "when", "state"],
    };
    let mut table = Table::new(&heads);
    for (at, one) in all.iter().enumerate() {
        table.row([
            (at + 1).to_string(),
            short(&one.digest),
            one.media.clone(),
            size(one.length),
            one.caption.clone(),
            one.by.clone(),
            minute(one.at),
            said(&one.upload, one.here, phone.lang),
        ]);
    }
    table.print();
    Ok(())
}

fn unsent(phone: &Phone, retry: bool) -> Result<(), Said> {
    let told = |error: doorstep_core::device::DeviceError| fail::told(&error);
    if retry {
        for one in phone.device.unsent_attachments().map_err(told)?.iter().filter(|one| one.refused) {
            phone.device.retry_attachment(&one.digest).map_err(told)?;
        }
    }
    let all = phone.device.unsent_attachments().map_err(told)?;
    if phone.json {
        let record = |one: doorstep_core::device::UnsentAttachment| Record {
            digest: one.digest.to_string(),
            media: one.media,
            length: one.length,
            caption: None,
            preview: None,
            here: true,
            state: if one.refused { "refused" } else { "waiting" },
            sent: Some(one.sent),
            code: one.code,
            words: one.words,
        };
        json(&all.into_iter().map(record).collect::<Vec<_>>());
        return Ok(());
    }
    if all.is_empty() {
        say!("{}", phone.lang.pick("没有待上传的附件。", "no attachment waits to be sent."));
    }
    for one in all {
        let state =
            phone.lang.pick(if one.refused { "未被接受" } else { "待上传" }, if one.refused { "refused" } else { "waits" });
        let (sent, length) = (size(one.sent), size(one.length));
        say!("  {}  {}  {sent}/{length}  {state}  {}", short(&one.digest), one.media, one.words.unwrap_or_default());
    }
    Ok(())
}

#[derive(Debug, Args)]
#[command(after_help = "示例 · Examples:
  doorstep phone attachments last                          有哪些 · what there is
  doorstep phone fetch last 1 --out 井盖.jpg                按序号 · by its number
  doorstep phone fetch last 3fa9c2 --preview --out 小图.jpg  按摘要开头，只要小图 · by its digest's beginning, the small picture only

中断后再执行一次即从断处继续 · Cut off, it goes on where it was when asked again.")]
pub(super) struct Fetch {
    #[command(flatten)]
    which: Which,
    /// 序号或摘要开头 · Its number, or its digest's beginning.
    #[arg(value_name = "N|DIGEST")]
    attachment: String,
    /// 只取小图 · The small picture only.
    #[arg(long)]
    preview: bool,
    /// 写入的文件 · The file to write.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

pub(super) fn fetch(phone: &Phone, options: &Fetch) -> Result<(), Said> {
    let case = phone.case(&options.which.id)?;
    let all = phone.device.attachments(case).map_err(|error| fail::told(&error))?;
    let typed = options.attachment.trim().to_ascii_lowercase();
    let by_number = typed.parse::<usize>().ok().and_then(|number| all.get(number.checked_sub(1)?));
    let mut found = all.iter().filter(|one| typed.len() >= 4 && one.digest.to_string().starts_with(&typed));
    let one = by_number
        .or_else(|| found.next())
        .ok_or_else(|| Said::coded("attachment_none", "这件事项没有这个附件。", "the case has no such attachment."))?;
    let digest = if options.preview {
        one.preview.ok_or_else(|| Said::coded("preview_none", "这个附件没有小图。", "the attachment has no small picture."))?
    } else {
        one.digest
    };
    let transport = phone.transport()?;
    let report = phone.device.fetch_attachment(&transport, case, &digest).map_err(|error| fail::told(&error))?;
    let code = report.refused.first().map(|(_, code)| code.as_str());
    let code = code.or_else(|| (report.outcome != SyncOutcome::Done).then(|| report.outcome.code()));
    if let Some(code) = code {
        let words = |lang| words::device_sentence(code, lang).unwrap_or(code).to_owned();
        return Err(Said::coded(code.to_owned(), words(Lang::Zh), words(Lang::En)));
    }
    let mut bytes = Vec::new();
    let read = phone.device.attachment_bytes(&digest, &mut |chunk| {
        bytes.extend_from_slice(chunk);
        Ok(())
    });
    read.map_err(|error| fail::told(&error))?;
    write(&options.out, &bytes)?;
    match phone.lang {
        Lang::Zh => say!("{} {}，已核对摘要，写入 {}", short(&digest), size(bytes.len() as u64), options.out.display()),
        Lang::En => {
            say!("{} {}, its digest is right, written to {}", short(&digest), size(bytes.len() as u64), options.out.display());
        }
    }
    Ok(())
}

/// After a sync: what waits goes, as far as the link allows. Text and photos are told apart; a photo that does not go is no
/// failed sync.
pub(super) fn carry(phone: &Phone, transport: &dyn Transport, metered: bool) -> Result<(), Said> {
    if phone.device.pending().map_err(|error| fail::told(&error))?.attachments.waiting == 0 {
        return Ok(());
    }
    let link = if metered { Link::Metered } else { Link::Unmetered };
    let report = phone.device.sync_attachments(transport, link).map_err(|error| fail::told(&error))?;
    if phone.json {
        return Ok(());
    }
    if report.stored > 0 {
        match phone.lang {
            Lang::Zh => say!("附件已上传 {} 个（{}）。", report.stored, size(report.bytes.up)),
            Lang::En => say!("{} attachments sent ({}).", report.stored, size(report.bytes.up)),
        }
    }
    waiting(phone)
}

/// What of attachments is not on the server, in a line.
pub(super) fn waiting(phone: &Phone) -> Result<(), Said> {
    let counts = phone.device.pending().map_err(|error| fail::told(&error))?.attachments;
    if counts.waiting > 0 {
        match phone.lang {
            Lang::Zh => say!("{} 个附件待上传（{}）：doorstep phone attachments", counts.waiting, size(counts.waiting_bytes)),
            Lang::En => {
                say!("{} attachments wait ({}): doorstep phone attachments", counts.waiting, size(counts.waiting_bytes));
            }
        }
    }
    if counts.refused > 0 {
        match phone.lang {
            Lang::Zh => say!("{} 个附件未被接受，仍在手机里：doorstep phone attachments", counts.refused),
            Lang::En => say!("{} attachments were refused and stay here: doorstep phone attachments", counts.refused),
        }
    }
    Ok(())
}

fn short(digest: &Digest) -> String {
    digest.to_string().chars().take(SHORT).collect()
}

/// Bytes as people read them.
fn size(bytes: u64) -> String {
    match bytes {
        0..=1_023 => format!("{bytes} B"),
        1_024..=1_048_575 => format!("{} KB", bytes >> 10),
        _ => format!("{}.{} MB", bytes >> 20, (bytes >> 10) % 1_024 * 10 / 1_024),
    }
}
