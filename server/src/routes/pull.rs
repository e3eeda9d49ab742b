//! `GET /v1/sync/pull?cursor=…`, with a token: what is new, streamed page by page.
//!
//! A page is read from the store, compressed, and handed to the connection before the next is read: memory does not
//! grow with what there is to send, and no thread waits for a slow phone.

use std::io::Write as _;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Uri, header};
use axum::response::Response;
use data_encoding::BASE64URL_NOPAD;
use doorstep_core::id::DeviceId;
use doorstep_core::planted::{self, Planted};
use doorstep_core::sync::wire;
use hyper::body::Frame;
use tokio::sync::mpsc;
use zstd::zstd_safe::CParameter;

use crate::answer::{Form, JSON_LINES};
use crate::app::App;
use crate::audit::Who;
use crate::auth::Bearer;
use crate::error::{ApiError, Code};
use crate::pull::{self, Pull, Understands};
use crate::routes::frames;

/// Level 3: documents shrink to a quarter, and one core compresses more than a mobile link carries.
const LEVEL: i32 = 3;
/// zstd's window as a power of two: 512 KiB, some hundred documents that resemble each other. The level's own 2 MiB are held for
/// every pull under way, by the server and by the phone, and save nothing that shows.
const WINDOW_LOG: u32 = 19;
/// Places in each of zstd's two tables as a power of two, four bytes each: fewer than the level's own, for the smaller window.
const TABLE_LOG: u32 = 15;
/// Pages ready ahead of the one that is being sent.
const AHEAD: usize = 1;
/// Longest cursor, characters. Ours have some 200.
const CURSOR_MAX: usize = 1_024;

pub(crate) async fn stream(
    State(app): State<Arc<App>>,
    bearer: Bearer,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let cursor = cursor(&uri)?;
    let zstd = accepts_zstd(&headers);
    let form = Form::of_answer(&headers);
    let understands = Understands::said(headers.get(wire::HEADER_KINDS).and_then(|value| value.to_str().ok()));
    if let Some(cursor) = cursor.clone() {
        app.blocking(move |app| notice_a_restore(app, &cursor)).await?;
    }
    let pull = pull::pull(app.store(), &bearer.person, understands, cursor.as_deref());
    // The first page before the status, so that what goes wrong at once is an error and not a broken stream.
    let (first, rest) = Pages { pull, device: bearer.device, squeeze: Squeeze::new(zstd)?, form }.next(&app).await?;

    let (to, pages) = mpsc::channel(AHEAD);
    tokio::spawn(async move {
        let (mut page, mut rest) = (Ok(first), rest);
        loop {
            let broken = page.is_err();
            // Nobody reads any more: the phone went away, or took nothing for too long.
            if to.send(page).await.is_err() || broken {
                return;
            }
            let Some(pages) = rest else { return };
            // The log has the cause. The connection breaks, and the phone goes on from its last checkpoint.
            (page, rest) = match pages.next(&app).await {
                Ok((page, rest)) => (Ok(page), rest),
                Err(_) => (Err(Broken), None),
            };
        }
    });

    let mut response = Response::new(Body::new(Stream(pages)));
    let media_type = match form {
        Form::Cbor => HeaderValue::from_static(wire::CBOR),
        Form::Json => HeaderValue::from_static(JSON_LINES),
    };
    response.headers_mut().insert(header::CONTENT_TYPE, media_type);
    response.headers_mut().insert(header::VARY, HeaderValue::from_static("accept, accept-encoding"));
    if zstd {
        response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("zstd"));
    }
    Ok(response)
}

/// A phone that knows more of this log than the log itself: it was put back, and is another from here on, for every phone.
fn notice_a_restore(app: &App, cursor: &[u8]) -> Result<(), ApiError> {
    if let Some(ended) = pull::ended_epoch(app.store(), cursor)?
        && app.store().begin_epoch(ended, Who::Server, app.entropy(), app.now())?
    {
        tracing::warn!("a phone's cursor is ahead of the log: the database was put back; a new epoch begins");
    }
    Ok(())
}

/// A pull under way.
struct Pages {
    pull: Pull,
    device: DeviceId,
    squeeze: Squeeze,
    form: Form,
}

impl Pages {
    /// The next page as it goes out, and the rest if there is any.
    async fn next(mut self, app: &Arc<App>) -> Result<(Bytes, Option<Self>), ApiError> {
        app.blocking(move |app| {
            // A long pull ends where its device is revoked, not where its token would.
            let revoked = app.store().device(&self.device)?.is_none_or(|device| device.revoked_at.is_some());
            if revoked && !planted::is(Planted::RevokedTokenReads) {
                return Err(Code::DeviceRevoked.into());
            }
            let Some(page) = self.pull.next_page()? else { return Ok((self.squeeze.finish()?, None)) };
            let page = match self.form {
                Form::Cbor => page,
                Form::Json => frames::lines(&page)?,
            };
            Ok((self.squeeze.page(page)?, Some(self)))
        })
        .await
    }
}

/// The stream's compression: one zstd frame over all pages, flushed after each so that a phone can go on with it.
enum Squeeze {
    Plain,
    Zstd(Box<zstd::stream::write::Encoder<'static, Vec<u8>>>),
}

impl Squeeze {
    fn new(zstd: bool) -> Result<Self, ApiError> {
        if !zstd {
            return Ok(Self::Plain);
        }
        let encoder = zstd::stream::write::Encoder::new(Vec::new(), LEVEL).and_then(|mut encoder| {
            encoder.window_log(WINDOW_LOG)?;
            encoder.set_parameter(CParameter::HashLog(TABLE_LOG))?;
            encoder.set_parameter(CParameter::ChainLog(TABLE_LOG))?;
            Ok(encoder)
        });
        let encoder = encoder.map_err(|cause| ApiError::internal(&cause))?;
        Ok(Self::Zstd(Box::new(encoder)))
    }

    fn page(&mut self, page: Vec<u8>) -> Result<Bytes, ApiError> {
        match self {
            Self::Plain => Ok(page.into()),
            Self::Zstd(encoder) => {
                encoder.write_all(&page).and_then(|()| encoder.flush()).map_err(|cause| ApiError::internal(&cause))?;
                Ok(std::mem::take(encoder.get_mut()).into())
            }
        }
    }

    fn finish(self) -> Result<Bytes, ApiError> {
        match self {
            Self::Plain => Ok(Bytes::new()),
            Self::Zstd(encoder) => encoder.finish().map(Bytes::from).map_err(|cause| ApiError::internal(&cause)),
        }
    }
}

/// The pull broke off on this side.
#[derive(Debug, thiserror::Error)]
#[error("the pull broke off")]
struct Broken;

/// Pages as a body.
struct Stream(mpsc::Receiver<Result<Bytes, Broken>>);

impl HttpBody for Stream {
    type Data = Bytes;
    type Error = Broken;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Broken>>> {
        self.0.poll_recv(cx).map(|page| page.map(|page| page.map(Frame::data)))
    }
}

/// The cursor in the query, if there is one. Read by hand: nothing else may stand there.
fn cursor(uri: &Uri) -> Result<Option<Vec<u8>>, ApiError> {
    let Some(query) = uri.query().filter(|query| !query.is_empty()) else { return Ok(None) };
    let text = query.strip_prefix("cursor=").filter(|text| text.len() <= CURSOR_MAX).ok_or(Code::Cursor)?;
    if text.is_empty() {
        return Ok(None);
    }
    BASE64URL_NOPAD.decode(text.trim_end_matches('=').as_bytes()).map(Some).map_err(|_| Code::Cursor.into())
}

fn accepts_zstd(headers: &HeaderMap) -> bool {
    let values = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|one| {
        let mut parts = one.split(';').map(str::trim);
        parts.next().is_some_and(|name| name.eq_ignore_ascii_case("zstd")) && parts.all(|part| part != "q=0")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_cursor_may_stand_in_the_query() {
        let read = |query: &str| cursor(&format!("/v1/sync/pull{query}").parse().unwrap());
        assert_eq!(read(""), Ok(None));
        assert_eq!(read("?cursor="), Ok(None));
        assert_eq!(read("?cursor=AQID"), Ok(Some(vec![1, 2, 3])));
        assert_eq!(read("?cursor=AQ=="), Ok(Some(vec![1])));
        for query in ["?cursor=AQID&person=other", "?since=1", "?cursor=%00", "?cursor=+++"] {
            assert_eq!(read(query), Err(Code::Cursor.into()), "{query}");
        }
    }

    #[test]
    fn zstd_is_used_only_where_it_is_accepted() {
        let asks = |value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(value));
            accepts_zstd(&headers)
        };
        assert!(asks("gzip, zstd") && asks("ZSTD;q=0.5"));
        assert!(!asks("gzip") && !asks("zstd;q=0") && !accepts_zstd(&HeaderMap::new()));
    }
}
