//! `POST /v1/token`, signed, with an empty body: a fresh token in the header, for a phone that has nothing to push.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use doorstep_core::sync::wire;

use crate::app::App;
use crate::auth::Signed;
use crate::error::ApiError;
use crate::token;

pub(crate) async fn give(State(app): State<Arc<App>>, signed: Signed) -> Result<(StatusCode, HeaderMap), ApiError> {
    Ok((StatusCode::NO_CONTENT, grant(&app, &signed).await?))
}

/// A fresh token for who signed, as a header: every answer to a signed request carries one.
pub(crate) async fn grant(app: &Arc<App>, signed: &Signed) -> Result<HeaderMap, ApiError> {
    let (device, person) = (signed.device, signed.person.clone());
    let token = app.blocking(move |app| token::grant(app, device, &person)).await?;
    let value = HeaderValue::try_from(token).map_err(|cause| ApiError::internal(&cause))?;
    let mut headers = HeaderMap::new();
    headers.insert(wire::HEADER_TOKEN, value);
    Ok(headers)
}
