//! The picture of a day: which documents stand in which section, in order. Made once from everything, then kept in step with
//! each tap by the one document that the tap changed.

use super::SectionKind;
use crate::id::DocId;
use crate::time::Date;

/// One line of a section, as small as it can be: there may be tens of thousands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Line {
    /// Its place in the section; smaller comes first.
    pub order: i64,
    /// The document.
    pub doc: DocId,
    /// Which of the document's waits it is; none where it is not a wait that brought it here.
    pub wait: Option<u16>,
}

/// What stands where on one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    on: Date,
    sections: [Vec<Line>; SectionKind::ALL.len()],
}

const fn place(kind: SectionKind) -> usize {
    kind as usize
}

impl Picture {
    /// The picture with these lines.
    pub fn new(on: Date, lines: impl IntoIterator<Item = (SectionKind, Line)>) -> Self {
        let mut picture = Self { on, sections: Default::default() };
        for (kind, line) in lines {
            if let Some(section) = picture.sections.get_mut(place(kind)) {
                section.push(line);
            }
        }
        for section in &mut picture.sections {
            section.sort_unstable();
        }
        picture
    }

    /// The day it is of.
    pub const fn on(&self) -> Date {
        self.on
    }

    /// A section's lines, in order.
    pub fn lines(&self, kind: SectionKind) -> &[Line] {
        self.sections.get(place(kind)).map_or(&[], Vec::as_slice)
    }

    /// This document has changed: these are its lines now, in the sections that depend on what it says.
    pub fn changed(&mut self, doc: DocId, lines: impl IntoIterator<Item = (SectionKind, Line)>) {
        for kind in SectionKind::ALL {
            // These two are the outbox's, not the document's.
            if !matches!(kind, SectionKind::Unsent | SectionKind::SetAside)
                && let Some(section) = self.sections.get_mut(place(kind))
            {
                section.retain(|line| line.doc != doc);
            }
        }
        for (kind, line) in lines {
            self.insert(kind, line);
        }
    }

    /// Something of this document waits to be sent now, behind what was unsent before.
    pub fn queued(&mut self, doc: DocId) {
        let unsent = self.lines(SectionKind::Unsent);
        if !unsent.iter().any(|line| line.doc == doc) {
            let order = unsent.last().map_or(0, |line| line.order.saturating_add(1));
            self.insert(SectionKind::Unsent, Line { order, doc, wait: None });
        }
    }

    fn insert(&mut self, kind: SectionKind, line: Line) {
        if let Some(section) = self.sections.get_mut(place(kind)) {
            let at = section.partition_point(|other| *other < line);
            section.insert(at, line);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(order: i64, doc: u8) -> Line {
        Line { order, doc: DocId::from_bytes([doc; 16]), wait: Some(0) }
    }

    fn docs(picture: &Picture, kind: SectionKind) -> Vec<u8> {
        picture.lines(kind).iter().map(|line| line.doc.as_bytes()[0]).collect()
    }

    #[test]
    fn a_change_moves_its_document_and_leaves_the_others_where_they_are() {
        let overdue = [(3, 3), (1, 1), (2, 2)].map(|(order, doc)| (SectionKind::Overdue, line(order, doc)));
        let aside = (SectionKind::SetAside, line(7, 2));
        let mut picture = Picture::new(Date::from_days(9), overdue.into_iter().chain([aside]));
        assert_eq!(docs(&picture, SectionKind::Overdue), [1, 2, 3]);
        picture.changed(DocId::from_bytes([2; 16]), [(SectionKind::ToSign, line(5, 2))]);
        picture.queued(DocId::from_bytes([2; 16]));
        assert_eq!(docs(&picture, SectionKind::Overdue), [1, 3]);
        assert_eq!(docs(&picture, SectionKind::ToSign), [2]);
        assert_eq!(docs(&picture, SectionKind::Unsent), [2]);
        assert_eq!(docs(&picture, SectionKind::SetAside), [2]);
        picture.queued(DocId::from_bytes([1; 16]));
        picture.queued(DocId::from_bytes([2; 16]));
        picture.changed(DocId::from_bytes([1; 16]), []);
        picture.changed(DocId::from_bytes([2; 16]), [(SectionKind::Overdue, line(4, 2)), (SectionKind::Overdue, line(0, 2))]);
        assert_eq!(docs(&picture, SectionKind::Overdue), [2, 3, 2]);
        assert_eq!(docs(&picture, SectionKind::Unsent), [2, 1], "each once, oldest first");
    }

    #[test]
    fn the_sections_stand_in_the_order_of_their_list() {
        for (at, kind) in SectionKind::ALL.into_iter().enumerate() {
            assert_eq!(place(kind), at);
        }
    }
}
