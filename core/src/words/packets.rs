//! Words for packets: what a person reads of work that could not be done. Names of commands and fields are the permanent ones
//! under which they are stored.

use serde::Deserialize;
use serde::de::IntoDeserializer;

use super::{Lang, codes, commands};
use crate::case::CommandKind;
use crate::id::DocKind;

/// What stands above a packet.
pub const fn packet_heading(lang: Lang) -> &'static str {
    lang.pick("好商量 · 手机上未能办成的记录", "Doorstep · a record on a phone that could not be done")
}

/// What stands before a packet's parts.
pub fn packet_label(label: &str, lang: Lang) -> &'static str {
    match label {
        "packet" => lang.pick("编号", "packet"),
        "record" => lang.pick("记录", "record"),
        "title" => lang.pick("标题", "title"),
        "person" => lang.pick("人员", "person"),
        "when" => lang.pick("时间", "when"),
        "wanted" => lang.pick("要做的事", "what was wanted"),
        "why" => lang.pick("未能办成的原因", "why it could not be done"),
        "content" => lang.pick("内容", "content"),
        _ => lang.pick("其他", "other"),
    }
}

/// What a document is.
pub const fn doc_kind(kind: DocKind, lang: Lang) -> &'static str {
    match kind {
        DocKind::Case => lang.pick("事项", "case"),
        DocKind::Visit => lang.pick("走访", "visit"),
        DocKind::Household => lang.pick("户档", "household"),
    }
}

/// What a kept command wanted, by its stored name.
pub fn packet_command(kind: Option<DocKind>, name: &str, lang: Lang) -> &'static str {
    let case =
        || CommandKind::ALL.iter().find(|command| command.name() == name).map(|command| commands::command(*command, lang));
    let other = match name {
        "record_visit" => Some(lang.pick("记一次走访", "record a visit")),
        "name_case" => Some(lang.pick("由走访立案", "open a case out of a visit")),
        "add_line" => Some(lang.pick("补记", "add a line")),
        "register" => Some(lang.pick("建户档", "register a household")),
        "readdress" => Some(lang.pick("更正地址", "correct the address")),
        "record_resident" => Some(lang.pick("登记人员", "record a resident")),
        "record_leaving" => Some(lang.pick("记录人员离开", "record that somebody left")),
        "set_tag" => Some(lang.pick("加标签", "set a tag")),
        "clear_tag" => Some(lang.pick("去标签", "clear a tag")),
        "strike" => Some(lang.pick("注销户档", "strike the household off")),
        "restore" => Some(lang.pick("恢复户档", "restore the household")),
        "note" => Some(lang.pick("备注", "note")),
        _ => None,
    };
    let found = if kind == Some(DocKind::Case) { case().or(other) } else { other.or_else(case) };
    found.unwrap_or(lang.pick("（已无法读出）", "(can't be read any more)"))
}

/// A field of a command, by its stored name; its name where there are no words for it.
pub fn packet_field(name: &str, lang: Lang) -> &str {
    let own = match name {
        "report" | "visit" => lang.pick("登记内容", "report"),
        "elements" => lang.pick("协商要素", "elements"),
        "channel" => lang.pick("来源", "how it came in"),
        "form" => lang.pick("形式", "form"),
        "outcome" => lang.pick("结果", "outcome"),
        "place" => lang.pick("地点", "place"),
        "community" => lang.pick("社区", "community"),
        "grid" => lang.pick("网格", "grid"),
        "building" => lang.pick("楼院", "building"),
        "detail" => lang.pick("详细地址", "address"),
        "capacity" => lang.pick("身份", "capacity"),
        "deed" => lang.pick("约定事项", "deed"),
        "due" | "until" => lang.pick("期限", "until"),
        "amount_fen" => lang.pick("金额（分）", "amount, fen"),
        "dispute" => lang.pick("纠纷类型", "kind of dispute"),
        "kind" => lang.pick("类别", "kind"),
        "grade" => lang.pick("满意度", "grade"),
        "ground" => lang.pick("提级事由", "ground"),
        "why" => lang.pick("说明", "why"),
        "now" => lang.pick("输入的文本", "what was typed"),
        "door" => lang.pick("上门情况", "at the door"),
        "agreed" => lang.pick("与对方商定", "agreed with the receiver"),
        "commitment" => lang.pick("约定", "commitment"),
        "index" => lang.pick("序号（从零起）", "number, from zero"),
        "bundle" => lang.pick("签署文件", "signed agreement"),
        "digest" => lang.pick("附件", "attachment"),
        "of" | "case" => lang.pick("另一事项", "the other case"),
        "household" => lang.pick("户档", "household"),
        "resident" | "left" => lang.pick("人员", "resident"),
        "struck" => lang.pick("注销", "struck off"),
        _ => "",
    };
    if own.is_empty() { codes::field(name, lang).unwrap_or(name) } else { own }
}

/// The words of a stored code, where this field holds one.
pub fn packet_term(field: &str, code: &str, lang: Lang) -> Option<&'static str> {
    match field {
        "form" => read(code).map(|form| codes::form(form, lang)),
        "channel" => read(code).map(|channel| codes::channel(channel, lang)),
        "grade" => read(code).map(|grade| codes::grade(grade, lang)),
        "asked" => read(code).map(|asked| codes::asked(asked, lang)),
        "ground" => read(code).map(|ground| codes::ground(&ground, lang)),
        "dispute" => read(code).map(|dispute| codes::dispute(dispute, lang)),
        "door" => read(code).map(|door| codes::door(door, lang)),
        "outcome" if code == "agreed" => Some(lang.pick("协商一致", "agreed")),
        "text" => match code {
            "account" | "minutes" | "draft" => codes::field(code, lang),
            _ => None,
        },
        _ => None,
    }
}

fn read<'a, T: Deserialize<'a>>(code: &'a str) -> Option<T> {
    let read: Result<T, serde::de::value::Error> = T::deserialize(code.into_deserializer());
    read.ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_that_can_be_kept_has_words_in_both_languages() {
        let unread = packet_command(None, "", Lang::En);
        let others = ["record_visit", "name_case", "add_line", "register", "readdress", "record_resident"];
        let others = others.into_iter().chain(["record_leaving", "set_tag", "clear_tag", "strike", "restore", "note"]);
        for name in CommandKind::ALL.iter().map(|kind| kind.name()).chain(others) {
            assert_ne!(packet_command(None, name, Lang::En), unread, "{name}");
            assert_ne!(packet_command(None, name, Lang::Zh), packet_command(None, name, Lang::En), "{name}");
        }
    }

    #[test]
    fn stored_codes_are_told_in_words() {
        assert_eq!(packet_term("form", "on_site", Lang::Zh), Some("现场商"));
        assert_eq!(packet_term("asked", "要求赔偿", Lang::Zh), None, "what people wrote stays as they wrote it");
        assert_eq!(packet_field("grid", Lang::Zh), "网格");
        assert_eq!(packet_field("from_later", Lang::Zh), "from_later");
    }
}
