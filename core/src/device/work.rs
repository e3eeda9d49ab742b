//! Taps and views: a command becomes one durable change, and the screen sees what is stored.

use super::day::Wrote;
use super::loaded::OpenCase;
use super::{Desk, Device, DeviceError, Host};
use crate::case::{self, Body, Command, Decision, Entry, Event, Origin, Reported, Setting, TextName};
use crate::document::{Document, NewChange, Writing, guard};
use crate::environment::random;
use crate::household;
use crate::id::{ActorId, Digest, DocId, DocKind};
use crate::people::Person;
use crate::planted::{self, Planted};
use crate::row::Row;
use crate::store::{ChangeRecord, NewAttachment, Query, StoredDocument, TAIL_CHANGES_MAX, Tap, Trust};
use crate::time::{Hlc, Stamp};
use crate::view::{CaseView, VisitView};
use crate::visit::{self, Visited};

/// A command as it stands in the outbox: enough to do it again on another state of the document.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kept {
    Case(Command),
    Visit(visit::Command),
    Household(household::Command),
}

impl Device {
    /// Reports a new case. It is on disk when this returns.
    pub fn report(&self, report: Reported) -> Result<CaseView, DeviceError> {
        let id = DocId::from_bytes(random(&*self.host.entropy));
        let mut desk = self.open_desk()?;
        let command = Command::Report { report };
        desk.tap_case(&self.host, id, None, &command, &[])?;
        desk.case_view(&self.host, id)
    }

    /// Does something to a case. It is on disk when this returns; refused, nothing has changed.
    pub fn run(&self, id: DocId, command: &Command) -> Result<CaseView, DeviceError> {
        let mut desk = self.open_desk()?;
        let mut open = desk.open_case(id)?;
        if let Command::EditText { text, now } = command {
            // A long paste is several changes: each stays below what one change may carry.
            let steps = open.document.steps(*text, now);
            for step in steps.iter().take(steps.len().saturating_sub(1)) {
                let typed = Command::EditText { text: *text, now: step.clone() };
                desk.tap_case(&self.host, id, Some(open), &typed, &[])?;
                open = desk.open_case(id)?;
            }
        }
        desk.tap_case(&self.host, id, Some(open), command, &[])?;
        desk.compact(id)?;
        desk.case_view(&self.host, id)
    }

    /// Whether a command would be allowed now: what a screen greys out, and why.
    pub fn would(&self, id: DocId, command: &Command) -> Result<(), DeviceError> {
        let mut desk = self.open_desk()?;
        let open = desk.open_case(id)?;
        let decided = desk.decide(&self.host, id, &open.state, command).map(|_| ());
        desk.loaded.put(id, open);
        decided
    }

    /// A case.
    pub fn case(&self, id: DocId) -> Result<CaseView, DeviceError> {
        self.open_desk()?.case_view(&self.host, id)
    }

    /// One of a case's shared texts.
    pub fn text(&self, id: DocId, text: TextName) -> Result<String, DeviceError> {
        let mut desk = self.open_desk()?;
        let open = desk.open_case(id)?;
        let now = open.document.text(text);
        desk.loaded.put(id, open);
        Ok(now)
    }

    /// Records a visit: one door, at most three taps and a line. A visit to a household without an address takes the
    /// record's; one to an address whose record is here is a visit to that household.
    pub fn record_visit(&self, mut visited: Visited) -> Result<VisitView, DeviceError> {
        let id = DocId::from_bytes(random(&*self.host.entropy));
        let mut desk = self.open_desk()?;
        match visited.household {
            Some(household) if visited.place.detail.trim().is_empty() => visited.place = desk.household_place(&household)?,
            Some(_) => {}
            None => visited.household = desk.store.household_at(&visited.place)?,
        }
        desk.tap_visit(&self.host, id, None, &visit::Command::RecordVisit { visit: visited })?;
        desk.visit_view(&self.host, id)
    }

    /// Adds to a visit.
    pub fn run_visit(&self, id: DocId, command: &visit::Command) -> Result<VisitView, DeviceError> {
        let mut desk = self.open_desk()?;
        let document = desk.load(id)?;
        desk.tap_visit(&self.host, id, Some(&document), command)?;
        desk.visit_view(&self.host, id)
    }

    /// Opens a case out of a visit: the case names the visit, and the visit the case.
    pub fn report_from_visit(&self, visit: DocId, mut report: Reported) -> Result<CaseView, DeviceError> {
        report.visit = Some(visit);
        let case = self.report(report)?;
        self.run_visit(visit, &visit::Command::NameCase { case: case.id })?;
        Ok(case)
    }

    /// A visit.
    pub fn visit(&self, id: DocId) -> Result<VisitView, DeviceError> {
        self.open_desk()?.visit_view(&self.host, id)
    }

    /// List rows, from the store alone: no document is loaded.
    pub fn rows(&self, query: &Query<'_>) -> Result<Vec<Row>, DeviceError> {
        Ok(self.open_desk()?.store.rows(query)?)
    }

    /// SHA-256 of what a document says: equal on phones that have the same changes.
    pub fn digest(&self, id: DocId) -> Result<Digest, DeviceError> {
        Ok(self.open_desk()?.load(id)?.digest())
    }
}

/// What is stored beside a tap's change, in its transaction.
#[derive(Debug, Clone, Copy, Default)]
struct Besides<'a> {
    bundles: &'a [(Digest, Vec<u8>)],
    attachments: &'a [NewAttachment],
}

/// What a tap made, before it is stored.
pub(super) struct Made {
    pub(super) document: Document,
    pub(super) change: ChangeRecord,
    pub(super) hlc: Hlc,
}

impl Desk {
    pub(super) fn person(&self) -> Result<&Person, DeviceError> {
        let enrolled = self.enrolled.as_ref().ok_or(DeviceError::NotEnrolled)?;
        let unknown = case::Refusal::new(case::RefusalCode::UnknownPerson);
        self.directory.person(&enrolled.person).ok_or(DeviceError::Refused(unknown))
    }

    /// The document. One that was pulled and not opened since goes through the guard, change by change, is checked against
    /// the heads it came with, and its list row is made anew; one that can't be read is marked as such, and its bytes stay.
    pub(super) fn load(&mut self, id: DocId) -> Result<Document, DeviceError> {
        let stored = self.store.document(&id)?.ok_or(DeviceError::NotFound)?;
        let loaded = opened(id, &stored);
        match (&loaded, &stored.trust) {
            (Ok(document), Trust::Unverified | Trust::Unreadable(_)) => {
                let row = row(id, document);
                self.in_step(|desk| {
                    let marked = desk.store.mark_verified(&id, stored.revision, &row)?;
                    Ok(if marked { Wrote::Row(Box::new(row)) } else { Wrote::NoRow })
                })?;
            }
            (Err(error), Trust::Verified | Trust::Unverified) => {
                self.store.mark_unreadable(&id, stored.revision, error.code())?;
            }
            _ => {}
        }
        loaded
    }

    /// Folds a long tail into the save. Not part of the tap: it may be cut off and done at any later time.
    pub(super) fn compact(&mut self, id: DocId) -> Result<(), DeviceError> {
        if self.store.tail_changes(&id)? <= TAIL_CHANGES_MAX {
            return Ok(());
        }
        let stored = stored(self, id)?;
        let document = self.load(id)?;
        self.in_step(|desk| {
            desk.store.compact(&id, stored.revision, &document.save())?;
            Ok(Wrote::NoRow)
        })
    }

    pub(super) fn open_case(&mut self, id: DocId) -> Result<OpenCase, DeviceError> {
        if let Some(open) = self.loaded.take(&id) {
            return Ok(open);
        }
        let document = self.load(id)?;
        if document.kind() != DocKind::Case {
            return Err(DeviceError::NotFound);
        }
        let log = document.log();
        let state = case::fold(&log.entries);
        Ok(OpenCase { document, log, state })
    }

    pub(super) fn case_view(&mut self, host: &Host, id: DocId) -> Result<CaseView, DeviceError> {
        let open = self.open_case(id)?;
        let view = CaseView::new(id, &open.document, &open.log, &open.state, &self.directory, host.lang);
        self.loaded.put(id, open);
        Ok(view)
    }

    fn visit_view(&mut self, host: &Host, id: DocId) -> Result<VisitView, DeviceError> {
        let document = self.load(id)?;
        let log = document.log();
        let state = visit::fold(&log.entries);
        Ok(VisitView::new(id, &document, &log, &state, &self.directory, host.lang))
    }

    pub(super) fn decide(
        &self,
        host: &Host,
        id: DocId,
        state: &case::CaseState,
        command: &Command,
    ) -> Result<Decision, DeviceError> {
        let now = host.clock.now().plus_ms(self.offset_ms);
        let setting = Setting { directory: &self.directory, person: self.person()?, case: id, origin: Origin::Here { now } };
        Ok(case::decide(&setting, state, command, now)?)
    }

    /// One command on a case: decided, written as one change, stored in one transaction, and only then visible.
    pub(super) fn tap_case(
        &mut self,
        host: &Host,
        id: DocId,
        open: Option<OpenCase>,
        command: &Command,
        bundles: &[(Digest, Vec<u8>)],
    ) -> Result<(), DeviceError> {
        self.tap_case_with(host, id, open, command, &Besides { bundles, attachments: &[] })
    }

    /// The same for a command that names attachments whose files wait for their names.
    pub(super) fn tap_case_attaching(
        &mut self,
        host: &Host,
        id: DocId,
        open: Option<OpenCase>,
        command: &Command,
        attachments: &[NewAttachment],
    ) -> Result<(), DeviceError> {
        self.tap_case_with(host, id, open, command, &Besides { bundles: &[], attachments })
    }

    fn tap_case_with(
        &mut self,
        host: &Host,
        id: DocId,
        open: Option<OpenCase>,
        command: &Command,
        besides: &Besides<'_>,
    ) -> Result<(), DeviceError> {
        let (before, mut log, mut state) = match open {
            Some(OpenCase { document, log, state }) => (Some(document), log, state),
            None => (None, crate::document::Log::default(), case::CaseState::default()),
        };
        let decided = self.decide(host, id, &state, command);
        let writing = match decided {
            Ok(decided) => self.writing(host, decided, state.updated)?,
            Err(refused) => {
                // Refused: what was open stays open.
                if let Some(document) = before {
                    self.loaded.put(id, OpenCase { document, log, state });
                }
                return Err(refused);
            }
        };
        if let Some(document) = &before
            && says_nothing(document, &writing)
        {
            self.loaded.put(id, OpenCase { document: document.clone(), log, state });
            return Ok(());
        }
        let made = self.write(host, id, DocKind::Case, before.as_ref(), &writing)?;
        for entry in &writing.entries {
            case::extend(&mut state, entry);
        }
        log.entries.extend(writing.entries);
        let row = Row::of_case(id, &state);
        let sealing = matches!(command, Command::SealAgreement { .. });
        self.store_tap(id, DocKind::Case, &made, &Kept::Case(command.clone()), &row, besides, sealing)?;
        self.loaded.put(id, OpenCase { document: made.document, log, state });
        Ok(())
    }

    fn tap_visit(
        &mut self,
        host: &Host,
        id: DocId,
        before: Option<&Document>,
        command: &visit::Command,
    ) -> Result<(), DeviceError> {
        let mut log = before.map(Document::log::<visit::Event>).unwrap_or_default();
        let state = visit::fold(&log.entries);
        let event = visit::translate(command);
        visit::judge(&self.directory, self.person()?, &state, &event)?;
        let stamp = self.stamp(host, state.updated)?;
        let author = self.person()?.id.clone();
        let writing = Writing::entries(vec![visit::Entry { stamp, author, body: crate::entry::Body::Event(event) }]);
        let made = self.write(host, id, DocKind::Visit, before, &writing)?;
        log.entries.extend(writing.entries);
        let row = Row::of_visit(id, &visit::fold(&log.entries));
        self.store_tap(id, DocKind::Visit, &made, &Kept::Visit(command.clone()), &row, &Besides::default(), false)
    }

    /// A stamp after everything this device has seen.
    pub(super) fn stamp(&self, host: &Host, seen: Hlc) -> Result<Stamp, DeviceError> {
        let now = host.clock.now().plus_ms(self.offset_ms);
        let seen = if planted::is(Planted::StampsNotLater) { Hlc::default() } else { self.store.hlc()?.max(seen) };
        Ok(Stamp { time: seen.next(now), node: self.node })
    }

    /// What a decision writes; nothing for a text that already reads so.
    pub(super) fn writing(&self, host: &Host, decided: Decision, seen: Hlc) -> Result<Writing, DeviceError> {
        let author = self.person()?.id.clone();
        Ok(match decided {
            Decision::Event(event) => {
                let texts = first_account(&event);
                let entry = Entry { stamp: self.stamp(host, seen)?, author, body: Body::Event(*event) };
                Writing { entries: vec![entry], texts }
            }
            Decision::Text(name, text) => Writing { entries: Vec::new(), texts: vec![(name, text)] },
        })
    }

    pub(super) fn write<E: crate::entry::Record>(
        &self,
        host: &Host,
        id: DocId,
        kind: DocKind,
        before: Option<&Document>,
        writing: &Writing<E>,
    ) -> Result<Made, DeviceError> {
        let stored = if before.is_some() { self.store.actor(&id)? } else { None };
        let actor = stored.unwrap_or_else(|| ActorId::from_bytes(random(&*host.entropy)));
        let hlc = writing.entries.iter().map(|entry| entry.stamp.time).max();
        let hlc = hlc.map_or_else(|| self.store.hlc(), Ok)?;
        let (document, change) = match before {
            Some(document) => document.write(actor, writing)?,
            None => Document::create(id, kind, actor, writing)?,
        };
        Ok(Made { document, change: record(change), hlc })
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one transaction, each named")]
    fn store_tap(
        &mut self,
        doc: DocId,
        kind: DocKind,
        made: &Made,
        command: &Kept,
        row: &Row,
        besides: &Besides<'_>,
        clear_ceremony: bool,
    ) -> Result<(), DeviceError> {
        let command = minicbor_serde::to_vec(command).map_err(|_| DeviceError::Damaged("command"))?;
        let Besides { bundles, attachments } = *besides;
        let tap = Tap { doc, kind, change: &made.change, command: &command, row, hlc: made.hlc, bundles, clear_ceremony };
        self.in_step(|desk| {
            if attachments.is_empty() {
                desk.store.tap(&tap)?;
            } else {
                desk.store.tap_attaching(&tap, attachments)?;
            }
            Ok(Wrote::Tap(Box::new(row.clone())))
        })
    }
}

pub(super) fn record(change: NewChange) -> ChangeRecord {
    ChangeRecord { hash: change.hash, actor: change.actor, seq: change.seq, bytes: change.bytes }
}

/// A report's account also begins the shared text that grows from it.
fn first_account(event: &Event) -> Vec<(TextName, String)> {
    match event {
        Event::Reported(report) if !report.account.is_empty() => vec![(TextName::Account, report.account.clone())],
        _ => Vec::new(),
    }
}

/// A text that already reads so is no change.
fn says_nothing(document: &Document, writing: &Writing) -> bool {
    writing.entries.is_empty() && writing.texts.iter().all(|(name, text)| document.text(*name) == *text)
}

/// The list row of a document.
pub(super) fn row(doc: DocId, document: &Document) -> Row {
    match document.kind() {
        DocKind::Case => Row::of_case(doc, &case::fold(&document.log().entries)),
        DocKind::Visit => Row::of_visit(doc, &visit::fold(&document.log().entries)),
        DocKind::Household => Row::of_household(doc, &household::fold(&document.log().entries)),
    }
}

/// The document that these bytes are. What nobody here has opened since it came is a stranger's until then.
pub(super) fn opened(id: DocId, stored: &StoredDocument) -> Result<Document, DeviceError> {
    let document = match stored.trust {
        Trust::Verified => Document::load(&stored.bytes)?,
        Trust::Unverified | Trust::Unreadable(_) => guard::open(&stored.bytes, id, stored.kind)?,
    };
    if stored.heads.iter().all(|head| document.has(head)) { Ok(document) } else { Err(DeviceError::HeadsDiffer) }
}

/// What the store has of a document, for whoever rebuilds it.
pub(super) fn stored(desk: &Desk, id: DocId) -> Result<StoredDocument, DeviceError> {
    desk.store.document(&id)?.ok_or(DeviceError::NotFound)
}
