//! What a damaged encrypted store still holds, as a plain database in memory: SQLCipher refuses every page once one did not fit, so
//! the pages are opened here one by one, and one that does not fit becomes zeros, which SQLite takes for damage of that page
//! alone. Nothing plain is ever written to the disk.
//!
//! The log's committed pages come over the file's, as SQLite would read them. Source: SQLite's "Database File Format", section 4.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;

use rusqlite::Connection;

use super::StoreError;
use super::files::beside;
use super::key::DatabaseKey;
use super::pages::{PAGE, Pages};

/// Most pages that are read: 1 GiB, more than a phone's store has.
const PAGES_MAX: usize = 1 << 18;
/// Where the first page says by which journal it is written and read: memory knows no log.
const JOURNAL_VERSIONS: std::ops::Range<usize> = 18..20;
const LOG_HEADER: usize = 32;
const FRAME_HEADER: usize = 24;
/// The log's first bytes; with the last bit, its sums are over numbers written big end first.
const LOG_MAGIC: u32 = 0x377f_0682;

/// Opens what is left of the database at `path`, log included.
///
/// # Errors
/// [`StoreError::WrongKey`]: not one page is under this key. The disk's.
pub(super) fn open(path: &Path, key: &DatabaseKey) -> Result<Connection, StoreError> {
    let pages = Pages::new(key);
    let mut image = Vec::new();
    let mut sound = 0_usize;
    let mut take = |image: &mut Vec<u8>, number: u32, sealed: &[u8; PAGE]| {
        let from = (number as usize - 1) * PAGE;
        if image.len() < from + PAGE {
            image.resize(from + PAGE, 0);
        }
        let opened = pages.open(number, sealed);
        sound += usize::from(opened.is_some());
        image[from..from + PAGE].copy_from_slice(opened.as_ref().map_or(&[0; PAGE][..], |page| &page[..]));
    };
    let mut file = File::open(path).map_err(|_| StoreError::Unopenable)?;
    let mut sealed = [0; PAGE];
    let mut number = 0;
    while (number as usize) < PAGES_MAX && fill(&mut file, &mut sealed)? {
        number += 1;
        take(&mut image, number, &sealed);
    }
    if let Some((pages, count)) = committed(&beside(path, "-wal"))? {
        for (number, sealed) in &pages {
            take(&mut image, *number, sealed);
        }
        image.resize(count as usize * PAGE, 0);
    }
    if sound == 0 {
        return Err(StoreError::WrongKey);
    }
    if let Some(versions) = image.get_mut(JOURNAL_VERSIONS) {
        versions.fill(1);
    }
    let mut connection = Connection::open_in_memory()?;
    connection.deserialize_read_exact("main", image.as_slice(), image.len(), false)?;
    Ok(connection)
}

/// The next `buffer.len()` bytes; false at the end, or before a piece that is shorter.
fn fill(file: &mut File, buffer: &mut [u8]) -> Result<bool, StoreError> {
    match file.read_exact(buffer) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(false),
        Err(_) => Err(StoreError::Disk),
    }
}

/// The pages that the log has committed, and how many the database has by then.
type Committed = (BTreeMap<u32, Box<[u8; PAGE]>>, u32);

fn committed(log: &Path) -> Result<Option<Committed>, StoreError> {
    let mut file = match File::open(log) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(_) => return Err(StoreError::Disk),
    };
    let mut header = [0; LOG_HEADER];
    if !fill(&mut file, &mut header)? || word(&header, 0) & !1 != LOG_MAGIC || word(&header, 8) as usize != PAGE {
        return Ok(None);
    }
    let big_end_first = word(&header, 0) & 1 == 1;
    let mut sums = sum((0, 0), &header[..24], big_end_first);
    if sums != (word(&header, 24), word(&header, 28)) {
        return Ok(None);
    }
    let (mut pages, mut pending, mut count) = (BTreeMap::new(), BTreeMap::new(), 0);
    let mut frame = [0; FRAME_HEADER];
    let mut page = Box::new([0; PAGE]);
    while fill(&mut file, &mut frame)? && fill(&mut file, &mut page[..])? {
        sums = sum(sum(sums, &frame[..8], big_end_first), &page[..], big_end_first);
        let number = word(&frame, 0);
        // Behind the last frame of this log lie those of an earlier one, or what a power cut left.
        if frame[8..16] != header[16..24] || sums != (word(&frame, 16), word(&frame, 20)) {
            break;
        }
        if number == 0 || number as usize > PAGES_MAX {
            break;
        }
        pending.insert(number, page.clone());
        let after = word(&frame, 4);
        if after > 0 && after as usize <= PAGES_MAX {
            pages.append(&mut pending);
            count = after;
        }
    }
    Ok((count > 0).then_some((pages, count)))
}

/// The log's sum, gone on with over a multiple of eight bytes.
fn sum(sums: (u32, u32), bytes: &[u8], big_end_first: bool) -> (u32, u32) {
    let number = |four: &[u8]| {
        let four = <[u8; 4]>::try_from(four).unwrap_or_default();
        if big_end_first { u32::from_be_bytes(four) } else { u32::from_le_bytes(four) }
    };
    bytes.chunks_exact(8).fold(sums, |(first, second), eight| {
        let first = first.wrapping_add(number(&eight[..4])).wrapping_add(second);
        (first, second.wrapping_add(number(&eight[4..])).wrapping_add(first))
    })
}

fn word(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..at + 4).and_then(|four| four.try_into().ok()).map_or(0, u32::from_be_bytes)
}
