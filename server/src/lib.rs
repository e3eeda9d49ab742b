//! The server.

pub mod audit;
pub mod pull;
pub mod store;
