//! Behaviours, by name.

mod house;
