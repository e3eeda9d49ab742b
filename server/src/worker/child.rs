//! A worker: this same program with another main function. It reads questions, answers them, and limits itself first.
//!
//! It opens no file and no socket and writes nothing but answers: no core dump and no panic message could carry what people
//! wrote. It ends when the server closes its standard input; should the server be killed while it computes, its limit of
//! processor time ends it.

use std::collections::HashMap;
use std::io;
use std::process::ExitCode;
use std::sync::Arc;

use doorstep_core::directory::Directory;
use doorstep_core::document::guard;
use doorstep_core::id::Digest;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use rustix::time::{ClockId, clock_gettime};
use serde_bytes::ByteBuf;

use super::frames::{self, Answer, Ask};
use super::tray::{Judged, Opening, Tray};

/// Bytes of data a worker may hold. The largest document takes 80 MB once loaded (`document::file`), and a trial holds four at
/// a time: before, at the change's past, with the change, and loaded back.
#[cfg(target_os = "linux")]
const DATA_MAX: u64 = 512 << 20;
/// Bytes of address space, with the program and what the allocator only reserves.
#[cfg(target_os = "linux")]
const SPACE_MAX: u64 = 2 << 30;
/// Processor time for one question, seconds, of which the system counts whole ones; a change takes a millisecond.
const SECONDS_MAX: u64 = 2;
/// Stack, bytes. Nothing here recurses by what a change says; whatever did would end here and not in the server.
const STACK: usize = 2 << 20;
/// Exit code of a worker that could not limit itself, or was told nonsense.
const UNUSABLE: u8 = 3;

/// Is a worker until its standard input ends.
pub fn be_one() -> ExitCode {
    be_one_that(|_| ())
}

/// The same; does something with each change's bytes first. For tests of what a worker may be put through.
pub fn be_one_that(before: impl Fn(&[u8]) + Send + 'static) -> ExitCode {
    // Panics are caught and become a code; their messages may quote what people wrote.
    std::panic::set_hook(Box::new(|_| ()));
    if limit().is_err() {
        return ExitCode::from(UNUSABLE);
    }
    let working = std::thread::Builder::new().stack_size(STACK).spawn(move || work(&before));
    match working.map(std::thread::JoinHandle::join) {
        Ok(Ok(Ok(()))) => ExitCode::SUCCESS,
        _ => ExitCode::from(UNUSABLE),
    }
}

fn limit() -> io::Result<()> {
    let most = |resource, most| {
        let hard = getrlimit(resource).maximum.map_or(most, |hard| hard.min(most));
        setrlimit(resource, Rlimit { current: Some(hard), maximum: Some(hard) })
    };
    most(Resource::Core, 0)?;
    #[cfg(target_os = "linux")]
    {
        most(Resource::Data, DATA_MAX)?;
        most(Resource::As, SPACE_MAX)?;
    }
    Ok(())
}

/// Processor time, of which each question gets its share anew.
struct Allowance {
    ends: u64,
}

impl Allowance {
    fn renew(&mut self) -> io::Result<()> {
        let used = u64::try_from(clock_gettime(ClockId::ProcessCPUTime).tv_sec).unwrap_or(u64::MAX);
        let ends = used.saturating_add(1 + SECONDS_MAX);
        if ends != self.ends {
            let maximum = getrlimit(Resource::Cpu).maximum;
            setrlimit(Resource::Cpu, Rlimit { current: Some(maximum.map_or(ends, |most| most.min(ends))), maximum })?;
            self.ends = ends;
        }
        Ok(())
    }
}

fn work(before: &dyn Fn(&[u8])) -> io::Result<()> {
    let mut questions = io::BufReader::new(io::stdin().lock());
    let mut answers = io::stdout().lock();
    let mut directory: Option<Arc<Directory>> = None;
    let mut tray: Option<Box<dyn Tray>> = None;
    let mut allowance = Allowance { ends: 0 };
    while let Some(ask) = frames::read(&mut questions)? {
        allowance.renew()?;
        let answer = match ask {
            Ask::Directory { bytes } => {
                directory = Some(Arc::new(frames::record(&bytes)?));
                continue;
            }
            Ask::Open { person, now, doc, kind, file, bundles, keys, unfit } => {
                let directory = directory.clone().ok_or(io::ErrorKind::InvalidData)?;
                let (bundles, keys) = (bundles.into_iter().collect(), keys.into_iter().collect());
                let (file, unfit) = (file.map(ByteBuf::into_vec), unfit.into_iter().collect());
                let opening = Opening { directory, person, now, doc, kind, file, bundles, keys, unfit };
                tray = Some(<dyn Tray>::open(opening));
                Answer::Open
            }
            Ask::Change { bytes, bundles, may_ask } => {
                before(&bytes);
                let tray = tray.as_mut().ok_or(io::ErrorKind::InvalidData)?;
                let bundles: HashMap<Digest, ByteBuf> = bundles.into_iter().collect();
                // The server has looked at it already; what is applied is what was looked at here.
                Answer::Judged(match guard::inspect(&bytes) {
                    Ok(header) => tray.judge(&header, &|digest| bundles.get(digest).map(|bytes| bytes.as_slice()), may_ask),
                    Err(error) => Judged::from(error),
                })
            }
            Ask::Save => Answer::Saved(tray.as_ref().and_then(|tray| tray.save()).map(ByteBuf::from)),
        };
        frames::write(&mut answers, &answer)?;
    }
    Ok(())
}
