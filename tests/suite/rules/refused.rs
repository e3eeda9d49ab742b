//! Refused commands answer with the code that fits and with what is missing.

use doorstep_core::case::{Command, Commitment, DisputeKind, Elements, Form, Grade, LINE_MAX, LIST_MAX, Outcome, TEXT_MAX};
use doorstep_core::time::{Hlc, Stamp};
use doorstep_tests::method::Phone;
use doorstep_tests::method::say::{self, OTHER_SIDE, REPORTER};
use doorstep_tests::method::town::{self, LEAD, OFFICE, TELECOM, WORKER};

use super::walk;

#[test]
fn a_consultation_cannot_end_while_one_of_the_5w_is_missing_and_the_answer_says_which() {
    type TakeAway = fn(&mut Elements);
    let take_away: [(&str, TakeAway); 5] = [
        ("who", |e| e.who.clear()),
        ("what", |e| e.what = " ".into()),
        ("when", |e| e.when = None),
        ("where", |e| e.place.clear()),
        ("why", |e| e.why = "\u{3000}".into()),
    ];
    for (name, take) in take_away {
        let mut elements = say::elements();
        take(&mut elements);
        let mut phone = Phone::reported();
        phone.does(WORKER, Command::OpenConsultation { form: Form::Roadside, elements });
        for outcome in [Outcome::Agreed, Outcome::NotAgreed { reason: "无".into() }, Outcome::Adjourned { until: say::day(9) }]
        {
            assert_eq!(phone.refuses(WORKER, say::conclude(outcome)), ("elements_missing", vec![name.into()]));
        }
        let rest = Command::ConcludeConsultation { outcome: Outcome::Agreed, elements: say::elements() };
        phone.does(WORKER, rest);
    }
    let mut phone = Phone::reported();
    phone.does(WORKER, Command::OpenConsultation { form: Form::Roadside, elements: Elements::default() });
    let all = ["who", "what", "when", "where", "why"].map(String::from).to_vec();
    assert_eq!(phone.refuses(WORKER, say::agreed()), ("elements_missing", all));
}

#[test]
fn the_5w_given_at_the_end_complete_and_replace_those_of_the_beginning() {
    let mut phone = Phone::reported();
    let first = Elements { what: "断水".into(), ..Elements::default() };
    phone.does(WORKER, Command::OpenConsultation { form: Form::AtHome, elements: first });
    phone.does(WORKER, Command::ConcludeConsultation { outcome: Outcome::Agreed, elements: say::elements() });
    assert_eq!(phone.state().consultations[0].elements, say::elements());
}

#[test]
fn closing_names_the_parties_who_were_not_asked() {
    let mut phone = walk::done();
    let both = vec![REPORTER.to_owned(), OTHER_SIDE.to_owned()];
    assert_eq!(phone.refuses(LEAD, Command::Close), ("parties_not_asked", both));
    phone.does(WORKER, say::feedback(REPORTER, Grade::Satisfied));
    assert_eq!(phone.refuses(LEAD, Command::Close), ("parties_not_asked", vec![OTHER_SIDE.into()]));
    assert_eq!(phone.refuses(WORKER, say::feedback("王某", Grade::Fair)), ("unknown_party", vec!["王某".into()]));
}

#[test]
fn completing_names_the_commitments_that_are_open() {
    let (mut phone, draft) = walk::acting();
    assert_eq!(phone.refuses(LEAD, say::complete()), ("commitments_open", vec!["1".into(), "2".into()]));
    phone.does(WORKER, say::fulfil(draft, 0));
    assert_eq!(phone.refuses(LEAD, say::complete()), ("commitments_open", vec!["2".into()]));
}

#[test]
fn nothing_begins_before_a_report_and_no_case_begins_twice() {
    let phone = Phone::empty(1);
    let before_report =
        [say::open(), say::note(), Command::Close, say::withdraw(), say::raise(OFFICE), Command::Assign { to: id(WORKER) }];
    for command in before_report {
        assert_eq!(phone.refuses(LEAD, command), ("not_reported", vec![]));
    }
    assert_eq!(Phone::reported().refuses(WORKER, say::report()), ("already_reported", vec![]));
}

fn id(slug: &str) -> doorstep_core::id::PersonId {
    slug.parse().unwrap()
}

#[test]
fn a_report_says_where_in_the_directory_it_lies() {
    let phone = Phone::empty(1);
    let mut nowhere = town::compound();
    nowhere.building = "ghj-1-a".parse().ok();
    assert_eq!(phone.refuses(LEAD, say::report_of("无", nowhere)), ("unknown_place", vec![]));
    assert_eq!(phone.refuses(LEAD, say::report_of("  ", town::compound())), ("missing", vec!["title".into()]));
}

#[test]
fn a_second_consultation_waits_for_the_end_of_the_first() {
    let mut phone = Phone::reported();
    assert_eq!(phone.refuses(WORKER, say::agreed()), ("no_open_consultation", vec![]));
    phone.does(WORKER, say::open());
    assert_eq!(phone.refuses(WORKER, say::open()), ("consultation_open", vec![]));
    let no_reason = Outcome::NotAgreed { reason: String::new() };
    assert_eq!(phone.refuses(WORKER, say::conclude(no_reason)), ("missing", vec!["reason".into()]));
}

#[test]
fn a_draft_needs_agreement_parties_and_commitments_of_theirs() {
    let mut phone = Phone::reported();
    assert_eq!(phone.refuses(WORKER, say::draft()), ("not_agreed", vec![]));
    phone.does(WORKER, say::open());
    phone.does(WORKER, say::not_agreed());
    assert_eq!(phone.refuses(WORKER, say::draft()), ("not_agreed", vec![]));
    let phone = walk::agreed();
    let of = |parties, commitments| say::draft_of(DisputeKind::Ordinary, parties, commitments);
    assert_eq!(phone.refuses(WORKER, of(vec![], vec![])), ("missing", vec!["parties".into()]));
    let twice = vec![say::resident(REPORTER), say::resident(REPORTER)];
    assert_eq!(phone.refuses(WORKER, of(twice, vec![])), ("party_twice", vec![REPORTER.into()]));
    let strange = vec![say::commitment("王某", "修")];
    assert_eq!(phone.refuses(WORKER, of(vec![say::resident(REPORTER)], strange)), ("unknown_party", vec!["王某".into()]));
    let idle = vec![Commitment { deed: String::new(), ..say::commitment(REPORTER, "") }];
    assert_eq!(phone.refuses(WORKER, of(vec![say::resident(REPORTER)], idle)), ("missing", vec!["commitments".into()]));
}

#[test]
fn only_the_last_draft_is_signed_and_only_on_a_screen_where_the_law_allows_it() {
    let phone = walk::agreed();
    assert_eq!(phone.refuses(WORKER, say::oral()), ("no_draft", vec![]));
    let nothing = Stamp { time: Hlc(1), node: 1 };
    assert_eq!(phone.refuses(WORKER, say::seal(nothing, 1)), ("no_draft", vec![]));
    let (mut phone, first) = walk::drafted();
    let second = phone.does(WORKER, say::draft());
    assert_eq!(phone.refuses(WORKER, say::seal(first, 1)), ("draft_superseded", vec![]));
    phone.does(WORKER, say::seal(second, 1));
    assert_eq!(phone.refuses(WORKER, say::seal(second, 2)), ("agreement_holds", vec![]));
    assert_eq!(phone.refuses(WORKER, say::draft()), ("agreement_holds", vec![]));

    for dispute in [DisputeKind::PersonalStatus, DisputeKind::UtilityCutOff] {
        let mut phone = walk::agreed();
        let draft = phone.does(WORKER, say::draft_of(dispute, vec![say::resident(REPORTER)], vec![]));
        assert_eq!(phone.refuses(WORKER, say::seal(draft, 1)), ("wet_ink_only", vec![]));
        phone.does(WORKER, say::oral());
    }
}

#[test]
fn only_a_beneficiary_waives_a_commitment() {
    let (phone, draft) = walk::acting();
    let code = |by: &str| phone.refuses(WORKER, say::waive(draft, 0, by));
    assert_eq!(code(OTHER_SIDE), ("unknown_party", vec![OTHER_SIDE.into()]), "it owes it");
    assert_eq!(code("王某"), ("unknown_party", vec!["王某".into()]), "no party");
    assert_eq!(phone.refuses(WORKER, say::fulfil(draft, 9)), ("no_commitment", vec![]));
}

#[test]
fn a_handover_goes_to_the_kind_of_org_that_it_is_for() {
    let phone = Phone::reported();
    let wrong = |to: &str| ("wrong_receiver", vec![to.to_owned()]);
    assert_eq!(phone.refuses(LEAD, say::raise(TELECOM)), wrong(TELECOM));
    assert_eq!(phone.refuses(LEAD, say::raise("nowhere")), wrong("nowhere"));
    assert_eq!(phone.refuses(LEAD, say::transfer(OFFICE)), wrong(OFFICE));
    assert_eq!(phone.refuses(LEAD, say::raise("guanghoujie")), wrong("guanghoujie"));
    let mut phone = phone;
    phone.does(LEAD, say::raise(OFFICE));
    assert_eq!(phone.refuses(LEAD, say::transfer(TELECOM)), ("handed_over", vec![]));
}

#[test]
fn only_what_is_contested_can_be_chosen_between() {
    let (mut phone, draft) = walk::drafted();
    let sealed = phone.does(WORKER, say::seal(draft, 1));
    assert_eq!(phone.refuses(LEAD, say::choose(sealed, draft)), ("not_contested", vec![]));
    assert_eq!(phone.refuses(LEAD, say::choose(sealed, sealed)), ("not_contested", vec![]));
    let nothing = Command::SettleContest { holds: sealed, over: vec![], why: "无".into() };
    assert_eq!(phone.refuses(LEAD, nothing), ("not_contested", vec![]));
}

#[test]
fn what_is_far_too_long_is_refused_by_the_field_that_is() {
    let phone = Phone::reported();
    let long = |n: usize| "字".repeat(n);
    let mut elements = say::elements();
    elements.place = long(LINE_MAX + 1);
    let opened = |elements| Command::OpenConsultation { form: Form::OnSite, elements };
    assert_eq!(phone.refuses(WORKER, opened(elements.clone())), ("too_long", vec!["where".into()]));
    elements.place = long(LINE_MAX);
    elements.who = vec![say::guest("某", ""); LIST_MAX + 1];
    assert_eq!(phone.refuses(WORKER, opened(elements)), ("too_long", vec!["who".into()]));
    assert_eq!(phone.refuses(WORKER, Command::Note { text: long(TEXT_MAX + 1) }), ("too_long", vec!["text".into()]));
    assert_eq!(phone.refuses(WORKER, Command::Note { text: " ".into() }), ("missing", vec!["text".into()]));
}
