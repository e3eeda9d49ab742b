//! How somebody writes is kept only with a consent of its own, which stands in what they sign; erasing it breaks nothing.

use doorstep_core::agreement::{Bundle, Sample, verify, verify_dynamics};
use doorstep_core::device::Terms;
use doorstep_tests::World;
use doorstep_tests::scenes::{drafted, hands};

fn samples() -> Vec<Sample> {
    (0..40u32).map(|at| Sample { at_ms: at * 8, pressure: None }).collect()
}

#[test]
fn without_consent_nothing_is_stored_and_no_act_with_dynamics_is_made() {
    let world = World::new(71);
    let phone = world.phone("w-ncg-1");
    let case = drafted(&world, &phone);
    phone.device().freeze(case, Terms::default()).unwrap();
    let refused = phone.device().keep_dynamics(case, samples(), false).unwrap_err();
    assert_eq!(refused.code(), "dynamics_without_consent");
    assert_eq!(phone.device().erase_dynamics(case).unwrap(), 0, "nothing was there to erase");
    let mut signing = hands(&phone).remove(0);
    signing.dynamics = Some(phone.device().keep_dynamics(case, samples(), true).unwrap());
    assert_eq!(phone.device().sign(case, signing, false).unwrap_err().code(), "dynamics_without_consent");
}

#[test]
fn the_consent_stands_in_the_statement_of_whoever_gave_it_and_erasing_breaks_nothing() {
    let world = World::new(72);
    let phone = world.phone("w-ncg-1");
    let case = drafted(&world, &phone);
    phone.device().freeze(case, Terms::default()).unwrap();
    let digest = phone.device().keep_dynamics(case, samples(), true).unwrap();
    for (at, mut signing) in hands(&phone).into_iter().enumerate() {
        if at == 0 {
            (signing.dynamics, signing.dynamics_consent) = (Some(digest), true);
        }
        phone.device().sign(case, signing, false).unwrap();
    }
    let sealed = phone.device().seal(case).unwrap();
    let bundle = Bundle::read(&sealed.bytes).unwrap();
    let consents = |at: usize| bundle.acts[at].act().statement.contains("同意留存本次书写的时间和压力数据");
    assert_eq!([consents(0), consents(1), consents(2)], [true, false, false]);
    let kept = phone.device().dynamics(&digest).unwrap().unwrap();
    assert_eq!(verify_dynamics(&bundle, 0, &kept), Ok(()));
    assert!(verify_dynamics(&bundle, 1, &kept).is_err(), "they are nobody else's");
    assert!(!sealed.bytes.windows(32).any(|window| window == &kept[4..36]), "the salt is not in the agreement");
    assert_eq!(phone.device().erase_dynamics(case).unwrap(), 1);
    assert_eq!(phone.device().dynamics(&digest).unwrap(), None);
    assert!(verify(&sealed.bytes).holds());
    phone.synced();
    assert_eq!(phone.set_aside(), [""; 0]);
}
