//! On the phone: durable before the event, whole or not at all after a kill, once however often, gone only when it may go.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use doorstep_core::device::{Attaching, AttachmentKey, Upload};
use doorstep_core::environment::Clock as _;
use doorstep_core::store::{Options, Step};
use doorstep_tests::{Phone, World, scenes};

use super::{attach, bytes, carry, digest, done, recording};

/// The files in which the phone's attachments lie.
fn files(phone: &Phone) -> Vec<String> {
    let folder = phone.dir.join(format!("{}-attachments", doorstep_tests::phone::FILE));
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_recording_is_kept_without_a_network_and_lies_sealed_on_the_disk() {
    let world = World::new(1);
    let mut phone = world.phone("w-ncg-1");
    world.server.kill();
    let case = scenes::report(&phone, "一件事");
    let recording = recording(1, 300_000);
    let name = attach(&phone, case, &recording);
    assert_eq!(name, digest(&recording));
    phone.reopen();
    assert_eq!(bytes(&phone, &name), Some(recording.clone()));
    assert_eq!(phone.pending().attachments.waiting, 1);
    assert_eq!(phone.pending().attachments.waiting_bytes, 300_000);
    let path = phone.dir.join(format!("{}-attachments", doorstep_tests::phone::FILE)).join(name.to_string());
    let sealed = std::fs::read(path).unwrap();
    assert!(!sealed.windows(16).any(|window| window == &recording[1_000..1_016]));
}

#[test]
fn a_kill_at_any_step_leaves_the_attachment_whole_in_its_case_or_nowhere() {
    for at in [Step::AttachmentNamed, Step::AfterChange, Step::AfterOutbox, Step::BeforeCommit, Step::AfterCommit] {
        let world = World::new(2);
        let mut phone = world.phone("w-ncg-1");
        let case = scenes::report(&phone, "一件事");
        let recording = recording(2, 200_000);
        let hook = move |step| {
            if step == at {
                resume_unwind(Box::new("killed"));
            }
        };
        phone.reopen_with(Options { on_step: Some(Box::new(hook)), ..Options::default() });
        let tried = catch_unwind(AssertUnwindSafe(|| phone.device().attach(case, &mut &recording[..], &Attaching::default())));
        assert!(tried.is_err(), "{at:?}");
        phone.reopen();
        let named = phone.device().attachments(case).unwrap();
        if at == Step::AfterCommit {
            assert_eq!(named.len(), 1, "{at:?}");
            assert_eq!(bytes(&phone, &named[0].digest), Some(recording));
        } else {
            assert!(named.is_empty(), "{at:?}");
            assert_eq!(files(&phone), Vec::<String>::new(), "{at:?}: an orphan was left");
        }
        // And it goes on.
        let name = attach(&phone, case, &super::recording(3, 5_000));
        phone.settle();
        done(&carry(&phone));
        assert!(matches!(super::upload(&phone, case), Upload::Stored));
        assert!(bytes(&phone, &name).is_some());
    }
}

#[test]
fn a_file_that_was_being_written_when_the_battery_died_is_removed() {
    let world = World::new(3);
    let mut phone = world.phone("w-ncg-1");
    let case = scenes::report(&phone, "一件事");
    let name = attach(&phone, case, &recording(4, 5_000));
    let folder = phone.dir.join(format!("{}-attachments", doorstep_tests::phone::FILE));
    std::fs::write(folder.join("new-0123"), b"half").unwrap();
    std::fs::write(folder.join("ab".repeat(32)), b"named by nothing").unwrap();
    phone.reopen();
    assert_eq!(files(&phone), [name.to_string()]);
}

#[test]
fn the_same_recording_twice_lies_on_the_phone_once_and_goes_once() {
    let world = World::new(4);
    let phone = world.phone("w-ncg-1");
    let (one, other) = (scenes::report(&phone, "一件事"), scenes::report(&phone, "另一件事"));
    let recording = recording(5, 100_000);
    let name = attach(&phone, one, &recording);
    assert_eq!(attach(&phone, other, &recording), name);
    assert_eq!(files(&phone), [name.to_string()]);
    phone.settle();
    phone.network.sent();
    done(&carry(&phone));
    assert_eq!(super::carried(&phone), 100_000);
}

#[test]
fn what_is_not_accepted_is_refused_before_anything_is_kept() {
    let world = World::new(5);
    let phone = world.phone("w-ncg-1");
    let case = scenes::report(&phone, "一件事");
    let refused =
        |bytes: &[u8]| phone.device().attach(case, &mut &bytes[..], &Attaching::default()).unwrap_err().code().to_owned();
    assert_eq!(refused(b"<html>photo.jpg</html>"), "attachment_type");
    assert_eq!(refused(b""), "attachment_empty");
    assert_eq!(refused(b"\xff\xd8\xff\xe1 cut short"), "attachment_damaged");
    let too_long = format!("{{\"strokes\":[{}]}}", "1,".repeat(600_000));
    assert_eq!(refused(too_long.as_bytes()), "attachment_too_large");
    assert_eq!(files(&phone), Vec::<String>::new());
    assert!(phone.device().attachments(case).unwrap().is_empty());
}

#[test]
fn a_forgotten_cases_recording_stays_until_the_server_has_it() {
    let world = World::new(6);
    let phone = world.phone("w-ncg-1");
    let case = scenes::report(&phone, "一件事");
    let name = attach(&phone, case, &recording(6, 50_000));
    phone.settle();
    world.direct(|directory| {
        let worker = directory.people.iter_mut().find(|one| one.id.as_str() == "w-ncg-1").unwrap();
        let post = &mut worker.posts[0];
        let other = directory.grids.iter().find(|grid| grid.community == post.org && !post.grids.contains(&grid.id)).unwrap();
        post.grids = vec![other.id.clone()];
    });
    phone.settle();
    assert!(phone.device().case(case).is_err(), "the case left with the old grid");
    assert_eq!(files(&phone), [name.to_string()], "nobody else has the recording");
    done(&carry(&phone));
    assert_eq!(phone.pending().attachments.waiting, 0);
    assert_eq!(files(&phone), Vec::<String>::new());
    let lead = world.phone("lead-ncg");
    done(&super::fetch(&lead, case, &name));
    assert!(bytes(&lead, &name).is_some());
}

#[test]
fn under_another_key_nothing_opens_and_nothing_is_lost() {
    let world = World::new(7);
    let mut phone = world.phone("w-ncg-1");
    let case = scenes::report(&phone, "一件事");
    let recording = recording(7, 70_000);
    let name = attach(&phone, case, &recording);
    phone.settle();
    let other = Some(AttachmentKey::from_bytes([99; 32]));
    phone.reopen_with(Options { attachment_key: other, ..Options::default() });
    assert_eq!(bytes(&phone, &name), None);
    let report = carry(&phone);
    assert_eq!(report.stored, 0);
    phone.reopen();
    assert_eq!(bytes(&phone, &name), Some(recording));
    done(&carry(&phone));
    assert_eq!(super::upload(&phone, case), Upload::Stored);
}

#[test]
fn a_database_made_anew_adopts_what_its_cases_name_and_sends_it() {
    let world = World::new(8);
    let mut phone = world.phone("w-ncg-1");
    let case = scenes::report(&phone, "一件事");
    let recording = recording(8, 90_000);
    let name = attach(&phone, case, &recording);
    phone.settle();
    // The database is lost with everything in it; the folder beside it is not. The same phone gets in again.
    phone.off();
    for suffix in ["", "-wal"] {
        let _ = std::fs::remove_file(phone.dir.join(format!("{}{suffix}", doorstep_tests::phone::FILE)));
    }
    phone.reopen();
    assert_eq!(files(&phone), [name.to_string()], "not before it knows what its cases name");
    let address = world.server.address().map(|address| format!("http://{address}")).unwrap();
    let code = world.code("w-ncg-1").typed;
    phone.device().enrol(phone.network.as_ref(), &code, &address, "同一部手机").unwrap();
    phone.settle();
    phone.reopen();
    assert_eq!(phone.pending().attachments.waiting, 1);
    done(&carry(&phone));
    let lead = world.phone("lead-ncg");
    done(&super::fetch(&lead, case, &name));
    assert_eq!(bytes(&lead, &name), Some(recording));
}

/// Changes the last byte of the file in which it lies.
fn damage(phone: &Phone, name: &doorstep_core::id::Digest) {
    let path = phone.dir.join(format!("{}-attachments", doorstep_tests::phone::FILE)).join(name.to_string());
    let mut file = std::fs::read(&path).unwrap();
    *file.last_mut().unwrap() ^= 1;
    std::fs::write(path, file).unwrap();
}

#[test]
fn a_recording_that_was_damaged_on_the_phone_comes_again_from_the_server() {
    let world = World::new(9);
    let phone = world.phone("w-ncg-1");
    let case = scenes::report(&phone, "一件事");
    let recording = recording(9, 200_000);
    let name = attach(&phone, case, &recording);
    phone.settle();
    done(&carry(&phone));
    damage(&phone, &name);
    assert_eq!(bytes(&phone, &name), None);
    let report = super::fetch(&phone, case, &name);
    assert_eq!((report.fetched, report.refused), (1, vec![]));
    assert_eq!(bytes(&phone, &name), Some(recording));
}

#[test]
fn a_recording_that_was_damaged_before_it_was_sent_is_put_right_by_attaching_it_again() {
    let world = World::new(10);
    let phone = world.phone("w-ncg-1");
    let case = scenes::report(&phone, "一件事");
    let recording = recording(10, 200_000);
    let name = attach(&phone, case, &recording);
    damage(&phone, &name);
    phone.settle();
    assert_eq!(carry(&phone).later, [(name, "attachment_sealed".to_owned())]);
    attach(&phone, case, &recording);
    phone.settle();
    done(&carry(&phone));
    assert!(matches!(super::upload(&phone, case), Upload::Stored));
}

#[test]
fn a_recording_that_is_nowhere_else_keeps_a_revoked_phone_from_being_wiped() {
    let world = World::new(11);
    let phone = world.phone("w-ncg-1");
    let case = scenes::report(&phone, "一件事");
    let name = attach(&phone, case, &recording(11, 5_000));
    phone.settle();
    let device = phone.device().enrolled().unwrap().device;
    assert!(world.store().revoke_device(device, world.clock.now()).unwrap());
    phone.sync();
    assert!(phone.device().case(case).is_err(), "it is shut");
    assert!(!phone.device().wipe_ordered());
    assert!(bytes(&phone, &name).is_some());
}

#[test]
fn a_file_that_a_set_aside_command_may_still_name_is_not_swept() {
    let world = World::new(12);
    let mut phone = world.phone("w-ncg-1");
    let case = scenes::report(&phone, "一件事");
    phone.settle();
    let recording = recording(12, 5_000);
    let name = attach(&phone, case, &recording);
    world.end_posts("w-ncg-1");
    phone.sync();
    assert!(!phone.set_aside().is_empty(), "somebody without a post attaches nothing");
    // The database that knew the file is another now, and the command is still to be done again.
    phone.off();
    let database = phone.raw();
    database.execute("DELETE FROM attachment_of", []).unwrap();
    database.execute("DELETE FROM attachment", []).unwrap();
    drop(database);
    phone.reopen();
    assert_eq!(files(&phone), [name.to_string()]);
}
