//! What a phone has not got rid of yet, and what it is told of it.

use doorstep_core::case::RefusalCode;
use doorstep_core::sync::wire::Verdict;
use doorstep_core::words::{self, Lang};

use super::super::play::verdicts;
use super::{Seen, holds};
use crate::network::Fault;

/// Codes that an honest phone's change may be set aside with beside those of the rules: its device was revoked, or it
/// builds on something that was refused.
const HONEST: [&str; 2] = ["depends_on_refused", "device_revoked"];
/// Codes among those of the rules that no phone of ours can deserve.
const OF_THE_FORM: [&str; 2] = ["stamp_order", "foreign_author"];
/// And those of a phone that was put back together with the nonce of its installation: it uses numbers twice without
/// knowing, and heals.
const FORKED: [&str; 3] = ["actor_fork", "bad_seq", "stamp_taken"];
/// And of a phone that was put back or copied and sealed before it heard of what it had sealed already: it counts its seals
/// from an earlier one on, which `evidence.md` wants refused, because nothing else tells a copied phone from a forger's.
const PUT_BACK: &str = "seal_counter_reused";

/// A change leaves the outbox only when the server's word on it has reached this phone, or when its command stands there
/// again beside a new change. `sync.md`: "The outbox empties only by verdicts".
pub(super) fn the_outbox_empties_only_by_verdicts(seen: &Seen<'_>) -> Result<(), String> {
    let hand = &seen.town.hands[seen.who];
    for (named, unsettled) in seen.before.outbox.iter().filter(|(named, _)| !seen.after.outbox.contains_key(named)) {
        let verdict = hand.heard.get(named);
        if matches!(verdict, Some(Verdict::Stored { .. } | Verdict::Known { .. })) {
            continue;
        }
        // A change that was rebuilt comes back under another name, with the same command beside it.
        let again = seen.after.outbox.iter().any(|(other, one)| other.0 == named.0 && one.command == unsettled.command);
        let healed = seen
            .before
            .outbox
            .iter()
            .chain(&seen.after.outbox)
            .any(|(other, one)| other.0 == named.0 && one.state == "set_aside")
            || hand.heard.iter().any(|(other, heard)| other.0 == named.0 && matches!(heard, Verdict::SetAside { .. }));
        let known = seen.looked.is_some_and(|(shelf, _)| shelf.has(named));
        holds((again || healed) || (known && unsettled.state == "set_aside"), || {
            format!("{} no longer has {} of {} to send, and heard {verdict:?}", hand.name, named.1, named.0)
        })?;
    }
    Ok(())
}

/// What was set aside stays on the phone with its code, its words and the command, until a person puts it away, or the command
/// is done again. `sync.md`: "set aside with a reason a worker can read".
pub(super) fn what_was_set_aside_stays_with_code_and_words(seen: &Seen<'_>) -> Result<(), String> {
    let hand = &seen.town.hands[seen.who];
    let aside = |photo: &'_ super::Photo| {
        let all: Vec<_> = photo.outbox.iter().filter(|(_, one)| one.state == "set_aside").collect();
        all.into_iter().map(|(named, one)| (*named, one.clone())).collect::<Vec<_>>()
    };
    for (named, one) in aside(seen.after) {
        let code = one.code.clone().unwrap_or_default();
        holds(!code.is_empty(), || format!("{} has {} set aside without a code", hand.name, named.1))?;
        holds(!one.command.is_empty(), || format!("{} has {} set aside without its command", hand.name, named.1))?;
        let words = words::set_aside_sentence(&code, &[], Lang::Zh);
        holds(!words.is_empty(), || format!("there are no words for {code}"))?;
    }
    for (named, one) in aside(seen.before) {
        let now = seen.after.outbox.get(&named);
        let again = seen.after.outbox.iter().any(|(other, now)| *other != named && now.command == one.command);
        let settled = matches!(hand.heard.get(&named), Some(Verdict::Stored { .. } | Verdict::Known { .. }));
        let known = seen.looked.is_some_and(|(shelf, _)| shelf.has(&named));
        let followed = one.code.as_deref() == Some("depends_on_refused");
        holds(now.is_some() || again || settled || known || followed, || {
            format!("{} no longer shows what was set aside: {} of {} ({:?})", hand.name, named.1, named.0, one.code)
        })?;
        holds(now.is_none_or(|now| now.state != "set_aside" || now.code == one.code), || {
            format!("{} shows another reason for {}: {:?}, then {:?}", hand.name, named.1, one.code, now.map(|now| &now.code))
        })?;
    }
    // What the server set aside, the phone shows.
    for (named, verdict) in seen.sent.iter().flat_map(verdicts) {
        let Verdict::SetAside { code, .. } = verdict else { continue };
        let now = seen.after.outbox.get(&named);
        let was = seen.before.outbox.get(&named);
        let Some(was) = was else { continue };
        let again = seen.after.outbox.iter().any(|(other, one)| *other != named && one.command == was.command);
        let followed = code == "depends_on_refused";
        holds(now.is_some() || again || followed, || {
            format!("{} was told that {} is set aside ({code}), and shows nothing of it", hand.name, named.1)
        })?;
    }
    Ok(())
}

/// The server sets an honest phone's work aside for what the method says, and for nothing else: every other code says that
/// phone and server do not understand one another. `sync.md`: "One bad record blocks nothing but itself".
pub(super) fn nothing_is_refused_for_its_form(seen: &Seen<'_>) -> Result<(), String> {
    let hand = &seen.town.hands[seen.who];
    let forked = seen.town.hands.iter().any(|hand| hand.forked);
    for (named, verdict) in seen.sent.iter().flat_map(verdicts) {
        let Verdict::SetAside { code, .. } = verdict else { continue };
        let of_the_rules = RefusalCode::ALL.iter().any(|known| known.as_str() == code);
        let of_the_rules = of_the_rules && !OF_THE_FORM.contains(&code.as_str());
        let honest = of_the_rules || HONEST.contains(&code.as_str()) || (forked && FORKED.contains(&code.as_str()));
        let honest = honest || (seen.town.hands.iter().any(|hand| hand.put_back) && code == PUT_BACK);
        holds(honest, || format!("{} of {} was refused to {} with {code}", named.1, named.0, hand.name))?;
    }
    Ok(())
}

/// A change that the server says it has, it has: right after it said so, and in its files. `sync.md`: "stored (with its
/// sequence number)".
pub(super) fn what_is_said_to_be_stored_is_stored(seen: &Seen<'_>) -> Result<(), String> {
    let Some((shelf, _)) = seen.looked else { return Ok(()) };
    for (named, verdict) in seen.sent.iter().flat_map(verdicts) {
        let (Verdict::Stored { seq } | Verdict::Known { seq }) = verdict else { continue };
        let name = &seen.town.hands[seen.who].name;
        let there = shelf.documents.get(&named.0).and_then(|kept| kept.changes.get(&named.1));
        let put_back = seen.sent.iter().any(|sent| sent.fault == Fault::KilledWithin);
        holds(there == Some(&seq) || (put_back && there.is_some()), || {
            format!("{name} was told that {} is stored as {seq}, and the server has it as {there:?}", named.1)
        })?;
    }
    Ok(())
}

/// Whatever the server refuses it keeps, bytes and reason, for a lead to look at. `security.md`: "that change set aside with its
/// code".
pub(super) fn the_server_keeps_what_it_refused(seen: &Seen<'_>) -> Result<(), String> {
    let Some((shelf, _)) = seen.looked else { return Ok(()) };
    for (named, verdict) in seen.sent.iter().flat_map(verdicts) {
        let refused = matches!(verdict, Verdict::SetAside { .. });
        holds(!refused || shelf.refused.contains(&named), || format!("{} was refused, and the server kept nothing", named.1))?;
    }
    Ok(())
}

/// A phone is told to wipe itself only when whatever it has not got rid of is with the server. `security.md`: a revoked device's
/// "fieldwork survives".
pub(super) fn a_wipe_is_ordered_only_when_everything_is_elsewhere(seen: &Seen<'_>) -> Result<(), String> {
    let Some((shelf, _)) = seen.looked else { return Ok(()) };
    let hand = &seen.town.hands[seen.who];
    // A server that was put back since the order may have lost what it kept.
    if seen.town.restored > 0 || !hand.phone.device().wipe_ordered() {
        return Ok(());
    }
    let alone = seen.after.outbox.keys().find(|named| !shelf.refused.contains(named) && !shelf.has(named));
    holds(alone.is_none(), || format!("{} is to be wiped, and {alone:?} is nowhere else", hand.name))?;
    let photo = seen.after.attachments.iter().find(|(_, picture)| picture.here && picture.is_unsent());
    holds(photo.is_none(), || format!("{} is to be wiped, and {photo:?} is nowhere else", hand.name))
}
