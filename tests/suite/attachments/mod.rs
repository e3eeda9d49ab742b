//! Attachments: captured offline, sent after the text, gone on with where they were cut, seen by who sees the case and by
//! nobody else, never in a case's way.

mod carried;
mod kept;
mod lost;
mod picture;
mod possession;
mod revoked;
mod seen;

use doorstep_core::device::{Attaching, AttachmentReport, Link, SyncOutcome, Upload};
use doorstep_core::environment::{Request, Response, Transport, TransportError};
use doorstep_core::id::{Digest, DocId};
use doorstep_core::sync::{AttachmentRequest, PATH_ATTACHMENTS};
use doorstep_tests::Phone;
use sha2::{Digest as _, Sha256};

/// A recording of so many bytes: chance decides what was said.
pub(super) fn recording(seed: u8, length: usize) -> Vec<u8> {
    let mut state = u32::from(seed).wrapping_mul(2_654_435_761) + 1;
    let noise = std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state.to_le_bytes()[1]
    });
    b"OggS\0\x02".iter().copied().chain(noise).take(length).collect()
}

pub(super) fn digest(bytes: &[u8]) -> Digest {
    Digest::from_bytes(Sha256::digest(bytes).into())
}

pub(super) fn attach(phone: &Phone, case: DocId, bytes: &[u8]) -> Digest {
    phone.device().attach(case, &mut &bytes[..], &Attaching { caption: "现场", ..Attaching::default() }).unwrap();
    phone.device().attachments(case).unwrap().last().unwrap().digest
}

pub(super) fn carry(phone: &Phone) -> AttachmentReport {
    phone.device().sync_attachments(phone.network.as_ref(), Link::Unmetered).unwrap()
}

pub(super) fn fetch(phone: &Phone, case: DocId, digest: &Digest) -> AttachmentReport {
    phone.device().fetch_attachment(phone.network.as_ref(), case, digest).unwrap()
}

pub(super) fn bytes(phone: &Phone, digest: &Digest) -> Option<Vec<u8>> {
    let mut all = Vec::new();
    let read = phone.device().attachment_bytes(digest, &mut |chunk| {
        all.extend_from_slice(chunk);
        Ok(())
    });
    read.ok().map(|()| all)
}

pub(super) fn upload(phone: &Phone, case: DocId) -> Upload {
    phone.device().attachments(case).unwrap().last().unwrap().upload.clone()
}

/// Bytes of attachments in the requests that this phone sent since it was last asked.
pub(super) fn carried(phone: &Phone) -> u64 {
    let pieces = phone
        .network
        .sent()
        .into_iter()
        .filter(|sent| sent.request.method == "POST" && sent.request.path.starts_with(PATH_ATTACHMENTS));
    pieces.map(|sent| minicbor_serde::from_slice::<AttachmentRequest>(&sent.request.body).unwrap().bytes.len() as u64).sum()
}

pub(super) fn done(report: &AttachmentReport) {
    assert_eq!(report.outcome, SyncOutcome::Done, "{report:?}");
}

/// A way to the server on which every answer's body is changed.
pub(super) struct Changed<'a>(pub &'a dyn Transport, pub fn(&mut Vec<u8>));

impl Transport for Changed<'_> {
    fn send(&self, request: &Request) -> Result<Response, TransportError> {
        let mut response = self.0.send(request)?;
        let mut bytes = Vec::new();
        let _ = std::io::Read::read_to_end(&mut response.body, &mut bytes);
        if response.status == 206 {
            self.1(&mut bytes);
        }
        response.body = Box::new(std::io::Cursor::new(bytes));
        Ok(response)
    }

    fn pause(&self, ms: u64) {
        self.0.pause(ms);
    }
}
