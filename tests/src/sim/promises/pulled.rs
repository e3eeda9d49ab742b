//! What a phone is sent, and where its pull then stands.

use std::collections::BTreeSet;

use doorstep_core::access::{scopes_of_person, scopes_of_row};
use doorstep_core::environment::Clock as _;
use doorstep_core::id::{Digest, DocId};
use doorstep_core::people::Person;
use doorstep_core::row::Row;
use doorstep_core::sync::wire::{Frame, PATH_PULL};
use sha2::{Digest as _, Sha256};

use super::super::photo::Shelf;
use super::{Directory, Seen, holds};
use crate::network::Sent;

/// Whatever happens, the server answers with sense: a 500 is a fault that nobody thought of.
pub(super) fn the_server_never_fails(seen: &Seen<'_>) -> Result<(), String> {
    let failed = seen.sent.iter().find(|sent| sent.status == Some(500));
    holds(failed.is_none(), || failed.map(|sent| format!("{} was answered with 500", sent.what())).unwrap_or_default())
}

/// From its revocation on, a device gets no content and no token. `security.md`: "Revocation takes effect".
pub(super) fn a_revoked_device_gets_nothing(seen: &Seen<'_>) -> Result<(), String> {
    let hand = &seen.town.hands[seen.who];
    // What was sent before the office acted, in the same step, was sent rightly.
    let revoked = |sent: &Sent| hand.revoked_before_step || (hand.revoked && sent.afterwards);
    let pulled = seen.sent.iter().find(|sent| is_pull(sent) && revoked(sent) && matches!(sent.status, Some(200..=299)));
    holds(pulled.is_none(), || format!("{} was revoked and pulls", hand.name))
}

fn is_pull(sent: &Sent) -> bool {
    sent.request.path.starts_with(PATH_PULL)
}

/// The documents named in a pull's answer, forgets apart.
fn documents(body: &[u8]) -> Vec<DocId> {
    let mut found = Vec::new();
    let mut rest = body;
    while let Some((length, behind)) = rest.split_first_chunk::<4>() {
        let length = usize::try_from(u32::from_be_bytes(*length)).unwrap_or(usize::MAX);
        let Some((frame, behind)) = behind.split_at_checked(length) else { break };
        rest = behind;
        if let Ok(Frame::Document { doc, .. } | Frame::Changes { doc, .. }) = minicbor_serde::from_slice::<Frame>(frame) {
            found.push(doc);
        }
    }
    found
}

/// The documents that this person may see now.
pub(super) fn in_scope(
    seen: &Shelf,
    directory: &Directory,
    person: &Person,
    now: doorstep_core::time::Timestamp,
) -> BTreeSet<DocId> {
    let scopes = scopes_of_person(person);
    let sees = |row: &[u8]| {
        let row: Row = minicbor_serde::from_slice(row).expect("the server's row");
        !scopes.is_disjoint(&scopes_of_row(&row, &directory.policy, now))
    };
    seen.documents.iter().filter(|(_, kept)| sees(&kept.row)).map(|(doc, _)| *doc).collect()
}

/// A pull's answer holds no document that the person's posts do not open, at the moment it was answered. `sync.md`: "Nobody
/// receives a byte of a document outside their scope".
pub(super) fn nobody_is_sent_what_is_outside_their_scope(seen: &Seen<'_>) -> Result<(), String> {
    let Some((shelf, directory)) = seen.looked else { return Ok(()) };
    let hand = &seen.town.hands[seen.who];
    let now = seen.town.clock.now();
    let mut open = BTreeSet::new();
    // A phone that begins anew is sent a case first and then says again what it did to it, which may close it to its person.
    for (shelf, directory) in [(shelf, directory), (&seen.town.shelf_before_step, &seen.town.directory_before_step)] {
        if let Some(person) = directory.person(&hand.phone.person) {
            open.extend(in_scope(shelf, directory, person, now));
        }
    }
    for doc in seen.sent.iter().filter(|sent| is_pull(sent)).flat_map(|sent| documents(&sent.body)) {
        // What the server no longer has it cannot be asked about: it was put back in the middle.
        holds(open.contains(&doc) || !shelf.documents.contains_key(&doc), || {
            format!("{} was sent {doc}, which is not theirs to see", hand.name)
        })?;
    }
    Ok(())
}

/// Within one log and one set of scopes a phone's cursor only goes forward. `sync.md`: the cursor.
pub(super) fn cursors_never_go_back_within_an_epoch(seen: &Seen<'_>) -> Result<(), String> {
    let (Some(before), Some(after)) = (&seen.before.cursor, &seen.after.cursor) else { return Ok(()) };
    if before.epoch != after.epoch || before.scopes != after.scopes {
        return Ok(());
    }
    holds(after.since >= before.since && after.reached >= before.reached, || {
        format!("{}: from {before:?} to {after:?}", seen.town.hands[seen.who].name)
    })
}

/// Digest of a person's scopes, as the server puts it into cursors.
fn digest(person: &Person) -> Digest {
    let keys: BTreeSet<String> = scopes_of_person(person).iter().map(ToString::to_string).collect();
    let mut hasher = Sha256::new();
    for key in keys {
        hasher.update((key.len() as u64).to_be_bytes());
        hasher.update(key.as_bytes());
    }
    Digest::from_bytes(hasher.finalize().into())
}

/// Everything in scope up to where a phone's cursor stands is on the phone: rows and cursor are one transaction, and numbers
/// become visible in order. ARCHITECTURE.md: "cursor and rows move together".
pub(super) fn a_cursor_never_passes_what_is_not_here(seen: &Seen<'_>) -> Result<(), String> {
    let (Some((shelf, directory)), Some(cursor)) = (seen.looked, &seen.after.cursor) else { return Ok(()) };
    let hand = &seen.town.hands[seen.who];
    let Some(person) = directory.person(&hand.phone.person) else { return Ok(()) };
    if *cursor.epoch != shelf.epoch || cursor.since > shelf.newest || cursor.scopes != digest(person) {
        return Ok(());
    }
    for doc in in_scope(shelf, directory, person, seen.town.clock.now()) {
        let kept = &shelf.documents[&doc];
        // This pass brought the documents up to where it is; of the others, a whole pass brought what there was then, unless
        // they came into the scope since.
        let passed = kept.last_seq <= cursor.reached;
        let through = if passed { cursor.reached } else { cursor.since };
        let due: Vec<_> = kept.changes.iter().filter(|(_, seq)| **seq <= through).collect();
        let Some(held) = seen.after.documents.get(&doc) else {
            holds(!passed || due.is_empty(), || format!("{} stands at {cursor:?} and has nothing of {doc}", hand.name))?;
            continue;
        };
        if passed && kept.heads.iter().all(|head| held.heads.contains(head)) {
            continue;
        }
        let Some(document) = held.load() else { return Err(format!("{} cannot read {doc}", hand.name)) };
        if let Some((hash, seq)) = due.into_iter().find(|(hash, _)| !document.has(hash)) {
            return Err(format!("{} stands at {cursor:?} and lacks {hash} of {doc}, number {seq}", hand.name));
        }
    }
    Ok(())
}
