//! The harness: a whole sub-district in one process, with nothing replaced.
//!
//! A [`World`] has a real server (its own SQLite files, real HTTP on a loopback port) and [`Phone`]s (the device's facade
//! over its own SQLite file, a software key, enrolled over that HTTP). What is simulated is what tests must command:
//! time ([`clock`]), entropy ([`seed`]) and what happens to requests on their way ([`network`]). One seed decides all
//! of it; a failing test prints its seed, and `DOORSTEP_SEED=… cargo test …` plays the same again.
//!
//! Reading order: [`seed`] → [`clock`] → [`network`] → [`server`] → [`phone`] → [`world`] → [`scenes`] (a worker's usual
//! words), [`worker`] (people at work, by chance) → [`forge`] (what a stranger would send), [`fuzz`] (the same by
//! the million). [`method`] is apart: the rules alone, without any of this; [`disk`] is a disk that fails, below the real
//! SQLite of phone and server.
#![expect(
    clippy::expect_used,
    clippy::missing_panics_doc,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a harness: what does not hold here must stop the test"
)]

pub mod clock;
pub mod disk;
pub mod forge;
pub mod fuzz;
pub mod histories;
pub mod load;
pub mod method;
pub mod model;
pub mod network;
pub mod phone;
pub mod process;
pub mod scenes;
pub mod seed;
pub mod server;
pub mod sim;
pub mod worker;
pub mod world;

pub use network::{Fault, Network, Weather};
pub use phone::Phone;
pub use world::World;
