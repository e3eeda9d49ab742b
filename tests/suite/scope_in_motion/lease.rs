//! A phone that its server has not heard of for fourteen days shuts itself, and loses nothing by it.

use doorstep_core::device::{DeviceError, Query};
use doorstep_core::id::DocKind;
use doorstep_core::store::Meta;
use doorstep_core::sync::Outcome;
use doorstep_tests::{Weather, World, scenes};

#[test]
fn after_fourteen_days_without_a_word_a_phone_is_locked_and_a_sync_opens_it_again() {
    let world = World::new(1);
    let phone = world.phone("w-ncg-1");
    let case = scenes::report(&phone, "一件事");
    phone.settle();
    phone.network.weather(Weather::Offline);
    world.days(14);
    phone.device().run(case, &scenes::note("第十四天")).unwrap();
    world.minutes(1);
    let locked = |error: DeviceError| {
        assert!(matches!(error, DeviceError::LeaseOver), "{error:?}");
        assert!(error.sentence(phone.device().lang()).contains("十四天"));
    };
    locked(phone.device().run(case, &scenes::note("锁定以后")).unwrap_err());
    locked(phone.device().case(case).unwrap_err());
    locked(phone.device().rows(&Query::first(DocKind::Case, 9)).unwrap_err());
    locked(phone.device().report(scenes::reported("锁定以后")).unwrap_err());
    // A server that can't be reached opens nothing.
    assert_ne!(phone.sync().outcome, Outcome::Done);
    locked(phone.device().case(case).unwrap_err());
    phone.network.clear();
    phone.settle();
    assert_eq!(phone.device().case(case).unwrap().history.len(), 2, "what was unsent is there, and sent");
    phone.device().run(case, &scenes::note("又能用了")).unwrap();
}

#[test]
fn a_clock_set_back_opens_no_lock_and_a_wrong_one_closes_none() {
    let world = World::new(2);
    let mut phone = world.phone("w-ncg-1");
    let case = scenes::report(&phone, "一件事");
    phone.settle();
    world.days(15);
    assert!(phone.device().case(case).is_err());
    phone.clock.set_off(-doorstep_core::time::DAY_MS * 10);
    assert!(phone.device().case(case).is_err(), "set back while it runs");
    phone.reopen();
    assert!(phone.device().case(case).is_err(), "set back before it was started");
    phone.settle();
    assert!(phone.device().case(case).is_ok());
    // Years off, but steadily so: the server's clock is what counts.
    phone.clock.set_off(doorstep_core::time::DAY_MS * 2_000);
    phone.settle();
    world.days(13);
    assert!(phone.device().case(case).is_ok());
    world.days(2);
    assert!(phone.device().case(case).is_err());
}

#[test]
fn a_phone_of_a_version_without_leases_begins_its_own_when_it_is_updated() {
    let world = World::new(3);
    let mut phone = world.phone("w-ncg-1");
    let case = scenes::report(&phone, "一件事");
    phone.settle();
    phone.off();
    phone.with_store(|store| store.set_meta(&[(Meta::Heard, None), (Meta::Seen, None)]).unwrap());
    world.days(100);
    phone.reopen();
    assert!(phone.device().case(case).is_ok());
    world.days(15);
    assert!(phone.device().case(case).is_err());
}
