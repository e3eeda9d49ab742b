//! Sealed, stamped, confirmed: the committee's stamp makes it effective and starts the clock, a court may confirm it.

use doorstep_core::agreement::{AgreementFile, CommitteeStamp, Signed, verify_with};
use doorstep_core::case::{Command, RefusalCode};
use doorstep_core::device::DeviceError;
use doorstep_core::environment::Clock as _;
use doorstep_core::host::SoftwareSigner;
use doorstep_tests::scenes::{self, sealed};
use doorstep_tests::{Phone, World};

fn confirm(world: &World) -> Command {
    let on = world.clock.now().date();
    Command::ConfirmAgreement { court: "东关区人民法院".into(), number: "（2026）调确1号".into(), on }
}

fn refused(phone: &Phone, case: doorstep_core::id::DocId, command: &Command) -> RefusalCode {
    match phone.device().run(case, command) {
        Err(DeviceError::Refused(refusal)) => refusal.code,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_leads_stamp_makes_it_effective_travels_beside_the_bundle_and_starts_thirty_days() {
    let world = World::new(51);
    let (worker, lead) = (world.phone("w-ncg-1"), world.phone("lead-ncg"));
    let (case, agreement) = sealed(&world, &worker);
    worker.settle();
    lead.settle();
    assert_eq!(refused(&worker, case, &Command::StampAgreement), RefusalCode::NotAllowed, "the worker does not stamp");
    assert_eq!(refused(&lead, case, &confirm(&world)), RefusalCode::NotStamped);
    lead.device().run(case, &Command::StampAgreement).unwrap();
    let today = world.clock.now().date();
    assert_eq!(refused(&lead, case, &Command::StampAgreement), RefusalCode::StampedAlready);
    lead.settle();
    worker.settle();
    let shown = worker.device().case(case).unwrap().agreement.unwrap();
    assert_eq!(shown.confirm_by, Some(today.plus_days(30)));
    let report = worker.device().sync_evidence(worker.network.as_ref()).unwrap();
    assert_eq!((report.receipts, report.stamps), (1, 1));
    let file = worker.device().agreement_file(&agreement.bundle).unwrap().unwrap();
    let report = verify_with(&file, &world.store().anchors().unwrap().unwrap());
    assert!(report.checks.iter().filter(|check| check.made).all(doorstep_core::agreement::Check::passed));
    assert_eq!(report.facts.unwrap().stamped_at.map(doorstep_core::time::Timestamp::date), Some(today));
    assert_eq!(worker.device().bundle(&agreement.bundle).unwrap(), Some(agreement.bytes));
    lead.device().run(case, &confirm(&world)).unwrap();
    let shown = lead.device().case(case).unwrap().agreement.unwrap();
    assert_eq!((shown.confirm_by, shown.confirmed.map(|(court, _)| court)), (None, Some("东关区人民法院".into())));
    assert_eq!(refused(&lead, case, &confirm(&world)), RefusalCode::ConfirmedAlready);
}

#[test]
fn an_agreement_by_word_is_not_stamped() {
    let world = World::new(52);
    let lead = world.phone("lead-ncg");
    let case = scenes::drafted(&world, &lead);
    assert_eq!(refused(&lead, case, &Command::StampAgreement), RefusalCode::NotSigned);
    lead.device().run(case, &Command::RecordOralAgreement { witness: "陈志强".into() }).unwrap();
    assert_eq!(refused(&lead, case, &Command::StampAgreement), RefusalCode::NotSigned);
}

#[test]
fn a_stamp_that_is_not_the_known_roots_is_not_kept() {
    let world = World::new(54);
    let (worker, lead) = (world.phone("w-ncg-1"), world.phone("lead-ncg"));
    let (case, agreement) = sealed(&world, &worker);
    worker.settle();
    lead.settle();
    lead.device().run(case, &Command::StampAgreement).unwrap();
    lead.settle();
    worker.settle();
    assert_eq!(worker.device().sync_evidence(worker.network.as_ref()).unwrap().stamps, 1);
    // Another phone, and a server that hands out a stamp which somebody else signed: its root's key was exchanged.
    let file = AgreementFile::read(&worker.device().agreement_file(&agreement.bundle).unwrap().unwrap()).unwrap();
    let said = Signed::<CommitteeStamp>::read(&file.stamp.unwrap()).unwrap().record;
    let forged = said.sign(&SoftwareSigner::from_secret(&[7; 32]).unwrap()).unwrap();
    let db = rusqlite::Connection::open(world.server.file()).unwrap();
    db.execute_batch("DROP TRIGGER stamp_is_final").unwrap();
    db.execute("UPDATE stamp SET bytes = ?1", [&forged]).unwrap();
    lead.device().fetch_bundle(lead.network.as_ref(), &agreement.bundle).unwrap().unwrap();
    let report = lead.device().sync_evidence(lead.network.as_ref()).unwrap();
    assert_eq!((report.stamps, report.refused), (0, 1));
    let file = AgreementFile::read(&lead.device().agreement_file(&agreement.bundle).unwrap().unwrap()).unwrap();
    assert_eq!(file.stamp, None, "so it is printed as not stamped");
}

#[test]
fn two_leads_stamp_apart_and_the_first_stamp_counts() {
    let world = World::new(53);
    let (worker, one, two) = (world.phone("w-ncg-1"), world.phone("lead-ncg"), world.phone("lead-ncg"));
    let (case, agreement) = sealed(&world, &worker);
    for phone in [&worker, &one, &two] {
        phone.settle();
    }
    one.device().run(case, &Command::StampAgreement).unwrap();
    world.minutes(5);
    two.device().run(case, &Command::StampAgreement).unwrap();
    let first = one.device().case(case).unwrap().agreement.unwrap().stamped_at;
    for _ in 0..2 {
        for phone in [&two, &one, &worker] {
            phone.settle();
        }
    }
    for phone in [&worker, &one, &two] {
        let view = phone.device().case(case).unwrap();
        let shown = view.agreement.unwrap();
        assert_eq!((shown.stamped_at, shown.bundle), (first, Some(agreement.bundle)));
        assert_eq!(phone.set_aside(), [""; 0]);
    }
}

#[test]
fn a_case_that_ended_is_not_stamped_any_more() {
    let world = World::new(55);
    let lead = world.phone("lead-ncg");
    let (case, _) = sealed(&world, &lead);
    lead.device().run(case, &Command::Withdraw { why: "当事人撤回".into() }).unwrap();
    assert_eq!(refused(&lead, case, &Command::StampAgreement), RefusalCode::WrongStage);
}
