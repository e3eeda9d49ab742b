//! Errors as a phone sees them: a few kinds, each with a permanent code to switch on and a sentence to show.
//!
//! Sentences are in the device's language and carry no personal data; `about` may repeat what the worker typed and is for
//! their own screen.

use doorstep_core::agreement::DrawingError;
use doorstep_core::device::DeviceError;
use doorstep_core::host::{HostError, KeyError};
use doorstep_core::id::IdError;
use doorstep_core::words::{self, Lang};

/// What went wrong. Nothing was stored, unless the variant says otherwise.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, uniffi::Error)]
pub enum DoorstepError {
    /// The rules say no.
    #[error("{code}: {sentence}")]
    Refused {
        /// Permanent code, such as `elements_missing`.
        code: String,
        /// What is missing or in the way, in codes, or in the worker's own words.
        about: Vec<String>,
        /// One sentence for the screen.
        sentence: String,
    },
    /// What was passed in is not what it must be: an id, a day, a drawing.
    #[error("{code}: {sentence}")]
    Input {
        /// Permanent code, such as `not_an_id`.
        code: String,
        /// What was expected.
        about: Vec<String>,
        /// One sentence for the screen.
        sentence: String,
    },
    /// The device is not enrolled, is enrolled already, or the enrolment was refused.
    #[error("{code}: {sentence}")]
    Enrolment {
        /// Permanent code, such as `code_wrong`.
        code: String,
        /// One sentence for the screen.
        sentence: String,
    },
    /// A step of signing is not possible.
    #[error("{code}: {sentence}")]
    Signing {
        /// Permanent code, such as `signature_missing`.
        code: String,
        /// One sentence for the screen.
        sentence: String,
    },
    /// The server could not be reached. Everything is on the device.
    #[error("{code}: {sentence}")]
    Network {
        /// Permanent code: `unreachable`, `untrusted`, `timeout`, or what is wrong with the address.
        code: String,
        /// One sentence for the screen.
        sentence: String,
    },
    /// The device's store, a file beside it or a document in it did not do what it was asked.
    #[error("{code}: {sentence}")]
    Storage {
        /// Permanent code, such as `full` or `not_found`.
        code: String,
        /// One sentence for the screen.
        sentence: String,
    },
    /// The device's key did not sign, or there is none.
    #[error("{code}: {sentence}")]
    Key {
        /// Permanent code, such as `key`.
        code: String,
        /// One sentence for the screen.
        sentence: String,
    },
    /// The same thing is under way already; try again in a moment.
    #[error("{code}: {sentence}")]
    Busy {
        /// Permanent code: `busy`.
        code: String,
        /// One sentence for the screen.
        sentence: String,
    },
}

impl DoorstepError {
    /// Its permanent code.
    pub fn code(&self) -> &str {
        match self {
            Self::Refused { code, .. }
            | Self::Input { code, .. }
            | Self::Enrolment { code, .. }
            | Self::Signing { code, .. }
            | Self::Network { code, .. }
            | Self::Storage { code, .. }
            | Self::Key { code, .. }
            | Self::Busy { code, .. } => code,
        }
    }

    /// The core's error, in words of this language.
    pub(crate) fn of(error: &DeviceError, lang: Lang) -> Self {
        let (code, sentence) = (error.code().to_owned(), error.sentence(lang));
        match error {
            DeviceError::Refused(_) => Self::Refused { code, about: error.about(), sentence },
            DeviceError::NotEnrolled
            | DeviceError::AlreadyEnrolled
            | DeviceError::OtherPerson
            | DeviceError::LeaseOver
            | DeviceError::Revoked
            | DeviceError::Enrol(_) => Self::Enrolment { code, sentence },
            DeviceError::Freeze(_)
            | DeviceError::Ceremony(_)
            | DeviceError::NoCeremony
            | DeviceError::Outdated
            | DeviceError::ReplacedNotHere => Self::Signing { code, sentence },
            DeviceError::Transport(_) | DeviceError::Answered(_) => Self::Network { code, sentence },
            DeviceError::Ledger(_) | DeviceError::Attachment(_) => Self::Input { code, about: error.about(), sentence },
            DeviceError::Store(_)
            | DeviceError::Export(_)
            | DeviceError::Print(_)
            | DeviceError::Source(_)
            | DeviceError::Document(_)
            | DeviceError::Guard(_)
            | DeviceError::NotFound
            | DeviceError::Damaged(_)
            | DeviceError::HeadsDiffer => Self::Storage { code, sentence },
            DeviceError::Key => Self::Key { code, sentence },
            DeviceError::Busy => Self::Busy { code, sentence },
        }
    }

    /// Something that is no id or day.
    pub(crate) fn not(expected: &str, lang: Lang) -> Self {
        Self::Input {
            code: "not_an_id".into(),
            about: vec![expected.to_owned()],
            sentence: lang.pick("传入的编号或日期格式不对。", "An id or a day is not in its form.").into(),
        }
    }

    /// Strokes that are no drawing.
    pub(crate) fn drawing(error: DrawingError, lang: Lang) -> Self {
        let sentence = lang.pick(error.zh(), error.en()).to_owned();
        Self::Input { code: error.code().into(), about: Vec::new(), sentence }
    }

    /// An address or a certificate that can't be used, or a system without entropy.
    pub(crate) fn host(error: HostError, lang: Lang) -> Self {
        let sentence = match error {
            HostError::BadAddress => lang.pick("服务器地址不对。", "This is not a server's address."),
            HostError::PlainHttp => {
                lang.pick("未加密的地址只能用于本机。", "An unencrypted address is only allowed for this machine.")
            }
            HostError::BadCertificate => lang.pick("这不是 PEM 格式的证书。", "This is not a certificate in PEM form."),
            HostError::NoEntropy => lang.pick("系统没有给出随机数。", "The system gives no random bytes."),
        };
        let (code, sentence) = (error.code().to_owned(), sentence.to_owned());
        match error {
            HostError::NoEntropy => Self::Key { code, sentence },
            _ => Self::Network { code, sentence },
        }
    }

    /// No key.
    pub(crate) fn key(error: KeyError, lang: Lang) -> Self {
        let sentence = lang.pick(
            "本机的密钥无法使用；若已丢失，需要重新登记。",
            "The device's key can't be used; if it is lost, the device must be enrolled again.",
        );
        Self::Key { code: error.code().into(), sentence: sentence.into() }
    }

    /// A file beside the database that can't be read or written.
    pub(crate) fn file(lang: Lang) -> Self {
        let sentence = lang.pick("设备文件夹无法读写。", "The device's folder can't be read or written.");
        Self::Storage { code: "device_folder".into(), sentence: sentence.into() }
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

/// One sentence for a code of sync; empty for a code that has none.
pub(crate) fn code_sentence(code: &str, lang: Lang) -> String {
    words::device_sentence(code, lang).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use doorstep_core::case::{Refusal, RefusalCode};
    use doorstep_core::environment::TransportError;

    use super::*;

    #[test]
    fn a_refusal_keeps_its_code_and_what_it_is_about() {
        let refusal = Refusal::about(RefusalCode::ElementsMissing, ["who"]);
        let error = DoorstepError::of(&DeviceError::Refused(refusal), Lang::En);
        let DoorstepError::Refused { code, about, sentence } = error else { panic!("{error:?}") };
        assert_eq!((code.as_str(), about), ("elements_missing", vec!["who".to_owned()]));
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
    fn what_is_no_id_is_an_input_error_that_does_not_repeat_it() {
        let error = read::<doorstep_core::id::DocId>("王敏", Lang::En).unwrap_err();
        assert_eq!(error.code(), "not_an_id");
        assert!(!error.to_string().contains("王敏"));
    }
}
