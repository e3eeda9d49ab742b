//! 调解记录: every sitting with its 5W, how it ended, and the minutes.

use super::{Copy, Form, Papers, case_foot, day, minute};
use crate::case::{Consultation, Outcome, Participant};
use crate::print::flow::Flow;
use crate::print::sheet::Page;
use crate::print::table::{Cell, Row};
use crate::print::typeset::{Style, Typesetter};
use crate::print::words::{label, sitting as said, title};
use crate::words::{self, Lang};

const LABEL: f32 = 0.15;
/// Shares of the participants' columns.
const PARTICIPANTS: [f32; 4] = [0.2, 0.3, 0.2, 0.3];

/// Its pages.
pub(super) fn pages(papers: &Papers<'_>, copy: Copy, setter: &mut Typesetter<'_>) -> Vec<Page> {
    let mut flow = Flow::new(setter, case_foot(papers, Form::Consultations, copy));
    flow.title(title::CONSULTATIONS);
    flow.text(papers.title(), &Style::CELL.aligned(crate::print::typeset::Align::Centre));
    if papers.state.consultations.is_empty() {
        flow.text(said::NONE, &Style::BODY);
        return flow.finish();
    }
    for (number, sitting) in (1..).zip(&papers.state.consultations) {
        flow.heading(&said::heading(number, sitting.round));
        flow.table(head(papers, sitting), 0);
        flow.table(participants(&sitting.elements.who), 1);
        flow.table(content(sitting), 0);
        flow.skip(6.0);
    }
    if !papers.minutes.trim().is_empty() {
        flow.heading(said::MINUTES);
        flow.text(papers.minutes, &Style::BODY);
    }
    flow.skip(4.0);
    flow.place_to_sign(&format!("{}{}：", label::PARTY, label::SIGNATURE));
    flow.place_to_sign(&format!("{}{}：", label::PARTY, label::SIGNATURE));
    flow.place_to_sign(&format!("{}{}：", label::MEDIATOR, label::SIGNATURE));
    flow.place_to_sign(&format!("{}{}：", said::RECORDER, label::SIGNATURE));
    flow.finish()
}

fn row(one: (&str, &str), other: (&str, &str)) -> Row {
    let cells =
        [one, other].into_iter().flat_map(|(label, value)| [Cell::label(label, LABEL), Cell::value(value, 0.5 - LABEL)]);
    Row::of(cells.collect()).at_least(24.0)
}

fn head(papers: &Papers<'_>, sitting: &Consultation) -> Vec<Row> {
    let when = sitting.elements.when.unwrap_or_else(|| sitting.opened.stamp.time.wall());
    let recorders = [&sitting.opened].into_iter().chain(&sitting.also).map(|written| papers.person(&written.by));
    let mut names: Vec<&str> = Vec::new();
    for name in recorders {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    vec![
        row((said::WHEN, &minute(when)), (said::FORM, words::form(sitting.form, Lang::Zh))),
        row((said::WHERE, &sitting.elements.place), (said::RECORDER, &names.join("、"))),
    ]
}

/// Two to a row.
fn participants(who: &[Participant]) -> Vec<Row> {
    let mut rows = vec![Row::heads(&label::PARTICIPANT_COLUMNS, &PARTICIPANTS)];
    for two in who.chunks(2) {
        let texts = [two.first(), two.get(1)]
            .into_iter()
            .flat_map(|one| one.map_or([String::new(), String::new()], |one| [one.name.clone(), one.capacity.clone()]));
        rows.push(Row::of(texts.zip(PARTICIPANTS).map(|(text, share)| Cell::value(text, share).centred()).collect()));
    }
    rows
}

fn content(sitting: &Consultation) -> Vec<Row> {
    let wide = |label: &str, value: &str, least| {
        Row::of(vec![Cell::label(label, LABEL), Cell::value(value, 1.0 - LABEL)]).at_least(least)
    };
    let mut outcome = match &sitting.outcome {
        None => said::OPEN.to_owned(),
        Some((_, Outcome::Agreed)) => said::AGREED.into(),
        Some((_, Outcome::NotAgreed { reason })) => format!("{}：{reason}", said::NOT_AGREED),
        Some((_, Outcome::Adjourned { until })) => format!("{}：{}", said::ADJOURNED, day(*until)),
    };
    if !sitting.disputed.is_empty() {
        outcome.push_str(said::DISPUTED);
    }
    vec![
        wide(said::WHAT, &sitting.elements.what, 36.0),
        wide(said::WHY, &sitting.elements.why, 36.0),
        wide(said::OUTCOME, &outcome, 24.0),
    ]
}
