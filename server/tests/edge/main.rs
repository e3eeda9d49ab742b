//! The server's edge over real sockets: who gets in, and what happens to hostile input. One file a subject.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that can't set up its world fails there")]
#![expect(unreachable_pub, reason = "modules of one test binary")]

mod client;
mod enrolment;
mod hostile;
mod limits;
mod pulling;
mod signing;
mod tls;
mod world;
