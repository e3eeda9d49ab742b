//! A sub-district of many phones: each person has one, some share a grid, and each has work prepared to push.

use std::path::Path;

use doorstep_core::case::{Body, Channel, Entry, Event, Noted, Reported, Reporter};
use doorstep_core::directory::{Directory, Grid};
use doorstep_core::document::{Document, NewChange, Writing};
use doorstep_core::environment::{Signer as _, random};
use doorstep_core::host::SoftwareSigner;
use doorstep_core::id::{ActorId, DeviceId, Digest, DocId, DocKind, PersonId};
use doorstep_core::people::{Person, Place, Role};
use doorstep_core::sync::wire::{PushRequest, PushedChange, VERSION};
use doorstep_core::time::{Hlc, Stamp, Timestamp};
use doorstep_server::enrol::{Minted, digest};
use doorstep_server::ingest::{self, Pusher};
use doorstep_server::store::{NewCode, NewDevice, Store};
use sha2::{Digest as _, Sha256};

use crate::seed::Seeded;

/// Changes of a case: its report and notes.
const CASE_CHANGES: usize = 15;
/// zstd level of requests, as phones compress them.
const LEVEL: i32 = 3;
/// The community of everybody.
const COMMUNITY: &str = "nanchenggen";

/// A push, ready but for its signature.
#[derive(Debug, Clone)]
pub struct Push {
    /// Digest of the plain body, which is what is signed.
    pub digest: Digest,
    /// The body as it travels, compressed.
    pub body: Vec<u8>,
}

/// A phone.
pub struct Phone {
    /// Its device.
    pub device: DeviceId,
    /// Whose it is.
    pub person: PersonId,
    /// Its key.
    pub signer: SoftwareSigner,
    /// What it will push, in order.
    pub pushes: Vec<Push>,
    grid: usize,
}

/// The sample's sub-district with so many people more, spread over so many grids.
fn directory(phones: usize, grids: usize) -> Directory {
    let mut directory = doorstep_server::admin::sample().expect("the sample is good");
    let post = directory
        .people
        .iter()
        .flat_map(|person| person.posts.iter())
        .find(|post| post.role == Role::GridWorker && post.org.as_str() == COMMUNITY)
        .cloned()
        .expect("the sample has grid workers");
    for number in 0..grids {
        let community = COMMUNITY.parse().expect("a slug");
        directory.grids.push(Grid { id: grid(number), name: format!("网格 {number}"), community, buildings: [].into() });
    }
    for number in 0..phones {
        let post = doorstep_core::people::Post { grids: vec![grid(number % grids)], ..post.clone() };
        directory.people.push(Person { id: person(number), name: format!("网格员 {number}"), posts: vec![post] });
    }
    directory
}

fn grid(number: usize) -> doorstep_core::id::GridId {
    format!("load-{number}").parse().expect("a slug")
}

fn person(number: usize) -> PersonId {
    format!("w-load-{number}").parse().expect("a slug")
}

/// Makes the server's database and the phones, all enrolled.
pub fn found(data: &Path, phones: usize, grids: usize, seed: u64, now: Timestamp) -> (Store, Vec<Phone>) {
    let entropy = Seeded::new(seed, "load");
    let store = Store::create(data, &directory(phones, grids), &entropy, now).expect("a new database");
    let next = std::sync::atomic::AtomicUsize::new(0);
    let all = std::sync::Mutex::new(Vec::new());
    // Several at once, so that they share the fsyncs.
    std::thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                    if number >= phones {
                        return;
                    }
                    let phone = enrolled(&store, number, grids, &Seeded::new(seed, &format!("phone {number}")), now);
                    all.lock().expect("no panic before").push((number, phone));
                }
            });
        }
    });
    let mut all = all.into_inner().expect("no panic before");
    all.sort_by_key(|(number, _)| *number);
    (store, all.into_iter().map(|(_, phone)| phone).collect())
}

fn enrolled(store: &Store, number: usize, grids: usize, entropy: &Seeded, now: Timestamp) -> Phone {
    let signer = SoftwareSigner::generate(entropy).expect("a key");
    let minted = Minted::new(entropy);
    let hash = |code: &str| digest(code).expect("a code");
    let (hash_long, hash_short) = (hash(&minted.secret), hash(&minted.typed));
    let code = NewCode { hash_long, hash_short, person: person(number), expires: now.plus_ms(3_600_000) };
    store.put_code(code, now).expect("the code is stored");
    let device = DeviceId::from_bytes(random(entropy));
    let new = NewDevice { id: device, public_key: signer.public_key(), label: String::new() };
    let person = store.redeem_code(hash_long, now, new).expect("the store works").expect("the code is good");
    Phone { device, person, signer, pushes: Vec::new(), grid: number % grids }
}

impl Phone {
    /// Prepares so many pushes of one change each, case after case.
    pub fn prepare(&mut self, count: usize, now: Timestamp, chance: &Seeded) {
        while self.pushes.len() < count {
            for change in self.case(now, chance).into_iter().take(count - self.pushes.len()) {
                let request = PushRequest { version: VERSION, changes: vec![change], bundles: Vec::new() };
                let plain = minicbor_serde::to_vec(&request).expect("a record");
                let digest = Digest::from_bytes(Sha256::digest(&plain).into());
                let body = zstd::bulk::compress(&plain, LEVEL).expect("compressed");
                self.pushes.push(Push { digest, body });
            }
        }
    }

    /// One case of this phone's, change by change.
    fn case(&self, now: Timestamp, chance: &Seeded) -> Vec<PushedChange> {
        let doc = DocId::from_bytes(random(chance));
        let actor = ActorId::from_bytes(random(chance));
        let mut time = Hlc(0);
        let mut entry = |event: Event| {
            time = time.next(now);
            Entry { stamp: Stamp { time, node: 7 }, author: self.person.clone(), body: Body::Event(event) }
        };
        let place = Place {
            community: COMMUNITY.parse().expect("a slug"),
            grid: grid(self.grid),
            building: None,
            detail: format!("{}号楼", chance.below(200)),
        };
        let report = Reported {
            channel: Channel::Phone,
            reporter: Some(Reporter { name: "李秀英".into(), phone: String::new() }),
            title: format!("楼道堆放杂物 {:04x}", chance.below(1 << 16)),
            place,
            category: "其他".into(),
            account: "二单元三楼到五楼的楼道里长期堆放纸箱和旧家具，影响通行。".into(),
            visit: None,
        };
        let pushed =
            |change: NewChange| PushedChange { doc, kind: DocKind::Case, hash: change.hash, bytes: change.bytes.into() };
        let first = Writing::entries(vec![entry(report.into())]);
        let (mut document, change) = Document::create(doc, DocKind::Case, actor, &first).expect("a case");
        let mut changes = vec![pushed(change)];
        while changes.len() < CASE_CHANGES {
            let text = format!("第 {} 次上门，与户主面谈，约定 {:x} 前清理。", changes.len(), chance.below(1 << 20));
            let note = Writing::entries(vec![entry(Noted { text }.into())]);
            let (next, change) = document.write(actor, &note).expect("a note");
            document = next;
            changes.push(pushed(change));
        }
        changes
    }

    /// Puts so many whole cases into the store, as if they had been pushed.
    pub fn fill(&self, store: &Store, cases: usize, now: Timestamp, chance: &Seeded) {
        let pusher = Pusher { device: self.device, person: self.person.clone() };
        for _ in 0..cases {
            let request = PushRequest { version: VERSION, changes: self.case(now, chance), bundles: Vec::new() };
            ingest::push(store, &pusher, &request, now).expect("pushed");
        }
    }
}
