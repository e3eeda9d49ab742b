//! Who is asking: a signed request, or a token. Deny by default; what they may see and do is decided elsewhere.
//!
//! A signed request proves, by the device's key, method, path, body, device, person and freshness at once. A token is
//! what a signed request earned a quarter of an hour ago: it reads, it never writes.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use data_encoding::BASE64URL_NOPAD;
use doorstep_core::id::{DeviceId, Digest, PersonId};
use doorstep_core::sync::wire;
use p256::ecdsa::signature::Verifier as _;
use p256::ecdsa::{Signature, VerifyingKey};
use sha2::{Digest as _, Sha256};

use crate::app::App;
use crate::body::{self, Plain};
use crate::error::{ApiError, Code};
use crate::logs::Who;
use crate::nonce::{Fresh, NonceError};
use crate::token;

/// A request whose signature was verified, with its body.
#[derive(Debug)]
pub struct Signed {
    /// The device that signed.
    pub device: DeviceId,
    /// Whom it acts for.
    pub person: PersonId,
    /// The body, decompressed.
    pub body: Plain,
}

/// A push whose signature was verified. Unlike every other signed request it is also taken from a revoked device: what it
/// holds is kept aside for a lead to look at, so that fieldwork survives.
#[derive(Debug)]
pub struct Author {
    /// The request.
    pub signed: Signed,
    /// Whether the device is revoked: then the answer is a refusal all the same.
    pub revoked: bool,
}

/// A request with a token that holds.
#[derive(Debug)]
pub struct Bearer {
    /// The device the token was given to.
    pub device: DeviceId,
    /// Whom it acts for.
    pub person: PersonId,
}

/// What the headers of a signed request claim.
struct Claim {
    device: DeviceId,
    person: PersonId,
    nonce: String,
    fresh: Fresh,
    signature: Vec<u8>,
}

impl FromRequest<Arc<App>> for Signed {
    type Rejection = ApiError;

    async fn from_request(request: Request<Body>, app: &Arc<App>) -> Result<Self, ApiError> {
        let author = Author::from_request(request, app).await?;
        if author.revoked { Err(Code::DeviceRevoked.into()) } else { Ok(author.signed) }
    }
}

impl FromRequest<Arc<App>> for Author {
    type Rejection = ApiError;

    async fn from_request(request: Request<Body>, app: &Arc<App>) -> Result<Self, ApiError> {
        let (parts, sent) = request.into_parts();
        let claim = match Claim::read(&parts.headers, app) {
            Ok(claim) => claim,
            Err(error) => {
                // Nothing is kept of a stranger's body, but it is heard to its end: the answer carries a fresh nonce.
                body::discard(app.limits(), sent).await;
                return Err(error);
            }
        };
        let body = body::read(app, &parts.headers, sent).await?;
        let who = parts.extensions.get::<Who>().cloned().unwrap_or_default();
        app.blocking(move |app| claim.verify(app, &parts, body, &who)).await
    }
}

impl Claim {
    fn read(headers: &HeaderMap, app: &App) -> Result<Self, ApiError> {
        let nonce = text(headers, wire::HEADER_NONCE)?;
        Ok(Self {
            device: text(headers, wire::HEADER_DEVICE)?.parse().map_err(|_| unsigned(wire::HEADER_DEVICE))?,
            person: text(headers, wire::HEADER_PERSON)?.parse().map_err(|_| unsigned(wire::HEADER_PERSON))?,
            signature: BASE64URL_NOPAD
                .decode(text(headers, wire::HEADER_SIGNATURE)?.as_bytes())
                .map_err(|_| unsigned(wire::HEADER_SIGNATURE))?,
            fresh: app.nonces().check(nonce, app.now()).map_err(|_| Code::Nonce)?,
            nonce: nonce.into(),
        })
    }

    fn verify(self, app: &App, parts: &Parts, body: Plain, who: &Who) -> Result<Author, ApiError> {
        let device = app.store().device(&self.device)?.ok_or(Code::DeviceUnknown)?;
        let path = parts.uri.path_and_query().map_or("", |path| path.as_str());
        let digest = Digest::from_bytes(Sha256::digest(&*body).into());
        let input = wire::signing_input(parts.method.as_str(), path, &digest, &self.device, &self.person, &self.nonce);
        check_signature(&device.public_key, &input, &self.signature)?;
        // From here on it is this device that speaks, so what follows may be told to it.
        who.is(self.device);
        app.nonces().spend(self.fresh, app.now()).map_err(|error| match error {
            NonceError::Full => ApiError::overloaded(app.limits().retry_after_s),
            NonceError::Unknown | NonceError::Expired | NonceError::Used => Code::Nonce.into(),
        })?;
        if device.person != self.person {
            return Err(Code::Person.into());
        }
        let signed = Signed { device: self.device, person: self.person, body };
        Ok(Author { signed, revoked: device.revoked_at.is_some() })
    }
}

impl FromRequestParts<Arc<App>> for Bearer {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, ApiError> {
        let value = parts.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let (scheme, given) = value.split_once(' ').unwrap_or_default();
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Err(Code::Token.into());
        }
        let given = given.trim().to_owned();
        let who = parts.extensions.get::<Who>().cloned().unwrap_or_default();
        let bearer = app.blocking(move |app| token::check(app, &given)).await?;
        who.is(bearer.device);
        Ok(bearer)
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &'static str) -> Result<&'a str, ApiError> {
    headers.get(name).and_then(|value| value.to_str().ok()).ok_or_else(|| unsigned(name))
}

fn unsigned(header: &'static str) -> ApiError {
    ApiError::from(Code::Unsigned).at(header)
}

/// Whether `signature` (raw, low-S) over `message` is that of the SEC1 public key.
pub(crate) fn check_signature(public_key: &[u8], message: &[u8], signature: &[u8]) -> Result<(), ApiError> {
    let key = VerifyingKey::from_sec1_bytes(public_key).map_err(|_| Code::Key)?;
    let signature = Signature::from_slice(signature).map_err(|_| Code::Signature)?;
    // A second signature could be made of any with the other half of s: only the lower one counts.
    if signature.normalize_s() != signature {
        return Err(Code::Signature.into());
    }
    key.verify(message, &signature).map_err(|_| Code::Signature.into())
}
