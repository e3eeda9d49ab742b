//! The fonts of the print, part of this program so that it works alone. A phone keeps the same files beside its app instead.

use std::sync::{Arc, OnceLock};

use doorstep_core::print::{Fonts, PrintError};

/// Noto Serif CJK SC, subset by `core/fonts/build`.
const SERIF: &[u8] = include_bytes!("../../core/fonts/NotoSerifCJKsc.otf");
/// Noto Sans CJK SC Bold, the headings' characters.
const SANS: &[u8] = include_bytes!("../../core/fonts/NotoSansCJKsc-Bold.otf");
/// Their licence, which a program that carries them must carry too.
pub const LICENCE: &str = include_str!("../../core/fonts/OFL.txt");

/// The fonts, read once.
pub fn fonts() -> Result<&'static Fonts, PrintError> {
    static READ: OnceLock<Result<Fonts, PrintError>> = OnceLock::new();
    READ.get_or_init(|| Fonts::new(Arc::new(SERIF), Arc::new(SANS))).as_ref().map_err(|error| *error)
}
