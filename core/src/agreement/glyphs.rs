//! Which characters can be printed: the table of what the print's serif covers (`core/fonts/coverage.txt`, made with the font by
//! `core/fonts/build`). A name that nobody can print must be noticed before it is signed, on a phone that may not even
//! carry the font. It knows no font file.

use std::sync::OnceLock;

/// Lines `first-last`, hexadecimal, in order.
const COVERAGE: &str = include_str!("../../fonts/coverage.txt");

/// How many characters without a glyph are named at once: enough to find the name that holds them.
pub const NAMED_MAX: usize = 8;

fn ranges() -> &'static [(u32, u32)] {
    static READ: OnceLock<Vec<(u32, u32)>> = OnceLock::new();
    let hex = |digits: &str| u32::from_str_radix(digits, 16).ok();
    let read = || {
        let ends = COVERAGE.lines().filter_map(|line| line.split_once('-'));
        ends.filter_map(|(first, last)| Some((hex(first)?, hex(last)?))).collect()
    };
    READ.get_or_init(read)
}

/// Whether the print has a glyph for this character.
pub fn is_covered(c: char) -> bool {
    let code = u32::from(c);
    let ranges = ranges();
    let after = ranges.partition_point(|(first, _)| *first <= code);
    after.checked_sub(1).and_then(|at| ranges.get(at)).is_some_and(|(_, last)| code <= *last)
}

/// The characters of a text that the print has no glyph for, each once, in their order. Line breaks need none.
pub fn missing(text: &str) -> Vec<char> {
    let mut found = Vec::new();
    for c in text.chars().filter(|c| *c != '\n' && !is_covered(*c)) {
        if !found.contains(&c) {
            found.push(c);
        }
    }
    found
}

/// Characters without a glyph, the first [`NAMED_MAX`] of them. They may be part of somebody's name: shown to the worker who
/// typed them, never logged, so `Debug` counts them and no more.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Glyphless([Option<char>; NAMED_MAX]);

impl Glyphless {
    /// Those of a text; none if all of it can be printed.
    pub fn of(text: &str) -> Option<Self> {
        let missing = missing(text);
        let mut named = [None; NAMED_MAX];
        named.iter_mut().zip(&missing).for_each(|(place, c)| *place = Some(*c));
        (!missing.is_empty()).then_some(Self(named))
    }

    /// The characters, side by side.
    pub fn characters(&self) -> String {
        self.0.iter().flatten().collect()
    }

    /// Their code points, for whoever sees only a box on their screen.
    pub fn code_points(&self) -> String {
        let points: Vec<String> = self.0.iter().flatten().map(|c| format!("U+{:04X}", u32::from(*c))).collect();
        points.join(" ")
    }
}

impl std::fmt::Debug for Glyphless {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Glyphless({})", self.0.iter().flatten().count())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn real_but_rare_names_can_be_printed() {
        assert_eq!(missing("䶮㛃𬱖𫖯〇、张·买买提《》“”‘’（）【】〔〕—…￥％①Ⅳ㎡℃\nAZaz09"), Vec::<char>::new());
    }

    #[test]
    fn what_has_no_glyph_is_named_once_and_in_order() {
        assert_eq!(missing("张😀建国\u{fe0f}😀\u{e000}"), ['😀', '\u{fe0f}', '\u{e000}']);
        let named = Glyphless::of("张😀").unwrap();
        assert_eq!((named.characters().as_str(), named.code_points().as_str()), ("😀", "U+1F600"));
        assert!(!format!("{named:?}").contains('😀'), "a log counts them");
        assert_eq!(Glyphless::of("张建国"), None);
    }

    #[test]
    fn the_table_reads_whole_and_in_order() {
        let ranges = ranges();
        assert_eq!(ranges.len(), COVERAGE.lines().count());
        assert!(ranges.iter().all(|(first, last)| first <= last) && ranges.is_sorted_by(|one, two| one.1 < two.0));
        assert!(ranges.iter().map(|(first, last)| last - first + 1).sum::<u32>() > 30_000, "all of Han");
    }
}
