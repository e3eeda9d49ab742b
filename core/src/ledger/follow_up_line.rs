//! A follow-up's line: one answer of a party, or one try to reach them.

use super::case_line::{CaseLine, person};
use super::field::{Kind, Read, Value, address, field};
use super::term;
use crate::case::{Answer, Reply};
use crate::time::Date;

/// What the line is read off.
pub(super) struct FollowUpLine<'a> {
    pub(super) case: CaseLine<'a>,
    pub(super) answer: &'a Answer,
}

/// How one field is read.
pub(super) type FollowUpValue = fn(&FollowUpLine<'_>) -> Value;

const fn of(name: &'static str, kind: Kind, width: u16, value: FollowUpValue) -> Read<FollowUpValue> {
    Read { field: field(name, kind, width), value }
}

/// A follow-up's fields.
pub(super) const FIELDS: &[Read<FollowUpValue>] = &[
    of("number", Kind::Number, 6, |line| Value::Number(i64::try_from(line.case.number).unwrap_or(i64::MAX))),
    of("id", Kind::Text, 11, |line| Value::Doc(line.case.doc)),
    of("reported_on", Kind::Date, 12, |line| line.case.reported_on().into()),
    of("community", Kind::Text, 14, |line| line.case.setting.community(line.case.place())),
    of("grid", Kind::Text, 14, |line| line.case.setting.grid(line.case.place())),
    of("address", Kind::Text, 22, |line| address(line.case.place())),
    of("category", Kind::Text, 10, |line| line.case.reported(|report| &report.category)),
    of("title", Kind::Text, 28, |line| line.case.reported(|report| &report.title)),
    of("round", Kind::Number, 6, |line| Value::Number(line.answer.round.into())),
    of("party", Kind::Text, 14, |line| Value::text(line.answer.party.as_str())),
    of("asked_how", Kind::Text, 10, |line| Value::Term(term::asked(line.answer.asked, line.case.setting.lang))),
    of("asked_on", Kind::Date, 12, |line| Value::Date(line.answer.on())),
    of("reached", Kind::Flag, 8, |line| Value::Flag(matches!(line.answer.reply, Reply::Given { .. }))),
    of("grade", Kind::Text, 10, |line| match line.answer.reply {
        Reply::Given { grade, .. } => Value::Term(term::grade(grade, line.case.setting.lang)),
        Reply::Tried { .. } => Value::Empty,
    }),
    of("words", Kind::Text, 40, |line| match &line.answer.reply {
        Reply::Given { words, .. } => Value::text(words.as_str()),
        Reply::Tried { .. } => Value::Empty,
    }),
    of("recorded_by", Kind::Text, 10, |line| person(&line.case, Some(&line.answer.written.by))),
];

/// The day somebody asked.
pub(super) trait AskedOn {
    fn on(&self) -> Date;
}

impl AskedOn for Answer {
    fn on(&self) -> Date {
        match self.reply {
            Reply::Given { .. } => self.written.stamp.time.wall().date(),
            Reply::Tried { on } => on,
        }
    }
}
