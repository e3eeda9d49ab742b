//! My day, from the phone's own store: made once from what every case waits for, then kept in step with each tap.
//!
//! The picture is derived, never stored. It is used again as long as the store says that nothing was written since, or that
//! only this desk's own tap was, and as long as day, person and directory are the same; otherwise it is made anew.

use std::sync::Arc;

use super::{Desk, Device, DeviceError};
use crate::case::{Wait, WaitKind};
use crate::day::{At, Day, Item, Limits, Line, Picture, Section, SectionKind, Sorter, Waiting, Whose, place_of};
use crate::directory::Directory;
use crate::id::{BuildingId, DocId, DocKind, OrgId, PersonId};
use crate::row::Row;
use crate::store::StoredWait;
use crate::time::{Date, Timestamp};

/// A picture, and what it was made from.
pub(super) struct KeptDay {
    picture: Picture,
    whose: Whose,
    directory: Arc<Directory>,
    /// [`crate::store::Store::writes`] when it was true.
    writes: u64,
}

impl Device {
    /// The person's day: what is overdue, due today, to be signed, to be asked about, sent back, to be looked at, unsent, set
    /// aside; of each section how many there are, and the first `items_per_section`. From the store alone, exact at the
    /// moment it is asked: ask again after every tap and sync, and at [`Day::next_change`].
    pub fn day(&self, items_per_section: usize) -> Result<Day, DeviceError> {
        let mut desk = self.open_desk()?;
        let now = self.host.clock.now().plus_ms(desk.offset_ms);
        desk.day(now, items_per_section)
    }

    /// The person has looked at what is contested or overtaken on this document: it leaves the section of what needs a look,
    /// on this device, until there is more to see. What waits for a choice stays until the choice is made.
    pub fn looked_at(&self, id: DocId) -> Result<(), DeviceError> {
        self.open_desk()?.in_step(|desk| {
            let row = desk.store.row(&id)?.ok_or(DeviceError::NotFound)?;
            desk.store.look_at(&row)?;
            Ok(Wrote::Row(Box::new(row)))
        })
    }
}

impl Desk {
    fn day(&mut self, now: Timestamp, items_per_section: usize) -> Result<Day, DeviceError> {
        let on = now.date();
        let whose = self.whose();
        let writes = self.store.writes();
        let directory = Arc::clone(&self.directory);
        let is_true = |kept: &KeptDay| {
            kept.writes == writes && kept.picture.on() == on && kept.whose == whose && Arc::ptr_eq(&kept.directory, &directory)
        };
        let kept = match self.day.take().filter(is_true) {
            Some(kept) => kept,
            None => KeptDay { picture: self.picture(on, &whose)?, whose, directory, writes },
        };
        let limits = limits(&kept.directory);
        let sections = SectionKind::ALL.map(|kind| self.section(&limits, &kept.picture, kind, items_per_section));
        let sections = sections.into_iter().collect::<Result<_, _>>()?;
        let years_unknown = limits.years_unknown(on);
        let next_change = on.plus_days(1).start();
        self.day = Some(kept);
        Ok(Day { on, sections, next_change, calendar_known: years_unknown.is_empty(), years_unknown })
    }

    /// Whose day it is; nobody's, before the device is enrolled and has a directory that knows its person.
    fn whose(&self) -> Whose {
        self.person().map(Whose::of).unwrap_or_default()
    }

    /// The whole picture, from the store's tables.
    fn picture(&self, on: Date, whose: &Whose) -> Result<Picture, DeviceError> {
        let mut lines = Vec::new();
        let outbox = |kind| move |(order, doc)| (kind, Line { order, doc, wait: None });
        lines.extend(self.store.unsent_documents()?.into_iter().map(outbox(SectionKind::Unsent)));
        lines.extend(self.store.documents_set_aside()?.into_iter().map(outbox(SectionKind::SetAside)));
        if !whose.is_nobodys() {
            let mut sorter = Sorter::new(limits(&self.directory), whose, on);
            self.store.each_wait(|stored| {
                // What a newer version waits for has no words here yet.
                let Some(waiting) = waiting(stored) else { return };
                if let Some((kind, order)) = sorter.place(&waiting) {
                    lines.push((kind, Line { order, doc: stored.doc, wait: Some(stored.n) }));
                }
            })?;
            lines.extend(self.store.to_look_at()?.iter().filter_map(|row| look(row, whose)));
        }
        Ok(Picture::new(on, lines))
    }

    fn section(&self, limits: &Limits<'_>, picture: &Picture, kind: SectionKind, most: usize) -> Result<Section, DeviceError> {
        let lines = picture.lines(kind);
        let mut items = Vec::with_capacity(most.min(lines.len()));
        for line in lines.iter().take(most) {
            items.push(self.item(limits, picture.on(), line)?);
        }
        Ok(Section { kind, count: u64::try_from(lines.len()).unwrap_or(u64::MAX), items })
    }

    fn item(&self, limits: &Limits<'_>, on: Date, line: &Line) -> Result<Item, DeviceError> {
        let row = match self.store.row(&line.doc)? {
            Some(row) => row,
            // Set aside, report and all: there is no row of it.
            None => Row::unreadable(line.doc, self.store.kind(&line.doc)?.unwrap_or(DocKind::Case)),
        };
        let wait = line.wait.and_then(|n| row.waits.get(usize::from(n)).cloned());
        let due = wait.as_ref().and_then(|wait| limits.limit_on(on, wait));
        let wait = wait.and_then(|wait| Some(Wait { kind: limits.counts_as(wait.kind, wait.so_far)?, ..wait }));
        Ok(Item {
            doc: line.doc,
            kind: row.kind,
            title: row.title,
            place: row.place,
            wait,
            due,
            days: due.map(|due| limits.days_left(on, due)),
        })
    }

    /// Does `work`, which writes no more than what it says, and keeps the day in step with it.
    pub(super) fn in_step(&mut self, work: impl FnOnce(&mut Self) -> Result<Wrote, DeviceError>) -> Result<(), DeviceError> {
        let before = self.store.writes();
        let wrote = work(self)?;
        if let Wrote::Row(row) | Wrote::Tap(row) = &wrote {
            self.changed(row.doc);
        }
        let Some(mut kept) = self.day.take().filter(|kept| kept.writes == before) else { return Ok(()) };
        match wrote {
            Wrote::NoRow => {}
            Wrote::Row(row) => kept.picture.changed(row.doc, self.lines(&kept, &row)?),
            Wrote::Tap(row) => {
                kept.picture.changed(row.doc, self.lines(&kept, &row)?);
                kept.picture.queued(row.doc);
            }
        }
        kept.writes = self.store.writes();
        self.day = Some(kept);
        Ok(())
    }

    /// A document's lines, by its list row.
    fn lines(&self, kept: &KeptDay, row: &Row) -> Result<Vec<(SectionKind, Line)>, DeviceError> {
        let mut sorter = Sorter::new(limits(&kept.directory), &kept.whose, kept.picture.on());
        let waits = (0u16..).zip(&row.waits).filter_map(|(n, wait)| {
            let waiting = Waiting {
                kind: wait.kind,
                org: wait.org.as_ref().map(OrgId::as_str),
                since: wait.since.date(),
                due: wait.due,
                so_far: wait.so_far,
                at: at(row),
            };
            let (kind, order) = sorter.place(&waiting)?;
            Some((kind, Line { order, doc: row.doc, wait: Some(n) }))
        });
        let mut lines: Vec<_> = waits.collect();
        if row.look && !self.store.is_looked_at(row)? {
            lines.extend(look(row, &kept.whose));
        }
        Ok(lines)
    }
}

/// What a piece of work wrote, as far as a day depends on it.
pub(super) enum Wrote {
    /// No list row, and nothing of the outbox.
    NoRow,
    /// A document's list row.
    Row(Box<Row>),
    /// A change of a document, to be sent, and its list row.
    Tap(Box<Row>),
}

fn limits(directory: &Directory) -> Limits<'_> {
    Limits::new(&directory.policy, &directory.calendar, &directory.orgs)
}

fn waiting<'a>(stored: &StoredWait<'a>) -> Option<Waiting<'a>> {
    let StoredWait { since, due, so_far, org, community, grid, building, assignee, .. } = *stored;
    let kind = WaitKind::from_name(stored.kind)?;
    Some(Waiting { kind, org, since, due, so_far, at: At { community, grid, building, assignee } })
}

fn at(row: &Row) -> At<'_> {
    let place = row.place.as_ref();
    At {
        community: place.map(|place| place.community.as_str()),
        grid: place.map(|place| place.grid.as_str()),
        building: place.and_then(|place| place.building.as_ref()).map(BuildingId::as_str),
        assignee: row.assignee.as_ref().map(PersonId::as_str),
    }
}

/// The line of a document on which something is contested or overtaken. A contest that waits for a choice has its own line.
fn look(row: &Row, whose: &Whose) -> Option<(SectionKind, Line)> {
    let chooses = row
        .waits
        .iter()
        .any(|wait| wait.kind == WaitKind::Choice && whose.sees_to(wait.kind, wait.org.as_ref().map(OrgId::as_str), &at(row)));
    let theirs = whose.looks_at(&at(row), row.involved.iter().map(|(org, _)| org.as_str()));
    let order = place_of(row.updated.wall().date());
    (theirs && !chooses).then_some((SectionKind::NeedsALook, Line { order, doc: row.doc, wait: None }))
}
