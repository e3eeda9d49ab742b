//! `phone consult open`, `phone consult conclude`: a sitting and its 5W.

use clap::{Args, Subcommand};
use doorstep_core::case::{Command, Elements, Form, Outcome, Participant};

use super::phone::Phone;
use super::{Which, choice, done, when};
use crate::words::Said;

/// Who sat down, about what, when, where, on what grounds.
#[derive(Debug, Args)]
struct Five {
    /// 何人参与，“姓名=身份”，可重复 · Who sits at the table, NAME=CAPACITY; repeat for each.
    #[arg(long, value_name = "NAME=CAPACITY", value_parser = participant)]
    who: Vec<Participant>,
    /// 协商何事 · What is at issue.
    #[arg(long, default_value = "", hide_default_value = true)]
    what: String,
    /// 何时，如 14:30；开始协商时缺省为现在 · When, such as 14:30; now, if not given on opening.
    #[arg(long, value_parser = when::moment)]
    when: Option<when::Moment>,
    /// 何地 · Where.
    #[arg(long = "where", value_name = "PLACE", default_value = "", hide_default_value = true)]
    place: String,
    /// 依据何在：事实、规定、先例 · What it rests on: facts, rules, precedent.
    #[arg(long, default_value = "", hide_default_value = true)]
    why: String,
}

impl Five {
    fn elements(&self, phone: &Phone, otherwise: Option<when::Moment>) -> Elements {
        Elements {
            who: self.who.clone(),
            what: self.what.clone(),
            when: self.when.or(otherwise).map(|moment| moment.of(phone.now())),
            place: self.place.clone(),
            why: self.why.clone(),
        }
    }
}

#[derive(Debug, Subcommand)]
pub(super) enum Action {
    /// 开始协商 · Sit down.
    #[command(after_help = "示例 · Example:
  doorstep phone consult open last --form on_site --who 张建国=住户 --who 陈志强=片区民警 --what 恢复供水与赔偿 --where 家属院")]
    Open(Open),
    /// 结束协商：达成一致、未达成、休会 · Rise: agreed, not agreed, or to meet again.
    #[command(after_help = "示例 · Examples:
  doorstep phone consult conclude last --agreed --why 立管为共用部位；民法典相邻关系
  doorstep phone consult conclude last --not-agreed 对赔偿数额分歧较大
  doorstep phone consult conclude last --adjourned +3

五项要素齐全才能结束；已写的不必重写 · All of the 5W are needed; what was given before need not be given again.")]
    Conclude(Conclude),
}

#[derive(Debug, Args)]
pub(super) struct Open {
    #[command(flatten)]
    which: Which,
    /// 协商形式 · In which of the four forms.
    #[arg(long, value_parser = choice::form())]
    form: Form,
    #[command(flatten)]
    five: Five,
}

#[derive(Debug, Args)]
pub(super) struct Conclude {
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    outcome: How,
    #[command(flatten)]
    five: Five,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct How {
    /// 达成一致 · The parties agree.
    #[arg(long)]
    agreed: bool,
    /// 未达成一致，写明原因 · They don't; why not.
    #[arg(long, value_name = "REASON")]
    not_agreed: Option<String>,
    /// 休会，某日再商 · They meet again, on this day.
    #[arg(long, value_name = "DAY", value_parser = when::day)]
    adjourned: Option<when::Day>,
}

pub(super) fn run(phone: &Phone, action: &Action) -> Result<(), Said> {
    let (id, command) = match action {
        Action::Open(open) => {
            let elements = open.five.elements(phone, Some(when::Moment::Now));
            (phone.case(&open.which.id)?, Command::OpenConsultation { form: open.form, elements })
        }
        Action::Conclude(conclude) => {
            let outcome = match (&conclude.outcome.not_agreed, conclude.outcome.adjourned) {
                (Some(reason), _) => Outcome::NotAgreed { reason: reason.clone() },
                (None, Some(day)) => Outcome::Adjourned { until: day.of(phone.today()) },
                (None, None) => Outcome::Agreed,
            };
            let elements = conclude.five.elements(phone, None);
            (phone.case(&conclude.which.id)?, Command::ConcludeConsultation { outcome, elements })
        }
    };
    done(phone, &phone.run(id, &command)?)
}

/// `张建国=住户`, `张建国（住户）`, or a name alone.
fn participant(text: &str) -> Result<Participant, String> {
    let (name, capacity) = super::pair(text);
    if name.is_empty() {
        return Err("应为“姓名=身份” · write NAME=CAPACITY".into());
    }
    Ok(Participant { name, capacity })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_participant_is_a_name_and_what_they_are_there() {
        for text in ["张建国=住户", "张建国（住户）", "张建国(住户)", "张建国 = 住户"] {
            assert_eq!(participant(text), Ok(Participant { name: "张建国".into(), capacity: "住户".into() }), "{text}");
        }
        assert_eq!(participant("张建国").unwrap().capacity, "");
        assert!(participant("=住户").is_err());
    }
}
