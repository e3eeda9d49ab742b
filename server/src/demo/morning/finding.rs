//! Finding: what was typed a minute ago is found by two characters, a name by its initials; and a second report of one
//! concern is recognised while it is being taken.

use doorstep_core::case::Reported;
use doorstep_core::search::Span;
use doorstep_core::words;

use super::WORKER;
use crate::demo::cast::{World, stopped};
use crate::words::Said;

/// Types this, and tells the best that was found.
pub(super) fn search(world: &World, typed: &str) -> Result<String, Said> {
    let lang = world.lang();
    let found = world.device(WORKER)?.search(typed, 3).map_err(|error| world.unexpected(WORKER, &error))?;
    let nothing = || stopped("没有找到", "nothing was found", &typed);
    let best = found.hits.first().filter(|_| !found.nearest).ok_or_else(nothing)?;
    let (title, snippet) = (marked(&best.title), marked(&best.snippet));
    let mut line = title.clone();
    if !snippet.is_empty() && snippet != title {
        line = format!("{line} · {snippet}");
    }
    world.tell(WORKER, &format!("{}{typed} → {line}", world.pick("查找 ", "finds ")));
    if let Some(sentence) = words::found_sentence(&found, lang) {
        world.beside(sentence);
    }
    if line.contains('【') { Ok(line) } else { Err(nothing()) }
}

/// The text with what was looked for in brackets.
fn marked(spans: &[Span]) -> String {
    let one = |span: &Span| if span.hit { format!("【{}】", span.text) } else { span.text.clone() };
    spans.iter().map(one).collect()
}

/// Somebody reports what was reported this morning: the phone shows it before anything is written.
pub(super) fn alike(world: &World, again: &Reported) -> Result<Vec<&'static str>, Said> {
    let lang = world.lang();
    let device = world.device(WORKER)?;
    let alike = device.likely_duplicates(again).map_err(|error| world.unexpected(WORKER, &error))?;
    let first = alike.first().ok_or_else(|| Said::new("没有认出重复。", "the duplicate was not recognised."))?;
    let why: Vec<&str> = first.why.iter().map(|reason| words::alike_reason(*reason, lang)).collect();
    let title = &first.row.title;
    let why = why.join(world.pick("、", ", "));
    world.tell(WORKER, &format!("{}{}", world.pick("正要登记 · ", "about to report · "), again.title));
    let line = match lang {
        words::Lang::Zh => format!("可能重复：{title}（{why}）"),
        words::Lang::En => format!("likely the same: {title} ({why})"),
    };
    world.beside(&line);
    Ok(first.why.iter().map(|reason| reason.name()).collect())
}
