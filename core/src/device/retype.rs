//! What somebody typed, typed again into a text that has become another meanwhile. Knows nothing but texts.

/// `is` with the difference between `was` and `now` made in it. Where both changed the same words, theirs stay and what
/// was typed stands behind them: nothing that anybody wrote goes.
pub(super) fn retyped(was: &str, now: &str, is: &str) -> String {
    let [was, now, is] = [was, now, is].map(|text| text.chars().collect::<Vec<char>>());
    let (start, end) = common(&was, &now);
    let typed = now.get(start..now.len() - end).unwrap_or_default();
    let (same, same_end) = common(&was, &is);
    let (from, to) = if was.len() - end <= same {
        (start, was.len() - end)
    } else if start >= was.len() - same_end {
        // Counted from the end, which is the same in both.
        (is.len() - (was.len() - start), is.len() - end)
    } else {
        (is.len() - same_end, is.len() - same_end)
    };
    let part = |range: &[char]| range.iter().collect::<String>();
    [part(is.get(..from).unwrap_or_default()), part(typed), part(is.get(to..).unwrap_or_default())].concat()
}

/// How many characters two texts begin and end with alike; the two parts don't overlap.
fn common(old: &[char], new: &[char]) -> (usize, usize) {
    let start = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let rest = old.iter().skip(start).rev().zip(new.iter().skip(start).rev());
    (start, rest.take_while(|(a, b)| a == b).count())
}

#[cfg(test)]
mod tests {
    use super::retyped;

    #[test]
    fn what_was_typed_is_typed_again_beside_what_others_typed() {
        let cases = [
            ("一二三", "一二三四", "一二三", "一二三四"),
            ("一二三", "一二三四", "零一二三", "零一二三四"),
            ("一二三", "零一二三", "一二三四", "零一二三四"),
            ("一二三", "一三", "一二三四", "一三四"),
            ("一二三", "一二", "零一二三", "零一二"),
            ("一二三", "一乙三", "一二三四", "一乙三四"),
            ("", "新", "旧", "新旧"),
            ("一二三", "一丙三", "一丁三", "一丁丙三"),
            ("一二三", "一二三甲", "一二三乙", "一二三甲乙"),
            ("一二三甲", "一二三甲乙", "一二三", "一二三乙"),
        ];
        for (was, now, is, expected) in cases {
            assert_eq!(retyped(was, now, is), expected, "{was} → {now} in {is}");
        }
    }
}
