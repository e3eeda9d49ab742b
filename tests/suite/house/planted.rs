//! Faults on purpose never reach a build that people use: the feature that plants them is nobody's default, and only the
//! tests' own feature of that name asks for it.

use super::modules::PACKAGES;
use super::tree::Tree;
use super::{Finding, none_of};

/// The feature's name.
const FEATURE: &str = "planted";
/// The lines that may name it: the core declares it, the tests hand it on.
const MAY: [(&str, &str); 2] = [("core", "planted = []"), ("tests", "planted = [\"doorstep-core/planted\"]")];

fn asked_for(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    let manifests = PACKAGES.iter().map(|package| (*package, format!("{package}/Cargo.toml")));
    for (package, path) in manifests.chain([("", "Cargo.toml".to_owned())]) {
        for (at, line) in tree.text(&path).lines().enumerate() {
            let says = line.split('#').next().unwrap_or_default().trim();
            if says.contains(FEATURE) && !MAY.contains(&(package, says)) {
                findings.push(Finding::new(&path, at + 1, format!("`{FEATURE}` is for the simulator's build alone")));
            }
        }
    }
    findings
}

#[test]
fn no_build_that_people_use_has_planted_faults() {
    none_of(asked_for(&Tree::of_workspace().unwrap()));
}

#[test]
fn a_default_that_plants_faults_is_found() {
    for line in ["default = [\"planted\"]", "doorstep-core = { workspace = true, features = [\"planted\"] }"] {
        let manifest = format!("[features]\nplanted = []\n{line}\n");
        let tree = Tree::planted(&[("Cargo.toml", ""), ("core/Cargo.toml", &manifest)]);
        let found = asked_for(&tree);
        assert_eq!(found.iter().map(|finding| finding.line).collect::<Vec<_>>(), [3], "{line}");
    }
}
