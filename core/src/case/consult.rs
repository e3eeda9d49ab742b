//! Reported, consulted at once (接诉即商): opening and concluding a consultation, and the 5W.

use super::event::{ConsultationConcluded, ConsultationOpened, Elements, Outcome};
use super::moot::{Applied, Moot, refuse};
use super::refusal::{Refusal, RefusalCode};
use super::state::{CaseState, Consultation, HandoverStatus, Stage, Standing, Written};
use super::text::{self, LINE_MAX, TEXT_MAX};
use crate::time::Stamp;

impl Elements {
    /// Which of the 5W are missing, by name.
    pub fn missing(&self) -> Vec<&'static str> {
        let mut missing = Vec::new();
        let mut need = |there: bool, name| {
            if !there {
                missing.push(name);
            }
        };
        need(!self.who.is_empty(), "who");
        need(!self.what.trim().is_empty(), "what");
        need(self.when.is_some(), "when");
        need(!self.place.trim().is_empty(), "where");
        need(!self.why.trim().is_empty(), "why");
        missing
    }

    /// These elements, each replaced where `later` gives it.
    fn amend(&mut self, later: &Self) {
        if !later.who.is_empty() {
            self.who.clone_from(&later.who);
        }
        if !later.what.trim().is_empty() {
            self.what.clone_from(&later.what);
        }
        if later.when.is_some() {
            self.when = later.when;
        }
        if !later.place.trim().is_empty() {
            self.place.clone_from(&later.place);
        }
        if !later.why.trim().is_empty() {
            self.why.clone_from(&later.why);
        }
    }

    /// These elements, completed by another record of the same sitting: people of both, the rest where it was missing.
    fn complete_from(&mut self, other: &Self) {
        let mut both = other.clone();
        both.amend(self);
        for participant in &other.who {
            if !both.who.contains(participant) {
                both.who.push(participant.clone());
            }
        }
        *self = both;
    }

    fn check(&self) -> Result<(), Refusal> {
        text::list("who", &self.who)?;
        for participant in &self.who {
            text::required("who", &participant.name, LINE_MAX)?;
            text::optional("who", &participant.capacity, LINE_MAX)?;
        }
        text::optional("what", &self.what, TEXT_MAX)?;
        text::optional("where", &self.place, LINE_MAX)?;
        text::optional("why", &self.why, TEXT_MAX)
    }
}

impl Outcome {
    /// The stage it brings.
    pub(super) const fn stage(&self) -> Stage {
        match self {
            Self::Agreed => Stage::Agreed,
            Self::NotAgreed { .. } | Self::Adjourned { .. } => Stage::Consulting,
        }
    }

    /// Whether two records of one sitting say the same. Reasons may be worded differently; the day to meet again is one.
    fn is_at_one_with(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Adjourned { until }, Self::Adjourned { until: other }) => until == other,
            _ => std::mem::discriminant(self) == std::mem::discriminant(other),
        }
    }
}

/// Whether people may sit down: the case is open, nothing is in force, nobody else has it.
pub(super) fn sittable(state: &CaseState) -> Applied {
    if state.handover().is_some_and(|handover| handover.status == HandoverStatus::Offered) {
        return Err(Moot::new(RefusalCode::HandedOver, state.handover().map(|handover| handover.offered.stamp)));
    }
    match state.own_stage {
        Stage::Received | Stage::Consulting | Stage::Agreed | Stage::Reopened => Ok(()),
        // An org that holds the case may sit down whatever stage the community's own work was in.
        Stage::Acting | Stage::Done if state.holder().is_some() => Ok(()),
        Stage::Unreported => Err(Moot::new(RefusalCode::NotReported, None)),
        _ => Err(Moot::new(RefusalCode::WrongStage, None)),
    }
}

pub(super) fn check_opened(state: &CaseState, event: &ConsultationOpened) -> Result<(), Refusal> {
    sittable(state).map_err(|moot| refuse(state, &moot))?;
    if state.open_consultation().is_some() || event.number != next_number(state) {
        return Err(Refusal::new(RefusalCode::ConsultationOpen));
    }
    event.elements.check()
}

/// The number of the consultation that would be opened now.
pub(super) fn next_number(state: &CaseState) -> u32 {
    u32::try_from(state.consultations.len()).unwrap_or(u32::MAX).saturating_add(1)
}

pub(super) fn opened(state: &mut CaseState, written: Written, event: &ConsultationOpened) -> Applied {
    // Two phones that opened the same sitting hold one consultation with two records.
    let index = usize::try_from(event.number).unwrap_or(usize::MAX).wrapping_sub(1);
    if let Some(same) = state.consultations.get_mut(index) {
        same.elements.complete_from(&event.elements);
        same.also.push(written);
        return Ok(());
    }
    sittable(state)?;
    if let Some(open) = state.open_consultation() {
        return Err(Moot::new(RefusalCode::ConsultationOpen, Some(open.opened.stamp)));
    }
    state.enter(Stage::Consulting, written.stamp);
    state.consultations.push(Consultation {
        opened: written,
        also: Vec::new(),
        round: state.round,
        form: event.form,
        elements: event.elements.clone(),
        outcome: None,
        disputed: Vec::new(),
    });
    Ok(())
}

pub(super) fn check_concluded(state: &CaseState, event: &ConsultationConcluded) -> Result<(), Refusal> {
    sittable(state).map_err(|moot| refuse(state, &moot))?;
    let open = state.open_consultation().filter(|open| open.has_record(event.consultation));
    let Some(open) = open else { return Err(Refusal::new(RefusalCode::NoOpenConsultation)) };
    event.elements.check()?;
    if let Outcome::NotAgreed { reason } = &event.outcome {
        text::required("reason", reason, TEXT_MAX)?;
    }
    let mut elements = open.elements.clone();
    elements.amend(&event.elements);
    match elements.missing() {
        missing if missing.is_empty() => Ok(()),
        missing => Err(Refusal::about(RefusalCode::ElementsMissing, missing)),
    }
}

pub(super) fn concluded(state: &mut CaseState, written: Written, event: &ConsultationConcluded) -> Applied {
    let round = state.round;
    let consultation = state.consultations.iter_mut().find(|c| c.has_record(event.consultation));
    let Some(consultation) = consultation else { return Err(Moot::new(RefusalCode::NoOpenConsultation, None)) };
    if consultation.outcome.is_some() {
        // A further record of the same sitting. People must choose between it and each that says otherwise, not only the one
        // that counts meanwhile: they may choose against that one.
        consultation.elements.complete_from(&event.elements);
        let stamp = written.stamp;
        let said = consultation.outcome.iter().chain(&consultation.disputed);
        let contrary = said.filter(|(_, outcome)| !outcome.is_at_one_with(&event.outcome)).map(|(record, _)| record.stamp);
        let chosen_against = |stamp: &Stamp| matches!(state.standings.get(stamp), Some(Standing::Overtaken { .. }));
        let contrary: Vec<Stamp> = contrary.filter(|stamp| !chosen_against(stamp)).collect();
        consultation.disputed.push((written, event.outcome.clone()));
        for other in contrary {
            state.contest(other, stamp);
        }
        return Ok(());
    }
    consultation.elements.amend(&event.elements);
    consultation.outcome = Some((written.clone(), event.outcome.clone()));
    if consultation.round == round && matches!(state.own_stage, Stage::Consulting | Stage::Reopened | Stage::Agreed) {
        // Whoever holds a case may sit down while an agreement is in force; afterwards it is carried out as before.
        let stage = if state.agreement().is_some() { Stage::Acting } else { event.outcome.stage() };
        state.enter(stage, written.stamp);
    }
    Ok(())
}
