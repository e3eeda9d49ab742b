//! Text inside XML: what must be escaped for XML, and what SpreadsheetML would read as an escape of its own.

use super::guard::visible;

/// Adds the text, escaped for an element's content or an attribute in double quotes.
pub(super) fn push(out: &mut String, text: &str) {
    let text = visible(text);
    let mut rest = text.as_ref();
    while let Some(at) = rest.find(['&', '<', '>', '"', '_']) {
        let (before, special) = rest.split_at(at);
        out.push_str(before);
        let (escaped, length) = match special.as_bytes().first() {
            Some(b'&') => ("&amp;", 1),
            Some(b'<') => ("&lt;", 1),
            Some(b'>') => ("&gt;", 1),
            Some(b'"') => ("&quot;", 1),
            // `_x0041_` is an A to a spreadsheet: the underscore is escaped by the same means (ECMA-376, ST_Xstring).
            _ if is_escape(special) => ("_x005F_", 1),
            _ => ("_", 1),
        };
        out.push_str(escaped);
        rest = special.get(length..).unwrap_or_default();
    }
    out.push_str(rest);
}

/// Whether the text begins with `_x`, four hexadecimal digits and `_`.
fn is_escape(text: &str) -> bool {
    let bytes = text.as_bytes();
    let digits = bytes.get(2..6).is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit));
    digits && bytes.starts_with(b"_x") && bytes.get(6) == Some(&b'_')
}

/// A column's letters: 0 is A, 26 is AA.
pub(super) fn letters(column: usize) -> String {
    let mut letters = Vec::new();
    let mut left = column + 1;
    while left > 0 {
        letters.push(b'A' + u8::try_from((left - 1) % 26).unwrap_or_default());
        left = (left - 1) / 26;
    }
    letters.iter().rev().map(|letter| char::from(*letter)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_and_the_formats_own_escapes_are_only_text() {
        for (text, escaped) in [
            ("<b a=\"1\">&amp;", "&lt;b a=&quot;1&quot;&gt;&amp;amp;"),
            ("_x0041_", "_x005F_x0041_"),
            ("__x000D__", "__x005F_x000D__"),
            ("a_b _x00g0_ _x000_", "a_b _x00g0_ _x000_"),
            ("\u{0}\u{b}", "␀␋"),
        ] {
            let mut out = String::new();
            push(&mut out, text);
            assert_eq!(out, escaped);
        }
    }

    #[test]
    fn columns_are_named_as_in_a_spreadsheet() {
        let named = [(0, "A"), (25, "Z"), (26, "AA"), (51, "AZ"), (701, "ZZ"), (702, "AAA")];
        assert!(named.into_iter().all(|(at, name)| letters(at) == name));
    }
}
