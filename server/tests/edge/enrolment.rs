//! A code and a key become a device, once.

use doorstep_server::enrol::CODE_MS;
use serde_bytes::ByteBuf;

use crate::world::{Key, World, person};

#[test]
fn a_code_enrols_one_phone_and_no_second_one() {
    let world = World::new();
    let code = world.mint("lead-ncg");
    assert_eq!(world.enrol(&Key::new(), &code.secret).status, 200);
    let second = world.enrol(&Key::new(), &code.secret);
    assert_eq!((second.status, second.code().as_str()), (403, "code_used"));
    let typed = world.enrol(&Key::new(), &code.typed);
    assert_eq!((typed.status, typed.code().as_str()), (403, "code_used"), "both forms are one code");
    let devices = world.store.devices().unwrap();
    assert_eq!(devices.len(), 1);
    assert_eq!((devices[0].person.clone(), devices[0].label.as_str()), (person("lead-ncg"), "一部手机"));
}

#[test]
fn a_phone_that_lost_the_answer_asks_again_and_is_the_same_device() {
    let world = World::new();
    let (key, code) = (Key::new(), world.mint("lead-ncg"));
    let first = world.enrol(&key, &code.secret);
    world.clock.advance(CODE_MS + 1);
    let second = world.enrol(&key, &code.secret);
    assert_eq!((second.status, &second.body), (200, &first.body));
    assert_eq!(world.store.devices().unwrap().len(), 1);
}

#[test]
fn the_typed_form_works_however_it_is_typed() {
    let world = World::new();
    let code = world.mint("lead-ncg");
    assert_eq!(world.enrol(&Key::new(), &format!(" {} ", code.spoken().to_lowercase())).status, 200);
}

#[test]
fn wrong_and_expired_codes_enrol_nobody() {
    let world = World::new();
    let code = world.mint("lead-ncg");
    for wrong in ["", "登记码", "00000-00000", "zzzzzzzzzzzzzzzzzzzzzzzzzz"] {
        let answer = world.enrol(&Key::new(), wrong);
        assert_eq!((answer.status, answer.code().as_str()), (403, "code_wrong"), "{wrong}");
    }
    world.clock.advance(CODE_MS + 1);
    let answer = world.enrol(&Key::new(), &code.secret);
    assert_eq!((answer.status, answer.code().as_str()), (403, "code_expired"));
    assert!(world.store.devices().unwrap().is_empty());
}

#[test]
fn after_five_wrong_typed_codes_the_right_one_is_void() {
    let world = World::new();
    let code = world.mint("lead-ncg");
    for n in 0..5 {
        let answer = world.enrol(&Key::new(), &format!("0000{n}-00000"));
        assert_eq!(answer.code(), "code_wrong");
    }
    let answer = world.enrol(&Key::new(), &code.typed);
    assert_eq!((answer.status, answer.code().as_str()), (403, "code_tries"));
    assert!(world.store.devices().unwrap().is_empty());
}

#[test]
fn a_phone_must_hold_the_key_it_presents() {
    let world = World::new();
    let code = world.mint("lead-ncg");
    let (mine, theirs) = (Key::new(), Key::new());
    let mut request = mine.enrolment(&code.secret, &world.nonce());
    request.public_key = ByteBuf::from(theirs.public());
    let answer = world.post_enrolment(&request);
    assert_eq!((answer.status, answer.code().as_str()), (401, "signature"));
    request.public_key = ByteBuf::from(vec![2; 33]);
    let answer = world.post_enrolment(&request);
    assert!(matches!(answer.code().as_str(), "key" | "signature"));
    request.public_key = ByteBuf::from(vec![]);
    assert_eq!(world.post_enrolment(&request).code(), "key");
    let stale = mine.enrolment(&code.secret, "not-a-nonce");
    let answer = world.post_enrolment(&stale);
    assert_eq!((answer.status, answer.code().as_str()), (401, "nonce"));
    assert!(answer.header("doorstep-nonce").is_some(), "the answer says how to go on");
    assert_eq!(world.enrol(&mine, &code.secret).status, 200, "nothing of this used the code up");
}
