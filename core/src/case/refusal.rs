//! Why a command is refused: a stable code and what is missing.
//!
//! Codes are permanent; words in Chinese and English come from [`crate::words`]. A refusal says what is missing (`who`,
//! a party's place in the list) and never repeats what people typed.

/// A refused command or an event that was not allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Stable code.
    pub code: RefusalCode,
    /// What is missing or in the way: names of the 5W, names of parties, stages, stamps. Shown to the worker on their own
    /// screen; only its codes ever travel.
    pub about: Vec<String>,
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $code:literal,)*) => {
        /// The stable codes.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum RefusalCode { $($(#[$doc])* $name,)* }

        impl RefusalCode {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The code with this permanent text.
            pub fn from_code(code: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|known| known.as_str() == code)
            }

            /// The permanent text.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }
        }
    };
}

codes! {
    /// The case has been reported already.
    AlreadyReported = "already_reported",
    /// There is no report to begin with.
    NotReported = "not_reported",
    /// The stage doesn't allow it; `about` names the stage.
    WrongStage = "wrong_stage",
    /// The person's posts don't allow it, or not here.
    NotAllowed = "not_allowed",
    /// The person is not in the directory, or holds no post any more.
    UnknownPerson = "unknown_person",
    /// A required field is empty; `about` names it.
    Missing = "missing",
    /// Elements of the 5W are missing; `about` names them.
    ElementsMissing = "elements_missing",
    /// A field is longer than its limit; `about` names it.
    TooLong = "too_long",
    /// No consultation is open.
    NoOpenConsultation = "no_open_consultation",
    /// A consultation is open already.
    ConsultationOpen = "consultation_open",
    /// No consultation of this round has ended in agreement.
    NotAgreed = "not_agreed",
    /// There is no draft.
    NoDraft = "no_draft",
    /// The draft named is not the one in force.
    DraftSuperseded = "draft_superseded",
    /// The draft is from before the case was handed over: whoever holds it now drafts anew.
    DraftBeforeHandover = "draft_before_handover",
    /// An agreement holds already.
    AgreementHolds = "agreement_holds",
    /// Signatures are missing; `about` names whose.
    SignatureMissing = "signature_missing",
    /// This kind of dispute must be signed in wet ink (Electronic Signature Law, art. 3).
    WetInkOnly = "wet_ink_only",
    /// What was signed on paper is not among the case's attachments; `about` names what is missing.
    SheetNotAttached = "sheet_not_attached",
    /// A commitment names a party the agreement does not have.
    UnknownParty = "unknown_party",
    /// A party stands twice in the agreement.
    PartyTwice = "party_twice",
    /// There is no such commitment.
    NoCommitment = "no_commitment",
    /// The commitment is settled already.
    CommitmentSettled = "commitment_settled",
    /// Commitments are neither fulfilled nor waived; `about` gives their places.
    CommitmentsOpen = "commitments_open",
    /// Parties have not been asked; `about` names them.
    PartiesNotAsked = "parties_not_asked",
    /// A party is dissatisfied in this round.
    Dissatisfied = "dissatisfied",
    /// A raise needs a concluded consultation without agreement, or a reason why it is beyond powers.
    NothingTried = "nothing_tried",
    /// The org is not one that this can go to.
    WrongReceiver = "wrong_receiver",
    /// A transfer to a body outside needs the record that it agreed.
    BodyNotAsked = "body_not_asked",
    /// The case is handed over already.
    HandedOver = "handed_over",
    /// There is no handover in the state that this needs.
    NoHandover = "no_handover",
    /// The place is not in the directory.
    UnknownPlace = "unknown_place",
    /// A case cannot be its own duplicate.
    OwnDuplicate = "own_duplicate",
    /// The two events are not in contest.
    NotContested = "not_contested",
    /// No signed agreement is in force, or people must choose between several first.
    NotSigned = "not_signed",
    /// The agreement is stamped already.
    StampedAlready = "stamped_already",
    /// The agreement is not stamped yet.
    NotStamped = "not_stamped",
    /// The agreement is confirmed already.
    ConfirmedAlready = "confirmed_already",
    /// The round named is not the case's.
    WrongRound = "wrong_round",
    /// The case is closed and its afterlife is over.
    AfterlifeOver = "afterlife_over",
    /// The entry names another author than the person who sent it.
    ForeignAuthor = "foreign_author",
    /// The entry cannot be read.
    UnreadableEntry = "unreadable_entry",
    /// The entry's stamp is not after everything its author had seen.
    StampOrder = "stamp_order",
    /// The entry's stamp lies absurdly far in the future.
    StampFar = "stamp_far",
    /// The address has a household's record already.
    AlreadyRegistered = "already_registered",
    /// The household's record has been struck off.
    HouseholdStruck = "household_struck",
    /// The household's record has not been struck off.
    NotStruck = "not_struck",
    /// Nobody with this id lives in the household.
    NoResident = "no_resident",
    /// The care tag is none of the policy's.
    TagUnknown = "tag_unknown",
    /// The care tag is set, or not set, already.
    TagUnchanged = "tag_unchanged",
    /// A household's record stays in its grid.
    OtherGrid = "other_grid",
    /// A value that cannot be; `about` names the field.
    Implausible = "implausible",
}

impl serde::Serialize for RefusalCode {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl std::fmt::Display for RefusalCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Refusal {
    /// A refusal with nothing more to say.
    pub const fn new(code: RefusalCode) -> Self {
        Self { code, about: Vec::new() }
    }

    /// A refusal about these.
    pub fn about<S: Into<String>>(code: RefusalCode, about: impl IntoIterator<Item = S>) -> Self {
        Self { code, about: about.into_iter().map(Into::into).collect() }
    }
}

impl std::fmt::Display for Refusal {
    /// Code only: what it is about may be personal and stays out of logs.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.code.fmt(f)
    }
}

impl std::error::Error for Refusal {}
