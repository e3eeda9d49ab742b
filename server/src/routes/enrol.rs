//! `POST /v1/enrol`: a code and a key become a device.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use doorstep_core::sync::wire::{self, EnrolRequest};

use crate::answer::{self, Form};
use crate::app::App;
use crate::body;
use crate::enrol;
use crate::error::{ApiError, Code};

pub(crate) async fn redeem(State(app): State<Arc<App>>, request: Request<Body>) -> Result<Response, ApiError> {
    let (parts, sent) = request.into_parts();
    let bytes = body::read(&app, &parts.headers, sent).await?;
    answer::expect_cbor(&parts.headers)?;
    let request: EnrolRequest = answer::decode(&bytes)?;
    if request.version != wire::VERSION {
        return Err(Code::Version.into());
    }
    let answer = app.blocking(move |app| enrol::redeem(app, &request)).await?;
    Form::of_answer(&parts.headers).answer(&answer)
}
