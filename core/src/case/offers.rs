//! What a person can do with a case now, and why not the rest: what a screen shows before anybody fills in a form.
//!
//! Asked of the judge itself, with filler in the fields, so that what is offered here and what is allowed there can't
//! differ.

use super::event::{
    AgreedWithBody, CommitmentRef, Department, DisputeKind, Elements, Form, Grade, Ground, Outcome, Participant, Party,
    PartyKind,
};
use super::judge::{Origin, Setting};
use super::kind::CommandKind;
use super::refusal::{Refusal, RefusalCode};
use super::state::{CaseState, CommitmentState, Standing};
use super::{Asked, Command, TextName, decide, permit};
use crate::id::{Digest, DocId, OrgId};
use crate::people::{OrgKind, Place, Role};
use crate::time::{Hlc, Stamp, Timestamp};

/// A command, as far as it is this person's business here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// Which.
    pub kind: CommandKind,
    /// Why not now; none: it can be done, once its fields are filled in.
    pub refusal: Option<Refusal>,
}

/// Every kind of command that the person's posts could ever allow on this case, in the order of a case's life, and whether
/// role and stage allow it now. What will stand in the fields is not looked at.
pub fn offers(setting: &Setting<'_>, state: &CaseState) -> Vec<Offer> {
    let Some(place) = state.place() else {
        let reports = |role| matches!(role, Role::GridWorker | Role::BuildingHead | Role::CommunityLead);
        let may = setting.person.posts().any(|post| reports(post.role));
        return may.then_some(Offer { kind: CommandKind::Report, refusal: None }).into_iter().collect();
    };
    let theirs = CommandKind::ALL.iter().copied().filter(|kind| *kind != CommandKind::Report);
    let theirs = theirs.filter(|kind| permit::could(setting, state, *kind).is_ok());
    theirs.map(|kind| Offer { kind, refusal: refusal(setting, state, place, kind) }).collect()
}

/// Why none of the ways to say this command is allowed now. Of several reasons the first that is not the person's role: a
/// unit's contact hears of its own commitment, not of another's.
fn refusal(setting: &Setting<'_>, state: &CaseState, place: &Place, kind: CommandKind) -> Option<Refusal> {
    let now = match setting.origin {
        Origin::Here { now } => now,
        Origin::Arriving => Timestamp(0),
    };
    let mut why: Option<Refusal> = None;
    for command in ways(setting, state, place, kind) {
        match decide(setting, state, &command, now) {
            Ok(_) => return None,
            Err(refusal) => {
                if why.as_ref().is_none_or(|known| known.code == RefusalCode::NotAllowed) {
                    why = Some(refusal);
                }
            }
        }
    }
    Some(why.unwrap_or(Refusal::new(RefusalCode::NotAllowed)))
}

/// What stands in a field that must say something.
fn filler() -> String {
    "·".into()
}

/// A stamp of nothing.
const NOTHING: Stamp = Stamp { time: Hlc(0), node: 0 };

/// The ways to say a command on this case, one for each thing it could be about.
fn ways(setting: &Setting<'_>, state: &CaseState, place: &Place, kind: CommandKind) -> Vec<Command> {
    use CommandKind as K;
    let why = filler();
    vec![match kind {
        // Never offered on a case that is there.
        K::Report => return Vec::new(),
        K::Assign => Command::Assign { to: setting.person.id.clone() },
        K::OpenConsultation => Command::OpenConsultation { form: Form::OnSite, elements: Elements::default() },
        K::ConcludeConsultation => Command::ConcludeConsultation { outcome: Outcome::Agreed, elements: elements() },
        K::DraftAgreement => Command::DraftAgreement {
            dispute: DisputeKind::Ordinary,
            parties: vec![Party { name: filler(), kind: PartyKind::Resident }],
            facts: String::new(),
            terms: filler(),
            commitments: Vec::new(),
        },
        K::SealAgreement => {
            let draft = state.draft().map_or(NOTHING, |draft| draft.written.stamp);
            Command::SealAgreement { draft, bundle: Digest::from_bytes([0; 32]), check_number: filler() }
        }
        K::RecordOralAgreement => Command::RecordOralAgreement { witness: filler() },
        K::StampAgreement => Command::StampAgreement,
        K::ConfirmAgreement => Command::ConfirmAgreement { court: filler(), number: filler(), on: Timestamp(0).date() },
        K::RecordPaperAgreement => {
            let sheet = state.attachments.iter().rev().find(|(_, known)| super::agree::is_sheet(&known.media));
            let sheets = sheet.map(|(_, known)| known.digest).into_iter().collect();
            Command::RecordPaperAgreement { sheets, witness: filler() }
        }
        K::FulfilCommitment => {
            return each(state, |commitment| Command::FulfilCommitment { commitment: id(commitment), seen: filler() });
        }
        K::ExtendCommitment => {
            let until = Timestamp(0).date();
            return each(state, |commitment| Command::ExtendCommitment { commitment: id(commitment), why: filler(), until });
        }
        K::DefaultCommitment => {
            return each(state, |commitment| Command::DefaultCommitment { commitment: id(commitment), why: filler() });
        }
        K::WaiveCommitment => {
            return each(state, |commitment| {
                let by = commitment.and_then(|commitment| beneficiary(state, commitment)).unwrap_or_default();
                Command::WaiveCommitment { commitment: id(commitment), by, why: filler() }
            });
        }
        K::Complete => Command::Complete { words: String::new() },
        K::CheckEffect => Command::CheckEffect { seen: filler() },
        K::RecordFeedback => {
            let (grade, words, asked) = (Grade::Fair, String::new(), Asked::InPerson);
            Command::RecordFeedback { party: somebody_to_ask(state), grade, words, asked }
        }
        K::RecordFeedbackTry => Command::RecordFeedbackTry { party: somebody_to_ask(state), asked: Asked::ByPhone },
        K::Close => Command::Close,
        K::Raise => {
            let to = receiver(setting, place, &[OrgKind::Office, OrgKind::Committee]);
            Command::Raise { to, ground: Ground::BeyondPowers, reason: why, tried: String::new() }
        }
        K::Transfer => {
            let agreed = AgreedWithBody { with: filler(), on: Timestamp(0).date(), how: filler() };
            let to = receiver(setting, place, &[OrgKind::Unit, OrgKind::Body]);
            Command::Transfer { to, reason: why, agreed: Some(agreed) }
        }
        K::AcceptHandover => Command::AcceptHandover,
        K::ReturnHandover => Command::ReturnHandover { why },
        K::SettleHandover => Command::SettleHandover { result: why },
        K::RecallHandover => Command::RecallHandover { why },
        K::ConveneDepartments => {
            Command::ConveneDepartments { departments: vec![Department { org: None, name: filler(), task: filler() }] }
        }
        K::Withdraw => Command::Withdraw { why },
        K::MarkDuplicate => Command::MarkDuplicate { of: another(setting.case) },
        K::Note => Command::Note { text: why },
        K::Attach => {
            let digest = Digest::from_bytes([0; 32]);
            Command::Attach { digest, media: filler(), length: 0, caption: String::new(), preview: None }
        }
        K::SettleContest => {
            let contested = state.standings.iter().find_map(|(stamp, standing)| match standing {
                Standing::Contested { with } => Some((*stamp, with.clone())),
                _ => None,
            });
            let (holds, over) = contested.unwrap_or((NOTHING, Vec::new()));
            Command::SettleContest { holds, over, why }
        }
        K::EditText => Command::EditText { text: TextName::Account, now: String::new() },
    }]
}

/// The command about each commitment in force; where there is none about those of earlier agreements, or about nothing:
/// then the judge says why not.
fn each(state: &CaseState, say: impl Fn(Option<&CommitmentState>) -> Command) -> Vec<Command> {
    let in_force: Vec<Command> = state.commitments().map(|commitment| say(Some(commitment))).collect();
    if !in_force.is_empty() {
        return in_force;
    }
    let earlier: Vec<Command> = state.commitments.iter().map(|commitment| say(Some(commitment))).collect();
    if earlier.is_empty() { vec![say(None)] } else { earlier }
}

fn id(commitment: Option<&CommitmentState>) -> CommitmentRef {
    commitment.map_or(CommitmentRef { draft: NOTHING, index: 0 }, |commitment| commitment.id)
}

/// A party that may waive the commitment: one that doesn't owe it.
fn beneficiary(state: &CaseState, commitment: &CommitmentState) -> Option<String> {
    let draft = state.drafts.iter().find(|draft| draft.written.stamp == commitment.id.draft)?;
    let other = draft.content.parties.iter().find(|party| party.name != commitment.content.party);
    other.map(|party| party.name.clone())
}

fn somebody_to_ask(state: &CaseState) -> String {
    state.parties_to_ask().first().map_or_else(filler, |party| (*party).to_owned())
}

/// An org that a case can go to this way; without one the community itself, which the judge refuses.
fn receiver(setting: &Setting<'_>, place: &Place, kinds: &[OrgKind]) -> OrgId {
    let receives = setting.directory.orgs.iter().find(|org| kinds.contains(&org.kind));
    receives.map_or_else(|| place.community.clone(), |org| org.id.clone())
}

fn another(case: DocId) -> DocId {
    let first = DocId::from_bytes([0; 16]);
    if case == first { DocId::from_bytes([1; 16]) } else { first }
}

fn elements() -> Elements {
    Elements {
        who: vec![Participant { name: filler(), capacity: String::new() }],
        what: filler(),
        when: Some(Timestamp(0)),
        place: filler(),
        why: filler(),
    }
}
