//! Who may write what in a household's record: the workers of its grid and the leads of its community, nobody else.
//!
//! One function for what is made here and for what arrives. What depends on today (the list of care tags, how old people
//! can be) is held against one's own typing only: a list changes, a phone's clock is wrong, and a fact that was
//! allowed where it was made stays one.

use super::event::{Command, Event, Noted, Readdressed, Registered, ResidentRecorded, Restored};
use super::state::HouseholdState;
use crate::access::{self, Deed, Situation};
use crate::case::{LINE_MAX, Origin, Refusal, RefusalCode, TEXT_MAX, optional, required};
use crate::directory::Directory;
use crate::people::{Person, Place};

/// Most people who live in one household at a time. A dormitory is registered by the room.
pub const RESIDENTS_MAX: usize = 100;
/// Most care tags that come with one record of a resident; a policy has some ten.
pub const TAGS_MAX: usize = 30;
/// How old people are at most, years.
const AGE_MAX: i32 = 130;
/// Years of birth that any honest record has: wide enough for every wrong clock.
const BORN: std::ops::RangeInclusive<i32> = 1850..=2200;

/// The event a command comes to on a household in this state; whether it is allowed is [`judge`]'s question. Somebody who
/// had left and is written down again is back.
pub fn translate(state: &HouseholdState, command: &Command) -> Event {
    match command.clone() {
        Command::Register { place } => Registered { place }.into(),
        Command::Readdress { place } => Readdressed { place }.into(),
        Command::RecordResident { resident } => {
            let left = state.residents.get(&resident.resident).and_then(|lived| lived.left.as_ref());
            ResidentRecorded { back: left.map(|(written, _)| written.stamp), ..resident }.into()
        }
        Command::RecordLeaving { left } => left.into(),
        Command::SetTag { tag } => tag.into(),
        Command::ClearTag { tag } => tag.into(),
        Command::Note { text } => Noted { text }.into(),
        Command::Strike { struck } => struck.into(),
        Command::Restore { why } => Restored { why }.into(),
    }
}

/// Whether this person may work on a household at this place, whatever it is that they do.
pub fn may(directory: &Directory, person: &Person, place: &Place) -> Result<(), Refusal> {
    access::may(directory, person, Deed::FollowUp, &Situation { place, holder: None, involved: &[] })
}

/// Whether this person may add `event` to the household's record.
pub fn judge(
    directory: &Directory,
    person: &Person,
    origin: Origin,
    state: &HouseholdState,
    event: &Event,
) -> Result<(), Refusal> {
    let Some(place) = &state.place else {
        let Event::Registered(e) = event else { return Err(Refusal::new(RefusalCode::NotReported)) };
        may(directory, person, &e.place)?;
        // Only what begins must lie in a place the directory knows today; old records outlive old grids.
        if !directory.knows(&e.place) {
            return Err(Refusal::new(RefusalCode::UnknownPlace));
        }
        return required("place", &e.place.detail, LINE_MAX);
    };
    may(directory, person, place)?;
    if state.struck.is_some() && !matches!(event, Event::Noted(_) | Event::Restored(_)) {
        return Err(Refusal::new(RefusalCode::HouseholdStruck));
    }
    let in_list = |tag: &str| matches!(origin, Origin::Arriving) || directory.policy.care_tags.iter().any(|one| one == tag);
    let check_tag = |tag: &str| {
        required("tag", tag, LINE_MAX)?;
        if in_list(tag) { Ok(()) } else { Err(Refusal::new(RefusalCode::TagUnknown)) }
    };
    let tagged = |tag: &str, whom| state.tags().any(|known| known == (tag, whom));
    match event {
        Event::Registered(_) => Err(Refusal::new(RefusalCode::AlreadyRegistered)),
        Event::Readdressed(e) => readdressed(directory, place, &e.place),
        Event::ResidentRecorded(e) => {
            // Tags that came along from another household were set there once; the list may be another by now.
            if e.from.is_none() {
                e.tags.iter().try_for_each(|tag| check_tag(tag))?;
            }
            recorded(origin, state, e)
        }
        Event::ResidentLeft(e) => {
            if !state.has(&e.resident) {
                return Err(Refusal::new(RefusalCode::NoResident));
            }
            if matches!(origin, Origin::Here { now } if e.on > now.date()) {
                return Err(Refusal::about(RefusalCode::Implausible, ["on"]));
            }
            optional("to", &e.to, LINE_MAX)
        }
        Event::TagSet(e) => {
            if e.resident.is_some_and(|resident| !state.has(&resident)) {
                return Err(Refusal::new(RefusalCode::NoResident));
            }
            check_tag(&e.tag)?;
            if tagged(&e.tag, e.resident.as_ref()) { Err(Refusal::new(RefusalCode::TagUnchanged)) } else { Ok(()) }
        }
        Event::TagCleared(e) => {
            if tagged(&e.tag, e.resident.as_ref()) {
                Ok(())
            } else {
                Err(Refusal::new(RefusalCode::TagUnchanged))
            }
        }
        Event::Noted(e) => required("text", &e.text, TEXT_MAX),
        Event::Struck(_) => Ok(()),
        Event::Restored(e) => {
            if state.struck.is_none() {
                return Err(Refusal::new(RefusalCode::NotStruck));
            }
            optional("reason", &e.why, LINE_MAX)
        }
    }
}

/// A corrected address: in its grid, and in a building that is there unless it was there before.
fn readdressed(directory: &Directory, before: &Place, now: &Place) -> Result<(), Refusal> {
    if (&before.community, &before.grid) != (&now.community, &now.grid) {
        return Err(Refusal::new(RefusalCode::OtherGrid));
    }
    if before.building != now.building && !directory.knows(now) {
        return Err(Refusal::new(RefusalCode::UnknownPlace));
    }
    required("place", &now.detail, LINE_MAX)
}

fn recorded(origin: Origin, state: &HouseholdState, e: &ResidentRecorded) -> Result<(), Refusal> {
    let known = state.residents.get(&e.resident);
    let left = known.and_then(|lived| lived.left.as_ref()).map(|(written, _)| written.stamp);
    if e.back.is_some() && e.back != left {
        return Err(Refusal::new(RefusalCode::NoResident));
    }
    if !state.has(&e.resident) && state.present().count() >= RESIDENTS_MAX {
        return Err(Refusal::about(RefusalCode::TooLong, ["residents"]));
    }
    if e.tags.len() > TAGS_MAX {
        return Err(Refusal::about(RefusalCode::TooLong, ["tag"]));
    }
    e.tags.iter().try_for_each(|tag| required("tag", tag, LINE_MAX))?;
    required("name", &e.name, LINE_MAX)?;
    optional("phone", &e.phone, LINE_MAX)?;
    optional("relation", &e.relation, LINE_MAX)?;
    let plausible = e.born.is_none_or(|born| match origin {
        Origin::Here { now } => {
            let (year, ..) = now.date().ymd();
            (year - AGE_MAX..=year).contains(&born)
        }
        Origin::Arriving => BORN.contains(&born),
    });
    if plausible { Ok(()) } else { Err(Refusal::about(RefusalCode::Implausible, ["born"])) }
}
