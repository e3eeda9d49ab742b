//! Attachments coming in and going out: for whom, under which case, how far, and whether the bytes are what was named.
//!
//! A case names its attachments; nothing else gives anybody a right to one. Who sees the case may have them; who may attach
//! to it, or wrote the event that names one, may send its bytes. To everybody else there is no such attachment. And naming
//! alone is not enough, or whoever knows a digest could have its bytes by way of a case of their own: it counts for a case
//! once a device sent all of its bytes for it. A device that once sent them need not do so for its next case.
//!
//! A revoked device is given nothing and still sends what it has: its digest was fixed when the case took the event in, and
//! what only a change kept aside names can be had by nobody before a lead has taken that change in. No HTTP here and no SQL. What is acknowledged is durable: a piece once its file and its count are, the whole once its digest
//! was found right, its blob is durable, and its row is committed, in this order.

mod check;
mod naming;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use doorstep_core::attachment::{AttachmentRefusal, KIB_MAX, Media, PART, PREVIEW_MAX, SNIFF_BYTES};
use doorstep_core::id::{DeviceId, Digest, DocId, PersonId};
use doorstep_core::planted::{self, Planted};
use doorstep_core::sync::{AttachmentAnswer, AttachmentRequest};
use doorstep_core::time::{DAY_MS, Timestamp};

pub use check::Checked;
use naming::{Named, Seen, named_aside, naming};

use crate::blobs::{BlobError, Blobs};
use crate::store::{Attachment, Coming, Sender, Store, StoreError};

/// After so long without a piece an upload is forgotten; the phone then sends it from its beginning. A holiday.
const ABANDONED_MS: i64 = 14 * DAY_MS;
/// Forgotten uploads swept at once: each new upload pays for a few old ones.
const SWEPT: u64 = 8;
/// Names remembered, so that the next piece need not read the case again. What a case once named it always names.
const NAMES_KEPT: usize = 4_096;
/// Attachments that are worked on side by side; two that share a place wait for each other.
const LOCKS: usize = 64;
/// Bytes that a device may send after it was revoked: two hundred photos. Whoever stole it fills no disk with more.
const REVOKED_BYTES_MAX: u64 = 1 << 30;

/// Why not.
#[derive(Debug, thiserror::Error)]
pub enum AttachmentError {
    /// There is none for this person.
    #[error("there is no such attachment")]
    Unknown,
    /// Its bytes have not come yet.
    #[error("its bytes have not come yet")]
    Absent,
    /// They were here, and were lost.
    #[error("its bytes were lost here")]
    Missing,
    /// A revoked device has sent as much as is kept of one.
    #[error("so much is not kept of a revoked device")]
    Crowded,
    /// It is not accepted.
    #[error(transparent)]
    Refused(#[from] AttachmentRefusal),
    /// It has another length than the case says.
    #[error("it has another length")]
    Length,
    /// It has another digest than its name.
    #[error("it has another digest")]
    Hash,
    /// The piece is too large.
    #[error("the piece is too large")]
    Piece,
    /// The range is none of it.
    #[error("there is no such range")]
    Range,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The blobs failed.
    #[error(transparent)]
    Blob(#[from] BlobError),
}

/// A part of an attachment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// Bytes of the whole.
    pub length: u64,
    /// Its media type.
    pub media: String,
}

/// Who says it: the case, of a digest; with a device: what that one alone says, in changes kept aside.
type Naming = (DocId, Digest, Option<DeviceId>);

/// Attachments over a store and its blobs.
pub struct Attachments {
    store: Store,
    blobs: Blobs,
    names: Mutex<HashMap<Naming, Named>>,
    locks: Vec<Mutex<()>>,
}

impl Attachments {
    /// Over these.
    pub fn new(store: Store, blobs: Blobs) -> Arc<Self> {
        let locks = (0..LOCKS).map(|_| Mutex::new(())).collect();
        Arc::new(Self { store, blobs, names: Mutex::default(), locks })
    }

    /// Takes a piece (or only the question how far it is) from a device, and says how far it is now.
    pub fn take(
        &self,
        device: &DeviceId,
        person: &PersonId,
        doc: &DocId,
        digest: &Digest,
        request: &AttachmentRequest,
        now: Timestamp,
    ) -> Result<AttachmentAnswer, AttachmentError> {
        let revoked = self.store.device(device)?.and_then(|device| device.revoked_at);
        let media = if let Some(since) = revoked {
            let named = self.of_revoked(device, person, doc, digest)?;
            self.kept_of_revoked(device, since, &named, request.length)?
        } else {
            let named = match self.may_send(person, doc, digest) {
                Err(AttachmentError::Unknown) => match self.of_onlooker(person, doc, digest, request.length)? {
                    // Whoever only looks asks too, after this server was restored; what it has it need not be sent.
                    (_, true) => return Ok(AttachmentAnswer { received: request.length, stored: true }),
                    (named, false) => named,
                },
                named => named?,
            };
            self.accepted(&named, request.length)?
        };
        if request.bytes.len() > PART {
            return Err(AttachmentError::Piece);
        }
        let _one_at_a_time = self.lock(digest);
        let length = request.length;
        if self.need_not_come(device, person, doc, digest, length, now)? {
            return Ok(AttachmentAnswer { received: length, stored: true });
        }
        let mut received = self.received(digest, device, length, now)?;
        // Only ever behind what is durable here, wherever the device believes that it is.
        if !request.bytes.is_empty() && request.offset == received {
            let end = received + request.bytes.len() as u64;
            if end > length {
                return Err(AttachmentError::Length);
            }
            self.blobs.append(digest, device, received, &request.bytes)?;
            let (digest, device, coming) = (*digest, *device, Coming { length, received: end });
            self.store.write(move |tx| tx.put_coming(&digest, &device, coming, now))?;
            received = end;
        }
        if received < length {
            return Ok(AttachmentAnswer { received, stored: false });
        }
        if !planted::is(Planted::AttachmentAcknowledgedEarly) {
            let sender = Sender { device: *device, person: person.clone(), at: now };
            self.finish(sender, doc, digest, length, media)?;
        }
        Ok(AttachmentAnswer { received: length, stored: true })
    }

    /// Whether its bytes are here and this case has a right to them: they were sent for it, or this device, which names it
    /// here, once sent them for another one.
    fn need_not_come(
        &self,
        device: &DeviceId,
        person: &PersonId,
        doc: &DocId,
        digest: &Digest,
        length: u64,
        now: Timestamp,
    ) -> Result<bool, AttachmentError> {
        let (known, attached, sent) = self
            .store
            .read(|view| Ok((view.attachment(digest)?, view.is_attached(digest, doc)?, view.has_sent(digest, device)?)))?;
        let Some(known) = known.filter(|known| known.length == length) else { return Ok(false) };
        // A row without its blob is a folder that was restored without it, or lost it: then it comes again.
        if !(attached || sent) || !self.can_be_given(digest, &known)? {
            return Ok(false);
        }
        if !attached {
            let (digest, doc) = (*digest, *doc);
            let sender = Sender { device: *device, person: person.clone(), at: now };
            self.store.write(move |tx| tx.attach(&digest, &doc, &sender))?;
        }
        Ok(true)
    }

    /// For who sees the case and may not attach to it: what is named, and whether its bytes are here. If they were and are
    /// not any more, whoever has them may give them back: they are held against the digest.
    fn of_onlooker(
        &self,
        person: &PersonId,
        doc: &DocId,
        digest: &Digest,
        length: u64,
    ) -> Result<(Named, bool), AttachmentError> {
        let known = self.attached(doc, digest)?.filter(|known| known.length == length).ok_or(AttachmentError::Unknown)?;
        let named = self.named(doc, digest, |seen| seen.sees(person))?.ok_or(AttachmentError::Unknown)?;
        Ok((named, self.can_be_given(digest, &known)?))
    }

    /// What a revoked device may still send: what its person's event in the case names, or one of its changes kept aside.
    fn of_revoked(&self, device: &DeviceId, person: &PersonId, doc: &DocId, digest: &Digest) -> Result<Named, AttachmentError> {
        match self.may_send(person, doc, digest) {
            Err(AttachmentError::Unknown) => {}
            named => return named,
        }
        let key = (*doc, *digest, Some(*device));
        if let Some(known) = self.remembered(&key) {
            return Ok(known);
        }
        let named = named_aside(&self.store, device, person, doc, digest)?.ok_or(AttachmentError::Unknown)?;
        self.remember(key, &named);
        Ok(named)
    }

    /// What it is and whether so much of it is kept: whatever a policy ever allowed, for it may be the only one there is.
    fn kept_of_revoked(
        &self,
        device: &DeviceId,
        since: Timestamp,
        named: &Named,
        length: u64,
    ) -> Result<Media, AttachmentError> {
        let media = Media::from_name(&named.media).ok_or(AttachmentRefusal::Type)?;
        let most = if named.length.is_some() { u64::from(KIB_MAX) << 10 } else { PREVIEW_MAX };
        if length == 0 {
            return Err(AttachmentRefusal::Empty.into());
        }
        if length > most {
            return Err(AttachmentRefusal::TooLarge.into());
        }
        if named.length.is_some_and(|said| said != length) {
            return Err(AttachmentError::Length);
        }
        let before = self.store.read(|view| view.sent_since(device, since))?;
        if before.saturating_add(length) > REVOKED_BYTES_MAX { Err(AttachmentError::Crowded) } else { Ok(media) }
    }

    /// At most `most` bytes of an attachment from `from` on, for who sees a case that names it.
    pub fn give(
        &self,
        person: &PersonId,
        doc: &DocId,
        digest: &Digest,
        (from, most): (u64, u64),
        now: Timestamp,
    ) -> Result<Part, AttachmentError> {
        let may = |seen: &Seen<'_>| Ok(planted::is(Planted::AttachmentForAnybody) || seen.sees(person)?);
        let named = self.named(doc, digest, may)?.ok_or(AttachmentError::Unknown)?;
        let whole = self.attached(doc, digest)?.ok_or(AttachmentError::Absent)?;
        if from >= whole.length {
            return Err(AttachmentError::Range);
        }
        let bytes = self.part(digest, &whole, from, from.saturating_add(most).min(whole.length), now)?;
        Ok(Part { bytes, length: whole.length, media: named.media })
    }

    /// What is known of it, if it is here and somebody showed for this case that they had its bytes.
    fn attached(&self, doc: &DocId, digest: &Digest) -> Result<Option<Attachment>, StoreError> {
        self.store.read(|view| if view.is_attached(digest, doc)? { view.attachment(digest) } else { Ok(None) })
    }

    /// Everything is there: is it what was named? Then it is kept, and only then said to be.
    fn finish(&self, sender: Sender, doc: &DocId, digest: &Digest, length: u64, media: Media) -> Result<(), AttachmentError> {
        let device = &sender.device;
        let weighed = self.blobs.weigh(digest, device, length, SNIFF_BYTES)?;
        let wrong = if weighed.digest != *digest {
            Some(AttachmentError::Hash)
        } else if Media::sniff(&weighed.beginning) != Some(media) {
            Some(AttachmentRefusal::Type.into())
        } else {
            None
        };
        if let Some(wrong) = wrong {
            let (digest, device) = (*digest, *device);
            self.store.write(move |tx| tx.drop_coming(&digest, &device))?;
            self.blobs.discard(&digest, &device);
            return Err(wrong);
        }
        self.blobs.keep(digest, device, length)?;
        let attachment = Attachment { length, media: media.name().to_owned(), missing: false };
        let (name, case, from) = (*digest, *doc, *device);
        self.store.write(move |tx| tx.put_attachment(&name, &case, &attachment, &weighed.sums, &sender))?;
        self.blobs.discard(digest, &from);
        Ok(())
    }

    /// How far it is, by what is durable: the count, as far as the file goes.
    fn received(&self, digest: &Digest, device: &DeviceId, length: u64, now: Timestamp) -> Result<u64, AttachmentError> {
        let known = self.store.read(|view| view.coming(digest, device))?;
        if let Some(coming) = known.filter(|coming| coming.length == length) {
            let there = self.blobs.coming(digest, device);
            // A file shorter than its count was lost or put back without its end: from the beginning.
            return Ok(if there < coming.received { 0 } else { coming.received });
        }
        self.sweep(now)?;
        Ok(0)
    }

    /// Forgets a few uploads that nobody goes on with.
    fn sweep(&self, now: Timestamp) -> Result<(), AttachmentError> {
        let before = now.plus_ms(-ABANDONED_MS);
        for (digest, device) in self.store.write(move |tx| tx.drop_abandoned(before, SWEPT))? {
            self.blobs.discard(&digest, &device);
        }
        Ok(())
    }

    /// What it is and whether so much of it is accepted.
    fn accepted(&self, named: &Named, length: u64) -> Result<Media, AttachmentError> {
        let media = Media::from_name(&named.media).ok_or(AttachmentRefusal::Type)?;
        match named.length {
            Some(said) => {
                self.store.directory()?.policy.attachments().accept(media, said)?;
                if said != length {
                    return Err(AttachmentError::Length);
                }
            }
            None if length == 0 => return Err(AttachmentRefusal::Empty.into()),
            None if length > PREVIEW_MAX => return Err(AttachmentRefusal::TooLarge.into()),
            None => {}
        }
        Ok(media)
    }

    fn may_send(&self, person: &PersonId, doc: &DocId, digest: &Digest) -> Result<Named, AttachmentError> {
        self.named(doc, digest, |seen| seen.may_send(person, digest))?.ok_or(AttachmentError::Unknown)
    }

    /// What the case says of it, if the person may. Whether they may is asked each time; what it says never changes.
    fn named(
        &self,
        doc: &DocId,
        digest: &Digest,
        may: impl FnOnce(&Seen<'_>) -> Result<bool, StoreError>,
    ) -> Result<Option<Named>, AttachmentError> {
        let key = (*doc, *digest, None);
        let known = self.remembered(&key);
        let seen = Seen { store: &self.store, doc, known: known.as_ref() };
        if !may(&seen)? {
            return Ok(None);
        }
        if known.is_some() {
            return Ok(known);
        }
        let Some(named) = seen.state()?.and_then(|state| naming(&state, digest)) else { return Ok(None) };
        self.remember(key, &named);
        Ok(Some(named))
    }

    fn remembered(&self, key: &Naming) -> Option<Named> {
        self.names.lock().unwrap_or_else(PoisonError::into_inner).get(key).cloned()
    }

    fn remember(&self, key: Naming, named: &Named) {
        let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        if names.len() >= NAMES_KEPT {
            names.clear();
        }
        names.insert(key, named.clone());
    }

    fn lock(&self, digest: &Digest) -> Option<std::sync::MutexGuard<'_, ()>> {
        let place = usize::from(digest.as_bytes().first().copied().unwrap_or_default()) % LOCKS;
        self.locks.get(place).map(|lock| lock.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
