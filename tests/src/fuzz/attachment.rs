//! Pieces of attachments, both ways: hostile requests into a real server's folder, hostile answers into a real phone's.
//!
//! What must hold whatever comes: nothing is ever shown, on either end, that is not what its name says.

use std::io::Cursor;
use std::sync::Arc;

use doorstep_core::attachment::AttachmentKey;
use doorstep_core::device::Device;
use doorstep_core::environment::{Request, Response, Transport, TransportError};
use doorstep_core::store::Options;
use doorstep_core::sync::wire::{CBOR, HEADER_NONCE, HEADER_TIME, HEADER_TOKEN};
use doorstep_core::sync::{AttachmentRequest, PATH_ATTACHMENTS};
use doorstep_server::attachments::{AttachmentError, Attachments};
use doorstep_server::blobs::Blobs;
use doorstep_server::store::Store;
use serde_bytes::ByteBuf;
use tempfile::TempDir;
use tokio::runtime::Runtime;

use super::{Mutator, Seeds};

/// Goes to the server.
const UP: u8 = 0;
/// Comes to the phone.
const DOWN: u8 = 1;

/// An input: the way, which attachment, and a request's body or an answer's range and body.
pub(super) fn piece(mutator: &Mutator<'_>, seeds: &Seeds) -> Vec<u8> {
    let chance = mutator.chance;
    let of = chance.below(seeds.attached.len());
    let at = u8::try_from(of).unwrap_or_default();
    let whole = &seeds.attached[of].bytes;
    if chance.percent(65) {
        let (real, body) = chance.pick(&seeds.pieces);
        let body = match chance.below(4) {
            0 => mutator.bytes(body, &chance.pick(&seeds.pieces).1),
            1 => mutator.record(body, &seeds.pushes[0]),
            // As it was really sent, so that the next ones meet an upload that is under way.
            2 => return [&[UP, u8::try_from(*real).unwrap_or_default()][..], body].concat(),
            _ => {
                let from = chance.below(whole.len() + 1);
                let to = (from + chance.below(300_000)).min(whole.len());
                let length = whole.len() as u64 + u64::from(chance.percent(10));
                let request = AttachmentRequest {
                    version: 1,
                    length,
                    offset: from as u64,
                    bytes: ByteBuf::from(whole[from..to].to_vec()),
                };
                minicbor_serde::to_vec(request).expect("a record")
            }
        };
        return [&[UP, at][..], &body].concat();
    }
    let end = chance.below(whole.len() + 2);
    let from = if chance.percent(80) { 0 } else { chance.below(whole.len()) };
    let length = if chance.percent(80) { whole.len() } else { chance.below(2 * whole.len()) };
    let range = format!("bytes {from}-{}/{length}", if chance.percent(80) { length.saturating_sub(1) } else { end });
    let mut body = whole.clone();
    if chance.percent(40) {
        body = mutator.bytes(&body, &seeds.pushes[0]);
    }
    if chance.percent(40) {
        body.truncate(end);
    }
    [&[DOWN, at][..], range.as_bytes(), b"\n", &body].concat()
}

/// A server and a phone that know of the attachments and have no byte of them.
pub(super) struct Ends {
    attachments: Arc<Attachments>,
    device: Device,
    runtime: Runtime,
    _dir: TempDir,
}

impl Ends {
    pub(super) fn new(seeds: &Seeds) -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        for file in std::fs::read_dir(seeds.server()).expect("the server's files") {
            let file = file.expect("a file");
            std::fs::copy(file.path(), dir.path().join(file.file_name())).expect("a copy");
        }
        let store = Store::open(dir.path()).expect("the server's database");
        let attachments = Attachments::new(store, Blobs::local(dir.path()));
        let file = dir.path().join("phone.db");
        std::fs::copy(seeds.phone(), &file).expect("a copy");
        let options = Options { attachment_key: Some(AttachmentKey::from_bytes([5; 32])), ..Options::default() };
        let device = Device::open(&file, options, seeds.host.clone()).expect("the phone's database");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        Self { attachments, device, runtime, _dir: dir }
    }

    /// Runs it; whether something was taken.
    pub(super) fn run(&self, seeds: &Seeds, input: &[u8]) -> Result<bool, String> {
        let Some(([way, at], rest)) = input.split_first_chunk::<2>() else { return Ok(false) };
        let at = usize::from(*at) % seeds.attached.len();
        if *way == UP { self.up(seeds, at, rest) } else { self.down(seeds, at, rest) }
    }

    fn up(&self, seeds: &Seeds, at: usize, body: &[u8]) -> Result<bool, String> {
        let Ok(request) = minicbor_serde::from_slice::<AttachmentRequest>(body) else { return Ok(false) };
        let one = &seeds.attached[at];
        // Blobs are worked on where a runtime is at hand.
        let _inside = self.runtime.enter();
        let (device, person) = (&seeds.pusher.device, &seeds.pusher.person);
        let answer = match self.attachments.take(device, person, &one.doc, &one.digest, &request, seeds.now) {
            Ok(answer) => answer,
            Err(failed @ (AttachmentError::Store(_) | AttachmentError::Blob(_))) => return Err(format!("failed: {failed}")),
            Err(_) => return Ok(false),
        };
        if answer.received > request.length {
            return Err("more was received than there is".into());
        }
        match self.attachments.give(person, &one.doc, &one.digest, (0, u64::MAX), seeds.now) {
            Ok(part) if part.bytes == one.bytes => Ok(true),
            Ok(_) => Err("something else is shown under an attachment's name".into()),
            Err(_) if answer.stored => Err("what is said to be stored is not there".into()),
            Err(_) => Ok(true),
        }
    }

    fn down(&self, seeds: &Seeds, at: usize, answer: &[u8]) -> Result<bool, String> {
        let one = &seeds.attached[at];
        let cut = answer.iter().position(|byte| *byte == b'\n').unwrap_or(0);
        let range = String::from_utf8_lossy(&answer[..cut]).into_owned();
        let canned = Canned { range, body: answer.get(cut + 1..).unwrap_or_default().to_vec() };
        let report = self.device.fetch_attachment(&canned, one.doc, &one.digest);
        let report = report.map_err(|error| format!("the phone's own side failed: {} ({error})", error.code()))?;
        let mut all = Vec::new();
        let read = self.device.attachment_bytes(&one.digest, &mut |chunk| {
            all.extend_from_slice(chunk);
            Ok(())
        });
        match read {
            Ok(()) if all == one.bytes => Ok(true),
            Ok(()) => Err("something else is shown under an attachment's name".into()),
            Err(_) if report.fetched > 0 => Err("what is said to have come is not here".into()),
            Err(_) => Ok(false),
        }
    }
}

/// A server that answers whoever asks for an attachment with the same.
struct Canned {
    range: String,
    body: Vec<u8>,
}

impl Transport for Canned {
    fn send(&self, request: &Request) -> Result<Response, TransportError> {
        let mine = request.path.starts_with(PATH_ATTACHMENTS);
        let headers =
            [("content-type", CBOR), (HEADER_TIME, "1790000000000"), (HEADER_NONCE, "a nonce"), (HEADER_TOKEN, "a token")];
        let mut headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        if mine {
            headers.push(("content-range".to_owned(), self.range.clone()));
        }
        let body = if mine { self.body.clone() } else { Vec::new() };
        Ok(Response { status: if mine { 206 } else { 200 }, headers, body: Box::new(Cursor::new(body)) })
    }

    fn pause(&self, _: u64) {}
}
