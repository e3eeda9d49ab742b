//! What the kinds of document have to say for themselves: how their entries are reviewed, and what row they make.

use doorstep_core::case::{self, Refusal};
use doorstep_core::entry::{Body, Entry, Record};
use doorstep_core::id::DocId;
use doorstep_core::review::{self, Arrival};
use doorstep_core::row::Row;
use doorstep_core::{household, visit};

/// A kind of document, by its events.
pub(crate) trait Kind: Record + Sized {
    /// Whether these entries may join this past.
    fn review(arrival: &Arrival<'_>, past: &[Entry<Self>], added: &[Entry<Self>], typed: bool) -> Result<(), Refusal>;
    /// The list row of a document with this log.
    fn row(doc: DocId, log: &[Entry<Self>]) -> Row;
    /// The agreement that an entry says was sealed.
    fn sealed(entry: &Entry<Self>) -> Option<&case::AgreementSealed>;
    /// The agreement that an entry drafted.
    fn drafted(entry: &Entry<Self>) -> Option<&case::AgreementDrafted>;
}

impl Kind for case::Event {
    fn review(arrival: &Arrival<'_>, past: &[Entry<Self>], added: &[Entry<Self>], typed: bool) -> Result<(), Refusal> {
        review::case(arrival, past, added, typed).map(drop)
    }

    fn row(doc: DocId, log: &[Entry<Self>]) -> Row {
        Row::of_case(doc, &case::fold(log))
    }

    fn sealed(entry: &Entry<Self>) -> Option<&case::AgreementSealed> {
        match &entry.body {
            Body::Event(Self::AgreementSealed(sealed)) => Some(sealed),
            _ => None,
        }
    }

    fn drafted(entry: &Entry<Self>) -> Option<&case::AgreementDrafted> {
        match &entry.body {
            Body::Event(Self::AgreementDrafted(drafted)) => Some(drafted),
            _ => None,
        }
    }
}

impl Kind for visit::Event {
    fn review(arrival: &Arrival<'_>, past: &[Entry<Self>], added: &[Entry<Self>], _: bool) -> Result<(), Refusal> {
        review::visit(arrival, past, added).map(drop)
    }

    fn row(doc: DocId, log: &[Entry<Self>]) -> Row {
        Row::of_visit(doc, &visit::fold(log))
    }

    fn sealed(_: &Entry<Self>) -> Option<&case::AgreementSealed> {
        None
    }

    fn drafted(_: &Entry<Self>) -> Option<&case::AgreementDrafted> {
        None
    }
}

impl Kind for household::Event {
    fn review(arrival: &Arrival<'_>, past: &[Entry<Self>], added: &[Entry<Self>], _: bool) -> Result<(), Refusal> {
        review::household(arrival, past, added).map(drop)
    }

    fn row(doc: DocId, log: &[Entry<Self>]) -> Row {
        Row::of_household(doc, &household::fold(log))
    }

    fn sealed(_: &Entry<Self>) -> Option<&case::AgreementSealed> {
        None
    }

    fn drafted(_: &Entry<Self>) -> Option<&case::AgreementDrafted> {
        None
    }
}
