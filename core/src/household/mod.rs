//! The household (户档): one address and who lives there, with care tags; a worker's own ledger of the doors they know.
//!
//! Seen by the grid's workers and the community's leads only; it travels with no transfer. Like a case it is a log of
//! events and a fold over it: [`fold`] is the same for the same events in any order of arrival. Of two phones that wrote of
//! one resident at once the later word stands, whole, and both are in the history; what they wrote of two residents stands
//! side by side; nobody who ever lived here is dropped. A resident has an id of their own, so that a move can be followed
//! from one household to the next. It refuses to know visits: those name the household, not the other way round.

mod event;
mod judge;
mod state;

pub use event::*;
pub use judge::{RESIDENTS_MAX, TAGS_MAX, judge, may, translate};
pub use state::{HouseholdState, Lived, fold};
