//! Load: a thousand phones at once against the real server process, on the same machine.
//!
//! The phones are cheap, so that what is measured is the server: their changes are made beforehand and each is one thread with
//! one kept connection; only the signature over the server's nonce is made at the moment of sending.
//!
//! Reading order: [`town`] (people, grids, prepared work) → [`wire`] (a connection) → [`run`] (the kinds of load) → [`table`].

pub mod run;
pub mod table;
pub mod town;
pub mod wire;
