//! What the server lost it says so of, gives out no wrong byte of, and gets back from the phones that have it.

use std::path::PathBuf;

use doorstep_core::device::Upload;
use doorstep_core::environment::Clock as _;
use doorstep_core::id::{Digest, DocId};
use doorstep_server::attachments::{Attachments, Checked};
use doorstep_server::blobs::Blobs;
use doorstep_tests::{Phone, World, forge, scenes};

use super::seen::path;
use super::{attach, bytes, carry, done, fetch, recording, upload};

/// Two whole pieces and a bit of those that the server has sums of.
const LONG: usize = 2 * (256 << 10) + 1_000;

/// A worker's recording on the server, and a lead who sees the case and has not looked at it.
fn stored(seed: u64) -> (World, Phone, Phone, DocId, Vec<u8>, Digest) {
    let world = World::new(seed);
    let (worker, lead) = (world.phone("w-ncg-1"), world.phone("lead-ncg"));
    let case = scenes::report(&worker, "一件事");
    let recording = recording(1, LONG);
    let digest = attach(&worker, case, &recording);
    worker.settle();
    done(&carry(&worker));
    lead.settle();
    (world, worker, lead, case, recording, digest)
}

fn file(world: &World, digest: &Digest) -> PathBuf {
    let name = digest.to_string();
    world.store().dir().join("blobs").join(&name[..2]).join(&name)
}

/// One bit of the file turns over.
fn rot(world: &World, digest: &Digest, at: usize) {
    let path = file(world, digest);
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[at] ^= 1;
    std::fs::write(path, bytes).unwrap();
}

fn check(world: &World) -> Checked {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let _inside = runtime.enter();
    Attachments::new(world.store(), Blobs::local(world.store().dir())).check(world.clock.now()).unwrap()
}

fn missing(lead: &Phone, case: DocId, digest: Digest) {
    assert_eq!(fetch(lead, case, &digest).refused, [(digest, "attachment_missing".to_owned())]);
    assert_eq!(bytes(lead, &digest), None);
}

#[test]
fn a_damaged_or_missing_file_is_told_with_its_code_and_comes_again_from_the_phone_that_has_it() {
    type Harm = fn(&World, &Digest);
    let harms: [(&str, Harm); 4] = [
        ("a bit in its last piece", |world, digest| rot(world, digest, LONG - 1)),
        ("cut short", |world, digest| {
            let file = std::fs::OpenOptions::new().write(true).open(file(world, digest)).unwrap();
            file.set_len(LONG as u64 - 600).unwrap();
        }),
        ("gone", |world, digest| std::fs::remove_file(file(world, digest)).unwrap()),
        ("the whole folder gone", |world, _| std::fs::remove_dir_all(world.store().dir().join("blobs")).unwrap()),
    ];
    for (what, harm) in harms {
        let (world, worker, lead, case, recording, digest) = stored(1);
        harm(&world, &digest);
        missing(&lead, case, digest);
        missing(&lead, case, digest);
        // The lead's phone has nothing to give, the worker's does, and is asked with its next pull.
        lead.settle();
        done(&carry(&lead));
        assert_eq!(upload(&worker, case), Upload::Stored, "{what}");
        worker.settle();
        assert!(matches!(upload(&worker, case), Upload::Waiting { .. }), "{what}");
        done(&carry(&worker));
        assert_eq!(upload(&worker, case), Upload::Stored, "{what}");
        done(&fetch(&lead, case, &digest));
        assert_eq!(bytes(&lead, &digest), Some(recording), "{what}");
        // Whole again, it is asked of nobody.
        worker.settle();
        assert_eq!(upload(&worker, case), Upload::Stored, "{what}");
    }
}

#[test]
fn no_part_with_a_wrong_bit_is_given_and_sound_parts_are() {
    let (world, worker, _, case, recording, digest) = stored(2);
    rot(&world, &digest, LONG - 1);
    let token = forge::token(&worker);
    let part = |range: &str| {
        let headers = vec![("authorization", format!("Bearer {token}")), ("range", range.to_owned())];
        let request = doorstep_core::environment::Request { method: "GET", path: path(case, &digest), headers, body: vec![] };
        forge::send(&worker, &request).unwrap()
    };
    // A part is held against the sum of its own piece, and anything from 0 on reaches the last one.
    let whole = part("bytes=0-");
    assert_eq!((whole.status, whole.code()), (404, "attachment_missing".into()));
    assert_eq!(check(&world), Checked { damaged: 1, ..Checked::default() });
    std::fs::write(file(&world, &digest), &recording).unwrap();
    assert_eq!(part("bytes=0-").code(), "attachment_missing", "until somebody looked at all of it");
    assert_eq!(check(&world), Checked { sound: 1, bytes: LONG as u64, back: 1, ..Checked::default() });
    for from in [0, 1, (256 << 10) - 1, 256 << 10, LONG - 1] {
        assert_eq!(part(&format!("bytes={from}-")).body, &recording[from..], "from {from}");
    }
}

#[test]
fn an_operator_checks_all_files_and_phones_give_back_what_is_lost() {
    let (world, worker, lead, case, _, damaged) = stored(3);
    let names: Vec<Digest> = (0..3).map(|n| attach(&worker, case, &recording(10 + n, 5_000))).collect();
    worker.settle();
    done(&carry(&worker));
    let length = LONG as u64 + 15_000;
    assert_eq!(check(&world), Checked { sound: 4, bytes: length, ..Checked::default() });
    rot(&world, &damaged, 0);
    std::fs::remove_file(file(&world, &names[1])).unwrap();
    let found = Checked { sound: 2, bytes: 10_000, missing: 1, damaged: 1, back: 0 };
    assert_eq!(check(&world), found);
    worker.settle();
    assert_eq!(worker.pending().attachments.waiting, 2, "both, and nothing else");
    done(&carry(&worker));
    assert_eq!(check(&world), Checked { sound: 4, bytes: length, ..Checked::default() });
    done(&fetch(&lead, case, &damaged));
}

#[test]
fn who_only_looked_at_it_gives_it_back_too() {
    let world = World::new(4);
    let (mut worker, watcher) = (world.phone("w-ncg-1"), world.phone("supervisor"));
    let case = scenes::report(&worker, "一件事");
    let recording = recording(4, 10_000);
    let digest = attach(&worker, case, &recording);
    worker.settle();
    done(&carry(&worker));
    watcher.settle();
    done(&fetch(&watcher, case, &digest));
    // The worker's phone is at the bottom of the river.
    worker.off();
    std::fs::remove_file(file(&world, &digest)).unwrap();
    assert_eq!(check(&world).missing, 1);
    watcher.settle();
    assert_eq!(watcher.pending().attachments.waiting, 1);
    done(&carry(&watcher));
    assert_eq!((watcher.pending().attachments.waiting, check(&world).sound), (0, 1));
    let lead = world.phone("lead-ncg");
    done(&fetch(&lead, case, &digest));
    assert_eq!(bytes(&lead, &digest), Some(recording));
}

#[test]
fn nobody_is_asked_for_what_is_outside_their_scope() {
    let (world, _, _, _, _, digest) = stored(5);
    std::fs::remove_file(file(&world, &digest)).unwrap();
    assert_eq!(check(&world).missing, 1);
    let other = world.phone("w-ncg-2");
    let token = forge::token(&other);
    let answer = forge::get(&other, doorstep_core::sync::wire::PATH_PULL, &token);
    let name = digest.as_bytes();
    assert!(answer.status == 200 && !answer.body.windows(name.len()).any(|at| at == name));
}

#[test]
fn what_an_older_version_took_is_held_against_its_name_when_it_is_first_asked_for() {
    for harmed in [false, true] {
        let (world, _, lead, case, recording, digest) = stored(6);
        let sums = |world: &World| {
            let raw = rusqlite::Connection::open(world.server.file()).unwrap();
            raw.query_row("SELECT count(*) FROM attachment_sums", [], |row| row.get::<_, i64>(0)).unwrap()
        };
        rusqlite::Connection::open(world.server.file()).unwrap().execute("DELETE FROM attachment_sums", []).unwrap();
        if harmed {
            rot(&world, &digest, 100);
            missing(&lead, case, digest);
            assert_eq!(sums(&world), 0);
        } else {
            done(&fetch(&lead, case, &digest));
            assert_eq!((bytes(&lead, &digest), sums(&world)), (Some(recording), 1));
        }
    }
}
