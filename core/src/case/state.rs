//! What a case is now: the value that [`super::fold`] makes of the log.
//!
//! Only ever computed, never stored as truth. It keeps everything that was recorded, in order, with the round it belongs
//! to; what no longer counts stands in [`CaseState::standings`] with the reason.

use std::collections::BTreeMap;

use serde::Serialize;

use super::agreed::{Agreement, AgreementForm};
use super::event::{
    AgreementDrafted, Asked, Attached, Commitment, CommitmentRef, Department, Elements, Form, Grade, Ground, Outcome, Party,
    Reported,
};
use super::refusal::RefusalCode;
use crate::id::{Digest, DocId, OrgId, PersonId};
use crate::people::Place;
use crate::time::{Date, Hlc, Stamp};

/// Where a case is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// No readable report yet.
    #[default]
    Unreported,
    /// 已受理.
    Received,
    /// 协商中.
    Consulting,
    /// 已商定: a consultation ended in agreement, nothing is in force yet.
    Agreed,
    /// 办理中: commitments are being carried out.
    Acting,
    /// 已办结: done, the parties are being asked.
    Done,
    /// 再次协商: somebody was dissatisfied, the table is to be set again.
    Reopened,
    /// 已提级/转办: offered to or held by another org.
    HandedOver,
    /// 已办结归档.
    Closed,
    /// 已撤回.
    Withdrawn,
    /// 已并案.
    Merged,
}

impl Stage {
    /// Every stage, in the order of a life.
    pub const ALL: [Self; 11] = [
        Self::Unreported,
        Self::Received,
        Self::Consulting,
        Self::Agreed,
        Self::Acting,
        Self::Done,
        Self::Reopened,
        Self::HandedOver,
        Self::Closed,
        Self::Withdrawn,
        Self::Merged,
    ];

    /// Its stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unreported => "unreported",
            Self::Received => "received",
            Self::Consulting => "consulting",
            Self::Agreed => "agreed",
            Self::Acting => "acting",
            Self::Done => "done",
            Self::Reopened => "reopened",
            Self::HandedOver => "handed_over",
            Self::Closed => "closed",
            Self::Withdrawn => "withdrawn",
            Self::Merged => "merged",
        }
    }

    /// Whether nothing is being carried out yet.
    pub(super) const fn is_before_acting(self) -> bool {
        matches!(self, Self::Received | Self::Consulting | Self::Agreed | Self::Reopened)
    }

    /// Whether the case has ended, one way or another.
    pub const fn is_end(self) -> bool {
        matches!(self, Self::Closed | Self::Withdrawn | Self::Merged)
    }
}

/// Who wrote a record, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Written {
    /// The event.
    pub stamp: Stamp,
    /// Its author.
    pub by: PersonId,
}

/// Whether an event counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// It does. Events without an entry in [`CaseState::standings`] are effective.
    Effective,
    /// It was legal when made, but another event made it moot.
    Overtaken {
        /// That event, where one can be named.
        by: Option<Stamp>,
        /// Why it no longer fits.
        why: RefusalCode,
    },
    /// It and others exclude each other, and a lead must choose.
    Contested {
        /// The others.
        with: Vec<Stamp>,
    },
}

/// A consultation: one sitting, with as many records as phones recorded it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Consultation {
    /// The first record.
    pub opened: Written,
    /// Further records of the same sitting, from other phones.
    pub also: Vec<Written>,
    /// The round it belongs to.
    pub round: u32,
    /// Its form.
    pub form: Form,
    /// The 5W so far.
    pub elements: Elements,
    /// How it ended, once it has, and who recorded that.
    pub outcome: Option<(Written, Outcome)>,
    /// How it ended by other records of the same sitting. Those that say otherwise are contested until a lead chooses.
    pub disputed: Vec<(Written, Outcome)>,
}

impl Consultation {
    /// Whether this is one of its records.
    pub fn has_record(&self, stamp: Stamp) -> bool {
        self.opened.stamp == stamp || self.also.iter().any(|record| record.stamp == stamp)
    }

    /// Takes this one of the disputed outcomes for the one that counts; gives the stage it brings.
    pub(super) fn hold_to(&mut self, stamp: Stamp) -> Option<Stage> {
        let other = self.disputed.iter().position(|(record, _)| record.stamp == stamp)?;
        let outcome = self.disputed.remove(other);
        let stage = outcome.1.stage();
        self.disputed.extend(self.outcome.replace(outcome));
        Some(stage)
    }
}

/// A draft of an agreement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Draft {
    /// Who drafted it.
    pub written: Written,
    /// The round.
    pub round: u32,
    /// Its content.
    pub content: AgreementDrafted,
}

/// How a commitment stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CommitmentStatus {
    /// Not yet kept.
    Open,
    /// Carried out; what was seen.
    Fulfilled(Written, String),
    /// Not kept; what was found.
    Defaulted(Written, String),
    /// Waived by its beneficiary, in these words.
    Waived(Written, String),
}

impl CommitmentStatus {
    /// The event that found it so.
    pub const fn found(&self) -> Option<Stamp> {
        match self.written() {
            Some(written) => Some(written.stamp),
            None => None,
        }
    }

    /// Who found it so.
    pub const fn written(&self) -> Option<&Written> {
        match self {
            Self::Open => None,
            Self::Fulfilled(written, _) | Self::Defaulted(written, _) | Self::Waived(written, _) => Some(written),
        }
    }

    /// Whether it no longer keeps the case from being completed: kept, or waived by whom it was for.
    pub const fn is_settled(&self) -> bool {
        matches!(self, Self::Fulfilled(..) | Self::Waived(..))
    }
}

/// A commitment of an agreement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CommitmentState {
    /// Which.
    pub id: CommitmentRef,
    /// The round.
    pub round: u32,
    /// What was promised; its due date is the last extension's.
    pub content: Commitment,
    /// How it stands.
    pub status: CommitmentStatus,
    /// Other findings about it, until a lead chooses.
    pub disputed: Vec<CommitmentStatus>,
}

impl CommitmentState {
    /// Takes this one of the disputed findings for the one that counts.
    pub(super) fn hold_to(&mut self, stamp: Stamp) {
        if let Some(other) = self.disputed.iter().position(|status| status.found() == Some(stamp)) {
            let found = self.disputed.remove(other);
            self.disputed.push(std::mem::replace(&mut self.status, found));
        }
    }

    /// Whether it no longer keeps the case from being completed.
    pub const fn is_settled(&self) -> bool {
        self.status.is_settled()
    }
}

/// What a party said, or that it was not reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Answer {
    /// Who recorded it.
    pub written: Written,
    /// The round it is about.
    pub round: u32,
    /// The party.
    pub party: String,
    /// How asked.
    pub asked: Asked,
    /// What came of it.
    pub reply: Reply,
}

/// See [`Answer`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reply {
    /// An answer.
    Given {
        /// How satisfied.
        grade: Grade,
        /// In what words.
        words: String,
    },
    /// Not reached on that day.
    Tried {
        /// The day.
        on: Date,
    },
}

/// Where a handover is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum HandoverStatus {
    /// Offered, waiting for the receiver.
    Offered,
    /// The receiver has it.
    Accepted(Written),
    /// It came back, for this reason.
    Returned(Written, String),
    /// It was settled, with this result.
    Settled(Written, String),
    /// The community took it back, for this reason.
    Recalled(Written, String),
    /// Another event made the offer moot before anyone accepted.
    Overtaken(Stamp),
}

/// What kind of handover.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum HandoverKind {
    /// 提: to an office, a centre or the committee.
    Raised {
        /// On what ground.
        ground: Ground,
        /// What was tried.
        tried: String,
    },
    /// 转: to a unit or a responsible body.
    Transferred,
}

/// A handover.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Handover {
    /// The offer.
    pub offered: Written,
    /// The round.
    pub round: u32,
    /// Raise or transfer.
    pub kind: HandoverKind,
    /// To whom.
    pub to: OrgId,
    /// Why.
    pub reason: String,
    /// Where it is.
    pub status: HandoverStatus,
    /// Departments convened under it.
    pub convened: Vec<(Written, Vec<Department>)>,
}

impl Handover {
    /// Whether the case is out of the community's hands because of it.
    pub const fn is_active(&self) -> bool {
        matches!(self.status, HandoverStatus::Offered | HandoverStatus::Accepted(_))
    }

    /// When it ended, if it has.
    pub const fn ended(&self) -> Option<Hlc> {
        match &self.status {
            HandoverStatus::Offered | HandoverStatus::Accepted(_) => None,
            HandoverStatus::Returned(written, _)
            | HandoverStatus::Settled(written, _)
            | HandoverStatus::Recalled(written, _) => Some(written.stamp.time),
            HandoverStatus::Overtaken(by) => Some(by.time),
        }
    }
}

/// A case.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct CaseState {
    /// The report that began it.
    pub report: Option<(Written, Reported)>,
    /// The stage of the community's own work; [`CaseState::stage`] is what people see.
    pub own_stage: Stage,
    /// The event that brought that stage.
    pub own_stage_by: Option<Stamp>,
    /// Round of consultation, from 1; 0 without a report.
    pub round: u32,
    /// The worker assigned.
    pub assignee: Option<PersonId>,
    /// Sittings, in order.
    pub consultations: Vec<Consultation>,
    /// Drafts, in order.
    pub drafts: Vec<Draft>,
    /// Agreements, in order.
    pub agreements: Vec<Agreement>,
    /// Commitments of every agreement there ever was; [`CaseState::commitments`] gives those that count.
    pub commitments: Vec<CommitmentState>,
    /// Completions: round, who, words.
    pub completions: Vec<(u32, Written, String)>,
    /// What was seen on the spot: round, who, words.
    pub effects: Vec<(u32, Written, String)>,
    /// What the parties said.
    pub answers: Vec<Answer>,
    /// Raises and transfers, in order.
    pub handovers: Vec<Handover>,
    /// The case it was merged into.
    pub merged_into: Option<DocId>,
    /// Notes.
    pub notes: Vec<(Written, String)>,
    /// Attachments.
    pub attachments: Vec<(Written, Attached)>,
    /// Every event that is not plainly effective.
    pub standings: BTreeMap<Stamp, Standing>,
    /// Entries of kinds this version doesn't know, with their names.
    pub newer: Vec<(Written, String)>,
    /// Time of the newest event.
    pub updated: Hlc,
}

impl CaseState {
    /// The stage people see.
    pub fn stage(&self) -> Stage {
        if self.handover().is_some() && !self.own_stage.is_end() { Stage::HandedOver } else { self.own_stage }
    }

    /// Where it lies.
    pub fn place(&self) -> Option<&Place> {
        self.report.as_ref().map(|(_, report)| &report.place)
    }

    /// The handover under which it is out of the community's hands. With contested ones, the first.
    pub fn handover(&self) -> Option<&Handover> {
        self.handovers.iter().find(|handover| handover.is_active())
    }

    /// The org that accepted it and holds it.
    pub fn holder(&self) -> Option<&OrgId> {
        self.handovers.iter().find(|h| matches!(h.status, HandoverStatus::Accepted(_))).map(|handover| &handover.to)
    }

    /// The sitting that has not ended.
    pub fn open_consultation(&self) -> Option<&Consultation> {
        self.consultations.iter().rev().find(|c| c.round == self.round && c.outcome.is_none())
    }

    /// The draft that would be signed now: the last of this round.
    pub fn draft(&self) -> Option<&Draft> {
        self.drafts.iter().rev().find(|draft| {
            draft.round == self.round && !matches!(self.standings.get(&draft.written.stamp), Some(Standing::Overtaken { .. }))
        })
    }

    /// The agreement in force in this round.
    pub fn agreement(&self) -> Option<&Agreement> {
        self.agreements.iter().find(|agreement| agreement.round == self.round && agreement.holds)
    }

    /// The commitments of the agreement in force.
    pub fn commitments(&self) -> impl Iterator<Item = &CommitmentState> {
        let draft = self.agreement().map(|agreement| agreement.draft);
        self.commitments.iter().filter(move |commitment| Some(commitment.id.draft) == draft)
    }

    /// The signed agreement in force in this round, signed on a screen or on paper.
    pub fn signed(&self) -> Option<&Agreement> {
        self.agreement().filter(|agreement| agreement.form.is_signed())
    }

    /// The last sealed agreement of any round that holds and against which nothing stands: what a court would be shown, and
    /// what an agreement of a later round takes the place of.
    pub fn last_sealed(&self) -> Option<&Agreement> {
        let signed = |agreement: &&Agreement| {
            let sealed = matches!(agreement.form, AgreementForm::Sealed { .. });
            sealed && agreement.holds && !self.standings.contains_key(&agreement.written.stamp)
        };
        self.agreements.iter().rev().find(signed)
    }

    /// The bundle of the sealed agreement that one signed in this round takes the place of: the last one of an earlier round.
    pub fn replaced(&self) -> Option<Digest> {
        let last = self.last_sealed().filter(|agreement| agreement.round < self.round)?;
        match last.form {
            AgreementForm::Sealed { bundle, .. } => Some(bundle),
            AgreementForm::Paper { .. } | AgreementForm::Oral { .. } => None,
        }
    }

    /// Who stamped the agreement with this bundle.
    pub fn stamped(&self, bundle: &Digest) -> Option<&Written> {
        let of_bundle =
            |agreement: &&Agreement| matches!(&agreement.form, AgreementForm::Sealed { bundle: known, .. } if known == bundle);
        self.agreements.iter().find(of_bundle).and_then(|agreement| agreement.stamped.as_ref())
    }

    /// Who is to be asked how satisfied they are, each once: the parties to the agreement in force. Without one, whoever
    /// reported and the parties to the last agreement that was in force: it was about them that the table was set again.
    pub fn parties_to_ask(&self) -> Vec<&str> {
        if let Some(agreement) = self.agreement() {
            return self.parties_to(agreement).collect();
        }
        let reporter = self.report.iter().filter_map(|(_, report)| report.reporter.as_ref());
        let earlier = self.agreements.iter().rev().find(|agreement| agreement.round < self.round && agreement.holds);
        let mut parties: Vec<&str> = Vec::new();
        for name in reporter.map(|r| r.name.as_str()).chain(earlier.into_iter().flat_map(|a| self.parties_to(a))) {
            if !parties.contains(&name) {
                parties.push(name);
            }
        }
        parties
    }

    fn parties_to(&self, agreement: &Agreement) -> impl Iterator<Item = &str> {
        let draft = self.drafts.iter().find(|draft| draft.written.stamp == agreement.draft);
        draft.into_iter().flat_map(|draft| &draft.content.parties).map(|Party { name, .. }| name.as_str())
    }

    /// What the parties said in a round, the last word of each.
    pub fn last_words(&self, round: u32) -> BTreeMap<&str, Grade> {
        let mut words = BTreeMap::new();
        for answer in self.answers.iter().filter(|answer| answer.round == round) {
            if let Reply::Given { grade, .. } = answer.reply {
                words.insert(answer.party.as_str(), grade);
            }
        }
        words
    }

    /// The standing of an event.
    pub fn standing(&self, stamp: Stamp) -> &Standing {
        self.standings.get(&stamp).unwrap_or(&Standing::Effective)
    }

    pub(super) fn enter(&mut self, stage: Stage, by: Stamp) {
        self.own_stage = stage;
        self.own_stage_by = Some(by);
    }

    /// Marks two events as excluding each other.
    pub(super) fn contest(&mut self, one: Stamp, other: Stamp) {
        for (here, there) in [(one, other), (other, one)] {
            match self.standings.entry(here).or_insert(Standing::Contested { with: Vec::new() }) {
                Standing::Contested { with } => {
                    if !with.contains(&there) {
                        with.push(there);
                    }
                }
                standing => *standing = Standing::Contested { with: vec![there] },
            }
        }
    }

    pub(super) fn overtake(&mut self, stamp: Stamp, by: Option<Stamp>, why: RefusalCode) {
        self.leave_contests(stamp);
        self.standings.insert(stamp, Standing::Overtaken { by, why });
    }

    /// Takes an event out of every contest: whoever was contested with nothing but it is effective again, and so is it.
    pub(super) fn leave_contests(&mut self, stamp: Stamp) {
        let Some(Standing::Contested { with }) = self.standings.get(&stamp) else { return };
        for other in with.clone() {
            self.end_contest(stamp, other);
        }
    }

    /// Ends the contest of two events; each stays contested with others, if there are any.
    pub(super) fn end_contest(&mut self, one: Stamp, other: Stamp) {
        for (here, there) in [(one, other), (other, one)] {
            if let Some(Standing::Contested { with }) = self.standings.get_mut(&here) {
                with.retain(|stamp| *stamp != there);
                if with.is_empty() {
                    self.standings.remove(&here);
                }
            }
        }
    }
}
