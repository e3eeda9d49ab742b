//! `doorstep case show`: a case's whole history, from a phone's home or from the server's data directory; `doorstep case print`:
//! its papers, from the server's.
//!
//! On the server nothing is changed but the audit chain: whoever runs it can read every case, and each look is written
//! down before anything is shown.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use doorstep_core::case::{AgreementForm, TextName, fold, waits};
use doorstep_core::device::WholeCase;
use doorstep_core::directory::Directory;
use doorstep_core::document::Document;
use doorstep_core::environment::Clock as _;
use doorstep_core::id::{DocId, DocKind};
use doorstep_core::print::{Copy, Form, Papers, PrintError, form};
use doorstep_core::view::CaseView;

use super::phone::{Common, Phone, which};
use super::print::json;
use super::shown::{self, CaseRecord, Depth};
use super::{choice, fail};
use crate::admin;
use crate::config::ServerClock;
use crate::store::{Store, StoreError};
use crate::words::{Lang, Said, say};
use crate::{fonts, ingest};

/// What `doorstep case` is told.
#[derive(Debug, Subcommand)]
pub enum CaseAction {
    /// 打印全过程：每条记录是否有效、每次协商的要素、约定与交接的状况 · The whole history: standings, the 5W of each sitting, commitments, handovers.
    #[command(after_help = "示例 · Examples:
  doorstep case show last                              手机上最近动过的一件 · the one last touched on the phone
  doorstep case show 3f0q7x --home ./phone-1           某部手机 · on this phone
  doorstep case show 3f0q7x --data ./data              服务器数据目录，每次查看记入审计 · on the server; each look is audited
  doorstep case show 3f0q7x --json | jq .history       给程序用 · for programs

✗ 已被取代（由哪一行、为何），! 有争议（与哪几行） · ✗ overtaken (by which line and why), ! contested (with which lines)")]
    Show(Show),
    /// 在服务器上打印一份文书或整本卷宗 · Print a form or the whole dossier from the server's data.
    #[command(after_help = "示例 · Examples:
  doorstep case print 3f0q7x --data ./data --out 协议书.pdf                                签署的协议 · the signed agreement
  doorstep case print 3f0q7x --data ./data --form dossier --copy committee --out 卷宗.pdf  整本卷宗 · the whole dossier")]
    Print(Print),
}

/// Which form of which case, and where to.
#[derive(Debug, Args)]
pub struct Print {
    /// 编号或其开头 · The id or its beginning.
    #[arg(value_name = "ID")]
    id: String,
    /// 服务器的数据目录 · The server's data directory.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
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

/// Which case, and where it lies.
#[derive(Debug, Args)]
pub struct Show {
    /// 编号或其开头；手机上 last 为最近动过的 · The id or its beginning; on a phone, last is what was last touched.
    #[arg(value_name = "ID")]
    id: String,
    /// 服务器的数据目录，代替手机目录 · The server's data directory, instead of a phone's folder.
    #[arg(long, value_name = "DIR", conflicts_with = "home")]
    data: Option<PathBuf>,
    #[command(flatten)]
    common: Common,
}

/// Does it.
pub fn run(action: &CaseAction, lang: Lang) -> Result<(), Said> {
    let show = match action {
        CaseAction::Show(show) => show,
        CaseAction::Print(options) => return print(options, lang),
    };
    let (whole, directory) = if let Some(data) = &show.data {
        on_server(&admin::open(data)?, &show.id, lang)?
    } else {
        let phone = Phone::open(&show.common, lang)?;
        let id = phone.case(&show.id)?;
        let whole = phone.device.whole_case(id).map_err(|error| fail::told(&error))?;
        phone.touched(DocKind::Case, id);
        (whole, (*phone.device.directory()).clone())
    };
    if show.common.json {
        json(&CaseRecord::new(&whole, &directory, lang));
    } else {
        shown::print(&whole, &directory, lang, Depth::Whole);
    }
    Ok(())
}

/// What the phone prints of its own store the server prints of its: the same forms, the same bytes.
fn print(options: &Print, lang: Lang) -> Result<(), Said> {
    let failed = |error: StoreError| admin::failed(&error);
    let told = |error: PrintError| Said::coded(error.code(), error.zh(), error.en());
    let store = admin::open(&options.data)?;
    let (id, document) = opened(&store, &options.id)?;
    let directory = store.directory().map_err(failed)?;
    let state = fold(&document.log().entries);
    let agreement = match state.signed().map(|agreement| &agreement.form) {
        Some(AgreementForm::Sealed { bundle, .. }) => ingest::agreement_file(&store, bundle).map_err(failed)?,
        _ => None,
    };
    let (account, minutes) = (document.text(TextName::Account), document.text(TextName::Minutes));
    let papers = Papers {
        case: id,
        state: &state,
        directory: &directory,
        account: &account,
        minutes: &minutes,
        agreement: agreement.as_deref(),
        at: ServerClock::System.now(),
    };
    let pdf = fonts::fonts().and_then(|fonts| form(options.form, &papers, options.copy, fonts)).map_err(told)?;
    super::phone::write(&options.out, &pdf)?;
    let out = options.out.display().to_string();
    if out != "-" {
        let (title, kib) = (options.form.title(), pdf.len().div_ceil(1_024));
        match lang {
            Lang::Zh => say!("✓ {title}已写入 {out}（{kib} KiB）"),
            Lang::En => say!("✓ {} written to {out} ({kib} KiB)", options.form.name()),
        }
    }
    Ok(())
}

fn on_server(store: &Store, typed: &str, lang: Lang) -> Result<(WholeCase, Directory), Said> {
    let (id, document) = opened(store, typed)?;
    let directory = store.directory().map_err(|error| admin::failed(&error))?;
    let log = document.log();
    let state = fold(&log.entries);
    let view = CaseView::new(id, &document, &log, &state, &directory, lang);
    Ok((WholeCase { view, waits: waits(&state), log, state }, (*directory).clone()))
}

/// A case of the server's, opened; the look is on record first.
fn opened(store: &Store, typed: &str) -> Result<(DocId, Document), Said> {
    let failed = |error: StoreError| admin::failed(&error);
    let found = match DocId::beginning_with(typed) {
        Some((low, high)) => Some(store.documents_between(&low, &high, 5).map_err(failed)?),
        None => None,
    };
    let (id, kind) = which(typed, found)?;
    if kind != DocKind::Case {
        return Err(Said::coded(
            "wrong_kind",
            format!("{typed} 是{}，不是事项。", choice::kind_words(kind, Lang::Zh)),
            format!("{typed} is a {}, not a case.", choice::kind_words(kind, Lang::En)),
        ));
    }
    // First on record, then on the screen.
    let bytes = store.look_at(id, ServerClock::System.now()).map_err(failed)?;
    let document = Document::load(&bytes).map_err(|error| {
        Said::coded(error.code(), "这份记录无法读取，已原样保留。", "this record cannot be read; it was kept as it is.")
    })?;
    Ok((id, document))
}
