//! Attachments as rows: what is whole and durable among the blobs, and how far the others have come. No bytes here.

use std::collections::HashMap;

use doorstep_core::id::{DeviceId, Digest, DocId, PersonId};
use doorstep_core::time::Timestamp;
use rusqlite::{OptionalExtension, params};

use super::{StoreError, Tx, View, signed, unsigned};

/// A whole attachment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Attachment {
    pub(crate) length: u64,
    pub(crate) media: String,
}

/// Who sent an attachment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sender {
    pub(crate) device: DeviceId,
    pub(crate) person: PersonId,
    pub(crate) at: Timestamp,
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

    /// Whether somebody showed for this case that they have its bytes.
    pub(crate) fn is_attached(&self, digest: &Digest, doc: &DocId) -> Result<bool, StoreError> {
        let sql = "SELECT 1 FROM attachment_of WHERE digest = ?1 AND doc = ?2";
        Ok(self.conn.prepare_cached(sql)?.exists(params![digest.as_bytes(), doc.as_bytes()])?)
    }

    /// Whether this device once sent all of its bytes, for whichever case.
    pub(crate) fn has_sent(&self, digest: &Digest, device: &DeviceId) -> Result<bool, StoreError> {
        let sql = "SELECT 1 FROM attachment WHERE digest = ?1 AND device = ?2
                   UNION ALL SELECT 1 FROM attachment_of WHERE digest = ?1 AND device = ?2";
        Ok(self.conn.prepare_cached(sql)?.exists(params![digest.as_bytes(), device.as_bytes()])?)
    }

    /// Whether attachments came before cases were written down with them, and that is still to be made up for.
    pub(crate) fn pairs_are_unrecorded(&self) -> Result<bool, StoreError> {
        Ok(self.conn.prepare_cached("SELECT 1 FROM meta WHERE key = 'pairs_unrecorded'")?.exists([])?)
    }

    /// Who sent each attachment first: device, person and when.
    pub(crate) fn first_senders(&self) -> Result<HashMap<Digest, Sender>, StoreError> {
        let mut statement = self.conn.prepare("SELECT digest, device, person, stored_at FROM attachment")?;
        let mut rows = statement.query([])?;
        let mut found = HashMap::new();
        while let Some(row) = rows.next()? {
            let person = row.get::<_, String>(2)?.parse().map_err(|_| StoreError::Damaged)?;
            let sender = Sender { device: DeviceId::from_bytes(row.get(1)?), person, at: Timestamp(row.get(3)?) };
            found.insert(Digest::from_bytes(row.get(0)?), sender);
        }
        Ok(found)
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

    /// It is whole, has its digest and is durable among the blobs; the sender had all of it, and sent it for this case.
    pub(crate) fn put_attachment(
        &self,
        digest: &Digest,
        doc: &DocId,
        attachment: &Attachment,
        sender: &Sender,
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO attachment (digest, length, media, device, person, stored_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                   ON CONFLICT (digest) DO NOTHING";
        self.conn.prepare_cached(sql)?.execute(params![
            digest.as_bytes(),
            signed(attachment.length),
            attachment.media,
            sender.device.as_bytes(),
            sender.person.as_str(),
            sender.at.0
        ])?;
        self.attach(digest, doc, sender)?;
        self.drop_coming(digest, &sender.device)
    }

    /// From now on it can be had under this case: the sender showed that they have its bytes.
    pub(crate) fn attach(&self, digest: &Digest, doc: &DocId, sender: &Sender) -> Result<(), StoreError> {
        let sql = "INSERT INTO attachment_of (digest, doc, device, person, at) VALUES (?1, ?2, ?3, ?4, ?5)
                   ON CONFLICT (digest, doc) DO NOTHING";
        let Sender { device, person, at } = sender;
        let values = params![digest.as_bytes(), doc.as_bytes(), device.as_bytes(), person.as_str(), at.0];
        self.conn.prepare_cached(sql)?.execute(values)?;
        Ok(())
    }

    /// What came before cases were written down with it has them now.
    pub(crate) fn pairs_are_recorded(&self) -> Result<(), StoreError> {
        self.conn.execute("DELETE FROM meta WHERE key = 'pairs_unrecorded'", [])?;
        Ok(())
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
