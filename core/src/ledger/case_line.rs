//! A case's line: its whole way from report to close in one row.

use super::field::{Kind, Read, Setting, Value, address, field};
use super::term;
use crate::case::{
    Agreement, AgreementForm, CaseState, CommitmentState, Consultation, Handover, HandoverStatus, Reported, Stage, Written,
    waits,
};
use crate::id::{DocId, PersonId};
use crate::people::Place;
use crate::time::{Date, Timestamp};

/// What the line is read off.
pub(super) struct CaseLine<'a> {
    /// The line's number in the sheet, from 1.
    pub(super) number: u64,
    pub(super) doc: DocId,
    pub(super) state: &'a CaseState,
    pub(super) setting: Setting<'a>,
}

/// How one field is read.
pub(super) type CaseValue = fn(&CaseLine<'_>) -> Value;

const fn of(name: &'static str, kind: Kind, width: u16, value: CaseValue) -> Read<CaseValue> {
    Read { field: field(name, kind, width), value }
}

/// A case's fields.
pub(super) const FIELDS: &[Read<CaseValue>] = &[
    of("number", Kind::Number, 6, |line| number(line.number)),
    of("id", Kind::Text, 11, |line| Value::Doc(line.doc)),
    of("reported_on", Kind::Date, 12, |line| line.reported_on().into()),
    of("channel", Kind::Text, 11, |line| line.report().map(|r| term::channel(r.channel, line.setting.lang)).into()),
    of("reporter", Kind::Text, 10, |line| line.reporter(|name, _| name)),
    of("phone", Kind::Text, 14, |line| line.reporter(|_, phone| phone)),
    of("community", Kind::Text, 14, |line| line.setting.community(line.place())),
    of("grid", Kind::Text, 14, |line| line.setting.grid(line.place())),
    of("building", Kind::Text, 14, |line| line.setting.building(line.place())),
    of("address", Kind::Text, 22, |line| address(line.place())),
    of("category", Kind::Text, 10, |line| line.reported(|report| &report.category)),
    of("title", Kind::Text, 28, |line| line.reported(|report| &report.title)),
    of("account", Kind::Text, 44, |line| line.reported(|report| &report.account)),
    of("assignee", Kind::Text, 10, |line| person(line, line.state.assignee.as_ref())),
    of("stage", Kind::Text, 11, |line| Value::Term(term::stage(line.state.stage(), line.setting.lang))),
    of("round", Kind::Number, 6, |line| Value::Number(line.state.round.into())),
    of("consultations", Kind::Number, 9, |line| Value::count(line.state.consultations.len())),
    of("forms", Kind::Text, 16, forms),
    of("last_who", Kind::Text, 24, last_who),
    of("last_what", Kind::Text, 24, |line| line.last(|sitting| Value::text(sitting.elements.what.as_str()))),
    of("last_when", Kind::Date, 12, |line| line.last(|sitting| sitting.elements.when.map(Timestamp::date).into())),
    of("last_where", Kind::Text, 16, |line| line.last(|sitting| Value::text(sitting.elements.place.as_str()))),
    of("last_why", Kind::Text, 30, |line| line.last(|sitting| Value::text(sitting.elements.why.as_str()))),
    of("agreement", Kind::Text, 11, |line| line.agreed(|form| term::agreement(form, line.setting.lang).into())),
    of("check_number", Kind::Text, 26, |line| line.agreed(check_number)),
    of("commitments", Kind::Number, 9, |line| Value::count(line.commitments().count())),
    of("commitments_open", Kind::Number, 9, |line| Value::count(line.commitments().filter(|one| !one.is_settled()).count())),
    of("handed_to", Kind::Text, 20, handed_to),
    of("handover_result", Kind::Text, 30, handover_result),
    of("completed_on", Kind::Date, 12, |line| line.completed_on().into()),
    of("effect_seen", Kind::Text, 28, |line| {
        let seen = line.state.effects.iter().rev().find(|(round, ..)| *round == line.state.round);
        seen.map_or(Value::Empty, |(_, _, seen)| Value::text(seen.as_str()))
    }),
    of("satisfaction", Kind::Text, 26, satisfaction),
    of("worst", Kind::Text, 10, |line| {
        let worst = line.state.last_words(line.state.round).values().min().copied();
        worst.map(|grade| term::grade(grade, line.setting.lang)).into()
    }),
    of("closed_on", Kind::Date, 12, |line| line.ended_on().into()),
    of("days_to_done", Kind::Number, 9, |line| match (line.reported_on(), line.completed_on()) {
        (Some(from), Some(to)) => Value::Number(i64::from(to.days()) - i64::from(from.days())),
        _ => Value::Empty,
    }),
    of("overdue_days", Kind::Number, 9, |line| match overdue_since(line) {
        Some(due) => Value::Number(i64::from(line.setting.today.days()) - i64::from(due.days())),
        None => Value::Empty,
    }),
];

impl<'a> CaseLine<'a> {
    pub(super) fn report(&self) -> Option<&'a Reported> {
        self.state.report.as_ref().map(|(_, report)| report)
    }

    pub(super) fn place(&self) -> Option<&'a Place> {
        self.state.place()
    }

    pub(super) fn reported_on(&self) -> Option<Date> {
        self.state.report.as_ref().map(|(written, _)| written.stamp.time.wall().date())
    }

    pub(super) fn reported(&self, part: fn(&Reported) -> &String) -> Value {
        self.report().map_or(Value::Empty, |report| Value::text(part(report).as_str()))
    }

    fn reporter(&self, part: for<'s> fn(&'s str, &'s str) -> &'s str) -> Value {
        let reporter = self.report().and_then(|report| report.reporter.as_ref());
        reporter.map_or(Value::Empty, |reporter| Value::text(part(&reporter.name, &reporter.phone)))
    }

    fn last(&self, part: fn(&Consultation) -> Value) -> Value {
        self.state.consultations.last().map_or(Value::Empty, part)
    }

    /// The agreement that people speak of: of this round, or the newest that holds.
    fn agreement(&self) -> Option<&'a Agreement> {
        self.state.agreement().or_else(|| self.state.agreements.iter().rev().find(|agreement| agreement.holds))
    }

    fn agreed(&self, part: impl Fn(&AgreementForm) -> Value) -> Value {
        self.agreement().map_or(Value::Empty, |agreement| part(&agreement.form))
    }

    fn commitments(&self) -> impl Iterator<Item = &'a CommitmentState> {
        let draft = self.agreement().map(|agreement| agreement.draft);
        self.state.commitments.iter().filter(move |commitment| Some(commitment.id.draft) == draft)
    }

    /// When it was done, if it is: a case whose table is set again is not.
    fn completed_on(&self) -> Option<Date> {
        let is_done = matches!(self.state.own_stage, Stage::Done | Stage::Closed);
        let last = done(self.state).map(|written| written.stamp).max().filter(|_| is_done);
        last.map(|stamp| stamp.time.wall().date())
    }

    fn ended_on(&self) -> Option<Date> {
        let by = self.state.own_stage_by.filter(|_| self.state.own_stage.is_end());
        by.map(|stamp| stamp.time.wall().date())
    }
}

/// Each time it was done: completed by the community or whoever held it, or settled where it was handed to.
pub(super) fn done(state: &CaseState) -> impl Iterator<Item = &Written> {
    let completed = state.completions.iter().map(|(_, written, _)| written);
    let settled = state.handovers.iter().filter_map(|handover| match &handover.status {
        // A completion by the holder settles the handover with it.
        HandoverStatus::Settled(written, _) => {
            Some(written).filter(|by| !state.completions.iter().any(|(_, one, _)| one == *by))
        }
        _ => None,
    });
    completed.chain(settled)
}

fn number(number: u64) -> Value {
    Value::Number(i64::try_from(number).unwrap_or(i64::MAX))
}

pub(super) fn person(line: &CaseLine<'_>, person: Option<&PersonId>) -> Value {
    person.map_or(Value::Empty, |person| Value::text(line.setting.directory.person_name(person)))
}

/// Every form of sitting that was used, each once.
fn forms(line: &CaseLine<'_>) -> Value {
    let mut forms = Vec::new();
    for sitting in &line.state.consultations {
        let form = term::form(sitting.form, line.setting.lang);
        if !forms.contains(&form) {
            forms.push(form);
        }
    }
    if forms.is_empty() { Value::Empty } else { Value::Terms(forms) }
}

fn last_who(line: &CaseLine<'_>) -> Value {
    let lang = line.setting.lang;
    let (open, close) = (lang.pick("（", " ("), lang.pick("）", ")"));
    let Some(sitting) = line.state.consultations.last() else { return Value::Empty };
    let names = sitting.elements.who.iter().map(|guest| {
        if guest.capacity.is_empty() { guest.name.clone() } else { format!("{}{open}{}{close}", guest.name, guest.capacity) }
    });
    Value::text(names.collect::<Vec<_>>().join(lang.pick("、", ", ")))
}

/// In groups of four, as people read it out; and so that no spreadsheet takes twenty digits for a number.
fn check_number(form: &AgreementForm) -> Value {
    let AgreementForm::Sealed { check_number, .. } = form else { return Value::Empty };
    let digits: Vec<char> = check_number.chars().collect();
    Value::text(digits.chunks(4).map(String::from_iter).collect::<Vec<_>>().join(" "))
}

/// Whoever it was offered to, and the offer was neither overtaken nor taken back.
fn stood(handover: &Handover) -> bool {
    !matches!(handover.status, HandoverStatus::Overtaken(_) | HandoverStatus::Recalled(..))
}

fn handed_to(line: &CaseLine<'_>) -> Value {
    let mut names: Vec<&str> = Vec::new();
    for handover in line.state.handovers.iter().filter(|handover| stood(handover)) {
        let name = line.setting.directory.org_name(&handover.to);
        if !names.contains(&name) {
            names.push(name);
        }
    }
    Value::text(names.join(line.setting.lang.pick("、", ", ")))
}

/// The last result, or why it came back.
fn handover_result(line: &CaseLine<'_>) -> Value {
    let said = line.state.handovers.iter().rev().find_map(|handover| match &handover.status {
        HandoverStatus::Settled(_, words) | HandoverStatus::Returned(_, words) => Some(words.as_str()),
        _ => None,
    });
    Value::text(said.unwrap_or_default())
}

/// Each party's last word in this round; who has not answered yet is named without one.
fn satisfaction(line: &CaseLine<'_>) -> Value {
    let lang = line.setting.lang;
    let said = line.state.last_words(line.state.round);
    let mut parties = line.state.parties_to_ask();
    parties.extend(said.keys().filter(|party| !line.state.parties_to_ask().contains(party)));
    if said.is_empty() {
        return Value::Empty;
    }
    let words = parties.iter().map(|party| match said.get(party) {
        Some(grade) => format!("{party}{}{}", lang.pick("：", ": "), term::grade(*grade, lang).words),
        None => format!("{party}{}{}", lang.pick("：", ": "), crate::words::not_asked(lang)),
    });
    Value::text(words.collect::<Vec<_>>().join(lang.pick("；", "; ")))
}

/// The earliest limit that has passed: what the case waits for is due by the same rules as in a worker's day.
fn overdue_since(line: &CaseLine<'_>) -> Option<Date> {
    let Setting { limits, today, .. } = line.setting;
    waits(line.state).iter().filter_map(|wait| limits.limit_on(today, wait)).filter(|limit| *limit < today).min()
}
