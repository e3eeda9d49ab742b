//! Behaviours, by name: one module a topic.

mod cost;
mod house;
mod offline_conflict;
mod refused_by_server;
mod rules;
mod scope;
