//! Chinese or English: what a terminal says, chosen by `--lang` or the locale.

use std::fmt;
use std::io::Write as _;

/// The language of a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Lang {
    /// 中文.
    Zh,
    /// English.
    En,
}

impl Lang {
    /// The locale's: Chinese where it says so, English otherwise.
    pub fn of_locale() -> Self {
        // POSIX: the first of these that is set decides.
        let set = ["LC_ALL", "LC_MESSAGES", "LANG"].iter().filter_map(|name| std::env::var(name).ok()).find(|v| !v.is_empty());
        Self::of(set.as_deref().unwrap_or_default())
    }

    fn of(locale: &str) -> Self {
        if locale.starts_with("zh") { Self::Zh } else { Self::En }
    }

    /// The one of the two that fits.
    pub const fn pick<'a>(self, zh: &'a str, en: &'a str) -> &'a str {
        match self {
            Self::Zh => zh,
            Self::En => en,
        }
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
    fn a_chinese_locale_speaks_chinese() {
        assert_eq!(Lang::of("zh_CN.UTF-8"), Lang::Zh);
        assert_eq!(Lang::of("en_GB.UTF-8"), Lang::En);
        assert_eq!(Lang::of("C"), Lang::En);
    }
}
