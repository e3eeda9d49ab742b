//! Chinese or English: what a terminal says, chosen by `--lang` or the locale.

use std::fmt;
use std::io::Write as _;

pub use doorstep_core::words::Lang;

/// The locale's language: Chinese where it says so, English otherwise.
pub fn of_locale() -> Lang {
    // POSIX: the first of these that is set decides.
    let set = ["LC_ALL", "LC_MESSAGES", "LANG"].iter().filter_map(|name| std::env::var(name).ok()).find(|v| !v.is_empty());
    Lang::of_locale(set.as_deref().unwrap_or_default())
}

/// `--lang zh` or `--lang en`.
pub fn parse(text: &str) -> Result<Lang, String> {
    match text {
        "zh" => Ok(Lang::Zh),
        "en" => Ok(Lang::En),
        _ => Err("zh, en".into()),
    }
}

/// A line on standard output. Who stops reading (`| head`) gets no more, and no complaint.
macro_rules! say {
    ($($line:tt)*) => { $crate::words::line(format_args!($($line)*)) };
}
pub(crate) use say;

/// See [`say`].
pub(crate) fn line(text: fmt::Arguments<'_>) {
    let _ = writeln!(std::io::stdout().lock(), "{text}");
}

/// A sentence in both languages; as an error, it says what the person at the terminal can do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    zh: String,
    en: String,
}

impl Said {
    /// Both.
    pub fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { zh: zh.into(), en: en.into() }
    }

    /// The one that fits.
    pub fn text(&self, lang: Lang) -> &str {
        lang.pick(&self.zh, &self.en)
    }
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} / {}", self.zh, self.en)
    }
}

impl std::error::Error for Said {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_two_languages_are_spoken() {
        assert_eq!((parse("zh"), parse("en")), (Ok(Lang::Zh), Ok(Lang::En)));
        assert!(parse("fr").is_err());
    }
}
