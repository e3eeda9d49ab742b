//! Lengths of what people type. Limits are far above honest use and far below what would hurt a phone.

use super::refusal::{Refusal, RefusalCode};

/// Characters of a line: a title, a name, a place.
pub const LINE_MAX: usize = 200;
/// Characters of a text: an account, terms, a reason.
pub const TEXT_MAX: usize = 20_000;
/// Entries of a list: people at a table, parties, commitments, departments.
pub const LIST_MAX: usize = 100;

/// A field that must say something.
pub fn required(field: &str, text: &str, max: usize) -> Result<(), Refusal> {
    if text.trim().is_empty() {
        return Err(Refusal::about(RefusalCode::Missing, [field]));
    }
    optional(field, text, max)
}

/// A field that may be empty.
pub fn optional(field: &str, text: &str, max: usize) -> Result<(), Refusal> {
    // A character is at least one byte: most texts need no counting.
    if text.len() > max && text.chars().count() > max {
        return Err(Refusal::about(RefusalCode::TooLong, [field]));
    }
    Ok(())
}

/// A list that must not be endless.
pub(super) fn list<T>(field: &str, items: &[T]) -> Result<(), Refusal> {
    if items.len() > LIST_MAX { Err(Refusal::about(RefusalCode::TooLong, [field])) } else { Ok(()) }
}
