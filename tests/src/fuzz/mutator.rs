//! Real bytes, changed: sometimes blindly, mostly with a knowledge of their form.
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "hostile bytes are made of the lower bits of chance"
)]

use super::cbor::{self, Node};
use super::chunk::{self, Parts};
use crate::seed::Seeded;

/// Numbers that programs stumble over.
const ODD: [u64; 16] = [
    0,
    1,
    2,
    0x7f,
    0x80,
    0xff,
    0x7fff,
    0xffff,
    0x7fff_ffff,
    0x8000_0000,
    0xffff_ffff,
    1 << 32,
    10_000_000,
    i64::MAX as u64,
    1 << 63,
    u64::MAX,
];
/// Kinds of values in the lower four bits of their descriptions: bytes, which entries are.
const BYTES: u8 = 7;
/// Longest input that is made: a little more than the guard takes.
const LONGEST: usize = 300 << 10;

/// Changes bytes, by chance.
pub struct Mutator<'a> {
    /// Where chance comes from.
    pub chance: &'a Seeded,
}

impl Mutator<'_> {
    fn odd(&self) -> u64 {
        let odd = *self.chance.pick(&ODD);
        if self.chance.percent(30) { odd.wrapping_add(self.chance.next() % 5).wrapping_sub(2) } else { odd }
    }

    /// Something near a number, or far from it.
    fn number(&self, n: u64) -> u64 {
        match self.chance.below(4) {
            0 => n.wrapping_add(1),
            1 => n.wrapping_sub(1),
            2 => self.odd(),
            _ => n.wrapping_add(self.chance.next() % 100),
        }
    }

    /// Bytes changed here and there, blindly; `other` is something to take parts from.
    pub fn bytes(&self, bytes: &[u8], other: &[u8]) -> Vec<u8> {
        let mut out = bytes.to_vec();
        for _ in 0..=self.chance.below(4) {
            self.once(&mut out, other);
        }
        out.truncate(LONGEST);
        out
    }

    fn once(&self, out: &mut Vec<u8>, other: &[u8]) {
        let chance = self.chance;
        if out.is_empty() {
            out.push(chance.next() as u8);
            return;
        }
        let at = chance.below(out.len());
        let some = |of: &[u8]| -> Vec<u8> {
            let begin = chance.below(of.len().max(1)).min(of.len());
            let end = (begin + 1 + chance.below(64)).min(of.len());
            of[begin..end].to_vec()
        };
        match chance.below(9) {
            0 | 1 => out[at] ^= 1 << chance.below(8),
            2 => out[at] = self.odd() as u8,
            3 => {
                let end = (at + 1 + chance.below(32)).min(out.len());
                out.drain(at..end);
            }
            4 => {
                let part = some(&out.clone());
                out.splice(at..at, part);
            }
            5 => {
                let part = some(other);
                out.splice(at..at, part);
            }
            6 => {
                // A big-endian number of two, four or eight bytes.
                let size = 2 << chance.below(3);
                if at + size <= out.len() {
                    let odd = self.odd().to_be_bytes();
                    out[at..at + size].copy_from_slice(&odd[8 - size..]);
                }
            }
            7 => {
                let mut number = Vec::new();
                chunk::unsigned(&mut number, self.odd());
                let end = (at + 1 + chance.below(3)).min(out.len());
                out.splice(at..end, number);
            }
            _ => out.truncate(at),
        }
    }

    /// A record with one node changed; blindly where it is no record.
    pub fn record(&self, bytes: &[u8], other: &[u8]) -> Vec<u8> {
        let Some(mut node) = cbor::read(bytes) else { return self.bytes(bytes, other) };
        for _ in 0..=self.chance.below(2) {
            let n = self.chance.below(node.count());
            let spare = node.nth(self.chance.below(node.count())).cloned();
            if let Some(here) = node.nth(n) {
                self.node(here, spare, other);
            }
        }
        let mut out = cbor::write(&node);
        out.truncate(4 * LONGEST);
        out
    }

    fn node(&self, node: &mut Node, spare: Option<Node>, other: &[u8]) {
        let chance = self.chance;
        if chance.percent(15) {
            *node = match chance.below(7) {
                0 => Node::Plain(0, self.odd()),
                1 => Node::Plain(1, self.odd()),
                2 => Node::Plain(7, 20 + chance.next() % 4),
                3 => Node::List(Vec::new()),
                4 => Node::Text(b"\xff\xfe".to_vec()),
                5 => (0..20).fold(Node::Plain(0, 0), |inside, _| Node::List(vec![inside])),
                _ => spare.unwrap_or(Node::Plain(7, 22)),
            };
            return;
        }
        match node {
            Node::Plain(_, value) => *value = self.number(*value),
            Node::Raw(raw) => self.once(raw, other),
            Node::Bytes(bytes) | Node::Text(bytes) => {
                let inner = if chance.percent(50) { cbor::read(bytes) } else { None };
                match inner {
                    Some(_) if bytes.len() > 8 => *bytes = self.record(bytes, other),
                    _ => self.once(bytes, other),
                }
            }
            Node::List(nodes) | Node::Map(nodes) => {
                let at = chance.below(nodes.len().max(1));
                match chance.below(4) {
                    0 if !nodes.is_empty() => drop(nodes.remove(at)),
                    1 if !nodes.is_empty() => {
                        let again = nodes[at].clone();
                        nodes.insert(at, again);
                    }
                    2 if !nodes.is_empty() => {
                        let last = nodes.len() - 1;
                        nodes.swap(at, last);
                    }
                    _ => nodes.extend(spare.filter(|spare| spare.count() < 200)),
                }
            }
            Node::Tag(tag, _) => *tag = self.odd(),
        }
    }

    /// A change, changed in one or two of its parts; its checksum fits, mostly.
    pub fn change(&self, change: &[u8], other: &[u8]) -> Vec<u8> {
        let chance = self.chance;
        let Some(mut parts) = Parts::of(change) else { return self.bytes(change, other) };
        if chance.percent(8) {
            let mut blind = self.bytes(change, other);
            if chance.percent(80) {
                chunk::seal(&mut blind);
            }
            return blind;
        }
        for _ in 0..=chance.below(2) {
            self.part(&mut parts, Parts::of(other).as_ref());
        }
        let mut bytes = parts.bytes();
        if chance.percent(2) {
            self.once(&mut bytes, other);
        }
        bytes
    }

    fn part(&self, parts: &mut Parts, other: Option<&Parts>) {
        let chance = self.chance;
        match chance.below(14) {
            0 => parts.seq = self.number(parts.seq),
            1 => parts.start_op = self.number(parts.start_op),
            2 => parts.time = self.number(parts.time.cast_unsigned()).cast_signed(),
            3 => match chance.below(3) {
                0 => drop(parts.deps.pop()),
                1 => parts.deps.extend(other.iter().flat_map(|other| other.deps.iter().copied())),
                _ => parts.deps.push([self.odd() as u8; 32]),
            },
            4 => match chance.below(4) {
                0 => self.once(&mut parts.actor, &[]),
                1 => parts.actors.push(parts.actor.clone()),
                2 => drop(parts.actors.pop()),
                _ => parts.actor = other.map_or_else(|| vec![0; 16], |other| other.actor.clone()),
            },
            5 => parts.message = b"a message".to_vec(),
            6 => parts.behind = self.bytes(&parts.behind.clone(), &[1, 2, 3]),
            7 if chance.percent(30) => parts.kind = chance.next() as u8 % 5,
            8 | 9 => {
                let at = chance.below(parts.columns.len().max(1));
                let taken = other.and_then(|other| other.columns.get(at)).cloned();
                match (chance.below(6), parts.columns.get_mut(at)) {
                    (0, Some(_)) => drop(parts.columns.remove(at)),
                    (1, Some((name, _))) => *name = self.number(*name),
                    (2, Some((_, column))) => {
                        // A run of very many.
                        let mut run = Vec::new();
                        chunk::signed(&mut run, self.odd().cast_signed());
                        run.extend(column.iter().copied().take(2));
                        *column = run;
                    }
                    (3, _) => parts.columns.extend(taken),
                    (_, Some((_, column))) => self.once(column, &[]),
                    (_, None) => {}
                }
            }
            _ => {
                // What is written: an entry, mostly.
                let Some(mut values) = parts.values().filter(|values| !values.is_empty()) else { return };
                let entries: Vec<usize> = (0..values.len()).filter(|at| values[*at].0 == BYTES).collect();
                let at =
                    if entries.is_empty() || chance.percent(20) { chance.below(values.len()) } else { *chance.pick(&entries) };
                let (kind, value) = &mut values[at];
                *value = self.record(value, &[]);
                if chance.percent(5) {
                    *kind = chance.next() as u8 % 16;
                }
                parts.set_values(&values);
            }
        }
    }

    /// A document's file: a piece of it changed, its checksums right, mostly.
    pub fn file(&self, file: &[u8], other: &[u8]) -> Vec<u8> {
        let mut out = self.bytes(file, other);
        if self.chance.percent(85) {
            chunk::seal_all(&mut out);
        }
        out
    }
}
