//! The day's route, and how far the doors of a grid are covered. From the phone's own store.
//!
//! Coverage is a figure for planning: which grid's doors were not seen for how long. It knows no person, and nothing here
//! may: figures about workers become rankings of workers.

use super::{Desk, Device, DeviceError};
use crate::id::{DocId, GridId};
use crate::people::{Place, Role};
use crate::store;
use crate::time::{Date, Hlc, Timestamp};
use crate::visit::Door;

/// One door of a route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stop {
    /// The household.
    pub household: DocId,
    /// Where.
    pub place: Place,
    /// Care tags in it. They are shown and move no door up or down: who is next is a matter of days, and whom to go to
    /// first all the same, the worker knows.
    pub tags: Vec<String>,
    /// When somebody was at the door last, whatever came of it and at whatever hour; none: never, as far as this phone
    /// knows.
    pub last_visit: Option<Timestamp>,
    /// What happened there then; none also for what a newer version calls it.
    pub last_door: Option<Door>,
}

/// A grid's doors in numbers. No person stands in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coverage {
    /// The grid.
    pub grid: GridId,
    /// How many households it has.
    pub households: u64,
    /// How many of them were visited since the day asked for, that day included.
    pub visited: u64,
}

impl Device {
    /// Doors to go to: those never visited first, then those whose last visit is longest ago; among equals by building and
    /// address. In one of the person's grids, or in all of them; at most `limit`.
    pub fn route(&self, grid: Option<&GridId>, limit: usize) -> Result<Vec<Stop>, DeviceError> {
        let desk = self.open_desk()?;
        let mut doors = Vec::new();
        for own in desk.own_grids().iter().filter(|own| grid.is_none_or(|grid| grid == *own)) {
            doors.extend(desk.store.doors(own, limit)?);
        }
        // Each grid's are in order already.
        doors.sort_by_key(|door| door.visited.as_ref().map(|(at, _)| *at));
        doors.truncate(limit);
        Ok(doors.into_iter().filter_map(stop).collect())
    }

    /// Each of the person's grids in numbers: how many households it has, how many were visited since `since`.
    pub fn coverage(&self, since: Date) -> Result<Vec<Coverage>, DeviceError> {
        let desk = self.open_desk()?;
        let since = Hlc::default().next(since.start());
        let covered = desk.own_grids().into_iter().map(|grid| {
            let store::Covered { households, visited } = desk.store.covered(&grid, since)?;
            Ok(Coverage { grid, households, visited })
        });
        covered.collect()
    }
}

fn stop(door: store::Door) -> Option<Stop> {
    let store::Door { row, visited } = door;
    let last_door = visited.as_ref().and_then(|(_, name)| Door::from_name(name));
    let last_visit = visited.map(|(at, _)| at.wall());
    row.place.map(|place| Stop { household: row.doc, place, tags: row.tags, last_visit, last_door })
}

impl Desk {
    /// The grids whose households the person works with, in the directory's order.
    fn own_grids(&self) -> Vec<GridId> {
        let Ok(person) = self.person() else { return Vec::new() };
        let own = |grid: &&crate::directory::Grid| {
            person.posts().any(|post| match post.role {
                Role::GridWorker => post.grids.contains(&grid.id),
                Role::CommunityLead => post.org == grid.community,
                _ => false,
            })
        };
        self.directory.grids.iter().filter(own).map(|grid| grid.id.clone()).collect()
    }
}
