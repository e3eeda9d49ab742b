//! The questions that people ask of a case, each answered by reading the book from the first page to the last.
//!
//! Here are the questions about the case as a whole; those about sittings, agreements, commitments, handovers and answers
//! stand in the files of the law that they belong to.

use std::collections::BTreeMap;

use doorstep_core::case::{Assigned, Body, Event, MergedInto, RefusalCode, Reported, Stage};
use doorstep_core::id::{DocId, PersonId};
use doorstep_core::time::Stamp;

use super::Line;

/// Who wrote something down, and when.
pub type By = (Stamp, PersonId);

/// The book, as far as it has been written.
#[derive(Debug, Clone, Copy)]
pub struct Pages<'a> {
    lines: &'a [Line],
}

/// How an event stands, if it is not plainly effective.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// Legal when it was made; another event made it moot.
    Overtaken {
        /// That event.
        by: Option<Stamp>,
        /// Why.
        why: RefusalCode,
    },
    /// It and these exclude each other.
    Contested {
        /// In the order of their stamps.
        with: Vec<Stamp>,
    },
}

/// Who wrote this line.
pub(super) fn by(line: &Line) -> By {
    (line.entry.stamp, line.entry.author.clone())
}

impl<'a> Pages<'a> {
    pub(super) const fn new(lines: &'a [Line]) -> Self {
        Self { lines }
    }

    /// Every line.
    pub(super) const fn lines(self) -> &'a [Line] {
        self.lines
    }

    /// The book as it was before its line of this number was written.
    pub(super) fn before(self, line: usize) -> Self {
        Self { lines: &self.lines[..line] }
    }

    /// Lines whose kind this version knows, with their number.
    pub(super) fn events(self) -> impl Iterator<Item = (usize, &'a Line, &'a Event)> {
        self.lines.iter().enumerate().filter_map(|(number, line)| match &line.entry.body {
            Body::Event(event) => Some((number, line, event)),
            Body::Newer { .. } => None,
        })
    }

    /// Those of them that counted when they were written down.
    pub(super) fn counted(self) -> impl Iterator<Item = (usize, &'a Line, &'a Event)> {
        self.events().filter(|(_, line, _)| line.margin.moot.is_none())
    }

    /// The report that began the case: the first.
    pub fn report(self) -> Option<(By, &'a Reported)> {
        for (_, line, event) in self.counted() {
            if let Event::Reported(report) = event {
                return Some((by(line), report));
            }
        }
        None
    }

    /// The stage of the community's own work, and the event that brought it: the last stage that any margin names.
    pub fn own_stage(self) -> (Stage, Option<Stamp>) {
        let mut stage = (Stage::Unreported, None);
        for line in self.lines {
            if let Some(entered) = line.margin.enters {
                stage = (entered, Some(line.entry.stamp));
            }
        }
        stage
    }

    /// The stage that people see: out of the community's hands while a handover is under way, unless the case has ended.
    pub fn stage(self) -> Stage {
        let (own, _) = self.own_stage();
        if !own.is_end() && !self.under_way().is_empty() { Stage::HandedOver } else { own }
    }

    /// The round: the first from the report on, and one more each time the table was set again.
    pub fn round(self) -> u32 {
        let mut round = 0;
        for line in self.lines {
            if line.margin.moot.is_none() && matches!(line.entry.body, Body::Event(Event::Reported(_))) {
                round = 1;
            }
            if line.margin.next_round {
                round += 1;
            }
        }
        round
    }

    /// The worker who was named last.
    pub fn assignee(self) -> Option<&'a PersonId> {
        let mut named = None;
        for (_, _, event) in self.counted() {
            if let Event::Assigned(Assigned { to }) = event {
                named = Some(to);
            }
        }
        named
    }

    /// The case that it was merged into, unless people chose against that.
    pub fn merged_into(self) -> Option<DocId> {
        let standings = self.standings();
        let mut into = None;
        for (_, line, event) in self.counted() {
            if let Event::MergedInto(MergedInto { case, .. }) = event
                && !matches!(standings.get(&line.entry.stamp), Some(Standing::Overtaken { .. }))
            {
                into = Some(*case);
            }
        }
        into
    }

    /// The standing of every event that is not plainly effective.
    ///
    /// Being overtaken ends whatever the event was at odds with; a quarrel that begins later puts it back among those that
    /// people must choose between.
    pub fn standings(self) -> BTreeMap<Stamp, Standing> {
        let mut overtaken: BTreeMap<Stamp, (Option<Stamp>, RefusalCode)> = BTreeMap::new();
        let mut at_odds: Vec<(Stamp, Stamp)> = Vec::new();
        for (number, line) in self.lines.iter().enumerate() {
            let here = line.entry.stamp;
            for relieved in &line.margin.relieves {
                at_odds.retain(|(one, other)| one != relieved && other != relieved);
            }
            for restored in &line.margin.restores {
                overtaken.remove(restored);
            }
            for (stamp, why) in &line.margin.overtakes {
                at_odds.retain(|(one, other)| one != stamp && other != stamp);
                overtaken.insert(*stamp, (Some(here), *why));
            }
            if let Some(moot) = line.margin.moot {
                let by = moot.by.or(self.before(number).own_stage().1);
                overtaken.insert(here, (by, moot.why));
            }
            for (one, other) in &line.margin.at_odds {
                overtaken.remove(one);
                overtaken.remove(other);
                at_odds.push((*one, *other));
            }
        }
        let mut standings = BTreeMap::new();
        for (stamp, (by, why)) in overtaken {
            standings.insert(stamp, Standing::Overtaken { by, why });
        }
        for line in self.lines {
            let with = those_at_odds_with(line.entry.stamp, &at_odds);
            if !with.is_empty() {
                standings.insert(line.entry.stamp, Standing::Contested { with });
            }
        }
        standings
    }

    /// Kinds of a newer version: kept, and shown by name.
    pub fn newer(self) -> Vec<(By, &'a str)> {
        let newer = |line: &'a Line| match &line.entry.body {
            Body::Newer { kind, .. } => Some((by(line), kind.as_str())),
            Body::Event(_) => None,
        };
        self.lines.iter().filter_map(newer).collect()
    }
}

fn those_at_odds_with(stamp: Stamp, pairs: &[(Stamp, Stamp)]) -> Vec<Stamp> {
    let mut with = Vec::new();
    for (one, other) in pairs {
        if *one == stamp {
            with.push(*other);
        }
        if *other == stamp {
            with.push(*one);
        }
    }
    with.sort();
    with.dedup();
    with
}
