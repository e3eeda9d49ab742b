//! Imports go down only. The tables are the plan of the house; the scan holds the code to them.

use super::modules::{PRODUCT, sources};
use super::tree::Tree;
use super::{Finding, none_of};

/// One crate's floors from the ground up. A module may import from its own floor (unless it is in `SIBLINGS`) and from
/// those below. A top module that is in no floor is a finding: whoever adds one decides where it stands.
struct House {
    package: &'static str,
    floors: &'static [&'static [&'static str]],
}

const HOUSES: [House; 3] = [
    House {
        package: "core",
        floors: &[
            // Nouns.
            &["entry", "environment", "id", "people", "planted", "time"],
            // Rules: pure.
            &[
                "access",
                "agreement",
                "attachment",
                "case",
                "directory",
                "household",
                "print",
                "review",
                "row",
                "search",
                "visit",
                "words",
            ],
            // Mechanisms; siblings.
            &["document", "store", "sync"],
            // Records for screens.
            &["day", "ledger", "view"],
            // The facade.
            &["device"],
            // The system.
            &["host"],
        ],
    },
    House {
        package: "server",
        floors: &[
            &["config", "fonts", "words"],
            &["audit", "blobs", "store"],
            // What a push does, where it is tried, and what a pull gives: no HTTP.
            &["attachments", "ingest", "pull", "worker"],
            // HTTP. The router mounts the routes and the console, and they see the app.
            &[
                "answer", "app", "auth", "body", "console", "edge", "enrol", "error", "logs", "nonce", "router", "routes",
                "token",
            ],
            // What the administrator runs.
            &["admin", "backup", "desk", "serve", "verify"],
            &["demo"],
        ],
    },
    // One-line methods over the device: nothing to order.
    House { package: "bindings", floors: &[] },
];

/// Modules of one floor that never import each other.
const SIBLINGS: [(&str, &[&str]); 1] = [("core", &["document", "store", "sync"])];

/// What a module refuses to know, though it stands below.
const REFUSES: [(&str, &str, &[&str]); 3] = [
    // They carry changes, commands and rows as bytes.
    ("core", "store", &["access", "agreement", "case", "review", "visit", "words"]),
    ("core", "sync", &["access", "agreement", "case", "review", "row", "visit", "words"]),
    // It keeps events, it does not judge them.
    ("core", "document", &["access", "agreement", "review", "row", "words"]),
];

/// What a package refuses to know of the core, and the modules of that package that may all the same.
const ACROSS: [(&str, &[&str], &[&str]); 2] = [
    // The server has no device; the desk is one, and the demo plays several.
    ("server", &["device", "store"], &["demo", "desk"]),
    // Everything goes through the device.
    ("bindings", &["document", "review", "store", "sync"], &[]),
];

fn out_of_order(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for house in &HOUSES {
        let floor = |module: &str| house.floors.iter().position(|floor| floor.contains(&module));
        let has_siblings =
            |module: &str| SIBLINGS.iter().any(|(package, all)| *package == house.package && all.contains(&module));
        for source in sources(tree, house.package) {
            let Some(top) = source.module.first().map(String::as_str) else { continue };
            let Some(own) = floor(top) else {
                if !house.floors.is_empty() {
                    findings.push(Finding::new(source.path, 0, format!("`{top}` stands on no floor: give it one")));
                }
                continue;
            };
            for (line, used) in super::rust::own_uses(&source.code, source.module.len()) {
                let Some(other) = floor(&used).filter(|_| used != top) else { continue };
                let refuses = REFUSES.iter().any(|(package, module, refused)| {
                    *package == house.package && *module == top && refused.contains(&used.as_str())
                });
                if other > own {
                    findings.push(Finding::new(source.path, line, format!("`{top}` imports `{used}` from a floor above")));
                } else if has_siblings(top) && has_siblings(&used) {
                    findings.push(Finding::new(source.path, line, format!("siblings: `{top}` imports `{used}`")));
                } else if refuses {
                    findings.push(Finding::new(source.path, line, format!("`{top}` refuses to know `{used}`")));
                }
            }
        }
    }
    findings
}

fn out_of_order_across(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (package, refused, exempt) in ACROSS {
        for source in sources(tree, package) {
            if source.module.first().is_some_and(|top| exempt.contains(&top.as_str())) {
                continue;
            }
            for (line, used) in super::rust::uses_of(&source.code, "doorstep_core") {
                if refused.contains(&used.as_str()) {
                    findings.push(Finding::new(source.path, line, format!("{package} refuses to know the core's `{used}`")));
                }
            }
        }
    }
    for package in PRODUCT {
        for source in sources(tree, package) {
            let above: &[&str] = match package {
                "core" => &["doorstep_server", "doorstep", "doorstep_tests"],
                _ => &["doorstep_tests"],
            };
            for name in above {
                let uses = super::rust::uses_of(&source.code, name).into_iter();
                findings.extend(uses.map(|(line, _)| Finding::new(source.path, line, format!("{package} imports `{name}`"))));
            }
        }
    }
    findings
}

#[test]
fn imports_go_down_only() {
    none_of(out_of_order(&Tree::of_workspace().unwrap()));
}

#[test]
fn packages_know_of_the_core_what_they_should() {
    none_of(out_of_order_across(&Tree::of_workspace().unwrap()));
}

#[test]
fn no_module_stands_on_two_floors() {
    for house in &HOUSES {
        let mut all: Vec<&str> = house.floors.iter().flat_map(|floor| floor.iter().copied()).collect();
        let before = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), before, "{}", house.package);
    }
}

#[test]
fn a_planted_import_from_above_is_found() {
    let tree = Tree::planted(&[
        ("core/src/lib.rs", "pub mod case; pub use device::Device;"),
        (
            "core/src/case/judge.rs",
            "//! [`crate::store`]\nuse crate::{\n    id::DocId,\n    store::Store,\n};\nuse super::super::sync;",
        ),
        (
            "core/src/store/open.rs",
            "fn f() { crate::document::Document::load() }\nuse crate::case::Event;\nuse crate::row::Row;",
        ),
        ("core/src/time.rs", "#[cfg(test)]\nmod tests { use crate::device::Device; }\nuse super::device;"),
        ("core/src/things.rs", ""),
        ("server/src/ingest.rs", "use crate::routes::push;\nuse doorstep_core::{case, device::Device};"),
        ("server/src/demo/mod.rs", "use crate::serve;\nuse doorstep_core::device::Device;"),
        ("bindings/src/lib.rs", "use doorstep_core::sync::Session;\nuse doorstep_tests::World;"),
    ]);
    let places = [
        "core/src/case/judge.rs:4",
        "core/src/case/judge.rs:6",
        "core/src/store/open.rs:1",
        "core/src/store/open.rs:2",
        "core/src/things.rs:0",
        "core/src/time.rs:3",
        "server/src/ingest.rs:1",
    ];
    super::found_at(out_of_order(&tree), &places);
    let places = ["bindings/src/lib.rs:1", "bindings/src/lib.rs:2", "server/src/ingest.rs:2"];
    super::found_at(out_of_order_across(&tree), &places);
}
