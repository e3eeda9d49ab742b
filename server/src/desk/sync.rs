//! `phone sync`, `phone pending`: what goes to the server, what comes, what was set aside and why.

use std::collections::BTreeSet;
use std::io::{IsTerminal as _, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use clap::Args;
use doorstep_core::device::{Query, SyncOutcome, SyncReport};
use doorstep_core::environment::{Request, Response, Transport, TransportError};
use doorstep_core::id::{DocId, DocKind};
use doorstep_core::time::Hlc;
use doorstep_core::words;
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

use super::phone::{Phone, short};
use super::print::{cut, json};
use super::{attachments, choice, fail};
use crate::words::{Lang, Said, say};

/// Rows looked at to tell what a sync brought: more than anybody reads.
const LOOKED_AT: usize = 200;
/// Of these, lines shown.
const SHOWN: usize = 8;

#[derive(Debug, Default, Args)]
#[command(after_help = "先传文字，再传附件，小的在前 · Text first, then attachments, small ones first.")]
pub(super) struct Options {
    /// 按流量计费：大的附件这次不传 · The link is paid by the byte: large attachments wait.
    #[arg(long)]
    metered: bool,
}

/// A transport that tells a terminal how far it is.
struct Watched<'a> {
    inner: &'a dyn Transport,
    bar: ProgressBar,
    up: AtomicU64,
    down: Arc<AtomicU64>,
    lang: Lang,
}

impl Watched<'_> {
    fn tell(&self, doing: &str) {
        let (up, down) = (self.up.load(Ordering::Relaxed) >> 10, self.down.load(Ordering::Relaxed) >> 10);
        self.bar.set_message(format!("{doing}  ↑ {up} KB  ↓ {down} KB"));
    }
}

impl Transport for Watched<'_> {
    fn send(&self, request: &Request) -> Result<Response, TransportError> {
        let up = if request.method == "POST" { ("上传", "sending") } else { ("接收", "receiving") };
        self.tell(self.lang.pick(up.0, up.1));
        self.up.fetch_add(request.body.len() as u64, Ordering::Relaxed);
        let Response { status, headers, body } = self.inner.send(request)?;
        self.tell(self.lang.pick("接收", "receiving"));
        let body = Box::new(Counted { inner: body, count: Arc::clone(&self.down), bar: self.bar.clone() });
        Ok(Response { status, headers, body })
    }

    fn pause(&self, ms: u64) {
        self.tell(self.lang.pick("稍候再试", "waiting to try again"));
        self.inner.pause(ms);
    }

    fn on_wire(&self) -> Option<(u64, u64)> {
        self.inner.on_wire()
    }
}

/// A body that counts what is read of it.
struct Counted {
    inner: Box<dyn Read + Send>,
    count: Arc<AtomicU64>,
    bar: ProgressBar,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let n = self.inner.read(buffer)?;
        self.count.fetch_add(n as u64, Ordering::Relaxed);
        self.bar.tick();
        Ok(n)
    }
}

/// A bar on standard error, where a person looks; nothing in a pipe or beside JSON.
pub(super) fn bar(phone: &Phone) -> ProgressBar {
    if phone.json || !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new_spinner();
    if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(std::time::Duration::from_millis(120));
    bar
}

type Seen = BTreeSet<(DocId, Hlc)>;

fn newest(phone: &Phone) -> Result<Vec<(DocKind, doorstep_core::row::Row)>, Said> {
    let mut rows = Vec::new();
    for kind in DocKind::ALL {
        let page = phone.device.rows(&Query::first(kind, LOOKED_AT)).map_err(|error| fail::told(&error))?;
        rows.extend(page.into_iter().map(|row| (kind, row)));
    }
    Ok(rows)
}

pub(super) fn run(phone: &Phone, options: &Options) -> Result<(), Said> {
    let before: Seen = newest(phone)?.into_iter().map(|(_, row)| (row.doc, row.updated)).collect();
    let transport = phone.transport()?;
    let bar = bar(phone);
    let watched =
        Watched { inner: &transport, bar: bar.clone(), up: AtomicU64::new(0), down: Arc::default(), lang: phone.lang };
    let done = phone.device.sync(&watched);
    let report = done.map_err(|error| fail::told(&error))?;
    if report.outcome == SyncOutcome::Done {
        attachments::carry(phone, &watched, options.metered)?;
        let evidence = phone.device.sync_evidence(&watched).map_err(|error| fail::told(&error))?;
        if evidence.contradicts {
            let zh = "服务器的协议登记簿与以前所说的矛盾，请告诉管理员。";
            let en = "the server's log of agreements contradicts what it said before: tell your administrator.";
            eprintln!("{}", phone.pick(zh, en));
        }
    }
    bar.finish_and_clear();
    let came: Vec<_> = newest(phone)?.into_iter().filter(|(_, row)| !before.contains(&(row.doc, row.updated))).collect();
    if phone.json {
        json(&Record::new(&report, phone)?);
    } else {
        tell(&report, phone);
        for (kind, row) in came.iter().take(SHOWN) {
            let stage = row_stage(*kind, &row.stage, phone.lang);
            say!("  {}  {} {}  {stage}", short(row.doc), choice::kind_words(*kind, phone.lang), cut(&row.title, 40));
        }
        if came.len() > SHOWN {
            say!("  …");
        }
        let pending = phone.device.pending().map_err(|error| fail::told(&error))?;
        aside(phone, &pending.set_aside);
    }
    ended(&report.outcome)
}

/// A row's stage or a door's answer, in words.
pub(super) fn row_stage(kind: DocKind, stage: &str, lang: Lang) -> String {
    let found = match kind {
        DocKind::Case => choice::STAGES.iter().find(|(_, name)| *name == stage).map(|(value, _)| words::stage(*value, lang)),
        DocKind::Visit => choice::DOORS.iter().find(|(_, name)| *name == stage).map(|(value, _)| words::door(*value, lang)),
        DocKind::Household => words::household_stage(stage, lang),
    };
    found.unwrap_or(stage).to_owned()
}

fn tell(report: &SyncReport, phone: &Phone) {
    let (sent, known, aside) = (report.verdicts.stored, report.verdicts.known, report.verdicts.set_aside);
    let (documents, changes, gone) = (report.documents, report.changes, report.forgotten);
    let wire = report.wire.map(|wire| (wire.up.div_ceil(1024), wire.down.div_ceil(1024)));
    let mark = if report.outcome == SyncOutcome::Done { "✓" } else { "…" };
    let mut parts = Vec::new();
    match phone.lang {
        Lang::Zh => {
            parts.push(format!("上传 {sent} 条"));
            if known > 0 {
                parts.push(format!("{known} 条服务器已有"));
            }
            parts.push(format!("收到 {documents} 份记录、{changes} 条更新"));
            if gone > 0 {
                parts.push(format!("{gone} 份移出范围"));
            }
            if aside > 0 {
                parts.push(format!("{aside} 条被搁置"));
            }
            if let Some(version) = report.directory {
                parts.push(format!("名录更新到第 {version} 版"));
            }
            if let Some((up, down)) = wire {
                parts.push(format!("↑ {up} KB ↓ {down} KB"));
            }
            say!("{mark} 同步：{}", parts.join("，"));
        }
        Lang::En => {
            parts.push(format!("{sent} changes sent"));
            if known > 0 {
                parts.push(format!("{known} known already"));
            }
            parts.push(format!("{documents} records and {changes} changes came"));
            if gone > 0 {
                parts.push(format!("{gone} left your scope"));
            }
            if aside > 0 {
                parts.push(format!("{aside} set aside"));
            }
            if let Some(version) = report.directory {
                parts.push(format!("directory now version {version}"));
            }
            if let Some((up, down)) = wire {
                parts.push(format!("↑ {up} KB ↓ {down} KB"));
            }
            say!("{mark} synced: {}", parts.join(", "));
        }
    }
}

/// What the server set aside, each with its reason.
fn aside(phone: &Phone, all: &[doorstep_core::device::Unsettled]) {
    if all.is_empty() {
        return;
    }
    say!("{}", phone.pick("被搁置的（内容都在手机里）：", "set aside (nothing of it is lost):"));
    for one in all {
        let kind = choice::kind_words(one.kind, phone.lang);
        say!("  {} {}  {} [{}]", short(one.doc), kind, one.words, one.code);
    }
}

/// Whether it went well, and if not, why.
fn ended(outcome: &SyncOutcome) -> Result<(), Said> {
    let (zh, en) = match outcome {
        SyncOutcome::Done => return Ok(()),
        SyncOutcome::Refused { zh, en, .. } if !zh.is_empty() => (zh.clone(), en.clone()),
        SyncOutcome::Protocol { .. } => (
            "对方不是好商量服务器，请检查地址和网络。".into(),
            "what answered is not Doorstep's server: check address and network.".into(),
        ),
        SyncOutcome::Storage => ("收到的内容没能保存。".into(), "what came could not be stored.".into()),
        other => {
            let sentence = |lang| words::device_sentence(other.code(), lang).map(str::to_owned);
            (
                sentence(Lang::Zh).unwrap_or_else(|| "同步没有完成，稍后再试。".into()),
                sentence(Lang::En).unwrap_or_else(|| "the sync did not finish; try again later.".into()),
            )
        }
    };
    Err(Said::coded(outcome.code().to_owned(), zh, en))
}

#[derive(Serialize)]
struct AsideRecord {
    doc: String,
    kind: &'static str,
    code: String,
    words: String,
}

#[derive(Serialize)]
struct Record {
    outcome: String,
    requests: u32,
    sent: u64,
    known: u64,
    documents: u64,
    changes: u64,
    forgotten: u64,
    directory: Option<u64>,
    bytes_up: Option<u64>,
    bytes_down: Option<u64>,
    waiting: u64,
    set_aside: Vec<AsideRecord>,
}

impl Record {
    fn new(report: &SyncReport, phone: &Phone) -> Result<Self, Said> {
        let pending = phone.device.pending().map_err(|error| fail::told(&error))?;
        Ok(Self {
            outcome: report.outcome.code().to_owned(),
            requests: report.requests,
            sent: report.verdicts.stored,
            known: report.verdicts.known,
            documents: report.documents,
            changes: report.changes,
            forgotten: report.forgotten,
            directory: report.directory,
            bytes_up: report.wire.map(|wire| wire.up),
            bytes_down: report.wire.map(|wire| wire.down),
            waiting: pending.counts.waiting + pending.counts.wanted,
            set_aside: asides(pending.set_aside),
        })
    }
}

fn asides(all: Vec<doorstep_core::device::Unsettled>) -> Vec<AsideRecord> {
    let record = |one: doorstep_core::device::Unsettled| AsideRecord {
        doc: one.doc.to_string(),
        kind: one.kind.name(),
        code: one.code,
        words: one.words,
    };
    all.into_iter().map(record).collect()
}

#[derive(Serialize)]
struct PendingRecord {
    waiting: u64,
    wanted: u64,
    leaving: u64,
    unreadable: u64,
    set_aside: Vec<AsideRecord>,
    attachments_waiting: u64,
    attachments_refused: u64,
}

/// What is not on the server, and why.
pub(super) fn pending(phone: &Phone) -> Result<(), Said> {
    let pending = phone.device.pending().map_err(|error| fail::told(&error))?;
    let counts = pending.counts;
    if phone.json {
        json(&PendingRecord {
            waiting: counts.waiting,
            wanted: counts.wanted,
            leaving: counts.leaving,
            unreadable: counts.unreadable,
            set_aside: asides(pending.set_aside),
            attachments_waiting: pending.attachments.waiting,
            attachments_refused: pending.attachments.refused,
        });
        return Ok(());
    }
    let (waiting, unreadable) = (counts.waiting + counts.wanted, counts.unreadable);
    match (waiting, phone.lang) {
        (0, Lang::Zh) => say!("没有待上传的内容。"),
        (0, Lang::En) => say!("nothing waits to be sent."),
        (n, Lang::Zh) => say!("{n} 条待上传，下次 doorstep phone sync 时发送。"),
        (n, Lang::En) => say!("{n} changes wait to be sent, with the next doorstep phone sync."),
    }
    if unreadable > 0 {
        match phone.lang {
            Lang::Zh => say!("{unreadable} 份记录无法读取，已原样保留。"),
            Lang::En => say!("{unreadable} records can't be read; they were kept as they are."),
        }
    }
    aside(phone, &pending.set_aside);
    attachments::waiting(phone)
}
