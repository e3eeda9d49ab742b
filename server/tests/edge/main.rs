//! The server's edge over real sockets: who gets in, and what happens to hostile input. One file a subject.

#![expect(missing_docs, reason = "tests say by their names what they show")]
#![expect(unreachable_pub, reason = "modules of one test binary")]

mod client;
mod enrolment;
mod hostile;
mod limits;
mod pulling;
mod signing;
mod world;
