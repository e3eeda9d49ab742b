//! `/v1/attachments/{doc}/{digest}`: `POST`, signed, takes a piece, also a revoked device's; `GET`, with a token and a range, gives one.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use doorstep_core::attachment::AttachmentRefusal;
use doorstep_core::id::{Digest, DocId};
use doorstep_core::sync::{AttachmentRequest, RANGE_ANSWER_MAX, wire};

use crate::answer::{self, Form};
use crate::app::App;
use crate::attachments::AttachmentError;
use crate::auth::{Author, Bearer};
use crate::blobs::BlobError;
use crate::error::{ApiError, Code};

type Named = Result<Path<(String, String)>, PathRejection>;

pub(crate) async fn take(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    named: Named,
    author: Author,
) -> Result<Response, ApiError> {
    // From a revoked device too: what it has recorded is kept, and it learns no more than that.
    let signed = author.signed;
    let (doc, digest) = read(named)?;
    answer::expect_cbor(&headers)?;
    let request: AttachmentRequest = answer::decode(&signed.body)?;
    if request.version != wire::VERSION {
        return Err(Code::Version.into());
    }
    let took = app
        .blocking(move |app| Ok(app.attachments().take(&signed.device, &signed.person, &doc, &digest, &request, app.now())?));
    Form::of_answer(&headers).answer(&took.await?)
}

pub(crate) async fn show(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    named: Named,
    bearer: Bearer,
) -> Result<Response, ApiError> {
    let (doc, digest) = read(named)?;
    let from = begin(&headers).ok_or(Code::AttachmentRange)?;
    let most = RANGE_ANSWER_MAX as u64;
    let part =
        app.blocking(move |app| Ok(app.attachments().give(&bearer.person, &doc, &digest, (from, most), app.now())?)).await?;
    let last = from + (part.bytes.len() as u64).saturating_sub(1);
    let range = HeaderValue::try_from(format!("bytes {from}-{last}/{}", part.length));
    let media = HeaderValue::try_from(part.media);
    let mut response = Response::new(Body::from(part.bytes));
    *response.status_mut() = StatusCode::PARTIAL_CONTENT;
    response.headers_mut().insert(header::CONTENT_RANGE, range.map_err(|cause| ApiError::internal(&cause))?);
    response.headers_mut().insert(header::CONTENT_TYPE, media.map_err(|cause| ApiError::internal(&cause))?);
    Ok(response)
}

/// What is no name of ours names nothing.
fn read(named: Named) -> Result<(DocId, Digest), ApiError> {
    let read = named.ok().and_then(|Path((doc, digest))| Some((doc.parse().ok()?, digest.parse().ok()?)));
    read.ok_or_else(|| Code::AttachmentUnknown.into())
}

/// Where `bytes=a-` begins; at the beginning without one.
fn begin(headers: &HeaderMap) -> Option<u64> {
    let Some(range) = headers.get(header::RANGE) else { return Some(0) };
    range.to_str().ok()?.strip_prefix("bytes=")?.split_once('-')?.0.parse().ok()
}

impl From<AttachmentError> for ApiError {
    fn from(error: AttachmentError) -> Self {
        match error {
            AttachmentError::Unknown => Code::AttachmentUnknown.into(),
            AttachmentError::Absent => Code::AttachmentAbsent.into(),
            AttachmentError::Missing => Code::AttachmentMissing.into(),
            AttachmentError::Refused(refusal) => match refusal {
                AttachmentRefusal::Type | AttachmentRefusal::Damaged => Code::AttachmentType.into(),
                AttachmentRefusal::TooLarge => Code::AttachmentTooLarge.into(),
                AttachmentRefusal::Empty => Code::AttachmentLength.into(),
            },
            AttachmentError::Length => Code::AttachmentLength.into(),
            AttachmentError::Hash => Code::AttachmentHash.into(),
            AttachmentError::Piece => Code::BodyTooLarge.into(),
            AttachmentError::Range => Code::AttachmentRange.into(),
            AttachmentError::Store(error) => error.into(),
            AttachmentError::Crowded | AttachmentError::Blob(BlobError::Full) => Code::StorageFull.into(),
            AttachmentError::Blob(cause) => Self::internal(&cause),
        }
    }
}
