//! One opening of a folder at a time, within this process: whoever comes second waits until the first is done, and then finds
//! the device open or its secrets made.
//!
//! The store's own lock comes too late for that: keys and the installation's nonce are made before there is a store. What is
//! opened is not known here.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::{Condvar, Mutex, PoisonError};

use crate::work::locked;

/// Folders that are being opened, and whoever waits for one of them.
static UNDER_WAY: (Mutex<BTreeSet<PathBuf>>, Condvar) = (Mutex::new(BTreeSet::new()), Condvar::new());

/// An opening under way; over when it is dropped.
pub(crate) struct Opening(PathBuf);

impl Opening {
    /// Waits its turn. The host's key store and key are waited for only so long, so this ends.
    pub(crate) fn begin(dir: &str) -> Self {
        let folder = std::path::absolute(dir).unwrap_or_else(|_| dir.into());
        let mut under_way = locked(&UNDER_WAY.0);
        while !under_way.insert(folder.clone()) {
            under_way = UNDER_WAY.1.wait(under_way).unwrap_or_else(PoisonError::into_inner);
        }
        Self(folder)
    }
}

impl Drop for Opening {
    fn drop(&mut self) {
        locked(&UNDER_WAY.0).remove(&self.0);
        UNDER_WAY.1.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[test]
    fn a_second_opening_of_a_folder_waits_for_the_first_and_another_folder_for_nobody() {
        let first = Opening::begin("a-folder");
        drop(Opening::begin("another-folder"));
        let (told, hears) = mpsc::channel();
        let second = std::thread::spawn(move || {
            let opening = Opening::begin("./a-folder");
            told.send("second").unwrap();
            drop(opening);
        });
        assert!(hears.try_recv().is_err());
        drop(first);
        second.join().unwrap();
        assert_eq!(hears.recv(), Ok("second"));
    }
}
