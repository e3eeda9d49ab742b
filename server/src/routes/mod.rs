//! One file a resource, boring: extract, call, answer.

pub(crate) mod enrol;
pub(crate) mod health;
pub(crate) mod nonce;
pub(crate) mod token;
