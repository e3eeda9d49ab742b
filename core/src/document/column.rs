//! Reading Automerge's columns: numbers in LEB128, runs of equal values, none of them longer than allowed.
//!
//! Each column of a change is counted run by run before a run is written out, so that no column, whatever it claims, takes
//! more room than [`OPERATIONS_MAX`] values. Columns of whole documents are only counted. Stricter than Automerge: numbers
//! have one spelling, runs are never empty.

use super::guard::{GuardError, OPERATIONS_MAX};

/// Bytes, read from the front.
#[derive(Clone, Copy)]
pub(super) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(super) const fn new(rest: &'a [u8]) -> Self {
        Self { rest }
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    pub(super) const fn len(&self) -> usize {
        self.rest.len()
    }

    pub(super) fn take(&mut self, n: usize) -> Result<&'a [u8], GuardError> {
        let (taken, rest) = self.rest.split_at_checked(n).ok_or(GuardError::Malformed)?;
        self.rest = rest;
        Ok(taken)
    }

    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], GuardError> {
        self.take(N)?.try_into().map_err(|_| GuardError::Malformed)
    }

    fn byte(&mut self) -> Result<u8, GuardError> {
        self.array::<1>().map(|[byte]| byte)
    }

    /// An unsigned number.
    pub(super) fn unsigned(&mut self) -> Result<u64, GuardError> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            if shift == 63 && byte > 1 {
                break;
            }
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return if byte == 0 && shift > 0 { Err(GuardError::Malformed) } else { Ok(value) };
            }
        }
        Err(GuardError::Malformed)
    }

    /// A signed number.
    pub(super) fn signed(&mut self) -> Result<i64, GuardError> {
        let mut value = 0;
        let mut before = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            if shift == 63 && byte != 0 && byte != 0x7f {
                break;
            }
            value |= i64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                let padded = (byte == 0 && before & 0x40 == 0) || (byte == 0x7f && before & 0x40 != 0);
                if shift > 0 && padded {
                    break;
                }
                if byte & 0x40 != 0 && shift < 57 {
                    value |= -1 << (shift + 7);
                }
                return Ok(value);
            }
            before = byte;
        }
        Err(GuardError::Malformed)
    }

    /// A length or count, as far as this machine can address it.
    pub(super) fn size(&mut self) -> Result<usize, GuardError> {
        self.unsigned()?.try_into().map_err(|_| GuardError::Malformed)
    }

    /// A text with its length before it.
    pub(super) fn text(&mut self) -> Result<&'a str, GuardError> {
        let length = self.size()?;
        std::str::from_utf8(self.take(length)?).map_err(|_| GuardError::Malformed)
    }
}

/// The number of values there are after `more`; refused before there are too many.
fn counted(have: usize, more: u64) -> Result<usize, GuardError> {
    let more = usize::try_from(more).unwrap_or(usize::MAX);
    match have.checked_add(more) {
        Some(total) if more > 0 && total <= OPERATIONS_MAX => Ok(total),
        _ if more == 0 => Err(GuardError::Malformed),
        _ => Err(GuardError::TooManyOperations),
    }
}

/// A run-length encoded column.
pub(super) fn runs<'a, T: Clone>(
    column: &'a [u8],
    read: impl Fn(&mut Reader<'a>) -> Result<T, GuardError>,
) -> Result<Vec<Option<T>>, GuardError> {
    let mut reader = Reader::new(column);
    let mut values = Vec::new();
    while !reader.is_empty() {
        match reader.signed()? {
            0 => {
                let total = counted(values.len(), reader.unsigned()?)?;
                values.resize(total, None);
            }
            n if n > 0 => {
                let total = counted(values.len(), n.unsigned_abs())?;
                let value = read(&mut reader)?;
                values.resize(total, Some(value));
            }
            n => {
                let total = counted(values.len(), n.unsigned_abs())?;
                while values.len() < total {
                    values.push(Some(read(&mut reader)?));
                }
            }
        }
    }
    Ok(values)
}

/// A column of numbers.
pub(super) fn numbers(column: &[u8]) -> Result<Vec<Option<u64>>, GuardError> {
    runs(column, Reader::unsigned)
}

/// A column of numbers, each written as its distance from the one before.
pub(super) fn deltas(column: &[u8]) -> Result<Vec<Option<u64>>, GuardError> {
    let mut at = 0_i64;
    let steps = runs(column, Reader::signed)?;
    let next = |step: Option<i64>| {
        let Some(step) = step else { return Ok(None) };
        at = at.checked_add(step).ok_or(GuardError::Malformed)?;
        u64::try_from(at).map(Some).map_err(|_| GuardError::Malformed)
    };
    steps.into_iter().map(next).collect()
}

/// A column of yes and no: how many no, how many yes, and so on.
pub(super) fn booleans(column: &[u8]) -> Result<Vec<bool>, GuardError> {
    let mut reader = Reader::new(column);
    let mut values = Vec::new();
    let mut value = false;
    while !reader.is_empty() {
        let run = reader.unsigned()?;
        // Only the first run may be empty: when the column begins with yes.
        if run > 0 || value || !values.is_empty() {
            values.resize(counted(values.len(), run)?, value);
        }
        value = !value;
    }
    Ok(values)
}

/// How many values a column has, by its type in the lower three bits of its name; nothing is written out.
pub(super) fn count(name: u64, column: &[u8]) -> Result<u64, GuardError> {
    let mut reader = Reader::new(column);
    let mut total = 0_u64;
    let kind = name & 0b111;
    while !reader.is_empty() {
        let (values, spelled) = match kind {
            4 => (reader.unsigned()?, 0),
            7 => return Ok(0),
            _ => match reader.signed()? {
                0 => (reader.unsigned()?, 0),
                n if n > 0 => (n.unsigned_abs(), 1),
                n => (n.unsigned_abs(), n.unsigned_abs()),
            },
        };
        total = total.saturating_add(values);
        // Each value takes a byte at least, so this ends with the column.
        for _ in 0..spelled {
            match kind {
                3 => drop(reader.signed()?),
                5 => drop(reader.text()?),
                _ => drop(reader.unsigned()?),
            }
        }
    }
    Ok(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_one_spelling() {
        let unsigned = |bytes: &[u8]| Reader::new(bytes).unsigned();
        assert_eq!(unsigned(&[0x7f]), Ok(127));
        assert_eq!(unsigned(&[0x80, 0x01]), Ok(128));
        assert_eq!(unsigned(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]), Ok(u64::MAX));
        for wrong in [&[0x80][..], &[0x80, 0x00], &[0xff; 10], &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02]] {
            assert_eq!(unsigned(wrong), Err(GuardError::Malformed));
        }
        let signed = |bytes: &[u8]| Reader::new(bytes).signed();
        assert_eq!(signed(&[0x3f]), Ok(63));
        assert_eq!(signed(&[0x40]), Ok(-64));
        assert_eq!(signed(&[0xbf, 0x7f]), Ok(-65));
        assert_eq!(signed(&[0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7f]), Ok(i64::MIN));
        assert_eq!(signed(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x00]), Ok(i64::MAX));
        for wrong in [&[0xff, 0x7f][..], &[0x80, 0x00], &[0xff; 10]] {
            assert_eq!(signed(wrong), Err(GuardError::Malformed));
        }
    }

    #[test]
    fn runs_are_what_they_say() {
        assert_eq!(numbers(&[0x02, 0x07, 0x00, 0x01, 0x7e, 0x01, 0x02]), Ok(vec![Some(7), Some(7), None, Some(1), Some(2)]));
        assert_eq!(deltas(&[0x03, 0x01, 0x7f, 0x7f]), Ok(vec![Some(1), Some(2), Some(3), Some(2)]));
        assert_eq!(deltas(&[0x7f, 0x7f]), Err(GuardError::Malformed), "below zero");
        assert_eq!(booleans(&[0x00, 0x02, 0x01]), Ok(vec![true, true, false]));
        assert_eq!(booleans(&[0x01, 0x00, 0x01]), Err(GuardError::Malformed));
    }

    #[test]
    fn counting_agrees_with_reading() {
        let column = [0x02, 0x07, 0x00, 0x01, 0x7e, 0x01, 0x02];
        assert_eq!(count(0x42, &column), Ok(numbers(&column).unwrap().len() as u64));
        assert_eq!(count(0x13, &column), Ok(deltas(&column).unwrap().len() as u64));
        let column = [0x00, 0x02, 0x01];
        assert_eq!(count(0x34, &column), Ok(booleans(&column).unwrap().len() as u64));
        assert_eq!(count(0x15, &[0x02, 0x01, b'k', 0x7f, 0x00]), Ok(3));
        assert_eq!(count(0x15, &[0x7e, 0x01, b'k']), Err(GuardError::Malformed), "one of two is missing");
    }

    #[test]
    fn a_run_is_refused_before_it_is_written_out() {
        // 2^62 times the number 7; nothing; yes.
        let huge = [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0xc0, 0x00];
        assert_eq!(numbers(&[&huge[..], &[7]].concat()), Err(GuardError::TooManyOperations));
        let huge = [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x40];
        assert_eq!(numbers(&[&[0x00][..], &huge].concat()), Err(GuardError::TooManyOperations));
        assert_eq!(booleans(&huge), Err(GuardError::TooManyOperations));
    }
}
