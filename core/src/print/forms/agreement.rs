//! 人民调解协议书: the signed agreement. Made of its file's bytes and nothing else, so that whoever has the file can make the
//! same paper again, byte for byte, and see that the pages say what was signed.

use super::evidence::{self, Proof};
use super::{Copy, colon, day, finish, minute, yuan};
use crate::agreement::{Body, SignedAct, SignerRole, TEMPLATE, party_label};
use crate::print::PrintError;
use crate::print::flow::{Flow, HAIRLINE};
use crate::print::fonts::Fonts;
use crate::print::pdf::About;
use crate::print::sheet::{LEFT, MEASURE, Page};
use crate::print::table::{Cell, Row};
use crate::print::typeset::{Align, Style, Typesetter};
use crate::print::words::{evidence as said, identity, intake, label, title};

/// Height of the box for a signature, points.
const INK_HEIGHT: f32 = 48.0;
/// Room for the committee's name, its seal and its day, points: three lines.
const COMMITTEE_HEIGHT: f32 = 3.0 * Style::BODY.leading + 6.0;
/// Between two signatures side by side.
const GUTTER: f32 = 18.0;
/// Shares of the measure: number, who, what, how much, by when.
const COMMITMENT_SHARES: [f32; 5] = [0.07, 0.15, 0.42, 0.16, 0.20];

/// Prints an agreement from its file (or bare bundle).
pub fn agreement(file: &[u8], copy: Copy, fonts: &Fonts) -> Result<Vec<u8>, PrintError> {
    let proof = Proof::read(file)?;
    let mut setter = Typesetter::new(fonts);
    let pages = of(&proof, copy, &mut setter)?;
    let number = proof.number.grouped();
    let about = About {
        title: format!("{} {number}", title::AGREEMENT),
        id: format!("{}/{}", proof.bundle.digest, copy.name()),
        at: proof.bundle.seal.context.at.wall,
    };
    finish(pages, about, Some(file), &mut setter)
}

/// Its pages.
pub(super) fn pages(file: &[u8], copy: Copy, setter: &mut Typesetter<'_>) -> Result<Vec<Page>, PrintError> {
    of(&Proof::read(file)?, copy, setter)
}

fn of(proof: &Proof, copy: Copy, setter: &mut Typesetter<'_>) -> Result<Vec<Page>, PrintError> {
    let body = &proof.bundle.body;
    let foot = format!("{} {}　{}", label::CHECK_NUMBER, proof.number.grouped(), copy.words());
    let mut flow = Flow::new(setter, foot);
    flow.title(title::AGREEMENT);
    let number = body.context.number.as_deref().unwrap_or("　　　　　　　　　　");
    flow.text(&format!("{}{number}", colon(label::NUMBER)), &Style::BODY.aligned(Align::Right).indented(0.0));
    if body.template == TEMPLATE {
        terms(&mut flow, body);
    } else {
        flow.text(&body.text, &Style::BODY);
    }
    flow.skip(4.0);
    signatures(&mut flow, &proof.bundle.acts);
    committee(&mut flow, proof);
    evidence::standing(&mut flow, proof)?;
    evidence::annex(&mut flow, proof)?;
    Ok(flow.finish())
}

/// The signed text, its list of commitments as a table. `text::render` made it of the same fields: what stands before and after
/// the list is taken from it word for word.
fn terms(flow: &mut Flow<'_, '_>, body: &Body) {
    let drafted = &body.drafted;
    for (place, party) in drafted.parties.iter().enumerate() {
        flow.field(&format!("{}{}：", label::PARTY, party_label(place)), &party.name, false);
    }
    flow.field(&colon(label::PLACE), &format!("{}，{}", body.context.tenant, body.context.community), false);
    if let Some(reporter) = &body.context.reporter {
        flow.field(&colon(intake::REPORTER), reporter, false);
    }
    flow.heading(&colon(label::FACTS));
    flow.text(&drafted.facts, &Style::BODY);
    flow.heading(&colon(label::AGREED));
    flow.text(&drafted.terms, &Style::BODY);
    flow.skip(4.0);
    commitments(flow, &drafted.commitments);
    for line in closing_lines(body) {
        flow.text(line, &Style::BODY);
    }
}

/// The table of commitments; nothing if there are none.
pub(super) fn commitments(flow: &mut Flow<'_, '_>, commitments: &[crate::case::Commitment]) {
    if commitments.is_empty() {
        return;
    }
    let [number, who, what, much, when] = COMMITMENT_SHARES;
    let mut rows = vec![Row::heads(&label::COMMITMENT_COLUMNS, &COMMITMENT_SHARES)];
    rows.extend(commitments.iter().enumerate().map(|(place, one)| {
        Row::of(vec![
            Cell::value((place + 1).to_string(), number).centred(),
            Cell::value(&one.party, who).centred(),
            Cell::value(&one.deed, what),
            Cell::value(one.amount_fen.map_or_else(|| "—".into(), yuan), much).centred(),
            Cell::value(day(one.due), when).centred(),
        ])
    }));
    flow.table(rows, 1);
    flow.skip(8.0);
}

/// The lines of the signed text below its list: there are as many as the fields say.
fn closing_lines(body: &Body) -> impl Iterator<Item = &str> {
    let context = &body.context;
    let count = 3 + usize::from(context.supersedes.is_some()) + usize::from(context.mediator.is_some());
    let lines = body.text.lines().count();
    body.text.lines().skip(lines.saturating_sub(count))
}

/// Signatures, two side by side, each with its own line of when and how.
fn signatures(flow: &mut Flow<'_, '_>, acts: &[SignedAct]) {
    let width = (MEASURE - GUTTER) / 2.0;
    let head = Style::CELL.aligned(Align::Left);
    let fine = Style::FINE;
    let mut parties = 0;
    let mut titles = acts.iter().map(|signed| {
        let act = signed.act();
        let role = match act.role {
            SignerRole::Party => {
                parties += 1;
                format!("{}{}", label::PARTY, party_label(parties - 1))
            }
            SignerRole::Witness => label::WITNESS.into(),
            SignerRole::Mediator => label::MEDIATOR.into(),
        };
        let capacity = if act.capacity.is_empty() { String::new() } else { format!("（{}）", act.capacity) };
        let by = act.by.as_ref().map(|by| format!("（{by}{}）", said::BY)).unwrap_or_default();
        format!("{role}{}：{}{by}{capacity}", label::SIGNATURE, act.name)
    });
    let pairs = acts.len().div_ceil(2);
    for (at, pair) in acts.chunks(2).enumerate() {
        let heads: Vec<String> = titles.by_ref().take(pair.len()).collect();
        let tallest = heads.iter().map(|text| flow.setter.lines(text, &head, width).len()).max().unwrap_or(1).min(6);
        let lines = u8::try_from(tallest).map_or(1.0, f32::from);
        // The committee's seal belongs on the page where the last of them signed.
        let with = if at + 1 == pairs { COMMITTEE_HEIGHT } else { 0.0 };
        flow.need(head.leading * lines + INK_HEIGHT + fine.leading + 7.0 + with);
        let top = flow.y();
        let boxed = top + head.leading * lines;
        for (place, (signed, text)) in (0u8..).zip(pair.iter().zip(&heads)) {
            let act = signed.act();
            let left = LEFT + f32::from(place) * (width + GUTTER);
            flow.column(text, &head, left, top, width);
            flow.ink(signed.drawing(), (left + 14.0, boxed + 4.0, width - 28.0, INK_HEIGHT - 8.0));
            flow.rule((left, boxed + INK_HEIGHT), (left + width, boxed + INK_HEIGHT), HAIRLINE);
            let ink: String = act.drawing.to_string().chars().take(12).collect();
            let below = format!("{}　{} {ink}　{}", minute(act.at.wall), said::INK, identity(act.identity));
            flow.column(&below, &fine, left, boxed + INK_HEIGHT + 1.0, width);
        }
        flow.go_to(boxed + INK_HEIGHT + fine.leading + 7.0);
    }
}

/// Where the committee's stamp goes, and its day.
fn committee(flow: &mut Flow<'_, '_>, proof: &Proof) {
    let style = Style::BODY.indented(0.0);
    flow.need(COMMITTEE_HEIGHT);
    flow.skip(6.0);
    let committee = format!("{}{}", proof.bundle.body.context.committee, label::STAMP);
    flow.text(&committee, &style);
    let stamped = proof.stamped_on();
    let date = stamped.map_or_else(|| label::DATE_BLANK.trim_start().to_owned(), day);
    let top = flow.y() - style.leading;
    let width = flow.setter.width(&date, &style);
    // Beside the committee, where its name leaves room; else below it.
    let beside = flow.setter.width(&committee, &style) + width + 24.0 < MEASURE;
    let y = if beside { top } else { flow.y() };
    flow.column(&date, &style.aligned(Align::Right), LEFT, y, MEASURE);
    flow.go_to(y + style.leading + 6.0);
}
