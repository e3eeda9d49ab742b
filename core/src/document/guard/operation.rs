//! The operations of a change, read from their columns.
//!
//! All columns must be there for each operation, or not at all, and the values must be as long as their kinds say. What is
//! of no use to us is named as such and not kept.

use super::chunk::list;
use super::{GuardError, OPERATIONS_MAX};
use crate::document::column::{Reader, booleans, deltas, numbers, runs};

/// Bit of a column's name that says it is deflated.
pub(in crate::document) const DEFLATED: u64 = 0b1000;

/// An operation's id: its number, and the place of its author in [`Header::actors`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct OpRef {
    pub(super) counter: u64,
    pub(super) actor: usize,
}

/// What an operation is about within its object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Key {
    Property(String),
    Start,
    Element(OpRef),
}

/// What an operation does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    Put,
    Delete,
    MakeList,
    MakeText,
    /// Maps, tables, counters, marks: nothing of ours.
    Other,
}

/// A scalar, as far as we use them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Scalar {
    Null,
    Int(i64),
    Text(String),
    Bytes(Vec<u8>),
    Other,
}

/// One operation. `object: None` is the root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Operation {
    pub(super) object: Option<OpRef>,
    pub(super) key: Key,
    pub(super) insert: bool,
    pub(super) action: Action,
    pub(super) value: Scalar,
    pub(super) replaces: Vec<OpRef>,
}

/// The columns of the operations, by their names in the format: number of the field, and how it is written.
#[derive(Default)]
struct Columns<'a> {
    object_actor: &'a [u8],
    object_counter: &'a [u8],
    key_actor: &'a [u8],
    key_counter: &'a [u8],
    key_text: &'a [u8],
    insert: &'a [u8],
    action: &'a [u8],
    value_kind: &'a [u8],
    value: &'a [u8],
    replaced_count: &'a [u8],
    replaced_actor: &'a [u8],
    replaced_counter: &'a [u8],
}

impl<'a> Columns<'a> {
    fn read(reader: &mut Reader<'a>) -> Result<Self, GuardError> {
        /// As many as the format has.
        const COLUMNS_MAX: usize = 14;
        let names = list(reader, COLUMNS_MAX, |reader| Ok((reader.unsigned()?, reader.size()?)))?;
        if names.iter().any(|(name, _)| name & DEFLATED != 0) {
            return Err(GuardError::CompressedChunk);
        }
        if !names.is_sorted_by(|a, b| a.0 < b.0) {
            return Err(GuardError::Malformed);
        }
        let mut columns = Self::default();
        for (name, length) in names {
            let column = reader.take(length)?;
            *match name {
                0x01 => &mut columns.object_actor,
                0x02 => &mut columns.object_counter,
                0x11 => &mut columns.key_actor,
                0x13 => &mut columns.key_counter,
                0x15 => &mut columns.key_text,
                0x34 => &mut columns.insert,
                0x42 => &mut columns.action,
                0x56 => &mut columns.value_kind,
                0x57 => &mut columns.value,
                0x70 => &mut columns.replaced_count,
                0x71 => &mut columns.replaced_actor,
                0x73 => &mut columns.replaced_counter,
                // Marks on text: how they grow, and their names.
                0x94 | 0xa5 => return Err(GuardError::NotAppendOnly),
                _ => return Err(GuardError::Malformed),
            } = column;
        }
        if reader.is_empty() { Ok(columns) } else { Err(GuardError::Malformed) }
    }
}

/// The operations of a change: the rest of its body, whose references are to one of so many `actors`.
pub(super) fn operations(reader: &mut Reader<'_>, actors: usize) -> Result<Vec<Operation>, GuardError> {
    let columns = Columns::read(reader)?;
    let actions = numbers(columns.action)?;
    let n = actions.len();
    if n == 0 {
        return Err(GuardError::Malformed);
    }
    let objects = references(column(n, numbers(columns.object_actor)?)?, column(n, numbers(columns.object_counter)?)?);
    let elements = references(column(n, numbers(columns.key_actor)?)?, column(n, deltas(columns.key_counter)?)?);
    let properties = column(n, runs(columns.key_text, Reader::text)?)?;
    let inserts = booleans(columns.insert)?;
    let kinds = numbers(columns.value_kind)?;
    let counts = numbers(columns.replaced_count)?;
    if inserts.len() != n || kinds.len() != n || counts.len() != n {
        return Err(GuardError::Malformed);
    }
    // Each operation replaces at most the one it deletes, so these are no more than the operations.
    let replaced = counts.iter().try_fold(0_u64, |sum, count| sum.checked_add((*count)?)).ok_or(GuardError::Malformed)?;
    let replaced = usize::try_from(replaced).unwrap_or(usize::MAX);
    if replaced > OPERATIONS_MAX {
        return Err(GuardError::TooManyOperations);
    }
    let replaced_actors = column(replaced, numbers(columns.replaced_actor)?)?;
    let mut replaced = references(replaced_actors, column(replaced, deltas(columns.replaced_counter)?)?);

    let known = |reference: OpRef| if reference.actor < actors { Ok(reference) } else { Err(GuardError::Malformed) };
    let mut values = Reader::new(columns.value);
    let mut operations = Vec::with_capacity(n);
    let rows = actions.into_iter().zip(objects).zip(elements).zip(properties).zip(inserts).zip(kinds).zip(counts);
    for ((((((action, object), element), property), insert), kind), count) in rows {
        let (Some(action), Some(kind), Some(count)) = (action, kind, count) else { return Err(GuardError::Malformed) };
        let object = match object {
            Reference::None => None,
            Reference::To(reference) => Some(known(reference)?),
            Reference::Start | Reference::Broken => return Err(GuardError::Malformed),
        };
        let key = match (element, property) {
            (Reference::None, Some(property)) => Key::Property(property.into()),
            (Reference::Start, None) => Key::Start,
            (Reference::To(reference), None) => Key::Element(known(reference)?),
            _ => return Err(GuardError::Malformed),
        };
        let replaces = (0..count).map(|_| match replaced.next() {
            Some(Reference::To(reference)) => known(reference),
            _ => Err(GuardError::Malformed),
        });
        operations.push(Operation {
            object,
            key,
            insert,
            action: match action {
                1 => Action::Put,
                2 => Action::MakeList,
                3 => Action::Delete,
                4 => Action::MakeText,
                0 | 5..=7 => Action::Other,
                _ => return Err(GuardError::Malformed),
            },
            replaces: replaces.collect::<Result<_, _>>()?,
            value: scalar(kind, &mut values)?,
        });
    }
    if values.is_empty() { Ok(operations) } else { Err(GuardError::Malformed) }
}

/// A column of `n` values; one that is not there is all empty.
fn column<T: Clone>(n: usize, mut values: Vec<Option<T>>) -> Result<Vec<Option<T>>, GuardError> {
    if values.is_empty() {
        values.resize(n, None);
    }
    if values.len() == n { Ok(values) } else { Err(GuardError::Malformed) }
}

enum Reference {
    None,
    /// The start of a sequence.
    Start,
    To(OpRef),
    Broken,
}

fn references(actors: Vec<Option<u64>>, counters: Vec<Option<u64>>) -> impl Iterator<Item = Reference> {
    actors.into_iter().zip(counters).map(|pair| match pair {
        (None, None) => Reference::None,
        (None, Some(0)) => Reference::Start,
        (Some(actor), Some(counter)) if counter > 0 => match usize::try_from(actor) {
            Ok(actor) => Reference::To(OpRef { counter, actor }),
            Err(_) => Reference::Broken,
        },
        _ => Reference::Broken,
    })
}

/// The next value: its kind in the lower four bits, its length above them.
fn scalar(kind: u64, values: &mut Reader<'_>) -> Result<Scalar, GuardError> {
    let length = usize::try_from(kind >> 4).map_err(|_| GuardError::Malformed)?;
    let bytes = values.take(length)?;
    let mut reader = Reader::new(bytes);
    let value = match kind & 0b1111 {
        0 if length == 0 => return Ok(Scalar::Null),
        1 | 2 if length == 0 => return Ok(Scalar::Other),
        3 => reader.unsigned().map(|_| Scalar::Other)?,
        4 => reader.signed().map(Scalar::Int)?,
        8 | 9 => reader.signed().map(|_| Scalar::Other)?,
        5 if length == 8 => return Ok(Scalar::Other),
        6 => return std::str::from_utf8(bytes).map(|text| Scalar::Text(text.into())).map_err(|_| GuardError::Malformed),
        7 => return Ok(Scalar::Bytes(bytes.into())),
        _ => return Err(GuardError::Malformed),
    };
    if reader.is_empty() { Ok(value) } else { Err(GuardError::Malformed) }
}
