//! Tokens: what a signed request earns, good for reading during a quarter of an hour. The store knows their digests
//! only, so a copy of the database reads nothing.

use data_encoding::BASE64URL_NOPAD;
use doorstep_core::environment::random;
use doorstep_core::id::{DeviceId, Digest, PersonId};
use doorstep_core::planted::{self, Planted};
use sha2::{Digest as _, Sha256};

use crate::app::App;
use crate::auth::Bearer;
use crate::error::{ApiError, Code};

/// How long a token reads, milliseconds.
pub const TOKEN_MS: i64 = 15 * 60_000;
/// Bytes of a token: 256 bits, so that its digest needs no salt.
const TOKEN_BYTES: usize = 32;

/// A fresh token for a device that has just signed.
pub(crate) fn grant(app: &App, device: DeviceId, person: &PersonId) -> Result<String, ApiError> {
    let token: [u8; TOKEN_BYTES] = random(app.entropy());
    let now = app.now();
    app.store().put_token(digest(&token), device, person.clone(), now.plus_ms(TOKEN_MS), now)?;
    Ok(BASE64URL_NOPAD.encode(&token))
}

/// Whose token this is, if it still reads. The device is looked up every time: a revocation holds from the next
/// request on.
pub(crate) fn check(app: &App, given: &str) -> Result<Bearer, ApiError> {
    let token = BASE64URL_NOPAD.decode(given.as_bytes()).map_err(|_| Code::Token)?;
    let row = app.store().token(&digest(&token))?.ok_or(Code::Token)?;
    let device = app.store().device(&row.device)?.ok_or(Code::DeviceUnknown)?;
    if device.revoked_at.is_some() && !planted::is(Planted::RevokedTokenReads) {
        return Err(Code::DeviceRevoked.into());
    }
    if row.expires <= app.now() {
        return Err(Code::TokenExpired.into());
    }
    Ok(Bearer { device: row.device, person: row.person })
}

fn digest(token: &[u8]) -> Digest {
    Digest::from_bytes(Sha256::digest(token).into())
}
