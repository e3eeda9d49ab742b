//! Whether all is quiet.

use doorstep_core::environment::Clock as _;

use super::super::photo::Photo;
use super::super::town::Town;
use super::pulled::in_scope;

/// What is not at rest with this phone after a sync without faults: something changed on it, or something is still to be
/// sent though somebody could take it. Nothing: all is quiet here.
pub fn is_loud(town: &mut Town, who: usize, before: &Photo) -> Option<String> {
    let directory = town.directory();
    let hand = &town.hands[who];
    let (now, same) = (&hand.photo, before);
    if now.outbox != same.outbox || now.documents != same.documents || now.cursor != same.cursor {
        return Some(format!("{} is not at rest", hand.name));
    }
    if town.is_out(who) {
        return None;
    }
    let waiting: Vec<_> = hand.photo.outbox.iter().filter(|(_, one)| one.state != "set_aside").collect();
    // What builds on changes that a restored server lost, and whose author can no longer send them, waits for them.
    let waiting: Vec<_> = waiting.into_iter().filter(|(named, _)| !town.lost_by_server.contains(&named.0)).collect();
    if let Some((named, one)) = waiting.first() {
        let (name, count) = (&hand.name, waiting.len());
        return Some(format!("{name} still has {count} changes to send, {} of {} is {}", named.1, named.0, one.state));
    }
    let shelf = town.shelf();
    let person = directory.person(&hand.phone.person)?;
    let scope = in_scope(&shelf, &directory, person, town.clock.now());
    let missing = scope.iter().find(|doc| !hand.photo.documents.contains_key(doc))?;
    Some(format!("{} lacks {missing}", hand.name))
}
