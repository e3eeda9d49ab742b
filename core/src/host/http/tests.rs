//! The client against a server of a few lines on this machine: real sockets, real bytes, real TLS.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use super::*;

/// What the server read of one request.
struct Seen {
    connection: usize,
    line: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Seen {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// Answers each request with the next of `answers` (raw bytes; empty: closes without a word), across connections.
fn serve(answers: Vec<Vec<u8>>) -> (SocketAddr, Receiver<Seen>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (sender, receiver) = channel();
    thread::spawn(move || {
        let mut answers = answers.into_iter();
        for connection in 0.. {
            let Ok((stream, _)) = listener.accept() else { return };
            talk(&stream, &stream, connection, &mut answers, &sender);
            if answers.len() == 0 {
                return;
            }
        }
    });
    (address, receiver)
}

fn talk(
    read: impl Read,
    mut write: impl Write,
    connection: usize,
    answers: &mut impl Iterator<Item = Vec<u8>>,
    seen: &Sender<Seen>,
) -> Option<()> {
    let mut read = BufReader::new(read);
    loop {
        let mut line = String::new();
        read.read_line(&mut line).ok().filter(|count| *count > 0)?;
        let mut headers = Vec::new();
        loop {
            let mut header = String::new();
            read.read_line(&mut header).ok()?;
            let Some((name, value)) = header.trim_end().split_once(": ") else { break };
            headers.push((name.to_lowercase(), value.to_owned()));
        }
        let length = headers.iter().find(|(name, _)| name == "content-length").map_or(0, |(_, value)| value.parse().unwrap());
        let mut body = vec![0; length];
        read.read_exact(&mut body).ok()?;
        seen.send(Seen { connection, line: line.trim_end().into(), headers, body }).ok();
        let answer = answers.next().filter(|answer| !answer.is_empty())?;
        write.write_all(&answer).ok()?;
        write.flush().ok()?;
        if !answer.starts_with(b"HTTP/1.1 200") {
            return Some(());
        }
    }
}

fn ok(headers: &str, body: &[u8]) -> Vec<u8> {
    let mut answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n{headers}\r\n", body.len()).into_bytes();
    answer.extend(body);
    answer
}

fn chunked(headers: &str, chunks: &[&[u8]]) -> Vec<u8> {
    let mut answer = format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n{headers}\r\n").into_bytes();
    for chunk in chunks {
        answer.extend(format!("{:x}\r\n", chunk.len()).into_bytes());
        answer.extend_from_slice(chunk);
        answer.extend(b"\r\n");
    }
    answer.extend(b"0\r\n\r\n");
    answer
}

fn client(address: SocketAddr) -> HttpTransport {
    HttpTransport::new(&format!("http://{address}"), &HttpOptions::default()).unwrap()
}

fn get(path: &str) -> Request {
    Request { method: "GET", path: path.into(), headers: vec![("accept", "application/cbor".into())], body: vec![] }
}

fn post(body: Vec<u8>) -> Request {
    Request { method: "POST", path: "/v1/sync/push".into(), headers: vec![("doorstep-nonce", "n".into())], body }
}

fn read(response: Response) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    let mut reader = response.body;
    reader.read_to_end(&mut body).map(|_| body)
}

#[test]
fn one_connection_serves_one_request_after_another() {
    let packed = zstd::bulk::compress(&[7; 5_000], 3).unwrap();
    let (half, rest) = packed.split_at(packed.len() / 2);
    let (address, seen) = serve(vec![
        ok("doorstep-time: 5\r\n", b""),
        chunked("content-encoding: zstd\r\n", &[half, rest]),
        ok("", b"plain"),
        ok("", b""),
    ]);
    let client = client(address);
    let first = client.send(&get("/v1/nonce")).unwrap();
    assert_eq!(first.header("doorstep-time"), Some("5"));
    assert_eq!(read(first).unwrap(), b"");
    assert_eq!(read(client.send(&get("/v1/sync/pull?cursor=-_")).unwrap()).unwrap(), [7; 5_000]);
    assert_eq!(read(client.send(&post(vec![])).unwrap()).unwrap(), b"plain");
    assert_eq!(read(client.send(&post(vec![1; 100])).unwrap()).unwrap(), b"");
    let seen: Vec<Seen> = seen.iter().take(4).collect();
    assert_eq!(seen.iter().map(|seen| seen.connection).collect::<Vec<_>>(), [0; 4]);
    assert_eq!(seen[1].line, "GET /v1/sync/pull?cursor=-_ HTTP/1.1");
    assert_eq!(seen[1].header("accept-encoding"), Some("zstd"));
    assert_eq!((seen[2].header("content-length"), seen[2].body.len()), (Some("0"), 0));
    assert_eq!((seen[3].header("content-encoding"), seen[3].body.as_slice()), (None, &[1; 100][..]));
}

#[test]
fn a_large_body_travels_compressed_and_says_so() {
    let (address, seen) = serve(vec![ok("", b"")]);
    let client = client(address);
    client.send(&post(vec![5; 100_000])).unwrap();
    let seen = seen.recv().unwrap();
    assert_eq!((seen.header("content-encoding"), seen.header("doorstep-nonce")), (Some("zstd"), Some("n")));
    assert_eq!(zstd::bulk::decompress(&seen.body, 200_000).unwrap(), vec![5; 100_000]);
    assert!(seen.body.len() < 1_000);
}

#[test]
fn bytes_are_counted_as_they_cross_the_socket() {
    let answer = ok("", &vec![b'x'; 70_000]);
    let (address, seen) = serve(vec![answer.clone()]);
    let client = client(address);
    read(client.send(&post(vec![5; 100_000])).unwrap()).unwrap();
    let seen = seen.recv().unwrap();
    let head = seen.line.len() + 2 + seen.headers.iter().map(|(name, value)| name.len() + value.len() + 4).sum::<usize>() + 2;
    assert_eq!(client.on_wire(), Some(((head + seen.body.len()) as u64, answer.len() as u64)));
}

#[test]
fn an_answer_that_breaks_off_is_an_error_wherever_it_does() {
    let packed = zstd::bulk::compress(&(0..40_000u32).flat_map(u32::to_be_bytes).collect::<Vec<_>>(), 3).unwrap();
    let whole = ok("content-encoding: zstd\r\n", &packed);
    let pieces = chunked("content-encoding: zstd\r\n", &[&packed]);
    for full in [whole, pieces] {
        for cut in [full.len() - 1, full.len() - packed.len() / 2, full.len() - packed.len()] {
            let mut cut_answer = full[..cut].to_vec();
            cut_answer[9..12].copy_from_slice(b"201"); // makes the server close behind it
            let (address, _seen) = serve(vec![cut_answer]);
            let result = client(address).send(&get("/v1/sync/pull"));
            assert!(result.is_err() || read(result.unwrap()).is_err(), "cut at {cut} of {}", full.len());
        }
    }
}

#[test]
fn an_answer_that_is_not_the_zstd_it_claims_is_an_error() {
    let (address, _seen) = serve(vec![ok("content-encoding: zstd\r\n", b"not zstd at all")]);
    assert!(read(client(address).send(&get("/")).unwrap()).is_err());
}

#[test]
fn a_redirect_is_an_answer_not_an_order() {
    let (address, seen) =
        serve(vec![b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n".to_vec()]);
    assert_eq!(client(address).send(&get("/v1/sync/pull")).unwrap().status, 302);
    assert_eq!(seen.iter().count(), 1);
}

#[test]
fn an_error_status_comes_with_its_body() {
    let (address, _seen) = serve(vec![b"HTTP/1.1 429 Busy\r\nretry-after: 7\r\ncontent-length: 4\r\n\r\nbusy".to_vec()]);
    let response = client(address).send(&post(vec![])).unwrap();
    assert_eq!((response.status, response.header("retry-after")), (429, Some("7")));
    assert_eq!(read(response).unwrap(), b"busy");
}

#[test]
fn nobody_there_and_nobody_speaking_are_told_apart() {
    let gone = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    assert_eq!(client(gone).send(&get("/")).err(), Some(TransportError::Unreachable));

    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let timeouts = Timeouts { idle: Duration::from_millis(150), ..Timeouts::default() };
    let options = HttpOptions { timeouts, ..HttpOptions::default() };
    let client = HttpTransport::new(&format!("http://{}", silent.local_addr().unwrap()), &options).unwrap();
    assert_eq!(client.send(&get("/")).err(), Some(TransportError::Timeout));
}

#[test]
fn an_answer_that_stops_coming_times_out() {
    let mut half = ok("", &[1; 1_000]);
    half.truncate(half.len() - 500);
    let (address, _seen) = serve(vec![half, vec![]]);
    let timeouts = Timeouts { idle: Duration::from_millis(150), ..Timeouts::default() };
    let options = HttpOptions { timeouts, ..HttpOptions::default() };
    let client = HttpTransport::new(&format!("http://{address}"), &options).unwrap();
    assert!(read(client.send(&get("/")).unwrap()).is_err());
}

#[test]
fn more_than_an_answer_may_hold_is_an_error() {
    let mut reader = Capped { inner: io::repeat(1).take(11), left: 10 };
    assert!(reader.read_to_end(&mut Vec::new()).is_err());
    let mut reader = Capped { inner: io::repeat(1).take(10), left: 10 };
    assert!(reader.read_to_end(&mut Vec::new()).is_ok());
}

#[test]
fn plain_http_is_for_this_machine_unless_somebody_insists() {
    let made = |server: &str, allow_plain| {
        HttpTransport::new(server, &HttpOptions { allow_plain, ..HttpOptions::default() }).map(|client| client.base)
    };
    for server in ["http://127.0.0.1:8080", "http://localhost:1", "http://[::1]:3", "https://doorstep.example/"] {
        assert_eq!(made(server, false).as_deref(), Ok(server.trim_end_matches('/')));
    }
    assert_eq!(made("http://192.168.1.5:8080", false).unwrap_err().code(), "plain_http");
    assert!(made("http://192.168.1.5:8080", true).is_ok());
    for server in ["", "ftp://h", "host", "http://127.0.0.1@evil.example/", "https://h/?q=1", "https://"] {
        assert_eq!(made(server, true).unwrap_err().code(), "bad_address", "{server}");
    }
}

#[test]
fn a_self_signed_server_is_trusted_only_where_its_certificate_was_given() {
    let made = rcgen::generate_simple_self_signed(vec!["127.0.0.1".into()]).unwrap();
    let key = rustls::pki_types::PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let config = rustls::ServerConfig::builder_with_provider(rustls::crypto::ring::default_provider().into())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for _ in 0..2 {
            let (mut stream, _) = listener.accept().unwrap();
            let mut tls = rustls::ServerConnection::new(config.clone()).unwrap();
            if tls.complete_io(&mut stream).is_err() {
                continue; // the client did not like the certificate
            }
            let mut both = rustls::Stream::new(&mut tls, &mut stream);
            let mut head = [0; 4_096];
            let _ = both.read(&mut head);
            let _ = both.write_all(&ok("", b"secret"));
            let _ = both.flush();
        }
    });
    let server = format!("https://{address}");
    let stranger = HttpTransport::new(&server, &HttpOptions::default()).unwrap();
    assert_eq!(stranger.send(&get("/")).err(), Some(TransportError::Untrusted));

    let options = HttpOptions { roots_pem: Some(made.cert.pem().into_bytes()), ..HttpOptions::default() };
    let client = HttpTransport::new(&server, &options).unwrap();
    assert_eq!(read(client.send(&get("/")).unwrap()).unwrap(), b"secret");
    assert!(client.on_wire().unwrap().1 > 500, "the handshake is counted");

    let nonsense = HttpOptions { roots_pem: Some(b"nonsense".to_vec()), ..HttpOptions::default() };
    assert_eq!(HttpTransport::new(&server, &nonsense).unwrap_err().code(), "bad_certificate");
}
