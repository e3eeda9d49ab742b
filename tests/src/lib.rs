//! The harness.

pub mod method;
