//! Hostile bytes, made from real ones: each way in, its inputs, and what must hold whatever comes.
//!
//! [`seeds`] are what a small world really sent, the same for the same seed. [`mutator`] changes them with a knowledge of
//! their form ([`chunk`]: Automerge's chunks, whose checksums it repairs; [`cbor`]: records), because what fails at the first
//! check finds nothing behind it. [`target`] runs an input against the real thing and says what does not hold. An input is a
//! function of seed and number, so a finding is two numbers; the program `fuzz` runs them in a process under limits.
//!
//! It knows no clock: how long an input may take, the program watches.

pub mod attachment;
pub mod cbor;
pub mod chunk;
pub mod mutator;
pub mod seeds;
pub mod target;

pub use mutator::Mutator;
pub use seeds::Seeds;
pub use target::{Stage, TARGETS, Target};
