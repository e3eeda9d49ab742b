//! The agreement's file: the bundle, and beside it what came after the sealing. This is what is saved, sent and embedded in
//! the PDF; a bare bundle is as good, it only says less.
//!
//! `["doorstep-agreement-file", 1, bundle, receipt | null, stamp | null, [[kind, bytes], …]]`, canonical CBOR. `bundle`,
//! `receipt` and `stamp` are the byte strings that the modules of these names write; the list holds counter-signatures and time-stamp
//! tokens over the bundle's digest, in the order of their kinds and bytes, none twice: one content has one file. The bundle never changes, so
//! whoever has a newer file of one agreement has the same bundle and more beside it.
//!
//! To make one: [`AgreementFile::of`] a bundle, fill in what is at hand, [`AgreementFile::write`]. To take one apart:
//! [`AgreementFile::read`], which reads a bare bundle too. Reading is not verifying.

use super::bundle::BUNDLE_MAX;
use super::canon::{self, ReadError, Reader, Record, Writer};
use super::seal::CARRIED_MAX;

const NAME: &str = "doorstep-agreement-file";
const VERSION: u64 = 1;

/// Most counter-signatures and tokens.
pub const COUNTER_SIGNATURES_MAX: usize = 16;
/// Largest counter-signature or token, bytes. An RFC 3161 token with its certificates takes 4 to 8 KiB.
pub const COUNTER_SIGNATURE_MAX: usize = 32 << 10;
/// Longest name of a kind of counter-signature, bytes.
const KIND_MAX: usize = 32;
/// Largest file, bytes: the largest bundle and everything beside it.
pub const FILE_MAX: usize = BUNDLE_MAX + 4 * CARRIED_MAX + COUNTER_SIGNATURES_MAX * (COUNTER_SIGNATURE_MAX + KIND_MAX) + 1024;

/// A counter-signature or time-stamp token over the bundle, of a kind that this version may not know.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct CounterSignature {
    /// Its kind's stable name (`rfc3161`, `sm2`).
    pub kind: String,
    /// Its bytes, as whoever made it gave them.
    pub bytes: Vec<u8>,
}

/// An agreement's file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgreementFile {
    /// The bundle.
    pub bundle: Vec<u8>,
    /// The server's receipt, where it is at hand.
    pub receipt: Option<Vec<u8>>,
    /// The committee's stamp, where it is at hand.
    pub stamp: Option<Vec<u8>>,
    /// Counter-signatures and time-stamp tokens.
    pub counter_signatures: Vec<CounterSignature>,
}

impl AgreementFile {
    /// The file of a bundle, with nothing beside it yet.
    pub const fn of(bundle: Vec<u8>) -> Self {
        Self { bundle, receipt: None, stamp: None, counter_signatures: Vec::new() }
    }

    /// The file's bytes. The same content gives the same bytes.
    pub fn write(&self) -> Vec<u8> {
        let mut file = self.clone();
        file.counter_signatures.sort();
        file.counter_signatures.dedup();
        canon::write(&file)
    }

    /// The file in these bytes, or, where they are a bare bundle, that bundle with nothing beside it.
    pub fn read(bytes: &[u8]) -> Result<Self, ReadError> {
        if !Self::is_one(bytes) {
            return if bytes.len() > BUNDLE_MAX { Err(ReadError::TooLarge) } else { Ok(Self::of(bytes.to_vec())) };
        }
        if bytes.len() > FILE_MAX {
            return Err(ReadError::TooLarge);
        }
        match canon::read::<Self>(bytes)? {
            (file, true) if file.counter_signatures.is_sorted_by(|one, two| one < two) => Ok(file),
            _ => Err(ReadError::NotCanonical),
        }
    }

    /// Whether these bytes begin as such a file, whatever follows.
    pub(super) fn is_one(bytes: &[u8]) -> bool {
        Reader::over(bytes).begins(NAME)
    }
}

impl Record for AgreementFile {
    fn put(&self, out: &mut Writer) {
        out.array(6);
        out.text(NAME);
        out.uint(VERSION);
        out.bytes(&self.bundle);
        out.option(self.receipt.as_deref(), Writer::bytes);
        out.option(self.stamp.as_deref(), Writer::bytes);
        out.list(&self.counter_signatures, |out, one| {
            out.array(2);
            out.text(&one.kind);
            out.bytes(&one.bytes);
        });
    }

    fn get(input: &mut Reader<'_>) -> Result<Self, ReadError> {
        let most = |bytes: &[u8], max: usize| if bytes.len() <= max { Ok(bytes.to_vec()) } else { Err(ReadError::TooLarge) };
        input.opening(6, NAME, VERSION)?;
        Ok(Self {
            bundle: most(input.bytes()?, BUNDLE_MAX)?,
            // A receipt holds a checkpoint and at most 64 hashes of 34 bytes.
            receipt: input.option(|input| most(input.bytes()?, 2 * CARRIED_MAX))?,
            stamp: input.option(|input| most(input.bytes()?, CARRIED_MAX))?,
            counter_signatures: input.list(COUNTER_SIGNATURES_MAX, |input| {
                input.array(2)?;
                let kind = input.string()?;
                let bytes = most(input.bytes()?, COUNTER_SIGNATURE_MAX)?;
                if kind.len() > KIND_MAX { Err(ReadError::TooLarge) } else { Ok(CounterSignature { kind, bytes }) }
            })?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agreement::specimen;

    fn file() -> AgreementFile {
        let token = |kind: &str, byte| CounterSignature { kind: kind.into(), bytes: vec![byte; 3] };
        AgreementFile {
            receipt: Some(vec![1, 2]),
            stamp: Some(vec![3]),
            counter_signatures: vec![token("sm2", 1), token("rfc3161", 2)],
            ..AgreementFile::of(specimen::sealed().bytes)
        }
    }

    #[test]
    fn a_file_reads_back_and_one_content_has_one_file() {
        let bytes = file().write();
        let read = AgreementFile::read(&bytes).unwrap();
        assert_eq!(read.write(), bytes);
        assert_eq!((&read.bundle, &read.receipt), (&file().bundle, &file().receipt));
        let mut turned = file();
        turned.counter_signatures.reverse();
        turned.counter_signatures.push(turned.counter_signatures[0].clone());
        assert_eq!(turned.write(), bytes);
        turned.counter_signatures.reverse();
        assert_eq!(AgreementFile::read(&canon::write(&turned)), Err(ReadError::NotCanonical), "in another order");
    }

    #[test]
    fn a_bare_bundle_is_a_file_with_nothing_beside_it() {
        let bundle = specimen::sealed().bytes;
        assert_eq!(AgreementFile::read(&bundle), Ok(AgreementFile::of(bundle.clone())));
        assert!(!AgreementFile::is_one(&bundle));
    }

    #[test]
    fn what_is_larger_than_any_file_is_not_read() {
        let mut large = file();
        large.stamp = Some(vec![0; CARRIED_MAX + 1]);
        assert_eq!(AgreementFile::read(&large.write()), Err(ReadError::TooLarge));
        assert_eq!(AgreementFile::read(&vec![0; BUNDLE_MAX + 1]), Err(ReadError::TooLarge));
    }
}
