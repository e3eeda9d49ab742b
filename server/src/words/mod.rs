//! Chinese or English: what a terminal says, chosen by `--lang` or the locale.
//!
//! A sentence is [`Said`] in both languages; `help.rs` gives `--help` in one of them, `usage.rs` says what is wrong with a
//! line that was typed.

mod help;
mod usage;

use std::borrow::Cow;
use std::fmt;
use std::io::Write as _;

pub use doorstep_core::words::Lang;
pub use help::{halves, in_one_language};
pub use usage::wrong_line;

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
    code: Option<Cow<'static, str>>,
    usage: bool,
    zh: String,
    en: String,
}

impl Said {
    /// Both.
    pub fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { code: None, usage: false, zh: zh.into(), en: en.into() }
    }

    /// An error with a stable code, by which programs tell it from others.
    pub fn coded(code: impl Into<Cow<'static, str>>, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { code: Some(code.into()), ..Self::new(zh, en) }
    }

    /// The line that was typed makes no sense: nothing was tried.
    pub fn usage(code: &'static str, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { usage: true, ..Self::coded(code, zh, en) }
    }

    /// With this sentence behind it.
    #[must_use]
    pub fn and(mut self, zh: &str, en: &str) -> Self {
        self.zh.push_str(zh);
        self.en.push(' ');
        self.en.push_str(en);
        self
    }

    /// The one that fits.
    pub fn text(&self, lang: Lang) -> &str {
        lang.pick(&self.zh, &self.en)
    }

    /// Its stable code; `failed` where it has none of its own.
    pub fn code(&self) -> &str {
        self.code.as_deref().unwrap_or("failed")
    }

    /// The program's exit code for it: 2 for a line that makes no sense, 1 for everything else.
    pub const fn exit_code(&self) -> u8 {
        if self.usage { 2 } else { 1 }
    }

    /// The whole line on standard error: for people, or as JSON for programs.
    pub fn line(&self, lang: Lang, json: bool) -> String {
        if json {
            return serde_json::json!({ "error": { "code": self.code(), "sentence": self.text(lang) } }).to_string();
        }
        let code = self.code.as_ref().map(|code| format!(" [{code}]")).unwrap_or_default();
        match lang {
            Lang::Zh => format!("错误{code}：{}", self.zh),
            Lang::En => format!("error{code}: {}", self.en),
        }
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

    #[test]
    fn an_error_is_a_line_for_people_or_a_record_for_programs() {
        let said = Said::coded("no_draft", "还没有草稿。", "there is no draft.");
        assert_eq!(said.line(Lang::Zh, false), "错误 [no_draft]：还没有草稿。");
        assert_eq!(said.line(Lang::En, false), "error [no_draft]: there is no draft.");
        assert_eq!(said.line(Lang::En, true), r#"{"error":{"code":"no_draft","sentence":"there is no draft."}}"#);
        assert_eq!((said.exit_code(), Said::usage("x", "", "").exit_code()), (1, 2));
        assert_eq!(Said::new("坏了", "broken").line(Lang::Zh, false), "错误：坏了");
    }
}
