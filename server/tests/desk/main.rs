//! The desk by its command line alone: the real program, a real server on loopback, phones in folders.

mod directory;
mod life;
mod line;
mod world;
