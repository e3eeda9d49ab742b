//! Households: who lives where, the doors to go to, and that nobody learns of it who has no business knowing.

use doorstep_core::device::DeviceError;
use doorstep_core::household::{Command, ResidentRecorded, TagSet};
use doorstep_core::id::{DocId, ResidentId};
use doorstep_core::people::Place;
use doorstep_core::time::Date;
use doorstep_core::view::HouseholdView;
use doorstep_tests::{Phone, scenes};

mod apart;
mod cost;
mod first_release;
mod moves;
mod records;
mod route;
mod scope;

/// A door of Nanchenggen's grid `ncg-1` or `ncg-2`.
fn at(grid: &str, detail: &str) -> Place {
    Place { detail: detail.into(), ..scenes::place_in("nanchenggen", grid) }
}

/// Registers the household of this door.
fn registered(phone: &Phone, grid: &str, detail: &str) -> DocId {
    phone.device().register_household(at(grid, detail)).unwrap().id
}

/// Somebody of this name, of whom nothing else is known.
fn somebody(resident: ResidentId, name: &str) -> ResidentRecorded {
    ResidentRecorded {
        resident,
        name: name.into(),
        phone: String::new(),
        born: None,
        relation: String::new(),
        tags: Vec::new(),
        from: None,
        back: None,
    }
}

/// Writes somebody down.
fn lives(phone: &Phone, household: DocId, name: &str) -> ResidentId {
    let resident = phone.device().new_resident();
    record(phone, household, somebody(resident, name)).unwrap();
    resident
}

fn record(phone: &Phone, household: DocId, resident: ResidentRecorded) -> Result<HouseholdView, DeviceError> {
    phone.device().run_household(household, &Command::RecordResident { resident })
}

fn tag(phone: &Phone, household: DocId, tag: &str, resident: Option<ResidentId>) {
    phone.device().run_household(household, &Command::SetTag { tag: TagSet { tag: tag.into(), resident } }).unwrap();
}

/// The names of who lives there.
fn names(phone: &Phone, household: DocId) -> Vec<String> {
    phone.device().household(household).unwrap().residents.into_iter().map(|one| one.name).collect()
}

/// A day before anything happens in the world.
fn long_ago() -> Date {
    Date::from_ymd(2020, 1, 1).unwrap()
}
