//! Automerge's chunks, taken apart and put together again with checksums that fit. Only for making what nobody would write.
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "hostile bytes are made of the lower bits of chance"
)]

use sha2::{Digest as _, Sha256};

/// Bytes of magic, checksum and type before a chunk's length.
const BEFORE_LENGTH: usize = 9;
/// The column of what values are, and how long; the column of their bytes.
pub const VALUE_KINDS: u64 = 0x56;
/// The column of values' bytes.
pub const VALUES: u64 = 0x57;

/// A change chunk in parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parts {
    /// Type of the chunk: 1 for a change.
    pub kind: u8,
    /// What it builds on.
    pub deps: Vec<[u8; 32]>,
    /// Who wrote it.
    pub actor: Vec<u8>,
    /// Its number.
    pub seq: u64,
    /// The number of its first operation.
    pub start_op: u64,
    /// When.
    pub time: i64,
    /// A message.
    pub message: Vec<u8>,
    /// The other actors in it.
    pub actors: Vec<Vec<u8>>,
    /// Its columns by name.
    pub columns: Vec<(u64, Vec<u8>)>,
    /// What follows.
    pub behind: Vec<u8>,
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, n: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(n)?;
        self.0 = rest;
        Some(taken)
    }

    fn unsigned(&mut self) -> Option<u64> {
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = *self.take(1)?.first()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    fn signed(&mut self) -> Option<i64> {
        let (mut value, mut shift) = (0_i64, 0_u32);
        loop {
            let byte = *self.take(1)?.first()?;
            value |= i64::from(byte & 0x7f).checked_shl(shift)?;
            shift += 7;
            if byte & 0x80 == 0 {
                return Some(if shift < 64 && byte & 0x40 != 0 { value | (-1 << shift) } else { value });
            }
        }
    }

    fn size(&mut self) -> Option<usize> {
        usize::try_from(self.unsigned()?).ok()
    }
}

/// A number as the format writes it.
pub fn unsigned(out: &mut Vec<u8>, mut n: u64) {
    while n >= 0x80 {
        out.push(n as u8 & 0x7f | 0x80);
        n >>= 7;
    }
    out.push(n as u8);
}

/// A number with a sign as the format writes it.
pub fn signed(out: &mut Vec<u8>, mut n: i64) {
    loop {
        let low = n as u8 & 0x7f;
        n >>= 7;
        if (n == 0 && low & 0x40 == 0) || (n == -1 && low & 0x40 != 0) {
            return out.push(low);
        }
        out.push(low | 0x80);
    }
}

impl Parts {
    /// The parts of a change chunk; none if it is none.
    pub fn of(chunk: &[u8]) -> Option<Self> {
        let mut reader = Reader(chunk);
        let kind = *reader.take(BEFORE_LENGTH)?.last()?;
        let length = reader.size()?;
        let mut reader = Reader(reader.take(length)?);
        let n = reader.size().filter(|n| *n <= 1_000)?;
        let deps = (0..n).map(|_| reader.take(32)?.try_into().ok()).collect::<Option<_>>()?;
        let actor = named(&mut reader)?;
        let (seq, start_op, time) = (reader.unsigned()?, reader.unsigned()?, reader.signed()?);
        let message = named(&mut reader)?;
        let n = reader.size().filter(|n| *n <= 1_000)?;
        let actors = (0..n).map(|_| named(&mut reader)).collect::<Option<_>>()?;
        let n = reader.size().filter(|n| *n <= 100)?;
        let names = (0..n).map(|_| Some((reader.unsigned()?, reader.size()?))).collect::<Option<Vec<_>>>()?;
        let columns =
            names.into_iter().map(|(name, length)| Some((name, reader.take(length)?.to_vec()))).collect::<Option<_>>()?;
        let behind = reader.0.to_vec();
        Some(Self { kind, deps, actor, seq, start_op, time, message, actors, columns, behind })
    }

    /// The chunk, with a checksum that fits.
    pub fn bytes(&self) -> Vec<u8> {
        let mut body = Vec::new();
        unsigned(&mut body, self.deps.len() as u64);
        self.deps.iter().for_each(|dep| body.extend(dep));
        let with_length = |body: &mut Vec<u8>, bytes: &[u8]| {
            unsigned(body, bytes.len() as u64);
            body.extend(bytes);
        };
        with_length(&mut body, &self.actor);
        unsigned(&mut body, self.seq);
        unsigned(&mut body, self.start_op);
        signed(&mut body, self.time);
        with_length(&mut body, &self.message);
        unsigned(&mut body, self.actors.len() as u64);
        self.actors.iter().for_each(|actor| with_length(&mut body, actor));
        unsigned(&mut body, self.columns.len() as u64);
        for (name, column) in &self.columns {
            unsigned(&mut body, *name);
            unsigned(&mut body, column.len() as u64);
        }
        self.columns.iter().for_each(|(_, column)| body.extend(column));
        body.extend(&self.behind);
        let mut chunk = vec![0x85, 0x6f, 0x4a, 0x83, 0, 0, 0, 0, self.kind];
        unsigned(&mut chunk, body.len() as u64);
        chunk.extend(body);
        seal(&mut chunk);
        chunk
    }

    /// One of its columns.
    pub fn column(&mut self, name: u64) -> Option<&mut Vec<u8>> {
        self.columns.iter_mut().find(|(other, _)| *other == name).map(|(_, column)| column)
    }

    /// The values that the change writes, each with its kind; none where the columns don't fit together.
    pub fn values(&self) -> Option<Vec<(u8, Vec<u8>)>> {
        let find = |name| self.columns.iter().find(|(other, _)| *other == name).map(|(_, column)| column.as_slice());
        let (mut kinds, mut bytes) = (Reader(find(VALUE_KINDS)?), Reader(find(VALUES).unwrap_or_default()));
        let mut values = Vec::new();
        while !kinds.0.is_empty() {
            let run = kinds.signed()?;
            let (repeat, spelled) = if run > 0 { (run, 1) } else { (1, run.checked_neg()?) };
            if !(1..=10_000).contains(&repeat) || !(1..=10_000).contains(&spelled) {
                return None;
            }
            for _ in 0..spelled {
                let described = kinds.unsigned()?;
                for _ in 0..repeat {
                    let length = usize::try_from(described >> 4).ok()?;
                    values.push((described as u8 & 0b1111, bytes.take(length)?.to_vec()));
                }
            }
        }
        Some(values)
    }

    /// Writes these values instead.
    pub fn set_values(&mut self, values: &[(u8, Vec<u8>)]) {
        let (mut kinds, mut bytes) = (Vec::new(), Vec::new());
        signed(&mut kinds, -i64::try_from(values.len()).unwrap_or(1));
        for (kind, value) in values {
            unsigned(&mut kinds, (value.len() as u64) << 4 | u64::from(*kind));
            bytes.extend(value);
        }
        for (name, column) in [(VALUE_KINDS, kinds), (VALUES, bytes)] {
            if let Some(old) = self.column(name) {
                *old = column;
            }
        }
    }
}

fn named(reader: &mut Reader<'_>) -> Option<Vec<u8>> {
    let length = reader.size()?;
    reader.take(length).map(<[u8]>::to_vec)
}

/// Repairs the checksum of one chunk.
pub fn seal(chunk: &mut [u8]) {
    if chunk.len() > 8 {
        let hash = Sha256::digest(&chunk[8..]);
        chunk[4..8].copy_from_slice(&hash[..4]);
    }
}

/// The chunk's name, if it is a change.
pub fn hash(chunk: &[u8]) -> [u8; 32] {
    Sha256::digest(chunk.get(8..).unwrap_or_default()).into()
}

/// Repairs the checksum of each chunk in a file, as far as its lengths lead.
pub fn seal_all(file: &mut [u8]) {
    let mut rest = file;
    while rest.len() > BEFORE_LENGTH {
        let mut reader = Reader(&rest[BEFORE_LENGTH..]);
        let Some(length) = reader.size() else { return };
        let end = (rest.len() - reader.0.len()).saturating_add(length).min(rest.len());
        let (chunk, behind) = rest.split_at_mut(end);
        seal(chunk);
        rest = behind;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{World, scenes};

    #[test]
    fn a_real_change_taken_apart_and_put_together_is_the_same() {
        let world = World::new(1);
        let mut phone = world.phone("w-ncg-1");
        let case = scenes::report(&phone, "一件事");
        phone.device().run(case, &scenes::note("一句")).unwrap();
        for change in phone.document(case).changes().unwrap() {
            let mut parts = Parts::of(&change.bytes).unwrap();
            assert_eq!(parts.bytes(), change.bytes);
            assert_eq!(hash(&change.bytes), *change.hash.as_bytes());
            let values = parts.values().unwrap();
            parts.set_values(&values);
            assert_eq!(parts.values().unwrap(), values);
            assert_eq!(doorstep_core::document::guard::inspect(&parts.bytes()).unwrap().ops, values.len() as u64);
        }
        let mut file = phone.document(case).save();
        let whole = file.clone();
        file[4] ^= 1;
        seal_all(&mut file);
        assert_eq!(file, whole);
    }
}
