//! Agreed (商定): drafts, and how one of them comes into force: signed, witnessed and sealed, or by word.

use doorstep_core::case::{
    AgreementConfirmed, AgreementDrafted, AgreementForm, AgreementOnPaper, AgreementOral, AgreementSealed, AgreementStamped,
    ContestSettled, Event, RefusalCode, Stage,
};
use doorstep_core::time::Stamp;

use super::handover::Where;
use super::pages::{By, Pages, Standing, by};
use super::{Margin, Moot, Read, moot};

/// A draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// Who drafted it.
    pub by: By,
    /// The round.
    pub round: u32,
    /// What it says.
    pub content: AgreementDrafted,
}

/// An agreement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agreed {
    /// Who recorded it.
    pub by: By,
    /// Its draft.
    pub draft: Stamp,
    /// The round.
    pub round: u32,
    /// Signed or by word.
    pub form: AgreementForm,
    /// Whether it holds.
    pub holds: bool,
    /// Who stamped it.
    pub stamped: Option<By>,
    /// Who recorded that a court confirmed it, and what was recorded.
    pub confirmed: Option<(By, AgreementConfirmed)>,
}

impl Pages<'_> {
    /// Every draft there ever was, those that came too late too: it may have been signed where nobody knew that it was.
    pub fn drafts(self) -> Vec<Draft> {
        let mut drafts = Vec::new();
        for (number, line, event) in self.events() {
            if let Event::AgreementDrafted(content) = event {
                let round = round_of(self.before(number), content);
                drafts.push(Draft { by: by(line), round, content: content.clone() });
            }
        }
        drafts
    }

    /// The draft that would be signed now: the last of this round that nothing has overtaken.
    pub fn draft(self) -> Option<Draft> {
        let (round, standings) = (self.round(), self.standings());
        let overtaken = |draft: &Draft| matches!(standings.get(&draft.by.0), Some(Standing::Overtaken { .. }));
        self.drafts().into_iter().rfind(|draft| draft.round == round && !overtaken(draft))
    }

    /// Every agreement there ever was.
    pub fn agreements(self) -> Vec<Agreed> {
        let mut agreements: Vec<Agreed> = Vec::new();
        for (_, line, event) in self.events() {
            let counts = line.margin.moot.is_none();
            match event {
                // A signature stays on record even where the round went on without it.
                Event::AgreementSealed(_) | Event::AgreementOnPaper(_) => {
                    let Some((draft, form)) = signature(event) else { continue };
                    let Some(round) = self.round_of_draft(draft) else { continue };
                    if counts {
                        // A signature outranks a word of mouth.
                        for other in agreements.iter_mut().filter(|other| other.round == round) {
                            if matches!(other.form, AgreementForm::Oral { .. }) {
                                other.holds = false;
                            }
                        }
                    } else if line.margin.moot.is_some_and(|moot| moot.why != RefusalCode::WrongRound) {
                        continue;
                    }
                    let holds = line.margin.in_force;
                    agreements.push(Agreed { by: by(line), draft, round, form, holds, stamped: None, confirmed: None });
                }
                Event::AgreementOral(oral) if counts => {
                    let Some(round) = self.round_of_draft(oral.draft) else { continue };
                    let form = AgreementForm::Oral { witness: oral.witness.clone() };
                    agreements.push(Agreed {
                        by: by(line),
                        draft: oral.draft,
                        round,
                        form,
                        holds: line.margin.in_force,
                        stamped: None,
                        confirmed: None,
                    });
                }
                Event::ContestSettled(choice) if counts => choose(&mut agreements, choice),
                Event::AgreementStamped(stamp) if counts => {
                    agreements
                        .iter_mut()
                        .filter(|one| one.by.0 == stamp.agreement)
                        .for_each(|one| one.stamped = Some(by(line)));
                }
                Event::AgreementConfirmed(ruling) if counts => {
                    let confirmed = Some((by(line), ruling.clone()));
                    agreements
                        .iter_mut()
                        .filter(|one| one.by.0 == ruling.agreement)
                        .for_each(|one| one.confirmed.clone_from(&confirmed));
                }
                _ => {}
            }
            for agreed in agreements.iter_mut().filter(|agreed| line.margin.upholds == Some(agreed.by.0)) {
                agreed.holds = true;
            }
        }
        agreements
    }

    /// Every agreement, as it is once this choice is made.
    pub(super) fn agreements_after(self, choice: &ContestSettled) -> Vec<Agreed> {
        let mut agreements = self.agreements();
        choose(&mut agreements, choice);
        agreements
    }

    /// The agreement in force in this round; of several that still exclude each other, the first.
    pub fn in_force(self) -> Option<Agreed> {
        let round = self.round();
        self.agreements().into_iter().find(|agreed| agreed.round == round && agreed.holds)
    }

    fn round_of_draft(self, draft: Stamp) -> Option<u32> {
        self.drafts().into_iter().find(|known| known.by.0 == draft).map(|known| known.round)
    }
}

/// The chosen one holds, those that were chosen against don't.
fn choose(agreements: &mut [Agreed], choice: &ContestSettled) {
    for agreed in agreements {
        if choice.over.contains(&agreed.by.0) {
            agreed.holds = false;
        }
        if agreed.by.0 == choice.holds {
            agreed.holds = true;
        }
    }
}

/// The signature of this round that counts, is at odds with nothing any more, and still does not hold though nothing else
/// does: from now on it holds.
pub(super) fn stands_alone(pages: Pages<'_>) -> Option<Stamp> {
    if pages.in_force().is_some() {
        return None;
    }
    let (round, standings) = (pages.round(), pages.standings());
    let is_signed = |agreed: &Agreed| !matches!(agreed.form, AgreementForm::Oral { .. });
    let signed = pages.agreements().into_iter().filter(is_signed).map(|agreed| (agreed.round, agreed.by.0));
    let mut alone = signed.filter(|(of, stamp)| *of == round && !standings.contains_key(stamp));
    alone.next().map(|(_, stamp)| stamp)
}

/// A draft is of the round of the sitting that it came from.
fn round_of(pages: Pages<'_>, drafted: &AgreementDrafted) -> u32 {
    for sitting in pages.sittings() {
        if sitting.records.iter().any(|(record, _)| *record == drafted.consultation) {
            return sitting.round;
        }
    }
    pages.round()
}

/// draft agreement: a consultation ended agreed, and nothing is in force yet.
fn may_draft(pages: Pages<'_>) -> Result<(), Moot> {
    if let Some(agreed) = pages.in_force() {
        return Err(moot(RefusalCode::AgreementHolds, Some(agreed.by.0)));
    }
    if let Some(offer) = pages.on_offer() {
        return Err(moot(RefusalCode::HandedOver, Some(offer)));
    }
    match pages.own_stage().0 {
        Stage::Agreed => Ok(()),
        Stage::Unreported => Err(moot(RefusalCode::NotReported, None)),
        Stage::Received | Stage::Consulting | Stage::Reopened => Err(moot(RefusalCode::NotAgreed, None)),
        _ => Err(moot(RefusalCode::WrongStage, None)),
    }
}

pub(super) fn drafted(pages: Pages<'_>, drafted: &AgreementDrafted) -> Read {
    if round_of(pages, drafted) != pages.round() {
        return Err(moot(RefusalCode::WrongRound, None));
    }
    may_draft(pages)?;
    Ok(Margin::counts())
}

/// Recording an oral agreement: allowed by law where a draft may be written, marked as such.
pub(super) fn oral(pages: Pages<'_>, oral: &AgreementOral) -> Read {
    let round = pages.round_of_draft(oral.draft).ok_or(moot(RefusalCode::NoDraft, None))?;
    may_draft(pages)?;
    if round != pages.round() {
        return Err(moot(RefusalCode::WrongRound, None));
    }
    Ok(Margin { in_force: true, enters: carried_out_from(pages), ..Margin::default() })
}

/// Which draft was signed, on a screen or on paper, and how.
fn signature(event: &Event) -> Option<(Stamp, AgreementForm)> {
    Some(match event {
        Event::AgreementSealed(AgreementSealed { draft, bundle, check_number }) => {
            (*draft, AgreementForm::Sealed { bundle: *bundle, check_number: check_number.clone() })
        }
        Event::AgreementOnPaper(AgreementOnPaper { draft, sheets, witness }) => {
            (*draft, AgreementForm::Paper { sheets: sheets.clone(), witness: witness.clone() })
        }
        _ => return None,
    })
}

/// What was sealed, or signed on paper, is what was signed, whatever else happened.
pub(super) fn signed(pages: Pages<'_>, here: Stamp, signed: Stamp) -> Read {
    let round = pages.round_of_draft(signed).ok_or(moot(RefusalCode::NoDraft, None))?;
    if round != pages.round() {
        return Err(moot(RefusalCode::WrongRound, None));
    }
    let mut overtakes = Vec::new();
    let mut against = Vec::new();
    let standings = pages.standings();
    for agreed in pages.agreements().into_iter().filter(|agreed| agreed.round == round) {
        let chosen_against = matches!(standings.get(&agreed.by.0), Some(Standing::Overtaken { .. }));
        match agreed.form {
            // A signature outranks a word of mouth.
            AgreementForm::Oral { .. } if agreed.holds => overtakes.push(agreed.by.0),
            // All signatures are real, unless people have chosen against one.
            AgreementForm::Sealed { .. } | AgreementForm::Paper { .. } if !chosen_against => against.push(agreed.by.0),
            _ => {}
        }
    }
    let another_holds = pages.in_force().is_some_and(|agreed| !matches!(agreed.form, AgreementForm::Oral { .. }));
    for handover in pages.under_way() {
        match handover.at {
            // Offered by somebody who did not know that it was being signed.
            Where::Offered => overtakes.push(handover.by.0),
            // Whoever has the case may have drafted and sealed it themselves.
            _ if signed > handover.by.0 => {}
            _ => against.push(handover.by.0),
        }
    }
    let alone = against.is_empty();
    // Ended by somebody who did not know that it was being signed.
    if let (stage, Some(end)) = pages.own_stage()
        && stage.is_end()
    {
        against.push(end);
    }
    // A signature outranks an edit; not those drafts that led to the signed one.
    let line_of_drafts = replaced_by(pages, signed);
    for draft in pages.drafts() {
        if draft.round == round && draft.by.0 != signed && !line_of_drafts.contains(&draft.by.0) {
            overtakes.push(draft.by.0);
        }
    }
    Ok(Margin {
        in_force: alone || !another_holds,
        enters: carried_out_from(pages),
        overtakes: overtakes.into_iter().map(|stamp| (stamp, RefusalCode::DraftSuperseded)).collect(),
        at_odds: against.into_iter().map(|stamp| (stamp, here)).collect(),
        ..Margin::default()
    })
}

/// An agreement that comes into force is carried out from now on, unless the case is further already.
pub(super) fn carried_out_from(pages: Pages<'_>) -> Option<Stage> {
    let moves = matches!(pages.own_stage().0, Stage::Received | Stage::Consulting | Stage::Agreed | Stage::Reopened);
    moves.then_some(Stage::Acting)
}

/// The drafts that this one replaces, and those that they replace: steps on the way to it. Whoever replaces a draft has
/// seen it, so it is the earlier one.
fn replaced_by(pages: Pages<'_>, draft: Stamp) -> Vec<Stamp> {
    let mut replaced = Vec::new();
    let mut at = draft;
    for known in pages.drafts().into_iter().rev() {
        if known.by.0 == at
            && let Some(earlier) = known.content.replaces
        {
            replaced.push(earlier);
            at = earlier;
        }
    }
    replaced
}

/// stamp: what was signed was stamped, whatever became of the case; the first stamp counts.
pub(super) fn stamped(pages: Pages<'_>, stamp: &AgreementStamped) -> Read {
    let agreements = pages.agreements();
    let of_bundle = |one: &&Agreed| matches!(one.form, AgreementForm::Sealed { bundle, .. } if bundle == stamp.bundle);
    let Some(agreed) = agreements.iter().filter(of_bundle).find(|one| one.by.0 == stamp.agreement) else {
        return Err(moot(RefusalCode::NotSigned, None));
    };
    match &agreed.stamped {
        Some((first, _)) => Err(moot(RefusalCode::StampedAlready, Some(*first))),
        None => Ok(Margin::counts()),
    }
}

/// confirm: a court confirms what was signed and stamped, once.
pub(super) fn confirmed(pages: Pages<'_>, ruling: &AgreementConfirmed) -> Read {
    let agreements = pages.agreements();
    let signed = |one: &&Agreed| matches!(one.form, AgreementForm::Sealed { .. }) && one.by.0 == ruling.agreement;
    let Some(agreed) = agreements.iter().find(signed) else {
        return Err(moot(RefusalCode::NotSigned, None));
    };
    if agreed.stamped.is_none() {
        return Err(moot(RefusalCode::NotStamped, None));
    }
    match &agreed.confirmed {
        Some(((first, _), _)) => Err(moot(RefusalCode::ConfirmedAlready, Some(*first))),
        None => Ok(Margin::counts()),
    }
}
