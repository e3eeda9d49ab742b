//! How an attachment lies on the phone: encrypted in chunks, each with its place, so that a film is never in memory whole and
//! a part of it can be read alone.
//!
//! XChaCha20-Poly1305 in the STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár 2015): the nonce is a random prefix a
//! file, the chunk's number, and whether it is the last. Chunks can't be swapped, repeated, left out or cut off unnoticed.
//! The key is the host's; this module never makes one, and draws no randomness: the prefix is an argument.

use chacha20poly1305::aead::{AeadInOut as _, KeyInit as _};
use chacha20poly1305::{Tag, XChaCha20Poly1305, XNonce};

/// Plain bytes of a chunk: what reading the smallest part costs, and a hundredth of a photo.
pub const CHUNK: usize = 64 << 10;
/// Bytes that sealing adds to each chunk.
const TAG: usize = 16;
/// Bytes of the random prefix: what the nonce's 24 leave beside a number and a mark.
pub const PREFIX: usize = 19;
/// Says what the file is, and the form it has.
const MAGIC: [u8; 5] = *b"door\x01";
/// Bytes before the first chunk.
pub const HEADER: usize = MAGIC.len() + PREFIX;
/// Most chunks of a file: 4 GiB in all, far below where numbers would repeat.
const CHUNKS_MAX: u64 = 1 << 16;

/// The key under which a phone's attachments lie on its disk: 32 random bytes that the host keeps, away from the files.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct AttachmentKey([u8; 32]);

impl AttachmentKey {
    /// The key with these bytes.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl std::fmt::Debug for AttachmentKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AttachmentKey")
    }
}

/// Sealed bytes that do not open: another key, or not what was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the sealed bytes do not open")]
pub struct SealError;

/// Whole chunks in a file of so many bytes that is still being written.
pub const fn whole_chunks(sealed: u64) -> u64 {
    sealed.saturating_sub(HEADER as u64) / (CHUNK + TAG) as u64
}

/// Bytes of the file that keeps so many plain ones.
pub const fn sealed_length(plain: u64) -> u64 {
    HEADER as u64 + plain + chunks(plain) * TAG as u64
}

/// Where chunk `number` of a file of so many plain bytes lies: its place and its length, tag included. None behind the last.
pub fn sealed_chunk_at(number: u64, plain: u64) -> Option<(u64, usize)> {
    if number >= chunks(plain) {
        return None;
    }
    let left = plain - number * CHUNK as u64;
    let length = usize::try_from(left.min(CHUNK as u64)).ok()? + TAG;
    Some((HEADER as u64 + number * (CHUNK + TAG) as u64, length))
}

/// Chunks of a file; an empty one has one, empty.
const fn chunks(plain: u64) -> u64 {
    let full = plain.div_ceil(CHUNK as u64);
    if full == 0 { 1 } else { full }
}

fn nonce(prefix: [u8; PREFIX], number: u64, last: bool) -> Result<XNonce, SealError> {
    let number = u32::try_from(number).ok().filter(|number| u64::from(*number) < CHUNKS_MAX).ok_or(SealError)?;
    let mut nonce = [0; 24];
    let (at, rest) = nonce.split_at_mut(PREFIX);
    at.copy_from_slice(&prefix);
    let (count, mark) = rest.split_at_mut(4);
    count.copy_from_slice(&number.to_be_bytes());
    mark.copy_from_slice(&[u8::from(last)]);
    Ok(nonce.into())
}

fn prefix_of(header: &[u8; HEADER]) -> Result<[u8; PREFIX], SealError> {
    header.strip_prefix(&MAGIC).and_then(|prefix| prefix.try_into().ok()).ok_or(SealError)
}

/// Seals a file from its beginning to its end.
pub struct Sealing {
    cipher: XChaCha20Poly1305,
    prefix: [u8; PREFIX],
    number: u64,
}

impl Sealing {
    /// Under this key, with a prefix that was never used before.
    pub fn new(key: &AttachmentKey, prefix: [u8; PREFIX]) -> Self {
        Self { cipher: XChaCha20Poly1305::new(&key.0.into()), prefix, number: 0 }
    }

    /// Goes on with a file that has this header and so many whole chunks.
    pub fn resume(key: &AttachmentKey, header: &[u8; HEADER], number: u64) -> Result<Self, SealError> {
        Ok(Self { number, ..Self::new(key, prefix_of(header)?) })
    }

    /// What stands before the first chunk.
    pub fn header(&self) -> [u8; HEADER] {
        let mut header = [0; HEADER];
        let (magic, prefix) = header.split_at_mut(MAGIC.len());
        magic.copy_from_slice(&MAGIC);
        prefix.copy_from_slice(&self.prefix);
        header
    }

    /// Seals the next chunk in place and puts its tag behind it. All chunks but the last have [`CHUNK`] bytes.
    pub fn chunk(&mut self, chunk: &mut Vec<u8>, last: bool) -> Result<(), SealError> {
        if chunk.len() > CHUNK || (!last && chunk.len() != CHUNK) {
            return Err(SealError);
        }
        let nonce = nonce(self.prefix, self.number, last)?;
        let tag = self.cipher.encrypt_inout_detached(&nonce, &MAGIC, chunk.as_mut_slice().into()).map_err(|_| SealError)?;
        chunk.extend_from_slice(&tag);
        self.number += 1;
        Ok(())
    }
}

/// Opens chunks of a sealed file, in any order.
pub struct Opening {
    cipher: XChaCha20Poly1305,
    prefix: [u8; PREFIX],
    chunks: u64,
}

impl Opening {
    /// Of a file with this header and so many plain bytes.
    pub fn new(key: &AttachmentKey, header: &[u8; HEADER], plain: u64) -> Result<Self, SealError> {
        Ok(Self { cipher: XChaCha20Poly1305::new(&key.0.into()), prefix: prefix_of(header)?, chunks: chunks(plain) })
    }

    /// Opens chunk `number` in place and takes its tag away.
    pub fn chunk(&self, number: u64, chunk: &mut Vec<u8>) -> Result<(), SealError> {
        let plain = chunk.len().checked_sub(TAG).ok_or(SealError)?;
        let tag = Tag::try_from(chunk.get(plain..).unwrap_or_default()).map_err(|_| SealError)?;
        chunk.truncate(plain);
        let nonce = nonce(self.prefix, number, number + 1 == self.chunks)?;
        self.cipher.decrypt_inout_detached(&nonce, &MAGIC, chunk.as_mut_slice().into(), &tag).map_err(|_| {
            chunk.clear();
            SealError
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: AttachmentKey = AttachmentKey::from_bytes([7; 32]);

    fn seal(plain: &[u8]) -> Vec<u8> {
        let mut sealing = Sealing::new(&KEY, [3; PREFIX]);
        let mut file = sealing.header().to_vec();
        let all: Vec<&[u8]> = if plain.is_empty() { vec![&[]] } else { plain.chunks(CHUNK).collect() };
        for (at, chunk) in all.iter().enumerate() {
            let mut chunk = chunk.to_vec();
            sealing.chunk(&mut chunk, at + 1 == all.len()).unwrap();
            file.extend(chunk);
        }
        file
    }

    fn open(key: &AttachmentKey, file: &[u8], plain: u64) -> Result<Vec<u8>, SealError> {
        let header = file.get(..HEADER).and_then(|header| header.try_into().ok()).ok_or(SealError)?;
        let opening = Opening::new(key, header, plain)?;
        let mut all = Vec::new();
        for number in 0.. {
            let Some((at, length)) = sealed_chunk_at(number, plain) else { return Ok(all) };
            let at = usize::try_from(at).unwrap();
            let mut chunk = file.get(at..at + length).ok_or(SealError)?.to_vec();
            opening.chunk(number, &mut chunk)?;
            all.extend(chunk);
        }
        Ok(all)
    }

    fn bytes(length: usize) -> Vec<u8> {
        (0..length).map(|at| u8::try_from(at * 31 % 251).unwrap()).collect()
    }

    #[test]
    fn what_was_sealed_opens_as_it_was_at_every_length_around_a_chunk() {
        for length in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 2 * CHUNK + 5] {
            let plain = bytes(length);
            let file = seal(&plain);
            assert_eq!(file.len() as u64, sealed_length(length as u64));
            assert_eq!(open(&KEY, &file, length as u64), Ok(plain), "{length}");
        }
    }

    #[test]
    fn nothing_of_the_plain_bytes_stands_in_the_file() {
        let plain = b"GPS 30.27N 120.16E ".repeat(9_000);
        let file = seal(&plain);
        assert!(!file.windows(12).any(|window| window == &plain[..12]));
    }

    #[test]
    fn a_changed_swapped_cut_or_foreign_file_does_not_open() {
        let plain = bytes(3 * CHUNK);
        let file = seal(&plain);
        let length = plain.len() as u64;
        assert_eq!(open(&AttachmentKey::from_bytes([8; 32]), &file, length), Err(SealError));
        for at in [0, 6, HEADER, HEADER + CHUNK, file.len() - 1] {
            let mut other = file.clone();
            other[at] ^= 1;
            assert_eq!(open(&KEY, &other, length), Err(SealError), "byte {at}");
        }
        let (step, mut swapped) = (CHUNK + TAG, file.clone());
        let first = swapped[HEADER..HEADER + step].to_vec();
        swapped.copy_within(HEADER + step..HEADER + 2 * step, HEADER);
        swapped[HEADER + step..HEADER + 2 * step].copy_from_slice(&first);
        assert_eq!(open(&KEY, &swapped, length), Err(SealError));
        // Cut after a whole chunk, and its length said to be so: the chunk now last was not sealed as the last.
        assert_eq!(open(&KEY, &file[..HEADER + 2 * step], 2 * CHUNK as u64), Err(SealError));
    }
}
