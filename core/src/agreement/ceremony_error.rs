//! Why a step of the ceremony is refused, and whose signatures are missing. Sentences are in `words`.

use super::act::SignerRole;
use super::glyphs::Glyphless;

/// Who is still to sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// In what role.
    pub role: SignerRole,
    /// By name, where the agreement names them; a witness may be anyone who is not a party.
    pub name: Option<String>,
}

/// Why a step of the ceremony is refused. Messages name no one; what it is about is in the variant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CeremonyError {
    /// It was cancelled.
    #[error("the ceremony was cancelled")]
    Cancelled,
    /// The agreement has no such party.
    #[error("the agreement has no such party")]
    UnknownParty,
    /// They have signed; signing again replaces it.
    #[error("they have signed already")]
    SignedAlready,
    /// They have not signed, so there is nothing to replace.
    #[error("they have not signed yet")]
    NotSigned,
    /// Others come first, or a later role has signed already.
    #[error("it is not their turn")]
    OutOfTurn(Vec<Missing>),
    /// A witness who is a party or held a party's pen.
    #[error("the witness is a party")]
    WitnessIsParty,
    /// A mediator who is a party or held a party's pen.
    #[error("the mediator is a party")]
    MediatorIsParty,
    /// The agreement names another mediator.
    #[error("the agreement names another mediator")]
    OtherMediator,
    /// More than [`super::WITNESSES_MAX`] witnesses.
    #[error("there are witnesses enough")]
    TooManyWitnesses,
    /// Nothing stands where something must: the field.
    #[error("{0} is empty")]
    Missing(&'static str),
    /// Longer than [`super::NAME_MAX`], or with characters that do not show: the field.
    #[error("{0} cannot stand like this")]
    Unprintable(&'static str),
    /// Characters that the print has no glyph for stand in a name or capacity.
    #[error("some characters have no glyph in print")]
    NoGlyph(Glyphless),
    /// This ink stands in another act already.
    #[error("the drawing was used already")]
    InkReused,
    /// How they write was recorded, and they did not agree to it.
    #[error("the signer did not consent to dynamics")]
    NoConsent,
    /// Parties sign with one-time keys only.
    #[error("a party signs with a one-time key")]
    KeyNotAllowed,
    /// The key did not sign, or signed something else.
    #[error("the key did not sign")]
    KeyFailed,
    /// These signatures are missing.
    #[error("signatures are missing")]
    SignatureMissing(Vec<Missing>),
}

impl CeremonyError {
    /// Stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Cancelled => "ceremony_cancelled",
            Self::UnknownParty => "unknown_party",
            Self::SignedAlready => "signed_already",
            Self::NotSigned => "not_signed",
            Self::OutOfTurn(_) => "out_of_turn",
            Self::WitnessIsParty => "witness_is_party",
            Self::MediatorIsParty => "mediator_is_party",
            Self::OtherMediator => "other_mediator",
            Self::TooManyWitnesses => "too_many_witnesses",
            Self::Missing(_) => "missing",
            Self::Unprintable(_) => "unprintable",
            Self::NoGlyph(_) => "no_glyph",
            Self::InkReused => "ink_reused",
            Self::NoConsent => "dynamics_without_consent",
            Self::KeyNotAllowed => "key_not_allowed",
            Self::KeyFailed => "key_failed",
            Self::SignatureMissing(_) => "signature_missing",
        }
    }
}
