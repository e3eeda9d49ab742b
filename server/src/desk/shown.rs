//! A case on the terminal: its head, its whole history, how things stand now; and the same as a record for programs.

use doorstep_core::case::{Ground, HandoverKind};
use doorstep_core::day::Limits;
use doorstep_core::device::WholeCase;
use doorstep_core::directory::Directory;
use doorstep_core::people::Place;
use doorstep_core::words::{self, Lang};
use serde::Serialize;

use super::history::{self, Counts, Line};
use super::phone::short;
use super::place;
use super::print::{Table, minute, paragraph, rfc3339};
use crate::words::say;

/// How much of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Depth {
    /// How it stands now.
    Now,
    /// Everything that ever happened, too.
    Whole,
}

/// Prints a case for people.
pub(super) fn print(whole: &WholeCase, directory: &Directory, lang: Lang, depth: Depth) {
    head(whole, directory, lang);
    if depth == Depth::Whole {
        history(&history::lines(whole, directory, lang), lang);
    }
    now(whole, directory, lang, depth);
}

fn head(whole: &WholeCase, directory: &Directory, lang: Lang) {
    let view = &whole.view;
    let title = if view.title.is_empty() {
        lang.pick("（受理记录无法读取）", "(the report can't be read)")
    } else {
        &view.title
    };
    say!("{title}");
    let mut lines = vec![(lang.pick("编号", "id"), view.id.to_string())];
    if let Some(at) = &view.place {
        lines.push((lang.pick("地点", "place"), place::words(at, directory)));
    }
    let round = if lang == Lang::Zh { format!("第 {} 轮", view.round) } else { format!("round {}", view.round) };
    lines.push((lang.pick("阶段", "stage"), format!("{} · {round}", words::stage(view.stage, lang))));
    if let Some((written, report)) = &whole.state.report {
        let who = report.reporter.as_ref().map(|who| format!(" · {} {}", who.name, who.phone)).unwrap_or_default();
        let how = format!("{}{}", words::channel(report.channel, lang), who.trim_end());
        lines.push((lang.pick("受理", "reported"), format!("{} · {how}", minute(written.stamp.time.wall()))));
    }
    lines.push((lang.pick("类别", "category"), view.category.clone()));
    let assignee = view.assignee.as_ref().map(|id| directory.person_name(id).to_owned());
    lines.push((lang.pick("负责", "assigned to"), assignee.unwrap_or_default()));
    for (label, text) in lines.into_iter().filter(|(_, text)| !text.is_empty()) {
        field(label, &text, lang);
    }
}

fn field(label: &str, text: &str, lang: Lang) {
    let pad = " ".repeat(if lang == Lang::Zh { 2 } else { 12_usize.saturating_sub(label.len()).max(1) });
    paragraph(&format!("  {label}{pad}"), text);
}

fn history(lines: &[Line], lang: Lang) {
    let mut round = None;
    for line in lines {
        if round != Some(line.round) {
            round = Some(line.round);
            match lang {
                Lang::Zh => say!("\n── 第 {} 轮 ──", line.round),
                Lang::En => say!("\n── round {} ──", line.round),
            }
        }
        let mark = match line.standing {
            Counts::Effective => ' ',
            Counts::Overtaken { .. } => '✗',
            Counts::Contested { .. } => '!',
        };
        let first = format!("{mark}{:>3}  {}  {}  ", line.n, minute(line.at), line.by_name);
        paragraph(&first, &line.text);
        if let Some(standing) = line.standing.words(lang) {
            paragraph("        → ", &standing);
        }
        for (label, text) in &line.details {
            paragraph(&format!("        {label}{}", lang.pick("：", ": ")), text);
        }
    }
}

fn heading(zh: &str, en: &str, lang: Lang) {
    say!("\n{}", lang.pick(zh, en));
}

fn now(whole: &WholeCase, directory: &Directory, lang: Lang, depth: Depth) {
    let view = &whole.view;
    if let Some(sitting) = view.consultations.last().filter(|sitting| sitting.outcome.is_none() && sitting.round == view.round)
    {
        match lang {
            Lang::Zh => say!("\n第 {} 次协商进行中（{}）", sitting.number, words::form(sitting.form, lang)),
            Lang::En => say!("\nconsultation {} is open, {}", sitting.number, words::form(sitting.form, lang)),
        }
        for (label, text) in history::elements(&sitting.elements, lang) {
            paragraph(&format!("  {label}{}", lang.pick("：", ": ")), &text);
        }
        let missing: Vec<&str> = sitting.missing.iter().map(|code| words::element(code, lang).unwrap_or(code)).collect();
        if !missing.is_empty() {
            say!("  {}{}", lang.pick("尚缺：", "still missing: "), missing.join(lang.pick("、", ", ")));
        }
    }
    if let Some(agreement) = &view.agreement {
        let how = match &agreement.bundle {
            Some(_) => {
                let number = history::grouped(&agreement.check_number);
                format!("{} {number}", lang.pick("已签署封存，核验码", "signed and sealed, check number"))
            }
            None if !agreement.sheets.is_empty() => {
                format!("{} {}", lang.pick("纸质签署，见证人", "signed on paper, witness"), agreement.witness)
            }
            None => format!("{} {}", lang.pick("口头协议，见证人", "by word, witness"), agreement.witness),
        };
        let effect = match (&agreement.bundle, agreement.stamped_at, agreement.confirm_by, &agreement.confirmed) {
            (None, ..) => String::new(),
            (Some(_), None, ..) => lang.pick("；尚待调委会盖章", "; not stamped yet").to_owned(),
            (Some(_), Some(_), _, Some((court, number))) => {
                format!("{}{court} {number}", lang.pick("；司法确认：", "; confirmed by "))
            }
            (Some(_), Some(at), Some(last), None) => format!(
                "{}{}{}{last}",
                lang.pick("；已盖章：", "; stamped "),
                at.date(),
                lang.pick("，可共同申请司法确认至 ", ", a court can be asked until ")
            ),
            (Some(_), Some(at), None, None) => format!("{}{}", lang.pick("；已盖章：", "; stamped "), at.date()),
        };
        let how = format!("{how}{effect}");
        say!("\n{}{how}", lang.pick("协议：", "agreement: "));
    }
    if let (None, Some(draft)) = (&view.agreement, whole.state.draft()) {
        heading("草稿（尚未签署）", "draft, not signed yet", lang);
        for (label, text) in history::drafted(&draft.content, draft.written.stamp, whole, lang) {
            paragraph(&format!("  {label}{}", lang.pick("：", ": ")), &text);
        }
    }
    if !view.commitments.is_empty() {
        heading("约定", "commitments", lang);
        let mut table = Table::new(&["", lang.pick("谁", "who"), lang.pick("做什么", "what"), lang.pick("期限", "by"), ""]);
        for commitment in &view.commitments {
            table.row([
                format!("  {}", commitment.index.saturating_add(1)),
                commitment.party.clone(),
                commitment.deed.clone(),
                commitment.due.to_string(),
                history::status_words(commitment.status, lang).to_owned(),
            ]);
        }
        table.print();
    }
    if !view.handovers.is_empty() {
        heading("提级与转办", "raises and transfers", lang);
        for handover in &view.handovers {
            let what =
                if handover.raised { lang.pick("提级至", "raised to") } else { lang.pick("转办至", "transferred to") };
            let result = if handover.result.is_empty() { String::new() } else { format!(" · {}", handover.result) };
            let status = history::status_words(handover.status, lang);
            paragraph("  ", &format!("{what} {} · {status}{result}", handover.to_name));
        }
    }
    if view.parties.iter().any(|party| party.grade.is_some() || party.tries > 0) {
        heading("评价", "what the parties say", lang);
        for party in &view.parties {
            let said = party.grade.map_or(lang.pick("未答复", "no answer yet"), |grade| words::grade(grade, lang));
            let tries = match (party.tries, lang) {
                (0, _) => String::new(),
                (n, Lang::Zh) => format!("（{n} 次未联系上）"),
                (n, Lang::En) => format!(" ({n} tries in vain)"),
            };
            say!("  {}  {said}{tries}", party.name);
        }
    }
    let texts = [
        (lang.pick("情况", "account"), &view.account),
        (lang.pick("记录", "minutes"), &view.minutes),
        (lang.pick("协议草稿", "draft terms"), &view.draft_text),
    ];
    let reported = whole.state.report.as_ref().map(|(_, report)| report.account.as_str());
    for (label, text) in texts.into_iter().filter(|(_, text)| !text.trim().is_empty()) {
        // In the whole history the report's line has it, as long as nobody wrote on.
        if depth == Depth::Whole && reported == Some(text.as_str()) {
            continue;
        }
        say!("\n{label}");
        paragraph("  ", text);
    }
    let waits: Vec<String> = whole.waits.iter().filter_map(|wait| history::wait_words(wait, directory, lang)).collect();
    if !waits.is_empty() {
        heading("等待", "waiting for", lang);
        for wait in waits {
            paragraph("  ", &wait);
        }
    }
    if view.propose_raise {
        say!("\n{}", lang.pick("已到规定轮次，建议考虑提级。", "The policy's rounds are used up: consider raising it."));
    }
    if view.look && depth == Depth::Now {
        match lang {
            Lang::Zh => say!("\n有被取代或有争议的记录，见 doorstep case show {}", short(view.id)),
            Lang::En => say!("\nsomething is overtaken or contested: doorstep case show {}", short(view.id)),
        }
    }
    if view.unreadable > 0 {
        match lang {
            Lang::Zh => say!("有 {} 条记录无法读取，已原样保留。", view.unreadable),
            Lang::En => say!("{} entries can't be read; they were kept as they are.", view.unreadable),
        }
    }
}

/// A place for programs.
#[derive(Debug, Serialize)]
pub(super) struct PlaceRecord {
    community: String,
    grid: String,
    building: Option<String>,
    detail: String,
    words: String,
}

impl PlaceRecord {
    pub(super) fn new(at: &Place, directory: &Directory) -> Self {
        Self {
            community: at.community.to_string(),
            grid: at.grid.to_string(),
            building: at.building.as_ref().map(ToString::to_string),
            detail: at.detail.clone(),
            words: place::words(at, directory),
        }
    }
}

#[derive(Debug, Serialize)]
struct LineRecord {
    n: u32,
    event: String,
    at: String,
    by: String,
    by_name: String,
    kind: String,
    text: String,
    round: u32,
    standing: &'static str,
    overtaken_by: Option<u32>,
    why: Option<&'static str>,
    contested_with: Vec<u32>,
    /// The event as it stands in the log; none for one of a newer version.
    record: Option<serde_json::Value>,
}

#[derive(Debug, Serialize)]
struct SittingRecord {
    number: u32,
    round: u32,
    form: serde_json::Value,
    elements: serde_json::Value,
    missing: Vec<&'static str>,
    outcome: serde_json::Value,
    records: u32,
}

#[derive(Debug, Serialize)]
struct CommitmentRecord {
    number: u32,
    party: String,
    deed: String,
    due: String,
    status: &'static str,
}

#[derive(Debug, Serialize)]
struct HandoverRecord {
    kind: &'static str,
    ground: Option<&'static str>,
    to: String,
    to_name: String,
    reason: String,
    status: &'static str,
    overtaken_by: Option<u32>,
    result: String,
    departments: Vec<String>,
}

#[derive(Debug, Serialize)]
struct PartyRecord {
    name: String,
    grade: serde_json::Value,
    tries: u32,
}

/// A case for programs: names are stable, times RFC 3339, everything that people see stands beside its code.
#[derive(Debug, Serialize)]
pub(super) struct CaseRecord {
    id: String,
    title: String,
    place: Option<PlaceRecord>,
    category: String,
    stage: &'static str,
    stage_words: &'static str,
    round: u32,
    propose_raise: bool,
    assignee: Option<String>,
    assignee_name: Option<String>,
    consultations: Vec<SittingRecord>,
    draft: Option<String>,
    agreement: Option<serde_json::Value>,
    commitments: Vec<CommitmentRecord>,
    handovers: Vec<HandoverRecord>,
    parties: Vec<PartyRecord>,
    account: String,
    minutes: String,
    draft_text: String,
    waits: serde_json::Value,
    look: bool,
    unreadable: u32,
    digest: String,
    history: Vec<LineRecord>,
}

fn value<T: Serialize>(value: &T) -> serde_json::Value {
    serde_json::to_value(value).unwrap_or_default()
}

impl CaseRecord {
    pub(super) fn new(whole: &WholeCase, directory: &Directory, lang: Lang) -> Self {
        let view = &whole.view;
        let lines = history::lines(whole, directory, lang);
        let number = |stamp| lines.iter().find(|line| line.event == stamp).map(|line| line.n);
        let sittings = view.consultations.iter().map(|sitting| SittingRecord {
            number: sitting.number,
            round: sitting.round,
            form: value(&sitting.form),
            elements: value(&sitting.elements),
            missing: sitting.missing.clone(),
            outcome: value(&sitting.outcome),
            records: sitting.records,
        });
        let commitments = view.commitments.iter().map(|one| CommitmentRecord {
            number: one.index.saturating_add(1),
            party: one.party.clone(),
            deed: one.deed.clone(),
            due: one.due.to_string(),
            status: one.status,
        });
        let handovers = view.handovers.iter().zip(&whole.state.handovers).map(|(shown, kept)| HandoverRecord {
            kind: if shown.raised { "raised" } else { "transferred" },
            ground: match &kept.kind {
                HandoverKind::Raised { ground: Ground::NoAgreement, .. } => Some("no_agreement"),
                HandoverKind::Raised { ground: Ground::BeyondPowers, .. } => Some("beyond_powers"),
                HandoverKind::Transferred => None,
            },
            to: shown.to.to_string(),
            to_name: shown.to_name.clone(),
            reason: shown.reason.clone(),
            status: shown.status,
            overtaken_by: history::overtaken_by(&kept.status).and_then(number),
            result: shown.result.clone(),
            departments: shown.departments.clone(),
        });
        let parties = view.parties.iter().map(|party| PartyRecord {
            name: party.name.clone(),
            grade: value(&party.grade),
            tries: party.tries,
        });
        let agreement = view.agreement.as_ref().map(|agreement| {
            serde_json::json!({
                "signed": agreement.bundle.is_some(),
                "bundle": agreement.bundle.map(|digest| digest.to_string()),
                "check_number": agreement.check_number,
                "witness": agreement.witness,
                "sheets": agreement.sheets.iter().map(ToString::to_string).collect::<Vec<_>>(),
                "stamped_at_ms": agreement.stamped_at.map(|at| at.0),
                "confirm_by": agreement.confirm_by.map(|day| day.to_string()),
                "court": agreement.confirmed.as_ref().map(|(court, _)| court),
                "ruling": agreement.confirmed.as_ref().map(|(_, number)| number),
            })
        });
        let limits = Limits::new(&directory.policy, &directory.calendar, &directory.orgs);
        let waits = whole.waits.iter().map(|wait| {
            serde_json::json!({
                "limit": limits.limit_of(wait).map(|day| day.to_string()),
                "kind": wait.kind.name(),
                "org": wait.org.as_ref().map(ToString::to_string),
                "since": rfc3339(wait.since),
                "due": wait.due.map(|due| due.to_string()),
                "words": history::wait_words(wait, directory, lang),
            })
        });
        Self {
            id: view.id.to_string(),
            title: view.title.clone(),
            place: view.place.as_ref().map(|at| PlaceRecord::new(at, directory)),
            category: view.category.clone(),
            stage: view.stage.name(),
            stage_words: words::stage(view.stage, lang),
            round: view.round,
            propose_raise: view.propose_raise,
            assignee: view.assignee.as_ref().map(ToString::to_string),
            assignee_name: view.assignee.as_ref().map(|id| directory.person_name(id).to_owned()),
            consultations: sittings.collect(),
            draft: view.draft.map(|stamp| stamp.to_string()),
            agreement,
            commitments: commitments.collect(),
            handovers: handovers.collect(),
            parties: parties.collect(),
            account: view.account.clone(),
            minutes: view.minutes.clone(),
            draft_text: view.draft_text.clone(),
            waits: waits.collect(),
            look: view.look,
            unreadable: view.unreadable,
            digest: view.digest.to_string(),
            history: lines.into_iter().zip(&whole.log.entries).map(|(line, entry)| record(line, entry)).collect(),
        }
    }
}

fn record(line: Line, entry: &doorstep_core::case::Entry) -> LineRecord {
    let (overtaken_by, why, contested_with) = match &line.standing {
        Counts::Effective => (None, None, Vec::new()),
        Counts::Overtaken { by, why, .. } => (*by, Some(*why), Vec::new()),
        Counts::Contested { with } => (None, None, with.clone()),
    };
    LineRecord {
        n: line.n,
        event: line.event.to_string(),
        at: rfc3339(line.at),
        by: line.by.to_string(),
        by_name: line.by_name,
        kind: line.kind,
        text: line.text,
        round: line.round,
        standing: line.standing.name(),
        overtaken_by,
        why,
        contested_with,
        record: match &entry.body {
            doorstep_core::case::Body::Event(event) => Some(value(event)),
            doorstep_core::case::Body::Newer { .. } => None,
        },
    }
}
