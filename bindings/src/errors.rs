//! Errors as a phone sees them: a few kinds, each with a permanent code to switch on, a sentence to show, and whether trying again
//! helps.
//!
//! Sentences are in the device's language and carry no personal data; `about` may repeat what the worker typed and is for
//! their own screen.

use doorstep_core::agreement::DrawingError;
use doorstep_core::device::DeviceError;
use doorstep_core::environment::TransportError;
use doorstep_core::host::{HostError, KeyError};
use doorstep_core::id::IdError;
use doorstep_core::words::Lang;

use crate::sentences::{self, sentence};

/// The store's code for a file that somebody else has open.
const STORE_BUSY: &str = "store_busy";

/// The store's codes for a file that is sound, as far as anybody without its key can tell.
const WITHOUT_ITS_KEY: [&str; 2] = ["store_wrong_key", "store_locked"];

/// The kinds, all alike.
macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident,)*) => {
        /// What went wrong. Nothing was stored, unless the variant says otherwise. All variants hold the same: the permanent
        /// `code`; one `sentence` for the screen; what it is `about`, in codes or in the worker's own words, often nothing; and
        /// `retry`, whether the same call may succeed later as it is.
        #[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, uniffi::Error)]
        pub enum DoorstepError {
            $(
                $(#[$doc])*
                #[error("{code}: {sentence}")]
                $kind {
                    /// Permanent code.
                    code: String,
                    /// One sentence for the screen.
                    sentence: String,
                    /// What is missing, expected or in the way, in codes, or in the worker's own words.
                    about: Vec<String>,
                    /// Whether the same call may succeed later as it is: after a while, with a network, with the key unlocked.
                    retry: bool,
                },
            )*
        }

        /// A kind of error.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Kind {
            $($kind,)*
        }

        impl DoorstepError {
            /// Its permanent code.
            pub fn code(&self) -> &str {
                match self { $(Self::$kind { code, .. })|* => code }
            }

            /// Whether the same call may succeed later as it is.
            pub fn retry(&self) -> bool {
                match self { $(Self::$kind { retry, .. })|* => *retry }
            }

            fn made(kind: Kind, code: String, sentence: String, about: Vec<String>, retry: bool) -> Self {
                match kind { $(Kind::$kind => Self::$kind { code, sentence, about, retry },)* }
            }
        }
    };
}

kinds!(
    /// The rules say no, with a code such as `elements_missing`.
    Refused,
    /// What was passed in is not what it must be: an id, a day, a drawing; a code such as `not_an_id`.
    Input,
    /// The device is not enrolled, is enrolled already, or the enrolment was refused; a code such as `code_wrong`.
    Enrolment,
    /// A step of signing is not possible; a code such as `signature_missing`.
    Signing,
    /// The server could not be reached. Everything is on the device. `unreachable`, `untrusted`, `timeout`, or what is wrong with
    /// the address.
    Network,
    /// The device's store, a file beside it or a document in it did not do what it was asked; a code such as `store_full` or
    /// `not_found`. `store_busy`: another object or process has the device open.
    Storage,
    /// The device's key did not sign, or there is none; a code such as `key`.
    Key,
    /// The same thing is under way already: `busy`.
    Busy,
    /// What the host brought along threw (`host_failed`) or hung (`host_timeout`); `about` says which: `transport`, `signer`,
    /// `key_store`, `clock`. Nothing is lost.
    Host,
    /// The library failed where it must not: `internal`. What was stored is not lost.
    Internal,
);

impl DoorstepError {
    /// One whose words are the border's own.
    fn ours(kind: Kind, code: &str, lang: Lang, retry: bool) -> Self {
        Self::made(kind, code.to_owned(), sentence(code, lang), Vec::new(), retry)
    }

    /// The core's error, in words of this language.
    pub(crate) fn of(error: &DeviceError, lang: Lang) -> Self {
        Self::made(kind(error), error.code().to_owned(), error.sentence(lang), error.about(), may_succeed_later(error))
    }

    /// Something that is no id or day.
    pub(crate) fn not(expected: &str, lang: Lang) -> Self {
        let code = sentences::NOT_AN_ID;
        Self::made(Kind::Input, code.into(), sentence(code, lang), vec![expected.to_owned()], false)
    }

    /// Strokes that are no drawing.
    pub(crate) fn drawing(error: DrawingError, lang: Lang) -> Self {
        let sentence = lang.pick(error.zh(), error.en()).to_owned();
        Self::made(Kind::Input, error.code().into(), sentence, Vec::new(), false)
    }

    /// An address or a certificate that can't be used, or a system without entropy.
    pub(crate) fn system(error: HostError, lang: Lang) -> Self {
        let kind = if error == HostError::NoEntropy { Kind::Key } else { Kind::Network };
        Self::ours(kind, error.code(), lang, false)
    }

    /// No key.
    pub(crate) fn key(error: KeyError, lang: Lang) -> Self {
        let sentence = lang.pick(
            "本机的密钥无法使用；若已丢失，需要重新登记。",
            "The device's key can't be used; if it is lost, the device must be enrolled again.",
        );
        Self::made(Kind::Key, error.code().into(), sentence.into(), Vec::new(), false)
    }

    /// A secret from a key store that is none.
    pub(crate) fn secret(lang: Lang) -> Self {
        Self::ours(Kind::Key, sentences::SECRET_UNREADABLE, lang, false)
    }

    /// A file beside the database that can't be read or written.
    pub(crate) fn file(lang: Lang) -> Self {
        Self::ours(Kind::Storage, sentences::DEVICE_FOLDER, lang, false)
    }

    /// The store is encrypted and its key is gone.
    pub(crate) fn locked(lang: Lang) -> Self {
        Self::of(&DeviceError::LOCKED, lang)
    }

    /// The host's own code threw or hung; `what` says which part of it.
    pub(crate) fn host(code: &str, what: &str, lang: Lang) -> Self {
        Self::made(Kind::Host, code.to_owned(), sentence(code, lang), vec![what.to_owned()], true)
    }

    /// A panic in here that was caught, or a thread that the system would not give.
    pub(crate) fn internal(lang: Lang) -> Self {
        Self::ours(Kind::Internal, sentences::INTERNAL, lang, false)
    }
}

fn kind(error: &DeviceError) -> Kind {
    match error {
        DeviceError::Refused(_) => Kind::Refused,
        DeviceError::NotEnrolled
        | DeviceError::AlreadyEnrolled
        | DeviceError::OtherPerson
        | DeviceError::LeaseOver
        | DeviceError::Revoked
        | DeviceError::Enrol(_) => Kind::Enrolment,
        DeviceError::Freeze(_)
        | DeviceError::Ceremony(_)
        | DeviceError::NoCeremony
        | DeviceError::Outdated
        | DeviceError::ReplacedNotHere => Kind::Signing,
        DeviceError::Transport(_) | DeviceError::Answered(_) => Kind::Network,
        DeviceError::Ledger(_) | DeviceError::Attachment(_) => Kind::Input,
        DeviceError::Store(_) if WITHOUT_ITS_KEY.contains(&error.code()) => Kind::Key,
        DeviceError::Store(_)
        | DeviceError::Export(_)
        | DeviceError::Print(_)
        | DeviceError::Source(_)
        | DeviceError::Document(_)
        | DeviceError::Guard(_)
        | DeviceError::NotFound
        | DeviceError::Damaged(_)
        | DeviceError::HeadsDiffer => Kind::Storage,
        DeviceError::Key => Kind::Key,
        DeviceError::Busy => Kind::Busy,
    }
}

/// Whether nothing but time, a network or the owner's finger is missing.
fn may_succeed_later(error: &DeviceError) -> bool {
    match error {
        DeviceError::Transport(TransportError::Unreachable | TransportError::Timeout)
        | DeviceError::Key
        // A sync opens it again.
        | DeviceError::LeaseOver
        | DeviceError::Busy => true,
        DeviceError::Store(error) => error.code() == STORE_BUSY,
        _ => false,
    }
}

/// Reads an id, an event's name or a day.
pub(crate) fn read<T: std::str::FromStr<Err = IdError>>(text: &str, lang: Lang) -> Result<T, DoorstepError> {
    text.parse().map_err(|error: IdError| DoorstepError::not(error.expected, lang))
}

/// Reads one that may be absent.
pub(crate) fn read_some<T: std::str::FromStr<Err = IdError>>(
    text: Option<&str>,
    lang: Lang,
) -> Result<Option<T>, DoorstepError> {
    text.map(|text| read(text, lang)).transpose()
}

#[cfg(test)]
mod tests {
    use doorstep_core::case::{Refusal, RefusalCode};

    use super::*;

    #[test]
    fn a_refusal_keeps_its_code_and_what_it_is_about() {
        let refusal = Refusal::about(RefusalCode::ElementsMissing, ["who"]);
        let error = DoorstepError::of(&DeviceError::Refused(refusal), Lang::En);
        let DoorstepError::Refused { code, about, sentence, retry } = error else { panic!("{error:?}") };
        assert_eq!((code.as_str(), about, retry), ("elements_missing", vec!["who".to_owned()], false));
        assert!(!sentence.is_empty());
    }

    #[test]
    fn kinds_follow_what_a_caller_would_do_about_them() {
        let of = |error| DoorstepError::of(&error, Lang::Zh);
        assert!(matches!(of(DeviceError::NotEnrolled), DoorstepError::Enrolment { .. }));
        assert!(matches!(of(TransportError::Timeout.into()), DoorstepError::Network { .. }));
        assert!(matches!(of(DeviceError::NoCeremony), DoorstepError::Signing { .. }));
        assert_eq!(of(DeviceError::Busy).code(), "busy");
    }

    #[test]
    fn trying_again_helps_where_only_time_or_a_network_is_missing() {
        let retry = |error: DeviceError| DoorstepError::of(&error, Lang::Zh).retry();
        for error in [TransportError::Timeout.into(), TransportError::Unreachable.into(), DeviceError::Busy] {
            assert!(retry(error));
        }
        for error in [TransportError::Untrusted.into(), DeviceError::NotFound, DeviceError::Revoked] {
            assert!(!retry(error));
        }
        assert!(DoorstepError::host(sentences::HOST_TIMEOUT, "signer", Lang::En).retry());
    }

    #[test]
    fn what_is_no_id_is_an_input_error_that_does_not_repeat_it() {
        let error = read::<doorstep_core::id::DocId>("王敏", Lang::En).unwrap_err();
        assert_eq!(error.code(), "not_an_id");
        assert!(!error.to_string().contains("王敏"));
    }
}
