//! What a row can be found by: its terms, as words between spaces for an index that takes each as it is.
//!
//! The first letter says of what kind a term is. Beginnings are terms of their own, so that typing one letter or one digit is
//! one look-up and not a merge of everything that begins so.
//!
//! | term | of | finds |
//! |---|---|---|
//! | `漏`, `漏水` | any text | a character, two neighbours |
//! | `t漏`, `a王` … | the title, the names | the same there: looked at first when there is too much of it elsewhere |
//! | `w401`, `n4`, `n40` | numbers | whole, and their proper beginnings |
//! | `xwifi`, `lw`, `lwi`, `lwif` | words of letters | whole, and their first beginnings |
//! | `p138`, `p381` … | telephone numbers | each three digits in a row |
//! | `yzjg`, `iz`, `izj` | names | the initials of the pinyin, whole and beginnings |
//! | `fzhangjianguo`, `gzh`, `gzha` | names | the pinyin, whole and its first beginnings |
//! | `bncg-1-a` | the place | the building, whose name is in the directory |

use sha2::{Digest as _, Sha256};

use super::fold::{self, Class, Glyph};
use super::{phone, pinyin};
use crate::id::{BuildingId, DocKind};
use crate::row::Row;

/// Changes with every change of what a row's terms are. An index made by other rules must be made anew: a migration that
/// drops the list rows does that, and rows written meanwhile replace theirs by this.
const RULES: u8 = 1;
/// Letters of the longest beginning of a word that is a term.
pub(super) const LETTERS_BEGUN: usize = 3;
/// Most letters of a word that count.
pub(super) const LETTERS_MAX: usize = 32;
/// Letters of the longest beginning of a whole pinyin that is a term; the shortest is two, one is an initial.
pub(super) const PINYIN_BEGUN: usize = 3;
/// Digits in a row of a telephone number that are a term.
pub(super) const DIGITS: usize = phone::PHONE_MIN;

/// The row's terms. The same term may stand there more than once: to an index that keeps which rows have a term, and
/// nothing else, that makes no difference.
pub fn terms(row: &Row) -> String {
    let mut line = Line(String::with_capacity(1024));
    for piece in pieces(row) {
        match piece {
            Piece::Text(text) => line.add_text(text, None),
            Piece::Title(text) => line.add_text(text, Some('t')),
            Piece::Name(name) => {
                line.add_text(name, Some('a'));
                line.add_sounds(name);
            }
            Piece::Phone(text) => phone::phone_numbers(text).iter().for_each(|number| line.add_phone(number)),
            Piece::Building(building) => line.add('b', building.as_str().chars()),
        }
    }
    line.0
}

/// A number that is another whenever the row's terms are: what an index compares to know that it is up to date.
pub fn print(row: &Row) -> i64 {
    let mut hash = Sha256::new_with_prefix([RULES]);
    for piece in pieces(row) {
        let (kind, text) = match piece {
            Piece::Title(text) => (0, text),
            Piece::Text(text) => (1, text),
            Piece::Name(text) => (2, text),
            Piece::Phone(text) => (3, text),
            Piece::Building(building) => (4, building.as_str()),
        };
        hash.update([kind]);
        hash.update((text.len() as u64).to_be_bytes());
        hash.update(text);
    }
    let digest = hash.finalize();
    digest.iter().take(8).fold(0, |number, byte| number << 8 | i64::from(*byte))
}

/// The terms of a telephone number: each three digits of it.
pub fn phone_terms(digits: &str) -> Vec<String> {
    let digits: Vec<char> = digits.chars().collect();
    digits.windows(DIGITS).map(|digits| format!("p{}", String::from_iter(digits))).collect()
}

pub(super) fn building_term(building: &BuildingId) -> String {
    format!("b{building}")
}

/// What of a row is looked through.
enum Piece<'a> {
    Title(&'a str),
    Text(&'a str),
    Name(&'a str),
    Phone(&'a str),
    Building(&'a BuildingId),
}

fn pieces(row: &Row) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    // The title of a visit and of a household is its address.
    if row.kind == DocKind::Case {
        pieces.push(Piece::Title(&row.title));
    }
    if let Some(place) = &row.place {
        pieces.push(Piece::Text(&place.detail));
        pieces.extend(place.building.as_ref().map(Piece::Building));
    }
    for named in &row.people {
        pieces.push(Piece::Name(&named.name));
        pieces.push(Piece::Phone(&named.phone));
    }
    pieces.extend(row.tags.iter().map(|tag| Piece::Text(tag)));
    pieces.push(Piece::Text(&row.category));
    pieces.push(Piece::Text(&row.words));
    pieces
}

/// Terms with spaces between them, being written.
struct Line(String);

impl Line {
    fn add(&mut self, kind: char, rest: impl Iterator<Item = char>) {
        self.0.push(kind);
        self.0.extend(rest);
        self.0.push(' ');
    }

    /// Terms of a text; with a mark, its characters also with that.
    fn add_text(&mut self, text: &str, mark: Option<char>) {
        let glyphs = fold::glyphs(text);
        for run in fold::runs(&glyphs) {
            let run_glyphs = glyphs.get(run.at.clone()).unwrap_or_default();
            match run.class {
                Class::Han => self.add_han(run_glyphs, mark),
                Class::Digit => self.add_number(run_glyphs),
                Class::Letter => self.add_letters(run_glyphs),
                Class::Gap => {}
            }
        }
    }

    fn add_han(&mut self, glyphs: &[Glyph], mark: Option<char>) {
        for (at, glyph) in glyphs.iter().enumerate() {
            let next = glyphs.get(at + 1).map(|next| next.c);
            for mark in [None, mark].into_iter().take(1 + usize::from(mark.is_some())) {
                self.0.extend(mark);
                self.add(glyph.c, std::iter::empty());
                if let Some(next) = next {
                    self.0.extend(mark);
                    self.add(glyph.c, std::iter::once(next));
                }
            }
        }
    }

    fn add_number(&mut self, glyphs: &[Glyph]) {
        let digits: Vec<char> = glyphs.iter().map(|glyph| glyph.c).collect();
        if digits.len() >= phone::IN_TEXT_MIN {
            digits.windows(DIGITS).for_each(|three| self.add('p', three.iter().copied()));
            return;
        }
        (1..digits.len()).for_each(|end| self.add('n', digits.iter().copied().take(end)));
        self.add('w', digits.into_iter());
    }

    fn add_letters(&mut self, glyphs: &[Glyph]) {
        let letters = || glyphs.iter().map(|glyph| glyph.c).take(LETTERS_MAX);
        (1..=LETTERS_BEGUN.min(glyphs.len().saturating_sub(1))).for_each(|end| self.add('l', letters().take(end)));
        self.add('x', letters());
    }

    fn add_phone(&mut self, number: &str) {
        let digits: Vec<char> = number.chars().collect();
        digits.windows(DIGITS).for_each(|three| self.add('p', three.iter().copied()));
    }

    fn add_sounds(&mut self, name: &str) {
        for reading in pinyin::readings(name) {
            let (initials, whole) = (reading.initials(), reading.whole());
            let begun = |text: &str| text.chars().count().saturating_sub(1);
            (1..=begun(&initials)).for_each(|end| self.add('i', initials.chars().take(end)));
            self.add('y', initials.chars());
            (2..=PINYIN_BEGUN.min(begun(&whole))).for_each(|end| self.add('g', whole.chars().take(end)));
            self.add('f', whole.chars());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::DocId;
    use crate::people::Place;
    use crate::row::Named;

    fn case() -> Row {
        let place = Place {
            community: "ncg".parse().unwrap(),
            grid: "ncg-1".parse().unwrap(),
            building: Some("ncg-1-a".parse().unwrap()),
            detail: "3-201".into(),
        };
        Row {
            title: "漏水".into(),
            place: Some(place),
            people: vec![Named { name: "张三".into(), phone: "138 0931".into() }],
            words: "WiFi坏".into(),
            ..Row::unreadable(DocId::from_bytes([1; 16]), DocKind::Case)
        }
    }

    #[test]
    fn a_row_gives_these_terms_and_no_others() {
        let line = terms(&case());
        let mut found: Vec<&str> = line.split_whitespace().collect();
        let mut expected = vec![
            "漏",
            "水",
            "漏水",
            "t漏",
            "t水",
            "t漏水", // the title
            "w3",
            "n2",
            "n20",
            "w201",
            "bncg-1-a", // the place
            "张",
            "三",
            "张三",
            "a张",
            "a三",
            "a张三",
            "iz",
            "yzs",
            "gzh",
            "gzha",
            "fzhangsan", // the name
            "p138",
            "p380",
            "p809",
            "p093",
            "p931", // the number
            "lw",
            "lwi",
            "lwif",
            "xwifi",
            "坏", // the words
        ];
        found.sort_unstable();
        found.dedup();
        expected.sort_unstable();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_long_number_in_a_text_is_a_telephone_number() {
        let row = Row { words: "联系13812345678，2026年".into(), ..case() };
        let line = terms(&row);
        let found: Vec<&str> = line.split_whitespace().collect();
        assert!(found.contains(&"p567") && found.contains(&"w2026") && !found.contains(&"n1"));
    }

    #[test]
    fn the_title_of_a_visit_is_not_counted_beside_its_address() {
        let visit = Row { kind: DocKind::Visit, title: "3-201".into(), ..case() };
        assert!(!terms(&visit).contains("t3") && terms(&visit).contains("w201"));
    }

    #[test]
    fn the_print_changes_with_the_terms_and_with_nothing_else() {
        let row = case();
        let same = Row { stage: "closed".into(), round: 9, look: true, ..row.clone() };
        assert_eq!(print(&row), print(&same));
        let mut others = vec![row.clone(); 5];
        others[0].title.push('多');
        others[1].words.clear();
        others[2].people[0].phone = "139".into();
        others[3].place.as_mut().unwrap().building = None;
        others[4].tags.push("独居老人".into());
        // The same characters, but where one text ends and the next begins is otherwise.
        let (one, other) = (Row { category: "水".into(), words: "管".into(), ..row.clone() }, row.clone());
        assert_ne!(print(&one), print(&Row { category: "水管".into(), words: String::new(), ..other }));
        for other in others {
            assert_ne!(print(&row), print(&other));
            assert_ne!(terms(&row), terms(&other));
        }
    }
}
