//! Ledgers out of the phone: documents are read a few at a time, each becomes its lines, and nothing of it is kept.
//!
//! The desk is locked only while a few documents' bytes are read, so that taps go on while a ledger is written. What a lead,
//! a clerk or a supervisor exports is what their device holds.

use std::io::{self, Write};

use super::{Device, DeviceError};
use crate::day::Limits;
use crate::directory::{Directory, LedgerTemplate};
use crate::document::{Document, DocumentError, Log, glance, guard};
use crate::entry::Record;
use crate::id::{DocId, DocKind};
use crate::ledger::{self, Book, Format, Range, Setting, Sheet, sheet};
use crate::row::Row;
use crate::store::{Begun, Span, StoredDocument, Trust};
use crate::time::{Date, Hlc};
use crate::{case, visit};

/// Documents read under one lock: some ten milliseconds of a phone.
const PAGE: usize = 64;

/// What was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exported {
    /// Lines, headings not included.
    pub lines: u64,
    /// Documents that could not be read, or not whole. Each has a line that says so (in the monthly summary one line for all).
    pub unreadable: u64,
}

/// A document as it lies in the store.
struct Stored {
    doc: DocId,
    document: StoredDocument,
}

impl Device {
    /// The ledgers that can be exported: the shipped ones and the directory's, with titles and headings filled in.
    pub fn ledgers(&self) -> Vec<LedgerTemplate> {
        let titled = |template| ledger::titled(template, self.lang());
        ledger::templates(&self.directory()).into_iter().map(titled).collect()
    }

    /// Writes a ledger. What arrives while it is written may or may not be in it. After an error `to` holds a part that no
    /// program takes for whole only if it is a workbook or JSON; [`Device::export_to_file`] leaves no part at all.
    ///
    /// # Errors
    /// [`DeviceError::Ledger`]: no such template, or one that can't be used. [`DeviceError::Export`]: `to` took no more.
    pub fn export(&self, template: &str, format: Format, range: Range, to: &mut dyn Write) -> Result<Exported, DeviceError> {
        let directory = self.directory();
        let template = ledger::find(&directory, template)?;
        self.write_ledger(&directory, template, format, range, to)
    }

    /// Writes a ledger to a file: beside it first, and under its name only once it is whole and on disk. What stood under
    /// the name stays until then, and for good if anything goes wrong.
    #[cfg(not(target_family = "wasm"))]
    pub fn export_to_file(
        &self,
        template: &str,
        format: Format,
        range: Range,
        path: &std::path::Path,
    ) -> Result<Exported, DeviceError> {
        let directory = self.directory();
        let template = ledger::find(&directory, template)?;
        let part = Part::beside(path, &self.host.entropy)?;
        let mut to = io::BufWriter::with_capacity(64 << 10, &part.file);
        let exported = self.write_ledger(&directory, template, format, range, &mut to)?;
        to.flush().map_err(|error| DeviceError::Export(error.kind()))?;
        drop(to);
        part.becomes(path)?;
        Ok(exported)
    }

    fn write_ledger(
        &self,
        directory: &Directory,
        template: LedgerTemplate,
        format: Format,
        range: Range,
        to: &mut dyn Write,
    ) -> Result<Exported, DeviceError> {
        let failed = |error: io::Error| DeviceError::Export(error.kind());
        let limits = Limits::new(&directory.policy, &directory.calendar, &directory.orgs);
        let setting = Setting { directory, limits: &limits, lang: self.lang(), today: self.now().date() };
        let mut book = Book::new(template, setting, range)?;
        let head = book.head().clone();
        let mut sheet = sheet::begin(format, &head, to).map_err(failed)?;
        for kind in book.reads() {
            for span in spans(book.begun()) {
                let mut after = None;
                loop {
                    let (page, next) = self.page(*kind, span, after)?;
                    for stored in &page {
                        if !show(&mut book, stored, &mut *sheet).map_err(failed)? {
                            let row = self.known_of(stored)?;
                            book.unreadable_document(&row, &mut *sheet).map_err(failed)?;
                        }
                    }
                    match next {
                        Some(next) => after = Some(next),
                        None => break,
                    }
                }
            }
        }
        book.finish(&mut *sheet).map_err(failed)?;
        Ok(Exported { lines: book.lines(), unreadable: book.unreadable() })
    }

    /// Some documents, and the last of them if there may be more.
    fn page(&self, kind: DocKind, span: Span, after: Option<Begun>) -> Result<(Vec<Stored>, Option<Begun>), DeviceError> {
        let desk = self.open_desk()?;
        let begun = desk.store.begun(kind, span, after, PAGE)?;
        let mut page = Vec::with_capacity(begun.len());
        for Begun { doc, .. } in &begun {
            // It was there a moment ago, under this lock.
            if let Some(document) = desk.store.document(doc)? {
                page.push(Stored { doc: *doc, document });
            }
        }
        Ok((page, begun.last().copied()))
    }

    /// What the list knows of a document that can't be read.
    fn known_of(&self, stored: &Stored) -> Result<Row, DeviceError> {
        let row = self.open_desk()?.store.row(&stored.doc)?;
        Ok(row.unwrap_or_else(|| Row::unreadable(stored.doc, stored.document.kind)))
    }
}

/// The hybrid times to read: what began in these days, after what is not known to have begun at all.
fn spans((from, to): (Option<Date>, Option<Date>)) -> Vec<Span> {
    let first = |day: Date| Hlc(u64::try_from(day.start().0).unwrap_or(0) << 16);
    let to = to.map_or(Span::ALL.to, |day| Hlc(first(day.plus_days(1)).0.saturating_sub(1)));
    match from {
        Some(from) => vec![Span::UNKNOWN, Span { from: Hlc(first(from).0.max(1)), to }],
        None => vec![Span { from: Hlc(0), to }],
    }
}

/// Shows a document to the book. False: it can't be read.
fn show(book: &mut Book<'_>, stored: &Stored, sheet: &mut dyn Sheet) -> io::Result<bool> {
    let doc = stored.doc;
    match stored.document.kind {
        DocKind::Case => {
            let Ok(log) = read::<case::Event>(stored) else { return Ok(false) };
            let state = case::fold(&log.entries);
            book.case(doc, &state, log.unreadable.is_empty() && state.newer.is_empty(), sheet)?;
        }
        DocKind::Visit => {
            let Ok(log) = read::<visit::Event>(stored) else { return Ok(false) };
            let state = visit::fold(&log.entries);
            book.visit(doc, &state, log.unreadable.is_empty() && state.newer.is_empty(), sheet)?;
        }
        DocKind::Household => {}
    }
    Ok(true)
}

/// The document's log: by a glance where that is enough, else by loading it as a screen does.
fn read<E: Record>(stored: &Stored) -> Result<Log<E>, DocumentError> {
    let StoredDocument { bytes, kind, heads, trust, .. } = &stored.document;
    if !matches!(trust, Trust::Unreadable(_))
        && let Some(log) = glance(bytes, stored.doc, *kind, heads)
    {
        return Ok(log);
    }
    let document = match trust {
        Trust::Verified => Document::load(bytes)?,
        Trust::Unverified | Trust::Unreadable(_) => {
            guard::open(bytes, stored.doc, *kind).map_err(|_| DocumentError::Unloadable)?
        }
    };
    let same = document.id() == stored.doc && document.kind() == *kind;
    if same && heads.iter().all(|head| document.has(head)) { Ok(document.log()) } else { Err(DocumentError::Unloadable) }
}

/// A file beside the one that is wanted; gone unless it becomes that one.
#[cfg(not(target_family = "wasm"))]
struct Part {
    file: std::fs::File,
    path: std::path::PathBuf,
    whole: bool,
}

#[cfg(not(target_family = "wasm"))]
impl Part {
    fn beside(path: &std::path::Path, entropy: &std::sync::Arc<dyn crate::environment::Entropy>) -> Result<Self, DeviceError> {
        let failed = |error: io::Error| DeviceError::Export(error.kind());
        let name = path.file_name().ok_or(DeviceError::Export(io::ErrorKind::InvalidInput))?;
        let mut part = std::ffi::OsString::from(".");
        part.push(name);
        part.push(format!(".{:016x}.part", u64::from_be_bytes(crate::environment::random(&**entropy))));
        let path = path.with_file_name(part);
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create_new(true);
        // Names, telephone numbers and addresses: for the owner alone.
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&path).map_err(failed)?;
        Ok(Self { file, path, whole: false })
    }

    fn becomes(mut self, path: &std::path::Path) -> Result<(), DeviceError> {
        let put = self.file.sync_all().and_then(|()| std::fs::rename(&self.path, path));
        put.map_err(|error| DeviceError::Export(error.kind()))?;
        self.whole = true;
        Ok(())
    }
}

#[cfg(not(target_family = "wasm"))]
impl Drop for Part {
    fn drop(&mut self) {
        if !self.whole {
            // Nothing is to be done if it can't be removed: its name says what it is.
            let _ = std::fs::remove_file(&self.path);
        }
    }
}
