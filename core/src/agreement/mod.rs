//! A signed agreement (人民调解协议书) as evidence: bytes in, verdict out.
//!
//! The way of an agreement: [`freeze()`] makes the one text from a draft → [`Ceremony`] collects the acts of parties,
//! witness and mediator, one phone passed round → [`seal()`] closes it with the device's key → the bundle's bytes, which
//! never change and are named by their SHA-256 → [`verify()`], anywhere, years later, offline, gives a [`Report`].
//!
//! | file | what |
//! |---|---|
//! | `body`, `freeze`, `text` | what is signed: fields, the displayed text made of them, what may not be signed on a screen |
//! | `drawing`, `dynamics` | the ink as strokes of points; time and pressure apart from it, erasable |
//! | `act`, `ceremony` | one signature and what surrounds it; the order of them, interruption, signing again |
//! | `seal`, `bundle` | the device's seal; the bundle |
//! | `signed`, `certificate`, `stamp` | what the sub-district's root key says: whose device it is, that the committee stamped |
//! | `merkle`, `checkpoint`, `receipt` | the server's append-only log: its tree, what it says of itself, the proof of an entry |
//! | `file` | what is saved, sent and embedded: the bundle and what came after it |
//! | `counter`, `timestamp` | counter-signatures: the hook, SM2, RFC 3161 tokens |
//! | `trust` | what stands around the bundle, held against the keys that are trusted |
//! | `anchors` | the keys that a verifier trusts beforehand |
//! | `report`, `verify`, `words` | the checks, the findings, their sentences in Chinese and English |
//! | `glyphs` | which characters can be printed, asked before anybody signs |
//! | `paper`, `base45` | the QR codes: from paper alone back to the terms and the seal |
//! | `canon`, `digest`, `key` | canonical CBOR; tagged digests and the check number; P-256 |
//!
//! It knows no documents, databases, networks or clocks; entropy, keys and moments are arguments. A report says what
//! it did without: trust anchors, a receipt, a stamp.

mod act;
mod anchors;
#[cfg(test)]
mod attacks;
mod base45;
mod body;
mod bundle;
mod canon;
mod ceremony;
mod ceremony_error;
mod certificate;
mod checkpoint;
mod counter;
mod digest;
mod drawing;
mod dynamics;
mod file;
mod freeze;
pub mod glyphs;
mod key;
pub mod merkle;
mod paper;
mod receipt;
mod report;
mod seal;
mod signed;
#[cfg(test)]
pub mod specimen;
mod stamp;
#[cfg(test)]
mod tampering;
mod text;
mod timestamp;
mod trust;
mod verify;
mod words;

pub use act::{Act, Identity, Moment, SignedAct, SignerRole};
pub use anchors::{ANCHORS_MAX, Anchors, AnchorsError};
pub use body::{Body, COMMITMENTS_MAX, FreezeContext, HEADS_MAX, PARTIES_MAX};
pub use bundle::{BUNDLE_MAX, Bundle};
pub use canon::ReadError;
pub use ceremony::{ACTS_MAX, ActKey, Ceremony, Signing, WITNESSES_MAX};
pub use ceremony_error::{CeremonyError, Missing};
pub use certificate::DeviceCertificate;
pub use checkpoint::Checkpoint;
pub use counter::{CounterSigner, LocalSm2, RFC3161, SM2};
pub use digest::{CheckNumber, bundle_digest, commit_id_number, key_fingerprint};
pub use drawing::{CANVAS_MAX, Drawing, DrawingError, POINTS_MAX, Point, STROKES_MAX};
pub use dynamics::{Dynamics, SAMPLES_MAX, Sample};
pub use file::{AgreementFile, COUNTER_SIGNATURE_MAX, COUNTER_SIGNATURES_MAX, CounterSignature, FILE_MAX};
pub use freeze::{DEED_MAX, FreezeError, Frozen, NAME_MAX, PROSE_MAX, freeze};
pub use paper::{Paper, PaperCodes, PaperFault, TERMS_CODES_MAX, is_paper, paper_codes, read_paper};
pub use receipt::{LogLeaf, Receipt};
pub use report::{Check, CheckName, Facts, Finding, Part, Report, SignerFact, Weight};
pub use seal::{CARRIED_MAX, Seal, SealContext, SealError, Sealed, seal};
pub use signed::Signed;
pub use stamp::CommitteeStamp;
pub use text::{TEMPLATE, party_label};
pub use timestamp::LocalAuthority;
pub use verify::{verify, verify_dynamics, verify_with};
