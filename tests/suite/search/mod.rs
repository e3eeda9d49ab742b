//! Searching on real phones: each way of finding, what is marked, what is near, what is gone; and likely duplicates.

mod duplicates;
mod five_cases;
mod nearest;
mod ways;

use doorstep_core::case::{Reported, Reporter};
use doorstep_core::device::{Found, Span};
use doorstep_core::id::DocId;
use doorstep_tests::{Phone, scenes};

/// Reports this on the phone.
fn report(phone: &Phone, title: &str, detail: &str, name: &str, number: &str) -> DocId {
    phone.device().report(reported(title, detail, name, number)).unwrap().id
}

fn reported(title: &str, detail: &str, name: &str, number: &str) -> Reported {
    let mut reported = scenes::reported(title);
    reported.place.detail = detail.into();
    reported.reporter = Some(Reporter { name: name.into(), phone: number.into() });
    reported
}

fn search(phone: &Phone, text: &str) -> Found {
    phone.device().search(text, 50).unwrap()
}

/// The titles of what has all of it; nothing if only something near was found.
fn titles(phone: &Phone, text: &str) -> Vec<String> {
    let found = search(phone, text);
    if found.nearest { Vec::new() } else { found.hits.into_iter().map(|hit| hit.row.title).collect() }
}

/// Marked pieces in brackets.
fn shown(spans: &[Span]) -> String {
    spans.iter().map(|span| if span.hit { format!("[{}]", span.text) } else { span.text.clone() }).collect()
}
