//! Nothing found says so and offers the nearest.

use doorstep_core::words::{Lang, found_sentence};
use doorstep_tests::World;

use super::{report, search, shown, titles};

#[test]
fn nothing_found_says_so_and_offers_the_nearest() {
    let world = World::new(311);
    let phone = world.phone("w-ncg-1");
    report(&phone, "楼道路灯不亮", "3号楼2单元401", "张建国", "13893175566");
    report(&phone, "电梯异响", "12号楼", "欧阳静", "13609310000");
    for (text, nearest) in [
        ("张健国", "楼道路灯不亮"),      // heard right, written wrong
        ("欧阳敬", "电梯异响"),          // the same
        ("张大国", "楼道路灯不亮"),      // one character otherwise
        ("13893175567", "楼道路灯不亮"), // one digit otherwise
        ("路灯 停水", "楼道路灯不亮"),   // one word too many
        ("电梯异想", "电梯异响"),        // half a word
        ("oyjx", "电梯异响"),            // one letter too many
        ("3号楼5单元", "楼道路灯不亮"),  // another entrance
    ] {
        let found = search(&phone, text);
        assert!(found.nearest, "{text}");
        assert_eq!(found.hits.first().map(|hit| hit.row.title.as_str()), Some(nearest), "{text}");
        assert!(found_sentence(&found, Lang::Zh).unwrap().contains("最为接近"));
    }
    assert_eq!(shown(&search(&phone, "张健国").hits[0].snippet), "[张建国] 13893175566");
}

#[test]
fn where_nothing_is_near_there_is_nothing() {
    let world = World::new(312);
    let phone = world.phone("w-ncg-1");
    assert!(search(&phone, "漏水").hits.is_empty(), "an empty phone");
    report(&phone, "楼道路灯不亮", "3号楼", "张建国", "13893175566");
    for text in ["qqq", "999", "欧", "司马"] {
        let found = search(&phone, text);
        assert!(found.hits.is_empty() && !found.nearest && found.took_all, "{text}");
        assert_eq!(found_sentence(&found, Lang::Zh), Some("没有找到。"));
    }
}

#[test]
fn words_typed_without_a_gap_are_found_where_they_stand_apart() {
    let world = World::new(313);
    let phone = world.phone("w-ncg-1");
    report(&phone, "夜间施工噪声", "东门", "张建国", "");
    assert_eq!(titles(&phone, "施工东门"), ["夜间施工噪声"]);
    assert_eq!(shown(&search(&phone, "施工东门").hits[0].title), "夜间[施工]噪声");
}
