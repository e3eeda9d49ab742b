//! The server.

pub mod audit;
pub mod ingest;
pub mod pull;
pub mod store;
#[cfg(test)]
mod trial;
