//! Kills the real programs at random moments, again and again: the server while phones push and pull, phones while they
//! record and sync. What was acknowledged, in a journal that the killer keeps, must be there each time.
//!
//! `cargo run -p doorstep-tests --bin kill -- --kills 500` (build the workspace first: it starts the `doorstep` beside it)
#![expect(clippy::expect_used, clippy::panic, reason = "a harness: what does not hold here must stop it")]

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::{Cursor, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use clap::Parser;
use doorstep_core::case::Event;
use doorstep_core::device::{Device, Host};
use doorstep_core::document::Document;
use doorstep_core::environment::{Clock as _, Request, Response, Transport, TransportError};
use doorstep_core::host::{Folder, HttpOptions, HttpTransport, SoftwareSigner, SystemClock, SystemEntropy};
use doorstep_core::id::{ChangeHash, DocId, DocKind};
use doorstep_core::store::{Options, PAGE_MAX, Query, Store};
use doorstep_core::sync::wire::{PATH_PUSH, PushAnswer, Verdict};
use doorstep_core::words::Lang;
use doorstep_server::enrol::{CODE_MS, Minted, digest};
use doorstep_server::store::{FILE, NewCode, Store as ServerStore};
use doorstep_tests::process::{self, Served};
use doorstep_tests::scenes;
use doorstep_tests::seed::Seeded;
use indicatif::{ProgressBar, ProgressStyle};
use rusqlite::{Connection, OpenFlags};

/// Who works, one phone each.
const PEOPLE: [&str; 3] = ["w-ncg-1", "w-ncg-2", "lead-ncg"];
/// Notes of one case before the next is begun.
const NOTES: usize = 20;
/// Longest time that the server lives, milliseconds.
const LIFE_MS: usize = 150;

/// Kills the real programs at random moments.
#[derive(Parser)]
struct Asked {
    /// How many kills of each program.
    #[arg(long, default_value_t = 500)]
    kills: u64,
    /// What decides the moments.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The program; the one beside this one, if not given.
    #[arg(long)]
    program: Option<PathBuf>,
}

/// What was acknowledged and must be there.
type Journal = Arc<Mutex<BTreeSet<(DocId, ChangeHash)>>>;

/// What one kind of kills came to.
struct Tally {
    what: &'static str,
    kills: u64,
    /// Of those, while something was under way that nobody had been told of.
    in_the_middle: u64,
    acknowledged: usize,
    lost: Vec<String>,
    took: Duration,
}

fn main() -> ExitCode {
    let asked = Asked::parse();
    let program = process::doorstep(asked.program.clone());
    let tallies = [servers(&program, &asked), phones(&program, &asked)];
    println!("{:<18}{:>8}{:>16}{:>15}{:>8}{:>9}", "", "kills", "in the middle", "acknowledged", "lost", "time");
    for tally in &tallies {
        let Tally { what, kills, in_the_middle, acknowledged, lost, took } = tally;
        println!("{what:<18}{kills:>8}{in_the_middle:>16}{acknowledged:>15}{:>8}{:>7.1} s", lost.len(), took.as_secs_f64());
        lost.iter().take(5).for_each(|what| println!("  {what}"));
    }
    if tallies.iter().all(|tally| tally.lost.is_empty()) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn progress(kills: u64, what: &'static str) -> ProgressBar {
    let bar = ProgressBar::new(kills);
    let style = "{elapsed_precise} {wide_bar} {pos}/{len} kills of {msg}, {eta} to go";
    bar.set_style(ProgressStyle::with_template(style).expect("a template"));
    bar.set_message(what);
    bar
}

/// A new database with the sample's people, and a code for each.
fn found(data: &Path) -> Vec<(String, String)> {
    let (entropy, now) = (SystemEntropy::new().expect("entropy"), SystemClock.now());
    let directory = doorstep_server::admin::sample().expect("the sample is good");
    let store = ServerStore::create(data, &directory, &entropy, now).expect("a new database");
    let code = |person: &str| {
        let minted = Minted::new(&entropy);
        let hash = |code: &str| digest(code).expect("a code");
        let (hash_long, hash_short) = (hash(&minted.secret), hash(&minted.typed));
        let person_id = person.parse().expect("a slug of the sample");
        let code = NewCode { hash_long, hash_short, person: person_id, expires: now.plus_ms(CODE_MS) };
        store.put_code(code, now).expect("the code is stored");
        (person.to_owned(), minted.typed)
    };
    PEOPLE.map(code).to_vec()
}

/// The device in this folder.
fn device(home: &Path) -> Device {
    let entropy = SystemEntropy::new().expect("entropy");
    let folder = Folder::open(home).expect("a folder");
    let host = Host {
        clock: Arc::new(SystemClock),
        installation: folder.installation(&entropy).expect("an installation"),
        signer: Arc::new(SoftwareSigner::load_or_create(&folder.key(), &entropy).expect("a key")),
        entropy: Arc::new(entropy),
        lang: Lang::Zh,
    };
    Device::open(&folder.store(), Options::default(), host).expect("the phone opens")
}

fn enrolled(home: &Path, server: &Served, code: &str) -> Device {
    let device = device(home);
    let wire = wire(server);
    device.enrol(&wire, code, &server.address(), "一部手机").expect("enrolled");
    device.sync(&wire).expect("a first sync");
    device
}

fn wire(server: &Served) -> HttpTransport {
    HttpTransport::new(&server.address(), &HttpOptions::default()).expect("a loopback address")
}

/// The way to the server; it writes down what the server says is stored.
struct Noting {
    wire: HttpTransport,
    journal: Journal,
    /// Pushes whose answer has not come.
    under_way: Arc<AtomicU64>,
}

impl Transport for Noting {
    fn send(&self, request: &Request) -> Result<Response, TransportError> {
        if request.path != PATH_PUSH {
            return self.wire.send(request);
        }
        self.under_way.fetch_add(1, Ordering::SeqCst);
        let answered = self.wire.send(request).and_then(|mut answer| {
            let mut body = Vec::new();
            answer.body.read_to_end(&mut body).map_err(|_| TransportError::Unreachable)?;
            Ok(Response { body: Box::new(Cursor::new(body.clone())), ..answer }).map(|answer| (answer, body))
        });
        self.under_way.fetch_sub(1, Ordering::SeqCst);
        let (answer, body) = answered?;
        if let Ok(answer) = minicbor_serde::from_slice::<PushAnswer>(&body) {
            let stored = |verdict: &Verdict| matches!(verdict, Verdict::Stored { .. } | Verdict::Known { .. });
            let told = answer.verdicts.into_iter().filter(|one| stored(&one.verdict)).map(|one| (one.doc, one.hash));
            self.journal.lock().expect("no panic before").extend(told);
        }
        Ok(answer)
    }

    fn pause(&self, ms: u64) {
        std::thread::sleep(Duration::from_millis(ms.min(10)));
    }
}

/// A person at work: something recorded, then a sync, over and over.
fn work(device: &Device, wire: &Noting, stop: &AtomicBool, number: usize) {
    let mut case = None;
    for count in 0.. {
        if stop.load(Ordering::SeqCst) {
            return;
        }
        let at = match case {
            Some(case) if count % NOTES != 0 => case,
            _ => {
                let mut reported = scenes::reported(&format!("事项 {number}-{count}"));
                if number == 1 {
                    reported.place = scenes::place_in("nanchenggen", "ncg-2");
                }
                device.report(reported).expect("reported").id
            }
        };
        case = Some(at);
        device.run(at, &scenes::note(&format!("第 {count} 句"))).expect("a note");
        device.sync(wire).expect("the phone's own side of a sync works");
    }
}

fn servers(program: &Path, asked: &Asked) -> Tally {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("server");
    let codes = found(&data);
    let mut server = Served::start(program, &data);
    let devices: Vec<Device> =
        codes.iter().map(|(person, code)| enrolled(&folder.path().join(person), &server, code)).collect();
    let (journal, under_way) = (Journal::default(), Arc::new(AtomicU64::new(0)));
    let (stop, chance, begun) = (AtomicBool::new(false), Seeded::new(asked.seed, "server"), Instant::now());
    let bar = progress(asked.kills, "the server");
    let (mut in_the_middle, mut lost, mut checked) = (0, Vec::new(), BTreeSet::new());
    std::thread::scope(|scope| {
        for (number, device) in devices.iter().enumerate() {
            let wire = Noting { wire: wire(&server), journal: journal.clone(), under_way: under_way.clone() };
            let stop = &stop;
            scope.spawn(move || work(device, &wire, stop, number));
        }
        for _ in 0..asked.kills {
            std::thread::sleep(Duration::from_millis(chance.below(LIFE_MS) as u64));
            in_the_middle += u64::from(under_way.load(Ordering::SeqCst) > 0);
            server.kill();
            // Whatever was told by now was told before the kill.
            let told = journal.lock().expect("no panic before").clone();
            server.restart();
            lost.extend(missing(&data, told.difference(&checked)));
            checked = told;
            bar.inc(1);
        }
        stop.store(true, Ordering::SeqCst);
    });
    bar.finish_and_clear();
    // At rest: everything recorded is on the server, and everything told is still there.
    for device in &devices {
        let wire = Noting { wire: wire(&server), journal: journal.clone(), under_way: under_way.clone() };
        for _ in 0..5 {
            device.sync(&wire).expect("the phone's own side of a sync works");
        }
        let counts = device.pending().expect("the phone knows").counts;
        if counts.waiting + counts.wanted + counts.set_aside > 0 {
            lost.push(format!("does not come to rest: {counts:?}"));
        }
    }
    server.kill();
    let told = journal.lock().expect("no panic before").clone();
    lost.extend(missing(&data, told.iter()));
    match ServerStore::open(&data).map(|store| store.verify_audit()) {
        Ok(Ok(Ok(_))) => {}
        other => lost.push(format!("the audit log: {:?}", other.map(|_| "broken"))),
    }
    Tally { what: "server", kills: asked.kills, in_the_middle, acknowledged: told.len(), lost, took: begun.elapsed() }
}

/// What the server's database does not have of these.
fn missing<'a>(data: &Path, told: impl Iterator<Item = &'a (DocId, ChangeHash)>) -> Vec<String> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags(data.join(FILE), flags).expect("the database opens");
    db.busy_timeout(Duration::from_secs(10)).expect("a time to wait");
    let sql = "SELECT 1 FROM change JOIN doc ON doc.n = change.doc WHERE doc.id = ?1 AND change.hash = ?2";
    let mut find = db.prepare(sql).expect("the schema is known");
    let there = |doc: &DocId, hash: &ChangeHash, find: &mut rusqlite::Statement<'_>| {
        find.exists(rusqlite::params![doc.as_bytes(), hash.as_bytes()]).expect("the database reads")
    };
    told.filter(|(doc, hash)| !there(doc, hash, &mut find)).map(|(doc, hash)| format!("told and lost: {doc} {hash}")).collect()
}

fn phones(program: &Path, asked: &Asked) -> Tally {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("server");
    let codes = found(&data);
    let server = Served::start(program, &data);
    let begun = Instant::now();
    let bar = progress(asked.kills, "phones");
    let (kills, in_the_middle) = (AtomicU64::new(0), AtomicU64::new(0));
    let all = Mutex::new((0, Vec::new()));
    std::thread::scope(|scope| {
        for (person, code) in codes.iter().take(2) {
            let home = folder.path().join(person);
            drop(enrolled(&home, &server, code));
            let (kills, in_the_middle, bar, all, server) = (&kills, &in_the_middle, &bar, &all, &server);
            scope.spawn(move || {
                let mut phone = Killed {
                    program,
                    home,
                    chance: Seeded::new(asked.seed, person),
                    told: Vec::new(),
                    usual: Duration::from_millis(30),
                    nothing_touched: false,
                };
                let mut lost = Vec::new();
                while kills.load(Ordering::SeqCst) < asked.kills {
                    if let Some(middle) = phone.live() {
                        kills.fetch_add(1, Ordering::SeqCst);
                        in_the_middle.fetch_add(u64::from(middle), Ordering::SeqCst);
                        bar.inc(1);
                        lost.extend(phone.check(false));
                    }
                }
                lost.extend(phone.check(true));
                let device = device(&phone.home);
                for _ in 0..5 {
                    device.sync(&wire(server)).expect("the phone's own side of a sync works");
                }
                let counts = device.pending().expect("the phone knows").counts;
                if counts.waiting + counts.wanted + counts.set_aside > 0 {
                    lost.push(format!("does not come to rest: {counts:?}"));
                }
                let mut all = all.lock().expect("no panic before");
                all.0 += phone.told.len();
                all.1.append(&mut lost);
            });
        }
    });
    bar.finish_and_clear();
    let (acknowledged, lost) = all.into_inner().expect("no panic before");
    let (kills, in_the_middle) = (kills.into_inner(), in_the_middle.into_inner());
    Tally { what: "phone", kills, in_the_middle, acknowledged, lost, took: begun.elapsed() }
}

/// A phone on the command line whose processes are killed.
struct Killed<'a> {
    program: &'a Path,
    home: PathBuf,
    chance: Seeded,
    /// Words that a process printed as recorded.
    told: Vec<String>,
    /// How long a process usually takes.
    usual: Duration,
    /// Whether the phone no longer knows what was touched last.
    nothing_touched: bool,
}

impl Killed<'_> {
    /// One process, killed at some moment unless it ended before; whether it was killed, and with nothing said.
    fn live(&mut self) -> Option<bool> {
        let words = format!("记{:016x}", self.chance.next());
        let first = self.told.len().is_multiple_of(NOTES) || self.nothing_touched;
        let sync = !first && self.chance.percent(20);
        let mut command = Command::new(self.program);
        command.args(["--lang", "en", "phone", "--json", "--home"]).arg(&self.home);
        if sync {
            command.arg("sync");
        } else if first {
            let grid = if self.home.ends_with("w-ncg-2") { "ncg-2" } else { "ncg-1" };
            command.args(["report", "--title", &words, "--category", "其他", "--grid", grid]);
        } else {
            command.args(["note", "last", &words]);
        }
        let begun = Instant::now();
        let mut child =
            command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the phone starts");
        let most = usize::try_from(self.usual.as_micros()).unwrap_or(usize::MAX) * 5 / 4;
        std::thread::sleep(Duration::from_micros(self.chance.below(most.max(1)) as u64));
        let ended = child.try_wait().expect("its state is known").is_some();
        let _ = child.kill();
        let output = child.wait_with_output().expect("it is gone");
        if ended {
            self.usual = (self.usual * 7 + begun.elapsed()) / 8;
        } else {
            // It takes longer than so far believed, perhaps.
            self.usual = self.usual * 33 / 32;
        }
        // A whole record, its line ended: then it was said.
        let said = output.stdout.ends_with(b"\n");
        // Which record was touched last is a convenience that a kill may take.
        self.nothing_touched = ended && String::from_utf8_lossy(&output.stderr).contains("no_last");
        if self.nothing_touched {
            return None;
        }
        if said && !sync {
            self.told.push(words);
        } else if ended && !sync {
            panic!("it ended by itself and said {}", String::from_utf8_lossy(&output.stderr));
        }
        (!ended).then_some(!said)
    }

    /// What is missing of what was said last, or of all.
    fn check(&self, all: bool) -> Vec<String> {
        let store = Store::open(&self.home.join("phone.db"), Options::default()).expect("the phone's database opens");
        let mut lost = Vec::new();
        if let Err(error) = store.check() {
            lost.push(format!("damaged: {error}"));
        }
        // All of them: reports that were durable before they were told may have come after the one that notes go to.
        let limit = PAGE_MAX;
        let mut there = String::new();
        for row in store.rows(&Query::first(DocKind::Case, limit)).expect("rows") {
            let stored = store.document(&row.doc).expect("reads").expect("a row has its document");
            match Document::load(&stored.bytes) {
                Ok(document) => drop(write!(there, "{:?}", document.log::<Event>().entries)),
                Err(error) => lost.push(format!("unreadable: {error}")),
            }
        }
        let recent = if all { 0 } else { self.told.len().saturating_sub(NOTES / 2) };
        lost.extend(
            self.told[recent..].iter().filter(|words| !there.contains(*words)).map(|words| format!("told and lost: {words}")),
        );
        lost
    }
}
