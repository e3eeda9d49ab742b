//! The ready HTTP client: HTTP/1.1 over rustls, one kept connection, bodies in zstd both ways.
//!
//! It sends once, follows no redirect (a signature names its path, and a redirect is a hotspot's, not the server's),
//! and knows nothing of what it carries. Retrying is the session's business.

use std::io::{self, Read};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use ureq::http::{self, Uri};
use ureq::tls::{PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::unversioned::resolver::DefaultResolver;
use ureq::unversioned::transport::{Connector as _, RustlsConnector, TcpConnector};
use ureq::{Agent, Body};

use super::HostError;
use super::count::{Counting, Counts};
use crate::environment::{Request, Response, Transport, TransportError};

/// Bodies up to this many bytes travel as they are: zstd would save less than a packet.
const COMPRESS_ABOVE: usize = 256;
/// zstd level of requests: 3 is its default, and a phone's processor doesn't notice it.
const LEVEL: i32 = 3;
/// Largest zstd window taken from a server, as a power of two: 8 MiB, what RFC 9659 allows for HTTP. It bounds what an
/// answer makes this device hold.
const WINDOW_LOG_MAX: u32 = 23;
/// Most bytes of one answer, on the wire and after decompression each. A pull beyond it ends like a dropped link and is
/// resumed from its last checkpoint.
const ANSWER_MAX: u64 = 256 << 20;
/// Largest head of an answer, bytes.
const HEAD_MAX: usize = 32 << 10;
/// How long an unused connection is kept, seconds: below the half minute after which mobile gateways forget it.
const IDLE_S: u64 = 25;

/// How long the client waits. There is no limit on a whole answer: a first pull over a poor link takes what it takes,
/// as long as something comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// For a connection, TLS included.
    pub connect: Duration,
    /// For the answer to begin, once the request is sent.
    pub answer: Duration,
    /// For the next bytes to come or go.
    pub idle: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { connect: Duration::from_secs(15), answer: Duration::from_mins(1), idle: Duration::from_secs(30) }
    }
}

/// How to reach a server.
#[derive(Debug, Clone, Default)]
pub struct HttpOptions {
    /// The only certificates to trust, PEM: for a trial on a local network with a self-signed one. None: the web's.
    pub roots_pem: Option<Vec<u8>>,
    /// Allows `http://` to other machines. For trials on a network of one's own.
    pub allow_plain: bool,
    /// How long to wait.
    pub timeouts: Timeouts,
}

/// The client for one server.
#[derive(Debug)]
pub struct HttpTransport {
    agent: Agent,
    base: String,
    counts: Arc<Counts>,
}

impl HttpTransport {
    /// A client for `server` (`https://host:port`, a path prefix allowed). Nothing is sent yet.
    pub fn new(server: &str, options: &HttpOptions) -> Result<Self, HostError> {
        let base = checked_base(server, options.allow_plain)?;
        let mut config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            .user_agent(concat!("doorstep/", env!("CARGO_PKG_VERSION")))
            .max_response_header_size(HEAD_MAX)
            .max_idle_age(Duration::from_secs(IDLE_S))
            .timeout_resolve(Some(options.timeouts.connect))
            .timeout_connect(Some(options.timeouts.connect))
            .timeout_recv_response(Some(options.timeouts.answer))
            .timeout_per_read(Some(options.timeouts.idle))
            .timeout_per_write(Some(options.timeouts.idle));
        if let Some(pem) = &options.roots_pem {
            config = config.tls_config(TlsConfig::builder().root_certs(roots(pem)?).build());
        }
        let counts = Arc::new(Counts::default());
        let connector = TcpConnector::default().chain(Counting(counts.clone())).chain(RustlsConnector::default());
        Ok(Self { agent: Agent::with_parts(config.build(), connector, DefaultResolver::default()), base, counts })
    }
}

impl Transport for HttpTransport {
    fn send(&self, request: &Request) -> Result<Response, TransportError> {
        let mut builder = http::Request::builder()
            .method(request.method)
            .uri(format!("{}{}", self.base, request.path))
            .header("accept-encoding", "zstd");
        for (name, value) in &request.headers {
            builder = builder.header(*name, value);
        }
        let answer = if request.method == "GET" {
            builder.body(()).map_err(ureq::Error::from).and_then(|request| self.agent.run(request))
        } else {
            let packed = (request.body.len() > COMPRESS_ABOVE)
                .then(|| zstd::bulk::compress(&request.body, LEVEL).ok())
                .flatten()
                .filter(|packed| packed.len() < request.body.len());
            let body = match packed {
                Some(packed) => {
                    builder = builder.header("content-encoding", "zstd");
                    packed
                }
                None => request.body.clone(),
            };
            builder.body(body).map_err(ureq::Error::from).and_then(|request| self.agent.run(request))
        };
        response(answer.map_err(|error| transport_error(&error))?)
    }

    fn pause(&self, ms: u64) {
        std::thread::sleep(Duration::from_millis(ms));
    }

    /// On all its connections: TCP's payload, so TLS and headers are in it.
    fn on_wire(&self) -> Option<(u64, u64)> {
        Some(self.counts.read())
    }
}

fn response(answer: http::Response<Body>) -> Result<Response, TransportError> {
    let (head, body) = answer.into_parts();
    let headers: Vec<_> = head
        .headers
        .iter()
        .filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned())))
        .collect();
    let packed = headers.iter().any(|(name, value)| name == "content-encoding" && value.eq_ignore_ascii_case("zstd"));
    let wire = body.into_with_config().limit(ANSWER_MAX).reader();
    let body: Box<dyn Read + Send> = if packed {
        let mut decoder = zstd::stream::read::Decoder::new(wire).map_err(|_| TransportError::Unreachable)?;
        decoder.window_log_max(WINDOW_LOG_MAX).map_err(|_| TransportError::Unreachable)?;
        Box::new(Capped { inner: decoder, left: ANSWER_MAX })
    } else {
        Box::new(wire)
    };
    Ok(Response { status: head.status.as_u16(), headers, body })
}

/// Ends in an error, not in an end, when more comes than may.
struct Capped<R> {
    inner: R,
    left: u64,
}

impl<R: Read> Read for Capped<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(into)?;
        self.left = self.left.checked_sub(count as u64).ok_or_else(|| io::Error::other("more than an answer may hold"))?;
        Ok(count)
    }
}

fn checked_base(server: &str, allow_plain: bool) -> Result<String, HostError> {
    let address: Uri = server.trim().parse().map_err(|_| HostError::BadAddress)?;
    let (Some(scheme), Some(authority), None) = (address.scheme_str(), address.authority(), address.query()) else {
        return Err(HostError::BadAddress);
    };
    if authority.as_str().contains('@') || authority.host().is_empty() {
        return Err(HostError::BadAddress);
    }
    match scheme {
        "https" => {}
        "http" if allow_plain || is_this_machine(authority.host()) => {}
        "http" => return Err(HostError::PlainHttp),
        _ => return Err(HostError::BadAddress),
    }
    Ok(format!("{scheme}://{authority}{}", address.path().trim_end_matches('/')))
}

fn is_this_machine(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost") || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn roots(pem: &[u8]) -> Result<RootCerts, HostError> {
    let mut certificates = Vec::new();
    for item in parse_pem(pem) {
        if let PemItem::Certificate(certificate) = item.map_err(|_| HostError::BadCertificate)? {
            certificates.push(certificate);
        }
    }
    if certificates.is_empty() {
        return Err(HostError::BadCertificate);
    }
    Ok(RootCerts::new_with_certs(&certificates))
}

fn transport_error(error: &ureq::Error) -> TransportError {
    let tls = match error {
        ureq::Error::Rustls(tls) => Some(tls),
        ureq::Error::Io(io) => io.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()),
        _ => None,
    };
    match (error, tls) {
        (_, Some(rustls::Error::InvalidCertificate(_))) => TransportError::Untrusted,
        (ureq::Error::Timeout(_), _) => TransportError::Timeout,
        (ureq::Error::Io(io), _) if io.kind() == io::ErrorKind::TimedOut => TransportError::Timeout,
        _ => TransportError::Unreachable,
    }
}

#[cfg(test)]
mod tests;
