//! The host's own HTTP client, in the core's form: OkHttp, URLSession. Without one the ready client serves.
//!
//! Whatever foreign code throws becomes a code; its text, which may hold a stack trace, goes nowhere. How long it is waited for and
//! what is sent when is not known here.

use std::io::{self, Cursor, Read};

use doorstep_core::environment::{Request, Response, TransportError};

/// Most bytes of an answer that are taken from a foreign transport, after decompression. What lies behind counts as a
/// dropped link, and the next sync goes on from the last checkpoint: 32 MiB is far more than a day's news, and what a
/// small phone can hold twice.
pub const ANSWER_MAX: u64 = 32 << 20;

/// One header of a request or an answer.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct HttpHeader {
    /// Its name, lower case in requests, any case in answers.
    pub name: String,
    /// Its value.
    pub value: String,
}

/// A request for the server.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct HttpRequest {
    /// `GET` or `POST`.
    pub method: String,
    /// Where to send it: the server's address, path and query. It is sent there as it is, and nowhere else.
    pub url: String,
    /// Headers, all of which must be sent.
    pub headers: Vec<HttpHeader>,
    /// The body; empty for `GET`.
    pub body: Vec<u8>,
    /// Most bytes of the answer's body that will be read; more may be left out.
    pub answer_max: u64,
}

/// The server's answer, whatever its status.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct HttpResponse {
    /// HTTP status.
    pub status: u16,
    /// Headers.
    pub headers: Vec<HttpHeader>,
    /// The body, decompressed.
    pub body: Vec<u8>,
    /// Whether the body is whole; not if the link dropped, or it was longer than asked for. What came is used.
    pub whole: bool,
}

/// No answer: nobody knows whether the server got the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, uniffi::Error)]
pub enum TransportFailure {
    /// No connection could be made, or it broke.
    #[error("no connection to the server")]
    Unreachable,
    /// The server's certificate is not trusted.
    #[error("the server's certificate is not trusted")]
    Untrusted,
    /// It took too long.
    #[error("the server did not answer in time")]
    Timeout,
    /// The client itself failed: whatever else is thrown comes as this.
    #[error("the client failed")]
    Failed,
}

impl From<uniffi::UnexpectedUniFFICallbackError> for TransportFailure {
    fn from(_: uniffi::UnexpectedUniFFICallbackError) -> Self {
        Self::Failed
    }
}

impl From<TransportFailure> for TransportError {
    fn from(failure: TransportFailure) -> Self {
        match failure {
            TransportFailure::Unreachable | TransportFailure::Failed => Self::Unreachable,
            TransportFailure::Untrusted => Self::Untrusted,
            TransportFailure::Timeout => Self::Timeout,
        }
    }
}

/// The host's HTTP client. It sends once, follows no redirect and gives every status back as an answer. It is called on a thread of its
/// own and waited for five minutes, unless [`crate::DeviceOptions::patience_ms`] says otherwise.
#[uniffi::export(with_foreign)]
pub trait HttpTransport: Send + Sync {
    /// Sends a request.
    fn send(&self, request: HttpRequest) -> Result<HttpResponse, TransportFailure>;
}

/// A request in the host's form.
pub(crate) fn request(server: &str, request: &Request) -> HttpRequest {
    let headers = request.headers.iter().map(|(name, value)| HttpHeader { name: (*name).into(), value: value.clone() });
    HttpRequest {
        method: request.method.into(),
        url: format!("{}{}", server.trim().trim_end_matches('/'), request.path),
        headers: headers.collect(),
        body: request.body.clone(),
        answer_max: ANSWER_MAX,
    }
}

/// An answer in the core's form.
pub(crate) fn response(answer: HttpResponse) -> Response {
    let headers = answer.headers.into_iter().map(|header| (header.name.to_ascii_lowercase(), header.value));
    let cut = !answer.whole || answer.body.len() as u64 > ANSWER_MAX;
    let body = Cursor::new(answer.body).take(ANSWER_MAX);
    let body: Box<dyn Read + Send> = if cut { Box::new(body.chain(Dropped)) } else { Box::new(body) };
    Response { status: answer.status, headers: headers.collect(), body }
}

/// Ends in an error, as a dropped link does.
struct Dropped;

impl Read for Dropped {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(io::ErrorKind::ConnectionReset.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_is_not_whole_ends_like_a_dropped_link() {
        for whole in [true, false] {
            let headers = vec![HttpHeader { name: "Doorstep-Nonce".into(), value: "n".into() }];
            let mut answer = response(HttpResponse { status: 200, headers, body: b"frame".to_vec(), whole });
            assert_eq!(answer.header("doorstep-nonce"), Some("n"), "names are brought to lower case");
            let mut body = Vec::new();
            assert_eq!(answer.body.read_to_end(&mut body).is_ok(), whole);
            assert_eq!(body, b"frame", "what came is used");
        }
    }

    #[test]
    fn a_request_names_the_whole_address_with_the_servers_prefix() {
        let asked = Request { method: "GET", path: "/v1/log?from=2".into(), headers: Vec::new(), body: Vec::new() };
        assert_eq!(request("https://a.example/b/ ", &asked).url, "https://a.example/b/v1/log?from=2");
    }
}
