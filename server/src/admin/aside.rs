//! `doorstep admin aside`: what revoked devices pushed, read and decided by whoever holds the server. Each look and each decision is
//! in the audit chain. A lead does the same from a phone of their own (`doorstep phone review`).

use clap::{Args, Subcommand};
use doorstep_core::words::set_aside_sentence;

use super::{DataDir, failed, now};
use crate::audit::Who;
use crate::ingest::{self, Adopted};
use crate::store::{AsideDecision, SetAside, Store};
use crate::words::{Lang, Said, say};
use crate::worker::Trials;

/// Changes listed at once.
const LISTED: u64 = 200;

#[derive(Debug, Subcommand)]
pub(super) enum Action {
    /// 列出停用设备交来的内容 · List what revoked devices pushed.
    #[command(after_help = "示例 · Examples:
  doorstep admin aside list --data ./data              还没决定的 · what nobody has decided on
  doorstep admin aside list --all --data ./data        连同已决定的 · and what was
  doorstep admin aside adopt 17 18 --why 本人所做，情况属实 --data ./data
  doorstep admin aside dismiss 19 --why 与实际不符 --data ./data

采纳后按原作者、原时间进入事项，和其他记录一样受检查；不采纳的仍保留 · Adopted, a change enters as what it was, checked like any other; dismissed, it is kept all the same
每次查看和决定都记入审计 · Each look and each decision is in the audit chain")]
    List(List),
    /// 采纳：按原样进入事项 · Adopt: the change enters its record as what it was.
    Adopt(Decide),
    /// 不采纳：原样保留 · Dismiss: it stays where it is, kept.
    Dismiss(Decide),
}

#[derive(Debug, Args)]
pub(super) struct List {
    /// 连同已决定的 · What was decided on, too.
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    dir: DataDir,
}

#[derive(Debug, Args)]
pub(super) struct Decide {
    /// 序号，见列表；按写出的次序处理 · Numbers, as listed; done in this order.
    #[arg(required = true, value_name = "N")]
    numbers: Vec<u64>,
    /// 理由 · Why.
    #[arg(long)]
    why: String,
    #[command(flatten)]
    dir: DataDir,
}

pub(super) fn run(action: &Action, lang: Lang) -> Result<(), Said> {
    match action {
        Action::List(options) => list(&options.dir.open()?, options.all, lang),
        Action::Adopt(options) => decide(options, true, lang),
        Action::Dismiss(options) => decide(options, false, lang),
    }
}

fn list(store: &Store, all: bool, lang: Lang) -> Result<(), Said> {
    let told = |error| failed(&error);
    let directory = store.directory().map_err(told)?;
    let found = store.quarantine(0, LISTED).map_err(told)?;
    let found: Vec<(SetAside, Option<AsideDecision>)> = found.into_iter().filter(|(_, done)| all || done.is_none()).collect();
    if found.is_empty() {
        say!("{}", lang.pick("没有停用设备交来的内容。", "nothing of a revoked device's is waiting."));
        return Ok(());
    }
    let mut docs: Vec<_> = found.iter().map(|(aside, _)| aside.kept.doc).collect();
    docs.dedup();
    store.look_at_aside(docs, Who::Operator, now()).map_err(told)?;
    for (aside, decision) in &found {
        let readable = ingest::readable(store, aside, &directory, lang).map_err(told)?;
        let (hour, minute) = aside.received_at.clock();
        let (n, doc, day) = (aside.n, aside.kept.doc, aside.received_at.date());
        let person = directory.person_name(&aside.person);
        say!("{n:>5}  {day} {hour:02}:{minute:02}  {person}  {}  {doc}", readable.title);
        for line in &readable.lines {
            say!("       {line}");
        }
        if readable.lines.is_empty() {
            say!("       {}", lang.pick("（内容无法读出，原样保留）", "(it can't be read; it is kept as it came)"));
        }
        if let Some(done) = decision {
            let word = if done.adopted { lang.pick("已采纳", "adopted") } else { lang.pick("未采纳", "dismissed") };
            say!("       {word}: {} ({})", done.why, done.who);
        }
    }
    Ok(())
}

fn decide(options: &Decide, adopt: bool, lang: Lang) -> Result<(), Said> {
    let told = |error| failed(&error);
    let store = options.dir.open()?;
    let trials = Trials::new(crate::serve::workers()?.as_ref());
    for n in &options.numbers {
        let Some((aside, decided)) = store.in_quarantine(*n).map_err(told)? else {
            return Err(Said::coded(
                "not_found",
                format!("没有第 {n} 号，请用 doorstep admin aside list 查看。"),
                format!("there is no number {n}; see: doorstep admin aside list"),
            ));
        };
        let refused = |code: &str| {
            Said::coded(
                code.to_owned(),
                format!("第 {n} 号没有采纳：{}", set_aside_sentence(code, &[], Lang::Zh)),
                format!("number {n} was not adopted: {}", set_aside_sentence(code, &[], Lang::En)),
            )
        };
        if decided.is_some() {
            return Err(refused("decided_before"));
        }
        if !adopt {
            store.dismiss_aside(&aside, Who::Operator, options.why.clone(), now()).map_err(told)?;
            say!("{} {n}", lang.pick("✓ 不采纳，原样保留：", "✓ dismissed, kept:"));
            continue;
        }
        match ingest::adopt(&trials, &store, &aside, &Who::Operator, &options.why, now()).map_err(told)? {
            Adopted::Stored(_) => say!("{} {n}", lang.pick("✓ 已采纳：", "✓ adopted:")),
            Adopted::Refused(code) => return Err(refused(&code)),
        }
    }
    Ok(())
}
