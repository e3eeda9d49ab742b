//! Attachments from before it was written down for which case they were sent, given their cases. Once, before the server
//! serves; cut off, it begins again and comes to the same.
//!
//! A case has its attachments back where the person who named one there is the one who first sent its bytes, or where no
//! other case names it: then there was no other under which it could have been sent. Where another case names the same one
//! by somebody else's hand, nobody can say any more whether that person ever had the bytes, so it is not given out there
//! until a phone that has them sends them.

use std::collections::HashMap;

use doorstep_core::case::{self, Event};
use doorstep_core::document::Document;
use doorstep_core::id::{Digest, DocId, PersonId};

use crate::store::{DocLine, Sender, Store, StoreError};

/// Cases read at once: what is held of them is what they name.
const AT_ONCE: usize = 200;
/// Pairs written in one transaction.
const WRITTEN_AT_ONCE: usize = 1_000;

/// Writes them down, and gives how many there were.
#[expect(
    clippy::redundant_closure_for_method_calls,
    reason = "the methods themselves are not general over the view's lifetime"
)]
pub fn record_possession(store: &Store) -> Result<usize, StoreError> {
    if !store.read(|view| view.pairs_are_unrecorded())? {
        return Ok(0);
    }
    let senders = store.read(|view| view.first_senders())?;
    let mut named: HashMap<Digest, Vec<(DocId, PersonId)>> = HashMap::new();
    let mut after = 0;
    loop {
        let cases = store.read(|view| {
            let of = |line: DocLine| Ok((view.document(&line)?.bytes, line));
            view.cases_behind(after, AT_ONCE)?.into_iter().map(of).collect::<Result<Vec<_>, StoreError>>()
        })?;
        let Some((_, last)) = cases.last() else { break };
        after = last.place();
        for (bytes, line) in &cases {
            for (digest, by) in names(line, bytes) {
                if senders.contains_key(&digest) {
                    named.entry(digest).or_default().push((line.id, by));
                }
            }
        }
    }
    let mut pairs = Vec::new();
    for (digest, cases) in named {
        let Some(sender) = senders.get(&digest) else { continue };
        let alone = cases.iter().all(|(doc, _)| cases.first().is_some_and(|(first, _)| first == doc));
        for (doc, by) in cases {
            if alone || by == sender.person {
                pairs.push((digest, doc, sender.clone()));
            }
        }
    }
    let recorded = pairs.len();
    for some in pairs.chunks(WRITTEN_AT_ONCE).map(<[(Digest, DocId, Sender)]>::to_vec) {
        store.write(move |tx| some.iter().try_for_each(|(digest, doc, sender)| tx.attach(digest, doc, sender)))?;
    }
    store.write(|tx| tx.pairs_are_recorded())?;
    tracing::info!(recorded, "attachments of an older version were given their cases");
    Ok(recorded)
}

/// What the case names, previews too, each with who named it. Nothing of one that can't be read.
fn names(line: &DocLine, bytes: &[u8]) -> Vec<(Digest, PersonId)> {
    let Ok(document) = Document::load(bytes) else {
        tracing::warn!(doc = %line.id, "a case can't be read: its attachments wait until their phones send them again");
        return Vec::new();
    };
    let state = case::fold(&document.log::<Event>().entries);
    let of = |(written, attached): &(case::Written, case::Attached)| {
        let by = written.by.clone();
        [Some(attached.digest), attached.preview].into_iter().flatten().map(move |digest| (digest, by.clone()))
    };
    state.attachments.iter().flat_map(of).collect()
}
