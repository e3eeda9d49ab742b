//! A worker of the guard that can be put through things: a change that carries one of these words makes it loop, die, fill
//! its memory or its stack, or fall silent. Otherwise the real one. Tests give it to their servers; nobody else runs it.

use std::process::ExitCode;

use doorstep_tests::forge::tried;

fn main() -> ExitCode {
    doorstep_server::worker::be_one_that(|change| {
        let says = |word: &str| change.windows(word.len()).any(|bytes| bytes == word.as_bytes());
        if says(tried::LOOP) {
            loop {
                std::hint::black_box(change);
            }
        }
        if says(tried::DIE) {
            std::process::abort();
        }
        if says(tried::BOMB) {
            // What the first look at a change keeps from ever getting here.
            let mut document = automerge::Automerge::new();
            if let Ok(bomb) = automerge::Change::try_from(tried::bomb().as_slice()) {
                let _ = document.apply_changes([bomb]);
            }
        }
        if says(tried::FILL) {
            std::hint::black_box((0..1_024).map(|_| vec![1_u8; 1 << 20]).collect::<Vec<_>>());
        }
        if says(tried::DEEP) {
            std::hint::black_box(deeper(0));
        }
        if says(tried::SILENT) {
            std::thread::sleep(std::time::Duration::from_mins(10));
        }
    })
}

/// Uses up the stack, whatever its size.
fn deeper(depth: u64) -> u64 {
    let here = std::hint::black_box([depth; 64]);
    if depth == u64::MAX { 0 } else { deeper(depth + 1).wrapping_add(here[7]) }
}
