//! What a kept command holds, read as it stands: names and values, whatever version wrote them. Knows no command's meaning.

use minicbor::Decoder;
use minicbor::data::Type;

/// Deepest nesting that is read; commands nest four deep.
const DEPTH_MAX: usize = 12;
/// Most values of one command: far above a report with every field.
const VALUES_MAX: usize = 4_000;

/// A value out of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// None was given.
    Nothing,
    /// Yes or no.
    Flag(bool),
    /// A number.
    Number(i64),
    /// A text, a code or a day.
    Text(String),
    /// Bytes: an id or a digest.
    Bytes(Vec<u8>),
    /// Several.
    List(Vec<Self>),
    /// Fields with their names.
    Fields(Vec<(String, Self)>),
}

/// The command's name and fields. None: it can't be read.
pub(super) fn command(bytes: &[u8]) -> Option<(String, Vec<(String, Value)>)> {
    let mut left = VALUES_MAX;
    let Value::Fields(outer) = read(&mut Decoder::new(bytes), 0, &mut left)? else { return None };
    // Which kind of record it is for, and behind it the command, whose name stands in it as `do`.
    let (_, Value::Fields(fields)) = outer.into_iter().next()? else { return None };
    let name = find(&fields, "do")?;
    Some((name, fields.into_iter().filter(|(key, _)| key != "do").collect()))
}

/// The first text under this name, at any depth.
pub(super) fn find(fields: &[(String, Value)], name: &str) -> Option<String> {
    fields.iter().find_map(|(key, value)| match value {
        Value::Text(text) if key == name => Some(text.clone()),
        Value::Fields(inner) => find(inner, name),
        _ => None,
    })
}

fn read(decoder: &mut Decoder<'_>, depth: usize, left: &mut usize) -> Option<Value> {
    *left = left.checked_sub(1)?;
    if depth > DEPTH_MAX {
        return None;
    }
    Some(match decoder.datatype().ok()? {
        Type::Null | Type::Undefined => {
            decoder.skip().ok()?;
            Value::Nothing
        }
        Type::Bool => Value::Flag(decoder.bool().ok()?),
        Type::U8 | Type::U16 | Type::U32 | Type::U64 | Type::I8 | Type::I16 | Type::I32 | Type::I64 | Type::Int => {
            Value::Number(i64::try_from(i128::from(decoder.int().ok()?)).ok()?)
        }
        Type::String => Value::Text(decoder.str().ok()?.to_owned()),
        Type::StringIndef => Value::Text(decoder.str_iter().ok()?.collect::<Result<String, _>>().ok()?),
        Type::Bytes => Value::Bytes(decoder.bytes().ok()?.to_vec()),
        Type::Array | Type::ArrayIndef => {
            let mut list = Vec::new();
            let mut counted = decoder.array().ok()?;
            while more(decoder, &mut counted)? {
                list.push(read(decoder, depth + 1, left)?);
            }
            Value::List(list)
        }
        Type::Map | Type::MapIndef => {
            let mut fields = Vec::new();
            let mut counted = decoder.map().ok()?;
            while more(decoder, &mut counted)? {
                fields.push((decoder.str().ok()?.to_owned(), read(decoder, depth + 1, left)?));
            }
            Value::Fields(fields)
        }
        _ => return None,
    })
}

/// Whether another element follows; the end of one without a count is eaten.
fn more(decoder: &mut Decoder<'_>, counted: &mut Option<u64>) -> Option<bool> {
    match counted {
        Some(0) => Some(false),
        Some(n) => {
            *n -= 1;
            Some(true)
        }
        None if decoder.datatype().ok()? == Type::Break => {
            decoder.skip().ok()?;
            Some(false)
        }
        None => Some(true),
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::work::Kept;
    use super::*;
    use crate::case::{Command, Elements, Form};

    #[test]
    fn a_kept_command_reads_back_by_name_and_field() {
        let kept = Kept::Case(Command::OpenConsultation {
            form: Form::OnSite,
            elements: Elements { what: "恢复供水".into(), ..Elements::default() },
        });
        let (name, fields) = command(&minicbor_serde::to_vec(&kept).unwrap()).unwrap();
        assert_eq!(name, "open_consultation");
        assert_eq!(find(&fields, "form").as_deref(), Some("on_site"));
        assert_eq!(find(&fields, "what").as_deref(), Some("恢复供水"));
        let text = Kept::Case(Command::Note { text: "备注".into() });
        assert_eq!(command(&minicbor_serde::to_vec(&text).unwrap()).unwrap().1, [("text".into(), Value::Text("备注".into()))]);
    }

    #[test]
    fn garbage_and_depth_are_no_command_and_no_panic() {
        for first in 0..=255u8 {
            assert_eq!(command(&[first; 64]), None, "{first}");
        }
        assert_eq!(command(&[]), None);
    }
}
