//! Attachments (附件): photos, recordings, scans, stroke files. What one is, what may be one, and what is taken out of it.
//!
//! An attachment is named by the SHA-256 of its bytes as they are kept, and by nothing else: no file name, no path. Bytes in,
//! bytes out: nothing here reads a file, asks for randomness or knows which case an attachment belongs to; that is the
//! `attached` event ([`crate::case`]). Start at `media.rs` (what the bytes really are), then `rules.rs` (what a sub-district
//! accepts), `strip` (what does not leave the phone), `seal.rs` (how it lies there), `refusal.rs` (why not).

mod media;
mod refusal;
mod rules;
mod seal;
pub mod strip;

pub use media::{Media, SNIFF_BYTES};
pub use refusal::AttachmentRefusal;
pub use rules::{AttachmentRules, KIB_MAX, RulesError};
pub use seal::{
    AttachmentKey, CHUNK, HEADER, Opening, PREFIX, SealError, Sealing, sealed_chunk_at, sealed_length, whole_chunks,
};
pub use strip::{Stripped, strip};

/// Most bytes of a preview: what a list can show over a poor link, several times over.
pub const PREVIEW_MAX: u64 = 128 << 10;

/// Bytes that travel in one request: small enough for a poor link to carry between two breaks, and a whole number of
/// sealed chunks, so that reading one never opens a chunk twice.
pub const PART: usize = 4 * CHUNK;
