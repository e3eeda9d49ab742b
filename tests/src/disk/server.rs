//! The server's main transactions, each on a database that a real server wrote. Pushes go through the whole of `ingest`.

use std::path::Path;
use std::sync::Arc;

use doorstep_core::environment::Clock as _;
use doorstep_core::id::{ChangeHash, DeviceId, Digest, DocId, DocKind};
use doorstep_core::sync::wire::{PATH_PUSH, PushRequest, PushedChange, VERSION, Verdict};
use doorstep_core::time::Timestamp;
use doorstep_server::enrol::CODE_MS;
use doorstep_server::ingest::{self, Pusher};
use doorstep_server::store::{FILE, NewCode, NewDevice, Store, StoreError};
use serde_bytes::ByteBuf;

use super::Image;
use super::rig::{Act, Transaction};
use crate::phone::Phone;
use crate::{World, scenes};

/// Releases whose databases are migrated.
const RELEASES: [(&str, &str); 2] =
    [("server: migrate 0.1.0", "fixtures/v0.1.0/doorstep.db"), ("server: migrate 0.2.0", "fixtures/v0.2.0/doorstep.db")];
/// Commits of opening an older database: migrations, rows made anew, and what time alone took out of sight.
const OPENING_COMMITS: usize = 3;

fn sound(folder: &Path) -> Result<(), String> {
    opened(folder).map(drop)
}

/// The same, the database left open.
pub(super) fn opened(folder: &Path) -> Result<Store, String> {
    let store = Store::open(folder).map_err(|error| format!("{error:?}"))?;
    match store.verify_audit() {
        Ok(Ok(_)) => Ok(store),
        other => Err(format!("{other:?}")),
    }
}

/// What lies on the server's disk at this moment, as a backup of a running server would copy it.
pub(super) fn image(world: &World) -> Image {
    let folder = tempfile::tempdir().expect("a folder");
    world.server.copy_files(folder.path());
    Image::read(folder.path(), &["", "-wal"].map(|end| format!("{FILE}{end}")))
}

fn on_store(
    name: &'static str,
    image: Image,
    commits: usize,
    act: impl Fn(&Store) -> Result<(), String> + Send + Sync + 'static,
) -> Transaction {
    let act = Arc::new(act);
    let open = move |folder: &Path| {
        let store = Store::open(folder).map_err(|error| format!("{error:?}"))?;
        let act = Arc::clone(&act);
        Ok(Box::new(move || act(&store)) as Act)
    };
    Transaction { name, file: FILE, image, commits, unpromised: 0, open: Box::new(open), sound }
}

fn told<T>(done: Result<T, StoreError>) -> Result<(), String> {
    done.map(drop).map_err(|error| format!("{error:?}"))
}

/// What this phone pushes next, and whose it is. The world's own server takes it in as well.
fn pushed(phone: &Phone) -> (Pusher, PushRequest) {
    phone.network.sent();
    phone.synced();
    let sent = phone.network.sent().into_iter().find(|sent| sent.request.path == PATH_PUSH).expect("a push");
    let request = minicbor_serde::from_slice(&sent.request.body).expect("a push's record");
    let enrolled = phone.device().enrolled().expect("enrolled");
    (Pusher { device: enrolled.device, person: enrolled.person }, request)
}

/// A push, all of whose changes must end as `wanted` says.
fn push(
    name: &'static str,
    image: Image,
    now: Timestamp,
    (pusher, request): (Pusher, PushRequest),
    wanted: fn(&Verdict) -> bool,
) -> Transaction {
    on_store(name, image, 1, move |store| {
        let answer = ingest::push(store, &pusher, &request, now).map_err(|error| format!("{error:?}"))?;
        match answer.verdicts.iter().find(|one| !wanted(&one.verdict)) {
            None => Ok(()),
            Some(other) => Err(format!("{other:?}")),
        }
    })
}

const fn stored(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::Stored { .. } | Verdict::Known { .. })
}

const fn set_aside(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::SetAside { .. })
}

/// All of them.
pub fn transactions(seed: u64) -> Vec<Transaction> {
    let world = World::new(seed.wrapping_add(1));
    let mut all = pushes(&world);
    all.extend(administration(&world));
    for (name, fixture) in RELEASES {
        let content = std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(fixture)).expect("the fixture is there");
        let image = Image([(FILE.to_owned(), Arc::new(content))].into());
        let now = world.clock.now();
        all.push(on_store(name, image, OPENING_COMMITS, move |store| {
            told(ingest::renew_rows(store))?;
            told(ingest::expire(store, now))
        }));
    }
    all
}

fn pushes(world: &World) -> Vec<Transaction> {
    let phone = world.phone("w-ncg-1");
    let cases: Vec<DocId> = (0..3).map(|number| scenes::report(&phone, &format!("事项 {number}"))).collect();
    for case in &cases {
        phone.device().run(*case, &scenes::note("一句")).expect("a note");
    }
    let (before, now) = (image(world), world.clock.now());
    let several = push("server: push", before.clone(), now, pushed(&phone), stored);

    let strange = PushedChange {
        doc: cases[0],
        kind: DocKind::Case,
        hash: ChangeHash::from_bytes([5; 32]),
        bytes: ByteBuf::from(vec![6; 900]),
    };
    let enrolled = phone.device().enrolled().expect("enrolled");
    let pusher = Pusher { device: enrolled.device, person: enrolled.person };
    let request = PushRequest { version: VERSION, changes: vec![strange], bundles: vec![] };
    let aside = push("server: set aside", before, now, (pusher, request), set_aside);

    // A few more changes behind the save, and the next push has it made anew.
    for number in 0..3 {
        phone.device().run(cases[0], &scenes::note(&format!("又一句 {number}"))).expect("a note");
        phone.synced();
    }
    phone.device().run(cases[0], &scenes::note("最后一句")).expect("a note");
    let before = image(world);
    let compacting = push("server: push, compacting", before, world.clock.now(), pushed(&phone), stored);

    let (_, sealed) = scenes::sealed(world, &phone);
    let before = image(world);
    let request = pushed(&phone);
    assert!(request.1.bundles.iter().any(|bytes| bytes.as_slice() == sealed.bytes), "the agreement travels");
    vec![several, aside, compacting, push("server: push of an agreement", before, world.clock.now(), request, stored)]
}

fn administration(world: &World) -> Vec<Transaction> {
    let phone = world.phone("w-ncg-1");
    let enrolled = phone.device().enrolled().expect("enrolled");
    let now = world.clock.now();
    let minted = world.code("lead-ncg");
    let typed = doorstep_server::enrol::digest(&minted.typed).expect("a code");
    let before = image(world);
    let directory = (*world.store().directory().expect("a directory")).clone();
    let digest = |byte: u8| Digest::from_bytes([byte; 32]);
    let (device, person) = (enrolled.device, enrolled.person.clone());
    vec![
        on_store("server: directory", before.clone(), 1, move |store| {
            let mut directory = directory.clone();
            directory.name.push('甲');
            told(store.put_directory(directory, now))
        }),
        on_store("server: enrolment code", before.clone(), 1, move |store| {
            let person = "w-ncg-1".parse().expect("a slug of the sample");
            let expires = now.plus_ms(CODE_MS);
            told(store.put_code(NewCode { hash_long: digest(1), hash_short: digest(2), person, expires }, now))
        }),
        on_store("server: enrol a device", before.clone(), 1, move |store| {
            let device = NewDevice { id: DeviceId::from_bytes([8; 16]), public_key: [3; 33], label: "新手机".into() };
            match store.redeem_code(typed, now, device) {
                Ok(Ok(_)) => Ok(()),
                other => Err(format!("{other:?}")),
            }
        }),
        on_store("server: token", before.clone(), 1, move |store| {
            told(store.put_token(digest(4), device, person.clone(), now.plus_ms(1), now))
        }),
        on_store("server: revoke", before, 1, move |store| told(store.revoke_device(device, now))),
    ]
}
