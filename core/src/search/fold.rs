//! Folding: a text as the characters that count, each with its place in the original. Width and case make no difference;
//! punctuation is a gap.

use std::ops::Range;

/// What a character is to a search.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    /// A character that is a word by itself: Chinese, kana.
    Han,
    /// A decimal digit.
    Digit,
    /// A letter of a script that is written in words.
    Letter,
    /// Anything else.
    Gap,
}

/// A character that counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Glyph {
    pub(super) c: char,
    pub(super) class: Class,
    /// Its bytes in the original.
    pub(super) at: Range<usize>,
}

/// Characters of one class next to each other: their places in the list of glyphs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) class: Class,
    pub(super) at: Range<usize>,
}

/// The text's characters as they are compared.
pub(super) fn glyphs(text: &str) -> Vec<Glyph> {
    let mut glyphs = Vec::with_capacity(text.len() / 3 + 4);
    for (start, original) in text.char_indices() {
        // The dot in a name (阿卜杜拉·买买提) is written in half a dozen ways, or left out.
        if matches!(original, '·' | '•' | '‧' | '・' | '･') {
            continue;
        }
        let c = plain(original);
        glyphs.push(Glyph { c, class: class(c), at: start..start + original.len_utf8() });
    }
    glyphs
}

/// The runs of the glyphs, gaps left out.
pub(super) fn runs(glyphs: &[Glyph]) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for (at, glyph) in glyphs.iter().enumerate() {
        match runs.last_mut() {
            Some(run) if run.class == glyph.class && run.at.end == at => run.at.end = at + 1,
            _ if glyph.class == Class::Gap => {}
            _ => runs.push(Run { class: glyph.class, at: at..at + 1 }),
        }
    }
    runs
}

/// The characters of a run.
pub(super) fn chars(glyphs: &[Glyph], at: &Range<usize>) -> Vec<char> {
    glyphs.get(at.clone()).unwrap_or_default().iter().map(|glyph| glyph.c).collect()
}

/// Full width to half width, capitals to small letters; one character stays one.
pub(super) fn plain(c: char) -> char {
    let half = match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        '\u{3000}' => ' ',
        _ => c,
    };
    if half.is_ascii() { half.to_ascii_lowercase() } else { half.to_lowercase().next().unwrap_or(half) }
}

fn class(c: char) -> Class {
    if c.is_ascii() {
        return if c.is_ascii_digit() {
            Class::Digit
        } else if c.is_ascii_alphabetic() {
            Class::Letter
        } else {
            Class::Gap
        };
    }
    match u32::from(c) {
        // 〇, kana, the ideographs with extension A and the compatibility ones, the planes of further extensions.
        0x3007 | 0x3040..=0x30ff | 0x3400..=0x4dbf | 0x4e00..=0x9fff | 0xf900..=0xfaff | 0x2_0000..=0x3_ffff => Class::Han,
        _ if c.is_alphanumeric() => Class::Letter,
        _ => Class::Gap,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str) -> Vec<String> {
        let glyphs = glyphs(text);
        runs(&glyphs).iter().map(|run| chars(&glyphs, &run.at).into_iter().collect()).collect()
    }

    #[test]
    fn a_text_falls_apart_where_its_kind_of_writing_changes() {
        assert_eq!(cut("3号楼2单元401，漏水!"), ["3", "号楼", "2", "单元", "401", "漏水"]);
        assert_eq!(cut("3-201"), ["3", "201"]);
        assert_eq!(cut("ＷｉＦｉ　坏了"), ["wifi", "坏了"]);
        assert_eq!(cut("阿卜杜拉·买买提"), ["阿卜杜拉买买提"]);
        assert_eq!(cut("😀\0 \"*(\t"), Vec::<String>::new());
    }

    #[test]
    fn every_glyph_knows_its_bytes() {
        let text = "Ａ3楼·王";
        for glyph in glyphs(text) {
            assert_eq!(text[glyph.at].chars().map(plain).collect::<Vec<_>>(), [glyph.c]);
        }
    }
}
