//! RFC 3161: tokens of another program's authority, OpenSSL's, are read and checked as ours are; and OpenSSL reads ours.
//!
//! `openssl` must be there (tests/print_tools installs it); a machine without it fails here instead of looking away.

use std::path::Path;
use std::process::Command as Process;

use doorstep_core::agreement::{
    AgreementFile, Anchors, CheckName, CounterSignature, CounterSigner as _, LocalAuthority, RFC3161, verify_with,
};
use doorstep_core::environment::Signer as _;
use doorstep_core::host::SoftwareSigner;
use doorstep_core::id::Digest;
use doorstep_core::time::Timestamp;
use doorstep_tests::World;
use doorstep_tests::scenes::sealed;
use p256::ecdsa::VerifyingKey;
use sha2::Digest as _;

fn openssl(dir: &Path, line: &str) {
    let output = Process::new("openssl").args(line.split_whitespace()).current_dir(dir).output();
    let output = output.unwrap_or_else(|error| panic!("openssl: {error}; run tests/print_tools"));
    assert!(output.status.success(), "openssl {line}: {}", String::from_utf8_lossy(&output.stderr));
}

const CONFIGURATION: &str = "\
[req]
distinguished_name = name
x509_extensions = authority
prompt = no
[name]
CN = trial authority
[authority]
extendedKeyUsage = critical,timeStamping
subjectKeyIdentifier = hash
[tsa]
default_tsa = here
[here]
serial = serial
signer_cert = cert.pem
certs = cert.pem
signer_key = key.pem
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
";

/// An authority of OpenSSL's in this folder; its public key.
fn authority(dir: &Path) -> [u8; 33] {
    std::fs::write(dir.join("tsa.cnf"), CONFIGURATION).unwrap();
    std::fs::write(dir.join("serial"), "01\n").unwrap();
    openssl(dir, "ecparam -name prime256v1 -genkey -noout -out key.pem");
    openssl(dir, "req -new -x509 -key key.pem -days 30 -config tsa.cnf -out cert.pem");
    openssl(dir, "ec -in key.pem -pubout -conv_form compressed -outform DER -out public.der");
    let public = std::fs::read(dir.join("public.der")).unwrap();
    let point: [u8; 33] = public[public.len() - 33..].try_into().unwrap();
    VerifyingKey::from_sec1_bytes(&point).unwrap();
    point
}

/// OpenSSL's token over this digest.
fn token(dir: &Path, digest: &Digest) -> Vec<u8> {
    openssl(dir, &format!("ts -query -digest {digest} -sha256 -cert -out query.tsq"));
    openssl(dir, "ts -reply -config tsa.cnf -queryfile query.tsq -token_out -out token.der");
    std::fs::read(dir.join("token.der")).unwrap()
}

fn findings(bundle: &[u8], token: Vec<u8>, times: &[[u8; 33]]) -> Vec<&'static str> {
    let mut file = AgreementFile::of(bundle.to_vec());
    file.counter_signatures = vec![CounterSignature { kind: RFC3161.into(), bytes: token }];
    let anchors = Anchors { times: times.to_vec(), ..Anchors::default() };
    let report = verify_with(&file.write(), &anchors);
    let check = report.checks.iter().find(|check| check.name == CheckName::CounterSignatures).unwrap();
    check.findings.iter().map(doorstep_core::agreement::Finding::code).collect()
}

#[test]
fn a_token_of_openssls_authority_is_taken_for_this_agreement_and_for_no_other() {
    let temp = tempfile::tempdir().unwrap();
    let key = authority(temp.path());
    let world = World::new(101);
    let phone = world.phone("w-ncg-1");
    let (one, other) = (sealed(&world, &phone).1, sealed(&world, &phone).1);
    let token = token(temp.path(), &one.bundle);
    assert_eq!(findings(&one.bytes, token.clone(), &[key]), [""; 0]);
    assert_eq!(findings(&one.bytes, token.clone(), &[]), ["counter_signer_unknown"]);
    assert_eq!(findings(&other.bytes, token.clone(), &[key]), ["bad_counter_signature"], "another agreement's");
    let stranger = [2; 32];
    let stranger = SoftwareSigner::from_secret(&stranger).unwrap().public_key();
    assert_eq!(findings(&one.bytes, token.clone(), &[stranger]), ["bad_counter_signature"], "an authority nobody trusts");
    // Whatever byte of what is signed was changed: said, or no token any more. The certificate beside it is not what counts.
    let signed = token.windows(9).position(|window| window == [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10]).unwrap();
    let mut altered = token;
    altered[signed + 40] ^= 1;
    assert_ne!(findings(&one.bytes, altered, &[key]), [""; 0]);
}

#[test]
fn openssl_reads_the_local_authoritys_token_and_checks_its_signature() {
    let temp = tempfile::tempdir().unwrap();
    let dir = temp.path();
    let world = World::new(102);
    let phone = world.phone("w-ncg-1");
    let agreement = sealed(&world, &phone).1;
    // OpenSSL's key, so that it can make the certificate that its check asks for; named by the id that our token gives.
    authority(dir);
    openssl(dir, "pkcs8 -topk8 -nocrypt -in key.pem -outform DER -out key.der");
    let der = std::fs::read(dir.join("key.der")).unwrap();
    // ECPrivateKey inside: version 1, then 32 octets.
    let at = der.windows(5).position(|window| window == [0x02, 0x01, 0x01, 0x04, 0x20]).unwrap() + 5;
    let secret: [u8; 32] = der[at..at + 32].try_into().unwrap();
    let key = SoftwareSigner::from_secret(&secret).unwrap();
    let local = LocalAuthority { key: &key, at: Timestamp(1_790_000_000_000), serial: 200 };
    let token = local.counter_sign(&agreement.bundle).unwrap();
    assert_eq!(findings(&agreement.bytes, token.bytes.clone(), &[key.public_key()]), [""; 0]);
    std::fs::write(dir.join("ours.der"), &token.bytes).unwrap();
    let digest: [u8; 32] = sha2::Sha256::digest(key.public_key()).into();
    let id: Vec<String> = digest[..20].iter().map(|byte| format!("{byte:02X}")).collect();
    let named = CONFIGURATION.replace("subjectKeyIdentifier = hash", &format!("subjectKeyIdentifier = {}", id.join(":")));
    std::fs::write(dir.join("named.cnf"), named).unwrap();
    openssl(dir, "req -new -x509 -key key.pem -days 30 -config named.cnf -out named.pem");
    openssl(dir, "cms -verify -in ours.der -inform DER -certfile named.pem -noverify -binary -out info.der");
    let info = std::fs::read(dir.join("info.der")).unwrap();
    assert!(info.windows(32).any(|window| window == agreement.bundle.as_bytes()), "what it stamped is this agreement");
    let shown = Process::new("openssl").args(["asn1parse", "-inform", "DER", "-in", "info.der"]).current_dir(dir).output();
    let shown = String::from_utf8(shown.unwrap().stdout).unwrap();
    assert!(shown.contains("sha256") && shown.contains(":C8") && shown.contains("GENERALIZEDTIME"), "{shown}");
}
