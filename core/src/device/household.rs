//! Households: the worker's own ledger. A command becomes one durable change like a case's; moving somebody is two
//! changes in one transaction.

use super::work::{Kept, Made, row};
use super::{Desk, Device, DeviceError, Host};
use crate::case::{Origin, Refusal, RefusalCode};
use crate::document::{Document, Writing};
use crate::entry::Body;
use crate::environment::random;
use crate::household::{self, Command, Entry, Event, HouseholdState, Leaving, ResidentLeft, ResidentRecorded};
use crate::id::{DocId, DocKind, ResidentId};
use crate::people::Place;
use crate::row::Row;
use crate::store::{PAGE_MAX, Tap};
use crate::time::{Date, Hlc, Stamp};
use crate::view::{HouseholdView, VisitView};
use crate::visit::{Door, Visited};

impl Device {
    /// Begins a household's record. It is on disk when this returns.
    ///
    /// # Errors
    /// `already_registered` where this phone has a record of the same address (see [`Device::household_at`]); two phones
    /// that do it apart make two records, of which a person strikes one off.
    pub fn register_household(&self, place: Place) -> Result<HouseholdView, DeviceError> {
        let id = DocId::from_bytes(random(&*self.host.entropy));
        let mut desk = self.open_desk()?;
        if desk.store.household_at(&place)?.is_some() {
            return Err(Refusal::new(RefusalCode::AlreadyRegistered).into());
        }
        desk.tap_household(&self.host, id, None, &Command::Register { place })?;
        desk.household_view(&self.host, id)
    }

    /// Does something to a household's record. It is on disk when this returns; refused, nothing has changed.
    pub fn run_household(&self, id: DocId, command: &Command) -> Result<HouseholdView, DeviceError> {
        let mut desk = self.open_desk()?;
        let document = desk.load_household(id)?;
        desk.tap_household(&self.host, id, Some(&document), command)?;
        desk.compact(id)?;
        desk.household_view(&self.host, id)
    }

    /// A household.
    pub fn household(&self, id: DocId) -> Result<HouseholdView, DeviceError> {
        self.open_desk()?.household_view(&self.host, id)
    }

    /// The record of this address, if this phone has one that counts.
    pub fn household_at(&self, place: &Place) -> Result<Option<DocId>, DeviceError> {
        Ok(self.open_desk()?.store.household_at(place)?)
    }

    /// An id for somebody who is written down for the first time.
    pub fn new_resident(&self) -> ResidentId {
        ResidentId::from_bytes(random(&*self.host.entropy))
    }

    /// Moves somebody from one household to another, since this day: they are written down in the one with what is known
    /// of them and the care tags about them, and leave the other. Both or neither are on disk: the two changes are one
    /// transaction, so that a dead battery leaves nobody in two households or in none. The household they moved to.
    ///
    /// They travel as two changes. Should the server refuse one (a post that ended meanwhile), it comes back with its
    /// reason like everything refused, and the other half stands.
    pub fn move_resident(&self, from: DocId, to: DocId, resident: ResidentId, on: Date) -> Result<HouseholdView, DeviceError> {
        let mut desk = self.open_desk()?;
        desk.tap_move(&self.host, from, to, resident, on)?;
        desk.compact(from)?;
        desk.compact(to)?;
        desk.household_view(&self.host, to)
    }

    /// Records a visit to a household whose record is here: which door, what happened, one line. The place is the
    /// record's.
    pub fn visit_household(&self, id: DocId, door: Door, planned: bool, seen: &str) -> Result<VisitView, DeviceError> {
        let place = self.open_desk()?.household_place(&id)?;
        let (seen, asked, household) = (seen.to_owned(), String::new(), Some(id));
        self.record_visit(Visited { place, door, planned, seen, asked, household })
    }

    /// The visits to a household that this phone knows of, the last one first; a page at most.
    pub fn visits_of(&self, household: DocId, limit: usize) -> Result<Vec<Row>, DeviceError> {
        Ok(self.open_desk()?.store.visits_of(&household, limit.min(PAGE_MAX))?)
    }
}

/// A change to a household, written and not stored yet.
struct Written {
    made: Made,
    row: Row,
    command: Vec<u8>,
}

impl Desk {
    fn load_household(&mut self, id: DocId) -> Result<Document, DeviceError> {
        let document = self.load(id)?;
        if document.kind() == DocKind::Household { Ok(document) } else { Err(DeviceError::NotFound) }
    }

    /// The address of a household whose record is here.
    pub(super) fn household_place(&self, id: &DocId) -> Result<Place, DeviceError> {
        let row = self.store.row(id)?.filter(|row| row.kind == DocKind::Household);
        row.and_then(|row| row.place).ok_or(DeviceError::NotFound)
    }

    fn household_view(&mut self, host: &Host, id: DocId) -> Result<HouseholdView, DeviceError> {
        let document = self.load_household(id)?;
        let log = document.log();
        let state = household::fold(&log.entries);
        Ok(HouseholdView::new(id, &document, &log, &state, &self.directory, host.lang))
    }

    /// The event that a command comes to now, if it is allowed.
    pub(super) fn decide_household(
        &self,
        host: &Host,
        state: &HouseholdState,
        command: &Command,
    ) -> Result<Event, DeviceError> {
        let now = host.clock.now().plus_ms(self.offset_ms);
        let event = household::translate(state, command);
        household::judge(&self.directory, self.person()?, Origin::Here { now }, state, &event)?;
        Ok(event)
    }

    fn tap_household(
        &mut self,
        host: &Host,
        id: DocId,
        before: Option<&Document>,
        command: &Command,
    ) -> Result<(), DeviceError> {
        let written = self.write_household(host, id, before, command, Hlc::default())?;
        self.store.tap(&written.tap(id))?;
        self.changed(id);
        Ok(())
    }

    fn tap_move(&mut self, host: &Host, from: DocId, to: DocId, resident: ResidentId, on: Date) -> Result<(), DeviceError> {
        if from == to {
            return Err(Refusal::about(RefusalCode::Implausible, ["to"]).into());
        }
        let (left, joined) = (self.load_household(from)?, self.load_household(to)?);
        let fold = |document: &Document| household::fold(&document.log::<Event>().entries);
        let (here, there) = (fold(&left), fold(&joined));
        let known = here.residents.get(&resident).filter(|_| here.has(&resident));
        let Some(known) = known.map(|lived| lived.known.1.clone()) else {
            return Err(Refusal::new(RefusalCode::NoResident).into());
        };
        // What they were to the old household says nothing about the new one.
        let tags = here.tags_of(Some(&resident));
        let arriving = ResidentRecorded { relation: String::new(), tags, from: Some(from), back: None, ..known };
        let grid = |state: &HouseholdState| state.place.as_ref().map(|place| place.grid.clone());
        // Another grid's address is not this grid's worker's to know.
        let address = there.place.as_ref().filter(|_| grid(&here) == grid(&there)).map(|place| place.detail.clone());
        let (why, household) = (Leaving::Moved, Some(to));
        let leaving = ResidentLeft { resident, why, on, to: address.unwrap_or_default(), household };
        let arriving =
            self.write_household(host, to, Some(&joined), &Command::RecordResident { resident: arriving }, here.updated)?;
        let after = arriving.made.hlc;
        let leaving = self.write_household(host, from, Some(&left), &Command::RecordLeaving { left: leaving }, after)?;
        self.store.tap_all(&[arriving.tap(to), leaving.tap(from)])?;
        self.changed(to);
        self.changed(from);
        Ok(())
    }

    /// One command as a change; later than `after` too.
    fn write_household(
        &self,
        host: &Host,
        id: DocId,
        before: Option<&Document>,
        command: &Command,
        after: Hlc,
    ) -> Result<Written, DeviceError> {
        let log = before.map(Document::log::<Event>).unwrap_or_default();
        let state = household::fold(&log.entries);
        let event = self.decide_household(host, &state, command)?;
        let writing = Writing::entries(vec![self.household_entry(host, state.updated.max(after), event)?]);
        let made = self.write(host, id, DocKind::Household, before, &writing)?;
        let row = row(id, &made.document);
        let command = minicbor_serde::to_vec(Kept::Household(command.clone())).map_err(|_| DeviceError::Damaged("command"))?;
        Ok(Written { made, row, command })
    }

    pub(super) fn household_entry(&self, host: &Host, seen: Hlc, event: Event) -> Result<Entry, DeviceError> {
        let stamp: Stamp = self.stamp(host, seen)?;
        Ok(Entry { stamp, author: self.person()?.id.clone(), body: Body::Event(event) })
    }
}

impl Written {
    fn tap(&self, doc: DocId) -> Tap<'_> {
        let (kind, hlc) = (DocKind::Household, self.made.hlc);
        let (change, command, row) = (&self.made.change, self.command.as_slice(), &self.row);
        Tap { doc, kind, change, command, row, hlc, bundles: &[], clear_ceremony: false }
    }
}
