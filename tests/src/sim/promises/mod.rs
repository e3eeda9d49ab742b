//! What must hold, each promise one small function: of a step ([`OF_A_STEP`], held after every step against the phone it
//! concerned and what was on the wire) and of the whole ([`AT_REST`], once faults are off and all is quiet).
//!
//! Where the promises stand: `sync.md` (what it promises), `security.md` (who sees what), ARCHITECTURE.md (where each is held
//! in the product). Here is only the looking, from outside: files read by SQLite alone, bytes as they crossed the wire.

mod outbox;
mod pictures;
mod pulled;
mod quiet;
mod rest;
mod states;

use std::collections::BTreeMap;
use std::sync::Arc;

use doorstep_core::case;
use doorstep_core::directory::Directory;
use doorstep_core::document::Document;
use doorstep_core::id::{DocId, DocKind};
use doorstep_core::{household, visit};

pub use quiet::is_loud;
pub use rest::Rest;

use super::photo::{Photo, Shelf};
use super::town::Town;
use crate::network::Sent;

/// A step, as the promises see it.
pub struct Seen<'a> {
    /// Everything.
    pub town: &'a Town,
    /// Whose phone it concerned.
    pub who: usize,
    /// What its files held before.
    pub before: &'a Photo,
    /// What they hold now.
    pub after: &'a Photo,
    /// What it sent and got in this step.
    pub sent: &'a [Sent],
    /// The server's shelf and directory after the step; only where something was sent.
    pub looked: Option<&'a (Arc<Shelf>, Arc<Directory>)>,
}

/// Whether a promise was kept in a step; if not, how it was broken.
pub type OfAStep = fn(&Seen<'_>) -> Result<(), String>;
/// Whether a promise is kept once all is quiet.
pub type AtRest = fn(&Rest<'_>) -> Result<(), String>;

/// Promises of every step.
pub const OF_A_STEP: [(&str, OfAStep); 14] = [
    ("the_outbox_empties_only_by_verdicts", outbox::the_outbox_empties_only_by_verdicts),
    ("what_was_set_aside_stays_with_code_and_words", outbox::what_was_set_aside_stays_with_code_and_words),
    ("nothing_is_refused_for_its_form", outbox::nothing_is_refused_for_its_form),
    ("what_is_said_to_be_stored_is_stored", outbox::what_is_said_to_be_stored_is_stored),
    ("a_wipe_is_ordered_only_when_everything_is_elsewhere", outbox::a_wipe_is_ordered_only_when_everything_is_elsewhere),
    ("the_server_keeps_what_it_refused", outbox::the_server_keeps_what_it_refused),
    ("the_server_never_fails", pulled::the_server_never_fails),
    ("a_revoked_device_gets_nothing", pulled::a_revoked_device_gets_nothing),
    ("nobody_is_sent_what_is_outside_their_scope", pulled::nobody_is_sent_what_is_outside_their_scope),
    ("cursors_never_go_back_within_an_epoch", pulled::cursors_never_go_back_within_an_epoch),
    ("a_cursor_never_passes_what_is_not_here", pulled::a_cursor_never_passes_what_is_not_here),
    ("a_photo_that_was_taken_is_here", pictures::a_photo_that_was_taken_is_here),
    ("a_photo_is_let_go_only_once_the_server_has_it", pictures::a_photo_is_let_go_only_once_the_server_has_it),
    ("a_photo_that_is_said_to_be_stored_is_stored", pictures::a_photo_that_is_said_to_be_stored_is_stored),
];

/// Promises of the whole.
pub const AT_REST: [(&str, AtRest); 15] = [
    ("nothing_acknowledged_is_lost", rest::nothing_acknowledged_is_lost),
    ("a_restored_server_gets_back_what_its_authors_have", rest::a_restored_server_gets_back_what_its_authors_have),
    ("what_is_on_a_phone_is_on_the_server_or_counted", rest::what_is_on_a_phone_is_on_the_server_or_counted),
    ("one_command_has_one_effect", rest::one_command_has_one_effect),
    ("everybody_has_what_is_in_their_scope", rest::everybody_has_what_is_in_their_scope),
    ("nobody_keeps_what_is_outside_their_scope", rest::nobody_keeps_what_is_outside_their_scope),
    ("equal_change_sets_have_equal_digests", states::equal_change_sets_have_equal_digests),
    ("every_state_is_legal", states::every_state_is_legal),
    ("list_rows_say_what_documents_say", states::list_rows_say_what_documents_say),
    ("sealed_bytes_never_change", rest::sealed_bytes_never_change),
    ("every_database_is_sound", rest::every_database_is_sound),
    ("everybody_has_the_directory", rest::everybody_has_the_directory),
    ("no_photo_is_lost", pictures::no_photo_is_lost),
    ("a_photo_is_the_same_on_both_ends", pictures::a_photo_is_the_same_on_both_ends),
    ("who_sees_a_case_gets_its_photos_and_nobody_else", pictures::who_sees_a_case_gets_its_photos_and_nobody_else),
];

/// What a document says, in one text that words can be looked for in.
pub fn content(kind: DocKind, document: &Document) -> String {
    match kind {
        DocKind::Case => {
            let texts: Vec<String> = case::TextName::ALL.iter().map(|name| document.text(*name)).collect();
            format!("{:?}{}", document.log::<case::Event>().entries, texts.concat())
        }
        DocKind::Visit => format!("{:?}", document.log::<visit::Event>().entries),
        DocKind::Household => format!("{:?}", document.log::<household::Event>().entries),
    }
}

/// What the server's documents say.
pub fn contents_of(documents: &BTreeMap<DocId, Document>) -> BTreeMap<DocId, String> {
    documents.iter().map(|(doc, document)| (*doc, content(document.kind(), document))).collect()
}

/// Fails with what is said, unless it holds.
fn holds(yes: bool, what: impl FnOnce() -> String) -> Result<(), String> {
    if yes { Ok(()) } else { Err(what()) }
}
