//! A document from elsewhere, opened piece by piece: what a phone does with what it pulled, before anything is shown of it.
//!
//! The file is a save and changes behind it. Each piece is looked at in bounded memory, the save is loaded alone, and each
//! change goes through the guard by itself: its place among the others, its shape on top of exactly its declared past, and
//! then Automerge. At the end the outcome must come back from its own save with the log that was added up. Nothing is left out:
//! a phone can't mend what the server sent, so one bad piece makes the document unreadable, under that piece's code, and
//! only that document.

use std::collections::VecDeque;

use super::GuardError;
use super::admit::{check_numbers, proved};
use super::chunk::Header;
use super::shape::{self, Ground};
use crate::document::history::{History, Past};
use crate::document::{Document, DocumentError, file, shielded};
use crate::id::{ActorId, ChangeHash, DocId, DocKind};

/// Why a pulled document is not opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// A change in it is none that may be there.
    #[error(transparent)]
    Guard(#[from] GuardError),
    /// It can't be loaded, or is not ours.
    #[error(transparent)]
    Document(#[from] DocumentError),
}

impl Unfit {
    /// Its stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Guard(error) => error.code(),
            Self::Document(error) => error.code(),
        }
    }
}

/// The past of a change as a part of the document that is there: no scratch copy is needed to ask what is in it.
struct Within<'a> {
    document: &'a Document,
    past: &'a Past,
}

impl Ground for Within<'_> {
    fn founder(&self) -> ActorId {
        self.document.founder()
    }

    fn has(&self, actor: &ActorId, counter: u64) -> bool {
        let id = automerge::ObjId::Id(counter, actor.as_bytes().as_slice().into(), 0);
        let change = self.document.automerge.hash_for_opid(&id);
        change.is_some_and(|change| self.past.changes.contains(&ChangeHash::from_bytes(change.0)))
    }
}

/// The pulled document `doc`: one save or none, then changes. A restored server's save may stand before the one that was
/// here (`store::refetch`): of the second the changes count.
pub fn open(bytes: &[u8], doc: DocId, kind: DocKind) -> Result<Document, Unfit> {
    let pieces = file::pieces(bytes)?;
    let mut document: Option<Document> = None;
    let mut waiting: VecDeque<Header> = VecDeque::new();
    for piece in pieces {
        match piece {
            file::Piece::Change(header) => waiting.push_back(header),
            file::Piece::Save(bytes) => {
                let loaded = Document::load(bytes)?;
                if document.is_none() {
                    document = Some(loaded);
                } else {
                    for change in loaded.changes()? {
                        waiting.push_back(super::inspect(&change.bytes)?);
                    }
                }
            }
        }
    }
    if document.as_ref().is_some_and(|document| document.id() != doc || document.kind() != kind) {
        return Err(GuardError::WrongKind.into());
    }
    let joined = shielded(|| Ok(join_all(document, waiting, doc, kind)));
    joined.unwrap_or(Err(GuardError::Panicked))?.ok_or(Unfit::Document(DocumentError::Unloadable))
}

/// Lets them join, each when what it builds on is there: an own change that is unsent here may be known elsewhere already.
fn join_all(
    mut document: Option<Document>,
    mut waiting: VecDeque<Header>,
    doc: DocId,
    kind: DocKind,
) -> Result<Option<Document>, GuardError> {
    let before = document.as_ref().map(Document::raw_log).unwrap_or_default();
    let mut added: Vec<Vec<u8>> = Vec::new();
    let mut joined = false;
    let mut idle = 0;
    while let Some(header) = waiting.pop_front() {
        match check_numbers(document.as_ref(), &header) {
            Err(GuardError::Known) => idle = 0,
            Err(GuardError::MissingDependency(missing)) => {
                idle += 1;
                waiting.push_back(header);
                if idle > waiting.len() {
                    return Err(GuardError::MissingDependency(missing));
                }
            }
            Err(other) => return Err(other),
            Ok(past) => {
                let entries = join(&mut document, &past, &header, doc, kind)?;
                added.extend(entries);
                joined = true;
                idle = 0;
            }
        }
    }
    let (true, Some(document)) = (joined, document.as_ref()) else { return Ok(document) };
    let added: Vec<&[u8]> = added.iter().map(Vec::as_slice).collect();
    proved(&document.automerge, document.history.clone(), before, &added).map(Some)
}

/// Lets one join; what it adds to the log.
fn join(
    document: &mut Option<Document>,
    past: &Past,
    header: &Header,
    doc: DocId,
    kind: DocKind,
) -> Result<Vec<Vec<u8>>, GuardError> {
    let within = document.as_ref().map(|document| Within { document, past });
    let shape = shape::check(header, doc, kind, within.as_ref().map(|within| within as &dyn Ground))?;
    let entries = shape.entries.iter().map(|entry| entry.to_vec()).collect();
    let (automerge, history) = match document.take() {
        None => (automerge::Automerge::new(), History::default()),
        Some(Document { automerge, history, .. }) => (automerge, history),
    };
    let after = super::admit::applied(automerge, header)?;
    *document = Some(Document::with(after, history.and(header)).map_err(|_| GuardError::Unloadable)?);
    Ok(entries)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::Event;
    use crate::document::guard::forge::Forged;
    use crate::document::tests::{DOC, actor, new_case, notes};
    use crate::document::{NewChange, Writing};

    fn opened(bytes: &[u8]) -> Result<Document, Unfit> {
        open(bytes, DOC, DocKind::Case)
    }

    fn refused(bytes: &[u8]) -> &'static str {
        opened(bytes).map_or_else(|unfit| unfit.code(), |_| "opened")
    }

    fn note(document: &Document, who: u8) -> (Document, NewChange) {
        document.write(actor(who), &notes(u64::from(who) << 20, who.into(), "一句")).unwrap()
    }

    #[test]
    fn it_opens_as_loading_at_once_does() {
        let (begun, first) = new_case();
        let (one, a) = note(&begun, 2);
        let (_, b) = note(&begun, 3);
        let (_, c) = one.write(actor(2), &notes(9 << 20, 2, "再一句")).unwrap();
        let files = [
            begun.save(),
            first.bytes.clone(),
            [begun.save(), a.bytes.clone(), b.bytes.clone(), c.bytes.clone()].concat(),
            [first.bytes, b.bytes.clone(), a.bytes.clone(), c.bytes.clone()].concat(),
            [one.save(), a.bytes.clone(), b.bytes.clone()].concat(),
        ];
        for file in files {
            let (here, there) = (opened(&file).unwrap(), Document::load(&file).unwrap());
            assert_eq!((here.heads(), here.digest()), (there.heads(), there.digest()));
        }
        // What builds on another may stand before it.
        let turned = opened(&[begun.save(), c.bytes, b.bytes, a.bytes].concat()).unwrap();
        assert_eq!(turned.heads().len(), 2);
    }

    #[test]
    fn a_restored_servers_save_and_the_one_that_was_here_are_one_document() {
        let (begun, _) = new_case();
        let (older, a) = note(&begun, 2);
        let (newer, b) = older.write(actor(3), &notes(5 << 20, 3, "丢失的")).unwrap();
        let (_, c) = newer.write(actor(4), &notes(6 << 20, 4, "未传的")).unwrap();
        let both = [older.save(), newer.save(), a.bytes, c.bytes.clone()].concat();
        let document = opened(&both).unwrap();
        assert_eq!(document.heads(), [c.hash]);
        assert!(document.has(&b.hash));
        assert_eq!(Document::load(&both).unwrap().digest(), document.digest(), "however it is loaded");
    }

    #[test]
    fn one_change_that_may_not_be_there_is_named_and_the_document_not_opened() {
        let (begun, _) = new_case();
        let (_, good) = note(&begun, 2);
        let header = super::super::inspect(&good.bytes).unwrap();
        let file = |change: &[u8]| [&begun.save(), change].concat();
        let forged = |f: fn(&mut Forged)| {
            let mut forged = Forged::of(&header);
            f(&mut forged);
            forged.bytes()
        };
        assert_eq!(refused(&file(&good.bytes)), "opened");
        assert_eq!(refused(&file(&forged(|forged| forged.start_op += 1))), "start_op");
        assert_eq!(refused(&file(&forged(|forged| forged.seq = 2))), "sequence_gap");
        assert_eq!(refused(&file(&forged(|forged| forged.deps = vec![ChangeHash::from_bytes([7; 32])]))), "missing_dependency");
        assert_eq!(refused(&file(&forged(|forged| forged.deps.clear()))), "start_op");
        let mut flipped = good.bytes.clone();
        *flipped.last_mut().unwrap() ^= 1;
        assert_eq!(refused(&file(&flipped)), "bad_checksum");
        let mut twice = Forged::of(&header);
        twice.time += 1;
        assert_eq!(refused(&[file(&good.bytes), twice.bytes()].concat()), "actor_fork");
        assert_eq!(refused(&good.bytes), "missing_dependency", "its past is not there");
    }

    #[test]
    fn another_documents_bytes_are_not_this_document() {
        let (begun, _) = new_case();
        assert_eq!(open(&begun.save(), DocId::from_bytes([9; 16]), DocKind::Case).unwrap_err().code(), "wrong_kind");
        assert_eq!(open(&begun.save(), DOC, DocKind::Visit).unwrap_err().code(), "wrong_kind");
        let empty = Writing::<Event> { entries: vec![], texts: vec![] };
        assert!(begun.write(actor(1), &empty).is_err());
    }

    #[test]
    fn no_part_and_no_turned_bit_of_a_file_makes_opening_fail_otherwise_than_by_refusing() {
        let (begun, _) = new_case();
        let (_, a) = note(&begun, 2);
        let whole = [begun.save(), a.bytes].concat();
        for at in 0..whole.len() {
            if at != begun.save().len() {
                assert!(opened(&whole[..at]).is_err(), "{at}");
            }
            for bit in [0, 3, 7] {
                let mut turned = whole.clone();
                turned[at] ^= 1 << bit;
                let _ = opened(&turned);
            }
        }
    }
}
