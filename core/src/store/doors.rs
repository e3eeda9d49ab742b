//! Doors: which household has an address, when each was visited last, in numbers and as a list. From indexes alone; what a
//! household or a visit means is not this module's business.

use rusqlite::{Connection, OptionalExtension, params};

use super::rows::sortable;
use super::{Store, StoreError, doc_id};
use crate::id::{BuildingId, DocId, GridId};
use crate::people::Place;
use crate::row::Row;
use crate::time::Hlc;

/// Households of a grid with the time of the last visit to each: by the household's record, or to its address where the
/// visit names no record. The address is compared as it was written.
const DOORS: &str = "
    SELECT doc, building, title,
           max(coalesce((SELECT max(began) FROM list_row AS visit INDEXED BY list_visited WHERE visit.household = home.doc), -1),
               coalesce((SELECT max(began) FROM list_row AS visit INDEXED BY list_door
                         WHERE visit.kind = 'visit' AND visit.household IS NULL AND visit.grid = home.grid
                               AND visit.building = home.building AND visit.title = home.title), -1)) AS visited
    FROM list_row AS home INDEXED BY list_home
    WHERE home.kind = 'household' AND home.stage <> 'struck' AND home.grid = ?1";

/// A household and the last visit to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Door {
    /// The household's row.
    pub row: Row,
    /// When it was visited last, and the visit's stage; none: never, as far as this device knows.
    pub visited: Option<(Hlc, String)>,
}

/// A grid's households in numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Covered {
    /// How many there are.
    pub households: u64,
    /// How many of them were visited.
    pub visited: u64,
}

impl Store {
    /// The household's record of this address, if there is one that counts. With several the one that was begun first.
    pub fn household_at(&self, place: &Place) -> Result<Option<DocId>, StoreError> {
        let found: Option<Vec<u8>> = self
            .connection
            .prepare_cached(
                "SELECT doc FROM list_row INDEXED BY list_home
                 WHERE kind = 'household' AND stage <> 'struck' AND grid = ?1 AND building = ?2 AND title = ?3
                 ORDER BY began, doc LIMIT 1",
            )?
            .query_row(params![place.grid.as_str(), building(place), place.detail], |row| row.get(0))
            .optional()?;
        found.map(|doc| doc_id(&doc)).transpose()
    }

    /// Households of a grid: those never visited first, then those whose last visit is longest ago; among equals by
    /// building and address. At most `limit`.
    pub fn doors(&self, grid: &GridId, limit: usize) -> Result<Vec<Door>, StoreError> {
        let sql = format!("SELECT doc, visited FROM ({DOORS}) ORDER BY visited, building, title, doc LIMIT ?2");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut found = statement.query(params![grid.as_str(), i64::try_from(limit).unwrap_or(i64::MAX)])?;
        let mut doors = Vec::new();
        while let Some(columns) = found.next()? {
            let doc = doc_id(&columns.get::<_, Vec<u8>>(0)?)?;
            let Some(row) = self.row(&doc)? else { continue };
            let at: i64 = columns.get(1)?;
            let visited = if at < 0 { None } else { last(&self.connection, &row)? };
            doors.push(Door { row, visited });
        }
        Ok(doors)
    }

    /// How many households a grid has, and how many of them were visited at `since` or later.
    pub fn covered(&self, grid: &GridId, since: Hlc) -> Result<Covered, StoreError> {
        let sql = format!("SELECT count(*), coalesce(sum(visited >= ?2), 0) FROM ({DOORS})");
        let mut statement = self.connection.prepare_cached(&sql)?;
        Ok(statement.query_row(params![grid.as_str(), sortable(since)], |row| {
            let number = |at| row.get::<_, i64>(at).map(i64::cast_unsigned);
            Ok(Covered { households: number(0)?, visited: number(1)? })
        })?)
    }

    /// Visits to a household by its record, the last one first; at most `limit`.
    pub fn visits_of(&self, household: &DocId, limit: usize) -> Result<Vec<Row>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT doc FROM list_row INDEXED BY list_visited WHERE household = ?1 ORDER BY began DESC, doc LIMIT ?2",
        )?;
        let mut found = statement.query(params![household.as_bytes(), i64::try_from(limit).unwrap_or(i64::MAX)])?;
        let mut visits = Vec::new();
        while let Some(columns) = found.next()? {
            visits.extend(self.row(&doc_id(&columns.get::<_, Vec<u8>>(0)?)?)?);
        }
        Ok(visits)
    }
}

/// The last visit to this household.
fn last(connection: &Connection, home: &Row) -> Result<Option<(Hlc, String)>, StoreError> {
    let Some(place) = &home.place else { return Ok(None) };
    let found = connection
        .prepare_cached(
            "SELECT began, stage FROM (
                 SELECT began, stage FROM (SELECT began, stage FROM list_row INDEXED BY list_visited
                                           WHERE household = ?1 ORDER BY began DESC LIMIT 1)
                 UNION ALL
                 SELECT began, stage FROM (SELECT began, stage FROM list_row INDEXED BY list_door
                                           WHERE kind = 'visit' AND household IS NULL AND grid = ?2 AND building = ?3
                                                 AND title = ?4 ORDER BY began DESC LIMIT 1))
             ORDER BY began DESC LIMIT 1",
        )?
        .query_row(params![home.doc.as_bytes(), place.grid.as_str(), building(place), place.detail], |row| {
            Ok((Hlc(row.get::<_, i64>(0)?.cast_unsigned()), row.get(1)?))
        })
        .optional()?;
    Ok(found)
}

/// The building as the column has it.
pub(super) fn building(place: &Place) -> &str {
    place.building.as_ref().map_or("", BuildingId::as_str)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Desk, doc, row};
    use super::*;
    use crate::id::DocKind;

    fn place(detail: &str) -> Place {
        Place { detail: detail.into(), ..row(0).place.unwrap() }
    }

    fn home(i: u8, detail: &str) -> Row {
        let (stage, title) = ("lived_in".into(), detail.into());
        Row { kind: DocKind::Household, stage, title, place: Some(place(detail)), ..row(i) }
    }

    fn visit(i: u8, detail: &str, household: Option<u8>, began: u64) -> Row {
        let (stage, title) = (format!("met {i}"), detail.into());
        let household = household.map(doc);
        Row { kind: DocKind::Visit, stage, title, place: Some(place(detail)), household, began: Hlc(began), ..row(i) }
    }

    fn doors(store: &Store) -> Vec<(DocId, Option<u64>)> {
        let doors = store.doors(&"ncg-1".parse().unwrap(), 50).unwrap();
        doors.into_iter().map(|door| (door.row.doc, door.visited.map(|(at, _)| at.0))).collect()
    }

    #[test]
    fn a_door_is_visited_by_its_record_or_by_its_address() {
        let desk = Desk::new();
        let mut store = desk.open();
        for row in [home(1, "101"), home(2, "102"), home(3, "103"), home(4, "104")] {
            desk.pull_row(&mut store, row);
        }
        assert_eq!(doors(&store), [(doc(1), None), (doc(2), None), (doc(3), None), (doc(4), None)]);
        desk.pull_row(&mut store, visit(11, "101", Some(1), 50));
        desk.pull_row(&mut store, visit(12, "102", None, 40));
        // Of somebody else at the same address, and one that no household has.
        desk.pull_row(&mut store, visit(13, "103", Some(9), 60));
        desk.pull_row(&mut store, visit(14, "105", None, 70));
        assert_eq!(doors(&store), [(doc(3), None), (doc(4), None), (doc(2), Some(40)), (doc(1), Some(50))]);
        // The address was another when it was visited: the record says which door it was.
        desk.pull_row(&mut store, visit(15, "elsewhere", Some(2), 90));
        let last = store.doors(&"ncg-1".parse().unwrap(), 50).unwrap().pop().unwrap();
        assert_eq!((last.row.doc, last.visited), (doc(2), Some((Hlc(90), "met 15".into()))));
        let visits: Vec<DocId> = store.visits_of(&doc(2), 10).unwrap().iter().map(|row| row.doc).collect();
        assert_eq!(visits, [doc(15)]);
        let covered = |since| store.covered(&"ncg-1".parse().unwrap(), Hlc(since)).unwrap();
        assert_eq!(covered(0), Covered { households: 4, visited: 2 });
        assert_eq!(covered(50), Covered { households: 4, visited: 2 });
        assert_eq!(covered(51), Covered { households: 4, visited: 1 });
    }

    #[test]
    fn a_route_is_read_from_three_indexes_and_no_row() {
        let desk = Desk::new();
        let store = desk.open();
        let mut statement = store.connection.prepare(&format!("EXPLAIN QUERY PLAN {DOORS}")).unwrap();
        let lines = statement.query_map(["g"], |row| row.get::<_, String>(3)).unwrap();
        let plan: Vec<String> = lines.map(Result::unwrap).filter(|line| line.contains("list_")).collect();
        assert_eq!(plan.len(), 3, "{plan:?}");
        for (line, index) in plan.iter().zip(["list_home (grid=?)", "list_visited (household=?)", "list_door (grid=?"]) {
            assert!(line.contains(&format!("COVERING INDEX {index}")), "{plan:?}");
        }
    }

    #[test]
    fn what_is_struck_off_is_no_door() {
        let desk = Desk::new();
        let mut store = desk.open();
        desk.pull_row(&mut store, Row { stage: "struck".into(), ..home(1, "101") });
        desk.pull_row(&mut store, home(2, "101"));
        assert_eq!(doors(&store), [(doc(2), None)]);
        assert_eq!(store.household_at(&place("101")).unwrap(), Some(doc(2)));
        assert_eq!(store.household_at(&place("102")).unwrap(), None);
        let other = Place { building: Some("b".parse().unwrap()), ..place("101") };
        assert_eq!(store.household_at(&other).unwrap(), None, "the same number in another building is another door");
    }
}
