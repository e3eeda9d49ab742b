//! A revoked phone is wiped once, and only once, everything unsent on it is where a lead can look at it.

use doorstep_core::device::DeviceError;
use doorstep_core::host::Folder;
use doorstep_core::sync::Outcome;
use doorstep_core::sync::wire::HEADER_KEPT;
use doorstep_tests::{Fault, Phone, World, scenes};

use super::revoke;

fn kept(world: &World) -> usize {
    world.store().quarantine(0, 10_000).unwrap().len()
}

#[test]
fn a_revoked_phone_with_nothing_unsent_is_to_be_wiped_at_its_next_contact() {
    let world = World::new(1);
    let mut phone = world.phone("w-ncg-1");
    let case = scenes::report(&phone, "一件事");
    phone.settle();
    revoke(&world, &phone);
    assert!(!phone.device().wipe_ordered() && phone.device().case(case).is_ok(), "it can't know yet");
    assert_eq!(phone.sync().outcome, Outcome::Revoked);
    assert!(phone.device().wipe_ordered());
    assert!(matches!(phone.device().case(case), Err(DeviceError::Revoked)));
    // Killed before the host came to it: it stays ordered, and shut.
    phone.reopen();
    assert!(phone.device().wipe_ordered());
    assert!(matches!(phone.device().report(scenes::reported("之后")), Err(DeviceError::Revoked)));
}

#[test]
fn unsent_work_is_with_the_lead_before_anything_is_wiped() {
    let world = World::new(2);
    let phone = world.phone("w-ncg-1");
    let case = scenes::report(&phone, "一件事");
    for number in 0..30 {
        phone.device().run(case, &scenes::note(&format!("未传之{number}"))).unwrap();
    }
    revoke(&world, &phone);
    // The request is lost, then its answer: the phone can't know that the server has it all.
    for (faults, there) in [(vec![Fault::Lost], 0), (vec![Fault::None, Fault::AnswerLost], 31)] {
        phone.network.clear();
        // Behind the first the nonce is gone: the second asks for another before it pushes.
        phone.network.next(faults.clone());
        phone.network.weather(doorstep_tests::Weather::Offline);
        phone.sync();
        assert!(!phone.device().wipe_ordered(), "{faults:?}");
        assert_eq!(kept(&world), there, "{faults:?}");
    }
    phone.network.clear();
    assert_eq!(phone.sync().outcome, Outcome::Revoked);
    assert!(phone.device().wipe_ordered());
    assert_eq!(kept(&world), 31, "each once");
}

#[test]
fn a_server_that_does_not_say_what_it_keeps_gets_nothing_wiped() {
    let world = World::new(3);
    let phone = world.phone("w-ncg-1");
    let case = scenes::report(&phone, "一件事");
    revoke(&world, &phone);
    let report = phone.device().sync(&Silent { phone: &phone }).unwrap();
    assert_eq!(report.outcome, Outcome::Revoked);
    assert!(!phone.device().wipe_ordered());
    assert!(matches!(phone.device().case(case), Err(DeviceError::Revoked)), "shut all the same");
    phone.sync();
    assert!(phone.device().wipe_ordered(), "a server that says so");
}

/// An older server: it keeps what it is pushed and does not say so.
struct Silent<'a> {
    phone: &'a Phone,
}

impl doorstep_core::environment::Transport for Silent<'_> {
    fn send(
        &self,
        request: &doorstep_core::environment::Request,
    ) -> Result<doorstep_core::environment::Response, doorstep_core::environment::TransportError> {
        let mut response = self.phone.network.send(request)?;
        response.headers.retain(|(name, _)| name != HEADER_KEPT);
        Ok(response)
    }

    fn pause(&self, ms: u64) {
        self.phone.network.pause(ms);
    }
}

#[test]
fn work_done_while_the_last_push_is_under_way_keeps_the_phone_from_being_wiped() {
    let world = World::new(4);
    let phone = world.phone("w-ncg-1");
    let case = scenes::report(&phone, "一件事");
    revoke(&world, &phone);
    let report = phone.device().sync(&Tapping { phone: &phone, case }).unwrap();
    assert_eq!(report.outcome, Outcome::Revoked);
    assert!(!phone.device().wipe_ordered(), "the note is nowhere else yet");
    phone.sync();
    assert!(phone.device().wipe_ordered());
    assert_eq!(kept(&world), 2);
}

/// Somebody taps while the answer to the last push comes in.
struct Tapping<'a> {
    phone: &'a Phone,
    case: doorstep_core::id::DocId,
}

impl doorstep_core::environment::Transport for Tapping<'_> {
    fn send(
        &self,
        request: &doorstep_core::environment::Request,
    ) -> Result<doorstep_core::environment::Response, doorstep_core::environment::TransportError> {
        let response = self.phone.network.send(request);
        if request.path == doorstep_core::sync::wire::PATH_PUSH {
            let _ = self.phone.device().run(self.case, &scenes::note("最后一刻"));
        }
        // The outbox is asked for once more behind this push; the note that came in between goes out with it, or stays.
        response.map(|mut response| {
            if self.phone.pending().counts.waiting > 1 {
                response.headers.retain(|(name, _)| name != HEADER_KEPT);
            }
            response
        })
    }

    fn pause(&self, ms: u64) {
        self.phone.network.pause(ms);
    }
}

#[test]
fn a_wipe_destroys_the_key_first_and_goes_on_after_a_kill() {
    let world = World::new(5);
    let mut phone = world.phone("w-ncg-1");
    scenes::report(&phone, "一件事");
    revoke(&world, &phone);
    phone.sync();
    assert!(phone.device().wipe_ordered());
    phone.off();
    let folder = Folder::open(&phone.dir).unwrap();
    std::fs::write(folder.key(), b"key").unwrap();
    std::fs::write(phone.dir.join("phone.db.damaged-1"), b"set aside earlier").unwrap();
    // A kill right behind the order: only the mark is there.
    std::fs::write(phone.dir.join("wiping"), b"").unwrap();
    let folder = Folder::open(&phone.dir).unwrap();
    assert!(!folder.key().exists() && !folder.holds_a_device());
    assert_eq!(std::fs::read_dir(&phone.dir).unwrap().count(), 0, "nothing is left, what was set aside included");
}

#[test]
fn what_was_rescued_and_is_nowhere_else_keeps_the_phone_from_being_wiped() {
    let world = World::new(6);
    let mut phone = world.phone("w-ncg-1");
    let case = scenes::report(&phone, "一件事");
    phone.settle();
    phone.device().run(case, &scenes::note("变更已毁，只剩要做的事")).unwrap();
    phone.off();
    let path = phone.dir.join(doorstep_tests::phone::FILE);
    // The change's own row is gone; what was wanted still stands in the outbox.
    let raw = phone.raw();
    raw.execute_batch("PRAGMA foreign_keys=OFF; DELETE FROM change WHERE n = (SELECT max(n) FROM change)").unwrap();
    drop(raw);
    drop(doorstep_core::device::Device::rescue(&path, phone.options(), phone.host()).unwrap());
    phone.reopen();
    let packets = phone.device().packets().unwrap();
    assert_eq!(packets.iter().map(|packet| packet.code.as_str()).collect::<Vec<_>>(), ["change_lost"]);
    revoke(&world, &phone);
    phone.sync();
    assert!(!phone.device().wipe_ordered());
    assert!(phone.device().packet(&packets[0].name).unwrap().text().contains("只剩要做的事"), "it can still be handed in");
    phone.device().dismiss_packet(&packets[0].name).unwrap();
    phone.sync();
    assert!(phone.device().wipe_ordered());
}

#[test]
fn a_phone_revoked_by_mistake_enrols_again_and_goes_on() {
    let world = World::new(7);
    let phone = world.phone("w-ncg-1");
    let case = scenes::report(&phone, "一件事");
    revoke(&world, &phone);
    phone.device().sync(&Silent { phone: &phone }).unwrap();
    assert!(phone.device().case(case).is_err());
    phone.device().enrol_again(phone.network.as_ref(), &world.code("w-ncg-1").typed, "", "").unwrap();
    assert!(phone.device().case(case).is_ok());
    phone.settle();
    assert_eq!(world.phone("lead-ncg").device().case(case).unwrap().history.len(), 1);
}
