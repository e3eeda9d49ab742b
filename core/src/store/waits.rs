//! What documents wait for, as rows beside their list rows: written with them, read all at once for a person's day. What a
//! kind of wait means, how long it may take and whose day it is are not this module's business.

use rusqlite::{Connection, params};

use super::{Store, StoreError, doc_id};
use crate::id::{BuildingId, DocId, OrgId, PersonId};
use crate::row::Row;
use crate::time::Date;

/// One row of the table, as long as it is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoredWait<'a> {
    /// The document.
    pub doc: DocId,
    /// Which of the document's waits, from 0.
    pub n: u16,
    /// What is waited for, by its stable name.
    pub kind: &'a str,
    /// Since which day.
    pub since: Date,
    /// The day that people set.
    pub due: Option<Date>,
    /// How far it has come.
    pub so_far: Option<u32>,
    /// Whose move it is; none: the community's.
    pub org: Option<&'a str>,
    /// Where the document lies.
    pub community: Option<&'a str>,
    /// The grid.
    pub grid: Option<&'a str>,
    /// The building.
    pub building: Option<&'a str>,
    /// Whom it is assigned to.
    pub assignee: Option<&'a str>,
}

const COLUMNS: &str = "doc, n, kind, since, due, so_far, org, community, grid, building, assignee";

fn read<'a>(row: &'a rusqlite::Row<'_>) -> Result<StoredWait<'a>, StoreError> {
    let damaged = |_| StoreError::Damaged { what: "value" };
    let text = |at| row.get_ref(at).map_err(StoreError::from)?.as_str_or_null().map_err(damaged);
    Ok(StoredWait {
        doc: doc_id(row.get_ref(0)?.as_blob().map_err(damaged)?)?,
        n: row.get(1)?,
        kind: text(2)?.unwrap_or_default(),
        since: Date::from_days(row.get(3)?),
        due: row.get::<_, Option<i32>>(4)?.map(Date::from_days),
        so_far: row.get(5)?,
        org: text(6)?,
        community: text(7)?,
        grid: text(8)?,
        building: text(9)?,
        assignee: text(10)?,
    })
}

/// The rows of a document, as its list row has them.
fn of_row(row: &Row) -> impl Iterator<Item = StoredWait<'_>> {
    let place = row.place.as_ref();
    (0u16..).zip(&row.waits).map(move |(n, wait)| StoredWait {
        doc: row.doc,
        n,
        kind: wait.kind.name(),
        since: wait.since.date(),
        due: wait.due,
        so_far: wait.so_far,
        org: wait.org.as_ref().map(OrgId::as_str),
        community: place.map(|place| place.community.as_str()),
        grid: place.map(|place| place.grid.as_str()),
        building: place.and_then(|place| place.building.as_ref()).map(BuildingId::as_str),
        assignee: row.assignee.as_ref().map(PersonId::as_str),
    })
}

/// Whether the table has exactly what the list row says.
fn is_current(connection: &Connection, row: &Row) -> Result<bool, StoreError> {
    let mut statement = connection.prepare_cached(&format!("SELECT {COLUMNS} FROM wait WHERE doc = ?1 ORDER BY n"))?;
    let mut stored = statement.query([row.doc.as_bytes()])?;
    for expected in of_row(row) {
        match stored.next()? {
            Some(found) if read(found)? == expected => {}
            _ => return Ok(false),
        }
    }
    Ok(stored.next()?.is_none())
}

/// Writes what the document waits for, in place of what it waited for before. Most taps change nothing of it, and write
/// nothing.
pub(super) fn put(connection: &Connection, row: &Row) -> Result<(), StoreError> {
    if is_current(connection, row)? {
        return Ok(());
    }
    connection.prepare_cached("DELETE FROM wait WHERE doc = ?1")?.execute([row.doc.as_bytes()])?;
    let mut insert = connection
        .prepare_cached(&format!("INSERT INTO wait ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)"))?;
    for wait in of_row(row) {
        insert.execute(params![
            wait.doc.as_bytes(),
            wait.n,
            wait.kind,
            wait.since.days(),
            wait.due.map(Date::days),
            wait.so_far,
            wait.org,
            wait.community,
            wait.grid,
            wait.building,
            wait.assignee,
        ])?;
    }
    Ok(())
}

impl Store {
    /// Shows everything that any document waits for, document by document.
    pub fn each_wait(&self, mut show: impl FnMut(&StoredWait<'_>)) -> Result<(), StoreError> {
        let mut statement = self.connection.prepare_cached(&format!("SELECT {COLUMNS} FROM wait"))?;
        let mut found = statement.query([])?;
        while let Some(row) = found.next()? {
            show(&read(row)?);
        }
        Ok(())
    }

    /// The list rows on which something wants a look that nobody at this device has looked at.
    pub fn to_look_at(&self) -> Result<Vec<Row>, StoreError> {
        let mut statement = self.connection.prepare_cached("SELECT doc FROM list_row WHERE look = 1")?;
        let mut found = statement.query([])?;
        let mut rows = Vec::new();
        while let Some(columns) = found.next()? {
            let row = self.row(&doc_id(&columns.get::<_, Vec<u8>>(0)?)?)?;
            if let Some(row) = row
                && !self.is_looked_at(&row)?
            {
                rows.push(row);
            }
        }
        Ok(rows)
    }

    /// Whether somebody at this device has looked at what wants a look on this row.
    pub fn is_looked_at(&self, row: &Row) -> Result<bool, StoreError> {
        let mut statement = self.connection.prepare_cached("SELECT 1 FROM looked WHERE doc = ?1 AND mark = ?2")?;
        Ok(statement.exists(params![row.doc.as_bytes(), row.look_mark.cast_signed()])?)
    }

    /// Somebody at this device has looked at what wants a look on this row. One that can't be read stays to be looked at.
    pub fn look_at(&self, row: &Row) -> Result<(), StoreError> {
        if row.look_mark != 0 {
            self.connection
                .prepare_cached("INSERT INTO looked VALUES (?1, ?2) ON CONFLICT (doc) DO UPDATE SET mark = excluded.mark")?
                .execute(params![row.doc.as_bytes(), row.look_mark.cast_signed()])?;
        }
        Ok(())
    }

    /// The documents of which something waits to be sent, each once, with the place of the first such change in the outbox.
    pub fn unsent_documents(&self) -> Result<Vec<(i64, DocId)>, StoreError> {
        self.in_outbox("SELECT min(n), doc FROM outbox WHERE state <> 'set_aside' GROUP BY doc")
    }

    /// The documents of which the server set something aside, the same way.
    pub fn documents_set_aside(&self) -> Result<Vec<(i64, DocId)>, StoreError> {
        self.in_outbox("SELECT min(n), doc FROM outbox WHERE state = 'set_aside' GROUP BY doc")
    }

    fn in_outbox(&self, sql: &'static str) -> Result<Vec<(i64, DocId)>, StoreError> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut found = statement.query([])?;
        let mut docs = Vec::new();
        while let Some(columns) = found.next()? {
            docs.push((columns.get(0)?, doc_id(&columns.get::<_, Vec<u8>>(1)?)?));
        }
        Ok(docs)
    }

    /// How many rows were written or deleted since the file was opened: as long as it stands still, so does whatever was read
    /// before.
    pub fn writes(&self) -> u64 {
        self.connection.total_changes()
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Desk, doc, row};
    use super::*;

    fn waiting(i: u8) -> Row {
        // Through the record, as it comes from elsewhere: what a wait is made of is not known here.
        let json = serde_json::json!([
            { "kind": "consultation", "since": 1_778_202_000_000_i64 },
            { "kind": "commitment", "since": 0, "org": "telecom", "due": "2026-05-20" },
        ]);
        let mut record = serde_json::to_value(row(i)).unwrap();
        record["waits"] = json;
        serde_json::from_value(record).unwrap()
    }

    fn all(store: &Store) -> Vec<(DocId, u16, String, Option<String>)> {
        let mut all = Vec::new();
        store.each_wait(|wait| all.push((wait.doc, wait.n, wait.kind.to_owned(), wait.org.map(str::to_owned)))).unwrap();
        all
    }

    #[test]
    fn what_a_document_waits_for_comes_with_its_row_and_goes_with_the_document() {
        let desk = Desk::new();
        let mut store = desk.open();
        desk.pull_row(&mut store, waiting(1));
        desk.pull_row(&mut store, Row { assignee: Some("w-1".parse().unwrap()), ..waiting(2) });
        assert_eq!(
            all(&store)[..2],
            [(doc(1), 0, "consultation".into(), None), (doc(1), 1, "commitment".into(), Some("telecom".into())),]
        );
        store
            .each_wait(|wait| {
                assert_eq!((wait.community, wait.grid, wait.building), (Some("ncg"), Some("ncg-1"), None));
                assert_eq!(wait.assignee, (wait.doc == doc(2)).then_some("w-1"));
                let due = (wait.n == 1).then(|| "2026-05-20".parse().unwrap());
                assert_eq!((wait.due, wait.since.days()), (due, if wait.n == 0 { 20_581 } else { 0 }));
            })
            .unwrap();
        desk.pull_row(&mut store, row(1));
        assert_eq!(all(&store).len(), 2, "it waits for nothing any more");
        store.apply(&[super::super::Apply::Forget { doc: doc(2) }], None).unwrap();
        assert_eq!(all(&store), []);
    }

    #[test]
    fn a_tap_that_changes_nothing_of_it_writes_nothing_of_it() {
        let desk = Desk::new();
        let mut store = desk.open();
        desk.pull_row(&mut store, waiting(1));
        let written = |store: &mut Store, row: Row| {
            let before = store.writes();
            store.put_rows(&[row]).unwrap();
            store.writes() - before
        };
        assert_eq!(written(&mut store, Row { round: 2, ..waiting(1) }), 1, "the list row alone");
        let moved = Row { assignee: Some("w-1".parse().unwrap()), ..waiting(1) };
        assert_eq!(written(&mut store, moved), 1 + 2 + 2, "somebody else has it now: both are written anew");
    }

    #[test]
    fn what_somebody_has_looked_at_comes_back_when_there_is_more_to_see() {
        let desk = Desk::new();
        let mut store = desk.open();
        let look = |mark| Row { look: true, look_mark: mark, ..row(1) };
        desk.pull_row(&mut store, look(u64::MAX));
        desk.pull_row(&mut store, Row { look: true, ..row(2) });
        let seen = |store: &Store| store.to_look_at().unwrap().iter().map(|row| row.doc).collect::<Vec<_>>();
        assert_eq!(seen(&store).len(), 2);
        store.look_at(&look(u64::MAX)).unwrap();
        store.look_at(&Row { look: true, ..row(2) }).unwrap();
        assert_eq!(seen(&store), [doc(2)], "what can't be read stays");
        desk.pull_row(&mut store, Row { title: "a note".into(), ..look(u64::MAX) });
        assert_eq!(seen(&store), [doc(2)]);
        desk.pull_row(&mut store, look(7));
        assert_eq!(seen(&store).len(), 2);
    }
}
