//! Digests with a purpose, and the check number (核验码) that people can read aloud.
//!
//! Every digest is SHA-256 over `tag ‖ 0 ‖ length ‖ bytes` (length: 8 bytes, big-endian), so that bytes made for one
//! purpose never pass for another. One exception: a bundle's name is the plain SHA-256 of its bytes, as every
//! content-addressed store computes it.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest as _, Sha256};
use sm3::Sm3;

use crate::id::{Digest, IdError};

pub(super) const BODY_TAG: &str = "doorstep-agreement-body-1";
pub(super) const ACT_TAG: &str = "doorstep-agreement-act-1";
pub(super) const SEAL_TAG: &str = "doorstep-agreement-seal-1";
pub(super) const DRAWING_TAG: &str = "doorstep-drawing-1";
pub(super) const INK_TAG: &str = "doorstep-ink-1";
pub(super) const DYNAMICS_TAG: &str = "doorstep-dynamics-1";
const ID_NUMBER_TAG: &str = "doorstep-id-number-1";
const KEY_TAG: &str = "doorstep-key-1";

/// What is hashed, and for acts and seals what is signed: the signature's own SHA-256 of it is the tagged digest.
pub(super) fn framed(tag: &str, bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(tag.len() + 9 + bytes.len());
    out.extend_from_slice(tag.as_bytes());
    out.push(0);
    out.extend_from_slice(&(bytes.len() as u64).to_be_bytes());
    out.extend_from_slice(bytes);
    out
}

/// SHA-256 with a tag.
pub(super) fn tagged(tag: &str, bytes: &[u8]) -> Digest {
    Digest::from_bytes(Sha256::digest(framed(tag, bytes)).into())
}

/// SM3 (GM/T 0004-2012) with a tag: the second digest of the body, for courts and offices that ask for it.
pub(super) fn tagged_sm3(tag: &str, bytes: &[u8]) -> [u8; 32] {
    Sm3::digest(framed(tag, bytes)).into()
}

/// The name of a bundle: plain SHA-256 of its bytes.
pub fn bundle_digest(bytes: &[u8]) -> Digest {
    Digest::from_bytes(Sha256::digest(bytes).into())
}

/// What stands in a body for an ID number: a digest over salt and number. Whoever holds the salt (the party, on
/// paper; the committee's file) can show later which number was meant; nobody can guess it from the agreement.
pub fn commit_id_number(salt: &[u8; 32], number: &str) -> Digest {
    let mut bytes = salt.to_vec();
    bytes.extend_from_slice(number.as_bytes());
    tagged(ID_NUMBER_TAG, &bytes)
}

/// The fingerprint of a SEC1 compressed public key.
pub fn key_fingerprint(public_key: &[u8; 33]) -> Digest {
    tagged(KEY_TAG, public_key)
}

/// 10^20: a check number has twenty digits.
const NUMBERS: u128 = 100_000_000_000_000_000_000;

/// The check number (核验码) of a body: its digest's first 16 bytes, big-endian, modulo 10^20.
///
/// It lets people compare by eye what stands on the pad, on paper and in the file. It stands for the digest, it does
/// not replace it: who prepares both texts can find two with one number in about 2^33 tries; acts and seal hold the digest.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CheckNumber(u128);

impl CheckNumber {
    /// The number of the body with this digest.
    pub fn of(body: &Digest) -> Self {
        let number = body.as_bytes().iter().take(16).fold(0u128, |sum, byte| (sum << 8) | u128::from(*byte));
        Self(number % NUMBERS)
    }

    /// As it is shown: five groups of four digits.
    pub fn grouped(self) -> String {
        let mut out = String::with_capacity(24);
        for (place, digit) in self.to_string().chars().enumerate() {
            if place > 0 && place % 4 == 0 {
                out.push(' ');
            }
            out.push(digit);
        }
        out
    }
}

impl fmt::Display for CheckNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:020}", self.0)
    }
}

impl fmt::Debug for CheckNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for CheckNumber {
    type Err = IdError;
    /// Twenty digits; spaces between them are ignored.
    fn from_str(text: &str) -> Result<Self, IdError> {
        let error = IdError { expected: "check number" };
        let digits: String = text.chars().filter(|c| *c != ' ').collect();
        if digits.len() == 20 && digits.bytes().all(|b| b.is_ascii_digit()) {
            digits.parse().map(Self).map_err(|_| error)
        } else {
            Err(error)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_bytes_under_two_tags_have_two_digests() {
        assert_ne!(tagged(BODY_TAG, b"x"), tagged(ACT_TAG, b"x"));
        assert_eq!(tagged(BODY_TAG, b"x"), bundle_digest(b"doorstep-agreement-body-1\0\0\0\0\0\0\0\0\x01x"));
    }

    #[test]
    fn sm3_gives_the_standards_example() {
        let digest: [u8; 32] = Sm3::digest(b"abc").into();
        assert_eq!(digest[..4], [0x66, 0xc7, 0xf0, 0xf4]);
    }

    #[test]
    fn a_check_number_is_twenty_digits_in_groups_of_four_and_reads_back() {
        let number = CheckNumber::of(&Digest::from_bytes([0xff; 32]));
        assert_eq!(number.to_string(), (u128::MAX % NUMBERS).to_string());
        assert_eq!(number.grouped().len(), 24);
        assert_eq!(number.grouped().parse(), Ok(number));
        assert_eq!(CheckNumber::of(&Digest::from_bytes([0; 32])).grouped(), "0000 0000 0000 0000 0000");
        assert!("123".parse::<CheckNumber>().is_err());
    }

    #[test]
    fn an_id_number_shows_only_to_who_has_the_salt() {
        let number = "110101199003070000";
        assert_eq!(commit_id_number(&[1; 32], number), commit_id_number(&[1; 32], number));
        assert_ne!(commit_id_number(&[1; 32], number), commit_id_number(&[2; 32], number));
    }
}
