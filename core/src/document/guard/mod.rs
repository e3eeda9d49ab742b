//! The guard: the one way in for a change that somebody else wrote.
//!
//! Automerge trusts its input: few bytes may claim millions of operations, and ids that exist nowhere make it panic. So
//! every foreign change passes here, alone, never in a batch. [`inspect`] reads the chunk without Automerge and in bounded
//! memory; [`admit`] holds it against the document it wants to join, applies it to exactly the past it declares, and
//! proves that what comes out can be saved and loaded. A change may begin a document as [`super::Document::create`] does,
//! append to its log and edit its texts; everything else is refused.
//!
//! It knows nothing of people and rules: whether the change was allowed is judged after it, from what [`Admitted`] says.
//! Several changes of one document go through one [`Gate`]; a whole document that was pulled, through [`open`].

mod admit;
mod chunk;
#[cfg(test)]
pub(super) mod forge;
mod operation;
mod pulled;
mod shape;
#[cfg(test)]
mod tests;

pub use admit::{Admitted, Gate, admit};
pub(super) use chunk::MAGIC;
pub use chunk::{Header, inspect};
pub(super) use operation::DEFLATED;
pub use pulled::{Unfit, open};
pub(super) use shape::entries;

use crate::id::ChangeHash;

/// Largest change, bytes. A tap is under 2 KB; the rest is room for pasted minutes.
pub const CHANGE_MAX: usize = 256 << 10;
/// Most operations in one change: one for each log entry, one for each character typed or deleted.
pub const OPERATIONS_MAX: usize = 2_000;
/// Most changes that one change can be directly on top of: as many phones as can have been offline with one document.
pub const DEPS_MAX: usize = 256;
/// Most other actors whose operations one change can refer to.
pub const ACTORS_MAX: usize = 256;

/// Why a change is refused. Says nothing of its content.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GuardError {
    /// A deflated change: it would have to be inflated to be looked at.
    #[error("the change is compressed")]
    CompressedChunk,
    /// A whole document where a change belongs.
    #[error("this is a document, not a change")]
    DocumentChunk,
    /// One of Automerge's experimental bundles.
    #[error("this is a bundle, not a change")]
    BundleChunk,
    /// Not a change chunk as Automerge writes it.
    #[error("the change cannot be read")]
    Malformed,
    /// More than [`CHANGE_MAX`] bytes.
    #[error("the change is too large")]
    TooLarge,
    /// More than [`OPERATIONS_MAX`] operations.
    #[error("the change has too many operations")]
    TooManyOperations,
    /// Its bytes are not those its author wrote.
    #[error("the change's checksum is wrong")]
    BadChecksum,
    /// It is in the document already; nothing is wrong with it.
    #[error("the change is known")]
    Known,
    /// Its actor has used this number for another change, or has left its own chain: two devices write as one.
    #[error("two devices write under one actor")]
    ActorFork,
    /// Its actor's changes before it are missing.
    #[error("changes of this actor are missing before it")]
    SequenceGap,
    /// It is on top of changes that are not there.
    #[error("changes it builds on are missing")]
    MissingDependency(Vec<ChangeHash>),
    /// Its operations are not numbered from where its past ends.
    #[error("the change's operations are numbered wrongly")]
    StartOp,
    /// A record in it nests deeper than 16 levels.
    #[error("a record in the change nests too deep")]
    Depth,
    /// It does something else than append to the log and edit texts.
    #[error("the change does not only append")]
    NotAppendOnly,
    /// It is for another document, or for one of another kind.
    #[error("the change is for another document or kind")]
    WrongKind,
    /// With it, the document could not be loaded any more.
    #[error("the document would not load with the change in it")]
    Unloadable,
    /// Automerge panicked over it.
    #[error("the document library failed on the change")]
    Panicked,
}

impl GuardError {
    /// Its stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::CompressedChunk => "compressed_chunk",
            Self::DocumentChunk => "document_chunk",
            Self::BundleChunk => "bundle_chunk",
            Self::Malformed => "malformed",
            Self::TooLarge => "too_large",
            Self::TooManyOperations => "too_many_operations",
            Self::BadChecksum => "bad_checksum",
            Self::Known => "known",
            Self::ActorFork => "actor_fork",
            Self::SequenceGap => "sequence_gap",
            Self::MissingDependency(_) => "missing_dependency",
            Self::StartOp => "start_op",
            Self::Depth => "depth",
            Self::NotAppendOnly => "not_append_only",
            Self::WrongKind => "wrong_kind",
            Self::Unloadable => "unloadable",
            Self::Panicked => "panicked",
        }
    }
}
