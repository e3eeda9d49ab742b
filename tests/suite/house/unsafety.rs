//! Unsafe code stands in two files. The workspace forbids it; the core and the harness only deny it, and otherwise keep the
//! workspace's lints word for word.

use super::tree::Tree;
use super::{Finding, none_of, rust};

/// The files, and why nothing else would do: SQLite's interface for disks is C, and so is SQLCipher's for cryptography.
const ALLOWED: [&str; 2] = ["core/src/host/cipher.rs", "tests/src/disk/ffi.rs"];

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
            findings.extend(found.into_iter().map(|line| Finding::new(path, line, "`unsafe` outside the files for it")));
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
    let root = tree.text("Cargo.toml");
    let mut findings = Vec::new();
    let mut says = vec![("Cargo.toml", "unsafe_code = \"forbid\"")];
    for path in ["core/Cargo.toml", "tests/Cargo.toml"] {
        if lints(root, "[workspace.lints.") != lints(tree.text(path), "[lints.") {
            findings.push(Finding::new(path, 0, "its lints are not the workspace's"));
        }
        says.push((path, "unsafe_code = \"deny\""));
    }
    for (path, line) in says {
        if !tree.text(path).lines().any(|found| found.trim() == line) {
            findings.push(Finding::new(path, 0, format!("does not say `{line}`")));
        }
    }
    findings
}

#[test]
fn unsafe_code_stands_in_its_files() {
    none_of(unsafe_code(&Tree::of_workspace().unwrap()));
}

#[test]
fn the_core_and_the_harness_have_the_workspaces_lints() {
    none_of(other_lints(&Tree::of_workspace().unwrap()));
}

#[test]
fn planted_unsafe_code_and_weaker_lints_are_found() {
    let tree = Tree::planted(&[
        ("core/src/id.rs", "// unsafe\nfn f() { unsafe { g() } }"),
        ("core/src/host/cipher.rs", "fn f() { unsafe { g() } }"),
        ("core/Cargo.toml", "[lints.rust]\nunsafe_code = \"deny\"\na = \"warn\"\n"),
        ("tests/src/disk/ffi.rs", "fn f() {}"),
        ("Cargo.toml", "[workspace.lints.rust]\nunsafe_code = \"forbid\"\na = \"warn\"\n\n[profile.dev]\nx = 1"),
        ("tests/Cargo.toml", "[lints.rust]\nunsafe_code = \"allow\"\na = \"allow\"\n"),
    ]);
    super::found_at(unsafe_code(&tree), &["core/src/id.rs:2", "tests/src/disk/ffi.rs:0"]);
    super::found_at(other_lints(&tree), &["tests/Cargo.toml:0", "tests/Cargo.toml:0"]);
    let tree = Tree::planted(&[
        ("Cargo.toml", "[workspace.lints.rust]\nunsafe_code = \"forbid\"\na = \"warn\" # why"),
        ("core/Cargo.toml", "[lints.rust]\nunsafe_code = \"deny\"\na = \"warn\" # why"),
        ("tests/Cargo.toml", "[lints.rust]\n# why\nunsafe_code = \"deny\"\na = \"warn\" # why\n"),
    ]);
    super::found_at(other_lints(&tree), &[]);
}
