//! A look at a row: whether it has all that is wanted, how close it comes, and what of it is to be marked.
//!
//! An index answers with a few rows too many: those that have every pair of neighbours, but not next to each other; those
//! that have the digits, but in two telephone numbers. Here the row's own texts decide.

use std::cmp::Reverse;
use std::ops::Range;

use super::fold::{self, Class, Glyph, Run};
use super::found::{Field, Hit, Span};
use super::query::{Query, Token, Typing};
use super::terms::DIGITS;
use super::{phone, pinyin};
use crate::case::Stage;
use crate::id::DocKind;
use crate::row::{Named, Row};
use crate::time::Hlc;

/// Characters of a snippet: one line of a small screen.
const SNIPPET: usize = 32;
/// Characters before what was found.
const BEFORE: usize = 8;

/// How close a row comes: the smaller, the closer. Names before titles before addresses before words; of two as close,
/// a case that is still open before anything else, then what was changed last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Closeness {
    distance: u32,
    standing: u8,
    updated: Reverse<Hlc>,
}

/// What a look at a row found.
pub type Look = Option<Closeness>;

/// By whose rules a text is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rule {
    Text,
    Name,
    Phone,
}

/// A text of a row.
struct Part<'a> {
    field: Field,
    rule: Rule,
    text: &'a str,
}

/// What was found of a token in a text.
struct Sight {
    /// Bytes of the text.
    at: Range<usize>,
    fit: Fit,
}

/// How well; the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    /// It is the whole name, number or word.
    Whole,
    /// It is the whole name, as it sounds.
    Sound,
    /// It stands at the beginning.
    Begins,
    /// It stands in it.
    Within,
}

impl Query {
    /// How close the row comes; none: it lacks something.
    pub fn look(&self, row: &Row) -> Look {
        if self.is_empty() {
            return None;
        }
        let parts = self.parts(row);
        let folded: Vec<(Vec<Glyph>, Vec<Run>)> = parts
            .iter()
            .map(|part| {
                let glyphs = fold::glyphs(part.text);
                let runs = fold::runs(&glyphs);
                (glyphs, runs)
            })
            .collect();
        let mut distance = 0;
        for wanted in &self.wanted {
            let sights = parts.iter().zip(&folded).filter_map(|(part, (glyphs, runs))| {
                let best = sights(&wanted.token, part, glyphs, runs).into_iter().map(|sight| sight.fit).min()?;
                Some(far(part.field, best))
            });
            distance += sights.min()?;
        }
        let ended = Stage::ALL.iter().any(|stage| stage.is_end() && stage.name() == row.stage);
        let standing = match row.kind {
            DocKind::Case if !ended => 0,
            DocKind::Household => 1,
            DocKind::Case | DocKind::Visit => 2,
        };
        Some(Closeness { distance, standing, updated: Reverse(row.updated) })
    }

    /// The row as it is shown: marked, with the line that says why it was found.
    pub fn hit(&self, row: Row) -> Hit {
        let title = self.marked(&row.title, Rule::Text);
        let in_title = |token: &Token| !seen(token, &row.title, Rule::Text).is_empty();
        let parts = self.parts(&row);
        let best = self
            .wanted
            .iter()
            .filter(|wanted| !in_title(&wanted.token))
            .filter_map(|wanted| {
                let best = |part: &Part<'_>| {
                    seen(&wanted.token, part.text, part.rule).iter().map(|sight| far(part.field, sight.fit)).min()
                };
                parts.iter().filter_map(|part| Some((best(part)?, part))).min_by_key(|(distance, _)| *distance)
            })
            .min_by_key(|(distance, _)| *distance);
        let (field, snippet) = match best {
            Some((_, part)) => (part.field, self.snippet(&row, part)),
            None if row.kind == DocKind::Case => (Field::Title, Vec::new()),
            None => (Field::Address, Vec::new()),
        };
        Hit { title, snippet, field: field.name(), row }
    }

    fn parts<'a>(&'a self, row: &'a Row) -> Vec<Part<'a>> {
        let text = |field, text| Part { field, rule: Rule::Text, text };
        let mut parts = Vec::new();
        // The title of a visit and of a household is its address.
        if row.kind == DocKind::Case {
            parts.push(text(Field::Title, row.title.as_str()));
        }
        for Named { name, phone } in &row.people {
            parts.push(Part { field: Field::Name, rule: Rule::Name, text: name });
            parts.push(Part { field: Field::Phone, rule: Rule::Phone, text: phone });
        }
        parts.extend(self.building(row).map(|name| text(Field::Address, name)));
        parts.extend(row.place.iter().map(|place| text(Field::Address, place.detail.as_str())));
        parts.extend(row.tags.iter().map(|tag| text(Field::Tag, tag.as_str())));
        parts.push(text(Field::Category, &row.category));
        parts.push(text(Field::Words, &row.words));
        parts
    }

    /// The name of the row's building, if it may be meant.
    fn building(&self, row: &Row) -> Option<&str> {
        let building = row.place.as_ref()?.building.as_ref()?;
        self.names.iter().find(|(id, _)| id == building).map(|(_, name)| name.as_str())
    }

    fn snippet(&self, row: &Row, part: &Part<'_>) -> Vec<Span> {
        let gap = || Span { text: " ".into(), hit: false };
        match part.field {
            Field::Name | Field::Phone => {
                let of =
                    |named: &&Named| if part.field == Field::Name { named.name == part.text } else { named.phone == part.text };
                let Some(named) = row.people.iter().find(of) else { return Vec::new() };
                let mut spans = self.marked(&named.name, Rule::Name);
                if !named.phone.is_empty() {
                    spans.push(gap());
                    spans.extend(self.marked(&named.phone, Rule::Phone));
                }
                spans
            }
            Field::Address => {
                let detail = row.place.as_ref().map(|place| place.detail.as_str()).unwrap_or_default();
                let mut spans = self.building(row).map(|name| self.marked(name, Rule::Text)).unwrap_or_default();
                if !spans.is_empty() && !detail.is_empty() {
                    spans.push(gap());
                }
                spans.extend(self.marked(detail, Rule::Text));
                spans
            }
            Field::Tag => self.marked(&row.tags.join(" "), Rule::Text),
            Field::Title | Field::Category | Field::Words => self.line(part.text),
        }
    }

    /// Some characters around the first that is marked.
    fn line(&self, text: &str) -> Vec<Span> {
        let marks = self.marks(text, Rule::Text);
        let first = marks.first().map_or(0, |mark| mark.start);
        let before = text.get(..first).unwrap_or_default().chars().count();
        let skipped = if text.chars().count() <= SNIPPET { 0 } else { before.saturating_sub(BEFORE) };
        let place = |n: usize| text.char_indices().nth(n).map_or(text.len(), |(at, _)| at);
        let (start, end) = (place(skipped), place(skipped + SNIPPET));
        let mut spans = Vec::new();
        let dots = || Span { text: "…".into(), hit: false };
        if start > 0 {
            spans.push(dots());
        }
        spans.extend(spans_of(text, &marks, start..end));
        if end < text.len() {
            spans.push(dots());
        }
        spans
    }

    fn marked(&self, text: &str, rule: Rule) -> Vec<Span> {
        spans_of(text, &self.marks(text, rule), 0..text.len())
    }

    /// What is to be marked in a text: in order, none touching another.
    fn marks(&self, text: &str, rule: Rule) -> Vec<Range<usize>> {
        let mut all: Vec<Range<usize>> =
            self.wanted.iter().flat_map(|wanted| seen(&wanted.token, text, rule)).map(|sight| sight.at).collect();
        all.sort_by_key(|range| (range.start, range.end));
        let mut marks: Vec<Range<usize>> = Vec::new();
        for range in all {
            match marks.last_mut() {
                Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
                _ => marks.push(range),
            }
        }
        marks
    }
}

/// The pieces of `within`, marked and unmarked by turns.
fn spans_of(text: &str, marks: &[Range<usize>], within: Range<usize>) -> Vec<Span> {
    let mut spans = Vec::new();
    let mut at = within.start;
    let mut add = |range: Range<usize>, hit| {
        if let Some(piece) = text.get(range).filter(|piece| !piece.is_empty()) {
            spans.push(Span { text: piece.to_owned(), hit });
        }
    };
    for mark in marks {
        let (start, end) = (mark.start.clamp(at, within.end.max(at)), mark.end.clamp(at, within.end.max(at)));
        add(at..start, false);
        add(start..end, true);
        at = end;
    }
    add(at..within.end.max(at), false);
    spans
}

/// How far a field and a fit are from what a person most likely means.
const fn far(field: Field, fit: Fit) -> u32 {
    let beginning = if matches!(fit, Fit::Begins | Fit::Within) { 1 } else { 0 };
    match (field, fit) {
        (Field::Name | Field::Phone, Fit::Whole) => 0,
        (Field::Name | Field::Phone, Fit::Sound) => 2,
        (Field::Title, _) => 4 + beginning,
        (Field::Name | Field::Phone, Fit::Begins) => 4,
        (Field::Name | Field::Phone, Fit::Within) => 6,
        (Field::Address, _) => 8 + beginning,
        (Field::Tag | Field::Category, _) => 12,
        (Field::Words, _) => 16,
    }
}

/// Whether the token stands in a text; for names of buildings.
pub(super) fn stands_in(token: &Token, glyphs: &[Glyph]) -> bool {
    let part = Part { field: Field::Address, rule: Rule::Text, text: "" };
    !sights(token, &part, glyphs, &fold::runs(glyphs)).is_empty()
}

fn seen(token: &Token, text: &str, rule: Rule) -> Vec<Sight> {
    let glyphs = fold::glyphs(text);
    let runs = fold::runs(&glyphs);
    sights(token, &Part { field: Field::Words, rule, text }, &glyphs, &runs)
}

/// Every place where the token stands.
fn sights(token: &Token, part: &Part<'_>, glyphs: &[Glyph], runs: &[Run]) -> Vec<Sight> {
    let found: Vec<(Range<usize>, Fit)> = match (part.rule, token) {
        (Rule::Phone, Token::Digits(digits, _)) => in_phone(part.text, glyphs, digits, None),
        (Rule::Phone, Token::DigitsBut(digits, but)) => in_phone(part.text, glyphs, digits, Some(*but)),
        (Rule::Phone, _) => Vec::new(),
        (_, Token::Han(chars)) => in_han(glyphs, chars, None),
        (_, Token::HanBut(chars, but)) => in_han(glyphs, chars, Some(*but)),
        (Rule::Name, Token::Sounds(chars)) => sounds_like(part.text, chars, glyphs.len()),
        (_, Token::Sounds(_)) => Vec::new(),
        (_, Token::Digits(digits, typing)) => in_runs(glyphs, runs, Class::Digit, digits, *typing),
        (_, Token::DigitsBut(digits, but)) => in_long_numbers(glyphs, runs, digits, Some(*but)),
        (rule, Token::Letters(letters, typing)) => {
            let mut found = in_runs(glyphs, runs, Class::Letter, letters, *typing);
            if rule == Rule::Name {
                found.extend(in_pinyin(part.text, letters));
            }
            found
        }
    };
    let place = |at: usize| glyphs.get(at);
    found
        .into_iter()
        .filter_map(|(range, fit)| {
            let last = range.end.checked_sub(1)?;
            Some(Sight { at: place(range.start)?.at.start..place(last)?.at.end, fit })
        })
        .collect()
}

/// Whether the piece is these characters, but for one.
fn same(piece: &[Glyph], chars: &[char], but: Option<usize>, class: Class) -> bool {
    piece.len() == chars.len()
        && piece
            .iter()
            .zip(chars)
            .enumerate()
            .all(|(at, (glyph, c))| glyph.c == *c || (but == Some(at) && glyph.class == class))
}

fn in_han(glyphs: &[Glyph], chars: &[char], but: Option<usize>) -> Vec<(Range<usize>, Fit)> {
    let size = chars.len().max(1);
    let places = glyphs.windows(size).enumerate().filter(|(_, piece)| same(piece, chars, but, Class::Han));
    places
        .map(|(at, _)| {
            let fit = if size == glyphs.len() {
                Fit::Whole
            } else if at == 0 {
                Fit::Begins
            } else {
                Fit::Within
            };
            (at..at + size, fit)
        })
        .collect()
}

fn in_runs(glyphs: &[Glyph], runs: &[Run], class: Class, word: &str, typing: Typing) -> Vec<(Range<usize>, Fit)> {
    let word: Vec<char> = word.chars().collect();
    let mut found = Vec::new();
    for run in runs.iter().filter(|run| run.class == class) {
        let Some(piece) = glyphs.get(run.at.clone()) else { continue };
        if class == Class::Digit && piece.len() >= phone::IN_TEXT_MIN {
            continue;
        }
        let head = piece.get(..word.len()).unwrap_or_default();
        if same(head, &word, None, class) && (typing == Typing::Still || piece.len() == word.len()) {
            let fit = if piece.len() == word.len() { Fit::Whole } else { Fit::Begins };
            found.push((run.at.start..run.at.start + word.len(), fit));
        }
    }
    if class == Class::Digit && word.len() >= DIGITS {
        found.extend(in_long_numbers(glyphs, runs, &String::from_iter(word), None));
    }
    found
}

/// In numbers that are long enough for a telephone number.
fn in_long_numbers(glyphs: &[Glyph], runs: &[Run], digits: &str, but: Option<usize>) -> Vec<(Range<usize>, Fit)> {
    let digits: Vec<char> = digits.chars().collect();
    let long = runs.iter().filter(|run| run.class == Class::Digit && run.at.len() >= phone::IN_TEXT_MIN);
    long.flat_map(|run| {
        let piece = glyphs.get(run.at.clone()).unwrap_or_default();
        let places = piece.windows(digits.len().max(1)).enumerate();
        let places = places.filter(|(_, window)| same(window, &digits, but, Class::Digit));
        places.map(|(at, _)| (run.at.start + at..run.at.start + at + digits.len(), Fit::Within)).collect::<Vec<_>>()
    })
    .collect()
}

/// In a field for telephone numbers: gaps between the digits make no difference.
fn in_phone(text: &str, glyphs: &[Glyph], digits: &str, but: Option<usize>) -> Vec<(Range<usize>, Fit)> {
    if digits.len() < DIGITS {
        return Vec::new();
    }
    let wanted: Vec<char> = digits.chars().collect();
    let alike = |piece: &[char]| piece.iter().zip(&wanted).enumerate().all(|(at, (c, w))| c == w || but == Some(at));
    let numbers = phone::phone_numbers(text);
    let within = |number: &String| number.chars().collect::<Vec<_>>().windows(wanted.len()).any(alike);
    let Some(number) = numbers.iter().find(|number| within(number)) else { return Vec::new() };
    let fit = if number.len() == wanted.len() {
        Fit::Whole
    } else if number.starts_with(digits) {
        Fit::Begins
    } else {
        Fit::Within
    };
    let places: Vec<(usize, char)> =
        glyphs.iter().enumerate().filter(|(_, glyph)| glyph.class == Class::Digit).map(|(at, glyph)| (at, glyph.c)).collect();
    let found = places.windows(wanted.len()).find(|window| alike(&window.iter().map(|(_, c)| *c).collect::<Vec<_>>()));
    let ends = found.and_then(|window| Some((window.first()?.0, window.last()?.0)));
    ends.map(|(first, last)| (first..last + 1, fit)).into_iter().collect()
}

/// The characters of a name whose initials or pinyin these letters begin.
fn in_pinyin(name: &str, letters: &str) -> Vec<(Range<usize>, Fit)> {
    let mut found = Vec::new();
    for reading in pinyin::readings(name) {
        let count = reading.syllables.len();
        let (initials, whole) = (reading.initials(), reading.whole());
        if initials == letters || whole == letters {
            found.push((0..count, Fit::Sound));
        } else if initials.starts_with(letters) {
            found.push((0..letters.len().min(count), Fit::Begins));
        } else if whole.starts_with(letters) {
            let mut read = 0;
            let covered = reading.syllables.iter().take_while(|syllable| {
                let begun = read < letters.len();
                read += syllable.len();
                begun
            });
            found.push((0..covered.count(), Fit::Begins));
        }
    }
    found
}

fn sounds_like(name: &str, chars: &[char], count: usize) -> Vec<(Range<usize>, Fit)> {
    let wanted = pinyin::readings_of(chars);
    let alike = pinyin::readings(name).iter().any(|reading| wanted.contains(reading));
    if alike { vec![(0..count, Fit::Sound)] } else { Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::DocId;
    use crate::people::Place;

    fn case(title: &str) -> Row {
        let place = Place {
            community: "ncg".parse().unwrap(),
            grid: "ncg-1".parse().unwrap(),
            building: Some("ncg-1-a".parse().unwrap()),
            detail: "3号楼2单元401".into(),
        };
        Row {
            title: title.into(),
            place: Some(place),
            stage: "received".into(),
            category: "公共设施".into(),
            people: vec![Named { name: "张建国".into(), phone: "138 1234 5678".into() }],
            words: "住户反映多次无人处理，夜间影响休息，老人出行不便，希望社区尽快协调物业更换楼道照明，电话0931-8461234。"
                .into(),
            ..Row::unreadable(DocId::from_bytes([1; 16]), DocKind::Case)
        }
    }

    fn found(text: &str, row: &Row) -> Option<Closeness> {
        Query::parse(text, &[]).look(row)
    }

    /// Marked pieces in brackets.
    fn shown(spans: &[Span]) -> String {
        spans.iter().map(|span| if span.hit { format!("[{}]", span.text) } else { span.text.clone() }).collect()
    }

    fn hit(text: &str, row: &Row) -> (String, String, &'static str) {
        assert!(found(text, row).is_some(), "{text}");
        let hit = Query::parse(text, &[]).hit(row.clone());
        (shown(&hit.title), shown(&hit.snippet), hit.field)
    }

    #[test]
    fn every_field_is_found_and_marked() {
        let row = case("楼道路灯不亮");
        let cases = [
            ("灯", "楼道路[灯]不亮", "", "title"),
            ("路灯", "楼道[路灯]不亮", "", "title"),
            ("张建国", "楼道路灯不亮", "[张建国] 138 1234 5678", "name"),
            ("zjg", "楼道路灯不亮", "[张建国] 138 1234 5678", "name"),
            ("ZJ", "楼道路灯不亮", "[张建]国 138 1234 5678", "name"),
            ("zhangj", "楼道路灯不亮", "[张建]国 138 1234 5678", "name"),
            ("2345", "楼道路灯不亮", "张建国 138 1[234 5]678", "phone"),
            ("3号楼", "楼道路灯不亮", "[3号楼]2单元401", "address"),
            ("2单元401", "楼道路灯不亮", "3号楼[2单元401]", "address"),
            ("2-40", "楼道路灯不亮", "3号楼[2]单元[40]1", "address"),
            ("公共", "楼道路灯不亮", "[公共]设施", "category"),
            ("协调", "楼道路灯不亮", "…便，希望社区尽快[协调]物业更换楼道照明，电话0931-846123…", "words"),
            ("路灯 张建", "楼道[路灯]不亮", "[张建]国 138 1234 5678", "name"),
        ];
        for (text, title, snippet, field) in cases {
            assert_eq!(hit(text, &row), (title.to_owned(), snippet.to_owned(), field), "{text}");
        }
    }

    #[test]
    fn what_is_not_there_together_is_not_found() {
        let row = case("楼道路灯不亮");
        for text in ["灯路", "路灯亮", "张国", "138123456789", "5号楼", "jg", "路灯 漏水", "40-2", "8611"] {
            assert!(found(text, &row).is_none(), "{text}");
        }
    }

    #[test]
    fn a_name_comes_before_a_title_before_an_address_before_words() {
        let nobody = Row { people: vec![], words: String::new(), place: None, category: String::new(), ..case("别的") };
        let named = |name: &str| Row { people: vec![Named { name: name.into(), phone: String::new() }], ..nobody.clone() };
        let at = |detail: &str| {
            let place = case("").place.map(|place| Place { detail: detail.into(), ..place });
            Row { place, ..nobody.clone() }
        };
        let ordered = [
            named("王家"),
            Row { title: "王家漏水".into(), ..nobody.clone() },
            Row { title: "到王家".into(), ..nobody.clone() },
            at("王家巷"),
            Row { category: "王家事".into(), ..nobody.clone() },
            Row { words: "住在王家".into(), ..nobody.clone() },
        ];
        for pair in ordered.windows(2) {
            assert!(found("王家", &pair[0]).unwrap() <= found("王家", &pair[1]).unwrap(), "{:?} {:?}", pair[0].title, pair[1]);
        }
        assert!(found("王家", &ordered[0]) < found("王家", &ordered[1]));
        assert!(found("王家", &ordered[2]) < found("王家", &ordered[3]));
        assert!(found("王家", &ordered[3]) < found("王家", &ordered[5]));
        // The whole initials before their beginning.
        assert!(found("wj", &named("王家")) < found("wj", &named("王家明")));
    }

    #[test]
    fn open_cases_come_before_ended_ones_and_newer_before_older() {
        let with = |stage: &str, updated| Row { stage: stage.into(), updated: Hlc(updated), ..case("漏水") };
        assert!(found("漏水", &with("consulting", 1)) < found("漏水", &with("closed", 9)));
        assert!(found("漏水", &with("consulting", 9)) < found("漏水", &with("received", 1)));
        assert!(found("漏水", &with("withdrawn", 9)) < found("漏水", &with("merged", 1)));
    }

    #[test]
    fn a_building_is_found_by_the_name_that_the_directory_has() {
        let id = "ncg-1-a".parse().unwrap();
        let buildings = [(&id, "单位家属院1号楼")];
        let row = case("楼道路灯不亮");
        let query = Query::parse("家属院 路灯", &buildings);
        assert!(query.look(&row).is_some());
        let hit = query.hit(row);
        assert_eq!((shown(&hit.snippet).as_str(), hit.field), ("单位[家属院]1号楼 3号楼2单元401", "address"));
    }

    #[test]
    fn spans_are_the_text_again() {
        let row = case("ＷｉＦｉ坏了，３号楼");
        for text in ["wifi", "坏了 3", "3号", "w 楼 了"] {
            let hit = Query::parse(text, &[]).hit(row.clone());
            assert_eq!(hit.title.iter().map(|span| span.text.as_str()).collect::<String>(), row.title);
            assert!(hit.title.iter().any(|span| span.hit), "{text}");
        }
    }
}
