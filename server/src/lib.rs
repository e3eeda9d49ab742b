//! The sub-district's server: what phones talk to, and what its administrator runs.
//!
//! Reading order: [`config`] (limits, time) → [`store`] (the only importer of rusqlite) → [`ingest`], [`worker`], [`pull`]
//! (what a push does, and where it is tried; what a pull gives; no HTTP types) → [`app`] (what every request needs) → [`nonce`], [`token`], [`enrol`],
//! [`auth`] (who is asking) → [`error`], [`answer`], [`body`] (bytes and records) → `routes`, [`router`] (the URL space
//! on one page) → [`edge`] (sockets, TLS, time limits) → [`serve`], [`admin`], [`verify`], [`desk`], [`demo`] (the command line),
//! [`words`], [`fonts`], [`logs`].

pub mod admin;
pub mod answer;
pub mod app;
pub mod attachments;
pub mod audit;
pub mod auth;
pub mod blobs;
pub mod body;
pub mod config;
pub mod demo;
pub mod desk;
pub mod edge;
pub mod enrol;
pub mod error;
pub mod fonts;
pub mod ingest;
pub mod logs;
pub mod nonce;
pub mod pull;
pub mod router;
mod routes;
pub mod serve;
pub mod store;
pub mod token;
#[cfg(test)]
mod trial;
pub mod verify;
pub mod words;
pub mod worker;
