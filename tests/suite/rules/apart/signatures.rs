//! What was signed on one phone while something else happened on another.

use doorstep_core::case::{Command, CommitmentStatus, Grade, Stage};
use doorstep_tests::method::say::{self, REPORTER};
use doorstep_tests::method::town::{CLERK, COLLEAGUE, DEPUTY, LEAD, OFFICE, WORKER};
use doorstep_tests::method::{Phone, together};

use super::super::walk;
use super::{CLOCKS, apart, is_contested, is_overtaken, no_contest};

#[test]
fn a_signature_outranks_the_edits_made_meanwhile() {
    for years in CLOCKS {
        let (phone, signed) = walk::drafted();
        let (mut one, mut other) = apart(&phone, years);
        let seal = one.does(WORKER, say::seal(signed, 1));
        let edit = other.does(COLLEAGUE, say::draft());
        let state = together(&one, &other);
        assert_eq!(state.agreement().unwrap().written.stamp, seal);
        assert_eq!(state.agreement().unwrap().draft, signed);
        assert!(is_overtaken(&state, edit));
        assert_eq!(state.stage(), Stage::Acting);
        assert!(state.commitments().all(|commitment| commitment.id.draft == signed));
    }
}

#[test]
fn a_signature_outranks_a_word_of_mouth_given_elsewhere() {
    for years in CLOCKS {
        let (phone, draft) = walk::drafted();
        let (mut one, mut other) = apart(&phone, years);
        let seal = one.does(WORKER, say::seal(draft, 1));
        let oral = other.does(COLLEAGUE, say::oral());
        other.does(COLLEAGUE, say::fulfil(draft, 0));
        let state = together(&one, &other);
        assert_eq!(state.agreement().unwrap().written.stamp, seal);
        assert!(is_overtaken(&state, oral));
        let kept = state.commitments().filter(|commitment| commitment.is_settled()).count();
        assert_eq!(kept, 1, "what was done under the same draft was done");
    }
}

#[test]
fn two_sealed_agreements_for_one_draft_are_both_real_until_the_lead_chooses() {
    for years in CLOCKS {
        let (phone, draft) = walk::drafted();
        let (mut one, mut other) = apart(&phone, years);
        let first = one.does(WORKER, say::seal(draft, 1));
        let second = other.does(COLLEAGUE, say::seal(draft, 2));
        let state = together(&one, &other);
        is_contested(&state, first, second);
        assert_eq!(state.agreements.len(), 2);
        assert_eq!(state.commitments().count(), 2, "one draft, one set of commitments");
        for (holds, over) in [(first, second), (second, first)] {
            let mut desk = one.fork(33, 0);
            desk.hear(&other);
            assert_eq!(desk.refuses(WORKER, say::choose(holds, over)).0, "not_allowed");
            desk.does(DEPUTY, say::choose(holds, over));
            let state = desk.state();
            assert_eq!(state.agreement().unwrap().written.stamp, holds);
            assert!(is_overtaken(&state, over));
            no_contest(&state);
            assert_eq!(state.agreements.len(), 2, "and both stay on record");
        }
    }
}

#[test]
fn two_agreements_sealed_from_two_drafts_are_both_real_too() {
    for years in CLOCKS {
        let (mut one, mut other) = apart(&walk::agreed(), years);
        let here = one.does(WORKER, say::draft());
        let first = one.does(WORKER, say::seal(here, 1));
        one.does(WORKER, say::fulfil(here, 0));
        let there = other.does(COLLEAGUE, say::draft());
        let second = other.does(COLLEAGUE, say::seal(there, 2));
        let state = together(&one, &other);
        is_contested(&state, first, second);
        for (holds, over, draft) in [(first, second, here), (second, first, there)] {
            let mut desk = one.fork(33, 0);
            desk.hear(&other);
            desk.does(LEAD, say::choose(holds, over));
            let state = desk.state();
            assert_eq!(state.agreement().unwrap().written.stamp, holds);
            assert!(state.commitments().all(|commitment| commitment.id.draft == draft), "its commitments, no others");
            assert_eq!(state.commitments().count(), 2);
            let kept = matches!(state.commitments().next().unwrap().status, CommitmentStatus::Fulfilled(..));
            assert_eq!(kept, holds == first, "what was kept under it counts, whoever was chosen first");
        }
    }
}

#[test]
fn a_signature_and_a_withdrawal_elsewhere_are_for_people_to_choose_between() {
    for years in CLOCKS {
        let (mut desk, mut site) = apart(&Phone::reported(), years);
        let gone = desk.does(LEAD, say::withdraw());
        site.does(WORKER, say::open());
        site.does(WORKER, say::agreed());
        let draft = site.does(WORKER, say::draft());
        let seal = site.does(WORKER, say::seal(draft, 1));
        let state = together(&desk, &site);
        desk.hear(&site);
        is_contested(&state, gone, seal);
        assert_eq!(state.stage(), Stage::Withdrawn, "clock off by {years} years");
        let mut withdrawn = desk.clone();
        withdrawn.does(LEAD, say::choose(gone, seal));
        assert_eq!(withdrawn.state().stage(), Stage::Withdrawn);
        assert!(withdrawn.state().agreement().is_none());
        desk.does(LEAD, say::choose(seal, gone));
        assert_eq!(desk.state().stage(), Stage::Acting, "the signature holds: its commitments are to be kept");
        desk.does(WORKER, say::fulfil(draft, 0));
        desk.does(WORKER, say::fulfil(draft, 1));
        desk.does(LEAD, say::complete());
    }
}

#[test]
fn a_signature_from_a_round_that_is_over_stays_on_record() {
    for years in CLOCKS {
        let (phone, draft) = walk::drafted();
        let (mut one, mut other) = apart(&phone, years);
        one.does(WORKER, say::oral());
        one.does(WORKER, say::fulfil(draft, 0));
        one.does(WORKER, say::fulfil(draft, 1));
        one.does(LEAD, say::complete());
        one.does(WORKER, say::feedback(REPORTER, Grade::Dissatisfied));
        let seal = other.does(COLLEAGUE, say::seal(draft, 9));
        let state = together(&one, &other);
        let kept = state.agreements.iter().find(|agreement| agreement.written.stamp == seal);
        assert!(kept.is_some(), "clock off by {years} years");
        if years >= 1 {
            assert!(is_overtaken(&state, seal), "the round went on without it");
            assert!(state.agreement().is_none());
        }
    }
}

#[test]
fn a_case_whose_signature_was_chosen_against_can_be_consulted_again() {
    let (mut desk, mut site) = apart(&Phone::reported(), 0);
    let raised = desk.does(LEAD, say::raise(OFFICE));
    site.wait_days(1);
    site.does(WORKER, say::open());
    site.does(WORKER, say::agreed());
    let draft = site.does(WORKER, say::draft());
    let seal = site.does(WORKER, say::seal(draft, 1));
    assert_eq!(together(&desk, &site).stage(), Stage::Acting, "signed before anybody at the office took it");
    desk.wait_days(2);
    desk.does(CLERK, Command::AcceptHandover);
    desk.hear(&site);
    is_contested(&desk.state(), raised, seal);
    desk.does(LEAD, say::choose(raised, seal));
    desk.does(CLERK, say::send_back());
    assert_eq!(desk.state().stage(), Stage::Consulting);
    desk.does(WORKER, say::open());
}

#[test]
fn of_three_signatures_the_one_left_is_contested_with_the_one_that_was_chosen() {
    let (phone, draft) = walk::drafted();
    let mut phones: Vec<Phone> = (1..=3).map(|node| phone.fork(node * 11, 0)).collect();
    let who = [WORKER, COLLEAGUE, LEAD];
    let mut seals: Vec<_> = (0..3).map(|n| phones[n].does(who[n], say::seal(draft, u8::try_from(n).unwrap()))).collect();
    seals.sort_unstable();
    let mut desk = phone.fork(44, 0);
    for phone in &phones {
        desk.hear(phone);
    }
    desk.does(DEPUTY, say::choose(seals[1], seals[0]));
    let state = desk.state();
    assert_eq!(state.agreement().unwrap().written.stamp, seals[1]);
    assert!(is_overtaken(&state, seals[0]));
    is_contested(&state, seals[1], seals[2]);
    desk.does(DEPUTY, say::choose(seals[2], seals[1]));
    assert_eq!(desk.state().agreement().unwrap().written.stamp, seals[2]);
    no_contest(&desk.state());
}

#[test]
fn a_second_signature_holds_once_the_first_was_chosen_against() {
    let (mut phone, draft) = walk::drafted();
    let (mut one, mut other) = (phone.fork(11, 0), phone.fork(22, 0));
    let raised = phone.does(LEAD, say::raise(OFFICE));
    phone.does(CLERK, Command::AcceptHandover);
    one.wait_days(1);
    let first = one.does(WORKER, say::seal(draft, 1));
    other.wait_days(2);
    let second = other.does(COLLEAGUE, say::seal(draft, 2));
    phone.hear(&one);
    phone.hear(&other);
    phone.wait_days(3);
    phone.does(DEPUTY, say::choose(raised, first));
    assert_eq!(
        phone.state().agreement().map(|agreement| agreement.written.stamp),
        None,
        "what the raise is contested with holds only once it is chosen"
    );
    is_contested(&phone.state(), raised, second);
    let mut elsewhere = phone.clone();
    elsewhere.does(DEPUTY, say::choose(raised, second));
    assert_eq!((elsewhere.state().own_stage, elsewhere.state().agreement()), (Stage::Agreed, None));
    phone.does(DEPUTY, say::choose(second, raised));
    assert_eq!(phone.state().stage(), Stage::Acting);
    no_contest(&phone.state());
    phone.does(WORKER, say::fulfil(draft, 0));
}

#[test]
fn a_signature_that_was_second_is_in_force_once_nothing_stands_against_it() {
    // Signed on two phones; whoever knew of the second alone ended the case, and the lead says that this was right.
    let (phone, draft) = walk::drafted();
    let (mut one, mut other) = (phone.fork(11, 0), phone.fork(22, 0));
    let first = one.does(WORKER, say::seal(draft, 1));
    other.wait_days(1);
    let second = other.does(COLLEAGUE, say::seal(draft, 2));
    let ended = other.does(LEAD, say::withdraw());
    other.hear(&one);
    other.does(LEAD, say::choose(ended, first));
    let state = other.state();
    assert_eq!(state.agreement().map(|agreement| agreement.written.stamp), Some(second), "it was in force when the case ended");
    assert_eq!(state.stage(), Stage::Withdrawn);
    no_contest(&state);
}
