//! Attachments coming in and going out: for whom, under which case, how far, and whether the bytes are what was named.
//!
//! A case names its attachments; nothing else gives anybody a right to one. Who sees the case may have them; who may attach
//! to it, or wrote the event that names one, may send its bytes. To everybody else there is no such attachment. And naming
//! alone is not enough, or whoever knows a digest could have its bytes by way of a case of their own: it counts for a case
//! once a device sent all of its bytes for it. A device that once sent them need not do so for its next case. No HTTP
//! here and no SQL. What is acknowledged is durable: a piece once its file and its count are, the whole once its digest
//! was found right, its blob is durable, and its row is committed, in this order.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use doorstep_core::attachment::{AttachmentRefusal, Media, PART, PREVIEW_MAX, SNIFF_BYTES};
use doorstep_core::case::{self, CaseState, Event, Origin, Setting};
use doorstep_core::document::Document;
use doorstep_core::id::{DeviceId, Digest, DocId, DocKind, PersonId};
use doorstep_core::planted::{self, Planted};
use doorstep_core::sync::{AttachmentAnswer, AttachmentRequest};
use doorstep_core::time::{DAY_MS, Timestamp};

use crate::blobs::{BlobError, Blobs};
use crate::pull;
use crate::store::{Attachment, Coming, Sender, Store, StoreError};

/// After so long without a piece an upload is forgotten; the phone then sends it from its beginning. A holiday.
const ABANDONED_MS: i64 = 14 * DAY_MS;
/// Forgotten uploads swept at once: each new upload pays for a few old ones.
const SWEPT: u64 = 8;
/// Names remembered, so that the next piece need not read the case again. What a case once named it always names.
const NAMES_KEPT: usize = 4_096;
/// Attachments that are worked on side by side; two that share a place wait for each other.
const LOCKS: usize = 64;

/// Why not.
#[derive(Debug, thiserror::Error)]
pub enum AttachmentError {
    /// There is none for this person.
    #[error("there is no such attachment")]
    Unknown,
    /// Its bytes have not come yet.
    #[error("its bytes have not come yet")]
    Absent,
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

/// What a case says of an attachment.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Named {
    media: String,
    /// None: a preview, of which the case says only the digest.
    length: Option<u64>,
    by: PersonId,
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

/// Attachments over a store and its blobs.
pub struct Attachments {
    store: Store,
    blobs: Blobs,
    names: Mutex<HashMap<(DocId, Digest), Named>>,
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
        let named = match self.may_send(person, doc, digest) {
            // Whoever only looks asks too, after this server was restored; what it has it need not be sent.
            Err(AttachmentError::Unknown) if self.has_for(person, doc, digest, request.length)? => {
                return Ok(AttachmentAnswer { received: request.length, stored: true });
            }
            named => named?,
        };
        let media = self.accepted(&named, request.length)?;
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
        let known = known.is_some_and(|known| known.length == length);
        // A row without its blob is a folder that was restored without it: then it comes again.
        if !known || !(attached || sent) || !self.blobs.has(digest, length)? {
            return Ok(false);
        }
        if !attached {
            let (digest, doc) = (*digest, *doc);
            let sender = Sender { device: *device, person: person.clone(), at: now };
            self.store.write(move |tx| tx.attach(&digest, &doc, &sender))?;
        }
        Ok(true)
    }

    /// Whether it is here with this length under a case that the person sees.
    fn has_for(&self, person: &PersonId, doc: &DocId, digest: &Digest, length: u64) -> Result<bool, AttachmentError> {
        let known = self.attached(doc, digest)?.is_some_and(|known| known.length == length);
        Ok(known && self.named(doc, digest, |seen| seen.sees(person))?.is_some() && self.blobs.has(digest, length)?)
    }

    /// At most `most` bytes of an attachment from `from` on, for who sees a case that names it.
    pub fn give(&self, person: &PersonId, doc: &DocId, digest: &Digest, from: u64, most: u64) -> Result<Part, AttachmentError> {
        let may = |seen: &Seen<'_>| Ok(planted::is(Planted::AttachmentForAnybody) || seen.sees(person)?);
        let named = self.named(doc, digest, may)?.ok_or(AttachmentError::Unknown)?;
        let whole = self.attached(doc, digest)?.ok_or(AttachmentError::Absent)?;
        if from >= whole.length {
            return Err(AttachmentError::Range);
        }
        let bytes = match self.blobs.read(digest, from, from.saturating_add(most).min(whole.length)) {
            Err(BlobError::Missing) => return Err(AttachmentError::Absent),
            read => read?,
        };
        Ok(Part { bytes, length: whole.length, media: named.media })
    }

    /// What is known of it, if it is here and somebody showed for this case that they had its bytes.
    fn attached(&self, doc: &DocId, digest: &Digest) -> Result<Option<Attachment>, StoreError> {
        self.store.read(|view| if view.is_attached(digest, doc)? { view.attachment(digest) } else { Ok(None) })
    }

    /// Everything is there: is it what was named? Then it is kept, and only then said to be.
    fn finish(&self, sender: Sender, doc: &DocId, digest: &Digest, length: u64, media: Media) -> Result<(), AttachmentError> {
        let device = &sender.device;
        let (actual, beginning) = self.blobs.weigh(digest, device, length, SNIFF_BYTES)?;
        let wrong = if actual != *digest {
            Some(AttachmentError::Hash)
        } else if Media::sniff(&beginning) != Some(media) {
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
        let attachment = Attachment { length, media: media.name().to_owned() };
        let (name, case, from) = (*digest, *doc, *device);
        self.store.write(move |tx| tx.put_attachment(&name, &case, &attachment, &sender))?;
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
        let known = self.names.lock().unwrap_or_else(PoisonError::into_inner).get(&(*doc, *digest)).cloned();
        let seen = Seen { store: &self.store, doc, known: known.as_ref() };
        if !may(&seen)? {
            return Ok(None);
        }
        if known.is_some() {
            return Ok(known);
        }
        let Some(named) = seen.state()?.and_then(|state| naming(&state, digest)) else { return Ok(None) };
        let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        if names.len() >= NAMES_KEPT {
            names.clear();
        }
        names.insert((*doc, *digest), named.clone());
        Ok(Some(named))
    }

    fn lock(&self, digest: &Digest) -> Option<std::sync::MutexGuard<'_, ()>> {
        let place = usize::from(digest.as_bytes().first().copied().unwrap_or_default()) % LOCKS;
        self.locks.get(place).map(|lock| lock.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// What a case says of this digest.
fn naming(state: &CaseState, digest: &Digest) -> Option<Named> {
    state.attachments.iter().find_map(|(written, attached)| {
        let by = written.by.clone();
        if attached.digest == *digest {
            Some(Named { media: attached.media.clone(), length: Some(attached.length), by })
        } else if attached.preview == Some(*digest) {
            Some(Named { media: Media::Jpeg.name().into(), length: None, by })
        } else {
            None
        }
    })
}

/// A document, as far as somebody may know of it.
struct Seen<'a> {
    store: &'a Store,
    doc: &'a DocId,
    known: Option<&'a Named>,
}

impl Seen<'_> {
    /// Whether the person sees the case.
    fn sees(&self, person: &PersonId) -> Result<bool, StoreError> {
        let keys = pull::keys(&*self.store.directory()?, person, |_| true);
        self.store.read(|view| {
            let Some(line) = view.doc(self.doc)?.filter(|line| line.kind == DocKind::Case) else { return Ok(false) };
            Ok(!keys.is_disjoint(&view.scopes_of(&line)?))
        })
    }

    /// Whether the person wrote the event that names it, or sees the case and may attach to it.
    fn may_send(&self, person: &PersonId, digest: &Digest) -> Result<bool, StoreError> {
        if self.known.is_some_and(|named| named.by == *person) {
            return Ok(true);
        }
        let Some(state) = self.state()? else { return Ok(false) };
        let named =
            state.attachments.iter().find(|(_, attached)| attached.digest == *digest || attached.preview == Some(*digest));
        let Some((written, attached)) = named else { return Ok(false) };
        if written.by == *person {
            return Ok(true);
        }
        let directory = self.store.directory()?;
        let Some(found) = directory.person(person) else { return Ok(false) };
        let setting = Setting { directory: &directory, person: found, case: *self.doc, origin: Origin::Arriving };
        Ok(self.sees(person)? && case::judge(&setting, &state, &Event::Attached(attached.clone())).is_ok())
    }

    fn state(&self) -> Result<Option<CaseState>, StoreError> {
        let bytes = self.store.read(|view| {
            let Some(line) = view.doc(self.doc)?.filter(|line| line.kind == DocKind::Case) else { return Ok(None) };
            Ok(Some(view.document(&line)?.bytes))
        })?;
        let Some(bytes) = bytes else { return Ok(None) };
        let document = Document::load(&bytes).map_err(|_| StoreError::Damaged)?;
        Ok(Some(case::fold(&document.log::<Event>().entries)))
    }
}
