//! A response body that holds something until it is sent or dropped: a permit, a place in the count of requests in
//! flight, a line of the log.

use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes, HttpBody};
use hyper::body::{Frame, SizeHint};

/// What is held, and told how much has gone out.
pub(crate) trait Tally {
    /// These many more bytes were handed to the connection.
    fn sent(&mut self, bytes: usize);
}

/// A body with what it holds.
pub(crate) struct Held<T> {
    body: Body,
    held: T,
}

impl<T> Held<T> {
    /// `body`, holding `held` for as long as it lives.
    pub(crate) const fn new(body: Body, held: T) -> Self {
        Self { body, held }
    }
}

impl<T: Tally + Unpin> HttpBody for Held<T> {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(cx);
        if let Poll::Ready(Some(Ok(frame))) = &polled
            && let Some(data) = frame.data_ref()
        {
            let bytes = data.len();
            self.held.sent(bytes);
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
