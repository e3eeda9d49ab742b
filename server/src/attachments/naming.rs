//! Who names an attachment, and who may know: what a case says of a digest, and what a revoked device says that nobody has
//! taken in yet.

use std::panic::{AssertUnwindSafe, catch_unwind};

use doorstep_core::attachment::Media;
use doorstep_core::case::{self, CaseState, Event, Origin, Setting};
use doorstep_core::document::{Document, guard};
use doorstep_core::id::{DeviceId, Digest, DocId, DocKind, PersonId};

use crate::pull;
use crate::store::{Store, StoreError};

/// What a case says of an attachment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Named {
    pub(super) media: String,
    /// None: a preview, of which the case says only the digest.
    pub(super) length: Option<u64>,
    pub(super) by: PersonId,
}

/// What a case says of this digest.
pub(super) fn naming(state: &CaseState, digest: &Digest) -> Option<Named> {
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

/// What this revoked device says of it in changes of the case that are kept aside, in its person's own name.
pub(super) fn named_aside(
    store: &Store,
    device: &DeviceId,
    person: &PersonId,
    doc: &DocId,
    digest: &Digest,
) -> Result<Option<Named>, StoreError> {
    let aside = store.aside_of(doc, device)?;
    if aside.is_empty() {
        return Ok(None);
    }
    let mut bytes = store.row_and_bytes(doc)?.map(|stored| stored.bytes).unwrap_or_default();
    // Only what the guard would look at further is loaded at all.
    for one in aside.iter().filter(|one| one.kept.kind == DocKind::Case && guard::inspect(&one.kept.bytes).is_ok()) {
        bytes.extend_from_slice(&one.kept.bytes);
    }
    // Bytes of a stranger: what goes wrong in here names nothing.
    let read = || Some(naming(&case::fold(&Document::load(&bytes).ok()?.log::<Event>().entries), digest));
    let named = catch_unwind(AssertUnwindSafe(read)).ok().flatten().flatten();
    Ok(named.filter(|named| named.by == *person))
}

/// A document, as far as somebody may know of it.
pub(super) struct Seen<'a> {
    pub(super) store: &'a Store,
    pub(super) doc: &'a DocId,
    pub(super) known: Option<&'a Named>,
}

impl Seen<'_> {
    /// Whether the person sees the case.
    pub(super) fn sees(&self, person: &PersonId) -> Result<bool, StoreError> {
        let keys = pull::keys(&*self.store.directory()?, person, |_| true);
        self.store.read(|view| {
            let Some(line) = view.doc(self.doc)?.filter(|line| line.kind == DocKind::Case) else { return Ok(false) };
            Ok(!keys.is_disjoint(&view.scopes_of(&line)?))
        })
    }

    /// Whether the person wrote the event that names it, or sees the case and may attach to it.
    pub(super) fn may_send(&self, person: &PersonId, digest: &Digest) -> Result<bool, StoreError> {
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

    pub(super) fn state(&self) -> Result<Option<CaseState>, StoreError> {
        let bytes = self.store.read(|view| {
            let Some(line) = view.doc(self.doc)?.filter(|line| line.kind == DocKind::Case) else { return Ok(None) };
            Ok(Some(view.document(&line)?.bytes))
        })?;
        let Some(bytes) = bytes else { return Ok(None) };
        let document = Document::load(&bytes).map_err(|_| StoreError::Damaged)?;
        Ok(Some(case::fold(&document.log::<Event>().entries)))
    }
}
