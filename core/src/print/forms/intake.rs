//! 受理登记表: how a concern came in, and what became of it so far.

use super::{Copy, Form, Papers, case_foot, colon, day};
use crate::case::{AgreementForm, Outcome};
use crate::print::flow::Flow;
use crate::print::sheet::Page;
use crate::print::table::{Cell, Row};
use crate::print::typeset::{Align, Style, Typesetter};
use crate::print::words::{after, intake as said, label, sitting, title};
use crate::words::{self, Lang};

/// Share of a label; a row has two pairs or one.
const LABEL: f32 = 0.16;
const HALF: f32 = 0.34;

fn pair(one: (&str, &str), other: (&str, &str)) -> Row {
    let cells = [one, other].into_iter().flat_map(|(label, value)| [Cell::label(label, LABEL), Cell::value(value, HALF)]);
    Row::of(cells.collect()).at_least(26.0)
}

fn wide(label: &str, value: &str, least: f32) -> Row {
    let style = Style::CELL.sized(10.5, 17.0);
    Row::of(vec![Cell::label(label, LABEL), Cell::value(value, 1.0 - LABEL).set(style)]).at_least(least)
}

/// Its pages.
pub(super) fn pages(papers: &Papers<'_>, copy: Copy, setter: &mut Typesetter<'_>) -> Vec<Page> {
    let mut flow = Flow::new(setter, case_foot(papers, Form::Intake, copy));
    flow.title(title::INTAKE);
    let right = Style::CELL.aligned(Align::Right);
    let short: String = papers.case.to_string().chars().take(8).collect();
    flow.text(&format!("{}{short}", colon(label::NUMBER)), &right);
    flow.skip(3.0);
    let report = papers.state.report.as_ref();
    let reported = report.map(|(_, reported)| reported);
    let taken = report.map(|(written, _)| written);
    let place = papers.state.place();
    let reporter = reported.and_then(|reported| reported.reporter.as_ref());
    let telephone = match (copy, reporter) {
        (Copy::Party, Some(_)) => said::WITHHELD,
        (Copy::Committee, Some(reporter)) => &reporter.phone,
        (_, None) => "",
    };
    let received = taken.map(|written| day(written.stamp.time.wall().date())).unwrap_or_default();
    let grid = place.map_or("", |place| papers.directory.grid(&place.grid).map_or("", |grid| grid.name.as_str()));
    let building = place.and_then(|place| place.building.as_ref()).map(ToString::to_string).unwrap_or_default();
    let account = reported.map_or("", |reported| reported.account.as_str());
    let later = if papers.account.trim() == account.trim() { "" } else { papers.account };
    let assignee = papers.state.assignee.as_ref().map_or("", |id| papers.person(id));
    flow.table(
        vec![
            pair(
                (said::CHANNEL, reported.map_or("", |reported| words::channel(reported.channel, Lang::Zh))),
                (said::DAY, &received),
            ),
            pair((said::REPORTER, reporter.map_or(said::FOUND, |reporter| &reporter.name)), (said::TELEPHONE, telephone)),
            pair((said::COMMUNITY, papers.community()), (said::GRID, grid)),
            pair((said::BUILDING, &building), (said::ADDRESS, place.map_or("", |place| &place.detail))),
            pair(
                (said::CATEGORY, reported.map_or("", |reported| &reported.category)),
                (said::STAGE, words::stage(papers.state.stage(), Lang::Zh)),
            ),
            wide(said::TITLE, papers.title(), 26.0),
            wide(said::ACCOUNT, account, 110.0),
            wide(said::LATER, later, 60.0),
            wide(said::HANDLED, &handled(papers), 110.0),
            pair((said::TAKEN_BY, taken.map_or("", |written| papers.person(&written.by))), (said::ASSIGNEE, assignee)),
            wide(said::REMARKS, "", 40.0),
        ],
        0,
    );
    flow.place_to_sign(&format!("{}{}：", said::REPORTER, label::SIGNATURE));
    flow.place_to_sign(&format!("{}{}：", said::TAKEN_BY, label::SIGNATURE));
    flow.finish()
}

/// What happened since, a line each: sittings, agreements, handovers, completions.
fn handled(papers: &Papers<'_>) -> String {
    let state = papers.state;
    let mut lines: Vec<(crate::time::Stamp, String)> = Vec::new();
    for sitting in &state.consultations {
        let outcome = sitting.outcome.as_ref().map_or(sitting::OPEN, |(_, outcome)| match outcome {
            Outcome::Agreed => sitting::AGREED,
            Outcome::NotAgreed { .. } => sitting::NOT_AGREED,
            Outcome::Adjourned { .. } => sitting::ADJOURNED,
        });
        lines.push((sitting.opened.stamp, format!("{}，{outcome}", words::form(sitting.form, Lang::Zh))));
    }
    for agreement in state.agreements.iter().filter(|agreement| agreement.holds) {
        let how = match &agreement.form {
            AgreementForm::Sealed { check_number, .. } => {
                format!("{}，{} {}", after::SIGNED, label::CHECK_NUMBER, super::grouped(check_number))
            }
            AgreementForm::Paper { witness, .. } => format!("{}，{}{witness}", after::BY_HAND, label::WITNESS),
            AgreementForm::Oral { witness } => format!("{}，{}{witness}", after::ORALLY, label::WITNESS),
        };
        lines.push((agreement.written.stamp, how));
    }
    for handover in &state.handovers {
        let to = papers.directory.org_name(&handover.to);
        let status = after::handover(&handover.status);
        lines.push((handover.offered.stamp, format!("{}{to}（{status}）", after::HANDED_TO)));
    }
    for (_, written, words) in &state.completions {
        lines.push((written.stamp, if words.is_empty() { after::DONE.into() } else { format!("{}：{words}", after::DONE) }));
    }
    lines.sort_by_key(|(stamp, _)| *stamp);
    let said = lines.into_iter().map(|(stamp, line)| format!("{}　{line}", day(stamp.time.wall().date())));
    said.collect::<Vec<_>>().join("\n")
}
