//! The simulator: one seed is one small sub-district for thirty days, with people at work by chance and everything going
//! wrong by chance, and the promises of the sync held against it after every step and once all is quiet.
//!
//! Nothing in it is replaced: a real server over real HTTP, real SQLite files, killed by going on from what the files
//! hold. Chance decides a [`plan`] before anything happens; playing it draws from each step's own dice, so a plan from
//! which steps were left out is still a plan ([`shrink`]), and a seed played twice tells the same [`story`].
//!
//! Reading order: [`plan`] (what happens) → [`cast`] (to whom) → [`town`] (where) → [`mod@play`] (how) with [`work`],
//! [`camera`], [`office`], [`mishap`] and [`apart`] → [`photo`] (what is looked at) → [`promises`] (what must hold) → [`shrink`], [`tally`], [`many`].

pub mod apart;
pub mod camera;
pub mod cast;
pub mod many;
pub mod mishap;
pub mod office;
pub mod photo;
pub mod plan;
pub mod play;
pub mod promises;
pub mod shrink;
pub mod story;
pub mod tally;
pub mod town;
pub mod work;

pub use plan::Plan;
pub use play::{Broken, Played, play};
