//! A worker's morning, after the cases: what a phone shows from its own store, without a network. Every household and
//! everybody in it is filler.

mod doors;
mod finding;
mod ledgers;
mod photo;

use std::collections::BTreeMap;

use doorstep_core::case::{Channel, Form, Outcome, Reported};
use doorstep_core::day::Section;
use doorstep_core::id::DocId;
use doorstep_core::people::Place;
use doorstep_core::words;
use serde::Serialize;

use super::cases::{self, Concern, Sitting};
use super::cast::World;
use crate::words::Said;

/// Whose morning it is. None of the report's cases lies in this grid: whatever the phone shows here is invented.
const WORKER: &str = "w-ncg-2";
/// Who leads the community.
const LEAD: &str = "lead-ncg";
/// Who works the grid next door.
const NEIGHBOUR: &str = "w-ncg-1";
/// Filler: nobody's number.
const PHONE: &str = "13800000016";
/// How many lines of each part of the day are told.
const ITEMS: usize = 2;

/// What the morning came to, for programs.
#[derive(Debug, Serialize)]
pub(super) struct Morning {
    /// How many things stand in each part of the day that has any.
    day: BTreeMap<&'static str, u64>,
    /// Addresses of the route, in order.
    route: Vec<String>,
    /// Households of the worker's grid, and how many of them were visited this month.
    households: u64,
    visited: u64,
    /// The best of each search, what was looked for in brackets.
    found: [String; 2],
    /// Why a second report of one concern was recognised.
    alike: Vec<&'static str>,
    photo: photo::Photo,
    ledgers: Vec<ledgers::Ledger>,
}

/// Plays it.
pub(super) fn play(world: &mut World) -> Result<Morning, Said> {
    world.days(1)?;
    world.heading(
        "一个早晨（虚构） · 手机自己知道的，不用网络",
        "A morning (filler) · what a phone knows by itself, without a network",
    );
    let step = concern(world, "ncg-2-a", ("台阶松动", "A loose step"), ("安全隐患", "一踩就晃。", "It rocks underfoot."))?;
    let bicycles =
        (("楼道停放电动车", "Scooters in the stairwell"), ("公共设施", "充电线拉到楼道。", "Charging in the stairwell."));
    let scooters = concern(world, "ncg-2-b", bicycles.0, bicycles.1)?;
    cases::report(world, WORKER, step)?;
    let scooters = cases::report(world, WORKER, scooters)?;
    agree(world, scooters)?;
    world.meet(&[WORKER, LEAD])?;
    world.days(7)?;
    let tap =
        concern(world, "ncg-2-a", ("院内水龙头滴水", "A dripping tap in the yard"), ("公共设施", "滴了一周。", "For a week."))?;
    let tap = cases::report(world, WORKER, tap)?;
    let day = day(world)?;
    let (route, households, visited) = doors::doors(world)?;
    let found = [finding::search(world, "mgq")?, finding::search(world, world.pick("龙头", "tap"))?];
    let again = concern(world, "ncg-2-a", ("水龙头关不紧", "The tap won't close"), ("公共设施", "一直滴水。", "It drips."))?;
    let alike = finding::alike(world, &again)?;
    let photo = photo::photo(world, tap)?;
    let ledgers = ledgers::write(world)?;
    Ok(Morning { day, route, households, visited, found, alike, photo, ledgers })
}

/// A concern of the grid, as a neighbour tells it.
fn concern(
    world: &World,
    building: &str,
    title: (&str, &str),
    (category, account_zh, account_en): (&str, &str, &str),
) -> Result<Reported, Said> {
    Ok(Concern {
        channel: Channel::Phone,
        from: (world.pick("一位邻居", "A neighbour"), PHONE),
        title: world.pick(title.0, title.1),
        category,
        account: world.pick(account_zh, account_en),
        place: at(building, world.pick("1单元", "unit 1"))?,
    }
    .into())
}

/// They sit down and agree; what was agreed is written down, and nobody has signed it yet.
fn agree(world: &mut World, case: DocId) -> Result<(), Said> {
    let (one, other) = (world.pick("楼上住户", "upstairs"), world.pick("楼下住户", "downstairs"));
    let sitting = Sitting {
        form: Form::Roadside,
        who: &[(one, ""), (other, "")],
        what: world.pick("电动车停哪里", "where the scooters go"),
        place: world.pick("楼门口", "at the door"),
        why: world.pick("消防要求", "the fire rules"),
    };
    cases::consult(world, WORKER, case, &sitting, Outcome::Agreed)?;
    let deed = world.pick("电动车移到车棚", "moves the scooters to the shed");
    let due = world.day_in(20);
    let parties = vec![cases::resident(one), cases::resident(other)];
    cases::draft(world, WORKER, case, parties, (deed, deed), vec![cases::promise(one, deed, due, None)])
}

/// The worker's day: what is overdue, due, to be signed, unsent; each with its limit in working days.
fn day(world: &World) -> Result<BTreeMap<&'static str, u64>, Said> {
    let lang = world.lang();
    let day = world.device(WORKER)?.day(ITEMS).map_err(|error| world.unexpected(WORKER, &error))?;
    let there: Vec<&Section> = day.sections.iter().filter(|section| section.count > 0).collect();
    let name = |section: &Section| words::section(section.kind.name(), lang).unwrap_or_default();
    let counts: Vec<String> = there.iter().map(|section| format!("{} {}", name(section), section.count)).collect();
    let counts = counts.join(world.pick("，", ", "));
    world.tell(WORKER, &format!("{} · {} · {counts}", world.pick("我的一天", "my day"), words::date(day.on, lang)));
    for section in &there {
        for item in &section.items {
            let wait = item.wait.as_ref().map(|wait| words::wait(wait.kind, lang).to_owned());
            // The days say it better than the section's name.
            let left = item.days.map_or_else(|| name(section).to_owned(), |days| words::days_left(days, lang));
            let parts = [Some(item.title.clone()), wait, Some(left)];
            world.beside(&parts.into_iter().flatten().collect::<Vec<_>>().join(" · "));
        }
    }
    Ok(there.into_iter().map(|section| (section.kind.name(), section.count)).collect())
}

fn at(building: &str, detail: &str) -> Result<Place, Said> {
    cases::place("nanchenggen", "ncg-2", Some(building), detail)
}
