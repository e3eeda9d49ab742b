//! The life of a case on one phone: rounds, handovers, ends, and what may still be added.

use doorstep_core::case::{Command, CommitmentStatus, Grade, Ground, HandoverStatus, Stage, proposes_raise, rates_own_work};
use doorstep_core::id::DocId;
use doorstep_tests::method::Phone;
use doorstep_tests::method::say::{self, OTHER_SIDE, REPORTER};
use doorstep_tests::method::town::{
    self, CLERK, COORDINATOR, EDUCATION, EDUCATION_CONTACT, LEAD, OFFICE, TELECOM, TELECOM_CONTACT, WORKER,
};

use super::walk;

#[test]
fn one_dissatisfied_answer_sets_the_table_again() {
    let mut phone = walk::done();
    phone.does(WORKER, say::feedback(REPORTER, Grade::VerySatisfied));
    phone.does(WORKER, say::feedback(OTHER_SIDE, Grade::Dissatisfied));
    let state = phone.state();
    assert_eq!((state.stage(), state.round), (Stage::Reopened, 2), "without anyone pressing anything");
    assert_eq!(phone.refuses(LEAD, Command::Close), ("wrong_stage", vec!["reopened".into()]));
    assert!(state.agreement().is_none(), "the new round has no agreement yet");
    assert!(state.commitments().next().is_none(), "nor commitments");
    assert_eq!(state.agreements.len(), 1, "the old one stays on record");

    phone.does(WORKER, say::open());
    phone.does(WORKER, say::agreed());
    let draft = phone.does(WORKER, say::draft());
    phone.does(WORKER, say::seal(draft, 2));
    phone.does(WORKER, say::fulfil(draft, 0));
    phone.does(WORKER, say::waive(draft, 1, OTHER_SIDE));
    phone.does(LEAD, say::complete());
    let unasked = vec![REPORTER.to_owned(), OTHER_SIDE.to_owned()];
    assert_eq!(phone.refuses(LEAD, Command::Close), ("parties_not_asked", unasked), "what was said in round 1 is past");
    phone.does(WORKER, say::feedback(REPORTER, Grade::Fair));
    phone.does(WORKER, say::feedback(OTHER_SIDE, Grade::Satisfied));
    phone.does(LEAD, Command::Close);
    assert_eq!((phone.state().stage(), phone.state().round), (Stage::Closed, 2));
}

#[test]
fn a_party_tried_on_three_days_no_longer_holds_a_case_open() {
    let mut phone = walk::done();
    phone.does(WORKER, say::feedback(REPORTER, Grade::Satisfied));
    for _ in 0..4 {
        phone.does(WORKER, say::feedback_try(OTHER_SIDE));
    }
    phone.wait_days(1);
    phone.does(WORKER, say::feedback_try(OTHER_SIDE));
    let unasked = vec![OTHER_SIDE.to_owned()];
    assert_eq!(phone.refuses(LEAD, Command::Close), ("parties_not_asked", unasked), "five tries, but on two days");
    phone.wait_days(1);
    phone.does(WORKER, say::feedback_try(OTHER_SIDE));
    phone.does(LEAD, Command::Close);
}

#[test]
fn a_case_raised_to_an_office_is_settled_there_and_asked_about_here() {
    let mut phone = Phone::reported();
    phone.does(LEAD, say::raise(OFFICE));
    assert_eq!(phone.state().stage(), Stage::HandedOver);
    assert_eq!(phone.refuses(WORKER, say::open()).0, "handed_over");
    phone.does(CLERK, Command::AcceptHandover);
    assert_eq!(phone.state().holder().unwrap().as_str(), OFFICE);
    phone.does(CLERK, say::settle());
    assert_eq!(phone.state().stage(), Stage::Done);
    assert_eq!(phone.refuses(LEAD, Command::Close), ("parties_not_asked", vec![REPORTER.into()]));
    phone.does(WORKER, say::feedback(REPORTER, Grade::Satisfied));
    phone.does(LEAD, Command::Close);
}

#[test]
fn a_case_raised_to_the_committee_gets_a_table_of_departments() {
    let mut phone = Phone::reported();
    phone.does(LEAD, say::raise(town::COMMITTEE));
    assert_eq!(phone.refuses(COORDINATOR, say::convene()).0, "no_handover", "not accepted yet");
    phone.does(COORDINATOR, Command::AcceptHandover);
    phone.does(COORDINATOR, say::convene());
    phone.does(COORDINATOR, say::convene());
    assert_eq!(phone.state().handovers[0].convened.len(), 2);
}

#[test]
fn a_case_is_transferred_to_a_unit_that_can_settle_it() {
    let mut phone = Phone::reported();
    phone.does(LEAD, say::transfer(TELECOM));
    phone.does(TELECOM_CONTACT, Command::AcceptHandover);
    phone.does(TELECOM_CONTACT, say::settle());
    assert_eq!(phone.state().stage(), Stage::Done);
}

#[test]
fn a_case_goes_to_a_body_outside_only_with_the_record_that_it_agreed() {
    let mut phone = Phone::reported();
    assert_eq!(phone.refuses(LEAD, say::transfer(EDUCATION)), ("body_not_asked", vec![]));
    phone.does(LEAD, say::transfer_agreed(EDUCATION));
    phone.does(EDUCATION_CONTACT, Command::AcceptHandover);
}

#[test]
fn what_comes_back_is_where_it_was() {
    for accepted_first in [false, true] {
        let mut phone = walk::agreed();
        phone.does(LEAD, say::transfer(TELECOM));
        if accepted_first {
            phone.does(TELECOM_CONTACT, Command::AcceptHandover);
        }
        phone.does(TELECOM_CONTACT, say::send_back());
        assert_eq!(phone.state().stage(), Stage::Agreed);
        assert!(matches!(phone.state().handovers[0].status, HandoverStatus::Returned(..)));
        assert_eq!(phone.refuses(TELECOM_CONTACT, say::send_back()).0, "no_handover");
        phone.does(WORKER, say::draft());
    }
}

#[test]
fn an_offer_is_recalled_only_until_it_is_accepted() {
    let mut phone = Phone::reported();
    phone.does(LEAD, say::raise(OFFICE));
    let mut accepted = phone.clone();
    accepted.does(CLERK, Command::AcceptHandover);
    assert_eq!(accepted.refuses(LEAD, say::recall()).0, "no_handover");
    phone.does(LEAD, say::recall());
    assert_eq!(phone.state().stage(), Stage::Received);
    assert_eq!(phone.refuses(CLERK, Command::AcceptHandover).0, "no_handover");
    phone.does(LEAD, say::transfer(TELECOM));
}

#[test]
fn a_raise_for_want_of_agreement_needs_a_consultation_that_failed() {
    let mut phone = Phone::reported();
    let raise = || say::raise_on(OFFICE, Ground::NoAgreement);
    assert_eq!(phone.refuses(LEAD, raise()), ("nothing_tried", vec![]));
    phone.does(WORKER, say::open());
    assert_eq!(phone.refuses(LEAD, raise()), ("nothing_tried", vec![]));
    phone.does(WORKER, say::not_agreed());
    phone.does(LEAD, raise());
}

#[test]
fn a_holder_that_sat_down_during_the_doing_leaves_no_dead_end() {
    let (mut phone, draft) = walk::acting();
    phone.does(LEAD, say::raise(OFFICE));
    phone.does(CLERK, Command::AcceptHandover);
    phone.does(CLERK, say::open());
    phone.does(CLERK, say::agreed());
    assert_eq!(phone.state().own_stage, Stage::Acting, "an agreement is in force: it is being carried out");
    phone.does(CLERK, say::send_back());
    phone.does(WORKER, say::fulfil(draft, 0));
    phone.does(WORKER, say::fulfil(draft, 1));
    phone.does(LEAD, say::complete());
}

#[test]
fn a_kept_commitment_outlives_its_default_and_extension() {
    let (mut phone, draft) = walk::acting();
    phone.does(WORKER, say::default(draft, 0));
    assert_eq!(phone.refuses(LEAD, say::complete()), ("commitments_open", vec!["1".into(), "2".into()]));
    phone.does(WORKER, say::extend(draft, 0, say::day(28)));
    assert_eq!(phone.state().commitments[0].content.due, say::day(28));
    phone.does(WORKER, say::fulfil(draft, 0));
    assert!(matches!(phone.state().commitments[0].status, CommitmentStatus::Fulfilled(..)));
    assert_eq!(phone.refuses(WORKER, say::fulfil(draft, 0)), ("commitment_settled", vec![]));
}

#[test]
fn a_concern_taken_back_or_merged_is_at_an_end() {
    let mut withdrawn = walk::agreed();
    withdrawn.does(LEAD, say::withdraw());
    assert_eq!(withdrawn.state().stage(), Stage::Withdrawn);
    let mut merged = walk::agreed();
    let own = merged.case;
    assert_eq!(merged.refuses(LEAD, Command::MarkDuplicate { of: own }).0, "own_duplicate");
    merged.does(LEAD, Command::MarkDuplicate { of: DocId::from_bytes([8; 16]) });
    assert_eq!(merged.state().merged_into, Some(DocId::from_bytes([8; 16])));
    for phone in [withdrawn, merged] {
        let stage = phone.state().stage().name().to_owned();
        assert_eq!(phone.refuses(WORKER, say::open()), ("wrong_stage", vec![stage.clone()]));
        assert_eq!(phone.refuses(LEAD, say::raise(OFFICE)), ("wrong_stage", vec![stage]));
    }
}

#[test]
fn notes_may_be_added_for_a_while_after_the_end() {
    let mut phone = walk::closed();
    phone.wait_days(29);
    phone.does(WORKER, say::note());
    phone.wait_days(2);
    assert_eq!(phone.refuses(WORKER, say::note()), ("afterlife_over", vec![]));
}

#[test]
fn typing_in_the_shared_texts_is_for_whoever_works_the_case_while_it_is_open() {
    let typed = || Command::EditText { text: doorstep_core::case::TextName::Minutes, now: "记录".into() };
    let mut phone = Phone::reported();
    assert_eq!(phone.run(WORKER, &typed()), Ok(None), "typing makes no event");
    assert_eq!(phone.refuses(town::SUPERVISOR, typed()).0, "not_allowed");
    assert_eq!(walk::closed().refuses(WORKER, typed()).0, "wrong_stage");
}

#[test]
fn after_the_policys_rounds_a_raise_is_proposed_and_never_made() {
    let policy = doorstep_core::directory::Policy::default();
    let mut phone = walk::done();
    for round in 1..=3 {
        assert!(!proposes_raise(&phone.state(), &policy), "round {round}");
        phone.does(WORKER, say::feedback(REPORTER, Grade::Dissatisfied));
        if round < 3 {
            phone.does(WORKER, say::open());
            phone.does(WORKER, say::agreed());
            phone.does(WORKER, say::draft());
            phone.does(WORKER, say::oral());
            let commitments: Vec<_> = phone.state().commitments().map(|commitment| commitment.id).collect();
            for id in commitments {
                phone.does(WORKER, say::fulfil(id.draft, id.index));
            }
            phone.does(LEAD, say::complete());
        }
    }
    assert_eq!((phone.state().stage(), phone.state().round), (Stage::Reopened, 4));
    assert!(proposes_raise(&phone.state(), &policy));
    phone.does(WORKER, say::open());
    assert!(proposes_raise(&phone.state(), &policy), "as long as they sit");
    phone.does(LEAD, say::raise(OFFICE));
    phone.does(CLERK, say::send_back());
    assert!(!proposes_raise(&phone.state(), &policy), "it was raised, and came back");
}

#[test]
fn whoever_did_the_work_had_better_not_ask_how_it_was() {
    let state = walk::done().state();
    let rates = |person: &str| rates_own_work(&state, &person.parse().unwrap());
    assert!(rates(WORKER), "sat down, drafted, found it kept");
    assert!(!rates(town::COLLEAGUE) && !rates(LEAD), "completing is the lead's office, not the work");
    let mut phone = walk::done();
    phone.does(LEAD, Command::Assign { to: town::COLLEAGUE.parse().unwrap() });
    assert!(rates_own_work(&phone.state(), &town::COLLEAGUE.parse().unwrap()), "assigned");
    phone.does(WORKER, say::feedback(REPORTER, Grade::Dissatisfied));
    assert!(!rates_own_work(&phone.state(), &WORKER.parse().unwrap()), "another round, other work");
    phone.does(WORKER, say::open());
    assert!(rates_own_work(&phone.state(), &WORKER.parse().unwrap()));
}

#[test]
fn whoever_holds_a_case_drafts_there_what_they_sign_there() {
    let (mut phone, before) = walk::drafted();
    phone.does(LEAD, say::raise(OFFICE));
    phone.does(CLERK, Command::AcceptHandover);
    assert_eq!(phone.refuses(CLERK, say::seal(before, 1)), ("draft_before_handover", vec![]));
    let anew = phone.does(CLERK, say::draft());
    phone.does(CLERK, say::seal(anew, 1));
    assert!(phone.state().standings.is_empty(), "nobody was apart, nothing is to be chosen: {:?}", phone.state().standings);
    assert_eq!(phone.state().holder().unwrap().as_str(), OFFICE);
}
