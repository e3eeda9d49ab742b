//! One event as one line for people: a history is a list of these.

use super::{Lang, codes, date};
use crate::case::{self, Event, Form, Outcome};
use crate::directory::Directory;
use crate::entry::{Body, Entry};
use crate::visit;

/// A case's entry as a line; names of orgs and people come from the directory.
pub fn case_line(entry: &case::Entry, directory: &Directory, lang: Lang) -> String {
    match &entry.body {
        Body::Event(event) => event_line(event, directory, lang),
        Body::Newer { kind, .. } => newer_line(kind, lang),
    }
}

/// A visit's entry as a line.
pub fn visit_line(entry: &Entry<visit::Event>, lang: Lang) -> String {
    match &entry.body {
        Body::Event(visit::Event::Visited(visited)) => {
            let head = format!("{} · {}", codes::door(visited.door, lang), visited.place.detail);
            [head.as_str(), &visited.seen, &visited.asked]
                .into_iter()
                .filter(|part| !part.is_empty())
                .collect::<Vec<_>>()
                .join(" · ")
        }
        Body::Event(visit::Event::CaseOpened(_)) => lang.pick("由此立案", "a case came of it").into(),
        Body::Event(visit::Event::Added(added)) => added.text.clone(),
        Body::Newer { kind, .. } => newer_line(kind, lang),
    }
}

pub(super) fn newer_line(kind: &str, lang: Lang) -> String {
    match lang {
        Lang::Zh => format!("新版本的记录（{kind}），升级后可查看"),
        Lang::En => format!("a record from a newer version ({kind}): update to read it"),
    }
}

fn opened(form: Form, number: u32, lang: Lang) -> String {
    match lang {
        Lang::Zh => format!("第{number}次协商开始：{}", codes::form(form, lang)),
        Lang::En => format!("consultation {number} opened, {}", codes::form(form, lang)),
    }
}

fn outcome(outcome: &Outcome, lang: Lang) -> String {
    match (outcome, lang) {
        (Outcome::Agreed, Lang::Zh) => "协商一致".into(),
        (Outcome::Agreed, Lang::En) => "agreed".into(),
        (Outcome::NotAgreed { reason }, Lang::Zh) => format!("未达成一致：{reason}"),
        (Outcome::NotAgreed { reason }, Lang::En) => format!("not agreed: {reason}"),
        (Outcome::Adjourned { until }, Lang::Zh) => format!("休会，{}再商", date(*until, lang)),
        (Outcome::Adjourned { until }, Lang::En) => format!("adjourned until {}", date(*until, lang)),
    }
}

/// A check number in groups of four, as people read it out.
fn grouped(number: &str) -> String {
    let digits: Vec<char> = number.chars().collect();
    digits.chunks(4).map(String::from_iter).collect::<Vec<_>>().join(" ")
}

fn event_line(event: &Event, directory: &Directory, lang: Lang) -> String {
    let two = |zh: String, en: String| if lang == Lang::Zh { zh } else { en };
    let nth = |index: u32| index.saturating_add(1);
    match event {
        Event::Reported(e) => format!("{} · {}", codes::channel(e.channel, lang), e.title),
        Event::Assigned(e) => {
            let name = directory.person_name(&e.to);
            two(format!("分派给{name}"), format!("assigned to {name}"))
        }
        Event::ConsultationOpened(e) => opened(e.form, e.number, lang),
        Event::ConsultationConcluded(e) => outcome(&e.outcome, lang),
        Event::AgreementDrafted(e) => two(
            format!("起草协议：{}方、{}项约定", e.parties.len(), e.commitments.len()),
            format!("agreement drafted: {} parties, {} commitments", e.parties.len(), e.commitments.len()),
        ),
        Event::AgreementSealed(e) => two(
            format!("各方签名、见证、封存，核验码 {}", grouped(&e.check_number)),
            format!("signed, witnessed and sealed, check number {}", grouped(&e.check_number)),
        ),
        Event::AgreementOral(e) => {
            two(format!("口头协议，见证人{}", e.witness), format!("oral agreement, witness {}", e.witness))
        }
        Event::AgreementOnPaper(e) => two(
            format!("纸质协议各方签名，见证人{}，签名页{}份", e.witness, e.sheets.len()),
            format!("signed on paper, witness {}, {} sheets attached", e.witness, e.sheets.len()),
        ),
        Event::AgreementStamped(_) => two(
            "调解委员会在协议上盖章，协议生效".into(),
            "the mediation committee stamped the agreement; it takes effect".into(),
        ),
        Event::AgreementConfirmed(e) => two(
            format!("{}于{}裁定确认协议有效，文号{}", e.court, date(e.on, lang), e.number),
            format!("{} confirmed the agreement on {}, ruling {}", e.court, date(e.on, lang), e.number),
        ),
        Event::CommitmentFulfilled(e) => two(
            format!("第{}项约定已履行：{}", nth(e.commitment.index), e.seen),
            format!("commitment {} fulfilled: {}", nth(e.commitment.index), e.seen),
        ),
        Event::CommitmentExtended(e) => two(
            format!("第{}项约定延至{}：{}", nth(e.commitment.index), date(e.until, lang), e.why),
            format!("commitment {} extended until {}: {}", nth(e.commitment.index), date(e.until, lang), e.why),
        ),
        Event::CommitmentDefaulted(e) => two(
            format!("第{}项约定未履行：{}", nth(e.commitment.index), e.why),
            format!("commitment {} defaulted: {}", nth(e.commitment.index), e.why),
        ),
        Event::CommitmentWaived(e) => two(
            format!("第{}项约定由{}免除：{}", nth(e.commitment.index), e.by, e.why),
            format!("commitment {} waived by {}: {}", nth(e.commitment.index), e.by, e.why),
        ),
        Event::Completed(e) => two(format!("办结。{}", e.words), format!("completed. {}", e.words)).trim_end().to_owned(),
        Event::EffectChecked(e) => two(format!("现场问效：{}", e.seen), format!("effect checked: {}", e.seen)),
        Event::FeedbackGiven(e) => {
            let said = format!("{}{}{} {}", e.party, lang.pick("：", ": "), codes::grade(e.grade, lang), e.words);
            said.trim_end().to_owned()
        }
        Event::FeedbackTried(e) => two(format!("回访{}，未联系上", e.party), format!("tried to reach {}", e.party)),
        Event::Closed(_) => lang.pick("结案", "closed").into(),
        Event::Raised(e) => {
            let to = directory.org_name(&e.to);
            two(format!("提级至{to}：{}", e.reason), format!("raised to {to}: {}", e.reason))
        }
        Event::Transferred(e) => {
            let to = directory.org_name(&e.to);
            two(format!("转办至{to}：{}", e.reason), format!("transferred to {to}: {}", e.reason))
        }
        Event::HandoverAccepted(_) => lang.pick("对方已接收", "accepted").into(),
        Event::HandoverReturned(e) => two(format!("退回：{}", e.why), format!("returned: {}", e.why)),
        Event::HandoverSettled(e) => two(format!("办复：{}", e.result), format!("settled: {}", e.result)),
        Event::HandoverRecalled(e) => two(format!("收回：{}", e.why), format!("recalled: {}", e.why)),
        Event::DepartmentsConvened(e) => {
            let names: Vec<&str> = e.departments.iter().map(|department| department.name.as_str()).collect();
            two(format!("召集{}", names.join("、")), format!("convened {}", names.join(", ")))
        }
        Event::Withdrawn(e) => two(format!("撤回：{}", e.why), format!("withdrawn: {}", e.why)),
        Event::MergedInto(e) => two(format!("并入事项 {}", e.case), format!("merged into case {}", e.case)),
        Event::Noted(e) => e.text.clone(),
        Event::Attached(e) => two(format!("{}（{}）", e.caption, e.media), format!("{} ({})", e.caption, e.media)),
        Event::ContestSettled(e) => two(format!("认定争议：{}", e.why), format!("contest settled: {}", e.why)),
    }
}
