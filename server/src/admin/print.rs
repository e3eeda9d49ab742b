//! The writing side of the sub-district's file: the directory as the TOML that `admin init` and `admin apply` read.

use std::fmt::Write as _;

/// A text as TOML writes it: one line in quotes, several between three.
pub(crate) fn toml_text(text: &str) -> String {
    let several = text.contains('\n');
    let mut out = String::from(if several { "\"\"\"\n" } else { "\"" });
    for character in text.chars() {
        match character {
            '\n' if several => out.push('\n'),
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\t' => out.push('\t'),
            control if control.is_control() => {
                // Writing to a string can't fail.
                let _ = write!(out, "\\u{:04X}", u32::from(control));
            }
            other => out.push(other),
        }
    }
    out.push_str(if several { "\"\"\"" } else { "\"" });
    out
}
