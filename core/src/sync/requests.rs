//! The requests a device makes, signed where they must be. Values only; sending is the host's.

use data_encoding::BASE64URL_NOPAD;
use sha2::{Digest as _, Sha256};

use super::wire::{
    CBOR, HEADER_DEVICE, HEADER_KINDS, HEADER_NONCE, HEADER_PERSON, HEADER_SIGNATURE, PATH_BESIDE, PATH_BUNDLES, PATH_LOG,
    PATH_NONCE, PATH_PULL, PATH_PUSH, PATH_TOKEN, signing_input,
};
use crate::environment::{Request, Signer, SignerError};
use crate::id::{DeviceId, Digest, DocKind, PersonId};

/// Who signs, and for whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The device, as the server named it at enrolment.
    pub device: DeviceId,
    /// The person who works with it.
    pub person: PersonId,
}

/// Asks for a nonce.
pub(super) fn nonce() -> Request {
    Request { method: "GET", path: PATH_NONCE.into(), headers: vec![("accept", CBOR.into())], body: Vec::new() }
}

/// Asks for a token.
pub(super) fn token(identity: &Identity, nonce: &str, signer: &dyn Signer) -> Result<Request, SignerError> {
    signed(PATH_TOKEN, Vec::new(), identity, nonce, signer)
}

/// Pushes a record that is CBOR already.
pub(super) fn push(body: Vec<u8>, identity: &Identity, nonce: &str, signer: &dyn Signer) -> Result<Request, SignerError> {
    signed(PATH_PUSH, body, identity, nonce, signer)
}

/// Pulls from a cursor, or from the beginning.
pub(super) fn pull(cursor: Option<&[u8]>, token: &str) -> Request {
    let mut path = String::from(PATH_PULL);
    if let Some(cursor) = cursor {
        path.push_str("?cursor=");
        BASE64URL_NOPAD.encode_append(cursor, &mut path);
    }
    let kinds = DocKind::ALL.map(DocKind::name).join(",");
    let headers = vec![("accept", CBOR.into()), ("authorization", format!("Bearer {token}")), (HEADER_KINDS, kinds)];
    Request { method: "GET", path, headers, body: Vec::new() }
}

/// Fetches a sealed agreement by its digest.
pub fn bundle(digest: &Digest, token: &str) -> Request {
    let headers = vec![("accept", CBOR.into()), ("authorization", format!("Bearer {token}"))];
    Request { method: "GET", path: format!("{PATH_BUNDLES}/{digest}"), headers, body: Vec::new() }
}

/// Asks what the server has beside a sealed agreement.
pub fn beside(digest: &Digest, token: &str) -> Request {
    let Request { method, path, headers, body } = bundle(digest, token);
    Request { method, path: path + PATH_BESIDE, headers, body }
}

/// Asks what the server's log says of itself, for a phone that knows its first `from` entries.
pub fn log(from: u64, token: &str) -> Request {
    let headers = vec![("accept", CBOR.into()), ("authorization", format!("Bearer {token}"))];
    Request { method: "GET", path: format!("{PATH_LOG}?from={from}"), headers, body: Vec::new() }
}

/// Fetches an attachment from its byte `from` on.
pub(super) fn attachment(path: String, from: u64, token: &str) -> Request {
    let headers =
        vec![("accept", CBOR.into()), ("authorization", format!("Bearer {token}")), ("range", format!("bytes={from}-"))];
    Request { method: "GET", path, headers, body: Vec::new() }
}

pub(super) fn signed(
    path: impl Into<String>,
    body: Vec<u8>,
    identity: &Identity,
    nonce: &str,
    signer: &dyn Signer,
) -> Result<Request, SignerError> {
    let digest = Digest::from_bytes(Sha256::digest(&body).into());
    let path = path.into();
    let signature = signer.sign(&signing_input("POST", &path, &digest, &identity.device, &identity.person, nonce))?;
    let headers = vec![
        ("accept", CBOR.into()),
        ("content-type", CBOR.into()),
        (HEADER_DEVICE, identity.device.to_string()),
        (HEADER_PERSON, identity.person.to_string()),
        (HEADER_NONCE, nonce.into()),
        (HEADER_SIGNATURE, BASE64URL_NOPAD.encode(&signature)),
    ];
    Ok(Request { method: "POST", path, headers, body })
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Echo(std::sync::Mutex<Vec<u8>>);
    impl Signer for Echo {
        fn public_key(&self) -> [u8; 33] {
            [2; 33]
        }
        fn sign(&self, message: &[u8]) -> Result<[u8; 64], SignerError> {
            *self.0.lock().unwrap() = message.to_vec();
            Ok([0xfb; 64])
        }
    }

    #[test]
    fn a_push_is_signed_over_its_plain_body() {
        let identity = Identity { device: DeviceId::from_bytes([1; 16]), person: "w-1".parse().unwrap() };
        let signer = Echo(std::sync::Mutex::default());
        let request = push(vec![1, 2, 3], &identity, "n-1", &signer).unwrap();
        let digest = Digest::from_bytes(Sha256::digest([1, 2, 3]).into());
        let expected = signing_input("POST", "/v1/sync/push", &digest, &identity.device, &identity.person, "n-1");
        assert_eq!(*signer.0.lock().unwrap(), expected);
        let signature = &request.headers.iter().find(|(name, _)| *name == HEADER_SIGNATURE).unwrap().1;
        assert_eq!(BASE64URL_NOPAD.decode(signature.as_bytes()).unwrap(), [0xfb; 64]);
    }

    #[test]
    fn a_first_pull_has_no_cursor_and_later_ones_are_safe_in_a_url() {
        assert_eq!(pull(None, "t").path, "/v1/sync/pull");
        assert_eq!(pull(Some(&[0xfb, 0xff, 0xfe]), "t").path, "/v1/sync/pull?cursor=-__-");
    }
}
