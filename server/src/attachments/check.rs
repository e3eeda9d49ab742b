//! Whether blobs are still what they were: each part as it is given out, and all of them when an operator asks.
//!
//! What is missing or damaged is marked, never removed: from then on it is asked of the phones that have it, and the mark goes
//! when one of them has sent it or the whole turned out to be sound after all.

use doorstep_core::id::Digest;
use doorstep_core::time::Timestamp;

use super::{AttachmentError, Attachments};
use crate::blobs::{BlobError, SUMMED, is_summed};
use crate::store::{Attachment, StoreError};

/// Attachments looked up at once while all are checked.
const AT_ONCE: u64 = 100;

/// What a check of all blobs found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Checked {
    /// Whole and sound.
    pub sound: u64,
    /// Bytes of those.
    pub bytes: u64,
    /// Not there, or shorter or longer than they should be.
    pub missing: u64,
    /// There, and not what their name says.
    pub damaged: u64,
    /// Of the sound ones, those that were marked as lost before.
    pub back: u64,
}

impl Attachments {
    /// Reads every blob and holds it against its name; marks what is lost, and takes marks away from what is sound.
    pub fn check(&self, now: Timestamp) -> Result<Checked, AttachmentError> {
        let (mut checked, mut last) = (Checked::default(), Digest::from_bytes([0; 32]));
        loop {
            let some = self.store.read(|view| view.attachments_behind(&last, AT_ONCE))?;
            let Some((digest, _)) = some.last() else { return Ok(checked) };
            last = *digest;
            for (digest, known) in some {
                let _one_at_a_time = self.lock(&digest);
                match self.weighed(&digest, known.length)? {
                    Found::Sound(sums) => {
                        checked.sound += 1;
                        checked.bytes += known.length;
                        checked.back += u64::from(known.missing);
                        self.is_sound(&digest, sums)?;
                    }
                    found => {
                        *(if found == Found::Missing { &mut checked.missing } else { &mut checked.damaged }) += 1;
                        self.is_lost(&digest, now)?;
                    }
                }
            }
        }
    }

    /// So many bytes of it, each known to be what was sent; if they are not, it is marked.
    pub(super) fn part(
        &self,
        digest: &Digest,
        known: &Attachment,
        from: u64,
        to: u64,
        now: Timestamp,
    ) -> Result<Vec<u8>, AttachmentError> {
        if known.missing {
            return Err(AttachmentError::Missing);
        }
        let sums = match self.store.read(|view| view.sums(digest))? {
            Some(sums) => sums,
            // From before there were any: the whole is held against its name, once.
            None => match self.weighed(digest, known.length)? {
                Found::Sound(sums) => {
                    self.is_sound(digest, sums.clone())?;
                    sums
                }
                Found::Missing | Found::Damaged => return self.lost(digest, now),
            },
        };
        let first = from / SUMMED as u64;
        let begin = first * SUMMED as u64;
        let end = to.next_multiple_of(SUMMED as u64).min(known.length);
        let mut bytes = match self.blobs.read(digest, begin, end) {
            Ok(bytes) => bytes,
            Err(BlobError::Missing) => return self.lost(digest, now),
            // Shorter than its row says, it has no such range; anything else is the store's own trouble and may pass.
            Err(_) if !self.blobs.has(digest, known.length)? => return self.lost(digest, now),
            Err(error) => return Err(error.into()),
        };
        let whole = bytes.len() as u64 == end - begin;
        if !whole || !usize::try_from(first).is_ok_and(|first| is_summed(&sums, first, &bytes)) {
            return self.lost(digest, now);
        }
        bytes.truncate(usize::try_from(to - begin).unwrap_or(usize::MAX));
        bytes.drain(..usize::try_from(from - begin).unwrap_or_default());
        Ok(bytes)
    }

    /// Whether its blob is there and may be counted on: by its length, or by its bytes if it was once found lost.
    pub(super) fn can_be_given(&self, digest: &Digest, known: &Attachment) -> Result<bool, AttachmentError> {
        if !known.missing {
            return Ok(self.blobs.has(digest, known.length)?);
        }
        let Found::Sound(sums) = self.weighed(digest, known.length)? else { return Ok(false) };
        self.is_sound(digest, sums)?;
        Ok(true)
    }

    fn weighed(&self, digest: &Digest, length: u64) -> Result<Found, AttachmentError> {
        match self.blobs.weigh_whole(digest, length) {
            Ok(weighed) if weighed.digest == *digest => Ok(Found::Sound(weighed.sums)),
            Ok(_) => Ok(Found::Damaged),
            Err(BlobError::Missing) => Ok(Found::Missing),
            Err(error) => Err(error.into()),
        }
    }

    fn lost<T>(&self, digest: &Digest, now: Timestamp) -> Result<T, AttachmentError> {
        self.is_lost(digest, now)?;
        Err(AttachmentError::Missing)
    }

    fn is_lost(&self, digest: &Digest, now: Timestamp) -> Result<(), StoreError> {
        tracing::error!(%digest, "an attachment's blob is missing or damaged: phones that have it are asked for it");
        let digest = *digest;
        self.store.write(move |tx| tx.set_missing(&digest, Some(now)))
    }

    fn is_sound(&self, digest: &Digest, sums: Vec<u8>) -> Result<(), StoreError> {
        let (known, summed) = self.store.read(|view| Ok((view.attachment(digest)?, view.sums(digest)?.is_some())))?;
        // Mostly nothing is new, and nothing is written.
        if summed && known.is_none_or(|known| !known.missing) {
            return Ok(());
        }
        let digest = *digest;
        self.store.write(move |tx| {
            tx.put_sums(&digest, &sums)?;
            tx.set_missing(&digest, None)
        })
    }
}

/// What lies under a name.
#[derive(Debug, PartialEq, Eq)]
enum Found {
    /// What the name says, with the sums of its pieces.
    Sound(Vec<u8>),
    Missing,
    Damaged,
}
