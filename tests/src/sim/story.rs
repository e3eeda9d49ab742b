//! What happened, line by line: the same lines for the same seed, or the seed could not be played again.

use std::fmt::Write as _;

/// The lines so far.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Story(String);

impl Story {
    /// Adds a line.
    pub fn tell(&mut self, line: impl AsRef<str>) {
        // Writing to a string does not fail.
        let _ = writeln!(self.0, "{}", line.as_ref());
    }

    /// All of it.
    pub fn text(&self) -> &str {
        &self.0
    }
}
