//! A worker's day: what a case waits for, until when, and on whose list it stands.

mod needs;
mod posts;
mod sections;
mod step;
mod time;
mod waits;

use doorstep_core::day::{Day, Item, SectionKind};
use doorstep_tests::Phone;

/// The phone's day, with every item.
pub(super) fn day(phone: &Phone) -> Day {
    phone.in_touch();
    phone.device().day(usize::MAX).unwrap()
}

/// What stands in a section: titles, each with what is waited for.
pub(super) fn titles(day: &Day, kind: SectionKind) -> Vec<String> {
    let section = day.section(kind).unwrap();
    assert_eq!(section.count, section.items.len() as u64);
    let line = |item: &Item| match &item.wait {
        Some(wait) => format!("{} {}", item.title, wait.kind.name()),
        None => item.title.clone(),
    };
    section.items.iter().map(line).collect()
}

/// The sections that are not empty, by name, with what stands in them; without what is unsent.
pub(super) fn shown(phone: &Phone) -> Vec<(&'static str, Vec<String>)> {
    let day = day(phone);
    SectionKind::ALL
        .into_iter()
        .filter(|kind| *kind != SectionKind::Unsent)
        .map(|kind| (kind.name(), titles(&day, kind)))
        .filter(|(_, lines)| !lines.is_empty())
        .collect()
}
