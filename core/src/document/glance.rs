//! A glance: the log of a document's file, read from its columns without building the document.
//!
//! For whoever reads thousands of documents and writes none (an export): Automerge spends half a millisecond on a document's
//! history, its texts and the order of its lists, and a log needs none of them: entries are appended, never changed, and
//! their order is that of their stamps. What is read is checked by checksum and layout; whatever looks different from
//! what we write is no answer here, and then [`super::Document::load`] has the word. So a glance only ever saves time.

use sha2::{Digest as _, Sha256};

use super::column::Reader;
use super::guard::{self, ACTORS_MAX, GuardError, MAGIC};
use super::schema::{KEY_DOC, KEY_KIND, KEY_LOG, KEY_VERSION, LOG_OP, VERSION, texts};
use super::{Log, codec};
use crate::entry::Record;
use crate::id::{ActorId, ChangeHash, DocId, DocKind};

/// Bytes of magic, checksum and type before a chunk's length.
const BEFORE_LENGTH: usize = 9;
/// Actions of operations, by their numbers in the format.
const PUT: u64 = 1;
const MAKE_LIST: u64 = 2;
const MAKE_TEXT: u64 = 4;
/// Kinds of values, in the lower four bits of their descriptions.
const INT: u64 = 4;
const TEXT: u64 = 6;
const BYTES: u64 = 7;

/// The log in `bytes`, a save followed by any number of changes: the same that [`super::Document::log`] gives, except that
/// the places of what is unreadable are those in the file. None: this is not for a glance, load the document.
/// `heads`: changes that must be seen at the end of the save or behind it.
pub fn glance<E: Record>(bytes: &[u8], doc: DocId, kind: DocKind, heads: &[ChangeHash]) -> Option<Log<E>> {
    let mut file = File { doc, kind, founder: None, seen: Vec::new(), entries: Vec::new() };
    let mut rest = bytes;
    while !rest.is_empty() {
        let mut reader = Reader::new(rest);
        let [m0, m1, m2, m3, c0, c1, c2, c3, chunk_kind] = reader.array::<BEFORE_LENGTH>().ok()?;
        let length = reader.size().ok()?;
        let body = reader.take(length).ok()?;
        let (chunk, behind) = rest.split_at(rest.len() - reader.len());
        if [m0, m1, m2, m3] != MAGIC || chunk_kind > 1 {
            return None;
        }
        if chunk_kind == 0 {
            let first = rest.len() == bytes.len();
            let hashed = chunk.get(MAGIC.len() + 4..)?;
            if !first || Sha256::digest(hashed).get(..4)? != [c0, c1, c2, c3] {
                return None;
            }
            file.save(body)?;
        } else {
            file.change(chunk)?;
        }
        rest = behind;
    }
    if file.founder.is_none() || !heads.iter().all(|head| file.seen.contains(head)) {
        return None;
    }
    Some(codec::log(file.entries.iter().map(AsRef::as_ref)))
}

struct File<'a> {
    doc: DocId,
    kind: DocKind,
    /// Who made the document's objects.
    founder: Option<ActorId>,
    /// The save's heads, and the changes behind it.
    seen: Vec<ChangeHash>,
    entries: Vec<std::borrow::Cow<'a, [u8]>>,
}

impl<'a> File<'a> {
    /// A change: looked at as one from a stranger is.
    fn change(&mut self, chunk: &[u8]) -> Option<()> {
        let header = guard::inspect(chunk).ok()?;
        let entries = guard::entries(&header, self.doc, self.kind, self.founder).ok()?;
        self.entries.extend(entries.into_iter().map(|entry| entry.to_vec().into()));
        self.founder.get_or_insert(header.actor);
        self.seen.push(header.hash);
        Some(())
    }

    fn save(&mut self, body: &'a [u8]) -> Option<()> {
        let mut reader = Reader::new(body);
        let mut actors = Vec::new();
        for _ in 0..reader.size().ok().filter(|n| *n <= 16 * ACTORS_MAX)? {
            let length = reader.size().ok()?;
            actors.push(ActorId::from_slice(reader.take(length).ok()?).ok()?);
        }
        for _ in 0..reader.size().ok().filter(|n| *n <= reader.len() / 32)? {
            self.seen.push(ChangeHash::from_bytes(reader.array().ok()?));
        }
        let changes = named(&mut reader)?;
        let operations = named(&mut reader)?;
        for (_, length) in changes {
            reader.take(length).ok()?;
        }
        let mut columns = Vec::with_capacity(operations.len());
        for (name, length) in operations {
            columns.push((name, reader.take(length).ok()?));
        }
        self.operations(Columns::of(&columns)?, &actors)
    }

    /// The operations of a save: those of the root, then each object's, each with what it is now.
    fn operations(&mut self, mut columns: Columns<'a>, actors: &[ActorId]) -> Option<()> {
        let mut root = Vec::new();
        let mut founder = None;
        let mut id = 0_i64;
        while !columns.action.is_empty() {
            let action = columns.action.next()??;
            let object = columns.object.next()?;
            let key = columns.key.next()?;
            id = id.checked_add(columns.id.next()??)?;
            let actor = columns.actor.next()??;
            let insert = columns.insert.next()?;
            let described = columns.described.next()??;
            let replaced = columns.replaced.next()??;
            let value = columns.values.take(usize::try_from(described >> 4).ok()?).ok()?;
            let value_kind = described & 0b1111;
            match object {
                None => {
                    let key = key?;
                    let right = match key {
                        KEY_VERSION => action == PUT && value_kind == INT && Reader::new(value).signed() == Ok(VERSION),
                        KEY_DOC => action == PUT && value_kind == BYTES && value == self.doc.as_bytes(),
                        KEY_KIND => action == PUT && value_kind == TEXT && value == self.kind.name().as_bytes(),
                        KEY_LOG => {
                            founder = actors.get(usize::try_from(actor).ok()?).copied();
                            action == MAKE_LIST && u64::try_from(id) == Ok(LOG_OP)
                        }
                        _ => action == MAKE_TEXT && texts(self.kind).iter().any(|name| name.key() == key),
                    };
                    if !right || insert || replaced != 0 || root.contains(&key) {
                        return None;
                    }
                    root.push(key);
                }
                Some(LOG_OP) => {
                    if action != PUT || !insert || value_kind != BYTES || replaced != 0 {
                        return None;
                    }
                    self.entries.push(value.into());
                }
                Some(_) => {}
            }
        }
        self.founder = founder;
        (root.len() == 4 + texts(self.kind).len() && founder.is_some() && columns.values.is_empty()).then_some(())
    }
}

/// Names and lengths of a table's columns.
fn named(reader: &mut Reader<'_>) -> Option<Vec<(u64, usize)>> {
    /// More than the format has.
    const COLUMNS_MAX: usize = 32;
    let n = reader.size().ok().filter(|n| *n <= COLUMNS_MAX)?;
    (0..n).map(|_| Some((reader.unsigned().ok()?, reader.size().ok()?))).collect()
}

/// The columns that a log is read from.
struct Columns<'a> {
    object: Runs<'a, u64>,
    key: Runs<'a, &'a str>,
    actor: Runs<'a, u64>,
    id: Runs<'a, i64>,
    insert: Flags<'a>,
    action: Runs<'a, u64>,
    described: Runs<'a, u64>,
    values: Reader<'a>,
    replaced: Runs<'a, u64>,
}

impl<'a> Columns<'a> {
    /// The columns of these names. None, if one is deflated, stands twice or out of order, or is of no use to us.
    fn of(named: &[(u64, &'a [u8])]) -> Option<Self> {
        if !named.is_sorted_by(|a, b| a.0 < b.0) || named.iter().any(|(name, _)| !KNOWN.contains(name)) {
            return None;
        }
        let column = |wanted: u64| named.iter().find(|(name, _)| *name == wanted).map(|(_, bytes)| *bytes).unwrap_or_default();
        let numbers = |wanted| Runs::new(column(wanted), |reader: &mut Reader<'a>| reader.unsigned());
        Some(Self {
            object: numbers(0x02),
            key: Runs::new(column(0x15), Reader::text),
            actor: numbers(0x21),
            id: Runs::new(column(0x23), Reader::signed),
            insert: Flags { reader: Reader::new(column(0x34)), left: 0, flag: true },
            action: numbers(0x42),
            described: numbers(0x56),
            values: Reader::new(column(0x57)),
            replaced: numbers(0x80),
        })
    }
}

/// The columns of a save's operations, marks excepted: object, key, id, insert, action, value, and what replaced it.
const KNOWN: [u64; 14] = [0x01, 0x02, 0x11, 0x13, 0x15, 0x21, 0x23, 0x34, 0x42, 0x56, 0x57, 0x80, 0x81, 0x83];

/// What a run of a column says.
#[derive(Clone, Copy)]
enum Run<T> {
    Nothing,
    Same(T),
    Spelled,
}

/// A run-length encoded column, a value at a time; nothing of it is written out.
struct Runs<'a, T> {
    reader: Reader<'a>,
    left: u64,
    run: Run<T>,
    read: fn(&mut Reader<'a>) -> Result<T, GuardError>,
}

impl<'a, T: Copy> Runs<'a, T> {
    const fn new(column: &'a [u8], read: fn(&mut Reader<'a>) -> Result<T, GuardError>) -> Self {
        Self { reader: Reader::new(column), left: 0, run: Run::Nothing, read }
    }

    const fn is_empty(&self) -> bool {
        self.left == 0 && self.reader.is_empty()
    }

    /// The next value, which may be nothing; behind the end there is nothing. The outer none: the column is malformed.
    #[expect(clippy::option_option, reason = "malformed, nothing, a value: read in three places of this file, each with `?`")]
    fn next(&mut self) -> Option<Option<T>> {
        if self.is_empty() {
            return Some(None);
        }
        if self.left == 0 {
            (self.left, self.run) = match self.reader.signed().ok()? {
                0 => (self.reader.unsigned().ok()?, Run::Nothing),
                n if n > 0 => (n.unsigned_abs(), Run::Same((self.read)(&mut self.reader).ok()?)),
                n => (n.unsigned_abs(), Run::Spelled),
            };
        }
        self.left = self.left.checked_sub(1)?;
        Some(match self.run {
            Run::Nothing => None,
            Run::Same(value) => Some(value),
            Run::Spelled => Some((self.read)(&mut self.reader).ok()?),
        })
    }
}

/// A column of yes and no: how many no, how many yes, and so on.
struct Flags<'a> {
    reader: Reader<'a>,
    left: u64,
    flag: bool,
}

impl Flags<'_> {
    /// The next flag; behind the end, no.
    fn next(&mut self) -> Option<bool> {
        // Only the first run may be empty: when the column begins with yes.
        while self.left == 0 {
            if self.reader.is_empty() {
                return Some(false);
            }
            self.left = self.reader.unsigned().ok()?;
            self.flag = !self.flag;
        }
        self.left -= 1;
        Some(self.flag)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::case::{Event, TextName};
    use crate::document::tests::{actor, new_case, notes};
    use crate::document::{Document, Writing};

    fn seen(document: &Document, bytes: &[u8]) -> Option<Log<Event>> {
        glance(bytes, document.id(), document.kind(), &document.heads())
    }

    fn typed(text: &str) -> Writing<Event> {
        Writing { entries: Vec::new(), texts: vec![(TextName::Account, text.into())] }
    }

    /// The same case as a save, as a save with changes behind it, and as changes alone.
    fn files(steps: &[(u8, Writing<Event>)]) -> (Document, Vec<Vec<u8>>) {
        let (mut document, first) = new_case();
        let begun = document.save();
        let mut changes = Vec::new();
        for (who, writing) in steps {
            let Ok((next, change)) = document.write(actor(*who), writing) else { continue };
            document = next;
            changes.push(change.bytes);
        }
        let behind = changes.concat();
        let files = vec![document.save(), [begun, behind.clone()].concat(), [first.bytes, behind].concat()];
        (document, files)
    }

    #[test]
    fn a_glance_sees_the_log_that_the_document_has() {
        let steps =
            [(1, notes(2, 3, "三楼漏水")), (2, typed("三楼漏水，已经两年。")), (2, typed("漏水。")), (1, notes(9, 1, "已看"))];
        let (document, files) = files(&steps);
        assert_eq!(document.log::<Event>().entries.len(), 3, "and two edits of a text");
        for file in files {
            assert_eq!(seen(&document, &file), Some(document.log()));
        }
    }

    #[test]
    fn a_document_that_others_wrote_on_apart_is_seen_whole() {
        let (document, _) = new_case();
        let (here, one) = document.write(actor(2), &notes(2, 2, "one")).unwrap();
        let (_, other) = document.write(actor(3), &notes(3, 2, "two")).unwrap();
        let both = Document::load(&[here.save(), other.bytes.clone()].concat()).unwrap();
        for file in [both.save(), [document.save(), one.bytes, other.bytes.clone()].concat()] {
            assert_eq!(seen(&both, &file), Some(both.log()));
        }
        assert_eq!(glance::<Event>(&here.save(), here.id(), here.kind(), &both.heads()), None, "a head is missing");
    }

    #[test]
    fn anothers_file_a_newer_one_and_bytes_that_changed_are_not_for_a_glance() {
        let (document, _) = new_case();
        let saved = document.save();
        let other = DocId::from_bytes([9; 16]);
        assert_eq!(glance::<Event>(&saved, other, document.kind(), &[]), None);
        assert_eq!(glance::<Event>(&saved, document.id(), DocKind::Visit, &[]), None);
        assert_eq!(glance::<Event>(b"", document.id(), document.kind(), &[]), None);
        for at in 0..saved.len() {
            assert_eq!(seen(&document, &saved[..at]), None);
            let mut turned = saved.clone();
            turned[at] ^= 0x10;
            assert_eq!(seen(&document, &turned), None, "byte {at}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_written_a_glance_sees_what_automerge_sees(
            steps in prop::collection::vec((1_u8..4, any::<bool>(), "[三楼漏水a-c]{0,12}"), 0..12),
        ) {
            let steps: Vec<(u8, Writing<Event>)> = (2_u64..)
                .zip(steps)
                .map(|(at, (who, types, words))| (who, if types { typed(&words) } else { notes(at << 20, 2, &words) }))
                .collect();
            let (document, files) = files(&steps);
            for file in files {
                prop_assert_eq!(seen(&document, &file), Some(document.log()));
            }
        }

        #[test]
        fn no_bytes_make_a_glance_fail(at in 0_usize..400, change in any::<u8>(), cut in 0_usize..400) {
            let (document, _) = new_case();
            let mut bytes = document.save();
            let length = bytes.len();
            bytes[at % length] = change;
            bytes.truncate(length - cut % length);
            let mut file = File {
                doc: document.id(), kind: document.kind(), founder: None, seen: Vec::new(), entries: Vec::new(),
            };
            // Behind the checksum too: it keeps no forger out.
            let _ = file.save(&bytes[(BEFORE_LENGTH + 2).min(bytes.len())..]);
        }
    }
}
