//! `phone review`: a lead reads what revoked devices pushed, and decides on it.

use clap::{Args, Subcommand};
use doorstep_core::device::{AsideAnswer, Decision};
use doorstep_core::words::set_aside_sentence;
use serde::Serialize;

use super::fail;
use super::phone::{Phone, short};
use super::print::{json, rfc3339};
use crate::words::{Lang, Said, say};

#[derive(Debug, Args)]
#[command(after_help = "示例 · Examples:
  doorstep phone review                                     停用设备交来的、还没决定的 · what revoked devices pushed
  doorstep phone review adopt 17 18 --why 本人所做，情况属实   按原样进入事项 · enters its record as what it was
  doorstep phone review dismiss 19 --why 与实际不符          不采纳，仍保留 · not taken in, kept all the same

只有该社区的负责人能看到；需要联网 · For the leads of the community it happened in; needs the network")]
pub(super) struct Options {
    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// 列出 · List it.
    List,
    /// 采纳：按原样进入事项 · Adopt: it enters its record as what it was.
    Adopt(Which),
    /// 不采纳：原样保留 · Dismiss: it stays where it is, kept.
    Dismiss(Which),
}

#[derive(Debug, Args)]
struct Which {
    /// 序号，见列表；按写出的次序处理 · Numbers, as listed; done in this order.
    #[arg(required = true, value_name = "N")]
    numbers: Vec<u64>,
    /// 理由 · Why.
    #[arg(long)]
    why: String,
}

#[derive(Serialize)]
struct Record {
    n: u64,
    doc: String,
    kind: &'static str,
    title: String,
    person: String,
    received: String,
    lines: Vec<String>,
}

pub(super) fn run(phone: &Phone, options: &Options) -> Result<(), Said> {
    let decisions = match &options.action {
        None | Some(Action::List) => Vec::new(),
        Some(Action::Adopt(which)) => decisions(which, true),
        Some(Action::Dismiss(which)) => decisions(which, false),
    };
    let answer = phone.device.review(&phone.transport()?, decisions).map_err(|error| fail::told(&error))?;
    show(phone, &answer);
    match answer.decided.iter().find(|one| !one.code.is_empty()) {
        None => Ok(()),
        Some(one) => {
            let n = one.n;
            Err(Said::coded(
                one.code.clone(),
                format!("第 {n} 号没有办成：{}", set_aside_sentence(&one.code, &[], Lang::Zh)),
                format!("number {n} was not carried out: {}", set_aside_sentence(&one.code, &[], Lang::En)),
            ))
        }
    }
}

fn decisions(which: &Which, adopt: bool) -> Vec<Decision> {
    which.numbers.iter().map(|n| Decision { n: *n, adopt, why: which.why.clone() }).collect()
}

fn show(phone: &Phone, answer: &AsideAnswer) {
    if phone.json {
        let record = |one: &doorstep_core::device::AsideRecord| Record {
            n: one.n,
            doc: one.doc.to_string(),
            kind: one.kind.name(),
            title: one.title.clone(),
            person: one.person.to_string(),
            received: rfc3339(one.received),
            lines: one.lines.clone(),
        };
        json(&answer.aside.iter().map(record).collect::<Vec<_>>());
        return;
    }
    if answer.aside.is_empty() {
        say!("{}", phone.pick("没有待决定的内容。", "nothing waits for a decision."));
    }
    let directory = phone.device.directory();
    for one in &answer.aside {
        let name = directory.person_name(&one.person);
        say!("{:>5}  {}  {name}  {}  {}", one.n, rfc3339(one.received), short(one.doc), one.title);
        for line in &one.lines {
            say!("       {line}");
        }
        if one.lines.is_empty() {
            say!("       {}", phone.pick("（内容无法读出，原样保留）", "(it can't be read; it is kept as it came)"));
        }
    }
}
