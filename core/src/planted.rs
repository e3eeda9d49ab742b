//! Faults planted on purpose, one at a time, so that whoever looks for faults can show that they find them.
//!
//! In every build that people use [`is`] is a constant `false` and nothing of this remains. With the feature `planted`, which no
//! default turns on and which only the simulator's build asks for, one of these faults can be chosen for the whole
//! process; each place that it breaks asks [`is`] in one line. It knows nothing of those places.

macro_rules! faults {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)*) => {
        /// A fault that can be planted: what it does, and which promise it breaks.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Planted { $($(#[$doc])* $name,)* }

        impl Planted {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// What it is called on a command line.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

faults! {
    /// A pull's cursor becomes durable before what it stands for. Cursor and rows move together.
    CursorBeforeData = "cursor-before-data",
    /// A checkpoint is committed without the last of its documents. Cursor and rows move together.
    CheckpointWithoutRows = "checkpoint-without-rows",
    /// The phone's database does not wait for the disk. An acknowledged tap survives any kill.
    WeakerFsync = "weaker-fsync",
    /// A tap's change and its place in the outbox are two transactions. Every change is on the server, waiting, or set aside.
    TapInTwo = "tap-in-two",
    /// A restored or copied database goes on under its old actor ids. A number is used once.
    ActorReused = "actor-reused",
    /// What a push takes along leaves the outbox at once. The outbox empties only by verdicts.
    OutboxEmptiedBeforeVerdict = "outbox-emptied-before-verdict",
    /// An answer without readable verdicts counts as a good one. The outbox empties only by verdicts.
    OutboxEmptiedWithoutVerdicts = "outbox-emptied-without-verdicts",
    /// Neighbouring verdicts are exchanged. A verdict is about the change it names.
    VerdictForTheWrongHash = "verdict-for-the-wrong-hash",
    /// What the server sets aside counts as sent. Set aside with a reason that a worker can read.
    SetAsideDropped = "set-aside-dropped",
    /// The command is not kept beside the change. Refused work can be done again.
    CommandNotKept = "command-not-kept",
    /// What is replayed stays beside its replay. One command, one effect.
    ReplacedNotDropped = "replaced-not-dropped",
    /// Text is replayed as it stood on the screen. Nobody's typing is lost by another's refusal.
    TypedTextOverwritten = "typed-text-overwritten",
    /// A document that leaves the scope takes its unsent work along. Never deleted unsent.
    ForgetDeletesUnsent = "forget-deletes-unsent",
    /// A restored server is not given again what it lost. What a phone recorded is never lost.
    NotSentAgain = "not-sent-again",
    /// A restored server goes on under the name of its old log. The cursor counts in one log.
    NoEpochOnRestore = "no-epoch-on-restore",
    /// The fold takes entries in the order they come. The same events, the same state.
    FoldByArrival = "fold-by-arrival",
    /// A signature does not outrank the drafts written meanwhile. A signature outranks an edit.
    SealBypassed = "seal-bypassed",
    /// Stamps follow the clock alone. A stamp is later than everything its author had seen.
    StampsNotLater = "stamps-not-later",
    /// A pulled change does not bring its list row. Lists say what documents say.
    ListRowNotUpdated = "list-row-not-updated",
    /// A pulled directory is not kept. Everybody works by the newest directory.
    DirectoryNotApplied = "directory-not-applied",
    /// A sealed agreement does not travel with the change that names it. Whoever sees the case can see what was signed.
    BundleNotCarried = "bundle-not-carried",
    /// The server's pull ends one number too far. A cursor never passes what is not here.
    NaiveCursor = "naive-cursor",
    /// The server keeps nothing of what it refuses. Each refused change is kept for a person to look at.
    QuarantineDropped = "quarantine-dropped",
    /// A change that is known is judged anew. A repeat costs nothing.
    RepeatJudgedAnew = "repeat-judged-anew",
    /// A change whose dependencies are missing is said to be known. Stored means stored.
    MissingDependencyStored = "missing-dependency-stored",
    /// One refused change takes along whatever else came for its document. One bad record blocks nothing but itself.
    AllOrNothing = "all-or-nothing",
    /// The server does not notice that somebody's scopes are others now. Whole documents arrive, forgets remove.
    MoveNotNoticed = "move-not-noticed",
    /// Posts that ended still open their scopes to a pull. Nobody receives a byte outside their scope.
    EndedPostsStillOpen = "ended-posts-still-open",
    /// Documents that leave a scope are not said to. Scope lost: a forget.
    ForgetNotSent = "forget-not-sent",
    /// A token reads on after its device was revoked. Revocation holds from the next request on.
    RevokedTokenReads = "revoked-token-reads",
    /// A revoked phone is told to wipe itself while something of it is nowhere else. What a phone recorded is never lost.
    WipedTooEarly = "wiped-too-early",
    /// The server answers before its commit is durable. Stored means stored.
    AnswerBeforeCommit = "answer-before-commit",
    /// The server says that it has an attachment before its bytes lie under their name. Stored means stored.
    AttachmentAcknowledgedEarly = "attachment-acknowledged-early",
    /// The server gives an attachment to whoever knows its name. Nobody receives a byte outside their scope.
    AttachmentForAnybody = "attachment-for-anybody",
    /// An attachment's file gets its name after the event that names it is durable. An acknowledged tap survives any kill.
    AttachmentNamedLate = "attachment-named-late",
    /// What waits to be sent goes with its case. Never deleted unsent.
    AttachmentLetGoEarly = "attachment-let-go-early",
    /// A restored server is not given attachments again. What a phone recorded is never lost.
    AttachmentNotSentAgain = "attachment-not-sent-again",
    /// An attachment counts as sent once a piece of it is. Stored means stored.
    AttachmentSentByAPiece = "attachment-sent-by-a-piece",
}

/// Whether this fault is planted: never, in this build.
#[cfg(not(feature = "planted"))]
pub const fn is(_fault: Planted) -> bool {
    false
}

#[cfg(feature = "planted")]
mod chosen {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::Planted;

    /// The chosen fault's place in the list, from 1; 0: none.
    static CHOSEN: AtomicUsize = AtomicUsize::new(0);

    /// Plants this fault, and takes out the one before.
    pub fn plant(fault: Option<Planted>) {
        CHOSEN.store(fault.map_or(0, |fault| fault as usize + 1), Ordering::SeqCst);
    }

    /// Whether this fault is planted.
    pub fn is(fault: Planted) -> bool {
        CHOSEN.load(Ordering::Relaxed) == fault as usize + 1
    }
}

#[cfg(feature = "planted")]
pub use chosen::{is, plant};
