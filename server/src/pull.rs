//! What a person's phone does not have yet, as a stream of frames, a page at a time.
//!
//! A **pass** walks the documents with news for the person's scopes in the order of that news and ends when there is
//! none left. The cursor says up to where the last whole pass came (`since`: what the phone surely has) and how far this
//! one is (`reached`). A document that changes while a pass runs moves behind what was reached and comes once more: late
//! is possible, lost is not. One page is one short read transaction and at most [`PAGE_BYTES`] and one document of memory.
//! Knows no HTTP. What a person may see is the core's `access`; here it is only sets of keys.

mod understands;

use std::collections::BTreeSet;

use doorstep_core::access::scopes_of_person;
use doorstep_core::directory::Directory;
use doorstep_core::id::{Digest, DocKind, PersonId};
use doorstep_core::planted::{self, Planted};
use doorstep_core::sync::wire::{CHECKPOINT_DOCUMENTS, Frame, LostAttachment};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;
use sha2::{Digest as _, Sha256};

pub use understands::Understands;

use crate::store::{Interval, News, Store, StoreError, View};

/// Bytes after which a page is closed before it has its hundred documents: what one pull holds in memory.
pub const PAGE_BYTES: usize = 1 << 20;

/// Lost attachments asked for with one pull: 25 KB of names. Who lost all of them says so with `doorstep admin restored`.
const LOST_MAX: usize = 500;

/// The cursor: opaque to phones, CBOR here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Cursor {
    /// The log it counts in.
    epoch: ByteBuf,
    /// Digest of the person's scope keys: other keys see other documents, so counting begins anew.
    scopes: Digest,
    /// The directory's version that the phone has.
    directory: u64,
    /// The newest sequence number when this pass began: what left a scope before that was not sent in it.
    began: u64,
    /// Everything up to here arrived: the newest sequence number when the last pass ended.
    since: u64,
    /// How far this pass is.
    reached: u64,
    /// Whether the directory that the phone has is all of it; an older server's cursor does not say.
    #[serde(default)]
    whole_directory: bool,
    /// This server's mark over all of the above; an older server's cursor has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    mark: Option<ByteBuf>,
}

/// Bytes of a cursor's mark: 128 bits.
const MARK_BYTES: usize = 16;

impl Cursor {
    /// The mark over everything else in it.
    fn mac(&self, key: &[u8; 32]) -> Option<Hmac<Sha256>> {
        let bare = minicbor_serde::to_vec(Self { mark: None, ..self.clone() }).ok()?;
        Some(Hmac::<Sha256>::new_from_slice(key).ok()?.chain_update(b"doorstep-cursor-1").chain_update(bare))
    }

    fn marked(mut self, key: &[u8; 32]) -> Self {
        let mark = self.mac(key).map(|mac| mac.finalize().into_bytes());
        self.mark = mark.and_then(|mark| Some(ByteBuf::from(mark.get(..MARK_BYTES)?.to_vec())));
        self
    }

    /// Whether this server (or one whose backup it was made from) made it.
    fn is_ours(&self, key: &[u8; 32]) -> bool {
        let (Some(mac), Some(mark)) = (self.mac(key), &self.mark) else { return false };
        mark.len() == MARK_BYTES && mac.verify_truncated_left(mark).is_ok()
    }

    /// Whether it counts further than the log goes.
    fn is_ahead(&self, newest: u64) -> bool {
        self.since > newest || self.reached > newest
    }
}

/// A running pull.
pub struct Pull {
    store: Store,
    person: PersonId,
    understands: Understands,
    /// Where the phone stands; none: it has nothing.
    cursor: Option<Cursor>,
    /// The phone's cursor could not be read: it is told to fetch everything anew.
    unreadable: bool,
    done: bool,
}

/// Begins a pull for `person` from the phone's cursor (none: it has nothing yet), of what the phone understands. Reads
/// nothing yet.
pub fn pull(store: &Store, person: &PersonId, understands: Understands, cursor: Option<&[u8]>) -> Pull {
    let read = cursor.map(minicbor_serde::from_slice::<Cursor>);
    let unreadable = matches!(read, Some(Err(_)));
    let (store, person) = (store.clone(), person.clone());
    Pull { store, person, understands, cursor: read.and_then(Result::ok), unreadable, done: false }
}

/// The epoch that this cursor proves to have ended: it is one of this server's own and ahead of the log, so the log was put
/// back to an earlier state without anybody having said so. A made-up cursor proves nothing.
pub fn ended_epoch(store: &Store, cursor: &[u8]) -> Result<Option<[u8; 16]>, StoreError> {
    let Ok(cursor) = minicbor_serde::from_slice::<Cursor>(cursor) else { return Ok(None) };
    store.read(|view| {
        let epoch = view.epoch()?;
        let ahead = *cursor.epoch == epoch && cursor.is_ahead(view.newest_seq()?) && cursor.is_ours(&view.cursor_key()?);
        Ok(ahead.then_some(epoch))
    })
}

/// The bytes of a sealed agreement, if this person may see a document that has it.
pub fn bundle(store: &Store, person: &PersonId, digest: &Digest) -> Result<Option<Vec<u8>>, StoreError> {
    let keys = keys(&*store.directory()?, person, |_| true);
    store.read(|view| {
        for (line, bytes) in view.bundle(digest)? {
            if !keys.is_disjoint(&view.scopes_of(&line)?) {
                // Evidence: the digest is its name, and is held against it on every read.
                let actual: [u8; 32] = Sha256::digest(&bytes).into();
                return if actual == *digest.as_bytes() { Ok(Some(bytes)) } else { Err(StoreError::Damaged) };
            }
        }
        Ok(None)
    })
}

impl Pull {
    /// The next page: frames, each behind its length as a big-endian `u32`, the last a checkpoint. Nothing: the pull is
    /// over. What the person may see is asked anew for every page.
    pub fn next_page(&mut self) -> Result<Option<Vec<u8>>, StoreError> {
        if self.done {
            return Ok(None);
        }
        let directory = self.store.directory()?;
        let keys = keys(&directory, &self.person, |kind| self.understands.kind(kind));
        let mut page = Page::default();
        let store = self.store.clone();
        let (cursor, done, lost) = store.read(|view| {
            let mut cursor = self.begin(view, &keys, &mut page)?;
            if self.understands.new_fields() && !cursor.whole_directory {
                cursor.directory = 0;
                cursor.whole_directory = true;
            }
            if cursor.directory != directory.version {
                let bytes = self.understands.directory(&directory).ok_or(StoreError::Refused("directory_encoding"))?;
                page.push(&Frame::Directory { version: directory.version, bytes: ByteBuf::from(bytes) })?;
                cursor.directory = directory.version;
            }
            let done = fill(view, &keys, &mut cursor, &mut page)?;
            let lost = if done { lost(view, &keys)? } else { Vec::new() };
            Ok((cursor.marked(&view.cursor_key()?), done, lost))
        })?;
        let bytes = minicbor_serde::to_vec(&cursor).map_err(|_| StoreError::Refused("cursor_encoding"))?;
        page.push(&Frame::Checkpoint { cursor: ByteBuf::from(bytes), done, lost })?;
        self.cursor = Some(cursor);
        self.unreadable = false;
        self.done = done;
        Ok(Some(page.bytes))
    }

    /// The cursor to go on from: the phone's, or a new one behind a `MustRefetch` if the phone's no longer counts.
    fn begin(&self, view: &View<'_>, keys: &BTreeSet<String>, page: &mut Page) -> Result<Cursor, StoreError> {
        let epoch = view.epoch()?;
        let scopes = digest(keys);
        let newest = view.newest_seq()?;
        let whole_directory = self.understands.new_fields();
        let fresh = || Cursor {
            epoch: ByteBuf::from(epoch.to_vec()),
            scopes,
            directory: 0,
            began: newest,
            since: 0,
            reached: 0,
            whole_directory,
            mark: None,
        };
        let Some(mut cursor) = self.cursor.clone() else {
            if self.unreadable {
                page.push(&Frame::MustRefetch { new_epoch: true })?;
            }
            return Ok(fresh());
        };
        // A cursor from the future: the file was put back to an earlier state without being given a new epoch.
        if *cursor.epoch != epoch || cursor.is_ahead(newest) {
            page.push(&Frame::MustRefetch { new_epoch: true })?;
            return Ok(fresh());
        }
        if cursor.scopes != scopes && !planted::is(Planted::MoveNotNoticed) {
            page.push(&Frame::MustRefetch { new_epoch: false })?;
            return Ok(Cursor { directory: cursor.directory, whole_directory: cursor.whole_directory, ..fresh() });
        }
        if cursor.reached == cursor.since {
            cursor.began = newest;
        }
        Ok(cursor)
    }
}

/// Puts the next documents into the page and moves the cursor over them. Whether the pass is over.
fn fill(view: &View<'_>, keys: &BTreeSet<String>, cursor: &mut Cursor, page: &mut Page) -> Result<bool, StoreError> {
    let mut news = Vec::new();
    for key in keys {
        // A hundred of each suffice for the first hundred of all.
        news.extend(view.news(key, cursor.reached, CHECKPOINT_DOCUMENTS)?);
    }
    news.sort_unstable_by_key(|news| news.last_seq);
    news.dedup();
    let more = news.len() >= CHECKPOINT_DOCUMENTS;
    news.truncate(CHECKPOINT_DOCUMENTS);
    let mut taken = 0;
    for one in &news {
        if page.bytes.len() >= PAGE_BYTES {
            break;
        }
        if let Some(frame) = frame(view, keys, cursor, *one)? {
            page.push(&frame)?;
        }
        taken += 1;
        cursor.reached = one.last_seq;
    }
    if more || taken < news.len() {
        return Ok(false);
    }
    // Nothing in scope between here and the newest: this pass ends, the next begins behind it.
    cursor.since = view.newest_seq()?.max(cursor.reached) + u64::from(planted::is(Planted::NaiveCursor));
    cursor.reached = cursor.since;
    Ok(true)
}

/// Attachments of cases in these scopes whose bytes were lost here.
fn lost(view: &View<'_>, keys: &BTreeSet<String>) -> Result<Vec<LostAttachment>, StoreError> {
    let missing = view.missing_in(keys, LOST_MAX)?;
    Ok(missing.into_iter().map(|(doc, digest)| LostAttachment { doc, digest }).collect())
}

/// What the phone must be told of one document; nothing if a later news of it in this pass says it all, or it never had it.
fn frame(view: &View<'_>, keys: &BTreeSet<String>, cursor: &Cursor, news: News) -> Result<Option<Frame>, StoreError> {
    let mine: Vec<Interval> = view.intervals(news)?.into_iter().filter(|sight| keys.contains(&sight.scope)).collect();
    if mine.iter().any(|sight| sight.last_seq > news.last_seq) {
        return Ok(None);
    }
    if mine.iter().all(|sight| sight.left_seq.is_some()) {
        // The phone had it before this pass, or it came earlier in this very pass and left since.
        let had = mine.iter().any(|sight| {
            let in_this_pass = sight.first_seq <= cursor.reached && sight.left_seq.is_some_and(|left| left > cursor.began);
            sight.first_seq <= cursor.since || in_this_pass
        });
        return if had && !planted::is(Planted::ForgetNotSent) {
            Ok(Some(Frame::Forget { doc: view.doc_of(news)?.id }))
        } else {
            Ok(None)
        };
    }
    let line = view.doc_of(news)?;
    // Had since before this pass, and no forget can have been sent in it.
    let had =
        mine.iter().any(|sight| sight.entered_seq <= cursor.since && sight.left_seq.is_none_or(|left| left > cursor.reached));
    let row = ByteBuf::from(line.row.clone());
    Ok(Some(if had {
        let changes = view.changes_after(&line, cursor.since)?.into_iter().map(ByteBuf::from).collect();
        Frame::Changes { doc: line.id, kind: line.kind, changes, heads: line.heads, row }
    } else {
        let bytes = ByteBuf::from(view.document(&line)?.bytes);
        Frame::Document { doc: line.id, kind: line.kind, bytes, heads: line.heads, row }
    }))
}

/// The keys of the scopes that a person's posts open, without those that hold only kinds that are not wanted; none for
/// somebody whom the directory does not have.
pub(crate) fn keys(directory: &Directory, person: &PersonId, wanted: impl Fn(DocKind) -> bool) -> BTreeSet<String> {
    let mut found = directory.person(person).cloned();
    if planted::is(Planted::EndedPostsStillOpen) {
        found.iter_mut().flat_map(|person| &mut person.posts).for_each(|post| post.ended = None);
    }
    let scopes = found.as_ref().map(scopes_of_person).unwrap_or_default();
    scopes.iter().filter(|scope| scope.only().is_none_or(&wanted)).map(ToString::to_string).collect()
}

fn digest(keys: &BTreeSet<String>) -> Digest {
    let mut hasher = Sha256::new();
    for key in keys {
        hasher.update((key.len() as u64).to_be_bytes());
        hasher.update(key.as_bytes());
    }
    Digest::from_bytes(hasher.finalize().into())
}

/// Frames, encoded.
#[derive(Default)]
struct Page {
    bytes: Vec<u8>,
}

impl Page {
    fn push(&mut self, frame: &Frame) -> Result<(), StoreError> {
        let frame = minicbor_serde::to_vec(frame).map_err(|_| StoreError::Refused("frame_encoding"))?;
        let length = u32::try_from(frame.len()).map_err(|_| StoreError::Refused("frame_length"))?;
        self.bytes.extend(length.to_be_bytes());
        self.bytes.extend(frame);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
