//! What a case waits for at each point of its life, by the handbook.

use doorstep_core::case::{self, Channel, Command, Grade, Reporter, Stage, Standing, Wait, WaitKind};
use doorstep_tests::method::{Phone, say, town};
use proptest::prelude::*;

/// What the case waits for: kinds, each with the org whose move it is.
fn waits(phone: &Phone) -> Vec<String> {
    let line = |wait: Wait| match wait.org {
        Some(org) => format!("{}@{org}", wait.kind.name()),
        None => wait.kind.name().to_owned(),
    };
    case::waits(&phone.state()).into_iter().map(line).collect()
}

fn wait(phone: &Phone, kind: WaitKind) -> Wait {
    let found = case::waits(&phone.state()).into_iter().find(|wait| wait.kind == kind);
    found.unwrap_or_else(|| panic!("no {kind:?} among {:?}", waits(phone)))
}

/// A phone on which a concern came in by this channel.
fn came_in(channel: Channel, reporter: bool) -> Phone {
    let Command::Report { mut report } = say::report() else { unreachable!() };
    report.channel = channel;
    report.reporter = reporter.then(|| Reporter { name: say::REPORTER.into(), phone: "13800000000".into() });
    let mut phone = Phone::empty(1);
    phone.does(town::WORKER, Command::Report { report });
    phone
}

fn agreed() -> Phone {
    let mut phone = Phone::reported();
    phone.does(town::WORKER, say::open());
    phone.does(town::WORKER, say::agreed());
    phone
}

/// Sealed; the draft's stamp.
fn acting() -> (Phone, doorstep_core::time::Stamp) {
    let mut phone = agreed();
    let draft = phone.does(town::WORKER, say::draft());
    phone.does(town::WORKER, say::seal(draft, 1));
    (phone, draft)
}

fn done() -> Phone {
    let (mut phone, draft) = acting();
    phone.does(town::LEAD, Command::StampAgreement);
    phone.does(town::LEAD, say::confirm());
    phone.does(town::WORKER, say::fulfil(draft, 0));
    phone.does(town::WORKER, say::fulfil(draft, 1));
    phone.does(town::LEAD, say::complete());
    phone
}

#[test]
fn a_concern_by_phone_letter_or_hotline_waits_for_the_first_contact_and_one_face_to_face_does_not() {
    for (channel, expected) in [
        (Channel::Phone, vec!["first_contact", "consultation"]),
        (Channel::Letter, vec!["first_contact", "consultation"]),
        (Channel::Hotline, vec!["first_contact", "consultation"]),
        (Channel::InPerson, vec!["consultation"]),
        (Channel::Visit, vec!["consultation"]),
    ] {
        assert_eq!(waits(&came_in(channel, true)), expected, "{channel:?}");
    }
    assert_eq!(waits(&came_in(Channel::Letter, false)), ["consultation"], "nobody is known who could be spoken with");
}

#[test]
fn a_note_or_a_consultation_is_the_first_contact() {
    let mut noted = came_in(Channel::Phone, true);
    let reported = noted.log()[0].stamp.time.wall();
    assert_eq!(wait(&noted, WaitKind::FirstContact).since, reported);
    noted.does(town::WORKER, say::note());
    assert_eq!(waits(&noted), ["consultation"]);
    assert_eq!(wait(&noted, WaitKind::Consultation).since, reported);
    let mut sat = came_in(Channel::Phone, true);
    sat.does(town::WORKER, say::open());
    assert_eq!(waits(&sat), ["sitting"]);
}

#[test]
fn a_sitting_is_concluded_put_off_to_its_own_day_or_has_to_be_held_again() {
    let mut phone = Phone::reported();
    phone.does(town::WORKER, say::open());
    assert_eq!(wait(&phone, WaitKind::Sitting).due, None, "on the day people sit");
    let mut put_off = phone.clone();
    put_off.does(town::WORKER, say::adjourned());
    assert_eq!((waits(&put_off), wait(&put_off, WaitKind::Sitting).due), (vec!["sitting".into()], Some(say::day(20))));
    put_off.does(town::WORKER, say::open());
    assert_eq!(wait(&put_off, WaitKind::Sitting).due, None);
    let concluded = phone.does(town::WORKER, say::not_agreed());
    assert_eq!(waits(&phone), ["consultation"]);
    assert_eq!(wait(&phone, WaitKind::Consultation).since, concluded.time.wall(), "counted from when they parted");
}

#[test]
fn a_sitting_that_is_set_for_a_later_day_waits_for_that_day() {
    let mut phone = Phone::reported();
    let mut elements = say::elements();
    elements.when = Some(say::day(13).start().plus_ms(10 * 3_600_000));
    phone.does(town::WORKER, Command::OpenConsultation { form: case::Form::MeetingRoom, elements });
    assert_eq!(wait(&phone, WaitKind::Sitting).due, Some(say::day(13)));
}

#[test]
fn an_agreement_waits_to_be_signed_and_then_each_commitment_by_its_own_date() {
    let mut phone = agreed();
    assert_eq!(waits(&phone), ["signing"]);
    let draft = phone.does(town::WORKER, say::draft());
    assert_eq!(waits(&phone), ["signing"]);
    phone.does(town::WORKER, say::seal(draft, 1));
    assert_eq!(waits(&phone), ["stamp", "commitment", "commitment"]);
    phone.does(town::LEAD, Command::StampAgreement);
    assert_eq!(waits(&phone), ["confirmation", "commitment", "commitment"]);
    phone.does(town::LEAD, say::confirm());
    assert_eq!(waits(&phone), ["commitment", "commitment"]);
    assert_eq!(wait(&phone, WaitKind::Commitment).due, Some(say::day(15)));
    phone.does(town::WORKER, say::extend(draft, 0, say::day(28)));
    phone.does(town::WORKER, say::fulfil(draft, 1));
    assert_eq!(wait(&phone, WaitKind::Commitment).due, Some(say::day(28)));
    phone.does(town::WORKER, say::default(draft, 0));
    assert_eq!(waits(&phone), ["commitment"], "what was not kept still waits");
    let waived = phone.does(town::WORKER, say::waive(draft, 0, say::REPORTER));
    assert_eq!((waits(&phone), wait(&phone, WaitKind::Completion).since), (vec!["completion".into()], waived.time.wall()));
}

#[test]
fn what_a_unit_of_the_directory_owes_is_the_units_move() {
    let mut phone = agreed();
    let parties = vec![say::resident(say::REPORTER), say::unit("电信局", town::TELECOM), say::unit("某公司", "not-here")];
    let deeds = vec![say::commitment("电信局", "整治线路"), say::commitment(say::REPORTER, "配合")];
    phone.does(town::WORKER, say::draft_of(case::DisputeKind::Ordinary, parties, deeds));
    phone.does(town::WORKER, say::oral());
    assert_eq!(waits(&phone), ["commitment@telecom", "commitment"]);
}

#[test]
fn done_waits_for_the_look_on_the_spot_and_for_the_parties_and_then_for_the_lead() {
    let mut phone = done();
    assert_eq!(waits(&phone), ["effect_check", "feedback"]);
    assert_eq!(wait(&phone, WaitKind::Feedback).so_far, Some(0));
    phone.does(town::WORKER, say::check_effect());
    phone.does(town::COLLEAGUE, say::feedback(say::REPORTER, Grade::Satisfied));
    for tried in 1..=3 {
        assert_eq!(waits(&phone), ["feedback"]);
        assert_eq!(wait(&phone, WaitKind::Feedback).so_far, Some(tried - 1));
        phone.does(town::COLLEAGUE, say::feedback_try(say::OTHER_SIDE));
        phone.does(town::COLLEAGUE, say::feedback_try(say::OTHER_SIDE));
        phone.wait_days(1);
    }
    assert_eq!(wait(&phone, WaitKind::Feedback).so_far, Some(3), "days, not tries: policy says whether that is enough");
    let said = phone.does(town::COLLEAGUE, say::feedback(say::OTHER_SIDE, Grade::Fair));
    assert_eq!((waits(&phone), wait(&phone, WaitKind::Closing).since), (vec!["closing".into()], said.time.wall()));
    phone.does(town::LEAD, Command::Close);
    assert_eq!(waits(&phone), [""; 0]);
}

#[test]
fn a_dissatisfied_answer_waits_for_the_next_round_and_says_which_it_is() {
    let mut phone = done();
    let said = phone.does(town::COLLEAGUE, say::feedback(say::REPORTER, Grade::Dissatisfied));
    assert_eq!(waits(&phone), ["consultation", "raise"]);
    assert_eq!(wait(&phone, WaitKind::Raise).so_far, Some(2));
    assert_eq!(wait(&phone, WaitKind::Consultation).since, said.time.wall());
}

#[test]
fn what_was_handed_over_waits_for_that_org_and_for_nothing_of_the_communitys() {
    let mut phone = came_in(Channel::Phone, true);
    let offer = phone.does(town::LEAD, say::raise(town::OFFICE));
    assert_eq!(waits(&phone), ["acceptance@office-affairs"]);
    phone.wait_days(1);
    phone.does(town::CLERK, Command::AcceptHandover);
    assert_eq!(waits(&phone), ["answer@office-affairs"]);
    assert_eq!(wait(&phone, WaitKind::Answer).since, offer.time.wall(), "accepting late gains nobody a day");
    phone.does(town::CLERK, say::open());
    assert_eq!(waits(&phone), ["sitting@office-affairs", "answer@office-affairs"]);
    phone.does(town::CLERK, say::agreed());
    assert_eq!(waits(&phone), ["signing@office-affairs", "answer@office-affairs"]);
    phone.does(town::CLERK, Command::SettleHandover { result: "已解决".into() });
    assert_eq!(waits(&phone), ["effect_check", "feedback"]);
}

#[test]
fn commitments_run_on_while_another_org_holds_the_case() {
    let (mut phone, _) = acting();
    phone.does(town::LEAD, say::raise(town::OFFICE));
    assert_eq!(waits(&phone), ["stamp", "commitment", "commitment", "acceptance@office-affairs"]);
}

#[test]
fn what_came_back_waits_for_the_leads_next_step_and_the_community_has_its_time_anew() {
    let mut phone = came_in(Channel::Phone, true);
    phone.does(town::LEAD, say::raise(town::OFFICE));
    phone.wait_days(6);
    let back = phone.does(town::CLERK, Command::ReturnHandover { why: "不属本科室".into() });
    assert_eq!(waits(&phone), ["first_contact", "consultation", "returned"]);
    for kind in [WaitKind::FirstContact, WaitKind::Consultation, WaitKind::Returned] {
        assert_eq!(wait(&phone, kind).since, back.time.wall(), "{kind:?}");
    }
    phone.does(town::LEAD, say::note());
    assert_eq!(waits(&phone), ["consultation", "returned"], "a note is no next step");
    let mut again = phone.clone();
    again.does(town::LEAD, say::raise(town::COMMITTEE));
    assert_eq!(waits(&again), ["acceptance@committee"]);
    again.does(town::LEAD, Command::RecallHandover { why: "再商".into() });
    assert_eq!(waits(&again), ["consultation"], "what the lead took back was not returned");
    phone.does(town::WORKER, say::open());
    assert_eq!(waits(&phone), ["sitting"]);
}

#[test]
fn contested_records_wait_for_a_choice() {
    let mut one = Phone::reported();
    one.does(town::WORKER, say::open());
    let mut other = one.fork(2, 0);
    one.does(town::WORKER, say::agreed());
    other.does(town::LEAD, say::not_agreed());
    one.hear(&other);
    let contested: Vec<_> = one.state().standings.into_iter().collect();
    let [(holds, Standing::Contested { with })] = &contested[..1] else { panic!("{contested:?}") };
    assert!(waits(&one).contains(&"choice".to_owned()), "{:?}", waits(&one));
    one.does(town::LEAD, Command::SettleContest { holds: *holds, over: with.clone(), why: "以现场记录为准".into() });
    assert!(!waits(&one).contains(&"choice".to_owned()));
}

#[test]
fn an_ended_case_and_one_without_a_report_wait_for_nothing() {
    assert_eq!(waits(&Phone::empty(1)), [""; 0]);
    let mut phone = Phone::reported();
    phone.does(town::LEAD, Command::Withdraw { why: "当事人自行和解".into() });
    assert_eq!((phone.state().stage(), waits(&phone)), (Stage::Withdrawn, vec![]));
}

/// What anybody might say, most of it refused.
fn anything(phone: &Phone, kind: u8) -> Command {
    let state = phone.state();
    let draft = state.drafts.last().map_or(phone.log()[0].stamp, |draft| draft.written.stamp);
    let contested = state.standings.iter().find_map(|(stamp, standing)| match standing {
        Standing::Contested { with } => Some((*stamp, with.clone())),
        _ => None,
    });
    match kind % 28 {
        0 | 1 => say::open(),
        2 => say::agreed(),
        3 => say::not_agreed(),
        4 => say::adjourned(),
        5 | 6 => say::draft(),
        7 | 8 => say::seal(draft, 1),
        9 => say::oral(),
        10 | 11 => say::fulfil(draft, 0),
        12 => say::fulfil(draft, 1),
        13 => say::default(draft, 0),
        14 => say::waive(draft, 1, say::OTHER_SIDE),
        15 | 16 => say::complete(),
        17 => say::check_effect(),
        18 => say::feedback(say::REPORTER, Grade::Satisfied),
        19 => say::feedback(say::OTHER_SIDE, Grade::Dissatisfied),
        20 => say::feedback_try(say::OTHER_SIDE),
        21 => say::raise(town::OFFICE),
        22 => Command::AcceptHandover,
        23 => Command::ReturnHandover { why: "不属".into() },
        24 => Command::SettleHandover { result: "办妥".into() },
        25 => Command::Close,
        26 => contested.map_or_else(say::note, |(holds, over)| Command::SettleContest { holds, over, why: "择一".into() }),
        _ => Command::Withdraw { why: "和解".into() },
    }
}

/// What holds of every case, whatever happened.
fn check(phone: &Phone) {
    let state = phone.state();
    let waits = case::waits(&state);
    let kinds: Vec<WaitKind> = waits.iter().map(|wait| wait.kind).collect();
    let open = state.report.is_some() && !state.own_stage.is_end();
    assert_eq!(waits.is_empty(), !open, "an open case waits for something, another for nothing: {state:?}");
    let away = state.handover().is_some();
    assert_eq!(kinds.iter().any(|kind| matches!(kind, WaitKind::Acceptance | WaitKind::Answer)), away && open);
    let own = |kind: &WaitKind| {
        use WaitKind as W;
        !matches!(kind, W::Stamp | W::Confirmation | W::Commitment | W::Choice)
    };
    for wait in waits.iter().filter(|wait| own(&wait.kind)) {
        assert_eq!(wait.org.is_some(), away, "{wait:?} {state:?}");
    }
    let has = |kind| kinds.contains(&kind);
    let stage = state.stage();
    for (kind, stages) in [
        (WaitKind::FirstContact, &[Stage::Received][..]),
        (WaitKind::Consultation, &[Stage::Received, Stage::Consulting, Stage::Reopened]),
        (WaitKind::Sitting, &[Stage::Consulting, Stage::HandedOver]),
        (WaitKind::Signing, &[Stage::Agreed, Stage::HandedOver]),
        (WaitKind::Commitment, &[Stage::Acting, Stage::HandedOver]),
        (WaitKind::Completion, &[Stage::Acting, Stage::HandedOver]),
        (WaitKind::EffectCheck, &[Stage::Done]),
        (WaitKind::Feedback, &[Stage::Done]),
        (WaitKind::Closing, &[Stage::Done]),
        (WaitKind::Raise, &[Stage::Reopened]),
    ] {
        assert!(!has(kind) || stages.contains(&stage), "{kind:?} in {stage:?}");
    }
    assert!(!(has(WaitKind::Feedback) && has(WaitKind::Closing)), "asked and to be closed at once");
    assert!(!(has(WaitKind::Commitment) && has(WaitKind::Completion)), "open commitments and to be completed at once");
    let contested = state.standings.values().any(|standing| matches!(standing, Standing::Contested { .. }));
    assert_eq!(has(WaitKind::Choice), contested && open);
    // Whoever may be told to close or to complete really can.
    let can = |person: &str, command: Command| phone.decide(person, &command).is_ok();
    assert!(!has(WaitKind::Closing) || can(town::LEAD, Command::Close), "{state:?}");
    assert!(!has(WaitKind::Completion) || away || can(town::LEAD, say::complete()), "{state:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_open_case_always_waits_for_something_and_never_for_what_its_stage_excludes(
        said in prop::collection::vec((any::<u8>(), any::<u8>(), any::<bool>(), 0i64..3), 1..80),
        years in -10i64..10,
    ) {
        const PEOPLE: [&str; 6] = [town::WORKER, town::WORKER, town::LEAD, town::LEAD, town::CLERK, town::COLLEAGUE];
        let mut phones = [Phone::reported(), Phone::reported().fork(2, years)];
        for (who, what, first, days) in said {
            let phone = &mut phones[usize::from(first)];
            let command = anything(phone, what);
            let _ = phone.run(PEOPLE[usize::from(who) % PEOPLE.len()], &command);
            phone.wait_days(days);
            check(phone);
        }
        let [mut one, other] = phones;
        one.hear(&other);
        check(&one);
    }
}
