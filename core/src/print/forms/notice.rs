//! 权利义务告知书: what the parties are told, and where they sign that they were.

use super::{Copy, Form, Papers, case_foot};
use crate::print::flow::Flow;
use crate::print::sheet::Page;
use crate::print::typeset::{Style, Typesetter};
use crate::print::words::{DUTIES, EFFECT, INTRODUCTION, RIGHTS, SIGNING_ON_A_SCREEN, label, title};

/// Its pages.
pub(super) fn pages(papers: &Papers<'_>, copy: Copy, setter: &mut Typesetter<'_>) -> Vec<Page> {
    let mut flow = Flow::new(setter, case_foot(papers, Form::Notice, copy));
    // A little tighter than an agreement, so that it is one sheet, printed on both sides if need be.
    let style = Style::BODY.sized(11.0, 18.5).indented(22.0);
    flow.title(title::NOTICE);
    flow.text(INTRODUCTION, &style);
    let sections: [(&str, &[&str]); 4] = [
        ("一、当事人的权利", &RIGHTS),
        ("二、当事人的义务", &DUTIES),
        ("三、调解协议的效力", &EFFECT),
        ("四、在屏幕上签名与个人信息", &SIGNING_ON_A_SCREEN),
    ];
    for (heading, items) in sections {
        flow.heading(heading);
        for (place, item) in (1..).zip(items) {
            flow.text(&format!("{place}．{item}"), &style);
        }
    }
    flow.skip(4.0);
    flow.text("以上内容已向本人告知，本人已经了解。", &style);
    let names = names(papers);
    for name in &names {
        flow.to_sign(&format!("{}{}{name}：", label::PARTY, label::SIGNATURE));
    }
    for _blank in names.len()..2 {
        flow.to_sign(&format!("{}{}：", label::PARTY, label::SIGNATURE));
    }
    flow.to_sign(&format!("告知人{}：", label::SIGNATURE));
    flow.finish()
}

/// The parties of the draft in force.
fn names<'a>(papers: &Papers<'a>) -> Vec<&'a str> {
    let draft = papers.state.draft().into_iter();
    draft.flat_map(|draft| &draft.content.parties).map(|party| party.name.as_str()).collect()
}
