//! The loop that carries attachments: the session says what to do, the transport carries it, the store keeps it.
//!
//! Never part of a sync of text and never in its way: another session, another lock. What a dead battery cuts off goes on
//! where the server, or this phone, says that it was.

use std::io::Read;
use std::sync::{MutexGuard, TryLockError};

use super::syncing::READ_BYTES;
use super::{Device, DeviceError};
use crate::attachment::Media;
use crate::environment::{Transport, TransportError, random};
use crate::id::{Digest, DocId};
use crate::planted::{self, Planted};
use crate::store::Upload;
use crate::sync::{AttachmentReport, AttachmentSession, AttachmentStep, Errand, Fate, Limits, Way};

/// What the link costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Link {
    /// Nothing, or the worker said that everything is to go.
    Unmetered,
    /// By the byte: only what policy calls small goes.
    Metered,
}

impl Device {
    /// Sends the attachments that wait, small ones first, as far as the link allows. For after a sync: what a case does not
    /// name on the server yet waits for the next time. From a revoked phone all of them go, behind its text, so that it can be
    /// wiped at its next sync.
    pub fn sync_attachments(&self, transport: &dyn Transport, link: Link) -> Result<AttachmentReport, DeviceError> {
        let _one_at_a_time = self.attaching()?;
        let errands = {
            let mut desk = self.desk();
            let rules = desk.directory.policy.attachments();
            let goes = |length| link == Link::Unmetered || rules.goes_metered(length);
            let revoked = desk.shut.is_revoked();
            if revoked {
                // Of a revoked phone the server keeps what its policy would not take: it may be the only one there is.
                desk.store.retry_uploads()?;
            }
            let waiting = desk.store.uploads(revoked)?.into_iter().filter(|waiting| goes(waiting.length));
            waiting.map(|one| Errand { digest: one.digest, doc: one.doc, length: one.length, way: Way::Up }).collect()
        };
        let report = self.carry(transport, errands)?;
        self.desk().store.release_attachments()?;
        Ok(report)
    }

    /// Fetches an attachment of a case, or its preview by the preview's digest, unless it is here and sound: one that was
    /// damaged on this phone stays until the one that came in its place is whole. The report says why it did not come, if it
    /// did not.
    pub fn fetch_attachment(
        &self,
        transport: &dyn Transport,
        case: DocId,
        digest: &Digest,
    ) -> Result<AttachmentReport, DeviceError> {
        let _one_at_a_time = self.attaching()?;
        let (stored, blobs) = {
            let desk = self.desk();
            (desk.store.attachment(digest)?, desk.store.blobs()?)
        };
        let errands = match stored {
            Some(stored) if stored.here && blobs.is_sound(digest, stored.length) => Vec::new(),
            Some(stored) => {
                let have = self.desk().store.fetched(digest, stored.length)?;
                vec![Errand { digest: *digest, doc: case, length: stored.length, way: Way::Down { have } }]
            }
            None => vec![Errand { digest: *digest, doc: case, length: 0, way: Way::Down { have: 0 } }],
        };
        self.carry(transport, errands)
    }

    fn attaching(&self) -> Result<MutexGuard<'_, ()>, DeviceError> {
        match self.attaching.try_lock() {
            Ok(guard) => Ok(guard),
            Err(TryLockError::Poisoned(poisoned)) => Ok(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => Err(DeviceError::Busy),
        }
    }

    fn carry(&self, transport: &dyn Transport, errands: Vec<Errand>) -> Result<AttachmentReport, DeviceError> {
        let (identity, remembered) = self.identity()?;
        let mut session = AttachmentSession::new(identity, remembered, Limits::default(), errands);
        let mut body: Option<Box<dyn Read + Send>> = None;
        let mut buffer = vec![0; READ_BYTES];
        let report = loop {
            match session.next(&*self.host.signer, &*self.host.entropy) {
                AttachmentStep::NeedBytes { digest, from, most } => match self.piece(&digest, from, most) {
                    Ok(bytes) => session.give(bytes),
                    Err(error) => session.unreadable(error.code()),
                },
                AttachmentStep::Send(request) => match transport.send(&request) {
                    Ok(response) => {
                        session.answer_head(response.status, &response.headers);
                        body = Some(response.body);
                    }
                    Err(error) => session.failed(&error),
                },
                AttachmentStep::Read => match body.as_mut().map(|body| body.read(&mut buffer)) {
                    Some(Ok(0)) => {
                        body = None;
                        session.answer_end();
                    }
                    Some(Ok(n)) => session.answer_body(buffer.get(..n).unwrap_or_default()),
                    Some(Err(error)) if error.kind() == std::io::ErrorKind::Interrupted => {}
                    Some(Err(_)) | None => {
                        body = None;
                        session.failed(&TransportError::Unreachable);
                    }
                },
                AttachmentStep::Settle { digest, doc, fate } => {
                    let upload = match fate {
                        Fate::Sent(sent) if sent > 0 && planted::is(Planted::AttachmentSentByAPiece) => Upload::Stored,
                        Fate::Sent(sent) => Upload::Waiting { sent, code: None },
                        Fate::Stored => Upload::Stored,
                        Fate::Refused(code) => Upload::Refused { code },
                        Fate::Later(code) => Upload::Waiting { sent: 0, code: Some(code) },
                    };
                    self.desk().store.settle_upload(&digest, &doc, &upload)?;
                    session.durable();
                }
                AttachmentStep::Keep { digest, doc, length, from, bytes } => {
                    let (have, whole) = self.keep(&digest, &doc, length, from, &bytes)?;
                    session.kept(have, whole);
                }
                AttachmentStep::Wait { ms } => transport.pause(ms),
                AttachmentStep::Finished(report) => break report,
            }
        };
        self.remember(&report.remembered)?;
        Ok(report)
    }

    /// Bytes to send, read without the desk.
    fn piece(&self, digest: &Digest, from: u64, most: usize) -> Result<Vec<u8>, DeviceError> {
        let (stored, blobs) = {
            let desk = self.desk();
            (desk.store.attachment(digest)?, desk.store.blobs()?)
        };
        let stored = stored.filter(|stored| stored.here).ok_or(DeviceError::NotFound)?;
        Ok(blobs.read(digest, stored.length, from, most)?)
    }

    /// Keeps bytes that came: how many are here, and at the end whether they are what the name says.
    fn keep(
        &self,
        digest: &Digest,
        doc: &DocId,
        length: u64,
        from: u64,
        bytes: &[u8],
    ) -> Result<(u64, Option<bool>), DeviceError> {
        let mut desk = self.desk();
        if from == 0 {
            let media = desk.media_of(*doc, digest)?;
            desk.store.begin_fetch(doc, digest, &media, length)?;
        }
        let have = desk.store.fetch(digest, length, from, bytes, random(&*self.host.entropy))?;
        let whole = if have == length { Some(desk.store.finish_fetch(digest, length)?) } else { None };
        Ok((have, whole))
    }
}

impl super::Desk {
    /// What the case says that it is; what it does not name by itself is a preview.
    fn media_of(&mut self, case: DocId, digest: &Digest) -> Result<String, DeviceError> {
        let open = self.open_case(case)?;
        let named = open.state.attachments.iter().find(|(_, attached)| attached.digest == *digest);
        let media = named.map_or_else(|| Media::Jpeg.name().to_owned(), |(_, attached)| attached.media.clone());
        self.loaded.put(case, open);
        Ok(media)
    }
}
