//! Records in and out: CBOR, or JSON where a person asks for it to look at with curl.
//!
//! Reading is strict: the whole body is one record, without unknown fields; an error names the place.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use doorstep_core::sync::wire;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::{ApiError, Code};

/// Media type of answers for people.
pub(crate) const JSON: &str = "application/json";
/// Media type of a pull's frames for people: one JSON record a line.
pub(crate) const JSON_LINES: &str = "application/x-ndjson";

/// How an answer is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// `application/cbor`.
    Cbor,
    /// `application/json`.
    Json,
}

impl Form {
    /// For what was asked for: CBOR unless the caller accepts JSON and not CBOR.
    pub fn of_answer(headers: &HeaderMap) -> Self {
        if accepts(headers, JSON) && !accepts(headers, wire::CBOR) { Self::Json } else { Self::Cbor }
    }

    /// For an error: JSON unless the caller accepts CBOR. People see errors more often than records.
    pub fn of_error(headers: &HeaderMap) -> Self {
        if accepts(headers, wire::CBOR) { Self::Cbor } else { Self::Json }
    }

    /// The record in this form, with its media type.
    pub fn write<T: Serialize>(self, record: &T) -> Result<(Vec<u8>, HeaderValue), ApiError> {
        Ok(match self {
            Self::Cbor => {
                let bytes = minicbor_serde::to_vec(record).map_err(|cause| ApiError::internal(&cause))?;
                (bytes, HeaderValue::from_static(wire::CBOR))
            }
            Self::Json => {
                let mut bytes = serde_json::to_vec_pretty(record).map_err(|cause| ApiError::internal(&cause))?;
                bytes.push(b'\n');
                (bytes, HeaderValue::from_static(JSON))
            }
        })
    }

    /// An answer with the record.
    pub fn answer<T: Serialize>(self, record: &T) -> Result<Response, ApiError> {
        let (bytes, media_type) = self.write(record)?;
        let mut response = Response::new(Body::from(bytes));
        response.headers_mut().insert(header::CONTENT_TYPE, media_type);
        Ok(response)
    }
}

fn accepts(headers: &HeaderMap, media_type: &str) -> bool {
    headers
        .get_all(header::ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|one| one.split(';').next().is_some_and(|name| name.trim().eq_ignore_ascii_case(media_type)))
}

/// Refuses a body that does not call itself CBOR.
pub(crate) fn expect_cbor(headers: &HeaderMap) -> Result<(), ApiError> {
    let media_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let name = media_type.split(';').next().unwrap_or_default().trim();
    if name.eq_ignore_ascii_case(wire::CBOR) { Ok(()) } else { Err(Code::MediaType.into()) }
}

/// The one record that `bytes` are.
pub fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ApiError> {
    let mut deserializer = minicbor_serde::Deserializer::new(bytes);
    let mut track = serde_path_to_error::Track::new();
    let read = T::deserialize(serde_path_to_error::Deserializer::new(&mut deserializer, &mut track));
    let position = deserializer.decoder().position();
    match read {
        Ok(record) if position == bytes.len() => Ok(record),
        Ok(_) => Err(ApiError::from(Code::Malformed).at(&format!("byte {position}"))),
        Err(_) => {
            let path = track.path().to_string();
            // "." and "?" are what the tracker says where it knows no field.
            let place = if path == "." || path == "?" { format!("byte {position}") } else { format!("{path} byte {position}") };
            Err(ApiError::from(Code::Malformed).at(&place))
        }
    }
}

#[cfg(test)]
mod tests {
    use doorstep_core::id::{ChangeHash, DocId, DocKind};
    use doorstep_core::sync::wire::{PushRequest, PushedChange};
    use serde::Serialize;
    use serde_bytes::ByteBuf;

    use super::*;

    fn push() -> PushRequest {
        let change = PushedChange {
            doc: DocId::from_bytes([1; 16]),
            kind: DocKind::Case,
            hash: ChangeHash::from_bytes([2; 32]),
            bytes: ByteBuf::from(vec![3]),
        };
        PushRequest { version: 1, changes: vec![change.clone(), change], bundles: vec![] }
    }

    fn at(bytes: &[u8]) -> String {
        let error = decode::<PushRequest>(bytes).unwrap_err();
        assert_eq!(error.code(), Code::Malformed);
        error.answer().at.unwrap()
    }

    #[test]
    fn a_record_reads_back_and_nothing_may_follow_it() {
        let mut bytes = minicbor_serde::to_vec(push()).unwrap();
        assert_eq!(decode::<PushRequest>(&bytes), Ok(push()));
        let end = bytes.len();
        bytes.push(0);
        assert_eq!(at(&bytes), format!("byte {end}"));
    }

    #[test]
    fn the_place_of_an_error_is_named() {
        #[derive(Serialize)]
        struct Strange {
            version: u32,
            changes: Vec<Inner>,
        }
        #[derive(Serialize)]
        struct Inner {
            doc: u8,
        }
        let wrong_type = minicbor_serde::to_vec(Strange { version: 1, changes: vec![Inner { doc: 1 }] }).unwrap();
        assert!(at(&wrong_type).starts_with("changes[0].doc"), "{}", at(&wrong_type));

        #[derive(Serialize)]
        struct Unknown {
            version: u32,
            surprise: u8,
        }
        let unknown = minicbor_serde::to_vec(Unknown { version: 1, surprise: 1 }).unwrap();
        assert!(at(&unknown).contains("byte"), "{}", at(&unknown));
    }

    #[test]
    fn garbage_is_an_error_and_never_a_panic() {
        assert!(decode::<PushRequest>(&[]).is_err());
        for first in 0..=255u8 {
            assert!(decode::<PushRequest>(&[first; 40]).is_err());
        }
        // An array that claims 2^62 entries, arrays nested 100,000 deep, text that is not UTF-8.
        assert!(
            decode::<PushRequest>(&[0xa1, 0x67, b'c', b'h', b'a', b'n', b'g', b'e', b's', 0x9b, 0x40, 0, 0, 0, 0, 0, 0, 0])
                .is_err()
        );
        assert!(decode::<PushRequest>(&vec![0x81; 100_000]).is_err());
        assert!(decode::<PushRequest>(&[0xa1, 0x62, 0xff, 0xff, 0x00]).is_err());
    }
}
