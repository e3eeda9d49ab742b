//! 权利义务告知书: what the parties are told, and where they sign that they were.

use super::{Copy, Form, Papers, case_foot};
use crate::print::flow::Flow;
use crate::print::sheet::Page;
use crate::print::typeset::{Style, Typesetter};
use crate::print::words::{DUTIES, EFFECT, INTRODUCTION, RIGHTS, SIGNING_ON_A_SCREEN, label, title};

/// Its pages.
pub(super) fn pages(papers: &Papers<'_>, copy: Copy, setter: &mut Typesetter<'_>) -> Vec<Page> {
    let mut flow = Flow::new(setter, case_foot(papers, Form::Notice, copy));
    // Tighter than an agreement, so that two parties sign on the one page that they were given.
    let style = Style::BODY.sized(10.5, 16.0).indented(21.0);
    flow.title(title::NOTICE);
    flow.text(INTRODUCTION, &style);
    let sections: [&[&str]; 4] = [&RIGHTS, &DUTIES, &EFFECT, &SIGNING_ON_A_SCREEN];
    for (heading, items) in label::NOTICE.into_iter().zip(sections) {
        flow.heading(heading);
        for (place, item) in (1..).zip(items) {
            flow.text(&format!("{place}．{item}"), &style);
        }
    }
    flow.skip(4.0);
    flow.text(label::TOLD, &style);
    let names = names(papers);
    for name in &names {
        flow.place_to_sign(&format!("{}{}{name}：", label::PARTY, label::SIGNATURE));
    }
    for _blank in names.len()..2 {
        flow.place_to_sign(&format!("{}{}：", label::PARTY, label::SIGNATURE));
    }
    flow.place_to_sign(&format!("{}{}：", label::TOLD_BY, label::SIGNATURE));
    flow.finish()
}

/// The parties of the draft in force.
fn names<'a>(papers: &Papers<'a>) -> Vec<&'a str> {
    let draft = papers.state.draft().into_iter();
    draft.flat_map(|draft| &draft.content.parties).map(|party| party.name.as_str()).collect()
}
