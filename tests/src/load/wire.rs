//! One phone's connection: HTTP/1.1 by hand, kept open, so that a thousand of them cost next to nothing.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use data_encoding::BASE64URL_NOPAD;
use doorstep_core::environment::Signer as _;
use doorstep_core::id::{Digest, DocKind};
use doorstep_core::sync::wire::{
    CBOR, HEADER_DEVICE, HEADER_KINDS, HEADER_NONCE, HEADER_PERSON, HEADER_SIGNATURE, HEADER_TOKEN, PATH_NONCE, PATH_PULL,
    PATH_PUSH, PATH_TOKEN, signing_input,
};
use sha2::{Digest as _, Sha256};

use super::town::{Phone, Push};

/// How long an answer may take before the connection counts as broken.
const ANSWER_MAX: Duration = Duration::from_mins(1);

/// An answer.
#[derive(Debug)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Seconds after which to come back, where it says so.
    pub retry_after: Option<u64>,
    /// The body as it came.
    pub body: Vec<u8>,
    /// Whether it is compressed.
    pub zstd: bool,
}

/// A connection, with what the server gave for the next request.
pub struct Wire {
    port: u16,
    stream: Option<BufReader<TcpStream>>,
    nonce: Option<String>,
    token: Option<String>,
    /// Connections made.
    pub connections: u64,
}

impl Wire {
    /// To the server on this port of loopback; not connected yet.
    pub const fn new(port: u16) -> Self {
        Self { port, stream: None, nonce: None, token: None, connections: 0 }
    }

    /// Pushes, signed with a fresh nonce.
    pub fn push(&mut self, phone: &Phone, push: &Push) -> io::Result<Answer> {
        self.signed(phone, PATH_PUSH, &push.digest, &push.body, true)
    }

    /// Asks for a token.
    pub fn ask_token(&mut self, phone: &Phone) -> io::Result<Answer> {
        self.signed(phone, PATH_TOKEN, &Digest::from_bytes(Sha256::digest([]).into()), &[], false)
    }

    /// Whether a token was given.
    pub const fn has_token(&self) -> bool {
        self.token.is_some()
    }

    /// Pulls from a cursor, or from the beginning, with the token.
    pub fn pull(&mut self, cursor: Option<&[u8]>) -> io::Result<Answer> {
        let cursor = cursor.map(|cursor| format!("?cursor={}", BASE64URL_NOPAD.encode(cursor))).unwrap_or_default();
        let kinds = DocKind::ALL.map(DocKind::name).join(",");
        let token = self.token.as_deref().unwrap_or_default();
        let head = format!(
            "GET {PATH_PULL}{cursor} HTTP/1.1\r\nhost: 127.0.0.1\r\naccept: {CBOR}\r\naccept-encoding: zstd\r\n\
             authorization: Bearer {token}\r\n{HEADER_KINDS}: {kinds}\r\n\r\n"
        );
        self.ask(&head, &[])
    }

    fn signed(&mut self, phone: &Phone, path: &str, digest: &Digest, body: &[u8], zstd: bool) -> io::Result<Answer> {
        if self.nonce.is_none() {
            let answer = self.ask(&format!("GET {PATH_NONCE} HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n"), &[])?;
            if answer.status >= 429 {
                return Ok(answer);
            }
        }
        let nonce = self.nonce.take().unwrap_or_default();
        let input = signing_input("POST", path, digest, &phone.device, &phone.person, &nonce);
        let signature = phone.signer.sign(&input).map_err(|_| io::Error::other("no signature"))?;
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: 127.0.0.1\r\naccept: {CBOR}\r\ncontent-type: {CBOR}\r\ncontent-length: {}\r\n{}\
             {HEADER_DEVICE}: {}\r\n{HEADER_PERSON}: {}\r\n{HEADER_NONCE}: {nonce}\r\n{HEADER_SIGNATURE}: {}\r\n\r\n",
            body.len(),
            if zstd { "content-encoding: zstd\r\n" } else { "" },
            phone.device,
            phone.person,
            BASE64URL_NOPAD.encode(&signature),
        );
        self.ask(&head, body)
    }

    /// Sends it; on a connection that the server closed while it was idle, once more on a new one.
    fn ask(&mut self, head: &str, body: &[u8]) -> io::Result<Answer> {
        let kept = self.stream.is_some();
        match self.try_ask(head, body) {
            Err(_) if kept => {
                self.stream = None;
                self.try_ask(head, body)
            }
            answer => answer,
        }
        .inspect_err(|_| self.stream = None)
    }

    fn try_ask(&mut self, head: &str, body: &[u8]) -> io::Result<Answer> {
        if self.stream.is_none() {
            let stream = TcpStream::connect(("127.0.0.1", self.port))?;
            stream.set_nodelay(true)?;
            stream.set_read_timeout(Some(ANSWER_MAX))?;
            self.connections += 1;
            self.stream = Some(BufReader::new(stream));
        }
        let Some(stream) = &mut self.stream else { return Err(io::ErrorKind::NotConnected.into()) };
        let mut whole = head.as_bytes().to_vec();
        whole.extend_from_slice(body);
        stream.get_mut().write_all(&whole)?;
        let status_line = line(stream)?;
        let status = status_line.split(' ').nth(1).and_then(|code| code.parse().ok());
        let status = status.ok_or(io::ErrorKind::InvalidData)?;
        let mut answer = Answer { status, retry_after: None, body: Vec::new(), zstd: false };
        let (mut length, mut chunked, mut close) = (0, false, false);
        loop {
            let line = line(stream)?;
            if line.is_empty() {
                break;
            }
            let Some((name, value)) = line.split_once(':') else { continue };
            let value = value.trim();
            match name.to_ascii_lowercase().as_str() {
                "content-length" => length = value.parse().map_err(|_| io::ErrorKind::InvalidData)?,
                "transfer-encoding" => chunked = value.eq_ignore_ascii_case("chunked"),
                "content-encoding" => answer.zstd = value == "zstd",
                "connection" => close = value.eq_ignore_ascii_case("close"),
                "retry-after" => answer.retry_after = value.parse().ok(),
                HEADER_NONCE => self.nonce = Some(value.to_owned()),
                HEADER_TOKEN => self.token = Some(value.to_owned()),
                _ => {}
            }
        }
        if chunked {
            loop {
                let size = usize::from_str_radix(line(stream)?.trim(), 16).map_err(|_| io::ErrorKind::InvalidData)?;
                let from = answer.body.len();
                answer.body.resize(from + size, 0);
                stream.read_exact(&mut answer.body[from..])?;
                line(stream)?;
                if size == 0 {
                    break;
                }
            }
        } else {
            answer.body.resize(length, 0);
            stream.read_exact(&mut answer.body)?;
        }
        if close {
            self.stream = None;
        }
        Ok(answer)
    }
}

fn line(stream: &mut BufReader<TcpStream>) -> io::Result<String> {
    let mut line = String::new();
    if stream.read_line(&mut line)? == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    line.truncate(line.trim_end().len());
    Ok(line)
}
