//! What an author knew decides: whoever knew may go on, whoever did not is contested with what they did not know.

use doorstep_core::case::{self, AgreementDrafted, CaseState, Command, CommitmentStatus, Event, Grade, HandoverStatus, Stage};
use doorstep_core::entry::Body;
use doorstep_core::id::DocId;
use doorstep_core::time::Stamp;
use doorstep_tests::method::say::{self, OTHER_SIDE, REPORTER};
use doorstep_tests::method::town::{CLERK, COLLEAGUE, DEPUTY, LEAD, OFFICE, TELECOM, TELECOM_CONTACT, WORKER};
use doorstep_tests::method::{Phone, together};

use super::super::walk;
use super::{CLOCKS, apart, is_contested, is_overtaken, no_contest};

/// The case of this log, had the first release written it: without what its authors knew.
fn first_release(phones: [&Phone; 2]) -> CaseState {
    let mut log: Vec<case::Entry> = phones.iter().flat_map(|phone| phone.log()).cloned().collect();
    for entry in &mut log {
        let Body::Event(event) = &mut entry.body else { continue };
        match event {
            Event::AgreementDrafted(AgreementDrafted { replaces, .. }) => *replaces = None,
            Event::Withdrawn(e) => e.knew = None,
            Event::MergedInto(e) => e.knew = None,
            Event::CommitmentFulfilled(e) => e.knew = None,
            Event::CommitmentDefaulted(e) => e.knew = None,
            Event::CommitmentWaived(e) => e.knew = None,
            Event::CommitmentExtended(e) => e.knew = None,
            _ => {}
        }
    }
    case::fold(&log)
}

fn merge() -> Command {
    Command::MarkDuplicate { of: DocId::from_bytes([8; 16]) }
}

fn status(state: &CaseState) -> &CommitmentStatus {
    &state.commitments[0].status
}

#[test]
fn drafts_that_led_to_the_signed_one_stay_and_edits_made_meanwhile_are_overtaken() {
    for years in CLOCKS {
        let (phone, first) = walk::drafted();
        let (mut one, mut other) = apart(&phone, years);
        let second = one.does(WORKER, say::draft());
        let third = one.does(LEAD, say::draft());
        let elsewhere = other.does(COLLEAGUE, say::draft());
        let seal = one.does(WORKER, say::seal(third, 1));
        assert!(one.state().standings.is_empty(), "nobody was apart on this phone");
        let state = together(&one, &other);
        assert_eq!(state.standings.keys().copied().collect::<Vec<_>>(), [elsewhere], "clock off by {years} years");
        assert!(is_overtaken(&state, elsewhere));
        assert_eq!(state.draft().unwrap().written.stamp, third);
        assert_eq!(state.agreement().unwrap().written.stamp, seal);
        let before = first_release([&one, &other]);
        assert!([first, second, elsewhere].iter().all(|draft| is_overtaken(&before, *draft)), "as the first release folded it");
    }
}

#[test]
fn a_signature_under_an_earlier_draft_overtakes_those_that_rewrote_it() {
    for years in CLOCKS {
        let (phone, first) = walk::drafted();
        let (mut one, mut other) = apart(&phone, years);
        one.does(WORKER, say::seal(first, 1));
        let second = other.does(COLLEAGUE, say::draft());
        let third = other.does(COLLEAGUE, say::draft());
        let state = together(&one, &other);
        assert!(is_overtaken(&state, second) && is_overtaken(&state, third));
        assert!(!is_overtaken(&state, first));
    }
}

#[test]
fn a_case_ended_by_somebody_who_did_not_know_of_the_signature_is_contested_with_it() {
    for (ending, stage) in [(say::withdraw(), Stage::Withdrawn), (merge(), Stage::Merged)] {
        for years in CLOCKS {
            let (phone, draft) = walk::drafted();
            let (mut site, mut desk) = apart(&phone, years);
            let seal = site.does(WORKER, say::seal(draft, 1));
            let ended = desk.does(LEAD, ending.clone());
            let state = together(&site, &desk);
            is_contested(&state, seal, ended);
            assert_eq!(state.stage(), stage, "it has ended until somebody chooses; clock off by {years} years");
            desk.hear(&site);
            let mut chosen = desk.clone();
            chosen.does(DEPUTY, say::choose(ended, seal));
            assert_eq!((chosen.state().stage(), chosen.state().agreement()), (stage, None));
            no_contest(&chosen.state());
            desk.does(DEPUTY, say::choose(seal, ended));
            let state = desk.state();
            assert_eq!((state.stage(), state.merged_into), (Stage::Acting, None), "it goes on, and is nobody's duplicate");
            no_contest(&state);
            desk.does(WORKER, say::fulfil(draft, 0));
        }
    }
}

#[test]
fn whoever_knew_of_the_signature_may_end_the_case_and_a_word_of_mouth_is_no_signature() {
    let (mut phone, _) = walk::acting();
    phone.does(LEAD, say::withdraw());
    assert!(phone.state().standings.is_empty(), "withdrawing was theirs to decide");
    let (drafted, draft) = walk::drafted();
    let (mut site, mut desk) = apart(&drafted, 0);
    site.does(WORKER, say::oral());
    desk.wait_days(1);
    desk.does(LEAD, say::withdraw());
    no_contest(&together(&site, &desk));
    // But whoever knew of the word of mouth alone did not know of the signature that outranks it.
    let (mut site, mut desk) = apart(&drafted, 0);
    let seal = site.does(WORKER, say::seal(draft, 1));
    desk.does(COLLEAGUE, say::oral());
    desk.wait_days(1);
    let gone = desk.does(LEAD, say::withdraw());
    is_contested(&together(&site, &desk), seal, gone);
}

#[test]
fn an_end_of_the_first_release_gives_way_to_no_signature_before_it() {
    let (phone, draft) = walk::drafted();
    let (mut site, mut desk) = apart(&phone, 0);
    site.does(WORKER, say::seal(draft, 1));
    desk.wait_days(1);
    desk.does(LEAD, say::withdraw());
    let before = first_release([&site, &desk]);
    assert_eq!((before.stage(), before.standings.len()), (Stage::Withdrawn, 0));
}

#[test]
fn kept_and_not_kept_apart_are_contested_whichever_came_first() {
    type Say = fn(Stamp) -> Command;
    let kept: [Say; 2] = [|draft| say::fulfil(draft, 0), |draft| say::waive(draft, 0, REPORTER)];
    for keeping in kept {
        for years in CLOCKS {
            let (phone, draft) = walk::acting();
            let (mut one, mut other) = apart(&phone, years);
            let broken = one.does(WORKER, say::default(draft, 0));
            let found = other.does(COLLEAGUE, keeping(draft));
            let state = together(&one, &other);
            is_contested(&state, broken, found);
            let first = broken.min(found);
            assert_eq!(status(&state).found(), Some(first), "the first one's holds until somebody chooses");
            for (holds, over) in [(broken, found), (found, broken)] {
                let mut desk = one.fork(33, 0);
                desk.hear(&other);
                desk.does(LEAD, say::choose(holds, over));
                assert_eq!(status(&desk.state()).found(), Some(holds));
                no_contest(&desk.state());
                if holds == broken {
                    desk.does(WORKER, say::fulfil(draft, 0));
                    no_contest(&desk.state());
                }
            }
        }
    }
}

#[test]
fn what_was_not_kept_in_time_may_be_kept_later_by_whoever_knows() {
    let (mut phone, draft) = walk::acting();
    phone.does(WORKER, say::default(draft, 0));
    phone.does(COLLEAGUE, say::default(draft, 0));
    phone.does(WORKER, say::extend(draft, 0, say::day(28)));
    let kept = phone.does(COLLEAGUE, say::fulfil(draft, 0));
    assert_eq!(status(&phone.state()).found(), Some(kept));
    assert!(phone.state().standings.is_empty());
}

#[test]
fn two_phones_that_found_the_same_are_at_one_and_the_second_record_is_moot() {
    type Say = fn(Stamp) -> Command;
    let same: [(Say, Say); 3] = [
        (|draft| say::default(draft, 0), |draft| say::default(draft, 0)),
        (|draft| say::fulfil(draft, 0), |draft| say::waive(draft, 0, REPORTER)),
        (|draft| say::waive(draft, 0, REPORTER), |draft| say::waive(draft, 0, REPORTER)),
    ];
    for (here, there) in same {
        for years in CLOCKS {
            let (phone, draft) = walk::acting();
            let (mut one, mut other) = apart(&phone, years);
            let (first, second) = (one.does(WORKER, here(draft)), other.does(COLLEAGUE, there(draft)));
            let state = together(&one, &other);
            assert_eq!(status(&state).found(), Some(first.min(second)));
            assert_eq!(state.standings.keys().copied().collect::<Vec<_>>(), [first.max(second)]);
            assert!(is_overtaken(&state, first.max(second)));
        }
    }
}

#[test]
fn findings_of_the_first_release_are_folded_as_it_folded_them() {
    let (phone, draft) = walk::acting();
    let (mut one, mut other) = apart(&phone, 0);
    one.does(WORKER, say::default(draft, 0));
    other.wait_days(1);
    let kept = other.does(COLLEAGUE, say::fulfil(draft, 0));
    let before = first_release([&one, &other]);
    assert_eq!((status(&before).found(), before.standings.len()), (Some(kept), 0), "kept after all");
}

#[test]
fn more_time_given_apart_is_moot_for_what_was_kept_and_a_date_for_what_was_not() {
    for years in CLOCKS {
        let (phone, draft) = walk::acting();
        let (mut one, mut other) = apart(&phone, years);
        let kept = one.does(WORKER, say::fulfil(draft, 0));
        let more = other.does(COLLEAGUE, say::extend(draft, 0, say::day(28)));
        let state = together(&one, &other);
        no_contest(&state);
        assert_eq!(status(&state).found(), Some(kept));
        assert_eq!(is_overtaken(&state, more), kept < more);
        let (mut one, mut other) = apart(&phone, years);
        one.does(WORKER, say::default(draft, 0));
        other.does(COLLEAGUE, say::extend(draft, 0, say::day(28)));
        let state = together(&one, &other);
        assert_eq!((state.commitments[0].content.due, state.standings.len()), (say::day(28), 0));
    }
}

#[test]
fn a_case_in_other_hands_may_be_withdrawn_or_merged_and_the_receiver_sees_why() {
    for ending in [say::withdraw(), merge()] {
        for accepted in [false, true] {
            let mut phone = Phone::reported();
            let offer = phone.does(LEAD, say::raise(OFFICE));
            if accepted {
                phone.does(CLERK, Command::AcceptHandover);
            }
            let ended = phone.does(LEAD, ending.clone());
            let state = phone.state();
            assert!(state.stage().is_end() && state.handover().is_none() && state.holder().is_none());
            assert_eq!(state.handovers[0].status, HandoverStatus::Overtaken(ended));
            let standing = state.standing(offer).clone();
            assert!(matches!(standing, case::Standing::Overtaken { by: Some(by), .. } if by == ended), "{standing:?}");
            assert_eq!(phone.refuses(CLERK, say::settle()).0, "wrong_stage");
            phone.does(CLERK, say::note());
        }
    }
}

#[test]
fn a_receiver_who_had_not_heard_of_the_end_changes_nothing() {
    for years in CLOCKS {
        let mut phone = Phone::reported();
        phone.does(LEAD, say::transfer(TELECOM));
        let (mut desk, mut unit) = apart(&phone, years);
        let ended = desk.does(LEAD, say::withdraw());
        let accepted = unit.does(TELECOM_CONTACT, Command::AcceptHandover);
        let settled = unit.does(TELECOM_CONTACT, say::settle());
        let state = together(&desk, &unit);
        no_contest(&state);
        if settled < ended {
            assert_eq!(state.stage(), Stage::Withdrawn, "settled, and then the reporter took it back");
            assert!(!is_overtaken(&state, settled));
        } else {
            assert_eq!(state.stage(), Stage::Withdrawn);
            assert!(is_overtaken(&state, settled));
            assert_eq!(is_overtaken(&state, accepted), ended < accepted);
        }
    }
}

#[test]
fn an_end_of_the_first_release_waits_until_the_case_has_come_back() {
    let (mut desk, mut other) = apart(&Phone::reported(), 0);
    other.does(DEPUTY, say::raise(OFFICE));
    desk.wait_days(1);
    let ended = desk.does(LEAD, say::withdraw());
    let before = first_release([&desk, &other]);
    assert_eq!(before.stage(), Stage::HandedOver);
    assert!(is_overtaken(&before, ended));
    assert_eq!(together(&desk, &other).stage(), Stage::Withdrawn);
}

#[test]
fn a_case_chosen_to_go_on_after_its_end_can_be_handed_over_anew() {
    let (phone, draft) = walk::drafted();
    let (mut site, mut desk) = apart(&phone, 0);
    let seal = site.does(WORKER, say::seal(draft, 1));
    desk.does(LEAD, say::raise(OFFICE));
    desk.wait_days(1);
    desk.does(CLERK, Command::AcceptHandover);
    let ended = desk.does(LEAD, say::withdraw());
    desk.hear(&site);
    is_contested(&desk.state(), seal, ended);
    desk.does(LEAD, say::choose(seal, ended));
    assert_eq!(desk.state().stage(), Stage::Acting);
    desk.does(LEAD, say::raise(OFFICE));
}

#[test]
fn without_a_new_agreement_whoever_reported_and_the_earlier_parties_are_asked_each_once() {
    let mut phone = walk::done();
    phone.does(WORKER, say::feedback(REPORTER, Grade::Dissatisfied));
    assert_eq!(phone.state().parties_to_ask(), [REPORTER, OTHER_SIDE]);
    phone.does(LEAD, say::raise(OFFICE));
    phone.does(CLERK, Command::AcceptHandover);
    phone.does(CLERK, say::settle());
    let unasked = vec![REPORTER.to_owned(), OTHER_SIDE.to_owned()];
    assert_eq!(phone.refuses(LEAD, Command::Close), ("parties_not_asked", unasked));
    phone.does(WORKER, say::feedback(OTHER_SIDE, Grade::Satisfied));
    phone.does(WORKER, say::feedback(REPORTER, Grade::Satisfied));
    phone.does(LEAD, Command::Close);
}
