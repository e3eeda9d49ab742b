//! No file is forgotten: every source file is compiled, every fixture is read by a test, every link leads somewhere.

use super::modules::unreached;
use super::tree::Tree;
use super::{Finding, none_of};

const FIXTURES: &str = "tests/fixtures/";
/// These checks name invented fixtures; they read none.
const HERE: &str = "tests/suite/house/";
/// Files in these languages may be the test that reads a fixture.
const CODE: [&str; 6] = [".rs", ".py", ".kt", ".swift", ".ts", ".js"];

fn uncompiled(tree: &Tree) -> Vec<Finding> {
    unreached(tree).into_iter().map(|path| Finding::new(path, 0, "no `mod` declaration or target reaches this file")).collect()
}

/// A fixture counts as read when code names it, or names a directory below `fixtures/` that holds it.
fn unread_fixtures(tree: &Tree) -> Vec<Finding> {
    let code: Vec<&str> = tree
        .files()
        .filter(|(path, _)| {
            !path.starts_with(FIXTURES) && !path.starts_with(HERE) && CODE.iter().any(|end| path.ends_with(end))
        })
        .map(|(_, text)| text)
        .collect();
    let named = |name: &str| code.iter().any(|text| text.contains(name));
    let mut findings = Vec::new();
    for (path, _) in tree.files() {
        let Some(rest) = path.strip_prefix(FIXTURES).filter(|rest| !rest.ends_with("README.md")) else { continue };
        let by_directory = rest.match_indices('/').any(|(at, _)| named(&format!("fixtures/{}", &rest[..at])));
        if !by_directory && !named(path.rsplit('/').next().unwrap_or(path)) {
            findings.push(Finding::new(path, 0, "no test names this fixture"));
        }
    }
    findings
}

/// Relative links in Markdown whose file or directory is not there.
fn broken_links(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in tree.files().filter(|(path, _)| path.to_lowercase().ends_with(".md")) {
        let dir = path.rsplit_once('/').map_or("", |(dir, _)| dir);
        let mut fenced = false;
        for (at, line) in text.lines().enumerate() {
            if line.trim_start().starts_with("```") {
                fenced = !fenced;
            }
            if fenced {
                continue;
            }
            for target in links(line) {
                if target.contains(':') || target.starts_with('#') || target.starts_with("//") {
                    continue;
                }
                let file = target.split(['#', '?']).next().unwrap_or_default().replace("%20", " ");
                let to = resolved(dir, &file);
                if !to.as_ref().is_some_and(|to| tree.has_file(to) || tree.has_directory(to)) {
                    findings.push(Finding::new(path, at + 1, format!("the link to `{target}` leads nowhere")));
                }
            }
        }
    }
    findings
}

/// Targets of `[text](target "title")`, `[name]: target`, `src="target"` and `href="target"`, outside `code`.
fn links(line: &str) -> Vec<&str> {
    let outside = |at: usize| line[..at].matches('`').count().is_multiple_of(2);
    let mut found = Vec::new();
    for (open, close) in [("](", ')'), ("src=\"", '"'), ("href=\"", '"')] {
        for (at, _) in line.match_indices(open).filter(|(at, _)| outside(*at)) {
            let target = line[at + open.len()..].split(close).next().unwrap_or_default();
            found.extend(target.split_whitespace().next().map(|target| target.trim_matches(['<', '>'])));
        }
    }
    if let Some((_, target)) = line.strip_prefix('[').and_then(|rest| rest.split_once("]: ")) {
        found.push(target.trim());
    }
    found
}

/// A relative target from a directory of the tree; `None` when it leaves the tree.
fn resolved(dir: &str, target: &str) -> Option<String> {
    let mut parts: Vec<&str> = dir.split('/').filter(|part| !part.is_empty()).collect();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}

#[test]
fn every_source_file_is_compiled() {
    none_of(uncompiled(&Tree::of_workspace().unwrap()));
}

#[test]
fn every_fixture_is_read_by_a_test() {
    none_of(unread_fixtures(&Tree::of_workspace().unwrap()));
}

#[test]
fn every_relative_link_leads_somewhere() {
    none_of(broken_links(&Tree::of_workspace().unwrap()));
}

#[test]
fn planted_forgotten_files_and_broken_links_are_found() {
    let tree = Tree::planted(&[
        (
            "README.md",
            "[a](core/README.md#x) [b](nowhere.md) ![c](pictures/c.png)\n```\n[d](e)\n```\n[f](https://g/h) `[i](j)` [k](core)",
        ),
        ("core/README.md", "[up](../README.md) [out](../../etc) <img src=\"x.png\">\n[n]: gone.md"),
        ("core/src/lib.rs", "mod a;"),
        ("core/src/a.rs", ""),
        ("core/src/lost.rs", ""),
        ("tests/fixtures/one.bin", ""),
        ("tests/fixtures/two.bin", ""),
        ("tests/fixtures/v1/three.bin", ""),
        ("tests/fixtures/README.md", "two.bin"),
        ("tests/suite/released.rs", "\"../fixtures/one.bin\"; \"fixtures/v1\""),
    ]);
    super::found_at(uncompiled(&tree), &["core/src/lost.rs:0", "tests/suite/released.rs:0"]);
    super::found_at(unread_fixtures(&tree), &["tests/fixtures/two.bin:0"]);
    super::found_at(
        broken_links(&tree),
        &["README.md:1", "README.md:1", "core/README.md:1", "core/README.md:1", "core/README.md:2"],
    );
}
