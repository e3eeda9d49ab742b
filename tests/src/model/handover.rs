//! Two raises, one transfer (两提一转): where each handover is, and who has the case.

use doorstep_core::case::{AgreementForm, Department, Event, HandoverKind, RefusalCode, Stage};
use doorstep_core::id::OrgId;
use doorstep_core::time::Stamp;

use super::pages::{By, Pages, by};
use super::{Line, Margin, Moot, Read, law, moot};

/// Where a handover is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Where {
    /// Offered; the receiver has not answered.
    Offered,
    /// With the receiver.
    Accepted(By),
    /// Back, for this reason.
    Returned(By, String),
    /// Settled, with this result.
    Settled(By, String),
    /// Taken back by the community, for this reason.
    Recalled(By, String),
    /// Moot: this event overtook it.
    Overtaken(Stamp),
}

/// A raise or a transfer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handover {
    /// Who offered it.
    pub by: By,
    /// The round.
    pub round: u32,
    /// Raise or transfer.
    pub kind: HandoverKind,
    /// To whom.
    pub to: OrgId,
    /// Why.
    pub reason: String,
    /// Where it is.
    pub at: Where,
    /// Departments called to one table under it.
    pub convened: Vec<(By, Vec<Department>)>,
}

impl Handover {
    /// Whether the case is out of the community's hands because of it.
    const fn is_under_way(&self) -> bool {
        matches!(self.at, Where::Offered | Where::Accepted(_))
    }

    /// The event that brought it where it is.
    const fn brought_there_by(&self) -> Option<Stamp> {
        match &self.at {
            Where::Offered => None,
            Where::Accepted(by) | Where::Returned(by, _) | Where::Settled(by, _) | Where::Recalled(by, _) => Some(by.0),
            Where::Overtaken(by) => Some(*by),
        }
    }
}

impl Pages<'_> {
    /// Every handover that was ever offered while the case was open.
    pub fn handovers(self) -> Vec<Handover> {
        let mut handovers: Vec<Handover> = Vec::new();
        for (number, line, event) in self.events() {
            if let Some((kind, to, reason)) = offer(event) {
                let at = match line.margin.moot {
                    None => Where::Offered,
                    // Another one was under way.
                    Some(Moot { why: RefusalCode::HandedOver, by: Some(earlier) }) => Where::Overtaken(earlier),
                    Some(_) => continue,
                };
                let round = self.before(number).round();
                let (to, reason, convened) = (to.clone(), reason.to_owned(), Vec::new());
                handovers.push(Handover { by: by(line), round, kind, to, reason, at, convened });
                continue;
            }
            if line.margin.moot.is_some() {
                continue;
            }
            for handover in &mut handovers {
                goes_on(handover, line, event);
            }
        }
        handovers
    }

    /// Those under which the case is out of the community's hands: offered or accepted. More than one only while people
    /// have to choose.
    pub fn under_way(self) -> Vec<Handover> {
        self.handovers().into_iter().filter(Handover::is_under_way).collect()
    }

    /// The offer that the case waits for an answer to; with several under way, the first of them speaks.
    pub(super) fn on_offer(self) -> Option<Stamp> {
        let under_way = self.under_way();
        let first = under_way.first()?;
        (first.at == Where::Offered).then_some(first.by.0)
    }

    /// The org that has the case, because it accepted it.
    pub fn holder(self) -> Option<OrgId> {
        self.handovers().into_iter().find(|handover| matches!(handover.at, Where::Accepted(_))).map(|handover| handover.to)
    }
}

fn offer(event: &Event) -> Option<(HandoverKind, &OrgId, &str)> {
    match event {
        Event::Raised(e) => Some((HandoverKind::Raised { ground: e.ground.clone(), tried: e.tried.clone() }, &e.to, &e.reason)),
        Event::Transferred(e) => Some((HandoverKind::Transferred, &e.to, &e.reason)),
        _ => None,
    }
}

/// What an event that counts does to a handover.
fn goes_on(handover: &mut Handover, line: &Line, event: &Event) {
    let (offered, here) = (handover.by.0, line.entry.stamp);
    let under_way = handover.is_under_way();
    match event {
        // Spoken about this one.
        Event::HandoverAccepted(e) if e.handover == offered => handover.at = Where::Accepted(by(line)),
        Event::HandoverReturned(e) if e.handover == offered => handover.at = Where::Returned(by(line), e.why.clone()),
        Event::HandoverSettled(e) if e.handover == offered => handover.at = Where::Settled(by(line), e.result.clone()),
        Event::HandoverRecalled(e) if e.handover == offered => handover.at = Where::Recalled(by(line), e.why.clone()),
        Event::DepartmentsConvened(e) if e.handover == offered => {
            handover.convened.push((by(line), e.departments.clone()));
        }
        // Completed by whoever had it.
        Event::Completed(e) if under_way => handover.at = Where::Settled(by(line), e.words.clone()),
        // A signature overtakes an offer that nobody has accepted.
        Event::AgreementSealed(_) | Event::AgreementOnPaper(_) if handover.at == Where::Offered => {
            handover.at = Where::Overtaken(here);
        }
        // The case ended, and the handover with it.
        Event::Withdrawn(_) | Event::MergedInto(_) if under_way => handover.at = Where::Overtaken(here),
        // People chose against it.
        Event::ContestSettled(e) if under_way && e.over.contains(&offered) => handover.at = Where::Overtaken(here),
        _ => {}
    }
}

/// raise, transfer: open. Of two that were offered apart the earlier is effective, the later overtaken.
pub(super) fn offered(pages: Pages<'_>) -> Read {
    law::is_open(pages)?;
    match pages.under_way().first() {
        Some(earlier) => Err(moot(RefusalCode::HandedOver, Some(earlier.by.0))),
        None => Ok(Margin::counts()),
    }
}

fn find(pages: Pages<'_>, offer: Stamp) -> Result<Handover, Moot> {
    let found = pages.handovers().into_iter().find(|handover| handover.by.0 == offer);
    found.ok_or(moot(RefusalCode::NoHandover, None))
}

/// What was said about a handover that is not where this could be said.
fn too_late(handover: &Handover) -> Moot {
    moot(RefusalCode::NoHandover, handover.brought_there_by())
}

/// accept: offered. One that another handover or a signature overtook was accepted by somebody who did not know of that:
/// as long as the case is open it is as real as whatever is left of what overtook it, and people must choose. Not one that
/// people have chosen against, or that ended with the case.
pub(super) fn accepted(pages: Pages<'_>, offer: Stamp) -> Read {
    let handover = find(pages, offer)?;
    let overtaken_by = match handover.at {
        Where::Offered => return Ok(Margin::counts()),
        Where::Overtaken(by) => by,
        _ => return Err(too_late(&handover)),
    };
    let by_handover = pages.handovers().iter().any(|other| other.by.0 == overtaken_by);
    let by_signature = pages.agreements().iter().any(|agreed| agreed.by.0 == overtaken_by);
    if pages.own_stage().0.is_end() || !(by_handover || by_signature) {
        return Err(too_late(&handover));
    }
    let mut against: Vec<Stamp> = pages.under_way().into_iter().map(|other| other.by.0).collect();
    let signed = pages.in_force().filter(|agreed| !matches!(agreed.form, AgreementForm::Oral { .. }));
    // What was signed before it was offered was no secret to whoever offered it.
    against.extend(signed.map(|agreed| agreed.by.0).filter(|signed| *signed > offer));
    let at_odds = against.into_iter().map(|other| (other, offer)).collect();
    Ok(Margin { relieves: vec![offer], restores: vec![offer], at_odds, ..Margin::default() })
}

/// return: offered or accepted. Nothing is left to choose between.
pub(super) fn returned(pages: Pages<'_>, offer: Stamp) -> Read {
    let handover = find(pages, offer)?;
    if !handover.is_under_way() {
        return Err(too_late(&handover));
    }
    Ok(Margin { relieves: vec![offer], ..Margin::default() })
}

/// settle: accepted. The result comes back to the community, which asks the parties like after its own work.
pub(super) fn settled(pages: Pages<'_>, offer: Stamp) -> Read {
    let handover = find(pages, offer)?;
    if !matches!(handover.at, Where::Accepted(_)) {
        return Err(too_late(&handover));
    }
    let enters = (!pages.own_stage().0.is_end()).then_some(Stage::Done);
    Ok(Margin { relieves: vec![offer], enters, ..Margin::default() })
}

/// recall: not yet accepted.
pub(super) fn recalled(pages: Pages<'_>, offer: Stamp) -> Read {
    let handover = find(pages, offer)?;
    if handover.at != Where::Offered {
        return Err(too_late(&handover));
    }
    Ok(Margin { relieves: vec![offer], ..Margin::default() })
}

/// convene: accepted by the committee.
pub(super) fn convened(pages: Pages<'_>, offer: Stamp) -> Read {
    let handover = find(pages, offer)?;
    if !matches!(handover.at, Where::Accepted(_)) {
        return Err(too_late(&handover));
    }
    Ok(Margin::counts())
}
