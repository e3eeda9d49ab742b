//! The desk by its command line alone: the real program, a real server on loopback, phones in folders.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that can't set up its world fails there")]

mod directory;
mod life;
mod line;
mod world;
