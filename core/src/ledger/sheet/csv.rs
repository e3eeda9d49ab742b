//! CSV as RFC 4180 says and Excel in China opens it: UTF-8 with a byte order mark, CRLF, quotes where they are needed.
//!
//! One row of headings, no title above it: programs read this too.

use std::borrow::Cow;
use std::io::{self, Write};

use super::guard::{could_run, fitting, visible, would_change};
use super::{Head, Sheet};
use crate::ledger::field::Value;
use crate::words::Lang;

/// Tells Excel that the bytes are UTF-8 and not the system's own encoding.
const BYTE_ORDER_MARK: &str = "\u{feff}";

pub(super) struct Csv<'a> {
    to: &'a mut dyn Write,
    lang: Lang,
    row: String,
}

impl<'a> Csv<'a> {
    pub(super) fn begin(head: &Head, to: &'a mut dyn Write) -> io::Result<Self> {
        let mut csv = Self { to, lang: head.lang, row: BYTE_ORDER_MARK.into() };
        for (at, column) in head.columns.iter().enumerate() {
            csv.text(at, &column.title);
        }
        csv.end_row()?;
        Ok(csv)
    }

    fn separate(&mut self, at: usize) {
        if at > 0 {
            self.row.push(',');
        }
    }

    /// What people wrote.
    fn text(&mut self, at: usize, text: &str) {
        self.separate(at);
        // Looked at before anything is made visible or cut: what is trimmed by a spreadsheet may be gone afterwards.
        let guarded = could_run(text) || would_change(text);
        let shown = visible(text);
        let shown = fitting(if guarded { Cow::Owned(format!("'{shown}")) } else { shown }, self.lang);
        let plain = |c: char| !matches!(c, ',' | '"' | '\n' | '\t');
        if shown.chars().all(plain) && !shown.starts_with(' ') && !shown.ends_with(' ') {
            self.row.push_str(&shown);
        } else {
            self.row.push('"');
            self.row.push_str(&shown.replace('"', "\"\""));
            self.row.push('"');
        }
    }

    fn end_row(&mut self) -> io::Result<()> {
        self.row.push_str("\r\n");
        self.to.write_all(self.row.as_bytes())?;
        self.row.clear();
        Ok(())
    }
}

impl Sheet for Csv<'_> {
    fn line(&mut self, cells: &[Value], _unreadable: bool) -> io::Result<()> {
        for (at, value) in cells.iter().enumerate() {
            match value {
                // Written by us: digits, hyphens, a point.
                Value::Date(_) | Value::Month(..) | Value::Number(_) | Value::Fen(_) | Value::Empty => {
                    self.separate(at);
                    self.row.push_str(&value.shown(self.lang));
                }
                Value::Text(text) => self.text(at, text),
                _ => self.text(at, &value.shown(self.lang)),
            }
        }
        self.end_row()
    }

    fn finish(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{head, written};
    use super::super::{Format, guard};
    use super::*;
    use crate::time::Date;

    fn csv(lines: &[Vec<Value>]) -> String {
        String::from_utf8(written(Format::Csv, &head(), lines)).unwrap()
    }

    #[test]
    fn the_file_begins_with_a_byte_order_mark_and_every_row_ends_with_crlf() {
        let text = csv(&[vec![Value::Text("张某".into()), Value::Number(-3), Value::Date(Date::from_days(20_000))]]);
        assert_eq!(text.as_bytes()[..3], [0xef, 0xbb, 0xbf]);
        assert_eq!(text, "\u{feff}事项,天数,日期\r\n张某,-3,2024-10-04\r\n");
    }

    #[test]
    fn quotes_stand_where_a_text_needs_them() {
        for (text, cell) in [
            ("三,四", "\"三,四\""),
            ("他说\"好\"", "\"他说\"\"好\"\"\""),
            ("一\r\n二", "\"一\n二\""),
            (" 空格", "\" 空格\""),
            ("平常", "平常"),
        ] {
            assert_eq!(csv(&[vec![Value::Text(text.into())]]).lines().skip(1).collect::<Vec<_>>().join("\n"), cell);
        }
    }

    #[test]
    fn what_could_run_gets_an_apostrophe_and_what_we_write_ourselves_does_not() {
        for text in guard::tests::RUNS.into_iter().chain(["09318888888", "12345678901234567890"]) {
            let file = csv(&[vec![Value::Text(text.into()), Value::Number(-3), Value::Fen(120_050)]]);
            let row = file.split_once("\r\n").unwrap().1;
            assert!(row.starts_with('\'') || row.starts_with("\"'"), "{text:?}: {row:?}");
            assert!(row.ends_with(",-3,1200.50\r\n"), "{row:?}");
        }
    }

    #[test]
    fn an_offices_own_heading_cannot_run_either() {
        let mut head = head();
        head.columns[0].title = "=1+1".into();
        let file = String::from_utf8(written(Format::Csv, &head, &[])).unwrap();
        assert!(file.starts_with("\u{feff}'=1+1,"));
    }
}
