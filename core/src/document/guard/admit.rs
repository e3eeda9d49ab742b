//! The second look: the change on top of exactly the past it declares.
//!
//! Numbers first (known, dependencies, actor, first operation), then its shape, then the trial: Automerge applies it to a
//! scratch copy of its past and to a copy of the document, the outcome is saved and loaded, and must hold the log of before
//! plus what the change said it appends. The document that comes out is the loaded one, so it has been proved loadable.

use std::panic::{AssertUnwindSafe, catch_unwind};

use automerge::{Automerge, Change, ObjId};

use super::GuardError;
use super::chunk::Header;
use super::shape::{self, Ground};
use crate::case::{Event, TextName};
use crate::document::history::{History, Past};
use crate::document::{Document, Log, codec};
use crate::entry::{Entry, Record};
use crate::id::{ActorId, ChangeHash, DocId, DocKind};

/// A change that may join, as far as the document is concerned. Whether its author was allowed to write it, its judge
/// says, from [`Self::past`] and [`Self::added`].
#[derive(Debug, Clone)]
#[must_use = "an admitted change is in no document until it is kept"]
pub struct Admitted<E = Event> {
    /// The change.
    pub change: ChangeHash,
    /// The document with the change in it.
    pub document: Document,
    /// The log as the change's author knew it: at exactly the dependencies it declares.
    pub past: Log<E>,
    /// The entries it adds, as they stand in it.
    pub added: Vec<Entry<E>>,
    /// How many elements it adds that are no entries.
    pub unreadable: usize,
    /// The texts it touches.
    pub texts: Vec<TextName>,
    /// Its past with it, where that is not the whole document: the next change of its author is on top of it.
    pub(super) branch: Option<Document>,
}

/// One document, and changes that want to join it, one after another.
#[derive(Debug, Clone)]
pub struct Gate {
    doc: DocId,
    kind: DocKind,
    current: Option<Document>,
    branch: Option<Document>,
}

impl Gate {
    /// A gate before `current`, or before a document that is yet to begin.
    pub const fn new(doc: DocId, kind: DocKind, current: Option<Document>) -> Self {
        Self { doc, kind, current, branch: None }
    }

    /// Looks at a change. Nothing joins yet: [`Self::keep`] it, or drop it and go on.
    pub fn admit<E: Record>(&self, header: &Header) -> Result<Admitted<E>, GuardError> {
        try_change(self.current.as_ref(), self.branch.as_ref(), self.doc, self.kind, header)
    }

    /// Lets a change join that this gate has just admitted, before any other was kept.
    pub fn keep<E>(&mut self, admitted: Admitted<E>) {
        self.current = Some(admitted.document);
        // A branch stays of use while its author's changes go on; another's change leaves it in place.
        self.branch = admitted.branch.or(self.branch.take());
    }

    /// The document as it stands.
    pub const fn document(&self) -> Option<&Document> {
        self.current.as_ref()
    }
}

/// Looks at one change that wants to join `current`, or to begin document `doc`.
pub fn admit<E: Record>(
    current: Option<&Document>,
    doc: DocId,
    kind: DocKind,
    header: &Header,
) -> Result<Admitted<E>, GuardError> {
    try_change(current, None, doc, kind, header)
}

impl Ground for Document {
    fn founder(&self) -> ActorId {
        match &self.layout.log {
            ObjId::Id(_, actor, _) => ActorId::from_slice(actor.to_bytes()).unwrap_or(ActorId::from_bytes([0; 16])),
            ObjId::Root => ActorId::from_bytes([0; 16]),
        }
    }

    fn has(&self, actor: &ActorId, counter: u64) -> bool {
        let id = ObjId::Id(counter, actor.as_bytes().as_slice().into(), 0);
        self.automerge.hash_for_opid(&id).is_some()
    }
}

fn try_change<E: Record>(
    current: Option<&Document>,
    branch: Option<&Document>,
    doc: DocId,
    kind: DocKind,
    header: &Header,
) -> Result<Admitted<E>, GuardError> {
    if current.is_some_and(|current| current.id() != doc || current.kind() != kind) {
        return Err(GuardError::WrongKind);
    }
    let past = check_numbers(current, header)?;
    catch_unwind(AssertUnwindSafe(|| match current {
        None => begin(doc, kind, header),
        // Not by the heads: an author also names its own last change, though a head stands on it.
        Some(current) if current.history.is(&past) => join(current, None, doc, kind, header),
        Some(current) => {
            let ground = match branch.filter(|branch| branch.history.is(&past)) {
                Some(branch) => branch.clone(),
                None => at(current, &past)?,
            };
            join(current, Some(ground), doc, kind, header)
        }
    }))
    .unwrap_or(Err(GuardError::Panicked))
}

/// Where the change stands among the changes that are there; what comes before it.
pub(super) fn check_numbers(current: Option<&Document>, header: &Header) -> Result<Past, GuardError> {
    let has = |hash: &ChangeHash| current.is_some_and(|current| current.has(hash));
    if has(&header.hash) {
        return Err(GuardError::Known);
    }
    let missing: Vec<_> = header.deps.iter().filter(|dep| !has(dep)).copied().collect();
    if !missing.is_empty() {
        return Err(GuardError::MissingDependency(missing));
    }
    let past = current.map(|current| current.history.before(&header.deps)).unwrap_or_default();
    let last = current.map_or(0, |current| current.last_seq(&header.actor));
    let last_in_past = past.last_seq.get(&header.actor).copied().unwrap_or(0);
    if header.seq <= last || last_in_past != last {
        return Err(GuardError::ActorFork);
    }
    if header.seq != last + 1 {
        return Err(GuardError::SequenceGap);
    }
    if header.start_op != past.max_op + 1 {
        return Err(GuardError::StartOp);
    }
    // Nobody else can have written what it points at.
    if header.actors[1..].iter().any(|actor| !past.last_seq.contains_key(actor)) {
        return Err(GuardError::Malformed);
    }
    // A document begins once.
    if current.is_some() && header.deps.is_empty() { Err(GuardError::NotAppendOnly) } else { Ok(past) }
}

fn begin<E: Record>(doc: DocId, kind: DocKind, header: &Header) -> Result<Admitted<E>, GuardError> {
    let shape = shape::check(header, doc, kind, None)?;
    let history = History::default().and(header);
    let document = proved(&applied(Automerge::new(), header)?, history, Vec::new(), &shape.entries)?;
    let (added, unreadable) = entries(&shape.entries)?;
    Ok(Admitted { change: header.hash, document, past: Log::default(), added, unreadable, texts: shape.texts, branch: None })
}

/// `past` is none where the document has exactly the heads that the change declares.
fn join<E: Record>(
    current: &Document,
    past: Option<Document>,
    doc: DocId,
    kind: DocKind,
    header: &Header,
) -> Result<Admitted<E>, GuardError> {
    let ground = past.as_ref().unwrap_or(current);
    let shape = shape::check(header, doc, kind, Some(ground))?;
    let (added, unreadable) = entries(&shape.entries)?;
    let log = ground.log();
    let branch = match past {
        None => None,
        Some(past) => {
            let branch = applied(past.automerge, header)?;
            Some(Document::of(branch).map_err(|_| GuardError::Unloadable)?)
        }
    };
    let after = applied(current.automerge.clone(), header)?;
    let document = proved(&after, current.history.and(header), current.raw_log(), &shape.entries)?;
    Ok(Admitted { change: header.hash, document, past: log, added, unreadable, texts: shape.texts, branch })
}

/// The document as it was at the end of `past`.
fn at(current: &Document, past: &Past) -> Result<Document, GuardError> {
    let known = |change: &Change| past.changes.contains(&ChangeHash::from_bytes(change.hash().0));
    let changes: Vec<_> = current.automerge.get_changes(&[]).into_iter().filter(known).collect();
    let mut automerge = Automerge::new();
    automerge.apply_changes(changes).map_err(|_| GuardError::Unloadable)?;
    Document::of(automerge).map_err(|_| GuardError::Unloadable)
}

pub(super) fn applied(mut automerge: Automerge, header: &Header) -> Result<Automerge, GuardError> {
    let change = Change::try_from(header.bytes()).map_err(|_| GuardError::Malformed)?;
    automerge.apply_changes([change]).map_err(|_| GuardError::Unloadable)?;
    // Not among the heads, it would only wait in Automerge's queue.
    let joined = automerge.get_heads().iter().any(|head| head.0 == *header.hash.as_bytes());
    if joined { Ok(automerge) } else { Err(GuardError::Unloadable) }
}

/// The document that comes back from its own save; it holds the log of `before` and what was `added`, nothing else.
pub(super) fn proved(
    automerge: &Automerge,
    history: History,
    mut before: Vec<Vec<u8>>,
    added: &[&[u8]],
) -> Result<Document, GuardError> {
    let heads = automerge.get_heads();
    let loaded = Document::load_automerge(&automerge.save_nocompress()).map_err(|_| GuardError::Unloadable)?;
    // Loading names each change anew by what it contains: the same heads are the same changes, all of them.
    if loaded.get_heads() != heads {
        return Err(GuardError::Unloadable);
    }
    let document = Document::with(loaded, history).map_err(|_| GuardError::Unloadable)?;
    before.extend(added.iter().map(|bytes| bytes.to_vec()));
    let mut after = document.raw_log();
    before.sort_unstable();
    after.sort_unstable();
    if before == after { Ok(document) } else { Err(GuardError::NotAppendOnly) }
}

/// The entries that can be read, in their order, and how many can't.
fn entries<E: Record>(raw: &[&[u8]]) -> Result<(Vec<Entry<E>>, usize), GuardError> {
    if raw.iter().any(|bytes| codec::is_too_deep(bytes)) {
        return Err(GuardError::Depth);
    }
    let read: Vec<_> = raw.iter().filter_map(|bytes| codec::decode(bytes)).collect();
    let unreadable = raw.len() - read.len();
    Ok((read, unreadable))
}
