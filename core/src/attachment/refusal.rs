//! Why something is not an attachment. Each has a permanent code; words are in [`crate::words`].

/// A refused attachment; nothing of it was kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AttachmentRefusal {
    /// The bytes are of no kind that this sub-district accepts.
    #[error("the bytes are of no accepted kind")]
    Type,
    /// There are more bytes than this sub-district takes of its kind.
    #[error("there are more bytes than the sub-district takes")]
    TooLarge,
    /// There are no bytes.
    #[error("there are no bytes")]
    Empty,
    /// A picture whose parts can't be told apart, so that nobody could say what would leave the phone with it.
    #[error("the picture is damaged")]
    Damaged,
}

impl AttachmentRefusal {
    /// Stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Type => "attachment_type",
            Self::TooLarge => "attachment_too_large",
            Self::Empty => "attachment_empty",
            Self::Damaged => "attachment_damaged",
        }
    }
}
