//! Where a stranger's change is tried: in a process of its own, so that nothing it does to Automerge harms anybody else.
//!
//! The guard's third and fourth step ([`tray`]: the trial on exactly the declared past, then the rules and the evidence) take
//! bytes and give bytes. The server asks one change at a time ([`Seat::judge`]); a worker ([`child`]) answers under limits of
//! memory, processor time and stack; [`pool`] starts workers, watches them, and ends and replaces the one that died over a
//! change or takes too long. That change is refused under [`DIED`] or [`TOO_SLOW`], or not judged where the worker was only
//! silent; the others of its push go on, until its device has cost as many workers as one may ([`patience`]). What lies in
//! the server's own process afterwards are bytes that a worker said yes to: Automerge never sees a change here.
//!
//! It knows nothing of the database and of HTTP. As a library the server may also do the trial where it is ([`Trials::Here`]).

#[cfg(unix)]
mod child;
mod frames;
pub mod patience;
#[cfg(unix)]
mod pool;
pub(crate) mod tray;

use std::collections::HashMap;

use doorstep_core::document::guard::Header;
use doorstep_core::id::{DeviceId, Digest};
use doorstep_core::time::Timestamp;

#[cfg(unix)]
pub use child::{be_one, be_one_that};
#[cfg(unix)]
pub use pool::{Counts, Pool};
pub(crate) use tray::{Judged, Opening};

use crate::config::Workers;
use crate::store::StoreError;
use tray::Tray;

/// The code of a change over which a worker died: twice, the second time a fresh one with nothing else in it.
pub const DIED: &str = "worker_died";
/// The code of a change over which a worker used up its processor time.
pub const TOO_SLOW: &str = "worker_too_slow";

/// Where changes are tried.
pub enum Trials {
    /// In this process: for embedding, and where there are no processes to be had.
    Here,
    /// In workers.
    #[cfg(unix)]
    Workers(Box<Pool>),
}

impl Trials {
    /// In these workers; here, if there are to be none.
    pub fn new(workers: Option<&Workers>) -> Self {
        match workers {
            #[cfg(unix)]
            Some(workers) => Self::Workers(Box::new(Pool::new(workers.clone()))),
            _ => Self::Here,
        }
    }

    /// What the workers have been through; none without workers.
    #[cfg(unix)]
    pub fn counts(&self) -> Option<Counts> {
        match self {
            Self::Here => None,
            Self::Workers(pool) => Some(pool.counts()),
        }
    }

    /// Puts a document on the table, for changes of this device. Nothing is loaded before the first change is judged.
    pub(crate) fn open(&self, opening: Opening, from: From) -> Seat<'_> {
        match self {
            Self::Here => {
                let _ = from;
                Seat::Here(<dyn Tray>::open(opening))
            }
            #[cfg(unix)]
            Self::Workers(pool) => Seat::There(Box::new(pool.seat(opening, from))),
        }
    }
}

/// At whose expense changes are tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct From {
    /// The device that pushed them.
    pub(crate) device: DeviceId,
    /// Now.
    pub(crate) now: Timestamp,
}

/// Why a change was not judged at all.
#[derive(Debug)]
pub(crate) enum Unjudged {
    /// Its device has cost as many workers as it may for now, or none answered in time, which says nothing of the change.
    NotNow,
    /// Nobody could, now.
    Failed(StoreError),
}

/// One document, and changes that want to join it, one after another.
pub(crate) enum Seat<'p> {
    Here(Box<dyn Tray>),
    #[cfg(unix)]
    There(Box<pool::Seat<'p>>),
    #[cfg(not(unix))]
    #[expect(dead_code, reason = "keeps the lifetime where there is no pool")]
    Nowhere(std::marker::PhantomData<&'p ()>),
}

impl Seat<'_> {
    /// Judges one change; if it may join, it has joined when this returns. An error: nobody judged it.
    pub(crate) fn judge(&mut self, header: &Header, bundles: &HashMap<Digest, &[u8]>) -> Result<Judged, Unjudged> {
        match self {
            Self::Here(tray) => Ok(tray.judge(header, &|digest| bundles.get(digest).copied(), false)),
            #[cfg(unix)]
            Self::There(seat) => seat.judge(header.bytes(), bundles),
            #[cfg(not(unix))]
            Self::Nowhere(_) => Err(Unjudged::Failed(StoreError::Busy)),
        }
    }

    /// The whole document as it stands; none if it could not be saved.
    pub(crate) fn save(&mut self) -> Option<Vec<u8>> {
        match self {
            Self::Here(tray) => tray.save(),
            #[cfg(unix)]
            Self::There(seat) => seat.save(),
            #[cfg(not(unix))]
            Self::Nowhere(_) => None,
        }
    }
}
