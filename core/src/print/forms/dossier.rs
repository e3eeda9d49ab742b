//! 卷宗: cover, contents with the pages, every form that says something, and the closing sheet.

use super::{Copy, Form, Papers, case_foot, colon, day, pages as pages_of};
use crate::case::Stage;
use crate::print::PrintError;
use crate::print::flow::{Flow, HAIRLINE};
use crate::print::sheet::{LEFT, MEASURE, Page};
use crate::print::table::{Cell, Row};
use crate::print::typeset::{Align, Face, Style, Typesetter};
use crate::print::words::{cover, label, title};
use crate::time::Date;
use crate::words::{self, Lang};

const CONTENTS_SHARES: [f32; 4] = [0.1, 0.5, 0.25, 0.15];
const ATTACHMENT_SHARES: [f32; 4] = [0.08, 0.32, 0.18, 0.42];
/// Forms of a dossier, in the order in which they are filed.
const ORDER: [Form; 6] = [Form::Intake, Form::Notice, Form::Consultations, Form::Agreement, Form::Performance, Form::FollowUp];

/// One form of the dossier.
struct Part {
    title: &'static str,
    date: Option<Date>,
    pages: Vec<Page>,
}

/// Its pages.
pub(super) fn pages(papers: &Papers<'_>, copy: Copy, setter: &mut Typesetter<'_>) -> Result<Vec<Page>, PrintError> {
    let mut parts = Vec::new();
    for form in ORDER {
        let there = match form {
            Form::Agreement => papers.agreement.is_some(),
            Form::Consultations => !papers.state.consultations.is_empty(),
            Form::Performance => papers.state.agreement().is_some(),
            Form::FollowUp => !papers.state.effects.is_empty() || !papers.state.answers.is_empty(),
            _ => true,
        };
        if there {
            parts.push(Part { title: form.title(), date: date_of(form, papers), pages: pages_of(form, papers, copy, setter)? });
        }
    }
    parts.push(Part { title: title::CLOSING, date: None, pages: closing(papers, copy, setter) });
    // Two pages go before: the cover, and the contents, which are few enough for one.
    let before = 2;
    let inside: usize = parts.iter().map(|part| part.pages.len()).sum();
    let mut pages = front(papers, copy, before + inside, setter);
    pages.extend(contents(papers, copy, &parts, before, setter));
    pages.extend(parts.into_iter().flat_map(|part| part.pages));
    Ok(pages)
}

fn date_of(form: Form, papers: &Papers<'_>) -> Option<Date> {
    let state = papers.state;
    let written = match form {
        Form::Intake => state.report.as_ref().map(|(written, _)| written),
        Form::Consultations => state.consultations.last().map(|sitting| &sitting.opened),
        Form::Agreement => state.agreement().map(|agreement| &agreement.written),
        Form::Performance => state.completions.last().map(|(_, written, _)| written),
        Form::FollowUp => state.answers.last().map(|answer| &answer.written),
        _ => None,
    };
    written.map(|written| written.stamp.time.wall().date())
}

fn front(papers: &Papers<'_>, copy: Copy, count: usize, setter: &mut Typesetter<'_>) -> Vec<Page> {
    let mut flow = Flow::new(setter, case_foot(papers, Form::Dossier, copy));
    let state = papers.state;
    flow.skip(50.0);
    // Names may hold characters that the headings' font lacks: all in one font, then.
    let committee = Style { face: Face::Serif, ..Style::TITLE.sized(17.0, 28.0) };
    flow.text(&papers.committee(), &committee);
    flow.skip(14.0);
    flow.text(title::DOSSIER, &Style::TITLE.sized(30.0, 52.0));
    flow.skip(46.0);
    let mut parties: Vec<&str> =
        state.draft().map_or_else(Vec::new, |draft| draft.content.parties.iter().map(|party| party.name.as_str()).collect());
    if parties.is_empty() {
        parties = state.parties_to_ask();
    }
    let received = state.report.as_ref().map(|(written, _)| day(written.stamp.time.wall().date())).unwrap_or_default();
    let ended = state.own_stage_by.filter(|_| state.own_stage == Stage::Closed);
    let ended = ended.map(|stamp| day(stamp.time.wall().date())).unwrap_or_default();
    let signed = papers.agreement.and_then(|file| super::evidence::Proof::read(file).ok());
    let mediator = signed.and_then(|proof| proof.bundle.body.context.mediator);
    let assignee = state.assignee.as_ref().map(|id| papers.person(id).to_owned());
    let mediator = mediator.or(assignee).unwrap_or_default();
    let stage = words::stage(state.stage(), Lang::Zh);
    let short: String = papers.case.to_string().chars().take(8).collect();
    let fields = [
        (label::NUMBER, short.as_str()),
        (cover::NAME, papers.title()),
        (cover::PARTIES, &parties.join("、")),
        (cover::MEDIATOR, &mediator),
        (cover::RECEIVED, &received),
        (cover::ENDED, &ended),
        (cover::RESULT, stage),
        (cover::PAGES, &format!("{count} 页")),
        (cover::KEPT, ""),
        (cover::ARCHIVED, ""),
    ];
    let style = Style::BODY.sized(13.0, 24.0).indented(0.0);
    let head = Style::HEADING.sized(13.0, 24.0);
    /// From the left edge of the measure to the labels, their width, and the rules' length.
    const INSET: f32 = 40.0;
    const LABELS: f32 = 90.0;
    let width = MEASURE - 2.0 * INSET - LABELS;
    for (name, value) in fields {
        flow.column(&colon(name), &head, LEFT + INSET, flow.y(), LABELS);
        let left = LEFT + INSET + LABELS;
        let height = flow.column(value, &style, left, flow.y(), width).max(style.leading);
        let base = flow.y() + height + 1.0;
        flow.rule((left, base), (left + width, base), HAIRLINE);
        flow.go_to(base + 9.0);
    }
    flow.finish()
}

fn contents(papers: &Papers<'_>, copy: Copy, parts: &[Part], before: usize, setter: &mut Typesetter<'_>) -> Vec<Page> {
    let mut flow = Flow::new(setter, case_foot(papers, Form::Dossier, copy));
    flow.title(title::CONTENTS);
    let mut rows = vec![Row::heads(&label::CONTENTS_COLUMNS, &CONTENTS_SHARES)];
    let mut page = before + 1;
    for (place, part) in (1..).zip(parts) {
        let last = page + part.pages.len() - 1;
        let range = if last == page { page.to_string() } else { format!("{page}—{last}") };
        let [number, name, date, pages] = CONTENTS_SHARES;
        rows.push(
            Row::of(vec![
                Cell::value(place.to_string(), number).centred(),
                Cell::value(part.title, name).set(Style::CELL.aligned(Align::Left)),
                Cell::value(part.date.map(day).unwrap_or_default(), date).centred(),
                Cell::value(range, pages).centred(),
            ])
            .at_least(26.0),
        );
        page = last + 1;
    }
    flow.table(rows, 1);
    flow.finish()
}

fn closing(papers: &Papers<'_>, copy: Copy, setter: &mut Typesetter<'_>) -> Vec<Page> {
    let mut flow = Flow::new(setter, case_foot(papers, Form::Dossier, copy));
    flow.title(title::CLOSING);
    flow.text(cover::REMARK, &Style::BODY);
    // Photos and recordings may show neighbours: their list stays with the committee.
    if copy == Copy::Committee {
        flow.heading(cover::ATTACHMENTS);
        let mut rows = vec![Row::heads(&label::ATTACHMENT_COLUMNS, &ATTACHMENT_SHARES)];
        for (place, (written, attached)) in (1..).zip(&papers.state.attachments) {
            let [number, name, date, digest] = ATTACHMENT_SHARES;
            rows.push(Row::of(vec![
                Cell::value(place.to_string(), number).centred(),
                Cell::value(&attached.caption, name),
                Cell::value(day(written.stamp.time.wall().date()), date).centred(),
                Cell::value(attached.digest.to_string(), digest).set(Style::FINE.aligned(Align::Left)),
            ]));
        }
        if rows.len() == 1 {
            rows.push(Row::of(vec![Cell::value(cover::NO_ATTACHMENTS, 1.0)]));
        }
        flow.table(rows, 1);
    }
    flow.skip(10.0);
    flow.place_to_sign(&format!("{}{}：", cover::CHECKED, label::SIGNATURE));
    flow.place_to_sign(&format!("{}{}：", cover::INSPECTED, label::SIGNATURE));
    flow.finish()
}
