//! What our documents look like in Automerge, and nothing else about them.
//!
//! `ROOT { v: 1, doc: bytes, kind: "case" | "visit", log: [bytes] }`, and in cases the texts `account`, `minutes`,
//! `draft`. The first change makes all of it at once, so that no two phones can make it twice. The log's elements are only
//! ever appended; the texts are edited character by character. There is nothing nested: whatever has an object inside an
//! object is not ours.

use automerge::transaction::{Transactable, Transaction};
use automerge::{Automerge, AutomergeError, ObjId, ObjType, ROOT, ReadDoc, ScalarValue, ScalarValueRef, ValueRef};

use super::{DocumentError, guard};
use crate::case::TextName;
use crate::id::{DocId, DocKind};

/// Version of this schema.
pub(super) const VERSION: i64 = 1;
pub(super) const KEY_VERSION: &str = "v";
pub(super) const KEY_DOC: &str = "doc";
pub(super) const KEY_KIND: &str = "kind";
pub(super) const KEY_LOG: &str = "log";
/// Number of the operation that makes the log; the texts follow. The order of [`Layout::create`] is part of the format: an
/// object with another number was made later, over the one that stood there.
pub(super) const LOG_OP: u64 = 4;

/// Characters of old and new text, beyond their common start and end, up to which the finest difference is looked for;
/// its cost grows with their product. Above, the middle is replaced as a whole.
const FINE_DIFFERENCE_MAX: usize = 500;

/// Characters written or taken away in one step of a long edit; the rest of a change's operations is for log entries.
const STEP: usize = guard::OPERATIONS_MAX - 100;

/// The texts of a document of this kind.
pub(super) const fn texts(kind: DocKind) -> &'static [TextName] {
    match kind {
        DocKind::Case => &TextName::ALL,
        DocKind::Visit | DocKind::Household => &[],
    }
}

/// Where everything is in one document.
#[derive(Debug, Clone)]
pub(super) struct Layout {
    pub(super) doc: DocId,
    pub(super) kind: DocKind,
    pub(super) log: ObjId,
    pub(super) texts: Vec<(TextName, ObjId)>,
}

impl Layout {
    /// Makes the objects of a new document.
    pub(super) fn create(tx: &mut Transaction<'_>, doc: DocId, kind: DocKind) -> Result<Self, AutomergeError> {
        tx.put(ROOT, KEY_VERSION, ScalarValue::Int(VERSION))?;
        tx.put(ROOT, KEY_DOC, ScalarValue::Bytes(doc.as_bytes().to_vec()))?;
        tx.put(ROOT, KEY_KIND, kind.name())?;
        let log = tx.put_object(ROOT, KEY_LOG, ObjType::List)?;
        let texts = texts(kind)
            .iter()
            .map(|name| Ok((*name, tx.put_object(ROOT, name.key(), ObjType::Text)?)))
            .collect::<Result<_, AutomergeError>>()?;
        Ok(Self { doc, kind, log, texts })
    }

    /// Finds them in a loaded document, looking at everything in it once, without recursion: two levels are all there is.
    pub(super) fn find(automerge: &Automerge) -> Result<Self, DocumentError> {
        let (mut version, mut doc, mut kind, mut log, mut found) = (None, None, None, None, Vec::new());
        for item in automerge.map_range(ROOT, ..) {
            if item.conflict {
                return Err(DocumentError::NotOurs);
            }
            let id = item.id();
            match (item.key.as_ref(), item.value) {
                (KEY_VERSION, ValueRef::Scalar(ScalarValueRef::Int(value))) => version = Some(value),
                (KEY_DOC, ValueRef::Scalar(ScalarValueRef::Bytes(bytes))) => doc = DocId::from_slice(&bytes).ok(),
                (KEY_KIND, ValueRef::Scalar(ScalarValueRef::Str(name))) => kind = DocKind::from_name(&name),
                (KEY_LOG, ValueRef::Object(ObjType::List)) => log = Some(id),
                (key, ValueRef::Object(ObjType::Text)) => {
                    let name = TextName::ALL.into_iter().find(|name| name.key() == key).ok_or(DocumentError::NotOurs)?;
                    found.push((name, id));
                }
                _ => return Err(DocumentError::NotOurs),
            }
        }
        match version {
            Some(VERSION) => {}
            Some(newer) if newer > VERSION => return Err(DocumentError::Newer),
            _ => return Err(DocumentError::NotOurs),
        }
        let (Some(doc), Some(kind), Some(log)) = (doc, kind, log) else { return Err(DocumentError::NotOurs) };
        found.sort_by_key(|(name, _)| *name);
        if !found.iter().map(|(name, _)| name).eq(texts(kind)) {
            return Err(DocumentError::NotOurs);
        }
        let made = std::iter::once(&log).chain(found.iter().map(|(_, id)| id));
        if !made.zip(LOG_OP..).all(|(id, op)| matches!(id, ObjId::Id(counter, ..) if *counter == op)) {
            return Err(DocumentError::NotOurs);
        }
        let layout = Self { doc, kind, log, texts: found };
        for (_, text) in &layout.texts {
            // In a text, an object inside is a block marker; it would be a map.
            if automerge.list_range(text, ..).any(|item| !matches!(item.value, ValueRef::Scalar(ScalarValueRef::Str(_)))) {
                return Err(DocumentError::NotOurs);
            }
        }
        Ok(layout)
    }

    /// The bytes of the log's elements, in the list's order. An element that is no bytes, or that was written to twice, is
    /// none of ours.
    pub(super) fn raw_log(&self, automerge: &Automerge) -> Result<Vec<Vec<u8>>, DocumentError> {
        automerge
            .list_range(&self.log, ..)
            .map(|item| match item.value {
                ValueRef::Scalar(ScalarValueRef::Bytes(bytes)) if !item.conflict => Ok(bytes.into_owned()),
                _ => Err(DocumentError::NotOurs),
            })
            .collect()
    }

    /// The text object of this name; visits have none.
    pub(super) fn text(&self, name: TextName) -> Option<&ObjId> {
        self.texts.iter().find(|(other, _)| *other == name).map(|(_, id)| id)
    }
}

/// How many characters two texts begin and end with alike.
fn common(old: &[char], new: &[char]) -> (usize, usize) {
    let start = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let end = old[start..].iter().rev().zip(new[start..].iter().rev()).take_while(|(a, b)| a == b).count();
    (start, end)
}

/// The texts between `old` and `now`, the last of them `now`: first what goes is taken away, then what comes is written,
/// a [`STEP`] at a time.
pub(super) fn steps(old: &str, now: &str) -> Vec<String> {
    let old: Vec<char> = old.chars().collect();
    let new: Vec<char> = now.chars().collect();
    let (start, end) = common(&old, &new);
    let (removed, added) = (&old[start..old.len() - end], &new[start..new.len() - end]);
    if removed.len() + added.len() <= STEP {
        return vec![now.into()];
    }
    let text = |middle: &[char]| new[..start].iter().chain(middle).chain(&new[new.len() - end..]).collect();
    let shrinking = removed.chunks(STEP).scan(removed.len(), |left, gone| {
        *left -= gone.len();
        Some(text(&removed[..*left]))
    });
    let growing = added.chunks(STEP).scan(0, |have, come| {
        *have += come.len();
        Some(text(&added[..*have]))
    });
    shrinking.chain(growing).collect()
}

/// Makes the text `now`, touching only what differs.
pub(super) fn edit(tx: &mut Transaction<'_>, text: &ObjId, now: &str) -> Result<(), AutomergeError> {
    let old: Vec<char> = tx.text(text)?.chars().collect();
    let new: Vec<char> = now.chars().collect();
    let (start, end) = common(&old, &new);
    let removed = old.len() - start - end;
    let added: String = new[start..new.len() - end].iter().collect();
    if removed == 0 && added.is_empty() {
        return Ok(());
    }
    if removed > 0 && !added.is_empty() && removed.max(new.len() - start - end) <= FINE_DIFFERENCE_MAX {
        return tx.update_text(text, now);
    }
    tx.splice_text(text, start, isize::try_from(removed).unwrap_or(isize::MAX), &added)
}
