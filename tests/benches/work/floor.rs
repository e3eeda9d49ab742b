//! Floors: what the disk and the libraries cost by themselves, in the same run.

use std::io::Write as _;
use std::path::Path;
use std::time::Instant;

/// Milliseconds (median) of one append of 1 KiB and its fsync.
pub(crate) fn fsync(dir: &Path, times: usize) -> f64 {
    let mut file = std::fs::File::create(dir.join("floor.fsync")).expect("file");
    let mut taken = Vec::new();
    for _ in 0..times {
        let begun = Instant::now();
        file.write_all(&[7; 1024]).expect("write");
        file.sync_data().expect("fsync");
        taken.push(begun.elapsed().as_secs_f64() * 1e3);
    }
    median(taken)
}

/// Milliseconds (median) to send the bytes of a pulled phone through zstd (both ways) into a bare SQLite table with the
/// phone's settings, a hundred documents a transaction.
pub(crate) fn zstd_into_sqlite(phone: &Path, dir: &Path, runs: usize) -> f64 {
    let source = rusqlite::Connection::open_with_flags(phone, rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY).expect("open");
    let mut rows =
        source.prepare("SELECT saved.doc, saved.bytes, list_row.record FROM saved JOIN list_row USING (doc)").expect("prepare");
    let documents: Vec<(Vec<u8>, Vec<u8>, Vec<u8>)> = rows
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .expect("query")
        .map(|row| row.expect("row"))
        .collect();
    let mut taken = Vec::new();
    for run in 0..runs {
        let path = dir.join(format!("floor-{run}.db"));
        let begun = Instant::now();
        let mut to = rusqlite::Connection::open(&path).expect("open");
        to.execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
             CREATE TABLE doc (id BLOB PRIMARY KEY, bytes BLOB, row BLOB) WITHOUT ROWID;",
        )
        .expect("begin");
        let mut squeeze = zstd::Encoder::new(Vec::new(), 3).expect("zstd");
        for (id, bytes, row) in &documents {
            for part in [id, bytes, row] {
                squeeze.write_all(part).expect("squeeze");
            }
        }
        let squeezed = squeeze.finish().expect("squeeze");
        let plain = zstd::decode_all(squeezed.as_slice()).expect("unsqueeze");
        let mut at = 0;
        let mut take = |n: usize| {
            at += n;
            &plain[at - n..at]
        };
        for hundred in documents.chunks(100) {
            let transaction = to.transaction().expect("transaction");
            {
                let mut insert = transaction.prepare_cached("INSERT INTO doc VALUES (?, ?, ?)").expect("prepare");
                for (id, bytes, row) in hundred {
                    insert.execute((take(id.len()), take(bytes.len()), take(row.len()))).expect("insert");
                }
            }
            transaction.commit().expect("commit");
        }
        taken.push(begun.elapsed().as_secs_f64() * 1e3);
    }
    median(taken)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
