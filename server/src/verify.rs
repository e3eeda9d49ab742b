//! `doorstep verify FILE`: a signed agreement, checked offline by anyone, without trusting phone, server or us. The file may be the
//! agreement's own, the PDF that carries it, or the scanned codes of a paper.
//!
//! Exit code 0: nothing is broken. 1: something is, and it is named. 2: the file or the keys can't be read.

mod codes;
mod pdf;
mod trust;

use std::io::Read as _;
use std::path::PathBuf;

use clap::Args;
use doorstep_core::agreement::{Check, Facts, Finding, Report, Weight, is_paper, verify_with};
use doorstep_core::print::{PDF_MAX, is_pdf};
use doorstep_core::words;
use serde::Serialize;

use crate::words::{Lang, Said, say};

/// What to verify.
#[derive(Debug, Args)]
#[command(after_help = "示例 · Examples:
  doorstep verify 协议书.pdf          打印件的电子文件 · the PDF, which carries its evidence
  doorstep verify agreement.doorstep  协议文件 · the agreement's own file
  doorstep verify 扫码.txt            扫描纸面二维码所得的文字 · what a scanner read from the paper's codes, a code a line")]
pub struct Options {
    /// 协议文件、PDF 或扫码所得的文字 · The agreement's file, its PDF, or the scanned codes of a paper.
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
    if is_paper(&bytes) {
        return codes::run(&bytes, options.json, lang);
    }
    let (agreement, pages) = if is_pdf(&bytes) {
        let carried = pdf::Carried::find(&bytes)?;
        (carried.agreement, Some(carried.pages))
    } else {
        (bytes.as_slice(), None)
    };
    let report = verify_with(agreement, &options.trust.anchors()?);
    if options.json {
        println!("{}", json(&report, pages));
    } else {
        print(&report, pages, lang);
    }
    if report.holds() { Ok(()) } else { Err(Said::new("协议核验未通过。", "the agreement does not verify.")) }
}

/// The file's bytes, one more than the largest that is looked at: no file is too large to be refused.
fn read(options: &Options) -> Result<Vec<u8>, Said> {
    let path = options.file.display();
    let cannot = |cause: std::io::Error| {
        Said::usage("unreadable_file", format!("无法读取 {path}：{cause}"), format!("can't read {path}: {cause}"))
    };
    let file = std::fs::File::open(&options.file).map_err(cannot)?;
    let mut bytes = Vec::new();
    file.take(PDF_MAX as u64 + 1).read_to_end(&mut bytes).map_err(cannot)?;
    Ok(bytes)
}

fn print(report: &Report, pages: Option<pdf::Pages>, lang: Lang) {
    if let Some(facts) = &report.facts {
        describe(facts, lang);
    }
    for check in &report.checks {
        say!("  {} {}", mark(check), lang.pick(check.name.zh(), check.name.en()));
        for finding in &check.findings {
            say!("      {} [{}]", lang.pick(&finding.zh(), &finding.en()), finding.code());
        }
    }
    if let Some(pages) = pages {
        say!("  {} {}", pages.mark(), pages.words(lang));
    }
    if let (Some(pdf::Pages::Other), Some(facts)) = (pages, &report.facts) {
        text(&facts.text, lang);
    }
    say!(
        "{}",
        if report.holds() {
            lang.pick("核验通过。", "It verifies.")
        } else {
            lang.pick("核验未通过。", "It does not verify.")
        }
    );
}

/// The signed text, for an eye to hold against the paper.
fn text(text: &str, lang: Lang) {
    say!("{}", lang.pick("签署的文字（请与纸面逐字对照）：", "the words that were signed (hold them against the paper):"));
    text.lines().for_each(|line| say!("  │ {line}"));
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
    say!("{} {}", lang.pick("核验码", "check number"), facts.check_number.grouped());
    say!("{} {parties}", lang.pick("当事人", "parties"));
    for signer in &facts.signers {
        say!("  ✍ {} {} {}", lang.pick(signer.role.zh(), signer.role.name()), signer.name, signer.capacity);
    }
    say!("{} {day} {hour:02}:{minute:02}", lang.pick("封存于", "sealed"));
    say!("{} {}", lang.pick("设备密钥指纹", "device key"), facts.device_key);
    if let Some((place, at)) = facts.registered {
        let (hour, minute) = at.clock();
        let day = words::date(at.date(), lang);
        say!("{} {} · {day} {hour:02}:{minute:02}", lang.pick("登记簿第", "entry of the log"), place + 1);
    }
    if let Some(at) = facts.stamped_at {
        say!("{} {}", lang.pick("调委会盖章于", "stamped by the committee"), words::date(at.date(), lang));
    }
    if let Some(replaced) = &facts.supersedes {
        let number = doorstep_core::agreement::CheckNumber::of(replaced).grouped();
        say!("{} {number}", lang.pick("取代核验码为此的协议", "takes the place of the agreement with check number"));
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
    /// For a PDF: `reproduced`, or `other` where its pages are not those that this program prints of the file it carries.
    #[serde(skip_serializing_if = "Option::is_none")]
    pages: Option<&'static str>,
    checks: Vec<Line>,
}

fn json(report: &Report, pages: Option<pdf::Pages>) -> String {
    let line = |check: &Check| Line {
        check: check.name.as_str(),
        made: check.made,
        findings: check.findings.iter().map(|finding| finding.code().to_owned()).collect(),
    };
    let record = Record {
        holds: report.holds(),
        check_number: report.facts.as_ref().map(|facts| facts.check_number.grouped()),
        bundle: report.facts.as_ref().map(|facts| facts.bundle.to_string()),
        pages: pages.map(pdf::Pages::name),
        checks: report.checks.iter().map(line).collect(),
    };
    serde_json::to_string_pretty(&record).unwrap_or_default()
}
