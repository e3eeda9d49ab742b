//! The law of the method when phones were apart: what each phone recorded, once all have heard of it.
//!
//! Every test runs with the second phone's clock right, years behind and years ahead: the law asks for stamps' order
//! where it says "the earlier", and for no clock at all where it says who outranks whom.

use doorstep_core::case::{CaseState, Command, CommitmentStatus, Grade, HandoverStatus, RefusalCode, Stage, Standing};
use doorstep_core::time::Stamp;
use doorstep_tests::method::say::{self, OTHER_SIDE, REPORTER};
use doorstep_tests::method::town::{
    CLERK, CLERK_2, COLLEAGUE, COMMITTEE, DEPUTY, EDUCATION, LEAD, OFFICE, PROPERTY, PROPERTY_CONTACT,
    TELECOM, TELECOM_CONTACT, WORKER,
};
use doorstep_tests::method::{Phone, together};

use super::walk;

/// Years by which the other phone's clock is off.
const CLOCKS: [i64; 4] = [0, 1, 9, -9];

fn apart(phone: &Phone, years: i64) -> (Phone, Phone) {
    (phone.fork(11, 0), phone.fork(22, years))
}

fn is_overtaken(state: &CaseState, stamp: Stamp) -> bool {
    matches!(state.standing(stamp), Standing::Overtaken { .. })
}

#[track_caller]
fn is_contested(state: &CaseState, one: Stamp, other: Stamp) {
    assert_eq!(*state.standing(one), Standing::Contested { with: vec![other] });
    assert_eq!(*state.standing(other), Standing::Contested { with: vec![one] });
}

#[track_caller]
fn no_contest(state: &CaseState) {
    assert!(!state.standings.values().any(|s| matches!(s, Standing::Contested { .. })), "{:?}", state.standings);
}

#[test]
fn a_clock_behind_by_years_never_puts_an_event_before_what_its_author_knew() {
    for years in CLOCKS {
        let (_, mut other) = apart(&walk::done(), years);
        other.does(WORKER, say::check_effect());
        other.does(WORKER, say::feedback(REPORTER, Grade::Satisfied));
        let state = other.state();
        assert_eq!(state.effects.len(), 1);
        assert!(state.standings.is_empty());
        assert!(other.log().is_sorted());
    }
}

#[test]
fn a_dissatisfied_answer_overtakes_a_closing_that_did_not_know_of_it_whatever_the_clocks_say() {
    for years in CLOCKS {
        // Both parties were asked; then one of them changes their mind at the door while the lead closes at the desk.
        let (mut desk, mut door) = apart(&walk::asked(), years);
        let closing = desk.does(LEAD, Command::Close);
        door.does(WORKER, say::feedback(REPORTER, Grade::VeryDissatisfied));
        let state = together(&desk, &door);
        assert_eq!((state.stage(), state.round), (Stage::Reopened, 2), "clock off by {years} years");
        let Standing::Overtaken { why, .. } = state.standing(closing) else { panic!("the closing still counts") };
        assert_eq!(*why, RefusalCode::Dissatisfied);
    }
}

#[test]
fn a_dissatisfied_answer_outranks_a_satisfied_one_of_the_same_party_from_another_phone() {
    for years in CLOCKS {
        let (mut one, mut other) = apart(&walk::done(), years);
        one.does(WORKER, say::feedback(REPORTER, Grade::Satisfied));
        one.does(WORKER, say::feedback(OTHER_SIDE, Grade::Satisfied));
        let closing = one.does(LEAD, Command::Close);
        other.does(COLLEAGUE, say::feedback(REPORTER, Grade::Dissatisfied));
        let state = together(&one, &other);
        assert_eq!(state.stage(), Stage::Reopened);
        assert!(is_overtaken(&state, closing));
        assert_eq!(state.answers.len(), 3, "all three answers stay on record");
    }
}

#[test]
fn two_dissatisfied_answers_from_two_phones_set_one_table() {
    for years in CLOCKS {
        let (mut one, mut other) = apart(&walk::done(), years);
        one.does(WORKER, say::feedback(REPORTER, Grade::Dissatisfied));
        other.does(COLLEAGUE, say::feedback(OTHER_SIDE, Grade::VeryDissatisfied));
        let state = together(&one, &other);
        assert_eq!((state.stage(), state.round), (Stage::Reopened, 2));
    }
}

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
        if seal < gone {
            // By the order the lead could have known of the signature: then withdrawing was theirs to decide.
            assert_eq!((state.stage(), state.standings.len()), (Stage::Withdrawn, 0));
            continue;
        }
        is_contested(&state, gone, seal);
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
fn two_workers_who_open_a_consultation_at_once_hold_one_with_two_records() {
    for years in CLOCKS {
        let (mut one, mut other) = apart(&Phone::reported(), years);
        one.does(WORKER, say::open());
        other.does(COLLEAGUE, say::open());
        let state = together(&one, &other);
        assert_eq!((state.consultations.len(), state.round), (1, 1));
        assert_eq!(state.consultations[0].also.len(), 1);
        assert!(state.standings.is_empty());
        // Either record can be concluded, from either phone, and it is one consultation that ends.
        for phone in [&one, &other] {
            let (mut here, mut there) = (one.clone(), other.clone());
            let mut concluding = phone.clone();
            concluding.does(WORKER, say::agreed());
            here.hear(&concluding);
            there.hear(&concluding);
            assert_eq!(together(&here, &there).stage(), Stage::Agreed);
        }
    }
}

#[test]
fn two_records_of_one_sitting_that_end_alike_are_at_one() {
    for years in CLOCKS {
        let (mut one, mut other) = apart(&Phone::reported(), years);
        one.does(WORKER, say::open());
        one.does(WORKER, say::agreed());
        other.does(COLLEAGUE, say::open());
        other.does(COLLEAGUE, say::agreed());
        let state = together(&one, &other);
        assert_eq!(state.consultations.len(), 1);
        assert_eq!(state.stage(), Stage::Agreed);
        assert!(state.standings.is_empty());
    }
}

#[test]
fn two_records_of_one_sitting_that_end_differently_are_contested_until_the_lead_chooses() {
    for years in CLOCKS {
        let (mut one, mut other) = apart(&Phone::reported(), years);
        one.does(WORKER, say::open());
        other.does(COLLEAGUE, say::open());
        let yes = one.does(WORKER, say::agreed());
        let no = other.does(COLLEAGUE, say::not_agreed());
        is_contested(&together(&one, &other), yes, no);
        for (holds, over, stage) in [(yes, no, Stage::Agreed), (no, yes, Stage::Consulting)] {
            let mut desk = one.fork(33, 0);
            desk.hear(&other);
            desk.does(LEAD, say::choose(holds, over));
            assert_eq!(desk.state().stage(), stage);
            no_contest(&desk.state());
            assert!(desk.state().consultations[0].outcome.as_ref().is_some_and(|(written, _)| written.stamp == holds));
        }
    }
}

#[test]
fn kept_and_not_kept_is_for_people_to_choose() {
    let (phone, draft) = walk::acting();
    let (mut one, mut other) = apart(&phone, 0);
    other.wait_days(1);
    let kept = one.does(WORKER, say::fulfil(draft, 0));
    let broken = other.does(COLLEAGUE, say::default(draft, 0));
    let state = together(&one, &other);
    is_contested(&state, kept, broken);
    let mut desk = one.fork(33, 0);
    desk.hear(&other);
    let mut chosen = desk.clone();
    chosen.does(LEAD, say::choose(kept, broken));
    assert!(chosen.state().commitments[0].is_settled());
    no_contest(&chosen.state());
    desk.does(LEAD, say::choose(broken, kept));
    assert!(!desk.state().commitments[0].is_settled(), "the lead found that it was not kept");
    no_contest(&desk.state());
    desk.does(WORKER, say::fulfil(draft, 0));
}

#[test]
fn kept_twice_from_two_phones_is_kept_once() {
    for years in CLOCKS {
        let (phone, draft) = walk::acting();
        let (mut one, mut other) = apart(&phone, years);
        one.does(WORKER, say::fulfil(draft, 0));
        other.does(COLLEAGUE, say::fulfil(draft, 0));
        let state = together(&one, &other);
        assert_eq!(state.standings.len(), 1, "the second record is moot");
        no_contest(&state);
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

#[test]
fn two_leads_who_close_and_withdraw_apart_end_the_case_once() {
    for years in CLOCKS {
        let (mut one, mut other) = apart(&walk::asked(), years);
        let closed = one.does(LEAD, Command::Close);
        let withdrawn = other.does(DEPUTY, say::withdraw());
        let state = together(&one, &other);
        let expected = if closed < withdrawn { Stage::Closed } else { Stage::Withdrawn };
        assert_eq!(state.stage(), expected);
        assert!(is_overtaken(&state, closed.max(withdrawn)));
    }
}

#[test]
fn two_reports_of_one_concern_are_two_cases_and_never_merged_by_the_machine() {
    let mut one = Phone::empty(1);
    one.does(WORKER, say::report());
    let mut other = Phone::empty(2);
    other.case = doorstep_core::id::DocId::from_bytes([8; 16]);
    other.does(COLLEAGUE, say::report());
    assert_eq!(one.state().merged_into, None);
    other.does(LEAD, Command::MarkDuplicate { of: one.case });
    assert_eq!((one.state().stage(), other.state().stage()), (Stage::Received, Stage::Merged));
}

#[test]
fn notes_and_looks_count_whatever_happened_meanwhile() {
    for years in CLOCKS {
        let (mut one, mut other) = apart(&walk::asked(), years);
        one.does(LEAD, Command::Close);
        let note = other.does(COLLEAGUE, say::note());
        let look = other.does(COLLEAGUE, say::check_effect());
        let state = together(&one, &other);
        assert_eq!((state.notes.len(), state.effects.len()), (1, 1));
        assert_eq!((state.standing(note), state.standing(look)), (&Standing::Effective, &Standing::Effective));
    }
}

#[test]
fn an_entry_that_arrives_under_a_foreign_name_or_before_its_past_is_refused() {
    let phone = Phone::reported();
    let mut other = phone.fork(22, 0);
    other.does(COLLEAGUE, say::open());
    let entry = other.log().last().unwrap().clone();
    assert!(phone.review(std::slice::from_ref(&entry)).is_ok());
    let code = |entries: &[doorstep_core::case::Entry]| phone.review(entries).unwrap_err().code.as_str();
    let mut later = entry.clone();
    later.stamp.time.0 += 1;
    later.author = LEAD.parse().unwrap();
    assert_eq!(code(&[entry.clone(), later]), "foreign_author", "a change has one author");
    let mut early = entry.clone();
    early.stamp = phone.log()[0].stamp;
    assert_eq!(code(&[early]), "stamp_order");
    let far = phone.fork(22, 21);
    let mut entry = entry;
    entry.stamp.time = entry.stamp.time.next(far.clock);
    assert_eq!(code(&[entry]), "stamp_far");
}
