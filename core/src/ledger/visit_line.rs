//! A visit's line: one door on one day. The day, never the hour: an evening's visit counts like another.

use super::field::{Kind, Read, Setting, Value, address, field};
use super::term;
use crate::id::DocId;
use crate::people::Place;
use crate::time::Date;
use crate::visit::{VisitState, Visited};

/// What the line is read off.
pub(super) struct VisitLine<'a> {
    pub(super) number: u64,
    pub(super) doc: DocId,
    pub(super) state: &'a VisitState,
    pub(super) setting: Setting<'a>,
}

/// How one field is read.
pub(super) type VisitValue = fn(&VisitLine<'_>) -> Value;

const fn of(name: &'static str, kind: Kind, width: u16, value: VisitValue) -> Read<VisitValue> {
    Read { field: field(name, kind, width), value }
}

/// A visit's fields.
pub(super) const FIELDS: &[Read<VisitValue>] = &[
    of("number", Kind::Number, 6, |line| Value::Number(i64::try_from(line.number).unwrap_or(i64::MAX))),
    of("id", Kind::Text, 11, |line| Value::Doc(line.doc)),
    of("visited_on", Kind::Date, 12, |line| line.visited_on().into()),
    of("community", Kind::Text, 14, |line| line.setting.community(line.place())),
    of("grid", Kind::Text, 14, |line| line.setting.grid(line.place())),
    of("building", Kind::Text, 14, |line| line.setting.building(line.place())),
    of("address", Kind::Text, 22, |line| address(line.place())),
    of("door", Kind::Text, 9, |line| line.visit().map(|visit| term::door(visit.door, line.setting.lang)).into()),
    of("planned", Kind::Flag, 8, |line| line.visit().map_or(Value::Empty, |visit| Value::Flag(visit.planned))),
    of("seen", Kind::Text, 40, |line| line.said(|visit| &visit.seen)),
    of("asked", Kind::Text, 40, |line| line.said(|visit| &visit.asked)),
    of("added", Kind::Text, 30, |line| {
        Value::text(line.state.added.iter().map(|(_, text)| text.as_str()).collect::<Vec<_>>().join("\n"))
    }),
    of("cases", Kind::Number, 9, |line| Value::count(line.state.cases.len())),
    of("recorded_by", Kind::Text, 10, |line| {
        let by = line.state.visit.as_ref().map(|(written, _)| &written.by);
        by.map_or(Value::Empty, |by| Value::text(line.setting.directory.person_name(by)))
    }),
];

impl<'a> VisitLine<'a> {
    fn visit(&self) -> Option<&'a Visited> {
        self.state.visit.as_ref().map(|(_, visit)| visit)
    }

    fn place(&self) -> Option<&'a Place> {
        self.visit().map(|visit| &visit.place)
    }

    fn visited_on(&self) -> Option<Date> {
        self.state.visit.as_ref().map(|(written, _)| written.stamp.time.wall().date())
    }

    fn said(&self, part: fn(&Visited) -> &String) -> Value {
        self.visit().map_or(Value::Empty, |visit| Value::text(part(visit).as_str()))
    }
}
