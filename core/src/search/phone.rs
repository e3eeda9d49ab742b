//! Telephone numbers as people write them: with spaces and hyphens, with the country's number before them, two in one field.

/// Fewest digits of a fragment that finds a number: with two, every number would be found.
pub const PHONE_MIN: usize = 3;
/// Digits of a mobile number.
const MOBILE: usize = 11;
/// Most digits that one number is taken to have (an extension, another country).
const PHONE_MAX: usize = 15;
/// Fewest digits of a number that stands in a text, to be taken for a telephone number and not for a year or a flat.
pub(super) const IN_TEXT_MIN: usize = 7;

/// The numbers in a field for telephone numbers, digits alone, without +86.
pub fn phone_numbers(text: &str) -> Vec<String> {
    let mut numbers = Vec::new();
    let mut now = String::new();
    let mut full = |now: &mut String| {
        let number = without_country(now).to_owned();
        now.clear();
        if number.len() >= PHONE_MIN && !numbers.contains(&number) {
            numbers.push(number);
        }
    };
    let mut gap = false;
    for c in text.chars().map(super::fold::plain) {
        match c {
            '0'..='9' => {
                // A whole mobile number and a gap: what follows is another one.
                if gap && without_country(&now).len() >= MOBILE || now.len() >= PHONE_MAX {
                    full(&mut now);
                }
                now.push(c);
                gap = false;
            }
            ' ' | '-' | '(' | ')' | '+' | '.' | '\u{2010}'..='\u{2015}' => gap = true,
            _ => full(&mut now),
        }
    }
    full(&mut now);
    numbers
}

/// Without the country's number before a mobile number.
pub(super) fn without_country(digits: &str) -> &str {
    let rest = digits.strip_prefix("0086").or_else(|| digits.strip_prefix("86")).unwrap_or(digits);
    if rest.len() == MOBILE && rest.starts_with('1') { rest } else { digits }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_number_is_the_same_however_it_is_written() {
        for text in
            ["13812345678", "138 1234 5678", "138-1234-5678", "+86 138 1234 5678", "0086-13812345678", "８６13812345678"]
        {
            assert_eq!(phone_numbers(text), ["13812345678"], "{text}");
        }
        assert_eq!(phone_numbers("(0931) 846-1234"), ["09318461234"]);
    }

    #[test]
    fn two_numbers_in_one_field_are_two() {
        assert_eq!(phone_numbers("13812345678、0931-8461234"), ["13812345678", "09318461234"]);
        assert_eq!(phone_numbers("13812345678 13912345678"), ["13812345678", "13912345678"]);
        assert_eq!(phone_numbers("没有"), Vec::<String>::new());
        assert_eq!(phone_numbers("12"), Vec::<String>::new());
    }
}
