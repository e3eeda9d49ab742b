//! Ledgers (台账): what was entered once, in the columns that somebody asks for.
//!
//! A [`LedgerTemplate`](crate::directory::LedgerTemplate) says which fields; [`Book`] reads them off cases and visits, one
//! after another, and hands each line to a [`Sheet`]: a workbook, CSV or JSON. Nothing is kept but, for the monthly
//! summary, its figures. It refuses to know where documents come from and where bytes go; the device gives it both.
//!
//! Start at `template.rs` (what a template may show), then `case_line.rs` (how a field is read), then `sheet/mod.rs`.

mod book;
mod case_line;
mod commitment_line;
mod field;
mod follow_up_line;
mod month_line;
pub mod sheet;
mod template;
mod term;
mod visit_line;

pub use book::{Book, Range};
pub use field::{Field, Kind, Setting, Term, Value, fields};
pub use sheet::{Format, Sheet};
pub use template::{ALL, TemplateError, check, find, name, shipped, templates, titled};
