//! `GET /v1/bundles/{digest}`, with a token: one sealed agreement, if the person may see the case it belongs to.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, header};
use axum::response::Response;
use doorstep_core::id::Digest;
use doorstep_core::sync::wire;

use crate::app::App;
use crate::auth::Bearer;
use crate::error::{ApiError, Code};
use crate::pull;

pub(crate) async fn show(
    State(app): State<Arc<App>>,
    bearer: Bearer,
    digest: Result<Path<String>, PathRejection>,
) -> Result<Response, ApiError> {
    let digest: Digest = digest.ok().and_then(|Path(text)| text.parse().ok()).ok_or(Code::BundleUnknown)?;
    let found = app.blocking(move |app| Ok(pull::bundle(app.store(), &bearer.person, &digest)?)).await?;
    let mut response = Response::new(Body::from(found.ok_or(Code::BundleUnknown)?));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(wire::CBOR));
    Ok(response)
}
