//! Words: everything the system says to people, in Chinese and English, in one place.
//!
//! Rules and servers speak in codes; screens, terminals and printed lines get their words here. The Chinese is the
//! interface's, the English its translation. Nothing here decides anything. A test walks every code and finds its words.

mod codes;
mod commands;
mod day;
mod household;
mod ledger;
mod limits;
mod line;
mod packets;
mod refusals;
mod search;

pub use codes::{
    asked, channel, dispute, door, element, event_kind, field, form, grade, ground, org_kind, role, stage, standing_name,
};
pub use commands::command;
pub use day::{section, section_empty};
pub use household::{household_line, household_stage, leaving, striking};
pub use ledger::{
    agreement_form, agreement_on_paper, commitment_status, cut_mark, ledger_field, ledger_headline, ledger_title, no_category,
    not_asked, not_counted, partly_unreadable_mark, unreadable_mark, yes_no,
};
pub use limits::{calendar_note, days_left, number, policy_field, wait};
pub use line::{case_line, visit_line};
pub use packets::{doc_kind, packet_command, packet_field, packet_heading, packet_label, packet_term};
pub use refusals::{code_sentence, device_sentence, refusal_sentence, set_aside_sentence};
pub use search::{alike_reason, found_sentence, search_field};

/// A language of the interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Lang {
    /// 简体中文.
    #[default]
    Zh,
    /// English.
    En,
}

impl Lang {
    /// The language of a POSIX locale (`zh_CN.UTF-8`) or a BCP 47 tag (`zh-Hans-CN`): Chinese for `zh`, else English.
    pub fn of_locale(locale: &str) -> Self {
        if locale.get(..2).is_some_and(|start| start.eq_ignore_ascii_case("zh")) { Self::Zh } else { Self::En }
    }

    /// The one of two texts in this language.
    pub const fn pick<'a>(self, zh: &'a str, en: &'a str) -> &'a str {
        match self {
            Self::Zh => zh,
            Self::En => en,
        }
    }
}

/// A day as the language writes it: `2026年5月8日`, `8 May 2026`.
pub fn date(date: crate::time::Date, lang: Lang) -> String {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let (y, m, d) = date.ymd();
    let month = usize::try_from(m).ok().and_then(|m| MONTHS.get(m.checked_sub(1)?)).copied().unwrap_or_default();
    match lang {
        Lang::Zh => format!("{y}年{m}月{d}日"),
        Lang::En => format!("{d} {month} {y}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_locale_is_chinese_or_english() {
        assert_eq!(Lang::of_locale("zh_CN.UTF-8"), Lang::Zh);
        assert_eq!(Lang::of_locale("ZH-Hans"), Lang::Zh);
        assert_eq!(Lang::of_locale("C.UTF-8"), Lang::En);
        assert_eq!(Lang::of_locale(""), Lang::En);
    }

    #[test]
    fn dates_are_written_as_each_language_writes_them() {
        let day = crate::time::Date::from_ymd(2026, 5, 8).unwrap();
        assert_eq!(date(day, Lang::Zh), "2026年5月8日");
        assert_eq!(date(day, Lang::En), "8 May 2026");
    }
}
