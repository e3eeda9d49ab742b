//! Two phones with one database, one key and one installation: whatever both do, all of it comes through, once.

use doorstep_core::case::{Command, Elements, Outcome, TextName};
use doorstep_core::environment::Clock as _;
use doorstep_core::store::Meta;
use doorstep_tests::{Phone, World, scenes};

use super::cloned;

/// A phone with a sent case, and its clone.
fn two(seed: u64) -> (World, Phone, Phone, doorstep_core::id::DocId) {
    let world = World::new(seed);
    let mut phone = world.phone("w-ncg-1");
    let case = scenes::report(&phone, "一件事");
    phone.device().run(case, &scenes::note("克隆以前")).unwrap();
    phone.settle();
    let clone = cloned(&world, &mut phone);
    (world, phone, clone, case)
}

fn rest(phones: &[&Phone]) {
    for _ in 0..3 {
        phones.iter().for_each(|phone| phone.settle());
    }
}

#[test]
fn what_two_clones_did_to_one_case_is_all_there_once_and_in_both() {
    let (world, mut phone, mut clone, case) = two(1);
    for (who, words) in [(&phone, "原机"), (&clone, "克隆机")] {
        who.device().run(case, &scenes::note(words)).unwrap();
        who.device().run(case, &scenes::add_text(who, case, TextName::Minutes, &format!("{words}所记。"))).unwrap();
        who.device().run(case, &scenes::note(&format!("{words}之二"))).unwrap();
    }
    let before = phone.log(case);
    phone.settle();
    let report = clone.synced();
    assert!(report.set_aside.iter().any(|aside| aside.code == "actor_fork"), "{:?}", report.set_aside);
    rest(&[&phone, &clone]);
    let lead = world.phone("lead-ncg");
    assert_eq!((phone.set_aside(), clone.set_aside()), (vec![], vec![]));
    let view = lead.device().case(case).unwrap();
    assert_eq!(view, phone.device().case(case).unwrap());
    assert_eq!(view, clone.device().case(case).unwrap());
    assert_eq!(view.history.len(), 6, "the report, a note before, two of each: {:?}", view.history);
    let minutes = lead.device().text(case, TextName::Minutes).unwrap();
    assert!(minutes.contains("原机所记。") && minutes.contains("克隆机所记。"), "{minutes}");
    // The clone writes under new names: another node, and nothing that the first phone wrote was touched.
    assert!(before.iter().all(|entry| phone.log(case).contains(entry)));
    let node = |phone: &mut Phone| phone.with_store(|store| store.meta(Meta::Node).unwrap());
    assert_ne!(node(&mut phone), node(&mut clone));
}

#[test]
fn a_fork_met_only_when_the_other_half_was_pulled_heals_too() {
    let (world, phone, clone, case) = two(2);
    phone.device().run(case, &scenes::note("原机")).unwrap();
    phone.settle();
    // The clone's tap falls between its push and its pull: the two halves meet in its own database.
    clone.network.next([doorstep_tests::Fault::None]);
    let bad = PullFirst { phone: &clone, case };
    bad.sync();
    rest(&[&clone, &phone]);
    let lead = world.phone("lead-ncg");
    assert_eq!(clone.set_aside(), Vec::<String>::new());
    assert_eq!(clone.pending().counts.unreadable, 0);
    assert_eq!(lead.device().case(case).unwrap(), clone.device().case(case).unwrap());
    assert_eq!(lead.device().case(case).unwrap().history.len(), 4);
}

/// A way to the server on which somebody taps while the pull is under way.
struct PullFirst<'a> {
    phone: &'a Phone,
    case: doorstep_core::id::DocId,
}

impl PullFirst<'_> {
    fn sync(&self) {
        self.phone.device().sync(self).unwrap();
    }
}

impl doorstep_core::environment::Transport for PullFirst<'_> {
    fn send(
        &self,
        request: &doorstep_core::environment::Request,
    ) -> Result<doorstep_core::environment::Response, doorstep_core::environment::TransportError> {
        if request.path.starts_with(doorstep_core::sync::wire::PATH_PULL) && self.phone.pending().counts.waiting == 0 {
            self.phone.device().run(self.case, &scenes::note("克隆机")).unwrap();
        }
        self.phone.network.send(request)
    }

    fn pause(&self, ms: u64) {
        self.phone.network.pause(ms);
    }
}

#[test]
fn what_makes_no_sense_behind_the_other_half_is_set_aside_with_its_real_reason() {
    let (world, phone, clone, case) = two(3);
    for who in [&phone, &clone] {
        who.device().run(case, &scenes::sit_down(world.clock.now())).unwrap();
    }
    let outcome = Outcome::NotAgreed { reason: "双方各执一词".into() };
    phone.device().run(case, &Command::ConcludeConsultation { outcome, elements: Elements::default() }).unwrap();
    clone.device().run(case, &scenes::agreed()).unwrap();
    phone.settle();
    clone.synced();
    // The clone's two make no sense any more: the stage is another.
    rest(&[&clone, &phone]);
    let lead = world.phone("lead-ncg");
    assert_eq!(lead.device().case(case).unwrap(), clone.device().case(case).unwrap());
    assert!(
        !clone.set_aside().is_empty() && clone.set_aside().iter().all(|code| code != "actor_fork"),
        "{:?}",
        clone.set_aside()
    );
    let kinds: Vec<String> = lead.device().case(case).unwrap().history.iter().map(|line| line.kind.clone()).collect();
    assert_eq!(kinds, ["reported", "noted", "consultation_opened", "consultation_concluded"]);
}

#[test]
fn a_clone_killed_anywhere_while_it_heals_ends_the_same() {
    use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    let mut nth = 1;
    loop {
        let (world, phone, mut clone, case) = two(4);
        for (who, words) in [(&phone, "原机"), (&clone, "克隆机")] {
            who.device().run(case, &scenes::note(words)).unwrap();
            who.device().run(case, &scenes::note(&format!("{words}之二"))).unwrap();
        }
        phone.settle();
        let count = Arc::new(AtomicUsize::new(0));
        let hook = move |_| {
            if count.fetch_add(1, Ordering::SeqCst) + 1 == nth {
                resume_unwind(Box::new("killed"));
            }
        };
        clone.reopen_with(doorstep_core::store::Options { on_step: Some(Box::new(hook)), ..Default::default() });
        let killed = catch_unwind(AssertUnwindSafe(|| clone.sync())).is_err();
        clone.reopen();
        rest(&[&clone, &phone]);
        assert_eq!(clone.set_aside(), Vec::<String>::new(), "kill {nth}");
        let view = world.phone("lead-ncg").device().case(case).unwrap();
        assert_eq!((view.history.len(), view.clone()), (6, clone.device().case(case).unwrap()), "kill {nth}");
        if !killed {
            break;
        }
        nth += 1;
    }
    assert!(nth > 6, "the kills reached into the healing: {nth}");
}
