//! What can stand in a column, and what stands in a cell.
//!
//! A field's name is permanent: templates that offices wrote, and programs that read the JSON, rely on it. Each kind of
//! ledger has its own table of fields, beside the line that it reads ([`super::case_line`] and its neighbours).

use crate::day::Limits;
use crate::directory::{Directory, LedgerOf};
use crate::id::DocId;
use crate::people::Place;
use crate::time::{Date, Timestamp};
use crate::words::{self, Lang};

/// What a field's values are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Words.
    Text,
    /// A day.
    Date,
    /// A month.
    Month,
    /// A whole number.
    Number,
    /// Renminbi, shown in yuan.
    Money,
    /// Yes or no.
    Flag,
}

/// A field that a column can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// Its permanent name.
    pub name: &'static str,
    /// What its values are.
    pub kind: Kind,
    /// How wide its column is by default: characters of Latin script, half as many Chinese ones.
    pub width: u16,
}

/// A field and how it is read off a line of type `L`.
pub(super) struct Read<L> {
    pub(super) field: Field,
    pub(super) value: L,
}

/// A term of the method: its permanent name for machines, its word for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Term {
    /// The permanent name.
    pub code: &'static str,
    /// The word in the sheet's language.
    pub words: &'static str,
}

/// What stands in one cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Nothing.
    Empty,
    /// What somebody wrote, or a name from the directory.
    Text(String),
    /// A term of the method.
    Term(Term),
    /// Several terms.
    Terms(Vec<Term>),
    /// A document.
    Doc(DocId),
    /// A day.
    Date(Date),
    /// A month: year and month from 1.
    Month(i32, u32),
    /// A whole number.
    Number(i64),
    /// Money, in fen.
    Fen(u64),
    /// Yes or no.
    Flag(bool),
}

/// Characters of a document's id in a sheet, in capitals as it is read aloud: 40 random bits tell any two of a
/// sub-district apart. JSON has the whole id.
const ID_SHORT: usize = 8;

impl Value {
    /// Text, or nothing where there is none.
    pub(super) fn text(text: impl Into<String>) -> Self {
        let text = text.into();
        if text.is_empty() { Self::Empty } else { Self::Text(text) }
    }

    /// The day of this instant, in China.
    pub(super) const fn day(at: Timestamp) -> Self {
        Self::Date(at.date())
    }

    /// A count.
    pub(super) fn count(n: usize) -> Self {
        Self::Number(i64::try_from(n).unwrap_or(i64::MAX))
    }

    /// The value as people read it; numbers, days and sums have their own forms in each writer.
    pub(super) fn shown(&self, lang: Lang) -> String {
        match self {
            Self::Empty => String::new(),
            Self::Text(text) => text.clone(),
            Self::Term(term) => term.words.to_owned(),
            Self::Terms(terms) => terms.iter().map(|term| term.words).collect::<Vec<_>>().join(lang.pick("、", ", ")),
            Self::Doc(doc) => doc.to_string().chars().take(ID_SHORT).collect::<String>().to_uppercase(),
            Self::Date(date) => date.to_string(),
            Self::Month(year, month) => format!("{year:04}-{month:02}"),
            Self::Number(number) => number.to_string(),
            Self::Fen(fen) => yuan(*fen),
            Self::Flag(flag) => words::yes_no(*flag, lang).to_owned(),
        }
    }
}

impl<V: Into<Self>> From<Option<V>> for Value {
    fn from(value: Option<V>) -> Self {
        value.map_or(Self::Empty, Into::into)
    }
}

impl From<Date> for Value {
    fn from(date: Date) -> Self {
        Self::Date(date)
    }
}

impl From<Term> for Value {
    fn from(term: Term) -> Self {
        Self::Term(term)
    }
}

/// Fen as yuan with two places, exactly.
pub(super) fn yuan(fen: u64) -> String {
    format!("{}.{:02}", fen / 100, fen % 100)
}

/// What every line is read with.
#[derive(Debug, Clone, Copy)]
pub struct Setting<'a> {
    /// Names of orgs, grids and people.
    pub directory: &'a Directory,
    /// By when each thing is due.
    pub limits: &'a Limits<'a>,
    /// The sheet's language.
    pub lang: Lang,
    /// The day it is made on: what is overdue is so today.
    pub today: Date,
}

impl Setting<'_> {
    pub(super) fn community(&self, place: Option<&Place>) -> Value {
        place.map_or(Value::Empty, |place| Value::text(self.directory.org_name(&place.community)))
    }

    pub(super) fn grid(&self, place: Option<&Place>) -> Value {
        let name = |place: &Place| {
            let known = self.directory.grid(&place.grid).map(|grid| grid.name.clone());
            known.unwrap_or_else(|| place.grid.to_string())
        };
        place.map_or(Value::Empty, |place| Value::text(name(place)))
    }

    pub(super) fn building(&self, place: Option<&Place>) -> Value {
        let Some(place) = place else { return Value::Empty };
        let Some(building) = &place.building else { return Value::Empty };
        let grid = self.directory.grid(&place.grid);
        let known = grid.and_then(|grid| grid.buildings.get(building)).cloned();
        Value::text(known.unwrap_or_else(|| building.to_string()))
    }
}

pub(super) fn address(place: Option<&Place>) -> Value {
    place.map_or(Value::Empty, |place| Value::text(place.detail.as_str()))
}

/// Every field that a column of such a ledger can show, in the order in which people expect them.
pub fn fields(of: LedgerOf) -> Vec<Field> {
    match of {
        LedgerOf::Cases => super::case_line::FIELDS.iter().map(|read| read.field).collect(),
        LedgerOf::Visits => super::visit_line::FIELDS.iter().map(|read| read.field).collect(),
        LedgerOf::Commitments => super::commitment_line::FIELDS.iter().map(|read| read.field).collect(),
        LedgerOf::FollowUps => super::follow_up_line::FIELDS.iter().map(|read| read.field).collect(),
        LedgerOf::Months => super::month_line::FIELDS.iter().map(|read| read.field).collect(),
    }
}

pub(super) const fn field(name: &'static str, kind: Kind, width: u16) -> Field {
    Field { name, kind, width }
}
