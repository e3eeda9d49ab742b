//! Households: two are written down, one is visited, the phone says where to go next, and nobody else's phone has them.

use doorstep_core::device::Stop;
use doorstep_core::household::{self, ResidentRecorded};
use doorstep_core::id::DocId;
use doorstep_core::people::Place;
use doorstep_core::time::Date;
use doorstep_core::visit::Door;
use doorstep_core::words;

use super::{LEAD, NEIGHBOUR, WORKER, at};
use crate::demo::cast::{World, stopped};
use crate::words::{Lang, Said};

/// Two households are written down, one is visited; the phone says where to go next.
pub(super) fn doors(world: &mut World) -> Result<(Vec<String>, u64, u64), Said> {
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
