//! The household (户档): one address and who lives there, with care tags; a worker's own ledger of the doors they know.
//!
//! Seen by the grid's workers and the community's leads only; it travels with no transfer. Like a case it is a log of
//! events and a fold over it: [`fold`] is the same for the same events in any order of arrival, later stamps replace
//! earlier ones field by field, and nobody who ever lived here is dropped. A resident has an id of their own, so that a
//! move can be followed from one household to the next.

mod event;
mod judge;
mod state;

pub use event::*;
pub use judge::{judge, translate};
pub use state::{HouseholdState, Lived, fold};
