//! Paper: agreements and dossiers as PDF/A-3u, the same bytes for the same input on every phone and server.
//!
//! Pure: records, fonts and dates in, bytes out. It reads no clock and no font of the system; it decides nothing and verifies
//! nothing. Chinese only, as the papers are.
//!
//! | file | what |
//! |---|---|
//! | `forms/` | one file a form: what stands on it, in which order |
//! | `words/` | the forms' fixed words |
//! | `flow`, `table`, `ink`, `code` | lines, tables, signatures and QR codes onto pages |
//! | `typeset` | text into lines (the only user of parley) |
//! | `sheet` | a page as marks at places |
//! | `pdf`, `fonts` | pages into a file (the only users of krilla) |
//! | `extract` | the other way: the file that a PDF carries, found without trusting the PDF |
//!
//! Without the feature `print`, only `extract` is here: whoever verifies needs no fonts.

mod error;
mod extract;

#[cfg(feature = "print")]
mod code;
#[cfg(feature = "print")]
mod flow;
#[cfg(feature = "print")]
mod fonts;
#[cfg(feature = "print")]
mod forms;
#[cfg(feature = "print")]
mod ink;
#[cfg(feature = "print")]
mod pdf;
#[cfg(feature = "print")]
mod sheet;
#[cfg(feature = "print")]
mod table;
#[cfg(feature = "print")]
mod typeset;
#[cfg(feature = "print")]
mod words;

pub use error::PrintError;
pub use extract::{ExtractError, PDF_MAX, extract, is_pdf};
#[cfg(feature = "print")]
pub use fonts::{FontBytes, Fonts};
#[cfg(feature = "print")]
pub use forms::{Copy, Form, Papers, agreement, form};
#[cfg(feature = "print")]
pub use pdf::{EMBEDDED_NAME, MEDIA};
