//! Attachments: photos, recordings, scans of a case. Kept offline, carried after the text, fetched when somebody looks.

use std::fs::File;
use std::io::{self, Cursor, Write as _};
use std::path::Path;
use std::sync::Arc;

use doorstep_core::device::{self, Attaching, Link, Upload};
use doorstep_core::id::Digest;
use doorstep_core::words::Lang as CoreLang;

use crate::device::Device;
use crate::errors::{DoorstepError, read};
use crate::lists::Ending;
use crate::views::CaseView;
use crate::work::{Cancellation, Stop, off_thread, on_a_thread};

/// Where an attachment's upload from this phone stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum UploadState {
    /// It came from the server, or is not here.
    None,
    /// The server does not have it yet, or not whole.
    Waiting,
    /// The server has it, durable.
    Stored,
    /// The server said no; the bytes stay here.
    Refused,
}

/// An attachment of a case.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Attachment {
    /// Its name: SHA-256 of its bytes.
    pub digest: String,
    /// Its media type, such as `image/jpeg`.
    pub media: String,
    /// Its length, bytes.
    pub length: u64,
    /// What it shows.
    pub caption: String,
    /// The digest of its small picture, where there is one: fetched like any other attachment of the case.
    pub preview: Option<String>,
    /// Who attached it, by name.
    pub by: String,
    /// When, milliseconds since 1970.
    pub at_ms: i64,
    /// Whether its bytes are on this phone.
    pub here: bool,
    /// Where its upload from this phone stands.
    pub upload: UploadState,
}

impl From<device::AttachmentView> for Attachment {
    fn from(view: device::AttachmentView) -> Self {
        let upload = match view.upload {
            Upload::None => UploadState::None,
            Upload::Waiting { .. } => UploadState::Waiting,
            Upload::Stored => UploadState::Stored,
            Upload::Refused { .. } => UploadState::Refused,
        };
        Self {
            digest: view.digest.to_string(),
            media: view.media,
            length: view.length,
            caption: view.caption,
            preview: view.preview.map(|digest| digest.to_string()),
            by: view.by,
            at_ms: view.at.0,
            here: view.here,
            upload,
        }
    }
}

/// An attachment that the server does not have.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct UnsentAttachment {
    /// Its name.
    pub digest: String,
    /// Its media type.
    pub media: String,
    /// Its length, bytes.
    pub length: u64,
    /// How far the server has it, bytes.
    pub sent: u64,
    /// Whether the server said no: then it stays here until somebody decides ([`Device::retry_attachment`]).
    pub refused: bool,
    /// Why it was refused or what it waits for, a permanent code; none: for its turn.
    pub code: Option<String>,
    /// The same in words.
    pub sentence: Option<String>,
}

/// What carrying attachments did. A server that can't be reached is no error: they wait.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct AttachmentReport {
    /// Whether it went to its end.
    pub done: bool,
    /// `done`, or the permanent code of what was in the way; `cancelled` where it was called off.
    pub code: String,
    /// One sentence for the screen; empty where there is nothing to say.
    pub sentence: String,
    /// When to try again, milliseconds from now; none: done, or trying again is no use.
    pub again_in_ms: Option<u64>,
    /// Attachments that the server has now.
    pub stored: u64,
    /// Attachments that came whole.
    pub fetched: u64,
    /// Attachments that were refused or are not there to be fetched.
    pub refused: u64,
    /// Attachments that wait for something: their case, a link that costs nothing.
    pub later: u64,
    /// Bytes of attachments sent.
    pub bytes_up: u64,
    /// Bytes of attachments received.
    pub bytes_down: u64,
}

impl AttachmentReport {
    fn of(report: &device::AttachmentReport, instead: Option<&str>, lang: CoreLang) -> Self {
        let Ending { done, code, sentence, again_in_ms } = Ending::of(&report.outcome, instead, lang);
        Self {
            done,
            sentence,
            code,
            again_in_ms,
            stored: report.stored,
            fetched: report.fetched,
            refused: report.refused.len() as u64,
            later: report.later.len() as u64,
            bytes_up: report.bytes.up,
            bytes_down: report.bytes.down,
        }
    }
}

#[uniffi::export]
impl Device {
    /// Attaches a file to a case. What it is, its bytes tell, not its name; what a camera put in beside a picture is taken out
    /// unless `keep_metadata`. `preview`: a small JPEG that the host made. The file at `path` may be removed afterwards.
    #[uniffi::method(default(caption = "", keep_metadata = false, preview = None))]
    pub async fn attach_file(
        self: Arc<Self>,
        case_id: String,
        path: String,
        caption: String,
        keep_metadata: bool,
        preview: Option<Vec<u8>>,
    ) -> Result<CaseView, DoorstepError> {
        off_thread(self.lang, move |_| {
            let mut file = File::open(path).map_err(|cause| self.error(&device::DeviceError::Source(cause.kind())))?;
            self.attach_from(&case_id, &mut file, &caption, keep_metadata, preview.as_deref())
        })
        .await
    }

    /// The same for bytes in memory; films had better be files.
    #[uniffi::method(default(caption = "", keep_metadata = false, preview = None))]
    pub async fn attach(
        self: Arc<Self>,
        case_id: String,
        bytes: Vec<u8>,
        caption: String,
        keep_metadata: bool,
        preview: Option<Vec<u8>>,
    ) -> Result<CaseView, DoorstepError> {
        off_thread(self.lang, move |_| {
            self.attach_from(&case_id, &mut Cursor::new(bytes), &caption, keep_metadata, preview.as_deref())
        })
        .await
    }

    /// The attachments of a case, in the order in which they were attached.
    pub fn attachments(&self, case_id: String) -> Result<Vec<Attachment>, DoorstepError> {
        let all = self.inner.attachments(self.doc(&case_id)?).map_err(|error| self.error(&error))?;
        Ok(all.into_iter().map(Into::into).collect())
    }

    /// Every attachment that the server does not have: the next one to go first, refused ones at the end.
    pub fn unsent_attachments(&self) -> Result<Vec<UnsentAttachment>, DoorstepError> {
        let all = self.inner.unsent_attachments().map_err(|error| self.error(&error))?;
        let told = |one: device::UnsentAttachment| UnsentAttachment {
            digest: one.digest.to_string(),
            media: one.media,
            length: one.length,
            sent: one.sent,
            refused: one.refused,
            code: one.code,
            sentence: one.words,
        };
        Ok(all.into_iter().map(told).collect())
    }

    /// Sends what waits, small ones first; for after a sync, also on a revoked phone, which can be wiped once nothing is left. On
    /// a `metered` link only what policy calls small goes. `cancellation` ends it at its next request: then the report says `cancelled`,
    /// and the next time goes on where it was.
    #[uniffi::method(default(cancellation = None))]
    pub async fn sync_attachments(
        self: Arc<Self>,
        metered: bool,
        cancellation: Option<Arc<Cancellation>>,
    ) -> Result<AttachmentReport, DoorstepError> {
        let stop = cancellation.map(|cancellation| cancellation.stop()).unwrap_or_default();
        on_a_thread(stop, self.lang, move |stop| self.carry(metered, stop)).await
    }

    /// Fetches an attachment of a case, or its small picture by that one's digest, unless it is here. `cancellation` as in
    /// [`Device::sync_attachments`].
    #[uniffi::method(default(cancellation = None))]
    pub async fn fetch_attachment(
        self: Arc<Self>,
        case_id: String,
        digest: String,
        cancellation: Option<Arc<Cancellation>>,
    ) -> Result<AttachmentReport, DoorstepError> {
        let stop = cancellation.map(|cancellation| cancellation.stop()).unwrap_or_default();
        on_a_thread(stop, self.lang, move |stop| self.fetch(&case_id, &digest, stop)).await
    }

    /// An attachment's bytes, which are here; checked against its name.
    pub async fn attachment_bytes(self: Arc<Self>, digest: String) -> Result<Vec<u8>, DoorstepError> {
        off_thread(self.lang, move |_| {
            let digest = read::<Digest>(&digest, self.lang)?;
            let mut bytes = Vec::new();
            let copied = self.inner.attachment_bytes(&digest, &mut |chunk| {
                bytes.extend_from_slice(chunk);
                Ok(())
            });
            copied.map(|()| bytes).map_err(|error| self.error(&error))
        })
        .await
    }

    /// Writes an attachment's bytes, which are here, to a new file: whole and checked against its name, or not at all.
    pub async fn save_attachment(self: Arc<Self>, digest: String, path: String) -> Result<(), DoorstepError> {
        off_thread(self.lang, move |_| self.save(&digest, Path::new(&path))).await
    }

    /// A refused attachment is to be tried once more. Whether there is one of this name.
    pub fn retry_attachment(&self, digest: String) -> Result<bool, DoorstepError> {
        let digest = read::<Digest>(&digest, self.lang)?;
        self.inner.retry_attachment(&digest).map_err(|error| self.error(&error))
    }
}

impl Device {
    fn attach_from(
        &self,
        case_id: &str,
        source: &mut dyn io::Read,
        caption: &str,
        keep_metadata: bool,
        preview: Option<&[u8]>,
    ) -> Result<CaseView, DoorstepError> {
        let attaching = Attaching { caption, keep_metadata, preview };
        let attached = self.inner.attach(self.doc(case_id)?, source, &attaching);
        attached.map(Into::into).map_err(|error| self.error(&error))
    }

    fn carry(&self, metered: bool, stop: &Stop) -> Result<AttachmentReport, DoorstepError> {
        let link = if metered { Link::Metered } else { Link::Unmetered };
        let carrier = self.carrier(stop)?;
        let report = self.inner.sync_attachments(&carrier, link).map_err(|error| self.carried(&carrier, &error))?;
        Ok(AttachmentReport::of(&report, self.instead(&carrier, report.outcome.code()), self.lang))
    }

    fn fetch(&self, case_id: &str, digest: &str, stop: &Stop) -> Result<AttachmentReport, DoorstepError> {
        let (case, digest) = (self.doc(case_id)?, read::<Digest>(digest, self.lang)?);
        let carrier = self.carrier(stop)?;
        let report = self.inner.fetch_attachment(&carrier, case, &digest).map_err(|error| self.carried(&carrier, &error))?;
        Ok(AttachmentReport::of(&report, self.instead(&carrier, report.outcome.code()), self.lang))
    }

    fn save(&self, digest: &str, path: &Path) -> Result<(), DoorstepError> {
        let digest = read::<Digest>(digest, self.lang)?;
        let mut file = File::create_new(path).map_err(|_| DoorstepError::file(self.lang))?;
        let copied = self.inner.attachment_bytes(&digest, &mut |chunk| file.write_all(chunk));
        let copied = copied.map_err(|error| self.error(&error));
        let kept = copied.and_then(|()| file.sync_all().map_err(|_: io::Error| DoorstepError::file(self.lang)));
        if kept.is_err() {
            // Bytes that are not what was attached are nobody's to open.
            let _ = std::fs::remove_file(path);
        }
        kept
    }
}
