//! One version of each dependency: members take every dependency from the workspace's table, and each one in it is taken.

use super::tree::Tree;
use super::{Finding, none_of};

/// The table headers of a manifest that list dependencies, with the member's own name for one as a last part, if any.
fn dependency_table(header: &str) -> bool {
    let header = header.trim_matches(['[', ']']);
    header.split('.').any(|part| matches!(part, "dependencies" | "dev-dependencies" | "build-dependencies"))
}

/// A dependency line: its number, name and what it says.
struct Line<'a> {
    number: usize,
    name: &'a str,
    says: &'a str,
}

/// The dependency lines of a manifest. `[dependencies.name]` tables are one line for each of their keys.
fn dependency_lines(text: &str) -> Vec<Line<'_>> {
    let (mut found, mut table) = (Vec::new(), "");
    for (at, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.starts_with('[') {
            table = line;
        } else if let Some((key, value)) = line.split_once('=').filter(|_| dependency_table(table) && !line.starts_with('#')) {
            let name = key.split('.').next().unwrap_or(key).trim();
            let says = if key.contains('.') { line.split_once('.').map_or(value, |(_, rest)| rest) } else { value };
            found.push(Line { number: at + 1, name, says: says.trim() });
        }
    }
    found
}

fn members(tree: &Tree) -> Vec<String> {
    let line = tree.text("Cargo.toml").lines().find(|line| line.starts_with("members"));
    line.map_or_else(Vec::new, |line| line.split('"').skip(1).step_by(2).map(str::to_owned).collect())
}

fn of_their_own(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut taken = Vec::new();
    for member in members(tree) {
        let path = format!("{member}/Cargo.toml");
        for Line { number, name, says } in dependency_lines(tree.text(&path)) {
            taken.push(name.to_owned());
            if !says.split(['{', '}', ',']).any(|part| part.split_whitespace().eq(["workspace", "=", "true"])) {
                findings.push(Finding::new(&path, number, format!("`{name}` must be `workspace = true`")));
            }
        }
    }
    for Line { number, name, .. } in dependency_lines(tree.text("Cargo.toml")) {
        if !taken.iter().any(|taken| taken == name) {
            findings.push(Finding::new("Cargo.toml", number, format!("no member takes `{name}`")));
        }
    }
    findings
}

#[test]
fn every_dependency_comes_from_the_workspace() {
    let tree = Tree::of_workspace().unwrap();
    assert_eq!(members(&tree), ["core", "server", "bindings", "tests"]);
    none_of(of_their_own(&tree));
}

#[test]
fn a_planted_version_of_ones_own_is_found() {
    let tree = Tree::planted(&[
        (
            "Cargo.toml",
            "[workspace]\nmembers = [\"core\"]\n[workspace.dependencies]\nserde = \"1\"\nidle = \"2\"\n[profile.dev]\nx = 1",
        ),
        (
            "core/Cargo.toml",
            "[package]\nname = \"core\"\nversion.workspace = true\n[dependencies]\nserde.workspace = true\na = \"1\"\n\
             b = { version = \"1\" }\nserde = { workspace = true, features = [\"c\"] }\n# d = \"1\"\n[target.'cfg(unix)'.dev-dependencies]\n\
             e.version = \"1\"\n[features]\nf = [\"dep:a\"]",
        ),
    ]);
    super::found_at(of_their_own(&tree), &["Cargo.toml:5", "core/Cargo.toml:6", "core/Cargo.toml:7", "core/Cargo.toml:11"]);
}
