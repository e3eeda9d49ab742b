//! Words for searching and for likely duplicates.

use super::Lang;
use crate::case::AlikeReason;
use crate::search::{Field, Found};

/// Where something was found.
pub const fn search_field(field: Field, lang: Lang) -> &'static str {
    match field {
        Field::Title => lang.pick("标题", "title"),
        Field::Name => lang.pick("姓名", "name"),
        Field::Phone => lang.pick("电话", "phone"),
        Field::Address => lang.pick("地址", "address"),
        Field::Tag => lang.pick("关爱标签", "care tag"),
        Field::Category => lang.pick("类别", "category"),
        Field::Words => lang.pick("内容", "words"),
    }
}

/// Why two concerns may be one.
pub const fn alike_reason(reason: AlikeReason, lang: Lang) -> &'static str {
    match reason {
        AlikeReason::SamePhone => lang.pick("电话相同", "same phone number"),
        AlikeReason::SamePlace => lang.pick("地点相同", "same place"),
        AlikeReason::SameCategory => lang.pick("类别相同", "same category"),
    }
}

/// One sentence about what a search came to; none where the list says it all.
pub const fn found_sentence(found: &Found, lang: Lang) -> Option<&'static str> {
    if found.hits.is_empty() {
        return Some(lang.pick("没有找到。", "Nothing found."));
    }
    if found.nearest {
        return Some(lang.pick("没有完全相符的，以下最为接近。", "Nothing has all of it; these come nearest."));
    }
    if !found.took_all {
        return Some(lang.pick("相符的很多，请再多输入几个字。", "Very many fit: type a little more."));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_says_when_it_found_nothing_or_only_what_is_near() {
        let nothing = Found { took_all: true, ..Found::default() };
        assert_eq!(found_sentence(&nothing, Lang::Zh), Some("没有找到。"));
    }

    #[test]
    fn every_field_and_reason_has_its_words() {
        for lang in [Lang::Zh, Lang::En] {
            assert!(Field::ALL.iter().all(|field| !search_field(*field, lang).is_empty()));
            assert!(AlikeReason::ALL.iter().all(|reason| !alike_reason(*reason, lang).is_empty()));
        }
    }
}
