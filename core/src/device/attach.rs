//! Attaching: a photo, a recording, a scan becomes a durable file on this phone, and then an event of its case.
//!
//! What a camera puts in beside the picture is taken out before anything is stored, unless the worker says that it stays. The
//! long part, reading and sealing the bytes, is done without the desk: taps go on meanwhile. The server has no part in it.

use std::io::{Cursor, Read};

use super::{Desk, Device, DeviceError};
use crate::attachment::{AttachmentRefusal, Media, PREVIEW_MAX, SNIFF_BYTES, sealed_length, strip};
use crate::case::{Attached, Command};
use crate::environment::random;
use crate::id::{Digest, DocId};
use crate::store::{Meta, NewAttachment, StoredAttachment, Upload};
use crate::time::Timestamp;
use crate::view::CaseView;
use crate::words;

/// How something is attached.
#[derive(Debug, Clone, Copy, Default)]
pub struct Attaching<'a> {
    /// What it shows.
    pub caption: &'a str,
    /// Whether what a camera put in beside the picture stays: where it was taken, when, with what.
    pub keep_metadata: bool,
    /// A small picture of it that the host made: JPEG, at most [`PREVIEW_MAX`] bytes. Hosts have decoders of their own, held
    /// up to date by their makers; this core has none. Nothing beside the picture stays in it.
    pub preview: Option<&'a [u8]>,
}

/// An attachment of a case, for the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttachmentView {
    /// Its name.
    pub digest: Digest,
    /// Its media type.
    pub media: String,
    /// Its length, bytes.
    pub length: u64,
    /// What it shows.
    pub caption: String,
    /// Its small picture, where there is one: an attachment of its own.
    pub preview: Option<Digest>,
    /// Who attached it, by name.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// Whether its bytes are on this phone.
    pub here: bool,
    /// Where its upload from this phone stands.
    pub upload: Upload,
}

/// An attachment that the server has not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnsentAttachment {
    /// Its name.
    pub digest: Digest,
    /// Its media type.
    pub media: String,
    /// Its length, bytes.
    pub length: u64,
    /// How far the server has it.
    pub sent: u64,
    /// Whether the server said no: then it stays here until somebody decides.
    pub refused: bool,
    /// Why it was refused or what it waits for, as a stable code; none: for its turn.
    pub code: Option<String>,
    /// The same in words.
    pub words: Option<String>,
}

impl Device {
    /// Attaches what `source` gives to a case. Its file and its event are on disk when this returns; refused, nothing is.
    pub fn attach(&self, case: DocId, source: &mut dyn Read, attaching: &Attaching<'_>) -> Result<CaseView, DeviceError> {
        let Attaching { caption, keep_metadata, preview } = *attaching;
        let (rules, blobs) = {
            let desk = self.desk();
            (desk.directory.policy.attachments(), desk.store.blobs()?)
        };
        let unreadable = |cause: std::io::Error| DeviceError::Source(cause.kind());
        let mut beginning = Vec::with_capacity(SNIFF_BYTES);
        (&mut *source).take(SNIFF_BYTES as u64).read_to_end(&mut beginning).map_err(unreadable)?;
        let media = rules.kind(&beginning)?;
        let most = rules.bytes_max(media).ok_or(AttachmentRefusal::Type)?;
        let command = |digest, length, preview| {
            let (media, caption) = (media.name().to_owned(), caption.to_owned());
            Command::Attach { digest, media, length, caption, preview }
        };
        // Before a long recording is read: may they?
        self.would(case, &command(Digest::from_bytes([0; 32]), 0, None))?;
        let preview = preview.map(|preview| self.preview(preview)).transpose()?;
        let mut whole = Cursor::new(beginning).chain(source);
        let prefix = random(&*self.host.entropy);
        let written = if media.is_image() && !keep_metadata {
            let mut picture = Vec::new();
            whole.take(most + 1).read_to_end(&mut picture).map_err(unreadable)?;
            if picture.len() as u64 > most {
                return Err(AttachmentRefusal::TooLarge.into());
            }
            let stripped = strip(media, picture)?;
            blobs.write(&mut stripped.bytes.as_slice(), prefix, most)?
        } else {
            blobs.write(&mut whole, prefix, most)?
        };
        let written = written.ok_or(AttachmentRefusal::TooLarge)?;
        let named = preview.as_ref().map(|preview| preview.written.digest());
        let command = command(written.digest(), written.length(), named);
        let new: Vec<_> = preview.into_iter().chain([NewAttachment { written, media }]).collect();
        let mut desk = self.desk();
        let open = desk.open_case(case)?;
        desk.tap_case_attaching(&self.host, case, Some(open), &command, &new)?;
        desk.compact(case)?;
        desk.case_view(&self.host, case)
    }

    /// A preview as a file without a name.
    fn preview(&self, bytes: &[u8]) -> Result<NewAttachment, DeviceError> {
        if Media::sniff(bytes) != Some(Media::Jpeg) {
            return Err(AttachmentRefusal::Type.into());
        }
        let stripped = strip(Media::Jpeg, bytes.to_vec())?;
        let blobs = self.desk().store.blobs()?;
        let written = blobs.write(&mut stripped.bytes.as_slice(), random(&*self.host.entropy), PREVIEW_MAX)?;
        Ok(NewAttachment { written: written.ok_or(AttachmentRefusal::TooLarge)?, media: Media::Jpeg })
    }

    /// The attachments of a case, in the order in which they were attached.
    pub fn attachments(&self, case: DocId) -> Result<Vec<AttachmentView>, DeviceError> {
        let mut desk = self.desk();
        let open = desk.open_case(case)?;
        let found = open.state.attachments.iter().map(|(written, attached)| {
            let Attached { digest, media, length, caption, preview } = attached.clone();
            let stored = desk.store.attachment(&digest)?;
            let by = desk.directory.person_name(&written.by).to_owned();
            let here = stored.as_ref().is_some_and(|stored| stored.here);
            let upload = stored.map_or(Upload::None, |stored| stored.upload);
            Ok(AttachmentView { digest, media, length, caption, preview, by, at: written.stamp.time.wall(), here, upload })
        });
        let found = found.collect();
        desk.loaded.put(case, open);
        found
    }

    /// Gives an attachment's bytes to `sink`, chunk by chunk. An error at the end says that they are not what was attached,
    /// and what was given must not be used.
    pub fn attachment_bytes(
        &self,
        digest: &Digest,
        sink: &mut dyn FnMut(&[u8]) -> std::io::Result<()>,
    ) -> Result<(), DeviceError> {
        let (stored, blobs) = {
            let desk = self.desk();
            (desk.store.attachment(digest)?, desk.store.blobs()?)
        };
        let stored = stored.filter(|stored| stored.here).ok_or(DeviceError::NotFound)?;
        Ok(blobs.copy(digest, stored.length, sink)?)
    }

    /// Every attachment that the server has not: the next one to go first, refused ones at the end.
    pub fn unsent_attachments(&self) -> Result<Vec<UnsentAttachment>, DeviceError> {
        self.desk().unsent_attachments(self.lang())
    }

    /// A refused attachment is to be tried once more, for instance after the administrator changed the policy.
    pub fn retry_attachment(&self, digest: &Digest) -> Result<bool, DeviceError> {
        Ok(self.desk().store.retry_upload(digest)?)
    }
}

impl Desk {
    /// Files that no row knows: the ones that a case here names are adopted (the database was made anew, its cases came back,
    /// and nobody else may have the photo); the others go, but not before this database has once been in step with the
    /// server, for until then their cases may still come.
    pub(super) fn adopt_attachments(&mut self) -> Result<(), DeviceError> {
        let unclaimed = self.store.unclaimed_attachments().to_vec();
        if unclaimed.is_empty() {
            return Ok(());
        }
        let mut all_read = true;
        for case in self.store.cases()? {
            // What a case names that can't be read now nobody knows before it was fetched again.
            let Ok(open) = self.open_case(case) else {
                all_read = false;
                continue;
            };
            for (_, attached) in &open.state.attachments {
                for (digest, sealed) in &unclaimed {
                    if attached.digest == *digest && sealed_length(attached.length) == *sealed {
                        self.store.adopt_attachment(&case, digest, &attached.media, attached.length)?;
                    }
                }
            }
        }
        if all_read && self.store.meta(Meta::Synced)?.is_some() && !self.may_be_named(&unclaimed)? {
            self.store.drop_unclaimed_attachments();
        }
        Ok(())
    }

    /// Whether a command that was set aside, or a piece of a damaged database, could name one of these when it is done again.
    fn may_be_named(&self, unclaimed: &[(Digest, u64)]) -> Result<bool, DeviceError> {
        let names = |bytes: &[u8]| {
            let any = |(digest, _): &(Digest, u64)| bytes.windows(digest.as_bytes().len()).any(|at| at == digest.as_bytes());
            unclaimed.iter().any(any)
        };
        let aside = self.store.set_aside()?.iter().any(|aside| names(&aside.command));
        let pieces = self.store.pieces()?;
        Ok(aside || pieces.iter().any(|piece| piece.command.as_deref().is_some_and(names) || piece.bytes.is_some()))
    }

    pub(super) fn unsent_attachments(&self, lang: words::Lang) -> Result<Vec<UnsentAttachment>, DeviceError> {
        let told = |stored: StoredAttachment| {
            let (sent, refused, code) = match stored.upload {
                Upload::Waiting { sent, code } => (sent, false, code),
                Upload::Refused { code } => (0, true, Some(code)),
                Upload::None | Upload::Stored => (0, false, None),
            };
            let sentence = |code: &String| words::device_sentence(code, lang).unwrap_or(code).to_owned();
            UnsentAttachment {
                digest: stored.digest,
                media: stored.media,
                length: stored.length,
                sent,
                refused,
                words: code.as_ref().map(sentence),
                code,
            }
        };
        Ok(self.store.unsent_attachments()?.into_iter().map(told).collect())
    }
}

#[cfg(test)]
mod tests {
    use crate::words::{self, Lang};

    #[test]
    fn every_code_that_an_attachment_can_come_to_has_words_in_both_languages() {
        for code in [
            "attachment_type",
            "attachment_too_large",
            "attachment_empty",
            "attachment_damaged",
            "attachment_source",
            "attachment_sealed",
            "attachment_no_key",
            "attachment_unknown",
            "attachment_absent",
            "attachment_missing",
            "attachment_length",
            "attachment_hash",
            "attachment_lost",
            "attachment_range",
            "attachment_stalled",
            "attachment_answer",
        ] {
            assert!(words::device_sentence(code, Lang::Zh).is_some_and(|words| words.ends_with('。')), "{code}");
            assert!(words::device_sentence(code, Lang::En).is_some_and(|words| words.ends_with('.')), "{code}");
        }
    }
}
