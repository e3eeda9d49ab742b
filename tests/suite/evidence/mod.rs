//! Sealed agreements as evidence, from the table to whoever checks them years later: registered, certified, proved, kept.

mod amended;
mod consent;
mod immutable;
mod killed;
mod on_paper;
mod registered;
mod reused;
mod stamped;
mod time_stamp;
