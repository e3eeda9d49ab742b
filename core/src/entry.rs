//! One line of a document's log: who, when, what; the same envelope for cases and visits.
//!
//! An [`Entry`] is a fact: never edited, never deleted. Its kind is a permanent name, its body a record whose fields may
//! grow but never change meaning. What kinds there are is the business of [`crate::case`] and [`crate::visit`]; how an
//! entry becomes bytes, that of `document`.

use crate::id::PersonId;
use crate::time::Stamp;

/// The events of one kind of document: what a log needs to know of them.
pub trait Record: Sized {
    /// The event's permanent name.
    fn kind(&self) -> &'static str;
    /// Its record alone, CBOR. Infallible for plain records; an error would be a bug in the encoder.
    fn record(&self) -> Result<Vec<u8>, RecordError>;
    /// The event of this kind with this record. `Ok(None)`: no kind of this version.
    fn from_record(kind: &str, record: &[u8]) -> Result<Option<Self>, RecordError>;
}

/// A record that isn't one of its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the event's record cannot be read")]
pub struct RecordError;

/// One line of the log.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry<E> {
    /// Identity and order.
    pub stamp: Stamp,
    /// Who did it.
    pub author: PersonId,
    /// What happened.
    pub body: Body<E>,
}

/// The event of an entry, as far as this version knows it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Body<E> {
    /// A kind this version knows.
    Event(E),
    /// A kind from a newer version: its name and its record, untouched.
    Newer {
        /// Its permanent name.
        kind: String,
        /// Its record, CBOR.
        record: Vec<u8>,
    },
}

impl<E: Record> Body<E> {
    /// The permanent name of what happened, known or not.
    pub fn kind(&self) -> &str {
        match self {
            Self::Event(event) => event.kind(),
            Self::Newer { kind, .. } => kind,
        }
    }
}

/// Declares the events of one kind of document: an enum of records, each with its permanent name, and [`Record`] for it.
macro_rules! events {
    ($(#[$enum_doc:meta])* pub enum $events:ident; $($(#[$doc:meta])* $name:ident = $kind:literal,)*) => {
        $(#[$enum_doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(tag = "kind")]
        pub enum $events {
            $($(#[$doc])* #[serde(rename = $kind)] $name($name),)*
        }

        impl $events {
            /// The permanent names of all kinds.
            pub const KINDS: &[&str] = &[$($kind),*];
        }

        impl $crate::entry::Record for $events {
            fn kind(&self) -> &'static str {
                match self { $(Self::$name(_) => $kind,)* }
            }

            fn record(&self) -> Result<Vec<u8>, $crate::entry::RecordError> {
                match self {
                    $(Self::$name(record) => minicbor_serde::to_vec(record).map_err(|_| $crate::entry::RecordError),)*
                }
            }

            fn from_record(kind: &str, record: &[u8]) -> Result<Option<Self>, $crate::entry::RecordError> {
                match kind {
                    $($kind => {
                        let record = minicbor_serde::from_slice(record).map_err(|_| $crate::entry::RecordError)?;
                        Ok(Some(Self::$name(record)))
                    })*
                    _ => Ok(None),
                }
            }
        }

        $(impl From<$name> for $events {
            fn from(record: $name) -> Self { Self::$name(record) }
        })*
    };
}
pub(crate) use events;
