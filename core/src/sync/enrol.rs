//! How a device gets in: a code that an administrator showed, a key that the phone made, one request.
//!
//! Pure: texts and bytes in, requests and answers out. It doesn't show a camera, keep a key or decide whether the
//! server's address is to be trusted: the transport refuses plain addresses, and a person looked at the screen.
//! The way: [`Invitation::read`] → [`nonce_request`] → [`request`] with the answer's `doorstep-nonce` → [`answer`].

use serde_bytes::ByteBuf;

use super::wire::{CBOR, EnrolAnswer, EnrolRequest, ErrorAnswer, PATH_ENROL, VERSION, enrol_input};
use crate::environment::{Request, Signer};

/// Characters of a code that people type.
pub const TYPED_CHARACTERS: usize = 10;
/// Longest code of a QR, characters: 128 bits take 32 in the longest encoding anyone would choose.
pub const CODE_MAX: usize = 64;
/// Longest text taken from a camera, bytes. A QR code holds 2,953 at most.
pub const TEXT_MAX: usize = 3_000;
/// Longest label of a device, characters.
pub const LABEL_MAX: usize = 40;

/// What a QR code begins with.
const SCHEME: &str = "doorstep://enrol?";

/// Why there is no enrolment. Nothing of the code or the answer's person is in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EnrolError {
    /// Neither an enrolment QR nor a code of ten characters.
    #[error("this is not an enrolment code")]
    NotACode,
    /// The QR names no server, or something that is no address.
    #[error("the code names no server")]
    NoServer,
    /// The label is too long.
    #[error("the device's label is too long")]
    Label,
    /// The key did not sign.
    #[error("the device's key did not sign")]
    Key,
    /// What came is not an answer to an enrolment.
    #[error("the answer is not one to an enrolment")]
    Malformed,
    /// The server said no.
    #[error("the server refused the enrolment: {}", .0.code)]
    Refused(ErrorAnswer),
}

impl EnrolError {
    /// Its stable code; the server's, where it refused.
    pub fn code(&self) -> &str {
        match self {
            Self::NotACode => "enrol_not_a_code",
            Self::NoServer => "enrol_no_server",
            Self::Label => "enrol_label",
            Self::Key => "key",
            Self::Malformed => "enrol_malformed",
            Self::Refused(answer) => &answer.code,
        }
    }
}

/// What an administrator's screen invites to.
#[derive(Clone, PartialEq, Eq)]
pub struct Invitation {
    /// The server's address; none for a typed code, whose server people type beside it.
    pub server: Option<String>,
    /// The secret, lower case, without spaces and hyphens.
    pub code: String,
    /// The name that the QR greets with; may be empty.
    pub name: String,
}

impl std::fmt::Debug for Invitation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Invitation").field("server", &self.server).finish_non_exhaustive() // no secret, no name
    }
}

impl Invitation {
    /// Reads what a camera saw (`doorstep://enrol?server=…&code=…&name=…`, values percent-encoded, others ignored) or
    /// what somebody typed: ten characters, in any case, with any spaces and hyphens, full-width ones included.
    pub fn read(text: &str) -> Result<Self, EnrolError> {
        let text = text.trim();
        if text.len() > TEXT_MAX {
            return Err(EnrolError::NotACode);
        }
        let Some(query) =
            text.get(..SCHEME.len()).filter(|head| head.eq_ignore_ascii_case(SCHEME)).map(|_| &text[SCHEME.len()..])
        else {
            let code = normal(text).filter(|code| code.len() == TYPED_CHARACTERS).ok_or(EnrolError::NotACode)?;
            return Ok(Self { server: None, code, name: String::new() });
        };
        let value = |wanted: &str| {
            query
                .split('&')
                .filter_map(|pair| pair.split_once('='))
                .find(|(name, _)| *name == wanted)
                .map(|(_, value)| decoded(value))
        };
        let code = value("code").flatten().as_deref().and_then(normal).ok_or(EnrolError::NotACode)?;
        let server = value("server").flatten().filter(|server| is_address(server)).ok_or(EnrolError::NoServer)?;
        let name = value("name").map_or(Some(String::new()), |name| name).ok_or(EnrolError::NotACode)?;
        Ok(Self { server: Some(server), code, name })
    }
}

/// Asks for the nonce that the enrolment signs; it is in the answer's `doorstep-nonce`, whatever its status.
pub fn nonce_request() -> Request {
    super::requests::nonce()
}

/// The enrolment itself: proves that this device holds the private half of the key it presents.
pub fn request(code: &str, label: &str, nonce: &str, signer: &dyn Signer) -> Result<Request, EnrolError> {
    if label.chars().count() > LABEL_MAX {
        return Err(EnrolError::Label);
    }
    let public_key = signer.public_key();
    let signature = signer.sign(&enrol_input(code, &public_key, nonce)).map_err(|_| EnrolError::Key)?;
    let record = EnrolRequest {
        version: VERSION,
        code: code.into(),
        public_key: ByteBuf::from(public_key),
        label: label.into(),
        nonce: nonce.into(),
        signature: ByteBuf::from(signature),
    };
    let body = minicbor_serde::to_vec(&record).map_err(|_| EnrolError::Malformed)?;
    let headers = vec![("accept", CBOR.into()), ("content-type", CBOR.into())];
    Ok(Request { method: "POST", path: PATH_ENROL.into(), headers, body })
}

/// What the server answered.
pub fn answer(status: u16, body: &[u8]) -> Result<EnrolAnswer, EnrolError> {
    if (200..300).contains(&status) {
        return minicbor_serde::from_slice(body).map_err(|_| EnrolError::Malformed);
    }
    Err(minicbor_serde::from_slice(body).map_or(EnrolError::Malformed, EnrolError::Refused))
}

/// A code as it is sent: what people read or type, without what they add.
fn normal(text: &str) -> Option<String> {
    let mut code = String::new();
    for character in text.chars() {
        let character = match character {
            // Chinese keyboards type full-width letters and digits unless told otherwise.
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(character) - 0xfee0)?,
            other => other,
        };
        match character {
            '-' => {}
            space if space.is_whitespace() => {}
            letter if letter.is_ascii_alphanumeric() => code.push(letter.to_ascii_lowercase()),
            _ => return None,
        }
    }
    (TYPED_CHARACTERS..=CODE_MAX).contains(&code.len()).then_some(code)
}

fn is_address(text: &str) -> bool {
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    host.is_some_and(|host| !host.is_empty() && !host.contains('@') && host.bytes().all(|byte| byte.is_ascii_graphic()))
}

/// Percent-decoding; none if an escape is broken or the bytes are not UTF-8.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = text.bytes();
    let mut out = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
            out.push(digit(bytes.next()?)? << 4 | digit(bytes.next()?)?);
        } else {
            out.push(byte);
        }
    }
    String::from_utf8(out).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::environment::SignerError;
    use crate::id::DeviceId;

    struct Key;
    impl Signer for Key {
        fn public_key(&self) -> [u8; 33] {
            [3; 33]
        }
        fn sign(&self, message: &[u8]) -> Result<[u8; 64], SignerError> {
            let mut signature = [0; 64];
            signature[..8].copy_from_slice(&(message.len() as u64).to_be_bytes());
            Ok(signature)
        }
    }

    #[test]
    fn a_qr_code_names_server_secret_and_greeting() {
        let text = "doorstep://enrol?server=https%3A%2F%2F192.168.1.5%3A8443&code=0123456789ABCDEFGHJKMNPQRS&name=%E7%8E%8B%E6%95%8F&x=1";
        let invitation = Invitation::read(text).unwrap();
        assert_eq!(invitation.server.as_deref(), Some("https://192.168.1.5:8443"));
        assert_eq!(invitation.code, "0123456789abcdefghjkmnpqrs");
        assert_eq!(invitation.name, "王敏");
        let plain = Invitation::read("doorstep://enrol?server=https://host:1&code=0123456789").unwrap();
        assert_eq!((plain.server.as_deref(), plain.name.as_str()), (Some("https://host:1"), ""));
    }

    #[test]
    fn a_typed_code_may_be_typed_the_way_people_type() {
        for text in ["ab12c-3de45", " AB12C 3DE45\n", "ａｂ１２ｃ－３ｄｅ４５"] {
            let invitation = Invitation::read(text).unwrap();
            assert_eq!((invitation.code.as_str(), invitation.server), ("ab12c3de45", None));
        }
    }

    #[test]
    fn what_is_no_code_is_refused_with_its_reason() {
        for (text, code) in [
            ("", "enrol_not_a_code"),
            ("ab12c3de4", "enrol_not_a_code"),
            ("ab12c3de455", "enrol_not_a_code"),
            ("https://example.org/", "enrol_not_a_code"),
            ("doorstep://enrol?server=https://h", "enrol_not_a_code"),
            ("doorstep://enrol?code=0123456789", "enrol_no_server"),
            ("doorstep://enrol?code=0123456789&server=ftp://h", "enrol_no_server"),
            ("doorstep://enrol?code=0123456789&server=https://a@b", "enrol_no_server"),
            ("doorstep://enrol?code=0123456789&server=https://h&name=%FF", "enrol_not_a_code"),
            ("doorstep://enrol?code=01234567%8&server=https://h", "enrol_not_a_code"),
        ] {
            assert_eq!(Invitation::read(text).unwrap_err().code(), code, "{text}");
        }
    }

    #[test]
    fn the_secret_is_not_in_what_gets_logged() {
        let invitation = Invitation::read("ab12c3de45").unwrap();
        assert!(!format!("{invitation:?}").contains("ab12"));
    }

    #[test]
    fn an_enrolment_signs_its_code_key_and_nonce() {
        let request = request("ab12c3de45", "王敏的手机", "n-1", &Key).unwrap();
        let record: EnrolRequest = minicbor_serde::from_slice(&request.body).unwrap();
        assert_eq!((request.method, request.path.as_str()), ("POST", "/v1/enrol"));
        let expected = Key.sign(&enrol_input("ab12c3de45", &[3; 33], "n-1")).unwrap();
        assert_eq!(record.signature.as_slice(), expected);
        assert_eq!(super::request("c", &"长".repeat(41), "n", &Key).unwrap_err().code(), "enrol_label");
    }

    #[test]
    fn an_answer_is_an_identity_or_the_servers_reason() {
        let given = EnrolAnswer {
            device: DeviceId::from_bytes([1; 16]),
            person: "w-1".parse().unwrap(),
            tenant: "青禾街道".into(),
            certificate: Some(ByteBuf::from([7, 7])),
        };
        assert_eq!(answer(200, &minicbor_serde::to_vec(&given).unwrap()), Ok(given));
        let no = ErrorAnswer { code: "code_used".into(), zh: "已用".into(), en: "used".into(), at: None };
        assert_eq!(answer(403, &minicbor_serde::to_vec(&no).unwrap()).unwrap_err().code(), "code_used");
        assert_eq!(answer(502, b"<html>").unwrap_err().code(), "enrol_malformed");
    }

    proptest! {
        #[test]
        fn no_text_from_a_camera_panics(text in "\\PC*", tail in "\\PC*") {
            let _ = Invitation::read(&text);
            let _ = Invitation::read(&format!("doorstep://enrol?{tail}"));
            let _ = Invitation::read(&format!("doorstep://enrol?server=https://h&code={tail}"));
        }
    }
}
