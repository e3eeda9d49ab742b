//! Finding: search, likely duplicates, and ledgers for whoever asks for one.

use std::sync::Arc;

use doorstep_core::time::Date;
use doorstep_core::words::{self, Lang as CoreLang};
use doorstep_core::{case, device};

use crate::device::Device;
use crate::errors::{DoorstepError, read_some};
use crate::lists::Row;
use crate::terms::Report;
use crate::work::off_thread;

/// A piece of a text, marked or not.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Span {
    /// The piece, as it stands in the original.
    pub text: String,
    /// Whether it is what was looked for.
    pub hit: bool,
}

/// One document that was found.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Hit {
    /// Its row.
    pub row: Row,
    /// The title with what was looked for marked.
    pub title: Vec<Span>,
    /// The part of the text that says why it was found; empty where the title says it all.
    pub snippet: Vec<Span>,
    /// Where the snippet is from, by its permanent name.
    pub field: String,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Found {
    /// The best first.
    pub hits: Vec<Hit>,
    /// Nothing has all that was asked for; these come nearest.
    pub nearest: bool,
    /// Whether everything that fits was looked at.
    pub took_all: bool,
}

/// A case that a report may be another one of.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Alike {
    /// Its row.
    pub row: Row,
    /// Why, by permanent names: `same_phone`, `same_place`, `same_category`.
    pub why: Vec<String>,
    /// Why, in words.
    pub words: Vec<String>,
}

/// A ledger that can be exported.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Ledger {
    /// Its name, for [`Device::export_ledger`].
    pub id: String,
    /// Its title.
    pub title: String,
}

mirror!(
    /// A ledger file's format.
    LedgerFormat = device::Format {
        /// Office Open XML workbook.
        Xlsx,
        /// Comma-separated values, UTF-8 with a byte order mark.
        Csv,
        /// An array of objects.
        Json,
    }
);

/// What was exported.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Exported {
    /// Lines, headings not included.
    pub lines: u64,
    /// Documents that could not be read; each has a line that says so.
    pub unreadable: u64,
}

fn spans(spans: Vec<device::Span>) -> Vec<Span> {
    spans.into_iter().map(|span| Span { text: span.text, hit: span.hit }).collect()
}

fn alike(alike: case::Alike, lang: CoreLang) -> Alike {
    let words = alike.why.iter().map(|why| words::alike_reason(*why, lang).to_owned());
    Alike { words: words.collect(), why: alike.why.iter().map(|why| why.name().to_owned()).collect(), row: alike.row.into() }
}

#[uniffi::export]
impl Device {
    /// What is on this device with all of these words: Chinese words of any length, names or their pinyin initials,
    /// addresses, three digits or more of a telephone number. Whatever is typed, it is not an error.
    #[uniffi::method(default(limit = 50))]
    pub fn search(&self, text: String, limit: u32) -> Result<Found, DoorstepError> {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let found = self.inner.search(&text, limit).map_err(|error| self.error(&error))?;
        let hit = |hit: device::Hit| Hit {
            row: hit.row.into(),
            title: spans(hit.title),
            snippet: spans(hit.snippet),
            field: hit.field.into(),
        };
        Ok(Found { hits: found.hits.into_iter().map(hit).collect(), nearest: found.nearest, took_all: found.took_all })
    }

    /// Cases that this report may be another one of, each with why. Nothing is merged: a person looks.
    pub fn likely_duplicates(&self, report: Report) -> Result<Vec<Alike>, DoorstepError> {
        let report = self.term(report.try_into())?;
        let found = self.inner.likely_duplicates(&report).map_err(|error| self.error(&error))?;
        Ok(found.into_iter().map(|one| alike(one, self.lang)).collect())
    }

    /// The ledgers that can be exported.
    pub fn ledgers(&self) -> Vec<Ledger> {
        self.inner.ledgers().into_iter().map(|template| Ledger { id: template.id, title: template.title }).collect()
    }

    /// Writes a ledger of what is on this device to a file; under its name only once it is whole. From and until are days
    /// such as `2026-05-08`, both included.
    #[uniffi::method(default(from_day = None, until_day = None))]
    pub async fn export_ledger(
        self: Arc<Self>,
        ledger: String,
        format: LedgerFormat,
        path: String,
        from_day: Option<String>,
        until_day: Option<String>,
    ) -> Result<Exported, DoorstepError> {
        off_thread(self.lang, move |_| {
            let from = read_some(from_day.as_deref(), self.lang)?;
            let until = read_some(until_day.as_deref(), self.lang)?;
            // A day that is not given leaves its side open.
            let ends = (from.unwrap_or(Date::from_days(i32::MIN)), until.unwrap_or(Date::from_days(i32::MAX)));
            let range: device::Range = (from.is_some() || until.is_some()).then_some(ends);
            let exported = self.inner.export_to_file(&ledger, format.into(), range, std::path::Path::new(&path));
            let exported = exported.map_err(|error| self.error(&error))?;
            Ok(Exported { lines: exported.lines, unreadable: exported.unreadable })
        })
        .await
    }

    /// The person has looked at what is overtaken on this case: it leaves that part of their day, on this device.
    pub fn looked_at(&self, case_id: String) -> Result<(), DoorstepError> {
        self.inner.looked_at(self.doc(&case_id)?).map_err(|error| self.error(&error))
    }
}
