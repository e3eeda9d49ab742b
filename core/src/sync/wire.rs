//! What travels between phone and server: CBOR records (RFC 8949) with text keys, in a zstd stream, over HTTP.
//!
//! These types live at the boundary and nowhere else; store and server convert them explicitly. A new field is
//! optional; a new kind of frame or verdict waits for a new [`VERSION`]. Documents and changes are bytes here.

use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;

use crate::id::{ChangeHash, DeviceId, Digest, DocId, DocKind, PersonId};

/// Version of the protocol; in the path (`/v1/…`) and in each request's record.
pub const VERSION: u32 = 1;

/// Largest request body on the wire, bytes. A phone splits what it has into batches below it.
pub const BODY_MAX: usize = 4 << 20;
/// Largest request body after decompression, bytes.
pub const INFLATED_MAX: usize = 16 << 20;
/// Most changes in one push.
pub const PUSH_CHANGES_MAX: usize = 2_000;
/// Bytes of changes after which a phone closes a batch and begins the next.
pub const PUSH_BATCH_BYTES: usize = 2 << 20;
/// Documents after which a pull sends a checkpoint: what a dropped link costs at most.
pub const CHECKPOINT_DOCUMENTS: usize = 100;
/// Largest frame of a pull, bytes; a document beyond it is refused by the phone.
pub const FRAME_MAX: usize = 16 << 20;

/// Header: the server's nonce for the next signed request. Every answer carries one.
pub const HEADER_NONCE: &str = "doorstep-nonce";
/// Header: the device that signs.
pub const HEADER_DEVICE: &str = "doorstep-device";
/// Header: the person the device acts for.
pub const HEADER_PERSON: &str = "doorstep-person";
/// Header: base64url of the raw, low-S P-256 signature over [`signing_input`].
pub const HEADER_SIGNATURE: &str = "doorstep-signature";
/// Header: a fresh token, given in answer to a signed request.
pub const HEADER_TOKEN: &str = "doorstep-token";
/// Header: the server's clock, milliseconds since 1970, in every answer.
pub const HEADER_TIME: &str = "doorstep-time";
/// Header of a pull: the kinds of documents that the phone understands, by their names, with commas between them. What is
/// of another kind is not sent to it; what was kept from it follows when it was updated.
pub const HEADER_KINDS: &str = "doorstep-kinds";
/// What a phone understands that does not say so: the first release, which takes a frame of any other kind for garbage.
pub const KINDS_UNSAID: [DocKind; 2] = [DocKind::Case, DocKind::Visit];
/// Header of the refusal of a revoked device's push: how many of its changes are kept, durable, for a lead to look at. A phone
/// that was told so of everything unsent may be wiped.
pub const HEADER_KEPT: &str = "doorstep-kept";
/// Media type of the records.
pub const CBOR: &str = "application/cbor";

/// `GET`: a fresh nonce, in the header that every answer carries.
pub const PATH_NONCE: &str = "/v1/nonce";
/// `POST`: an [`EnrolRequest`].
pub const PATH_ENROL: &str = "/v1/enrol";
/// `POST`, signed, empty body: a fresh token.
pub const PATH_TOKEN: &str = "/v1/token";
/// `POST`, signed: a [`PushRequest`].
pub const PATH_PUSH: &str = "/v1/sync/push";
/// `GET` with a bearer token; `?cursor=` is base64url without padding, absent on the first pull.
pub const PATH_PULL: &str = "/v1/sync/pull";
/// `GET` with a bearer token, followed by `/` and the digest in hexadecimal.
pub const PATH_BUNDLES: &str = "/v1/bundles";
/// Behind a bundle's path, `GET` with a bearer token: a [`BesideAnswer`].
pub const PATH_BESIDE: &str = "/beside";
/// `GET` with a bearer token; `?from=` is how many entries of the log the phone knows: a [`LogAnswer`].
pub const PATH_LOG: &str = "/v1/log";

/// [`ErrorAnswer::code`] with status 403: this device was revoked; its next word is the last.
pub const CODE_REVOKED: &str = "device_revoked";
/// [`ErrorAnswer::code`] with status 401: the nonce is unknown, too old or used; sign again with the answer's.
pub const CODE_NONCE: &str = "nonce";
/// [`ErrorAnswer::code`] with status 401: the token is unknown or too old; ask for another.
pub const CODE_TOKEN_EXPIRED: &str = "token_expired";

/// `POST /v1/enrol`: a new device presents its code and its key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnrolRequest {
    /// [`VERSION`].
    pub version: u32,
    /// The secret of the QR code, or the typed fallback; upper or lower case, spaces and hyphens ignored.
    pub code: String,
    /// SEC1 compressed P-256 public key, 33 bytes.
    pub public_key: ByteBuf,
    /// What people call the device ("王敏的手机"); may be empty.
    pub label: String,
    /// The server's nonce, from a `GET /v1/nonce`.
    pub nonce: String,
    /// Raw signature by that key over [`enrol_input`]: the phone holds the private half.
    pub signature: ByteBuf,
}

/// Answer to an enrolment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnrolAnswer {
    /// The device's id from now on.
    pub device: DeviceId,
    /// Whom the code was made for.
    pub person: PersonId,
    /// The sub-district's name.
    pub tenant: String,
    /// The device's certificate from the sub-district's root, for its seals. Servers of the first releases give none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<ByteBuf>,
}

/// What the server has beside a sealed agreement. Bytes as they stand in an agreement's file.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct BesideAnswer {
    /// The log's receipt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt: Option<ByteBuf>,
    /// The committee's stamp.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stamp: Option<ByteBuf>,
}

/// What the server's log says of itself, and what the device needs to seal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogAnswer {
    /// A signed checkpoint of now.
    pub checkpoint: ByteBuf,
    /// The proof that it goes on from what the phone knows, 32 bytes a hash.
    #[serde(default)]
    pub proof: Vec<ByteBuf>,
    /// The log's public key, SEC1 compressed.
    pub log: ByteBuf,
    /// The root's public key, SEC1 compressed.
    pub root: ByteBuf,
    /// The device's certificate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<ByteBuf>,
}

/// One change of one document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PushedChange {
    /// The document.
    pub doc: DocId,
    /// What it is; must agree with the document.
    pub kind: DocKind,
    /// The change's hash.
    pub hash: ChangeHash,
    /// The plain change chunk.
    pub bytes: ByteBuf,
}

/// `POST /v1/sync/push`, signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PushRequest {
    /// [`VERSION`].
    pub version: u32,
    /// The changes, oldest first within each document.
    pub changes: Vec<PushedChange>,
    /// Agreement bundles that the changes name; content-addressed, so their digest is their name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bundles: Vec<ByteBuf>,
}

/// What became of one pushed change. The outbox empties only by these.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Stored, durable, under this sequence number.
    Stored {
        /// Place in the server's log.
        seq: u64,
    },
    /// The server had it already.
    Known {
        /// Place in the server's log.
        seq: u64,
    },
    /// Kept beside the log, not in the document, with the reason's stable code and what it is about.
    SetAside {
        /// Stable code; words come from `words`.
        code: String,
        /// What is missing or in the way, in codes (`who`, `why`, a stamp); never personal data.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        about: Vec<String>,
    },
    /// Not stored: these must come first.
    Wanted {
        /// Hashes of the missing dependencies.
        hashes: Vec<ChangeHash>,
    },
}

/// A verdict for each change of the push, in the push's order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PushAnswer {
    /// The verdicts.
    pub verdicts: Vec<PushVerdict>,
}

/// One change's verdict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PushVerdict {
    /// The document.
    pub doc: DocId,
    /// The change.
    pub hash: ChangeHash,
    /// What became of it.
    pub verdict: Verdict,
}

/// One record of a pull's stream. Each frame is preceded by its length as a big-endian `u32`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Frame {
    /// A whole document: uncompressed save, raw changes behind it, and its list row.
    Document {
        /// The document.
        doc: DocId,
        /// What it is.
        kind: DocKind,
        /// Automerge's uncompressed save followed by raw change chunks; loads as one file.
        bytes: ByteBuf,
        /// Heads the bytes must show once loaded.
        heads: Vec<ChangeHash>,
        /// The server's projection of it: a row record as CBOR.
        row: ByteBuf,
    },
    /// New changes of a document the phone has.
    Changes {
        /// The document.
        doc: DocId,
        /// What it is.
        kind: DocKind,
        /// Raw change chunks, in the server's order.
        changes: Vec<ByteBuf>,
        /// Heads after them.
        heads: Vec<ChangeHash>,
        /// The server's projection after them.
        row: ByteBuf,
    },
    /// The document left this person's scope: forget it once nothing unsent is left of it.
    Forget {
        /// The document.
        doc: DocId,
    },
    /// The directory as this person may read it, CBOR.
    Directory {
        /// Its version.
        version: u64,
        /// The record.
        bytes: ByteBuf,
    },
    /// The cursor is of another epoch or scope: everything in scope follows whole; what the server then did not
    /// send is forgotten once nothing unsent is left of it; under a new epoch it is kept, and the phone's own pushed again.
    MustRefetch {
        /// Whether the server's log is a new one: then phones push again what it no longer knows.
        new_epoch: bool,
    },
    /// Commit what came so far together with this cursor.
    Checkpoint {
        /// Opaque; sent back as it is.
        cursor: ByteBuf,
        /// Nothing more to send now.
        done: bool,
        /// Attachments that the server lost: whoever has them is to send them again. Phones of the first releases pass it
        /// over.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        lost: Vec<LostAttachment>,
    },
}

/// An attachment whose bytes the server had and lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LostAttachment {
    /// A case for which it was sent.
    pub doc: DocId,
    /// Its name.
    pub digest: Digest,
}

/// Every error the server answers with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorAnswer {
    /// Stable code.
    pub code: String,
    /// One sentence in Chinese.
    pub zh: String,
    /// One sentence in English.
    pub en: String,
    /// Place in the request, where one is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
}

/// The bytes a device signs for a request: a domain tag, then method, path, body digest, device, person and nonce,
/// each preceded by its length, so that no two requests share them.
pub fn signing_input(method: &str, path: &str, body: &Digest, device: &DeviceId, person: &PersonId, nonce: &str) -> Vec<u8> {
    tagged(
        b"doorstep-request-1",
        &[method.as_bytes(), path.as_bytes(), body.as_bytes(), device.as_bytes(), person.as_str().as_bytes(), nonce.as_bytes()],
    )
}

/// The bytes a new device signs at enrolment: its code (as sent), its public key and the server's nonce.
pub fn enrol_input(code: &str, public_key: &[u8], nonce: &str) -> Vec<u8> {
    tagged(b"doorstep-enrol-1", &[code.as_bytes(), public_key, nonce.as_bytes()])
}

fn tagged(tag: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    let mut out = tag.to_vec();
    for part in parts {
        out.push(0);
        out.extend((part.len() as u64).to_be_bytes());
        out.extend_from_slice(part);
    }
    out
}
