//! A self-signed server for a trial: phones that were given its certificate trust it, others don't.

use std::io::{Read as _, Write as _};
use std::sync::Arc;

use doorstep_core::directory::Directory;
use doorstep_core::environment::Clock as _;
use doorstep_server::app::App;
use doorstep_server::config::{Limits, ServerClock, ServerEntropy};
use doorstep_server::edge::{Background, tls};
use doorstep_server::store::Store;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

use crate::client::{self, Answer};

fn ask(server: &Background, roots: rustls::RootCertStore) -> std::io::Result<Answer> {
    let config = rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let tls = rustls::ClientConnection::new(Arc::new(config), "localhost".try_into().unwrap()).unwrap();
    let mut stream = rustls::StreamOwned::new(tls, client::open(server.address()));
    stream.write_all(client::head("GET", "/v1/nonce", &[], 0).as_bytes())?;
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes);
    Ok(client::parse(&bytes).unwrap())
}

#[test]
fn a_self_signed_server_is_trusted_by_who_has_its_certificate() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::create(dir.path(), &Directory::default(), &ServerEntropy, ServerClock::System.now()).unwrap();
    let (config, _) = tls::self_signed(dir.path(), vec!["localhost".into()]).unwrap();
    let app = App::new(store, Arc::new(ServerClock::System), Arc::new(ServerEntropy), Limits::default());
    let server = Background::start(app, "127.0.0.1:0".parse().unwrap(), Some(config)).unwrap();

    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(dir.path().join("tls-certificate.pem")).unwrap()).unwrap();
    assert_eq!(ask(&server, roots).unwrap().status, 204);
    assert!(ask(&server, rustls::RootCertStore::empty()).is_err());
}
