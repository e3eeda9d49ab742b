//! Entries that arrive, held against the rules: the server's question before it stores, the phone's before it believes.
//!
//! Judged at the entries' own past, one after another, so that a command's events may build on each other. What the
//! entries mean is [`case::judge`]'s and [`visit::judge`]'s business; here is what holds for every log: the author is the
//! sender, and a stamp comes after everything its author had seen. The second is what makes the order of stamps a
//! linear extension of what people knew, on which the fold rests.

use crate::access::{self, Deed, Situation};
use crate::case::{self, CaseState, Origin, Refusal, RefusalCode, Setting};
use crate::directory::Directory;
use crate::entry::{Body, Entry};
use crate::id::{DocId, OrgId};
use crate::people::{Person, Place};
use crate::time::{DAY_MS, Stamp, Timestamp};
use crate::{household, visit};

/// How far ahead of the server's clock a stamp may lie, milliseconds: twenty years. Phones' clocks are off by years in
/// honest hands; but one stamp at the end of time would leave no later one for anybody.
pub const STAMP_AHEAD_MAX_MS: i64 = 20 * 366 * DAY_MS;

/// Who sent the entries, of which document, and when they came.
#[derive(Debug, Clone, Copy)]
pub struct Arrival<'a> {
    /// The directory at this moment.
    pub directory: &'a Directory,
    /// The person whose device signed the push.
    pub person: &'a Person,
    /// The document.
    pub doc: DocId,
    /// The receiver's clock.
    pub received: Timestamp,
}

/// Whether these entries may be added to a case with this past; `typed`: the change also touches a shared text.
pub fn case(arrival: &Arrival<'_>, past: &[case::Entry], added: &[case::Entry], typed: bool) -> Result<CaseState, Refusal> {
    let mut state = case::fold(past);
    let setting = Setting { directory: arrival.directory, person: arrival.person, case: arrival.doc, origin: Origin::Arriving };
    let mut last = past.iter().map(|entry| entry.stamp).max();
    for entry in added {
        check_envelope(arrival, &mut last, entry)?;
        match &entry.body {
            Body::Event(event) => case::judge(&setting, &state, event)?,
            Body::Newer { .. } => may_note(arrival, state.place(), &state.handovers.iter().map(|h| &h.to).collect::<Vec<_>>())?,
        }
        case::extend(&mut state, entry);
    }
    // The first change of a case lays the texts out beside the report; after that, typing is a deed of its own.
    if typed && !past.is_empty() {
        case::judge_typing(&setting, &state)?;
    }
    if state.report.is_none() { Err(Refusal::new(RefusalCode::NotReported)) } else { Ok(state) }
}

/// Whether these entries may be added to a visit with this past.
pub fn visit(arrival: &Arrival<'_>, past: &[visit::Entry], added: &[visit::Entry]) -> Result<visit::VisitState, Refusal> {
    let mut log = past.to_vec();
    let mut last = past.iter().map(|entry| entry.stamp).max();
    for entry in added {
        check_envelope(arrival, &mut last, entry)?;
        let state = visit::fold(&log);
        match &entry.body {
            Body::Event(event) => visit::judge(arrival.directory, arrival.person, &state, event)?,
            Body::Newer { .. } => may_note(arrival, state.visit.as_ref().map(|(_, visit)| &visit.place), &[])?,
        }
        log.push(entry.clone());
    }
    let state = visit::fold(&log);
    if state.visit.is_none() { Err(Refusal::new(RefusalCode::NotReported)) } else { Ok(state) }
}

/// Whether these entries may be added to a household's record with this past.
pub fn household(
    arrival: &Arrival<'_>,
    past: &[household::Entry],
    added: &[household::Entry],
) -> Result<household::HouseholdState, Refusal> {
    let mut log = past.to_vec();
    let mut last = past.iter().map(|entry| entry.stamp).max();
    for entry in added {
        check_envelope(arrival, &mut last, entry)?;
        let state = household::fold(&log);
        match &entry.body {
            Body::Event(event) => household::judge(arrival.directory, arrival.person, Origin::Arriving, &state, event)?,
            // From whoever may work on it: to note is for more people elsewhere, and none of those see a household.
            Body::Newer { .. } => {
                let place = state.place.as_ref().ok_or(Refusal::new(RefusalCode::NotReported))?;
                household::may(arrival.directory, arrival.person, place)?;
            }
        }
        log.push(entry.clone());
    }
    let state = household::fold(&log);
    if state.place.is_none() { Err(Refusal::new(RefusalCode::NotReported)) } else { Ok(state) }
}

/// An event of a newer version can't be judged by its meaning; it is kept from whoever may add a note, and changes nothing
/// here until this side learns its kind.
fn may_note(arrival: &Arrival<'_>, place: Option<&Place>, involved: &[&OrgId]) -> Result<(), Refusal> {
    let Some(place) = place else { return Err(Refusal::new(RefusalCode::NotReported)) };
    access::may(arrival.directory, arrival.person, Deed::Note, &Situation { place, holder: None, involved })
}

fn check_envelope<E>(arrival: &Arrival<'_>, last: &mut Option<Stamp>, entry: &Entry<E>) -> Result<(), Refusal> {
    if entry.author != arrival.person.id {
        return Err(Refusal::new(RefusalCode::ForeignAuthor));
    }
    if last.is_some_and(|last| entry.stamp <= last) {
        return Err(Refusal::new(RefusalCode::StampOrder));
    }
    if entry.stamp.time.wall().0 > arrival.received.0.saturating_add(STAMP_AHEAD_MAX_MS) {
        return Err(Refusal::new(RefusalCode::StampFar));
    }
    *last = Some(entry.stamp);
    Ok(())
}
