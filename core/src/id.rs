//! Identities: of documents, people, places, devices, digests.
//!
//! Two families. **Random** ids (documents, devices) are made offline, by whoever has entropy, and are 16 bytes; people
//! read them as 26 characters of Crockford base 32. **Named** ids (people, orgs, grids, buildings) are short slugs that
//! the sub-district's administrator chose; they are not names of people.
//! Nothing here makes an id out of thin air: entropy is an argument.

use std::fmt;
use std::str::FromStr;

use data_encoding::{Encoding, HEXLOWER, Specification};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Why a text is not the id it claims to be. Carries no part of the text: it may be anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a {expected}")]
pub struct IdError {
    /// What was expected, as the type's name.
    pub expected: &'static str,
}

fn base32() -> &'static Encoding {
    static ENCODING: std::sync::OnceLock<Encoding> = std::sync::OnceLock::new();
    ENCODING.get_or_init(|| {
        let mut spec = Specification::new();
        spec.symbols.push_str("0123456789abcdefghjkmnpqrstvwxyz");
        spec.translate.from.push_str("ABCDEFGHJKMNPQRSTVWXYZoOiIlL");
        spec.translate.to.push_str("abcdefghjkmnpqrstvwxyz001111");
        // The specification above is a constant; hex is only there so that no panic can be written here.
        spec.encoding().unwrap_or(HEXLOWER)
    })
}

macro_rules! byte_id {
    ($(#[$doc:meta])* $name:ident, $bytes:literal, $encoding:expr) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; $bytes]);

        impl $name {
            /// The id with exactly these bytes.
            pub const fn from_bytes(bytes: [u8; $bytes]) -> Self {
                Self(bytes)
            }

            /// Its bytes.
            pub const fn as_bytes(&self) -> &[u8; $bytes] {
                &self.0
            }

            /// The id in `bytes`, if they are as many as it has.
            pub fn from_slice(bytes: &[u8]) -> Result<Self, IdError> {
                bytes.try_into().map(Self).map_err(|_| IdError { expected: stringify!($name) })
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&$encoding.encode(&self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({self})", stringify!($name))
            }
        }

        impl FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                let bytes = $encoding.decode(text.as_bytes()).map_err(|_| IdError { expected: stringify!($name) })?;
                Self::from_slice(&bytes)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                if serializer.is_human_readable() {
                    serializer.collect_str(self)
                } else {
                    serializer.serialize_bytes(&self.0)
                }
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                // Inside a tagged enum serde replays buffered values and no longer says what format they came from, so
                // both forms are taken wherever one is expected.
                struct Either;
                impl serde::de::Visitor<'_> for Either {
                    type Value = $name;
                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str(stringify!($name))
                    }
                    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<$name, E> {
                        text.parse().map_err(E::custom)
                    }
                    fn visit_bytes<E: serde::de::Error>(self, bytes: &[u8]) -> Result<$name, E> {
                        $name::from_slice(bytes).map_err(E::custom)
                    }
                }
                if deserializer.is_human_readable() {
                    deserializer.deserialize_any(Either)
                } else {
                    deserializer.deserialize_bytes(Either)
                }
            }
        }
    };
}

byte_id!(
    /// A document: a case (事项), a visit (走访) or a household (户档). Random, made offline on the phone that begins it.
    DocId, 16, base32()
);
byte_id!(
    /// A resident in a household's record: random, made on the phone that writes them down, the same wherever they move.
    ResidentId, 16, base32()
);
byte_id!(
    /// An enrolled device, named by the server at enrolment.
    DeviceId, 16, base32()
);
byte_id!(
    /// Who wrote a change, in Automerge's sense: random per device, document and installation, never reused.
    ActorId, 16, HEXLOWER
);
byte_id!(
    /// SHA-256 of an Automerge change chunk: the change's name.
    ChangeHash, 32, HEXLOWER
);
byte_id!(
    /// SHA-256 of anything else: bundles, drawings, attachments, states.
    Digest, 32, HEXLOWER
);

impl DocId {
    /// The first and the last id whose text begins like this; none if no id's does. Read as generously as a whole id: in
    /// capitals, `o` for `0`, `i` and `l` for `1`.
    pub fn beginning_with(beginning: &str) -> Option<(Self, Self)> {
        /// Characters of a whole id.
        const LENGTH: usize = 26;
        let typed = beginning.len();
        if typed > LENGTH || !beginning.is_ascii() {
            return None;
        }
        // 26 characters carry 130 bits: the last one's lower two are always nought.
        let filled = |with: char, last: char| -> Option<Self> {
            let fill = std::iter::repeat_n(with, LENGTH.saturating_sub(typed + 1));
            let text: String = beginning.chars().chain(fill).chain((typed < LENGTH).then_some(last)).collect();
            text.parse().ok()
        };
        Some((filled('0', '0')?, filled('z', 'w')?))
    }
}

/// What a document is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DocKind {
    /// 事项.
    Case,
    /// 走访.
    Visit,
    /// 户档.
    Household,
}

impl DocKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Case, Self::Visit, Self::Household];

    /// Its stable name, as in the document's root and in databases.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Case => "case",
            Self::Visit => "visit",
            Self::Household => "household",
        }
    }

    /// The kind with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// Longest slug, in bytes. Directory ids stand in every event, so they stay short.
pub const SLUG_MAX: usize = 40;

macro_rules! slug_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(transparent)]
        pub struct $name(Box<str>);

        impl $name {
            /// The slug.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                let fits = (1..=SLUG_MAX).contains(&text.len());
                if fits && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-') {
                    Ok(Self(text.into()))
                } else {
                    Err(IdError { expected: stringify!($name) })
                }
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }
    };
}

slug_id!(
    /// A person with posts. A slug such as `w-ncg-1`, not a name.
    PersonId
);
slug_id!(
    /// An org: a community, an office or centre, the committee, a unit, a responsible body.
    OrgId
);
slug_id!(
    /// A grid (网格) of a community.
    GridId
);
slug_id!(
    /// A building (楼院) of a grid.
    BuildingId
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back_from_what_people_see() {
        let id = DocId::from_bytes([7; 16]);
        assert_eq!(id.to_string().len(), 26);
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!(id.to_string().to_uppercase().parse(), Ok(id), "read aloud or typed in capitals");
    }

    #[test]
    fn the_beginning_of_an_id_spans_the_ids_that_begin_so() {
        let id = DocId::from_bytes(*b"0123456789abcdef");
        let text = id.to_string();
        for length in 0..=text.len() {
            let (low, high) = DocId::beginning_with(&text[..length]).unwrap();
            assert!((low..=high).contains(&id), "{length}");
            assert!(low.to_string().starts_with(&text[..length]) && high.to_string().starts_with(&text[..length]));
        }
        assert_eq!(DocId::beginning_with(&text), Some((id, id)));
        assert_eq!(DocId::beginning_with("OIL"), DocId::beginning_with("011"));
        for wrong in ["u", "私", "-", "last!", &"0".repeat(27)] {
            assert_eq!(DocId::beginning_with(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_slug_is_no_place_for_a_name() {
        assert!("王敏".parse::<PersonId>().is_err());
        assert!("".parse::<PersonId>().is_err());
        assert!("w-ncg-1".parse::<PersonId>().is_ok());
    }

    #[test]
    fn ids_are_bytes_in_cbor_and_text_in_json() {
        let id = DocId::from_bytes([9; 16]);
        let cbor = minicbor_serde::to_vec(id).unwrap();
        assert_eq!(cbor.len(), 17);
        assert_eq!(minicbor_serde::from_slice::<DocId>(&cbor).unwrap(), id);
        let json = serde_json::to_string(&id).unwrap();
        assert_eq!(serde_json::from_str::<DocId>(&json).unwrap(), id);
    }
}
