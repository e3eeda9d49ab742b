//! What follows an agreement: commitments, completion, the effect, what the parties say, closing.

use clap::Args;
use doorstep_core::case::{Asked, Command, CommitmentRef, Grade};
use doorstep_core::id::DocId;

use super::phone::Phone;
use super::{Which, choice, done, fail, when};
use crate::words::Said;

/// A commitment of a case.
#[derive(Debug, Args)]
struct Commitment {
    #[command(flatten)]
    which: Which,
    /// 第几项约定，从 1 起，见 phone show · Which commitment, from 1, as phone show numbers them.
    #[arg(value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    n: u32,
}

impl Commitment {
    fn found(&self, phone: &Phone) -> Result<(DocId, CommitmentRef), Said> {
        let id = phone.case(&self.which.id)?;
        let view = phone.device.case(id).map_err(|error| fail::told(&error))?;
        let index = self.n.saturating_sub(1);
        let found = view.commitments.iter().find(|commitment| commitment.index == index);
        let found = found.ok_or_else(|| {
            let n = view.commitments.len();
            Said::coded(
                "no_commitment",
                format!("没有第 {} 项约定，生效的约定有 {n} 项。", self.n),
                format!("there is no commitment {}; {n} are in force.", self.n),
            )
        })?;
        Ok((id, CommitmentRef { draft: found.draft, index }))
    }
}

#[derive(Debug, Args)]
#[command(after_help = "示例 · Example:\n  doorstep phone fulfil last 1 --seen 赔偿款已付，收条已看")]
pub(super) struct Fulfil {
    #[command(flatten)]
    commitment: Commitment,
    /// 现场情况 · What was seen.
    #[arg(long)]
    seen: String,
}

pub(super) fn fulfil(phone: &Phone, options: &Fulfil) -> Result<(), Said> {
    let (id, commitment) = options.commitment.found(phone)?;
    done(phone, &phone.run(id, &Command::FulfilCommitment { commitment, seen: options.seen.clone() })?)
}

#[derive(Debug, Args)]
#[command(after_help = "示例 · Example:\n  doorstep phone extend last 2 --until +5 --why 配件未到货")]
pub(super) struct Extend {
    #[command(flatten)]
    commitment: Commitment,
    /// 延到哪天 · Until when.
    #[arg(long, value_name = "DAY", value_parser = when::day)]
    until: when::Day,
    /// 原因 · Why.
    #[arg(long)]
    why: String,
}

pub(super) fn extend(phone: &Phone, options: &Extend) -> Result<(), Said> {
    let (id, commitment) = options.commitment.found(phone)?;
    let until = options.until.of(phone.today());
    done(phone, &phone.run(id, &Command::ExtendCommitment { commitment, why: options.why.clone(), until })?)
}

#[derive(Debug, Args)]
#[command(after_help = "示例 · Example:\n  doorstep phone default last 2 --why 到期未拆除，已当面催促")]
pub(super) struct Default {
    #[command(flatten)]
    commitment: Commitment,
    /// 查看的情况 · What was found.
    #[arg(long)]
    why: String,
}

pub(super) fn default(phone: &Phone, options: &Default) -> Result<(), Said> {
    let (id, commitment) = options.commitment.found(phone)?;
    done(phone, &phone.run(id, &Command::DefaultCommitment { commitment, why: options.why.clone() })?)
}

#[derive(Debug, Args)]
#[command(after_help = "示例 · Example:\n  doorstep phone waive last 1 --by 李秀英 --why 邻里和气，不再要赔偿")]
pub(super) struct Waive {
    #[command(flatten)]
    commitment: Commitment,
    /// 由哪位当事人免除 · The party that waives it, its beneficiary.
    #[arg(long, value_name = "NAME")]
    by: String,
    /// 原话 · In what words.
    #[arg(long)]
    why: String,
}

pub(super) fn waive(phone: &Phone, options: &Waive) -> Result<(), Said> {
    let (id, commitment) = options.commitment.found(phone)?;
    let command = Command::WaiveCommitment { commitment, by: options.by.clone(), why: options.why.clone() };
    done(phone, &phone.run(id, &command)?)
}

#[derive(Debug, Args)]
pub(super) struct Complete {
    #[command(flatten)]
    which: Which,
    /// 办了什么，一句话 · What was done, in a sentence.
    #[arg(long, default_value = "", hide_default_value = true)]
    words: String,
}

pub(super) fn complete(phone: &Phone, options: &Complete) -> Result<(), Said> {
    let id = phone.case(&options.which.id)?;
    done(phone, &phone.run(id, &Command::Complete { words: options.words.clone() })?)
}

#[derive(Debug, Args)]
pub(super) struct Effect {
    #[command(flatten)]
    which: Which,
    /// 现场情况 · What was seen on the spot.
    #[arg(long)]
    seen: String,
}

pub(super) fn effect(phone: &Phone, options: &Effect) -> Result<(), Said> {
    let id = phone.case(&options.which.id)?;
    done(phone, &phone.run(id, &Command::CheckEffect { seen: options.seen.clone() })?)
}

/// Whose word it is.
#[derive(Debug, Args)]
struct Party {
    /// 当事人；只有一位时可省略 · The party; need not be given where there is only one.
    #[arg(long, value_name = "NAME")]
    party: Option<String>,
    /// 方式 · How they were asked.
    #[arg(long, value_parser = choice::asked(), default_value = "in_person")]
    asked: Asked,
}

impl Party {
    fn name(&self, phone: &Phone, id: DocId) -> Result<String, Said> {
        if let Some(name) = &self.party {
            return Ok(name.clone());
        }
        let view = phone.device.case(id).map_err(|error| fail::told(&error))?;
        match view.parties.as_slice() {
            [only] => Ok(only.name.clone()),
            several => {
                let names: Vec<&str> = several.iter().map(|party| party.name.as_str()).collect();
                Err(Said::usage(
                    "party_missing",
                    format!("请用 --party 写明是哪位：{}。", names.join("、")),
                    format!("say who it was with --party: {}.", names.join(", ")),
                ))
            }
        }
    }
}

#[derive(Debug, Args)]
#[command(after_help = "示例 · Example:\n  doorstep phone feedback last --party 李秀英 --grade satisfied --asked by_phone
  doorstep phone feedback last --party 李秀英 --grade 不满意 --words 又漏了    任何一方不满意，自动再次协商 · sets the table again")]
pub(super) struct Feedback {
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    party: Party,
    /// 满意程度 · How satisfied they are.
    #[arg(long, value_parser = choice::grade())]
    grade: Grade,
    /// 原话 · In what words.
    #[arg(long, default_value = "", hide_default_value = true)]
    words: String,
}

pub(super) fn feedback(phone: &Phone, options: &Feedback) -> Result<(), Said> {
    let id = phone.case(&options.which.id)?;
    let party = options.party.name(phone, id)?;
    let command =
        Command::RecordFeedback { party, grade: options.grade, words: options.words.clone(), asked: options.party.asked };
    done(phone, &phone.run(id, &command)?)
}

#[derive(Debug, Args)]
pub(super) struct Tried {
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    party: Party,
}

pub(super) fn tried(phone: &Phone, options: &Tried) -> Result<(), Said> {
    let id = phone.case(&options.which.id)?;
    let party = options.party.name(phone, id)?;
    done(phone, &phone.run(id, &Command::RecordFeedbackTry { party, asked: options.party.asked })?)
}

pub(super) fn close(phone: &Phone, which: &Which) -> Result<(), Said> {
    let id = phone.case(&which.id)?;
    done(phone, &phone.run(id, &Command::Close)?)
}
