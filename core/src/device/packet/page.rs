//! A packet on paper: plain text in both languages, or JSON. Pure; every word of it comes from `words`.

use std::fmt::Write as _;

use super::{Packet, Value};
use crate::words::{self, Lang};

/// As plain text.
pub(super) fn text(packet: &Packet) -> String {
    let mut out = format!("{}\n{}\n\n", words::packet_heading(Lang::Zh), words::packet_heading(Lang::En));
    let mut line = |label: &str, value: &str| {
        if !value.is_empty() {
            let _ =
                writeln!(out, "{} / {}: {value}", words::packet_label(label, Lang::Zh), words::packet_label(label, Lang::En));
        }
    };
    let both = |zh: String, en: String| if zh == en { zh } else { format!("{zh} / {en}") };
    line("packet", &packet.name);
    if let Some(doc) = packet.doc {
        let kind = packet.kind.map(|kind| both(words::doc_kind(kind, Lang::Zh).into(), words::doc_kind(kind, Lang::En).into()));
        line("record", &format!("{} {doc}", kind.unwrap_or_default()));
    }
    line("title", &packet.title);
    line("person", packet.person.as_ref().map(crate::id::PersonId::as_str).unwrap_or_default());
    if let Some(at) = packet.at {
        let (hour, minute) = at.clock();
        line("when", &format!("{} {hour:02}:{minute:02}", at.date()));
    }
    line("wanted", &both(packet.wanted(Lang::Zh), packet.wanted(Lang::En)));
    line("why", &format!("{} [{}]", both(packet.why(Lang::Zh), packet.why(Lang::En)), packet.code));
    if !packet.fields.is_empty() {
        line("content", " ");
        fields(&mut out, &packet.fields, 1);
    }
    out
}

fn fields(out: &mut String, all: &[(String, Value)], depth: usize) {
    for (key, value) in all {
        let (zh, en) = (words::packet_field(key, Lang::Zh), words::packet_field(key, Lang::En));
        let label = if zh == en { zh.to_owned() } else { format!("{zh} / {en}") };
        put(out, &label, key, value, depth);
    }
}

fn put(out: &mut String, label: &str, key: &str, value: &Value, depth: usize) {
    let indent = "  ".repeat(depth);
    let mut line = |text: &str| {
        let _ = writeln!(out, "{indent}{label}: {text}");
    };
    match value {
        Value::Nothing => {}
        Value::Flag(flag) => line(if *flag { "✓" } else { "✗" }),
        Value::Number(number) => line(&number.to_string()),
        Value::Text(text) if text.is_empty() => {}
        Value::Text(text) => match (words::packet_term(key, text, Lang::Zh), words::packet_term(key, text, Lang::En)) {
            (Some(zh), Some(en)) => line(&format!("{zh} / {en}")),
            // A text of several lines stands under its label, each line of it behind the same indent.
            _ => line(&text.lines().collect::<Vec<_>>().join(&format!("\n{indent}  "))),
        },
        Value::Bytes(bytes) => line(&hex(bytes)),
        Value::List(list) => {
            for one in list {
                put(out, label, key, one, depth);
            }
        }
        Value::Fields(inner) => {
            line("");
            fields(out, inner, depth + 1);
        }
    }
}

/// As JSON.
pub(super) fn json(packet: &Packet) -> String {
    let mut out = String::from("{\n");
    let mut field = |name: &str, value: &str| {
        if out.len() > 2 {
            out.push_str(",\n");
        }
        out.push_str("  ");
        string(&mut out, name);
        out.push_str(": ");
        out.push_str(value);
    };
    field("packet", &quoted(&packet.name));
    field("doc", &packet.doc.map_or_else(|| "null".into(), |doc| quoted(&doc.to_string())));
    field("kind", &packet.kind.map_or_else(|| "null".into(), |kind| quoted(kind.name())));
    field("title", &quoted(&packet.title));
    field("person", &packet.person.as_ref().map_or_else(|| "null".into(), |person| quoted(person.as_str())));
    field("at", &packet.at.map_or_else(|| "null".into(), |at| at.0.to_string()));
    field("code", &quoted(&packet.code));
    let about: Vec<String> = packet.about.iter().map(|one| quoted(one)).collect();
    field("about", &format!("[{}]", about.join(", ")));
    let zh_en = |zh: &str, en: &str| format!("{{\"zh\": {}, \"en\": {}}}", quoted(zh), quoted(en));
    field("why", &zh_en(&packet.why(Lang::Zh), &packet.why(Lang::En)));
    field("wanted", &zh_en(&packet.wanted(Lang::Zh), &packet.wanted(Lang::En)));
    field("command", &quoted(&packet.command));
    field("fields", &object(&packet.fields));
    field("command_cbor", &quoted(&hex(&packet.command_bytes)));
    field("change", &quoted(&hex(&packet.change)));
    out.push_str("\n}\n");
    out
}

fn object(fields: &[(String, Value)]) -> String {
    let all: Vec<String> = fields.iter().map(|(key, one)| format!("{}: {}", quoted(key), value(one))).collect();
    format!("{{{}}}", all.join(", "))
}

fn value(one: &Value) -> String {
    match one {
        Value::Nothing => "null".into(),
        Value::Flag(flag) => flag.to_string(),
        Value::Number(number) => number.to_string(),
        Value::Text(text) => quoted(text),
        Value::Bytes(bytes) => quoted(&hex(bytes)),
        Value::List(list) => format!("[{}]", list.iter().map(value).collect::<Vec<_>>().join(", ")),
        Value::Fields(fields) => object(fields),
    }
}

fn hex(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(bytes)
}

fn quoted(text: &str) -> String {
    let mut out = String::new();
    string(&mut out, text);
    out
}

fn string(out: &mut String, text: &str) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            control if u32::from(control) < 0x20 => {
                let _ = write!(out, "\\u{:04x}", u32::from(control));
            }
            other => out.push(other),
        }
    }
    out.push('"');
}
