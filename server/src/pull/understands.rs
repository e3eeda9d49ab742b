//! What a phone understands of what could be sent to it. A phone of the first release breaks off at a kind of document it
//! does not know, and opens no more with a directory that has policies it does not know; so it is sent neither.
//!
//! Later phones say which kinds they know with every pull. When a phone was updated, what was kept from it follows: its
//! scopes are others then, so it fetches anew, and its cursor says that the directory it has is not whole.

use std::collections::BTreeSet;

use doorstep_core::directory::{Directory, Grid, Policy};
use doorstep_core::id::DocKind;
use doorstep_core::people::{Org, Person};
use doorstep_core::sync::wire::KINDS_UNSAID;
use serde::Serialize;

/// What a phone understands.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Understands {
    /// It does not say: the first release.
    #[default]
    FirstRelease,
    /// Documents of these kinds, and records with fields that it has never heard of.
    Kinds(BTreeSet<DocKind>),
}

impl Understands {
    /// From what stands in the header, if there is one. A kind of a newer phone means nothing here.
    pub fn said(header: Option<&str>) -> Self {
        let kinds = |text: &str| text.split(',').filter_map(|name| DocKind::from_name(name.trim())).collect();
        header.map_or(Self::FirstRelease, |text| Self::Kinds(kinds(text)))
    }

    /// Whether it understands documents of this kind.
    pub fn kind(&self, kind: DocKind) -> bool {
        match self {
            Self::FirstRelease => KINDS_UNSAID.contains(&kind),
            Self::Kinds(kinds) => kinds.contains(&kind),
        }
    }

    /// Whether it takes records with fields that it does not know.
    pub(super) const fn new_fields(&self) -> bool {
        matches!(self, Self::Kinds(_))
    }

    /// The directory as it can read it, CBOR.
    pub(super) fn directory(&self, directory: &Directory) -> Option<Vec<u8>> {
        match self {
            Self::FirstRelease => minicbor_serde::to_vec(FirstDirectory::from(directory)).ok(),
            Self::Kinds(_) => minicbor_serde::to_vec(directory).ok(),
        }
    }
}

/// The directory's record as the first release has it.
#[derive(Serialize)]
struct FirstDirectory<'a> {
    version: u64,
    name: &'a str,
    orgs: &'a [Org],
    grids: &'a [Grid],
    people: &'a [Person],
    policy: FirstPolicy<'a>,
}

/// The policy's record as the first release has it: with any other field it is none to it.
#[derive(Serialize)]
struct FirstPolicy<'a> {
    first_contact_days: u16,
    consultation_days: u16,
    effect_check_days: u16,
    feedback_days: u16,
    office_days: u16,
    committee_days: u16,
    unit_days: u16,
    rounds: u16,
    visible_after_return_days: u16,
    afterlife_days: u16,
    feedback_tries: u16,
    categories: &'a [String],
}

impl<'a> From<&'a Directory> for FirstDirectory<'a> {
    fn from(directory: &'a Directory) -> Self {
        let Directory { version, name, orgs, grids, people, policy, .. } = directory;
        Self { version: *version, name, orgs, grids, people, policy: policy.into() }
    }
}

impl<'a> From<&'a Policy> for FirstPolicy<'a> {
    fn from(policy: &'a Policy) -> Self {
        Self {
            first_contact_days: policy.first_contact_days,
            consultation_days: policy.consultation_days,
            effect_check_days: policy.effect_check_days,
            feedback_days: policy.feedback_days,
            office_days: policy.office_days,
            committee_days: policy.committee_days,
            unit_days: policy.unit_days,
            rounds: policy.rounds,
            visible_after_return_days: policy.visible_after_return_days,
            afterlife_days: policy.afterlife_days,
            feedback_tries: policy.feedback_tries,
            categories: &policy.categories,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phone_that_says_nothing_is_of_the_first_release() {
        let knows = |header| DocKind::ALL.map(|kind| Understands::said(header).kind(kind));
        assert_eq!(knows(None), [true, true, false]);
        assert_eq!(knows(Some("case, household,a_later_kind")), [true, false, true]);
        assert_eq!(knows(Some("")), [false; 3]);
    }

    #[test]
    fn the_first_releases_directory_has_its_fields_and_no_other() {
        // As the release itself declared it; the outer record took what it did not know.
        #[derive(serde::Deserialize)]
        struct Outer {
            version: u64,
            people: Vec<Person>,
            policy: Inner,
        }
        #[derive(serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        #[expect(dead_code, reason = "which fields there are is the point")]
        struct Inner {
            first_contact_days: u16,
            consultation_days: u16,
            effect_check_days: u16,
            feedback_days: u16,
            office_days: u16,
            committee_days: u16,
            unit_days: u16,
            rounds: u16,
            visible_after_return_days: u16,
            afterlife_days: u16,
            feedback_tries: u16,
            categories: Vec<String>,
        }
        let mut directory = crate::trial::directory();
        // A policy that the first release never heard of, set to something: the handbook's own is left out.
        directory.policy.alike_days += 1;
        let bytes = Understands::FirstRelease.directory(&directory).unwrap();
        let read: Outer = minicbor_serde::from_slice(&bytes).unwrap();
        assert_eq!((read.version, read.people), (directory.version, directory.people.clone()));
        assert_eq!(
            (read.policy.rounds, read.policy.categories),
            (directory.policy.rounds, directory.policy.categories.clone())
        );
        let whole = Understands::Kinds(BTreeSet::new()).directory(&directory).unwrap();
        assert!(minicbor_serde::from_slice::<Outer>(&whole).is_err(), "today's would stop it");
    }
}
