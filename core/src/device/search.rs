//! Searching what is on the phone, and likely duplicates of a report. The phone holds only what its person may see, so there
//! is nothing here to be kept from them.

use std::collections::HashSet;
use std::sync::Arc;

use super::{Desk, Device, DeviceError};
use crate::case::{self, Alike, Reported};
use crate::id::{BuildingId, DocId};
use crate::search::{Found, PHONE_MIN, Query, phone_numbers};
use crate::store::PAGE_MAX;
use crate::time::Timestamp;

/// Most documents that are offered as near when nothing fits.
const NEAREST_MAX: usize = 10;
/// Most likely duplicates that are shown: a person looks at each.
const ALIKE_MAX: usize = 10;

impl Device {
    /// What is on the phone with all of these words: the best `limit`, marked. If nothing has all of them, what comes
    /// nearest, and [`Found::nearest`] says so. Whatever is typed, it is not an error.
    pub fn search(&self, text: &str, limit: usize) -> Result<Found, DeviceError> {
        let desk = self.open_desk()?;
        let directory = Arc::clone(&desk.directory);
        let grids = directory.grids.iter();
        let buildings: Vec<(&BuildingId, &str)> =
            grids.flat_map(|grid| grid.buildings.iter().map(|(id, name)| (id, name.as_str()))).collect();
        let query = Query::parse(text, &buildings);
        let limit = limit.min(PAGE_MAX);
        let found = desk.store.search(&query, limit)?;
        if !found.rows.is_empty() || query.is_empty() || limit == 0 {
            let hits = found.rows.into_iter().map(|row| query.hit(row)).collect();
            return Ok(Found { hits, nearest: false, took_all: found.took_all });
        }
        let known = desk.store.has(&query.probes())?;
        let apart = desk.all_of(&query.cut(&known), limit)?;
        if !apart.hits.is_empty() {
            return Ok(apart);
        }
        let limit = limit.min(NEAREST_MAX);
        for step in query.near(&known) {
            let near = desk.all_of(&step, limit)?;
            if !near.hits.is_empty() {
                return Ok(Found { nearest: true, ..near });
            }
        }
        let pieces = query.pieces();
        let rows = desk.store.most_of(&pieces, limit)?;
        let marks = query.together(&pieces);
        let hits: Vec<_> = rows.into_iter().map(|row| marks.hit(row)).collect();
        Ok(Found { nearest: !hits.is_empty(), took_all: true, hits })
    }

    /// Cases that this report may be another one of, each with why. Nothing is merged: a person looks.
    pub fn likely_duplicates(&self, report: &Reported) -> Result<Vec<Alike>, DeviceError> {
        let now = self.now();
        self.open_desk()?.alike(report, None, now)
    }

    /// The same for a case that is here, as its report stands; without the case itself.
    pub fn likely_duplicates_of(&self, id: DocId) -> Result<Vec<Alike>, DeviceError> {
        let mut desk = self.open_desk()?;
        let open = desk.open_case(id)?;
        let report = open.state.report.as_ref().map(|(written, report)| (written.stamp.time.wall(), report.clone()));
        desk.loaded.put(id, open);
        match report {
            Some((at, report)) => desk.alike(&report, Some(id), at),
            None => Ok(Vec::new()),
        }
    }
}

impl Desk {
    /// What these queries find, one after the other, until it is enough.
    fn all_of(&self, queries: &[Query], limit: usize) -> Result<Found, DeviceError> {
        let mut found = Found { took_all: true, ..Found::default() };
        let mut known = HashSet::new();
        for query in queries {
            let searched = self.store.search(query, limit)?;
            found.took_all &= searched.took_all;
            for row in searched.rows {
                if known.insert(row.doc) && found.hits.len() < limit {
                    found.hits.push(query.hit(row));
                }
            }
            if found.hits.len() == limit {
                found.took_all = false;
                break;
            }
        }
        Ok(found)
    }

    /// Cases like the report, as of `at`; `own` is the report's own.
    fn alike(&self, report: &Reported, own: Option<DocId>, at: Timestamp) -> Result<Vec<Alike>, DeviceError> {
        let days = self.directory.policy.alike_days;
        let (from, until) = case::alike_span(at, days);
        let mut rows = self.store.cases_like(&report.place.grid, &report.category, from, until)?;
        let phones = report.reporter.iter().flat_map(|reporter| phone_numbers(&reporter.phone));
        for number in phones.filter(|number| number.len() >= PHONE_MIN) {
            rows.extend(self.store.search(&Query::parse(&number, &[]), PAGE_MAX)?.rows);
        }
        let mut known: HashSet<DocId> = own.into_iter().collect();
        rows.retain(|row| known.insert(row.doc));
        let mut alike: Vec<Alike> = rows
            .into_iter()
            .map(|row| Alike { why: case::alike(report, &row, days, at), row })
            .filter(|alike| !alike.why.is_empty())
            .collect();
        alike.sort_by_key(Alike::order);
        alike.truncate(ALIKE_MAX);
        Ok(alike)
    }
}
