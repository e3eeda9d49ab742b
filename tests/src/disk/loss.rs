//! What a power cut leaves of what was done: everything before the last sync, and of what came after it less, more, or
//! something else.
//!
//! The unit that arrives whole is a sector; between two syncs nothing else is promised. Bytes beside a write are left alone
//! (SQLite's "powersafe overwrite", which its own layer assumes of every disk). Names are durable once the folder is.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::model::{Deed, Image, Number, Record, put};
use crate::seed::Seeded;

/// Bytes that a disk writes whole or not at all.
const SECTOR: usize = 512;

/// What becomes of the writes that no sync has covered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Loss {
    /// All are lost.
    All,
    /// All arrived.
    None,
    /// Some arrived, whole.
    Some,
    /// They arrived in another order, up to some point.
    Reordered,
    /// Of some only the beginning or the end arrived.
    Torn,
    /// The files have their new length, but where something was to be written stands garbage, or nothing but zeros.
    Garbled,
}

impl Loss {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::All, Self::None, Self::Some, Self::Reordered, Self::Torn, Self::Garbled];

    /// For the table.
    pub const fn name(self) -> &'static str {
        match self {
            Self::All => "all lost",
            Self::None => "all kept",
            Self::Some => "some kept",
            Self::Reordered => "reordered",
            Self::Torn => "torn",
            Self::Garbled => "garbled",
        }
    }
}

/// What is durable for certain, and what is under way.
#[derive(Debug, Clone)]
pub struct Platter {
    files: BTreeMap<Number, Arc<Vec<u8>>>,
    names: BTreeMap<String, Number>,
    under_way: Vec<Deed>,
}

impl Platter {
    /// As it was when recording began.
    pub fn new(record: &Record) -> Self {
        Self {
            files: record.began.iter().map(|(number, _, content)| (*number, Arc::clone(content))).collect(),
            names: record.began.iter().map(|(number, name, _)| (name.clone(), *number)).collect(),
            under_way: Vec::new(),
        }
    }

    /// One thing more was done.
    pub fn done(&mut self, deed: &Deed) {
        match deed {
            Deed::Sync { file, folder } => {
                let (files, names) = (&mut self.files, &mut self.names);
                self.under_way.retain(|deed| match deed {
                    Deed::Write { file: written, .. } | Deed::Resize { file: written, .. } if written == file => {
                        apply(files, deed);
                        false
                    }
                    deed if *folder && folder_of(deed) == Some("") => {
                        rename(names, deed);
                        false
                    }
                    _ => true,
                });
            }
            Deed::Delete { folder: true, .. } => {
                self.folder_synced("");
                rename(&mut self.names, deed);
            }
            Deed::SyncFolder { folder } => self.folder_synced(folder),
            other => self.under_way.push(other.clone()),
        }
    }

    fn folder_synced(&mut self, folder: &str) {
        let names = &mut self.names;
        self.under_way.retain(|deed| {
            let durable = folder_of(deed) == Some(folder);
            if durable {
                rename(names, deed);
            }
            !durable
        });
    }

    /// What is found after the power is back.
    pub fn cut(&self, loss: Loss, chance: &Seeded) -> Image {
        let (mut files, mut names) = (self.files.clone(), self.names.clone());
        let mut order: Vec<&Deed> = self.under_way.iter().collect();
        if loss == Loss::Reordered {
            for at in (1..order.len()).rev() {
                order.swap(at, chance.below(at + 1));
            }
            order.truncate(chance.below(order.len() + 1));
        }
        for deed in order {
            match deed {
                Deed::Create { .. } | Deed::Delete { .. } | Deed::Rename { .. } => {
                    let arrives = match loss {
                        Loss::All => false,
                        Loss::None | Loss::Reordered => true,
                        Loss::Some | Loss::Torn | Loss::Garbled => chance.percent(50),
                    };
                    if arrives {
                        rename(&mut names, deed);
                    }
                }
                Deed::Write { file, at, bytes } => {
                    let left = remains(loss, *at, bytes, chance);
                    let content = Arc::make_mut(files.entry(*file).or_default());
                    for (at, bytes) in left {
                        put(content, at, &bytes);
                    }
                }
                Deed::Resize { .. } => {
                    let arrives = match loss {
                        Loss::All => false,
                        Loss::None | Loss::Reordered => true,
                        Loss::Some | Loss::Torn | Loss::Garbled => chance.percent(50),
                    };
                    if arrives {
                        apply(&mut files, deed);
                    }
                }
                Deed::Sync { .. } | Deed::SyncFolder { .. } => {}
            }
        }
        // What lies in a folder whose own name never arrived is nowhere.
        let folders: std::collections::BTreeSet<String> = names.keys().filter(|name| name.ends_with('/')).cloned().collect();
        let there = |name: &str| {
            let inner = name.strip_suffix('/').unwrap_or(name);
            inner.match_indices('/').all(|(at, _)| folders.contains(&inner[..=at]))
        };
        names.retain(|name, _| there(name));
        let found = names.into_iter().map(|(name, number)| (name, files.get(&number).cloned().unwrap_or_default()));
        Image(found.collect())
    }
}

/// What arrives of one write, piece by piece.
fn remains(loss: Loss, at: usize, bytes: &[u8], chance: &Seeded) -> Vec<(usize, Vec<u8>)> {
    let whole = || vec![(at, bytes.to_vec())];
    match loss {
        Loss::All => Vec::new(),
        Loss::None | Loss::Reordered => whole(),
        Loss::Some => {
            if chance.percent(50) {
                whole()
            } else {
                Vec::new()
            }
        }
        Loss::Torn => {
            let middle = torn_at(at, bytes.len(), chance);
            match chance.below(4) {
                0 => whole(),
                1 => vec![(at, bytes[..middle].to_vec())],
                2 => vec![(at + middle, bytes[middle..].to_vec())],
                _ => Vec::new(),
            }
        }
        Loss::Garbled => match chance.below(4) {
            0 => whole(),
            1 => Vec::new(),
            // Its place was made, its bytes never came.
            2 => vec![(at, vec![0; bytes.len()])],
            _ => {
                let mut garbage = bytes.to_vec();
                let from = torn_at(at, bytes.len(), chance);
                let to = (from + SECTOR).min(garbage.len());
                doorstep_core::environment::Entropy::fill(chance, &mut garbage[from..to]);
                vec![(at, garbage)]
            }
        },
    }
}

/// A sector's edge inside a write; in a write within one sector, any byte.
fn torn_at(at: usize, length: usize, chance: &Seeded) -> usize {
    let edges: Vec<usize> = (at.next_multiple_of(SECTOR)..at + length).step_by(SECTOR).map(|edge| edge - at).collect();
    if edges.is_empty() { chance.below(length.max(1)) } else { *chance.pick(&edges) }
}

fn apply(files: &mut BTreeMap<Number, Arc<Vec<u8>>>, deed: &Deed) {
    match deed {
        Deed::Write { file, at, bytes } => put(Arc::make_mut(files.entry(*file).or_default()), *at, bytes),
        Deed::Resize { file, length } => Arc::make_mut(files.entry(*file).or_default()).resize(*length, 0),
        _ => {}
    }
}

fn rename(names: &mut BTreeMap<String, Number>, deed: &Deed) {
    match deed {
        Deed::Create { file, name } => {
            names.insert(name.clone(), *file);
        }
        Deed::Delete { name, .. } => {
            names.remove(name);
        }
        Deed::Rename { file, from, to } => {
            names.remove(from);
            names.insert(to.clone(), *file);
        }
        _ => {}
    }
}

/// The folder whose names this changes: it ends with a slash, or is empty for the mount itself.
fn folder_of(deed: &Deed) -> Option<&str> {
    let (Deed::Create { name, .. } | Deed::Delete { name, .. } | Deed::Rename { to: name, .. }) = deed else { return None };
    let inner = name.strip_suffix('/').unwrap_or(name);
    Some(inner.rfind('/').map_or("", |at| &inner[..=at]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(at: usize, byte: u8) -> Deed {
        Deed::Write { file: 0, at, bytes: [byte; SECTOR].into() }
    }

    fn platter() -> Platter {
        Platter::new(&Record { began: vec![(0, "a".into(), Arc::new(vec![1; SECTOR]))], deeds: vec![] })
    }

    #[test]
    fn what_was_synced_survives_every_loss_and_what_was_not_may_not() {
        let mut platter = platter();
        platter.done(&written(SECTOR, 2));
        platter.done(&Deed::Sync { file: 0, folder: false });
        platter.done(&written(2 * SECTOR, 3));
        let mut lengths = std::collections::BTreeSet::new();
        for loss in Loss::ALL {
            for seed in 0..20 {
                let image = platter.cut(loss, &Seeded::new(seed, loss.name()));
                assert_eq!(image.0["a"][..2 * SECTOR], [[1; SECTOR], [2; SECTOR]].concat(), "{loss:?}");
                lengths.insert((loss, image.0["a"].len()));
            }
        }
        assert!(lengths.contains(&(Loss::All, 2 * SECTOR)) && !lengths.contains(&(Loss::All, 3 * SECTOR)));
        assert!(lengths.contains(&(Loss::None, 3 * SECTOR)) && !lengths.contains(&(Loss::None, 2 * SECTOR)));
        for loss in [Loss::Some, Loss::Reordered, Loss::Torn, Loss::Garbled] {
            assert!(lengths.contains(&(loss, 2 * SECTOR)) && lengths.contains(&(loss, 3 * SECTOR)), "{loss:?}");
        }
    }

    #[test]
    fn a_file_in_a_folder_is_there_for_certain_only_once_both_folders_were_synced() {
        let chance = Seeded::new(1, "");
        let mut platter = platter();
        platter.done(&Deed::Create { file: 1, name: "f/".into() });
        platter.done(&Deed::Create { file: 2, name: "f/new".into() });
        platter.done(&Deed::Sync { file: 2, folder: false });
        platter.done(&Deed::Rename { file: 2, from: "f/new".into(), to: "f/named".into() });
        let cut = |platter: &Platter| platter.cut(Loss::All, &chance).0.into_keys().collect::<Vec<_>>();
        assert_eq!(cut(&platter), ["a"]);
        platter.done(&Deed::SyncFolder { folder: "f/".into() });
        assert_eq!(cut(&platter), ["a"], "its name is durable in a folder that is not");
        platter.done(&Deed::SyncFolder { folder: String::new() });
        assert_eq!(cut(&platter), ["a", "f/", "f/named"]);
    }

    #[test]
    fn a_new_name_is_there_for_certain_only_once_its_folder_was_synced() {
        let mut platter = platter();
        platter.done(&Deed::Create { file: 1, name: "b".into() });
        platter.done(&Deed::Sync { file: 1, folder: false });
        let chance = Seeded::new(1, "");
        assert!(!platter.cut(Loss::All, &chance).0.contains_key("b"), "the content is durable, its name is not");
        platter.done(&Deed::Sync { file: 1, folder: true });
        assert!(platter.cut(Loss::All, &chance).0.contains_key("b"));
        platter.done(&Deed::Delete { name: "b".into(), folder: false });
        assert!(platter.cut(Loss::All, &chance).0.contains_key("b"));
        assert!(!platter.cut(Loss::None, &chance).0.contains_key("b"));
    }
}
