//! A document's file, looked at before Automerge loads it: saves and plain changes, none of it larger than it looks. The order
//! says nothing: a restored server may send changes alone, and what was here stands behind them.
//!
//! We write saves uncompressed and changes plain, so whatever would have to be inflated is not ours; and a save whose
//! columns claim more rows than a document may have is not loaded, however few bytes it takes.

use super::column::{Reader, count};
use super::guard::{self, ACTORS_MAX, DEFLATED, GuardError, MAGIC};

/// Most operations in a document: entries, and characters ever typed. At 400 bytes of memory each, 80 MB on a phone.
pub(super) const OPERATIONS_MAX: u64 = 200_000;
/// Most columns of a table in a save; the format has 9 and 15.
const COLUMNS_MAX: usize = 32;
/// Bytes of magic, checksum and type before a chunk's length.
const BEFORE_LENGTH: usize = 9;
/// Type of a chunk that is a save.
const SAVE: u8 = 0;
/// Most saves in a file: what was here, and the restored server's before it; a server may be restored again before anybody
/// opens the document.
const SAVES_MAX: usize = 4;

/// A piece of a file.
pub(super) enum Piece<'a> {
    /// A save, within bounds.
    Save(&'a [u8]),
    /// A change, looked at as one from a stranger is.
    Change(guard::Header),
}

/// The pieces of a file that may be loaded, one by one. More than one save is none of ours, but for what
/// `store::refetch` puts together.
pub(super) fn pieces(bytes: &[u8]) -> Result<Vec<Piece<'_>>, GuardError> {
    let mut pieces = Vec::new();
    walk(bytes, |piece| pieces.push(piece))?;
    if pieces.is_empty() { Err(GuardError::Malformed) } else { Ok(pieces) }
}

/// Whether the file may be loaded, and how many saves it holds.
pub(super) fn check(bytes: &[u8]) -> Result<usize, GuardError> {
    let mut saves = 0;
    walk(bytes, |piece| saves += usize::from(matches!(piece, Piece::Save(_))))?;
    Ok(saves)
}

fn walk<'a>(bytes: &'a [u8], mut each: impl FnMut(Piece<'a>)) -> Result<(), GuardError> {
    let mut rest = bytes;
    let mut total = 0_u64;
    let mut saves = 0;
    while !rest.is_empty() {
        let mut reader = Reader::new(rest);
        let [.., kind] = reader.array::<BEFORE_LENGTH>()?;
        let length = reader.size()?;
        let body = reader.take(length)?;
        let (chunk, behind) = rest.split_at(rest.len() - reader.len());
        let piece = if saves < SAVES_MAX && kind == SAVE && chunk.starts_with(&MAGIC) {
            saves += 1;
            total = total.saturating_add(rows(body)?);
            Piece::Save(chunk)
        } else {
            let header = guard::inspect(chunk)?;
            total = total.saturating_add(header.ops);
            Piece::Change(header)
        };
        if total > OPERATIONS_MAX {
            return Err(GuardError::TooManyOperations);
        }
        each(piece);
        rest = behind;
    }
    Ok(())
}

/// The first chunk of the file.
pub(super) fn first(bytes: &[u8]) -> Option<&[u8]> {
    let mut reader = Reader::new(bytes);
    reader.array::<BEFORE_LENGTH>().ok()?;
    let length = reader.size().ok()?;
    reader.take(length).ok()?;
    bytes.get(..bytes.len() - reader.len())
}

/// The rows of the longest column of a save.
fn rows(body: &[u8]) -> Result<u64, GuardError> {
    let mut reader = Reader::new(body);
    for _ in 0..bounded(reader.size()?)? {
        let length = reader.size()?;
        reader.take(length)?;
    }
    let heads = reader.size()?;
    reader.take(heads.checked_mul(32).ok_or(GuardError::Malformed)?)?;
    let mut columns = Vec::new();
    for _table in ["changes", "operations"] {
        let n = reader.size()?;
        if n > COLUMNS_MAX {
            return Err(GuardError::Malformed);
        }
        for _ in 0..n {
            columns.push((reader.unsigned()?, reader.size()?));
        }
    }
    let mut most = 0;
    for (name, length) in columns {
        if name & DEFLATED != 0 {
            return Err(GuardError::CompressedChunk);
        }
        most = count(name, reader.take(length)?)?.max(most);
    }
    Ok(most)
}

/// As many actors as can have written one document.
fn bounded(actors: usize) -> Result<usize, GuardError> {
    if actors > 16 * ACTORS_MAX { Err(GuardError::Malformed) } else { Ok(actors) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Document;
    use crate::document::guard::forge::chunk;
    use crate::document::tests::{DOC, actor, new_case, notes};
    use crate::id::DocKind;

    #[test]
    fn our_own_files_are_in_order() {
        let (document, first) = new_case();
        let (after, change) = document.write(actor(2), &notes(2, 2, "two")).unwrap();
        let files = [after.save(), [document.save(), change.bytes.clone()].concat(), [first.bytes, change.bytes].concat()];
        assert!(files.iter().all(|file| check(file).is_ok()));
    }

    #[test]
    fn what_would_have_to_be_inflated_is_not_loaded() {
        let (document, _) = new_case();
        let (document, change) = document.write(actor(2), &notes(2, 2, &"水管漏水。".repeat(90))).unwrap();
        assert_eq!(check(&document.automerge.save()), Err(GuardError::CompressedChunk));
        let deflated = automerge::Change::try_from(change.bytes.as_slice()).unwrap().bytes().into_owned();
        assert_eq!(check(&[document.save(), deflated].concat()), Err(GuardError::CompressedChunk));
        assert_eq!(
            Document::saves_in(&[document.save(), document.save()].concat()),
            2,
            "a restored server's, and what was here"
        );
        assert_eq!(
            check(&document.save().repeat(SAVES_MAX + 1)),
            Err(GuardError::DocumentChunk),
            "and so on, but not for ever"
        );
    }

    #[test]
    fn two_saves_of_one_document_are_read_as_what_both_have() {
        let (document, _) = new_case();
        let (here, _) = document.write(actor(2), &notes(2, 2, "two")).unwrap();
        let (there, _) = document.write(actor(3), &notes(3, 3, "three")).unwrap();
        let both = Document::load(&[there.save(), here.save()].concat()).unwrap();
        let heads = here.heads().into_iter().chain(there.heads());
        assert!(heads.into_iter().all(|head| both.has(&head)));
        let other_way = Document::load(&[here.save(), there.save()].concat()).unwrap();
        assert_eq!(both.digest(), other_way.digest());
    }

    #[test]
    fn a_save_behind_changes_is_read_as_one_before_them() {
        let (begun, first) = new_case();
        let (here, a) = begun.write(actor(2), &notes(2, 2, "two")).unwrap();
        let (_, b) = begun.write(actor(3), &notes(3, 3, "three")).unwrap();
        let usual = Document::load(&[here.save(), b.bytes.clone()].concat()).unwrap();
        let files = [
            [first.bytes.clone(), b.bytes.clone(), here.save()].concat(),
            [b.bytes.clone(), here.save()].concat(),
            [b.bytes, a.bytes, begun.save(), first.bytes].concat(),
        ];
        for file in files {
            let (loaded, opened) = (Document::load(&file).unwrap(), guard::open(&file, DOC, DocKind::Case).unwrap());
            assert_eq!((loaded.digest(), opened.digest()), (usual.digest(), usual.digest()));
        }
    }

    #[test]
    fn a_save_that_claims_ten_million_rows_is_not_loaded() {
        let saved = new_case().0.save();
        let mut reader = Reader::new(&saved[BEFORE_LENGTH..]);
        let length = reader.size().unwrap();
        let mut body = reader.take(length).unwrap().to_vec();
        assert_eq!(rows(&body), Ok(8));
        // The column that says what was inserted: its name and length, and in it seven no, one yes.
        let insert = body.windows(2).rposition(|pair| pair == [7, 1]).expect("the column");
        body.splice(insert..=insert, [0x80, 0xad, 0xe2, 0x04]);
        let name = body.windows(2).rposition(|pair| pair == [0x34, 2]).expect("its name and length");
        body[name + 1] = 5;
        assert_eq!(rows(&body), Ok(10_000_001));
        assert_eq!(check(&chunk(SAVE, &body)), Err(GuardError::TooManyOperations));
    }

    #[test]
    fn no_part_of_a_file_makes_looking_fail_otherwise_than_by_refusing() {
        let saved = new_case().0.save();
        for at in 0..saved.len() {
            assert!(Document::load(&saved[..at]).is_err());
            for bit in 0..8 {
                let mut turned = saved.clone();
                turned[at] ^= 1 << bit;
                let _ = check(&turned);
                let _ = Document::load(&turned);
            }
        }
    }
}
