//! `POST /v1/sync/push`, signed: changes in, one verdict for each out.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::{IntoResponse as _, Response};
use doorstep_core::sync::wire::{self, PushRequest};

use crate::answer::{self, Form};
use crate::app::App;
use crate::auth::Author;
use crate::error::{ApiError, Code};
use crate::ingest::{self, Pusher};
use crate::routes::token;

pub(crate) async fn take(State(app): State<Arc<App>>, headers: HeaderMap, author: Author) -> Result<Response, ApiError> {
    let Author { signed, revoked } = author;
    answer::expect_cbor(&headers)?;
    let request: PushRequest = answer::decode(&signed.body)?;
    if request.version != wire::VERSION {
        return Err(Code::Version.into());
    }
    if request.changes.len() > wire::PUSH_CHANGES_MAX {
        return Err(Code::TooManyChanges.into());
    }
    let Some(_turn) = app.turn().await else {
        return Err(ApiError::overloaded(app.limits().retry_after_s));
    };
    let pusher = Pusher { device: signed.device, person: signed.person.clone() };
    let pushing = app.blocking(move |app| Ok(ingest::push_through(app.trials(), app.store(), &pusher, &request, app.now())?));
    if revoked {
        // Kept aside by now, for a lead to look at; the device itself learns only that it is revoked.
        let kept = pushing.await?.verdicts.len();
        let mut refusal = ApiError::from(Code::DeviceRevoked).into_response();
        refusal.headers_mut().insert(HeaderName::from_static(wire::HEADER_KEPT), HeaderValue::from(kept));
        return Ok(refusal);
    }
    // Together, so that one write to disk serves both.
    let (pushed, token) = tokio::join!(pushing, token::grant(&app, &signed));
    let mut response = Form::of_answer(&headers).answer(&pushed?)?;
    response.headers_mut().extend(token?);
    Ok(response)
}
