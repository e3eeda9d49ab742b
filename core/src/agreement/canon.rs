//! Canonical CBOR: fixed arrays, shortest heads, definite lengths. One value has one encoding, so bytes can be signed.
//!
//! A [`Record`] says its fields twice, once out and once in. Canonical means: what was read, written again, gives the
//! same bytes. Readers take nothing on trust: lengths are capped before anything is collected. It knows no agreements.

use minicbor::{Decoder, Encoder, data::Type};

/// Why bytes are not the record they claim to be. Carries nothing of what they hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// The bytes end before the record does.
    #[error("the record ends too early")]
    Truncated,
    /// They are not such a record.
    #[error("not such a record")]
    Malformed,
    /// A record of a later version than this code reads.
    #[error("the record is of a later version")]
    Newer,
    /// Readable, but not in its one canonical encoding.
    #[error("the record is not in its canonical form")]
    NotCanonical,
    /// Longer than its limit.
    #[error("the record is too large")]
    TooLarge,
}

impl ReadError {
    /// Stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Truncated => "truncated",
            Self::Malformed => "malformed",
            Self::Newer => "newer",
            Self::NotCanonical => "not_canonical",
            Self::TooLarge => "too_large",
        }
    }
}

/// A value with one encoding.
pub(super) trait Record: Sized {
    /// Writes it.
    fn put(&self, out: &mut Writer);
    /// Reads it; accepts other encodings of the same value, which [`read`] tells apart.
    fn get(input: &mut Reader<'_>) -> Result<Self, ReadError>;
}

/// The one encoding of a record.
pub(super) fn write<T: Record>(record: &T) -> Vec<u8> {
    let mut out = Writer(Encoder::new(Vec::new()));
    record.put(&mut out);
    out.0.into_writer()
}

/// The record in `bytes`, all of them, and whether they are its canonical encoding.
pub(super) fn read<T: Record>(bytes: &[u8]) -> Result<(T, bool), ReadError> {
    let mut input = Reader(Decoder::new(bytes));
    let record = T::get(&mut input)?;
    let whole = input.0.position() == bytes.len();
    let canonical = whole && write(&record) == bytes;
    Ok((record, canonical))
}

/// The record in `bytes`; anything but its canonical encoding is refused.
pub(super) fn read_canonical<T: Record>(bytes: &[u8]) -> Result<T, ReadError> {
    match read(bytes)? {
        (record, true) => Ok(record),
        (_, false) => Err(ReadError::NotCanonical),
    }
}

/// Writes into memory, which does not fail: the encoder's errors are those of its writer, and a vector has none.
pub(super) struct Writer(Encoder<Vec<u8>>);

impl Writer {
    pub(super) fn array(&mut self, items: usize) {
        let _never = self.0.array(items as u64);
    }

    pub(super) fn uint(&mut self, value: u64) {
        let _never = self.0.u64(value);
    }

    pub(super) fn int(&mut self, value: i64) {
        let _never = self.0.i64(value);
    }

    pub(super) fn flag(&mut self, value: bool) {
        let _never = self.0.bool(value);
    }

    pub(super) fn text(&mut self, value: &str) {
        let _never = self.0.str(value);
    }

    pub(super) fn bytes(&mut self, value: &[u8]) {
        let _never = self.0.bytes(value);
    }

    /// A value or null.
    pub(super) fn option<T: ?Sized>(&mut self, value: Option<&T>, put: impl FnOnce(&mut Self, &T)) {
        match value {
            Some(value) => put(self, value),
            None => {
                let _never = self.0.null();
            }
        }
    }

    pub(super) fn list<T>(&mut self, items: &[T], put: impl Fn(&mut Self, &T)) {
        self.array(items.len());
        for item in items {
            put(self, item);
        }
    }
}

/// Reads from bytes that anyone may have made.
pub(super) struct Reader<'b>(Decoder<'b>);

fn broken(error: &minicbor::decode::Error) -> ReadError {
    if error.is_end_of_input() { ReadError::Truncated } else { ReadError::Malformed }
}

impl<'b> Reader<'b> {
    /// Reads from the first of these bytes.
    pub(super) fn over(bytes: &'b [u8]) -> Self {
        Self(Decoder::new(bytes))
    }

    /// Whether a record of this name begins here.
    pub(super) fn begins(&mut self, name: &str) -> bool {
        self.length().is_ok() && self.text().is_ok_and(|found| found == name)
    }

    /// An array of exactly this many items.
    pub(super) fn array(&mut self, items: usize) -> Result<(), ReadError> {
        if self.length()? == items as u64 { Ok(()) } else { Err(ReadError::Malformed) }
    }

    /// The opening of a record: an array of this many items whose first two are its name and version.
    pub(super) fn opening(&mut self, items: usize, name: &str, version: u64) -> Result<(), ReadError> {
        let length = self.length()?;
        if self.text()? != name {
            return Err(ReadError::Malformed);
        }
        match self.uint()? {
            found if found > version => Err(ReadError::Newer),
            found if found == version && length == items as u64 => Ok(()),
            _ => Err(ReadError::Malformed),
        }
    }

    fn length(&mut self) -> Result<u64, ReadError> {
        self.0.array().map_err(|e| broken(&e))?.ok_or(ReadError::Malformed)
    }

    pub(super) fn uint(&mut self) -> Result<u64, ReadError> {
        self.0.u64().map_err(|e| broken(&e))
    }

    /// An unsigned integer of a narrower type.
    pub(super) fn narrow<T: TryFrom<u64>>(&mut self) -> Result<T, ReadError> {
        T::try_from(self.uint()?).map_err(|_| ReadError::Malformed)
    }

    pub(super) fn int(&mut self) -> Result<i64, ReadError> {
        self.0.i64().map_err(|e| broken(&e))
    }

    pub(super) fn flag(&mut self) -> Result<bool, ReadError> {
        self.0.bool().map_err(|e| broken(&e))
    }

    pub(super) fn text(&mut self) -> Result<&'b str, ReadError> {
        self.0.str().map_err(|e| broken(&e))
    }

    pub(super) fn string(&mut self) -> Result<String, ReadError> {
        self.text().map(String::from)
    }

    /// A text that parses: ids, slugs, check numbers.
    pub(super) fn parsed<T: std::str::FromStr>(&mut self) -> Result<T, ReadError> {
        self.text()?.parse().map_err(|_| ReadError::Malformed)
    }

    pub(super) fn bytes(&mut self) -> Result<&'b [u8], ReadError> {
        self.0.bytes().map_err(|e| broken(&e))
    }

    pub(super) fn exactly<const N: usize>(&mut self) -> Result<[u8; N], ReadError> {
        self.bytes()?.try_into().map_err(|_| ReadError::Malformed)
    }

    pub(super) fn option<T>(&mut self, get: impl FnOnce(&mut Self) -> Result<T, ReadError>) -> Result<Option<T>, ReadError> {
        match self.0.datatype() {
            Ok(Type::Null) => self.0.null().map(|()| None).map_err(|e| broken(&e)),
            Ok(_) => get(self).map(Some),
            Err(error) => Err(broken(&error)),
        }
    }

    /// At most `max` items. Nothing is reserved ahead: a claimed length costs nothing.
    pub(super) fn list<T>(&mut self, max: usize, get: impl Fn(&mut Self) -> Result<T, ReadError>) -> Result<Vec<T>, ReadError> {
        let length = self.length()?;
        if length > max as u64 {
            return Err(ReadError::TooLarge);
        }
        let mut items = Vec::new();
        for _ in 0..length {
            items.push(get(self)?);
        }
        Ok(items)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq)]
    struct Pair(u64, Option<String>);

    impl Record for Pair {
        fn put(&self, out: &mut Writer) {
            out.array(2);
            out.uint(self.0);
            out.option(self.1.as_deref(), Writer::text);
        }

        fn get(input: &mut Reader<'_>) -> Result<Self, ReadError> {
            input.array(2)?;
            Ok(Self(input.uint()?, input.option(Reader::string)?))
        }
    }

    #[test]
    fn a_longer_head_is_readable_but_not_canonical() {
        assert_eq!(read::<Pair>(&[0x82, 0x05, 0xf6]), Ok((Pair(5, None), true)));
        assert_eq!(read::<Pair>(&[0x82, 0x18, 0x05, 0xf6]), Ok((Pair(5, None), false)));
        assert_eq!(read_canonical::<Pair>(&[0x82, 0x05, 0xf6, 0x00]), Err(ReadError::NotCanonical), "bytes behind it");
    }

    #[test]
    fn a_claimed_length_costs_nothing() {
        let claim = [0x9b, 0x00, 0x00, 0x00, 0x10, 0, 0, 0, 0];
        let mut reader = Reader(Decoder::new(&claim));
        assert_eq!(reader.list(usize::MAX, Reader::uint), Err(ReadError::Truncated));
        let mut reader = Reader(Decoder::new(&claim));
        assert_eq!(reader.list(9, Reader::uint), Err(ReadError::TooLarge));
    }
}
