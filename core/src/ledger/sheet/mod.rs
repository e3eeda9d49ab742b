//! Sheets: lines in, a file's bytes out, at once. No writer keeps a line, so a ledger of any length takes the same memory.
//!
//! The writers know columns and values and nothing of cases. [`guard`] is what keeps a citizen's words from running as a
//! formula in a clerk's spreadsheet.

mod csv;
pub mod guard;
mod json;
mod xlsx;
mod xml;
mod zip;

use std::io::{self, Write};

pub use xlsx::ROWS_MAX;

use super::field::{Kind, Value};
use crate::words::Lang;

/// A file's format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// Office Open XML workbook.
    Xlsx,
    /// Comma-separated values, UTF-8 with a byte order mark, as Excel in China opens it.
    Csv,
    /// An array of objects, for programs.
    Json,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Xlsx, Self::Csv, Self::Json];

    /// Its stable name, which is also the ending of a file's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Xlsx => "xlsx",
            Self::Csv => "csv",
            Self::Json => "json",
        }
    }

    /// The format with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name)
    }

    /// Its media type.
    pub const fn media(self) -> &'static str {
        match self {
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Csv => "text/csv; charset=utf-8",
            Self::Json => "application/json",
        }
    }
}

/// A column, ready to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// The field's stable name.
    pub field: &'static str,
    /// The heading.
    pub title: String,
    /// What its values are.
    pub kind: Kind,
    /// How wide: characters of Latin script.
    pub width: u16,
}

/// What stands above the lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The sheet's short name.
    pub name: String,
    /// The line above the headings.
    pub headline: String,
    /// The columns.
    pub columns: Vec<Column>,
    /// The language.
    pub lang: Lang,
}

/// Something that takes lines. A file is whole only once [`Sheet::finish`] has returned.
pub trait Sheet {
    /// Writes a line: a value a column. `unreadable`: it stands for something that could not be read, which a program that
    /// reads the file is told in the format's own way.
    fn line(&mut self, cells: &[Value], unreadable: bool) -> io::Result<()>;

    /// Writes what comes behind the lines.
    fn finish(&mut self) -> io::Result<()>;
}

/// A sheet in this format.
pub fn begin<'a>(format: Format, head: &'a Head, to: &'a mut dyn Write) -> io::Result<Box<dyn Sheet + 'a>> {
    Ok(match format {
        Format::Xlsx => Box::new(xlsx::Xlsx::begin(head, to)?),
        Format::Csv => Box::new(csv::Csv::begin(head, to)?),
        Format::Json => Box::new(json::Json::begin(head, to)?),
    })
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Three columns: words, a number, a day.
    pub(super) fn head() -> Head {
        let column = |field, title: &str, kind| Column { field, title: title.into(), kind, width: 12 };
        Head {
            name: "事项台账".into(),
            headline: "某街道 事项台账".into(),
            columns: vec![
                column("title", "事项", Kind::Text),
                column("days_to_done", "天数", Kind::Number),
                column("reported_on", "日期", Kind::Date),
            ],
            lang: Lang::Zh,
        }
    }

    /// A file with these lines.
    pub(super) fn written(format: Format, head: &Head, lines: &[Vec<Value>]) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut sheet = begin(format, head, &mut bytes).unwrap();
        for line in lines {
            sheet.line(line, false).unwrap();
        }
        sheet.finish().unwrap();
        drop(sheet);
        bytes
    }

    /// Takes so many bytes, then no more.
    struct Small(usize);

    impl Write for Small {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            if bytes.len() > self.0 {
                return Err(io::ErrorKind::StorageFull.into());
            }
            self.0 -= bytes.len();
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_disk_that_fills_is_an_error_in_every_format_wherever_it_happens() {
        let lines = vec![vec![Value::Text("三楼漏水".into()), Value::Number(3), Value::Empty]; 40];
        for format in Format::ALL {
            let whole = written(format, &head(), &lines).len();
            for room in (0..whole).step_by(7) {
                let mut disk = Small(room);
                let head = head();
                let failed = (|| {
                    let mut sheet = begin(format, &head, &mut disk)?;
                    lines.iter().try_for_each(|line| sheet.line(line, false))?;
                    sheet.finish()
                })();
                assert_eq!(failed.unwrap_err().kind(), io::ErrorKind::StorageFull, "{format:?} {room} of {whole}");
            }
        }
    }

    #[test]
    fn the_same_lines_give_the_same_bytes() {
        let lines = [vec![Value::Text("三楼漏水".into()), Value::Number(3), Value::Empty]];
        for format in Format::ALL {
            assert_eq!(written(format, &head(), &lines), written(format, &head(), &lines));
        }
    }
}
