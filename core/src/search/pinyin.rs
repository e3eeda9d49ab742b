//! How a name sounds: its pinyin and the initials of it, with the readings that names have and other words don't.
//!
//! The table of readings is the `pinyin` crate's; here is only what it doesn't know of names: it gives each
//! character's usual reading, and 单 the surname is shàn.

use pinyin::ToPinyin;

use super::fold::{self, Class};

/// Longest name that is read: longer ones are names of companies, which nobody looks for by initials.
const NAME_MAX: usize = 8;
/// Most readings of one name: two characters with two each, and one with a third.
const READINGS_MAX: usize = 6;

/// Readings in names beside (or instead of) the usual one. Both find: not everybody knows how somebody else is called.
const IN_NAMES: [(char, &[&str]); 62] = [
    ('单', &["shan", "chan"]),
    ('曾', &["zeng"]),
    ('解', &["xie"]),
    ('仇', &["qiu"]),
    ('区', &["ou"]),
    ('朴', &["piao"]),
    ('查', &["zha"]),
    ('盖', &["ge"]),
    ('缪', &["miao"]),
    ('翟', &["zhai"]),
    ('覃', &["qin"]),
    ('尉', &["yu"]),
    ('员', &["yun"]),
    ('乐', &["yue"]),
    ('繁', &["po"]),
    ('种', &["chong"]),
    ('召', &["shao"]),
    ('那', &["nuo"]),
    ('秘', &["bi"]),
    ('折', &["she"]),
    ('郗', &["chi"]),
    ('隗', &["wei"]),
    ('宓', &["fu"]),
    ('佴', &["nai"]),
    ('长', &["chang"]),
    ('朝', &["zhao"]),
    ('行', &["hang"]),
    ('重', &["chong"]),
    ('茜', &["xi"]),
    ('娜', &["nuo"]),
    ('颉', &["xie"]),
    ('杉', &["sha"]),
    ('卜', &["bu"]),
    ('藏', &["zang"]),
    ('传', &["zhuan"]),
    ('句', &["gou"]),
    ('洗', &["xian"]),
    ('祭', &["zhai"]),
    ('万', &["mo"]),
    ('俟', &["qi"]),
    ('澹', &["tan"]),
    ('黑', &["he"]),
    ('牟', &["mu", "mou"]),
    ('费', &["bi"]),
    ('谌', &["chen", "shen"]),
    ('晟', &["sheng", "cheng"]),
    ('柏', &["bai", "bo"]),
    ('薄', &["bo"]),
    ('么', &["yao"]),
    ('六', &["lu"]),
    ('阿', &["a"]),
    ('莎', &["sha", "suo"]),
    ('都', &["du"]),
    ('参', &["shen"]),
    ('省', &["xing"]),
    ('俞', &["yu"]),
    ('郇', &["huan", "xun"]),
    ('瞿', &["qu"]),
    ('炅', &["gui", "jiong"]),
    ('车', &["che"]),
    ('贾', &["jia"]),
    ('沈', &["shen"]),
];

/// One way to read a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reading {
    /// A syllable for each character.
    pub(super) syllables: Vec<String>,
}

impl Reading {
    /// 张建国: `zjg`.
    pub(super) fn initials(&self) -> String {
        self.syllables.iter().filter_map(|syllable| syllable.chars().next()).collect()
    }

    /// 张建国: `zhangjianguo`.
    pub(super) fn whole(&self) -> String {
        self.syllables.concat()
    }
}

/// The readings of a name that is written in Chinese characters and nothing else; at most [`READINGS_MAX`].
pub(super) fn readings(name: &str) -> Vec<Reading> {
    let glyphs = fold::glyphs(name.trim());
    if glyphs.len() > NAME_MAX || glyphs.iter().any(|glyph| glyph.class != Class::Han) {
        return Vec::new();
    }
    readings_of(&glyphs.iter().map(|glyph| glyph.c).collect::<Vec<_>>())
}

/// The readings of these characters.
pub(super) fn readings_of(chars: &[char]) -> Vec<Reading> {
    if chars.is_empty() || chars.len() > NAME_MAX {
        return Vec::new();
    }
    let mut readings = vec![Reading { syllables: Vec::with_capacity(chars.len()) }];
    for c in chars {
        let syllables = syllables(*c);
        if syllables.is_empty() {
            return Vec::new();
        }
        readings = readings
            .iter()
            .flat_map(|reading| {
                syllables.iter().map(move |syllable| {
                    let mut syllables = reading.syllables.clone();
                    syllables.push(syllable.clone());
                    Reading { syllables }
                })
            })
            .take(READINGS_MAX)
            .collect();
    }
    readings
}

/// The syllables that a character is read as, the usual one first. `ü` is typed as v, and by some as u.
fn syllables(c: char) -> Vec<String> {
    let usual = c.to_pinyin().map(pinyin::Pinyin::plain);
    let in_names = IN_NAMES.iter().find(|(known, _)| *known == c).map_or(&[][..], |(_, readings)| readings);
    let mut syllables: Vec<String> = Vec::new();
    for syllable in usual.into_iter().chain(in_names.iter().copied()) {
        let mut add = |syllable: String| {
            if !syllables.contains(&syllable) {
                syllables.push(syllable);
            }
        };
        add(syllable.replace('ü', "v"));
        if syllable.contains('ü') {
            add(syllable.replace('ü', "u"));
        }
    }
    syllables
}

#[cfg(test)]
mod tests {
    use super::*;

    fn initials(name: &str) -> Vec<String> {
        readings(name).iter().map(Reading::initials).collect()
    }

    #[test]
    fn a_name_has_its_initials() {
        assert_eq!(initials("张三"), ["zs"]);
        assert_eq!(readings("张建国").first().map(Reading::whole).as_deref(), Some("zhangjianguo"));
        assert!(readings("吕梁").iter().any(|reading| reading.whole() == "lvliang"));
        assert!(readings("吕梁").iter().any(|reading| reading.whole() == "luliang"));
    }

    #[test]
    fn surnames_with_readings_of_their_own_are_found_by_either() {
        let names = [
            ("单雄信", "sxx"),
            ("曾国强", "zgq"),
            ("解小东", "xxd"),
            ("仇和", "qh"),
            ("区伟", "ow"),
            ("朴志强", "pzq"),
            ("查良", "zl"),
            ("盖叫天", "gjt"),
            ("缪晓", "mx"),
            ("翟天", "zt"),
            ("覃辉", "qh"),
            ("尉迟恭", "ycg"),
            ("乐嘉", "yj"),
            ("员外", "yw"),
            ("卜凡", "bf"),
            ("牟其中", "mqz"),
            ("万俟卨", "mqx"),
            ("长孙无忌", "zswj"),
            ("澹台明", "ttm"),
        ];
        for (name, expected) in names {
            assert!(initials(name).iter().any(|initials| initials == expected), "{name}: {:?}", initials(name));
        }
        // And by the usual reading, for whoever does not know better.
        assert!(initials("单雄信").contains(&"dxx".to_owned()));
    }

    #[test]
    fn the_hundred_most_usual_surnames_are_read_as_people_read_them() {
        let surnames = "王wang李li张zhang刘liu陈chen杨yang黄huang赵zhao吴wu周zhou徐xu孙sun马ma朱zhu胡hu郭guo何he高gao林lin\
            罗luo郑zheng梁liang谢xie宋song唐tang许xu韩han冯feng邓deng曹cao彭peng曾zeng肖xiao田tian董dong袁yuan潘pan于yu蒋jiang蔡cai\
            余yu杜du叶ye程cheng苏su魏wei吕lv丁ding任ren沈shen姚yao卢lu姜jiang崔cui钟zhong谭tan陆lu汪wang范fan金jin石shi廖liao贾jia夏xia\
            韦wei付fu方fang白bai邹zou孟meng熊xiong秦qin邱qiu江jiang尹yin薛xue闫yan段duan雷lei侯hou龙long史shi陶tao黎li贺he顾gu毛mao\
            郝hao龚gong邵shao万wan钱qian严yan覃qin武wu戴dai莫mo孔kong向xiang汤tang";
        let mut name = None;
        let mut syllable = String::new();
        let mut seen = 0;
        for c in surnames.chars().chain(['。']) {
            if c.is_ascii() {
                syllable.push(c);
                continue;
            }
            if let Some(known) = name.replace(c) {
                let read = readings_of(&[known]);
                assert!(read.iter().any(|reading| reading.whole() == syllable), "{known} {syllable}: {read:?}");
                seen += 1;
                syllable.clear();
            }
        }
        assert_eq!(seen, 100);
    }

    #[test]
    fn readings_are_bounded_and_what_is_no_name_has_none() {
        assert!(readings("单单单单单单单单").len() <= READINGS_MAX);
        assert!(readings("某某股份有限责任公司").is_empty(), "too long for a name");
        assert!(readings("Wang").is_empty());
        assert!(readings("").is_empty());
    }
}
