//! 履行情况记录: each commitment of the agreement in force, and what was found.

use super::{Copy, Form, Papers, case_foot, colon, day, grouped};
use crate::case::{Agreement, AgreementForm, CommitmentState, CommitmentStatus};
use crate::print::flow::Flow;
use crate::print::sheet::Page;
use crate::print::table::{Cell, Row};
use crate::print::typeset::{Style, Typesetter};
use crate::print::words::{after as said, label, sitting, title};

/// Shares: number, who, what, by when, how it stands, who found it and when.
const SHARES: [f32; 6] = [0.06, 0.12, 0.26, 0.19, 0.22, 0.15];

/// Its pages.
pub(super) fn pages(papers: &Papers<'_>, copy: Copy, setter: &mut Typesetter<'_>) -> Vec<Page> {
    let mut flow = Flow::new(setter, case_foot(papers, Form::Performance, copy));
    flow.title(title::PERFORMANCE);
    let Some(agreement) = papers.state.agreement() else {
        flow.text(said::NO_AGREEMENT, &Style::BODY);
        return flow.finish();
    };
    flow.field(&colon(label::CASE), papers.title(), false);
    flow.field(&colon(said::AGREEMENT), &which(agreement), false);
    flow.skip(6.0);
    let mut rows = vec![Row::heads(&label::PERFORMANCE_COLUMNS, &SHARES)];
    rows.extend(papers.state.commitments().enumerate().map(|(place, one)| commitment(papers, place, one)));
    if rows.len() == 1 {
        rows.push(Row::of(vec![Cell::value(said::NONE, 1.0)]));
    }
    flow.table(rows, 1);
    let round = papers.state.round;
    for (_, written, words) in papers.state.completions.iter().filter(|(of, ..)| *of == round) {
        flow.skip(6.0);
        let words = if words.is_empty() { said::ALL_SETTLED } else { words };
        let who = format!("（{}，{}）", papers.person(&written.by), day(written.stamp.time.wall().date()));
        flow.field(&colon(said::COMPLETED), &format!("{words}{who}"), false);
    }
    flow.skip(4.0);
    flow.place_to_sign(&format!("{}{}：", label::PARTY, label::SIGNATURE));
    flow.place_to_sign(&format!("{}{}：", sitting::RECORDER, label::SIGNATURE));
    flow.finish()
}

fn which(agreement: &Agreement) -> String {
    let on = day(agreement.written.stamp.time.wall().date());
    match &agreement.form {
        AgreementForm::Sealed { check_number, .. } => format!("{on}签署，{} {}", label::CHECK_NUMBER, grouped(check_number)),
        AgreementForm::Paper { witness, .. } => format!("{on}{}，{}{witness}", said::ON_PAPER, label::WITNESS),
        AgreementForm::Oral { witness } => format!("{on}{}，{}{witness}", said::ORAL, label::WITNESS),
    }
}

fn commitment(papers: &Papers<'_>, place: usize, one: &CommitmentState) -> Row {
    let drafted = papers.state.drafts.iter().find(|draft| draft.written.stamp == one.id.draft);
    let index = usize::try_from(one.id.index).unwrap_or(usize::MAX);
    let first = drafted.and_then(|draft| draft.content.commitments.get(index)).map(|first| first.due);
    let due = match first {
        Some(first) if first != one.content.due => {
            format!("{}\n（{}{}）", day(one.content.due), said::EXTENDED_FROM, day(first))
        }
        _ => day(one.content.due),
    };
    let how = match &one.status {
        CommitmentStatus::Open => said::OPEN.to_owned(),
        CommitmentStatus::Fulfilled(_, seen) => found(said::FULFILLED, seen),
        CommitmentStatus::Defaulted(_, why) => found(said::DEFAULTED, why),
        CommitmentStatus::Waived(_, why) => found(said::WAIVED, why),
    };
    let disputed = if one.disputed.is_empty() { "" } else { sitting::DISPUTED };
    let who = one
        .status
        .written()
        .map_or_else(String::new, |written| format!("{}\n{}", papers.person(&written.by), written.stamp.time.wall().date()));
    let deed = one
        .content
        .amount_fen
        .map_or_else(|| one.content.deed.clone(), |fen| format!("{}（{}）", one.content.deed, super::yuan(fen)));
    let texts = [(place + 1).to_string(), one.content.party.clone(), deed, due, format!("{how}{disputed}"), who];
    let cells = texts.into_iter().zip(SHARES).enumerate().map(|(column, (text, share))| {
        let cell = Cell::value(text, share).set(Style::CELL.sized(10.0, 15.0));
        if matches!(column, 0 | 1 | 3 | 5) { cell.centred() } else { cell }
    });
    Row::of(cells.collect())
}

fn found(status: &str, words: &str) -> String {
    if words.is_empty() { status.into() } else { format!("{status}：{words}") }
}
