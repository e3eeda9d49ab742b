//! A commitment's line: who does what by when, and what came of it. Those of every agreement that holds, in any round.

use super::case_line::CaseLine;
use super::field::{Kind, Read, Value, address, field};
use super::term;
use crate::case::{Agreement, CommitmentState, CommitmentStatus};
use crate::time::Date;

/// What the line is read off.
pub(super) struct CommitmentLine<'a> {
    pub(super) case: CaseLine<'a>,
    pub(super) agreement: &'a Agreement,
    pub(super) commitment: &'a CommitmentState,
}

/// How one field is read.
pub(super) type CommitmentValue = fn(&CommitmentLine<'_>) -> Value;

const fn of(name: &'static str, kind: Kind, width: u16, value: CommitmentValue) -> Read<CommitmentValue> {
    Read { field: field(name, kind, width), value }
}

/// A commitment's fields.
pub(super) const FIELDS: &[Read<CommitmentValue>] = &[
    of("number", Kind::Number, 6, |line| Value::Number(i64::try_from(line.case.number).unwrap_or(i64::MAX))),
    of("id", Kind::Text, 11, |line| Value::Doc(line.case.doc)),
    of("reported_on", Kind::Date, 12, |line| line.case.reported_on().into()),
    of("community", Kind::Text, 14, |line| line.case.setting.community(line.case.place())),
    of("grid", Kind::Text, 14, |line| line.case.setting.grid(line.case.place())),
    of("address", Kind::Text, 22, |line| address(line.case.place())),
    of("category", Kind::Text, 10, |line| line.case.reported(|report| &report.category)),
    of("title", Kind::Text, 28, |line| line.case.reported(|report| &report.title)),
    of("round", Kind::Number, 6, |line| Value::Number(line.commitment.round.into())),
    of("agreement", Kind::Text, 11, |line| Value::Term(term::agreement(&line.agreement.form, line.case.setting.lang))),
    of("agreed_on", Kind::Date, 12, |line| Value::day(line.agreement.written.stamp.time.wall())),
    of("promised_by", Kind::Text, 14, |line| Value::text(line.commitment.content.party.as_str())),
    of("deed", Kind::Text, 36, |line| Value::text(line.commitment.content.deed.as_str())),
    of("first_due", Kind::Date, 12, |line| line.first_due().into()),
    of("due", Kind::Date, 12, |line| Value::Date(line.commitment.content.due)),
    of("extended", Kind::Flag, 8, |line| {
        line.first_due().map_or(Value::Empty, |first| Value::Flag(first != line.commitment.content.due))
    }),
    of("status", Kind::Text, 10, |line| Value::Term(term::commitment(&line.commitment.status, line.case.setting.lang))),
    of("found_on", Kind::Date, 12, |line| {
        line.commitment.status.found().map_or(Value::Empty, |stamp| Value::day(stamp.time.wall()))
    }),
    of("found", Kind::Text, 36, |line| match &line.commitment.status {
        CommitmentStatus::Open => Value::Empty,
        CommitmentStatus::Fulfilled(_, words) | CommitmentStatus::Defaulted(_, words) | CommitmentStatus::Waived(_, words) => {
            Value::text(words.as_str())
        }
    }),
    of("amount", Kind::Money, 12, |line| line.commitment.content.amount_fen.map_or(Value::Empty, Value::Fen)),
    of("overdue_days", Kind::Number, 9, |line| {
        let (due, today) = (line.commitment.content.due, line.case.setting.today);
        let over = !line.commitment.is_settled() && due < today;
        if over { Value::Number(i64::from(today.days()) - i64::from(due.days())) } else { Value::Empty }
    }),
];

impl CommitmentLine<'_> {
    /// The date that stands in the agreement, before any extension.
    fn first_due(&self) -> Option<Date> {
        let id = self.commitment.id;
        let draft = self.case.state.drafts.iter().find(|draft| draft.written.stamp == id.draft)?;
        draft.content.commitments.get(usize::try_from(id.index).ok()?).map(|commitment| commitment.due)
    }
}

/// The commitments that count, with the agreement each stands in.
pub(super) fn commitments(state: &crate::case::CaseState) -> impl Iterator<Item = (&Agreement, &CommitmentState)> {
    state.commitments.iter().filter_map(|commitment| {
        let agreement = state.agreements.iter().find(|one| one.holds && one.draft == commitment.id.draft)?;
        Some((agreement, commitment))
    })
}
