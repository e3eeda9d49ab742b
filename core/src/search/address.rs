//! The rest of an address in one way of writing it, so that two people who write the same door differently mean the same.

use super::fold::{self, Class};

/// What stands behind a number in an address and says nothing that its place in the row does not say. Longest first.
const UNITS: [&str; 13] = ["号楼", "号房", "单元", "栋楼", "栋", "幢", "座", "楼", "层", "门", "室", "户", "号"];

/// `3号楼2单元401室`, `３栋二单元401` and `3-2-401` alike: `3-2-401`. What is written in words stays (`家属院-3-2`). Empty if
/// nothing was said.
pub fn plain_address(detail: &str) -> String {
    let glyphs = fold::glyphs(detail);
    let mut parts: Vec<String> = Vec::new();
    let mut words = String::new();
    let mut rest: Vec<(char, Class)> = glyphs.iter().map(|glyph| (glyph.c, glyph.class)).collect();
    rest.reverse();
    let mut say = |words: &mut String| {
        if !words.is_empty() {
            parts.push(std::mem::take(words));
        }
    };
    while let Some((c, class)) = rest.pop() {
        match class {
            Class::Gap => say(&mut words),
            Class::Digit => {
                say(&mut words);
                words.push(c);
                while let Some((digit, Class::Digit)) = rest.last() {
                    words.push(*digit);
                    rest.pop();
                }
                let plain = words.trim_start_matches('0').to_owned();
                words = if plain.is_empty() { "0".into() } else { plain };
                say(&mut words);
                skip_unit(&mut rest);
            }
            Class::Han | Class::Letter => match number(c, &rest) {
                Some((value, used)) => {
                    say(&mut words);
                    rest.truncate(rest.len().saturating_sub(used));
                    words = value.to_string();
                    say(&mut words);
                    skip_unit(&mut rest);
                }
                None => words.push(c),
            },
        }
    }
    say(&mut words);
    parts.join("-")
}

/// Takes the unit behind a number away; the rest is in reverse.
fn skip_unit(rest: &mut Vec<(char, Class)>) {
    let gap = rest.iter().rev().take_while(|(_, class)| *class == Class::Gap).count();
    let behind = rest.get(..rest.len().saturating_sub(gap)).unwrap_or_default();
    if let Some(unit) = UNITS.iter().find(|unit| begins(behind, unit)) {
        rest.truncate(behind.len().saturating_sub(unit.chars().count()));
    }
}

fn begins(rest: &[(char, Class)], with: &str) -> bool {
    with.chars().eq(rest.iter().rev().take(with.chars().count()).map(|(c, _)| *c))
}

/// A Chinese number below a hundred with a unit behind it (三单元, 十二号楼), and how many characters of the rest it takes.
/// Without one it is part of a name (三里屯).
fn number(first: char, rest: &[(char, Class)]) -> Option<(u32, usize)> {
    const DIGITS: &str = "一二三四五六七八九";
    let digit = |c: char| DIGITS.chars().position(|known| known == c).and_then(|at| u32::try_from(at + 1).ok());
    let mut chars = rest.iter().rev().map(|(c, _)| *c);
    let (mut value, mut used) = match digit(first) {
        Some(value) => (value, 0),
        None if first == '十' => (10, 0),
        None => return None,
    };
    let mut next = chars.next();
    if first != '十' && next == Some('十') {
        value *= 10;
        used += 1;
        next = chars.next();
    }
    if value >= 10
        && let Some(ones) = next.and_then(digit)
    {
        value += ones;
        used += 1;
    }
    let behind = rest.get(..rest.len().saturating_sub(used)).unwrap_or_default();
    UNITS.iter().any(|unit| begins(behind, unit)).then_some((value, used))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_door_is_the_same_however_it_is_written() {
        for text in ["3号楼2单元401", "3号楼2单元401室", "３栋 2 单元 401", "三号楼二单元401", "3-2-401", "3幢2门401户"]
        {
            assert_eq!(plain_address(text), "3-2-401", "{text}");
        }
        assert_eq!(plain_address("家属院十二号楼"), "家属院-12");
        assert_eq!(plain_address("家属院 12栋"), "家属院-12");
        assert_eq!(plain_address("二十一号楼"), "21");
        assert_eq!(plain_address("01单元"), "1");
    }

    #[test]
    fn two_doors_are_two() {
        let same = |one, other| plain_address(one) == plain_address(other);
        assert!(!same("3号楼2单元401", "3号楼2单元402"));
        assert!(!same("3号楼", "13号楼"));
        assert!(!same("三里屯", "3里屯"), "a name, no number");
        assert!(!same("东门", "西门"));
        assert_eq!(plain_address(" ，"), "");
    }
}
