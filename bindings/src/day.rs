//! My day, and what can be done with a case now.

use doorstep_core::words::{self, Lang as CoreLang};
use doorstep_core::{case, day};

use crate::device::Device;
use crate::errors::DoorstepError;
use crate::names::DocKind;
use crate::terms::Place;

/// One thing of a day.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct DayItem {
    /// The document.
    pub id: String,
    /// What it is.
    pub kind: DocKind,
    /// One line of text.
    pub title: String,
    /// Where it lies.
    pub place: Option<Place>,
    /// What is waited for, by its permanent name; none where nothing is.
    pub waits_for: Option<String>,
    /// The same in words; empty where nothing is.
    pub waits_for_words: String,
    /// The last day of its limit.
    pub due: Option<String>,
    /// Working days left; negative: over by so many.
    pub days: Option<i32>,
    /// The same in words; empty without a limit.
    pub days_words: String,
}

impl DayItem {
    fn of(item: day::Item, lang: CoreLang) -> Self {
        let waits_for = item.wait.as_ref().map(|wait| wait.kind);
        Self {
            id: item.doc.to_string(),
            kind: item.kind.into(),
            title: item.title,
            place: item.place.map(Into::into),
            waits_for: waits_for.map(|kind| kind.name().into()),
            waits_for_words: waits_for.map(|kind| words::wait(kind, lang).into()).unwrap_or_default(),
            due: item.due.map(|day| day.to_string()),
            days: item.days,
            days_words: item.days.map(|days| words::days_left(days, lang)).unwrap_or_default(),
        }
    }
}

/// A part of a day.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct DaySection {
    /// Its permanent name: `overdue`, `due_today`, `to_sign`, `to_hear_back`, `returned`, `needs_a_look`, `unsent`, `set_aside`.
    pub name: String,
    /// Its heading.
    pub heading: String,
    /// What to show when nothing is in it.
    pub empty: String,
    /// How many things are in it.
    pub count: u64,
    /// The first of them.
    pub items: Vec<DayItem>,
}

/// A person's day.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Day {
    /// The day.
    pub on: String,
    /// Its parts, in the order in which they are looked at.
    pub sections: Vec<DaySection>,
    /// When the picture changes by time alone, milliseconds since 1970: ask again then, after a tap, and after a sync.
    pub next_change_ms: i64,
    /// What to say where the calendar has no data for a year and weekends alone were counted; empty if it has.
    pub calendar_note: String,
}

/// Something that the person's posts allow on a case, now or at another time.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Offer {
    /// The command's permanent name.
    pub command: String,
    /// The same in words, for a button.
    pub words: String,
    /// Whether it can be done now, once its fields are filled in.
    pub now: bool,
    /// If not, why: a permanent code; empty otherwise.
    pub code: String,
    /// If not, why, as a sentence; empty otherwise.
    pub sentence: String,
}

impl Offer {
    fn of(offer: case::Offer, lang: CoreLang) -> Self {
        let why = offer.refusal.as_ref();
        Self {
            command: offer.kind.name().into(),
            words: words::command(offer.kind, lang).into(),
            now: why.is_none(),
            code: why.map(|refusal| refusal.code.as_str().into()).unwrap_or_default(),
            sentence: why.map(|refusal| words::refusal_sentence(refusal, lang)).unwrap_or_default(),
        }
    }
}

#[uniffi::export]
impl Device {
    /// The person's day, from this device alone; of each part the first `items`.
    #[uniffi::method(default(items = 50))]
    pub fn day(&self, items: u32) -> Result<Day, DoorstepError> {
        let items = usize::try_from(items).unwrap_or(usize::MAX);
        let day = self.inner.day(items).map_err(|error| self.error(&error))?;
        let sections = day.sections.into_iter().map(|section| {
            let name = section.kind.name();
            DaySection {
                name: name.into(),
                heading: words::section(name, self.lang).unwrap_or(name).into(),
                empty: words::section_empty(name, self.lang).unwrap_or_default().into(),
                count: section.count,
                items: section.items.into_iter().map(|item| DayItem::of(item, self.lang)).collect(),
            }
        });
        let known = day.years_unknown.is_empty();
        Ok(Day {
            on: day.on.to_string(),
            sections: sections.collect(),
            next_change_ms: day.next_change.0,
            calendar_note: if known { String::new() } else { words::calendar_note(&day.years_unknown, self.lang) },
        })
    }

    /// What the person can do with a case: every command their posts could ever allow here, and why not now.
    pub fn offers(&self, case_id: String) -> Result<Vec<Offer>, DoorstepError> {
        let offers = self.inner.offers(self.doc(&case_id)?).map_err(|error| self.error(&error))?;
        Ok(offers.into_iter().map(|offer| Offer::of(offer, self.lang)).collect())
    }
}
