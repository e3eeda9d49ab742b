//! What the device remembers about itself, name by name, and the directory. Values are bytes; the two with an order of their own
//! (clock, refetch) have their own functions.

use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};

use super::{Store, StoreError};
use crate::id::DocId;
use crate::time::Hlc;

/// A name under which something is remembered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Meta {
    /// The installation's nonce, to be compared with the one outside the database.
    Installation,
    /// The installation's node in stamps.
    Node,
    /// The device's id.
    Device,
    /// The person it works for.
    Person,
    /// The sub-district's name.
    Tenant,
    /// The server's address.
    Server,
    /// The server's last nonce.
    Nonce,
    /// The token for pulling.
    Token,
    /// Milliseconds between the server's clock and this one.
    Offset,
    /// Where the pull stands, opaque. Moves with the rows, in [`Store::apply`].
    Cursor,
    /// When the last sync ended well.
    Synced,
    /// When the server last spoke to this device as to one of its own, by the server's clock.
    Heard,
    /// The latest time this device saw since then: a clock that is set back gains nothing.
    Seen,
    /// What keeps this device shut: that it was revoked, and whether it is to be wiped.
    Shut,
    /// The count of seals and the last one's digest.
    LastSeal,
    /// The version of the database for which every document was seen to have its list row.
    Rows,
    /// When everything was last asked for again because documents could not be read.
    AskedAgain,
    /// The device's certificate from the sub-district's root.
    Certificate,
    /// The newest signed checkpoint of the server's log.
    Checkpoint,
    /// The keys that this sub-district's server named when it was first asked, as a text of anchors.
    Anchors,
    /// The checkpoint before, where the log was found to contradict it.
    Contradicted,
}

impl Meta {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Installation => "installation",
            Self::Node => "node",
            Self::Device => "device",
            Self::Person => "person",
            Self::Tenant => "tenant",
            Self::Server => "server",
            Self::Nonce => "nonce",
            Self::Token => "token",
            Self::Offset => "offset",
            Self::Cursor => "cursor",
            Self::Synced => "synced",
            Self::Heard => "heard",
            Self::Seen => "seen",
            Self::Shut => "shut",
            Self::LastSeal => "last_seal",
            Self::Rows => "rows",
            Self::AskedAgain => "asked_again",
            Self::Certificate => "certificate",
            Self::Checkpoint => "checkpoint",
            Self::Anchors => "anchors",
            Self::Contradicted => "contradicted",
        }
    }
}

const HLC: &str = "hlc";
const REFETCH: &str = "refetch";
/// Documents whose list row does not show everything that is here: their ids, one behind the other.
const UNPROJECTED: &str = "unprojected";

/// The directory as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredDirectory {
    /// Its version.
    pub version: u64,
    /// The record, CBOR.
    pub bytes: Vec<u8>,
}

impl Store {
    /// What is remembered under this name.
    pub fn meta(&self, name: Meta) -> Result<Option<Vec<u8>>, StoreError> {
        get(&self.connection, name.name())
    }

    /// Remembers (or, with none, forgets) all of these in one transaction.
    pub fn set_meta(&mut self, values: &[(Meta, Option<&[u8]>)]) -> Result<(), StoreError> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for (name, value) in values {
            set(&transaction, name.name(), *value)?;
        }
        Ok(transaction.commit()?)
    }

    /// The latest hybrid time any tap used; zero before the first.
    pub fn hlc(&self) -> Result<Hlc, StoreError> {
        hlc(&self.connection)
    }

    /// Documents whose list row is to be made anew from the document, because a pull left more here than the server's row
    /// shows. In the file, so that a phone that dies before it is done goes on with it.
    pub fn to_project(&self) -> Result<Vec<DocId>, StoreError> {
        unprojected(&self.connection)
    }

    /// Their rows were made anew.
    pub fn projected(&mut self) -> Result<(), StoreError> {
        set(&self.connection, UNPROJECTED, None)
    }

    /// The directory, once the server sent one.
    pub fn directory(&self) -> Result<Option<StoredDirectory>, StoreError> {
        Ok(self
            .connection
            .prepare_cached("SELECT version, bytes FROM directory")?
            .query_row([], |row| Ok(StoredDirectory { version: row.get::<_, i64>(0)?.cast_unsigned(), bytes: row.get(1)? }))
            .optional()?)
    }
}

pub(super) fn get(connection: &Connection, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT value FROM meta WHERE name = ?1")?;
    Ok(statement.query_row([name], |row| row.get(0)).optional()?)
}

pub(super) fn set(connection: &Connection, name: &str, value: Option<&[u8]>) -> Result<(), StoreError> {
    match value {
        Some(value) => connection
            .prepare_cached("INSERT INTO meta VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = excluded.value")?
            .execute(params![name, value])?,
        None => connection.prepare_cached("DELETE FROM meta WHERE name = ?1")?.execute([name])?,
    };
    Ok(())
}

fn hlc(connection: &Connection) -> Result<Hlc, StoreError> {
    match get(connection, HLC)? {
        None => Ok(Hlc::default()),
        Some(bytes) => {
            let bytes = bytes.try_into().map_err(|_| StoreError::Damaged { what: "value" })?;
            Ok(Hlc(u64::from_be_bytes(bytes)))
        }
    }
}

/// Moves the clock forward to `time`; never back.
pub(super) fn advance_hlc(connection: &Connection, time: Hlc) -> Result<(), StoreError> {
    if time > hlc(connection)? { set(connection, HLC, Some(&time.0.to_be_bytes())) } else { Ok(()) }
}

pub(super) fn set_cursor(connection: &Connection, cursor: &[u8]) -> Result<(), StoreError> {
    set(connection, Meta::Cursor.name(), Some(cursor))
}

pub(super) fn put_directory(connection: &Connection, version: u64, bytes: &[u8]) -> Result<(), StoreError> {
    let version = i64::try_from(version).map_err(|_| StoreError::Record)?;
    connection
        .prepare_cached(
            "INSERT INTO directory VALUES (1, ?1, ?2)
             ON CONFLICT (one) DO UPDATE SET version = excluded.version, bytes = excluded.bytes",
        )?
        .execute(params![version, bytes])?;
    Ok(())
}

fn unprojected(connection: &Connection) -> Result<Vec<DocId>, StoreError> {
    let ids = get(connection, UNPROJECTED)?.unwrap_or_default();
    Ok(ids.as_chunks().0.iter().copied().map(DocId::from_bytes).collect())
}

/// Adds these to the documents whose row is to be made anew.
pub(super) fn add_unprojected(connection: &Connection, docs: &[DocId]) -> Result<(), StoreError> {
    if docs.is_empty() {
        return Ok(());
    }
    let mut all = unprojected(connection)?;
    for doc in docs {
        if !all.contains(doc) {
            all.push(*doc);
        }
    }
    let ids: Vec<u8> = all.iter().flat_map(|doc| *doc.as_bytes()).collect();
    set(connection, UNPROJECTED, Some(&ids))
}

/// Whether a refetch is under way, and whether it is of a new epoch.
pub(super) fn refetch(connection: &Connection) -> Result<Option<bool>, StoreError> {
    Ok(get(connection, REFETCH)?.map(|value| value == [1]))
}

pub(super) fn set_refetch(connection: &Connection, new_epoch: Option<bool>) -> Result<(), StoreError> {
    match new_epoch {
        Some(new) => set(connection, REFETCH, Some(&[u8::from(new)])),
        None => set(connection, REFETCH, None),
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::Desk;
    use super::*;

    #[test]
    fn what_is_remembered_is_there_after_reopening_and_gone_when_forgotten() {
        let desk = Desk::new();
        let mut store = desk.open();
        store.set_meta(&[(Meta::Person, Some(b"w-1")), (Meta::Token, Some(b"t"))]).unwrap();
        store.set_meta(&[(Meta::Token, None)]).unwrap();
        drop(store);
        let store = desk.open();
        assert_eq!(store.meta(Meta::Person).unwrap().as_deref(), Some(&b"w-1"[..]));
        assert_eq!(store.meta(Meta::Token).unwrap(), None);
    }

    #[test]
    fn the_clock_never_goes_back() {
        let desk = Desk::new();
        let store = desk.open();
        advance_hlc(&store.connection, Hlc(u64::MAX)).unwrap();
        advance_hlc(&store.connection, Hlc(5)).unwrap();
        assert_eq!(store.hlc().unwrap(), Hlc(u64::MAX));
    }
}
