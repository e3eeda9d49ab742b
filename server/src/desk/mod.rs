//! The desk: a whole phone on the command line, for operators, tests and people without the app; and a case's history in
//! print.
//!
//! No rule lives here. A command line becomes a command of the core's [`doorstep_core::device::Device`], and what comes of
//! it lines for people or records for programs (`--json`). It prompts for nothing.
//!
//! Reading order: `phone.rs` (which phone, which record) → `choice.rs`, `when.rs`, `place.rs` (words, days, places as
//! people type them) → a file for each group of commands → `history.rs`, `shown.rs` (a case in print) → `case.rs`.

mod act;
mod agreement;
mod attachments;
mod case;
mod choice;
mod consult;
mod day;
mod enrol;
mod export;
mod fail;
mod handover;
mod history;
mod household;
pub mod ink;
mod lead;
mod look;
mod offers;
mod packets;
mod paper;
mod phone;
mod place;
mod print;
mod report;
mod review;
mod search;
mod shown;
mod sign;
mod sync;
mod when;

use std::fmt::Write as _;

use clap::{Args, Subcommand};
use doorstep_core::view::CaseView;

use crate::words::{self, Lang, Said, say};
use phone::{Common, Phone};
use print::json;
use shown::CaseRecord;

pub use case::{CaseAction, run as run_case};

/// What `doorstep phone` is told.
#[derive(Debug, Args)]
#[command(arg_required_else_help = true, after_help = EXAMPLES)]
pub struct Options {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    action: Action,
}

/// A case, by its id.
#[derive(Debug, Args)]
struct Which {
    /// 编号或其开头；last 为最近动过的 · The id or its beginning; last: what was last touched.
    #[arg(value_name = "ID")]
    id: String,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// 用登记码登记这部手机 · Get in, with the administrator's code.
    Enrol(enrol::Options),
    /// 上传未发送的，收取新的 · Send what is unsent, fetch what is new.
    Sync(sync::Options),
    /// 这部手机是谁的、有什么 · Whose phone this is, and what it holds.
    Status,
    /// 还没上传的，被搁置的及原因 · What is unsent, what was set aside and why.
    Pending,
    /// 未能办成的记录：查看、导出上交 · What could not be done: read it, export it, hand it in.
    Packets(packets::Options),
    /// 负责人：停用设备交来的内容，采纳或不采纳 · Leads: what revoked devices pushed, adopted or not.
    Review(review::Options),
    /// 检查手机数据库，损坏的换新 · Check the phone's database; begin a new one for a damaged one.
    Check(packets::Check),
    /// 名录：单位、网格、人员、类别 · The directory: orgs, grids, people, categories.
    Directory(look::DirectoryOptions),
    /// 我的一天：超期、今日到期、待签、待回访…… · My day: overdue, due today, to sign, to hear back …
    Day(day::Options),
    /// 列出事项、走访、户档 · List cases, visits or households.
    List(look::List),
    /// 查找：字词、姓名、地址、电话、拼音首字母 · Search: words, names, addresses, numbers, pinyin initials.
    Search(search::Options),
    /// 查看一份记录 · Show one record.
    Show(look::Show),
    /// 现在能对它做什么，不能的为什么 · What can be done with it now, and why not the rest.
    Offers(Which),
    /// 今天的路线：没去过的、最久没去的在前 · The day's route: doors never visited, then longest ago.
    Route(household::Route),
    /// 各网格走访了多少户 · How many doors of each grid were visited.
    Coverage(household::Coverage),
    /// 记一次走访 · Record a visit.
    Visit(report::Visit),
    /// 户档：建档、住户、迁移、标签 · Households: residents, moves, care tags.
    #[command(subcommand)]
    Household(household::Action),
    /// 导出台账：XLSX、CSV、JSON · Write a ledger: XLSX, CSV, JSON.
    Export(export::Options),
    /// 受理一件事项 · Report a concern.
    Report(report::Report),
    /// 交给一位网格员负责 · Assign it to a worker.
    Assign(lead::Assign),
    /// 情况、记录、草稿：查看或编辑共同文本 · Show or edit a shared text: account, minutes, draft.
    Text(lead::Text),
    /// 备注 · Add a note.
    Note(lead::Note),
    /// 添加附件：照片、录音、扫描件 · Attach a photo, a recording, a scan.
    Attach(attachments::Attach),
    /// 附件：有哪些、上传了没有 · Attachments: what there is, what has been sent.
    Attachments(attachments::List),
    /// 下载一个附件 · Fetch an attachment.
    Fetch(attachments::Fetch),
    /// 协商：开始、结束，五项要素 · Sit down, rise; the 5W.
    #[command(subcommand)]
    Consult(consult::Action),
    /// 协议模板 · Templates for agreements.
    Template(agreement::Template),
    /// 起草协议 · Draft the agreement.
    Draft(agreement::Draft),
    /// 各方签名、见证、封存 · All sign in turn, witnessed and sealed.
    Sign(sign::Sign),
    /// 生成试用笔迹 · Make ink for a trial.
    Strokes(sign::Strokes),
    /// 口头协议 · Record an oral agreement.
    Oral(agreement::Oral),
    /// 纸质签署：附签名页照片 · Record that the printed draft was signed on paper.
    Paper(agreement::OnPaper),
    /// 取出已签署的协议文件 · Write the signed agreement to a file.
    Agreement(agreement::Agreement),
    /// 打印：协议书、各种登记表和记录、整本卷宗 · Print: the agreement, the forms, the whole dossier.
    Print(paper::Options),
    /// 约定已履行 · A commitment was carried out.
    Fulfil(act::Fulfil),
    /// 约定延期 · A commitment gets more time.
    Extend(act::Extend),
    /// 约定未履行 · A commitment was not kept.
    Default(act::Default),
    /// 约定免除 · Its beneficiary waives a commitment.
    Waive(act::Waive),
    /// 办结 · Everything agreed is done.
    Complete(act::Complete),
    /// 现场问效 · Look at the effect on the spot.
    Effect(act::Effect),
    /// 记录当事人的评价 · Record what a party says.
    Feedback(act::Feedback),
    /// 回访未联系上 · A party was not reached.
    Tried(act::Tried),
    /// 结案 · Close the case.
    Close(Which),
    /// 调委会在签署的协议上盖章，协议生效 · The committee stamps the signed agreement: it takes effect.
    Stamp(Which),
    /// 记录法院的司法确认 · Record that a court confirmed the agreement.
    Confirm(lead::Confirm),
    /// 提级：到科室、中心或党工委 · Raise it to an office or the committee.
    Raise(handover::Raise),
    /// 转办：到辖区单位或责任主体 · Transfer it to a unit or a responsible body.
    Transfer(handover::Transfer),
    /// 收回还未接收的 · Take back an offer nobody accepted yet.
    Recall(handover::Why),
    /// 接收 · Accept what was offered.
    Accept(Which),
    /// 退回 · Send it back.
    Return(handover::Why),
    /// 办复 · Settle it, with a result.
    Settle(handover::Settle),
    /// 党工委召集部门 · The committee convenes departments.
    Convene(handover::Convene),
    /// 撤回：反映人要求 · Withdraw it, at the reporter's word.
    Withdraw(handover::Why),
    /// 并案 · It is another case's duplicate.
    Duplicate(lead::Duplicate),
    /// 互相矛盾的记录：查看、认定 · Records that exclude each other: see, choose.
    #[command(subcommand)]
    Contest(lead::Contest),
}

/// The commands as `--help` groups them.
const GROUPS: &[(&str, &[&str])] = &[
    ("手机 · The phone", &["enrol", "sync", "status", "pending", "packets", "check", "review", "directory", "export"]),
    ("查看 · Looking", &["day", "list", "search", "show", "offers"]),
    ("上门 · At the doors", &["route", "coverage", "visit", "household"]),
    (
        "接诉即商 · Reported, consulted at once",
        &["report", "assign", "consult", "text", "note", "attach", "attachments", "fetch"],
    ),
    (
        "商定即办 · Agreed, done at once",
        &[
            "template",
            "draft",
            "sign",
            "strokes",
            "oral",
            "paper",
            "agreement",
            "print",
            "stamp",
            "confirm",
            "fulfil",
            "extend",
            "default",
            "waive",
            "complete",
        ],
    ),
    ("办结即评 · Done, asked at once", &["effect", "feedback", "tried", "close"]),
    ("两提一转 · Two raises, one transfer", &["raise", "transfer", "recall", "accept", "return", "settle", "convene"]),
    ("其他 · Beside the way", &["withdraw", "duplicate", "contest"]),
];

const EXAMPLES: &str = "\
一天的工作 · A day's work:
  doorstep phone enrol 'doorstep://enrol?…'                 登记一次 · once
  doorstep phone sync                                       早上联网 · in the morning, with a network
  doorstep phone day                                        今天有什么事 · what there is to do
  doorstep phone visit --at 2单元401 --door met             上门 · at a door
  doorstep phone report --visit last --title 私装阀门致邻居停水 --category 邻里纠纷 --reporter 李秀英
  doorstep phone consult open last --form on_site --who 张建国=住户 --who 李秀英=业主 --what 恢复供水 --where 家属院
  doorstep phone consult conclude last --agreed --why 立管为共用部位
  doorstep phone draft last --party 张建国 --party 李秀英 --facts … --terms … --promise '张建国|拆除阀门|+7'
  doorstep phone sign last --strokes ink.json               各方签名 · all sign
  doorstep phone print last --out 协议书.pdf                 各执一份 · a copy for everybody
  doorstep phone fulfil last 1 --seen 阀门已拆              看着办完 · seen to be done
  doorstep phone show last                                  现在怎样 · how it stands
  doorstep case show last                                   全过程 · its whole history
  doorstep phone sync                                       晚上联网 · in the evening

编号写开头几位即可，last 是最近动过的一件 · The beginning of an id is enough; last is what was last touched.
没有网络也能做除同步外的一切 · Everything but syncing works without a network.
退出码：0 成功，1 未办成（错误里有代码），2 命令写错 · Exit codes: 0 done, 1 refused or failed (with a code), 2 a line that makes no sense";

/// Gives `doorstep phone --help` its groups: what a person does in a day, in the order of the method.
pub fn grouped(command: clap::Command, lang: Lang) -> clap::Command {
    let mut text = format!("{{about-with-newline}}\n{} {{usage}}\n", lang.pick("用法：", "Usage:"));
    for (heading, names) in GROUPS {
        let _ = write!(text, "\n{}\n", words::halves(heading, lang));
        for name in *names {
            let about = command.find_subcommand(name).and_then(|sub| sub.get_about().cloned());
            let about = about.map(|about| about.to_string()).unwrap_or_default();
            let _ = writeln!(text, "  {name:<10}  {}", words::halves(&about, lang));
        }
    }
    text.push_str("\n{all-args}{after-help}");
    let usage = lang.pick("doorstep phone <命令> …", "doorstep phone <COMMAND> …");
    command.help_template(text).override_usage(usage).mut_subcommands(|sub| sub.hide(true))
}

/// Does it.
pub fn run(options: &Options, lang: Lang) -> Result<(), Said> {
    let open = || Phone::open(&options.common, lang);
    match &options.action {
        Action::Enrol(enrol) => enrol::run(&options.common, enrol, lang),
        Action::Strokes(strokes) => sign::strokes(open, strokes),
        Action::Check(check) => packets::check(&options.common, check, lang),
        action => {
            let phone = open()?;
            let done = act_on(&phone, action);
            if !phone.device.wipe_ordered() {
                return done;
            }
            // The server has all that was unsent: closed first, then destroyed.
            let folder = phone.folder.clone();
            drop(phone);
            Err(phone::wiped(&folder))
        }
    }
}

fn act_on(phone: &Phone, action: &Action) -> Result<(), Said> {
    match action {
        // Those are done before a phone is opened, or instead.
        Action::Enrol(_) | Action::Strokes(_) | Action::Check(_) => Ok(()),
        Action::Sync(options) => sync::run(phone, options),
        Action::Status => enrol::status(phone),
        Action::Pending => sync::pending(phone),
        Action::Packets(options) => packets::run(phone, options),
        Action::Review(options) => review::run(phone, options),
        Action::Directory(options) => look::directory(phone, options),
        Action::Day(options) => day::run(phone, options),
        Action::List(options) => look::list(phone, options),
        Action::Search(options) => search::run(phone, options),
        Action::Show(options) => look::show(phone, options),
        Action::Offers(which) => offers::run(phone, which),
        Action::Route(options) => household::route(phone, options),
        Action::Coverage(options) => household::coverage(phone, options),
        Action::Export(options) => export::run(phone, options),
        Action::Visit(options) => report::visit(phone, options),
        Action::Household(action) => household::run(phone, action),
        Action::Report(options) => report::report(phone, options),
        Action::Assign(options) => lead::assign(phone, options),
        Action::Text(options) => lead::text(phone, options),
        Action::Note(options) => lead::note(phone, options),
        Action::Attach(options) => attachments::attach(phone, options),
        Action::Attachments(options) => attachments::list(phone, options),
        Action::Fetch(options) => attachments::fetch(phone, options),
        Action::Consult(action) => consult::run(phone, action),
        Action::Template(options) => agreement::template(phone, options),
        Action::Draft(options) => agreement::draft(phone, options),
        Action::Sign(options) => sign::sign(phone, options),
        Action::Oral(options) => agreement::oral(phone, options),
        Action::Paper(options) => agreement::on_paper(phone, options),
        Action::Agreement(options) => agreement::agreement(phone, options),
        Action::Print(options) => paper::run(phone, options),
        Action::Fulfil(options) => act::fulfil(phone, options),
        Action::Extend(options) => act::extend(phone, options),
        Action::Default(options) => act::default(phone, options),
        Action::Waive(options) => act::waive(phone, options),
        Action::Complete(options) => act::complete(phone, options),
        Action::Effect(options) => act::effect(phone, options),
        Action::Feedback(options) => act::feedback(phone, options),
        Action::Tried(options) => act::tried(phone, options),
        Action::Close(which) => act::close(phone, which),
        Action::Stamp(which) => lead::stamp(phone, which),
        Action::Confirm(options) => lead::confirm(phone, options),
        Action::Raise(options) => handover::raise(phone, options),
        Action::Transfer(options) => handover::transfer(phone, options),
        Action::Recall(options) => handover::recall(phone, options),
        Action::Accept(which) => handover::accept(phone, which),
        Action::Return(options) => handover::give_back(phone, options),
        Action::Settle(options) => handover::settle(phone, options),
        Action::Convene(options) => handover::convene(phone, options),
        Action::Withdraw(options) => lead::withdraw(phone, options),
        Action::Duplicate(options) => lead::duplicate(phone, options),
        Action::Contest(action) => lead::contest(phone, action),
    }
}

/// What a case's command came to: the newest line of its history, and where the case now is.
fn done(phone: &Phone, view: &CaseView) -> Result<(), Said> {
    if phone.json {
        json(&case_record(phone, view)?);
        return Ok(());
    }
    let newest = view.history.iter().max_by_key(|line| line.stamp);
    say!("✓ {}", newest.map(|line| line.text.clone()).unwrap_or_default());
    let stage = doorstep_core::words::stage(view.stage, phone.lang);
    let waiting = phone.device.pending().map_err(|error| fail::told(&error))?.counts;
    let waiting = waiting.waiting + waiting.wanted;
    let (id, title, round) = (phone::short(view.id), print::cut(&view.title, 40), view.round);
    match phone.lang {
        Lang::Zh => say!("  {id}  {title}  {stage}·第 {round} 轮  待传 {waiting}"),
        Lang::En => say!("  {id}  {title}  {stage}, round {round}  {waiting} unsent"),
    }
    if view.propose_raise {
        say!("  {}", phone.pick("已到规定轮次，建议考虑提级。", "the policy's rounds are used up: consider raising it."));
    }
    Ok(())
}

/// A case for programs.
fn case_record(phone: &Phone, view: &CaseView) -> Result<CaseRecord, Said> {
    let whole = phone.device.whole_case(view.id).map_err(|error| fail::told(&error))?;
    Ok(CaseRecord::new(&whole, &phone.device.directory(), phone.lang))
}

/// `姓名=身份`, `姓名（身份）`: the two halves; the second is empty if there is only one.
fn pair(text: &str) -> (String, String) {
    let text = text.trim();
    let (one, other) = text
        .split_once('=')
        .or_else(|| {
            let inner = text.strip_suffix(['）', ')'])?;
            inner.split_once(['（', '('])
        })
        .unwrap_or((text, ""));
    (one.trim().to_owned(), other.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[derive(clap::Parser)]
    struct Cli {
        #[command(flatten)]
        options: Options,
    }

    #[test]
    fn every_command_stands_in_exactly_one_group() {
        let mut grouped: Vec<&str> = GROUPS.iter().flat_map(|(_, names)| names.iter().copied()).collect();
        let mut known: Vec<String> = Cli::command().get_subcommands().map(|sub| sub.get_name().to_owned()).collect();
        grouped.sort_unstable();
        known.sort_unstable();
        assert_eq!(grouped, known);
        let help = super::grouped(Cli::command(), Lang::Zh).render_help().to_string();
        assert!(help.contains("两提一转") && help.contains("raise"), "{help}");
    }
}
