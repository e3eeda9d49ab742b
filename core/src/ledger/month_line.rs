//! A month's line: what came in, what was done and how it ended, in one community (and, where the template shows it, in one
//! category). Each figure stands in the month in which the thing happened.
//!
//! It never counts by worker, nor by grid, which would be the same: a grid has one worker, and the method forbids ranking
//! people. What is kept grows with months, communities and the policy's categories, never with cases.

use std::collections::BTreeMap;

use super::field::{Kind, Read, Setting, Value, field};
use crate::case::{AgreementForm, CaseState, Channel, HandoverKind, HandoverStatus, Reply, Stage};
use crate::id::OrgId;
use crate::people::Place;
use crate::time::{Date, Stamp};
use crate::visit::VisitState;
use crate::words;

/// Whose line it is. In the order of the sheet: months, then communities and categories as the directory lists them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    year: i32,
    month: u32,
    rank: usize,
    community: OrgId,
    /// Place in the policy's list; `usize::MAX` for what stands in none, or where the template shows no categories.
    category: usize,
}

/// What is counted.
#[derive(Debug, Clone, Default)]
struct Counts {
    reported: u64,
    by_phone: u64,
    by_letter: u64,
    in_person: u64,
    by_visit: u64,
    by_hotline: u64,
    consultations: u64,
    agreements_signed: u64,
    agreements_oral: u64,
    raised: u64,
    transferred: u64,
    completed: u64,
    closed: u64,
    settled_here: u64,
    withdrawn: u64,
    merged: u64,
    dissatisfied: u64,
    visits: u64,
}

/// What the line is read off.
pub(super) struct MonthLine<'a> {
    key: &'a Key,
    counts: &'a Counts,
    setting: Setting<'a>,
}

/// How one field is read.
pub(super) type MonthValue = fn(&MonthLine<'_>) -> Value;

const fn of(name: &'static str, kind: Kind, width: u16, value: MonthValue) -> Read<MonthValue> {
    Read { field: field(name, kind, width), value }
}

const fn counted(name: &'static str, value: MonthValue) -> Read<MonthValue> {
    of(name, Kind::Number, 9, value)
}

/// The field whose presence in a template splits the lines by category.
pub(super) const CATEGORY: &str = "category";

/// A month's fields.
pub(super) const FIELDS: &[Read<MonthValue>] = &[
    of("month", Kind::Month, 10, |line| Value::Month(line.key.year, line.key.month)),
    of("community", Kind::Text, 16, |line| Value::text(line.setting.directory.org_name(&line.key.community))),
    of(CATEGORY, Kind::Text, 12, |line| {
        let known = line.setting.directory.policy.categories.get(line.key.category);
        Value::text(known.map_or(words::no_category(line.setting.lang), String::as_str))
    }),
    counted("reported", |line| number(line.counts.reported)),
    counted("by_phone", |line| number(line.counts.by_phone)),
    counted("by_letter", |line| number(line.counts.by_letter)),
    counted("in_person", |line| number(line.counts.in_person)),
    counted("by_visit", |line| number(line.counts.by_visit)),
    counted("by_hotline", |line| number(line.counts.by_hotline)),
    counted("consultations", |line| number(line.counts.consultations)),
    counted("agreements_signed", |line| number(line.counts.agreements_signed)),
    counted("agreements_oral", |line| number(line.counts.agreements_oral)),
    counted("raised", |line| number(line.counts.raised)),
    counted("transferred", |line| number(line.counts.transferred)),
    counted("completed", |line| number(line.counts.completed)),
    counted("closed", |line| number(line.counts.closed)),
    counted("settled_here", |line| number(line.counts.settled_here)),
    counted("withdrawn", |line| number(line.counts.withdrawn)),
    counted("merged", |line| number(line.counts.merged)),
    counted("dissatisfied", |line| number(line.counts.dissatisfied)),
    counted("visits", |line| number(line.counts.visits)),
];

fn number(n: u64) -> Value {
    Value::Number(i64::try_from(n).unwrap_or(i64::MAX))
}

/// The figures so far.
pub(super) struct Months<'a> {
    counts: BTreeMap<Key, Counts>,
    setting: Setting<'a>,
    range: Option<(Date, Date)>,
    by_category: bool,
}

impl<'a> Months<'a> {
    pub(super) const fn new(setting: Setting<'a>, range: Option<(Date, Date)>, by_category: bool) -> Self {
        Self { counts: BTreeMap::new(), setting, range, by_category }
    }

    /// The counts of the day's month; none for a day out of range.
    fn at(&mut self, place: &Place, category: &str, on: Date) -> Option<&mut Counts> {
        if self.range.is_some_and(|(from, to)| on < from || on > to) {
            return None;
        }
        let directory = self.setting.directory;
        let (year, month, _) = on.ymd();
        let rank = directory.orgs.iter().position(|org| org.id == place.community).unwrap_or(usize::MAX);
        let listed = directory.policy.categories.iter().position(|known| known == category);
        let category = listed.filter(|_| self.by_category).unwrap_or(usize::MAX);
        Some(self.counts.entry(Key { year, month, rank, community: place.community.clone(), category }).or_default())
    }

    /// Counts a case: each thing that happened to it, in its own month.
    pub(super) fn case(&mut self, state: &CaseState) {
        let Some((written, report)) = &state.report else { return };
        let mut add = |stamp: Stamp, count: &dyn Fn(&mut Counts)| {
            if let Some(counts) = self.at(&report.place, &report.category, stamp.time.wall().date()) {
                count(counts);
            }
        };
        add(written.stamp, &|counts| {
            counts.reported += 1;
            *match report.channel {
                Channel::Phone => &mut counts.by_phone,
                Channel::Letter => &mut counts.by_letter,
                Channel::InPerson => &mut counts.in_person,
                Channel::Visit => &mut counts.by_visit,
                Channel::Hotline => &mut counts.by_hotline,
            } += 1;
        });
        for sitting in &state.consultations {
            add(sitting.opened.stamp, &|counts| counts.consultations += 1);
        }
        for agreement in state.agreements.iter().filter(|agreement| agreement.holds) {
            add(agreement.written.stamp, &|counts| match agreement.form {
                AgreementForm::Sealed { .. } | AgreementForm::Paper { .. } => counts.agreements_signed += 1,
                AgreementForm::Oral { .. } => counts.agreements_oral += 1,
            });
        }
        let mut elsewhere = false;
        for handover in &state.handovers {
            match handover.status {
                HandoverStatus::Overtaken(_) | HandoverStatus::Recalled(..) => continue,
                HandoverStatus::Offered | HandoverStatus::Accepted(_) | HandoverStatus::Settled(..) => elsewhere = true,
                HandoverStatus::Returned(..) => {}
            }
            add(handover.offered.stamp, &|counts| match handover.kind {
                HandoverKind::Raised { .. } => counts.raised += 1,
                HandoverKind::Transferred => counts.transferred += 1,
            });
        }
        for written in super::case_line::done(state) {
            add(written.stamp, &|counts| counts.completed += 1);
        }
        for answer in &state.answers {
            if matches!(answer.reply, Reply::Given { grade, .. } if grade.is_dissatisfied()) {
                add(answer.written.stamp, &|counts| counts.dissatisfied += 1);
            }
        }
        if let Some(end) = state.own_stage_by {
            add(end, &|counts| match state.own_stage {
                Stage::Closed => {
                    counts.closed += 1;
                    counts.settled_here += u64::from(!elsewhere);
                }
                Stage::Withdrawn => counts.withdrawn += 1,
                Stage::Merged => counts.merged += 1,
                _ => {}
            });
        }
    }

    /// Counts a visit. It belongs to no category.
    pub(super) fn visit(&mut self, state: &VisitState) {
        let Some((written, visit)) = &state.visit else { return };
        if let Some(counts) = self.at(&visit.place, "", written.stamp.time.wall().date()) {
            counts.visits += 1;
        }
    }

    /// The lines, in order.
    pub(super) fn lines(&self) -> impl Iterator<Item = MonthLine<'_>> {
        self.counts.iter().map(|(key, counts)| MonthLine { key, counts, setting: self.setting })
    }
}
