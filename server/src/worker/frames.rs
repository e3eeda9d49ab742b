//! What the server and a worker say to each other: CBOR records, each behind its length, over the worker's standard input and
//! output. One question, one answer. Both ends are the same program, so nothing here is lenient.

use std::io::{self, Read, Write};

use doorstep_core::id::{Digest, DocId, DocKind, PersonId};
use doorstep_core::time::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;

use super::Judged;

/// Bytes of a frame's length.
pub(super) const LENGTH_BYTES: usize = 4;
/// Longest frame, bytes: a document's file with everything that one push may put behind it, and room.
pub(super) const FRAME_MAX: usize = 256 << 20;

/// A question.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Ask {
    /// The directory from now on. No answer.
    Directory {
        /// The record, CBOR.
        bytes: ByteBuf,
    },
    /// Another document. Answered with [`Answer::Open`].
    Open {
        person: PersonId,
        now: Timestamp,
        doc: DocId,
        kind: DocKind,
        file: Option<ByteBuf>,
        bundles: Vec<Digest>,
        keys: Vec<Digest>,
        unfit: Vec<(Digest, String)>,
    },
    /// A change of it, with agreements if the worker asked for them. Answered with [`Answer::Judged`].
    Change { bytes: ByteBuf, bundles: Vec<(Digest, ByteBuf)>, may_ask: bool },
    /// The document whole. Answered with [`Answer::Saved`].
    Save,
}

/// An answer.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Answer {
    Open,
    Judged(Judged),
    Saved(Option<ByteBuf>),
}

/// A record as a frame.
pub(super) fn framed<T: Serialize>(record: &T) -> io::Result<Vec<u8>> {
    let body = minicbor_serde::to_vec(record).map_err(|_| broken())?;
    let length = u32::try_from(body.len()).ok().filter(|_| body.len() <= FRAME_MAX).ok_or_else(broken)?;
    let mut frame = Vec::with_capacity(LENGTH_BYTES + body.len());
    frame.extend(length.to_be_bytes());
    frame.extend(body);
    Ok(frame)
}

/// The record in a frame's body.
pub(super) fn record<T: DeserializeOwned>(body: &[u8]) -> io::Result<T> {
    minicbor_serde::from_slice(body).map_err(|_| broken())
}

/// The length that a frame begins with.
pub(super) fn length(bytes: [u8; LENGTH_BYTES]) -> io::Result<usize> {
    let length = usize::try_from(u32::from_be_bytes(bytes)).map_err(|_| broken())?;
    if length > FRAME_MAX { Err(broken()) } else { Ok(length) }
}

/// The next question; none at the end of the stream.
pub(super) fn read(from: &mut impl Read) -> io::Result<Option<Ask>> {
    let mut head = [0; LENGTH_BYTES];
    match from.read_exact(&mut head) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        Err(error) => return Err(error),
    }
    let mut body = vec![0; length(head)?];
    from.read_exact(&mut body)?;
    record(&body).map(Some)
}

/// Gives an answer.
pub(super) fn write(to: &mut impl Write, answer: &Answer) -> io::Result<()> {
    to.write_all(&framed(answer)?)?;
    to.flush()
}

fn broken() -> io::Error {
    io::ErrorKind::InvalidData.into()
}
