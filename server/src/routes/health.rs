//! `GET /v1/health`: whether the server is there and its database answers. Names nothing of the sub-district.

use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use doorstep_core::sync::wire;
use serde::Serialize;

use crate::answer::Form;
use crate::app::App;
use crate::error::ApiError;

#[derive(Serialize)]
struct Health {
    /// Always true: a server that can't read its database answers with an error instead.
    well: bool,
    /// Version of the protocol.
    protocol: u32,
    /// Version of the program.
    version: &'static str,
    /// What the guard's workers have been through since the start; not there where changes are tried without any.
    #[cfg(unix)]
    #[serde(skip_serializing_if = "Option::is_none")]
    workers: Option<crate::worker::Counts>,
}

pub(crate) async fn show(State(app): State<Arc<App>>, headers: HeaderMap) -> Result<Response, ApiError> {
    app.blocking(|app| app.store().directory().map(drop).map_err(ApiError::from)).await?;
    let health = Health {
        well: true,
        protocol: wire::VERSION,
        version: env!("CARGO_PKG_VERSION"),
        #[cfg(unix)]
        workers: app.trials().counts(),
    };
    // People ask for this with curl: JSON unless CBOR is asked for.
    Form::of_error(&headers).answer(&health)
}
