//! Migrations by `user_version`: each numbered file is one step, and all missing ones are one transaction. Knows nothing of what
//! the tables are for.

use rusqlite::{Connection, TransactionBehavior};

use super::StoreError;
use super::open::APPLICATION_ID;

/// The steps, oldest first. A released one is never edited: add another.
pub(super) const MIGRATIONS: &[&str] = &[
    include_str!("migrations/0001_begin.sql"),
    include_str!("migrations/0002_household.sql"),
    include_str!("migrations/0003_waits.sql"),
    include_str!("migrations/0004_search.sql"),
    include_str!("migrations/0005_packets.sql"),
    include_str!("migrations/0006_attachments.sql"),
    include_str!("migrations/0007_evidence.sql"),
    include_str!("migrations/0008_stamps.sql"),
    include_str!("migrations/0009_possession.sql"),
];

/// The version this program writes, and the newest it reads.
#[expect(clippy::cast_possible_wrap, reason = "a handful of files")]
pub const VERSION: i64 = MIGRATIONS.len() as i64;

/// What the file holds after the last migration, by name. Compared at opening, so that a file with a table or an evidence
/// trigger missing is refused before anything is written to it.
const SCHEMA: &[&str] = &[
    "attachment",
    "attachment_of",
    "attachment_waiting",
    "beside",
    "beside_no_delete",
    "beside_no_replace",
    "beside_no_update",
    "bundle",
    "bundle_no_delete",
    "bundle_no_replace",
    "bundle_no_update",
    "carried",
    "ceremony",
    "change",
    "change_number",
    "change_tail",
    "directory",
    "document",
    "document_leaving",
    "document_unreadable",
    "document_unseen",
    "dynamics",
    "dynamics_of",
    "list_alike",
    "list_began",
    "list_door",
    "list_due",
    "list_home",
    "list_look",
    "list_newest",
    "list_row",
    "list_visit_community",
    "list_visit_grid",
    "list_visit_household",
    "list_visit_stage",
    "list_visited",
    "looked",
    "meta",
    "outbox",
    "outbox_doc",
    "outbox_state",
    "packet",
    "saved",
    "search",
    "search_config",
    "search_data",
    "search_doc",
    "search_doc_gone",
    "search_docsize",
    "search_gone",
    "search_idx",
    "sent",
    "sent_doc",
    "wait",
];

/// The file's version and whose file it is, read through SQLite: in WAL mode the header on disk may lag behind.
pub(super) fn identity(connection: &Connection) -> Result<(i64, i64), StoreError> {
    let application = connection.query_row("PRAGMA application_id", [], |row| row.get(0))?;
    let version = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    Ok((application, version))
}

/// Brings an accepted (or empty) file up to the last of `steps`. Another process may have done so meanwhile: the
/// version is read again inside the transaction.
pub(super) fn migrate(connection: &mut Connection, steps: &[&str]) -> Result<(), StoreError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let (_, version) = identity(&transaction)?;
    let done = usize::try_from(version).map_err(|_| StoreError::Damaged { what: "version" })?;
    for sql in steps.iter().skip(done) {
        transaction.execute_batch(sql)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", i64::try_from(steps.len()).unwrap_or(i64::MAX))?;
    transaction.commit()?;
    Ok(())
}

/// Whether every table, index and trigger of this version is there, and each table's root can be read. A few pages, whatever
/// the file's size.
pub(super) fn check_schema(connection: &Connection) -> Result<(), StoreError> {
    let mut statement =
        connection.prepare("SELECT name, type FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' ORDER BY name")?;
    let found: Vec<(String, String)> =
        statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
    if !found.iter().map(|(name, _)| name.as_str()).eq(SCHEMA.iter().copied()) {
        return Err(StoreError::Damaged { what: "schema" });
    }
    for (name, _) in found.iter().filter(|(_, kind)| kind == "table") {
        // The names are those of the constant above, checked one line before.
        let mut first = connection.prepare(&format!("SELECT * FROM {name} LIMIT 1"))?;
        let mut rows = first.query([])?;
        rows.next()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_older_file_is_brought_up_to_date_and_keeps_its_rows() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection, MIGRATIONS).unwrap();
        connection.execute("INSERT INTO meta VALUES ('person', x'01')", []).unwrap();
        let mut newer = MIGRATIONS.to_vec();
        newer.push("ALTER TABLE meta ADD COLUMN note TEXT; UPDATE meta SET note = 'kept';");
        migrate(&mut connection, &newer).unwrap();
        migrate(&mut connection, &newer).unwrap();
        let note: String = connection.query_row("SELECT note FROM meta WHERE name = 'person'", [], |row| row.get(0)).unwrap();
        assert_eq!(note, "kept");
        assert_eq!(identity(&connection).unwrap(), (i64::from(APPLICATION_ID), VERSION + 1));
    }

    #[test]
    fn rows_that_know_no_waits_are_to_be_made_anew() {
        let mut connection = Connection::open_in_memory().unwrap();
        let before = MIGRATIONS.iter().position(|sql| sql.contains("CREATE TABLE wait")).unwrap();
        migrate(&mut connection, &MIGRATIONS[..before]).unwrap();
        let doc = format!("x'{}'", "07".repeat(16));
        connection
            .execute_batch(&format!(
                "INSERT INTO document (doc, kind, heads, revision, trust, on_server) VALUES ({doc}, 'case', x'', 1, 'verified', 1);
                 INSERT INTO list_row (doc, kind, stage, updated, began, building, category, look, title, record)
                 VALUES ({doc}, 'case', 'received', 1, 1, '', '', 0, 't', x'ff');"
            ))
            .unwrap();
        migrate(&mut connection, MIGRATIONS).unwrap();
        check_schema(&connection).unwrap();
        let missing: i64 = connection
            .query_row("SELECT count(*) FROM document WHERE doc NOT IN (SELECT doc FROM list_row)", [], |row| row.get(0))
            .unwrap();
        assert_eq!(missing, 1);
    }

    #[test]
    fn an_attachment_of_several_cases_is_said_again_for_each_and_one_of_a_single_case_is_not() {
        let mut connection = Connection::open_in_memory().unwrap();
        let before = MIGRATIONS.iter().position(|sql| sql.contains("ADD COLUMN told")).unwrap();
        migrate(&mut connection, &MIGRATIONS[..before]).unwrap();
        let (blob, doc) =
            (|n: u8| format!("x'{}'", format!("{n:02}").repeat(32)), |n: u8| format!("x'{}'", format!("{n:02}").repeat(16)));
        for (n, upload, docs) in [(1, "stored", 1), (2, "stored", 2), (3, "none", 1), (4, "waiting", 1)] {
            let insert = format!(
                "INSERT INTO attachment (digest, media, length, here, upload) VALUES ({}, 'm', 9, 1, '{upload}')",
                blob(n)
            );
            connection.execute(&insert, []).unwrap();
            for of in 0..docs {
                connection.execute(&format!("INSERT INTO attachment_of VALUES ({}, {})", blob(n), doc(of)), []).unwrap();
            }
        }
        migrate(&mut connection, MIGRATIONS).unwrap();
        let mut statement = connection
            .prepare("SELECT upload, (SELECT sum(told) FROM attachment_of AS o WHERE o.digest = a.digest) FROM attachment AS a ORDER BY digest")
            .unwrap();
        let found: Vec<(String, i64)> =
            statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().collect::<Result<_, _>>().unwrap();
        let wanted = [("stored", 1), ("waiting", 0), ("none", 1), ("waiting", 0)];
        assert_eq!(found, wanted.map(|(upload, told)| (upload.to_owned(), told)));
    }

    #[test]
    fn a_migration_that_fails_halfway_changes_nothing() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection, MIGRATIONS).unwrap();
        let mut newer = MIGRATIONS.to_vec();
        newer.push("CREATE TABLE later (a INTEGER); INSERT INTO nowhere VALUES (1);");
        migrate(&mut connection, &newer).unwrap_err();
        assert_eq!(identity(&connection).unwrap().1, VERSION);
        check_schema(&connection).unwrap();
    }

    #[test]
    fn a_file_without_its_evidence_triggers_is_refused() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection, MIGRATIONS).unwrap();
        check_schema(&connection).unwrap();
        connection.execute("DROP TRIGGER bundle_no_delete", []).unwrap();
        assert_eq!(check_schema(&connection), Err(StoreError::Damaged { what: "schema" }));
    }
}
