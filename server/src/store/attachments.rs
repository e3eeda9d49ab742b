//! Attachments as rows: what is whole and durable among the blobs, and how far the others have come. No bytes here.

use std::collections::{BTreeSet, HashMap};

use doorstep_core::id::{DeviceId, Digest, DocId, PersonId};
use doorstep_core::time::Timestamp;
use rusqlite::{OptionalExtension, params};

use super::{StoreError, Tx, View, signed, unsigned};

/// A whole attachment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Attachment {
    pub(crate) length: u64,
    pub(crate) media: String,
    /// Its blob was found missing or damaged.
    pub(crate) missing: bool,
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
        let sql = "SELECT length, media, missing_at IS NOT NULL FROM attachment WHERE digest = ?1";
        let row = self.conn.prepare_cached(sql)?.query_row([digest.as_bytes()], |row| {
            Ok(Attachment { length: unsigned(row.get(0)?), media: row.get(1)?, missing: row.get(2)? })
        });
        Ok(row.optional()?)
    }

    /// The sums of its pieces; none for what came before there were any.
    pub(crate) fn sums(&self, digest: &Digest) -> Result<Option<Vec<u8>>, StoreError> {
        let sql = "SELECT sums FROM attachment_sums WHERE digest = ?1";
        Ok(self.conn.prepare_cached(sql)?.query_row([digest.as_bytes()], |row| row.get(0)).optional()?)
    }

    /// Some attachments behind this digest, in the order of digests; at most `limit`.
    pub(crate) fn attachments_behind(&self, digest: &Digest, limit: u64) -> Result<Vec<(Digest, Attachment)>, StoreError> {
        let sql = "SELECT digest, length, media, missing_at IS NOT NULL FROM attachment
                   WHERE digest > ?1 ORDER BY digest LIMIT ?2";
        let mut statement = self.conn.prepare_cached(sql)?;
        let rows = statement.query_map(params![digest.as_bytes(), signed(limit)], |row| {
            let attachment = Attachment { length: unsigned(row.get(1)?), media: row.get(2)?, missing: row.get(3)? };
            Ok((Digest::from_bytes(row.get(0)?), attachment))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Attachments whose bytes were lost, with a case in one of these scopes that has a right to them; at most `limit`.
    pub(crate) fn missing_in(&self, keys: &BTreeSet<String>, limit: usize) -> Result<BTreeSet<(DocId, Digest)>, StoreError> {
        // From the few that are missing on, whatever the planner thinks of it: mostly there is none, and nothing is read.
        let sql = "SELECT doc.id, missing.digest FROM attachment AS missing INDEXED BY attachment_missing
                       CROSS JOIN attachment_of AS named ON named.digest = missing.digest
                       CROSS JOIN doc ON doc.id = named.doc
                       CROSS JOIN doc_scope AS sight ON sight.doc = doc.n AND sight.scope = ?1 AND sight.left_seq IS NULL
                   WHERE missing.missing_at IS NOT NULL ORDER BY missing.digest LIMIT ?2";
        let mut statement = self.conn.prepare_cached(sql)?;
        let mut found = BTreeSet::new();
        for key in keys {
            let left = limit.saturating_sub(found.len());
            if left == 0 {
                break;
            }
            let mut rows = statement.query(params![key, signed(left as u64)])?;
            while let Some(row) = rows.next()? {
                found.insert((DocId::from_bytes(row.get(0)?), Digest::from_bytes(row.get(1)?)));
            }
        }
        Ok(found)
    }

    /// Bytes of attachments that this device sent since then, for whichever case.
    pub(crate) fn sent_since(&self, device: &DeviceId, since: Timestamp) -> Result<u64, StoreError> {
        let sql = "SELECT coalesce(sum(length), 0) FROM attachment_of JOIN attachment USING (digest)
                   WHERE attachment_of.device = ?1 AND at >= ?2";
        Ok(self.conn.prepare_cached(sql)?.query_row(params![device.as_bytes(), since.0], |row| row.get(0)).map(unsigned)?)
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
        sums: &[u8],
        sender: &Sender,
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO attachment (digest, length, media, device, person, stored_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                   ON CONFLICT (digest) DO UPDATE SET missing_at = NULL";
        self.conn.prepare_cached(sql)?.execute(params![
            digest.as_bytes(),
            signed(attachment.length),
            attachment.media,
            sender.device.as_bytes(),
            sender.person.as_str(),
            sender.at.0
        ])?;
        self.put_sums(digest, sums)?;
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

    /// Its pieces have these sums.
    pub(crate) fn put_sums(&self, digest: &Digest, sums: &[u8]) -> Result<(), StoreError> {
        let sql = "INSERT INTO attachment_sums (digest, sums) VALUES (?1, ?2) ON CONFLICT (digest) DO NOTHING";
        self.conn.prepare_cached(sql)?.execute(params![digest.as_bytes(), sums])?;
        Ok(())
    }

    /// Its blob is missing or damaged since then at least; none: it is whole.
    pub(crate) fn set_missing(&self, digest: &Digest, since: Option<Timestamp>) -> Result<(), StoreError> {
        let sql = "UPDATE attachment SET missing_at = CASE WHEN ?2 IS NULL THEN NULL ELSE coalesce(missing_at, ?2) END
                   WHERE digest = ?1";
        self.conn.prepare_cached(sql)?.execute(params![digest.as_bytes(), since.map(|since| since.0)])?;
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
