//! One file a resource, boring: extract, call, answer.

pub(crate) mod aside;
pub(crate) mod attachments;
pub(crate) mod bundles;
pub(crate) mod enrol;
mod frames;
pub(crate) mod health;
pub(crate) mod log;
pub(crate) mod nonce;
pub(crate) mod pull;
pub(crate) mod push;
pub(crate) mod token;
