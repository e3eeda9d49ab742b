//! Households: the record of a door, the day's route, and coverage of grids.

use doorstep_core::household::{Command, ResidentLeft, ResidentRecorded, Struck, TagCleared, TagSet};
use doorstep_core::{device, household, view};

use crate::device::Device;
use crate::errors::{DoorstepError, read, read_some};
use crate::names::Door;
use crate::terms::Place;
use crate::views::{HistoryLine, VisitView};

mirror!(
    /// Why somebody no longer lives somewhere.
    Leaving = household::Leaving {
        /// 迁出.
        Moved,
        /// 去世.
        Died,
        /// 登记有误: they never lived there.
        Mistaken,
    }
);
mirror!(
    /// Why a record counts no longer.
    Striking = household::Striking {
        /// 重复建档.
        Duplicate,
        /// 房屋拆除.
        Gone,
        /// 登记有误.
        Mistaken,
    }
);

/// Somebody who lives or lived in a household.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Resident {
    /// Who, wherever they move; empty to write down somebody new.
    #[uniffi(default = "")]
    pub id: String,
    /// Their name.
    pub name: String,
    /// Where to reach them.
    #[uniffi(default = "")]
    pub phone: String,
    /// Year of birth, where it is known.
    #[uniffi(default = None)]
    pub born: Option<i32>,
    /// What they are to the household.
    #[uniffi(default = "")]
    pub relation: String,
    /// Care tags about them.
    #[uniffi(default = [])]
    pub tags: Vec<String>,
    /// Why they left; none: they live here. Read only.
    #[uniffi(default = None)]
    pub left: Option<Leaving>,
    /// Since which day they no longer live here. Read only.
    #[uniffi(default = None)]
    pub left_on: Option<String>,
}

impl From<view::ResidentView> for Resident {
    fn from(resident: view::ResidentView) -> Self {
        Self {
            id: resident.id.to_string(),
            name: resident.name,
            phone: resident.phone,
            born: resident.born,
            relation: resident.relation,
            tags: resident.tags,
            left: resident.left.as_ref().map(|left| left.why.into()),
            left_on: resident.left.map(|left| left.on.to_string()),
        }
    }
}

/// A household.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct HouseholdView {
    /// The household.
    pub id: String,
    /// Where; none if the record can't be read.
    pub place: Option<Place>,
    /// `lived_in`, `vacant` or `struck`.
    pub stage: String,
    /// Care tags about the household as a whole.
    pub tags: Vec<String>,
    /// Who lives there.
    pub residents: Vec<Resident>,
    /// Who lived there.
    pub former: Vec<Resident>,
    /// Notes, oldest first.
    pub notes: Vec<String>,
    /// Everything recorded, in order.
    pub history: Vec<HistoryLine>,
    /// Entries that could not be read.
    pub unreadable: u32,
    /// SHA-256 of what the document says.
    pub digest: String,
}

impl From<view::HouseholdView> for HouseholdView {
    fn from(view: view::HouseholdView) -> Self {
        Self {
            id: view.id.to_string(),
            place: view.place.map(Into::into),
            stage: view.stage.into(),
            tags: view.tags,
            residents: view.residents.into_iter().map(Into::into).collect(),
            former: view.former.into_iter().map(Into::into).collect(),
            notes: view.notes,
            history: view.history.into_iter().map(Into::into).collect(),
            unreadable: view.unreadable,
            digest: view.digest.to_string(),
        }
    }
}

/// One door of a route.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Stop {
    /// The household.
    pub household: String,
    /// Where.
    pub place: Place,
    /// Care tags in it.
    pub tags: Vec<String>,
    /// When somebody was at the door last, milliseconds since 1970; none: never.
    pub last_visit_ms: Option<i64>,
    /// What happened there then.
    pub last_door: Option<Door>,
}

impl From<device::Stop> for Stop {
    fn from(stop: device::Stop) -> Self {
        Self {
            household: stop.household.to_string(),
            place: stop.place.into(),
            tags: stop.tags,
            last_visit_ms: stop.last_visit.map(|at| at.0),
            last_door: stop.last_door.map(Into::into),
        }
    }
}

/// A grid's doors in numbers: a figure for planning, of no person.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Coverage {
    /// The grid.
    pub grid: String,
    /// How many households it has.
    pub households: u64,
    /// How many of them were visited since the day asked for.
    pub visited: u64,
}

#[uniffi::export]
impl Device {
    /// Begins the record of a door.
    pub fn register_household(&self, place: Place) -> Result<HouseholdView, DoorstepError> {
        let place = self.term(place.try_into())?;
        self.inner.register_household(place).map(Into::into).map_err(|error| self.error(&error))
    }

    /// A household.
    pub fn household(&self, household_id: String) -> Result<HouseholdView, DoorstepError> {
        self.inner.household(self.doc(&household_id)?).map(Into::into).map_err(|error| self.error(&error))
    }

    /// The record of this address, if this device has one that counts.
    pub fn household_at(&self, place: Place) -> Result<Option<String>, DoorstepError> {
        let found = self.inner.household_at(&self.term(place.try_into())?).map_err(|error| self.error(&error))?;
        Ok(found.map(|id| id.to_string()))
    }

    /// Corrects a household's address, within its grid.
    pub fn readdress(&self, household_id: String, place: Place) -> Result<HouseholdView, DoorstepError> {
        let place = self.term(place.try_into())?;
        self.keep(&household_id, &Command::Readdress { place })
    }

    /// Writes a resident down, or replaces what is known of one.
    pub fn record_resident(&self, household_id: String, resident: Resident) -> Result<HouseholdView, DoorstepError> {
        let id = match resident.id.as_str() {
            "" => self.inner.new_resident(),
            known => read(known, self.lang)?,
        };
        let Resident { name, phone, born, relation, tags, .. } = resident;
        let resident = ResidentRecorded { resident: id, name, phone, born, relation, tags, from: None, back: None };
        self.keep(&household_id, &Command::RecordResident { resident })
    }

    /// Records that a resident no longer lives here, since a day such as `2026-05-08`.
    #[uniffi::method(default(to = ""))]
    pub fn record_leaving(
        &self,
        household_id: String,
        resident_id: String,
        why: Leaving,
        on: String,
        to: String,
    ) -> Result<HouseholdView, DoorstepError> {
        let (resident, on) = (read(&resident_id, self.lang)?, read(&on, self.lang)?);
        let left = ResidentLeft { resident, why: why.into(), on, to, household: None };
        self.keep(&household_id, &Command::RecordLeaving { left })
    }

    /// Moves a resident to another household on this device; both records are written, or neither. Gives the new one.
    pub fn move_resident(
        &self,
        from_id: String,
        to_id: String,
        resident_id: String,
        on: String,
    ) -> Result<HouseholdView, DoorstepError> {
        let (from, to) = (self.doc(&from_id)?, self.doc(&to_id)?);
        let (resident, on) = (read(&resident_id, self.lang)?, read(&on, self.lang)?);
        self.inner.move_resident(from, to, resident, on).map(Into::into).map_err(|error| self.error(&error))
    }

    /// Sets a care tag on a household, or on one of its residents.
    #[uniffi::method(default(resident_id = None))]
    pub fn set_tag(
        &self,
        household_id: String,
        tag: String,
        resident_id: Option<String>,
    ) -> Result<HouseholdView, DoorstepError> {
        let resident = read_some(resident_id.as_deref(), self.lang)?;
        self.keep(&household_id, &Command::SetTag { tag: TagSet { tag, resident } })
    }

    /// Clears a care tag.
    #[uniffi::method(default(resident_id = None))]
    pub fn clear_tag(
        &self,
        household_id: String,
        tag: String,
        resident_id: Option<String>,
    ) -> Result<HouseholdView, DoorstepError> {
        let resident = read_some(resident_id.as_deref(), self.lang)?;
        self.keep(&household_id, &Command::ClearTag { tag: TagCleared { tag, resident } })
    }

    /// Notes something about a household.
    pub fn note_household(&self, household_id: String, text: String) -> Result<HouseholdView, DoorstepError> {
        self.keep(&household_id, &Command::Note { text })
    }

    /// Strikes a record off that should not be there; `into` is the one that goes on for it.
    #[uniffi::method(default(into = None))]
    pub fn strike_household(
        &self,
        household_id: String,
        why: Striking,
        into: Option<String>,
    ) -> Result<HouseholdView, DoorstepError> {
        let into = read_some(into.as_deref(), self.lang)?;
        self.keep(&household_id, &Command::Strike { struck: Struck { why: why.into(), into } })
    }

    /// Records a visit to a household: which door, what happened, one line.
    #[uniffi::method(default(planned = false, seen = ""))]
    pub fn visit_household(
        &self,
        household_id: String,
        door: Door,
        planned: bool,
        seen: String,
    ) -> Result<VisitView, DoorstepError> {
        let id = self.doc(&household_id)?;
        self.inner.visit_household(id, door.into(), planned, &seen).map(Into::into).map_err(|error| self.error(&error))
    }

    /// Doors to go to: never visited first, then longest ago.
    #[uniffi::method(default(grid = None, limit = 50))]
    pub fn route(&self, grid: Option<String>, limit: u32) -> Result<Vec<Stop>, DoorstepError> {
        let grid = read_some(grid.as_deref(), self.lang)?;
        let limit = usize::try_from(limit).unwrap_or(usize::MAX).min(device::PAGE_MAX);
        let stops = self.inner.route(grid.as_ref(), limit).map_err(|error| self.error(&error))?;
        Ok(stops.into_iter().map(Into::into).collect())
    }

    /// Each of the person's grids in numbers, since a day such as `2026-05-08`.
    pub fn coverage(&self, since: String) -> Result<Vec<Coverage>, DoorstepError> {
        let covered = self.inner.coverage(read(&since, self.lang)?).map_err(|error| self.error(&error))?;
        let plain =
            |one: device::Coverage| Coverage { grid: one.grid.to_string(), households: one.households, visited: one.visited };
        Ok(covered.into_iter().map(plain).collect())
    }
}

impl Device {
    fn keep(&self, id: &str, command: &Command) -> Result<HouseholdView, DoorstepError> {
        self.inner.run_household(self.doc(id)?, command).map(Into::into).map_err(|error| self.error(&error))
    }
}
