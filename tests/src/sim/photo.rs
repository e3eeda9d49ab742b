//! What a phone's and the server's files hold at this moment, read by SQLite alone and without any of the product's code:
//! as much a witness as what the product says of itself.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use doorstep_core::document::Document;
use doorstep_core::id::{ChangeHash, Digest, DocId, DocKind};
use doorstep_core::planted::{self, Planted};
use rusqlite::{Connection, OpenFlags};
use serde::Deserialize;
use serde_bytes::ByteBuf;

/// Bytes of a hash.
const HASH: usize = 32;

/// A change of the outbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsettled {
    /// `waiting`, `wanted` or `set_aside`.
    pub state: String,
    /// The code, if it was set aside.
    pub code: Option<String>,
    /// The command kept beside it.
    pub command: Vec<u8>,
    /// Where its bytes are: `tail`, `saved` or `out` of the document.
    pub place: String,
}

/// A document on a phone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// What it is.
    pub kind: DocKind,
    /// Heads it must show.
    pub heads: Vec<ChangeHash>,
    /// Save and tail.
    pub bytes: Vec<u8>,
    /// Whether it only stays for what is unsent.
    pub leaving: bool,
    /// Whether it could not be read.
    pub unreadable: bool,
}

/// An attachment on a phone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// Whether its row says that the bytes are here.
    pub here: bool,
    /// `none`, `waiting`, `stored` or `refused`.
    pub upload: String,
    /// The length of the file under its name; none: there is no such file.
    pub file: Option<u64>,
}

impl Picture {
    /// Whether this phone has yet to give it away.
    pub fn is_unsent(&self) -> bool {
        matches!(self.upload.as_str(), "waiting" | "refused")
    }
}

/// A change, by document and hash.
pub type Named = (DocId, ChangeHash);

/// What a phone's files hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Photo {
    /// Where its pull stands.
    pub cursor: Option<Cursor>,
    /// What the server has not answered for.
    pub outbox: BTreeMap<Named, Unsettled>,
    /// The documents.
    pub documents: BTreeMap<DocId, Held>,
    /// Changes this phone wrote itself, whose bytes it has.
    pub own: BTreeSet<Named>,
    /// The attachments.
    pub attachments: BTreeMap<Digest, Picture>,
}

/// The server's cursor, as it stands in its bytes.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Cursor {
    /// The log it counts in.
    pub epoch: ByteBuf,
    /// Digest of the scopes it was made for.
    pub scopes: Digest,
    /// The newest number when the last whole pass ended.
    pub since: u64,
    /// How far this pass is.
    pub reached: u64,
}

fn look(path: &Path) -> Connection {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Connection::open_with_flags(path, flags).expect("a database to look at")
}

fn hashes(column: &[u8]) -> Vec<ChangeHash> {
    column.as_chunks::<HASH>().0.iter().copied().map(ChangeHash::from_bytes).collect()
}

fn kind(name: &str) -> DocKind {
    DocKind::from_name(name).expect("a kind of document")
}

impl Photo {
    /// Of the phone whose files lie in `dir`; `scratch` is a place to look at a copy of them.
    pub fn of(dir: &Path, scratch: &Path) -> Self {
        copy_database(dir, scratch);
        let file = look(&scratch.join(crate::phone::FILE));
        file.execute_batch("PRAGMA locking_mode = EXCLUSIVE").expect("a copy of one's own");
        let all = "no query of a phone's own tables fails";
        let mut photo = Self::default();
        let cursor: Result<Vec<u8>, _> = file.query_row("SELECT value FROM meta WHERE name = 'cursor'", [], |row| row.get(0));
        photo.cursor = cursor.ok().map(|bytes| minicbor_serde::from_slice(&bytes).expect("a cursor of this server"));
        let sql = "SELECT o.doc, c.hash, o.state, o.code, o.command, c.place FROM outbox o JOIN change c USING (n)";
        let mut query = file.prepare(sql).expect(all);
        let mut rows = query.query([]).expect(all);
        while let Some(row) = rows.next().expect(all) {
            let named = (DocId::from_bytes(row.get(0).expect(all)), ChangeHash::from_bytes(row.get(1).expect(all)));
            let unsettled = Unsettled {
                state: row.get(2).expect(all),
                code: row.get(3).expect(all),
                command: row.get(4).expect(all),
                place: row.get(5).expect(all),
            };
            photo.outbox.insert(named, unsettled);
        }
        let sql = "SELECT d.doc, d.kind, d.heads, d.leaving, d.trust = 'unreadable', s.bytes
                   FROM document d LEFT JOIN saved s USING (doc)";
        let mut query = file.prepare(sql).expect(all);
        let mut rows = query.query([]).expect(all);
        while let Some(row) = rows.next().expect(all) {
            let held = Held {
                kind: kind(&row.get::<_, String>(1).expect(all)),
                heads: hashes(&row.get::<_, Vec<u8>>(2).expect(all)),
                bytes: row.get::<_, Option<Vec<u8>>>(5).expect(all).unwrap_or_default(),
                leaving: row.get(3).expect(all),
                unreadable: row.get(4).expect(all),
            };
            photo.documents.insert(DocId::from_bytes(row.get(0).expect(all)), held);
        }
        let mut query = file.prepare("SELECT doc, hash FROM change WHERE actor IS NOT NULL").expect(all);
        let mut rows = query.query([]).expect(all);
        while let Some(row) = rows.next().expect(all) {
            let named = (DocId::from_bytes(row.get(0).expect(all)), ChangeHash::from_bytes(row.get(1).expect(all)));
            photo.own.insert(named);
        }
        let mut query = file.prepare("SELECT digest, here, upload FROM attachment").expect(all);
        let mut rows = query.query([]).expect(all);
        while let Some(row) = rows.next().expect(all) {
            let digest = Digest::from_bytes(row.get(0).expect(all));
            let path = dir.join(attachments()).join(digest.to_string());
            let lies = std::fs::metadata(path).ok().map(|found| found.len());
            let picture = Picture { here: row.get(1).expect(all), upload: row.get(2).expect(all), file: lies };
            photo.attachments.insert(digest, picture);
        }
        let mut query = file.prepare("SELECT doc, bytes FROM change WHERE place = 'tail' ORDER BY n").expect(all);
        let mut rows = query.query([]).expect(all);
        while let Some(row) = rows.next().expect(all) {
            if let Some(held) = photo.documents.get_mut(&DocId::from_bytes(row.get(0).expect(all))) {
                held.bytes.extend(row.get::<_, Vec<u8>>(1).expect(all));
            }
        }
        photo
    }
}

impl Held {
    /// The document, if its bytes are one.
    pub fn load(&self) -> Option<Document> {
        Document::load(&self.bytes).ok()
    }
}

/// What a dead battery leaves of a phone's files: what was written, or, where the store is told not to wait for the disk, what
/// had reached the disk by then, which is the file without its log.
pub fn battery_dies(from: &Path, to: &Path) {
    copy(from, to);
    let log = to.join(format!("{}-wal", crate::phone::FILE));
    if planted::is(Planted::WeakerFsync) && log.exists() {
        std::fs::remove_file(log).expect("removed");
    }
}

/// The folder of a phone's attachments.
fn attachments() -> String {
    format!("{}-attachments", crate::phone::FILE)
}

/// Copies a phone's files as they are at this moment.
pub fn copy(from: &Path, to: &Path) {
    copy_database(from, to);
    let Ok(entries) = std::fs::read_dir(from.join(attachments())) else { return };
    let folder = to.join(attachments());
    std::fs::create_dir_all(&folder).expect("a directory");
    for entry in entries {
        let entry = entry.expect("an entry");
        let target = folder.join(entry.file_name());
        // A file with a digest for its name is never written again: the same one under two names is a copy.
        if entry.file_name().to_string_lossy().parse::<Digest>().is_ok() {
            std::fs::hard_link(entry.path(), target).expect("a link");
        } else {
            std::fs::copy(entry.path(), target).expect("a copy");
        }
    }
}

fn copy_database(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a directory");
    for suffix in ["", "-wal", "-journal"] {
        let name = format!("{}{suffix}", crate::phone::FILE);
        if from.join(&name).exists() {
            std::fs::copy(from.join(&name), to.join(&name)).expect("a copy");
        } else if to.join(&name).exists() {
            std::fs::remove_file(to.join(&name)).expect("removed");
        }
    }
}

/// A document on the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// What it is.
    pub kind: DocKind,
    /// Its heads.
    pub heads: Vec<ChangeHash>,
    /// Its list row.
    pub row: Vec<u8>,
    /// Its changes with their numbers.
    pub changes: BTreeMap<ChangeHash, u64>,
    /// The number of the newest.
    pub last_seq: u64,
}

/// What the server's file holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shelf {
    /// The log's name.
    pub epoch: Vec<u8>,
    /// The newest number given.
    pub newest: u64,
    /// The documents.
    pub documents: BTreeMap<DocId, Kept>,
    /// What was refused and kept.
    pub refused: BTreeSet<Named>,
    /// The attachments that it says it has, with their lengths.
    pub attachments: BTreeMap<Digest, u64>,
    /// For which case each was shown to be had, and is given out.
    pub given: BTreeSet<(DocId, Digest)>,
}

/// A way to look at a server's file that stays open: what did not change since is not read again.
pub struct Window {
    path: PathBuf,
    file: Connection,
    seen: Option<(i64, Arc<Shelf>)>,
}

impl Window {
    /// On this file.
    pub fn on(path: PathBuf) -> Self {
        let file = look(&path);
        Self { path, file, seen: None }
    }

    /// Whether it is a window on this file.
    pub fn is_on(&self, path: &Path) -> bool {
        self.path == path
    }

    /// What the file holds now.
    pub fn shelf(&mut self) -> Arc<Shelf> {
        let version = "PRAGMA data_version";
        let version: i64 = self.file.query_row(version, [], |row| row.get(0)).expect("a file that can be read");
        match &self.seen {
            Some((seen, shelf)) if *seen == version => Arc::clone(shelf),
            _ => {
                let shelf = Arc::new(Shelf::of(&self.file));
                self.seen = Some((version, Arc::clone(&shelf)));
                shelf
            }
        }
    }

    /// A sealed agreement's bytes.
    pub fn bundle(&self, digest: &Digest) -> Option<Vec<u8>> {
        self.file.query_row("SELECT bytes FROM bundle WHERE digest = ?1", [digest.as_bytes()], |row| row.get(0)).ok()
    }

    /// The documents of this shelf.
    pub fn documents(&self, shelf: &Shelf) -> BTreeMap<DocId, Document> {
        let all = "no query of the server's own tables fails";
        let sql = "SELECT coalesce((SELECT bytes FROM saved s WHERE s.doc = d.n), x''),
                          coalesce((SELECT through_seq FROM saved s WHERE s.doc = d.n), 0), d.n FROM doc d WHERE d.id = ?1";
        let mut head = self.file.prepare(sql).expect(all);
        let mut tail = self.file.prepare("SELECT bytes FROM change WHERE doc = ?1 AND seq > ?2 ORDER BY seq").expect(all);
        let mut found = BTreeMap::new();
        for doc in shelf.documents.keys() {
            let columns = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
            let (mut bytes, through, n): (Vec<u8>, i64, i64) = head.query_row([doc.as_bytes()], columns).expect(all);
            let mut rows = tail.query([n, through]).expect(all);
            while let Some(row) = rows.next().expect(all) {
                bytes.extend(row.get::<_, Vec<u8>>(0).expect(all));
            }
            if let Ok(document) = Document::load(&bytes) {
                found.insert(*doc, document);
            }
        }
        found
    }
}

impl Shelf {
    fn of(file: &Connection) -> Self {
        let all = "no query of the server's own tables fails";
        let unsigned = |number: i64| u64::try_from(number).unwrap_or_default();
        let mut shelf = Self {
            epoch: file.query_row("SELECT value FROM meta WHERE key = 'epoch'", [], |row| row.get(0)).expect(all),
            ..Self::default()
        };
        let newest = "SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'change'), 0)";
        shelf.newest = unsigned(file.query_row(newest, [], |row| row.get(0)).expect(all));
        let mut query = file.prepare("SELECT id, kind, heads, row, last_seq FROM doc").expect(all);
        let mut rows = query.query([]).expect(all);
        while let Some(row) = rows.next().expect(all) {
            let kept = Kept {
                kind: kind(&row.get::<_, String>(1).expect(all)),
                heads: hashes(&row.get::<_, Vec<u8>>(2).expect(all)),
                row: row.get(3).expect(all),
                changes: BTreeMap::new(),
                last_seq: unsigned(row.get(4).expect(all)),
            };
            shelf.documents.insert(DocId::from_bytes(row.get(0).expect(all)), kept);
        }
        let mut query = file.prepare("SELECT d.id, c.hash, c.seq FROM change c JOIN doc d ON d.n = c.doc").expect(all);
        let mut rows = query.query([]).expect(all);
        while let Some(row) = rows.next().expect(all) {
            if let Some(kept) = shelf.documents.get_mut(&DocId::from_bytes(row.get(0).expect(all))) {
                kept.changes.insert(ChangeHash::from_bytes(row.get(1).expect(all)), unsigned(row.get(2).expect(all)));
            }
        }
        let mut query = file.prepare("SELECT doc, hash FROM set_aside").expect(all);
        let mut rows = query.query([]).expect(all);
        while let Some(row) = rows.next().expect(all) {
            let named = (DocId::from_bytes(row.get(0).expect(all)), ChangeHash::from_bytes(row.get(1).expect(all)));
            shelf.refused.insert(named);
        }
        let mut query = file.prepare("SELECT digest, length FROM attachment").expect(all);
        let mut rows = query.query([]).expect(all);
        while let Some(row) = rows.next().expect(all) {
            shelf.attachments.insert(Digest::from_bytes(row.get(0).expect(all)), unsigned(row.get(1).expect(all)));
        }
        let mut query = file.prepare("SELECT doc, digest FROM attachment_of").expect(all);
        let mut rows = query.query([]).expect(all);
        while let Some(row) = rows.next().expect(all) {
            let digest = Digest::from_bytes(row.get(1).expect(all));
            shelf.given.insert((DocId::from_bytes(row.get(0).expect(all)), digest));
        }
        shelf
    }

    /// Whether it has this change.
    pub fn has(&self, named: &Named) -> bool {
        self.documents.get(&named.0).is_some_and(|kept| kept.changes.contains_key(&named.1))
    }
}
