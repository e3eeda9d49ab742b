//! TLS: given certificates, or self-signed ones for a trial on a local network.

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::Arc;

use data_encoding::HEXUPPER;
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use sha2::{Digest as _, Sha256};

/// Files of the self-signed certificate inside the data directory: the same one after a restart, or phones that trust
/// it would have to be told again.
const CERTIFICATE_FILE: &str = "tls-certificate.pem";
const KEY_FILE: &str = "tls-key.pem";

/// Why there is no TLS.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file can't be read or written.
    #[error("{what} can't be used: {source}")]
    File {
        /// Which one.
        what: String,
        /// Why.
        source: io::Error,
    },
    /// A file does not hold what it should.
    #[error("{0} does not hold PEM of the kind it should")]
    Pem(String),
    /// Certificate and key don't fit each other, or a key can't be used.
    #[error("the certificate and its key can't be used: {0}")]
    Unusable(String),
}

/// A configuration from a certificate chain and its key, both PEM.
pub fn configure(certificate: &Path, key: &Path) -> Result<Arc<ServerConfig>, TlsError> {
    let pem = |path: &Path| TlsError::Pem(path.display().to_string());
    let chain = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|_| pem(certificate))?;
    if chain.is_empty() {
        return Err(pem(certificate));
    }
    let key = PrivateKeyDer::from_pem_file(key).map_err(|_| pem(key))?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, key))
        .map_err(|error| TlsError::Unusable(error.to_string()))?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// The data directory's self-signed certificate for `names` (made at the first use), and its SHA-256 fingerprint.
pub fn self_signed(data: &Path, names: Vec<String>) -> Result<(Arc<ServerConfig>, String), TlsError> {
    let (certificate, key) = (data.join(CERTIFICATE_FILE), data.join(KEY_FILE));
    if !certificate.exists() || !key.exists() {
        let made = rcgen::generate_simple_self_signed(names).map_err(|error| TlsError::Unusable(error.to_string()))?;
        // The key first: a certificate without its key is never left behind.
        write_private(&key, made.signing_key.serialize_pem().as_bytes())?;
        fs::write(&certificate, made.cert.pem()).map_err(|source| file(&certificate, source))?;
    }
    let config = configure(&certificate, &key)?;
    let der = CertificateDer::from_pem_file(&certificate).map_err(|_| TlsError::Pem(certificate.display().to_string()))?;
    let fingerprint: Vec<_> = Sha256::digest(&der).iter().map(|byte| HEXUPPER.encode(&[*byte])).collect();
    Ok((config, fingerprint.join(":")))
}

fn write_private(path: &Path, bytes: &[u8]) -> Result<(), TlsError> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).and_then(|mut to| to.write_all(bytes)).map_err(|source| file(path, source))
}

fn file(path: &Path, source: io::Error) -> TlsError {
    TlsError::File { what: path.display().to_string(), source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_self_signed_certificate_stays_the_same_after_a_restart() {
        let dir = tempfile::tempdir().unwrap();
        let (_, first) = self_signed(dir.path(), vec!["localhost".into()]).unwrap();
        let (_, second) = self_signed(dir.path(), vec!["elsewhere".into()]).unwrap();
        assert_eq!(first, second);
        assert_eq!(first.len(), 32 * 3 - 1);
    }

    #[test]
    fn a_file_that_is_no_certificate_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("cert.pem");
        fs::write(&path, "hello").unwrap();
        let error = configure(&path, &path).unwrap_err();
        assert!(error.to_string().contains("cert.pem"));
    }
}
