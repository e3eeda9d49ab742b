//! Request bodies: read within their time and their cap, decompressed within theirs. Bytes in, bytes out.

use std::io::Read as _;
use std::sync::Arc;

use axum::body::Body;
use axum::http::{HeaderMap, header};
use http_body_util::BodyExt as _;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout_at};

use crate::app::App;
use crate::config::Limits;
use crate::error::{ApiError, Code};

/// Unit of the budget: semaphores count in `u32`, bodies in bytes.
const BUDGET_UNIT: usize = 1 << 10;
/// Largest window a compressed body may ask for, as a power of two: 8 MiB, what RFC 8878 asks every decoder to bear.
const WINDOW_LOG_MAX: u32 = 23;
/// Bytes decompressed between two looks at the budget.
const INFLATE_STEP: usize = 64 << 10;
/// Bytes read and thrown away of a body that is refused. A client that still sends would otherwise see a broken
/// connection instead of the answer, and never learn the fresh nonce in it.
const DISCARD_MAX: usize = 8 << 20;

/// The memory that all bodies share.
#[derive(Debug, Clone)]
pub(crate) struct Budget(Arc<Semaphore>);

impl Budget {
    pub(crate) fn new(bytes: usize) -> Self {
        Self(Arc::new(Semaphore::new((bytes / BUDGET_UNIT).min(Semaphore::MAX_PERMITS))))
    }
}

/// A body in memory, plain, with the share of the budget it holds.
#[derive(Debug)]
pub struct Plain {
    bytes: Vec<u8>,
    _share: Share,
}

impl std::ops::Deref for Plain {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        &self.bytes
    }
}

#[derive(Debug)]
struct Share {
    budget: Budget,
    permits: Option<OwnedSemaphorePermit>,
    retry_after_s: u32,
}

impl Share {
    fn none(app: &App) -> Self {
        Self { budget: app.budget().clone(), permits: None, retry_after_s: app.limits().retry_after_s }
    }

    fn cover(&mut self, bytes: usize) -> Result<(), ApiError> {
        let held = self.permits.as_ref().map_or(0, OwnedSemaphorePermit::num_permits);
        let wanted = bytes.div_ceil(BUDGET_UNIT).saturating_sub(held);
        let more = Arc::clone(&self.budget.0)
            .try_acquire_many_owned(u32::try_from(wanted).unwrap_or(u32::MAX))
            .map_err(|_| ApiError::overloaded(self.retry_after_s))?;
        match &mut self.permits {
            Some(permits) => permits.merge(more),
            None => self.permits = Some(more),
        }
        Ok(())
    }
}

/// Reads a body to its end and decompresses it.
pub(crate) async fn read(app: &Arc<App>, headers: &HeaderMap, body: Body) -> Result<Plain, ApiError> {
    let zstd = match headers.get(header::CONTENT_ENCODING).map(|value| value.as_bytes().to_ascii_lowercase()) {
        None => false,
        Some(name) if name == b"identity" => false,
        Some(name) if name == b"zstd" => true,
        Some(_) => {
            discard(app.limits(), body).await;
            return Err(Code::Encoding.into());
        }
    };
    let mut share = Share::none(app);
    let bytes = collect(app.limits(), body, &mut share).await?;
    if !zstd {
        return Ok(Plain { bytes, _share: share });
    }
    let max = app.limits().inflated_max;
    app.blocking(move |_| {
        let plain = inflate(&bytes, max, |held| share.cover(held))?;
        Ok(Plain { bytes: plain, _share: share })
    })
    .await
}

async fn collect(limits: &Limits, mut body: Body, share: &mut Share) -> Result<Vec<u8>, ApiError> {
    let mut bytes = Vec::new();
    let last = Instant::now() + limits.body_total;
    loop {
        let frame = match timeout_at(last.min(Instant::now() + limits.body_stall), body.frame()).await {
            Err(_) => return Err(Code::Slow.into()),
            Ok(None) => return Ok(bytes),
            Ok(Some(Err(_))) => return Err(Code::Broken.into()),
            Ok(Some(Ok(frame))) => frame,
        };
        let Some(data) = frame.data_ref() else { continue };
        let refused = if bytes.len() + data.len() > limits.body_max {
            Some(ApiError::from(Code::BodyTooLarge))
        } else {
            share.cover(bytes.len() + data.len()).err()
        };
        if let Some(error) = refused {
            discard(limits, body).await;
            return Err(error);
        }
        bytes.extend_from_slice(data);
    }
}

/// Reads on without keeping anything, within the same time limits, so that the answer can be heard.
pub(crate) async fn discard(limits: &Limits, mut body: Body) {
    let last = Instant::now() + limits.body_total;
    let mut left = DISCARD_MAX;
    while let Ok(Some(Ok(frame))) = timeout_at(last.min(Instant::now() + limits.body_stall), body.frame()).await {
        let bytes = frame.data_ref().map_or(0, axum::body::Bytes::len);
        if bytes > left {
            return;
        }
        left -= bytes;
    }
}

/// Decompresses a body, to `max` bytes and not beyond; `cover` is asked before so many are held.
pub fn inflate(
    compressed: &[u8],
    max: usize,
    mut cover: impl FnMut(usize) -> Result<(), ApiError>,
) -> Result<Vec<u8>, ApiError> {
    let damaged = |_| ApiError::from(Code::Compression);
    let mut decoder = zstd::stream::read::Decoder::with_buffer(compressed).map_err(damaged)?;
    decoder.window_log_max(WINDOW_LOG_MAX).map_err(damaged)?;
    let mut plain = Vec::new();
    let mut step = vec![0; INFLATE_STEP];
    loop {
        let read = decoder.read(&mut step).map_err(damaged)?;
        if read == 0 {
            return Ok(plain);
        }
        if plain.len() + read > max {
            return Err(Code::InflatedTooLarge.into());
        }
        cover(plain.len() + read)?;
        plain.extend_from_slice(step.get(..read).unwrap_or_default());
    }
}
