//! Attachments, which lie half in a database and half in files beside it: captured, fetched and let go of on the phone, taken
//! piece by piece and finished on the server. Both halves are on one disk, and are cut in one order.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use doorstep_core::attachment::CHUNK;
use doorstep_core::device::Attaching;
use doorstep_core::environment::Clock as _;
use doorstep_core::id::{DeviceId, Digest, DocId};
use doorstep_core::store::{Options, Store, StoreError};
use doorstep_core::sync::AttachmentRequest;
use doorstep_core::sync::wire::VERSION;
use doorstep_server::attachments::Attachments;
use doorstep_server::blobs::Blobs;
use serde_bytes::ByteBuf;
use sha2::{Digest as _, Sha256};
use tokio::runtime::Runtime;

use super::rig::{Act, Transaction};
use super::{Image, phone, server};
use crate::phone::{FILE, KEY};
use crate::{World, scenes};

/// A whole chunk on the phone and a bit of the next.
const LENGTH: usize = CHUNK + 1_000;
/// Where the server's second piece begins: pieces may be short.
const PART: usize = 40_000;

/// What was recorded: the same in every run, so that what is found can be held against it.
fn recording() -> Vec<u8> {
    let noise = (0..LENGTH).map(|at| u8::try_from(at * 31 % 251).expect("less than 251"));
    b"OggS\0\x02".iter().copied().chain(noise).take(LENGTH).collect()
}

fn digest() -> Digest {
    Digest::from_bytes(Sha256::digest(recording()).into())
}

fn with_key() -> Options {
    Options { attachment_key: Some(KEY), ..Options::default() }
}

/// The phone's own check, and: what is said to be here is here, byte for byte.
fn sound_phone(folder: &Path) -> Result<(), String> {
    let store = Store::open(&folder.join(FILE), with_key()).map_err(|error| format!("{error:?}"))?;
    store.check().map_err(|error| format!("{error:?}"))?;
    let stored = store.attachment(&digest()).map_err(|error| format!("{error:?}"))?;
    let blobs = store.blobs().map_err(|error| format!("{error:?}"))?;
    match stored.filter(|stored| stored.here) {
        Some(stored) if !blobs.is_sound(&digest(), stored.length) => Err("an attachment is said to be here and is not".into()),
        _ => Ok(()),
    }
}

/// The phone's attachments with its database.
fn image(folder: &Path) -> Image {
    Image::read(folder, &[FILE.to_owned()]).with_folder(folder, &format!("{FILE}-attachments"))
}

fn on_store(
    name: &'static str,
    image: Image,
    commits: usize,
    act: impl Fn(&mut Store) -> Result<(), StoreError> + Send + Sync + 'static,
) -> Transaction {
    let act = Arc::new(act);
    let open = move |folder: &Path| {
        let mut store = Store::open(&folder.join(FILE), with_key()).map_err(|error| format!("{error:?}"))?;
        let act = Arc::clone(&act);
        Ok(Box::new(move || act(&mut store).map_err(|error| format!("{error:?}"))) as Act)
    };
    Transaction { name, file: FILE, image, commits, unpromised: 0, open: Box::new(open), sound: sound_phone }
}

fn fetched(store: &mut Store, doc: DocId) -> Result<(), StoreError> {
    let (bytes, name, length) = (recording(), digest(), LENGTH as u64);
    store.begin_fetch(&doc, &name, "audio/ogg", length)?;
    let have = store.fetched(&name, length)?;
    let rest = bytes.get(usize::try_from(have).unwrap_or(LENGTH)..).unwrap_or_default();
    if !rest.is_empty() {
        store.fetch(&name, length, have, rest, [7; doorstep_core::attachment::PREFIX])?;
    }
    if store.finish_fetch(&name, length)? { Ok(()) } else { Err(StoreError::Sealed) }
}

/// On the phone.
pub(super) fn on_phone(seed: u64) -> Vec<Transaction> {
    let world = World::new(seed.wrapping_add(2));
    world.plain_phones();
    let mut worker = world.phone("w-ncg-1");
    let case = scenes::report(&worker, "一件事");
    worker.off();
    let before = image(&worker.dir);
    let hand = phone::Hand::of(&worker, seed);
    // One that nothing here names any more: it came for a case that was forgotten.
    let folder = tempfile::tempdir().expect("a folder");
    for (name, content) in &before.0 {
        std::fs::write(folder.path().join(name), content.as_slice()).expect("a copy");
    }
    let mut store = Store::open(&folder.path().join(FILE), with_key()).expect("the copy opens");
    fetched(&mut store, DocId::from_bytes([9; 16])).expect("fetched");
    drop(store);
    let forgotten = image(folder.path());
    let attach = move |folder: &Path| {
        let device = hand.open_with(folder, with_key())?;
        Ok(Box::new(move || {
            let bytes = recording();
            let done = device.attach(case, &mut bytes.as_slice(), &Attaching::default());
            done.map(drop).map_err(|error| format!("{error:?}"))
        }) as Act)
    };
    vec![
        Transaction {
            name: "phone: attach",
            file: FILE,
            image: before.clone(),
            commits: 1,
            unpromised: 0,
            open: Box::new(attach),
            sound: sound_phone,
        },
        on_store("phone: fetch an attachment", before, 2, move |store| fetched(store, case)),
        on_store("phone: let go of an attachment", forgotten, 1, |store| store.release_attachments().map(drop)),
    ]
}

/// What the server's blobs wait on.
fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| {
        let builder = &mut tokio::runtime::Builder::new_multi_thread();
        builder.worker_threads(1).enable_all().build().expect("a runtime")
    })
}

/// The server's own check, and: every attachment is what its name says, and of what is coming so much is there as was told.
fn sound_server(folder: &Path) -> Result<(), String> {
    let store = server::opened(folder)?;
    let _inside = runtime().enter();
    let checked = Attachments::new(store, Blobs::local(folder)).check(doorstep_core::time::Timestamp(1));
    let checked = checked.map_err(|error| format!("{error:?}"))?;
    if checked.missing + checked.damaged > 0 {
        return Err(format!("an attachment is said to be here and is not: {checked:?}"));
    }
    let file = folder.join(doorstep_server::store::FILE);
    let database = rusqlite::Connection::open(file).map_err(|error| format!("{error}"))?;
    let mut uploads = database.prepare("SELECT digest, device, received FROM upload").expect("a table");
    let uploads = uploads.query_map([], |row| {
        let (digest, device) = (Digest::from_bytes(row.get(0)?), DeviceId::from_bytes(row.get(1)?));
        Ok((format!("{digest}-{device}"), row.get::<_, u32>(2)?))
    });
    let uploads: Vec<(String, u32)> = uploads.and_then(Iterator::collect).map_err(|error| format!("{error}"))?;
    for (name, received) in uploads {
        let received = usize::try_from(received).unwrap_or(usize::MAX);
        let there = std::fs::read(folder.join("uploads").join(name)).unwrap_or_default();
        if there.get(..received) != recording().get(..received) {
            return Err(format!("{received} bytes are said to have come, and are not there"));
        }
    }
    Ok(())
}

/// On the server.
pub(super) fn on_server(seed: u64) -> Vec<Transaction> {
    let world = World::new(seed.wrapping_add(3));
    let phone = world.phone("w-ncg-1");
    let case = scenes::report(&phone, "一件事");
    phone.device().attach(case, &mut recording().as_slice(), &Attaching::default()).expect("attached");
    phone.settle();
    let enrolled = phone.device().enrolled().expect("enrolled");
    let (device, person, now) = (enrolled.device, enrolled.person, world.clock.now());
    let take = move |folder: &Path, store: &doorstep_server::store::Store, from: usize, to: usize| {
        let _inside = runtime().enter();
        let bytes = ByteBuf::from(recording().get(from..to).unwrap_or_default().to_vec());
        let request = AttachmentRequest { version: VERSION, length: LENGTH as u64, offset: from as u64, bytes };
        let taking = Attachments::new(store.clone(), Blobs::local(folder));
        let answer = taking.take(&device, &person, &case, &digest(), &request, now).map_err(|error| format!("{error:?}"))?;
        if answer.received == to as u64 { Ok(()) } else { Err(format!("{answer:?}")) }
    };
    let files = || server::image(&world).with_folders(world.store().dir(), &["uploads", "blobs"]);
    let before = files();
    take(world.store().dir(), &world.store(), 0, PART).expect("the first piece");
    let after = files();
    let of = |name, image: Image, (from, to), commits| {
        let take = take.clone();
        let open = move |folder: &Path| {
            let store = doorstep_server::store::Store::open(folder).map_err(|error| format!("{error:?}"))?;
            let (take, folder) = (take.clone(), folder.to_owned());
            Ok(Box::new(move || take(&folder, &store, from, to)) as Act)
        };
        let file = doorstep_server::store::FILE;
        Transaction { name, file, image, commits, unpromised: 0, open: Box::new(open), sound: sound_server }
    };
    vec![
        of("server: a piece of an attachment", before, (0, PART), 1),
        // The count, then the row of the whole.
        of("server: an attachment's last piece", after, (PART, LENGTH), 2),
    ]
}
