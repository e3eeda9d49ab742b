//! Real traffic to begin from: what a small world sends, the same for the same seed.

use std::path::PathBuf;

use doorstep_core::case::{Event, Noted, TextName};
use doorstep_core::device::{Attaching, Link};
use doorstep_core::document::Document;
use doorstep_core::entry::Body;
use doorstep_core::environment::{Clock as _, Entropy as _, random};
use doorstep_core::id::{ActorId, Digest, DocId, DocKind};
use doorstep_core::sync::wire::{PATH_PULL, PATH_PUSH, PushedChange};
use doorstep_core::time::Timestamp;
use doorstep_server::ingest::Pusher;
use serde_bytes::ByteBuf;
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

use crate::phone::{FILE, Phone};
use crate::{World, forge, scenes};

/// What there is to begin from.
pub struct Seeds {
    /// The bodies of pushes, plain.
    pub pushes: Vec<Vec<u8>>,
    /// Changes that phones sent.
    pub changes: Vec<Vec<u8>>,
    /// Changes that fit on the documents of [`Seeds::server`] and were never sent. Under another actor they fit as well.
    pub ready: Vec<PushedChange>,
    /// Documents as they are pulled.
    pub documents: Vec<(DocId, DocKind, Vec<u8>)>,
    /// The bodies of pulls, plain.
    pub streams: Vec<Vec<u8>>,
    /// Sealed agreements.
    pub bundles: Vec<Vec<u8>>,
    /// What is attached to a case of [`Seeds::server`], of which no byte has come there yet.
    pub attached: Vec<Attached>,
    /// The pieces in which it was sent: of which of them, and the request's body.
    pub pieces: Vec<(usize, Vec<u8>)>,
    /// Whose phone pushes.
    pub pusher: Pusher,
    /// The world's time at the end.
    pub now: Timestamp,
    /// The lead's phone, for what opens its database.
    pub host: doorstep_core::device::Host,
    dir: TempDir,
}

/// An attachment.
pub struct Attached {
    /// The case that names it.
    pub doc: DocId,
    /// Its name.
    pub digest: Digest,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

impl Seeds {
    /// Those of this seed.
    pub fn new(seed: u64) -> Self {
        let world = World::new(seed);
        world.plain_phones();
        let (mut worker, mut lead) = (world.phone("w-ncg-1"), world.phone("lead-ncg"));
        let cases: Vec<DocId> = (0..4).map(|n| scenes::report(&worker, &format!("漏水{n}"))).collect();
        worker.synced();
        lead.synced();
        for (n, case) in cases.iter().enumerate() {
            let typed = scenes::add_text(&worker, *case, TextName::Minutes, "会上说了这些话。");
            for command in [scenes::note("看过现场"), scenes::sit_down(world.clock.now()), typed] {
                worker.device().run(*case, &command).expect("a step");
                world.minutes(3);
            }
            lead.device().run(*case, &scenes::note(&format!("请抓紧{n}"))).expect("a note beside");
        }
        worker.device().run(cases[0], &scenes::agreed()).expect("agreed");
        let (_, agreement) = scenes::sealed(&world, &worker);
        let attached: Vec<Attached> = [900, 70_000, 600_000].map(|length| attach(&worker, cases[1], length)).into();
        for phone in [&lead, &worker, &lead] {
            phone.settle();
        }
        let sent: Vec<_> = worker.network.sent().into_iter().chain(lead.network.sent()).collect();
        let bodies = |path: &str, answer: bool| -> Vec<Vec<u8>> {
            let of = sent.iter().filter(|sent| sent.request.path.starts_with(path));
            of.map(|sent| if answer { sent.body.clone() } else { sent.request.body.clone() })
                .filter(|body| body.len() > 20)
                .collect()
        };
        let (pushes, streams) = (bodies(PATH_PUSH, false), bodies(PATH_PULL, true));
        let dir = tempfile::tempdir().expect("a directory");
        world.server.copy_files(&dir.path().join("server"));
        let documents: Vec<_> = cases.iter().map(|case| (*case, worker.document(*case))).collect();
        let ready = documents.iter().flat_map(|(case, document)| ready(&worker, *case, document)).collect();
        let changes = documents.iter().flat_map(|(_, document)| document.changes().expect("its changes"));
        let changes = changes.map(|change| change.bytes).collect();
        let files = documents.iter().map(|(case, document)| (*case, DocKind::Case, file(document))).collect();
        let enrolled = worker.device().enrolled().expect("enrolled");
        worker.network.sent();
        worker.device().sync_attachments(worker.network.as_ref(), Link::Unmetered).expect("sent");
        let pieces = worker.network.sent().into_iter().filter_map(|sent| {
            let of = attached.iter().position(|one| sent.request.path.ends_with(&one.digest.to_string()))?;
            (sent.request.method == "POST").then_some((of, sent.request.body))
        });
        let pieces = pieces.collect();
        lead.off();
        std::fs::copy(lead.dir.join(FILE), dir.path().join(FILE)).expect("the lead's database");
        Self {
            pushes,
            changes,
            ready,
            documents: files,
            streams,
            bundles: vec![agreement.bytes],
            attached,
            pieces,
            pusher: Pusher { device: enrolled.device, person: enrolled.person },
            now: world.clock.now(),
            host: lead.host(),
            dir,
        }
    }

    /// The server's database: a directory to copy.
    pub fn server(&self) -> PathBuf {
        self.dir.path().join("server")
    }

    /// The lead's database: a file to copy.
    pub fn phone(&self) -> PathBuf {
        self.dir.path().join(FILE)
    }
}

/// A recording of so many bytes, attached on this phone.
fn attach(phone: &Phone, doc: DocId, length: usize) -> Attached {
    let mut bytes = vec![0; length];
    phone.entropy.fill(&mut bytes);
    bytes[..6].copy_from_slice(b"OggS\0\x02");
    phone.device().attach(doc, &mut bytes.as_slice(), &Attaching::default()).expect("attached");
    Attached { doc, digest: Digest::from_bytes(Sha256::digest(&bytes).into()), bytes }
}

/// A save of most of it and the rest behind, as a server sends it.
fn file(document: &Document) -> Vec<u8> {
    let changes = document.changes().expect("its changes");
    let split = changes.len() / 2;
    let first: Vec<u8> = changes[..split].iter().flat_map(|change| change.bytes.clone()).collect();
    let rest: Vec<u8> = changes[split..].iter().flat_map(|change| change.bytes.clone()).collect();
    [Document::load(&first).expect("the older half").save(), rest].concat()
}

/// Some changes on top of the document: a note, two notes at once, a kind that is newer.
fn ready(phone: &Phone, case: DocId, document: &Document) -> Vec<PushedChange> {
    let note = |text: &str| Body::Event(Event::from(Noted { text: text.into() }));
    let newer = Body::Newer { kind: "teleported".into(), record: vec![0xa1, 0x61, b'x', 0x82, 0x01, 0x63, b'a', b'b', b'c'] };
    let bodies = [note("一句"), note(&"很长的一句。".repeat(30)), newer];
    let mut all: Vec<PushedChange> = bodies
        .into_iter()
        .map(|body| {
            let actor = ActorId::from_bytes(random(phone.entropy.as_ref()));
            forge::pushed(case, forge::write(phone, document, actor, body).1)
        })
        .collect();
    let actor = ActorId::from_bytes(random(phone.entropy.as_ref()));
    let typing = doorstep_core::document::Writing::<Event> {
        entries: vec![],
        texts: vec![(TextName::Minutes, format!("{}又说。", document.text(TextName::Minutes)))],
    };
    let change = document.write(actor, &typing).expect("typed").1;
    all.push(PushedChange { doc: case, kind: DocKind::Case, hash: change.hash, bytes: ByteBuf::from(change.bytes) });
    all
}
