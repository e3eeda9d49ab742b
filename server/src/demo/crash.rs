//! The two kills of the story: a phone in the middle of a tap, the server in the middle of a push.
//!
//! Both are real processes ended by SIGKILL. The phone's stops itself inside the tap's transaction and is killed there; the
//! server is killed with half of a push received, and again when it has stored a push and the answer is on its way.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use clap::Args;
use doorstep_core::environment::{Request, Response, Transport, TransportError};
use doorstep_core::host::HttpTransport;
use doorstep_core::id::{DocId, DocKind};
use doorstep_core::row::Row;
use doorstep_core::store::{ChangeRecord, Options as StoreOptions, Step, Store, Tap};
use doorstep_core::time::Hlc;

use super::cast::{World, look_into, stopped};
use super::server::ServerProcess;
use crate::words::Said;

/// What the victim says when it stands in the middle of its transaction.
const IN_THE_MIDDLE: &str = "in the middle of a tap";

/// The process that is killed.
#[derive(Debug, Args)]
pub struct VictimOptions {
    /// The phone's database.
    db: PathBuf,
}

/// Begins a tap, and stops where everything is written and nothing is durable. Never returns unless the store refuses.
pub fn be_killed_in_the_middle_of_a_tap(options: &VictimOptions) -> Result<(), Said> {
    let cannot = |cause: &dyn std::fmt::Display| stopped("无法开始", "can't begin", cause);
    let stop_here = StoreOptions {
        on_step: Some(Box::new(|step| {
            if step == Step::BeforeCommit {
                println!("{IN_THE_MIDDLE}");
                let _ = std::io::stdout().flush();
                std::thread::sleep(Duration::from_mins(1));
            }
        })),
        ..StoreOptions::default()
    };
    let mut store = Store::open(&options.db, stop_here).map_err(|cause| cannot(&cause))?;
    let doc = DocId::from_bytes(*b"half a case .. !");
    let change = ChangeRecord {
        hash: doorstep_core::id::ChangeHash::from_bytes([7; 32]),
        actor: doorstep_core::id::ActorId::from_bytes([7; 16]),
        seq: 1,
        bytes: b"never durable".to_vec(),
    };
    let row = Row::unreadable(doc, DocKind::Case);
    let tap = Tap {
        doc,
        kind: DocKind::Case,
        change: &change,
        command: b"",
        row: &row,
        hlc: Hlc(1),
        bundles: &[],
        clear_ceremony: false,
    };
    store.tap(&tap).map_err(|cause| cannot(&cause))
}

/// Kills a phone in the middle of a tap, and switches it on again.
pub(super) fn kill_a_phone(world: &mut World, id: &'static str) -> Result<(), Said> {
    let cannot = |cause: std::io::Error| stopped("无法开始", "can't begin", &cause);
    let waiting = world.device(id)?.pending().map_err(|error| world.unexpected(id, &error))?.counts.waiting;
    world.take(id)?;
    let db = world.phone(id)?.dir.join("phone.db");
    let mut victim = Command::new(std::env::current_exe().map_err(cannot)?)
        .arg("demo-victim")
        .arg(db)
        .stdout(Stdio::piped())
        .spawn()
        .map_err(cannot)?;
    let mut line = String::new();
    if let Some(stdout) = victim.stdout.take() {
        BufReader::new(stdout).read_line(&mut line).map_err(cannot)?;
    }
    victim.kill().map_err(cannot)?;
    victim.wait().map_err(cannot)?;
    if line.trim() != IN_THE_MIDDLE {
        return Err(Said::new("手机没有停在操作中间", "the phone did not stop in the middle of its tap"));
    }
    let after = look_into(world.phone(id)?)?;
    world.hand_back(id)?;
    if after != waiting {
        return Err(Said::new("断电前的记录少了", "work recorded before the kill is missing"));
    }
    world.say(
        &format!("  ⚡ 操作到一半，手机断电（kill -9）。重新开机：之前的 {after} 条都在，没有半条"),
        &format!("  ⚡ the phone dies in the middle of a tap (kill -9). Switched on again: all {after} changes from before are there, no half one"),
    );
    Ok(())
}

/// When the server is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Moment {
    HalfReceived,
    Answered,
}

/// The phone's way to a server that is killed twice.
struct Doomed<'a> {
    server: &'a mut ServerProcess,
    wire: HttpTransport,
    /// The kills to come, the last first.
    kills: Vec<Moment>,
    failed: Option<Said>,
}

struct Shared<'a>(Mutex<Doomed<'a>>);

impl<'a> Shared<'a> {
    fn lock(&self) -> MutexGuard<'_, Doomed<'a>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Transport for Shared<'_> {
    fn send(&self, request: &Request) -> Result<Response, TransportError> {
        let mut doomed = self.lock();
        let moment = if request.path.ends_with("/push") { doomed.kills.pop() } else { None };
        match moment {
            None => return doomed.wire.send(request),
            Some(Moment::HalfReceived) => send_half(doomed.server.port(), request),
            Some(Moment::Answered) => drop(doomed.wire.send(request)),
        }
        doomed.server.kill();
        doomed.failed = doomed.server.restart().err().or(doomed.failed.take());
        Err(TransportError::Unreachable)
    }

    fn pause(&self, _ms: u64) {
        std::thread::sleep(Duration::from_millis(20));
    }

    fn on_wire(&self) -> Option<(u64, u64)> {
        self.lock().wire.on_wire()
    }
}

/// The head and half of the body, by hand: an HTTP client would not stop there.
fn send_half(port: u16, request: &Request) {
    let half = request.body.get(..request.body.len() / 2).unwrap_or_default();
    let mut head = format!("POST {} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: {}\r\n", request.path, request.body.len());
    for (name, value) in &request.headers {
        for part in [*name, ": ", value.as_str(), "\r\n"] {
            head.push_str(part);
        }
    }
    head.push_str("\r\n");
    if let Ok(mut stream) = TcpStream::connect(("127.0.0.1", port)) {
        // Whether it arrives or not, the server is about to die.
        let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(half));
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Kills the server in the middle of a phone's push, twice, and goes on.
pub(super) fn kill_the_server(world: &mut World, id: &'static str) -> Result<(), Said> {
    let wire = world.transport()?;
    let waiting = world.device(id)?.pending().map_err(|error| world.unexpected(id, &error))?.counts.waiting;
    let (report, failed) = world.with_server(id, |device, server| {
        let kills = vec![Moment::Answered, Moment::HalfReceived];
        let shared = Shared(Mutex::new(Doomed { server, wire, kills, failed: None }));
        let report = device.sync(&shared);
        (report, shared.0.into_inner().unwrap_or_else(PoisonError::into_inner).failed)
    })?;
    if let Some(said) = failed {
        return Err(said);
    }
    let report = report.map_err(|error| world.unexpected(id, &error))?;
    world.count(id, &report)?;
    let left = world.device(id)?.pending().map_err(|error| world.unexpected(id, &error))?.counts;
    let arrived = report.verdicts.stored + report.verdicts.known;
    if left.waiting != 0 || left.set_aside != 0 || arrived != waiting {
        return Err(stopped("推送没有完成", "the push did not arrive", &report.outcome.code()));
    }
    let known = report.verdicts.known;
    world.say(
        &format!("  ⚡ 上传到一半，服务器断电（kill -9）；重启后再断一次，这次答复丢在路上。手机自己重试：{arrived} 条全部到达，其中 {known} 条服务器已有，没有重复"),
        &format!("  ⚡ the server dies with half a push received (kill -9), and again after storing it, its answer lost. The phone tries again by itself: all {arrived} changes are there, {known} of them known already, none twice"),
    );
    Ok(())
}
