//! What comes near when nothing fits: the same with one thing otherwise, the nearest first.
//!
//! People type what they heard: 张健国 for 张建国. They miss a digit. They put two words together that stand apart. Each of
//! these is a query of its own, tried in this order until something is found; there are never more than [`TRIES_MAX`].

use super::query::{Query, Token, Typing, Wanted};
use super::{fold, pinyin};

/// Most queries that are tried when nothing fits. Most of them cost a look-up each and find nothing.
const TRIES_MAX: usize = 24;
/// Characters of a name that may be heard right and written wrong.
const NAME_HEARD: std::ops::RangeInclusive<usize> = 2..=4;
/// Fewest characters of which one may be wrong.
const BUT_MIN: usize = 3;
/// Fewest digits of which one may be wrong: with fewer, too much would be near.
const DIGITS_BUT_MIN: usize = 7;

impl Query {
    /// The same words with a gap where none was typed: 南城根漏水 is 南城根 and 漏水. A row that has both has all that was
    /// asked for.
    pub fn cut(&self) -> Vec<Self> {
        let mut all = Vec::new();
        for (at, wanted) in self.wanted.iter().enumerate() {
            let Token::Han(chars) = &wanted.token else { continue };
            for cut in 2..chars.len().saturating_sub(1) {
                let (left, right) = chars.split_at(cut);
                let pieces = [left, right].map(|piece| Token::Han(piece.to_vec()));
                all.push(self.instead(at, pieces.into_iter().map(|token| self.meant(token)).collect()));
            }
        }
        all.truncate(TRIES_MAX);
        all
    }

    /// What is near, the nearest first.
    pub fn near(&self) -> Vec<Self> {
        let mut all = Vec::new();
        for step in [Self::heard, Self::one_off, Self::without_one, Self::pieces] {
            for query in step(self) {
                if !query.is_empty() && query != *self && !all.contains(&query) {
                    all.push(query);
                }
            }
        }
        all.truncate(TRIES_MAX);
        all
    }

    /// Names that sound the same.
    fn heard(&self) -> Vec<Self> {
        let name = |wanted: &Wanted| match &wanted.token {
            Token::Han(chars) if NAME_HEARD.contains(&chars.len()) && !pinyin::readings_of(chars).is_empty() => {
                Some(Token::Sounds(chars.clone()))
            }
            _ => None,
        };
        let named = self.wanted.iter().enumerate().filter_map(|(at, wanted)| Some((at, name(wanted)?)));
        named.map(|(at, token)| self.instead(at, vec![Wanted::new(token)])).collect()
    }

    /// One character, digit or letter otherwise.
    fn one_off(&self) -> Vec<Self> {
        let mut all = Vec::new();
        for (at, wanted) in self.wanted.iter().enumerate() {
            let tokens: Vec<Token> = match &wanted.token {
                // The first character last: of a name it is the surname, and people get that right.
                Token::Han(chars) if chars.len() >= BUT_MIN => {
                    (0..chars.len()).rev().map(|but| Token::HanBut(chars.clone(), but)).collect()
                }
                Token::Digits(digits, _) if digits.len() >= DIGITS_BUT_MIN => {
                    (0..digits.len()).rev().map(|but| Token::DigitsBut(digits.clone(), but)).collect()
                }
                Token::Digits(digits, _) => {
                    shorter(digits, 2).map(|digits| Token::Digits(digits, Typing::Still)).into_iter().collect()
                }
                Token::Letters(letters, _) => {
                    shorter(letters, 1).map(|letters| Token::Letters(letters, Typing::Still)).into_iter().collect()
                }
                _ => Vec::new(),
            };
            all.extend(tokens.into_iter().map(|token| self.instead(at, vec![Wanted::new(token)])));
        }
        all
    }

    /// All but one of what was asked for; then each by itself, the longest first.
    fn without_one(&self) -> Vec<Self> {
        let mut order: Vec<usize> = (0..self.wanted.len()).collect();
        order.sort_by_key(|at| self.wanted.get(*at).map_or(0, |wanted| wanted.token.weight()));
        let mut all: Vec<Self> = order.iter().map(|at| self.instead(*at, Vec::new())).collect();
        if self.wanted.len() > 2 {
            all.extend(order.iter().rev().filter_map(|at| Some(self.with(vec![self.wanted.get(*at)?.clone()]))));
        }
        all
    }

    /// Pieces of what was written in Chinese, the longest first.
    fn pieces(&self) -> Vec<Self> {
        let mut all: Vec<(usize, Self)> = Vec::new();
        for wanted in &self.wanted {
            let Token::Han(chars) = &wanted.token else { continue };
            let shortest = if chars.len() == 2 { 1 } else { 2 };
            for size in shortest..chars.len() {
                for piece in chars.windows(size) {
                    all.push((size, self.with(vec![self.meant(Token::Han(piece.to_vec()))])));
                }
            }
        }
        all.sort_by_key(|(size, _)| std::cmp::Reverse(*size));
        all.into_iter().map(|(_, query)| query).collect()
    }

    /// The same with others in the place of what is wanted there.
    fn instead(&self, at: usize, others: Vec<Wanted>) -> Self {
        let mut wanted = self.wanted.clone();
        if at < wanted.len() {
            wanted.splice(at..=at, others);
        }
        self.with(wanted)
    }

    /// The token with the buildings whose names it is in.
    fn meant(&self, token: Token) -> Wanted {
        let names = self.names.iter().filter(|(_, name)| super::look::stands_in(&token, &fold::glyphs(name)));
        let buildings = names.map(|(id, _)| id.clone()).collect();
        Wanted { token, buildings }
    }
}

impl Token {
    /// How much it says.
    fn weight(&self) -> usize {
        match self {
            Self::Han(chars) | Self::HanBut(chars, _) | Self::Sounds(chars) => 2 * chars.len(),
            Self::Digits(text, _) | Self::DigitsBut(text, _) | Self::Letters(text, _) => text.len(),
        }
    }
}

/// Without the last character, if enough is left.
fn shorter(text: &str, least: usize) -> Option<String> {
    let count = text.chars().count();
    (count > least).then(|| text.chars().take(count - 1).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{DocId, DocKind};
    use crate::row::{Named, Row};

    fn named(name: &str, phone: &str) -> Row {
        let people = vec![Named { name: name.into(), phone: phone.into() }];
        Row { people, title: "漏水".into(), ..Row::unreadable(DocId::from_bytes([1; 16]), DocKind::Case) }
    }

    /// Which of the tries finds the row.
    fn near(text: &str, row: &Row) -> Option<usize> {
        let query = Query::parse(text, &[]);
        assert!(query.look(row).is_none(), "{text} fits as it is");
        query.near().iter().position(|near| near.look(row).is_some())
    }

    #[test]
    fn a_name_heard_right_and_written_wrong_is_the_nearest() {
        let row = named("张建国", "13812345678");
        assert_eq!(near("张健国", &row), Some(0));
        assert_eq!(near("章见国", &row), Some(0));
    }

    #[test]
    fn one_character_or_digit_otherwise_is_near() {
        let row = named("张建国", "13812345678");
        for text in ["张大国", "张建军", "13812345679", "23812345678", "zjgx"] {
            assert!(near(text, &row).is_some(), "{text}");
        }
        assert!(near("刘德华", &row).is_none() && near("13900000000", &row).is_none());
    }

    #[test]
    fn what_is_too_much_is_left_out_and_pieces_are_tried() {
        let row = named("张建国", "");
        for text in ["漏水 王敏", "张三 漏水 东门", "张敏"] {
            assert!(near(text, &row).is_some(), "{text}");
        }
    }

    #[test]
    fn words_typed_together_are_found_apart() {
        let row = Row { title: "三单元夜间漏水".into(), ..named("张建国", "") };
        let query = Query::parse("单元漏水", &[]);
        assert!(query.look(&row).is_none());
        assert!(query.cut().iter().any(|cut| cut.look(&row).is_some()));
        assert!(Query::parse("漏水", &[]).cut().is_empty(), "a pair is one word");
    }

    #[test]
    fn tries_are_bounded_and_every_one_asks_for_something() {
        for text in ["漏水".repeat(30), "1234567 ".repeat(12), "水 火 木 金 土 日 月 天 地 人 上 下".into(), "x".into()]
        {
            let query = Query::parse(&text, &[]);
            let tries = query.near();
            assert!(tries.len() <= TRIES_MAX && query.cut().len() <= TRIES_MAX);
            for one in tries.iter().chain(&query.cut()) {
                assert!(!one.is_empty());
                assert!(!one.expression(crate::search::Reach::Anywhere).contains("()"), "{text}");
            }
        }
    }
}
