//! What comes out: records for screens. Names beside ids, codes for what a screen switches on, words for what it shows.

use doorstep_core::words::{self, Lang as CoreLang};
use doorstep_core::{case, device, directory, people, row, store, sync, view};

use crate::errors::code_sentence;
use crate::terms::{Channel, DocKind, Door, Elements, Form, Grade, OrgKind, Outcome, Party, Place, Role, Stage, strings};

/// Who the device is.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Enrolled {
    /// The device's id.
    pub device: String,
    /// The person it works for.
    pub person: String,
    /// The sub-district's name.
    pub tenant: String,
    /// The server's address.
    pub server: String,
}

impl From<device::Enrolled> for Enrolled {
    fn from(enrolled: device::Enrolled) -> Self {
        Self {
            device: enrolled.device.to_string(),
            person: enrolled.person.to_string(),
            tenant: enrolled.tenant,
            server: enrolled.server,
        }
    }
}

/// Whether an event counts.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Enum)]
pub enum Standing {
    /// It does.
    Effective,
    /// Another event made it moot.
    Overtaken {
        /// That event, where one can be named.
        by: Option<String>,
        /// The reason's permanent code.
        why: String,
    },
    /// It and others exclude each other, and a lead must choose.
    Contested {
        /// The others.
        others: Vec<String>,
    },
}

impl From<case::Standing> for Standing {
    fn from(standing: case::Standing) -> Self {
        match standing {
            case::Standing::Effective => Self::Effective,
            case::Standing::Overtaken { by, why } => {
                Self::Overtaken { by: by.map(|stamp| stamp.to_string()), why: why.as_str().into() }
            }
            case::Standing::Contested { with } => Self::Contested { others: with.iter().map(ToString::to_string).collect() },
        }
    }
}

/// One line of a document's history.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct HistoryLine {
    /// The event's name, for [`crate::Device::settle_contest`].
    pub event: String,
    /// When, by the clock of the phone that wrote it, milliseconds since 1970.
    pub at_ms: i64,
    /// Who.
    pub by: String,
    /// Their name.
    pub by_name: String,
    /// The kind's permanent name.
    pub kind: String,
    /// The line in words.
    pub text: String,
    /// Whether it counts.
    pub standing: Standing,
}

impl From<view::HistoryLine> for HistoryLine {
    fn from(line: view::HistoryLine) -> Self {
        Self {
            event: line.stamp.to_string(),
            at_ms: line.at.0,
            by: line.by.to_string(),
            by_name: line.by_name,
            kind: line.kind,
            text: line.text,
            standing: line.standing.into(),
        }
    }
}

/// A consultation.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct ConsultationView {
    /// Its place among the case's, from 1.
    pub number: u32,
    /// Its round.
    pub round: u32,
    /// Its form.
    pub form: Form,
    /// The 5W so far.
    pub elements: Elements,
    /// Which of the 5W are missing, in codes.
    pub missing: Vec<String>,
    /// How it ended, once it has.
    pub outcome: Option<Outcome>,
    /// How many phones recorded it.
    pub records: u32,
}

/// A commitment.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct CommitmentView {
    /// Its place in the agreement, from 0; what commands name it by.
    pub index: u32,
    /// Who owes it.
    pub party: String,
    /// What.
    pub deed: String,
    /// By when.
    pub due: String,
    /// `open`, `fulfilled`, `defaulted`, `waived`.
    pub status: String,
}

/// A raise or transfer.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct HandoverView {
    /// The offer's event.
    pub event: String,
    /// Whether it was raised (else transferred).
    pub raised: bool,
    /// To whom.
    pub to: String,
    /// Their name.
    pub to_name: String,
    /// Why.
    pub reason: String,
    /// `offered`, `accepted`, `returned`, `settled`, `recalled`, `overtaken`.
    pub status: String,
    /// What came of it, or why it came back.
    pub result: String,
    /// Departments convened.
    pub departments: Vec<String>,
}

/// What a party said in the case's present round.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct PartyView {
    /// The party.
    pub name: String,
    /// The last word; none: not asked or not reached yet.
    pub grade: Option<Grade>,
    /// How often it was tried in vain.
    pub tries: u32,
}

/// The agreement in force.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct AgreementView {
    /// The bundle's digest, where it was signed.
    pub bundle: Option<String>,
    /// The check number, where it was signed.
    pub check_number: String,
    /// The witness, where it was by word.
    pub witness: String,
}

/// A case, ready to be shown.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct CaseView {
    /// The case.
    pub id: String,
    /// One line.
    pub title: String,
    /// Where.
    pub place: Option<Place>,
    /// What it is filed under.
    pub category: String,
    /// Stage.
    pub stage: Stage,
    /// Round, from 1.
    pub round: u32,
    /// Whether the number of rounds is used up, so that raising it is proposed.
    pub propose_raise: bool,
    /// The worker it is assigned to.
    pub assignee: Option<String>,
    /// Consultations.
    pub consultations: Vec<ConsultationView>,
    /// The draft that would be signed now.
    pub draft: Option<String>,
    /// The agreement in force in this round.
    pub agreement: Option<AgreementView>,
    /// Commitments of this round.
    pub commitments: Vec<CommitmentView>,
    /// Handovers.
    pub handovers: Vec<HandoverView>,
    /// The parties to be asked in this round, and what they said.
    pub parties: Vec<PartyView>,
    /// The account, as it grew.
    pub account: String,
    /// The minutes.
    pub minutes: String,
    /// Terms being drafted.
    pub draft_text: String,
    /// Everything that happened, in order.
    pub history: Vec<HistoryLine>,
    /// Entries that could not be read.
    pub unreadable: u32,
    /// Whether something is overtaken or contested.
    pub look: bool,
    /// SHA-256 of what the document says; equal on phones with the same changes.
    pub digest: String,
}

impl From<view::CaseView> for CaseView {
    fn from(case: view::CaseView) -> Self {
        let consultation = |sitting: view::ConsultationView| ConsultationView {
            number: sitting.number,
            round: sitting.round,
            form: sitting.form.into(),
            elements: sitting.elements.into(),
            missing: sitting.missing.into_iter().map(Into::into).collect(),
            outcome: sitting.outcome.map(Into::into),
            records: sitting.records,
        };
        let commitment = |commitment: view::CommitmentView| CommitmentView {
            index: commitment.index,
            party: commitment.party,
            deed: commitment.deed,
            due: commitment.due.to_string(),
            status: commitment.status.into(),
        };
        let handover = |handover: view::HandoverView| HandoverView {
            event: handover.stamp.to_string(),
            raised: handover.raised,
            to: handover.to.to_string(),
            to_name: handover.to_name,
            reason: handover.reason,
            status: handover.status.into(),
            result: handover.result,
            departments: handover.departments,
        };
        let party =
            |party: view::PartyView| PartyView { name: party.name, grade: party.grade.map(Into::into), tries: party.tries };
        Self {
            id: case.id.to_string(),
            title: case.title,
            place: case.place.map(Into::into),
            category: case.category,
            stage: case.stage.into(),
            round: case.round,
            propose_raise: case.propose_raise,
            assignee: case.assignee.map(|person| person.to_string()),
            consultations: case.consultations.into_iter().map(consultation).collect(),
            draft: case.draft.map(|stamp| stamp.to_string()),
            agreement: case.agreement.map(|agreement| AgreementView {
                bundle: agreement.bundle.map(|digest| digest.to_string()),
                check_number: agreement.check_number,
                witness: agreement.witness,
            }),
            commitments: case.commitments.into_iter().map(commitment).collect(),
            handovers: case.handovers.into_iter().map(handover).collect(),
            parties: case.parties.into_iter().map(party).collect(),
            account: case.account,
            minutes: case.minutes,
            draft_text: case.draft_text,
            history: case.history.into_iter().map(Into::into).collect(),
            unreadable: case.unreadable,
            look: case.look,
            digest: case.digest.to_string(),
        }
    }
}

/// A visit, ready to be shown.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct VisitView {
    /// The visit.
    pub id: String,
    /// Where; none if the record can't be read.
    pub place: Option<Place>,
    /// What happened at the door.
    pub door: Option<Door>,
    /// What was seen.
    pub seen: String,
    /// What was asked for.
    pub asked: String,
    /// Cases that came of it.
    pub cases: Vec<String>,
    /// Everything recorded, in order.
    pub history: Vec<HistoryLine>,
    /// SHA-256 of what the document says.
    pub digest: String,
}

impl From<view::VisitView> for VisitView {
    fn from(visit: view::VisitView) -> Self {
        Self {
            id: visit.id.to_string(),
            place: visit.place.map(Into::into),
            door: visit.door.map(Into::into),
            seen: visit.seen,
            asked: visit.asked,
            cases: strings(&visit.cases),
            history: visit.history.into_iter().map(Into::into).collect(),
            digest: visit.digest.to_string(),
        }
    }
}

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
    /// What was set aside, each with its reason.
    pub reasons: Vec<Unsettled>,
}

impl From<device::Pending> for Pending {
    fn from(pending: device::Pending) -> Self {
        let store::Counts { documents, waiting, wanted, set_aside, unreadable, leaving } = pending.counts;
        let reason = |one: device::Unsettled| Unsettled {
            id: one.doc.to_string(),
            kind: one.kind.into(),
            change: one.hash.to_string(),
            code: one.code,
            sentence: one.words,
            command: one.command,
        };
        let reasons = pending.set_aside.into_iter().map(reason).collect();
        Self { documents, waiting, wanted, set_aside, unreadable, leaving, reasons }
    }
}

/// What a sync did. It is no error that the server can't be reached: the work is on the device, and `code` says so.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct SyncReport {
    /// Whether everything was pushed and pulled.
    pub done: bool,
    /// How it ended: `done`, or the permanent code of what was in the way, such as `unreachable` or `device_revoked`.
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

impl SyncReport {
    /// The core's report, in words of this language.
    pub(crate) fn of(report: &sync::Report, lang: CoreLang) -> Self {
        let code = report.outcome.code().to_owned();
        let (again_in_ms, theirs) = match &report.outcome {
            sync::Outcome::Later { ms, .. } => (Some(*ms), ""),
            sync::Outcome::Refused { zh, en, .. } => (None, lang.pick(zh, en)),
            _ => (None, ""),
        };
        let ours = code_sentence(&code, lang);
        Self {
            done: report.outcome == sync::Outcome::Done,
            sentence: if ours.is_empty() { theirs.to_owned() } else { ours },
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

/// An org.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Org {
    /// Its id.
    pub id: String,
    /// What it is.
    pub kind: OrgKind,
    /// Its name.
    pub name: String,
}

/// A building.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Building {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
}

/// A grid.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Grid {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The community it belongs to.
    pub community: String,
    /// Its buildings.
    pub buildings: Vec<Building>,
}

/// A post that holds now.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Post {
    /// The role.
    pub role: Role,
    /// The role in words.
    pub role_name: String,
    /// The org.
    pub org: String,
    /// The grids of a grid worker.
    pub grids: Vec<String>,
    /// The buildings of a building head.
    pub buildings: Vec<String>,
}

/// A person.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Person {
    /// Their id.
    pub id: String,
    /// Their name.
    pub name: String,
    /// Their posts.
    pub posts: Vec<Post>,
}

/// The directory (名录) as last pulled; empty before the first sync.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Directory {
    /// Its version.
    pub version: u64,
    /// The sub-district's name.
    pub name: String,
    /// Orgs.
    pub orgs: Vec<Org>,
    /// Grids.
    pub grids: Vec<Grid>,
    /// People.
    pub people: Vec<Person>,
    /// What concerns are filed under.
    pub categories: Vec<String>,
}

impl Directory {
    /// The core's directory, with roles in words of this language.
    pub(crate) fn of(directory: &directory::Directory, lang: CoreLang) -> Self {
        let post = |post: &people::Post| Post {
            role: post.role.into(),
            role_name: words::role(post.role, lang).into(),
            org: post.org.to_string(),
            grids: post.grids.iter().map(ToString::to_string).collect(),
            buildings: post.buildings.iter().map(ToString::to_string).collect(),
        };
        let person = |person: &people::Person| Person {
            id: person.id.to_string(),
            name: person.name.clone(),
            posts: person.posts().map(post).collect(),
        };
        let grid = |grid: &directory::Grid| Grid {
            id: grid.id.to_string(),
            name: grid.name.clone(),
            community: grid.community.to_string(),
            buildings: grid.buildings.iter().map(|(id, name)| Building { id: id.to_string(), name: name.clone() }).collect(),
        };
        let org = |org: &people::Org| Org { id: org.id.to_string(), kind: org.kind.into(), name: org.name.clone() };
        Self {
            version: directory.version,
            name: directory.name.clone(),
            orgs: directory.orgs.iter().map(org).collect(),
            grids: directory.grids.iter().map(grid).collect(),
            people: directory.people.iter().map(person).collect(),
            categories: directory.policy.categories.clone(),
        }
    }
}

/// What the pad asks for, as parties.
pub(crate) fn parties(parties: Vec<case::Party>) -> Vec<Party> {
    parties.into_iter().map(Into::into).collect()
}

#[cfg(test)]
mod tests {
    use doorstep_core::case::RefusalCode;
    use doorstep_core::time::{Hlc, Stamp};

    use super::*;

    #[test]
    fn a_contested_event_names_the_others_so_that_a_lead_can_choose() {
        let other = Stamp { time: Hlc(7), node: 9 };
        let Standing::Contested { others } = case::Standing::Contested { with: vec![other] }.into() else { panic!() };
        assert_eq!(others.iter().map(|text| text.parse::<Stamp>()).collect::<Vec<_>>(), [Ok(other)]);
        let overtaken = Standing::from(case::Standing::Overtaken { by: None, why: RefusalCode::WrongStage });
        assert_eq!(overtaken, Standing::Overtaken { by: None, why: "wrong_stage".into() });
    }
}
