//! Words for what is waited for, for limits and the days that are left of them, and for what a policy sets.

use super::Lang;
use crate::case::WaitKind;

/// What is waited for.
pub const fn wait(kind: WaitKind, lang: Lang) -> &'static str {
    match kind {
        WaitKind::FirstContact => lang.pick("首次联系", "first contact"),
        WaitKind::Consultation => lang.pick("组织协商", "a consultation"),
        WaitKind::Sitting => lang.pick("继续协商", "the sitting that was set"),
        WaitKind::Signing => lang.pick("签订协议", "signing, or agreeing by word"),
        WaitKind::Stamp => lang.pick("调委会盖章", "the committee's stamp"),
        WaitKind::Confirmation => lang.pick("申请司法确认", "asking a court to confirm it"),
        WaitKind::Commitment => lang.pick("履行约定", "a commitment"),
        WaitKind::Completion => lang.pick("确认办结", "completion"),
        WaitKind::EffectCheck => lang.pick("现场问效", "the look at the effect on the spot"),
        WaitKind::Feedback => lang.pick("满意度回访", "hearing how satisfied the parties are"),
        WaitKind::Closing => lang.pick("结案", "closing"),
        WaitKind::Acceptance => lang.pick("对方接收", "the receiver's acceptance"),
        WaitKind::Answer => lang.pick("对方办复", "the receiver's answer"),
        WaitKind::Returned => lang.pick("退回后再处理", "the next step after it was returned"),
        WaitKind::Raise => lang.pick("考虑提级", "considering a raise"),
        WaitKind::Choice => lang.pick("认定争议", "a choice between contested records"),
    }
}

/// What a policy sets, by its field's name, with the unit it is counted in.
pub fn policy_field(field: &str, lang: Lang) -> Option<&'static str> {
    Some(match field {
        "first_contact_days" => lang.pick("首次联系时限（工作日）", "first contact, working days after the report"),
        "consultation_days" => lang.pick("组织协商时限（工作日）", "consultation opened, working days after the report"),
        "effect_check_days" => lang.pick("现场问效时限（工作日）", "effect checked, working days after done"),
        "feedback_days" => lang.pick("回访时限（工作日）", "parties heard, working days after done"),
        "office_days" => {
            lang.pick("科室（中心）办复时限（工作日）", "an office's or centre's answer, working days after the offer")
        }
        "committee_days" => lang.pick("党工委平台办复时限（工作日）", "the committee's answer, working days after the offer"),
        "unit_days" => lang.pick("单位、责任主体办复时限（工作日）", "a unit's or body's answer, working days after the offer"),
        "rounds" => lang.pick("建议提级前的协商轮数", "rounds after which a raise is proposed"),
        "visible_after_return_days" => {
            lang.pick("退回或办复后对方可见天数（自然日）", "calendar days a receiver still sees a case after it came back")
        }
        "afterlife_days" => lang.pick("结案后可补记天数（自然日）", "calendar days after the end in which notes may be added"),
        "feedback_tries" => {
            lang.pick("视为无法联系的回访次数（不同日）", "tries on different days after which a party counts as unreachable")
        }
        "alike_days" => lang.pick("疑似重复的间隔（自然日）", "calendar days within which reports are alike"),
        "categories" => lang.pick("事项类别", "categories"),
        "care_tags" => lang.pick("关爱标签", "care tags"),
        "attachment_kib" => lang.pick("接受的附件类型及上限（KiB）", "media types accepted as attachments, KiB at most"),
        "attachment_metered_kib" => {
            lang.pick("按流量计费时自动上传的附件上限（KiB）", "largest attachment sent by itself over a metered link, KiB")
        }
        _ => return None,
    })
}

/// A number as the language writes it: `12345`, `12,345`.
pub fn number(number: u64, lang: Lang) -> String {
    let digits = number.to_string();
    match lang {
        Lang::Zh => digits,
        Lang::En => {
            let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
            for (at, digit) in digits.chars().enumerate() {
                if at > 0 && (digits.len() - at).is_multiple_of(3) {
                    grouped.push(',');
                }
                grouped.push(digit);
            }
            grouped
        }
    }
}

/// How many working days are left of a limit, or by how many it is over.
pub fn days_left(days: i32, lang: Lang) -> String {
    let n = number(u64::from(days.unsigned_abs()), lang);
    let plural = if days.unsigned_abs() == 1 { "" } else { "s" };
    match (days, lang) {
        (0, _) => lang.pick("今日到期", "due today").to_owned(),
        (1.., Lang::Zh) => format!("还剩{n}个工作日"),
        (1.., Lang::En) => format!("{n} working day{plural} left"),
        (_, Lang::Zh) => format!("已超期{n}个工作日"),
        (_, Lang::En) => format!("{n} working day{plural} over"),
    }
}

/// That these years' published holidays are not known here; empty, if none is missing.
pub fn calendar_note(years: &[i32], lang: Lang) -> String {
    let list: Vec<String> = years.iter().map(ToString::to_string).collect();
    match (list.as_slice(), lang) {
        ([], _) => String::new(),
        (list, Lang::Zh) => format!("没有{}年的放假安排，工作日暂按周末推算。", list.join("、")),
        (list, Lang::En) => {
            format!(
                "The public holidays of {} are not known here: working days are counted by weekends alone.",
                list.join(", ")
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::directory::Policy;

    #[test]
    fn every_wait_and_every_field_of_the_policy_has_its_words_in_both_languages() {
        for kind in WaitKind::ALL {
            assert_eq!(WaitKind::from_name(kind.name()), Some(kind));
            assert!(!wait(kind, Lang::Zh).is_ascii() && wait(kind, Lang::En).is_ascii(), "{kind:?}");
        }
        let set = Policy { alike_days: 1, care_tags: vec![], ..Policy::default() };
        let fields = serde_json::to_value(&set).unwrap();
        for field in fields.as_object().unwrap().keys() {
            for lang in [Lang::Zh, Lang::En] {
                assert!(policy_field(field, lang).is_some(), "{field}");
            }
        }
        assert!(Policy::default().limits().iter().all(|(field, _)| fields.get(field).is_some()));
        assert_eq!(fields.as_object().unwrap().len(), Policy::default().limits().len() + 2);
    }

    #[test]
    fn days_and_numbers_are_written_as_each_language_writes_them() {
        assert_eq!(days_left(3, Lang::Zh), "还剩3个工作日");
        assert_eq!(days_left(1, Lang::En), "1 working day left");
        assert_eq!(days_left(0, Lang::Zh), "今日到期");
        assert_eq!(days_left(-1, Lang::En), "1 working day over");
        assert_eq!(days_left(-1200, Lang::En), "1,200 working days over");
        assert_eq!(days_left(-12, Lang::Zh), "已超期12个工作日");
        for (n, en) in [(0, "0"), (999, "999"), (1_000, "1,000"), (12_345, "12,345"), (1_234_567, "1,234,567")] {
            assert_eq!((number(n, Lang::En).as_str(), number(n, Lang::Zh)), (en, n.to_string()));
        }
    }

    #[test]
    fn a_calendar_that_is_missing_is_named_by_its_years() {
        assert_eq!(calendar_note(&[], Lang::Zh), "");
        assert!(calendar_note(&[2027], Lang::Zh).contains("2027年"));
        assert!(calendar_note(&[2027, 2028], Lang::En).contains("2027, 2028"));
    }
}
