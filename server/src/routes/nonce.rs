//! `GET /v1/nonce`: nothing but the headers that every answer has.

use axum::http::StatusCode;

pub(crate) async fn give() -> StatusCode {
    StatusCode::NO_CONTENT
}
