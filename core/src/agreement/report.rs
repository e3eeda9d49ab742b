//! What a verification answers: a line a check, named findings, and the facts as the bundle states them.

use super::act::SignerRole;
use super::digest::CheckNumber;
use super::freeze::FreezeError;
use crate::id::{DeviceId, Digest, DocId, PersonId};
use crate::time::{Stamp, Timestamp};

/// A part of a bundle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Part {
    /// The file as a whole.
    Bundle,
    /// The body.
    Body,
    /// The act at this place, from 0.
    Act(usize),
    /// The drawing of the act at this place.
    Drawing(usize),
    /// The seal.
    Seal,
    /// The agreement's file, around the bundle.
    File,
    /// The device's certificate in the seal.
    Certificate,
    /// The log's checkpoint in the seal.
    Checkpoint,
    /// The server's receipt, with the checkpoint it stands on.
    Receipt,
    /// The committee's stamp.
    Stamp,
    /// The counter-signature at this place, from 0.
    CounterSignature(usize),
}

/// How much a finding weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Weight {
    /// To be known; nothing is wrong.
    Note,
    /// Wants an explanation, which may be innocent.
    Doubt,
    /// The agreement cannot be relied on as it stands.
    Broken,
}

/// Something a verification found. Places count from 0; sentences for people count from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// The file is larger than any bundle.
    TooLarge,
    /// The file ends before the part does.
    Truncated(Part),
    /// The part is not what it must be.
    Unreadable(Part),
    /// The part is of a later version than this verifier knows.
    Newer(Part),
    /// The part is readable but not in its one canonical encoding.
    NotCanonical(Part),
    /// The seal's signature is not by the seal's key.
    BadSeal,
    /// The body is not the one that was sealed and signed.
    BodyAltered,
    /// The text that was displayed is not what the fields say.
    TextDiffersFromTerms,
    /// The body is one that may not be signed on a screen or could not have been frozen.
    NotFreezable(FreezeError),
    /// The acts are not those sealed, or not in their order, or their chain is broken.
    ActListAltered,
    /// The act was made for another body.
    ActOfOtherBody(usize),
    /// The act's signature is not by its key.
    BadActSignature(usize),
    /// The act's key is not one for this act: used twice, or an enrolled key where a one-time key must be.
    WrongKey(usize),
    /// The statement or number in the act is not the one that belongs to signer and body.
    StatementAltered(usize),
    /// The drawing is not the one the act holds.
    DrawingAltered(usize),
    /// The dynamics are not those the act holds.
    DynamicsAltered(usize),
    /// The same ink stands in an earlier act.
    InkReused(usize),
    /// A clock ran backwards before this act; the place after the last act is the seal's.
    ClockBackwards(usize),
    /// A required signature is missing; the name where the agreement gives one.
    MissingSigner(SignerRole, Option<String>),
    /// The act's signer has no place in this agreement, or signed twice, or out of order.
    UnexpectedSigner(usize),
    /// The witness is a party or held a party's pen.
    WitnessIsParty(usize),
    /// The mediator is a party or held a party's pen.
    MediatorIsParty(usize),
    /// Whose key sealed was not checked against the sub-district's root: compare the fingerprint.
    NotCertified,
    /// Sealed, not registered: no receipt of the server's log was at hand.
    NotRegistered,
    /// The certificate in the seal is another device's.
    CertificateOfOther,
    /// The certificate is by none of the roots that are trusted.
    BadCertificate,
    /// The receipt is another agreement's.
    ReceiptOfOther,
    /// The receipt's proof does not lead to what the log says of itself.
    NotInLog,
    /// The checkpoint in this part is not signed by the log.
    BadCheckpoint(Part),
    /// The log's times or sizes run backwards: between the seal's checkpoint, the entry and the receipt's checkpoint.
    LogBackwards,
    /// The receipt agrees with itself, but no key of the log was given to check who made it.
    LogUnknown,
    /// The phone's clock and the log's times do not fit: sealed before its own checkpoint, or after it was received.
    OutsideLogTime,
    /// No stamp of the committee was at hand.
    NotStamped,
    /// The stamp is for another agreement, case or committee.
    StampOfOther,
    /// The stamp is by none of the roots that are trusted.
    BadStamp,
    /// The stamp is for this agreement, but no root was given to check who made it.
    StampUnchecked,
    /// The counter-signature at this place is not over this agreement, or not by a trusted key.
    BadCounterSignature(usize),
    /// The counter-signature at this place is over this agreement, but no key was given to check who made it.
    CounterSignerUnknown(usize),
    /// The counter-signature at this place is of a kind that this version does not know.
    CounterSignatureUnknown(usize),
}

impl Finding {
    /// Stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooLarge => "too_large",
            Self::Truncated(_) => "truncated",
            Self::Unreadable(_) => "unreadable",
            Self::Newer(_) => "newer",
            Self::NotCanonical(_) => "not_canonical",
            Self::BadSeal => "bad_seal",
            Self::BodyAltered => "body_altered",
            Self::TextDiffersFromTerms => "text_differs_from_terms",
            Self::NotFreezable(_) => "not_freezable",
            Self::ActListAltered => "act_list_altered",
            Self::ActOfOtherBody(_) => "act_of_other_body",
            Self::BadActSignature(_) => "bad_act_signature",
            Self::WrongKey(_) => "wrong_key",
            Self::StatementAltered(_) => "statement_altered",
            Self::DrawingAltered(_) => "drawing_altered",
            Self::DynamicsAltered(_) => "dynamics_altered",
            Self::InkReused(_) => "ink_reused",
            Self::ClockBackwards(_) => "clock_backwards",
            Self::MissingSigner(..) => "missing_signer",
            Self::UnexpectedSigner(_) => "unexpected_signer",
            Self::WitnessIsParty(_) => "witness_is_party",
            Self::MediatorIsParty(_) => "mediator_is_party",
            Self::NotCertified => "not_certified",
            Self::NotRegistered => "not_registered",
            Self::CertificateOfOther => "certificate_of_other",
            Self::BadCertificate => "bad_certificate",
            Self::ReceiptOfOther => "receipt_of_other",
            Self::NotInLog => "not_in_log",
            Self::BadCheckpoint(_) => "bad_checkpoint",
            Self::LogBackwards => "log_backwards",
            Self::LogUnknown => "log_unknown",
            Self::OutsideLogTime => "outside_log_time",
            Self::NotStamped => "not_stamped",
            Self::StampOfOther => "stamp_of_other",
            Self::BadStamp => "bad_stamp",
            Self::StampUnchecked => "stamp_unchecked",
            Self::BadCounterSignature(_) => "bad_counter_signature",
            Self::CounterSignerUnknown(_) => "counter_signer_unknown",
            Self::CounterSignatureUnknown(_) => "counter_signature_unknown",
        }
    }

    /// How much it weighs.
    pub const fn weight(&self) -> Weight {
        match self {
            Self::NotCertified
            | Self::NotRegistered
            | Self::LogUnknown
            | Self::NotStamped
            | Self::StampUnchecked
            | Self::CounterSignerUnknown(_)
            | Self::CounterSignatureUnknown(_) => Weight::Note,
            Self::ClockBackwards(_) | Self::OutsideLogTime => Weight::Doubt,
            _ => Weight::Broken,
        }
    }

    /// The act that it is about, from 0.
    pub const fn act(&self) -> Option<usize> {
        match self {
            Self::ActOfOtherBody(at)
            | Self::BadActSignature(at)
            | Self::WrongKey(at)
            | Self::StatementAltered(at)
            | Self::DrawingAltered(at)
            | Self::DynamicsAltered(at)
            | Self::InkReused(at)
            | Self::ClockBackwards(at)
            | Self::UnexpectedSigner(at)
            | Self::WitnessIsParty(at)
            | Self::MediatorIsParty(at)
            | Self::Truncated(Part::Act(at) | Part::Drawing(at))
            | Self::Unreadable(Part::Act(at) | Part::Drawing(at))
            | Self::Newer(Part::Act(at) | Part::Drawing(at))
            | Self::NotCanonical(Part::Act(at) | Part::Drawing(at)) => Some(*at),
            _ => None,
        }
    }
}

macro_rules! checks {
    ($($(#[$doc:meta])* $name:ident = $code:literal,)*) => {
        /// The checks, in the order they are reported.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum CheckName { $($(#[$doc])* $name,)* }

        impl CheckName {
            /// All of them, in order.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// Its stable name.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }
        }
    };
}

checks! {
    /// The file is a bundle, every part readable and canonical.
    Form = "form",
    /// The seal's key is the device's, by the tenant's root.
    Certificate = "certificate",
    /// The seal is the key's.
    Seal = "seal",
    /// The body is the one sealed and signed.
    Body = "body",
    /// The text is what the fields say, and may be signed on a screen.
    Text = "text",
    /// The acts are those sealed, a chain.
    Acts = "acts",
    /// Each act is signed by its key, each key its own.
    Signatures = "signatures",
    /// Each signer stated what stands in the act.
    Statements = "statements",
    /// The drawings are those the acts hold, no ink twice.
    Drawings = "drawings",
    /// No clock ran backwards.
    Clocks = "clocks",
    /// Everyone who must has signed, nobody else, the witness is no party.
    Signers = "signers",
    /// The server's log has it.
    Receipt = "receipt",
    /// The committee has stamped it.
    Stamp = "stamp",
    /// Those who counter-signed it saw this agreement.
    CounterSignatures = "counter_signatures",
}

/// One line of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// Which check.
    pub name: CheckName,
    /// Whether it could be made, wholly; not if a part it needs is unreadable or not at hand.
    pub made: bool,
    /// What it found; empty and made: it passed.
    pub findings: Vec<Finding>,
}

impl Check {
    /// Whether it was made and found nothing at all.
    pub fn passed(&self) -> bool {
        self.made && self.findings.is_empty()
    }
}

/// A signer, as the bundle states it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignerFact {
    /// In what role.
    pub role: SignerRole,
    /// By what name.
    pub name: String,
    /// In what capacity; may be empty.
    pub capacity: String,
    /// Who held the pen for them.
    pub by: Option<String>,
    /// When, by the device's clock.
    pub at: Timestamp,
    /// The person whose enrolled key signed; none for a one-time key.
    pub enrolled: Option<PersonId>,
    /// Fingerprint of the key.
    pub key: Digest,
}

/// The facts, as the bundle states them. Worth something only if the report holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// The bundle's name.
    pub bundle: Digest,
    /// The body's digest.
    pub body: Digest,
    /// The check number.
    pub check_number: CheckNumber,
    /// The case.
    pub case: DocId,
    /// The draft.
    pub draft: Stamp,
    /// The dossier number, where one was given.
    pub number: Option<String>,
    /// The parties' names.
    pub parties: Vec<String>,
    /// The text that was signed.
    pub text: String,
    /// The agreement it replaces, by its body digest.
    pub supersedes: Option<Digest>,
    /// Who signed, in order.
    pub signers: Vec<SignerFact>,
    /// When it was sealed, by the device's clock.
    pub sealed_at: Timestamp,
    /// The device that sealed it.
    pub device: DeviceId,
    /// Fingerprint of the device's key.
    pub device_key: Digest,
    /// The device's count of seals.
    pub counter: u64,
    /// The device's seal before this one.
    pub previous_seal: Option<Digest>,
    /// Its place in the server's log and when it was received there, by the receipt.
    pub registered: Option<(u64, Timestamp)>,
    /// When the committee stamped it, by the stamp.
    pub stamped_at: Option<Timestamp>,
}

/// The answer of a verification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// A line a check, all of [`CheckName::ALL`], in that order.
    pub checks: Vec<Check>,
    /// The facts, if body, acts and seal could be read.
    pub facts: Option<Facts>,
}

impl Report {
    /// Everything found, in order.
    pub fn findings(&self) -> impl Iterator<Item = &Finding> {
        self.checks.iter().flat_map(|check| &check.findings)
    }

    /// Whether nothing is broken. Notes and doubts may remain: read them.
    pub fn holds(&self) -> bool {
        !self.findings().any(|finding| finding.weight() == Weight::Broken)
    }

    /// The line of this check.
    pub fn check(&self, name: CheckName) -> Option<&Check> {
        self.checks.iter().find(|check| check.name == name)
    }
}
