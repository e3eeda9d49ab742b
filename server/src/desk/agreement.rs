//! `phone template`, `phone draft`, `phone oral`, `phone agreement`: what was agreed, in writing.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::Args;
use doorstep_core::case::{Command, Commitment, DisputeKind, Party, PartyKind};
use doorstep_core::directory::{AgreementTemplate, Directory};
use doorstep_core::id::Digest;
use serde::Deserialize;

use super::phone::{Phone, record, write};
use super::print::{Table, json};
use super::{Which, choice, done, fail, place, when};
use crate::words::{Lang, Said, say};

/// What stands in a template where something has to be filled in.
const BLANK: &str = "____";

/// A draft in a file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct DraftFile {
    dispute: DisputeKind,
    facts: String,
    terms: String,
    parties: Vec<PartyFile>,
    commitments: Vec<CommitmentFile>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PartyFile {
    name: String,
    /// An org's id or name; empty for one that the directory doesn't have.
    org: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CommitmentFile {
    party: String,
    deed: String,
    due: String,
    yuan: Option<Yuan>,
}

/// A sum, with or without quotes.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Yuan {
    Whole(u64),
    Written(String),
    Parts(f64),
}

#[derive(Debug, Args)]
#[command(after_help = "示例 · Examples:
  doorstep phone draft last --from draft.toml
  doorstep phone draft last --party 张建国 --party 李秀英 --facts … --terms … \\
      --promise '张建国|拆除自装阀门，恢复供水|+7' --promise '张建国|赔偿停水损失|2026-06-01|600'
  doorstep phone template 赔偿协议 > draft.toml        从模板开始 · begin with a template

单位作为当事人：--party 物业公司=property · An org as a party: NAME=ORG")]
pub(super) struct Draft {
    #[command(flatten)]
    which: Which,
    /// 从文件读取（TOML 或 JSON），- 为标准输入 · From a file, TOML or JSON; - is standard input.
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
    /// 用名录里的模板 · From a template of the directory.
    #[arg(long, value_name = "TITLE", conflicts_with = "from")]
    template: Option<String>,
    /// 当事人，可重复；单位写作“名称=单位” · A party, repeat for each; an org as NAME=ORG.
    #[arg(long, value_name = "NAME[=ORG]")]
    party: Vec<String>,
    /// 事实与争议 · The facts, and what was disputed.
    #[arg(long)]
    facts: Option<String>,
    /// 协议内容 · The terms.
    #[arg(long)]
    terms: Option<String>,
    /// 约定：谁|做什么|何时[|多少元]，可重复 · A commitment: WHO|WHAT|WHEN[|YUAN]; repeat for each.
    #[arg(long, value_name = "WHO|WHAT|WHEN")]
    promise: Vec<String>,
    /// 纠纷类型 · Kinds of dispute that the law treats apart.
    #[arg(long, value_parser = choice::dispute())]
    dispute: Option<DisputeKind>,
}

pub(super) fn draft(phone: &Phone, options: &Draft) -> Result<(), Said> {
    let id = phone.case(&options.which.id)?;
    let directory = phone.device.directory();
    let mut file = match (&options.from, &options.template) {
        (Some(path), _) => record::<DraftFile>(path)?,
        (None, Some(title)) => {
            let template = template_called(&directory, title)?;
            DraftFile { facts: template.facts.clone(), terms: template.terms.clone(), ..DraftFile::default() }
        }
        (None, None) => DraftFile::default(),
    };
    for typed in &options.party {
        let (name, org) = super::pair(typed);
        file.parties.push(PartyFile { name, org: typed.contains('=').then_some(org) });
    }
    for typed in &options.promise {
        file.commitments.push(promise(typed)?);
    }
    file.facts = options.facts.clone().unwrap_or(file.facts);
    file.terms = options.terms.clone().unwrap_or(file.terms);
    file.dispute = options.dispute.unwrap_or(file.dispute);
    let command = command(phone, file)?;
    done(phone, &phone.run(id, &command)?)
}

fn command(phone: &Phone, file: DraftFile) -> Result<Command, Said> {
    let directory = phone.device.directory();
    let deeds = file.commitments.iter().map(|one| &one.deed);
    if [&file.facts, &file.terms].into_iter().chain(deeds).any(|text| text.contains(BLANK)) {
        return Err(Said::coded("blanks_left", "文本里还有没填的空（____）。", "there are blanks left to fill in (____)."));
    }
    let mut parties = Vec::with_capacity(file.parties.len());
    for party in file.parties {
        let kind = match party.org.as_deref().map(str::trim) {
            None => PartyKind::Resident,
            Some("") => PartyKind::Org { org: None },
            Some(org) => PartyKind::Org { org: Some(place::org(&directory, org)?) },
        };
        parties.push(Party { name: party.name, kind });
    }
    let mut commitments = Vec::with_capacity(file.commitments.len());
    for one in file.commitments {
        let due = when::day(&one.due).map_err(|_| wrong_promise(&one.due))?.of(phone.today());
        let amount_fen = one.yuan.map(fen).transpose()?;
        commitments.push(Commitment { party: one.party, deed: one.deed, due, amount_fen });
    }
    Ok(Command::DraftAgreement { dispute: file.dispute, parties, facts: file.facts, terms: file.terms, commitments })
}

fn wrong_promise(typed: &str) -> Said {
    Said::usage(
        "wrong_commitment",
        format!("约定“{typed}”应写作“谁|做什么|何时[|多少元]”，何时如 2026-06-01、+7。"),
        format!("the commitment '{typed}' must be WHO|WHAT|WHEN[|YUAN], WHEN such as 2026-06-01 or +7."),
    )
}

/// `张建国|拆除阀门|+7|600`, with the Chinese bar taken too.
fn promise(typed: &str) -> Result<CommitmentFile, Said> {
    let parts: Vec<&str> = typed.split(['|', '｜']).map(str::trim).collect();
    let (party, deed, due, yuan) = match parts.as_slice() {
        [party, deed, due] => (party, deed, due, None),
        [party, deed, due, yuan] => (party, deed, due, Some(Yuan::Written((*yuan).to_owned()))),
        _ => return Err(wrong_promise(typed)),
    };
    if when::day(due).is_err() {
        return Err(wrong_promise(typed));
    }
    Ok(CommitmentFile { party: (*party).into(), deed: (*deed).into(), due: (*due).into(), yuan })
}

/// Fen in a sum of yuan; to the cent, without going through a fraction that computers can't write.
fn fen(yuan: Yuan) -> Result<u64, Said> {
    let text = match yuan {
        Yuan::Whole(yuan) => yuan.to_string(),
        Yuan::Parts(yuan) => yuan.to_string(),
        Yuan::Written(text) => text,
    };
    let wrong = || {
        Said::usage(
            "wrong_sum",
            format!("“{text}”不是金额，应如 600 或 600.50。"),
            format!("'{text}' is no sum; write 600 or 600.50."),
        )
    };
    let plain: String = text.trim().trim_end_matches('元').chars().filter(|c| *c != ',').collect();
    let (whole, cents) = plain.split_once('.').unwrap_or((&plain, ""));
    if cents.len() > 2 || !cents.bytes().all(|b| b.is_ascii_digit()) {
        return Err(wrong());
    }
    let whole: u64 = whole.parse().map_err(|_| wrong())?;
    let cents: u64 = format!("{cents:0<2}").parse().map_err(|_| wrong())?;
    whole.checked_mul(100).and_then(|fen| fen.checked_add(cents)).ok_or_else(wrong)
}

#[derive(Debug, Args)]
#[command(after_help = "示例 · Examples:
  doorstep phone template                          有哪些模板 · which there are
  doorstep phone template 赔偿协议 > draft.toml    填好后：phone draft ID --from draft.toml · fill it in, then draft with it")]
pub(super) struct Template {
    /// 模板名称；不写则列出全部 · The template's title; without, all are listed.
    title: Option<String>,
    /// 当事人按这件事项预填 · Fill in the parties of this case.
    #[arg(long, value_name = "ID")]
    case: Option<String>,
}

fn template_called<'a>(directory: &'a Directory, title: &str) -> Result<&'a AgreementTemplate, Said> {
    directory.templates.iter().find(|template| template.title == title).ok_or_else(|| {
        let titles: Vec<&str> = directory.templates.iter().map(|template| template.title.as_str()).collect();
        Said::coded(
            "unknown_template",
            format!(
                "没有“{title}”这个模板。{}",
                if titles.is_empty() {
                    "名录里还没有模板。".into()
                } else {
                    format!("可以是：{}。", titles.join("、"))
                }
            ),
            format!(
                "there is no template {title}. {}",
                if titles.is_empty() {
                    "The directory has none yet.".into()
                } else {
                    format!("It can be: {}.", titles.join(", "))
                }
            ),
        )
    })
}

pub(super) fn template(phone: &Phone, options: &Template) -> Result<(), Said> {
    let directory = phone.device.directory();
    let Some(title) = &options.title else {
        if phone.json {
            json(&directory.templates);
        } else if directory.templates.is_empty() {
            say!("{}", phone.pick("名录里还没有模板。", "the directory has no templates yet."));
        } else {
            let mut table = Table::new(&[phone.pick("模板", "template"), phone.pick("类别", "category")]);
            for template in &directory.templates {
                table.row([template.title.clone(), template.category.clone()]);
            }
            table.print();
        }
        return Ok(());
    };
    let template = template_called(&directory, title)?;
    if phone.json {
        json(template);
        return Ok(());
    }
    let view = options.case.as_ref().map(|typed| phone.case(typed)).transpose()?;
    let view = view.map(|id| phone.device.case(id).map_err(|error| fail::told(&error))).transpose()?;
    let parties: Vec<String> = view.map(|view| view.parties.into_iter().map(|party| party.name).collect()).unwrap_or_default();
    say!("{}", beginning(template, &parties, phone.lang).trim_end());
    Ok(())
}

/// A draft's file, begun from a template.
fn beginning(template: &AgreementTemplate, parties: &[String], lang: Lang) -> String {
    let text = crate::admin::toml_text;
    let mut file = String::new();
    let blank = [BLANK.to_owned(), BLANK.to_owned()];
    let parties = if parties.is_empty() { blank.as_slice() } else { parties };
    // Writing to a string can't fail.
    let _ = writeln!(
        file,
        "# {}",
        lang.pick(
            "填好 ____ 后：doorstep phone draft ID --from 本文件",
            "fill in the ____, then: doorstep phone draft ID --from FILE"
        )
    );
    let _ = writeln!(file, "facts = {}\nterms = {}", text(&template.facts), text(&template.terms));
    for party in parties {
        let _ = writeln!(file, "\n[[parties]]\nname = {}", text(party));
    }
    for deed in &template.deeds {
        let due = lang.pick("或 2026-06-01", "or 2026-06-01");
        let _ = writeln!(file, "\n[[commitments]]\nparty = {}\ndeed = {}\ndue = \"+7\" # {due}", text(BLANK), text(deed));
    }
    file
}

#[derive(Debug, Args)]
#[command(after_help = "示例 · Example:\n  doorstep phone oral last --witness 陈志强")]
pub(super) struct Oral {
    #[command(flatten)]
    which: Which,
    /// 见证人 · The witness.
    #[arg(long, value_name = "NAME")]
    witness: String,
}

pub(super) fn oral(phone: &Phone, options: &Oral) -> Result<(), Said> {
    let id = phone.case(&options.which.id)?;
    done(phone, &phone.run(id, &Command::RecordOralAgreement { witness: options.witness.clone() })?)
}

#[derive(Debug, Args)]
#[command(after_help = "示例 · Example:
  doorstep phone print last --form draft --out 草稿.pdf     打印后当面签名 · print it, all sign by hand
  doorstep phone paper last --sheet 签名页.jpg --witness 陈志强

婚姻、收养、继承等身份关系和停水停热停气的纠纷，依法只能这样签 · The only way the law leaves for personal status and cut-offs.")]
pub(super) struct OnPaper {
    #[command(flatten)]
    which: Which,
    /// 签名页的照片或扫描件，可重复 · A photo or scan of a signed sheet, repeat for each.
    #[arg(long, value_name = "FILE", required = true)]
    sheet: Vec<PathBuf>,
    /// 见证人 · The witness.
    #[arg(long, value_name = "NAME")]
    witness: String,
}

pub(super) fn on_paper(phone: &Phone, options: &OnPaper) -> Result<(), Said> {
    let id = phone.case(&options.which.id)?;
    let mut sheets = Vec::new();
    for path in &options.sheet {
        sheets.push(super::attachments::attach_file(phone, id, path, phone.pick("签名页", "signed sheet"))?);
    }
    done(phone, &phone.run(id, &Command::RecordPaperAgreement { sheets, witness: options.witness.clone() })?)
}

#[derive(Debug, Args)]
#[command(after_help = "示例 · Example:
  doorstep phone agreement last --out agreement.doorstep
  doorstep verify agreement.doorstep                      任何人都能核验 · anyone can check it

别的手机签的协议会先向服务器要 · One that another phone sealed is fetched from the server first.")]
pub(super) struct Agreement {
    #[command(flatten)]
    which: Which,
    /// 写入文件；- 为标准输出 · Where to write it; - is standard output.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// 只要封存的协议，不带登记回执 · Only what was sealed, without the receipt beside it.
    #[arg(long)]
    bare: bool,
}

pub(super) fn agreement(phone: &Phone, options: &Agreement) -> Result<(), Said> {
    let id = phone.case(&options.which.id)?;
    let view = phone.device.case(id).map_err(|error| fail::told(&error))?;
    let signed = view.agreement.and_then(|agreement| Some((agreement.bundle?, agreement.check_number)));
    let (digest, check_number) = signed.ok_or_else(|| {
        Said::coded("not_signed", "这件事项没有已签署的协议。", "this case has no signed agreement in force.")
    })?;
    let mut bytes = bundle(phone, &digest)?;
    if !options.bare {
        bytes = phone.device.agreement_file(&digest).map_err(|error| fail::told(&error))?.unwrap_or(bytes);
    }
    write(&options.out, &bytes)?;
    phone.touched(doorstep_core::id::DocKind::Case, id);
    let out = options.out.display().to_string();
    if out == "-" {
    } else if phone.json {
        json(
            &serde_json::json!({ "file": out, "bundle": digest.to_string(), "check_number": check_number, "bytes": bytes.len() }),
        );
    } else {
        match phone.lang {
            Lang::Zh => say!("✓ 已写入 {out}，核验码 {check_number}。核验：doorstep verify {out}"),
            Lang::En => say!("✓ written to {out}, check number {check_number}; check it: doorstep verify {out}"),
        }
    }
    Ok(())
}

/// The bundle's bytes, from the server if this phone doesn't have them.
pub(super) fn bundle(phone: &Phone, digest: &Digest) -> Result<Vec<u8>, Said> {
    if let Some(bytes) = phone.device.bundle(digest).map_err(|error| fail::told(&error))? {
        return Ok(bytes);
    }
    let fetched = phone.device.fetch_bundle(&phone.transport()?, digest).map_err(|error| fail::told(&error))?;
    fetched.ok_or_else(|| {
        Said::coded("no_bundle", "服务器还没有这份协议文件。", "the server does not have this agreement's file yet.")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_promise_is_who_what_when_and_how_much() {
        let one = promise("张建国｜拆除阀门 | +7 | 600.5元").unwrap();
        assert_eq!((one.party.as_str(), one.deed.as_str(), one.due.as_str()), ("张建国", "拆除阀门", "+7"));
        assert_eq!(fen(one.yuan.unwrap()).unwrap(), 60_050);
        for wrong in ["张建国", "张建国|拆除", "张建国|拆除|soon", "a|b|+1|2|3"] {
            assert_eq!(promise(wrong).unwrap_err().code(), "wrong_commitment", "{wrong}");
        }
    }

    #[test]
    fn sums_are_read_to_the_cent_or_not_at_all() {
        let read = |text: &str| fen(Yuan::Written(text.into())).map_err(|said| said.code().to_owned());
        assert_eq!((read("600"), read("1,600.05"), read("0.1")), (Ok(60_000), Ok(160_005), Ok(10)));
        for wrong in ["", "-1", "6.001", "六百", "1e3", "99999999999999999999"] {
            assert_eq!(read(wrong), Err("wrong_sum".into()), "{wrong}");
        }
        assert_eq!(fen(Yuan::Whole(3)).unwrap(), 300);
        assert_eq!(fen(Yuan::Parts(0.29)).unwrap(), 29);
    }

    #[test]
    fn a_draft_begun_from_a_template_is_read_back() {
        let template = AgreementTemplate {
            category: String::new(),
            title: "赔偿".into(),
            facts: "____造成\n\"损失\"。".into(),
            terms: "一、赔偿。\n二、不再追究。".into(),
            deeds: vec!["支付赔偿款".into()],
        };
        let file: DraftFile = toml::from_str(&beginning(&template, &["张建国".into()], Lang::Zh)).unwrap();
        assert_eq!((file.facts, file.terms), (template.facts, template.terms));
        assert_eq!((file.parties[0].name.as_str(), file.commitments[0].deed.as_str()), ("张建国", "支付赔偿款"));
    }
}
