//! Words for ledgers: titles, headings, and what a sheet says about itself.

use super::{Lang, date};
use crate::case::CommitmentStatus;
use crate::directory::LedgerOf;
use crate::time::Date;

/// A ledger's title where its template has none.
pub const fn ledger_title(of: LedgerOf, lang: Lang) -> &'static str {
    match of {
        LedgerOf::Cases => lang.pick("事项台账", "Cases"),
        LedgerOf::Visits => lang.pick("走访台账", "Visits"),
        LedgerOf::Commitments => lang.pick("约定事项台账", "Commitments"),
        LedgerOf::FollowUps => lang.pick("回访台账", "Follow-ups"),
        LedgerOf::Months => lang.pick("月度汇总", "Monthly summary"),
    }
}

/// The date by which a ledger's range is taken.
const fn basis(of: LedgerOf, lang: Lang) -> &'static str {
    match of {
        LedgerOf::Cases => lang.pick("受理日期", "reported"),
        LedgerOf::Visits => lang.pick("走访日期", "visited"),
        LedgerOf::Commitments => lang.pick("约定期限", "due"),
        LedgerOf::FollowUps => lang.pick("回访日期", "asked"),
        LedgerOf::Months => lang.pick("发生日期", "happened"),
    }
}

/// The line above the headings: whose ledger, of what, from when to when, by whose records, made when.
pub fn ledger_headline(tenant: &str, title: &str, of: LedgerOf, range: Option<(Date, Date)>, made: Date, lang: Lang) -> String {
    let made = date(made, lang);
    let name = [tenant, title].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(lang.pick("　", " · "));
    let range = match (range, lang) {
        (None, _) => lang.pick("全部", "everything").to_owned(),
        (Some((from, to)), Lang::Zh) => format!("{}：{}至{}", basis(of, lang), date(from, lang), date(to, lang)),
        (Some((from, to)), Lang::En) => format!("{} {} to {}", basis(of, lang), date(from, lang), date(to, lang)),
    };
    match lang {
        Lang::Zh => format!("{name}（{range}；本机所存，{made}导出）"),
        Lang::En => format!("{name} ({range}; as held on this device, exported {made})"),
    }
}

/// A field's heading, by its stable name; none for a name that no field has.
pub fn ledger_field(name: &str, lang: Lang) -> Option<&'static str> {
    Some(match name {
        "number" => lang.pick("序号", "No."),
        "id" => lang.pick("编号", "Id"),
        "reported_on" => lang.pick("受理日期", "Reported on"),
        "channel" => lang.pick("来源", "Channel"),
        "reporter" => lang.pick("反映人", "Reporter"),
        "phone" => lang.pick("联系电话", "Telephone"),
        "community" => lang.pick("社区", "Community"),
        "grid" => lang.pick("网格", "Grid"),
        "building" => lang.pick("楼院", "Building"),
        "address" => lang.pick("地址", "Address"),
        "category" => lang.pick("类别", "Category"),
        "title" => lang.pick("事项", "Title"),
        "account" => lang.pick("反映情况", "Account"),
        "assignee" => lang.pick("承办人", "Assigned to"),
        "stage" => lang.pick("办理阶段", "Stage"),
        "round" => lang.pick("轮次", "Round"),
        "consultations" => lang.pick("协商次数", "Consultations"),
        "forms" => lang.pick("协商形式", "Forms"),
        "last_who" => lang.pick("最近协商：何人参与", "Last consultation: who"),
        "last_what" => lang.pick("最近协商：何事", "Last consultation: what"),
        "last_when" => lang.pick("最近协商：何时", "Last consultation: when"),
        "last_where" => lang.pick("最近协商：何地", "Last consultation: where"),
        "last_why" => lang.pick("最近协商：依据", "Last consultation: why"),
        "agreement" => lang.pick("协议形式", "Agreement"),
        "check_number" => lang.pick("核验码", "Check number"),
        "commitments" => lang.pick("约定项数", "Commitments"),
        "commitments_open" => lang.pick("未了约定", "Open commitments"),
        "handed_to" => lang.pick("提级转办单位", "Handed over to"),
        "handover_result" => lang.pick("办复情况", "Result of the handover"),
        "completed_on" => lang.pick("办结日期", "Completed on"),
        "effect_seen" => lang.pick("现场问效", "Effect seen"),
        "satisfaction" => lang.pick("满意度", "Satisfaction"),
        "worst" => lang.pick("最低评价", "Lowest grade"),
        "closed_on" => lang.pick("结案日期", "Closed on"),
        "days_to_done" => lang.pick("办理天数", "Days to done"),
        "overdue_days" => lang.pick("超期天数", "Days overdue"),
        "visited_on" => lang.pick("走访日期", "Visited on"),
        "door" => lang.pick("走访结果", "At the door"),
        "planned" => lang.pick("计划内", "Planned"),
        "seen" => lang.pick("走访情况", "What was seen"),
        "asked" => lang.pick("诉求", "What was asked for"),
        "added" => lang.pick("补记", "Added later"),
        "cases" => lang.pick("由此立案", "Cases opened"),
        "recorded_by" => lang.pick("记录人", "Recorded by"),
        "agreed_on" => lang.pick("商定日期", "Agreed on"),
        "promised_by" => lang.pick("承诺方", "Promised by"),
        "deed" => lang.pick("约定事项", "Deed"),
        "first_due" => lang.pick("原定期限", "First due"),
        "due" => lang.pick("期限", "Due"),
        "extended" => lang.pick("已延期", "Extended"),
        "status" => lang.pick("履行状态", "Status"),
        "found_on" => lang.pick("认定日期", "Found on"),
        "found" => lang.pick("认定情况", "What was found"),
        "amount" => lang.pick("金额（元）", "Amount (yuan)"),
        "party" => lang.pick("当事人", "Party"),
        "asked_how" => lang.pick("回访方式", "Asked how"),
        "asked_on" => lang.pick("回访日期", "Asked on"),
        "reached" => lang.pick("已联系上", "Reached"),
        "grade" => lang.pick("评价", "Grade"),
        "words" => lang.pick("原话", "In what words"),
        "month" => lang.pick("月份", "Month"),
        "reported" => lang.pick("受理", "Came in"),
        "by_phone" => lang.pick("来电", "By phone"),
        "by_letter" => lang.pick("来信", "By letter"),
        "in_person" => lang.pick("来人", "In person"),
        "by_visit" => lang.pick("走访发现", "Found on visits"),
        "by_hotline" => lang.pick("12345热线", "12345 hotline"),
        "agreements_signed" => lang.pick("书面协议", "Signed agreements"),
        "agreements_oral" => lang.pick("口头协议", "Oral agreements"),
        "raised" => lang.pick("提级", "Raised"),
        "transferred" => lang.pick("转办", "Transferred"),
        "completed" => lang.pick("办结", "Completed"),
        "closed" => lang.pick("结案", "Closed"),
        "settled_here" => lang.pick("其中社区内解决", "Of these, settled in the community"),
        "withdrawn" => lang.pick("撤回", "Withdrawn"),
        "merged" => lang.pick("并案", "Merged"),
        "dissatisfied" => lang.pick("不满意评价", "Dissatisfied answers"),
        "visits" => lang.pick("走访户次", "Visits"),
        _ => return None,
    })
}

/// How an agreement came into force.
pub const fn agreement_form(signed: bool, lang: Lang) -> &'static str {
    if signed { lang.pick("书面签署", "signed") } else { lang.pick("口头", "oral") }
}

/// An agreement that was signed in wet ink.
pub const fn agreement_on_paper(lang: Lang) -> &'static str {
    lang.pick("纸质签署", "signed on paper")
}

/// How a commitment stands.
pub const fn commitment_status(status: &CommitmentStatus, lang: Lang) -> &'static str {
    match status {
        CommitmentStatus::Open => lang.pick("待履行", "open"),
        CommitmentStatus::Fulfilled(..) => lang.pick("已履行", "fulfilled"),
        CommitmentStatus::Defaulted(..) => lang.pick("未履行", "defaulted"),
        CommitmentStatus::Waived(..) => lang.pick("已免除", "waived"),
    }
}

/// Yes or no.
pub const fn yes_no(yes: bool, lang: Lang) -> &'static str {
    if yes { lang.pick("是", "yes") } else { lang.pick("否", "no") }
}

/// A party that has not been asked yet.
pub const fn not_asked(lang: Lang) -> &'static str {
    lang.pick("未回访", "not asked yet")
}

/// What stands in no category of the policy.
pub const fn no_category(lang: Lang) -> &'static str {
    lang.pick("（未列类别）", "(no listed category)")
}

/// Stands before what a sheet knows of a document that can't be read.
pub const fn unreadable_mark(lang: Lang) -> &'static str {
    lang.pick("【无法读取】", "[unreadable] ")
}

/// Stands before a line of a document of which some records can't be read.
pub const fn partly_unreadable_mark(lang: Lang) -> &'static str {
    lang.pick("【部分记录无法读取】", "[partly unreadable] ")
}

/// The line of a summary that says how many documents it could not count.
pub fn not_counted(documents: u64, lang: Lang) -> String {
    match lang {
        Lang::Zh => format!("【无法读取】另有{documents}份记录未计入"),
        Lang::En => format!("[unreadable] {documents} more documents are not counted"),
    }
}

/// Stands behind a text that was longer than a spreadsheet's cell.
pub const fn cut_mark(lang: Lang) -> &'static str {
    lang.pick("……【内容过长，此处截断】", "… [too long for a cell: cut here]")
}
