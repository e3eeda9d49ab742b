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

    /// The list rows on which something wants a look.
    pub fn to_look_at(&self) -> Result<Vec<Row>, StoreError> {
        let mut statement = self.connection.prepare_cached("SELECT doc FROM list_row WHERE look = 1")?;
        let mut found = statement.query([])?;
        let mut rows = Vec::new();
        while let Some(columns) = found.next()? {
            rows.extend(self.row(&doc_id(&columns.get::<_, Vec<u8>>(0)?)?)?);
        }
        Ok(rows)
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
