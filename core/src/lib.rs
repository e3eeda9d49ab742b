//! Doorstep's core: the rules of the work, the documents, the device's store and sync.
//!
//! Reading order: [`id`], [`time`], [`people`], [`entry`], [`environment`] (nouns) → [`case`], [`visit`], [`directory`],
//! [`agreement`], [`attachment`] (rules: pure) →
//! `document` (the only importer of automerge), [`sync`] (no I/O), `store` (the only importer of rusqlite) → `device`
//! (the facade that composes them, and what bindings expose) → `host` (the only file that reads a clock, asks for
//! entropy or opens a socket). Imports go down only.

pub mod access;
pub mod agreement;
pub mod attachment;
pub mod case;
pub mod day;
#[cfg(feature = "device")]
pub mod device;
pub mod directory;
pub mod document;
pub mod entry;
pub mod environment;
#[cfg(feature = "host")]
pub mod host;
pub mod household;
pub mod id;
pub mod ledger;
pub mod people;
pub mod planted;
pub mod print;
pub mod review;
pub mod row;
pub mod search;
#[cfg(feature = "device")]
pub mod store;
pub mod sync;
pub mod time;
pub mod view;
pub mod visit;
pub mod words;
