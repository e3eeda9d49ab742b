//! Which file is which module: the crates' roots, the files that `mod` declarations reach, and what of them is product code.

use std::collections::BTreeSet;

use super::rust::{self, Product};
use super::tree::Tree;

/// The workspace's packages that people run or link; `tests` is the harness.
pub(super) const PRODUCT: [&str; 3] = ["core", "server", "bindings"];
/// Every package.
pub(super) const PACKAGES: [&str; 4] = ["core", "server", "bindings", "tests"];

/// One file of product code.
pub(super) struct Source<'a> {
    pub(super) path: &'a str,
    /// Blanked, without its tests.
    pub(super) code: String,
    /// Names from the crate's root down: `case::judge` is `["case", "judge"]`, a root is empty.
    pub(super) module: Vec<String>,
}

/// The product code of one package, file by file.
pub(super) fn sources<'a>(tree: &'a Tree, package: &str) -> Vec<Source<'a>> {
    let within = format!("{package}/src/");
    let read: Vec<(&str, Product)> = tree
        .files()
        .filter(|(path, _)| path.starts_with(&within) && is_rust(path))
        .map(|(path, text)| (path, rust::product(text)))
        .collect();
    let tests: Vec<String> = read
        .iter()
        .flat_map(|(path, product)| product.test_modules.iter().flat_map(|name| candidates(path, name, is_root(path))))
        .collect();
    // `a/b.rs` and everything under `a/b/`; `a/b/mod.rs` and everything beside it.
    let is_test = |path: &str| {
        tests.iter().any(|test| {
            let beneath = test.strip_suffix("mod.rs").map_or_else(|| test.replace(".rs", "/"), str::to_owned);
            path == test || path.starts_with(&beneath)
        })
    };
    read.into_iter()
        .filter(|(path, _)| !is_test(path))
        .map(|(path, product)| Source { path, code: product.code, module: module_of(&path[within.len()..]) })
        .collect()
}

fn is_rust(path: &str) -> bool {
    path.rsplit_once('.').is_some_and(|(_, end)| end == "rs")
}

/// `case/judge.rs` → `case`, `judge`; `case/mod.rs` → `case`; `lib.rs`, `main.rs`, `bin/x.rs` → nothing.
fn module_of(path: &str) -> Vec<String> {
    if path.starts_with("bin/") {
        return Vec::new();
    }
    let mut names: Vec<String> = path.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
    if names.last().is_some_and(|last| matches!(last.as_str(), "mod" | "lib" | "main")) {
        names.pop();
    }
    names
}

fn is_root(path: &str) -> bool {
    ["/lib.rs", "/main.rs", "/mod.rs"].iter().any(|end| path.ends_with(end)) || path.contains("/bin/")
}

/// Where `mod name;` in a file may live.
fn candidates(path: &str, name: &str, root: bool) -> [String; 2] {
    let dir = if root { path.rsplit_once('/').map_or("", |(dir, _)| dir) } else { path.trim_end_matches(".rs") };
    [format!("{dir}/{name}.rs"), format!("{dir}/{name}/mod.rs")]
}

/// The targets that Cargo builds: those it finds by itself and those a manifest names with `path = "…"`.
fn roots(tree: &Tree) -> Vec<String> {
    let mut roots = Vec::new();
    for package in PACKAGES {
        let found = ["src/lib.rs", "src/main.rs", "build.rs"].map(|path| format!("{package}/{path}"));
        roots.extend(found.into_iter().filter(|path| tree.has_file(path)));
        for dir in ["src/bin", "tests", "benches", "examples"].map(|dir| format!("{package}/{dir}/")) {
            // A file of the folder, or the main.rs of a folder in it.
            let is_target = |rest: &str| match rest.split_once('/') {
                None => is_rust(rest),
                Some((_, file)) => file == "main.rs",
            };
            let direct = |path: &&str| path.strip_prefix(&dir).is_some_and(is_target);
            roots.extend(tree.files().map(|(path, _)| path).filter(direct).map(str::to_owned));
        }
        for line in tree.text(&format!("{package}/Cargo.toml")).lines() {
            if let Some(path) = line.strip_prefix("path = \"").and_then(|rest| rest.split('"').next()) {
                roots.push(format!("{package}/{path}"));
            }
        }
    }
    roots
}

/// Rust files of the packages that no target reaches by `mod` declarations.
pub(super) fn unreached(tree: &Tree) -> Vec<&str> {
    let mut reached = BTreeSet::new();
    let mut next: Vec<(String, bool)> = roots(tree).into_iter().map(|path| (path, true)).collect();
    while let Some((path, root)) = next.pop() {
        if !tree.has_file(&path) || !reached.insert(path.clone()) {
            continue;
        }
        for (_, name) in rust::declared_modules(&rust::blanked(tree.text(&path))) {
            next.extend(candidates(&path, &name, root || is_root(&path)).map(|path| (path, false)));
        }
    }
    let in_package = |path: &&str| PACKAGES.iter().any(|package| path.split('/').next() == Some(package)) && is_rust(path);
    tree.files().map(|(path, _)| path).filter(in_package).filter(|path| !reached.contains(*path)).collect()
}

#[test]
fn modules_are_reached_from_every_kind_of_root() {
    let tree = Tree::planted(&[
        ("core/src/lib.rs", "mod a;\n// mod lost;\n#[cfg(test)]\nmod b;"),
        ("core/src/a.rs", "mod c;"),
        ("core/src/a/c.rs", ""),
        ("core/src/b/mod.rs", "mod d;"),
        ("core/src/b/d.rs", ""),
        ("core/src/lost.rs", ""),
        ("core/src/bin/tool.rs", "mod e;"),
        ("core/src/bin/e.rs", ""),
        ("tests/Cargo.toml", "[[test]]\nname = \"suite\"\npath = \"suite/main.rs\"\n"),
        ("tests/suite/main.rs", "mod f;"),
        ("tests/suite/f.rs", ""),
        ("tests/suite/g.rs", ""),
    ]);
    assert_eq!(unreached(&tree), ["core/src/lost.rs", "tests/suite/g.rs"]);
    let product: Vec<String> = sources(&tree, "core").iter().map(|s| format!("{} {}", s.path, s.module.join("::"))).collect();
    let expected = [
        "core/src/a.rs a",
        "core/src/a/c.rs a::c",
        "core/src/bin/e.rs ",
        "core/src/bin/tool.rs ",
        "core/src/lib.rs ",
        "core/src/lost.rs lost",
    ];
    assert_eq!(product, expected);
}
