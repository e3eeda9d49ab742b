//! What a seal uses up it uses up once: the server refuses a count, a number or ink that another agreement has, and the phone says why.

use doorstep_core::agreement::Signing;
use doorstep_core::device::Terms;
use doorstep_core::id::DocId;
use doorstep_tests::scenes::{drafted, hands};
use doorstep_tests::{Phone, World};

fn signed_by(phone: &Phone, case: DocId, number: Option<&str>, hands: Vec<Signing>) {
    let terms = Terms { number: number.map(String::from), ..Terms::default() };
    phone.device().freeze(case, terms).unwrap();
    for signing in hands {
        phone.device().sign(case, signing, false).unwrap();
    }
    phone.device().seal(case).unwrap();
}

/// Two agreements of two cases on one phone; what the server set aside of it.
fn two(world: &World, phone: &Phone, numbers: [Option<&str>; 2], again: bool) -> Vec<String> {
    let first = drafted(world, phone);
    let ink = hands(phone);
    signed_by(phone, first, numbers[0], ink.clone());
    phone.synced();
    let second = drafted(world, phone);
    let mut fresh = hands(phone);
    if again {
        fresh[1].drawing = ink[1].drawing.clone();
    }
    signed_by(phone, second, numbers[1], fresh);
    phone.sync();
    phone.set_aside()
}

#[test]
fn two_honest_agreements_are_both_taken_in() {
    let world = World::new(31);
    let phone = world.phone("w-ncg-1");
    assert_eq!(two(&world, &phone, [Some("2026-1"), Some("2026-2")], false), [""; 0]);
    assert_eq!(two(&world, &phone, [None, None], false), [""; 0]);
}

#[test]
fn ink_from_another_agreement_is_set_aside_with_its_reason() {
    let world = World::new(32);
    let phone = world.phone("w-ncg-1");
    assert_eq!(two(&world, &phone, [None, None], true), ["ink_used_before"]);
    let aside = phone.pending().set_aside;
    assert!(aside[0].words.contains("笔迹"), "{}", aside[0].words);
}

#[test]
fn a_dossier_number_of_another_case_is_set_aside() {
    let world = World::new(33);
    let phone = world.phone("w-ncg-1");
    assert_eq!(two(&world, &phone, [Some("2026-1"), Some("2026-1")], false), ["agreement_number_reused"]);
}

#[test]
fn a_count_of_seals_that_was_used_is_set_aside() {
    let world = World::new(34);
    let mut phone = world.phone("w-ncg-1");
    let first = drafted(&world, &phone);
    signed_by(&phone, first, None, hands(&phone));
    phone.synced();
    // As if somebody had put the count back, which no phone does by itself.
    phone.with_store(|store| {
        let (_, seal) = store.last_seal().unwrap();
        store.set_last_seal(0, &seal.unwrap()).unwrap();
    });
    let second = drafted(&world, &phone);
    signed_by(&phone, second, None, hands(&phone));
    phone.sync();
    assert_eq!(phone.set_aside(), ["seal_counter_reused"]);
}

#[test]
fn a_phone_whose_database_was_put_back_does_not_use_a_count_again() {
    let world = World::new(35);
    let mut phone = world.phone("w-ncg-1");
    let first = drafted(&world, &phone);
    phone.off();
    let backup = std::fs::read(phone.dir.join(doorstep_tests::phone::FILE)).unwrap();
    phone.reopen();
    signed_by(&phone, first, None, hands(&phone));
    phone.synced();
    phone.off();
    std::fs::write(phone.dir.join(doorstep_tests::phone::FILE), backup).unwrap();
    phone.installation[0] ^= 1;
    phone.reopen();
    phone.settle();
    let second = drafted(&world, &phone);
    signed_by(&phone, second, None, hands(&phone));
    phone.settle();
    let aside = phone.set_aside();
    assert!(!aside.contains(&"seal_counter_reused".to_owned()), "{aside:?}");
}
