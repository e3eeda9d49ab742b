//! Words for the parts of a day. By their stable names: what a day is made of stands above the words, and its own tests
//! see to it that each part has some.

use super::Lang;

/// A section's heading, by its stable name.
pub fn section(name: &str, lang: Lang) -> Option<&'static str> {
    Some(match name {
        "overdue" => lang.pick("已超期", "overdue"),
        "due_today" => lang.pick("今日到期", "due today"),
        "to_sign" => lang.pick("待签订", "to sign"),
        "to_hear_back" => lang.pick("待回访", "to hear back"),
        "returned" => lang.pick("被退回", "returned"),
        "needs_a_look" => lang.pick("待查看", "needs a look"),
        "unsent" => lang.pick("待上传", "unsent"),
        "set_aside" => lang.pick("未被接受", "set aside"),
        _ => return None,
    })
}

/// What a section says when there is nothing in it.
pub fn section_empty(name: &str, lang: Lang) -> Option<&'static str> {
    Some(match name {
        "overdue" => lang.pick("没有超期的事项。", "Nothing is overdue."),
        "due_today" => lang.pick("今天没有到期的事项。", "Nothing is due today."),
        "to_sign" => lang.pick("没有等待签订的协议。", "Nothing waits to be signed."),
        "to_hear_back" => lang.pick("没有等待回访的事项。", "Nobody is waiting to be heard."),
        "returned" => lang.pick("没有被退回的事项。", "Nothing was returned."),
        "needs_a_look" => lang.pick("没有需要查看的事项。", "Nothing needs a look."),
        "unsent" => lang.pick("全部内容都已上传。", "Everything has been sent."),
        "set_aside" => lang.pick("没有未被接受的记录。", "Nothing was set aside."),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_section_has_no_words() {
        assert_eq!((section("ranking", Lang::Zh), section_empty("ranking", Lang::En)), (None, None));
    }
}
