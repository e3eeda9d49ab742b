//! The rules of the work, without documents, databases or networks.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests, and what they share: what does not hold must stop them"
)]

mod apart;
mod five_cases;
mod histories;
mod life;
mod records;
mod refused;
mod roles;
mod table;
mod visits;
mod walk;
