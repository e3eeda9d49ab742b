//! The first look at a foreign change: its bytes, read once, in bounded memory, without Automerge.
//!
//! The format is Automerge's change chunk (its binary format, version 1): magic, checksum, type, length; then
//! dependencies, actor, numbers, and the operations in columns. What our own writer never uses (messages, compressed or
//! unknown columns, trailing bytes, marks) is refused here.

use sha2::{Digest as _, Sha256};

use super::operation::{Operation, operations};
use super::{ACTORS_MAX, CHANGE_MAX, DEPS_MAX, GuardError, OPERATIONS_MAX};
use crate::document::column::Reader;
use crate::id::{ActorId, ChangeHash};

pub(in crate::document) const MAGIC: [u8; 4] = [0x85, 0x6f, 0x4a, 0x83];

/// A change that is what it says, as far as can be seen without the document.
#[derive(Clone, PartialEq, Eq)]
pub struct Header {
    /// Its name: SHA-256 of type, length and body.
    pub hash: ChangeHash,
    /// Who wrote it, in Automerge's sense.
    pub actor: ActorId,
    /// Its number among the actor's changes, from 1.
    pub seq: u64,
    /// The number of its first operation.
    pub start_op: u64,
    /// The changes directly before it.
    pub deps: Vec<ChangeHash>,
    /// How many operations it has.
    pub ops: u64,
    /// When, as its author's clock says; seconds since 1970. Advisory.
    pub time: i64,
    /// All actors that operations refer to; the author is the first.
    pub(super) actors: Vec<ActorId>,
    /// Its operations.
    pub(super) operations: Vec<Operation>,
    /// The whole chunk, so that what is applied is what was looked at.
    pub(super) chunk: Vec<u8>,
}

impl std::fmt::Debug for Header {
    /// Without the content.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { hash, actor, seq, start_op, ops, .. } = self;
        write!(f, "Header({hash}, {actor}, seq {seq}, {ops} operations from {start_op})")
    }
}

impl Header {
    /// The whole change chunk.
    pub fn bytes(&self) -> &[u8] {
        &self.chunk
    }
}

/// Looks at the bytes of a foreign change.
pub fn inspect(bytes: &[u8]) -> Result<Header, GuardError> {
    if bytes.len() > CHANGE_MAX {
        return Err(GuardError::TooLarge);
    }
    let mut reader = Reader::new(bytes);
    if reader.array()? != MAGIC {
        return Err(GuardError::Malformed);
    }
    let checksum = reader.array::<4>()?;
    let hashed = &bytes[MAGIC.len() + checksum.len()..];
    match reader.array()? {
        [1] => {}
        [0] => return Err(GuardError::DocumentChunk),
        [2] => return Err(GuardError::CompressedChunk),
        [3] => return Err(GuardError::BundleChunk),
        _ => return Err(GuardError::Malformed),
    }
    if reader.size()? != reader.len() {
        return Err(GuardError::Malformed);
    }
    let hash: [u8; 32] = Sha256::digest(hashed).into();
    if hash[..4] != checksum {
        return Err(GuardError::BadChecksum);
    }
    let deps = list(&mut reader, DEPS_MAX, |reader| reader.array().map(ChangeHash::from_bytes))?;
    let author = actor(&mut reader)?;
    let seq = reader.unsigned()?;
    let start_op = reader.unsigned()?;
    let time = reader.signed()?;
    let message = reader.size()?;
    let mut actors = list(&mut reader, ACTORS_MAX, actor)?;
    // Automerge numbers operations in 32 bits.
    let numbered = seq > 0 && start_op > 0 && start_op <= u64::from(u32::MAX) - OPERATIONS_MAX as u64;
    if message != 0 || !numbered || !actors.is_sorted_by(|a, b| a < b) || actors.contains(&author) || repeats(&deps) {
        return Err(GuardError::Malformed);
    }
    actors.insert(0, author);
    let operations = operations(&mut reader, actors.len())?;
    Ok(Header {
        hash: ChangeHash::from_bytes(hash),
        actor: author,
        seq,
        start_op,
        deps,
        ops: operations.len() as u64,
        time,
        actors,
        operations,
        chunk: bytes.to_vec(),
    })
}

fn repeats(deps: &[ChangeHash]) -> bool {
    let mut sorted = deps.to_vec();
    sorted.sort_unstable();
    sorted.windows(2).any(|pair| pair[0] == pair[1])
}

fn actor(reader: &mut Reader<'_>) -> Result<ActorId, GuardError> {
    if reader.size()? != 16 {
        return Err(GuardError::Malformed);
    }
    reader.array().map(ActorId::from_bytes)
}

pub(super) fn list<'a, T>(
    reader: &mut Reader<'a>,
    most: usize,
    read: impl Fn(&mut Reader<'a>) -> Result<T, GuardError>,
) -> Result<Vec<T>, GuardError> {
    let n = reader.size()?;
    if n > most {
        return Err(GuardError::Malformed);
    }
    (0..n).map(|_| read(reader)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{Event, TextName};
    use crate::document::guard::forge::{Forged, chunk, run};
    use crate::document::guard::operation::DEFLATED;
    use crate::document::tests::{actor, new_case, notes};
    use crate::document::{Document, Writing};

    fn change() -> Header {
        let (document, _) = new_case();
        inspect(&document.write(actor(2), &notes(2 << 30, 2, "second")).unwrap().1.bytes).unwrap()
    }

    #[test]
    fn a_change_is_read_as_automerge_reads_it() {
        let (document, first) = new_case();
        let writing = Writing::<Event> { entries: vec![], texts: vec![(TextName::Account, "三楼漏水".into())] };
        let (document, typed) = document.write(actor(2), &writing).unwrap();
        let writing = Writing::<Event> { entries: vec![], texts: vec![(TextName::Account, "三楼".into())] };
        let (_, cut) = document.write(actor(3), &writing).unwrap();
        for new in [first, typed, cut] {
            let header = inspect(&new.bytes).unwrap();
            let theirs = automerge::Change::try_from(new.bytes.as_slice()).unwrap();
            assert_eq!((header.hash, header.actor, header.seq), (new.hash, new.actor, new.seq));
            assert_eq!(header.ops, theirs.len() as u64);
            assert_eq!(header.start_op, theirs.start_op().get());
            assert_eq!(header.time, theirs.timestamp());
            assert!(header.deps.iter().map(ChangeHash::as_bytes).eq(theirs.deps().iter().map(|dep| &dep.0)));
            assert_eq!(header.bytes(), new.bytes);
        }
    }

    #[test]
    fn ten_million_operations_in_a_few_bytes_are_refused_before_they_exist() {
        const MANY: i64 = 10_000_000;
        let bomb = Forged {
            columns: vec![
                (0x15, [run(MANY, 1), b"k".to_vec()].concat()),
                (0x34, vec![0x80, 0xad, 0xe2, 0x04]),
                (0x42, run(MANY, 1)),
                (0x56, run(MANY, 0)),
                (0x70, run(MANY, 0)),
            ],
            deps: vec![],
            ..Forged::of(&change())
        };
        let bytes = bomb.bytes();
        assert!(bytes.len() < 100, "{} bytes", bytes.len());
        assert_eq!(inspect(&bytes), Err(GuardError::TooManyOperations));
        for (name, _) in &bomb.columns {
            let mut only = Forged::of(&change());
            only.columns.retain(|(other, _)| other != name);
            only.columns.push(bomb.columns.iter().find(|(other, _)| other == name).unwrap().clone());
            only.columns.sort();
            assert_eq!(inspect(&only.bytes()), Err(GuardError::TooManyOperations), "column {name:#x} alone");
        }
        let mut replaced = Forged::of(&change());
        *replaced.column(0x70) = vec![0x7f, 0x80, 0xad, 0xe2, 0x04];
        assert_eq!(inspect(&replaced.bytes()), Err(GuardError::TooManyOperations), "one operation replacing them all");
    }

    #[test]
    fn only_plain_changes_are_changes() {
        let whole = change();
        assert_eq!(inspect(&new_case().0.save()), Err(GuardError::DocumentChunk));
        assert_eq!(inspect(&chunk(2, &[0; 40])), Err(GuardError::CompressedChunk));
        assert_eq!(inspect(&chunk(3, &[0; 40])), Err(GuardError::BundleChunk));
        assert_eq!(inspect(&chunk(4, &[0; 40])), Err(GuardError::Malformed));
        let big: String = "水管漏水。".repeat(60);
        let (_, large) = new_case().0.write(actor(2), &notes(2, 2, &big)).unwrap();
        let mut theirs = automerge::Change::try_from(large.bytes.as_slice()).unwrap();
        assert_eq!(inspect(&theirs.bytes()), Err(GuardError::CompressedChunk), "as Automerge itself compresses");
        assert_eq!(inspect(&vec![0; CHANGE_MAX + 1]), Err(GuardError::TooLarge));
        assert_eq!(inspect(b""), Err(GuardError::Malformed));
        assert_eq!(inspect(&[whole.bytes(), b"x"].concat()), Err(GuardError::Malformed), "with something behind it");
        let mut wrong = whole.bytes().to_vec();
        let letter = wrong.windows(6).position(|part| part == b"second").unwrap();
        wrong[letter] ^= 1;
        assert_eq!(inspect(&wrong), Err(GuardError::BadChecksum));
        assert!(automerge::Change::try_from(wrong.as_slice()).is_ok(), "which Automerge does not notice here");
    }

    #[test]
    fn what_our_writer_never_writes_is_malformed() {
        let forge = |f: fn(&mut Forged)| {
            let mut forged = Forged::of(&change());
            f(&mut forged);
            inspect(&forged.bytes()).unwrap_err()
        };
        assert_eq!(forge(|forged| forged.seq = 0), GuardError::Malformed);
        assert_eq!(forge(|forged| forged.start_op = 0), GuardError::Malformed);
        assert_eq!(forge(|forged| forged.start_op = u64::from(u32::MAX)), GuardError::Malformed);
        assert_eq!(forge(|forged| forged.message = b"hello".to_vec()), GuardError::Malformed);
        assert_eq!(forge(|forged| forged.behind = b"more".to_vec()), GuardError::Malformed);
        assert_eq!(forge(|forged| forged.deps = vec![forged.deps[0]; 2]), GuardError::Malformed);
        assert_eq!(forge(|forged| forged.actors = vec![forged.actor]), GuardError::Malformed);
        assert_eq!(forge(|forged| forged.columns.reverse()), GuardError::Malformed);
        assert_eq!(forge(|forged| forged.columns.clear()), GuardError::Malformed);
        assert_eq!(forge(|forged| forged.columns[0].0 |= DEFLATED), GuardError::CompressedChunk);
        assert_eq!(forge(|forged| forged.column(0x57).push(0)), GuardError::Malformed, "more value than said");
        assert_eq!(forge(|forged| forged.column(0x57).truncate(5)), GuardError::Malformed, "less value than said");
        assert_eq!(forge(|forged| *forged.column(0x42) = run(2, 1)), GuardError::Malformed, "columns of two lengths");
        assert_eq!(forge(|forged| *forged.column(0x42) = vec![0x7f, 9]), GuardError::Malformed, "no such action");
        assert_eq!(forge(|forged| *forged.column(0x01) = vec![0x7f, 9]), GuardError::Malformed, "no such actor");
        assert_eq!(forge(|forged| forged.columns.push((0x94, vec![1]))), GuardError::NotAppendOnly);
        assert_eq!(forge(|forged| forged.columns.push((0xb4, vec![1]))), GuardError::Malformed);
    }

    #[test]
    fn deps_and_actors_have_an_end() {
        let mut forged = Forged::of(&change());
        forged.deps = (0..=255_u8).map(|n| ChangeHash::from_bytes([n; 32])).collect();
        assert!(inspect(&forged.bytes()).is_ok());
        forged.deps.push(ChangeHash::from_bytes([7; 32]));
        assert_eq!(inspect(&forged.bytes()), Err(GuardError::Malformed));
    }

    #[test]
    fn a_document_is_no_change_even_in_parts() {
        let (document, _) = new_case();
        let saved = Document::save(&document);
        for end in 0..saved.len() {
            inspect(&saved[..end]).expect_err("a part of a document");
        }
    }
}
