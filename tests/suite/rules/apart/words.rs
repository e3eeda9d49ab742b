//! What people said, and how a case ended, on phones that were apart.

use doorstep_core::case::{Command, DisputeKind, Grade, RefusalCode, Stage, Standing};
use doorstep_tests::method::say::{self, OTHER_SIDE, REPORTER};
use doorstep_tests::method::town::{CLERK, COLLEAGUE, DEPUTY, LEAD, OFFICE, WORKER};
use doorstep_tests::method::{Phone, together};

use super::super::walk;
use super::{CLOCKS, apart, is_overtaken};

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
fn whoever_was_dissatisfied_before_it_was_done_can_be_asked_again_though_no_party_any_more() {
    let agreed = walk::agreed();
    let mut elsewhere = agreed.fork(33, 0);
    let parties = vec![say::resident(REPORTER)];
    let theirs = elsewhere.does(COLLEAGUE, say::draft_of(DisputeKind::Ordinary, parties, vec![]));
    let second = elsewhere.does(COLLEAGUE, say::seal(theirs, 2));
    let mut one = agreed.fork(11, 0);
    let draft = one.does(WORKER, say::draft());
    let first = one.does(WORKER, say::seal(draft, 1));
    one.does(WORKER, say::fulfil(draft, 0));
    one.does(WORKER, say::fulfil(draft, 1));
    let (mut one, mut desk) = apart(&one, 0);
    desk.does(LEAD, say::raise(OFFICE));
    one.wait_days(1);
    one.does(LEAD, say::complete());
    one.does(WORKER, say::feedback(OTHER_SIDE, Grade::Dissatisfied));
    one.hear(&desk);
    one.hear(&elsewhere);
    assert_eq!(one.state().stage(), Stage::HandedOver, "the offer came first: nothing was completed yet");
    one.does(LEAD, say::choose(second, first));
    one.does(CLERK, Command::AcceptHandover);
    one.does(CLERK, say::settle());
    one.does(WORKER, say::feedback(REPORTER, Grade::Satisfied));
    assert_eq!(one.refuses(LEAD, Command::Close), ("dissatisfied", vec![]), "their word still counts");
    one.does(WORKER, say::feedback(OTHER_SIDE, Grade::Satisfied));
    one.does(LEAD, Command::Close);
}
