//! `GET /v1/bundles/{digest}`, with a token: one sealed agreement, if the person may see the case it belongs to; and
//! `GET /v1/bundles/{digest}/beside`, what the server has beside it: receipt and stamp.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use doorstep_core::id::Digest;
use doorstep_core::sync::wire::{self, BesideAnswer};
use serde_bytes::ByteBuf;

use crate::answer::Form;
use crate::app::App;
use crate::auth::Bearer;
use crate::error::{ApiError, Code};
use crate::{ingest, pull};

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

pub(crate) async fn beside(
    State(app): State<Arc<App>>,
    bearer: Bearer,
    headers: HeaderMap,
    digest: Result<Path<String>, PathRejection>,
) -> Result<Response, ApiError> {
    let digest: Digest = digest.ok().and_then(|Path(text)| text.parse().ok()).ok_or(Code::BundleUnknown)?;
    let answer = app.blocking(move |app| {
        pull::bundle(app.store(), &bearer.person, &digest)?.ok_or(Code::BundleUnknown)?;
        let [receipt, mut stamp] = app.store().beside(&digest)?;
        if stamp.is_none() {
            ingest::stamp(app.store(), &digest)?;
            [_, stamp] = app.store().beside(&digest)?;
        }
        Ok(BesideAnswer { receipt: receipt.map(ByteBuf::from), stamp: stamp.map(ByteBuf::from) })
    });
    Form::of_answer(&headers).answer(&answer.await?)
}
