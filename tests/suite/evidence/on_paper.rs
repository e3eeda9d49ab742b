//! Signed in wet ink: the only way the law leaves for personal status and for cutting off water, heat or gas. The photo of what
//! was signed is the record; without it there is none.

use doorstep_core::case::{Command, DisputeKind, RefusalCode, Stage};
use doorstep_core::device::{Attaching, DeviceError, Terms};
use doorstep_core::environment::Clock as _;
use doorstep_core::id::{Digest, DocId};
use doorstep_tests::scenes::{self, drafted};
use doorstep_tests::{Phone, World};

/// The smallest JPEG that the rules take for one.
fn photo(phone: &Phone, case: DocId) -> Digest {
    let bytes = include_bytes!("../../../server/assets/tap-small.jpg");
    let attaching = Attaching { caption: "签名页", ..Attaching::default() };
    phone.device().attach(case, &mut &bytes[..], &attaching).unwrap();
    phone.device().attachments(case).unwrap().last().unwrap().digest
}

fn on_paper(sheets: Vec<Digest>) -> Command {
    Command::RecordPaperAgreement { sheets, witness: "陈志强".into() }
}

fn refused(phone: &Phone, case: DocId, command: &Command) -> RefusalCode {
    match phone.device().run(case, command) {
        Err(DeviceError::Refused(refusal)) => refusal.code,
        other => panic!("{other:?}"),
    }
}

/// A case whose draft is of this kind of dispute.
fn of_kind(world: &World, phone: &Phone, kind: DisputeKind) -> DocId {
    let case = drafted(world, phone);
    let Command::DraftAgreement { parties, facts, terms, commitments, .. } = scenes::draft(world.clock.now().date()) else {
        panic!("a draft")
    };
    let draft = Command::DraftAgreement { dispute: kind, parties, facts, terms, commitments };
    phone.device().run(case, &draft).unwrap();
    case
}

#[test]
fn what_may_not_be_signed_on_a_screen_is_signed_on_paper_with_its_photo() {
    for (seed, kind) in [(81, DisputeKind::PersonalStatus), (82, DisputeKind::UtilityCutOff)] {
        let world = World::new(seed);
        let (worker, lead) = (world.phone("w-ncg-1"), world.phone("lead-ncg"));
        let case = of_kind(&world, &worker, kind);
        let code = worker.device().freeze(case, Terms::default()).unwrap_err().code().to_owned();
        assert_eq!(code, "wet_ink_only", "nobody signs on the screen first to be told afterwards");
        assert_eq!(refused(&worker, case, &on_paper(vec![])), RefusalCode::SheetNotAttached);
        assert_eq!(refused(&worker, case, &on_paper(vec![Digest::from_bytes([7; 32])])), RefusalCode::SheetNotAttached);
        let sheet = photo(&worker, case);
        worker.device().run(case, &on_paper(vec![sheet])).unwrap();
        worker.synced();
        lead.settle();
        assert_eq!(worker.set_aside(), [""; 0]);
        for phone in [&worker, &lead] {
            let view = phone.device().case(case).unwrap();
            assert_eq!(view.stage, Stage::Acting);
            let agreement = view.agreement.unwrap();
            assert_eq!((agreement.sheets, agreement.witness.as_str(), agreement.bundle), (vec![sheet], "陈志强", None));
        }
        assert_eq!(refused(&lead, case, &Command::StampAgreement), RefusalCode::NotSigned, "the seal is on the sheet");
    }
}

#[test]
fn signed_on_paper_and_on_a_screen_apart_both_are_real_and_people_choose() {
    let world = World::new(83);
    let (worker, lead) = (world.phone("w-ncg-1"), world.phone("lead-ncg"));
    let case = drafted(&world, &worker);
    worker.settle();
    lead.settle();
    worker.device().freeze(case, Terms::default()).unwrap();
    scenes::sign_all(&worker, case);
    worker.device().seal(case).unwrap();
    world.minutes(5);
    let sheet = photo(&lead, case);
    lead.device().run(case, &on_paper(vec![sheet])).unwrap();
    for phone in [&worker, &lead, &worker] {
        phone.settle();
    }
    for phone in [&worker, &lead] {
        let view = phone.device().case(case).unwrap();
        let contested: Vec<&str> = view
            .history
            .iter()
            .filter(|line| matches!(line.standing, doorstep_core::case::Standing::Contested { .. }))
            .map(|line| line.kind.as_str())
            .collect();
        assert_eq!(contested, ["agreement_sealed", "agreement_on_paper"]);
    }
}
