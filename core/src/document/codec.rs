//! An entry of a log as bytes: the CBOR array `[time, node, author, kind, record]`, `record` a byte string of CBOR.
//!
//! The one place where the format of log entries stands. Reading never fails: a record of an unknown kind is kept as it
//! came, and bytes that are no entry at all are [`Unreadable`], counted and named by their digest. It knows nothing of
//! Automerge, nor what the events mean.

use minicbor::data::Type;
use minicbor::{Decoder, Encoder};
use sha2::Digest as _;

use super::{DocumentError, Log, Unreadable};
use crate::entry::{Body, Entry, Record};
use crate::id::{Digest, PersonId};
use crate::time::{Hlc, Stamp};

/// Deepest nesting of arrays, maps and tags in a record. Ours need 6; readers recurse, so there has to be an end.
pub(super) const DEPTH_MAX: usize = 16;

/// Fields of an entry's array.
const FIELDS: u64 = 5;

/// The bytes of an entry.
pub(super) fn encode<E: Record>(entry: &Entry<E>) -> Result<Vec<u8>, DocumentError> {
    let encoded;
    let (kind, record): (&str, &[u8]) = match &entry.body {
        Body::Event(event) => {
            encoded = event.record().map_err(|_| DocumentError::Unwritable)?;
            (event.kind(), &encoded)
        }
        Body::Newer { kind, record } => (kind, record),
    };
    // What nobody could read is not written either.
    if too_deep(record) != Some(false) {
        return Err(DocumentError::Unwritable);
    }
    envelope(entry.stamp, entry.author.as_str(), kind, record)
}

fn envelope(stamp: Stamp, author: &str, kind: &str, record: &[u8]) -> Result<Vec<u8>, DocumentError> {
    let mut out = Vec::with_capacity(record.len() + 64);
    let mut encoder = Encoder::new(&mut out);
    encoder
        .array(FIELDS)
        .and_then(|e| e.u64(stamp.time.0))
        .and_then(|e| e.u64(stamp.node))
        .and_then(|e| e.str(author))
        .and_then(|e| e.str(kind))
        .and_then(|e| e.bytes(record))
        .map_err(|_| DocumentError::Unwritable)?;
    Ok(out)
}

/// The entry in `bytes`, if they are one.
pub(super) fn decode<E: Record>(bytes: &[u8]) -> Option<Entry<E>> {
    let mut decoder = Decoder::new(bytes);
    if decoder.array().ok()? != Some(FIELDS) {
        return None;
    }
    let stamp = Stamp { time: Hlc(decoder.u64().ok()?), node: decoder.u64().ok()? };
    let author: PersonId = decoder.str().ok()?.parse().ok()?;
    let kind = decoder.str().ok()?;
    let record = decoder.bytes().ok()?;
    if decoder.position() != bytes.len() || too_deep(record)? {
        return None;
    }
    let body = match E::from_record(kind, record).ok()? {
        Some(event) => Body::Event(event),
        None => Body::Newer { kind: kind.into(), record: record.into() },
    };
    Some(Entry { stamp, author, body })
}

/// Whether `bytes` are an entry whose record nests too deep.
pub(super) fn is_too_deep(bytes: &[u8]) -> bool {
    let record = || {
        let mut decoder = Decoder::new(bytes);
        decoder.array().ok()?;
        decoder.u64().ok()?;
        decoder.u64().ok()?;
        decoder.str().ok()?;
        decoder.str().ok()?;
        decoder.bytes().ok()
    };
    record().and_then(too_deep).unwrap_or(false)
}

/// Whether one CBOR item nests deeper than [`DEPTH_MAX`]; `None` if it is not exactly one well-formed item. Iterative:
/// this is what protects the recursive readers behind it.
fn too_deep(item: &[u8]) -> Option<bool> {
    let mut decoder = Decoder::new(item);
    // What is still open: how many items each level awaits; `None` until its break.
    let mut open: Vec<Option<u64>> = vec![Some(1)];
    while let Some(awaited) = open.last_mut() {
        match awaited {
            Some(0) => {
                open.pop();
                continue;
            }
            Some(n) => *n -= 1,
            None if decoder.datatype().ok()? == Type::Break => {
                decoder.set_position(decoder.position() + 1);
                open.pop();
                continue;
            }
            None => {}
        }
        match decoder.datatype().ok()? {
            Type::Array | Type::ArrayIndef => open.push(decoder.array().ok()?),
            Type::Map | Type::MapIndef => {
                let pairs = decoder.map().ok()?;
                open.push(match pairs {
                    Some(n) => Some(n.checked_mul(2)?),
                    None => None,
                });
            }
            Type::Tag => {
                decoder.tag().ok()?;
                open.push(Some(1));
            }
            // Nothing writes strings in pieces, and a lone break is no item.
            Type::BytesIndef | Type::StringIndef | Type::Break | Type::Unknown(_) => return None,
            _ => decoder.skip().ok()?,
        }
        if open.len() > DEPTH_MAX + 1 {
            return Some(true);
        }
    }
    (decoder.position() == item.len()).then_some(false)
}

/// The log that these raw entries make, in the order of stamps; ties by their bytes, the same bytes counted once.
pub(super) fn log<'a, E: Record>(raw: impl IntoIterator<Item = &'a [u8]>) -> Log<E> {
    let mut entries: Vec<(Stamp, &[u8], Entry<E>)> = Vec::new();
    let mut unreadable = Vec::new();
    for (index, bytes) in raw.into_iter().enumerate() {
        match decode::<E>(bytes) {
            Some(entry) => entries.push((entry.stamp, bytes, entry)),
            None => unreadable.push(Unreadable { index, digest: Digest::from_bytes(sha2::Sha256::digest(bytes).into()) }),
        }
    }
    entries.sort_by(|a, b| (a.0, a.1).cmp(&(b.0, b.1)));
    entries.dedup_by(|a, b| a.1 == b.1);
    Log { entries: entries.into_iter().map(|(_, _, entry)| entry).collect(), unreadable }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::case::{Assigned, Event, Noted};
    use proptest::prelude::*;

    fn entry(body: Body<Event>) -> Entry<Event> {
        Entry { stamp: Stamp { time: Hlc(77), node: 3 }, author: "w-ncg-1".parse().unwrap(), body }
    }

    fn noted() -> Entry<Event> {
        entry(Body::Event(Assigned { to: "w-ncg-1".parse().unwrap() }.into()))
    }

    fn envelope(kind: &str, record: &[u8]) -> Vec<u8> {
        unchecked(&entry(Body::Newer { kind: kind.into(), record: record.into() }))
    }

    /// The bytes of an entry, whatever its record is.
    pub(in crate::document) fn unchecked(entry: &Entry<Event>) -> Vec<u8> {
        let Body::Newer { kind, record } = &entry.body else { panic!("records are given") };
        super::envelope(entry.stamp, entry.author.as_str(), kind, record).unwrap()
    }

    #[test]
    fn an_entry_reads_back() {
        let bytes = encode(&noted()).unwrap();
        assert_eq!(decode::<Event>(&bytes), Some(noted()));
        let note = entry(Body::Event(Noted { text: "漏水".into() }.into()));
        assert_eq!(decode::<Event>(&encode(&note).unwrap()), Some(note));
    }

    #[test]
    fn a_kind_from_a_newer_version_is_kept_with_its_record() {
        let newer = entry(Body::Newer { kind: "teleported".into(), record: vec![0xa1, 0x61, b'x', 0x01] });
        let bytes = encode(&newer).unwrap();
        let read = decode::<Event>(&bytes).unwrap();
        assert_eq!(read, newer);
        assert_eq!(encode(&read).unwrap(), bytes);
    }

    #[test]
    fn what_is_no_entry_is_counted_and_named_by_its_digest() {
        let good = encode(&noted()).unwrap();
        let bad: &[u8] = b"\x85nonsense";
        let read = log::<Event>([good.as_slice(), bad, &good]);
        assert_eq!(read.entries, [noted()], "the same bytes twice are one entry");
        let [unreadable] = read.unreadable.as_slice() else { panic!("one is unreadable") };
        assert_eq!(unreadable.index, 1);
        assert_eq!(unreadable.digest.as_bytes()[..], sha2::Sha256::digest(bad)[..]);
    }

    #[test]
    fn a_known_kind_with_another_record_is_unreadable_not_an_error() {
        assert_eq!(decode::<Event>(&envelope("assigned", &[0x01])), None);
    }

    #[test]
    fn a_record_nested_beyond_the_cap_is_not_read() {
        let nest = |n: usize, open: u8| {
            let mut record = vec![open; n];
            record.push(0x00);
            record
        };
        for open in [0x81, 0xc1] {
            assert!(decode::<Event>(&envelope("newer", &nest(DEPTH_MAX, open))).is_some());
            let deep = envelope("newer", &nest(DEPTH_MAX + 1, open));
            assert!(decode::<Event>(&deep).is_none());
            let newer = entry(Body::Newer { kind: "newer".into(), record: nest(DEPTH_MAX + 1, open) });
            assert_eq!(encode(&newer), Err(DocumentError::Unwritable), "nor written");
            assert!(is_too_deep(&deep));
            assert!(is_too_deep(&envelope("assigned", &nest(200_000, open))), "and no stack is used up");
        }
        assert!(is_too_deep(&envelope("newer", &[0x9f; 100])), "arrays without a length as well");
    }

    #[test]
    fn bytes_behind_an_entry_make_it_none() {
        let mut bytes = encode(&noted()).unwrap();
        bytes.push(0);
        assert_eq!(decode::<Event>(&bytes), None);
    }

    proptest! {
        #[test]
        fn no_bytes_make_reading_fail(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = log::<Event>([bytes.as_slice(), &envelope("reported", &bytes)]);
        }
    }
}
