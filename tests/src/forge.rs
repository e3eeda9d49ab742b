//! What a stranger, or a newer version, would send: requests and changes made by hand.

use data_encoding::BASE64URL_NOPAD;
use doorstep_core::case::Event;
use doorstep_core::document::{Document, NewChange, Writing};
use doorstep_core::entry::{Body, Entry};
use doorstep_core::environment::{Clock as _, Request, Response, Signer as _, Transport as _, TransportError};
use doorstep_core::id::{ActorId, Digest, DocId, DocKind};
use doorstep_core::sync::wire::{
    CBOR, ErrorAnswer, HEADER_DEVICE, HEADER_NONCE, HEADER_PERSON, HEADER_SIGNATURE, HEADER_TOKEN, PATH_NONCE, PATH_PUSH,
    PATH_TOKEN, PushAnswer, PushRequest, PushedChange, VERSION, Verdict, signing_input,
};
use doorstep_core::time::{Hlc, Stamp};
use serde_bytes::ByteBuf;
use sha2::{Digest as _, Sha256};

use crate::phone::Phone;

/// An answer, read to its end.
#[derive(Debug)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body, plain.
    pub body: Vec<u8>,
}

impl Answer {
    /// Its error's stable code; empty where it is none.
    pub fn code(&self) -> String {
        minicbor_serde::from_slice::<ErrorAnswer>(&self.body)
            .map(|answer| answer.code)
            .or_else(|_| serde_json::from_slice::<ErrorAnswer>(&self.body).map(|answer| answer.code))
            .unwrap_or_default()
    }

    /// The first header of this name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The verdicts of a push.
    pub fn verdicts(&self) -> Vec<Verdict> {
        let answer: PushAnswer = minicbor_serde::from_slice(&self.body).expect("an answer to a push");
        answer.verdicts.into_iter().map(|one| one.verdict).collect()
    }
}

/// Sends it as it is.
pub fn send(phone: &Phone, request: &Request) -> Result<Answer, TransportError> {
    let Response { status, headers, mut body } = phone.network.send(request)?;
    let mut bytes = Vec::new();
    let _ = std::io::Read::read_to_end(&mut body, &mut bytes);
    Ok(Answer { status, headers, body: bytes })
}

/// A fresh nonce.
pub fn nonce(phone: &Phone) -> String {
    let request = Request { method: "GET", path: PATH_NONCE.into(), headers: vec![], body: vec![] };
    let answer = send(phone, &request).expect("the server is there");
    answer.header(HEADER_NONCE).expect("every answer has one").to_owned()
}

/// A request signed with the phone's own key.
pub fn signed(phone: &Phone, path: &str, body: Vec<u8>, nonce: &str) -> Request {
    let enrolled = phone.device().enrolled().expect("enrolled");
    let digest = Digest::from_bytes(Sha256::digest(&body).into());
    let input = signing_input("POST", path, &digest, &enrolled.device, &enrolled.person, nonce);
    let signature = phone.signer.sign(&input).expect("the key signs");
    let headers = vec![
        ("accept", CBOR.to_owned()),
        ("content-type", CBOR.to_owned()),
        (HEADER_DEVICE, enrolled.device.to_string()),
        (HEADER_PERSON, enrolled.person.to_string()),
        (HEADER_NONCE, nonce.to_owned()),
        (HEADER_SIGNATURE, BASE64URL_NOPAD.encode(&signature)),
    ];
    Request { method: "POST", path: path.to_owned(), headers, body }
}

/// Pushes these bytes, signed.
pub fn push_bytes(phone: &Phone, body: Vec<u8>) -> Answer {
    send(phone, &signed(phone, PATH_PUSH, body, &nonce(phone))).expect("the server answers")
}

/// Pushes these changes, signed.
pub fn push(phone: &Phone, changes: Vec<PushedChange>) -> Answer {
    push_bytes(phone, encode(changes))
}

/// A push's record.
pub fn encode(changes: Vec<PushedChange>) -> Vec<u8> {
    minicbor_serde::to_vec(PushRequest { version: VERSION, changes, bundles: vec![] }).expect("a record")
}

/// A token of this phone's own.
pub fn token(phone: &Phone) -> String {
    let answer = send(phone, &signed(phone, PATH_TOKEN, vec![], &nonce(phone))).expect("the server answers");
    answer.header(HEADER_TOKEN).expect("a token").to_owned()
}

/// A `GET` with a token.
pub fn get(phone: &Phone, path: &str, token: &str) -> Answer {
    let headers = vec![("accept", CBOR.to_owned()), ("authorization", format!("Bearer {token}"))];
    send(phone, &Request { method: "GET", path: path.to_owned(), headers, body: vec![] }).expect("the server answers")
}

/// A change as it is pushed.
pub fn pushed(doc: DocId, change: NewChange) -> PushedChange {
    PushedChange { doc, kind: DocKind::Case, hash: change.hash, bytes: ByteBuf::from(change.bytes) }
}

/// Writes one entry of this body behind everything the document has, as another program would: in the phone's person's
/// name, under this actor.
pub fn write(phone: &Phone, document: &Document, actor: ActorId, body: Body<Event>) -> (Document, NewChange) {
    let last = document.log::<Event>().entries.iter().map(|entry| entry.stamp.time).max().unwrap_or(Hlc(0));
    let stamp = Stamp { time: last.next(phone.clock.now()), node: 77 };
    let entry = Entry { stamp, author: phone.person.clone(), body };
    document.write(actor, &Writing::entries(vec![entry])).expect("a change")
}

/// What a worker of the guard can be put through: the program `tried_worker` does it to a change that carries the word.
pub mod tried {
    use sha2::{Digest as _, Sha256};

    /// Computes for ever.
    pub const LOOP: &str = "put-through: loop";
    /// Aborts.
    pub const DIE: &str = "put-through: die";
    /// Lets Automerge have [`bomb`].
    pub const BOMB: &str = "put-through: bomb";
    /// Fills a gigabyte, and goes on if it is allowed to.
    pub const FILL: &str = "put-through: fill";
    /// Recurses without end.
    pub const DEEP: &str = "put-through: deep";
    /// Does nothing for ten minutes.
    pub const SILENT: &str = "put-through: silent";
    /// All of them.
    pub const ALL: [&str; 6] = [LOOP, DIE, BOMB, FILL, DEEP, SILENT];

    /// A change of a few dozen bytes that claims ten million operations: Automerge makes 3.8 GiB of it.
    pub fn bomb() -> Vec<u8> {
        /// 10,000,000 as a signed and as an unsigned number.
        const MANY: [u8; 4] = [0x80, 0xad, 0xe2, 0x04];
        let run = |value: &[u8]| [&MANY[..], value].concat();
        let columns: [(u8, Vec<u8>); 5] =
            [(0x15, run(&[1, b'k'])), (0x34, MANY.to_vec()), (0x42, run(&[1])), (0x56, run(&[0])), (0x70, run(&[0]))];
        // No dependencies; an actor; its first change, from operation 1 on, at time 0; no message; no other actors.
        let mut body = vec![0, 16];
        body.extend([9; 16]);
        body.extend([1, 1, 0, 0, 0, u8::try_from(columns.len()).expect("five")]);
        columns.iter().for_each(|(name, column)| body.extend([*name, u8::try_from(column.len()).expect("short")]));
        columns.iter().for_each(|(_, column)| body.extend(column));
        let mut chunk = vec![0x85, 0x6f, 0x4a, 0x83, 0, 0, 0, 0, 1, u8::try_from(body.len()).expect("short")];
        chunk.extend(body);
        let hash = Sha256::digest(&chunk[8..]);
        chunk[4..8].copy_from_slice(&hash[..4]);
        chunk
    }
}
