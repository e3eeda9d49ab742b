//! The law of the method a second time: slow, obvious, and sharing nothing with `doorstep_core::case`'s fold.
//!
//! A case is kept here as a clerk would keep it in a bound book: every event gets one [`Line`], in the order of stamps, and
//! beside it in the [`Margin`] stands once and for all what the event meant when it was written down (it counts or it is
//! moot, it brings a stage, it sets the table again, it overtakes others, it is at odds with others). No line is ever
//! changed. Every question (what is the stage, who has the case, which agreement holds, how does a commitment stand) is
//! answered by reading the book again from its first page. That is slow; and each answer can be checked with a finger on
//! the page of the handbook that it comes from.
//!
//! Of core it knows the nouns only: the events, the stages, the codes of refusals. Start at `law.rs`, which says what goes
//! into the margin, one function a row of the handbook's table; then `pages.rs`, the questions; `told.rs` holds the answers
//! beside those of core's `CaseState` and names every difference.

mod act;
mod agree;
mod consult;
mod follow;
mod handover;
mod law;
mod pages;
mod told;

use doorstep_core::case::{Entry, RefusalCode, Stage};
use doorstep_core::time::Stamp;

pub use pages::{By, Pages};
pub use told::{Told, differences};

/// One line of the book.
#[derive(Debug, Clone)]
pub struct Line {
    /// What was recorded.
    pub entry: Entry,
    /// What it meant when it was written down.
    pub margin: Margin,
}

/// Why an event does not count, and which event made it so, where one can be named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moot {
    /// Why.
    pub why: RefusalCode,
    /// That event; without one, it is whatever brought the stage.
    pub by: Option<Stamp>,
}

/// What an event meant when it was written down.
#[derive(Debug, Clone, Default)]
pub struct Margin {
    /// It does not count.
    pub moot: Option<Moot>,
    /// The community's own work enters this stage.
    pub enters: Option<Stage>,
    /// The table is set again: the next round begins.
    pub next_round: bool,
    /// The agreement that it records is the one in force.
    pub in_force: bool,
    /// This signature holds from now on, because nothing is left that it was at odds with.
    pub upholds: Option<Stamp>,
    /// These are no longer at odds with anything.
    pub relieves: Vec<Stamp>,
    /// These count again.
    pub restores: Vec<Stamp>,
    /// These no longer count, for this reason; the overtaking event is this one.
    pub overtakes: Vec<(Stamp, RefusalCode)>,
    /// Pairs that exclude each other, and people must choose.
    pub at_odds: Vec<(Stamp, Stamp)>,
}

impl Margin {
    /// The event counts, and nothing else changes.
    fn counts() -> Self {
        Self::default()
    }

    /// The event counts and brings a stage.
    fn enters(stage: Stage) -> Self {
        Self { enters: Some(stage), ..Self::default() }
    }
}

/// What goes into the margin, or why the event is moot.
type Read = Result<Margin, Moot>;

/// This event is moot for this reason, because of that event.
const fn moot(why: RefusalCode, by: Option<Stamp>) -> Moot {
    Moot { why, by }
}

/// The book of a case with these entries, whatever order they came in and however often.
#[derive(Debug, Clone, Default)]
pub struct Book {
    lines: Vec<Line>,
}

impl Book {
    /// Writes the book from its first line to its last.
    pub fn of(log: &[Entry]) -> Self {
        let mut entries = log.to_vec();
        entries.sort();
        entries.dedup();
        let mut lines: Vec<Line> = Vec::new();
        for entry in entries {
            let margin = law::margin(Pages::new(&lines), &entry);
            lines.push(Line { entry, margin });
            uphold(&mut lines);
            take_back_completion(&mut lines);
        }
        Self { lines }
    }

    /// All of it, to read.
    pub fn pages(&self) -> Pages<'_> {
        Pages::new(&self.lines)
    }
}

/// Any line may end the last quarrel of a signature: then it holds, and is carried out.
fn uphold(lines: &mut [Line]) {
    let pages = Pages::new(lines);
    let Some(signature) = agree::stands_alone(pages) else { return };
    let enters = agree::carried_out_from(pages);
    if let Some(line) = lines.last_mut() {
        line.margin.upholds = Some(signature);
        line.margin.enters = enters.or(line.margin.enters);
    }
}

/// Any line may show that the case was completed too early: then it is carried out after all.
fn take_back_completion(lines: &mut [Line]) {
    let Some(completion) = act::completed_too_early(Pages::new(lines)) else { return };
    if let Some(line) = lines.last_mut() {
        line.margin.overtakes.push((completion, RefusalCode::CommitmentsOpen));
        line.margin.enters = Some(Stage::Acting);
    }
}
