//! A ceremony killed after any of its steps goes on from exactly there: no act is lost, none is made twice.

use doorstep_core::agreement::verify;
use doorstep_core::device::Terms;
use doorstep_tests::phone::FILE;
use doorstep_tests::scenes::{drafted, hands};
use doorstep_tests::{Phone, World};

/// Leaves the phone as a kill would: what its files hold at this moment is all that remains, closed and tidied by nobody.
fn kill(phone: &mut Phone) {
    let files = [FILE.to_owned(), format!("{FILE}-wal")].map(|name| phone.dir.join(name));
    let held = files.each_ref().map(std::fs::read);
    phone.off();
    for (path, bytes) in files.iter().zip(held) {
        match bytes {
            Ok(bytes) => std::fs::write(path, bytes).unwrap(),
            Err(_) => drop(std::fs::remove_file(path)),
        }
    }
    phone.reopen();
}

#[test]
fn a_ceremony_killed_after_any_step_loses_no_act_and_seals_what_was_signed() {
    // After freezing, after each act, before sealing: each killed there alone, then all of them.
    for killed_at in [vec![0], vec![1], vec![2], vec![3], vec![0, 1, 2, 3]] {
        let world = World::new(41);
        let mut phone = world.phone("w-ncg-1");
        let case = drafted(&world, &phone);
        let frozen = phone.device().freeze(case, Terms::default()).unwrap();
        let hands = hands(&phone);
        for (step, signing) in hands.iter().enumerate() {
            if killed_at.contains(&step) {
                kill(&mut phone);
            }
            let pad = phone.device().pad(case).unwrap();
            assert_eq!(pad.check_number, frozen.check_number);
            assert_eq!(pad.signed.len(), step, "killed at {killed_at:?}");
            phone.device().sign(case, signing.clone(), false).unwrap();
        }
        if killed_at.contains(&hands.len()) {
            kill(&mut phone);
        }
        let agreement = phone.device().seal(case).unwrap();
        assert!(verify(&agreement.bytes).holds());
        kill(&mut phone);
        assert_eq!(phone.device().bundle(&agreement.bundle).unwrap(), Some(agreement.bytes), "sealed is durable");
        assert!(phone.device().pad(case).is_err(), "and the ceremony is over");
        phone.settle();
        assert_eq!(phone.set_aside(), [""; 0]);
    }
}

#[test]
fn signing_again_and_cancelling_are_as_durable_as_signing() {
    let world = World::new(42);
    let mut phone = world.phone("w-ncg-1");
    let case = drafted(&world, &phone);
    phone.device().freeze(case, Terms::default()).unwrap();
    let first = hands(&phone);
    for signing in &first {
        phone.device().sign(case, signing.clone(), false).unwrap();
    }
    world.minutes(1);
    let again = hands(&phone).swap_remove(0);
    phone.device().sign_again(case, again, false).unwrap();
    kill(&mut phone);
    let pad = phone.device().pad(case).unwrap();
    assert_eq!(pad.signed.len(), 1, "who signed after them signs again");
    phone.device().cancel_signing(case).unwrap();
    kill(&mut phone);
    assert!(phone.device().pad(case).is_err());
}
