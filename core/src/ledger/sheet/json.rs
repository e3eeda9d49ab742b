//! JSON: an array with an object a line, keyed by the fields' stable names; terms by their codes, ids whole, sums in yuan.
//!
//! For programs. What people wrote stands as they wrote it. A line for a document that could not be read has
//! `"unreadable": true` besides.

use std::io::{self, Write};

use super::{Head, Sheet};
use crate::ledger::field::{Value, yuan};

pub(super) struct Json<'a> {
    to: &'a mut dyn Write,
    keys: Vec<String>,
    object: String,
    first: bool,
}

impl<'a> Json<'a> {
    pub(super) fn begin(head: &Head, to: &'a mut dyn Write) -> io::Result<Self> {
        let key = |name: &str| {
            let mut key = String::new();
            string(&mut key, name);
            key
        };
        let keys = head.columns.iter().map(|column| key(column.field)).collect();
        to.write_all(b"[")?;
        Ok(Self { to, keys, object: String::new(), first: true })
    }
}

impl Sheet for Json<'_> {
    fn line(&mut self, cells: &[Value], unreadable: bool) -> io::Result<()> {
        let object = &mut self.object;
        object.push_str(if self.first { "\n{" } else { ",\n{" });
        self.first = false;
        for (at, (key, cell)) in self.keys.iter().zip(cells).enumerate() {
            if at > 0 {
                object.push_str(", ");
            }
            object.push_str(key);
            object.push_str(": ");
            value(object, cell);
        }
        if unreadable {
            object.push_str(if cells.is_empty() { "\"unreadable\": true" } else { ", \"unreadable\": true" });
        }
        object.push('}');
        self.to.write_all(object.as_bytes())?;
        object.clear();
        Ok(())
    }

    fn finish(&mut self) -> io::Result<()> {
        self.to.write_all(b"\n]\n")?;
        self.to.flush()
    }
}

fn value(out: &mut String, value: &Value) {
    match value {
        Value::Empty => out.push_str("null"),
        Value::Text(text) => string(out, text),
        Value::Term(term) => string(out, term.code),
        Value::Terms(terms) => {
            out.push('[');
            for (at, term) in terms.iter().enumerate() {
                if at > 0 {
                    out.push_str(", ");
                }
                string(out, term.code);
            }
            out.push(']');
        }
        Value::Doc(doc) => string(out, &doc.to_string()),
        Value::Date(date) => string(out, &date.to_string()),
        Value::Month(year, month) => string(out, &format!("{year:04}-{month:02}")),
        Value::Number(number) => out.push_str(&number.to_string()),
        Value::Fen(fen) => out.push_str(&yuan(*fen)),
        Value::Flag(flag) => out.push_str(if *flag { "true" } else { "false" }),
    }
}

/// A JSON string (RFC 8259, section 7).
fn string(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() => {
                out.push_str("\\u");
                for shift in [12, 8, 4, 0] {
                    out.push(char::from_digit((u32::from(c) >> shift) & 15, 16).unwrap_or('0'));
                }
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::super::tests::{head, written};
    use super::super::{Format, guard};
    use super::*;
    use crate::ledger::field::Term;

    fn json(lines: &[Vec<Value>]) -> serde_json::Value {
        serde_json::from_slice(&written(Format::Json, &head(), lines)).unwrap()
    }

    #[test]
    fn a_ledger_without_lines_is_an_empty_array() {
        assert_eq!(json(&[]), serde_json::json!([]));
    }

    #[test]
    fn values_stand_under_stable_names_as_what_they_are() {
        let term = Term { code: "in_person", words: "来人" };
        let lines = [vec![Value::Terms(vec![term, term]), Value::Fen(120_005), Value::Flag(true)], vec![Value::Empty; 3]];
        let expected = serde_json::json!([
            {"title": ["in_person", "in_person"], "days_to_done": 1200.05, "reported_on": true},
            {"title": null, "days_to_done": null, "reported_on": null},
        ]);
        assert_eq!(json(&lines), expected);
    }

    #[test]
    fn whatever_people_write_reads_back_as_they_wrote_it() {
        let odd = ["\u{0}\u{1f}\u{7f}\u{85}\u{2028}\u{ffff}", "\"\\/\r\n\t", "𠮷😀"];
        for text in guard::tests::RUNS.into_iter().chain(odd) {
            assert_eq!(json(&[vec![Value::Text(text.into())]])[0]["title"], text);
        }
    }
}
