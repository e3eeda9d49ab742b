//! Attachments in the database: what of them is here, what waits to be sent, how far it came, why it was refused.
//!
//! The files are `blobs.rs`'s. The order that loses nothing: the file is whole and named on the disk **before** the event
//! that names it commits; a row goes **before** its file. So a kill in between leaves a file too many, never one too few,
//! and whoever opens the store adopts it (a case names it after all) or drops it.

use std::path::Path;

use rusqlite::{Connection, OptionalExtension, Row, TransactionBehavior, params};

use super::blobs::{self, Blobs, Written};
use super::{Step, Store, StoreError, Tap, doc_id, document, step};
use crate::attachment::{Media, PREFIX, sealed_length};
use crate::id::{Digest, DocId};
use crate::planted::{self, Planted};

/// An attachment that a tap brings: its bytes, on the disk and without a name.
#[derive(Debug)]
pub struct NewAttachment {
    /// The bytes.
    pub written: Written,
    /// What they are.
    pub media: Media,
}

/// Where the upload of an attachment stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Upload {
    /// There is none: it came from the server.
    None,
    /// The server has it not, or not whole.
    Waiting {
        /// How far it came.
        sent: u64,
        /// What was in the way of the last try, as a stable code.
        code: Option<String>,
    },
    /// The server has it, durable.
    Stored,
    /// The server said no; the bytes stay here.
    Refused {
        /// Why, as a stable code.
        code: String,
    },
}

/// What the store knows of an attachment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredAttachment {
    /// Its name.
    pub digest: Digest,
    /// Its media type.
    pub media: String,
    /// Its length, bytes.
    pub length: u64,
    /// Whether its bytes are here, whole.
    pub here: bool,
    /// Where its upload stands.
    pub upload: Upload,
}

/// An attachment that can be sent now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingUpload {
    /// Its name.
    pub digest: Digest,
    /// A case that names it.
    pub doc: DocId,
    /// Its length, bytes.
    pub length: u64,
}

/// Attachments that are not on the server, counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AttachmentCounts {
    /// Waiting to be sent.
    pub waiting: u64,
    /// Bytes of those that the server does not have.
    pub waiting_bytes: u64,
    /// Refused; their bytes stay here.
    pub refused: u64,
}

const COLUMNS: &str = "digest, media, length, here, upload, sent, code";

impl Store {
    /// The files, for writing what has no name yet and for reading, without the store.
    pub fn blobs(&self) -> Result<Blobs, StoreError> {
        self.blobs.clone().ok_or(StoreError::NoKey)
    }

    /// A tap that brings attachments: their files get their names first, then event and rows are one transaction.
    pub fn tap_attaching(&mut self, tap: &Tap<'_>, attachments: &[NewAttachment]) -> Result<(), StoreError> {
        let blobs = self.blobs()?;
        let late = planted::is(Planted::AttachmentNamedLate);
        for new in attachments.iter().filter(|_| !late) {
            blobs.name(&new.written)?;
        }
        step(self.on_step.as_ref(), Step::AttachmentNamed);
        let doc = tap.doc;
        let tapped = self.tap_with(std::slice::from_ref(tap), |connection| {
            for NewAttachment { written, media } in attachments {
                // The same bytes again: of those that the server has it is told the case; those it refused may be taken now.
                connection
                    .prepare_cached(
                        "INSERT INTO attachment (digest, media, length, here, upload) VALUES (?1, ?2, ?3, 1, 'waiting')
                         ON CONFLICT (digest) DO UPDATE SET here = 1,
                             upload = CASE upload WHEN 'refused' THEN 'waiting' WHEN 'none' THEN 'waiting' ELSE upload END",
                    )?
                    .execute(params![written.digest().as_bytes(), media.name(), signed(written.length())?])?;
                put_of(connection, &written.digest(), &doc, false)?;
                connection
                    .prepare_cached(
                        "UPDATE attachment SET upload = 'waiting' WHERE digest = ?1 AND upload = 'stored' AND EXISTS (
                             SELECT 1 FROM attachment_of AS named WHERE named.digest = attachment.digest AND told = 0)",
                    )?
                    .execute([written.digest().as_bytes()])?;
            }
            Ok(())
        });
        for new in attachments.iter().filter(|_| late) {
            blobs.name(&new.written)?;
        }
        tapped
    }

    /// What is known of an attachment.
    pub fn attachment(&self, digest: &Digest) -> Result<Option<StoredAttachment>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM attachment WHERE digest = ?1");
        Ok(self.connection.prepare_cached(&sql)?.query_row([digest.as_bytes()], read).optional()?)
    }

    /// All that are not on the server: waiting ones in the order they go, then refused ones.
    pub fn unsent_attachments(&self) -> Result<Vec<StoredAttachment>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM attachment WHERE upload IN ('waiting', 'refused') ORDER BY upload DESC, length, digest"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        Ok(statement.query_map([], read)?.collect::<Result<_, _>>()?)
    }

    /// What can be sent now, small ones first, for each case that the server was not told of yet and whose text is through:
    /// the server takes bytes only for what a case names. A second case mostly costs a question: the server knows then that
    /// this phone had the bytes. `revoked`: the text of this phone is kept aside at best, and stays in its outbox.
    pub fn uploads(&self, revoked: bool) -> Result<Vec<WaitingUpload>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT digest, length, doc FROM attachment JOIN attachment_of AS named USING (digest)
             WHERE upload = 'waiting' AND here = 1 AND told = 0
                 AND (?1 OR NOT EXISTS (SELECT 1 FROM outbox WHERE outbox.doc = named.doc AND state <> 'set_aside'))
             ORDER BY length, digest, NOT EXISTS (SELECT 1 FROM document WHERE document.doc = named.doc), doc",
        )?;
        let mut rows = statement.query([revoked])?;
        let mut waiting = Vec::new();
        while let Some(row) = rows.next()? {
            waiting.push(WaitingUpload {
                digest: Digest::from_bytes(row.get(0)?),
                length: row.get::<_, i64>(1)?.cast_unsigned(),
                doc: doc_id(&row.get::<_, Vec<u8>>(2)?)?,
            });
        }
        Ok(waiting)
    }

    /// What the server said of an upload for this case. A word about what is not waiting is passed over: an answer may come
    /// twice. It counts as stored once that was said for every case that names it.
    pub fn settle_upload(&mut self, digest: &Digest, doc: &DocId, upload: &Upload) -> Result<(), StoreError> {
        let (state, sent, code) = match upload {
            Upload::None => return Ok(()),
            Upload::Waiting { sent, code } => ("waiting", Some(signed(*sent)?), code.as_deref()),
            Upload::Stored => ("stored", None, None),
            Upload::Refused { code } => ("refused", None, Some(code.as_str())),
        };
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        if *upload == Upload::Stored {
            put_of(&transaction, digest, doc, true)?;
        }
        transaction
            .prepare_cached(
                "UPDATE attachment SET sent = min(length, coalesce(?3, sent)), code = ?4,
                     upload = CASE WHEN ?2 = 'stored' AND EXISTS (
                             SELECT 1 FROM attachment_of AS named WHERE named.digest = attachment.digest AND told = 0)
                         THEN 'waiting' ELSE ?2 END
                 WHERE digest = ?1 AND upload = 'waiting'",
            )?
            .execute(params![digest.as_bytes(), state, sent, code])?;
        Ok(transaction.commit()?)
    }

    /// A refused attachment is to be tried again.
    pub fn retry_upload(&mut self, digest: &Digest) -> Result<bool, StoreError> {
        let sql = "UPDATE attachment SET upload = 'waiting', sent = 0, code = NULL WHERE digest = ?1 AND upload = 'refused'";
        Ok(self.connection.prepare_cached(sql)?.execute([digest.as_bytes()])? > 0)
    }

    /// All refused attachments are to be tried again.
    pub fn retry_uploads(&mut self) -> Result<(), StoreError> {
        let sql = "UPDATE attachment SET upload = 'waiting', sent = 0, code = NULL WHERE upload = 'refused' AND here = 1";
        self.connection.prepare_cached(sql)?.execute([])?;
        Ok(())
    }

    /// How many are not on the server.
    pub fn attachment_counts(&self) -> Result<AttachmentCounts, StoreError> {
        let sql = "SELECT coalesce(sum(upload = 'waiting'), 0), coalesce(sum((length - sent) * (upload = 'waiting')), 0),
                          coalesce(sum(upload = 'refused'), 0)
                   FROM attachment WHERE upload IN ('waiting', 'refused')";
        Ok(self.connection.prepare_cached(sql)?.query_row([], |row| {
            let count = |at| row.get::<_, i64>(at).map(i64::cast_unsigned);
            Ok(AttachmentCounts { waiting: count(0)?, waiting_bytes: count(1)?, refused: count(2)? })
        })?)
    }

    /// An attachment that `doc` names is being fetched.
    pub fn begin_fetch(&mut self, doc: &DocId, digest: &Digest, media: &str, length: u64) -> Result<(), StoreError> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction
            .prepare_cached(
                "INSERT INTO attachment (digest, media, length, here, upload) VALUES (?1, ?2, ?3, 0, 'none')
                 ON CONFLICT (digest) DO NOTHING",
            )?
            .execute(params![digest.as_bytes(), media, signed(length)?])?;
        // It is given out under this case only because it was sent for it.
        put_of(&transaction, digest, doc, true)?;
        Ok(transaction.commit()?)
    }

    /// Bytes of what is being fetched that are here.
    pub fn fetched(&self, digest: &Digest, length: u64) -> Result<u64, StoreError> {
        Ok(self.blobs()?.fetched(digest, length))
    }

    /// Keeps what came of it, from a whole number of chunks on. How many of its bytes are here now.
    pub fn fetch(
        &self,
        digest: &Digest,
        length: u64,
        from: u64,
        bytes: &[u8],
        prefix: [u8; PREFIX],
    ) -> Result<u64, StoreError> {
        let blobs = self.blobs()?;
        blobs.fetch(digest, length, from, bytes, prefix)?;
        Ok(if from + bytes.len() as u64 >= length { length } else { blobs.fetched(digest, length) })
    }

    /// Everything of it came: it is here from now on, if it has the digest that is its name; else it is thrown away.
    pub fn finish_fetch(&mut self, digest: &Digest, length: u64) -> Result<bool, StoreError> {
        let whole = self.blobs()?.finish(digest, length)?;
        if whole {
            let sql = "UPDATE attachment SET here = 1 WHERE digest = ?1";
            self.connection.prepare_cached(sql)?.execute([digest.as_bytes()])?;
        }
        Ok(whole)
    }

    /// Lets go of the attachments that no case here names any more, unless the server has yet to get them. How many.
    pub fn release_attachments(&mut self) -> Result<usize, StoreError> {
        let kept = if planted::is(Planted::AttachmentLetGoEarly) { "" } else { "upload IN ('none', 'stored') AND " };
        let gone: Vec<[u8; 32]> = {
            let mut statement = self.connection.prepare_cached(&format!(
                "DELETE FROM attachment WHERE {kept}NOT EXISTS (
                     SELECT 1 FROM attachment_of JOIN document USING (doc) WHERE attachment_of.digest = attachment.digest)
                 RETURNING digest"
            ))?;
            statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?
        };
        if let Some(blobs) = &self.blobs {
            for digest in &gone {
                blobs.remove(&Digest::from_bytes(*digest));
            }
        }
        Ok(gone.len())
    }

    /// Whole files that no row knows: a kill came between file and event, or between a row's end and its file's, or the
    /// database is another than the one that knew them. With their lengths as sealed.
    pub fn unclaimed_attachments(&self) -> &[(Digest, u64)] {
        &self.unclaimed
    }

    /// A case here names such a file: it waits to be sent, like anything that was attached.
    pub fn adopt_attachment(&mut self, doc: &DocId, digest: &Digest, media: &str, length: u64) -> Result<(), StoreError> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction
            .prepare_cached(
                "INSERT INTO attachment (digest, media, length, here, upload) VALUES (?1, ?2, ?3, 1, 'waiting')
                 ON CONFLICT (digest) DO NOTHING",
            )?
            .execute(params![digest.as_bytes(), media, signed(length)?])?;
        put_of(&transaction, digest, doc, false)?;
        transaction.commit()?;
        self.unclaimed.retain(|(unclaimed, _)| unclaimed != digest);
        Ok(())
    }

    /// Nothing names these files and nothing will: they go.
    pub fn drop_unclaimed_attachments(&mut self) {
        for (digest, _) in std::mem::take(&mut self.unclaimed) {
            // Attached or fetched since the store was opened, it is somebody's.
            if let (Some(blobs), Ok(None)) = (&self.blobs, self.attachment(&digest)) {
                blobs.remove(&digest);
            }
        }
    }

    /// Whether the bytes of an attachment are here and the server did not say, for each case that names it, that it has them.
    pub fn has_unsent_attachments(&self) -> Result<bool, StoreError> {
        let sql = "SELECT EXISTS (SELECT 1 FROM attachment WHERE upload IN ('waiting', 'refused') AND here = 1)";
        Ok(self.connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
    }

    /// The cases here.
    pub fn cases(&self) -> Result<Vec<DocId>, StoreError> {
        document::docs(&self.connection, "SELECT doc FROM document WHERE kind = 'case'")
    }

    /// Brings files and rows together when the store is opened: what was half written goes; a row whose file is missing (a
    /// backup without its files) says so. Whole files that no row knows are the caller's to judge.
    pub(super) fn reconcile_attachments(&mut self, database: &Path) -> Result<(), StoreError> {
        let connection = &self.connection;
        let whole = blobs::sweep(database, |digest| {
            let mut statement = connection.prepare_cached("SELECT 1 FROM attachment WHERE digest = ?1")?;
            Ok(statement.exists([digest.as_bytes()])?)
        })?;
        let claimed: Vec<(Digest, u64)> = {
            let mut statement = connection.prepare_cached("SELECT digest, length FROM attachment WHERE here = 1")?;
            let rows =
                statement.query_map([], |row| Ok((Digest::from_bytes(row.get(0)?), row.get::<_, i64>(1)?.cast_unsigned())))?;
            rows.collect::<Result<_, _>>()?
        };
        for (digest, length) in claimed {
            if whole.get(&digest) != Some(&sealed_length(length)) {
                connection
                    .prepare_cached(
                        "UPDATE attachment SET here = 0, code = CASE upload WHEN 'waiting' THEN 'attachment_lost' ELSE code END,
                             upload = CASE upload WHEN 'waiting' THEN 'refused' ELSE upload END WHERE digest = ?1",
                    )?
                    .execute([digest.as_bytes()])?;
            }
        }
        for (digest, length) in whole {
            let mut statement = self.connection.prepare_cached("SELECT 1 FROM attachment WHERE digest = ?1")?;
            if !statement.exists([digest.as_bytes()])? {
                self.unclaimed.push((digest, length));
            }
        }
        Ok(())
    }
}

/// A new log: whatever is here goes up again. The server says at once of what it has that it has it.
pub(super) fn wait_again(connection: &Connection) -> Result<(), StoreError> {
    let sql = "UPDATE attachment SET upload = 'waiting', sent = 0, code = NULL WHERE here = 1 AND upload IN ('stored', 'none')";
    connection.execute("UPDATE attachment_of SET told = 0", [])?;
    connection.execute(sql, [])?;
    Ok(())
}

/// The server lost it: if its bytes are here, they go again for this case. Nothing for who does not have them.
pub(super) fn send_again(connection: &Connection, doc: &DocId, digest: &Digest) -> Result<(), StoreError> {
    let sql = "UPDATE attachment SET upload = 'waiting', sent = 0, code = NULL
               WHERE digest = ?1 AND here = 1 AND upload IN ('stored', 'none')";
    connection.prepare_cached(sql)?.execute([digest.as_bytes()])?;
    connection
        .prepare_cached(
            "INSERT INTO attachment_of (digest, doc, told) SELECT digest, ?2, 0 FROM attachment WHERE digest = ?1 AND here = 1
             ON CONFLICT (digest, doc) DO UPDATE SET told = 0",
        )?
        .execute(params![digest.as_bytes(), doc.as_bytes()])?;
    Ok(())
}

/// A case names it; `told`: and the server has it for this case.
fn put_of(connection: &Connection, digest: &Digest, doc: &DocId, told: bool) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "INSERT INTO attachment_of (digest, doc, told) VALUES (?1, ?2, ?3)
             ON CONFLICT (digest, doc) DO UPDATE SET told = max(told, excluded.told)",
        )?
        .execute(params![digest.as_bytes(), doc.as_bytes(), told])?;
    Ok(())
}

fn read(row: &Row<'_>) -> rusqlite::Result<StoredAttachment> {
    let (state, sent, code): (String, i64, Option<String>) = (row.get(4)?, row.get(5)?, row.get(6)?);
    let upload = match state.as_str() {
        "waiting" => Upload::Waiting { sent: sent.cast_unsigned(), code },
        "stored" => Upload::Stored,
        "refused" => Upload::Refused { code: code.unwrap_or_default() },
        _ => Upload::None,
    };
    Ok(StoredAttachment {
        digest: Digest::from_bytes(row.get(0)?),
        media: row.get(1)?,
        length: row.get::<_, i64>(2)?.cast_unsigned(),
        here: row.get(3)?,
        upload,
    })
}

fn signed(length: u64) -> Result<i64, StoreError> {
    i64::try_from(length).map_err(|_| StoreError::Record)
}
