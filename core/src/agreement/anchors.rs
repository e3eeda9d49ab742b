//! What a verifier trusts beforehand: the keys of a sub-district, as it publishes them. Without them a verification still says
//! whether anything was changed; with them also whose seal it is and whether the log has it.
//!
//! A text, one key a line: what it is for, a space, the SEC1 compressed key in hex. Lines that begin with `#` are for people.
//! Several of a kind stand for keys that followed each other. Kinds of a later version are passed over.

use std::fmt;
use std::str::FromStr;

use data_encoding::HEXLOWER_PERMISSIVE;

/// Largest text of anchors, bytes: some hundred keys with remarks.
pub const ANCHORS_MAX: usize = 64 << 10;

/// Keys that are trusted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Anchors {
    /// Keys of the sub-district's root (`root`): they certify devices and stamp.
    pub roots: Vec<[u8; 33]>,
    /// Keys of its log (`log`).
    pub logs: Vec<[u8; 33]>,
    /// Keys of time-stamp authorities (`time`).
    pub times: Vec<[u8; 33]>,
    /// SM2 keys of counter-signers (`sm2`).
    pub sm2: Vec<[u8; 33]>,
}

/// A line that is no anchor; lines count from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("line {line} is not a key")]
pub struct AnchorsError {
    /// Which line.
    pub line: usize,
}

impl FromStr for Anchors {
    type Err = AnchorsError;

    fn from_str(text: &str) -> Result<Self, AnchorsError> {
        let mut anchors = Self::default();
        for (line, written) in (1..).zip(text.lines()) {
            let written = written.trim();
            if written.is_empty() || written.starts_with('#') {
                continue;
            }
            let (kind, key) = written.split_once(char::is_whitespace).ok_or(AnchorsError { line })?;
            let key = HEXLOWER_PERMISSIVE.decode(key.trim().as_bytes()).ok();
            let key: [u8; 33] = key.and_then(|key| key.try_into().ok()).ok_or(AnchorsError { line })?;
            match kind {
                "root" => anchors.roots.push(key),
                "log" => anchors.logs.push(key),
                "time" => anchors.times.push(key),
                "sm2" => anchors.sm2.push(key),
                _ => {}
            }
        }
        Ok(anchors)
    }
}

impl fmt::Display for Anchors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kinds = [("root", &self.roots), ("log", &self.logs), ("time", &self.times), ("sm2", &self.sm2)];
        for (kind, keys) in kinds {
            for key in keys {
                writeln!(f, "{kind} {}", HEXLOWER_PERMISSIVE.encode(key))?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn anchors_read_back_and_remarks_and_later_kinds_are_passed_over() {
        let anchors = Anchors { roots: vec![[2; 33], [3; 33]], logs: vec![[4; 33]], ..Anchors::default() };
        let text = format!("# 东关街道\n\n{anchors}later {}\n", "05".repeat(33));
        assert_eq!(text.parse(), Ok(anchors));
    }

    #[test]
    fn what_is_no_key_is_named_by_its_line() {
        assert_eq!("# x\nroot 00".parse::<Anchors>(), Err(AnchorsError { line: 2 }));
        assert_eq!("root".parse::<Anchors>(), Err(AnchorsError { line: 1 }));
    }
}
