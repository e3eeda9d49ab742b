//! What happened: the vocabulary of a case's log. Facts, past tense, never edited, never deleted.
//!
//! Each event is an [`Entry`]: stamp, author, kind, body. The kind is a permanent name; the body a record whose fields
//! may grow but never change meaning. An entry of a kind this version doesn't know is [`Body::Newer`]: kept, shown as
//! such, folded over. The list of kinds is here; the records stand in the files of what they are about.

mod act;
mod agree;
mod consult;
mod handover;
mod lifecycle;

use serde::{Deserialize, Serialize};

pub use act::*;
pub use agree::*;
pub use consult::*;
pub use handover::*;
pub use lifecycle::*;

use crate::entry::{self, events};
use crate::time::Stamp;

/// One line of a case's log.
pub type Entry = entry::Entry<Event>;

/// The event of an entry, as far as this version knows it.
pub type Body = entry::Body<Event>;

events! {
    /// Everything that can happen to a case.
    pub enum Event;
    /// A concern came in.
    Reported = "reported",
    /// A worker was named for it.
    Assigned = "assigned",
    /// People sat down.
    ConsultationOpened = "consultation_opened",
    /// They rose, with or without agreement, or to meet again.
    ConsultationConcluded = "consultation_concluded",
    /// What was agreed was written down.
    AgreementDrafted = "agreement_drafted",
    /// It was signed by all, witnessed and sealed.
    AgreementSealed = "agreement_sealed",
    /// It was agreed without signing, as the law allows.
    AgreementOral = "agreement_oral",
    /// A commitment was carried out.
    CommitmentFulfilled = "commitment_fulfilled",
    /// A commitment got more time.
    CommitmentExtended = "commitment_extended",
    /// A commitment was not kept.
    CommitmentDefaulted = "commitment_defaulted",
    /// Its beneficiary waived a commitment.
    CommitmentWaived = "commitment_waived",
    /// Everything agreed is done.
    Completed = "completed",
    /// Somebody looked at the effect on the spot.
    EffectChecked = "effect_checked",
    /// A party said how satisfied they are.
    FeedbackGiven = "feedback_given",
    /// A party was not reached.
    FeedbackTried = "feedback_tried",
    /// The case was closed.
    Closed = "closed",
    /// The case was raised to an office or to the committee.
    Raised = "raised",
    /// The case was transferred to a unit or a responsible body.
    Transferred = "transferred",
    /// The receiver took it.
    HandoverAccepted = "handover_accepted",
    /// The receiver sent it back.
    HandoverReturned = "handover_returned",
    /// The receiver settled it.
    HandoverSettled = "handover_settled",
    /// The community took its offer back.
    HandoverRecalled = "handover_recalled",
    /// The committee called departments to one table.
    DepartmentsConvened = "departments_convened",
    /// The reporter took the concern back.
    Withdrawn = "withdrawn",
    /// The case is another one's duplicate.
    MergedInto = "merged_into",
    /// Somebody noted something.
    Noted = "noted",
    /// Something was attached.
    Attached = "attached",
    /// A lead chose between events that exclude each other.
    ContestSettled = "contest_settled",
    /// The mediation committee put its stamp to a signed agreement: it takes effect.
    AgreementStamped = "agreement_stamped",
    /// A court confirmed a stamped agreement on the parties' joint application.
    AgreementConfirmed = "agreement_confirmed",
    /// The printed draft was signed by all in wet ink; photos of it are attached.
    AgreementOnPaper = "agreement_on_paper",
}

/// What the author of an event saw of the thing it is about. Phones may be apart: an event that names another than the
/// one now in force was made by somebody who did not know of it, and where the two exclude each other people choose.
///
/// Events of the first release don't have it, and are folded as that release folded them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Knew {
    /// The event that stood when its author looked; none if there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<Stamp>,
}
