//! Unsafe code stands in one file. The workspace forbids it; the harness only denies it, and otherwise keeps the workspace's
//! lints word for word.

use super::tree::Tree;
use super::{Finding, none_of, rust};

/// The one file, and why nothing else would do: SQLite's interface for disks is C.
const ALLOWED: [&str; 1] = ["tests/src/disk/ffi.rs"];

fn unsafe_code(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in tree.files().filter(|(path, _)| path.rsplit_once('.').is_some_and(|(_, end)| end == "rs")) {
        let code = rust::blanked(text);
        let found: Vec<usize> =
            rust::words(&code).filter(|(_, word)| *word == "unsafe").map(|(at, _)| rust::line(&code, at)).collect();
        if ALLOWED.contains(&path) {
            if found.is_empty() {
                findings.push(Finding::new(path, 0, "is no longer unsafe: strike its exception"));
            }
        } else {
            findings.extend(found.into_iter().map(|line| Finding::new(path, line, "`unsafe` outside the one file for it")));
        }
    }
    findings
}

/// The lines of the lint tables under this prefix, but for the word on unsafe code.
fn lints(text: &str, prefix: &str) -> Vec<String> {
    let mut within = false;
    let mut lines = Vec::new();
    for line in text.lines().map(str::trim) {
        if line.starts_with('[') {
            within = line.starts_with(prefix);
            if within {
                lines.push(line.replace(prefix, "["));
            }
        } else if within && !line.is_empty() && !line.starts_with('#') && !line.starts_with("unsafe_code") {
            lines.push(line.to_owned());
        }
    }
    lines
}

fn other_lints(tree: &Tree) -> Vec<Finding> {
    let path = "tests/Cargo.toml";
    let (root, own) = (tree.text("Cargo.toml"), tree.text(path));
    let mut findings = Vec::new();
    if lints(root, "[workspace.lints.") != lints(own, "[lints.") {
        findings.push(Finding::new(path, 0, "its lints are not the workspace's"));
    }
    for (at, text, line) in [("Cargo.toml", root, "unsafe_code = \"forbid\""), (path, own, "unsafe_code = \"deny\"")] {
        if !text.lines().any(|found| found.trim() == line) {
            findings.push(Finding::new(at, 0, format!("does not say `{line}`")));
        }
    }
    findings
}

#[test]
fn unsafe_code_stands_in_one_file() {
    none_of(unsafe_code(&Tree::of_workspace().unwrap()));
}

#[test]
fn the_harness_has_the_workspaces_lints() {
    none_of(other_lints(&Tree::of_workspace().unwrap()));
}

#[test]
fn planted_unsafe_code_and_weaker_lints_are_found() {
    let tree = Tree::planted(&[
        ("core/src/id.rs", "// unsafe\nfn f() { unsafe { g() } }"),
        ("tests/src/disk/ffi.rs", "fn f() {}"),
        ("Cargo.toml", "[workspace.lints.rust]\nunsafe_code = \"forbid\"\na = \"warn\"\n\n[profile.dev]\nx = 1"),
        ("tests/Cargo.toml", "[lints.rust]\nunsafe_code = \"allow\"\na = \"allow\"\n"),
    ]);
    super::found_at(unsafe_code(&tree), &["core/src/id.rs:2", "tests/src/disk/ffi.rs:0"]);
    super::found_at(other_lints(&tree), &["tests/Cargo.toml:0", "tests/Cargo.toml:0"]);
    let tree = Tree::planted(&[
        ("Cargo.toml", "[workspace.lints.rust]\nunsafe_code = \"forbid\"\na = \"warn\" # why"),
        ("tests/Cargo.toml", "[lints.rust]\n# why\nunsafe_code = \"deny\"\na = \"warn\" # why\n"),
    ]);
    super::found_at(other_lints(&tree), &[]);
}
