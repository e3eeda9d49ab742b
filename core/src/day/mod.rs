//! My day (我的一天): what of the work in reach is overdue, due today, or waits for somebody's hand.
//!
//! Pure: the waits of the cases ([`crate::case::waits`]), the policy's limits and the calendar ([`Limits`]), whose day it is
//! ([`Whose`]) and today's date make a [`Picture`]. It refuses to know where the waits are kept and what time it is. It
//! is nobody's score: it shows a person their own work, and there is no way to ask it for somebody else's.
//!
//! Start at [`Limits::limit_of`], then `sections.rs`.

mod limits;
mod picture;
mod sections;
mod whose;

pub use limits::Limits;
pub use picture::{Line, Picture};
pub use sections::{Sorter, Waiting, place_of};
pub use whose::{At, Whose};

use crate::case::Wait;
use crate::id::{DocId, DocKind};
use crate::people::Place;
use crate::time::{Date, Timestamp};

/// The parts of a day, in the order in which they are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SectionKind {
    /// 已超期: a limit has passed.
    Overdue,
    /// 今日到期: a limit passes at the end of today.
    DueToday,
    /// 待签: agreed, and neither signed nor agreed by word yet; or signed, and not stamped yet.
    ToSign,
    /// 待回访: done, and the parties are to be asked, or have all answered and the lead closes.
    ToHearBack,
    /// 被退回: it came back unsettled.
    Returned,
    /// 待查看: something is contested or overtaken; what was promised is all kept; a raise is proposed; the
    /// days in which a court can be asked run out.
    NeedsALook,
    /// 待上传: something of it is on this device only.
    Unsent,
    /// 未被接受: the server set something of it aside.
    SetAside,
}

impl SectionKind {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Overdue,
        Self::DueToday,
        Self::ToSign,
        Self::ToHearBack,
        Self::Returned,
        Self::NeedsALook,
        Self::Unsent,
        Self::SetAside,
    ];

    /// Its stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Overdue => "overdue",
            Self::DueToday => "due_today",
            Self::ToSign => "to_sign",
            Self::ToHearBack => "to_hear_back",
            Self::Returned => "returned",
            Self::NeedsALook => "needs_a_look",
            Self::Unsent => "unsent",
            Self::SetAside => "set_aside",
        }
    }
}

/// A person's day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Day {
    /// Which day it is in China.
    pub on: Date,
    /// Every section, in [`SectionKind::ALL`]'s order, empty ones too.
    pub sections: Vec<Section>,
    /// When the picture changes by time alone: the coming midnight in China. Ask again then, and after every tap and sync.
    pub next_change: Timestamp,
    /// Whether the directory has the published calendar of every year that limits around this day are counted in. If
    /// not, those years' working days are plain weekdays.
    pub calendar_known: bool,
    /// The years that it has not.
    pub years_unknown: Vec<i32>,
}

impl Day {
    /// The section of this kind.
    pub fn section(&self, kind: SectionKind) -> Option<&Section> {
        self.sections.iter().find(|section| section.kind == kind)
    }
}

/// A part of a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// Which.
    pub kind: SectionKind,
    /// How many there are, shown or not: things that are waited for; for what is unsent or set aside, documents. Each thing
    /// stands in one section: what is overdue is not shown again as something to be signed.
    pub count: u64,
    /// The first of them.
    pub items: Vec<Item>,
}

/// One line of a section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// The document.
    pub doc: DocId,
    /// What it is.
    pub kind: DocKind,
    /// Its title.
    pub title: String,
    /// Where it lies.
    pub place: Option<Place>,
    /// What is waited for, by the name under which it counts today; none where it is not a wait that brought it here.
    pub wait: Option<Wait>,
    /// The last day of its limit, which passes at 24:00 of it in China; none without a limit.
    pub due: Option<Date>,
    /// Working days left, 0 on the last one; negative: working days begun since it passed, today included.
    pub days: Option<i32>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::{self, Lang};

    #[test]
    fn every_section_has_a_heading_and_words_for_when_it_is_empty() {
        for kind in SectionKind::ALL {
            for lang in [Lang::Zh, Lang::En] {
                assert!(words::section(kind.name(), lang).is_some(), "{kind:?}");
                assert!(words::section_empty(kind.name(), lang).is_some(), "{kind:?}");
            }
        }
    }
}
