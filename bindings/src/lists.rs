//! What comes out of the device as a whole: rows of lists, what waits to be sent, what a sync did.

use doorstep_core::device::{self, AttachmentCounts, Counts, SyncOutcome};
use doorstep_core::row;
use doorstep_core::words::Lang as CoreLang;

use crate::names::{Channel, DocKind};
use crate::sentences::{CANCELLED, sentence};
use crate::terms::Place;

/// One line of a list.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Row {
    /// The document.
    pub id: String,
    /// What it is.
    pub kind: DocKind,
    /// One line of text.
    pub title: String,
    /// Where it lies.
    pub place: Option<Place>,
    /// A case's stage or a visit's result, by its permanent name.
    pub stage: String,
    /// What a case is filed under; empty for visits.
    pub category: String,
    /// How it came in.
    pub channel: Option<Channel>,
    /// Round, from 1; 0 for visits.
    pub round: u32,
    /// The worker it is assigned to.
    pub assignee: Option<String>,
    /// The org it was offered to or that holds it.
    pub holder: Option<String>,
    /// The next date on it.
    pub due: Option<String>,
    /// Whether something on it wants a look.
    pub look: bool,
    /// Whether a signed agreement is in force.
    pub signed: bool,
    /// When it last changed, milliseconds since 1970.
    pub updated_ms: i64,
}

impl From<row::Row> for Row {
    fn from(row: row::Row) -> Self {
        Self {
            id: row.doc.to_string(),
            kind: row.kind.into(),
            title: row.title,
            place: row.place.map(Into::into),
            stage: row.stage,
            category: row.category,
            channel: row.channel.map(Into::into),
            round: row.round,
            assignee: row.assignee.map(|person| person.to_string()),
            holder: row.holder.map(|org| org.to_string()),
            due: row.due.map(|day| day.to_string()),
            look: row.look,
            signed: row.signed,
            updated_ms: row.updated.wall().0,
        }
    }
}

/// What the server set aside, and why.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Unsettled {
    /// The document.
    pub id: String,
    /// What it is.
    pub kind: DocKind,
    /// The change.
    pub change: String,
    /// The reason's permanent code.
    pub code: String,
    /// The reason in words.
    pub sentence: String,
    /// What the worker had wanted to do: the kept command, CBOR, as it can be handed in.
    pub command: Vec<u8>,
}

/// What is not on the server. Nothing is silent.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Pending {
    /// Documents on this device.
    pub documents: u64,
    /// Changes to be pushed.
    pub waiting: u64,
    /// Changes that the server takes once it has others.
    pub wanted: u64,
    /// Changes that the server set aside.
    pub set_aside: u64,
    /// Documents that could not be loaded.
    pub unreadable: u64,
    /// Documents out of scope that something unsent still keeps.
    pub leaving: u64,
    /// Attachments that the server does not have yet.
    pub attachments_waiting: u64,
    /// Their bytes.
    pub attachment_bytes_waiting: u64,
    /// Attachments that the server refused; they stay here.
    pub attachments_refused: u64,
    /// What was set aside, each with its reason.
    pub reasons: Vec<Unsettled>,
}

impl From<device::Pending> for Pending {
    fn from(pending: device::Pending) -> Self {
        let Counts { documents, waiting, wanted, set_aside, unreadable, leaving } = pending.counts;
        let reason = |one: device::Unsettled| Unsettled {
            id: one.doc.to_string(),
            kind: one.kind.into(),
            change: one.hash.to_string(),
            code: one.code,
            sentence: one.words,
            command: one.command,
        };
        let reasons = pending.set_aside.into_iter().map(reason).collect();
        let AttachmentCounts { waiting: attachments_waiting, waiting_bytes, refused } = pending.attachments;
        Self {
            documents,
            waiting,
            wanted,
            set_aside,
            unreadable,
            leaving,
            attachments_waiting,
            attachment_bytes_waiting: waiting_bytes,
            attachments_refused: refused,
            reasons,
        }
    }
}

/// What a sync did. It is no error that the server can't be reached: the work is on the device, and `code` says so.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct SyncReport {
    /// Whether everything was pushed and pulled.
    pub done: bool,
    /// How it ended: `done`, or the permanent code of what was in the way, such as `unreachable` or `device_revoked`; `cancelled`
    /// where it was called off, `host_failed` or `host_timeout` where the host's own client or key threw or hung.
    pub code: String,
    /// One sentence for the screen; empty where there is nothing to say.
    pub sentence: String,
    /// When to try again, milliseconds from now; none: done, or trying again is no use.
    pub again_in_ms: Option<u64>,
    /// Requests sent, repeats included.
    pub requests: u32,
    /// Whole documents that came.
    pub documents: u64,
    /// Changes that came, those in whole documents not counted.
    pub changes: u64,
    /// Documents that left the scope.
    pub forgotten: u64,
    /// Changes the server stored now.
    pub stored: u64,
    /// Changes the server had already.
    pub known: u64,
    /// Changes the server set aside.
    pub set_aside: u64,
    /// Changes too large for the server to take; they stay on the device.
    pub held: u64,
    /// Bytes sent, where the transport counts them.
    pub bytes_up: Option<u64>,
    /// Bytes received, where the transport counts them.
    pub bytes_down: Option<u64>,
}

/// How a session ended, as every report of one says it.
pub(crate) struct Ending {
    pub(crate) done: bool,
    pub(crate) code: String,
    pub(crate) sentence: String,
    pub(crate) again_in_ms: Option<u64>,
}

impl Ending {
    /// In words of this language; the server's own where this version has none. `instead`: the code of what the session can't know,
    /// that it was called off or that the host's own client failed.
    pub(crate) fn of(outcome: &SyncOutcome, instead: Option<&str>, lang: CoreLang) -> Self {
        let done = *outcome == SyncOutcome::Done;
        let (again_in_ms, theirs) = match outcome {
            // Who called it off knows when to go on.
            SyncOutcome::Later { .. } if instead == Some(CANCELLED) => (None, ""),
            SyncOutcome::Later { ms, .. } => (Some(*ms), ""),
            SyncOutcome::Refused { zh, en, .. } => (None, lang.pick(zh, en)),
            _ => (None, ""),
        };
        let code = instead.unwrap_or(outcome.code()).to_owned();
        let ours = sentence(&code, lang);
        Self { done, sentence: if ours.is_empty() { theirs.to_owned() } else { ours }, code, again_in_ms }
    }
}

impl SyncReport {
    /// The core's report, in words of this language.
    pub(crate) fn of(report: &device::SyncReport, instead: Option<&str>, lang: CoreLang) -> Self {
        let Ending { done, code, sentence, again_in_ms } = Ending::of(&report.outcome, instead, lang);
        Self {
            done,
            sentence,
            code,
            again_in_ms,
            requests: report.requests,
            documents: report.documents,
            changes: report.changes,
            forgotten: report.forgotten,
            stored: report.verdicts.stored,
            known: report.verdicts.known,
            set_aside: report.verdicts.set_aside,
            held: report.held.len() as u64,
            bytes_up: report.wire.map(|wire| wire.up),
            bytes_down: report.wire.map(|wire| wire.down),
        }
    }
}
