//! What was typed, cut into tokens, and what to ask an index for. Whatever is typed is a query; rubbish is an empty one.

use super::fold::{self, Class};
use super::terms::{DIGITS, LETTERS_BEGUN, LETTERS_MAX, PINYIN_BEGUN, building_term, phone_terms};
use super::{phone, pinyin};
use crate::id::BuildingId;

/// Characters of a query that count: more than any line of text that somebody would look for.
pub const QUERY_MAX: usize = 64;
/// Tokens of a query that count.
const TOKENS_MAX: usize = 12;
/// Most buildings that a token stands for: the name of a compound is that of all its buildings.
const BUILDINGS_MAX: usize = 24;

/// What stands behind the numbers of nearly every address.
const EVERYWHERE: [&str; 9] = ["号", "楼", "号楼", "单", "元", "单元", "栋", "室", "户"];

/// The buildings of the directory with their names.
pub type Buildings<'a> = [(&'a BuildingId, &'a str)];

/// One thing that has to be found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    /// Chinese characters, next to each other.
    Han(Vec<char>),
    /// The same, but one of them, at this place, may be another.
    HanBut(Vec<char>, usize),
    /// A name that sounds like these.
    Sounds(Vec<char>),
    /// A number; the beginning of one, if the person may still be typing. Three digits and more: also a piece of a telephone
    /// number.
    Digits(String, Typing),
    /// A telephone number, but one digit, at this place, may be another.
    DigitsBut(String, usize),
    /// A word, pinyin or initials.
    Letters(String, Typing),
}

/// Whether more may come behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Typing {
    /// The last of what was typed: a beginning.
    Still,
    /// Something stands behind it: it is whole.
    Over,
}

/// A token and the buildings whose names it is in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wanted {
    pub(super) token: Token,
    pub(super) buildings: Vec<BuildingId>,
}

/// Where an index is asked to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Everywhere.
    Anywhere,
    /// At people's names alone, for what is written in Chinese.
    Names,
    /// At titles alone, for what is written in Chinese.
    Titles,
}

/// What somebody looks for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Query {
    pub(super) wanted: Vec<Wanted>,
    /// The buildings that any of it may mean, with their names.
    pub(super) names: Vec<(BuildingId, String)>,
}

impl Query {
    /// What was typed. `buildings` are those whose names may be meant.
    pub fn parse(text: &str, buildings: &Buildings<'_>) -> Self {
        let text: String = text.chars().take(QUERY_MAX).collect();
        let glyphs = fold::glyphs(&text);
        let runs = fold::runs(&glyphs);
        let ends = glyphs.len();
        let mut tokens = Vec::new();
        for run in runs {
            let chars = fold::chars(&glyphs, &run.at);
            let typing = if run.at.end == ends { Typing::Still } else { Typing::Over };
            let plus = run.at.start.checked_sub(1).and_then(|at| glyphs.get(at)).is_some_and(|glyph| glyph.c == '+');
            let token = match run.class {
                Class::Han => Token::Han(chars),
                Class::Digit if plus && chars == ['8', '6'] => continue,
                Class::Digit => Token::Digits(phone::without_country(&String::from_iter(chars)).to_owned(), typing),
                Class::Letter => Token::Letters(chars.into_iter().take(LETTERS_MAX).collect(), typing),
                Class::Gap => continue,
            };
            if !tokens.contains(&token) {
                tokens.push(token);
            }
        }
        tokens.truncate(TOKENS_MAX);
        Self::of(tokens, buildings)
    }

    fn of(tokens: Vec<Token>, buildings: &Buildings<'_>) -> Self {
        let mut query = Self::default();
        let folded: Vec<_> = buildings.iter().map(|(_, name)| fold::glyphs(name)).collect();
        for token in tokens {
            let meant = buildings.iter().zip(&folded).filter(|(_, glyphs)| super::look::stands_in(&token, glyphs));
            let meant: Vec<_> = meant.map(|(building, _)| building).take(BUILDINGS_MAX).collect();
            for (id, name) in &meant {
                if query.names.iter().all(|(known, _)| known != *id) {
                    query.names.push(((*id).clone(), (*name).to_owned()));
                }
            }
            query.wanted.push(Wanted { token, buildings: meant.into_iter().map(|(id, _)| (*id).clone()).collect() });
        }
        query
    }

    /// The same with other tokens, for what is near to it.
    pub(super) fn with(&self, wanted: Vec<Wanted>) -> Self {
        Self { wanted, names: self.names.clone() }
    }

    /// Whether it asks for nothing.
    pub fn is_empty(&self) -> bool {
        self.wanted.is_empty()
    }

    /// Whether it makes a difference to look at names or titles alone.
    pub fn is_wide(&self) -> bool {
        self.wanted.iter().any(|wanted| matches!(wanted.token, Token::Han(_)))
    }

    /// The full-text expression (FTS5's syntax, every term quoted) that all rows with all of it answer to, and a few
    /// more: [`Query::look`] tells. Empty for an empty query.
    pub fn expression(&self, reach: Reach) -> String {
        // 单元 and 号楼 stand in every address: an index would walk through all rows to leave none out.
        let tells = |wanted: &&Wanted| !wanted.token.is_everywhere();
        let mut all: Vec<&Wanted> = self.wanted.iter().filter(tells).collect();
        if all.is_empty() {
            all.extend(self.wanted.first());
        }
        all.iter().map(|wanted| wanted.expression(reach)).collect::<Vec<_>>().join(" AND ")
    }
}

impl Wanted {
    pub(super) fn new(token: Token) -> Self {
        Self { token, buildings: Vec::new() }
    }

    fn expression(&self, reach: Reach) -> String {
        let mut any = self.token.expression(reach);
        any.extend(self.buildings.iter().map(|building| quoted(&building_term(building))));
        format!("({})", any.join(" OR "))
    }
}

impl Token {
    /// Whether nearly every row has it.
    fn is_everywhere(&self) -> bool {
        matches!(self, Self::Han(chars) if EVERYWHERE.iter().any(|known| known.chars().eq(chars.iter().copied())))
    }

    /// Alternatives, one of which a row must answer to.
    fn expression(&self, reach: Reach) -> Vec<String> {
        match self {
            Self::Han(chars) => {
                let mark = match reach {
                    Reach::Anywhere => "",
                    Reach::Names => "a",
                    Reach::Titles => "t",
                };
                vec![every(han(chars, mark))]
            }
            Self::HanBut(chars, but) => {
                let (before, after) = (chars.get(..*but).unwrap_or_default(), chars.get(but + 1..).unwrap_or_default());
                vec![every(han(before, "").into_iter().chain(han(after, "")))]
            }
            Self::Sounds(chars) => {
                pinyin::readings_of(chars).iter().map(|reading| quoted(&format!("f{}", reading.whole()))).collect()
            }
            Self::Digits(digits, typing) => {
                let mut any = vec![quoted(&format!("w{digits}"))];
                if *typing == Typing::Still {
                    any.push(quoted(&format!("n{digits}")));
                }
                if digits.len() >= DIGITS {
                    any.push(every(threes(digits, None)));
                }
                any
            }
            Self::DigitsBut(digits, but) => vec![every(threes(digits, Some(*but)))],
            Self::Letters(letters, typing) => letters_any(letters, *typing),
        }
    }
}

/// The terms that a piece of Chinese answers to: the character, or all its pairs.
fn han(chars: &[char], mark: &str) -> Vec<String> {
    match chars {
        [] => Vec::new(),
        [one] => vec![quoted(&format!("{mark}{one}"))],
        _ => chars.windows(2).map(|two| quoted(&format!("{mark}{}", String::from_iter(two)))).collect(),
    }
}

/// The full-text expression that every row answers to in which `text` stands as it is; none where the index can't tell, because
/// only of Chinese it has every neighbour.
pub fn stands_in(text: &str) -> Option<String> {
    let text: String = text.chars().take(QUERY_MAX).collect();
    let glyphs = fold::glyphs(&text);
    let runs = fold::runs(&glyphs);
    let chinese = runs.iter().filter(|run| run.class == Class::Han);
    let terms: Vec<String> = chinese.flat_map(|run| han(&fold::chars(&glyphs, &run.at), "")).collect();
    (!terms.is_empty()).then(|| every(terms))
}

/// Each three digits in a row, without those that have the digit at this place.
fn threes(digits: &str, but: Option<usize>) -> Vec<String> {
    let has = |at: usize| but.is_some_and(|but| (at..at + DIGITS).contains(&but));
    let threes = phone_terms(digits).into_iter().enumerate().filter(|(at, _)| !has(*at));
    threes.map(|(_, three)| quoted(&three)).collect()
}

/// The terms that a token falls into, each of which a row must have: pairs of characters, threes of digits.
pub(super) fn neighbours(token: &Token) -> Vec<String> {
    match token {
        Token::Han(chars) => chars.windows(2).map(String::from_iter).collect(),
        Token::Digits(digits, _) if digits.len() >= phone::IN_TEXT_MIN => phone_terms(digits),
        _ => Vec::new(),
    }
}

fn letters_any(letters: &str, typing: Typing) -> Vec<String> {
    let length = letters.chars().count();
    // Initials and pinyin are short for something: their beginnings will do, whatever stands behind them.
    let mut any = vec![quoted(&format!("y{letters}")), quoted(&format!("i{letters}"))];
    any.push(quoted(&format!("f{letters}")));
    match length {
        0 | 1 => {}
        2..=PINYIN_BEGUN => any.push(quoted(&format!("g{letters}"))),
        _ => any.push(format!("{} *", quoted(&format!("f{letters}")))),
    }
    any.push(quoted(&format!("x{letters}")));
    if typing == Typing::Still {
        any.push(if length <= LETTERS_BEGUN {
            quoted(&format!("l{letters}"))
        } else {
            format!("{} *", quoted(&format!("x{letters}")))
        });
    }
    any
}

/// A term as FTS5 takes it for a term and for nothing else. Terms hold letters, digits and hyphens only; a quotation mark
/// could not get here, and would be doubled if it did.
pub(super) fn quoted(term: &str) -> String {
    format!("\"{}\"", term.replace('"', "\"\""))
}

fn every(terms: impl IntoIterator<Item = String>) -> String {
    let terms: Vec<String> = terms.into_iter().collect();
    format!("({})", terms.join(" AND "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expression(text: &str) -> String {
        Query::parse(text, &[]).expression(Reach::Anywhere)
    }

    #[test]
    fn one_and_two_characters_are_terms_and_more_are_all_their_pairs() {
        assert_eq!(expression("水"), r#"(("水"))"#);
        assert_eq!(expression("漏水"), r#"(("漏水"))"#);
        assert_eq!(expression("张建国"), r#"(("张建" AND "建国"))"#);
        assert_eq!(Query::parse("王敏", &[]).expression(Reach::Names), r#"(("a王敏"))"#);
    }

    #[test]
    fn only_the_last_word_is_a_beginning() {
        assert_eq!(expression("3-20"), r#"("w3") AND ("w20" OR "n20")"#);
        assert_eq!(expression("3-20 "), r#"("w3") AND ("w20")"#);
        assert_eq!(expression("1380"), r#"("w1380" OR "n1380" OR ("p138" AND "p380"))"#);
    }

    #[test]
    fn what_stands_in_every_address_is_left_to_the_look() {
        assert_eq!(expression("3号楼2单元"), r#"("w3") AND ("w2")"#);
        assert_eq!(expression("号楼 单元"), r#"(("号楼"))"#);
    }

    #[test]
    fn rubbish_asks_for_nothing_and_nothing_typed_is_syntax() {
        for text in ["", "   ", "\"", "*", "😀", "\0", "()\"'*^:+-", "　"] {
            assert!(Query::parse(text, &[]).is_empty(), "{text:?}");
            assert_eq!(expression(text), "");
        }
        assert!(!expression("NEAR(a b) OR x:y").contains("NEAR"), "an operator only between terms");
        let long = Query::parse(&"漏水 near\" * ".repeat(1_000), &[]);
        assert!(long.wanted.len() <= TOKENS_MAX);
        assert!(Query::parse(&"水".repeat(10_000), &[]).expression(Reach::Anywhere).len() < 2_000);
    }

    #[test]
    fn the_countrys_number_is_not_looked_for() {
        assert_eq!(expression("+86 138"), expression("138"));
        assert_eq!(expression("8613812345678"), expression("13812345678"));
    }

    #[test]
    fn a_building_is_meant_by_its_name() {
        let (one, two) = ("ncg-1-a".parse().unwrap(), "lg-1-a".parse().unwrap());
        let buildings = [(&one, "单位家属院1号楼"), (&two, "立功小区1号楼")];
        let query = Query::parse("家属院", &buildings);
        assert_eq!(query.expression(Reach::Anywhere), r#"(("家属" AND "属院") OR "bncg-1-a")"#);
        assert_eq!(Query::parse("1号楼", &buildings).names.len(), 2);
    }
}
