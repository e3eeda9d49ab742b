//! What could not be done, to be read and handed in; what revoked devices pushed, for leads to decide; and the end of a phone.

use std::sync::Arc;

use doorstep_core::device;

use crate::device::Device;
use crate::errors::DoorstepError;
use crate::keys::{KeyStore, Secrets};
use crate::lent::{Lent, SECRET_WITHIN};
use crate::names::DocKind;
use crate::work::{Stop, off_thread};

/// Something that was wanted and could not be done. It stays until somebody dismisses it.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Packet {
    /// Its name on this phone.
    pub name: String,
    /// The record it was for, where that is known.
    pub id: Option<String>,
    /// What that is.
    pub kind: Option<DocKind>,
    /// The record's title, as far as this phone knows one.
    pub title: String,
    /// When it was wanted, milliseconds since 1970, where that is known.
    pub at_ms: Option<i64>,
    /// Why it could not be done: a permanent code.
    pub code: String,
    /// The same in words.
    pub sentence: String,
    /// What was wanted, in words.
    pub wanted: String,
    /// The whole of it as plain text in both languages, to be printed or handed in.
    pub text: String,
    /// The whole of it as JSON, raw bytes included.
    pub json: String,
}

/// A change that a revoked device pushed, for its lead to decide on.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct KeptAside {
    /// Its number.
    pub n: u64,
    /// The record.
    pub id: String,
    /// What it is.
    pub kind: DocKind,
    /// The record's title, as far as it can be read.
    pub title: String,
    /// Who pushed it.
    pub person: String,
    /// When it came, milliseconds since 1970.
    pub received_ms: i64,
    /// What it says, line by line.
    pub lines: Vec<String>,
}

/// What a lead decides about one of them.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Decision {
    /// Its number.
    pub n: u64,
    /// Taken in as what it was; otherwise it stays where it is for good.
    pub adopt: bool,
    /// Why.
    pub why: String,
}

/// A decision that was not carried out.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Undecided {
    /// The change's number.
    pub n: u64,
    /// Why: a permanent code.
    pub code: String,
}

/// What is left to decide.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Review {
    /// Decisions that were not carried out.
    pub undecided: Vec<Undecided>,
    /// What is still kept aside, oldest first; what is decided makes room for more.
    pub aside: Vec<KeptAside>,
}

#[uniffi::export]
impl Device {
    /// Everything that was wanted here and could not be done.
    pub fn packets(&self) -> Result<Vec<Packet>, DoorstepError> {
        let told = |packet: device::Packet| Packet {
            id: packet.doc.map(|doc| doc.to_string()),
            kind: packet.kind.map(Into::into),
            at_ms: packet.at.map(|at| at.0),
            sentence: packet.why(self.lang),
            wanted: packet.wanted(self.lang),
            text: packet.text(),
            json: packet.json(),
            name: packet.name,
            title: packet.title,
            code: packet.code,
        };
        Ok(self.inner.packets().map_err(|error| self.error(&error))?.into_iter().map(told).collect())
    }

    /// Somebody dealt with it: the packet goes. Whether there was one of this name.
    pub fn dismiss_packet(&self, name: String) -> Result<bool, DoorstepError> {
        self.inner.dismiss_packet(&name).map_err(|error| self.error(&error))
    }

    /// For leads, with a network: carries out these decisions and gives what is left to decide.
    pub async fn review(self: Arc<Self>, decisions: Vec<Decision>) -> Result<Review, DoorstepError> {
        off_thread(self.lang, move |stop| self.review_now(decisions, stop)).await
    }

    /// Whether the device was revoked and everything on it is elsewhere: then the host lets go of this object and calls
    /// [`wipe_device`].
    pub fn wipe_ordered(&self) -> bool {
        self.inner.wipe_ordered()
    }
}

impl Device {
    fn review_now(&self, decisions: Vec<Decision>, stop: &Stop) -> Result<Review, DoorstepError> {
        let carrier = self.carrier(stop)?;
        let decisions = decisions.into_iter().map(|one| device::Decision { n: one.n, adopt: one.adopt, why: one.why });
        let answer = self.inner.review(&carrier, decisions.collect()).map_err(|error| self.carried(&carrier, &error))?;
        let undecided = answer.decided.into_iter().filter(|one| !one.code.is_empty());
        let kept = |one: device::AsideRecord| KeptAside {
            n: one.n,
            id: one.doc.to_string(),
            kind: one.kind.into(),
            title: one.title,
            person: one.person.to_string(),
            received_ms: one.received.0,
            lines: one.lines,
        };
        Ok(Review {
            undecided: undecided.map(|one| Undecided { n: one.n, code: one.code }).collect(),
            aside: answer.aside.into_iter().map(kept).collect(),
        })
    }
}

/// What came of a damaged database: a new one was begun, and the documents come again with the next sync.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Rescue {
    /// Where the damaged file is kept; it was not changed, and is as encrypted as it was.
    pub damaged: String,
    /// Unsent changes that wait for the server again.
    pub queued: u64,
    /// Pieces that could only be kept to be read: see [`Device::packets`].
    pub pieces: u64,
    /// Stretches that could not be read. More than none: something may be missing, and nobody can say what.
    pub gaps: u64,
}

impl From<&device::Rescued> for Rescue {
    fn from(rescued: &device::Rescued) -> Self {
        Self {
            damaged: rescued.damaged.display().to_string(),
            queued: rescued.queued as u64,
            pieces: rescued.pieces as u64,
            gaps: rescued.gaps,
        }
    }
}

/// Destroys the device in this folder, its secrets first; cut off anywhere, the next open goes on with it. Only for a device that is
/// closed and said [`Device::wipe_ordered`]. `key_store`: the one that it was opened with.
#[uniffi::export(default(lang = None, key_store = None))]
pub async fn wipe_device(
    dir: String,
    lang: Option<crate::names::Lang>,
    key_store: Option<Arc<dyn KeyStore>>,
) -> Result<(), DoorstepError> {
    let lang = lang.map_or_else(Default::default, Into::into);
    off_thread(lang, move |_| {
        let no_file = |_| DoorstepError::file(lang);
        let folder = doorstep_core::host::Folder::open(&dir).map_err(no_file)?;
        // Said first: with half of the secrets gone nothing opens here any more, and whoever comes next goes on.
        folder.begin_wipe().map_err(no_file)?;
        if let Some(store) = key_store {
            Secrets::new(Lent::new(store, SECRET_WITHIN), lang).forget()?;
        }
        folder.wipe().map_err(no_file)
    })
    .await
}
