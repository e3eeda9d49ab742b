//! The URL space on one page, and what every answer has.
//!
//! | path | method | who | what |
//! |---|---|---|---|
//! | `/v1/health` | GET | anyone | whether the server is there |
//! | `/v1/nonce` | GET | anyone | a nonce, in a header as in every answer |
//! | `/v1/enrol` | POST | who has a code | a new device |
//! | `/v1/token` | POST | signed | a fresh token, nothing else |
//! | `/v1/sync/push` | POST | signed | changes in, verdicts out |
//! | `/v1/sync/pull` | GET | token | what is new since a cursor, streamed |
//! | `/v1/bundles/{digest}` | GET | token | one sealed agreement |
//! | `/v1/bundles/{digest}/beside` | GET | token | its receipt and stamp |
//! | `/v1/log` | GET | token | the log's newest checkpoint, and the device's certificate |
//! | `/v1/attachments/{doc}/{digest}` | POST | signed | a piece of an attachment in, how far it is out |
//! | `/v1/attachments/{doc}/{digest}` | GET | token | a range of an attachment |
//! | `/v1/aside` | POST | signed | a lead reads and decides what revoked devices pushed |
//!
//! Every answer, errors too, carries a fresh nonce and the server's time.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use doorstep_core::sync::wire;

use crate::answer::Form;
use crate::app::App;
use crate::edge::Held;
use crate::error::{ApiError, Code};
use crate::logs::{Line, Who};
use crate::routes;

/// The routes over `app`.
pub fn router(app: Arc<App>) -> Router {
    Router::new()
        .route("/v1/health", get(routes::health::show))
        .route("/v1/nonce", get(routes::nonce::give))
        .route("/v1/enrol", post(routes::enrol::redeem))
        .route("/v1/token", post(routes::token::give))
        .route("/v1/sync/push", post(routes::push::take))
        .route("/v1/sync/pull", get(routes::pull::stream))
        .route("/v1/bundles/{digest}", get(routes::bundles::show))
        .route("/v1/bundles/{digest}/beside", get(routes::bundles::beside))
        .route("/v1/log", get(routes::log::show))
        .route("/v1/attachments/{doc}/{digest}", get(routes::attachments::show).post(routes::attachments::take))
        .route("/v1/aside", post(routes::aside::decide))
        .fallback(async || ApiError::from(Code::NotFound))
        .method_not_allowed_fallback(async || ApiError::from(Code::Method))
        .layer(from_fn_with_state(Arc::clone(&app), every_answer))
        .with_state(app)
}

async fn every_answer(State(app): State<Arc<App>>, mut request: Request, next: Next) -> Response {
    let who = Who::default();
    let mut line = Line::begin(&request, who.clone());
    let form = Form::of_error(request.headers());
    request.extensions_mut().insert(who);

    let permit = app.admit();
    let mut response = if permit.is_some() {
        next.run(request).await
    } else {
        ApiError::overloaded(app.limits().retry_after_s).into_response()
    };

    if let Some(error) = response.extensions_mut().remove::<ApiError>()
        && let Ok((bytes, media_type)) = form.write(&error.answer())
    {
        line.refused(error.code().name());
        *response.body_mut() = Body::from(bytes);
        response.headers_mut().insert(header::CONTENT_TYPE, media_type);
        response.headers_mut().remove(header::CONTENT_LENGTH);
    }
    let headers = response.headers_mut();
    if let Some(nonce) = app.nonce() {
        headers.insert(HeaderName::from_static(wire::HEADER_NONCE), nonce);
    }
    headers.insert(HeaderName::from_static(wire::HEADER_TIME), HeaderValue::from(app.now().0));
    // Nothing here may be kept by a proxy: not records, not nonces, not tokens.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    line.answered(response.status(), permit);
    response.map(|body| Body::new(Held::new(body, line)))
}
