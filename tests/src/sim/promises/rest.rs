//! What must hold of the whole once all is quiet.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use doorstep_core::agreement::verify;
use doorstep_core::directory::Directory;
use doorstep_core::document::Document;
use doorstep_core::environment::Clock as _;
use doorstep_core::id::{Digest, DocId};

use super::super::photo::{Photo, Shelf};
use super::super::town::Town;
use super::pulled::in_scope;
use super::{contents_of, holds};

/// Everything, once all is quiet.
pub struct Rest<'a> {
    /// The sub-district.
    pub town: &'a Town,
    /// What each phone's files hold.
    pub photos: Vec<Photo>,
    /// The directory.
    pub directory: Arc<Directory>,
    /// What the server's file holds.
    pub shelf: Arc<Shelf>,
    /// The documents on each phone, loaded; none for one whose bytes are no document.
    pub held: Vec<BTreeMap<DocId, Option<Document>>>,
    /// The server's documents.
    pub documents: BTreeMap<DocId, Document>,
    /// What they say.
    pub contents: BTreeMap<DocId, String>,
}

impl<'a> Rest<'a> {
    /// Looks at everything.
    pub fn of(town: &'a Town, photos: Vec<Photo>, directory: Arc<Directory>) -> Self {
        let shelf = town.shelf();
        let documents = town.documents();
        let contents = contents_of(&documents);
        let load = |photo: &Photo| photo.documents.iter().map(|(doc, held)| (*doc, held.load())).collect();
        let held = photos.iter().map(load).collect();
        Self { town, photos, directory, shelf, held, documents, contents }
    }

    /// A document on a phone, if its bytes are one.
    pub(super) fn document(&self, who: usize, doc: &DocId) -> Option<&Document> {
        self.held.get(who)?.get(doc)?.as_ref()
    }

    /// The documents that this hand's person may see.
    pub(super) fn scope(&self, who: usize) -> BTreeSet<DocId> {
        let person = self.directory.person(&self.town.hands[who].phone.person);
        let scope = person.map(|person| in_scope(&self.shelf, &self.directory, person, self.town.clock.now()));
        scope.unwrap_or_default()
    }
}

fn has(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

/// Everything a phone ever said yes to is in its document on the server, or on its author's phone: waiting, or set aside with
/// its command. `sync.md`: "What a phone recorded is never lost".
pub(super) fn nothing_acknowledged_is_lost(rest: &Rest<'_>) -> Result<(), String> {
    for token in rest.town.tokens.iter().filter(|token| !token.excused) {
        if rest.contents.get(&token.doc).is_some_and(|content| content.contains(&token.text)) {
            continue;
        }
        let person = &rest.town.hands[token.by].phone.person;
        let own = rest.town.hands.iter().zip(&rest.photos).filter(|(hand, _)| hand.phone.person == *person);
        let kept = own
            .into_iter()
            .any(|(_, photo)| photo.outbox.iter().any(|(named, one)| named.0 == token.doc && has(&one.command, &token.text)));
        let lost_with_server = rest.town.lost_by_server.contains(&token.doc);
        holds(kept || lost_with_server, || {
            format!("{} of {} said to {} is nowhere", token.text, token.doc, rest.town.hands[token.by].name)
        })?;
    }
    Ok(())
}

/// What the server lost by being put back, and its author's phone still had, the server has again, or the phone says why not.
/// `sync.md`: "push again whatever the server no longer knows".
pub(super) fn a_restored_server_gets_back_what_its_authors_have(rest: &Rest<'_>) -> Result<(), String> {
    for (named, who) in &rest.town.owed {
        let (hand, photo) = (&rest.town.hands[*who], &rest.photos[*who]);
        // Whoever no longer has the document, or may no longer push, owes nothing; what was done again has another name.
        let can = !rest.town.is_out(*who) && photo.own.contains(named);
        let counted = photo.outbox.contains_key(named);
        holds(!can || counted || rest.shelf.has(named), || {
            format!("the server lost {} of {}, {} has it and does not send it", named.1, named.0, hand.name)
        })?;
    }
    Ok(())
}

/// Every change in a phone's document is on the server, or in an outbox where it is counted. `sync.md`: "Every change is either on
/// the server, waiting, or set aside".
pub(super) fn what_is_on_a_phone_is_on_the_server_or_counted(rest: &Rest<'_>) -> Result<(), String> {
    let counted: BTreeSet<_> = rest.photos.iter().flat_map(|photo| photo.outbox.keys().copied()).collect();
    for (who, hand) in rest.town.taking_part() {
        let photo = &rest.photos[who];
        for doc in photo.documents.keys().filter(|doc| !rest.town.lost_by_server.contains(doc)) {
            let Some(document) = rest.document(who, doc) else { return Err(format!("{} cannot load {doc}", hand.name)) };
            let changes = document.changes().map_err(|error| error.to_string())?;
            let lost = changes.iter().find(|change| {
                let named = (*doc, change.hash);
                !rest.shelf.has(&named) && !counted.contains(&named)
            });
            holds(lost.is_none(), || {
                format!("{} of {doc} on {} goes nowhere", lost.map_or_else(String::new, |one| one.hash.to_string()), hand.name)
            })?;
        }
    }
    Ok(())
}

/// However often a request arrived, a command is in its document once. `sync.md`: "Idempotent".
pub(super) fn one_command_has_one_effect(rest: &Rest<'_>) -> Result<(), String> {
    for token in &rest.town.tokens {
        let Some(document) = rest.documents.get(&token.doc) else { continue };
        let hashes = rest.contents.get(&token.doc).map_or(0, |content| content.matches(&token.text).count());
        // A report's words stand in its title once; nothing else of a command says its words twice.
        let most = if document.kind() == doorstep_core::id::DocKind::Case { 2 } else { 1 };
        holds(hashes <= most, || format!("{} stands {hashes} times in {}", token.text, token.doc))?;
    }
    Ok(())
}

/// Who may see a document has it, whole.
pub(super) fn everybody_has_what_is_in_their_scope(rest: &Rest<'_>) -> Result<(), String> {
    for (who, hand) in rest.town.taking_part() {
        for doc in rest.scope(who) {
            holds(rest.photos[who].documents.contains_key(&doc), || format!("{} lacks {doc}", hand.name))?;
            let Some(document) = rest.document(who, &doc) else { return Err(format!("{} cannot read {doc}", hand.name)) };
            let missing = rest.shelf.documents[&doc].changes.keys().find(|hash| !document.has(hash));
            holds(missing.is_none(), || format!("{} lacks {missing:?} of {doc}", hand.name))?;
        }
    }
    Ok(())
}

/// What left somebody's scope is not on their phone, unless something of it is nowhere else. `sync.md`: "Scope lost".
pub(super) fn nobody_keeps_what_is_outside_their_scope(rest: &Rest<'_>) -> Result<(), String> {
    for (who, hand) in rest.town.taking_part() {
        let scope = rest.scope(who);
        let photo = &rest.photos[who];
        for doc in photo.documents.keys().filter(|doc| rest.shelf.documents.contains_key(doc) && !scope.contains(doc)) {
            // What a restored server did not know when everything was fetched again stays, in case only phones have it.
            if rest.town.lost_by_server.contains(doc) {
                continue;
            }
            let kept = photo.outbox.keys().any(|named| named.0 == *doc) || rest.town.has_ceremony(who, doc);
            holds(kept, || format!("{} still has {doc}, which is not theirs to see", hand.name))?;
        }
    }
    Ok(())
}

/// A sealed agreement's bytes are those that were signed, wherever they are. ARCHITECTURE.md: "a bundle never changes".
pub(super) fn sealed_bytes_never_change(rest: &Rest<'_>) -> Result<(), String> {
    for (digest, (case, bytes)) in &rest.town.sealed {
        holds(verify(bytes).holds(), || format!("{digest} of {case} does not verify"))?;
        for (_, hand) in rest.town.taking_part() {
            let here = hand.phone.device().bundle(digest).map_err(|error| format!("{}: {error}", hand.name))?;
            holds(here.is_none_or(|here| here == *bytes), || format!("{} has other bytes of {digest}", hand.name))?;
        }
        let there = rest.town.bundle_on_server(digest);
        holds(there.is_none_or(|there| there == *bytes), || format!("the server has other bytes of {digest}"))?;
    }
    sealed_events_have_their_bundles(rest)
}

/// A case that says it was signed has what was signed.
fn sealed_events_have_their_bundles(rest: &Rest<'_>) -> Result<(), String> {
    use doorstep_core::case::{Body, Event};
    for (doc, document) in rest.documents.iter().filter(|(_, document)| document.kind() == doorstep_core::id::DocKind::Case) {
        for entry in document.log::<Event>().entries {
            let Body::Event(Event::AgreementSealed(sealed)) = &entry.body else { continue };
            let digest: Digest = sealed.bundle;
            let there = rest.town.bundle_on_server(&digest);
            holds(there.is_some(), || format!("{doc} was signed, and the server has no {digest}"))?;
        }
    }
    Ok(())
}

/// Every file is sound: structure, indexes, references.
pub(super) fn every_database_is_sound(rest: &Rest<'_>) -> Result<(), String> {
    for hand in &rest.town.hands {
        hand.phone.device().check().map_err(|error| format!("{}: {error}", hand.name))?;
    }
    Ok(())
}

/// Everybody works by the newest directory.
pub(super) fn everybody_has_the_directory(rest: &Rest<'_>) -> Result<(), String> {
    for (_, hand) in rest.town.taking_part() {
        let (here, there) = (hand.phone.device().directory().version, rest.directory.version);
        holds(here == there, || format!("{} has directory {here} and the server {there}", hand.name))?;
    }
    Ok(())
}
