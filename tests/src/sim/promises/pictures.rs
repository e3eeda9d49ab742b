//! Photos and the like: on the phone until the server has them, the same on both ends, for who sees the case.

use doorstep_core::id::Digest;
use doorstep_core::sync::PATH_ATTACHMENTS;
use sha2::{Digest as _, Sha256};

use super::super::play::carried;
use super::super::town::Taken;
use super::{Rest, Seen, holds};
use crate::forge;
use crate::network::Fault;
use crate::phone::Phone;

fn digest(bytes: &[u8]) -> Digest {
    Digest::from_bytes(Sha256::digest(bytes).into())
}

fn bytes(phone: &Phone, digest: &Digest) -> Option<Vec<u8>> {
    let mut all = Vec::new();
    let read = phone.device().attachment_bytes(digest, &mut |chunk| {
        all.extend_from_slice(chunk);
        Ok(())
    });
    read.ok().map(|()| all)
}

/// What a phone has yet to send lies in its folder: the file is durable before the event that names it.
pub(super) fn a_photo_that_was_taken_is_here(seen: &Seen<'_>) -> Result<(), String> {
    let unsent = seen.after.attachments.iter().filter(|(_, picture)| picture.is_unsent());
    for (digest, picture) in unsent {
        holds(picture.here && picture.file.is_some(), || {
            format!("{} has {digest} to send, and not its bytes: {picture:?}", seen.town.hands[seen.who].name)
        })?;
    }
    Ok(())
}

/// A photo that waited goes from the phone, or counts as sent, only by the server's word. `sync.md`: "Never deleted unsent".
pub(super) fn a_photo_is_let_go_only_once_the_server_has_it(seen: &Seen<'_>) -> Result<(), String> {
    let hand = &seen.town.hands[seen.who];
    for (digest, before) in seen.before.attachments.iter().filter(|(_, picture)| picture.is_unsent() && picture.here) {
        let stays = seen.after.attachments.get(digest).is_some_and(|after| after.is_unsent() && after.here);
        holds(stays || hand.kept.contains(digest), || {
            format!("{} had {digest} to send ({before:?}), and has {:?}", hand.name, seen.after.attachments.get(digest))
        })?;
    }
    Ok(())
}

/// A photo that the server says it has, it has, right after it said so and whole. `sync.md`: what is acknowledged is durable.
pub(super) fn a_photo_that_is_said_to_be_stored_is_stored(seen: &Seen<'_>) -> Result<(), String> {
    let Some((shelf, _)) = seen.looked else { return Ok(()) };
    // Put back in the middle of a request, it is another server than the one that said so.
    if seen.sent.iter().any(|sent| sent.fault == Fault::KilledWithin) {
        return Ok(());
    }
    for (name, answer) in seen.sent.iter().filter_map(carried).filter(|(_, answer)| answer.stored) {
        let there = seen.town.blob(&name);
        let whole = there.as_ref().is_some_and(|bytes| digest(bytes) == name && bytes.len() as u64 == answer.received);
        holds(whole && shelf.attachments.contains_key(&name), || {
            let what = there.map_or("nothing", |_| "something else");
            format!("{} was told that {name} is stored, and there is {what}", seen.town.hands[seen.who].name)
        })?;
    }
    Ok(())
}

/// Every photo that a phone said yes to is on the server, or on a phone of its author that shows it as unsent.
pub(super) fn no_photo_is_lost(rest: &Rest<'_>) -> Result<(), String> {
    for taken in rest.town.taken.iter().filter(|taken| !taken.excused) {
        // Nobody tells a revoked phone that the server forgot what it had said to have.
        let untold = rest.town.restored > 0 && rest.town.is_out(taken.by);
        if untold || rest.shelf.attachments.contains_key(&taken.digest) {
            continue;
        }
        let person = &rest.town.hands[taken.by].phone.person;
        let own = rest.town.hands.iter().zip(&rest.photos).filter(|(hand, _)| hand.phone.person == *person);
        let waits = own.into_iter().any(|(hand, photo)| {
            let picture = photo.attachments.get(&taken.digest);
            picture.is_some_and(|picture| picture.here && picture.is_unsent())
                && bytes(&hand.phone, &taken.digest).as_ref() == Some(&*taken.bytes)
        });
        holds(waits, || format!("{} of {} is nowhere", taken.digest, taken.doc))?;
    }
    Ok(())
}

/// What lies under a name has that digest, on the server and on every phone.
pub(super) fn a_photo_is_the_same_on_both_ends(rest: &Rest<'_>) -> Result<(), String> {
    for (name, length) in &rest.shelf.attachments {
        let there = rest.town.blob(name);
        holds(there.is_some_and(|bytes| digest(&bytes) == *name && bytes.len() as u64 == *length), || {
            format!("the server has {name} and does not have its bytes")
        })?;
    }
    for (hand, photo) in rest.town.hands.iter().zip(&rest.photos) {
        for (name, _) in photo.attachments.iter().filter(|(_, picture)| picture.here) {
            let here = bytes(&hand.phone, name);
            holds(here.is_some_and(|bytes| digest(&bytes) == *name), || format!("{} can't open {name}", hand.name))?;
        }
    }
    Ok(())
}

/// Who sees a case can fetch a photo of it, and to everybody else there is none. One of each for each phone: which, the seed
/// decides by the order in which they were taken.
pub(super) fn who_sees_a_case_gets_its_photos_and_nobody_else(rest: &Rest<'_>) -> Result<(), String> {
    for (who, hand) in rest.town.taking_part() {
        let scope = rest.scope(who);
        let there = |taken: &&Taken| rest.shelf.attachments.contains_key(&taken.digest);
        // A case that the server lost names nothing there, until its author's phone has sent it again.
        let known = |taken: &&Taken| rest.shelf.documents.contains_key(&taken.doc);
        let named =
            |taken: &Taken| rest.contents.get(&taken.doc).is_some_and(|said| said.contains(&format!("{:?}", taken.digest)));
        // A photo that was lost with its phone is nothing to anybody, even where its bytes lie there for another case.
        let mine = |taken: &&Taken| scope.contains(&taken.doc) && named(taken) && !taken.excused;
        if let Some(taken) = rest.town.taken.iter().filter(there).filter(known).find(mine) {
            let device = hand.phone.device();
            let report = device.fetch_attachment(hand.phone.network.as_ref(), taken.doc, &taken.digest);
            let report = report.map_err(|error| format!("{} can't fetch {}: {error}", hand.name, taken.digest))?;
            holds(bytes(&hand.phone, &taken.digest).as_ref() == Some(&*taken.bytes), || {
                format!("{} sees {} and does not get {}: {report:?}", hand.name, taken.doc, taken.digest)
            })?;
        }
        let others = |taken: &&Taken| !scope.contains(&taken.doc);
        if let Some(taken) = rest.town.taken.iter().filter(there).filter(known).find(others) {
            let path = format!("{PATH_ATTACHMENTS}/{}/{}", taken.doc, taken.digest);
            let answer = forge::get(&hand.phone, &path, &forge::token(&hand.phone));
            holds(answer.status == 404, || {
                format!("{} does not see {} and was answered {} for its photo", hand.name, taken.doc, answer.status)
            })?;
        }
    }
    Ok(())
}
