//! One sitting, one commitment, recorded on two phones.

use doorstep_core::case::{Command, Grade, Outcome, Stage};
use doorstep_tests::method::say::{self, REPORTER};
use doorstep_tests::method::town::{CLERK, COLLEAGUE, LEAD, OFFICE, WORKER};
use doorstep_tests::method::{Phone, together};

use super::super::walk;
use super::{CLOCKS, apart, is_contested, no_contest};

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
fn a_choice_of_outcome_that_came_after_its_round_changes_the_record_and_not_the_stage() {
    let (mut one, mut other) = apart(&Phone::reported(), 0);
    one.does(WORKER, say::open());
    let yes = one.does(WORKER, say::agreed());
    other.does(COLLEAGUE, say::open());
    let no = other.does(COLLEAGUE, say::not_agreed());
    let mut desk = one.fork(33, 0);
    desk.hear(&other);
    desk.wait_days(30);
    desk.does(LEAD, say::choose(no, yes));
    one.does(WORKER, say::draft());
    one.does(WORKER, say::oral());
    for index in 0..2 {
        let draft = one.state().drafts[0].written.stamp;
        one.does(WORKER, say::fulfil(draft, index));
    }
    one.does(LEAD, say::complete());
    one.does(WORKER, say::feedback(REPORTER, Grade::Dissatisfied));
    let state = together(&one, &desk);
    assert_eq!((state.stage(), state.round), (Stage::Reopened, 2));
    assert_eq!(state.consultations[0].outcome.as_ref().map(|(written, _)| written.stamp), Some(no));
    no_contest(&state);
}

#[test]
fn two_days_to_meet_again_are_for_the_lead_to_choose_between_and_one_day_is_one() {
    let until = |day| say::conclude(Outcome::Adjourned { until: say::day(day) });
    for years in CLOCKS {
        let (mut one, mut other) = apart(&Phone::reported(), years);
        one.does(WORKER, say::open());
        other.does(COLLEAGUE, say::open());
        let (mut same, mut alike) = (one.clone(), other.clone());
        same.does(WORKER, until(20));
        alike.does(COLLEAGUE, until(20));
        assert!(together(&same, &alike).standings.is_empty());
        let early = one.does(WORKER, until(20));
        let late = other.does(COLLEAGUE, until(22));
        is_contested(&together(&one, &other), early, late);
        for (holds, over, day) in [(early, late, 20), (late, early, 22)] {
            let mut desk = one.fork(33, 0);
            desk.hear(&other);
            desk.does(LEAD, say::choose(holds, over));
            let state = desk.state();
            let outcome = state.consultations[0].outcome.as_ref().map(|(_, outcome)| outcome.clone());
            assert_eq!(outcome, Some(Outcome::Adjourned { until: say::day(day) }));
            no_contest(&state);
        }
    }
}

#[test]
fn a_choice_about_an_earlier_sitting_does_not_undo_what_a_later_one_came_to() {
    let (mut one, mut other) = apart(&Phone::reported(), 0);
    one.does(WORKER, say::open());
    other.does(COLLEAGUE, say::open());
    let early = one.does(WORKER, say::adjourned());
    let late = other.does(COLLEAGUE, say::conclude(Outcome::Adjourned { until: say::day(22) }));
    one.hear(&other);
    one.does(WORKER, say::open());
    one.does(WORKER, say::agreed());
    one.does(LEAD, say::choose(late, early));
    assert_eq!(one.state().stage(), Stage::Agreed, "they met again and agreed");
    one.does(WORKER, say::draft());
}

#[test]
fn whoever_holds_a_case_that_was_done_may_set_the_table_again() {
    let mut phone = walk::done();
    phone.does(LEAD, say::raise(OFFICE));
    assert_eq!(phone.refuses(CLERK, say::open()).0, "no_handover", "not theirs yet");
    phone.does(CLERK, Command::AcceptHandover);
    assert_eq!(phone.refuses(WORKER, say::open()).0, "handed_over", "not theirs any more");
    phone.does(CLERK, say::open());
    phone.does(CLERK, say::agreed());
    phone.does(CLERK, say::settle());
    assert_eq!(phone.state().stage(), Stage::Done);
    assert_eq!(
        walk::done().refuses(WORKER, say::open()).0,
        "wrong_stage",
        "in the community's own hands the parties are asked"
    );
}
