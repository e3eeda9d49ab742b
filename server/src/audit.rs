//! The audit chain: who did what, when the server saw it. Each entry's hash covers the one before.
//!
//! Pure: entries and hashes, no database ([`crate::store`] keeps them). Entries name devices, people's slugs, documents
//! and hashes, never names or contents, so that a person's data can be erased and the chain still verify.

use std::fmt;

use doorstep_core::id::{ChangeHash, DeviceId, Digest, DocId, PersonId};
use doorstep_core::time::Timestamp;
use sha2::{Digest as _, Sha256};

/// What the first entry's `prev` is.
pub const GENESIS: Digest = Digest::from_bytes([0; 32]);

/// Who did it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who {
    /// Whoever holds the server: the administrator's commands.
    Operator,
    /// The server by itself.
    Server,
    /// A person through an enrolled device.
    Device(DeviceId, PersonId),
}

impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Operator => f.write_str("operator"),
            Self::Server => f.write_str("server"),
            Self::Device(device, person) => write!(f, "{person} on {device}"),
        }
    }
}

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact {
    /// A new database was made.
    Founded,
    /// The log is one of its own from here on: it was put back to an earlier state.
    EpochBegun,
    /// The directory got this version.
    DirectoryChanged(u64),
    /// An enrolment code was made for this person.
    CodeMade(PersonId),
    /// A device was enrolled.
    DeviceEnrolled(DeviceId, PersonId),
    /// A device was revoked.
    DeviceRevoked(DeviceId),
    /// A change was stored.
    ChangeStored {
        /// The document.
        doc: DocId,
        /// The change.
        hash: ChangeHash,
        /// Its place in the log.
        seq: u64,
    },
    /// A change was refused and kept aside.
    ChangeSetAside {
        /// The document.
        doc: DocId,
        /// The change, as the device called it.
        hash: ChangeHash,
        /// Why, by its stable code.
        code: String,
    },
    /// A change kept aside was taken into its document after all.
    AsideAdopted {
        /// The document.
        doc: DocId,
        /// The change, as the device called it.
        hash: ChangeHash,
    },
    /// A change kept aside stays there for good.
    AsideDismissed {
        /// The document.
        doc: DocId,
        /// The change, as the device called it.
        hash: ChangeHash,
    },
    /// Somebody looked at what is kept aside of a document.
    AsideShown(DocId),
    /// Whoever holds the server looked at a case.
    CaseShown(DocId),
    /// A sealed agreement was stored.
    BundleStored {
        /// The document.
        doc: DocId,
        /// SHA-256 of its bytes.
        digest: Digest,
    },
}

impl Fact {
    /// Its permanent name.
    pub const fn what(&self) -> &'static str {
        match self {
            Self::Founded => "founded",
            Self::EpochBegun => "epoch_begun",
            Self::DirectoryChanged(_) => "directory_changed",
            Self::CodeMade(_) => "code_made",
            Self::DeviceEnrolled(..) => "device_enrolled",
            Self::DeviceRevoked(_) => "device_revoked",
            Self::ChangeStored { .. } => "change_stored",
            Self::ChangeSetAside { .. } => "change_set_aside",
            Self::AsideAdopted { .. } => "aside_adopted",
            Self::AsideDismissed { .. } => "aside_dismissed",
            Self::AsideShown(_) => "aside_shown",
            Self::CaseShown(_) => "case_shown",
            Self::BundleStored { .. } => "bundle_stored",
        }
    }

    /// What it is about, as text: ids, hashes and codes separated by spaces.
    pub fn about(&self) -> String {
        match self {
            Self::Founded | Self::EpochBegun => String::new(),
            Self::DirectoryChanged(version) => version.to_string(),
            Self::CodeMade(person) => person.to_string(),
            Self::DeviceEnrolled(device, person) => format!("{device} {person}"),
            Self::DeviceRevoked(device) => device.to_string(),
            Self::ChangeStored { doc, hash, seq } => format!("{doc} {hash} {seq}"),
            Self::ChangeSetAside { doc, hash, code } => format!("{doc} {hash} {code}"),
            Self::AsideAdopted { doc, hash } | Self::AsideDismissed { doc, hash } => format!("{doc} {hash}"),
            Self::AsideShown(doc) | Self::CaseShown(doc) => doc.to_string(),
            Self::BundleStored { doc, digest } => format!("{doc} {digest}"),
        }
    }
}

/// One link of the chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its place, from 1.
    pub n: u64,
    /// When the server saw it.
    pub at: Timestamp,
    /// What was done: a permanent name.
    pub what: String,
    /// Who did it.
    pub who: String,
    /// What it is about.
    pub about: String,
    /// The hash of the entry before; [`GENESIS`] for the first.
    pub prev: Digest,
    /// SHA-256 over all of the above.
    pub hash: Digest,
}

impl Entry {
    /// The entry that follows the one numbered `n - 1` with hash `prev`.
    pub fn after(n: u64, prev: Digest, at: Timestamp, who: &Who, fact: &Fact) -> Self {
        let (what, who, about) = (fact.what().to_owned(), who.to_string(), fact.about());
        let mut entry = Self { n, at, what, who, about, prev, hash: GENESIS };
        entry.hash = entry.digest();
        entry
    }

    fn digest(&self) -> Digest {
        let mut hasher = Sha256::new();
        hasher.update(b"doorstep-audit-1");
        let (n, at) = (self.n.to_be_bytes(), self.at.0.to_be_bytes());
        for part in [n.as_slice(), &at, self.what.as_bytes(), self.who.as_bytes(), self.about.as_bytes(), self.prev.as_bytes()]
        {
            hasher.update([0]);
            hasher.update((part.len() as u64).to_be_bytes());
            hasher.update(part);
        }
        Digest::from_bytes(hasher.finalize().into())
    }
}

/// Where a chain breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the audit chain is broken at entry {n}")]
pub struct Broken {
    /// The first entry that does not fit.
    pub n: u64,
}

/// The end of a chain: how many entries, and the hash of the last. Who knows it notices a chain cut short.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Number of entries.
    pub n: u64,
    /// The last one's hash; [`GENESIS`] for an empty chain.
    pub hash: Digest,
}

impl Head {
    /// Of the empty chain.
    pub const EMPTY: Self = Self { n: 0, hash: GENESIS };

    /// The head after `entry`, if it follows this one and is unaltered.
    pub fn followed_by(self, entry: &Entry) -> Result<Self, Broken> {
        if entry.n == self.n + 1 && entry.prev == self.hash && entry.hash == entry.digest() {
            Ok(Self { n: entry.n, hash: entry.hash })
        } else {
            Err(Broken { n: self.n + 1 })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chain() -> Vec<Entry> {
        let mut head = Head::EMPTY;
        (1..4)
            .map(|n| {
                let entry = Entry::after(n, head.hash, Timestamp(5), &Who::Operator, &Fact::DirectoryChanged(n));
                head = head.followed_by(&entry).unwrap();
                entry
            })
            .collect()
    }

    fn verify(entries: &[Entry]) -> Result<Head, Broken> {
        entries.iter().try_fold(Head::EMPTY, Head::followed_by)
    }

    #[test]
    fn a_whole_chain_verifies_to_its_head() {
        let chain = chain();
        assert_eq!(verify(&chain), Ok(Head { n: 3, hash: chain[2].hash }));
    }

    #[test]
    fn every_alteration_is_named_by_the_first_bad_entry() {
        let alter: [fn(&mut Entry); 4] = [
            |entry| entry.at = Timestamp(6),
            |entry| entry.who = "somebody else".into(),
            |entry| entry.about = "9".into(),
            |entry| entry.what = "code_made".into(),
        ];
        for alter in alter {
            let mut chain = chain();
            alter(&mut chain[1]);
            assert_eq!(verify(&chain), Err(Broken { n: 2 }));
            // With a hash made to fit, the next one gives it away.
            chain[1].hash = chain[1].digest();
            assert_eq!(verify(&chain), Err(Broken { n: 3 }));
        }
        let mut cut = chain();
        cut.remove(0);
        assert_eq!(verify(&cut), Err(Broken { n: 1 }));
    }
}
