//! Getting in: every wrong code is refused with its own code, and costs the phone nothing.

use doorstep_core::case::Command;
use doorstep_server::enrol::CODE_MS;
use doorstep_server::store::SHORT_CODE_TRIES;
use doorstep_tests::{Fault, Phone, World, scenes};

fn enrol(phone: &Phone, code: &str) -> Result<(), String> {
    let enrolled = phone.device().enrol(phone.network.as_ref(), code, "http://127.0.0.1:1", "一部手机");
    enrolled.map(|_| ()).map_err(|error| error.code().to_owned())
}

fn refused(code: &str) -> Result<(), String> {
    Err(code.to_owned())
}

#[test]
fn a_wrong_a_used_and_an_expired_code_are_told_apart_and_the_right_one_still_works() {
    let world = World::new(1);
    let phone = world.new_phone("w-ncg-1");
    assert_eq!(enrol(&phone, "没有这样的码"), refused("enrol_not_a_code"));
    assert_eq!(enrol(&phone, "0000000000"), refused("code_wrong"));
    let used = world.code("w-ncg-1");
    enrol(&world.new_phone("w-ncg-1"), &used.typed).unwrap();
    assert_eq!(enrol(&phone, &used.typed), refused("code_used"));
    let expired = world.code("w-ncg-1");
    world.clock.pass(CODE_MS + 1);
    assert_eq!(enrol(&phone, &expired.typed), refused("code_expired"));
    assert_eq!(phone.device().enrolled(), None);
    enrol(&phone, &world.code("w-ncg-1").typed).unwrap();
    assert_eq!(enrol(&phone, &world.code("w-ncg-1").typed), refused("already_enrolled"));
    phone.synced();
}

#[test]
fn five_wrong_guesses_void_a_typed_code_but_not_the_one_of_the_camera() {
    let world = World::new(2);
    let (typed, scanned) = (world.code("w-ncg-1"), world.code("w-ncg-1"));
    let phone = world.new_phone("w-ncg-1");
    for guess in 0..SHORT_CODE_TRIES {
        assert_eq!(enrol(&phone, &format!("00000-0000{guess}")), refused("code_wrong"));
    }
    assert_eq!(enrol(&phone, &typed.typed), refused("code_tries"));
    let qr = format!("doorstep://enrol?server=http%3A%2F%2F127.0.0.1%3A1&code={}", scanned.secret);
    enrol(&phone, &qr).unwrap();
}

#[test]
fn an_enrolment_whose_answer_was_lost_is_done_again_with_the_same_code() {
    let world = World::new(3);
    let phone = world.new_phone("w-ncg-1");
    let code = world.code("w-ncg-1");
    phone.network.next([Fault::None, Fault::AnswerLost]);
    assert_eq!(enrol(&phone, &code.typed), refused("timeout"));
    enrol(&phone, &code.typed).unwrap();
    assert_eq!(world.store().holdings().unwrap().devices, 1, "the same device, not a second one");
    phone.synced();
}

#[test]
fn nothing_can_be_recorded_or_synced_before_enrolment() {
    let world = World::new(4);
    let phone = world.new_phone("w-ncg-1");
    assert_eq!(phone.device().report(scenes::reported("早了")).unwrap_err().code(), "not_enrolled");
    assert_eq!(phone.device().sync(phone.network.as_ref()).unwrap_err().code(), "not_enrolled");
    let enrolled = world.enrolled("w-ncg-1");
    // Enrolled, but without a directory: nobody knows yet what this person may do.
    assert_eq!(enrolled.device().report(scenes::reported("早了")).unwrap_err().code(), "unknown_person");
    enrolled.synced();
    let case = scenes::report(&enrolled, "正好");
    assert!(enrolled.device().run(case, &Command::Note { text: "行".into() }).is_ok());
}
