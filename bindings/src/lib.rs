//! Doorstep for phones: the core's [`doorstep_core::device::Device`] as an object that Kotlin, Swift, Python and
//! TypeScript can hold.
//!
//! Reading order: [`device`](Device) (open, enrol, sync, lists) → `commands` (what a worker does to a case or a visit) →
//! `day` (my day, what can be done now) → `households` (doors, the route) → `finding` (search, duplicates, ledgers) →
//! `signing` (the pad, the seal, verification) → `printing` (paper) → `attachments` (photos, recordings) → `packets` (what could not be done) →
//! `names` and `terms` (what goes in), `views`, `lists` and `place` (what comes out) → `errors` → `host` (keys and networks that a
//! phone brings along).
//!
//! No rule lives here: every method is a line over the core, and every type the core's, in a shape that crosses a language
//! border. Ids, event names and digests are strings; days are strings such as `2026-05-08`; instants are milliseconds
//! since 1970. Calls block: a phone makes them off its screen's thread. A device may be used from several threads.

#![expect(clippy::needless_pass_by_value, reason = "what crosses the border was made for this one call, and is owned here")]

// No line of this crate is unsafe, and the workspace forbids it. What uniffi's macros generate exports C functions; the
// compiler counts that to the macros' crate, not to this one.
uniffi::setup_scaffolding!();

#[macro_use]
mod names;
mod attachments;
mod commands;
mod day;
mod device;
mod errors;
mod finding;
mod host;
mod households;
mod lists;
mod packets;
mod place;
mod printing;
mod signing;
mod terms;
mod views;

pub use attachments::{Attachment, AttachmentReport, UnsentAttachment, UploadState};
pub use day::{Day, DayItem, DaySection, Offer};
pub use device::{Device, RowPage, RowQuery, sentence_for, stage_name};
pub use errors::DoorstepError;
pub use finding::{Alike, Exported, Found, Hit, Ledger, LedgerFormat, Span};
pub use host::{ANSWER_MAX, HttpHeader, HttpRequest, HttpResponse, Signer, SignerFailure, Transport, TransportFailure};
pub use households::{Coverage, HouseholdView, Leaving, Resident, Stop, Striking};
pub use lists::*;
pub use names::*;
pub use packets::{Decision, KeptAside, Packet, Review, Undecided, wipe_device};
pub use place::*;
pub use printing::{Paper, PaperCopy, PrintFonts, agreement_in_pdf, print_agreement};
pub use signing::{
    Finding, Pad, SealedAgreement, SignedName, Signing, StrokePoint, StrokeSample, UnsignedName, Verification, VerifiedSigner,
    Weight, verify_agreement,
};
pub use terms::*;
pub use views::*;
