//! Records of CBOR as trees, to be changed at one node and written again. Reads what we write; anything else is none.
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "hostile bytes are made of the lower bits of chance"
)]

/// Deepest tree that is read.
const DEPTH_MAX: usize = 32;

/// A node.
#[derive(Debug, Clone, PartialEq)]
pub enum Node {
    /// A number, a yes or no, nothing: the head's kind and value.
    Plain(u8, u64),
    /// Eight bytes of a number with a fraction, and so on, as they stand.
    Raw(Vec<u8>),
    /// Bytes.
    Bytes(Vec<u8>),
    /// Text, perhaps no longer UTF-8.
    Text(Vec<u8>),
    /// A list.
    List(Vec<Node>),
    /// A map, keys and values in turn.
    Map(Vec<Node>),
    /// A tag and what it is on.
    Tag(u64, Box<Node>),
}

/// The one record that these bytes are.
pub fn read(bytes: &[u8]) -> Option<Node> {
    let mut rest = bytes;
    let node = node(&mut rest, 0)?;
    rest.is_empty().then_some(node)
}

fn take<'a>(rest: &mut &'a [u8], n: usize) -> Option<&'a [u8]> {
    let (taken, left) = rest.split_at_checked(n)?;
    *rest = left;
    Some(taken)
}

fn node(rest: &mut &[u8], depth: usize) -> Option<Node> {
    if depth > DEPTH_MAX {
        return None;
    }
    let first = *take(rest, 1)?.first()?;
    let (kind, low) = (first >> 5, first & 0x1f);
    let value = match low {
        0..=23 => u64::from(low),
        24..=27 => take(rest, 1 << (low - 24))?.iter().fold(0_u64, |value, byte| value << 8 | u64::from(*byte)),
        _ => return None,
    };
    let size = usize::try_from(value).ok();
    Some(match kind {
        0 | 1 => Node::Plain(kind, value),
        2 => Node::Bytes(take(rest, size?)?.to_vec()),
        3 => Node::Text(take(rest, size?)?.to_vec()),
        4 => Node::List((0..size?).map(|_| node(rest, depth + 1)).collect::<Option<_>>()?),
        5 => Node::Map((0..size?.checked_mul(2)?).map(|_| node(rest, depth + 1)).collect::<Option<_>>()?),
        6 => Node::Tag(value, Box::new(node(rest, depth + 1)?)),
        _ if low >= 25 => {
            let mut raw = vec![first];
            raw.extend(&value.to_be_bytes()[8 - (1 << (low - 24))..]);
            Node::Raw(raw)
        }
        _ => Node::Plain(7, value),
    })
}

/// The record's bytes.
pub fn write(node: &Node) -> Vec<u8> {
    let mut out = Vec::new();
    put(node, &mut out);
    out
}

fn head(out: &mut Vec<u8>, kind: u8, value: u64) {
    let kind = kind << 5;
    match value {
        0..=23 => out.push(kind | value as u8),
        24..=0xff => out.extend([kind | 0x18, value as u8]),
        0x100..=0xffff => {
            out.push(kind | 0x19);
            out.extend((value as u16).to_be_bytes());
        }
        0x1_0000..=0xffff_ffff => {
            out.push(kind | 0x1a);
            out.extend((value as u32).to_be_bytes());
        }
        _ => {
            out.push(kind | 0x1b);
            out.extend(value.to_be_bytes());
        }
    }
}

fn put(node: &Node, out: &mut Vec<u8>) {
    match node {
        Node::Plain(kind, value) => head(out, *kind, *value),
        Node::Raw(raw) => out.extend(raw),
        Node::Bytes(bytes) => {
            head(out, 2, bytes.len() as u64);
            out.extend(bytes);
        }
        Node::Text(bytes) => {
            head(out, 3, bytes.len() as u64);
            out.extend(bytes);
        }
        Node::List(nodes) => {
            head(out, 4, nodes.len() as u64);
            nodes.iter().for_each(|node| put(node, out));
        }
        Node::Map(nodes) => {
            head(out, 5, nodes.len() as u64 / 2);
            nodes.iter().for_each(|node| put(node, out));
        }
        Node::Tag(tag, node) => {
            head(out, 6, *tag);
            put(node, out);
        }
    }
}

impl Node {
    /// How many nodes there are in it, itself among them.
    pub fn count(&self) -> usize {
        1 + match self {
            Self::List(nodes) | Self::Map(nodes) => nodes.iter().map(Self::count).sum(),
            Self::Tag(_, node) => node.count(),
            _ => 0,
        }
    }

    /// The node of this number, in the order in which they are written.
    pub fn nth(&mut self, n: usize) -> Option<&mut Self> {
        if n == 0 {
            return Some(self);
        }
        let mut left = n - 1;
        let inside: &mut [Self] = match self {
            Self::List(nodes) | Self::Map(nodes) => nodes,
            Self::Tag(_, node) => std::slice::from_mut(node),
            _ => return None,
        };
        for node in inside {
            let count = node.count();
            if left < count {
                return node.nth(left);
            }
            left -= count;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_reads_back_and_each_node_is_found() {
        let record = minicbor_serde::to_vec((1_u8, -500_i32, "漏水", 1.5_f64, Some(true), vec![vec![1_u64 << 40]])).unwrap();
        let mut node = read(&record).unwrap();
        assert_eq!(write(&node), record);
        let count = node.count();
        assert!(count > 6 && (0..count).all(|n| node.nth(n).is_some()) && node.nth(count).is_none());
        assert_eq!(read(&[0x81]), None);
        assert_eq!(read(&[0x81; 100]), None);
    }
}
