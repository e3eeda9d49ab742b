//! Search: what a row can be found by, what somebody typed, and how well the two fit. Pure; it knows neither the index nor
//! the database that keeps it.
//!
//! **Why the terms are made here and not by a tokenizer of FTS5.** Chinese is written without spaces, so a tokenizer has to
//! say what a word is, and each of FTS5's says it wrongly for people who type two characters and expect to see something:
//!
//! - `unicode61` and `ascii` take a run of Chinese for one word: "楼上漏水多日" is found by its beginning alone;
//! - `trigram` finds substrings, but of three characters and more: 漏水, 王敏 and 停电, the most usual words and names, are
//!   too short for it;
//! - a dictionary (jieba, ICU) cuts by what it knows: it weighs megabytes, it cuts a query differently from the
//!   text around it, and it does not know the names of people and compounds, which is what people look for.
//!
//! So a run of Chinese gives **each character and each pair of neighbours** as terms. One character is one term; a longer
//! word is all its pairs at once, and a look at the row's own text ([`Query::look`]) says whether they stand together. Nothing
//! is missed, whatever somebody takes for a word. The other kinds of text have terms of their own, told apart by their
//! first letter (`terms.rs`): words and numbers with their beginnings (search as you type), telephone numbers as
//! groups of three digits (any fragment of three and more finds them), and of people's names the pinyin and its
//! initials. To FTS5 a term is an opaque word between spaces; its plainest tokenizer (`ascii`) will do.
//!
//! Letters and digits of full width, and capitals, are the same as plain ones (`fold.rs`). Traditional and simplified
//! characters are not the same: what is looked for was written by colleagues with the same keyboard. Nor are 三 and 3.
//!
//! Start at `terms.rs` (what a row gives), then `query.rs` (what was typed) and `look.rs` (how they fit, and what is
//! marked); `relax.rs` is what is offered when nothing fits.

mod address;
mod fold;
mod found;
mod look;
mod phone;
mod pinyin;
mod query;
mod relax;
mod terms;

pub use address::plain_address;
pub use found::{Field, Found, Hit, Span};
pub use look::{Closeness, Look};
pub use phone::{PHONE_MIN, phone_numbers};
pub use query::{Buildings, QUERY_MAX, Query, Reach, stands_in};
pub use terms::{phone_terms, print, terms};
