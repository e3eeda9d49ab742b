//! Locks of a file and of its shared memory, between the connections of this process. What SQLite's own layer does with
//! the operating system's locks, counted in memory.

use std::collections::BTreeMap;

/// SQLite's levels: none, shared, reserved, pending, exclusive.
pub(super) const SHARED: i32 = 1;
pub(super) const RESERVED: i32 = 2;
pub(super) const PENDING: i32 = 3;
pub(super) const EXCLUSIVE: i32 = 4;

/// Who holds a file at which level, by handle.
#[derive(Default)]
pub(super) struct Locks(BTreeMap<u64, i32>);

impl Locks {
    /// Raises a handle to this level; false if another is in the way.
    pub(super) fn raise(&mut self, handle: u64, level: i32) -> bool {
        if self.0.get(&handle).is_some_and(|held| *held >= level) {
            return true;
        }
        let others = self.0.iter().filter(|(other, _)| **other != handle).map(|(_, held)| *held).max().unwrap_or(0);
        let highest = match level {
            SHARED => PENDING,
            _ => RESERVED,
        };
        if others >= highest {
            return false;
        }
        if level == EXCLUSIVE && others >= SHARED {
            // Nobody new comes in; whoever is in may finish.
            self.0.insert(handle, PENDING);
            return false;
        }
        self.0.insert(handle, level);
        true
    }

    /// Lowers it again.
    pub(super) fn lower(&mut self, handle: u64, level: i32) {
        if level == 0 {
            self.0.remove(&handle);
        } else if let Some(held) = self.0.get_mut(&handle) {
            *held = level.min(*held);
        }
    }

    /// Whether anybody is about to write.
    pub(super) fn reserved(&self) -> bool {
        self.0.values().any(|held| *held >= RESERVED)
    }
}

/// The eight slots of a shared memory: who holds which, shared and exclusively, as bits.
#[derive(Default)]
pub(super) struct Slots(BTreeMap<u64, (u8, u8)>);

impl Slots {
    /// Takes these slots; false if another is in the way.
    pub(super) fn take(&mut self, handle: u64, bits: u8, exclusive: bool) -> bool {
        let in_the_way = self
            .0
            .iter()
            .any(|(other, (shared, owned))| *other != handle && (owned & bits != 0 || (exclusive && shared & bits != 0)));
        if in_the_way {
            return false;
        }
        let (shared, owned) = self.0.entry(handle).or_default();
        *if exclusive { owned } else { shared } |= bits;
        true
    }

    /// Gives them back.
    pub(super) fn give_back(&mut self, handle: u64, bits: u8) {
        if let Some((shared, owned)) = self.0.get_mut(&handle) {
            *shared &= !bits;
            *owned &= !bits;
        }
    }

    /// A connection begins to use the memory.
    pub(super) fn enter(&mut self, handle: u64) {
        self.0.entry(handle).or_default();
    }

    /// It ends; whether it was the last.
    pub(super) fn leave(&mut self, handle: u64) -> bool {
        self.0.remove(&handle);
        self.0.is_empty()
    }
}

#[test]
fn one_writes_others_read_and_whoever_waits_for_all_keeps_new_ones_out() {
    let mut locks = Locks::default();
    assert!(locks.raise(1, SHARED) && locks.raise(2, SHARED) && locks.raise(1, RESERVED));
    assert!(!locks.raise(2, RESERVED) && locks.reserved());
    assert!(!locks.raise(1, EXCLUSIVE) && !locks.raise(3, SHARED));
    locks.lower(2, 0);
    assert!(locks.raise(1, EXCLUSIVE) && !locks.raise(2, SHARED));
    locks.lower(1, SHARED);
    assert!(locks.raise(2, SHARED));
    let mut slots = Slots::default();
    assert!(slots.take(1, 0b10, false) && slots.take(2, 0b10, false) && !slots.take(2, 0b10, true) && slots.take(1, 0b1, true));
    slots.give_back(1, 0b10);
    assert!(slots.take(2, 0b10, true) && !slots.take(1, 0b10, false));
    assert!(!slots.leave(1) && slots.leave(2));
}
