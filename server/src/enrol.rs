//! Enrolment: an administrator makes a code, a phone turns it and its own key into a device.
//!
//! A code has two forms: a 128-bit secret for the QR code, and ten characters for who can't scan. Both are single-use,
//! end after a quarter of an hour unless the administrator says otherwise, and are stored as digests. Wrong typed codes
//! are counted by the store ([`crate::store`]); a phone shows by its signature that it holds the key it presents.

use data_encoding::{Encoding, Specification};
use doorstep_core::environment::{Entropy, random};
use doorstep_core::id::{DeviceId, Digest};
use doorstep_core::sync::wire::{self, EnrolAnswer, EnrolRequest};
use p256::ecdsa::VerifyingKey;
use serde_bytes::ByteBuf;
use sha2::{Digest as _, Sha256};

use crate::app::App;
use crate::auth::check_signature;
use crate::error::{ApiError, Code};
use crate::store::{CodeRefusal, NewDevice};

/// How long a code may wait for its phone, milliseconds: administrator and worker sit together.
pub const CODE_MS: i64 = 15 * 60_000;
/// Characters of the typed form: 50 bits.
pub const TYPED_CHARS: usize = 10;
/// Bytes of the QR form's secret.
const SECRET_BYTES: usize = 16;
/// Most characters of a device's label; longer ones are cut, they are only there to tell devices apart.
const LABEL_MAX: usize = 40;
/// Most characters of a code as sent: the longer form with as many separators again.
const SENT_MAX: usize = 64;

/// A code just made, in clear: shown once, stored nowhere.
pub struct Minted {
    /// For the QR code: 26 characters of Crockford base 32.
    pub secret: String,
    /// For typing: ten characters.
    pub typed: String,
}

impl Minted {
    /// From entropy.
    pub fn new(entropy: &dyn Entropy) -> Self {
        let mut typed = alphabet().encode(&random::<{ TYPED_CHARS * 5 / 8 + 1 }>(entropy));
        typed.truncate(TYPED_CHARS);
        Self { secret: alphabet().encode(&random::<SECRET_BYTES>(entropy)), typed }
    }

    /// The typed form in two groups, as people read it out.
    pub fn spoken(&self) -> String {
        let (first, second) = self.typed.split_at(TYPED_CHARS / 2);
        format!("{first}-{second}").to_ascii_uppercase()
    }
}

/// The digest of a code as people write it: case, spaces and hyphens don't count, nor O for 0 or I and L for 1. None if
/// it can't be a code.
pub fn digest(code: &str) -> Option<Digest> {
    if code.len() > SENT_MAX {
        return None;
    }
    let plain: String = code.chars().filter(|c| !c.is_whitespace() && *c != '-').map(plain).collect::<Option<_>>()?;
    (!plain.is_empty()).then(|| Digest::from_bytes(Sha256::digest(plain.as_bytes()).into()))
}

fn plain(c: char) -> Option<char> {
    match c.to_ascii_lowercase() {
        'o' => Some('0'),
        'i' | 'l' => Some('1'),
        'u' => None,
        other if other.is_ascii_alphanumeric() => Some(other),
        _ => None,
    }
}

fn alphabet() -> Encoding {
    let mut spec = Specification::new();
    spec.symbols.push_str("0123456789abcdefghjkmnpqrstvwxyz");
    // The specification is a constant; hex is only there so that no panic can be written here.
    spec.encoding().unwrap_or(data_encoding::HEXLOWER)
}

/// Turns a code and a key into a device. A phone that lost the first answer may ask again with the same code and key.
pub(crate) fn redeem(app: &App, request: &EnrolRequest) -> Result<EnrolAnswer, ApiError> {
    app.nonces().check(&request.nonce, app.now()).map_err(|_| Code::Nonce)?;
    let key: [u8; 33] = request.public_key.as_slice().try_into().map_err(|_| Code::Key)?;
    VerifyingKey::from_sec1_bytes(&key).map_err(|_| Code::Key)?;
    check_signature(&key, &wire::enrol_input(&request.code, &key, &request.nonce), &request.signature)?;

    let code = digest(&request.code).ok_or(Code::CodeWrong)?;
    let device = NewDevice { id: DeviceId::from_bytes(random(app.entropy())), public_key: key, label: label(&request.label) };
    let id = device.id;
    let (device, person) = match app.store().redeem_code(code, app.now(), device)? {
        Ok(person) => (id, person),
        Err(CodeRefusal::Used) => {
            // Code and private key together: this is the phone that used it. No other device can have its key.
            let mut devices = app.store().devices()?.into_iter();
            let same = devices.find(|device| device.public_key == key && device.revoked_at.is_none());
            same.map(|device| (device.id, device.person)).ok_or(Code::CodeUsed)?
        }
        Err(refusal) => {
            return Err(match refusal {
                CodeRefusal::Unknown => Code::CodeWrong,
                CodeRefusal::Used => Code::CodeUsed,
                CodeRefusal::Expired => Code::CodeExpired,
                CodeRefusal::TooManyTries => Code::CodeTries,
            }
            .into());
        }
    };
    let tenant = app.store().directory()?.name.clone();
    let certificate = app.store().certificate(device, &person, app.now())?.map(ByteBuf::from);
    Ok(EnrolAnswer { device, person, tenant, certificate })
}

fn label(sent: &str) -> String {
    sent.trim().chars().filter(|c| !c.is_control()).take(LABEL_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::ServerEntropy;

    #[test]
    fn a_code_is_the_same_however_people_write_it() {
        let code = digest("0123456789abcdefghjkmnpqrs").unwrap();
        for written in ["O123456789ABCDEFGHJKMNPQRS", " oI23-4567 89ab-cdef-ghjk-mnpq-rs ", "0l23456789abcdefghjkmnpqrs"] {
            assert_eq!(digest(written), Some(code), "{written}");
        }
        assert_ne!(digest("0123456789abcdefghjkmnpqrt"), Some(code));
    }

    #[test]
    fn what_can_not_be_a_code_has_no_digest() {
        for text in ["", " - ", "登记码", "u", &"a".repeat(SENT_MAX + 1)] {
            assert_eq!(digest(text), None, "{text}");
        }
    }

    #[test]
    fn minted_codes_have_their_lengths_and_read_back() {
        let minted = Minted::new(&ServerEntropy);
        assert_eq!((minted.secret.len(), minted.typed.len()), (26, TYPED_CHARS));
        assert_eq!(digest(&minted.spoken()), digest(&minted.typed));
        assert_ne!(Minted::new(&ServerEntropy).secret, minted.secret);
    }

    #[test]
    fn labels_are_short_and_of_one_line() {
        assert_eq!(label("  王敏的\n手机\u{7} "), "王敏的手机");
        assert_eq!(label(&"长".repeat(100)).chars().count(), LABEL_MAX);
    }
}
