//! Attachments as rows: what is whole and durable among the blobs, and how far the others have come. No bytes here.

use doorstep_core::id::{DeviceId, Digest, PersonId};
use doorstep_core::time::Timestamp;
use rusqlite::{OptionalExtension, params};

use super::{StoreError, Tx, View, signed, unsigned};

/// A whole attachment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Attachment {
    pub(crate) length: u64,
    pub(crate) media: String,
}

/// One that is still coming from a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Coming {
    pub(crate) length: u64,
    /// Bytes that are durable.
    pub(crate) received: u64,
}

impl View<'_> {
    /// The attachment of this digest, if it is whole.
    pub(crate) fn attachment(&self, digest: &Digest) -> Result<Option<Attachment>, StoreError> {
        let sql = "SELECT length, media FROM attachment WHERE digest = ?1";
        let row = self
            .conn
            .prepare_cached(sql)?
            .query_row([digest.as_bytes()], |row| Ok(Attachment { length: unsigned(row.get(0)?), media: row.get(1)? }));
        Ok(row.optional()?)
    }

    /// How far this device has sent it.
    pub(crate) fn coming(&self, digest: &Digest, device: &DeviceId) -> Result<Option<Coming>, StoreError> {
        let sql = "SELECT length, received FROM upload WHERE digest = ?1 AND device = ?2";
        let row = self.conn.prepare_cached(sql)?.query_row(params![digest.as_bytes(), device.as_bytes()], |row| {
            Ok(Coming { length: unsigned(row.get(0)?), received: unsigned(row.get(1)?) })
        });
        Ok(row.optional()?)
    }
}

impl Tx<'_> {
    /// So many bytes of it are durable now.
    pub(crate) fn put_coming(
        &self,
        digest: &Digest,
        device: &DeviceId,
        coming: Coming,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO upload (digest, device, length, received, touched_at) VALUES (?1, ?2, ?3, ?4, ?5)
                   ON CONFLICT (digest, device) DO UPDATE SET
                       length = excluded.length, received = excluded.received, touched_at = excluded.touched_at";
        let values = params![digest.as_bytes(), device.as_bytes(), signed(coming.length), signed(coming.received), now.0];
        self.conn.prepare_cached(sql)?.execute(values)?;
        Ok(())
    }

    /// Nothing of it is coming from this device any more.
    pub(crate) fn drop_coming(&self, digest: &Digest, device: &DeviceId) -> Result<(), StoreError> {
        let sql = "DELETE FROM upload WHERE digest = ?1 AND device = ?2";
        self.conn.prepare_cached(sql)?.execute(params![digest.as_bytes(), device.as_bytes()])?;
        Ok(())
    }

    /// It is whole, has its digest and is durable among the blobs.
    pub(crate) fn put_attachment(
        &self,
        digest: &Digest,
        attachment: &Attachment,
        device: &DeviceId,
        person: &PersonId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO attachment (digest, length, media, device, person, stored_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                   ON CONFLICT (digest) DO NOTHING";
        self.conn.prepare_cached(sql)?.execute(params![
            digest.as_bytes(),
            signed(attachment.length),
            attachment.media,
            device.as_bytes(),
            person.as_str(),
            now.0
        ])?;
        self.drop_coming(digest, device)
    }

    /// Forgets what has not come on since `before`, a few at a time, and names it, so that its files can go.
    pub(crate) fn drop_abandoned(&self, before: Timestamp, limit: u64) -> Result<Vec<(Digest, DeviceId)>, StoreError> {
        let sql = "DELETE FROM upload WHERE (digest, device) IN
                       (SELECT digest, device FROM upload WHERE touched_at < ?1 ORDER BY touched_at LIMIT ?2)
                   RETURNING digest, device";
        let mut statement = self.conn.prepare_cached(sql)?;
        let rows = statement.query_map(params![before.0, signed(limit)], |row| {
            Ok((Digest::from_bytes(row.get(0)?), DeviceId::from_bytes(row.get(1)?)))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}
