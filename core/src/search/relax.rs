//! What comes near when nothing fits: the same with one thing otherwise, the nearest first.
//!
//! People type what they heard: 张健国 for 张建国. They miss a digit. They put two words together that stand apart. Each of
//! these is a query of its own. Which of them can find anything at all, an index tells beforehand: a pair of characters
//! that stands in no row must be where the mistake is, or the gap ([`Query::probes`]).

use super::query::{Query, Token, Typing, Wanted, neighbours, quoted};
use super::{fold, pinyin};

/// Most queries that one step tries.
const TRIES_MAX: usize = 12;
/// Characters of a name that may be heard right and written wrong.
const NAME_HEARD: std::ops::RangeInclusive<usize> = 2..=4;
/// Characters of which one may be wrong: of fewer too little is left, of more there is a better piece.
const BUT: std::ops::RangeInclusive<usize> = 3..=8;
/// Fewest digits of which one may be wrong: with fewer, too much would be near.
const DIGITS_BUT_MIN: usize = 7;
/// Most characters in a row that are cut where no gap was typed, though each pair of them stands somewhere.
const CUT_MAX: usize = 12;
/// Most pieces that are counted.
const PIECES_MAX: usize = 24;

impl Query {
    /// The neighbours in it, each as an expression for the index. What the index says (whether it has any row for each)
    /// narrows [`Query::cut`] and [`Query::near`].
    pub fn probes(&self) -> Vec<String> {
        self.wanted.iter().flat_map(|wanted| neighbours(&wanted.token)).map(|term| quoted(&term)).collect()
    }

    /// Of each token, the neighbours that stand in no row, by their places.
    fn absent(&self, known: &[bool]) -> Vec<Vec<usize>> {
        let mut known = known.iter();
        let absent = self.wanted.iter().map(|wanted| {
            let places = 0..neighbours(&wanted.token).len();
            let absent: Vec<usize> = places.filter(|_| known.next().is_some_and(|known| !known)).collect();
            // The name of a building is not in the index: its pairs need not be.
            if wanted.buildings.is_empty() { absent } else { Vec::new() }
        });
        absent.collect()
    }

    /// The same words with gaps where none were typed: 南城根漏水 is 南城根 and 漏水. A row that has both has all that was
    /// asked for.
    pub fn cut(&self, known: &[bool]) -> Vec<Self> {
        let absent = self.absent(known);
        let sure = |wanted: &Wanted, absent: &Vec<usize>| self.cut_at(wanted, absent);
        let wanted: Option<Vec<Vec<Wanted>>> =
            self.wanted.iter().zip(&absent).map(|(wanted, absent)| sure(wanted, absent)).collect();
        // A pair that is nowhere and can be no gap: no cut helps.
        let Some(wanted) = wanted else { return Vec::new() };
        if absent.iter().any(|absent| !absent.is_empty()) {
            return vec![self.with(wanted.concat())];
        }
        let mut all = Vec::new();
        for (at, wanted) in self.wanted.iter().enumerate() {
            let Token::Han(chars) = &wanted.token else { continue };
            if chars.len() <= CUT_MAX {
                let places = 1..chars.len().saturating_sub(2);
                all.extend(places.filter_map(|gap| Some(self.instead(at, self.cut_at(wanted, &[gap])?))));
            }
        }
        all.truncate(TRIES_MAX);
        all
    }

    /// The token with gaps in these pairs; none where a piece would be a single character.
    fn cut_at(&self, wanted: &Wanted, gaps: &[usize]) -> Option<Vec<Wanted>> {
        let Token::Han(chars) = &wanted.token else {
            return gaps.is_empty().then(|| vec![wanted.clone()]);
        };
        if gaps.is_empty() {
            return Some(vec![wanted.clone()]);
        }
        let mut pieces = Vec::new();
        let mut start = 0;
        for end in gaps.iter().map(|gap| gap + 1).chain([chars.len()]) {
            let piece = chars.get(start..end).filter(|piece| piece.len() >= 2)?;
            pieces.push(self.meant(Token::Han(piece.to_vec())));
            start = end;
        }
        Some(pieces)
    }

    /// What is near, in steps: what a later step finds is farther off.
    pub fn near(&self, known: &[bool]) -> Vec<Vec<Self>> {
        [self.heard(), self.one_off(&self.absent(known)), self.without_one()]
            .into_iter()
            .map(|step| step.into_iter().filter(|query| !query.is_empty() && query != self).take(TRIES_MAX).collect())
            .collect()
    }

    /// All pieces of it, each by itself: what has most of them is near, if nothing else is.
    pub fn pieces(&self) -> Vec<Self> {
        let mut tokens: Vec<Token> = Vec::new();
        for wanted in &self.wanted {
            match &wanted.token {
                Token::Han(chars) if chars.len() == 2 => tokens.extend(chars.iter().map(|c| Token::Han(vec![*c]))),
                Token::Han(chars) if chars.len() > 2 => tokens.extend(chars.windows(2).map(|two| Token::Han(two.to_vec()))),
                // Three digits of a telephone number are in too many of them; one letter of a name too.
                Token::Digits(text, _) if text.len() >= DIGITS_BUT_MIN => {}
                other => tokens.push(other.clone()),
            }
        }
        tokens.truncate(PIECES_MAX);
        tokens.into_iter().map(|token| self.with(vec![self.meant(token)])).collect()
    }

    /// All of these together, for marking.
    #[must_use]
    pub fn together(&self, pieces: &[Self]) -> Self {
        self.with(pieces.iter().flat_map(|piece| piece.wanted.iter().cloned()).collect())
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

    /// One character, digit or letter otherwise. Where neighbours are nowhere, the mistake is in each of them.
    fn one_off(&self, absent: &[Vec<usize>]) -> Vec<Self> {
        let mut all = Vec::new();
        for (at, (wanted, absent)) in self.wanted.iter().zip(absent).enumerate() {
            let within = |but: usize, size: usize| absent.iter().all(|place| (*place..place + size).contains(&but));
            let tokens: Vec<Token> = match &wanted.token {
                // The first character last: of a name it is the surname, and people get that right.
                Token::Han(chars) if BUT.contains(&chars.len()) => {
                    (0..chars.len()).rev().filter(|but| within(*but, 2)).map(|but| Token::HanBut(chars.clone(), but)).collect()
                }
                Token::Digits(digits, _) if digits.len() >= DIGITS_BUT_MIN => (0..digits.len())
                    .rev()
                    .filter(|but| within(*but, super::PHONE_MIN))
                    .map(|but| Token::DigitsBut(digits.clone(), but))
                    .collect(),
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

    /// All but one of what was asked for: without the least of it first.
    fn without_one(&self) -> Vec<Self> {
        let mut order: Vec<usize> = (0..self.wanted.len()).collect();
        order.sort_by_key(|at| self.wanted.get(*at).map_or(0, |wanted| wanted.token.weight()));
        order.iter().map(|at| self.instead(*at, Vec::new())).collect()
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

    /// What an index with this one row would say.
    fn known(query: &Query, row: &Row) -> Vec<bool> {
        let terms = crate::search::terms(row);
        query.probes().iter().map(|probe| terms.split(' ').any(|term| quoted(term) == *probe)).collect()
    }

    /// Which step finds the row; the last is the counting of pieces.
    fn near(text: &str, row: &Row) -> Option<usize> {
        let query = Query::parse(text, &[]);
        assert!(query.look(row).is_none(), "{text} fits as it is");
        let steps = query.near(&known(&query, row));
        let pieces = query.pieces();
        steps.iter().chain([&pieces]).position(|step| step.iter().any(|near| near.look(row).is_some()))
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
        for text in ["张大国", "张建军", "李建国", "13812345679", "23812345678", "13812945678", "zjgx"] {
            assert_eq!(near(text, &row), Some(1), "{text}");
        }
        assert!(near("刘德华", &row).is_none() && near("13900000000", &row).is_none());
    }

    #[test]
    fn the_index_says_where_the_mistake_must_be() {
        let row = named("张建国", "13812345678");
        let tries = |text: &str| {
            let query = Query::parse(text, &[]);
            query.near(&known(&query, &row)).get(1).map_or(0, Vec::len)
        };
        assert_eq!(tries("张建军"), 2, "建军 is nowhere: one of the two is wrong");
        assert_eq!(tries("张大国"), 1, "neither is 张大 nor 大国: it is the 大");
        assert_eq!(tries("刘德华"), 1);
        assert_eq!(tries("13800000000"), 0, "more than one digit is wrong");
    }

    #[test]
    fn what_is_too_much_is_left_out_and_pieces_are_counted() {
        let row = named("张建国", "");
        assert_eq!(near("漏水 王敏", &row), Some(2));
        assert_eq!(near("张三 漏水 东门", &row), Some(3));
        assert_eq!(near("张敏", &row), Some(3));
        assert_eq!(near("楼上夜里漏水滴到地下室", &row), Some(3));
    }

    #[test]
    fn words_typed_together_are_found_apart() {
        let row = Row { title: "三单元夜间漏水".into(), ..named("张建国", "") };
        let found = |text: &str| {
            let query = Query::parse(text, &[]);
            assert!(query.look(&row).is_none());
            let cuts = query.cut(&known(&query, &row));
            (cuts.len(), cuts.iter().any(|cut| cut.look(&row).is_some()))
        };
        assert_eq!(found("单元漏水"), (1, true));
        assert_eq!(found("张建国夜间单元"), (1, true));
        assert_eq!(found("单元停水"), (0, false), "停水 is nowhere, and half of it is no word");
        assert!(Query::parse("漏水", &[]).cut(&[true]).is_empty(), "a pair is one word");
        assert_eq!(Query::parse("夜间漏水", &[]).cut(&[true; 3]).len(), 1, "or every pair is somewhere");
    }

    #[test]
    fn tries_are_bounded_and_every_one_asks_for_something() {
        for text in
            ["漏水".repeat(30), "1234567 ".repeat(12), "水 火 木 金 土 日 月 天 地 人 上 下".into(), "x".into(), "号".into()]
        {
            let query = Query::parse(&text, &[]);
            for known in [true, false] {
                let known = vec![known; query.probes().len()];
                let (near, cut, pieces) = (query.near(&known), query.cut(&known), query.pieces());
                assert!(near.iter().all(|step| step.len() <= TRIES_MAX) && cut.len() <= TRIES_MAX);
                assert!(pieces.len() <= PIECES_MAX);
                for one in near.iter().flatten().chain(&cut).chain(&pieces) {
                    assert!(!one.is_empty());
                    let expression = one.expression(crate::search::Reach::Anywhere);
                    assert!(!expression.is_empty() && !expression.contains("()"), "{text}: {expression}");
                }
            }
        }
    }
}
