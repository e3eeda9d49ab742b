//! Behaviours, by name: one module a topic.
#![expect(clippy::unwrap_used, clippy::panic, reason = "what does not hold must stop the test, in its helping functions too")]

mod agreement_travels;
mod another_installation;
mod attachments;
mod bad_input;
mod cost;
mod day;
mod dropped_link;
mod encrypted;
mod enrolment;
mod evidence;
mod found_by_simulation;
mod full_disk;
mod guarded;
mod healing;
mod house;
mod household;
mod killed_between_steps;
mod ledger;
mod newer_version;
mod offline_conflict;
mod print;
mod refused_by_server;
mod released;
mod rules;
mod scope;
mod scope_in_motion;
mod search;
mod simulator;
