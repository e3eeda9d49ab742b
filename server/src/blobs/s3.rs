//! Whole attachments in a bucket: S3, or anything that speaks its protocol, set by the operator.
//!
//! The protocol is `object_store`'s. Its requests are carried by the HTTP client that is in this program anyway (ureq over
//! rustls), on threads that may wait; a second client would weigh more than the rest of the server's edge. Keys come from
//! the environment by the names that every S3 tool knows, never from the command line, where others can read them.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use axum::http::{Request, Response};
use http_body_util::BodyExt as _;
use object_store::aws::AmazonS3Builder;
use object_store::client::{
    ClientOptions, HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse, HttpResponseBody,
    HttpService,
};
use object_store::prefix::PrefixStore;
use object_store::{ObjectStore, RetryConfig};

/// Time for a connection to the store, TLS included.
const CONNECT: Duration = Duration::from_secs(10);
/// Time for an answer to begin: a store that puts a finished film together may think for a while.
const ANSWER: Duration = Duration::from_mins(1);
/// Time for the next bytes to come or go.
const IDLE: Duration = Duration::from_secs(30);
/// Tries of a request that failed on the way, beyond the first. The phone tries again too, and keeps what it has until then.
const RETRIES: usize = 3;
/// All tries together end after this: below the time after which a phone gives up waiting.
const RETRY_ALL: Duration = Duration::from_secs(45);
/// Largest answer, bytes: a part of an attachment, or a page of XML.
const ANSWER_MAX: u64 = 64 << 20;

/// Why a bucket can't be used.
#[derive(Debug, thiserror::Error)]
pub enum BucketError {
    /// Not `s3://bucket` or `s3://bucket/prefix`.
    #[error("a bucket is named s3://bucket or s3://bucket/prefix")]
    Address,
    /// The settings make no sense together. The text names settings, never their values.
    #[error("{0}")]
    Settings(String),
}

/// The bucket at `s3://bucket/prefix`. `settings`: the environment's `AWS_…` variables.
pub fn bucket(
    address: &str,
    settings: impl IntoIterator<Item = (String, String)>,
) -> Result<Arc<dyn ObjectStore>, BucketError> {
    let rest = address.strip_prefix("s3://").ok_or(BucketError::Address)?;
    let (name, prefix) = rest.split_once('/').unwrap_or((rest, ""));
    let plain = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/'));
    if name.is_empty() || !plain(rest) || prefix.split('/').any(|part| part == "..") {
        return Err(BucketError::Address);
    }
    let mut builder = AmazonS3Builder::new().with_bucket_name(name);
    let mut plain_http = false;
    for (key, value) in settings.into_iter().filter(|(key, _)| key.starts_with("AWS_")) {
        if key == "AWS_ALLOW_HTTP" {
            plain_http = value.eq_ignore_ascii_case("true") || value == "1";
        } else if let Ok(key) = key.to_ascii_lowercase().parse() {
            // What this library does not know, other tools on this computer may.
            builder = builder.with_config(key, value);
        }
    }
    let retry = RetryConfig { max_retries: RETRIES, retry_timeout: RETRY_ALL, ..RetryConfig::default() };
    let store = builder
        .with_allow_http(plain_http)
        .with_retry(retry)
        .with_http_connector(Connector { plain_http })
        .build()
        // Its texts name what is missing or malformed.
        .map_err(|error| BucketError::Settings(error.to_string()))?;
    let prefix = prefix.trim_matches('/');
    Ok(if prefix.is_empty() { Arc::new(store) } else { Arc::new(PrefixStore::new(store, prefix)) })
}

/// Makes the client that carries requests.
#[derive(Debug)]
struct Connector {
    plain_http: bool,
}

impl HttpConnector for Connector {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            // A signature names its host and path.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .https_only(!self.plain_http)
            .proxy(None)
            .user_agent(concat!("doorstep/", env!("CARGO_PKG_VERSION")))
            .timeout_connect(Some(CONNECT))
            .timeout_recv_response(Some(ANSWER))
            .timeout_per_read(Some(IDLE))
            .timeout_per_write(Some(IDLE));
        Ok(HttpClient::new(Carrier(config.build().into())))
    }
}

/// The client.
#[derive(Debug)]
struct Carrier(ureq::Agent);

#[async_trait]
impl HttpService for Carrier {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let (head, body) = request.into_parts();
        let body = body.collect().await?.to_bytes();
        let agent = self.0.clone();
        let sent = tokio::task::spawn_blocking(move || {
            let answer = agent.run(Request::from_parts(head, body.as_ref())).map_err(|error| told(&error))?;
            let (head, body) = answer.into_parts();
            let body = body.into_with_config().limit(ANSWER_MAX).read_to_vec().map_err(|error| told(&error))?;
            Ok(Response::from_parts(head, HttpResponseBody::from(body)))
        });
        sent.await.map_err(|error| HttpError::new(HttpErrorKind::Unknown, error))?
    }
}

/// What kind of failure it was decides whether it is tried again.
fn told(error: &ureq::Error) -> HttpError {
    let kind = match error {
        ureq::Error::ConnectionFailed | ureq::Error::HostNotFound | ureq::Error::Timeout(ureq::Timeout::Connect) => {
            HttpErrorKind::Connect
        }
        ureq::Error::Timeout(_) => HttpErrorKind::Timeout,
        ureq::Error::Io(io) if io.kind() == std::io::ErrorKind::ConnectionRefused => HttpErrorKind::Connect,
        ureq::Error::Io(_) => HttpErrorKind::Interrupted,
        _ => HttpErrorKind::Unknown,
    };
    HttpError::new_boxed(kind, error.to_string().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> Vec<(String, String)> {
        [("AWS_ACCESS_KEY_ID", "key"), ("AWS_SECRET_ACCESS_KEY", "secret"), ("AWS_REGION", "cn-northwest-1"), ("PATH", "/bin")]
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .into()
    }

    #[test]
    fn a_bucket_is_named_by_its_address_and_a_slip_in_it_is_refused() {
        for address in ["s3://doorstep", "s3://doorstep/", "s3://doorstep/gwm/attachments"] {
            assert!(bucket(address, settings()).is_ok(), "{address}");
        }
        for address in ["doorstep", "http://doorstep", "s3://", "s3:///x", "s3://a/../b", "s3://a?b=c", "s3://key:secret@a"] {
            assert!(matches!(bucket(address, settings()), Err(BucketError::Address)), "{address}");
        }
    }

    #[test]
    fn a_store_without_encryption_is_refused_unless_the_operator_allows_it() {
        let plain = |allowed: &str| {
            let endpoint = ("AWS_ENDPOINT".to_owned(), "http://127.0.0.1:1".to_owned());
            let allow = ("AWS_ALLOW_HTTP".to_owned(), allowed.to_owned());
            let store = bucket("s3://doorstep", settings().into_iter().chain([endpoint, allow])).unwrap();
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(object_store::ObjectStoreExt::head(&*store, &"x".into())).unwrap_err().to_string()
        };
        let (refused, tried) = (plain("false"), plain("true"));
        assert!(refused.contains("http"), "{refused}");
        assert_ne!(refused, tried, "allowed, it is tried and nobody listens");
    }
}
