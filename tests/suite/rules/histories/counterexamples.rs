//! Histories in which something did not hold once, made short by `histories` and told by hand. Each names the seed that
//! found it and the law that came of it.

use doorstep_core::case::{
    self, Body, Command, CommitmentDefaulted, CommitmentRef, CommitmentStatus, Entry, Event, Outcome, RefusalCode, Stage,
    Standing, WaitKind,
};
use doorstep_core::time::Stamp;
use doorstep_tests::method::Phone;
use doorstep_tests::method::say;
use doorstep_tests::method::town::{CLERK, COLLEAGUE, DEPUTY, LEAD, OFFICE, PROPERTY, TELECOM, TELECOM_CONTACT, WORKER};
use doorstep_tests::model::{Book, Told, differences};

use super::super::walk;

fn all(phones: &[&Phone]) -> Phone {
    let mut all = phones[0].clone();
    phones[1..].iter().for_each(|phone| all.hear(phone));
    let state = all.state();
    let found = differences(&Told::by_book(Book::of(all.log()).pages()), &Told::by_core(&state));
    assert!(found.is_empty(), "{}", found.join("\n"));
    all
}

#[track_caller]
fn contested(phone: &Phone, one: Stamp, other: Stamp) {
    let state = phone.state();
    let with = |stamp| match state.standing(stamp) {
        Standing::Contested { with } => with.clone(),
        _ => Vec::new(),
    };
    assert!(with(one).contains(&other) && with(other).contains(&one), "{:?}", state.standings);
}

/// Seed 157. The third was contested with the first only; once the first was chosen against, it counted, did not hold, and
/// nobody was asked.
#[test]
fn of_three_signatures_the_third_is_not_forgotten_when_the_first_is_chosen_against() {
    let (phone, draft) = walk::drafted();
    let mut phones = [11, 22, 33].map(|node| phone.fork(node, 0));
    let mut seals: Vec<Stamp> =
        (1..).zip(&mut phones).map(|(copy, phone)| phone.does(WORKER, say::seal(draft, copy))).collect();
    seals.sort_unstable();
    let mut desk = phones[0].clone();
    phones.iter().for_each(|phone| desk.hear(phone));
    contested(&desk, seals[1], seals[2]);
    desk.does(LEAD, say::choose(seals[1], seals[0]));
    contested(&desk, seals[1], seals[2]);
    all(&[&desk]);
}

/// Seed 13. Two records said that people agreed, the second without a trace; when the lead chose the third, which said
/// otherwise, over the first, the second still counted as agreed.
#[test]
fn a_second_record_that_said_the_same_is_chosen_against_by_itself() {
    let mut first = Phone::reported().fork(11, 0);
    let (mut second, mut third) = (first.fork(22, 0), first.fork(33, 0));
    first.does(WORKER, say::open());
    let yes = first.does(WORKER, say::agreed());
    second.wait_days(1);
    second.does(COLLEAGUE, say::open());
    let also_yes = second.does(COLLEAGUE, say::agreed());
    third.wait_days(2);
    third.does(LEAD, say::open());
    let again = third.does(LEAD, say::adjourned());
    third.hear(&first);
    third.does(LEAD, say::choose(again, yes));
    let mut desk = all(&[&third, &second]);
    contested(&desk, also_yes, again);
    desk.does(LEAD, say::choose(also_yes, again));
    let state = desk.state();
    assert!(matches!(&state.consultations[0].outcome, Some((written, Outcome::Agreed)) if written.stamp == also_yes));
    assert_eq!(state.stage(), Stage::Agreed);
}

/// Seed 13 as well, the other way round: three records that say three things.
#[test]
fn of_three_ends_of_one_sitting_each_is_contested_with_each() {
    let mut phones = [11, 22, 33].map(|node| Phone::reported().fork(node, 0));
    let ends: Vec<Stamp> = phones
        .iter_mut()
        .zip([say::agreed(), say::not_agreed(), say::adjourned()])
        .map(|(phone, end)| {
            phone.does(WORKER, say::open());
            phone.does(WORKER, end)
        })
        .collect();
    let [one, two, three] = &phones;
    let mut desk = all(&[one, two, three]);
    let mut ends = ends;
    ends.sort_unstable();
    desk.does(LEAD, say::choose(ends[1], ends[0]));
    contested(&desk, ends[1], ends[2]);
}

/// Seed 864. The lead chose the unit that holds the case over one signature, and did not know of another, from a draft made
/// since: it counted, and did not hold.
#[test]
fn a_signature_that_nothing_stands_against_any_more_holds() {
    let (phone, old) = walk::drafted();
    let (mut unit, mut site) = (phone.fork(11, 0), phone.fork(22, 0));
    let handed = unit.does(DEPUTY, say::transfer(TELECOM));
    unit.does(TELECOM_CONTACT, Command::AcceptHandover);
    unit.wait_days(1);
    let mut elsewhere = phone.fork(33, 0);
    elsewhere.wait_days(2);
    let theirs = elsewhere.does(COLLEAGUE, say::seal(old, 3));
    site.wait_days(5);
    let draft = site.does(WORKER, say::draft());
    let ours = site.does(WORKER, say::seal(draft, 2));
    unit.hear(&elsewhere);
    contested(&unit, handed, theirs);
    unit.wait_days(9);
    unit.does(LEAD, say::choose(handed, theirs));
    let desk = all(&[&unit, &site]);
    let state = desk.state();
    assert_eq!(*state.standing(ours), Standing::Effective, "drafted since the offer: the unit's own business");
    assert_eq!(state.agreement().map(|agreement| agreement.written.stamp), Some(ours));
    assert_eq!(state.own_stage, Stage::Acting, "its commitments are to be kept");
}

/// Seed 10693. The worker who had found a commitment broken found it broken once more; the lead, who knew of the first
/// finding only, chose the keeping over it, and the second finding stood beside the keeping with nobody asked.
#[test]
fn a_finding_that_follows_a_contested_one_is_contested_too() {
    let (phone, draft) = walk::acting();
    let (mut door, mut desk) = (phone.fork(11, 0), phone.fork(22, 0));
    let broken = door.does(WORKER, say::default(draft, 0));
    desk.wait_days(1);
    let kept = desk.does(LEAD, say::fulfil(draft, 0));
    desk.hear(&door);
    door.wait_days(2);
    let still_broken = door.does(WORKER, say::default(draft, 0));
    desk.wait_days(3);
    desk.does(LEAD, say::choose(kept, broken));
    let mut together = all(&[&desk, &door]);
    contested(&together, kept, still_broken);
    together.does(LEAD, say::choose(still_broken, kept));
    let status = together.state().commitments[0].status.clone();
    assert!(matches!(status, CommitmentStatus::Defaulted(written, _) if written.stamp == still_broken));
}

/// Seed 12050. The same where the second finding was written by the first release, which did not say what its author knew.
#[test]
fn a_finding_of_the_first_release_that_follows_a_contested_one_is_contested_too() {
    let (phone, draft) = walk::acting();
    let (mut door, mut desk) = (phone.fork(11, 0), phone.fork(22, 0));
    let broken = door.does(WORKER, say::default(draft, 0));
    desk.wait_days(1);
    let kept = desk.does(LEAD, say::fulfil(draft, 0));
    desk.hear(&door);
    door.wait_days(2);
    let commitment = CommitmentRef { draft, index: 0 };
    let found = CommitmentDefaulted { commitment, why: "仍未做".into(), knew: None };
    let stamp = Stamp { time: door.log().last().unwrap().stamp.time.next(door.clock), node: door.node };
    door.receive(&[Entry { stamp, author: WORKER.parse().unwrap(), body: Body::Event(Event::from(found)) }]);
    desk.wait_days(3);
    desk.does(LEAD, say::choose(kept, broken));
    contested(&all(&[&desk, &door]), kept, stamp);
}

/// Seed 116. Of two contested offers one was accepted: the org that has it was waited for to sit down, and could not, because
/// the other offer had no answer yet.
#[test]
fn nobody_is_waited_for_to_sit_down_while_another_offer_stands_beside() {
    let mut phone = Phone::reported();
    phone.does(WORKER, say::open());
    phone.does(WORKER, say::not_agreed());
    let (mut one, mut other) = (phone.fork(11, 0), phone.fork(22, 0));
    one.does(LEAD, say::transfer(PROPERTY));
    other.wait_days(1);
    other.does(DEPUTY, say::raise(OFFICE));
    other.does(CLERK, Command::AcceptHandover);
    let kinds = |phone: &Phone| case::waits(&phone.state()).into_iter().map(|wait| wait.kind).collect::<Vec<_>>();
    assert_eq!(kinds(&other), [WaitKind::Answer]);
    let together = all(&[&one, &other]);
    assert_eq!(together.refuses(CLERK, say::open()).0, "handed_over");
    assert_eq!(kinds(&together), [WaitKind::Acceptance, WaitKind::Answer, WaitKind::Choice]);
}

/// Seed 9. A unit that took a case was late at once: the community's sitting of last month had ended without agreement.
#[test]
fn what_the_community_left_lying_is_the_units_from_the_offer_on() {
    let mut phone = Phone::reported();
    phone.does(WORKER, say::open());
    phone.does(WORKER, say::not_agreed());
    phone.wait_days(30);
    let offered = phone.does(LEAD, say::transfer(TELECOM));
    phone.does(TELECOM_CONTACT, Command::AcceptHandover);
    for wait in case::waits(&phone.state()) {
        assert!(wait.since >= offered.time.wall(), "{wait:?}");
    }
}

/// Seed 20109. Kept here, not kept there, and completed meanwhile: once the lead found that it was not kept, the case was done
/// with an open commitment, and nobody was waited for to keep it.
#[test]
fn what_was_completed_too_early_is_carried_out_after_all() {
    let phone = walk::done_but_for_completion();
    let draft = phone.state().drafts[0].written.stamp;
    let before = walk::acting().0;
    let (mut desk, mut door) = (phone.fork(11, 0), before.fork(22, 0));
    door.wait_days(1);
    let broken = door.does(COLLEAGUE, say::default(draft, 0));
    let completed = desk.does(LEAD, say::complete());
    desk.hear(&door);
    let kept = desk.state().commitments[0].status.found().unwrap();
    contested(&desk, kept, broken);
    let mut chosen_kept = desk.clone();
    chosen_kept.does(LEAD, say::choose(kept, broken));
    assert_eq!(all(&[&chosen_kept]).state().stage(), Stage::Done, "it was kept: nothing changes");
    desk.does(LEAD, say::choose(broken, kept));
    let state = all(&[&desk]).state();
    assert_eq!(state.stage(), Stage::Acting);
    assert!(matches!(state.standing(completed), Standing::Overtaken { why: RefusalCode::CommitmentsOpen, .. }));
    desk.does(WORKER, say::fulfil(draft, 0));
    desk.does(LEAD, say::complete());
}

/// Seed 1005. What was agreed by word was kept and completed, while elsewhere another draft was signed: the signature outranks
/// the word, and what was signed is still to be kept.
#[test]
fn what_was_completed_under_a_word_is_not_what_was_signed_elsewhere() {
    let (mut desk, mut site) = (walk::agreed().fork(11, 0), walk::agreed().fork(22, 0));
    let word = desk.does(WORKER, say::draft());
    let oral = desk.does(WORKER, say::oral());
    desk.does(WORKER, say::fulfil(word, 0));
    desk.does(WORKER, say::fulfil(word, 1));
    let completed = desk.does(LEAD, say::complete());
    site.wait_days(1);
    let draft = site.does(COLLEAGUE, say::draft());
    let seal = site.does(COLLEAGUE, say::seal(draft, 2));
    let mut together = all(&[&desk, &site]);
    let state = together.state();
    for overtaken in [oral, completed] {
        assert!(matches!(state.standing(overtaken), Standing::Overtaken { by: Some(by), .. } if *by == seal));
    }
    assert_eq!(state.stage(), Stage::Acting);
    together.does(WORKER, say::fulfil(draft, 0));
    together.does(WORKER, say::fulfil(draft, 1));
    together.does(LEAD, say::complete());
}
