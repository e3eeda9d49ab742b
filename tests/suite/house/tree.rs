//! The files of the workspace: their paths from its top, with `/`, and their text. Generated and ignored ones are left out.

use std::collections::BTreeMap;
use std::path::Path;
use std::{fs, io};

/// Directories that tools generate; `.gitignore` names the same.
const GENERATED: [&str; 12] = [
    ".build",
    ".git",
    ".gradle",
    ".idea",
    ".venv",
    ".vscode",
    ".work",
    "__pycache__",
    "_generated",
    "build",
    "node_modules",
    "target",
];
/// Databases that a run leaves behind, ignored everywhere but among the fixtures, where they are the point.
const LEFT_BEHIND: [&str; 4] = [".db", ".db-wal", ".db-shm", ".pyc"];

/// Paths and texts. A file that is not UTF-8 (a database, a picture) has the empty text.
#[derive(Clone, Default)]
pub(super) struct Tree {
    files: BTreeMap<String, String>,
}

impl Tree {
    /// Reads the workspace that this test belongs to.
    pub(super) fn of_workspace() -> io::Result<Self> {
        let mut tree = Self::default();
        let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        tree.read(&top, "")?;
        Ok(tree)
    }

    /// A tree of planted files.
    pub(super) fn planted(files: &[(&str, &str)]) -> Self {
        Self { files: files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect() }
    }

    fn read(&mut self, dir: &Path, prefix: &str) -> io::Result<()> {
        for entry in fs::read_dir(dir)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = format!("{prefix}{name}");
            if entry.file_type()?.is_dir() {
                if !GENERATED.contains(&name.as_str()) {
                    self.read(&entry.path(), &format!("{path}/"))?;
                }
            // A worktree's `.git` is a file.
            } else if name != ".git"
                && (path.starts_with("tests/fixtures/") || !LEFT_BEHIND.iter().any(|end| name.ends_with(end)))
            {
                self.files.insert(path, String::from_utf8(fs::read(entry.path())?).unwrap_or_default());
            }
        }
        Ok(())
    }

    pub(super) fn files(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files.iter().map(|(path, text)| (path.as_str(), text.as_str()))
    }

    pub(super) fn has_file(&self, path: &str) -> bool {
        self.files.contains_key(path)
    }

    pub(super) fn has_directory(&self, path: &str) -> bool {
        let within = format!("{path}/");
        self.files.range(within.clone()..).next().is_some_and(|(file, _)| file.starts_with(&within))
    }

    /// The text of a file, empty where there is none.
    pub(super) fn text(&self, path: &str) -> &str {
        self.files.get(path).map_or("", String::as_str)
    }
}

#[test]
fn the_workspace_is_read_without_what_tools_generate() {
    let tree = Tree::of_workspace().unwrap();
    assert!(tree.has_file("Cargo.toml") && tree.has_file("core/src/lib.rs") && tree.has_directory("tests/suite"));
    assert!(!tree.has_directory("target") && !tree.has_directory(".git") && !tree.has_file("tests/suite"));
    assert!(tree.text("tests/suite/house/tree.rs").contains("fn the_workspace_is_read"));
}
