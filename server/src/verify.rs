//! `doorstep verify FILE`: a signed agreement, checked offline by anyone, without trusting phone, server or us.
//!
//! Exit code 0: nothing is broken. 1: something is, and it is named. 2: the file or the keys can't be read.

mod trust;

use std::io::Read as _;
use std::path::PathBuf;

use clap::Args;
use doorstep_core::agreement::{Check, FILE_MAX, Facts, Finding, Report, Weight, verify_with};
use doorstep_core::words;
use serde::Serialize;

use crate::words::{Lang, Said};

/// What to verify.
#[derive(Debug, Args)]
pub struct Options {
    /// 协议文件 · The agreement's file.
    file: PathBuf,
    #[command(flatten)]
    trust: trust::Trust,
    /// 以 JSON 输出 · Print the report as JSON for programs.
    #[arg(long)]
    json: bool,
}

/// Prints a line a check; an error if something is broken.
pub fn run(options: &Options, lang: Lang) -> Result<(), Said> {
    let bytes = read(options)?;
    let report = verify_with(&bytes, &options.trust.anchors()?);
    if options.json {
        println!("{}", json(&report));
    } else {
        print(&report, lang);
    }
    if report.holds() { Ok(()) } else { Err(Said::new("协议核验未通过。", "the agreement does not verify.")) }
}

/// The file's bytes, one more than an agreement's may have at most: no file is too large to be refused.
fn read(options: &Options) -> Result<Vec<u8>, Said> {
    let path = options.file.display();
    let cannot = |cause: std::io::Error| {
        Said::usage("unreadable_file", format!("无法读取 {path}：{cause}"), format!("can't read {path}: {cause}"))
    };
    let file = std::fs::File::open(&options.file).map_err(cannot)?;
    let mut bytes = Vec::new();
    file.take(FILE_MAX as u64 + 1).read_to_end(&mut bytes).map_err(cannot)?;
    Ok(bytes)
}

fn print(report: &Report, lang: Lang) {
    if let Some(facts) = &report.facts {
        describe(facts, lang);
    }
    for check in &report.checks {
        println!("  {} {}", mark(check), lang.pick(check.name.zh(), check.name.en()));
        for finding in &check.findings {
            println!("      {} [{}]", lang.pick(&finding.zh(), &finding.en()), finding.code());
        }
    }
    println!(
        "{}",
        if report.holds() {
            lang.pick("核验通过。", "It verifies.")
        } else {
            lang.pick("核验未通过。", "It does not verify.")
        }
    );
}

fn mark(check: &Check) -> &'static str {
    match check.findings.iter().map(Finding::weight).max() {
        Some(Weight::Broken) => "✗",
        Some(Weight::Doubt) => "!",
        None if check.made => "✓",
        Some(Weight::Note) | None => "·",
    }
}

fn describe(facts: &Facts, lang: Lang) {
    let (hour, minute) = facts.sealed_at.clock();
    let day = words::date(facts.sealed_at.date(), lang);
    let parties = facts.parties.join(lang.pick("、", ", "));
    println!("{} {}", lang.pick("核验码", "check number"), facts.check_number.grouped());
    println!("{} {parties}", lang.pick("当事人", "parties"));
    for signer in &facts.signers {
        println!("  ✍ {} {} {}", lang.pick(signer.role.zh(), signer.role.name()), signer.name, signer.capacity);
    }
    println!("{} {day} {hour:02}:{minute:02}", lang.pick("封存于", "sealed"));
    println!("{} {}", lang.pick("设备密钥指纹", "device key"), facts.device_key);
    if let Some((place, at)) = facts.registered {
        let (hour, minute) = at.clock();
        let day = words::date(at.date(), lang);
        println!("{} {} · {day} {hour:02}:{minute:02}", lang.pick("登记簿第", "entry of the log"), place + 1);
    }
}

#[derive(Serialize)]
struct Line {
    check: &'static str,
    made: bool,
    findings: Vec<String>,
}

#[derive(Serialize)]
struct Record {
    holds: bool,
    check_number: Option<String>,
    bundle: Option<String>,
    checks: Vec<Line>,
}

fn json(report: &Report) -> String {
    let line = |check: &Check| Line {
        check: check.name.as_str(),
        made: check.made,
        findings: check.findings.iter().map(|finding| finding.code().to_owned()).collect(),
    };
    let record = Record {
        holds: report.holds(),
        check_number: report.facts.as_ref().map(|facts| facts.check_number.grouped()),
        bundle: report.facts.as_ref().map(|facts| facts.bundle.to_string()),
        checks: report.checks.iter().map(line).collect(),
    };
    serde_json::to_string_pretty(&record).unwrap_or_default()
}
