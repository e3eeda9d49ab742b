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
    only_now(who, &[], "", phone, command);
}

/// Those named may; the second ones might, but hear why not now; everybody else is not allowed.
#[track_caller]
fn only_now(who: &[&str], others: &[&str], why: &str, phone: &Phone, command: &Command) {
    for person in EVERYBODY {
        let code = phone.decide(person, command).err().map(|refusal| refusal.code.as_str());
        let expected = match person {
            GONE => Some("unknown_person"),
            _ if who.contains(&person) => None,
            _ if others.contains(&person) => Some(why),
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
    assert_eq!(phone.refuses(CLERK, say::convene()).0, "not_allowed", "an office convenes nobody");
    let mut phone = Phone::reported();
    phone.does(LEAD, say::transfer_agreed(town::EDUCATION));
    only(&[EDUCATION_CONTACT], &phone, &Command::AcceptHandover);
}

#[test]
fn once_another_org_holds_a_case_that_org_sits_down_and_the_community_waits() {
    let mut phone = Phone::reported();
    phone.does(LEAD, say::raise(town::OFFICE));
    phone.does(CLERK, Command::AcceptHandover);
    only_now(&[CLERK, town::CLERK_2], &LOCAL, "handed_over", &phone, &say::open());
}

#[test]
fn whoever_sees_a_case_may_note_and_only_supervisors_may_not_attach() {
    let mut phone = Phone::reported();
    only(&[WORKER, COLLEAGUE, LEAD, DEPUTY, HEAD, SUPERVISOR], &phone, &say::note());
    only(&[WORKER, COLLEAGUE, LEAD, DEPUTY, HEAD], &phone, &attach());
    phone.does(LEAD, say::transfer(town::TELECOM));
    only(&[WORKER, COLLEAGUE, LEAD, DEPUTY, HEAD, SUPERVISOR, TELECOM_CONTACT], &phone, &say::note());
    let typed = Command::EditText { text: TextName::Account, now: "经过".into() };
    let typing = [WORKER, COLLEAGUE, LEAD, DEPUTY, HEAD];
    only_now(&typing, &[TELECOM_CONTACT], "no_handover", &phone, &typed);
    assert_eq!(phone.refuses(ADMINISTRATOR, say::note()).0, "not_allowed", "no case content by virtue of the post");
}

#[test]
fn whoever_may_never_do_it_here_hears_that_before_what_is_missing_for_it() {
    let phone = Phone::reported();
    for command in [say::agreed(), say::draft(), say::oral(), Command::AcceptHandover, say::recall(), say::convene()] {
        for person in [SUPERVISOR, ADMINISTRATOR, ELSEWHERE, HEAD, EDUCATION_CONTACT] {
            assert_eq!(phone.refuses(person, command.clone()).0, "not_allowed", "{person}: {command:?}");
        }
    }
}

#[test]
fn an_org_notes_as_long_as_it_sees_the_case() {
    let mut phone = Phone::reported();
    phone.does(LEAD, say::raise(town::OFFICE));
    phone.wait_days(40);
    phone.does(CLERK, say::note());
    phone.does(CLERK, say::send_back());
    phone.wait_days(29);
    phone.does(CLERK, say::note());
    phone.wait_days(2);
    assert_eq!(phone.refuses(CLERK, say::note()).0, "not_allowed", "thirty days after it came back");
    phone.does(SUPERVISOR, say::note());
}

#[test]
fn a_post_elsewhere_gives_a_supervisor_nothing_but_notes_here() {
    let mut directory = town::guangwumen();
    let leads_elsewhere = directory.person(&OTHER_LEAD.parse().unwrap()).unwrap().posts[0].clone();
    directory.people.iter_mut().find(|person| person.id.as_str() == SUPERVISOR).unwrap().posts.push(leads_elsewhere);
    let phone = Phone::reported().under(directory);
    assert!(phone.decide(SUPERVISOR, &say::note()).is_ok());
    assert_eq!(phone.refuses(SUPERVISOR, attach()).0, "not_allowed");
}

fn attach() -> Command {
    let digest = doorstep_core::id::Digest::from_bytes([1; 32]);
    Command::Attach { digest, media: "image/jpeg".into(), length: 9, caption: String::new(), preview: None }
}
