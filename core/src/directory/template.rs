//! Templates that an office edits as data: agreements per category, and the ledgers that others ask for.

use serde::{Deserialize, Serialize};

/// A beginning for agreements of one category.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgreementTemplate {
    /// The category it is for; empty: for any.
    #[serde(default)]
    pub category: String,
    /// What it is called in the list.
    pub title: String,
    /// The facts, with blanks (`____`) for what differs.
    #[serde(default)]
    pub facts: String,
    /// The terms.
    pub terms: String,
    /// Deeds that are usually promised.
    #[serde(default)]
    pub deeds: Vec<String>,
}

/// What a ledger has a line for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LedgerOf {
    /// Each case.
    Cases,
    /// Each visit.
    Visits,
    /// Each commitment.
    Commitments,
    /// Each answer and each try to reach a party.
    FollowUps,
    /// Each month and community: how many came in, how they ended.
    Months,
}

/// A ledger (台账): which lines, and which columns somebody wants to see.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerTemplate {
    /// Its name on the command line and in file names.
    pub id: String,
    /// Its title, as the sheet shows it.
    pub title: String,
    /// What it has lines for.
    pub of: LedgerOf,
    /// Its columns, in order.
    pub columns: Vec<LedgerColumn>,
}

/// A column of a ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerColumn {
    /// What stands in it: a field's stable name.
    pub field: String,
    /// Its heading.
    pub title: String,
    /// How wide, characters; none: the field's own width.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width: Option<u16>,
}
