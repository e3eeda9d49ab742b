//! Agreed, done at once (商定即办): what became of each commitment, and completion.

use doorstep_core::case::{Commitment, CommitmentRef, Completed, ContestSettled, Event, Knew, RefusalCode, Stage};
use doorstep_core::time::Stamp;

use super::pages::{By, Pages, Standing, by};
use super::{Margin, Read, moot};

/// What was found about a commitment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// It was carried out.
    Kept,
    /// It was not.
    NotKept,
    /// Its beneficiary waived it.
    Waived,
}

impl Kind {
    /// Whether the case no longer waits for it.
    const fn is_kept(self) -> bool {
        matches!(self, Self::Kept | Self::Waived)
    }
}

/// A finding about a commitment.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// Who found it.
    pub by: By,
    /// What.
    pub kind: Kind,
    /// In what words.
    pub words: String,
}

/// A commitment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Promise {
    /// Which.
    pub id: CommitmentRef,
    /// The round.
    pub round: u32,
    /// What was promised; its day is that of the last extension.
    pub content: Commitment,
    /// The finding that counts, if there is one.
    pub found: Option<Finding>,
    /// Other findings, until a lead chooses.
    pub disputed: Vec<Finding>,
}

impl Promise {
    fn is_kept(&self) -> bool {
        self.found.as_ref().is_some_and(|finding| finding.kind.is_kept())
    }
}

/// What an event says about which commitment.
fn says(event: &Event) -> Option<(CommitmentRef, Option<(Kind, &str)>)> {
    match event {
        Event::CommitmentFulfilled(e) => Some((e.commitment, Some((Kind::Kept, &e.seen)))),
        Event::CommitmentDefaulted(e) => Some((e.commitment, Some((Kind::NotKept, &e.why)))),
        Event::CommitmentWaived(e) => Some((e.commitment, Some((Kind::Waived, &e.why)))),
        Event::CommitmentExtended(e) => Some((e.commitment, None)),
        _ => None,
    }
}

impl Pages<'_> {
    /// The commitments of every agreement that was ever in force or in dispute.
    pub fn promises(self) -> Vec<Promise> {
        let mut promises: Vec<Promise> = Vec::new();
        for (number, line, event) in self.counted() {
            match event {
                Event::AgreementSealed(e) => self.promised(number, e.draft, &mut promises),
                Event::AgreementOnPaper(e) => self.promised(number, e.draft, &mut promises),
                Event::AgreementOral(e) => self.promised(number, e.draft, &mut promises),
                Event::ContestSettled(choice) => promises.iter_mut().for_each(|promise| choose(promise, choice)),
                Event::CommitmentExtended(e) => {
                    for promise in promises.iter_mut().filter(|promise| promise.id == e.commitment) {
                        promise.content.due = e.until;
                    }
                }
                _ => {
                    let Some((id, Some((kind, words)))) = says(event) else { continue };
                    let finding = Finding { by: by(line), kind, words: words.to_owned() };
                    for promise in promises.iter_mut().filter(|promise| promise.id == id) {
                        if promise.found.is_none() || knew(event, promise) {
                            promise.found = Some(finding.clone());
                        } else {
                            promise.disputed.push(finding.clone());
                        }
                    }
                }
            }
        }
        promises
    }

    /// What a draft promises, from the moment that its first agreement is made; a second agreement of the same draft
    /// promises the same.
    fn promised(self, line: usize, draft: Stamp, promises: &mut Vec<Promise>) {
        if promises.iter().any(|promise| promise.id.draft == draft) {
            return;
        }
        let round = self.before(line).round();
        let drafts = self.before(line).drafts();
        let Some(draft) = drafts.iter().find(|known| known.by.0 == draft) else { return };
        for (index, content) in (0..).zip(&draft.content.commitments) {
            let id = CommitmentRef { draft: draft.by.0, index };
            promises.push(Promise { id, round, content: content.clone(), found: None, disputed: Vec::new() });
        }
    }

    /// The commitments that count: those of the agreement in force.
    pub fn promises_in_force(self) -> Vec<Promise> {
        let Some(agreed) = self.in_force() else { return Vec::new() };
        self.promises().into_iter().filter(|promise| promise.id.draft == agreed.draft).collect()
    }
}

fn choose(promise: &mut Promise, choice: &ContestSettled) {
    if !promise.disputed.iter().any(|finding| finding.by.0 == choice.holds) {
        return;
    }
    let mut findings = promise.disputed.clone();
    findings.extend(promise.found.clone());
    let (chosen, others): (Vec<Finding>, Vec<Finding>) = findings.into_iter().partition(|f| f.by.0 == choice.holds);
    promise.found = chosen.into_iter().next();
    promise.disputed = others;
}

/// A finding about a commitment, or more time for it.
pub(super) fn found(pages: Pages<'_>, here: Stamp, event: &Event) -> Read {
    let Some((id, finding)) = says(event) else { return Ok(Margin::counts()) };
    let promises = pages.promises();
    let Some(promise) = promises.iter().find(|promise| promise.id == id) else {
        return Err(moot(RefusalCode::NoCommitment, None));
    };
    let Some(stands) = &promise.found else { return Ok(Margin::counts()) };
    let knew = knew(event, promise);
    let Some((kind, _)) = finding else {
        let settled = moot(RefusalCode::CommitmentSettled, Some(stands.by.0));
        return if knew { Ok(Margin::counts()) } else { Err(settled) };
    };
    // Two phones that found the same are at one.
    if !knew && kind.is_kept() == stands.kind.is_kept() {
        return Err(moot(RefusalCode::CommitmentSettled, Some(stands.by.0)));
    }
    // Kept here and not kept there: people must choose, between this and every contrary finding that its author did not know
    // and that nobody has chosen against. The first release's authors are taken to have known what gave way to them.
    let standings = pages.standings();
    let known = match written_down(event) {
        Some(knew) => knew.event,
        None => knew.then_some(stands.by.0),
    };
    let mut at_odds = Vec::new();
    for other in promise.found.iter().chain(&promise.disputed) {
        let chosen_against = matches!(standings.get(&other.by.0), Some(Standing::Overtaken { .. }));
        if other.kind.is_kept() != kind.is_kept() && known != Some(other.by.0) && !chosen_against {
            at_odds.push((other.by.0, here));
        }
    }
    Ok(Margin { at_odds, ..Margin::default() })
}

/// Whether its author knew the finding that stands. More time is no finding: it is given whatever its author knew, as long
/// as the commitment is not kept. The first release did not write down what authors knew: they are taken to have known of
/// a default, because then a keeping still made sense, and of nothing else.
fn knew(event: &Event, promise: &Promise) -> bool {
    match written_down(event) {
        Some(knew) => knew.event == promise.found.as_ref().map(|finding| finding.by.0),
        None => !promise.is_kept(),
    }
}

/// What a finding's author saw, where it was written down.
fn written_down(event: &Event) -> Option<Knew> {
    match event {
        Event::CommitmentFulfilled(e) => e.knew,
        Event::CommitmentDefaulted(e) => e.knew,
        Event::CommitmentWaived(e) => e.knew,
        _ => None,
    }
}

/// complete: every commitment of the agreement in force is fulfilled or waived. Where another org has the case, this is
/// its result.
pub(super) fn completed(pages: Pages<'_>, completed: &Completed) -> Read {
    if pages.own_stage().0 != Stage::Acting {
        return Err(moot(RefusalCode::WrongStage, None));
    }
    if completed.round != pages.round() {
        return Err(moot(RefusalCode::WrongRound, None));
    }
    if pages.promises_in_force().iter().any(|promise| !promise.is_kept()) {
        return Err(moot(RefusalCode::CommitmentsOpen, None));
    }
    if let Some(offer) = pages.on_offer() {
        return Err(moot(RefusalCode::HandedOver, Some(offer)));
    }
    let relieves = pages.under_way().into_iter().map(|handover| handover.by.0).collect();
    Ok(Margin { relieves, ..Margin::enters(Stage::Done) })
}

/// The completion that made the case done, if a commitment of the agreement in force is open after all: people chose that it
/// was not kept, or signed elsewhere what outranks the word that was kept.
pub(super) fn completed_too_early(pages: Pages<'_>) -> Option<Stamp> {
    let (Stage::Done, Some(done_by)) = pages.own_stage() else { return None };
    let completed = pages.completions().iter().any(|(_, (stamp, _), _)| *stamp == done_by);
    let open = pages.promises_in_force().iter().any(|promise| !promise.is_kept());
    (completed && open).then_some(done_by)
}
