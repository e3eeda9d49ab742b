//! The rules of the work, without documents, databases or networks.

mod apart;
mod five_cases;
mod histories;
mod life;
mod records;
mod refused;
mod roles;
mod visits;
mod walk;
