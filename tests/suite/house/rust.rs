//! Just enough of Rust's grammar to read who imports whom: comments and literals blanked, tests cut out, paths resolved.
//!
//! It is a scanner, not a parser: it knows nothing of macros, and takes `super` to mean the file's parent module.

/// The code of a file, line for line: comments, strings and characters are blanks.
pub(super) fn blanked(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < chars.len() {
        let end = literal_end(&chars, at).unwrap_or(at);
        if end == at {
            out.push(chars[at]);
            at += 1;
        } else {
            out.extend(chars[at..end].iter().map(|c| if *c == '\n' { '\n' } else { ' ' }));
            at = end;
        }
    }
    out
}

/// Where the comment or literal that starts here ends, if one does.
fn literal_end(chars: &[char], at: usize) -> Option<usize> {
    let next = |n: usize| chars.get(at + n).copied().unwrap_or('\0');
    let until = |from: usize, found: &dyn Fn(usize) -> bool| (from..chars.len()).find(|i| found(*i)).unwrap_or(chars.len());
    match chars[at] {
        '/' if next(1) == '/' => Some(until(at, &|i| chars[i] == '\n')),
        '/' if next(1) == '*' => {
            let (mut depth, mut i) = (0_usize, at);
            while i < chars.len() {
                match (chars[i], chars.get(i + 1)) {
                    ('/', Some('*')) => (depth, i) = (depth + 1, i + 2),
                    ('*', Some('/')) => (depth, i) = (depth - 1, i + 2),
                    _ => i += 1,
                }
                if depth == 0 {
                    return Some(i);
                }
            }
            Some(i)
        }
        '"' => {
            let mut i = at + 1;
            while i < chars.len() && chars[i] != '"' {
                i += if chars[i] == '\\' { 2 } else { 1 };
            }
            Some((i + 1).min(chars.len()))
        }
        'r' if matches!(next(1), '"' | '#') && !(at > 0 && is_word(chars[at - 1]) && !matches!(chars[at - 1], 'b' | 'c')) => {
            let hashes = chars[at + 1..].iter().take_while(|c| **c == '#').count();
            // `r#match` is a name, not a string.
            (next(1 + hashes) == '"').then(|| {
                let closes = |i: usize| chars[i] == '"' && (1..=hashes).all(|n| chars.get(i + n) == Some(&'#'));
                (until(at + 2 + hashes, &closes) + 1 + hashes).min(chars.len())
            })
        }
        '\'' if next(1) == '\\' => Some((until(at + 3, &|i| chars[i] == '\'') + 1).min(chars.len())),
        // Otherwise a lifetime.
        '\'' if next(2) == '\'' => Some(at + 3),
        _ => None,
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// What a file compiles to when it is not under test, and the modules it declares for tests only.
pub(super) struct Product {
    /// Blanked code in which every item under `#[cfg(test)]` is blank too.
    pub(super) code: String,
    /// Names from `#[cfg(test)] mod name;`.
    pub(super) test_modules: Vec<String>,
}

/// Cuts what is compiled for tests only out of a file.
pub(super) fn product(text: &str) -> Product {
    let mut code: Vec<char> = blanked(text).chars().collect();
    let mut test_modules = Vec::new();
    let marks: [Vec<char>; 2] = ["#[cfg(test".chars().collect(), "#[cfg(all(test".chars().collect()];
    let mut at = 0;
    while at < code.len() {
        if !marks.iter().any(|mark| code[at..].starts_with(mark)) {
            at += 1;
            continue;
        }
        let (mut depth, mut end) = (0_i32, at);
        while end < code.len() {
            match code[end] {
                '(' | '[' | '{' => depth += 1,
                ')' | ']' | '}' => depth -= 1,
                _ => {}
            }
            let closed = depth == 0 && matches!(code[end], '}' | ';');
            end += 1;
            if closed || depth < 0 {
                break;
            }
        }
        let item: String = code[at..end].iter().collect();
        test_modules.extend(declared_modules(&item).into_iter().map(|(_, name)| name));
        code[at..end].iter_mut().filter(|c| **c != '\n').for_each(|c| *c = ' ');
        at = end;
    }
    Product { code: code.into_iter().collect(), test_modules }
}

/// Every name in blanked code with the place where it starts, in order.
pub(super) fn words(code: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut rest = 0;
    std::iter::from_fn(move || {
        let start = rest + code[rest..].find(is_word)?;
        let end = code[start..].find(|c| !is_word(c)).map_or(code.len(), |n| start + n);
        rest = end;
        Some((start, &code[start..end]))
    })
}

/// The line, counted from 1, of a place in the code.
pub(super) fn line(code: &str, at: usize) -> usize {
    code[..at].matches('\n').count() + 1
}

/// `mod name;` declarations in blanked code: line and name.
pub(super) fn declared_modules(code: &str) -> Vec<(usize, String)> {
    let all: Vec<(usize, &str)> = words(code).collect();
    let pairs = all.windows(2).filter(|pair| pair[0].1 == "mod");
    pairs
        .filter(|pair| code[pair[1].0 + pair[1].1.len()..].trim_start().starts_with(';'))
        .map(|pair| (line(code, pair[0].0), pair[1].1.to_owned()))
        .collect()
}

/// Uses of the crate `name`: the line and the first name after `name::`, each one of a group `name::{a, b}`.
/// A bare `use name;` gives the empty name.
pub(super) fn uses_of(code: &str, name: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut before = "";
    for (at, word) in words(code) {
        if word == name && !code[..at].trim_end().ends_with("::") {
            let after = &code[at + name.len()..];
            if let Some(path) = after.trim_start().strip_prefix("::") {
                let offset = code.len() - path.len();
                found.extend(first_names(path).into_iter().map(|(n, first)| (line(code, offset + n), first)));
            } else if before == "use" {
                found.push((line(code, at), String::new()));
            }
        }
        before = word;
    }
    found
}

/// Uses of the crate's own top modules from a file whose module path has `depth` names: line and top module.
/// Both `crate::name` and a `super::…::name` that reaches the crate's root count.
pub(super) fn own_uses(code: &str, depth: usize) -> Vec<(usize, String)> {
    let mut found = uses_of(code, "crate");
    let mut supers = 0;
    let mut reached = 0;
    for (at, word) in words(code) {
        if word != "super" {
            continue;
        }
        supers = if supers > 0 && code[reached..at].trim() == "::" { supers + 1 } else { 1 };
        reached = at + word.len();
        if let Some(path) = code[reached..].trim_start().strip_prefix("::")
            && supers == depth
            && !path.trim_start().starts_with("super")
        {
            let offset = code.len() - path.len();
            found.extend(first_names(path).into_iter().map(|(n, first)| (line(code, offset + n), first)));
        }
    }
    found
}

/// The first name of a path, or of every path in a group, with its offset.
fn first_names(path: &str) -> Vec<(usize, String)> {
    let start = path.len() - path.trim_start().len();
    let Some(group) = path[start..].strip_prefix('{') else {
        return words(path).next().map(|(at, word)| (at, word.to_owned())).into_iter().collect();
    };
    let (mut depth, mut expects, mut names) = (0, true, Vec::new());
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => expects = true,
            _ if depth == 0 && expects && is_word(c) => {
                expects = false;
                let name: String = group[at..].chars().take_while(|c| is_word(*c)).collect();
                names.push((start + 1 + at, name));
            }
            _ => {}
        }
    }
    names
}

#[test]
fn comments_and_literals_are_blank_and_lines_stay() {
    let text = "a // crate::x\n/* b /* c */\n */ d \"e\\\" \n f\" '\\'' 'g' &'h r#\"i \" \"# br\"j\" r#match";
    let code = blanked(text);
    assert_eq!(code.split_whitespace().collect::<Vec<_>>(), ["a", "d", "&'h", "b", "r#match"]);
    assert_eq!(code.matches('\n').count(), text.matches('\n').count());
}

#[test]
fn items_under_test_are_cut_and_the_rest_stays() {
    let product = product(
        "use a::b;\n#[cfg(test)]\nuse c::{d};\n#[cfg(test)]\nmod checks;\nfn e() {}\n#[cfg(all(test, unix))]\nmod f { fn g() { h } }\nfn i() {}",
    );
    let left: Vec<&str> = words(&product.code).map(|(_, word)| word).collect();
    assert_eq!(left, ["use", "a", "b", "fn", "e", "fn", "i"]);
    assert_eq!(product.test_modules, ["checks"]);
}

#[test]
fn uses_are_found_in_groups_across_lines_and_through_super() {
    let code = "use crate::{\n  a::{x, y},\n  b,\n};\nfn f() { crate::c::d(); other::crate_::e }\nuse super::super::g::h;\nuse super::i;";
    let names = |depth| own_uses(code, depth).into_iter().map(|(line, name)| format!("{line} {name}")).collect::<Vec<_>>();
    assert_eq!(names(2), ["2 a", "3 b", "5 c", "6 g"]);
    assert_eq!(names(1), ["2 a", "3 b", "5 c", "7 i"]);
    assert_eq!(uses_of("use ureq;\nlet x = my::ureq::y; ureq::get()", "ureq"), [(1, String::new()), (2, "get".to_owned())]);
}
