//! The six cases of the story. One to five follow the newspaper's report on Guangwumen sub-district; six is filler, for the
//! ways the report does not show. Names of people, dates and sums are filler throughout.
//!
//! Where the report ends a case early (a plan, work done), the story does too: nothing is claimed that it does not give.

use crate::demo::cast::{World, stopped};
use crate::demo::table::{Ending, Row};
use crate::words::Said;
use doorstep_core::case::{
    Command, Commitment, CommitmentRef, Elements, Form, Outcome, Participant, Party, PartyKind, Reported,
};
use doorstep_core::id::DocId;
use doorstep_core::people::Place;
use doorstep_core::time::Date;

mod agreed;
mod ceremony;
mod handed_over;
mod signed;

type Played = Result<Row, Said>;

/// Plays all of them.
pub(super) fn play(world: &mut World) -> Result<Vec<Row>, Said> {
    Ok(vec![
        signed::water_cut_off(world)?,
        agreed::natural_gas(world)?,
        agreed::leaning_wall(world)?,
        agreed::new_road(world)?,
        handed_over::two_children(world)?,
        handed_over::lift_lights(world)?,
    ])
}

fn place(community: &str, grid: &str, building: Option<&str>, detail: &str) -> Result<Place, Said> {
    let wrong = |cause: &dyn std::fmt::Display| stopped("地点有误", "a wrong place", cause);
    Ok(Place {
        community: community.parse().map_err(|cause| wrong(&cause))?,
        grid: grid.parse().map_err(|cause| wrong(&cause))?,
        building: building.map(str::parse).transpose().map_err(|cause| wrong(&cause))?,
        detail: detail.into(),
    })
}

fn org(id: &str) -> Result<doorstep_core::id::OrgId, Said> {
    id.parse().map_err(|cause| stopped("单位有误", "a wrong org", &cause))
}

fn people(list: &[(&str, &str)]) -> Vec<Participant> {
    list.iter().map(|(name, capacity)| Participant { name: (*name).into(), capacity: (*capacity).into() }).collect()
}

fn resident(name: &str) -> Party {
    Party { name: name.into(), kind: PartyKind::Resident }
}

fn unit(name: &str, org: Option<&str>) -> Result<Party, Said> {
    Ok(Party { name: name.into(), kind: PartyKind::Org { org: org.map(self::org).transpose()? } })
}

fn promise(party: &str, deed: &str, due: Date, amount_fen: Option<u64>) -> Commitment {
    Commitment { party: party.into(), deed: deed.into(), due, amount_fen }
}

fn report(world: &mut World, id: &str, report: Reported) -> Result<DocId, Said> {
    let view = world.device(id)?.report(report).map_err(|error| world.unexpected(id, &error))?;
    world.minutes(5)?;
    world.tell_last(id, &view);
    Ok(view.id)
}

fn today(world: &World) -> Date {
    use doorstep_core::environment::Clock as _;
    world.clock.now().date()
}

/// Opens a consultation with all of the 5W but what is concluded from it.
fn sit_down(world: &mut World, id: &str, case: DocId, form: Form, elements: Elements) -> Result<(), Said> {
    let when = {
        use doorstep_core::environment::Clock as _;
        Some(world.clock.now())
    };
    world.tap(id, case, &Command::OpenConsultation { form, elements: Elements { when, ..elements } })?;
    world.minutes(45)
}

fn conclude(world: &mut World, id: &str, case: DocId, outcome: Outcome) -> Result<(), Said> {
    world.tap(id, case, &Command::ConcludeConsultation { outcome, elements: Elements::default() })?;
    Ok(())
}

/// Each commitment is seen to be carried out.
fn fulfil(world: &mut World, id: &str, case: DocId, seen: &[&str]) -> Result<(), Said> {
    let view = world.case(id, case)?;
    let draft = view.draft.ok_or_else(|| Said::new("没有协议。", "there is no agreement."))?;
    for (index, seen) in (0u32..).zip(seen) {
        world.tap(id, case, &Command::FulfilCommitment { commitment: CommitmentRef { draft, index }, seen: (*seen).into() })?;
    }
    Ok(())
}

fn row(world: &World, id: &str, case: DocId, number: u32, way: (&str, &str), expected: Ending) -> Played {
    let view = world.case(id, case)?;
    Ok(Row::new(number, &view, world.pick(way.0, way.1), number > 5, expected))
}
