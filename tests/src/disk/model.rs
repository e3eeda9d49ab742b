//! A disk in memory: names, contents, locks, and a record of everything that was done to it, in order.
//!
//! It does what it is asked at once, as a page cache does; what of it would have survived a power cut is [`super::loss`]'s
//! question. It knows neither SQLite's file formats nor its pointers ([`super::ffi`]).

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::locks::{Locks, Slots};

/// A file's number; names come and go.
pub type Number = usize;

/// What names lead to what contents: a disk at rest.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Image(pub BTreeMap<String, Arc<Vec<u8>>>);

impl Image {
    /// Reads these files of a folder, as far as they are there.
    pub fn read(folder: &Path, names: &[String]) -> Self {
        let there = names.iter().filter_map(|name| Some((name.clone(), Arc::new(std::fs::read(folder.join(name)).ok()?))));
        Self(there.collect())
    }

    /// The same, with everything in these folders of it, as far as they are there.
    #[must_use]
    pub fn with_folders(self, root: &Path, folders: &[&str]) -> Self {
        folders.iter().fold(self, |image, folder| image.with_folder(root, folder))
    }

    /// The same, with everything in this folder of it.
    #[must_use]
    pub fn with_folder(mut self, root: &Path, folder: &str) -> Self {
        let Ok(entries) = std::fs::read_dir(root.join(folder)) else { return self };
        self.0.insert(format!("{folder}/"), Arc::default());
        for entry in entries {
            let name = format!("{folder}/{}", entry.expect("an entry").file_name().to_str().expect("a name of ours"));
            let path = root.join(&name);
            if path.is_dir() {
                self = self.with_folder(root, &name);
            } else {
                self.0.insert(name, Arc::new(std::fs::read(path).expect("a file")));
            }
        }
        self
    }
}

/// One thing that was done to the disk.
#[derive(Debug, Clone)]
pub enum Deed {
    /// Bytes were written.
    Write {
        /// Into this file.
        file: Number,
        /// From here on.
        at: usize,
        /// These.
        bytes: Arc<[u8]>,
    },
    /// The file was made shorter or longer.
    Resize {
        /// This one.
        file: Number,
        /// To so many bytes.
        length: usize,
    },
    /// Everything of the file is to be durable; with `folder`, the folder's names too.
    Sync {
        /// This one.
        file: Number,
        /// Whether the names became durable with it.
        folder: bool,
    },
    /// Every name in the folder, which ends with a slash, is to be durable; the mount itself is the empty name.
    SyncFolder {
        /// The folder.
        folder: String,
    },
    /// A file got another name, whatever lay there before.
    Rename {
        /// The file.
        file: Number,
        /// Its old name.
        from: String,
        /// Its new one.
        to: String,
    },
    /// A name was made for a new file; with a slash at its end, for a folder.
    Create {
        /// The file.
        file: Number,
        /// Its name.
        name: String,
    },
    /// A name was taken away.
    Delete {
        /// The name.
        name: String,
        /// Whether that, and every name before it, became durable at once.
        folder: bool,
    },
}

/// A way for the disk to fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// Nothing more can be written.
    Full,
    /// Writing fails.
    Write,
    /// What was written can't be made durable.
    Sync,
    /// Reading fails.
    Read,
}

impl Trouble {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Full, Self::Write, Self::Sync, Self::Read];
}

/// A time in which the disk fails: its so-manieth operation of that kind, and so many after it.
#[derive(Debug, Clone, Copy)]
pub struct Spell {
    /// How.
    pub trouble: Trouble,
    /// From which operation on, counted from 0.
    pub from: usize,
    /// How many.
    pub count: usize,
}

/// A disk as it was when recording began, and what was done to it since.
#[derive(Debug, Clone, Default)]
pub struct Record {
    /// Files by number, with the name that led to each.
    pub began: Vec<(Number, String, Arc<Vec<u8>>)>,
    /// In order.
    pub deeds: Vec<Deed>,
}

/// The disk.
pub struct Disk {
    /// Whether databases on it are told to be lax: `synchronous=NORMAL`, whatever they ask for. The planted bug.
    pub lax: bool,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    names: BTreeMap<String, Number>,
    files: Vec<File>,
    record: Record,
    spell: Option<Spell>,
    /// Operations of the spell's kind so far.
    met: usize,
    handles: u64,
}

#[derive(Default)]
struct File {
    content: Vec<u8>,
    locks: Locks,
    slots: Slots,
    shared: Vec<Arc<[AtomicU64]>>,
}

impl Disk {
    /// With this on it, all of it durable.
    pub fn new(image: &Image, lax: bool) -> Arc<Self> {
        let mut state = State::default();
        for (number, (name, content)) in image.0.iter().enumerate() {
            state.names.insert(name.clone(), number);
            state.files.push(File { content: content.to_vec(), ..File::default() });
            state.record.began.push((number, name.clone(), Arc::clone(content)));
        }
        Arc::new(Self { lax, state: Mutex::new(state) })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What was done so far.
    pub fn record(&self) -> Record {
        self.state().record.clone()
    }

    /// How much was done so far.
    pub fn deeds(&self) -> usize {
        self.state().record.deeds.len()
    }

    /// What a reader would find now.
    pub fn image(&self) -> Image {
        let state = self.state();
        Image(state.names.iter().map(|(name, number)| (name.clone(), Arc::new(state.files[*number].content.clone()))).collect())
    }

    /// Begins a spell of trouble, or ends it.
    pub fn trouble(&self, spell: Option<Spell>) {
        let mut state = self.state();
        (state.spell, state.met) = (spell, 0);
    }

    /// Operations of the spell's kind that were met since it was set, and whether any failed by it.
    pub fn met(&self) -> (usize, bool) {
        let state = self.state();
        (state.met, state.spell.is_some_and(|spell| state.met > spell.from))
    }

    /// Opens a file, which is made if it may be; gives its number and a handle of its own.
    pub(super) fn open(&self, name: &str, create: bool) -> Option<(Number, u64)> {
        let mut state = self.state();
        let known = state.names.get(name).copied();
        let number = match known {
            Some(number) => number,
            None if create => {
                let number = state.files.len();
                state.files.push(File::default());
                state.names.insert(name.to_owned(), number);
                state.record.deeds.push(Deed::Create { file: number, name: name.to_owned() });
                number
            }
            None => return None,
        };
        state.handles += 1;
        Some((number, state.handles))
    }

    /// Length of the file of this name.
    pub(super) fn length_of(&self, name: &str) -> Option<usize> {
        let state = self.state();
        state.names.get(name).map(|number| state.files[*number].content.len())
    }

    pub(super) fn length(&self, file: Number) -> usize {
        self.state().files[file].content.len()
    }

    /// Reads; fewer bytes at the end of the file.
    pub(super) fn read(&self, file: Number, at: usize, into: &mut [u8]) -> Result<usize, Trouble> {
        let mut state = self.state();
        state.meets(&[Trouble::Read])?;
        let content = &state.files[file].content;
        let from = at.min(content.len());
        let count = into.len().min(content.len() - from);
        into[..count].copy_from_slice(&content[from..from + count]);
        Ok(count)
    }

    pub(super) fn write(&self, file: Number, at: usize, bytes: &[u8]) -> Result<(), Trouble> {
        let mut state = self.state();
        state.meets(&[Trouble::Write, Trouble::Full])?;
        put(&mut state.files[file].content, at, bytes);
        state.record.deeds.push(Deed::Write { file, at, bytes: bytes.into() });
        Ok(())
    }

    pub(super) fn resize(&self, file: Number, length: usize) -> Result<(), Trouble> {
        let mut state = self.state();
        state.meets(&[Trouble::Write])?;
        state.files[file].content.resize(length, 0);
        state.record.deeds.push(Deed::Resize { file, length });
        Ok(())
    }

    /// Durable from here on; `folder` for files whose name SQLite makes durable with their first sync.
    pub(super) fn sync(&self, file: Number, folder: bool) -> Result<(), Trouble> {
        let mut state = self.state();
        state.meets(&[Trouble::Sync])?;
        state.record.deeds.push(Deed::Sync { file, folder });
        Ok(())
    }

    /// The names in a folder are durable from here on.
    pub(super) fn sync_folder(&self, folder: String) -> Result<(), Trouble> {
        let mut state = self.state();
        state.meets(&[Trouble::Sync])?;
        state.record.deeds.push(Deed::SyncFolder { folder });
        Ok(())
    }

    pub(super) fn rename(&self, from: &str, to: &str) {
        let mut state = self.state();
        if let Some(file) = state.names.remove(from) {
            state.names.insert(to.to_owned(), file);
            state.record.deeds.push(Deed::Rename { file, from: from.to_owned(), to: to.to_owned() });
        }
    }

    pub(super) fn delete(&self, name: &str, folder: bool) -> bool {
        let mut state = self.state();
        if state.names.remove(name).is_none() {
            return false;
        }
        state.record.deeds.push(Deed::Delete { name: name.to_owned(), folder });
        true
    }

    /// Does something with a file's locks.
    pub(super) fn locks<T>(&self, file: Number, work: impl FnOnce(&mut Locks) -> T) -> T {
        work(&mut self.state().files[file].locks)
    }

    /// Does something with the locks of its shared memory.
    pub(super) fn slots<T>(&self, file: Number, work: impl FnOnce(&mut Slots) -> T) -> T {
        work(&mut self.state().files[file].slots)
    }

    /// A piece of a file's shared memory, made if it may be. All processes are this one, so it is plain memory; it ends
    /// with the power.
    pub(super) fn shared(&self, file: Number, piece: usize, bytes: usize, make: bool) -> Option<Arc<[AtomicU64]>> {
        let mut state = self.state();
        let shared = &mut state.files[file].shared;
        while make && shared.len() <= piece {
            shared.push((0..bytes.div_ceil(8)).map(|_| AtomicU64::new(0)).collect());
        }
        shared.get(piece).map(Arc::clone)
    }

    /// Nobody uses the shared memory any more.
    pub(super) fn unshare(&self, file: Number) {
        self.state().files[file].shared.clear();
    }
}

impl State {
    /// Counts an operation, which fails if the spell says so.
    fn meets(&mut self, kinds: &[Trouble]) -> Result<(), Trouble> {
        let Some(spell) = self.spell.filter(|spell| kinds.contains(&spell.trouble)) else { return Ok(()) };
        let number = self.met;
        self.met += 1;
        if number >= spell.from && number - spell.from < spell.count { Err(spell.trouble) } else { Ok(()) }
    }
}

/// Writes into a content, which grows as far as needed.
pub(super) fn put(content: &mut Vec<u8>, at: usize, bytes: &[u8]) {
    let end = at + bytes.len();
    if content.len() < end {
        content.resize(end, 0);
    }
    content[at..end].copy_from_slice(bytes);
}
