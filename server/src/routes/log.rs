//! `GET /v1/log?from=N`, with a token: what the log of sealed agreements says of itself now, the proof that it goes on from
//! its first N entries, the keys, and the device's certificate.

use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use doorstep_core::sync::wire::LogAnswer;
use serde::Deserialize;
use serde_bytes::ByteBuf;

use crate::answer::Form;
use crate::app::App;
use crate::auth::Bearer;
use crate::error::{ApiError, Code};
use crate::store::Proved;

/// How much of the log the phone knows.
#[derive(Deserialize)]
pub(crate) struct Known {
    #[serde(default)]
    from: u64,
}

pub(crate) async fn show(
    State(app): State<Arc<App>>,
    bearer: Bearer,
    headers: HeaderMap,
    known: Result<Query<Known>, QueryRejection>,
) -> Result<Response, ApiError> {
    let Query(Known { from }) = known.map_err(|_| Code::Cursor)?;
    let answer = app.blocking(move |app| {
        let (store, now) = (app.store(), app.now());
        let Proved { checkpoint, proof } = store.checkpoint(from, now)?.ok_or(Code::NotFound)?;
        let anchors = store.anchors()?.ok_or(Code::NotFound)?;
        let key = |keys: &[[u8; 33]]| keys.first().map(ByteBuf::from).unwrap_or_default();
        Ok(LogAnswer {
            checkpoint: ByteBuf::from(checkpoint),
            proof: proof.iter().map(|hash| ByteBuf::from(*hash.as_bytes())).collect(),
            log: key(&anchors.logs),
            root: key(&anchors.roots),
            certificate: store.certificate(bearer.device, &bearer.person, now)?.map(ByteBuf::from),
        })
    });
    Form::of_answer(&headers).answer(&answer.await?)
}
