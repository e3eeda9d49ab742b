//! What somebody wants to do to a case, as a screen or a script says it.
//!
//! Commands name no stamps where there is only one thing they can mean ("the open consultation"); [`super::decide`] finds
//! it. They are kept beside each unsent change, so that work can be replayed on another state of the case.

use serde::{Deserialize, Serialize};

use super::Commitment;
use super::event::{
    AgreedWithBody, Asked, CommitmentRef, Department, DisputeKind, Elements, Form, Grade, Ground, Outcome, Party, Reported,
};
use crate::id::{Digest, DocId, OrgId, PersonId};
use crate::time::{Date, Stamp};

/// The texts of a case that several people may type in at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TextName {
    /// The account of what happened, as it grows.
    Account,
    /// Minutes of the consultations.
    Minutes,
    /// Terms being drafted.
    Draft,
}

impl TextName {
    /// Every text of a case.
    pub const ALL: [Self; 3] = [Self::Account, Self::Minutes, Self::Draft];

    /// Its key in the document.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Minutes => "minutes",
            Self::Draft => "draft",
        }
    }
}

/// Everything that can be done to a case. Who may, and when: the handbook's table, in the files of the verbs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
#[expect(missing_docs, reason = "each command is documented by the event of the same words, whose fields it has")]
pub enum Command {
    Report {
        report: Reported,
    },
    Assign {
        to: PersonId,
    },
    OpenConsultation {
        form: Form,
        elements: Elements,
    },
    ConcludeConsultation {
        outcome: Outcome,
        elements: Elements,
    },
    DraftAgreement {
        dispute: DisputeKind,
        parties: Vec<Party>,
        facts: String,
        terms: String,
        commitments: Vec<Commitment>,
    },
    /// The end of the signing ceremony; the bundle itself is content-addressed beside the case.
    SealAgreement {
        draft: Stamp,
        bundle: Digest,
        check_number: String,
    },
    RecordOralAgreement {
        witness: String,
    },
    /// The printed draft signed in wet ink; `sheets` are attachments of the case.
    RecordPaperAgreement {
        sheets: Vec<Digest>,
        witness: String,
    },
    /// The committee's stamp on the signed agreement in force.
    StampAgreement,
    ConfirmAgreement {
        court: String,
        number: String,
        on: Date,
    },
    FulfilCommitment {
        commitment: CommitmentRef,
        seen: String,
    },
    ExtendCommitment {
        commitment: CommitmentRef,
        why: String,
        until: Date,
    },
    DefaultCommitment {
        commitment: CommitmentRef,
        why: String,
    },
    WaiveCommitment {
        commitment: CommitmentRef,
        by: String,
        why: String,
    },
    Complete {
        words: String,
    },
    CheckEffect {
        seen: String,
    },
    RecordFeedback {
        party: String,
        grade: Grade,
        words: String,
        asked: Asked,
    },
    RecordFeedbackTry {
        party: String,
        asked: Asked,
    },
    Close,
    Raise {
        to: OrgId,
        ground: Ground,
        reason: String,
        tried: String,
    },
    Transfer {
        to: OrgId,
        reason: String,
        agreed: Option<AgreedWithBody>,
    },
    AcceptHandover,
    ReturnHandover {
        why: String,
    },
    SettleHandover {
        result: String,
    },
    RecallHandover {
        why: String,
    },
    ConveneDepartments {
        departments: Vec<Department>,
    },
    Withdraw {
        why: String,
    },
    MarkDuplicate {
        of: DocId,
    },
    Note {
        text: String,
    },
    Attach {
        digest: Digest,
        media: String,
        length: u64,
        caption: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        preview: Option<Digest>,
    },
    SettleContest {
        holds: Stamp,
        over: Vec<Stamp>,
        why: String,
    },
    /// Replaces one of the shared texts by what now stands on the screen; only the difference is recorded.
    EditText {
        text: TextName,
        now: String,
    },
}
