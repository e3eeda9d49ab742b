//! What goes into the margin: the handbook's table, a row an event.
//!
//! Nobody asks here whether somebody was allowed to do it; that was asked when it was done. What no longer fits was done by
//! people who could not know of something else, and the law says what becomes of it.

use doorstep_core::case::{Body, Closed, ContestSettled, Entry, Event, RefusalCode, Stage};
use doorstep_core::time::Stamp;

use super::pages::{Pages, Standing};
use super::{Margin, Moot, Read, act, agree, consult, follow, handover, moot};

/// The margin of an entry that comes after these pages.
pub(super) fn margin(pages: Pages<'_>, entry: &Entry) -> Margin {
    // Kinds of a newer version are kept and change nothing.
    let Body::Event(event) = &entry.body else { return Margin::counts() };
    match read(pages, entry.stamp, event) {
        Ok(margin) => margin,
        Err(moot) => Margin { moot: Some(moot), ..Margin::default() },
    }
}

fn read(pages: Pages<'_>, here: Stamp, event: &Event) -> Read {
    match event {
        // A case begins once.
        Event::Reported(_) => match pages.report() {
            Some(((first, _), _)) => Err(moot(RefusalCode::AlreadyReported, Some(first))),
            None => Ok(Margin::enters(Stage::Received)),
        },
        // assign: lead, open.
        Event::Assigned(_) => is_open(pages).map(|()| Margin::counts()),

        Event::ConsultationOpened(opened) => consult::opened(pages, opened),
        Event::ConsultationConcluded(concluded) => consult::concluded(pages, here, concluded),

        Event::AgreementDrafted(drafted) => agree::drafted(pages, drafted),
        Event::AgreementSealed(sealed) => agree::signed(pages, here, sealed.draft),
        Event::AgreementOnPaper(paper) => agree::signed(pages, here, paper.draft),
        Event::AgreementOral(oral) => agree::oral(pages, oral),
        Event::AgreementStamped(stamp) => agree::stamped(pages, stamp),
        Event::AgreementConfirmed(ruling) => agree::confirmed(pages, ruling),

        Event::CommitmentFulfilled(_)
        | Event::CommitmentDefaulted(_)
        | Event::CommitmentWaived(_)
        | Event::CommitmentExtended(_) => act::found(pages, here, event),
        Event::Completed(completed) => act::completed(pages, completed),

        // What was seen and what people said is true whatever happened meanwhile, as long as its round had come.
        Event::EffectChecked(checked) => round_has_come(pages, checked.round),
        Event::FeedbackTried(tried) => round_has_come(pages, tried.round),
        Event::FeedbackGiven(given) => follow::given(pages, given),

        Event::Closed(closed) => close(pages, closed),
        Event::Withdrawn(withdrawn) => follow::ended(pages, here, Stage::Withdrawn, withdrawn.knew),
        Event::MergedInto(merged) => follow::ended(pages, here, Stage::Merged, merged.knew),

        Event::Raised(_) | Event::Transferred(_) => handover::offered(pages),
        Event::HandoverAccepted(accepted) => handover::accepted(pages, accepted.handover),
        Event::HandoverReturned(returned) => handover::returned(pages, returned.handover),
        Event::HandoverSettled(settled) => handover::settled(pages, settled.handover),
        Event::HandoverRecalled(recalled) => handover::recalled(pages, recalled.handover),
        Event::DepartmentsConvened(convened) => handover::convened(pages, convened.handover),

        // A note counts whatever happened meanwhile.
        Event::Noted(_) | Event::Attached(_) => Ok(Margin::counts()),
        Event::ContestSettled(choice) => chosen(pages, choice),
    }
}

/// Open: reported, and neither closed nor withdrawn nor merged.
pub(super) fn is_open(pages: Pages<'_>) -> Result<(), Moot> {
    if pages.report().is_none() {
        return Err(moot(RefusalCode::NotReported, None));
    }
    if pages.own_stage().0.is_end() {
        return Err(moot(RefusalCode::WrongStage, None));
    }
    Ok(())
}

/// Nothing can be said about a round that nobody has begun.
fn round_has_come(pages: Pages<'_>, round: u32) -> Read {
    if round > pages.round() { Err(moot(RefusalCode::WrongRound, None)) } else { Ok(Margin::counts()) }
}

/// close: done, nobody dissatisfied in this round. A round that went on means that somebody was.
fn close(pages: Pages<'_>, closed: &Closed) -> Read {
    let round = pages.round();
    if closed.round < round {
        return Err(moot(RefusalCode::Dissatisfied, None));
    }
    if pages.stage() != Stage::Done {
        return Err(moot(RefusalCode::WrongStage, None));
    }
    if closed.round > round {
        return Err(moot(RefusalCode::WrongRound, None));
    }
    if follow::somebody_is_dissatisfied(pages, round) {
        return Err(moot(RefusalCode::Dissatisfied, None));
    }
    Ok(Margin::enters(Stage::Closed))
}

/// The lead chooses between events that exclude each other: the chosen one holds, the others are overtaken by the choice,
/// and what they had brought about ends.
fn chosen(pages: Pages<'_>, choice: &ContestSettled) -> Read {
    if choice.why.trim().is_empty() {
        return Err(moot(RefusalCode::Missing, None));
    }
    if choice.why.chars().count() > doorstep_core::case::TEXT_MAX {
        return Err(moot(RefusalCode::TooLong, None));
    }
    let standings = pages.standings();
    let Some(Standing::Contested { with }) = standings.get(&choice.holds) else {
        return Err(moot(RefusalCode::NotContested, None));
    };
    if choice.over.is_empty() || !choice.over.iter().all(|over| with.contains(over)) {
        return Err(moot(RefusalCode::NotContested, None));
    }
    let overtakes = choice.over.iter().map(|over| (*over, RefusalCode::NotContested)).collect();
    let enters = stage_after_choice(pages, choice);
    Ok(Margin { enters, overtakes, ..Margin::default() })
}

/// Where the case stands after a choice, if the choice moves it.
fn stage_after_choice(pages: Pages<'_>, choice: &ContestSettled) -> Option<Stage> {
    let (stage, brought_by) = pages.own_stage();
    let agreement_remains = pages.agreements_after(choice).iter().any(|agreed| agreed.round == pages.round() && agreed.holds);
    // An end that was chosen against has not come: what was agreed is to be carried out.
    if stage.is_end() && brought_by.is_some_and(|end| choice.over.contains(&end)) && agreement_remains {
        return Some(Stage::Acting);
    }
    let sittings = pages.sittings_after(choice);
    let this_round = || sittings.iter().filter(|sitting| sitting.round == pages.round());
    // Without an agreement there is nothing to carry out: back to how the table rose.
    if stage == Stage::Acting && !agreement_remains {
        let agreed = this_round().any(consult::Sitting::rose_agreed);
        return Some(if agreed { Stage::Agreed } else { Stage::Consulting });
    }
    // What comes into force by the choice is carried out from now on.
    if agreement_remains && pages.in_force().is_none() {
        return agree::carried_out_from(pages);
    }
    // The choice of how people rose moves a case that still stands where they left it. What they came to when they sat down
    // again stands, whatever is found about an earlier sitting.
    let last = pages.sittings().pop();
    let chosen_now = last.is_some_and(|sitting| sitting.round == pages.round() && sitting.disputes(choice.holds));
    if matches!(stage, Stage::Consulting | Stage::Agreed) && !agreement_remains && chosen_now {
        return sittings.last().and_then(consult::Sitting::brings);
    }
    None
}
