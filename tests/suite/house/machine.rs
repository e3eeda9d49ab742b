//! Nothing committed names a place on somebody's machine.

use super::tree::Tree;
use super::{Finding, none_of};

/// Beginnings of paths that exist on one machine only. Written in pieces: this file is searched too.
const PLACES: [&str; 5] =
    [concat!("/", "work/"), concat!("/", "tmp/wt"), concat!("/", "root/"), concat!("/", "Users/"), concat!("C:", "\\Users")];

fn named_places(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in tree.files() {
        for (at, line) in text.lines().enumerate() {
            for place in PLACES {
                // Not the middle of a relative path or of an address.
                let begins = |at: usize| !line[..at].ends_with(|c: char| c.is_alphanumeric() || "._-~}$*".contains(c));
                if line.match_indices(place).any(|(at, _)| begins(at)) {
                    findings.push(Finding::new(path, at + 1, format!("names `{place}`, a place on one machine")));
                }
            }
        }
    }
    findings
}

#[test]
fn no_text_names_a_place_on_one_machine() {
    none_of(named_places(&Tree::of_workspace().unwrap()));
}

#[test]
fn a_planted_place_is_found() {
    let work = format!("ok\nsee {}main, but not a{}b or ../{}", PLACES[0], PLACES[0], &PLACES[0][1..]);
    let worktree = format!("path = \"{}/x\"", PLACES[1]);
    let tree = Tree::planted(&[("README.md", &work), ("core/Cargo.toml", &worktree), ("Cargo.toml", "/etc/doorstep")]);
    super::found_at(named_places(&tree), &["README.md:2", "core/Cargo.toml:1"]);
}
