//! The phone's main transactions, each on a database that a real phone wrote.

use std::path::Path;
use std::sync::Arc;

use doorstep_core::device::{Device, Host, Terms};
use doorstep_core::host::SoftwareSigner;
use doorstep_core::household::{Command as HouseholdCommand, ResidentRecorded};
use doorstep_core::id::{ActorId, ChangeHash, DocId};
use doorstep_core::people::Place;
use doorstep_core::store::{
    Apply, ChangeRecord, Meta, Options, Outcome, PulledChange, Queued, Rebuild, Settled, Store, StoreError,
};
use doorstep_core::time::Hlc;
use doorstep_core::words::Lang;

use super::Image;
use super::rig::{Act, Transaction};
use crate::clock::PhoneClock;
use crate::phone::{FILE, Phone};
use crate::seed::Seeded;
use crate::{World, scenes};

/// Releases whose databases are migrated.
const RELEASES: [(&str, &str); 2] =
    [("phone: migrate 0.1.0", "fixtures/v0.1.0/phone.db"), ("phone: migrate 0.2.0", "fixtures/v0.2.0/phone.db")];
/// Commits of opening an older database: migrations, another installation, the lease, rows made anew, and the mark that they are.
const OPENING_COMMITS: usize = 5;
/// The mark is looked for again the next time, where a full disk refused it.
const OPENING_UNPROMISED: usize = 1;

/// What opening a device needs, the same each time.
#[derive(Clone)]
pub(super) struct Hand {
    seed: u64,
    clock: PhoneClock,
    signer: Arc<SoftwareSigner>,
    installation: [u8; 16],
}

impl Hand {
    pub(super) fn of(phone: &Phone, seed: u64) -> Self {
        Self { seed, clock: phone.clock.clone(), signer: phone.signer.clone(), installation: phone.installation }
    }

    fn open(&self, folder: &Path) -> Result<Device, String> {
        self.open_with(folder, Options::default())
    }

    pub(super) fn open_with(&self, folder: &Path, options: Options) -> Result<Device, String> {
        let host = Host {
            clock: Arc::new(self.clock.clone()),
            entropy: Arc::new(Seeded::new(self.seed, "power")),
            signer: self.signer.clone(),
            installation: self.installation,
            lang: Lang::Zh,
        };
        Device::open(&folder.join(FILE), options, host).map_err(|error| format!("{error:?}"))
    }
}

fn sound(folder: &Path) -> Result<(), String> {
    let store = Store::open(&folder.join(FILE), Options::default()).map_err(|error| format!("{error:?}"))?;
    store.check().map_err(|error| format!("{error:?}"))
}

/// What lies on the phone's disk, its database closed.
fn image(phone: &mut Phone) -> Image {
    phone.off();
    let names = ["", "-wal", "-journal"].map(|end| format!("{FILE}{end}"));
    let image = Image::read(&phone.dir, &names);
    phone.reopen();
    image
}

/// A transaction of the device.
fn on_device(
    name: &'static str,
    image: Image,
    commits: usize,
    hand: Hand,
    act: impl Fn(&Device) -> Result<(), String> + Send + Sync + 'static,
) -> Transaction {
    let act = Arc::new(act);
    let open = move |folder: &Path| {
        let device = hand.open(folder)?;
        let act = Arc::clone(&act);
        Ok(Box::new(move || act(&device)) as Act)
    };
    let unpromised = if commits == OPENING_COMMITS { OPENING_UNPROMISED } else { 0 };
    Transaction { name, file: FILE, image, commits, unpromised, open: Box::new(open), sound }
}

/// A transaction of the store beneath it.
fn on_store(
    name: &'static str,
    image: Image,
    act: impl Fn(&mut Store) -> Result<(), StoreError> + Send + Sync + 'static,
) -> Transaction {
    let act = Arc::new(act);
    let open = move |folder: &Path| {
        let mut store = Store::open(&folder.join(FILE), Options::default()).map_err(|error| format!("{error:?}"))?;
        let act = Arc::clone(&act);
        Ok(Box::new(move || act(&mut store).map_err(|error| format!("{error:?}"))) as Act)
    };
    Transaction { name, file: FILE, image, commits: 1, unpromised: 0, open: Box::new(open), sound }
}

fn told<T, E: std::fmt::Debug>(done: Result<T, E>) -> Result<(), String> {
    done.map(drop).map_err(|error| format!("{error:?}"))
}

/// All of them.
pub fn transactions(seed: u64) -> Vec<Transaction> {
    let world = World::new(seed);
    world.plain_phones();
    let mut worker = world.phone("w-ncg-1");
    let mut lead = world.phone("lead-ncg");
    let mut all = vec![begun(&world, seed), enrolled(&world)];
    all.extend(taps(&world, &mut worker, seed));
    all.extend(answers(&mut worker));
    all.extend(pulls(&world, &mut worker, &mut lead));
    all.extend(keeping(&mut worker, seed));
    for (name, fixture) in RELEASES {
        let content = std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(fixture)).expect("the fixture is there");
        let image = Image([(FILE.to_owned(), Arc::new(content))].into());
        all.push(on_device(name, image, OPENING_COMMITS, Hand::of(&lead, seed), |_| Ok(())));
    }
    all
}

/// A database made where none was.
fn begun(world: &World, seed: u64) -> Transaction {
    let phone = world.new_phone("w-ncg-1");
    on_device("phone: begin", Image::default(), OPENING_COMMITS, Hand::of(&phone, seed), |_| Ok(()))
}

/// What `Device::enrol` writes once the server has answered.
fn enrolled(world: &World) -> Transaction {
    let mut phone = world.new_phone("w-ncg-1");
    on_store("phone: enrol", image(&mut phone), |store| {
        store.set_meta(&[
            (Meta::Nonce, Some(b"nonce")),
            (Meta::Device, Some(&[7; 16])),
            (Meta::Person, Some(b"w-ncg-1")),
            (Meta::Tenant, Some("街道".as_bytes())),
            (Meta::Server, Some(b"http://127.0.0.1")),
        ])
    })
}

fn somebody(phone: &Phone, name: &str) -> ResidentRecorded {
    ResidentRecorded {
        resident: phone.device().new_resident(),
        name: name.into(),
        phone: String::new(),
        born: None,
        relation: String::new(),
        tags: Vec::new(),
        from: None,
        back: None,
    }
}

fn taps(world: &World, worker: &mut Phone, seed: u64) -> Vec<Transaction> {
    let case = scenes::report(worker, "一件事");
    worker.device().run(case, &scenes::note("之前")).expect("a note");
    let door = |detail: &str| Place { detail: detail.into(), ..scenes::place() };
    let [old, new] = ["401", "402"].map(|at| worker.device().register_household(door(at)).expect("registered").id);
    let resident = somebody(worker, "李秀英");
    let who = resident.resident;
    worker.device().run_household(old, &HouseholdCommand::RecordResident { resident }).expect("recorded");
    let sealing = scenes::drafted(world, worker);
    worker.device().freeze(sealing, Terms::default()).expect("frozen");
    scenes::sign_all(worker, sealing);
    let before = image(worker);
    let hand = Hand::of(worker, seed);
    let moved = worker.device().moment().wall.date();
    vec![
        on_device("phone: tap", before.clone(), 1, hand.clone(), move |device| {
            told(device.run(case, &scenes::note("在断电的时候")))
        }),
        on_device("phone: report", before.clone(), 1, hand.clone(), |device| told(device.report(scenes::reported("新的一件")))),
        on_device("phone: tap_all (a move)", before.clone(), 1, hand.clone(), move |device| {
            told(device.move_resident(old, new, who, moved))
        }),
        // The count of seals, then bundle, event and end of the ceremony.
        on_device("phone: seal", before, 2, hand, move |device| told(device.seal(sealing))),
    ]
}

/// Verdicts, and what follows from a refusal.
fn answers(worker: &mut Phone) -> Vec<Transaction> {
    let before = image(worker);
    let unsent = worker.with_store(|store| store.outbox(0, 1 << 20, 100).expect("the outbox"));
    let verdicts: Vec<Settled> = unsent
        .iter()
        .enumerate()
        .map(|(number, out)| {
            let outcome = match number % 4 {
                3 => Outcome::SetAside { code: "wrong_stage".into(), about: vec!["closed".into()] },
                2 => Outcome::Wanted { hashes: vec![ChangeHash::from_bytes([9; 32])] },
                _ => Outcome::Stored,
            };
            Settled { doc: out.doc, hash: out.hash, outcome }
        })
        .collect();
    let settle = on_store("phone: settle", before, move |store| store.settle(&verdicts).map(drop));

    // The first of a case's unsent changes is refused; those behind it come back as new ones.
    let doc = unsent.last().expect("something is unsent").doc;
    let of: Vec<ChangeHash> = unsent.iter().filter(|out| out.doc == doc).map(|out| out.hash).collect();
    let refused = Settled { doc, hash: of[0], outcome: Outcome::SetAside { code: "not_allowed".into(), about: vec![] } };
    let mut scratch = scratch(worker);
    scratch.store.settle(&[refused]).expect("settled");
    let before = scratch.image();
    let replaced: Vec<ChangeHash> = of[1..].to_vec();
    let rebuild = on_store("phone: rebuild", before, move |store| {
        let stored = store.document(&doc)?.ok_or(StoreError::NoDocument)?;
        let row = store.row(&doc)?.ok_or(StoreError::NoDocument)?;
        let change = ChangeRecord {
            hash: ChangeHash::from_bytes([77; 32]),
            actor: ActorId::from_bytes([78; 16]),
            seq: 1,
            bytes: vec![79; 600],
        };
        let queue = [Queued { change: &change, command: b"again", bundles: &[] }];
        let hlc = Hlc(u64::MAX >> 8);
        let (save, heads) = (stored.bytes.as_slice(), [change.hash]);
        let rebuild =
            Rebuild { doc, revision: stored.revision, save, heads: &heads, row: &row, hlc, replaced: &replaced, queue: &queue };
        store.rebuild(&rebuild).map(drop)
    });
    vec![settle, rebuild]
}

/// A copy of a phone's database to prepare something in.
struct Scratch {
    folder: tempfile::TempDir,
    store: Store,
}

fn scratch(phone: &mut Phone) -> Scratch {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, content) in image(phone).0 {
        std::fs::write(folder.path().join(name), content.as_slice()).expect("a copy");
    }
    let store = Store::open(&folder.path().join(FILE), Options::default()).expect("the copy opens");
    Scratch { folder, store }
}

impl Scratch {
    fn image(self) -> Image {
        drop(self.store);
        Image::read(self.folder.path(), &[FILE.to_owned()])
    }
}

fn pulls(world: &World, worker: &mut Phone, lead: &mut Phone) -> Vec<Transaction> {
    worker.settle();
    lead.settle();
    let known = scenes::report(lead, "两人的事");
    lead.settle();
    worker.settle();
    lead.device().run(known, &scenes::note("负责人补充")).expect("a note");
    let new: Vec<DocId> = (0..6).map(|number| scenes::report(lead, &format!("新事 {number}"))).collect();
    let own = scenes::report(worker, "自己的");
    worker.device().run(known, &scenes::note("工作人员未传")).expect("a note");
    let before = image(worker);
    let plan: Vec<Apply> = lead.with_store(|store| {
        let mut plan: Vec<Apply> = new
            .iter()
            .map(|doc| {
                let stored = store.document(doc).expect("reads").expect("is there");
                let row = store.row(doc).expect("reads").expect("is there");
                Apply::Document { doc: *doc, kind: stored.kind, bytes: stored.bytes, heads: stored.heads, row }
            })
            .collect();
        let stored = store.document(&known).expect("reads").expect("is there");
        let row = store.row(&known).expect("reads").expect("is there");
        let unsent = store.unsent_of(&known).expect("reads");
        let changes =
            unsent.into_iter().map(|out| PulledChange { hash: out.hash, deps: Vec::new(), bytes: out.bytes }).collect();
        plan.push(Apply::Changes { doc: known, kind: stored.kind, changes, heads: stored.heads, row });
        let directory = store.directory().expect("reads").expect("is there");
        plan.push(Apply::Directory { version: directory.version + 1, bytes: directory.bytes });
        plan.push(Apply::Forget { doc: own });
        plan
    });
    let restored: Vec<Apply> = std::iter::once(Apply::BeginRefetch { new_epoch: true })
        .chain(plan.iter().filter(|item| matches!(item, Apply::Document { .. })).cloned())
        .chain([Apply::EndRefetch])
        .collect();
    let rows = lead.with_store(|store| {
        let row = |doc: &DocId| store.row(doc).expect("reads").expect("is there");
        new.iter().map(row).collect::<Vec<_>>()
    });
    let mut pulled = scratch(worker);
    pulled.store.apply(&plan, Some(b"before")).expect("applied");
    let reprojected = pulled.image();
    let mut forgetful = scratch(worker);
    forgetful.store.apply(&plan, Some(b"before")).expect("applied");
    let gone: Vec<Apply> = new.iter().map(|doc| Apply::Forget { doc: *doc }).collect();
    forgetful.store.apply(&gone, Some(b"after")).expect("forgotten");
    let forgetful = forgetful.image();
    world.minutes(1);
    vec![
        on_store("phone: apply", before.clone(), move |store| store.apply(&plan, Some(b"a later checkpoint")).map(drop)),
        on_store("phone: apply (restored)", before, move |store| store.apply(&restored, Some(b"another epoch")).map(drop)),
        on_store("phone: tidy what was forgotten", forgetful, |store| store.tidy()),
        on_store("phone: reproject", reprojected, move |store| {
            let anew: Vec<_> = rows.iter().map(|row| doorstep_core::row::Row { title: "重做".into(), ..row.clone() }).collect();
            store.put_rows(&anew)
        }),
    ]
}

/// What the phone does with its database by itself.
fn keeping(worker: &mut Phone, seed: u64) -> Vec<Transaction> {
    let case = scenes::report(worker, "很长的一件");
    for number in 0..8 {
        worker.device().run(case, &scenes::note(&format!("第{number}句"))).expect("a note");
    }
    let before = image(worker);
    let copied = Hand { installation: [3; 16], ..Hand::of(worker, seed) };
    // Its log still holds what the last taps wrote: a phone that was killed, not closed.
    let names = ["", "-wal"].map(|end| format!("{FILE}{end}"));
    worker.device().run(case, &scenes::note("最后一句")).expect("a note");
    let killed = Image::read(&worker.dir, &names);
    vec![
        on_store("phone: compact", before.clone(), move |store| {
            let stored = store.document(&case)?.ok_or(StoreError::NoDocument)?;
            store.compact(&case, stored.revision, &stored.bytes).map(drop)
        }),
        on_device("phone: begin_installation", before, 1, copied, |_| Ok(())),
        on_store("phone: tidy after a kill", killed, |store| store.tidy()),
    ]
}
