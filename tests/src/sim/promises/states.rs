//! What documents say: the same everywhere, lawful, and the same in lists.

use std::collections::BTreeMap;

use doorstep_core::case::{self, Event};
use doorstep_core::document::Document;
use doorstep_core::household;
use doorstep_core::id::{ChangeHash, DocId, DocKind};
use doorstep_core::row::Row;
use doorstep_core::visit;

use super::{Rest, holds};
use crate::histories::checks;

fn sorted(mut heads: Vec<ChangeHash>) -> Vec<ChangeHash> {
    heads.sort_unstable();
    heads
}

/// Whoever has the same changes has the same digest, the server included. ARCHITECTURE.md: "equal change sets, equal
/// `Document::digest`".
pub(super) fn equal_change_sets_have_equal_digests(rest: &Rest<'_>) -> Result<(), String> {
    let mut told = BTreeMap::new();
    for (doc, document) in &rest.documents {
        told.insert((*doc, sorted(document.heads())), (document.digest(), "the server"));
    }
    for (who, hand) in rest.town.taking_part() {
        for doc in rest.photos[who].documents.keys() {
            let Some(document) = rest.document(who, doc) else { continue };
            let device = hand.phone.device().digest(*doc).map_err(|error| format!("{} and {doc}: {error}", hand.name))?;
            holds(device == document.digest(), || format!("{} shows another {doc} than its files hold", hand.name))?;
            let (digest, whose) = told.entry((*doc, sorted(document.heads()))).or_insert((device, hand.name.as_str()));
            holds(*digest == device, || format!("{} and {whose} have the same changes of {doc} and differ", hand.name))?;
        }
    }
    Ok(())
}

/// Every replica's state is one that the method knows: every entry readable, the slow second telling of the law agrees, the
/// order of arrival does not matter, contests are mutual.
pub(super) fn every_state_is_legal(rest: &Rest<'_>) -> Result<(), String> {
    for (doc, document) in &rest.documents {
        legal(doc, document, "the server")?;
    }
    for (who, (hand, photo)) in rest.town.hands.iter().zip(&rest.photos).enumerate() {
        for (doc, held) in &photo.documents {
            holds(!held.unreadable, || format!("{} cannot read {doc}", hand.name))?;
            let Some(document) = rest.document(who, doc) else { return Err(format!("{} cannot load {doc}", hand.name)) };
            // What everybody has was looked at once.
            let known = rest.documents.get(doc).is_some_and(|there| sorted(there.heads()) == sorted(document.heads()));
            if !known {
                legal(doc, document, &hand.name)?;
            }
        }
    }
    Ok(())
}

fn legal(doc: &DocId, document: &Document, whose: &str) -> Result<(), String> {
    let unreadable = |count: usize| holds(count == 0, || format!("{whose} cannot read {count} entries of {doc}"));
    match document.kind() {
        DocKind::Case => {
            let log = document.log::<Event>();
            unreadable(log.unreadable.len())?;
            let state = case::fold(&log.entries);
            let said = |what: String| format!("{doc} on {whose}: {what}");
            checks::agrees(&log.entries, &state).map_err(said)?;
            checks::mutual(&log.entries, &state).map_err(said)?;
            checks::folds_to(&log.entries, &state, u64::from(doc.as_bytes()[0])).map_err(said)
        }
        DocKind::Visit => unreadable(document.log::<visit::Event>().unreadable.len()),
        DocKind::Household => unreadable(document.log::<household::Event>().unreadable.len()),
    }
}

/// The row in the list says what the document says: on the server, and on every phone. ARCHITECTURE.md: the tap is one
/// transaction, row included.
pub(super) fn list_rows_say_what_documents_say(rest: &Rest<'_>) -> Result<(), String> {
    for (doc, document) in &rest.documents {
        let row: Row = minicbor_serde::from_slice(&rest.shelf.documents[doc].row).map_err(|error| error.to_string())?;
        holds(row == row_of(*doc, document), || format!("the server's list says something else of {doc}"))?;
    }
    for (who, hand) in rest.town.taking_part() {
        for doc in rest.photos[who].documents.keys() {
            let Some(document) = rest.document(who, doc) else { continue };
            let row = hand.phone.device().row(*doc).map_err(|error| format!("{}: {error}", hand.name))?;
            let Some(row) = row else { return Err(format!("{} has {doc} and no row of it", hand.name)) };
            holds(row == row_of(*doc, document), || format!("{}'s list says something else of {doc}", hand.name))?;
        }
    }
    Ok(())
}

fn row_of(doc: DocId, document: &Document) -> Row {
    match document.kind() {
        DocKind::Case => Row::of_case(doc, &case::fold(&document.log().entries)),
        DocKind::Visit => Row::of_visit(doc, &visit::fold(&document.log().entries)),
        DocKind::Household => Row::of_household(doc, &household::fold(&document.log().entries)),
    }
}
