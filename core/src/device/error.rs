//! Errors of the device: a few kinds, each with a permanent code and words. Messages carry no personal data.

use std::io::ErrorKind;

use crate::agreement::{CeremonyError, FreezeError};
use crate::attachment::AttachmentRefusal;
use crate::case::Refusal;
use crate::document::DocumentError;
use crate::document::guard::{GuardError, Unfit};
use crate::environment::TransportError;
use crate::ledger::TemplateError;
use crate::store::StoreError;
use crate::sync::enrol::EnrolError;
use crate::sync::wire::ErrorAnswer;
use crate::words::{self, Lang};

/// What went wrong; callers switch on [`DeviceError::code`].
#[derive(Debug, thiserror::Error)]
pub enum DeviceError {
    /// The rules say no.
    #[error("refused: {0}")]
    Refused(#[from] Refusal),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A document can't be read or written.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// A change in a pulled document is none that may be there.
    #[error(transparent)]
    Guard(#[from] GuardError),
    /// A draft can't be frozen.
    #[error(transparent)]
    Freeze(#[from] FreezeError),
    /// A step of the signing ceremony isn't possible.
    #[error(transparent)]
    Ceremony(#[from] CeremonyError),
    /// No ceremony is under way for the case.
    #[error("no signing is under way")]
    NoCeremony,
    /// The case moved on since the text was frozen: it must be frozen and signed anew.
    #[error("the text that was frozen is no longer the one in force")]
    Outdated,
    /// The agreement that the new one takes the place of is not on this device: [`Device::fetch_bundle`](super::Device::fetch_bundle)
    /// brings it, and [`CaseView::replaces`](crate::view::CaseView::replaces) names it.
    #[error("the agreement that this one replaces is not on this device")]
    ReplacedNotHere,
    /// There is no such document on this device.
    #[error("no such document on this device")]
    NotFound,
    /// The device isn't enrolled.
    #[error("this device is not enrolled")]
    NotEnrolled,
    /// The device is enrolled already.
    #[error("this device is enrolled already")]
    AlreadyEnrolled,
    /// The code is another person's than the one this device works for.
    #[error("the code is another person's")]
    OtherPerson,
    /// The server was not heard of for [`LEASE_DAYS`](super::LEASE_DAYS): nothing is lost, a sync opens the phone again.
    #[error("the server was not heard of for too long")]
    LeaseOver,
    /// This device was revoked.
    #[error("this device was revoked")]
    Revoked,
    /// The server said no.
    #[error("the server refused: {}", .0.code)]
    Answered(Box<ErrorAnswer>),
    /// Enrolment was refused.
    #[error(transparent)]
    Enrol(#[from] EnrolError),
    /// The server can't be reached.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// The device's key did not sign.
    #[error("the device's key did not sign")]
    Key,
    /// A stored value isn't what it must be; which one.
    #[error("the database holds an unreadable {0}")]
    Damaged(&'static str),
    /// What the server sent as this document isn't what it said it sent.
    #[error("the document's bytes do not show the heads that came with them")]
    HeadsDiffer,
    /// A sync is under way already.
    #[error("a sync is under way already")]
    Busy,
    /// There is no such ledger, or its template can't be used.
    #[error(transparent)]
    Ledger(#[from] TemplateError),
    /// Something can't be attached.
    #[error(transparent)]
    Attachment(#[from] AttachmentRefusal),
    /// What was to be attached could not be read; why, as the system says.
    #[error("what was to be attached could not be read: {0}")]
    Source(ErrorKind),
    /// A ledger could not be written; why, as the system says.
    #[error("the ledger could not be written: {0}")]
    Export(ErrorKind),
    /// Something can't be printed.
    #[error(transparent)]
    Print(#[from] crate::print::PrintError),
}

impl From<Unfit> for DeviceError {
    fn from(unfit: Unfit) -> Self {
        match unfit {
            Unfit::Guard(error) => Self::Guard(error),
            Unfit::Document(error) => Self::Document(error),
        }
    }
}

impl DeviceError {
    /// The store is encrypted, and its key is not to be had.
    pub const LOCKED: Self = Self::Store(StoreError::Locked);

    /// Stable code.
    pub fn code(&self) -> &str {
        match self {
            Self::Refused(refusal) => refusal.code.as_str(),
            Self::Store(error) => error.code(),
            Self::Document(error) => error.code(),
            Self::Guard(error) => error.code(),
            Self::Freeze(error) => error.code(),
            Self::Ceremony(error) => error.code(),
            Self::NoCeremony => "no_ceremony",
            Self::Outdated => "outdated",
            Self::ReplacedNotHere => "replaced_not_here",
            Self::NotFound => "not_found",
            Self::NotEnrolled => "not_enrolled",
            Self::AlreadyEnrolled => "already_enrolled",
            Self::OtherPerson => "other_person",
            Self::LeaseOver => "lease_over",
            Self::Revoked => "device_revoked",
            Self::Answered(answer) => &answer.code,
            Self::Enrol(error) => error.code(),
            Self::Transport(error) => match error {
                TransportError::Unreachable => "unreachable",
                TransportError::Untrusted => "untrusted",
                TransportError::Timeout => "timeout",
            },
            Self::Key => "key",
            Self::Damaged(_) => "damaged_value",
            Self::HeadsDiffer => "heads_differ",
            Self::Busy => "busy",
            Self::Ledger(error) => error.code(),
            Self::Attachment(refusal) => refusal.code(),
            Self::Source(_) => "attachment_source",
            Self::Export(kind) => match kind {
                ErrorKind::StorageFull | ErrorKind::QuotaExceeded => "export_full",
                ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => "export_denied",
                ErrorKind::FileTooLarge => "export_too_large",
                _ => "export_failed",
            },
            Self::Print(error) => error.code(),
        }
    }

    /// What it is about, in codes and, for refusals, what the worker typed; for their own screen.
    pub fn about(&self) -> Vec<String> {
        match self {
            Self::Refused(refusal) => refusal.about.clone(),
            Self::Ledger(error) => error.about(),
            _ => Vec::new(),
        }
    }

    /// One sentence for the screen.
    pub fn sentence(&self, lang: Lang) -> String {
        match self {
            Self::Refused(refusal) => words::refusal_sentence(refusal, lang),
            Self::Freeze(error) => both(lang, error.zh(), error.en()),
            Self::Ceremony(error) => both(lang, error.zh(), error.en()),
            Self::Print(error) => both(lang, error.zh().into(), error.en().into()),
            // A server's own words, where its code is none that this version knows.
            Self::Answered(answer) => match words::device_sentence(&answer.code, lang) {
                Some(sentence) => sentence.to_owned(),
                None => both(lang, answer.zh.clone(), answer.en.clone()),
            },
            Self::Enrol(EnrolError::Refused(answer)) => match words::device_sentence(&answer.code, lang) {
                Some(sentence) => sentence.to_owned(),
                None => both(lang, answer.zh.clone(), answer.en.clone()),
            },
            other => words::device_sentence(other.code(), lang).map_or_else(|| other.to_string(), str::to_owned),
        }
    }
}

fn both(lang: Lang, zh: String, en: String) -> String {
    match lang {
        Lang::Zh => zh,
        Lang::En => en,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether a sentence is Chinese: it holds no run of Latin letters.
    fn is_chinese(sentence: &str) -> bool {
        !sentence.is_empty() && !sentence.bytes().any(|byte| byte.is_ascii_alphabetic())
    }

    #[test]
    fn a_chinese_device_says_what_stands_in_the_way_of_signing_in_chinese() {
        for error in [CeremonyError::Cancelled.into(), FreezeError::WetInkOnly.into(), DeviceError::from(StoreError::Busy)] {
            assert!(is_chinese(&error.sentence(Lang::Zh)), "{}", error.code());
            assert!(error.sentence(Lang::En).is_ascii(), "{}", error.code());
        }
    }

    #[test]
    fn a_code_of_the_server_that_is_not_known_here_comes_with_the_servers_words() {
        let answer = |code: &str| {
            let (zh, en) = ("服务器说的。".into(), "What the server says.".into());
            DeviceError::from(EnrolError::Refused(ErrorAnswer { code: code.into(), zh, en, at: None }))
        };
        assert_eq!(answer("from_a_later_version").sentence(Lang::Zh), "服务器说的。");
        assert_ne!(answer("code_wrong").sentence(Lang::Zh), "服务器说的。");
    }
}
