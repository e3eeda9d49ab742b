//! RFC 3161 time-stamp tokens: an authority's word that the bundle existed at a time. Read, checked, and made by a local
//! authority for tests and trials.
//!
//! Of the standard exactly what is needed: a CMS `SignedData` over a `TSTInfo`, its first signer, ECDSA P-256 with SHA-256 over the
//! signed attributes. The message imprint is the bundle's SHA-256. The authority's key is an anchor: no certificate chain is
//! built here, whoever needs one gives the token to any RFC 3161 tool. DER is read by hand: tag, length, bytes.

use p256::ecdsa::signature::Verifier as _;
use p256::ecdsa::{DerSignature, VerifyingKey};
use sha2::{Digest as _, Sha256};

use super::counter::{CounterSigner, RFC3161};
use super::file::CounterSignature;
use crate::environment::{Signer, SignerError};
use crate::id::Digest;
use crate::time::Timestamp;

const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const INTEGER: u8 = 0x02;
const OCTETS: u8 = 0x04;
const OID: u8 = 0x06;
const GENERALIZED_TIME: u8 = 0x18;
const CONTEXT_0: u8 = 0xa0;
/// An authority's serial number where it is named by key: `[0]` primitive.
const KEY_ID: u8 = 0x80;

/// 1.2.840.113549.1.7.2, signedData.
const SIGNED_DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02];
/// 1.2.840.113549.1.9.16.1.4, id-ct-TSTInfo.
const TST_INFO: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x01, 0x04];
/// 1.2.840.113549.1.9.3, contentType.
const CONTENT_TYPE: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x03];
/// 1.2.840.113549.1.9.4, messageDigest.
const MESSAGE_DIGEST: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x04];
/// 2.16.840.1.101.3.4.2.1, SHA-256.
const SHA_256: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01];
/// 1.2.840.10045.4.3.2, ecdsa-with-SHA256.
const ECDSA_SHA_256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02];
/// 1.3.6.1.4.1.13762.3, a policy of tests and trials.
const TRIAL_POLICY: &[u8] = &[0x2b, 0x06, 0x01, 0x04, 0x01, 0xeb, 0x42, 0x03];

/// What was read of a token.
struct Token<'a> {
    /// The `TSTInfo`, whole.
    info: &'a [u8],
    /// What it says was stamped: an algorithm and a digest.
    imprint: (&'a [u8], &'a [u8]),
    /// The signed attributes, without their tag.
    attributes: &'a [u8],
    /// The signature, DER.
    signature: &'a [u8],
}

/// Whether a token is over this bundle and signed by a key that is trusted; and whether keys were given to trust. None: it is
/// no token that can be read here.
pub(super) fn check(bundle: Digest, bytes: &[u8], trusted: &[[u8; 33]]) -> Option<(bool, bool)> {
    let token = read(bytes)?;
    let imprint = token.imprint == (SHA_256, bundle.as_bytes().as_slice());
    // Signed is the set itself, not the context tag it stands under (RFC 5652 §5.4).
    let message = der(SET, &[token.attributes]);
    let digest: [u8; 32] = Sha256::digest(token.info).into();
    let named = attribute(token.attributes, MESSAGE_DIGEST) == Some((OCTETS, digest.as_slice()))
        && attribute(token.attributes, CONTENT_TYPE) == Some((OID, TST_INFO));
    let signature = DerSignature::try_from(token.signature).ok();
    let by = |key: &[u8; 33]| {
        let key = VerifyingKey::from_sec1_bytes(key).ok()?;
        key.verify(&message, signature.as_ref()?).ok()
    };
    // Without keys, whose it is can't be said; what it is about can.
    let signed = trusted.is_empty() || trusted.iter().any(|key| by(key).is_some());
    Some((imprint && named && signed, !trusted.is_empty()))
}

/// DER, item after item.
struct Items<'a>(&'a [u8]);

impl<'a> Items<'a> {
    /// The next item: its tag and content.
    fn any(&mut self) -> Option<(u8, &'a [u8])> {
        let (&[tag, first], mut rest) = self.0.split_first_chunk::<2>()?;
        let mut length = usize::from(first);
        if first >= 0x80 {
            // Three bytes of length are 16 MiB: more than any token.
            let bytes = usize::from(first & 0x7f);
            if bytes == 0 || bytes > 3 {
                return None;
            }
            let (written, after) = rest.split_at_checked(bytes)?;
            length = written.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte));
            rest = after;
        }
        let (content, after) = rest.split_at_checked(length)?;
        self.0 = after;
        Some((tag, content))
    }

    /// The next item, which is of this kind.
    fn take(&mut self, tag: u8) -> Option<&'a [u8]> {
        self.any().filter(|(found, _)| *found == tag).map(|(_, content)| content)
    }

    /// The items inside the next one, which is of this kind.
    fn inside(&mut self, tag: u8) -> Option<Self> {
        self.take(tag).map(Items)
    }

    /// The tag of the next item.
    fn tag(&self) -> Option<u8> {
        self.0.first().copied()
    }
}

fn read(bytes: &[u8]) -> Option<Token<'_>> {
    let mut outer = Items(bytes);
    let mut content = outer.inside(SEQUENCE)?;
    if !outer.0.is_empty() || content.take(OID)? != SIGNED_DATA {
        return None;
    }
    let mut data = content.inside(CONTEXT_0)?.inside(SEQUENCE)?;
    data.take(INTEGER)?;
    data.take(SET)?;
    let mut encapsulated = data.inside(SEQUENCE)?;
    if encapsulated.take(OID)? != TST_INFO {
        return None;
    }
    let info = encapsulated.inside(CONTEXT_0)?.take(OCTETS)?;
    // Certificates and revocation lists, where the authority put them in.
    while data.tag()? != SET {
        data.any()?;
    }
    let mut signer = data.inside(SET)?.inside(SEQUENCE)?;
    signer.take(INTEGER)?;
    signer.any()?;
    signer.take(SEQUENCE)?;
    let attributes = signer.take(CONTEXT_0)?;
    let algorithm = signer.inside(SEQUENCE)?.take(OID)?;
    let signature = signer.take(OCTETS)?;
    if algorithm != ECDSA_SHA_256 {
        return None;
    }
    let mut stamped = Items(info).inside(SEQUENCE)?;
    stamped.take(INTEGER)?;
    stamped.take(OID)?;
    let mut imprint = stamped.inside(SEQUENCE)?;
    let imprint = (imprint.inside(SEQUENCE)?.take(OID)?, imprint.take(OCTETS)?);
    Some(Token { info, imprint, attributes, signature })
}

/// The value of a signed attribute: its tag and content.
fn attribute<'a>(attributes: &'a [u8], kind: &[u8]) -> Option<(u8, &'a [u8])> {
    let mut all = Items(attributes);
    while let Some(mut one) = all.inside(SEQUENCE) {
        if one.take(OID)? == kind {
            return one.inside(SET)?.any();
        }
    }
    None
}

/// One DER item over these.
fn der(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let mut out = vec![tag];
    let bytes = length.to_be_bytes();
    match u8::try_from(length) {
        Ok(short) if short < 0x80 => out.push(short),
        _ => {
            let long: Vec<u8> = bytes.iter().copied().skip_while(|byte| *byte == 0).collect();
            out.push(0x80 | u8::try_from(long.len()).unwrap_or_default());
            out.extend(long);
        }
    }
    parts.iter().for_each(|part| out.extend_from_slice(part));
    out
}

/// A time-stamp authority in this process, for tests and trials: its tokens are real, its word is worth what its key is.
pub struct LocalAuthority<'a> {
    /// Its key.
    pub key: &'a dyn Signer,
    /// The time it stamps.
    pub at: Timestamp,
    /// The serial number of its next token.
    pub serial: u8,
}

impl CounterSigner for LocalAuthority<'_> {
    fn counter_sign(&self, bundle: &Digest) -> Result<CounterSignature, SignerError> {
        let oid = |oid: &[u8]| der(OID, &[oid]);
        let sha = der(SEQUENCE, &[&oid(SHA_256)]);
        let imprint = der(SEQUENCE, &[&sha, &der(OCTETS, &[bundle.as_bytes()])]);
        let time = generalized(self.at);
        let serial = [0, self.serial];
        let serial = der(INTEGER, &[if self.serial < 0x80 { &serial[1..] } else { &serial }]);
        let policy = oid(TRIAL_POLICY);
        let info = der(SEQUENCE, &[&der(INTEGER, &[&[1]]), &policy, &imprint, &serial, &der(GENERALIZED_TIME, &[&time])]);
        let set = |value: Vec<u8>| der(SET, &[&value]);
        let content_type = der(SEQUENCE, &[&oid(CONTENT_TYPE), &set(oid(TST_INFO))]);
        let digest = der(SEQUENCE, &[&oid(MESSAGE_DIGEST), &set(der(OCTETS, &[&Sha256::digest(&info)]))]);
        // In the order that DER gives to a set: by their bytes.
        let mut attributes = [content_type, digest];
        attributes.sort();
        let attributes = attributes.concat();
        let signature = self.key.sign(&der(SET, &[&attributes]))?;
        let signature = p256::ecdsa::Signature::from_slice(&signature).map_err(|_| SignerError)?.to_der();
        let key_id: [u8; 32] = Sha256::digest(self.key.public_key()).into();
        let signer = der(
            SEQUENCE,
            &[
                &der(INTEGER, &[&[3]]),
                &der(KEY_ID, &[&key_id[..20]]),
                &sha,
                &der(CONTEXT_0, &[&attributes]),
                &der(SEQUENCE, &[&oid(ECDSA_SHA_256)]),
                &der(OCTETS, &[signature.as_bytes()]),
            ],
        );
        let encapsulated = der(SEQUENCE, &[&oid(TST_INFO), &der(CONTEXT_0, &[&der(OCTETS, &[&info])])]);
        let data = der(SEQUENCE, &[&der(INTEGER, &[&[3]]), &der(SET, &[&sha]), &encapsulated, &der(SET, &[&signer])]);
        let bytes = der(SEQUENCE, &[&oid(SIGNED_DATA), &der(CONTEXT_0, &[&data])]);
        Ok(CounterSignature { kind: RFC3161.into(), bytes })
    }
}

/// `YYYYMMDDHHMMSSZ`.
fn generalized(at: Timestamp) -> Vec<u8> {
    const HOUR_S: i64 = 3_600;
    const DAY_S: i64 = 24 * HOUR_S;
    let seconds = at.0.div_euclid(1_000);
    let day = crate::time::Date::from_days(i32::try_from(seconds.div_euclid(DAY_S)).unwrap_or_default());
    let (year, month, of_month) = day.ymd();
    let of_day = seconds.rem_euclid(DAY_S);
    let (hour, minute, second) = (of_day / HOUR_S, of_day / 60 % 60, of_day % 60);
    format!("{year:04}{month:02}{of_month:02}{hour:02}{minute:02}{second:02}Z").into_bytes()
}
