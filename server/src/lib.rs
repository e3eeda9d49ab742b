//! The server.

pub mod audit;
pub mod store;
