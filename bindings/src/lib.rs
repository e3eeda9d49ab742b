//! Doorstep for phones: the core's [`doorstep_core::device::Device`] as an object that Kotlin, Swift, Python and
//! TypeScript can hold.
//!
//! Reading order: [`device`](Device) (open, enrol, sync, lists) → `commands` (what a worker does to a case or a visit) →
//! `day` (my day, what can be done now) → `households` (doors, the route) → `finding` (search, duplicates, ledgers) →
//! `signing` (the pad, the seal, verification) → `printing` (paper) → `attachments` (photos, recordings) → `packets` (what could not be done) →
//! `names` and `terms` (what goes in), `views`, `lists` and `place` (what comes out) → `errors`, `sentences` → `options`: what a phone
//! brings along (`transport`, `signer`, `keys`, `clock`), called safely by `lent` → `watching` (what changed, how far a sync is) →
//! `work` (long work on a thread of its own) → `carrying` (stop, progress and blame between a session and its client).
//!
//! No rule lives here: every method is a line over the core, and every type the core's, in a shape that crosses a language
//! border. Ids, event names and digests are strings; days are strings such as `2026-05-08`; instants are milliseconds
//! since 1970. Long work (whatever sends, prints, exports, attaches, verifies or checks) is `async` and done on a thread of its own; a
//! future that is dropped asks it to stop. Everything else is quick and blocks: taps, views, lists, the day, search. A device may be used
//! from several threads.

#![expect(clippy::needless_pass_by_value, reason = "what crosses the border was made for this one call, and is owned here")]

// No line of this crate is unsafe, and the workspace forbids it. What uniffi's macros generate exports C functions; the
// compiler counts that to the macros' crate, not to this one.
uniffi::setup_scaffolding!();

#[macro_use]
mod names;
mod attachments;
mod carrying;
mod clock;
mod commands;
mod day;
mod device;
mod errors;
mod finding;
mod households;
mod keys;
mod lent;
mod lists;
mod opening;
mod options;
mod packets;
mod place;
#[cfg(feature = "printing")]
mod printing;
mod sentences;
mod signer;
mod signing;
mod terms;
mod transport;
mod views;
mod watching;
mod work;

pub use attachments::{Attachment, AttachmentReport, UnsentAttachment, UploadState};
pub use clock::{Clock, ClockFailure};
pub use day::{Day, DayItem, DaySection, Offer};
pub use device::{Device, RowPage, RowQuery, sentence_for, stage_name};
pub use errors::DoorstepError;
pub use finding::{Alike, Exported, Found, Hit, Ledger, LedgerFormat, Span};
pub use households::{Coverage, HouseholdView, Leaving, Resident, Stop, Striking};
pub use keys::{KeyStore, KeyStoreFailure};
pub use lists::*;
pub use names::*;
pub use options::DeviceOptions;
pub use packets::{Decision, KeptAside, Packet, Review, Undecided, wipe_device};
pub use place::*;
#[cfg(feature = "printing")]
pub use printing::{Paper, PaperCopy, PrintFonts, print_agreement};
pub use signer::{Signer, SignerFailure};
pub use signing::{
    Finding, Pad, SealedAgreement, SignedName, Signing, StrokePoint, StrokeSample, UnsignedName, Verification, VerifiedSigner,
    Weight, agreement_in_pdf, verify_agreement,
};
pub use terms::*;
pub use transport::{ANSWER_MAX, HttpHeader, HttpRequest, HttpResponse, HttpTransport, TransportFailure};
pub use views::*;
pub use watching::{Listener, ListenerFailure, NAMED_MAX, News, Observation, ProgressListener, SyncPhase, SyncProgress};
pub use work::Cancellation;
