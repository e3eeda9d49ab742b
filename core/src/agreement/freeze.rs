//! Freezing: a draft becomes the one text that is signed. Any edit afterwards gives another digest and another number.
//!
//! What may not be signed on a screen is refused here, and by [`super::verify`] again.

use super::body::{Body, COMMITMENTS_MAX, FreezeContext, HEADS_MAX, PARTIES_MAX};
use super::canon::{self, ReadError};
use super::digest::{BODY_TAG, CheckNumber, tagged, tagged_sm3};
use super::glyphs::Glyphless;
use super::text::{self, TEMPLATE, TextFault};
use crate::case::{AgreementDrafted, DisputeKind, RefusalCode};
use crate::id::Digest;

/// Longest name of a party, community, committee …, characters.
pub const NAME_MAX: usize = 60;
/// Longest deed of a commitment, characters.
pub const DEED_MAX: usize = 500;
/// Longest account of the facts, and longest terms, characters: about ten printed pages.
pub const PROSE_MAX: usize = 10_000;

/// Why a draft cannot be frozen. Codes are those of [`RefusalCode`] where one means the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FreezeError {
    /// This kind of dispute must be signed in wet ink (Electronic Signature Law, art. 3).
    #[error("this kind of dispute must be signed in wet ink")]
    WetInkOnly,
    /// Nothing stands where something must: the field.
    #[error("{0} is empty")]
    Missing(&'static str),
    /// A party stands twice.
    #[error("a party stands twice in the agreement")]
    PartyTwice,
    /// A commitment or an ID number names a party that the agreement does not have.
    #[error("something names a party that the agreement does not have")]
    UnknownParty,
    /// The mediator is a party.
    #[error("the mediator is a party")]
    MediatorIsParty,
    /// A field is longer than its limit.
    #[error("{0} is too long")]
    TooLong(&'static str),
    /// A field holds characters that do not show, or that change how others show.
    #[error("{0} holds characters that do not show")]
    Unprintable(&'static str),
    /// Characters that the print has no glyph for: they would be lost on paper.
    #[error("there are characters that cannot be printed")]
    NoGlyph(Glyphless),
}

impl FreezeError {
    /// Stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::WetInkOnly => RefusalCode::WetInkOnly.as_str(),
            Self::Missing(_) => RefusalCode::Missing.as_str(),
            Self::PartyTwice => RefusalCode::PartyTwice.as_str(),
            Self::UnknownParty => RefusalCode::UnknownParty.as_str(),
            Self::TooLong(_) => RefusalCode::TooLong.as_str(),
            Self::MediatorIsParty => "mediator_is_party",
            Self::Unprintable(_) => "unprintable",
            Self::NoGlyph(_) => "no_glyph",
        }
    }

    /// The field that it is about, where there is one.
    pub const fn field(self) -> Option<&'static str> {
        match self {
            Self::Missing(field) | Self::TooLong(field) | Self::Unprintable(field) => Some(field),
            _ => None,
        }
    }
}

/// A frozen agreement: the body, its bytes, their digest and number. They cannot be had apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frozen {
    body: Body,
    bytes: Vec<u8>,
    digest: Digest,
}

impl Frozen {
    /// The frozen body in these bytes; they must be its canonical encoding. What it says is not judged here.
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Self, ReadError> {
        let body = canon::read_canonical(&bytes)?;
        let digest = tagged(BODY_TAG, &bytes);
        Ok(Self { body, bytes, digest })
    }

    /// What is signed.
    pub const fn body(&self) -> &Body {
        &self.body
    }

    /// Its bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Its digest.
    pub const fn digest(&self) -> Digest {
        self.digest
    }

    /// The number on every pad and page.
    pub fn check_number(&self) -> CheckNumber {
        CheckNumber::of(&self.digest)
    }

    /// Its SM3 digest.
    pub fn sm3(&self) -> [u8; 32] {
        tagged_sm3(BODY_TAG, &self.bytes)
    }
}

/// Freezes a draft.
pub fn freeze(drafted: &AgreementDrafted, mut context: FreezeContext) -> Result<Frozen, FreezeError> {
    context.heads.sort_unstable();
    context.heads.dedup();
    check(drafted, &context)?;
    let text = text::render(drafted, &context);
    if let Some(glyphless) = Glyphless::of(&text) {
        return Err(FreezeError::NoGlyph(glyphless));
    }
    let body = Body { template: TEMPLATE.into(), context, drafted: drafted.as_signed(), text };
    let bytes = canon::write(&body);
    let digest = tagged(BODY_TAG, &bytes);
    Ok(Frozen { body, bytes, digest })
}

fn line(field: &'static str, value: &str, max: usize) -> Result<(), FreezeError> {
    required(field, value)?;
    text::check_line(value, max).map_err(|fault| name_fault(field, fault))
}

fn prose(field: &'static str, value: &str) -> Result<(), FreezeError> {
    required(field, value)?;
    text::check_prose(value, PROSE_MAX).map_err(|fault| name_fault(field, fault))
}

fn required(field: &'static str, value: &str) -> Result<(), FreezeError> {
    if value.trim().is_empty() { Err(FreezeError::Missing(field)) } else { Ok(()) }
}

const fn name_fault(field: &'static str, fault: TextFault) -> FreezeError {
    match fault {
        TextFault::TooLong => FreezeError::TooLong(field),
        TextFault::Unprintable => FreezeError::Unprintable(field),
    }
}

/// Whether this may be frozen at all.
pub(super) fn check(drafted: &AgreementDrafted, context: &FreezeContext) -> Result<(), FreezeError> {
    if drafted.dispute != DisputeKind::Ordinary {
        return Err(FreezeError::WetInkOnly);
    }
    if drafted.parties.is_empty() {
        return Err(FreezeError::Missing("parties"));
    }
    for (place, party) in drafted.parties.iter().enumerate() {
        line("party", &party.name, NAME_MAX)?;
        let before = drafted.parties.get(..place).unwrap_or_default();
        if before.iter().any(|other| text::same_name(&other.name, &party.name)) {
            return Err(FreezeError::PartyTwice);
        }
    }
    prose("facts", &drafted.facts)?;
    prose("terms", &drafted.terms)?;
    let is_party = |name: &str| drafted.parties.iter().any(|party| party.name == name);
    for commitment in &drafted.commitments {
        line("deed", &commitment.deed, DEED_MAX)?;
        if !is_party(&commitment.party) {
            return Err(FreezeError::UnknownParty);
        }
    }
    if !context.id_numbers.iter().all(|(party, _)| is_party(party)) {
        return Err(FreezeError::UnknownParty);
    }
    line("tenant", &context.tenant, NAME_MAX)?;
    line("community", &context.community, NAME_MAX)?;
    line("committee", &context.committee, NAME_MAX)?;
    for (field, value) in [("number", &context.number), ("reporter", &context.reporter), ("mediator", &context.mediator)] {
        if let Some(value) = value {
            line(field, value, NAME_MAX)?;
        }
    }
    if let Some(mediator) = &context.mediator
        && drafted.parties.iter().any(|party| text::same_name(&party.name, mediator))
    {
        return Err(FreezeError::MediatorIsParty);
    }
    let counts = [
        ("parties", drafted.parties.len(), PARTIES_MAX),
        ("commitments", drafted.commitments.len(), COMMITMENTS_MAX),
        ("heads", context.heads.len(), HEADS_MAX),
        ("id_numbers", context.id_numbers.len(), PARTIES_MAX),
    ];
    counts.iter().find(|(_, count, max)| count > max).map_or(Ok(()), |(field, ..)| Err(FreezeError::TooLong(field)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agreement::specimen;

    fn refused(change: impl Fn(&mut AgreementDrafted, &mut FreezeContext)) -> FreezeError {
        let (mut drafted, mut context) = (specimen::drafted(), specimen::context());
        change(&mut drafted, &mut context);
        freeze(&drafted, context).unwrap_err()
    }

    #[test]
    fn the_same_draft_freezes_to_the_same_bytes() {
        let (one, two) = (specimen::frozen(), specimen::frozen());
        assert_eq!(one, two);
        assert_eq!(Frozen::from_bytes(one.bytes().to_vec()), Ok(one));
    }

    #[test]
    fn any_edit_gives_another_number() {
        let mut drafted = specimen::drafted();
        drafted.commitments[1].amount_fen = Some(380_100);
        let edited = freeze(&drafted, specimen::context()).unwrap();
        assert_ne!(edited.check_number(), specimen::frozen().check_number());
    }

    #[test]
    fn what_the_law_wants_in_wet_ink_is_refused() {
        for dispute in [DisputeKind::PersonalStatus, DisputeKind::UtilityCutOff] {
            assert_eq!(refused(|drafted, _| drafted.dispute = dispute).code(), "wet_ink_only");
        }
    }

    #[test]
    fn a_party_twice_is_refused_with_or_without_spaces() {
        assert_eq!(refused(|drafted, _| drafted.parties[1].name = "张 建国".into()), FreezeError::PartyTwice);
    }

    #[test]
    fn what_is_missing_is_named() {
        assert_eq!(refused(|drafted, _| drafted.terms = " \n".into()), FreezeError::Missing("terms"));
        assert_eq!(refused(|drafted, _| drafted.parties.clear()), FreezeError::Missing("parties"));
        assert_eq!(refused(|_, context| context.community.clear()).field(), Some("community"));
    }

    #[test]
    fn a_stranger_in_the_commitments_is_refused() {
        assert_eq!(refused(|drafted, _| drafted.commitments[0].party = "王五".into()), FreezeError::UnknownParty);
    }

    #[test]
    fn characters_that_make_a_text_show_otherwise_are_refused() {
        assert_eq!(refused(|drafted, _| drafted.terms.push('\u{202e}')), FreezeError::Unprintable("terms"));
        assert_eq!(refused(|drafted, _| drafted.commitments[0].deed.push('\n')), FreezeError::Unprintable("deed"));
        assert_eq!(refused(|drafted, _| drafted.facts = "长".repeat(PROSE_MAX + 1)), FreezeError::TooLong("facts"));
    }

    #[test]
    fn a_name_that_cannot_be_printed_is_refused_before_anybody_signs_and_a_rare_one_is_not() {
        let rename = |name: &'static str| {
            move |drafted: &mut AgreementDrafted, _: &mut FreezeContext| {
                drafted.parties[1].name = name.into();
                drafted.commitments.iter_mut().for_each(|one| one.party = "张建国".into());
            }
        };
        let error = refused(rename("李\u{f0000}英"));
        assert_eq!(error.code(), "no_glyph");
        assert!(error.zh().contains("U+F0000") && error.en().contains("U+F0000"));
        assert!(!format!("{error} {error:?}").contains('\u{f0000}'), "names stay out of logs");
        let (mut drafted, mut context) = (specimen::drafted(), specimen::context());
        rename("䶮㛃𬱖𫖯〇")(&mut drafted, &mut context);
        assert!(freeze(&drafted, context).is_ok());
    }
}
