//! What a change does, operation by operation, held against what it may do: begin a document, append to its log, edit its
//! texts. Pure; whether the elements it points at in its past exist is asked of whoever knows.

use super::GuardError;
use super::chunk::Header;
use super::operation::{Action, Key, OpRef, Operation, Scalar};
use crate::case::TextName;
use crate::document::schema::{self, KEY_DOC, KEY_KIND, KEY_LOG, KEY_VERSION, LOG_OP, VERSION};
use crate::id::{ActorId, DocId, DocKind};

/// What a change adds.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Added<'a> {
    /// Bytes of the new log elements.
    pub(super) entries: Vec<&'a [u8]>,
    /// Texts it touches.
    pub(super) texts: Vec<TextName>,
}

/// The past that a change points into.
pub(super) trait Ground {
    /// Who made the document.
    fn founder(&self) -> ActorId;
    /// Whether this operation is in the past.
    fn has(&self, actor: &ActorId, counter: u64) -> bool;
}

/// Checks a change on top of `ground`; without one, a change that begins the document.
pub(super) fn check<'a>(
    header: &'a Header,
    doc: DocId,
    kind: DocKind,
    ground: Option<&dyn Ground>,
) -> Result<Added<'a>, GuardError> {
    let founder = ground.map_or(header.actor, Ground::founder);
    let begun = if ground.is_some() { 0 } else { begin(&header.operations, doc, kind)? };
    // The objects' ids never change: see `schema`.
    let target = |reference: OpRef| {
        if header.actors[reference.actor] != founder {
            return None;
        }
        let at = usize::try_from(reference.counter.checked_sub(LOG_OP)?).ok()?;
        (at <= schema::texts(kind).len()).then_some(at)
    };
    let mut added = Added::default();
    for (at, operation) in header.operations.iter().enumerate().skip(begun) {
        let object = operation.object.and_then(target).ok_or(GuardError::NotAppendOnly)?;
        // An element of this very change stands earlier in it, in the same object; one of the past is there.
        let there = |reference: OpRef| {
            if reference.actor == 0 && reference.counter >= header.start_op {
                let earlier = usize::try_from(reference.counter - header.start_op).ok().filter(|n| (begun..at).contains(n));
                earlier.map(|n| &header.operations[n]).is_some_and(|op| op.insert && op.object == operation.object)
            } else {
                reference.counter < header.start_op
                    && ground.is_some_and(|past| past.has(&header.actors[reference.actor], reference.counter))
            }
        };
        let placed = match operation.key {
            Key::Property(_) => false,
            Key::Start => operation.insert,
            Key::Element(reference) => there(reference),
        };
        if !placed {
            return Err(GuardError::NotAppendOnly);
        }
        let inserted = operation.insert && operation.action == Action::Put && operation.replaces.is_empty();
        match (object.checked_sub(1).map(|n| schema::texts(kind)[n]), &operation.value) {
            (None, Scalar::Bytes(bytes)) if inserted => added.entries.push(bytes),
            (Some(name), Scalar::Text(text)) if inserted && text.chars().count() == 1 => touch(&mut added.texts, name),
            (Some(name), Scalar::Null) if deleted(operation) => touch(&mut added.texts, name),
            _ => return Err(GuardError::NotAppendOnly),
        }
    }
    Ok(added)
}

/// The log elements that a change adds to a document of this founder, or (none) with which it begins one. Its shape is
/// checked; the past that it points into is taken to be there.
pub(in crate::document) fn entries(
    header: &Header,
    doc: DocId,
    kind: DocKind,
    founder: Option<ActorId>,
) -> Result<Vec<&[u8]>, GuardError> {
    struct Believed(ActorId);
    impl Ground for Believed {
        fn founder(&self) -> ActorId {
            self.0
        }
        fn has(&self, _: &ActorId, _: u64) -> bool {
            true
        }
    }
    let ground = founder.map(Believed);
    Ok(check(header, doc, kind, ground.as_ref().map(|ground| ground as &dyn Ground))?.entries)
}

fn touch(texts: &mut Vec<TextName>, name: TextName) {
    if !texts.contains(&name) {
        texts.push(name);
    }
}

/// Whether it takes away exactly the character it points at.
fn deleted(operation: &Operation) -> bool {
    let Key::Element(element) = operation.key else { return false };
    !operation.insert && operation.action == Action::Delete && operation.replaces == [element]
}

/// Checks the operations that make a document, exactly those of [`schema::Layout::create`]; their number.
fn begin(operations: &[Operation], doc: DocId, kind: DocKind) -> Result<usize, GuardError> {
    let texts = schema::texts(kind);
    let keys = [KEY_VERSION, KEY_DOC, KEY_KIND, KEY_LOG].into_iter().chain(texts.iter().map(|name| name.key()));
    let made = 4 + texts.len();
    if operations.len() < made {
        return Err(GuardError::NotAppendOnly);
    }
    for (operation, key) in operations.iter().zip(keys) {
        let plain = operation.object.is_none() && !operation.insert && operation.replaces.is_empty();
        if !plain || operation.key != Key::Property(key.into()) {
            return Err(GuardError::NotAppendOnly);
        }
        match (key, operation.action, &operation.value) {
            (KEY_VERSION, Action::Put, Scalar::Int(VERSION)) | (KEY_LOG, Action::MakeList, Scalar::Null) => {}
            (KEY_DOC, Action::Put, Scalar::Bytes(id)) if id == doc.as_bytes() => {}
            (KEY_KIND, Action::Put, Scalar::Text(name)) if name == kind.name() => {}
            (KEY_DOC, Action::Put, Scalar::Bytes(_)) | (KEY_KIND, Action::Put, Scalar::Text(_)) => {
                return Err(GuardError::WrongKind);
            }
            (KEY_VERSION | KEY_DOC | KEY_KIND | KEY_LOG, ..) => return Err(GuardError::NotAppendOnly),
            (_, Action::MakeText, Scalar::Null) => {}
            _ => return Err(GuardError::NotAppendOnly),
        }
    }
    Ok(made)
}
