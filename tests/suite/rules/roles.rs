//! The handbook's table of roles: who may do what, and the code for everybody else.

use doorstep_core::case::{Command, Grade, TextName};
use doorstep_tests::method::Phone;
use doorstep_tests::method::say::{self, REPORTER};
use doorstep_tests::method::town::{
    self, ADMINISTRATOR, CLERK, COLLEAGUE, COORDINATOR, DEPUTY, EDUCATION_CONTACT, ELSEWHERE, EVERYBODY, GONE, HEAD, LEAD,
    NEIGHBOUR, OTHER_LEAD, SUPERVISOR, TELECOM_CONTACT, WORKER,
};

use super::walk;

/// Those named may; everybody else is not allowed, and whoever holds no post is not known.
#[track_caller]
fn only(who: &[&str], phone: &Phone, command: &Command) {
    for person in EVERYBODY {
        let code = phone.decide(person, command).err().map(|refusal| refusal.code.as_str());
        let expected = match person {
            GONE => Some("unknown_person"),
            _ if who.contains(&person) => None,
            _ => Some("not_allowed"),
        };
        assert_eq!(code, expected, "{person}: {command:?}");
    }
    let stranger = phone.decide("nobody", command).err().map(|refusal| refusal.code.as_str());
    assert_eq!(stranger, Some("unknown_person"));
}

const LOCAL: [&str; 4] = [WORKER, COLLEAGUE, LEAD, DEPUTY];
const LEADS: [&str; 2] = [LEAD, DEPUTY];

#[test]
fn reports_come_from_whoever_works_or_heads_there() {
    only(&[WORKER, COLLEAGUE, LEAD, DEPUTY, HEAD], &Phone::empty(1), &say::report());
    only(&[ELSEWHERE, OTHER_LEAD], &Phone::empty(1), &say::report_of("停车", town::garden()));
}

#[test]
fn workers_and_leads_consult_draft_and_seal() {
    let mut phone = Phone::reported();
    only(&LOCAL, &phone, &say::open());
    phone.does(WORKER, say::open());
    only(&LOCAL, &phone, &say::agreed());
    only(&LOCAL, &walk::agreed(), &say::draft());
    let (phone, draft) = walk::drafted();
    only(&LOCAL, &phone, &say::seal(draft, 1));
    only(&LOCAL, &phone, &say::oral());
}

#[test]
fn commitments_are_for_workers_and_leads_and_whoever_owes_them() {
    let (phone, draft) = walk::acting();
    only(&LOCAL, &phone, &say::fulfil(draft, 0));
    only(&LOCAL, &phone, &say::waive(draft, 0, REPORTER));
    only(&LEADS, &walk::done_but_for_completion(), &say::complete());
    let (phone, draft) = walk::telecom_owes();
    let with_contact = [WORKER, COLLEAGUE, LEAD, DEPUTY, TELECOM_CONTACT];
    only(&with_contact, &phone, &say::fulfil(draft, 0));
    only(&with_contact, &phone, &say::extend(draft, 0, say::day(30)));
    only(&with_contact, &phone, &say::default(draft, 0));
    only(&LOCAL, &phone, &say::waive(draft, 0, REPORTER));
}

#[test]
fn workers_and_leads_follow_up_and_leads_close() {
    let phone = walk::done();
    only(&LOCAL, &phone, &say::check_effect());
    only(&LOCAL, &phone, &say::feedback(REPORTER, Grade::Satisfied));
    only(&LOCAL, &phone, &say::feedback_try(REPORTER));
    only(&LEADS, &walk::asked(), &Command::Close);
}

#[test]
fn only_leads_assign_hand_over_withdraw_and_merge() {
    let mut phone = Phone::reported();
    for command in [
        Command::Assign { to: WORKER.parse().unwrap() },
        say::raise(town::OFFICE),
        say::transfer(town::TELECOM),
        say::transfer_agreed(town::EDUCATION),
        say::withdraw(),
        Command::MarkDuplicate { of: doorstep_core::id::DocId::from_bytes([9; 16]) },
    ] {
        only(&LEADS, &phone, &command);
    }
    phone.does(LEAD, say::raise(town::OFFICE));
    only(&LEADS, &phone, &say::recall());
}

#[test]
fn a_case_is_assigned_to_somebody_who_works_there() {
    let mut phone = Phone::reported();
    for person in [WORKER, COLLEAGUE, HEAD, LEAD] {
        phone.does(LEAD, Command::Assign { to: person.parse().unwrap() });
    }
    for person in [NEIGHBOUR, ELSEWHERE, CLERK, SUPERVISOR, GONE, "nobody"] {
        let refused = phone.refuses(LEAD, Command::Assign { to: person.parse().unwrap() });
        assert_eq!(refused, ("unknown_person", vec![person.to_owned()]));
    }
}

#[test]
fn only_the_receiver_accepts_returns_settles_and_convenes() {
    let mut phone = Phone::reported();
    phone.does(LEAD, say::raise(town::COMMITTEE));
    only(&[COORDINATOR], &phone, &Command::AcceptHandover);
    only(&[COORDINATOR], &phone, &say::send_back());
    phone.does(COORDINATOR, Command::AcceptHandover);
    only(&[COORDINATOR], &phone, &say::send_back());
    only(&[COORDINATOR], &phone, &say::settle());
    only(&[COORDINATOR], &phone, &say::convene());
    let mut phone = Phone::reported();
    phone.does(LEAD, say::raise(town::OFFICE));
    only(&[CLERK, town::CLERK_2], &phone, &Command::AcceptHandover);
    phone.does(CLERK, Command::AcceptHandover);
    assert_eq!(phone.refuses(CLERK, say::convene()).0, "no_handover", "an office convenes nobody");
    let mut phone = Phone::reported();
    phone.does(LEAD, say::transfer_agreed(town::EDUCATION));
    only(&[EDUCATION_CONTACT], &phone, &Command::AcceptHandover);
}

#[test]
fn once_another_org_holds_a_case_that_org_sits_down_and_the_community_waits() {
    let mut phone = Phone::reported();
    phone.does(LEAD, say::raise(town::OFFICE));
    phone.does(CLERK, Command::AcceptHandover);
    only(&[CLERK, town::CLERK_2], &phone, &say::open());
}

#[test]
fn whoever_sees_a_case_may_note_and_only_supervisors_may_not_attach() {
    let mut phone = Phone::reported();
    let attach = Command::Attach {
        digest: doorstep_core::id::Digest::from_bytes([1; 32]),
        media: "image/jpeg".into(),
        length: 9,
        caption: String::new(),
    };
    only(&[WORKER, COLLEAGUE, LEAD, DEPUTY, HEAD, SUPERVISOR], &phone, &say::note());
    only(&[WORKER, COLLEAGUE, LEAD, DEPUTY, HEAD], &phone, &attach);
    phone.does(LEAD, say::transfer(town::TELECOM));
    only(&[WORKER, COLLEAGUE, LEAD, DEPUTY, HEAD, SUPERVISOR, TELECOM_CONTACT], &phone, &say::note());
    let typed = Command::EditText { text: TextName::Account, now: "经过".into() };
    only(&[WORKER, COLLEAGUE, LEAD, DEPUTY, HEAD], &phone, &typed);
    assert_eq!(phone.refuses(ADMINISTRATOR, say::note()).0, "not_allowed", "no case content by virtue of the post");
}
