//! A book: a template made ready, to which cases and visits are shown one after another.

use std::io;

use super::case_line::{self, CaseLine, CaseValue};
use super::commitment_line::{self, CommitmentLine, CommitmentValue, commitments};
use super::field::{Read, Setting, Value};
use super::follow_up_line::{self, AskedOn as _, FollowUpLine, FollowUpValue};
use super::month_line::{self, MonthValue, Months};
use super::sheet::{Column, Head, Sheet};
use super::template::{TemplateError, titled};
use super::visit_line::{self, VisitLine, VisitValue};
use crate::case::CaseState;
use crate::directory::{LedgerColumn, LedgerOf, LedgerTemplate};
use crate::id::{DocId, DocKind};
use crate::people::Place;
use crate::row::Row;
use crate::time::Date;
use crate::visit::VisitState;
use crate::words;

/// From which day to which, both included. By which date a line is in it: when a case was reported, a visit made, a
/// commitment is due, a party was asked; in the monthly summary, when each thing happened.
pub type Range = Option<(Date, Date)>;

/// How the columns are read.
enum Columns<'a> {
    Cases(Vec<CaseValue>),
    Visits(Vec<VisitValue>),
    Commitments(Vec<CommitmentValue>),
    FollowUps(Vec<FollowUpValue>),
    Months(Vec<MonthValue>, Months<'a>),
}

/// See the module.
pub struct Book<'a> {
    head: Head,
    of: LedgerOf,
    columns: Columns<'a>,
    setting: Setting<'a>,
    range: Range,
    lines: u64,
    unreadable: u64,
}

/// What a line of a document that can't be read, or not whole, says where its title would stand.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Whole {
    Yes,
    Partly,
}

impl<'a> Book<'a> {
    /// A book of this template.
    pub fn new(template: LedgerTemplate, setting: Setting<'a>, range: Range) -> Result<Self, TemplateError> {
        super::check(std::slice::from_ref(&template))?;
        let template = titled(template, setting.lang);
        let of = template.of;
        let (columns, read) = match of {
            LedgerOf::Cases => {
                let (columns, read) = pick(case_line::FIELDS, &template.columns);
                (columns, Columns::Cases(read))
            }
            LedgerOf::Visits => {
                let (columns, read) = pick(visit_line::FIELDS, &template.columns);
                (columns, Columns::Visits(read))
            }
            LedgerOf::Commitments => {
                let (columns, read) = pick(commitment_line::FIELDS, &template.columns);
                (columns, Columns::Commitments(read))
            }
            LedgerOf::FollowUps => {
                let (columns, read) = pick(follow_up_line::FIELDS, &template.columns);
                (columns, Columns::FollowUps(read))
            }
            LedgerOf::Months => {
                let (columns, read) = pick(month_line::FIELDS, &template.columns);
                let by_category = columns.iter().any(|column| column.field == month_line::CATEGORY);
                (columns, Columns::Months(read, Months::new(setting, range, by_category)))
            }
        };
        let (tenant, lang) = (&setting.directory.name, setting.lang);
        let headline = words::ledger_headline(tenant, &template.title, of, range, setting.today, lang);
        let head = Head { name: template.title, headline, columns, lang };
        Ok(Self { head, of, columns: read, setting, range, lines: 0, unreadable: 0 })
    }

    /// What stands above the lines.
    pub const fn head(&self) -> &Head {
        &self.head
    }

    /// Which documents have something to say in it.
    pub const fn reads(&self) -> &'static [DocKind] {
        match self.of {
            LedgerOf::Cases | LedgerOf::Commitments | LedgerOf::FollowUps => &[DocKind::Case],
            LedgerOf::Visits => &[DocKind::Visit],
            LedgerOf::Months => &[DocKind::Case, DocKind::Visit],
        }
    }

    /// The days on which documents that have something to say in it began: none before the first, none after the second.
    pub const fn begun(&self) -> (Option<Date>, Option<Date>) {
        match (self.of, self.range) {
            (LedgerOf::Cases | LedgerOf::Visits, Some((from, to))) => (Some(from), Some(to)),
            // What happens to a case is stamped later than its report.
            (LedgerOf::Months, Some((_, to))) => (None, Some(to)),
            // A day that people set, or that a phone's clock says, may be any.
            (LedgerOf::Commitments | LedgerOf::FollowUps, _) | (_, None) => (None, None),
        }
    }

    /// Lines so far.
    pub const fn lines(&self) -> u64 {
        self.lines
    }

    /// Documents so far that could not be read, or not whole.
    pub const fn unreadable(&self) -> u64 {
        self.unreadable
    }

    /// Shows it a case; `whole`: whether every record of it could be read.
    pub fn case(&mut self, doc: DocId, state: &CaseState, whole: bool, to: &mut dyn Sheet) -> io::Result<()> {
        let setting = self.setting;
        let line = |number: u64| CaseLine { number, doc, state, setting };
        let whole = self.seen(whole);
        let mut lines: Vec<Vec<Value>> = Vec::new();
        let number = |already: usize| self.lines + 1 + already as u64;
        match &mut self.columns {
            Columns::Cases(read) => lines.push(read.iter().map(|value| value(&line(number(0)))).collect()),
            Columns::Commitments(read) => {
                for (agreement, commitment) in commitments(state) {
                    if self.range.is_none_or(|(from, to)| (from..=to).contains(&commitment.content.due)) {
                        let line = CommitmentLine { case: line(number(lines.len())), agreement, commitment };
                        lines.push(read.iter().map(|value| value(&line)).collect());
                    }
                }
            }
            Columns::FollowUps(read) => {
                for answer in &state.answers {
                    if self.range.is_none_or(|(from, to)| (from..=to).contains(&answer.on())) {
                        let line = FollowUpLine { case: line(number(lines.len())), answer };
                        lines.push(read.iter().map(|value| value(&line)).collect());
                    }
                }
            }
            Columns::Months(_, months) => months.case(state),
            Columns::Visits(_) => {}
        }
        lines.into_iter().try_for_each(|cells| self.write(cells, whole, to))
    }

    /// Shows it a visit.
    pub fn visit(&mut self, doc: DocId, state: &VisitState, whole: bool, to: &mut dyn Sheet) -> io::Result<()> {
        let line = VisitLine { number: self.lines + 1, doc, state, setting: self.setting };
        let whole = self.seen(whole);
        match &mut self.columns {
            Columns::Visits(read) => {
                let cells = read.iter().map(|value| value(&line)).collect();
                self.write(cells, whole, to)
            }
            Columns::Months(_, months) => {
                months.visit(state);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Tells it of a document that can't be read. What the list knows of it stands in the line.
    pub fn unreadable_document(&mut self, row: &Row, to: &mut dyn Sheet) -> io::Result<()> {
        self.unreadable += 1;
        if matches!(self.columns, Columns::Months(..)) {
            return Ok(());
        }
        let mark = words::unreadable_mark(self.setting.lang);
        let mut cells: Vec<Value> = self.head.columns.iter().map(|column| self.known(column.field, row)).collect();
        self.marked(&mut cells, mark);
        self.lines += 1;
        to.line(&cells, true)
    }

    /// Writes what is known only at the end.
    pub fn finish(&mut self, to: &mut dyn Sheet) -> io::Result<()> {
        if let Columns::Months(read, months) = &self.columns {
            for line in months.lines() {
                self.lines += 1;
                to.line(&read.iter().map(|value| value(&line)).collect::<Vec<_>>(), false)?;
            }
            if self.unreadable > 0 {
                let mut cells = vec![Value::Empty; self.head.columns.len()];
                self.marked(&mut cells, &words::not_counted(self.unreadable, self.setting.lang));
                self.lines += 1;
                to.line(&cells, true)?;
            }
        }
        to.finish()
    }

    fn seen(&mut self, whole: bool) -> Whole {
        self.unreadable += u64::from(!whole);
        if whole { Whole::Yes } else { Whole::Partly }
    }

    fn write(&mut self, mut cells: Vec<Value>, whole: Whole, to: &mut dyn Sheet) -> io::Result<()> {
        if whole == Whole::Partly {
            self.marked(&mut cells, words::partly_unreadable_mark(self.setting.lang));
        }
        self.lines += 1;
        to.line(&cells, whole == Whole::Partly)
    }

    /// Puts the mark before the title; where there is no such column, into the first one of words.
    fn marked(&self, cells: &mut [Value], mark: &str) {
        let columns = || self.head.columns.iter();
        let titled = ["title", "address"].iter().find_map(|name| columns().position(|column| column.field == *name));
        let worded = || columns().position(|column| column.kind == super::Kind::Text && column.field != "id");
        if let Some(cell) = cells.get_mut(titled.or_else(worded).unwrap_or(0)) {
            *cell = Value::Text(format!("{mark}{}", cell.shown(self.setting.lang)));
        }
    }

    /// What the list knows of a document, by field.
    fn known(&self, field: &str, row: &Row) -> Value {
        let setting = &self.setting;
        let place: Option<&Place> = row.place.as_ref();
        match field {
            "number" => Value::Number(i64::try_from(self.lines + 1).unwrap_or(i64::MAX)),
            "id" => Value::Doc(row.doc),
            "reported_on" | "visited_on" if row.began.0 > 0 => Value::day(row.began.wall()),
            "community" => setting.community(place),
            "grid" => setting.grid(place),
            "building" => setting.building(place),
            "address" => super::field::address(place),
            "category" => Value::text(row.category.as_str()),
            "title" => Value::text(row.title.as_str()),
            "channel" => row.channel.map(|channel| super::term::channel(channel, setting.lang)).into(),
            _ => Value::Empty,
        }
    }
}

/// The columns that a template names, ready to be written, and how each is read. The template was checked.
fn pick<L: Copy>(fields: &[Read<L>], columns: &[LedgerColumn]) -> (Vec<Column>, Vec<L>) {
    let known = |column: &LedgerColumn| {
        let read = fields.iter().find(|read| read.field.name == column.field)?;
        let width = column.width.unwrap_or(read.field.width).clamp(WIDTHS.0, WIDTHS.1);
        let title = column.title.clone();
        Some((Column { field: read.field.name, title, kind: read.field.kind, width }, read.value))
    };
    columns.iter().filter_map(known).unzip()
}

/// The narrowest and widest column that a spreadsheet takes, characters.
const WIDTHS: (u16, u16) = (2, 255);
