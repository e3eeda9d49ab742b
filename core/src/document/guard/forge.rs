//! Changes nobody's program writes, for tests of the guard.

use sha2::{Digest as _, Sha256};

use super::chunk::Header;
use crate::id::{ActorId, ChangeHash};

/// A change chunk in parts.
#[derive(Debug, Clone)]
pub(super) struct Forged {
    pub(super) deps: Vec<ChangeHash>,
    pub(super) actor: ActorId,
    pub(super) seq: u64,
    pub(super) start_op: u64,
    pub(super) message: Vec<u8>,
    pub(super) actors: Vec<ActorId>,
    pub(super) columns: Vec<(u64, Vec<u8>)>,
    pub(super) behind: Vec<u8>,
    pub(super) time: i64,
}

fn unsigned(out: &mut Vec<u8>, mut n: u64) {
    while n >= 0x80 {
        out.push(u8::try_from(n & 0x7f).unwrap() | 0x80);
        n >>= 7;
    }
    out.push(u8::try_from(n).unwrap());
}

fn signed(out: &mut Vec<u8>, mut n: i64) {
    loop {
        let low = u8::try_from(n & 0x7f).unwrap();
        n >>= 7;
        if (n == 0 && low & 0x40 == 0) || (n == -1 && low & 0x40 != 0) {
            return out.push(low);
        }
        out.push(low | 0x80);
    }
}

impl Forged {
    /// The parts of a change.
    pub(super) fn of(header: &Header) -> Self {
        let mut forged = Self {
            deps: header.deps.clone(),
            actor: header.actor,
            seq: header.seq,
            start_op: header.start_op,
            message: vec![],
            actors: header.actors[1..].to_vec(),
            columns: vec![],
            behind: vec![],
            time: header.time,
        };
        // What stands before the columns is as long as the same written anew without them.
        let chunk = header.bytes();
        let mut head = forged.body();
        head.pop();
        let start = chunk.len() - body_of(chunk).len() + head.len();
        let mut reader = crate::document::column::Reader::new(&chunk[start..]);
        let names: Vec<_> = (0..reader.size().unwrap()).map(|_| (reader.unsigned().unwrap(), reader.size().unwrap())).collect();
        forged.columns = names.into_iter().map(|(name, length)| (name, reader.take(length).unwrap().to_vec())).collect();
        forged
    }

    /// One of its columns.
    pub(super) fn column(&mut self, name: u64) -> &mut Vec<u8> {
        &mut self.columns.iter_mut().find(|(other, _)| *other == name).expect("it has the column").1
    }

    fn body(&self) -> Vec<u8> {
        let mut out = Vec::new();
        unsigned(&mut out, self.deps.len() as u64);
        self.deps.iter().for_each(|dep| out.extend(dep.as_bytes()));
        out.push(16);
        out.extend(self.actor.as_bytes());
        unsigned(&mut out, self.seq);
        unsigned(&mut out, self.start_op);
        signed(&mut out, self.time);
        unsigned(&mut out, self.message.len() as u64);
        out.extend(&self.message);
        unsigned(&mut out, self.actors.len() as u64);
        for actor in &self.actors {
            out.push(16);
            out.extend(actor.as_bytes());
        }
        unsigned(&mut out, self.columns.len() as u64);
        for (name, column) in &self.columns {
            unsigned(&mut out, *name);
            unsigned(&mut out, column.len() as u64);
        }
        self.columns.iter().for_each(|(_, column)| out.extend(column));
        out.extend(&self.behind);
        out
    }

    /// The chunk, its checksum right.
    pub(super) fn bytes(&self) -> Vec<u8> {
        chunk(1, &self.body())
    }

    /// The same bytes with a checksum that fits.
    pub(super) fn sealed(bytes: &[u8]) -> Vec<u8> {
        let mut bytes = bytes.to_vec();
        let hash = Sha256::digest(&bytes[8..]);
        bytes[4..8].copy_from_slice(&hash[..4]);
        bytes
    }
}

/// A chunk of this type.
pub(in crate::document) fn chunk(kind: u8, body: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0x85, 0x6f, 0x4a, 0x83, 0, 0, 0, 0, kind];
    unsigned(&mut bytes, body.len() as u64);
    bytes.extend(body);
    Forged::sealed(&bytes)
}

fn body_of(chunk: &[u8]) -> &[u8] {
    let mut reader = crate::document::column::Reader::new(&chunk[9..]);
    let length = reader.size().unwrap();
    reader.take(length).unwrap()
}

/// A run of one number.
pub(super) fn run(length: i64, value: u8) -> Vec<u8> {
    let mut out = Vec::new();
    signed(&mut out, length);
    out.push(value);
    out
}
