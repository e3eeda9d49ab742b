//! What somebody types, letter by letter: a thousand prefixes and more of what people look for, and of what is not there.

use crate::town::{self, Rng};

/// Kinds of searches, each with what is in the field after every key.
pub(crate) fn prefixes() -> Vec<(&'static str, Vec<String>)> {
    let mut rng = Rng(77);
    let mut kinds = Vec::new();
    let mut add = |kind, words: Vec<String>| {
        kinds.push((kind, words.iter().flat_map(|word| typed(word)).collect::<Vec<_>>()));
    };
    let some = |n: usize, make: &mut dyn FnMut() -> String| (0..n).map(|_| make()).collect::<Vec<_>>();
    add("names", some(50, &mut || town::name(&mut rng)));
    add("what it is about", some(30, &mut || town::concern(&mut rng)));
    add("addresses", some(20, &mut || town::address(&mut rng)));
    add("two words", some(15, &mut || format!("{} {}", town::name(&mut rng), town::concern(&mut rng))));
    let pinyin =
        ["zjg", "wxy", "lgl", "chenm", "zhangjianguo", "lixiuying", "shan", "qiuwei", "wangm", "zs", "yangy", "guozhi"];
    add("initials and pinyin", pinyin.map(String::from).to_vec());
    add("telephone numbers", some(20, &mut || town::number(&mut rng)));
    add("the ends of telephone numbers", some(20, &mut || town::number(&mut rng)[6..].to_owned()));
    add("single characters", "水楼单元号的人一不老电门停车暖王李张小区处理".chars().map(String::from).collect());
    add("single digits and letters", "0123456789abcdefghijklmnopqrstuvwxyz".chars().map(String::from).collect());
    let absent = [
        "张健国",
        "王晓敏",
        "欧阳娜娜",
        "漏水 停电 王",
        "三单元楼上夜里漏水",
        "13800000000",
        "独角兽",
        "钢琴声",
        "qqq",
        "zzzz",
        "立功小区99号楼",
        "物业欠费起诉书",
        "南城根小区楼道路灯不亮电梯故障",
    ];
    add("what is not there", absent.map(String::from).to_vec());
    kinds
}

fn typed(word: &str) -> Vec<String> {
    word.char_indices().map(|(at, c)| word[..at + c.len_utf8()].to_owned()).collect()
}
