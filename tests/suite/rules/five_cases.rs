//! Five cases as a newspaper reported them of Guangwumen, in the method's words. Names, days and sums are filler.

use doorstep_core::case::{AgreementForm, DisputeKind, Form, Grade, Ground, HandoverStatus, Stage};
use doorstep_tests::method::say::{self, OTHER_SIDE, REPORTER};
use doorstep_tests::method::town::{self, COORDINATOR, LEAD, TELECOM_CONTACT, WORKER};
use doorstep_tests::method::{Phone, beginning};

#[test]
fn case_1_water_is_cut_off_and_a_signed_agreement_brings_it_back() {
    let mut phone = Phone::reported();
    assert_eq!(phone.state().stage(), Stage::Received);
    phone.does(WORKER, say::open_as(Form::AtHome));
    phone.does(WORKER, say::adjourned());
    phone.does(WORKER, say::open_as(Form::OnSite));
    phone.does(WORKER, say::agreed());
    let draft = phone.does(WORKER, say::draft());
    assert_eq!(phone.state().stage(), Stage::Agreed);
    let sealed = phone.does(WORKER, say::seal(draft, 1));
    let state = phone.state();
    assert_eq!(state.stage(), Stage::Acting);
    assert!(matches!(state.agreement().unwrap().form, AgreementForm::Sealed { .. }));
    assert_eq!(state.agreement().unwrap().written.stamp, sealed);
    phone.does(WORKER, say::fulfil(draft, 0));
    phone.does(WORKER, say::fulfil(draft, 1));
    phone.does(LEAD, say::complete());
    phone.does(WORKER, say::check_effect());
    for party in [REPORTER, OTHER_SIDE] {
        phone.does(WORKER, say::feedback(party, Grade::VerySatisfied));
    }
    phone.does(LEAD, doorstep_core::case::Command::Close);
    let state = phone.state();
    assert_eq!(state.stage(), Stage::Closed);
    assert_eq!((state.round, state.consultations.len()), (1, 2));
    assert!(state.standings.is_empty(), "nobody was apart: everything is effective");
}

#[test]
fn case_2_how_gas_is_installed_is_talked_over_until_there_is_a_plan() {
    let mut phone = Phone::empty(1);
    phone.does(LEAD, say::report_of("天然气入户方案争议", town::compound()));
    phone.does(LEAD, say::open_as(Form::MeetingRoom));
    phone.does(LEAD, say::adjourned());
    assert_eq!(phone.state().stage(), Stage::Consulting, "views are gathered, they meet again");
    phone.does(LEAD, say::open_as(Form::MeetingRoom));
    phone.does(LEAD, say::agreed());
    let parties = vec![say::resident("居民代表甲"), say::unit("燃气公司", "telecom")];
    let deeds = vec![say::commitment("燃气公司", "按议定方案施工")];
    let draft = phone.does(LEAD, say::draft_of(DisputeKind::Ordinary, parties, deeds));
    phone.does(LEAD, say::oral());
    phone.does(WORKER, say::fulfil(draft, 0));
    phone.does(LEAD, say::complete());
    phone.does(WORKER, say::feedback("居民代表甲", Grade::Satisfied));
    phone.does(WORKER, say::feedback("燃气公司", Grade::Satisfied));
    phone.does(LEAD, doorstep_core::case::Command::Close);
    assert_eq!(phone.state().stage(), Stage::Closed);
}

#[test]
fn case_3_units_share_the_cost_of_a_wall_and_report_their_own_part() {
    let mut phone = Phone::reported();
    phone.does(LEAD, say::open_as(Form::OnSite));
    phone.does(LEAD, say::agreed());
    let parties = vec![say::unit("电信局", town::TELECOM), say::unit("物业公司", town::PROPERTY)];
    let deeds = vec![
        say::commitment("电信局", "拆除西墙危房"),
        say::commitment("电信局", "硬化院内地面"),
        say::commitment("物业公司", "清运垃圾"),
    ];
    let draft = phone.does(LEAD, say::draft_of(DisputeKind::Ordinary, parties, deeds));
    phone.does(LEAD, say::seal(draft, 1));
    phone.does(TELECOM_CONTACT, say::fulfil(draft, 0));
    phone.does(TELECOM_CONTACT, say::extend(draft, 1, say::day(30)));
    assert_eq!(phone.refuses(TELECOM_CONTACT, say::fulfil(draft, 2)).0, "not_allowed", "another unit's part");
    assert_eq!(phone.refuses(LEAD, say::complete()), ("commitments_open", vec!["2".into(), "3".into()]));
    phone.does(TELECOM_CONTACT, say::fulfil(draft, 1));
    phone.does(WORKER, say::fulfil(draft, 2));
    phone.does(LEAD, say::complete());
    assert_eq!(phone.state().stage(), Stage::Done);
}

#[test]
fn case_4_committee_and_community_settle_it_together() {
    let mut phone = Phone::empty(1);
    phone.does(town::OTHER_LEAD, say::report_of("邓家花园周边乱停车", town::garden()));
    phone.does(town::OTHER_LEAD, say::raise(town::COMMITTEE));
    assert_eq!(phone.state().stage(), Stage::HandedOver);
    phone.does(COORDINATOR, doorstep_core::case::Command::AcceptHandover);
    phone.does(COORDINATOR, say::convene());
    phone.does(COORDINATOR, say::open_as(Form::OnSite));
    phone.does(COORDINATOR, say::agreed());
    let parties = vec![say::unit("物业公司", town::PROPERTY)];
    let deeds = vec![say::commitment("物业公司", "清运垃圾、加快移交")];
    let draft = phone.does(COORDINATOR, say::draft_of(DisputeKind::Ordinary, parties, deeds));
    phone.does(COORDINATOR, say::oral());
    phone.does(town::ELSEWHERE, say::fulfil(draft, 0));
    assert_eq!(phone.refuses(town::OTHER_LEAD, say::complete()).0, "handed_over", "the committee holds it");
    phone.does(COORDINATOR, say::complete());
    let state = phone.state();
    assert_eq!(state.stage(), Stage::Done, "what the holder completed is back with the community");
    assert!(matches!(state.handovers[0].status, HandoverStatus::Settled(..)));
    phone.does(town::ELSEWHERE, say::check_effect());
    phone.does(town::ELSEWHERE, say::feedback("物业公司", Grade::Satisfied));
    phone.does(town::OTHER_LEAD, doorstep_core::case::Command::Close);
}

#[test]
fn case_5_two_children_are_cared_for_after_the_committee_convened_the_bureaus() {
    let mut phone = Phone::reported();
    for _ in 0..2 {
        phone.does(WORKER, say::open_as(Form::AtHome));
        phone.does(WORKER, say::not_agreed());
    }
    phone.does(LEAD, say::raise_on(town::COMMITTEE, Ground::NoAgreement));
    phone.does(COORDINATOR, doorstep_core::case::Command::AcceptHandover);
    phone.does(COORDINATOR, say::convene());
    assert_eq!(phone.state().handovers[0].convened[0].1.len(), 2);
    phone.does(COORDINATOR, say::settle());
    assert_eq!(phone.state().stage(), Stage::Done);
    phone.does(WORKER, say::feedback(REPORTER, Grade::Satisfied));
    phone.does(LEAD, doorstep_core::case::Command::Close);
    let state = phone.state();
    assert_eq!(state.stage(), Stage::Closed);
    assert_eq!(state.consultations.len(), 2);
    assert!(state.updated.wall() > beginning());
}
