//! The house keeps its order: which module may import which, what product code may not do, and that no file is forgotten.
//!
//! Each check is a pure function of a [`tree::Tree`] (paths and texts), so every file below ends with planted faults that the
//! check must find, beside the one test that holds it against the real tree. Nothing here knows what the product does: it
//! reads source text, with the standard library only. Change a rule by changing the table at the top of its file.

mod dependencies;
mod floors;
mod forgotten;
mod imports;
mod layout;
mod machine;
mod modules;
mod panics;
mod planted;
mod rust;
mod tree;
mod unsafety;

use std::fmt;

/// Something out of order, and where.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Finding {
    path: String,
    /// Counted from 1; 0 when it is about the file as a whole.
    line: usize,
    what: String,
}

impl Finding {
    fn new(path: &str, line: usize, what: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line, what: what.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line == 0 {
            write!(f, "{}: {}", self.path, self.what)
        } else {
            write!(f, "{}:{}: {}", self.path, self.line, self.what)
        }
    }
}

/// Fails with every finding on a line of its own.
fn none_of(mut findings: Vec<Finding>) {
    findings.sort();
    let lines: Vec<String> = findings.iter().map(ToString::to_string).collect();
    assert!(lines.is_empty(), "{} out of order:\n{}", lines.len(), lines.join("\n"));
}

/// Holds a planted fault: exactly these `path:line` places are found, in this order.
#[track_caller]
fn found_at(mut findings: Vec<Finding>, places: &[&str]) {
    findings.sort();
    let found: Vec<String> = findings.iter().map(|finding| format!("{}:{}", finding.path, finding.line)).collect();
    assert_eq!(found, places, "{findings:#?}");
}
