//! A ZIP file, written front to back: no seeking, no file beside it, nothing kept but a name and three numbers an entry.
//!
//! Sizes and checksums stand behind each entry's bytes (a data descriptor, APPNOTE 4.3.9) and in the directory at the end.
//! Every date is the first day of 1980, so that the same lines give the same bytes.

use std::io::{self, Write};

use flate2::{Compress, Compression, Crc, FlushCompress, Status};

/// Compressed bytes kept before they are handed on.
const BUFFER: usize = 32 << 10;
/// zlib's levels go from 1 to 9; at 4 a ledger takes a tenth more room than at 6, and half the time.
const LEVEL: u32 = 4;
const LOCAL: u32 = 0x0403_4b50;
const DESCRIPTOR: u32 = 0x0807_4b50;
const CENTRAL: u32 = 0x0201_4b50;
const END: u32 = 0x0605_4b50;
/// Version 2.0 can read it: deflate.
const VERSION: u16 = 20;
/// Sizes follow the bytes.
const FLAGS: u16 = 1 << 3;
const DEFLATED: u16 = 8;
const MIDNIGHT: u16 = 0;
const FIRST_DAY_OF_1980: u16 = (1 << 5) | 1;

/// An entry that is whole.
struct Entry {
    name: String,
    at: u64,
    crc: u32,
    packed: u64,
    plain: u64,
}

/// The file so far.
pub(super) struct Zip<'a> {
    to: &'a mut dyn Write,
    written: u64,
    entries: Vec<Entry>,
    compress: Compress,
    buffer: Vec<u8>,
    crc: Crc,
    /// Where the open entry's bytes begin.
    begun: u64,
}

impl<'a> Zip<'a> {
    pub(super) fn new(to: &'a mut dyn Write) -> Self {
        Self {
            to,
            written: 0,
            entries: Vec::new(),
            compress: Compress::new(Compression::new(LEVEL), false),
            buffer: Vec::with_capacity(BUFFER),
            crc: Crc::new(),
            begun: 0,
        }
    }

    /// Begins an entry; what is written next stands in it. Names are ASCII.
    pub(super) fn begin(&mut self, name: &str) -> io::Result<()> {
        let entry = Entry { name: name.into(), at: self.written, crc: 0, packed: 0, plain: 0 };
        let mut header = Vec::with_capacity(64);
        u32s(&mut header, &[LOCAL]);
        about(&mut header, &entry)?;
        u16s(&mut header, &[0]);
        header.extend_from_slice(name.as_bytes());
        self.put(&header)?;
        self.entries.push(entry);
        self.compress.reset();
        self.crc.reset();
        self.begun = self.written;
        Ok(())
    }

    /// More of the open entry.
    pub(super) fn write(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        self.crc.update(bytes);
        while !bytes.is_empty() {
            let before = self.compress.total_in();
            self.pack(bytes, FlushCompress::None)?;
            let taken = usize::try_from(self.compress.total_in() - before).unwrap_or(usize::MAX);
            bytes = bytes.get(taken..).unwrap_or_default();
        }
        Ok(())
    }

    /// Ends the open entry.
    pub(super) fn end(&mut self) -> io::Result<()> {
        while self.pack(&[], FlushCompress::Finish)? != Status::StreamEnd {}
        self.hand_on()?;
        let (crc, packed, plain) = (self.crc.sum(), self.written - self.begun, self.compress.total_in());
        if let Some(entry) = self.entries.last_mut() {
            (entry.crc, entry.packed, entry.plain) = (crc, packed, plain);
        }
        let mut descriptor = Vec::with_capacity(16);
        u32s(&mut descriptor, &[DESCRIPTOR, crc, length(packed)?, length(plain)?]);
        self.put(&descriptor)
    }

    /// Writes the directory, without which nobody takes the file for whole.
    pub(super) fn finish(&mut self) -> io::Result<()> {
        let at = self.written;
        let entries = std::mem::take(&mut self.entries);
        for entry in &entries {
            let mut header = Vec::with_capacity(96);
            u32s(&mut header, &[CENTRAL]);
            u16s(&mut header, &[VERSION]);
            about(&mut header, entry)?;
            // No extra field, no comment, one disk, no attributes.
            u16s(&mut header, &[0, 0, 0, 0]);
            u32s(&mut header, &[0, length(entry.at)?]);
            header.extend_from_slice(entry.name.as_bytes());
            self.put(&header)?;
        }
        let count = u16::try_from(entries.len()).map_err(|_| too_large())?;
        let mut end = Vec::with_capacity(22);
        u32s(&mut end, &[END]);
        u16s(&mut end, &[0, 0, count, count]);
        u32s(&mut end, &[length(self.written - at)?, length(at)?]);
        u16s(&mut end, &[0]);
        self.put(&end)?;
        self.to.flush()
    }

    fn pack(&mut self, bytes: &[u8], flush: FlushCompress) -> io::Result<Status> {
        let status = self.compress.compress_vec(bytes, &mut self.buffer, flush).map_err(io::Error::other)?;
        if self.buffer.len() == self.buffer.capacity() {
            self.hand_on()?;
        }
        Ok(status)
    }

    fn hand_on(&mut self) -> io::Result<()> {
        let buffer = std::mem::take(&mut self.buffer);
        let put = self.put(&buffer);
        self.buffer = buffer;
        self.buffer.clear();
        put
    }

    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.to.write_all(bytes)?;
        self.written += bytes.len() as u64;
        Ok(())
    }
}

/// What the header before an entry and its line in the directory both say, up to the length of the name.
fn about(out: &mut Vec<u8>, entry: &Entry) -> io::Result<()> {
    u16s(out, &[VERSION, FLAGS, DEFLATED, MIDNIGHT, FIRST_DAY_OF_1980]);
    u32s(out, &[entry.crc, length(entry.packed)?, length(entry.plain)?]);
    u16s(out, &[u16::try_from(entry.name.len()).map_err(|_| too_large())?]);
    Ok(())
}

fn u16s(out: &mut Vec<u8>, values: &[u16]) {
    for value in values {
        out.extend_from_slice(&value.to_le_bytes());
    }
}

fn u32s(out: &mut Vec<u8>, values: &[u32]) {
    for value in values {
        out.extend_from_slice(&value.to_le_bytes());
    }
}

fn length(bytes: u64) -> io::Result<u32> {
    u32::try_from(bytes).map_err(|_| too_large())
}

/// More than the format can say.
fn too_large() -> io::Error {
    io::Error::from(io::ErrorKind::FileTooLarge)
}

#[cfg(test)]
pub(super) mod tests {
    use std::collections::BTreeMap;

    use flate2::{Decompress, FlushDecompress};

    use super::*;

    fn u16_at(bytes: &[u8], at: usize) -> usize {
        usize::from(u16::from_le_bytes(bytes[at..at + 2].try_into().unwrap()))
    }

    fn u32_at(bytes: &[u8], at: usize) -> usize {
        u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap()) as usize
    }

    /// What stands in the file, found from its end as every reader does; checksums and lengths are checked.
    pub(in crate::ledger) fn unpacked(file: &[u8]) -> BTreeMap<String, Vec<u8>> {
        let end = file.len() - 22;
        assert_eq!(u32_at(file, end), END as usize);
        let (count, mut at) = (u16_at(file, end + 10), u32_at(file, end + 16));
        assert_eq!(at + u32_at(file, end + 12), end, "the directory ends where the end begins");
        let mut parts = BTreeMap::new();
        for _ in 0..count {
            assert_eq!(u32_at(file, at), CENTRAL as usize);
            let (crc, packed, plain) = (u32_at(file, at + 16), u32_at(file, at + 20), u32_at(file, at + 24));
            let (name, local) = (u16_at(file, at + 28), u32_at(file, at + 42));
            let named = |from: usize| String::from_utf8(file[from..from + name].to_vec()).unwrap();
            assert_eq!(u32_at(file, local), LOCAL as usize);
            assert_eq!(named(at + 46), named(local + 30), "both headers name one entry");
            let bytes = &file[local + 30 + name..][..packed];
            let descriptor = local + 30 + name + packed;
            let said = [0, 4, 8, 12].map(|offset| u32_at(file, descriptor + offset));
            assert_eq!(said, [DESCRIPTOR as usize, crc, packed, plain]);
            let mut out = Vec::with_capacity(plain + 1);
            Decompress::new(false).decompress_vec(bytes, &mut out, FlushDecompress::Finish).unwrap();
            let mut sum = Crc::new();
            sum.update(&out);
            assert_eq!((out.len(), sum.sum() as usize), (plain, crc));
            assert!(parts.insert(named(at + 46), out).is_none(), "each name once");
            at += 46 + name;
        }
        parts
    }

    #[test]
    fn what_is_written_in_pieces_unpacks_whole() {
        let long: Vec<u8> = (0..300_000_u32).flat_map(|n| (n.wrapping_mul(2_654_435_761)).to_be_bytes()).collect();
        let mut file = Vec::new();
        let mut zip = Zip::new(&mut file);
        for (name, content) in [("empty", &b""[..]), ("short", b"a"), ("long", &long), ("again", b"a")] {
            zip.begin(name).unwrap();
            for piece in content.chunks(77_777) {
                zip.write(piece).unwrap();
            }
            zip.end().unwrap();
        }
        zip.finish().unwrap();
        let parts = unpacked(&file);
        assert_eq!(parts.len(), 4);
        assert_eq!((parts["empty"].len(), parts["short"].as_slice(), parts["again"].as_slice()), (0, &b"a"[..], &b"a"[..]));
        assert!(parts["long"] == long);
    }
}
