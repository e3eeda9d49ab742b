//! The draft as a paper to be signed in wet ink: for disputes that the law keeps off screens, and for whoever prefers paper.

use super::{Papers, agreement, colon, day};
use crate::agreement::party_label;
use crate::print::PrintError;
use crate::print::flow::Flow;
use crate::print::sheet::Page;
use crate::print::typeset::{Align, Style, Typesetter};
use crate::print::words::{evidence, foot, label, title};
use crate::words::{self, Lang};

/// Its pages.
pub(super) fn pages(papers: &Papers<'_>, setter: &mut Typesetter<'_>) -> Result<Vec<Page>, PrintError> {
    let drafted = &papers.state.draft().ok_or(PrintError::Nothing)?.content;
    let foot = format!("{}　{}", super::label_of(papers.case), foot::NO_SIGNATURE);
    let mut flow = Flow::new(setter, foot);
    flow.title(title::AGREEMENT);
    let blank = format!("{}　　　　　　　　　　　　", colon(label::NUMBER));
    flow.text(&blank, &Style::BODY.aligned(Align::Right).indented(0.0));
    for (place, party) in drafted.parties.iter().enumerate() {
        flow.field(&format!("{}{}：", label::PARTY, party_label(place)), &party.name, false);
    }
    flow.field(&colon(label::PLACE), &format!("{}，{}", papers.directory.name, papers.community()), false);
    flow.field(&colon(label::DISPUTE), words::dispute(drafted.dispute, Lang::Zh), false);
    flow.heading(&colon(label::FACTS));
    flow.text(&drafted.facts, &Style::BODY);
    flow.heading(&colon(label::AGREED));
    flow.text(&drafted.terms, &Style::BODY);
    flow.skip(4.0);
    agreement::commitments(&mut flow, &drafted.commitments);
    let copies = drafted.parties.len() + 1;
    flow.text(&evidence::copies(copies, &papers.committee()), &Style::BODY);
    flow.text(evidence::WRITTEN_OFF, &Style::BODY);
    for place in 0..drafted.parties.len() {
        flow.place_to_sign(&format!("{}{}{}：", label::PARTY, party_label(place), label::SIGNATURE));
    }
    flow.place_to_sign(&format!("{}{}：", label::WITNESS, label::SIGNATURE));
    flow.place_to_sign(&format!("{}{}：", label::MEDIATOR, label::SIGNATURE));
    flow.place_to_sign(&format!("{}{}：", papers.committee(), label::STAMP));
    flow.skip(6.0);
    flow.text(&format!("{}：{}", evidence::UNSEALED, day(papers.at.date())), &Style::SMALL);
    Ok(flow.finish())
}
