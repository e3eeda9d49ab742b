//! A small sub-district for tests: a real database in a directory of its own, and phones that write real documents.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};

use doorstep_core::case::{self, Channel, Noted, Reported, Transferred};
use doorstep_core::directory::{Directory, Grid};
use doorstep_core::document::{Document, Writing};
use doorstep_core::entry::{Body, Entry};
use doorstep_core::environment::Entropy;
use doorstep_core::id::{ActorId, DeviceId, Digest, DocId, DocKind, PersonId};
use doorstep_core::people::{Org, OrgKind, Person, Place, Post, Role};
use doorstep_core::row::Row;
use doorstep_core::sync::wire::{Frame, PushRequest, PushedChange, VERSION, Verdict};
use doorstep_core::time::{Hlc, Stamp, Timestamp};
use serde_bytes::ByteBuf;
use tempfile::TempDir;

use crate::ingest::{Pusher, push};
use crate::pull::{Pull, Understands, pull};
use crate::store::{NewCode, NewDevice, Store, StoreError};

/// 2026-05-08, in the morning.
pub(crate) const NOW: Timestamp = Timestamp(1_778_202_000_000);

/// Counts instead of being random.
pub(crate) struct Counting(pub(crate) AtomicU64);

impl Entropy for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(u8::try_from(self.0.fetch_add(1, Ordering::Relaxed) % 251).unwrap());
    }
}

fn post(role: Role, org: &str, grids: &[&str]) -> Post {
    let grids = grids.iter().map(|grid| grid.parse().unwrap()).collect();
    Post { role, org: org.parse().unwrap(), grids, buildings: vec![], ended: None }
}

fn person(id: &str, posts: Vec<Post>) -> Person {
    Person { id: id.parse().unwrap(), name: format!("name of {id}"), posts }
}

/// Two communities, three grids, a unit, an office; a worker a grid, a lead, a contact, a supervisor.
pub(crate) fn directory() -> Directory {
    let org = |id: &str, kind| Org { id: id.parse().unwrap(), kind, name: id.into() };
    let grid = |id: &str, community: &str| Grid {
        id: id.parse().unwrap(),
        name: id.into(),
        community: community.parse().unwrap(),
        buildings: BTreeMap::new(),
    };
    Directory {
        name: "东关街道".into(),
        orgs: vec![
            org("ncg", OrgKind::Community),
            org("dlh", OrgKind::Community),
            org("pipes", OrgKind::Unit),
            org("centre", OrgKind::Office),
        ],
        grids: vec![grid("ncg-1", "ncg"), grid("ncg-2", "ncg"), grid("dlh-1", "dlh")],
        people: vec![
            person("w1", vec![post(Role::GridWorker, "ncg", &["ncg-1"])]),
            person("w2", vec![post(Role::GridWorker, "ncg", &["ncg-2"])]),
            person("w3", vec![post(Role::GridWorker, "dlh", &["dlh-1"])]),
            person("lead", vec![post(Role::CommunityLead, "ncg", &[])]),
            person("pipes", vec![post(Role::UnitContact, "pipes", &[])]),
            person("eye", vec![post(Role::Supervisor, "centre", &[])]),
            person("admin", vec![post(Role::Administrator, "centre", &[])]),
        ],
        ..Directory::default()
    }
}

/// A database of its own.
pub(crate) struct Trial {
    pub(crate) dir: TempDir,
    pub(crate) store: Store,
    devices: AtomicU64,
}

impl Trial {
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::create(dir.path(), &directory(), &Counting(AtomicU64::new(7)), NOW).unwrap();
        Self { dir, store, devices: AtomicU64::new(1) }
    }

    /// A new phone of this person.
    pub(crate) fn enrol(&self, person: &str) -> Phone {
        self.enrol_with(person, [2; 33])
    }

    /// The same, with this public key.
    pub(crate) fn enrol_with(&self, person: &str, public_key: [u8; 33]) -> Phone {
        let node = self.devices.fetch_add(1, Ordering::Relaxed);
        let mut id = [0; 16];
        id[..8].copy_from_slice(&node.to_be_bytes());
        let mut code = [9; 32];
        code[..8].copy_from_slice(&node.to_be_bytes());
        let (long, short) = (Digest::from_bytes(code), Digest::from_bytes([code[7]; 32]));
        let expires = NOW.plus_ms(1000);
        let code = NewCode { hash_long: long, hash_short: short, person: person.parse().unwrap(), expires };
        self.store.put_code(code, NOW).unwrap();
        let device = NewDevice { id: DeviceId::from_bytes(id), public_key, label: String::new() };
        let person = self.store.redeem_code(long, NOW, device).unwrap().unwrap();
        Phone {
            pusher: Pusher { device: DeviceId::from_bytes(id), person },
            node,
            hlc: Hlc::default(),
            docs: BTreeMap::new(),
            cursor: None,
            directory: 0,
            refetches: 0,
        }
    }

    pub(crate) fn push(&self, phone: &Phone, changes: &[PushedChange]) -> Vec<Verdict> {
        self.try_push(phone, changes).unwrap()
    }

    pub(crate) fn try_push(&self, phone: &Phone, changes: &[PushedChange]) -> Result<Vec<Verdict>, StoreError> {
        let request = PushRequest { version: VERSION, changes: changes.to_vec(), bundles: vec![] };
        let answer = push(&self.store, &phone.pusher, &request, NOW)?;
        for (change, verdict) in changes.iter().zip(&answer.verdicts) {
            assert_eq!((change.doc, change.hash), (verdict.doc, verdict.hash), "verdicts stand in the push's order");
        }
        Ok(answer.verdicts.into_iter().map(|verdict| verdict.verdict).collect())
    }

    /// Changes the directory.
    pub(crate) fn direct(&self, change: impl FnOnce(&mut Directory)) {
        let mut directory = (*self.store.directory().unwrap()).clone();
        change(&mut directory);
        self.store.put_directory(directory, NOW).unwrap();
    }
}

/// A phone that writes documents, and keeps what it pulls.
pub(crate) struct Phone {
    pub(crate) pusher: Pusher,
    pub(crate) node: u64,
    pub(crate) hlc: Hlc,
    pub(crate) docs: BTreeMap<DocId, Document>,
    pub(crate) cursor: Option<Vec<u8>>,
    pub(crate) directory: u64,
    pub(crate) refetches: u64,
}

impl Phone {
    pub(crate) fn actor(&self, doc: DocId) -> ActorId {
        let mut bytes = *doc.as_bytes();
        bytes[8..].copy_from_slice(&self.node.to_be_bytes());
        ActorId::from_bytes(bytes)
    }

    pub(crate) fn entry(&mut self, event: impl Into<case::Event>) -> Entry<case::Event> {
        self.hlc = self.hlc.next(NOW);
        let stamp = Stamp { time: self.hlc, node: self.node };
        Entry { stamp, author: self.pusher.person.clone(), body: Body::Event(event.into()) }
    }

    pub(crate) fn report(&mut self, n: u64, grid: &str) -> PushedChange {
        let mut id = [0; 16];
        id[..8].copy_from_slice(&n.to_be_bytes());
        let doc = DocId::from_bytes(id);
        let community = grid.split('-').next().unwrap().parse().unwrap();
        let place = Place { community, grid: grid.parse().unwrap(), building: None, detail: String::new() };
        let entry = self.entry(Reported {
            channel: Channel::Phone,
            reporter: None,
            title: format!("楼道漏水 {n}"),
            place,
            category: "water".into(),
            account: "水管漏水".into(),
            visit: None,
        });
        let writing = Writing::entries(vec![entry]);
        let (document, new) = Document::create(doc, DocKind::Case, self.actor(doc), &writing).unwrap();
        self.docs.insert(doc, document);
        PushedChange { doc, kind: DocKind::Case, hash: new.hash, bytes: ByteBuf::from(new.bytes) }
    }

    pub(crate) fn write(&mut self, doc: DocId, entries: Vec<Entry<case::Event>>) -> PushedChange {
        let (document, new) = self.docs[&doc].write(self.actor(doc), &Writing::entries(entries)).unwrap();
        self.docs.insert(doc, document);
        PushedChange { doc, kind: DocKind::Case, hash: new.hash, bytes: ByteBuf::from(new.bytes) }
    }

    pub(crate) fn note(&mut self, doc: DocId, text: &str) -> PushedChange {
        let entry = self.entry(Noted { text: text.into() });
        self.write(doc, vec![entry])
    }

    pub(crate) fn transfer(&mut self, doc: DocId) -> PushedChange {
        let to = "pipes".parse().unwrap();
        let entry = self.entry(Transferred { to, reason: "their pipe".into(), agreed: None });
        self.write(doc, vec![entry])
    }

    pub(crate) fn begin(&self, trial: &Trial) -> Pull {
        pull(&trial.store, &self.pusher.person, Understands::said(Some("case,visit,household")), self.cursor.as_deref())
    }

    /// Takes everything there is, page by page from its cursor. All frames.
    pub(crate) fn pull(&mut self, trial: &Trial) -> Vec<Frame> {
        let mut all = Vec::new();
        let mut running = self.begin(trial);
        while let Some(page) = running.next_page().unwrap() {
            all.extend(self.take(&page));
        }
        all
    }

    /// Takes one page. Its frames.
    pub(crate) fn take(&mut self, page: &[u8]) -> Vec<Frame> {
        let frames = frames(page);
        assert!(matches!(frames.last(), Some(Frame::Checkpoint { .. })), "a page ends in a checkpoint");
        for frame in &frames {
            if let Frame::Document { row, .. } | Frame::Changes { row, .. } = frame {
                self.hlc = self.hlc.max(minicbor_serde::from_slice::<Row>(row).unwrap().updated);
            }
            match frame {
                Frame::Document { doc, bytes, heads, .. } => {
                    let document = Document::load(bytes).unwrap();
                    assert_eq!((document.id(), &document.heads()), (*doc, heads));
                    self.docs.insert(*doc, document);
                }
                Frame::Changes { doc, changes, heads, .. } => {
                    let had = self.docs.get(doc).expect("changes come for what the phone has");
                    let mut bytes = had.save();
                    for change in changes {
                        bytes.extend_from_slice(change);
                    }
                    let document = Document::load(&bytes).unwrap();
                    assert!(heads.iter().all(|head| document.has(head)), "nothing is lost on the way");
                    self.docs.insert(*doc, document);
                }
                Frame::Forget { doc } => {
                    self.docs.remove(doc);
                }
                Frame::Directory { version, .. } => self.directory = *version,
                Frame::MustRefetch { .. } => {
                    self.refetches += 1;
                    self.docs.clear();
                }
                Frame::Checkpoint { cursor, .. } => self.cursor = Some(cursor.to_vec()),
            }
        }
        frames
    }

    pub(crate) fn has(&self) -> BTreeSet<DocId> {
        self.docs.keys().copied().collect()
    }

    pub(crate) fn person(&self) -> PersonId {
        self.pusher.person.clone()
    }
}

/// The frames in a page.
pub(crate) fn frames(mut page: &[u8]) -> Vec<Frame> {
    let mut frames = Vec::new();
    while !page.is_empty() {
        let (length, rest) = page.split_first_chunk::<4>().unwrap();
        let (frame, rest) = rest.split_at(u32::from_be_bytes(*length) as usize);
        frames.push(minicbor_serde::from_slice(frame).unwrap());
        page = rest;
    }
    frames
}

/// The document that a change is of.
pub(crate) fn doc(n: u64) -> DocId {
    let mut id = [0; 16];
    id[..8].copy_from_slice(&n.to_be_bytes());
    DocId::from_bytes(id)
}
