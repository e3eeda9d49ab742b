//! Who may write what in a household's record: the workers of its grid and the leads of its community.

use super::event::{Command, Event, Noted, Readdressed, Registered};
use super::state::HouseholdState;
use crate::access::{self, Deed, Situation};
use crate::case::{LINE_MAX, Refusal, RefusalCode, TEXT_MAX, optional, required};
use crate::directory::Directory;
use crate::people::{Person, Place};

/// The event a command comes to; whether it is allowed is [`judge`]'s question.
pub fn translate(command: &Command) -> Event {
    match command.clone() {
        Command::Register { place } => Registered { place }.into(),
        Command::Readdress { place } => Readdressed { place }.into(),
        Command::RecordResident { resident } => resident.into(),
        Command::RecordLeaving { left } => left.into(),
        Command::SetTag { tag } => tag.into(),
        Command::ClearTag { tag } => tag.into(),
        Command::Note { text } => Noted { text }.into(),
    }
}

/// Whether this person may add `event` to the household's record.
pub fn judge(directory: &Directory, person: &Person, state: &HouseholdState, event: &Event) -> Result<(), Refusal> {
    let may = |place: &Place| access::may(directory, person, Deed::FollowUp, &Situation { place, holder: None, involved: &[] });
    match (event, &state.place) {
        (Event::Registered(_), Some(_)) => Err(Refusal::new(RefusalCode::AlreadyReported)),
        (Event::Registered(e), None) => {
            may(&e.place)?;
            required("place", &e.place.detail, LINE_MAX)
        }
        (_, None) => Err(Refusal::new(RefusalCode::NotReported)),
        (_, Some(place)) => {
            may(place)?;
            match event {
                Event::ResidentRecorded(e) => required("name", &e.name, LINE_MAX),
                Event::Noted(e) => required("text", &e.text, TEXT_MAX),
                Event::TagSet(e) => required("tag", &e.tag, LINE_MAX),
                Event::ResidentLeft(e) => optional("to", &e.to, LINE_MAX),
                _ => Ok(()),
            }
        }
    }
}
