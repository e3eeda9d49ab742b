//! Tables, wrapped texts, times: how things stand on a terminal where a Chinese character is two columns wide.

use doorstep_core::time::Timestamp;
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use crate::words::say;

/// Columns of a terminal that doesn't say how wide it is.
const WIDTH: usize = 100;
/// Columns of the widest cell; what is longer is cut, `--json` has all of it.
const CELL_MAX: usize = 44;

/// Rows under headings, in columns as wide as their widest cell.
pub(super) struct Table {
    rows: Vec<Vec<String>>,
    cell: usize,
}

impl Table {
    /// With these headings.
    pub(super) fn new(heads: &[&str]) -> Self {
        Self { rows: vec![heads.iter().map(|head| (*head).to_owned()).collect()], cell: CELL_MAX }
    }

    /// With nothing cut, for sentences.
    pub(super) const fn whole(mut self) -> Self {
        self.cell = usize::MAX;
        self
    }

    /// One row more.
    pub(super) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().map(|cell| cut(&one_line(&cell), self.cell)).collect());
    }

    /// Its lines.
    pub(super) fn lines(&self) -> Vec<String> {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        // The first row holds the headings: a column with nothing below its heading is left out.
        let filled = |column: &usize| self.rows.iter().skip(1).any(|row| row.get(*column).is_some_and(|cell| !cell.is_empty()));
        let shown: Vec<usize> = (0..columns).filter(filled).collect();
        let width = |column: usize| self.rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.width()).max();
        let line = |row: &Vec<String>| {
            let mut line = String::new();
            for column in &shown {
                let cell = row.get(*column).map_or("", String::as_str);
                line.push_str(cell);
                line.push_str(&" ".repeat(width(*column).unwrap_or(0).saturating_sub(cell.width()) + 2));
            }
            line.trim_end().to_owned()
        };
        self.rows.iter().map(line).collect()
    }

    /// Prints it.
    pub(super) fn print(&self) {
        for line in self.lines() {
            say!("{line}");
        }
    }
}

/// A text with its line breaks as blanks.
pub(super) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// At most so many columns of it.
pub(super) fn cut(text: &str, columns: usize) -> String {
    if text.width() <= columns {
        return text.to_owned();
    }
    let mut short = String::new();
    for character in text.chars() {
        if short.width() + character.width().unwrap_or(0) + 1 > columns {
            break;
        }
        short.push(character);
    }
    short + "…"
}

/// Prints a text in lines that fit the terminal, the first behind `first`, the others below its text.
pub(super) fn paragraph(first: &str, text: &str) {
    for line in wrapped_to(first, text, width()) {
        say!("{line}");
    }
}

fn wrapped_to(first: &str, text: &str, columns: usize) -> Vec<String> {
    let indent = first.width();
    let room = columns.saturating_sub(indent).max(20);
    let mut lines = Vec::new();
    for paragraph in text.trim().lines() {
        let mut line = String::new();
        for word in words(paragraph) {
            if !line.is_empty() && line.width() + word.trim_end().width() > room {
                lines.push(std::mem::take(&mut line).trim_end().to_owned());
            }
            line.push_str(word);
        }
        lines.push(line.trim_end().to_owned());
    }
    let blank = " ".repeat(indent);
    let lead = |at: usize| if at == 0 { first } else { &blank };
    lines.iter().enumerate().map(|(at, line)| format!("{}{line}", lead(at)).trim_end().to_owned()).collect()
}

/// Where a line may break: behind blanks, and behind every character that is two columns wide.
fn words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut start = 0;
    for (at, character) in text.char_indices() {
        let end = at + character.len_utf8();
        let next = text.get(end..).and_then(|rest| rest.chars().next());
        // A full stop never begins a line.
        let stop = next.is_some_and(|next| "，。、；：！？）”」,.;:!?)".contains(next));
        if (character == ' ' || character.width() == Some(2)) && !stop {
            words.extend(text.get(start..end));
            start = end;
        }
    }
    words.extend(text.get(start..).filter(|rest| !rest.is_empty()));
    words
}

fn width() -> usize {
    let told = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    told.filter(|columns| (40..=400).contains(columns)).unwrap_or(WIDTH)
}

/// A moment for people: `2026-05-08 14:30`, China time.
pub(super) fn minute(at: Timestamp) -> String {
    let (hour, minute) = at.clock();
    format!("{} {hour:02}:{minute:02}", at.date())
}

/// A moment for programs: RFC 3339 with China's offset, to the second.
pub(super) fn rfc3339(at: Timestamp) -> String {
    let (hour, minute) = at.clock();
    let second = at.0.rem_euclid(60_000) / 1_000;
    format!("{}T{hour:02}:{minute:02}:{second:02}+08:00", at.date())
}

/// A record for programs.
pub(super) fn json<T: serde::Serialize + ?Sized>(record: &T) {
    // Records of ours always can be written; a `null` would be noticed.
    say!("{}", serde_json::to_string_pretty(record).unwrap_or_else(|_| "null".into()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_under_each_other_whatever_the_script() {
        let mut table = Table::new(&["编号", "题", "空"]);
        table.row(["a".into(), "停水".into(), String::new()]);
        table.row(["bcd".into(), "x".into(), String::new()]);
        assert_eq!(table.lines(), ["编号  题", "a     停水", "bcd   x"]);
    }

    #[test]
    fn what_is_too_long_is_cut_at_a_character() {
        assert_eq!(cut("私装阀门致邻居停水", 9), "私装阀门…");
        assert_eq!(cut("abc", 3), "abc");
    }

    #[test]
    fn a_text_is_wrapped_under_its_beginning() {
        let lines = wrapped_to("事实：", "住户自行加装阀门，楼上住户断水，物业确认。", 26);
        assert_eq!(lines, ["事实：住户自行加装阀门，楼", "      上住户断水，物业确", "      认。"]);
        assert_eq!(wrapped_to("- ", "one two three four five six", 22), ["- one two three four", "  five six"]);
        assert_eq!(wrapped_to("", "a\n\nb", 40), ["a", "", "b"]);
    }

    #[test]
    fn programs_get_a_moment_with_its_offset() {
        assert_eq!(rfc3339(Timestamp(0)), "1970-01-01T08:00:00+08:00");
    }
}
