//! Product code has no panics of its own. The compiler's lints say so too; this also holds where a lint was suppressed.

use super::modules::{PRODUCT, sources};
use super::tree::Tree;
use super::{Finding, none_of, rust};

/// Called with a dot before and one argument at most: a type's own `expect(what, held, finding)` is something else.
const METHODS: [&str; 4] = ["expect", "expect_err", "unwrap", "unwrap_err"];
/// Called with `!`. Assertions are left to judgement: a constant's `assert!` fails at compile time.
const MACROS: [&str; 5] = ["dbg", "panic", "todo", "unimplemented", "unreachable"];

/// Files that may stop the operation in one place, and why nothing else would do.
const LAST_RESORT: [(&str, &str); 2] = [
    ("core/src/host/system.rs", "the system's entropy failed: predictable keys and ids are worse than an operation that fails"),
    ("server/src/config.rs", "the system's entropy failed: predictable nonces and tokens are worse than an answer that fails"),
];

fn panics(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for source in PRODUCT.iter().flat_map(|package| sources(tree, package)) {
        let mut found = Vec::new();
        for (at, word) in rust::words(&source.code) {
            let (before, after) = (source.code[..at].trim_end(), source.code[at + word.len()..].trim_start());
            let method = METHODS.contains(&word)
                && (before.ends_with("::") || (before.ends_with('.') && after.starts_with('(') && !has_two_arguments(after)));
            let macro_call = MACROS.contains(&word) && after.starts_with('!') && !after.starts_with("!=");
            if method || macro_call {
                found.push(Finding::new(source.path, rust::line(&source.code, at), format!("`{word}` in product code")));
            }
        }
        if let Some((path, why)) = LAST_RESORT.iter().find(|(path, _)| *path == source.path) {
            match found.len() {
                0 => findings.push(Finding::new(path, 0, format!("no longer stops anywhere: strike its exception ({why})"))),
                1 => found.clear(),
                _ => {}
            }
        }
        findings.append(&mut found);
    }
    findings
}

fn has_two_arguments(call: &str) -> bool {
    let mut depth = 0;
    for c in call.chars() {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth -= 1,
            ',' if depth == 1 => return true,
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    false
}

#[test]
fn product_code_has_no_panics_of_its_own() {
    none_of(panics(&Tree::of_workspace().unwrap()));
}

#[test]
fn a_planted_panic_is_found() {
    let tree = Tree::planted(&[
        ("core/src/lib.rs", "#[cfg(test)]\nmod checks;"),
        ("core/src/checks.rs", "fn f() { panic!() }"),
        ("core/src/id.rs", "fn f() { a\n  .unwrap() }\n#[expect(lint, reason = \"b\")]\nfn c() { d.map(Option::unwrap) }"),
        ("core/src/report.rs", "lines.expect(name, [a, b], c);\nd.expect(\"e, f\");\ng.expect(&h(i, j))"),
        ("core/src/host/system.rs", "a.unwrap();\nb.unwrap()"),
        ("server/src/config.rs", ""),
        (
            "server/src/main.rs",
            "fn main() { a.unwrap_or(1); panic!(\"b\") }\n#[cfg(test)]\nmod tests { fn c() { d.unwrap() } }\n",
        ),
        ("tests/src/lib.rs", "fn f() { panic!() }"),
    ]);
    let places = [
        "core/src/host/system.rs:1",
        "core/src/host/system.rs:2",
        "core/src/id.rs:2",
        "core/src/id.rs:4",
        "core/src/report.rs:2",
        "core/src/report.rs:3",
        "server/src/config.rs:0",
        "server/src/main.rs:1",
    ];
    super::found_at(panics(&tree), &places);
    let allowed = Tree::planted(&[("core/src/host/system.rs", "fill(bytes).expect(\"entropy\")")]);
    super::found_at(panics(&allowed), &[]);
}
