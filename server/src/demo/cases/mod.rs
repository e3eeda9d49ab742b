//! The cases of the story. One to five follow the newspaper's report on Guangwumen sub-district; the others are filler, for
//! the ways of the method that the report does not show. Names of people, dates and sums are filler throughout.
//!
//! Where the report ends a case early (a plan, work done), the story does too: nothing is claimed that it does not give.

use crate::demo::cast::{World, stopped};
use crate::demo::table::{Ending, Row};
use crate::words::{Lang, Said};
use doorstep_core::case::{
    Asked, Channel, Command, Commitment, CommitmentRef, DisputeKind, Elements, Form, Grade, Outcome, Participant, Party,
    PartyKind, Reported, Reporter,
};
use doorstep_core::id::DocId;
use doorstep_core::people::Place;
use doorstep_core::time::Date;

mod agreed;
mod apart;
mod ceremony;
mod ended;
mod handed_over;
mod kept;
mod raised;
mod signed;
mod transferred;

type Played = Result<Row, Said>;
type Case = fn(&mut World) -> Played;

/// The cases up to this number are the report's.
const REPORTED: u32 = 5;

/// Plays all of them. What stops the story says in which case.
pub(super) fn play(world: &mut World) -> Result<Vec<Row>, Said> {
    let mut rows = Vec::new();
    let alone: [(u32, Case); 6] = [
        (1, signed::water_cut_off),
        (2, agreed::natural_gas),
        (3, agreed::leaning_wall),
        (4, agreed::new_road),
        (5, handed_over::two_children),
        (6, handed_over::lift_lights),
    ];
    for (number, case) in alone {
        rows.push(case(world).map_err(|said| in_case(number, &said))?);
    }
    rows.extend(raised::one_concern_told_twice(world).map_err(|said| in_case(7, &said))?);
    let alone: [(u32, Case); 7] = [
        (9, raised::night_market),
        (10, transferred::entrance_door),
        (11, transferred::lunch_table),
        (12, apart::water_from_above),
        (13, apart::signed_twice),
        (14, kept::drain),
        (15, ended::barking_dog),
    ];
    for (number, case) in alone {
        rows.push(case(world).map_err(|said| in_case(number, &said))?);
    }
    Ok(rows)
}

fn in_case(number: u32, said: &Said) -> Said {
    Said::new(format!("事项 {number}：{}", said.text(Lang::Zh)), format!("case {number}: {}", said.text(Lang::En)))
}

pub(super) fn place(community: &str, grid: &str, building: Option<&str>, detail: &str) -> Result<Place, Said> {
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

pub(super) fn resident(name: &str) -> Party {
    Party { name: name.into(), kind: PartyKind::Resident }
}

fn unit(name: &str, org: Option<&str>) -> Result<Party, Said> {
    Ok(Party { name: name.into(), kind: PartyKind::Org { org: org.map(self::org).transpose()? } })
}

pub(super) fn promise(party: &str, deed: &str, due: Date, amount_fen: Option<u64>) -> Commitment {
    Commitment { party: party.into(), deed: deed.into(), due, amount_fen }
}

pub(super) fn report(world: &mut World, id: &str, report: Reported) -> Result<DocId, Said> {
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

/// A concern as it comes in: from whom (name, telephone), what, where.
pub(super) struct Concern<'a> {
    pub(super) channel: Channel,
    pub(super) from: (&'a str, &'a str),
    pub(super) title: &'a str,
    pub(super) category: &'a str,
    pub(super) account: &'a str,
    pub(super) place: Place,
}

impl From<Concern<'_>> for Reported {
    fn from(concern: Concern<'_>) -> Self {
        let (name, phone) = concern.from;
        Self {
            channel: concern.channel,
            reporter: Some(Reporter { name: name.into(), phone: phone.into() }),
            title: concern.title.into(),
            place: concern.place,
            category: concern.category.into(),
            account: concern.account.into(),
            visit: None,
        }
    }
}

/// A sitting: its form, who sat there in what capacity, what was at issue, where, and what it rests on.
pub(super) struct Sitting<'a> {
    pub(super) form: Form,
    pub(super) who: &'a [(&'a str, &'a str)],
    pub(super) what: &'a str,
    pub(super) place: &'a str,
    pub(super) why: &'a str,
}

/// Sits down and rises again.
pub(super) fn consult(world: &mut World, id: &str, case: DocId, sitting: &Sitting<'_>, outcome: Outcome) -> Result<(), Said> {
    let elements = Elements {
        who: people(sitting.who),
        what: sitting.what.into(),
        place: sitting.place.into(),
        why: sitting.why.into(),
        ..Elements::default()
    };
    sit_down(world, id, case, sitting.form, elements)?;
    conclude(world, id, case, outcome)
}

/// Writes down what was agreed.
pub(super) fn draft(
    world: &mut World,
    id: &str,
    case: DocId,
    parties: Vec<Party>,
    (facts, terms): (&str, &str),
    commitments: Vec<Commitment>,
) -> Result<(), Said> {
    let (dispute, facts, terms) = (DisputeKind::Ordinary, facts.into(), terms.into());
    world.tap(id, case, &Command::DraftAgreement { dispute, parties, facts, terms, commitments })?;
    Ok(())
}

/// The parties agree by word; whoever records it is the witness.
fn agree_by_word(world: &mut World, id: &str, case: DocId) -> Result<(), Said> {
    let witness = world.phone(id)?.name.clone();
    world.tap(id, case, &Command::RecordOralAgreement { witness })?;
    Ok(())
}

/// A party says by telephone how satisfied they are.
fn ask(world: &mut World, id: &str, case: DocId, party: &str, grade: Grade) -> Result<(), Said> {
    let (party, words) = (party.into(), String::new());
    world.tap(id, case, &Command::RecordFeedback { party, grade, words, asked: Asked::ByPhone })?;
    Ok(())
}

/// All parties are satisfied, the lead closes the case, and both phones show the same.
fn ask_and_close(world: &mut World, worker: &str, lead: &str, case: DocId, parties: &[&str]) -> Result<(), Said> {
    for party in parties {
        ask(world, worker, case, party, Grade::Satisfied)?;
    }
    world.meet(&[worker, lead])?;
    world.tap(lead, case, &Command::Close)?;
    world.meet(&[lead, worker])?;
    world.same(case, &[worker, lead])
}

fn row(world: &World, id: &str, case: DocId, number: u32, way: (&str, &str), expected: Ending) -> Played {
    let view = world.case(id, case)?;
    Ok(Row::new(number, &view, world.pick(way.0, way.1), number > REPORTED, expected))
}
