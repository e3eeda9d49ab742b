//! A worker's morning, after the cases: what a phone shows from its own store, without a network. Every household and
//! everybody in it is filler.

use std::collections::BTreeMap;

use doorstep_core::case::{Channel, Form, Outcome, Reported};
use doorstep_core::day::Section;
use doorstep_core::device::Stop;
use doorstep_core::household::{self, ResidentRecorded};
use doorstep_core::id::DocId;
use doorstep_core::people::Place;
use doorstep_core::time::Date;
use doorstep_core::visit::Door;
use doorstep_core::words;
use serde::Serialize;

use super::cases::{self, Concern, Sitting};
use super::cast::{World, stopped};
use crate::words::{Lang, Said};

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
    cases::report(world, WORKER, tap)?;
    let day = day(world)?;
    let (route, households, visited) = doors(world)?;
    Ok(Morning { day, route, households, visited })
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

/// Two households are written down, one is visited; the phone says where to go next.
fn doors(world: &mut World) -> Result<(Vec<String>, u64, u64), Said> {
    let alone = at("ncg-2-a", world.pick("3单元301", "unit 3, flat 301"))?;
    let family = at("ncg-2-b", world.pick("1单元202", "unit 1, flat 202"))?;
    let alone = register(world, alone, "马国庆", 1938, &["独居老人"])?;
    let family = register(world, family, "周丽", 1979, &[])?;
    let seen = world.pick("家里都好", "all is well");
    let visit = world.device(WORKER)?.visit_household(family, Door::Met, true, seen);
    let visit = visit.map_err(|error| world.unexpected(WORKER, &error))?;
    world.minutes(12)?;
    if let Some(line) = visit.history.last() {
        world.tell(WORKER, &format!("{} · {}", world.pick("走访", "visits"), line.text));
    }
    let device = world.device(WORKER)?;
    let route = device.route(None, 5).map_err(|error| world.unexpected(WORKER, &error))?;
    let month = first_of_month(device.now().date());
    let coverage = device.coverage(month).map_err(|error| world.unexpected(WORKER, &error))?;
    let order = |stop: &Stop| {
        let last = match stop.last_visit {
            None => world.pick("没去过", "never visited").to_owned(),
            Some(at) => words::date(at.date(), world.lang()),
        };
        match world.lang() {
            Lang::Zh => format!("{}（{last}）", stop.place.detail),
            Lang::En => format!("{} ({last})", stop.place.detail),
        }
    };
    let stops: Vec<String> = route.iter().map(order).collect();
    let (households, visited) = coverage.iter().fold((0, 0), |(all, seen), grid| (all + grid.households, seen + grid.visited));
    let stops = stops.join(" → ");
    world.beside(world.pick(
        &format!("接下来去：{stops}；本网格 {households} 户，本月走访 {visited} 户"),
        &format!("where next: {stops}; {households} households in the grid, {visited} visited this month"),
    ));
    if route.first().map(|stop| stop.household) != Some(alone) {
        return Err(stopped("路线", "the route", &world.pick("没去过的门应排在最前", "a door never visited comes first")));
    }
    world.meet(&[WORKER, LEAD, NEIGHBOUR])?;
    let opens = |id: &str| world.device(id).map(|device| device.household(alone).is_ok());
    if !opens(LEAD)? || opens(NEIGHBOUR)? {
        return Err(Said::new("户档到了不该到的手机。", "a household's record is on the wrong phones."));
    }
    world.law(
        "户档只有本网格的网格员和社区负责人看得到；走访数只用来安排工作，不给人排名",
        "households are seen by their grid's worker and the community's leads; visits are counted to plan, never to rank",
    );
    Ok((route.into_iter().map(|stop| stop.place.detail).collect(), households, visited))
}

fn at(building: &str, detail: &str) -> Result<Place, Said> {
    cases::place("nanchenggen", "ncg-2", Some(building), detail)
}

/// Begins a household's record with somebody who lives there.
fn register(world: &mut World, place: Place, name: &str, born: i32, tags: &[&str]) -> Result<DocId, Said> {
    let device = world.device(WORKER)?;
    let refused = |error| world.unexpected(WORKER, &error);
    let begun = device.register_household(place).map_err(refused)?;
    let resident = ResidentRecorded {
        resident: device.new_resident(),
        name: name.into(),
        phone: String::new(),
        born: Some(born),
        relation: world.pick("户主", "householder").into(),
        tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
        from: None,
        back: None,
    };
    let view = device.run_household(begun.id, &household::Command::RecordResident { resident }).map_err(refused)?;
    world.minutes(3)?;
    let place = view.place.map(|place| place.detail).unwrap_or_default();
    if let Some(line) = view.history.last() {
        world.tell(WORKER, &format!("{}{place} · {}", world.pick("户档：", "household "), line.text));
    }
    Ok(view.id)
}

fn first_of_month(day: Date) -> Date {
    let (_, _, of_month) = day.ymd();
    day.plus_days(1 - i32::try_from(of_month).unwrap_or(1))
}
