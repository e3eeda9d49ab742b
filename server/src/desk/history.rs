//! A case's whole history as numbered lines: who, when, what, in which round, and whether it still counts.
//!
//! Made from the log and the state alone, so that a phone's home and a server's data directory print the same. Nothing
//! here opens a store or prints.

use std::collections::BTreeMap;

use doorstep_core::case::{
    self, AgreementDrafted, Body, CommitmentStatus, Consultation, DisputeKind, Elements, Event, HandoverStatus, Participant,
    PartyKind, Standing, Wait,
};
use doorstep_core::day::Limits;
use doorstep_core::device::WholeCase;
use doorstep_core::directory::Directory;
use doorstep_core::id::PersonId;
use doorstep_core::time::{Date, Stamp, Timestamp};
use doorstep_core::words::{self, Lang};

use super::place;
use super::print::minute;

/// One event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// Its number in this print, from 1.
    pub(super) n: u32,
    /// The event's own name, which stays the same when others come between.
    pub(super) event: Stamp,
    /// When, by the clock of the phone that wrote it.
    pub(super) at: Timestamp,
    pub(super) by: PersonId,
    pub(super) by_name: String,
    /// The kind's permanent name.
    pub(super) kind: String,
    /// What happened, in a line.
    pub(super) text: String,
    /// What else was recorded: a label and a text each.
    pub(super) details: Vec<(String, String)>,
    /// The round it belongs to; 0 before a readable report.
    pub(super) round: u32,
    pub(super) standing: Counts,
}

/// Whether a line counts; other events are called by their lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Counts {
    Effective,
    /// Moot because of that line, for this reason.
    Overtaken {
        by: Option<u32>,
        why: &'static str,
        words: &'static str,
    },
    /// It and these exclude each other.
    Contested {
        with: Vec<u32>,
    },
}

impl Counts {
    /// The standing's stable name.
    pub(super) const fn name(&self) -> &'static str {
        match self {
            Self::Effective => "effective",
            Self::Overtaken { .. } => "overtaken",
            Self::Contested { .. } => "contested",
        }
    }

    /// In words; none for what plainly counts.
    pub(super) fn words(&self, lang: Lang) -> Option<String> {
        let lines = |all: &[u32]| all.iter().map(u32::to_string).collect::<Vec<_>>().join(lang.pick("、", ", "));
        Some(match (self, lang) {
            (Self::Effective, _) => return None,
            (Self::Overtaken { by: Some(n), words, .. }, Lang::Zh) => format!("已被第 {n} 行取代：{words}"),
            (Self::Overtaken { by: Some(n), words, .. }, Lang::En) => format!("overtaken by line {n}: {words}"),
            (Self::Overtaken { by: None, words, .. }, Lang::Zh) => format!("已被取代：{words}"),
            (Self::Overtaken { by: None, words, .. }, Lang::En) => format!("overtaken: {words}"),
            (Self::Contested { with }, Lang::Zh) => format!("有争议：与第 {} 行不能并存，待社区负责人认定", lines(with)),
            (Self::Contested { with }, Lang::En) => format!("contested with line {}: the lead must choose", lines(with)),
        })
    }
}

/// The lines of a case, in the order of its log.
pub(super) fn lines(whole: &WholeCase, directory: &Directory, lang: Lang) -> Vec<Line> {
    let numbers: BTreeMap<Stamp, u32> = whole.log.entries.iter().map(|entry| entry.stamp).zip(1..).collect();
    let mut round = 0;
    let mut so_far = case::CaseState::default();
    let mut lines = Vec::with_capacity(numbers.len());
    for (entry, n) in whole.log.entries.iter().zip(1u32..) {
        case::extend(&mut so_far, entry);
        round = named_round(&entry.body).unwrap_or_else(|| so_far.round.max(round));
        let details = match &entry.body {
            Body::Event(event) => details(event, entry.stamp, whole, directory, lang, &numbers),
            Body::Newer { .. } => Vec::new(),
        };
        lines.push(Line {
            n,
            event: entry.stamp,
            at: entry.stamp.time.wall(),
            by: entry.author.clone(),
            by_name: directory.person_name(&entry.author).to_owned(),
            kind: entry.body.kind().to_owned(),
            text: words::case_line(entry, directory, lang),
            details,
            round,
            standing: match whole.state.standing(entry.stamp) {
                Standing::Effective => Counts::Effective,
                Standing::Overtaken { by, why } => Counts::Overtaken {
                    by: by.and_then(|by| numbers.get(&by).copied()),
                    why: why.as_str(),
                    words: words::code_sentence(*why, lang),
                },
                Standing::Contested { with } => {
                    Counts::Contested { with: with.iter().filter_map(|stamp| numbers.get(stamp).copied()).collect() }
                }
            },
        });
    }
    lines
}

/// The round that an event names itself: a dissatisfied answer ends its round and belongs to it.
const fn named_round(body: &Body) -> Option<u32> {
    match body {
        Body::Event(Event::FeedbackGiven(e)) => Some(e.round),
        Body::Event(Event::FeedbackTried(e)) => Some(e.round),
        Body::Event(Event::Completed(e)) => Some(e.round),
        Body::Event(Event::EffectChecked(e)) => Some(e.round),
        Body::Event(Event::Closed(e)) => Some(e.round),
        _ => None,
    }
}

/// Collects what a line says besides its text; empty texts are left out.
struct Details {
    all: Vec<(String, String)>,
    lang: Lang,
}

impl Details {
    fn field(&mut self, code: &str, text: impl Into<String>) {
        let label = words::field(code, self.lang).unwrap_or(code);
        self.put(label, text);
    }

    fn put(&mut self, label: impl Into<String>, text: impl Into<String>) {
        let text = text.into();
        if !text.trim().is_empty() {
            self.all.push((label.into(), text));
        }
    }

    fn two(&mut self, zh: &str, en: &str, text: impl Into<String>) {
        self.put(self.lang.pick(zh, en), text);
    }
}

fn details(
    event: &Event,
    stamp: Stamp,
    whole: &WholeCase,
    directory: &Directory,
    lang: Lang,
    numbers: &BTreeMap<Stamp, u32>,
) -> Vec<(String, String)> {
    let mut details = Details { all: Vec::new(), lang };
    let line = |stamp: &Stamp| numbers.get(stamp).map_or_else(|| stamp.to_string(), u32::to_string);
    match event {
        Event::Reported(e) => {
            details.field("place", place::words(&e.place, directory));
            details.field("category", &e.category);
            let reporter = e.reporter.as_ref();
            details.field("reporter", reporter.map(|who| format!("{} {}", who.name, who.phone)).unwrap_or_default().trim());
            details.field("account", &e.account);
        }
        Event::ConsultationOpened(_) => {
            match whole.state.consultations.iter().find(|sitting| sitting.has_record(stamp)) {
                Some(sitting) if sitting.opened.stamp == stamp => five(&mut details, sitting),
                Some(sitting) => details.two("同一场协商", "the same sitting as line", line(&sitting.opened.stamp)),
                // Not effective: what it says is all there is.
                None => {}
            }
        }
        Event::AgreementDrafted(e) => details.all.extend(drafted(e, stamp, whole, lang)),
        Event::AgreementSealed(e) => details.two("协议文件", "bundle", e.bundle.to_string()),
        Event::CommitmentFulfilled(case::CommitmentFulfilled { commitment, .. })
        | Event::CommitmentExtended(case::CommitmentExtended { commitment, .. })
        | Event::CommitmentDefaulted(case::CommitmentDefaulted { commitment, .. })
        | Event::CommitmentWaived(case::CommitmentWaived { commitment, .. }) => {
            if let Some(known) = whole.state.commitments.iter().find(|known| known.id == *commitment) {
                details.two("约定", "commitment", format!("{} · {}", known.content.party, known.content.deed));
            }
        }
        Event::FeedbackGiven(e) => details.two("方式", "asked", words::asked(e.asked, lang)),
        Event::FeedbackTried(e) => {
            details.two("方式", "asked", format!("{} · {}", words::asked(e.asked, lang), words::date(e.on, lang)));
        }
        Event::Raised(e) => {
            details.two("事由", "ground", words::ground(&e.ground, lang));
            details.field("tried", &e.tried);
        }
        Event::Transferred(e) => {
            if let Some(agreed) = &e.agreed {
                let text = [agreed.with.clone(), agreed.how.clone(), words::date(agreed.on, lang)].join(" · ");
                details.two("已与对方商定", "agreed with them", text);
            }
        }
        Event::DepartmentsConvened(e) => {
            for department in &e.departments {
                details.put(&department.name, &department.task);
            }
        }
        Event::ContestSettled(e) => {
            details.two("认定有效", "holds", line(&e.holds));
            let over: Vec<String> = e.over.iter().map(line).collect();
            details.two("不再有效", "no longer holds", over.join(lang.pick("、", ", ")));
        }
        Event::Attached(e) => details.two("摘要", "digest", format!("{} · {} B", e.digest, e.length)),
        _ => {}
    }
    details.all
}

/// What a draft says, each commitment with how it stands now.
pub(super) fn drafted(e: &AgreementDrafted, stamp: Stamp, whole: &WholeCase, lang: Lang) -> Vec<(String, String)> {
    let mut details = Details { all: Vec::new(), lang };
    if e.dispute != DisputeKind::Ordinary {
        details.two("纠纷类型", "kind of dispute", words::dispute(e.dispute, lang));
    }
    let parties = e.parties.iter().map(|party| match &party.kind {
        PartyKind::Resident => party.name.clone(),
        PartyKind::Org { .. } => format!("{}{}", party.name, lang.pick("（单位）", " (org)")),
    });
    details.field("parties", parties.collect::<Vec<_>>().join(lang.pick("、", ", ")));
    details.field("facts", &e.facts);
    details.field("terms", &e.terms);
    for (index, promised) in e.commitments.iter().enumerate() {
        let now = whole.state.commitments.iter().find(|known| known.id.draft == stamp && known.id.index as usize == index);
        let (due, status) = now.map_or((promised.due, None), |now| (now.content.due, Some(&now.status)));
        let sum = promised.amount_fen.map(|fen| yuan(fen, lang)).unwrap_or_default();
        let text = [
            promised.party.clone(),
            promised.deed.clone(),
            sum,
            until(due, lang),
            status.map(|status| commitment_words(status, lang)).unwrap_or_default().to_owned(),
        ];
        let label = format!("{} {}", lang.pick("约定", "commitment"), index + 1);
        details.put(label, text.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · "));
    }
    details.all
}

/// A check number in groups of four, as people read it out.
pub(super) fn grouped(number: &str) -> String {
    let digits: Vec<char> = number.chars().collect();
    digits.chunks(4).map(String::from_iter).collect::<Vec<_>>().join(" ")
}

/// The 5W of a sitting, as all its records together have them; what is missing is said.
fn five(details: &mut Details, sitting: &Consultation) {
    let lang = details.lang;
    for (label, text) in elements(&sitting.elements, lang) {
        details.put(label, text);
    }
    let missing: Vec<&str> =
        sitting.elements.missing().into_iter().map(|code| words::element(code, lang).unwrap_or(code)).collect();
    details.two("尚缺", "still missing", missing.join(lang.pick("、", ", ")));
}

/// The 5W that are known, with their labels.
pub(super) fn elements(elements: &Elements, lang: Lang) -> Vec<(String, String)> {
    let who = |one: &Participant| match (one.capacity.is_empty(), lang) {
        (true, _) => one.name.clone(),
        (false, Lang::Zh) => format!("{}（{}）", one.name, one.capacity),
        (false, Lang::En) => format!("{} ({})", one.name, one.capacity),
    };
    let known = [
        ("who", elements.who.iter().map(who).collect::<Vec<_>>().join(lang.pick("、", ", "))),
        ("what", elements.what.clone()),
        ("when", elements.when.map(minute).unwrap_or_default()),
        ("where", elements.place.clone()),
        ("why", elements.why.clone()),
    ];
    let label = |code| words::element(code, lang).unwrap_or(code).to_owned();
    known.into_iter().filter(|(_, text)| !text.is_empty()).map(|(code, text)| (label(code), text)).collect()
}

/// A sum as people write it.
pub(super) fn yuan(fen: u64, lang: Lang) -> String {
    let (yuan, fen) = (fen / 100, fen % 100);
    let cents = if fen == 0 { String::new() } else { format!(".{fen:02}") };
    format!("{}{yuan}{cents}{}", lang.pick("", "¥"), lang.pick("元", ""))
}

fn until(due: Date, lang: Lang) -> String {
    let day = words::date(due, lang);
    if lang == Lang::Zh { format!("{day}前") } else { format!("by {day}") }
}

/// How a commitment stands, in words.
const fn commitment_words(status: &CommitmentStatus, lang: Lang) -> &'static str {
    match status {
        CommitmentStatus::Open => status_words("open", lang),
        CommitmentStatus::Fulfilled(..) => status_words("fulfilled", lang),
        CommitmentStatus::Defaulted(..) => status_words("defaulted", lang),
        CommitmentStatus::Waived(..) => status_words("waived", lang),
    }
}

/// A commitment's or a handover's status in words, by its stable name.
pub(super) const fn status_words(status: &'static str, lang: Lang) -> &'static str {
    match status.as_bytes() {
        b"open" => lang.pick("未履行完", "open"),
        b"fulfilled" => lang.pick("已履行", "fulfilled"),
        b"defaulted" => lang.pick("未按约履行", "defaulted"),
        b"waived" => lang.pick("已免除", "waived"),
        b"offered" => lang.pick("等待接收", "offered"),
        b"accepted" => lang.pick("已接收", "accepted"),
        b"returned" => lang.pick("已退回", "returned"),
        b"settled" => lang.pick("已办复", "settled"),
        b"recalled" => lang.pick("已收回", "recalled"),
        b"overtaken" => lang.pick("已被取代", "overtaken"),
        _ => status,
    }
}

/// The line that ended a handover without its receiver, where one did.
pub(super) const fn overtaken_by(status: &HandoverStatus) -> Option<Stamp> {
    match status {
        HandoverStatus::Overtaken(by) => Some(*by),
        _ => None,
    }
}

/// What is waited for, in a line; none for what does not count yet under the policy.
pub(super) fn wait_words(wait: &Wait, directory: &Directory, lang: Lang) -> Option<String> {
    let limits = Limits::new(&directory.policy, &directory.calendar, &directory.orgs);
    let kind = limits.counts_as(wait.kind, wait.so_far)?;
    let org = wait.org.as_ref().map(|org| directory.org_name(org).to_owned());
    let due = limits.limit_of(wait).map(|due| until(due, lang));
    let since = format!("{} {}", lang.pick("自", "since"), wait.since.date());
    let parts = [Some(words::wait(kind, lang).to_owned()), org, due, Some(since)];
    Some(parts.into_iter().flatten().collect::<Vec<_>>().join(" · "))
}
