//! Raises and transfers offered, accepted, recalled on phones that were apart.

use doorstep_core::case::{Command, HandoverStatus, Stage, Standing};
use doorstep_core::time::Stamp;
use doorstep_tests::method::say::{self};
use doorstep_tests::method::town::{
    CLERK, CLERK_2, COMMITTEE, DEPUTY, EDUCATION, LEAD, OFFICE, PROPERTY, PROPERTY_CONTACT, TELECOM, TELECOM_CONTACT, WORKER,
};
use doorstep_tests::method::{Phone, together};

use super::super::walk;
use super::{CLOCKS, apart, is_contested, is_overtaken, no_contest};

#[test]
fn of_two_offers_the_earlier_is_effective_and_the_later_overtaken() {
    for years in CLOCKS {
        for (here, there) in [
            (say::raise(OFFICE), say::transfer(TELECOM)),
            (say::transfer(TELECOM), say::raise(COMMITTEE)),
            (say::transfer(TELECOM), say::transfer_agreed(EDUCATION)),
            (say::raise(OFFICE), say::raise(OFFICE)),
        ] {
            let (mut one, mut other) = apart(&Phone::reported(), years);
            let first = one.does(LEAD, here);
            let second = other.does(DEPUTY, there);
            let (earlier, later) = (first.min(second), first.max(second));
            let state = together(&one, &other);
            assert_eq!(state.handover().unwrap().offered.stamp, earlier);
            assert!(is_overtaken(&state, later));
            assert_eq!(state.handovers.iter().filter(|handover| handover.is_active()).count(), 1);
            assert_eq!(state.handovers.len(), 2, "the other stays on record");
        }
    }
}

/// Two offers made apart, the later one accepted by its receiver: earlier phone, later phone, earlier offer, later offer.
fn contested_offers(years: i64) -> (Phone, Phone, Stamp, Stamp) {
    let (mut one, mut other) = apart(&Phone::reported(), years);
    other.wait_days(1);
    let first = one.does(LEAD, say::transfer(PROPERTY));
    let second = other.does(DEPUTY, say::raise(OFFICE));
    assert!(first < second);
    other.does(CLERK, Command::AcceptHandover);
    (one, other, first, second)
}

#[test]
fn a_later_offer_that_its_receiver_accepted_is_contested_with_the_earlier() {
    for years in [0, 1, 9] {
        let (one, other, first, second) = contested_offers(years);
        is_contested(&together(&one, &other), first, second);
        let mut accepted = one.clone();
        accepted.does(PROPERTY_CONTACT, Command::AcceptHandover);
        is_contested(&together(&accepted, &other), first, second);
        for (holds, over) in [(first, second), (second, first)] {
            let mut desk = one.clone();
            desk.hear(&other);
            desk.does(LEAD, say::choose(holds, over));
            let state = desk.state();
            assert_eq!(state.handover().unwrap().offered.stamp, holds);
            assert!(is_overtaken(&state, over));
            no_contest(&state);
        }
    }
}

#[test]
fn an_earlier_offer_that_was_accepted_needs_no_choice() {
    let (mut one, mut other) = apart(&Phone::reported(), 0);
    other.wait_days(1);
    one.does(LEAD, say::transfer(PROPERTY));
    one.does(PROPERTY_CONTACT, Command::AcceptHandover);
    let second = other.does(DEPUTY, say::raise(OFFICE));
    let state = together(&one, &other);
    assert!(is_overtaken(&state, second));
    no_contest(&state);
}

#[test]
fn each_receiver_of_contested_offers_speaks_for_its_own() {
    let (one, mut other, first, second) = contested_offers(0);
    other.hear(&one);
    let mut back = other.clone();
    back.does(CLERK, say::send_back());
    let state = back.state();
    assert_eq!(state.handover().unwrap().offered.stamp, first, "one came back: nothing is left to choose");
    no_contest(&state);
    let mut back = other.clone();
    back.does(PROPERTY_CONTACT, say::send_back());
    assert_eq!(back.state().handover().unwrap().offered.stamp, second);
    no_contest(&back.state());
    back.does(CLERK, say::settle());
    assert_eq!(back.state().stage(), Stage::Done);
    let mut settled = other.clone();
    settled.does(CLERK, say::settle());
    assert_eq!(settled.state().handover().unwrap().offered.stamp, first);
    no_contest(&settled.state());
    settled.does(PROPERTY_CONTACT, say::send_back());
    assert_eq!(settled.state().stage(), Stage::Done, "what the one settled is asked about once the other gave up");
    other.does(LEAD, say::recall());
    assert_eq!(other.state().handover().unwrap().offered.stamp, second, "the offer nobody accepted was recalled");
    no_contest(&other.state());
}

#[test]
fn an_accepted_offer_is_not_contested_with_one_that_had_come_back() {
    let (mut one, mut other) = apart(&Phone::reported(), 0);
    other.wait_days(1);
    one.does(LEAD, say::transfer(PROPERTY));
    let second = other.does(DEPUTY, say::raise(OFFICE));
    one.wait_days(2);
    one.does(PROPERTY_CONTACT, say::send_back());
    other.wait_days(3);
    other.does(CLERK, Command::AcceptHandover);
    let state = together(&one, &other);
    no_contest(&state);
    assert_eq!(state.handover().unwrap().offered.stamp, second);
    assert_eq!(*state.standing(second), Standing::Effective, "taken by its receiver, and nobody else has the case");
}

#[test]
fn a_choice_between_offers_is_not_undone_by_a_colleagues_acceptance() {
    let (one, other, first, second) = contested_offers(0);
    let mut desk = one.clone();
    desk.hear(&other);
    desk.wait_days(5);
    desk.does(LEAD, say::choose(first, second));
    // Before the office's other clerk has heard of anything but the offer, they accept as well.
    let mut clerk = Phone::empty(44);
    clerk.receive(&other.log()[..2]);
    clerk.wait_days(30);
    let accepted = clerk.does(CLERK_2, Command::AcceptHandover);
    let state = together(&desk, &clerk);
    assert_eq!(state.handover().unwrap().offered.stamp, first);
    no_contest(&state);
    assert!(is_overtaken(&state, accepted));
}

#[test]
fn a_recall_and_an_acceptance_apart_go_by_their_order() {
    for years in CLOCKS {
        let mut phone = Phone::reported();
        phone.does(LEAD, say::raise(OFFICE));
        let (mut desk, mut office) = apart(&phone, years);
        let recalled = desk.does(LEAD, say::recall());
        let accepted = office.does(CLERK, Command::AcceptHandover);
        let state = together(&desk, &office);
        let (effective, moot) = if recalled < accepted { (recalled, accepted) } else { (accepted, recalled) };
        assert_eq!(*state.standing(effective), Standing::Effective);
        assert!(is_overtaken(&state, moot));
        assert_eq!(state.handover().is_some(), accepted < recalled);
    }
}

#[test]
fn an_offer_and_a_completion_apart_go_by_their_order() {
    for years in CLOCKS {
        let (mut one, mut other) = apart(&walk::done_but_for_completion(), years);
        let completed = one.does(LEAD, say::complete());
        let raised = other.does(DEPUTY, say::raise(OFFICE));
        let state = together(&one, &other);
        assert_eq!(state.stage(), Stage::HandedOver);
        assert_eq!(is_overtaken(&state, completed), raised < completed);
    }
}

#[test]
fn a_signature_overtakes_an_offer_nobody_has_accepted() {
    for years in CLOCKS {
        let (phone, draft) = walk::drafted();
        let (mut site, mut desk) = apart(&phone, years);
        let seal = site.does(WORKER, say::seal(draft, 1));
        let raised = desk.does(LEAD, say::transfer(TELECOM));
        let state = together(&site, &desk);
        assert_eq!(*state.standing(seal), Standing::Effective);
        if raised < seal {
            assert!(is_overtaken(&state, raised));
            assert_eq!(state.stage(), Stage::Acting);
        } else {
            // Once an agreement is being carried out, the case may still be handed over: nothing is moot.
            assert_eq!(state.stage(), Stage::HandedOver);
        }
        desk.does(TELECOM_CONTACT, Command::AcceptHandover);
        let state = together(&site, &desk);
        if raised < seal && desk.log().last().unwrap().stamp > seal {
            assert!(matches!(state.handovers[0].status, HandoverStatus::Accepted(_)));
            is_contested(&state, raised, seal);
        }
    }
}
