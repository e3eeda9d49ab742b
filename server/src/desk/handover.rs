//! Two raises, one transfer: `phone raise`, `phone transfer`, and what the receiver does with it.

use clap::Args;
use doorstep_core::case::{AgreedWithBody, Command, Department, Ground};

use super::phone::Phone;
use super::{Which, choice, done, pair, place, when};
use crate::words::Said;

#[derive(Debug, Args)]
#[command(after_help = "示例 · Examples:
  doorstep phone raise last --to committee --ground no_agreement --reason 需教育、民政共同解决 --tried 三次协商未果
  doorstep phone raise last --to office-affairs --ground beyond_powers --reason 涉及低保审批

收件单位见 phone directory orgs · Receivers: phone directory orgs")]
pub(super) struct Raise {
    #[command(flatten)]
    which: Which,
    /// 科室、中心或党工委（编号或名称） · The office, centre or committee, by id or name.
    #[arg(long, value_name = "ORG")]
    to: String,
    /// 事由 · On what ground.
    #[arg(long, value_parser = choice::ground())]
    ground: Ground,
    /// 理由 · The reason, in words.
    #[arg(long)]
    reason: String,
    /// 已做的工作 · What was tried.
    #[arg(long, default_value = "", hide_default_value = true)]
    tried: String,
}

pub(super) fn raise(phone: &Phone, options: &Raise) -> Result<(), Said> {
    let id = phone.case(&options.which.id)?;
    let command = Command::Raise {
        to: place::org(&phone.device.directory(), &options.to)?,
        ground: options.ground.clone(),
        reason: options.reason.clone(),
        tried: options.tried.clone(),
    };
    done(phone, &phone.run(id, &command)?)
}

#[derive(Debug, Args)]
#[command(after_help = "示例 · Examples:
  doorstep phone transfer last --to property --reason 电梯照明由物业负责
  doorstep phone transfer last --to education --reason 学位由其审批 --agreed-with 宋科长 --agreed-how 电话 --agreed-on today

转给责任主体须先与其商定并写明 · A body outside must have agreed first; say who, when and how.")]
pub(super) struct Transfer {
    #[command(flatten)]
    which: Which,
    /// 辖区单位或责任主体（编号或名称） · The unit or responsible body, by id or name.
    #[arg(long, value_name = "ORG")]
    to: String,
    /// 为何由其办理 · Why it is theirs.
    #[arg(long)]
    reason: String,
    /// 对方经办人 · Who agreed there.
    #[arg(long, value_name = "NAME", requires = "agreed_how")]
    agreed_with: Option<String>,
    /// 商定方式（来函、电话、会议） · How: letter, call, meeting.
    #[arg(long, value_name = "HOW", requires = "agreed_with")]
    agreed_how: Option<String>,
    /// 商定日期 · When.
    #[arg(long, value_name = "DAY", value_parser = when::day, default_value = "today", requires = "agreed_with")]
    agreed_on: when::Day,
}

pub(super) fn transfer(phone: &Phone, options: &Transfer) -> Result<(), Said> {
    let id = phone.case(&options.which.id)?;
    let agreed = options.agreed_with.clone().zip(options.agreed_how.clone());
    let agreed = agreed.map(|(with, how)| AgreedWithBody { with, on: options.agreed_on.of(phone.today()), how });
    let to = place::org(&phone.device.directory(), &options.to)?;
    done(phone, &phone.run(id, &Command::Transfer { to, reason: options.reason.clone(), agreed })?)
}

pub(super) fn accept(phone: &Phone, which: &Which) -> Result<(), Said> {
    let id = phone.case(&which.id)?;
    done(phone, &phone.run(id, &Command::AcceptHandover)?)
}

#[derive(Debug, Args)]
pub(super) struct Why {
    #[command(flatten)]
    pub(super) which: Which,
    /// 原因 · Why.
    #[arg(long)]
    pub(super) why: String,
}

/// Sends a handover back.
pub(super) fn give_back(phone: &Phone, options: &Why) -> Result<(), Said> {
    let id = phone.case(&options.which.id)?;
    done(phone, &phone.run(id, &Command::ReturnHandover { why: options.why.clone() })?)
}

pub(super) fn recall(phone: &Phone, options: &Why) -> Result<(), Said> {
    let id = phone.case(&options.which.id)?;
    done(phone, &phone.run(id, &Command::RecallHandover { why: options.why.clone() })?)
}

#[derive(Debug, Args)]
pub(super) struct Settle {
    #[command(flatten)]
    which: Which,
    /// 办理结果 · What came of it.
    #[arg(long)]
    result: String,
}

pub(super) fn settle(phone: &Phone, options: &Settle) -> Result<(), Said> {
    let id = phone.case(&options.which.id)?;
    done(phone, &phone.run(id, &Command::SettleHandover { result: options.result.clone() })?)
}

#[derive(Debug, Args)]
#[command(after_help = "示例 · Example:
  doorstep phone convene last --department education=落实学位 --department civil-affairs=安排照料")]
pub(super) struct Convene {
    #[command(flatten)]
    which: Which,
    /// 部门与任务，“部门=任务”，可重复 · A department and its task, DEPARTMENT=TASK; repeat for each.
    #[arg(long, value_name = "DEPARTMENT=TASK", required = true)]
    department: Vec<String>,
}

pub(super) fn convene(phone: &Phone, options: &Convene) -> Result<(), Said> {
    let id = phone.case(&options.which.id)?;
    let directory = phone.device.directory();
    let called = |typed: &String| {
        let (name, task) = pair(typed);
        // One that the directory doesn't have is called by its name alone.
        let org = place::org(&directory, &name).ok();
        let name = org.as_ref().map_or(name, |org| directory.org_name(org).to_owned());
        Department { org, name, task }
    };
    let departments = options.department.iter().map(called).collect();
    done(phone, &phone.run(id, &Command::ConveneDepartments { departments })?)
}
