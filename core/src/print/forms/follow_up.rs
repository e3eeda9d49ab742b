//! 回访记录: what was seen on the spot, and what the parties said, round by round.

use super::{Copy, Form, Papers, case_foot, colon, day};
use crate::case::Reply;
use crate::print::flow::Flow;
use crate::print::sheet::Page;
use crate::print::table::{Cell, Row};
use crate::print::typeset::{Style, Typesetter};
use crate::print::words::{after as said, label, title};
use crate::words::{self, Lang};

const EFFECT_SHARES: [f32; 4] = [0.08, 0.2, 0.57, 0.15];
const ANSWER_SHARES: [f32; 7] = [0.08, 0.14, 0.09, 0.19, 0.14, 0.23, 0.13];

/// Its pages.
pub(super) fn pages(papers: &Papers<'_>, copy: Copy, setter: &mut Typesetter<'_>) -> Vec<Page> {
    let mut flow = Flow::new(setter, case_foot(papers, Form::FollowUp, copy));
    flow.title(title::FOLLOW_UP);
    flow.field(&colon(label::CASE), papers.title(), false);
    flow.heading(said::EFFECT);
    let mut rows = vec![Row::heads(&label::EFFECT_COLUMNS, &EFFECT_SHARES)];
    rows.extend(papers.state.effects.iter().map(|(round, written, seen)| {
        let on = day(written.stamp.time.wall().date());
        cells([round.to_string(), on, seen.clone(), papers.person(&written.by).to_owned()], EFFECT_SHARES, 2)
    }));
    table(&mut flow, rows);
    flow.heading(said::ANSWERS);
    let mut rows = vec![Row::heads(&label::ANSWER_COLUMNS, &ANSWER_SHARES)];
    rows.extend(papers.state.answers.iter().map(|answer| {
        let (on, grade, words) = match &answer.reply {
            Reply::Given { grade, words } => {
                (answer.written.stamp.time.wall().date(), words::grade(*grade, Lang::Zh), words.clone())
            }
            Reply::Tried { on } => (*on, said::NOT_REACHED, String::new()),
        };
        let texts = [
            answer.round.to_string(),
            answer.party.clone(),
            words::asked(answer.asked, Lang::Zh).to_owned(),
            day(on),
            grade.to_owned(),
            words,
            papers.person(&answer.written.by).to_owned(),
        ];
        cells(texts, ANSWER_SHARES, 5)
    }));
    table(&mut flow, rows);
    flow.skip(4.0);
    flow.place_to_sign(&format!("{}{}：", label::PARTY, label::SIGNATURE));
    flow.place_to_sign(&format!("{}{}：", label::PARTY, label::SIGNATURE));
    flow.place_to_sign(&format!("{}{}：", label::ASKED_BY, label::SIGNATURE));
    flow.finish()
}

fn table(flow: &mut Flow<'_, '_>, mut rows: Vec<Row>) {
    if rows.len() == 1 {
        rows.push(Row::of(vec![Cell::value(said::NONE, 1.0)]));
    }
    flow.table(rows, 1);
}

/// A row; all columns but the one with free words are centred.
fn cells<const N: usize>(texts: [String; N], shares: [f32; N], words: usize) -> Row {
    let cells = texts.into_iter().zip(shares).enumerate().map(|(column, (text, share))| {
        let cell = Cell::value(text, share).set(Style::CELL.sized(10.0, 15.0));
        if column == words { cell } else { cell.centred() }
    });
    Row::of(cells.collect())
}
