//! Behaviours, by name: one module a topic.

mod house;
mod rules;
