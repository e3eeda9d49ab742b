//! Frames out of a byte stream: a big-endian `u32` length, then that many bytes of CBOR, again and again.
//!
//! It takes chunks of any size, knows nothing of what frames mean, and holds no more than one frame and one chunk: a
//! length that a stranger announces reserves nothing. Once it has met garbage it stays broken, since nobody can say
//! where the next frame would begin.

use serde::Deserialize;

use super::wire::{FRAME_MAX, Frame};

/// Bytes of a frame's length.
const LENGTH_BYTES: usize = 4;

/// Why a pull's stream can't be read on. What was checkpointed before it stays valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// A frame of no bytes.
    #[error("a frame without content")]
    Empty,
    /// A frame longer than [`FRAME_MAX`].
    #[error("a frame longer than frames may be")]
    TooLarge,
    /// Bytes that are no frame, or a frame with something behind it.
    #[error("bytes that are not a frame")]
    Malformed,
    /// More between two checkpoints than a phone holds.
    #[error("more frames between two checkpoints than a phone holds")]
    PlanTooLarge,
    /// A cursor too long to be sent back.
    #[error("a cursor longer than cursors may be")]
    CursorTooLarge,
    /// A frame behind the checkpoint that said there were no more.
    #[error("a frame behind the last one")]
    AfterDone,
}

impl FrameError {
    /// Its stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Empty => "frame_empty",
            Self::TooLarge => "frame_too_large",
            Self::Malformed => "frame_malformed",
            Self::PlanTooLarge => "plan_too_large",
            Self::CursorTooLarge => "cursor_too_large",
            Self::AfterDone => "frame_after_done",
        }
    }
}

/// Cuts a stream into frames.
#[derive(Debug, Default)]
pub struct FrameDecoder {
    buffer: Vec<u8>,
    /// Bytes of `buffer` already given out.
    taken: usize,
    broken: Option<FrameError>,
}

impl FrameDecoder {
    /// Takes the next bytes of the stream.
    pub fn feed(&mut self, chunk: &[u8]) {
        if self.taken > 0 {
            self.buffer.drain(..self.taken);
            self.taken = 0;
        }
        self.buffer.extend_from_slice(chunk);
    }

    /// The next whole frame, if there is one yet.
    pub fn next_frame(&mut self) -> Result<Option<Frame>, FrameError> {
        if let Some(error) = self.broken {
            return Err(error);
        }
        let found = self.try_next();
        if let Err(error) = found {
            self.broken = Some(error);
            self.buffer = Vec::new();
            self.taken = 0;
        }
        found
    }

    /// Whether the stream, should it end here, ends between two frames.
    pub fn at_boundary(&self) -> bool {
        self.broken.is_none() && self.taken == self.buffer.len()
    }

    fn try_next(&mut self) -> Result<Option<Frame>, FrameError> {
        let rest = self.buffer.get(self.taken..).unwrap_or_default();
        let Some((length, rest)) = rest.split_first_chunk::<LENGTH_BYTES>() else {
            return Ok(None);
        };
        let length = u32::from_be_bytes(*length) as usize;
        if length == 0 {
            return Err(FrameError::Empty);
        }
        if length > FRAME_MAX {
            return Err(FrameError::TooLarge);
        }
        let Some(body) = rest.get(..length) else {
            return Ok(None);
        };
        let mut reader = minicbor_serde::Deserializer::new(body);
        let frame = Frame::deserialize(&mut reader).map_err(|_| FrameError::Malformed)?;
        if reader.decoder().position() != length {
            return Err(FrameError::Malformed);
        }
        self.taken += LENGTH_BYTES + length;
        Ok(Some(frame))
    }
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;
    use serde_bytes::ByteBuf;

    use super::*;
    use crate::id::{ChangeHash, DocId, DocKind};

    pub(in crate::sync) fn framed(frame: &Frame) -> Vec<u8> {
        let body = minicbor_serde::to_vec(frame).unwrap();
        let mut out = u32::try_from(body.len()).unwrap().to_be_bytes().to_vec();
        out.extend(body);
        out
    }

    fn some_frames() -> Vec<Frame> {
        vec![
            Frame::MustRefetch { new_epoch: true },
            Frame::Directory { version: 3, bytes: ByteBuf::from(vec![1; 300]) },
            Frame::Document {
                doc: DocId::from_bytes([1; 16]),
                kind: DocKind::Case,
                bytes: ByteBuf::from(vec![7; 1_000]),
                heads: vec![ChangeHash::from_bytes([2; 32])],
                row: ByteBuf::from(vec![9; 40]),
            },
            Frame::Changes {
                doc: DocId::from_bytes([1; 16]),
                kind: DocKind::Visit,
                changes: vec![ByteBuf::from(vec![1]), ByteBuf::new()],
                heads: vec![],
                row: ByteBuf::new(),
            },
            Frame::Forget { doc: DocId::from_bytes([3; 16]) },
            Frame::Checkpoint { cursor: ByteBuf::from(vec![4; 9]), done: true, lost: vec![] },
        ]
    }

    fn drain(decoder: &mut FrameDecoder) -> Result<Vec<Frame>, FrameError> {
        let mut frames = Vec::new();
        while let Some(frame) = decoder.next_frame()? {
            frames.push(frame);
        }
        Ok(frames)
    }

    proptest! {
        #[test]
        fn frames_are_the_same_whatever_chunks_they_come_in(cuts in prop::collection::vec(1usize..400, 1..200)) {
            let bytes: Vec<u8> = some_frames().iter().flat_map(framed).collect();
            let mut decoder = FrameDecoder::default();
            let mut seen = Vec::new();
            let mut rest = bytes.as_slice();
            for cut in cuts.iter().cycle() {
                if rest.is_empty() { break; }
                let (chunk, after) = rest.split_at((*cut).min(rest.len()));
                decoder.feed(chunk);
                seen.extend(drain(&mut decoder).unwrap());
                rest = after;
            }
            prop_assert_eq!(seen, some_frames());
            prop_assert!(decoder.at_boundary());
        }

        #[test]
        fn garbage_never_panics_and_stays_an_error(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let mut decoder = FrameDecoder::default();
            decoder.feed(&bytes);
            if let Err(error) = drain(&mut decoder) {
                decoder.feed(&framed(&Frame::MustRefetch { new_epoch: false }));
                prop_assert_eq!(drain(&mut decoder), Err(error));
                prop_assert!(!decoder.at_boundary());
            }
        }
    }

    #[test]
    fn a_frame_that_ends_early_is_not_a_boundary() {
        let bytes = framed(&Frame::MustRefetch { new_epoch: false });
        for end in 1..bytes.len() {
            let mut decoder = FrameDecoder::default();
            decoder.feed(&bytes[..end]);
            assert_eq!(drain(&mut decoder), Ok(vec![]));
            assert!(!decoder.at_boundary(), "cut at {end}");
        }
    }

    #[test]
    fn each_kind_of_garbage_has_its_code() {
        let oversized = u32::try_from(FRAME_MAX + 1).unwrap().to_be_bytes();
        let mut padded = framed(&Frame::MustRefetch { new_epoch: false });
        padded.push(0);
        let length = u32::try_from(padded.len() - 4).unwrap();
        padded[..4].copy_from_slice(&length.to_be_bytes());
        for (bytes, code) in [
            (&[0, 0, 0, 0][..], "frame_empty"),
            (&oversized[..], "frame_too_large"),
            (&[0, 0, 0, 2, 0xff, 0xff][..], "frame_malformed"),
            (&padded[..], "frame_malformed"),
        ] {
            let mut decoder = FrameDecoder::default();
            decoder.feed(bytes);
            assert_eq!(drain(&mut decoder).unwrap_err().code(), code);
        }
    }
}
