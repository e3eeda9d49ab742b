//! The append-only log's tree (RFC 6962 §2.1, RFC 9162 §2.1): hashes, proofs, and how to check them.
//!
//! Written here rather than taken from `ct-merkle`, which keeps its tree in memory: ours lies in the server's database. It
//! keeps no leaves: whoever keeps the tree hands in the hashes of complete subtrees, which never change once they are
//! there. The tests hold it against `ct-merkle`.

use sha2::{Digest as _, Sha256};

use crate::id::Digest;

const LEAF: u8 = 0;
const NODE: u8 = 1;

/// Most hashes of a proof: one a level of a tree of 2^63 leaves, and one more for a consistency proof.
pub const PROOF_MAX: usize = 64;

/// The hash of a leaf.
pub fn leaf_hash(leaf: &[u8]) -> Digest {
    Digest::from_bytes(Sha256::new().chain_update([LEAF]).chain_update(leaf).finalize().into())
}

/// The hash of a node over two.
pub fn node_hash(left: &Digest, right: &Digest) -> Digest {
    let hash = Sha256::new().chain_update([NODE]).chain_update(left.as_bytes()).chain_update(right.as_bytes());
    Digest::from_bytes(hash.finalize().into())
}

/// Where the hashes of complete subtrees come from.
pub trait Subtrees {
    /// What can go wrong in getting one.
    type Error;
    /// The hash over the 2^`level` leaves from `at` · 2^`level` on. Asked only for those that are complete.
    fn subtree(&self, level: u32, at: u64) -> Result<Digest, Self::Error>;
}

/// The largest power of two below `size`, which is above 1.
const fn split(size: u64) -> u64 {
    1 << (size - 1).ilog2()
}

fn over<T: Subtrees + ?Sized>(tree: &T, start: u64, size: u64) -> Result<Digest, T::Error> {
    if size.is_power_of_two() {
        let level = size.ilog2();
        return tree.subtree(level, start >> level);
    }
    let left = split(size);
    Ok(node_hash(&over(tree, start, left)?, &over(tree, start + left, size - left)?))
}

/// The root of the first `size` leaves; of none, the hash of nothing.
pub fn root<T: Subtrees + ?Sized>(tree: &T, size: u64) -> Result<Digest, T::Error> {
    if size == 0 { Ok(Digest::from_bytes(Sha256::digest([]).into())) } else { over(tree, 0, size) }
}

/// The nodes that become complete when `leaf` is appended to a tree of `size`: level, place, hash; the leaf's own first.
pub fn appended<T: Subtrees + ?Sized>(tree: &T, size: u64, leaf: Digest) -> Result<Vec<(u32, u64, Digest)>, T::Error> {
    let mut nodes = vec![(0, size, leaf)];
    let (mut level, mut at, mut hash) = (0, size, leaf);
    while at % 2 == 1 {
        hash = node_hash(&tree.subtree(level, at - 1)?, &hash);
        level += 1;
        at /= 2;
        nodes.push((level, at, hash));
    }
    Ok(nodes)
}

/// The proof that leaf `index` is among the first `size`, from the leaf upwards. Empty for an index beyond them.
pub fn inclusion<T: Subtrees + ?Sized>(tree: &T, index: u64, size: u64) -> Result<Vec<Digest>, T::Error> {
    let mut path = Vec::new();
    let (mut start, mut left_over) = (0, if index < size { size } else { 0 });
    while left_over > 1 {
        let left = split(left_over);
        if index - start < left {
            path.push(over(tree, start + left, left_over - left)?);
            left_over = left;
        } else {
            path.push(over(tree, start, left)?);
            start += left;
            left_over -= left;
        }
    }
    path.reverse();
    Ok(path)
}

/// The proof that the tree of `from` leaves is the beginning of the tree of `to`.
pub fn consistency<T: Subtrees + ?Sized>(tree: &T, from: u64, to: u64) -> Result<Vec<Digest>, T::Error> {
    let mut path = Vec::new();
    if from == 0 || from >= to {
        return Ok(path);
    }
    let (mut start, mut size, mut known) = (0, to, true);
    while from - start != size {
        let left = split(size);
        if from - start <= left {
            path.push(over(tree, start + left, size - left)?);
            size = left;
        } else {
            path.push(over(tree, start, left)?);
            (start, size, known) = (start + left, size - left, false);
        }
    }
    if !known {
        path.push(over(tree, start, size)?);
    }
    path.reverse();
    Ok(path)
}

/// Whether the proof leads from the leaf at `index` to this root over `size` leaves.
pub fn is_included(leaf: &Digest, index: u64, size: u64, proof: &[Digest], root: &Digest) -> bool {
    if index >= size {
        return false;
    }
    let (mut place, mut last, mut hash) = (index, size - 1, *leaf);
    for other in proof {
        if last == 0 {
            return false;
        }
        if place % 2 == 1 || place == last {
            hash = node_hash(other, &hash);
            while place % 2 == 0 && place != 0 {
                (place, last) = (place >> 1, last >> 1);
            }
        } else {
            hash = node_hash(&hash, other);
        }
        (place, last) = (place >> 1, last >> 1);
    }
    last == 0 && hash == *root
}

/// Whether the tree of `from` leaves with root `old` is the beginning of that of `to` leaves with root `new`.
pub fn is_consistent(from: u64, old: &Digest, to: u64, new: &Digest, proof: &[Digest]) -> bool {
    if from == to || from == 0 {
        return proof.is_empty() && (from == 0 || old == new);
    }
    if from > to {
        return false;
    }
    let mut hashes = proof.iter();
    let first = if from.is_power_of_two() { Some(old) } else { hashes.next() };
    let Some(first) = first else { return false };
    let (mut place, mut last) = (from - 1, to - 1);
    while place % 2 == 1 {
        (place, last) = (place >> 1, last >> 1);
    }
    let (mut then, mut now) = (*first, *first);
    for other in hashes {
        if last == 0 {
            return false;
        }
        if place % 2 == 1 || place == last {
            then = node_hash(other, &then);
            now = node_hash(other, &now);
            while place % 2 == 0 && place != 0 {
                (place, last) = (place >> 1, last >> 1);
            }
        } else {
            now = node_hash(&now, other);
        }
        (place, last) = (place >> 1, last >> 1);
    }
    last == 0 && then == *old && now == *new
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::convert::Infallible;

    use super::*;

    #[derive(Default)]
    struct Kept(BTreeMap<(u32, u64), Digest>);

    impl Subtrees for Kept {
        type Error = Infallible;
        fn subtree(&self, level: u32, at: u64) -> Result<Digest, Infallible> {
            Ok(self.0[&(level, at)])
        }
    }

    fn tree(leaves: &[Vec<u8>]) -> Kept {
        let mut tree = Kept::default();
        for (size, leaf) in (0..).zip(leaves) {
            for (level, at, hash) in appended(&tree, size, leaf_hash(leaf)).unwrap() {
                assert_eq!(tree.0.insert((level, at), hash), None, "a complete subtree never changes");
            }
        }
        tree
    }

    fn numbered(count: u8) -> Kept {
        tree(&(0..count).map(|n| vec![n]).collect::<Vec<_>>())
    }

    /// The tree's definition in RFC 6962 §2.1, word for word.
    fn defined(leaves: &[Vec<u8>]) -> Digest {
        match leaves {
            [] => Digest::from_bytes(Sha256::digest([]).into()),
            [leaf] => leaf_hash(leaf),
            more => {
                let (left, right) = more.split_at(more.len().next_power_of_two() / 2);
                node_hash(&defined(left), &defined(right))
            }
        }
    }

    #[test]
    fn roots_are_those_of_the_public_test_vectors() {
        // The eight inputs that certificate transparency's implementations share.
        let inputs = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
        let leaves: Vec<_> = inputs.iter().map(|hex| data_encoding::HEXLOWER.decode(hex.as_bytes()).unwrap()).collect();
        let tree = tree(&leaves);
        let root_of = |size| root(&tree, size).unwrap().to_string();
        assert_eq!(root_of(0), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        assert_eq!(root_of(1), "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
        assert_eq!(root_of(8), "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328");
    }

    #[test]
    fn every_root_is_the_defined_one() {
        let leaves: Vec<_> = (0..40u8).map(|n| vec![n]).collect();
        let tree = tree(&leaves);
        for size in 0..=leaves.len() {
            assert_eq!(root(&tree, size as u64).unwrap(), defined(&leaves[..size]), "{size}");
        }
    }

    #[test]
    fn roots_and_proofs_are_those_of_another_implementation() {
        let hashes =
            |bytes: &[u8]| -> Vec<Digest> { bytes.as_chunks::<32>().0.iter().copied().map(Digest::from_bytes).collect() };
        let tree = numbered(33);
        let mut theirs = ct_merkle::mem_backed_tree::MemoryBackedTree::<Sha256, Vec<u8>>::new();
        for size in 1..=33u8 {
            theirs.push(vec![size - 1]);
            assert_eq!(root(&tree, size.into()).unwrap().as_bytes()[..], theirs.root().as_bytes()[..]);
            for index in 0..size {
                let proof = theirs.prove_inclusion(index.into());
                assert_eq!(inclusion(&tree, index.into(), size.into()).unwrap(), hashes(proof.as_bytes()), "{index} of {size}");
            }
            for from in 1..size {
                let proof = theirs.prove_consistency((size - from).into());
                assert_eq!(consistency(&tree, from.into(), size.into()).unwrap(), hashes(proof.as_bytes()), "{from} to {size}");
            }
        }
    }

    #[test]
    fn every_leaf_of_every_tree_is_proved_and_nothing_else_is() {
        let tree = numbered(40);
        for size in 1..=40 {
            let top = root(&tree, size).unwrap();
            for index in 0..size {
                let proof = inclusion(&tree, index, size).unwrap();
                let leaf = leaf_hash(&[u8::try_from(index).unwrap()]);
                assert!(is_included(&leaf, index, size, &proof, &top), "{index} of {size}");
                assert!(!is_included(&leaf_hash(b"other"), index, size, &proof, &top));
                assert!(!is_included(&leaf, index + 1, size, &proof, &top), "at another place");
                assert!(!is_included(&leaf, index, size, &[&proof[..], &[top]].concat(), &top), "a longer proof");
                if let [_, rest @ ..] = &proof[..] {
                    assert!(!is_included(&leaf, index, size, rest, &top), "a shorter proof");
                }
            }
            assert!(!is_included(&leaf_hash(&[0]), size, size, &[], &top));
        }
    }

    #[test]
    fn every_tree_is_proved_to_be_the_beginning_of_every_later_one() {
        let tree = numbered(40);
        let other = self::tree(&(0..40u8).map(|n| vec![n, 1]).collect::<Vec<_>>());
        for to in 0..=40 {
            for from in 0..=to {
                let (old, new) = (root(&tree, from).unwrap(), root(&tree, to).unwrap());
                let proof = consistency(&tree, from, to).unwrap();
                assert!(is_consistent(from, &old, to, &new, &proof), "{from} to {to}");
                if from > 0 {
                    let rewritten = root(&other, to).unwrap();
                    let forged = consistency(&other, from, to).unwrap();
                    assert!(!is_consistent(from, &old, to, &rewritten, &forged), "{from} to {to}, rewritten");
                    assert!(!is_consistent(from, &root(&other, from).unwrap(), to, &new, &proof), "{from} to {to}");
                }
                if from > 0 && from < to {
                    assert!(!is_consistent(to, &new, from, &old, &proof), "backwards");
                }
            }
        }
    }
}
