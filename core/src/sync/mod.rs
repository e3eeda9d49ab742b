//! Sync without I/O: what to send, what to do with what comes.

pub mod wire;
