//! The words: the agreement's text and each signer's statement, made from fields by fixed templates, so that they can be
//! made again and compared. A template never changes; a better one gets another name.

use std::fmt::Write as _;

use super::act::SignerRole;
use super::body::FreezeContext;
use super::digest::CheckNumber;
use crate::case::AgreementDrafted;
use crate::time::{Date, Timestamp};

/// The template of [`render`].
pub const TEMPLATE: &str = "zh-people-mediation-1";

/// What is wrong with a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TextFault {
    TooLong,
    Unprintable,
}

/// One line: no breaks, nothing that does not show.
pub(super) fn check_line(value: &str, max: usize) -> Result<(), TextFault> {
    check_text(value, max, |_| false)
}

/// Several lines.
pub(super) fn check_prose(value: &str, max: usize) -> Result<(), TextFault> {
    check_text(value, max, |c| c == '\n')
}

fn check_text(value: &str, max: usize, also: impl Fn(char) -> bool) -> Result<(), TextFault> {
    if value.chars().nth(max).is_some() {
        Err(TextFault::TooLong)
    } else if value.chars().any(|c| !also(c) && is_hidden(c)) {
        Err(TextFault::Unprintable)
    } else {
        Ok(())
    }
}

/// Control characters, invisible ones, and those that turn the direction of writing: with them, a screen and a judge's
/// printout can show two texts for the same characters.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}'
                | '\u{61c}'
                | '\u{180e}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

/// Whether two names are one person's: spaces apart, the same characters.
pub(super) fn same_name(one: &str, other: &str) -> bool {
    one.chars().filter(|c| !c.is_whitespace()).eq(other.chars().filter(|c| !c.is_whitespace()))
}

/// 甲乙丙丁 …, as parties are called; numbers beyond ten.
pub fn party_label(place: usize) -> String {
    "甲乙丙丁戊己庚辛壬癸".chars().nth(place).map_or_else(|| (place + 1).to_string(), String::from)
}

fn day(date: Date) -> String {
    let (year, month, day) = date.ymd();
    format!("{year}年{month}月{day}日")
}

/// An instant as people in China read it, to the minute.
pub(super) fn instant(at: Timestamp) -> String {
    let (hour, minute) = at.clock();
    format!("{} {hour:02}:{minute:02}", day(at.date()))
}

fn yuan(fen: u64) -> String {
    let (yuan, rest) = (fen / 100, fen % 100);
    if rest == 0 { format!("{yuan}元") } else { format!("{yuan}.{rest:02}元") }
}

/// The agreement's text. Lines end in `\n`, the last one too.
pub(super) fn render(drafted: &AgreementDrafted, context: &FreezeContext) -> String {
    let mut out = String::from("人民调解协议书\n");
    // Writing to a string does not fail.
    let mut line = |text: std::fmt::Arguments<'_>| {
        let _never = out.write_fmt(text);
        out.push('\n');
    };
    if let Some(number) = &context.number {
        line(format_args!("编号：{number}"));
    }
    line(format_args!("地点：{}，{}", context.tenant, context.community));
    for (place, party) in drafted.parties.iter().enumerate() {
        line(format_args!("当事人{}：{}", party_label(place), party.name));
    }
    if let Some(reporter) = &context.reporter {
        line(format_args!("反映人：{reporter}"));
    }
    line(format_args!("纠纷主要事实、争议事项："));
    line(format_args!("{}", drafted.facts));
    line(format_args!("经调解，自愿达成如下协议："));
    line(format_args!("{}", drafted.terms));
    if !drafted.commitments.is_empty() {
        line(format_args!("履行事项："));
    }
    for (place, commitment) in drafted.commitments.iter().enumerate() {
        let money = commitment.amount_fen.map(|fen| format!("金额：{}；", yuan(fen))).unwrap_or_default();
        let due = day(commitment.due);
        line(format_args!("{}．{}：{}；{money}期限：{due}。", place + 1, commitment.party, commitment.deed));
    }
    line(format_args!("各方约定：本协议以在手机屏幕上手写签名的方式签署，各方认可该方式为可靠的电子签名。"));
    if let Some(replaced) = &context.supersedes {
        line(format_args!("本协议取代核验码为{}的协议。", CheckNumber::of(replaced).grouped()));
    }
    line(format_args!("本协议一式{}份，当事人各执一份，{}留存一份。", drafted.parties.len() + 1, context.committee));
    if let Some(mediator) = &context.mediator {
        line(format_args!("人民调解员：{mediator}"));
    }
    line(format_args!("定稿时间：{}", instant(context.frozen_at)));
    out
}

/// What a signer adds who lets the time and pressure of their writing be kept.
const DYNAMICS_CONSENT: &str = "本人另行同意留存本次书写的时间和压力数据，知悉可随时要求删除。";

/// What a signer states by signing, word for word. `dynamics`: how they wrote was recorded too, to which they agree apart.
pub(super) fn statement(
    role: SignerRole,
    name: &str,
    by: Option<&str>,
    read_aloud: bool,
    dynamics: bool,
    number: CheckNumber,
) -> String {
    let number = number.grouped();
    let known = if read_aloud { "已听读并看过" } else { "已看过" };
    let who = by.map_or_else(|| name.to_owned(), |by| format!("{by}（代{name}）"));
    let stated = match role {
        SignerRole::Party => format!("本人{who}，{known}核验码为{number}的协议全文，内容属实，自愿签名。"),
        SignerRole::Witness => format!("本人{who}，{known}核验码为{number}的协议全文，当面见证各方当事人自愿签名。"),
        SignerRole::Mediator => format!("本人{who}，{known}核验码为{number}的协议全文，该协议经本人调解、各方自愿达成。"),
    };
    if dynamics { stated + DYNAMICS_CONSENT } else { stated }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agreement::specimen;

    #[test]
    fn the_text_says_who_does_what_by_when_and_that_signing_on_screen_was_agreed() {
        let frozen = specimen::frozen();
        let text = &frozen.body().text;
        assert!(text.contains("当事人甲：张建国\n当事人乙：李秀英\n"));
        assert!(text.contains("2．张建国：一次性赔偿301室吊顶及墙面修复费用；金额：3800元；期限：2026年12月15日。\n"));
        assert!(text.contains("各方认可该方式为可靠的电子签名"));
        assert!(text.contains("一式3份"));
    }

    #[test]
    fn money_is_written_to_the_fen() {
        assert_eq!(yuan(380_000), "3800元");
        assert_eq!(yuan(5), "0.05元");
    }

    #[test]
    fn rare_surnames_show_and_marks_that_turn_text_do_not() {
        assert_eq!(check_line("䶮㛃𬱖·买买提", 20), Ok(()));
        assert_eq!(check_line("张\u{202e}建国", 20), Err(TextFault::Unprintable));
        assert_eq!(check_line("张建国", 2), Err(TextFault::TooLong));
    }
}
