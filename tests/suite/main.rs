//! Behaviours, by name.

mod rules;
