//! What the store's tests share: a directory with one store in it, and content that can be told apart. The bytes are no real
//! changes: the store never looks inside.

use std::path::{Path, PathBuf};

use super::{Applied, Apply, ChangeRecord, Options, Store, StoreError, Tap};
use crate::id::{ActorId, ChangeHash, DocId, DocKind};
use crate::people::Place;
use crate::row::Row;
use crate::time::Hlc;

pub(super) struct Desk {
    pub(super) path: PathBuf,
    _directory: tempfile::TempDir,
}

impl Desk {
    pub(super) fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        Self { path: directory.path().join("store.db"), _directory: directory }
    }

    pub(super) fn open(&self) -> Store {
        self.open_with(Options::default())
    }

    pub(super) fn open_with(&self, options: Options) -> Store {
        Store::open(&self.path, options).unwrap()
    }

    /// Own change `seq` of document `i`.
    pub(super) fn tap(&self, store: &mut Store, i: u8, seq: u8) {
        self.try_tap(store, i, &own(i, seq.into())).unwrap();
    }

    #[expect(clippy::unused_self, reason = "reads like the others")]
    pub(super) fn try_tap(&self, store: &mut Store, i: u8, change: &ChangeRecord) -> Result<(), StoreError> {
        store.tap(&Tap {
            doc: doc(i),
            kind: DocKind::Case,
            change,
            command: format!("command {}", change.seq).as_bytes(),
            row: &Row { title: format!("after {}", change.seq), ..row(i) },
            hlc: Hlc(change.seq << 16),
            bundles: &[],
            clear_ceremony: false,
        })
    }

    /// The server's document `i`, whole.
    pub(super) fn pull(&self, store: &mut Store, i: u8, bytes: &[u8]) -> Applied {
        let _ = self;
        store.apply(&[whole(i, bytes)], None).unwrap()
    }

    pub(super) fn pull_row(&self, store: &mut Store, row: Row) {
        let _ = self;
        let item = Apply::Document { doc: row.doc, kind: row.kind, bytes: b"save".to_vec(), heads: vec![], row };
        store.apply(&[item], None).unwrap();
    }
}

pub(super) fn doc(i: u8) -> DocId {
    DocId::from_bytes([i; 16])
}

/// Own change `seq` of document `i`.
pub(super) fn own(i: u8, seq: u64) -> ChangeRecord {
    let mut hash = [i; 32];
    hash[0] = 0xaa;
    hash[1] = u8::try_from(seq).unwrap();
    ChangeRecord {
        hash: ChangeHash::from_bytes(hash),
        actor: ActorId::from_bytes([i; 16]),
        seq,
        bytes: format!("<own {i}.{seq}>").into_bytes(),
    }
}

/// The server's document `i`; its one head is told by its bytes.
pub(super) fn whole(i: u8, bytes: &[u8]) -> Apply {
    Apply::Document { doc: doc(i), kind: DocKind::Case, bytes: bytes.to_vec(), heads: vec![head(bytes)], row: row(i) }
}

pub(super) fn head(bytes: &[u8]) -> ChangeHash {
    let mut hash = [0xbb; 32];
    for (at, byte) in bytes.iter().take(31).enumerate() {
        hash[at + 1] = *byte;
    }
    ChangeHash::from_bytes(hash)
}

pub(super) fn row(i: u8) -> Row {
    Row {
        doc: doc(i),
        kind: DocKind::Case,
        title: format!("case {i}"),
        place: Some(Place {
            community: "ncg".parse().unwrap(),
            grid: "ncg-1".parse().unwrap(),
            building: None,
            detail: "3-201".into(),
        }),
        stage: "received".into(),
        category: "noise".into(),
        channel: None,
        round: 1,
        assignee: None,
        holder: None,
        involved: vec![],
        due: None,
        look: false,
        signed: false,
        updated: Hlc(u64::from(i) << 16),
        ..Row::unreadable(doc(i), DocKind::Case)
    }
}

/// What is on disk at this moment, as a kill would leave it.
pub(super) fn copy_files(from: &Path, to: &Path) {
    for suffix in ["", "-wal", "-journal"] {
        let name = |path: &Path| {
            let mut name = path.as_os_str().to_owned();
            name.push(suffix);
            PathBuf::from(name)
        };
        if name(from).exists() {
            std::fs::copy(name(from), name(to)).unwrap();
        }
    }
}
