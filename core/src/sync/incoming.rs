//! A pull's frames as plans: what to store, up to and including each checkpoint, in one transaction.
//!
//! Pure: frames in, values out. It doesn't open a document, judge a change or touch a database; whoever stores a plan
//! does that. Frames behind the last checkpoint belong to no plan: should the link drop, they come again.

use super::frames::{FrameDecoder, FrameError};
use super::wire::{Frame, LostAttachment};
use crate::id::{ChangeHash, DocId, DocKind};

/// Most bytes of frames between two checkpoints, as a phone holds them in memory. Four frames of the largest kind; a
/// server checkpoints by bytes well before it.
pub const PLAN_BYTES_MAX: usize = 64 << 20;
/// Longest cursor, bytes: it travels in the next request's path.
pub const CURSOR_MAX: usize = 1_024;
/// What any frame counts towards [`PLAN_BYTES_MAX`] beside its content, bytes: a million tiny frames are not free.
const FRAME_OVERHEAD: usize = 64;

/// One thing to store. A plan is a list of them that ends in [`Apply::Commit`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Apply {
    /// A whole document: put it in the place of what there is, and keep what is unsent on top.
    Document {
        /// The document.
        doc: DocId,
        /// What it is.
        kind: DocKind,
        /// Uncompressed save followed by raw changes; not looked at yet.
        bytes: Vec<u8>,
        /// Heads the bytes must show once loaded.
        heads: Vec<ChangeHash>,
        /// The server's list row, CBOR.
        row: Vec<u8>,
    },
    /// Changes of a document the phone has. The phone's own come back among them.
    Changes {
        /// The document.
        doc: DocId,
        /// What it is.
        kind: DocKind,
        /// Raw changes, in the server's order.
        changes: Vec<Vec<u8>>,
        /// Heads after them, as the server has it.
        heads: Vec<ChangeHash>,
        /// The server's list row, CBOR.
        row: Vec<u8>,
    },
    /// The document left the scope: forget it once nothing unsent is left of it.
    Forget {
        /// The document.
        doc: DocId,
    },
    /// The directory, whole.
    Directory {
        /// Its version.
        version: u64,
        /// The record, CBOR.
        bytes: Vec<u8>,
    },
    /// Everything in scope follows whole. What is not among it when a commit says `done` is to be pushed again (the
    /// phone's own, where the epoch is new) or forgotten.
    BeginRefetch {
        /// Whether the server's log is a new one.
        new_epoch: bool,
    },
    /// The server lost these attachments: those that are here are to be sent again.
    SendAgain {
        /// Which.
        lost: Vec<LostAttachment>,
    },
    /// The end of the plan: the cursor, to be stored in the same transaction as all before it.
    Commit {
        /// Opaque.
        cursor: Vec<u8>,
        /// The server has nothing more for now.
        done: bool,
    },
}

/// Collects frames into plans.
#[derive(Debug)]
pub struct Incoming {
    decoder: FrameDecoder,
    plan: Vec<Apply>,
    plan_bytes: usize,
    plan_bytes_max: usize,
    done: bool,
    broken: Option<FrameError>,
}

impl Incoming {
    /// A fresh stream, whose plans may hold so many bytes ([`PLAN_BYTES_MAX`] outside tests).
    pub fn new(plan_bytes_max: usize) -> Self {
        Self { decoder: FrameDecoder::default(), plan: Vec::new(), plan_bytes: 0, plan_bytes_max, done: false, broken: None }
    }

    /// Takes the next bytes and gives the plans they completed, with the reason if the stream can't be read on. Plans
    /// that come together with an error are valid.
    pub fn feed(&mut self, chunk: &[u8]) -> (Vec<Vec<Apply>>, Option<FrameError>) {
        self.decoder.feed(chunk);
        let mut plans = Vec::new();
        while self.broken.is_none() {
            match self.decoder.next_frame() {
                Ok(Some(frame)) => match self.take(frame) {
                    Ok(Some(plan)) => plans.push(plan),
                    Ok(None) => {}
                    Err(error) => self.broken = Some(error),
                },
                Ok(None) => break,
                Err(error) => self.broken = Some(error),
            }
        }
        if self.broken.is_some() {
            self.plan = Vec::new(); // nothing will commit it
        }
        (plans, self.broken)
    }

    /// Whether a checkpoint said there is nothing more.
    pub const fn done(&self) -> bool {
        self.done
    }

    /// Whether the stream, should it end here, ends right behind a checkpoint (or never began).
    pub fn at_checkpoint(&self) -> bool {
        self.broken.is_none() && self.plan.is_empty() && self.decoder.at_boundary()
    }

    fn take(&mut self, frame: Frame) -> Result<Option<Vec<Apply>>, FrameError> {
        if self.done {
            return Err(FrameError::AfterDone);
        }
        let (apply, lost, bytes) = match frame {
            Frame::Checkpoint { cursor, done, lost } => (Apply::Commit { cursor: cursor.into_vec(), done }, lost, 0),
            frame => {
                let (apply, bytes) = convert(frame);
                (apply, Vec::new(), bytes)
            }
        };
        let bytes = bytes + lost.len() * FRAME_OVERHEAD;
        self.plan_bytes = self.plan_bytes.saturating_add(FRAME_OVERHEAD).saturating_add(bytes);
        if self.plan_bytes > self.plan_bytes_max {
            return Err(FrameError::PlanTooLarge);
        }
        let commits = match &apply {
            Apply::Commit { cursor, .. } if cursor.len() > CURSOR_MAX => return Err(FrameError::CursorTooLarge),
            Apply::Commit { done, .. } => {
                self.done = *done;
                true
            }
            _ => false,
        };
        if !lost.is_empty() {
            self.plan.push(Apply::SendAgain { lost });
        }
        self.plan.push(apply);
        if !commits {
            return Ok(None);
        }
        self.plan_bytes = 0;
        Ok(Some(std::mem::take(&mut self.plan)))
    }
}

/// The frame as something to store, and the bytes of content it holds.
fn convert(frame: Frame) -> (Apply, usize) {
    match frame {
        Frame::Document { doc, kind, bytes, heads, row } => {
            let size = bytes.len() + row.len() + heads.len() * 32;
            (Apply::Document { doc, kind, bytes: bytes.into_vec(), heads, row: row.into_vec() }, size)
        }
        Frame::Changes { doc, kind, changes, heads, row } => {
            let changes: Vec<Vec<u8>> = changes.into_iter().map(serde_bytes::ByteBuf::into_vec).collect();
            let size = changes.iter().map(|change| change.len() + FRAME_OVERHEAD).sum::<usize>() + row.len() + heads.len() * 32;
            (Apply::Changes { doc, kind, changes, heads, row: row.into_vec() }, size)
        }
        Frame::Forget { doc } => (Apply::Forget { doc }, 0),
        Frame::Directory { version, bytes } => {
            let size = bytes.len();
            (Apply::Directory { version, bytes: bytes.into_vec() }, size)
        }
        Frame::MustRefetch { new_epoch } => (Apply::BeginRefetch { new_epoch }, 0),
        Frame::Checkpoint { cursor, done, .. } => (Apply::Commit { cursor: cursor.into_vec(), done }, 0),
    }
}

#[cfg(test)]
mod tests {
    use serde_bytes::ByteBuf;

    use super::super::frames::tests::framed;
    use super::*;

    fn forget(n: u8) -> Frame {
        Frame::Forget { doc: DocId::from_bytes([n; 16]) }
    }

    fn checkpoint(n: u8, done: bool) -> Frame {
        Frame::Checkpoint { cursor: ByteBuf::from(vec![n]), done, lost: vec![] }
    }

    fn bytes(frames: &[Frame]) -> Vec<u8> {
        frames.iter().flat_map(framed).collect()
    }

    #[test]
    fn a_plan_ends_in_its_checkpoint_and_nothing_crosses_it() {
        let mut incoming = Incoming::new(PLAN_BYTES_MAX);
        let (plans, error) =
            incoming.feed(&bytes(&[forget(1), forget(2), checkpoint(1, false), forget(3), checkpoint(2, false), forget(4)]));
        assert_eq!(error, None);
        assert_eq!(plans.iter().map(Vec::len).collect::<Vec<_>>(), [3, 2]);
        assert_eq!(plans[0].last(), Some(&Apply::Commit { cursor: vec![1], done: false }));
        assert!(!incoming.at_checkpoint() && !incoming.done());
    }

    #[test]
    fn what_the_server_lost_stands_before_the_cursor_it_came_with() {
        let lost = vec![LostAttachment { doc: DocId::from_bytes([1; 16]), digest: crate::id::Digest::from_bytes([2; 32]) }];
        let last = Frame::Checkpoint { cursor: ByteBuf::from(vec![1]), done: true, lost: lost.clone() };
        let (plans, _) = Incoming::new(PLAN_BYTES_MAX).feed(&bytes(&[last]));
        assert_eq!(plans, [vec![Apply::SendAgain { lost }, Apply::Commit { cursor: vec![1], done: true }]]);
    }

    #[test]
    fn garbage_behind_a_checkpoint_takes_nothing_back() {
        let mut stream = bytes(&[forget(1), checkpoint(1, false), forget(2)]);
        stream.extend([0, 0, 0, 1, 0xff]);
        let mut incoming = Incoming::new(PLAN_BYTES_MAX);
        let (plans, error) = incoming.feed(&stream);
        assert_eq!(plans.len(), 1);
        assert_eq!(error, Some(FrameError::Malformed));
        assert_eq!(incoming.feed(&bytes(&[checkpoint(2, true)])), (vec![], Some(FrameError::Malformed)));
    }

    #[test]
    fn a_server_that_never_checkpoints_is_stopped() {
        let mut incoming = Incoming::new(1_000);
        let flood: Vec<Frame> = (0..40).map(forget).collect();
        assert_eq!(incoming.feed(&bytes(&flood)).1, Some(FrameError::PlanTooLarge));
    }

    #[test]
    fn each_checkpoint_makes_room_for_the_next() {
        let mut incoming = Incoming::new(1_000);
        for n in 0..40 {
            let (plans, error) = incoming.feed(&bytes(&[forget(n), forget(n), checkpoint(n, false)]));
            assert_eq!((plans.len(), error), (1, None));
        }
    }

    #[test]
    fn nothing_may_follow_the_last_checkpoint() {
        let mut incoming = Incoming::new(PLAN_BYTES_MAX);
        let (plans, error) = incoming.feed(&bytes(&[checkpoint(1, true), forget(1)]));
        assert_eq!((plans.len(), error), (1, Some(FrameError::AfterDone)));
    }
}
