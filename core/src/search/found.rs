//! What a search comes to: records for the screen.

use serde::Serialize;

use crate::row::Row;

/// The part of a row that was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// What a case is about.
    Title,
    /// Somebody's name, or how it sounds.
    Name,
    /// Somebody's telephone number.
    Phone,
    /// The address, with the building's name.
    Address,
    /// A household's care tag.
    Tag,
    /// What a case is filed under.
    Category,
    /// What was said or seen.
    Words,
}

impl Field {
    /// Every field.
    pub const ALL: [Self; 7] = [Self::Title, Self::Name, Self::Phone, Self::Address, Self::Tag, Self::Category, Self::Words];

    /// Its stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Title => "title",
            Self::Name => "name",
            Self::Phone => "phone",
            Self::Address => "address",
            Self::Tag => "tag",
            Self::Category => "category",
            Self::Words => "words",
        }
    }
}

/// A piece of a text, marked or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Span {
    /// The piece, as it stands in the original.
    pub text: String,
    /// Whether it is what was looked for.
    pub hit: bool,
}

/// One document that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// Its row.
    pub row: Row,
    /// The row's title with what was looked for marked.
    pub title: Vec<Span>,
    /// The part of the text that says why it was found; empty where the title says it all.
    pub snippet: Vec<Span>,
    /// Where the snippet is from (or `title`): [`Field::name`].
    pub field: &'static str,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Found {
    /// The best first.
    pub hits: Vec<Hit>,
    /// Nothing has all that was asked for; these come nearest.
    pub nearest: bool,
    /// Whether everything that fits was looked at. If not, there are very many, and of the less fitting the older ones
    /// are left out.
    pub took_all: bool,
}
