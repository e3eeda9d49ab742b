//! What can still be read of a damaged database: row by row, past whatever can't be. Only from a copy, log included, so that
//! the damaged file stays byte for byte what it was.
//!
//! Rows are found by their numbers alone, from the front, from the back, and between the two one by one: no index is needed,
//! and a page that can't be read costs the rows on it and nothing else. What a row means is not known here, nor whether
//! it is still true: whoever takes it in again lets the server judge it.

use rusqlite::{Connection, Row};

use super::StoreError;
use crate::id::{ActorId, ChangeHash, Digest, DocId, DocKind};

/// Row numbers that are tried one by one between two stretches that can be read: more than a phone has in its outbox.
const PROBED_MAX: i64 = 200_000;
/// Names in `meta` that a new database begins with: who the device is, and what must never be used twice.
const META: [&str; 9] = ["device", "person", "tenant", "server", "offset", "synced", "heard", "last_seal", "hlc"];

/// Own work that the server had not answered for, as far as it could be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unsent {
    pub(super) doc: DocId,
    pub(super) kind: Option<DocKind>,
    /// The change; none where its row can't be read.
    pub(super) change: Option<Own>,
    /// The command; none where the outbox's row can't be read.
    pub(super) queued: Option<InOutbox>,
    pub(super) bundles: Vec<Digest>,
}

/// An own change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Own {
    pub(super) hash: ChangeHash,
    pub(super) actor: ActorId,
    pub(super) seq: i64,
    pub(super) bytes: Vec<u8>,
}

/// What stood in the outbox beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct InOutbox {
    pub(super) command: Vec<u8>,
    /// The code and what it is about, if the server had set it aside.
    pub(super) aside: Option<(String, Vec<u8>)>,
}

/// Everything that was found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Salvage {
    pub(super) meta: Vec<(&'static str, Vec<u8>)>,
    pub(super) directory: Option<(i64, Vec<u8>)>,
    /// In the order of the taps.
    pub(super) unsent: Vec<Unsent>,
    pub(super) ceremonies: Vec<(DocId, Vec<u8>)>,
    pub(super) bundles: Vec<(Digest, Vec<u8>)>,
    pub(super) pieces: Vec<super::Piece>,
    /// Stretches of rows that could not be read, of what is not on the server as well.
    pub(super) gaps: u64,
}

/// Reads what can be read of the copy behind `connection`.
pub(super) fn salvage(connection: &Connection) -> Result<Salvage, StoreError> {
    // A damaged entry of the schema must not keep the others from being read, nor what is written in it be run.
    for pragma in ["locking_mode=EXCLUSIVE", "writable_schema=ON", "trusted_schema=OFF", "cell_size_check=ON"] {
        let mut statement = connection.prepare(&format!("PRAGMA {pragma}"))?;
        let mut rows = statement.query([])?;
        rows.next()?;
    }
    let mut found = Salvage::default();
    for name in META {
        match connection.query_row("SELECT value FROM meta WHERE name = ?1", [name], |row| row.get(0)) {
            Ok(value) => found.meta.push((name, value)),
            Err(rusqlite::Error::QueryReturnedNoRows) => {}
            Err(_) => found.gaps += 1,
        }
    }
    let directory = connection.query_row("SELECT version, bytes FROM directory", [], |row| Ok((row.get(0)?, row.get(1)?)));
    // The server sends it again, so its loss is no gap.
    found.directory = directory.ok();
    unsent(connection, &mut found);
    let Rows { rows, gaps } =
        scan(connection, "ceremony", "doc, bytes", |row| Ok((DocId::from_bytes(row.get(1)?), row.get(2)?)));
    (found.ceremonies, found.gaps) = (rows.into_iter().map(|(_, row)| row).collect(), found.gaps + gaps);
    let Rows { rows, gaps } = scan(connection, "packet", "doc, kind, code, command, bytes", |row| {
        Ok(super::Piece {
            n: 0,
            doc: row.get::<_, Option<[u8; 16]>>(1)?.map(DocId::from_bytes),
            kind: row.get::<_, Option<String>>(2)?.and_then(|name| DocKind::from_name(&name)),
            code: row.get(3)?,
            command: row.get(4)?,
            bytes: row.get(5)?,
        })
    });
    // A database of an older version has none of them.
    let has_packets = connection.prepare("SELECT 1 FROM packet").is_ok();
    (found.pieces, found.gaps) =
        (rows.into_iter().map(|(_, row)| row).collect(), found.gaps + if has_packets { gaps } else { 0 });
    Ok(found)
}

/// The outbox, the own changes, and which of the two is missing where.
fn unsent(connection: &Connection, found: &mut Salvage) {
    let outbox = scan(connection, "outbox", "doc, state, command, code, about", |row| {
        let state: String = row.get(2)?;
        let aside = match state.as_str() {
            "set_aside" => Some((row.get(4)?, row.get(5)?)),
            "waiting" | "wanted" => None,
            _ => return Err(unlike()),
        };
        Ok((DocId::from_bytes(row.get(1)?), InOutbox { command: row.get(3)?, aside }))
    });
    let changes = scan(connection, "change", "doc, hash, actor, seq, bytes", |row| {
        // Others' changes are the server's to send again.
        let Some(actor) = row.get::<_, Option<[u8; 16]>>(3)? else { return Ok(None) };
        let (hash, actor) = (ChangeHash::from_bytes(row.get(2)?), ActorId::from_bytes(actor));
        Ok(Some((DocId::from_bytes(row.get(1)?), Own { hash, actor, seq: row.get(4)?, bytes: row.get(5)? })))
    });
    let sent = scan(connection, "sent", "doc", |row| row.get::<_, Vec<u8>>(1));
    let answered = |n: i64| sent.rows.binary_search_by_key(&n, |(at, _)| *at).is_ok();
    found.gaps += outbox.gaps + changes.gaps;
    let mut changes: std::collections::BTreeMap<i64, (DocId, Own)> =
        changes.rows.into_iter().filter_map(|(n, own)| Some((n, own?))).collect();
    let mut all: std::collections::BTreeMap<i64, Unsent> = std::collections::BTreeMap::new();
    let kind = |doc: &DocId| {
        let name = connection.query_row("SELECT kind FROM document WHERE doc = ?1", [doc.as_bytes()], |row| row.get(0));
        name.ok().and_then(|name: String| DocKind::from_name(&name))
    };
    for (n, (doc, queued)) in outbox.rows {
        let change = changes.remove(&n).filter(|(of, _)| *of == doc).map(|(_, own)| own);
        all.insert(n, Unsent { doc, kind: kind(&doc), change, queued: Some(queued), bundles: Vec::new() });
    }
    // Own changes that stand neither in the outbox nor among what was sent: the row that said which is lost. Offering them
    // once more costs the server a look.
    if outbox.gaps + sent.gaps > 0 {
        for (n, (doc, own)) in changes.into_iter().filter(|(n, _)| !answered(*n)) {
            all.insert(n, Unsent { doc, kind: kind(&doc), change: Some(own), queued: None, bundles: Vec::new() });
        }
    }
    for (n, one) in &mut all {
        let digests = connection.prepare("SELECT digest FROM carried WHERE n = ?1").and_then(|mut statement| {
            let digests = statement.query_map([n], |row| row.get(0).map(Digest::from_bytes))?;
            digests.collect::<Result<Vec<_>, _>>()
        });
        for digest in digests.unwrap_or_default() {
            let bytes =
                connection.query_row("SELECT bytes FROM bundle WHERE digest = ?1", [digest.as_bytes()], |row| row.get(0));
            if let Ok(bytes) = bytes {
                one.bundles.push(digest);
                found.bundles.push((digest, bytes));
            } else {
                found.gaps += 1;
            }
        }
    }
    found.unsent = all.into_values().collect();
}

/// Rows by their numbers, and how many stretches between them can't be read.
struct Rows<T> {
    rows: Vec<(i64, T)>,
    gaps: u64,
}

/// All of a table that can be read. `read` finds the row's number in the first column.
fn scan<T>(connection: &Connection, table: &str, columns: &str, read: impl Fn(&Row<'_>) -> rusqlite::Result<T>) -> Rows<T> {
    let mut rows: Vec<(i64, T)> = Vec::new();
    let whole = |row: &Row<'_>| Ok((row.get::<_, i64>(0)?, read(row)));
    let mut gaps = 0;
    // Forward, as far as it goes. A row that is there and makes no sense is a gap of its own, and the next is read.
    let forward = each(
        connection,
        &format!("SELECT rowid, {columns} FROM {table} ORDER BY rowid"),
        i64::MIN,
        &whole,
        |n, row| match row {
            Ok(row) => rows.push((n, row)),
            Err(_) => gaps += 1,
        },
    );
    let Stopped::At(last) = forward else { return Rows { rows, gaps } };
    // Backward, down to there.
    let mut behind = Vec::new();
    let descending = format!("SELECT rowid, {columns} FROM {table} ORDER BY rowid DESC");
    let backward = each(connection, &descending, last, &whole, |n, row| match row {
        Ok(row) => behind.push((n, row)),
        Err(_) => gaps += 1,
    });
    // What lies between, one by one.
    let first = last.max(0).saturating_add(1);
    let end = match backward {
        Stopped::At(first_behind) if first_behind > last => first_behind,
        _ => first.saturating_add(PROBED_MAX),
    };
    let mut in_gap = false;
    for n in first..end.min(first.saturating_add(PROBED_MAX)) {
        let found = connection
            .prepare_cached(&format!("SELECT rowid, {columns} FROM {table} WHERE rowid = ?1"))
            .and_then(|mut statement| statement.query_row([n], whole));
        let lost = match found {
            Ok((n, Ok(row))) => {
                rows.push((n, row));
                false
            }
            Err(rusqlite::Error::QueryReturnedNoRows) => in_gap,
            Ok((_, Err(_))) | Err(_) => true,
        };
        gaps += u64::from(lost && !in_gap);
        in_gap = lost;
    }
    behind.reverse();
    rows.extend(behind);
    rows.dedup_by_key(|(n, _)| *n);
    Rows { rows, gaps: gaps.max(1) }
}

/// How a walk over a table ended.
enum Stopped {
    /// Behind the last row, or where it met one it was not to pass.
    Done,
    /// Where it could not go on: the last row it saw.
    At(i64),
}

fn each<T>(
    connection: &Connection,
    sql: &str,
    until: i64,
    whole: &impl Fn(&Row<'_>) -> rusqlite::Result<(i64, rusqlite::Result<T>)>,
    mut take: impl FnMut(i64, rusqlite::Result<T>),
) -> Stopped {
    let mut last = 0;
    let Ok(mut statement) = connection.prepare(sql) else { return Stopped::At(last) };
    let Ok(mut found) = statement.query([]) else { return Stopped::At(last) };
    loop {
        match found.next() {
            Ok(Some(row)) => match whole(row) {
                Ok((n, _)) if until != i64::MIN && n <= until => return Stopped::Done,
                Ok((n, read)) => {
                    last = n;
                    take(n, read);
                }
                Err(_) => return Stopped::At(last),
            },
            Ok(None) => return Stopped::Done,
            Err(_) => return Stopped::At(last),
        }
    }
}

/// The row's values are none that this table holds.
const fn unlike() -> rusqlite::Error {
    rusqlite::Error::InvalidQuery
}
