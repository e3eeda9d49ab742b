//! The shape of the tree: what lies at its top, how files are called, how long they may be.

use std::collections::BTreeSet;

use super::tree::Tree;
use super::{Finding, none_of};

/// Everything at the top level that is not hidden.
const TOP: [&str; 10] = [
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE",
    "README.md",
    "bindings",
    "core",
    "server",
    "tests",
];
/// Names that say nothing of what is inside.
const EMPTY_NAMES: [&str; 8] = ["common", "helper", "helpers", "manager", "managers", "misc", "util", "utils"];
/// Lines in a file that people read and change. Past 400 a file is ready to be split by verb; past this it must be.
const LINES_MAX: usize = 600;
const READ_BY_PEOPLE: [&str; 10] = ["css", "html", "js", "kt", "py", "rs", "sh", "sql", "swift", "ts"];

fn misplaced(tree: &Tree) -> Vec<Finding> {
    let tops: BTreeSet<&str> = tree.files().filter_map(|(path, _)| path.split('/').next()).collect();
    let stray = tops.into_iter().filter(|top| !top.starts_with('.') && !TOP.contains(top));
    stray.map(|top| Finding::new(top, 0, "does not belong at the top level")).collect()
}

fn badly_named(tree: &Tree) -> Vec<Finding> {
    let says_nothing = |path: &&str| path.to_lowercase().split(['/', '.', '_', '-']).any(|word| EMPTY_NAMES.contains(&word));
    let named = tree.files().map(|(path, _)| path).filter(says_nothing);
    named.map(|path| Finding::new(path, 0, "the name does not say what is inside")).collect()
}

fn too_long(tree: &Tree) -> Vec<Finding> {
    let read = |path: &str| path.rsplit_once('.').is_some_and(|(_, end)| READ_BY_PEOPLE.contains(&end));
    let lengths = tree.files().filter(|(path, _)| read(path)).map(|(path, text)| (path, text.lines().count()));
    let long = lengths.filter(|(_, lines)| *lines > LINES_MAX);
    long.map(|(path, lines)| Finding::new(path, 0, format!("{lines} lines, {LINES_MAX} at most: split it"))).collect()
}

#[test]
fn the_top_level_holds_only_what_belongs_there() {
    none_of(misplaced(&Tree::of_workspace().unwrap()));
}

#[test]
fn names_say_what_is_inside() {
    none_of(badly_named(&Tree::of_workspace().unwrap()));
}

#[test]
fn no_file_is_too_long_to_read() {
    none_of(too_long(&Tree::of_workspace().unwrap()));
}

#[test]
fn planted_strays_empty_names_and_long_files_are_found() {
    let long = "\n".repeat(LINES_MAX + 1);
    let tree = Tree::planted(&[
        (".ci/run", ""),
        ("Cargo.lock", &long),
        ("core/src/commonly.rs", &long[1..]),
        ("core/src/time_utils.rs", &long),
        ("docs/plan.md", ""),
        ("server/src/common/mod.rs", ""),
    ]);
    super::found_at(misplaced(&tree), &["docs:0"]);
    super::found_at(badly_named(&tree), &["core/src/time_utils.rs:0", "server/src/common/mod.rs:0"]);
    super::found_at(too_long(&tree), &["core/src/time_utils.rs:0"]);
}
