//! What travels for attachments: one path a case and digest, one record up, one record back, ranges down.

use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;

use crate::id::{Digest, DocId};

/// Followed by `/`, the case, `/` and the digest. `POST`, signed: an [`AttachmentRequest`]. `GET` with a bearer token and a
/// `range`: a piece of it, status 206.
pub const PATH_ATTACHMENTS: &str = "/v1/attachments";
/// Most bytes of one answer to a `GET`: what the server holds in memory for it.
pub const RANGE_ANSWER_MAX: usize = 1 << 20;

/// A piece of an attachment, or none: then it asks how far the server has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AttachmentRequest {
    /// [`super::super::wire::VERSION`].
    pub version: u32,
    /// Bytes of the whole.
    pub length: u64,
    /// Where the piece begins, as the device believes. Bytes at another place than the server's own count are not taken.
    pub offset: u64,
    /// The piece.
    pub bytes: ByteBuf,
}

/// How far the server has it, from this device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttachmentAnswer {
    /// Bytes that it has, durable; the next piece begins there.
    pub received: u64,
    /// Whether it has the whole, under its digest, durable, for everybody who sees the case.
    pub stored: bool,
}

pub(super) fn path(doc: &DocId, digest: &Digest) -> String {
    format!("{PATH_ATTACHMENTS}/{doc}/{digest}")
}

/// The beginning and the whole of `bytes a-b/c`.
pub(super) fn content_range(value: &str) -> Option<(u64, u64)> {
    let (range, whole) = value.strip_prefix("bytes ")?.split_once('/')?;
    let (from, to) = range.split_once('-')?;
    let (from, to, whole) = (from.parse().ok()?, to.parse::<u64>().ok()?, whole.parse().ok()?);
    (from <= to && to < whole).then_some((from, whole))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_read_only_where_it_makes_sense() {
        assert_eq!(content_range("bytes 0-9/10"), Some((0, 10)));
        assert_eq!(content_range("bytes 65536-131071/200000"), Some((65_536, 200_000)));
        for wrong in ["", "bytes", "bytes 0-9", "bytes 0-10/10", "bytes 9-0/10", "bytes */10", "items 0-9/10", "bytes -1-9/10"]
        {
            assert_eq!(content_range(wrong), None, "{wrong}");
        }
    }
}
