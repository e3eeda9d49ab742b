//! Behaviours, by name.
