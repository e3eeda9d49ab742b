//! Stamps and authors of entries that arrive.

use doorstep_core::case::Grade;
use doorstep_tests::method::Phone;
use doorstep_tests::method::say::{self, REPORTER};
use doorstep_tests::method::town::{COLLEAGUE, LEAD, WORKER};

use super::super::walk;
use super::{CLOCKS, apart};

#[test]
fn a_clock_behind_by_years_never_puts_an_event_before_what_its_author_knew() {
    for years in CLOCKS {
        let (_, mut other) = apart(&walk::done(), years);
        other.does(WORKER, say::check_effect());
        other.does(WORKER, say::feedback(REPORTER, Grade::Satisfied));
        let state = other.state();
        assert_eq!(state.effects.len(), 1);
        assert!(state.standings.is_empty());
        assert!(other.log().is_sorted());
    }
}

#[test]
fn an_entry_that_arrives_under_a_foreign_name_or_before_its_past_is_refused() {
    let phone = Phone::reported();
    let mut other = phone.fork(22, 0);
    other.does(COLLEAGUE, say::open());
    let entry = other.log().last().unwrap().clone();
    assert!(phone.review(std::slice::from_ref(&entry)).is_ok());
    let code = |entries: &[doorstep_core::case::Entry]| phone.review(entries).unwrap_err().code.as_str();
    let mut later = entry.clone();
    later.stamp.time.0 += 1;
    later.author = LEAD.parse().unwrap();
    assert_eq!(code(&[entry.clone(), later]), "foreign_author", "a change has one author");
    let mut early = entry.clone();
    early.stamp = phone.log()[0].stamp;
    assert_eq!(code(&[early]), "stamp_order");
    let far = phone.fork(22, 21);
    let mut entry = entry;
    entry.stamp.time = entry.stamp.time.next(far.clock);
    assert_eq!(code(&[entry]), "stamp_far");
}
