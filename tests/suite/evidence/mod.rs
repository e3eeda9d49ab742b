//! Sealed agreements as evidence, from the table to whoever checks them years later: registered, certified, proved, kept.

mod killed;
mod registered;
mod reused;
