//! What of a sealed agreement fits on paper: QR codes from which, without file, server or network, all terms are made again
//! and held against the seal. The ink and the acts' signatures stay with the file: the paper shows the ink itself.
//!
//! One small code: `DOORSTEP1S`, the 20 digits of the check number, then base 45 of body digest, bundle digest and the seal's
//! signature. Large ones: `DOORSTEP1T`, 8 hexadecimal digits of the body digest, which of how many in two digits each, then base 45 of
//! a piece of the deflated record `["doorstep-agreement-paper", 1, body without its text, seal, signature]`. The text is left
//! out because its template makes it again from the fields; the digest shows whether it did.

use std::io::{Read as _, Write as _};

use super::base45;
use super::body::Body;
use super::bundle::{BUNDLE_MAX, Parts};
use super::canon::{self, ReadError, Reader, Record, Writer};
use super::digest::{BODY_TAG, CheckNumber, bundle_digest, tagged};
use super::freeze::{Frozen, freeze};
use super::key::is_signature;
use super::seal::{Seal, seal_message};
use super::text::TEMPLATE;
use crate::id::Digest;

const NAME: &str = "doorstep-agreement-paper";
const VERSION: u64 = 1;
/// Beginning of the small code.
const SEAL_CODE: &str = "DOORSTEP1S";
/// Beginning of a large code.
const TERMS_CODE: &str = "DOORSTEP1T";
/// Digits of a check number.
const NUMBER_DIGITS: usize = 20;
/// Digits of the body digest in a large code, and its place and count.
const MARK_DIGITS: usize = 8;
const COUNT_DIGITS: usize = 2;
/// Most bytes of a large code: with them a code has 81 modules a side, three of them beside each other on a page, which a phone
/// reads from an ordinary print.
const PIECE_BYTES: usize = 560;
/// Most large codes of one agreement: three pages of them. What is longer is checked by its file.
pub const TERMS_CODES_MAX: usize = 30;
/// Bytes in the small code: two digests and a signature.
const SMALL_BYTES: usize = 32 + 32 + 64;

/// The texts of an agreement's codes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaperCodes {
    /// The small one: check number, digests and the seal's signature.
    pub seal: String,
    /// The large ones, in order; none if the terms are too long for [`TERMS_CODES_MAX`] or of another template than ours.
    pub terms: Vec<String>,
}

/// What the large codes hold together.
#[derive(Debug, PartialEq, Eq)]
struct Terms {
    /// The body's bytes up to its text.
    body: Vec<u8>,
    seal: Vec<u8>,
    signature: Vec<u8>,
}

impl Record for Terms {
    fn put(&self, out: &mut Writer) {
        out.array(5);
        out.text(NAME);
        out.uint(VERSION);
        out.bytes(&self.body);
        out.bytes(&self.seal);
        out.bytes(&self.signature);
    }

    fn get(input: &mut Reader<'_>) -> Result<Self, ReadError> {
        input.opening(5, NAME, VERSION)?;
        Ok(Self { body: input.bytes()?.to_vec(), seal: input.bytes()?.to_vec(), signature: input.bytes()?.to_vec() })
    }
}

/// What is wrong with the codes of a paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PaperFault {
    /// No large code among them.
    NoTerms,
    /// Codes are missing: how many of how many are here.
    Incomplete(usize, usize),
    /// Codes of several papers.
    Mixed,
    /// What they hold is not what we print.
    Unreadable,
    /// The terms are not those of the seal.
    BodyAltered,
    /// The seal's signature is not by the seal's key.
    BadSeal,
    /// The small code is of another agreement or another seal.
    OtherSeal,
}

impl PaperFault {
    /// Stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NoTerms => "no_terms_code",
            Self::Incomplete(..) => "codes_missing",
            Self::Mixed => "codes_mixed",
            Self::Unreadable => "unreadable",
            Self::BodyAltered => "body_altered",
            Self::BadSeal => "bad_seal",
            Self::OtherSeal => "other_seal",
        }
    }

    /// One sentence in Chinese.
    pub fn zh(self) -> String {
        match self {
            Self::NoTerms => "没有条款二维码的文字。".into(),
            Self::Incomplete(here, of) => format!("条款二维码不全：共{of}枚，只有{here}枚。"),
            Self::Mixed => "二维码来自不同的协议。".into(),
            Self::Unreadable => "二维码的内容无法读取，请重新扫描。".into(),
            Self::BodyAltered => "条款与封存时不一致。".into(),
            Self::BadSeal => "设备封印无效。".into(),
            Self::OtherSeal => "小二维码与条款二维码不是同一份协议。".into(),
        }
    }

    /// One sentence in English.
    pub fn en(self) -> String {
        match self {
            Self::NoTerms => "There is no large code among them.".into(),
            Self::Incomplete(here, of) => format!("Large codes are missing: {here} of {of} are here."),
            Self::Mixed => "The codes are of several agreements.".into(),
            Self::Unreadable => "What the codes hold can't be read: scan them again.".into(),
            Self::BodyAltered => "The terms are not those that were sealed.".into(),
            Self::BadSeal => "The device's seal is not valid.".into(),
            Self::OtherSeal => "The small code is of another agreement than the large ones.".into(),
        }
    }
}

/// An agreement read from paper: terms and seal fit each other. Whose the seal's key is, a certificate must say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paper {
    /// The terms, made again.
    pub frozen: Frozen,
    /// The seal.
    pub seal: Seal,
    /// The bundle's name, by the small code, where it was scanned too.
    pub bundle: Option<Digest>,
}

/// The codes of a bundle.
pub fn paper_codes(bundle: &[u8]) -> Result<PaperCodes, ReadError> {
    if bundle.len() > BUNDLE_MAX {
        return Err(ReadError::TooLarge);
    }
    let parts: Parts = canon::read_canonical(bundle)?;
    let body: Body = canon::read_canonical(&parts.body)?;
    let digest = tagged(BODY_TAG, &parts.body);
    let small = [digest.as_bytes().as_slice(), bundle_digest(bundle).as_bytes(), &parts.seal_signature].concat();
    let seal = format!("{SEAL_CODE}{}{}", CheckNumber::of(&digest), base45::encode(&small));
    let head = parts.body.len().saturating_sub(text_bytes(&body.text));
    let terms =
        Terms { body: parts.body.get(..head).unwrap_or_default().to_vec(), seal: parts.seal, signature: parts.seal_signature };
    let made_again = remade(&terms.body).is_some_and(|frozen| frozen.digest() == digest);
    let terms = if made_again { pieces(&deflated(&canon::write(&terms)), &digest) } else { Vec::new() };
    Ok(PaperCodes { seal, terms })
}

/// Reads scanned codes, one a text, in any order; texts that are none of ours are passed over.
pub fn read_paper<'a>(texts: impl IntoIterator<Item = &'a str>) -> Result<Paper, PaperFault> {
    let (mut small, mut pieces, mut of) = (None, Vec::new(), None);
    for text in texts.into_iter().map(|text| text.trim_matches(['\r', '\n'])) {
        if let Some(rest) = text.strip_prefix(SEAL_CODE) {
            small = Some(rest);
        } else if let Some(rest) = text.strip_prefix(TERMS_CODE) {
            let (mark, place, count, piece) = piece(rest).ok_or(PaperFault::Unreadable)?;
            if of.replace((mark, count)).is_some_and(|other| other != (mark, count)) {
                return Err(PaperFault::Mixed);
            }
            pieces.push((place, piece));
        }
    }
    let (_, count) = of.ok_or(PaperFault::NoTerms)?;
    pieces.sort();
    pieces.dedup();
    if !(1..=count).eq(pieces.iter().map(|(place, _)| *place)) {
        return Err(PaperFault::Incomplete(pieces.len(), count));
    }
    let packed: Vec<u8> = pieces.into_iter().flat_map(|(_, piece)| piece).collect();
    let record = inflated(&packed).ok_or(PaperFault::Unreadable)?;
    let terms: Terms = canon::read_canonical(&record).map_err(|_| PaperFault::Unreadable)?;
    let seal: Seal = canon::read_canonical(&terms.seal).map_err(|_| PaperFault::Unreadable)?;
    let frozen = remade(&terms.body).ok_or(PaperFault::Unreadable)?;
    if seal.body != frozen.digest() || seal.body_sm3 != frozen.sm3() {
        return Err(PaperFault::BodyAltered);
    }
    if !is_signature(&seal.public_key, &seal_message(&terms.seal), &terms.signature) {
        return Err(PaperFault::BadSeal);
    }
    let bundle = small.map(|small| small_code(small, &frozen, &terms.signature)).transpose()?;
    Ok(Paper { frozen, seal, bundle })
}

/// Whether a text is a file of scanned codes.
pub fn is_paper(bytes: &[u8]) -> bool {
    [SEAL_CODE, TERMS_CODE].iter().any(|code| bytes.trim_ascii_start().starts_with(code.as_bytes()))
}

/// The bundle's name by the small code, if it is of these terms and this seal.
fn small_code(rest: &str, frozen: &Frozen, signature: &[u8]) -> Result<Digest, PaperFault> {
    let (number, packed) = rest.split_at_checked(NUMBER_DIGITS).ok_or(PaperFault::Unreadable)?;
    let bytes = base45::decode(packed).filter(|bytes| bytes.len() == SMALL_BYTES).ok_or(PaperFault::Unreadable)?;
    let (body, rest) = bytes.split_at(32);
    let (bundle, signed) = rest.split_at(32);
    let same = number == frozen.check_number().to_string() && body == frozen.digest().as_bytes() && signed == signature;
    let bundle: [u8; 32] = bundle.try_into().map_err(|_| PaperFault::Unreadable)?;
    if same { Ok(Digest::from_bytes(bundle)) } else { Err(PaperFault::OtherSeal) }
}

/// The body whose bytes up to the text are these, with the text that its template makes.
fn remade(head: &[u8]) -> Option<Frozen> {
    // An empty text in place of the one left out, so that the fields can be read.
    let without = canon::read_canonical::<Body>(&[head, &[0x60]].concat()).ok()?;
    if without.template != TEMPLATE {
        return None;
    }
    let frozen = freeze(&without.drafted, without.context).ok()?;
    frozen.bytes().starts_with(head).then_some(frozen)
}

/// Bytes of a text in canonical CBOR.
const fn text_bytes(text: &str) -> usize {
    let length = text.len();
    length
        + match length {
            0..24 => 1,
            24..0x100 => 2,
            0x100..0x1_0000 => 3,
            _ => 5,
        }
}

fn pieces(packed: &[u8], digest: &Digest) -> Vec<String> {
    let count = packed.len().div_ceil(PIECE_BYTES);
    if count > TERMS_CODES_MAX {
        return Vec::new();
    }
    let mark: String = digest.to_string().chars().take(MARK_DIGITS).collect::<String>().to_uppercase();
    let piece = |(place, piece)| format!("{TERMS_CODE}{mark}{place:02}{count:02}{}", base45::encode(piece));
    // All of one size: the smallest that this many codes can have.
    let size = packed.len().div_ceil(count.max(1)).max(1);
    (1..).zip(packed.chunks(size)).map(piece).collect()
}

/// Mark, place, count and bytes of a large code.
fn piece(rest: &str) -> Option<(&str, usize, usize, Vec<u8>)> {
    let (mark, rest) = rest.split_at_checked(MARK_DIGITS)?;
    let (place, rest) = rest.split_at_checked(COUNT_DIGITS)?;
    let (count, packed) = rest.split_at_checked(COUNT_DIGITS)?;
    let (place, count) = (place.parse().ok()?, count.parse().ok()?);
    ((1..=count).contains(&place) && count <= TERMS_CODES_MAX).then_some(())?;
    Some((mark, place, count, base45::decode(packed)?))
}

fn deflated(bytes: &[u8]) -> Vec<u8> {
    let mut packer = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
    // Writing to memory does not fail; if it did, the codes would not read back, and `paper_codes` is tested for that.
    let _never = packer.write_all(bytes);
    packer.finish().unwrap_or_default()
}

fn inflated(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut record = Vec::new();
    let most = BUNDLE_MAX as u64;
    flate2::read::DeflateDecoder::new(bytes).take(most).read_to_end(&mut record).ok()?;
    Some(record)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agreement::specimen;

    fn codes() -> PaperCodes {
        paper_codes(&specimen::sealed().bytes).unwrap()
    }

    fn texts(codes: &PaperCodes) -> Vec<&str> {
        codes.terms.iter().chain([&codes.seal]).map(String::as_str).collect()
    }

    #[test]
    fn all_terms_and_the_seal_come_back_from_paper_alone() {
        let codes = codes();
        let paper = read_paper(texts(&codes)).unwrap();
        assert_eq!(paper.frozen, specimen::frozen());
        assert_eq!(paper.bundle, Some(specimen::sealed().digest));
        assert!(is_paper(codes.seal.as_bytes()) && is_paper(codes.terms[0].as_bytes()) && !is_paper(b"%PDF-1.7"));
        // Backwards, with other lines between them, without the small one.
        let mut backwards = texts(&codes);
        backwards.reverse();
        backwards.insert(1, "https://example.org");
        assert_eq!(read_paper(backwards[1..].iter().copied()).unwrap().bundle, None);
    }

    #[test]
    fn the_codes_are_as_short_as_they_can_be_scanned() {
        let codes = codes();
        assert_eq!(codes.terms.len(), 2, "a short agreement is two large codes");
        assert!(codes.seal.len() <= 230, "{}", codes.seal.len());
        assert!(codes.terms.iter().all(|text| text.len() <= 870), "version 16 holds 854 and more");
    }

    #[test]
    fn an_altered_code_is_found_whatever_was_changed() {
        let codes = codes();
        let (whole, rest) = (codes.terms[0].clone(), codes.terms[1].as_str());
        for at in 0..whole.len() {
            let mut bytes = whole.clone().into_bytes();
            bytes[at] = if bytes[at] == b'7' { b'8' } else { b'7' };
            let altered = String::from_utf8(bytes).unwrap();
            if altered != whole {
                assert!(read_paper([altered.as_str(), rest, &codes.seal]).is_err(), "{at}");
            }
        }
        for at in SEAL_CODE.len()..codes.seal.len() {
            let mut bytes = codes.seal.clone().into_bytes();
            bytes[at] = if bytes[at] == b'7' { b'8' } else { b'7' };
            let altered = String::from_utf8(bytes).unwrap();
            let read = read_paper([whole.as_str(), rest, &altered]);
            let name = SEAL_CODE.len() + NUMBER_DIGITS + 48..SEAL_CODE.len() + NUMBER_DIGITS + 96;
            // The bundle's name is the one thing there that terms and seal don't hold: another name is shown as it is.
            match read {
                Ok(paper) => assert!(name.contains(&at) && paper.bundle != Some(specimen::sealed().digest), "{at}"),
                Err(fault) => assert!(matches!(fault, PaperFault::OtherSeal | PaperFault::Unreadable), "{at}"),
            }
        }
    }

    #[test]
    fn a_missing_or_foreign_code_is_named() {
        let mut drafted = specimen::drafted();
        // Text that does not shrink: several codes.
        drafted.terms = (0..4_000u32).filter_map(|n| char::from_u32(0x4e00 + (n * 7_919) % 20_000)).collect();
        let frozen = freeze(&drafted, specimen::context()).unwrap();
        let mut ceremony = crate::agreement::Ceremony::begin(frozen.clone());
        for (role, name, minute) in [
            (crate::agreement::SignerRole::Party, "张建国", 1),
            (crate::agreement::SignerRole::Party, "李秀英", 2),
            (crate::agreement::SignerRole::Witness, "陈志强", 3),
            (crate::agreement::SignerRole::Mediator, "王敏", 4),
        ] {
            specimen::sign(&mut ceremony, role, name, minute).unwrap();
        }
        let sealed = crate::agreement::seal(&ceremony, specimen::seal_context(), &specimen::device()).unwrap();
        let long = paper_codes(&sealed.bytes).unwrap();
        let count = long.terms.len();
        assert!(count > 3, "{count}");
        assert_eq!(read_paper(texts(&long)).unwrap().frozen, frozen);
        let some = long.terms[1..].iter().map(String::as_str);
        assert_eq!(read_paper(some), Err(PaperFault::Incomplete(count - 1, count)));
        let short = codes();
        assert_eq!(read_paper([short.terms[0].as_str(), long.terms[0].as_str()]), Err(PaperFault::Mixed));
        assert_eq!(
            read_paper([short.terms[0].as_str(), short.terms[1].as_str(), long.seal.as_str()]),
            Err(PaperFault::OtherSeal)
        );
        assert_eq!(read_paper([short.seal.as_str()]), Err(PaperFault::NoTerms));
    }
}
