//! Pushes mutated changes, their checksums repaired, to a running server as an enrolled phone of its own would.
//!
//! `cargo build --release && cargo run --release -p doorstep-tests --bin mutate -- --changes 100000`. The server is the
//! program `doorstep serve` with its worker processes. Held: each change gets a verdict, a refused one has a code, what was
//! accepted leaves its document readable on another phone, the server answers to the end, and its memory stays flat.
#![expect(clippy::expect_used, reason = "a harness: what does not hold here must stop it")]
#![allow(clippy::cast_precision_loss, reason = "figures for people")]

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::Parser;
use data_encoding::BASE64URL_NOPAD;
use doorstep_core::case::{Event, Noted, TextName};
use doorstep_core::device::{Device, Host};
use doorstep_core::document::{Document, Writing};
use doorstep_core::entry::{Body, Entry};
use doorstep_core::environment::{Clock as _, Request, Signer as _, Transport as _, random};
use doorstep_core::host::{HttpOptions, HttpTransport, SoftwareSigner, SystemClock};
use doorstep_core::id::{ActorId, ChangeHash, Digest, DocId, DocKind};
use doorstep_core::store::Options;
use doorstep_core::sync::wire::{
    CBOR, HEADER_DEVICE, HEADER_NONCE, HEADER_PERSON, HEADER_SIGNATURE, PATH_NONCE, PATH_PUSH, PushAnswer, PushRequest,
    PushedChange, VERSION, Verdict, signing_input,
};
use doorstep_core::time::{Hlc, Stamp};
use doorstep_core::words::Lang;
use doorstep_server::enrol::{CODE_MS, Minted, digest};
use doorstep_server::store::{NewCode, Store};
use doorstep_tests::fuzz::{Mutator, chunk};
use doorstep_tests::scenes;
use doorstep_tests::seed::Seeded;
use indicatif::{ProgressBar, ProgressStyle};
use serde_bytes::ByteBuf;
use sha2::{Digest as _, Sha256};

/// Cases that the changes are for.
const CASES: usize = 24;
/// Changes in a push.
const BATCH: usize = 50;
/// Pushes between two looks at what was accepted, from another phone.
const LOOK_EVERY: usize = 20;
/// How often memory is read over a run.
const READINGS: usize = 20;
/// Growth of memory, KiB, from the second quarter's median to the last's, that is no longer flat.
const GROWTH_MAX_KIB: u64 = 48 << 10;
/// Changes accepted into a case after which it is left alone: documents grow, and a trial takes as long as its document.
const GROWN: usize = 60;

/// Pushes mutated changes to a running server.
#[derive(Parser)]
struct Asked {
    /// How many.
    #[arg(long, default_value_t = 100_000)]
    changes: usize,
    /// Decides which.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The server's program; the one beside this program if not given.
    #[arg(long)]
    server: Option<PathBuf>,
}

fn main() -> ExitCode {
    // For a test that has only this program at hand: the server is then this same code.
    match std::env::args().nth(1).as_deref() {
        Some("serve") => return be_the_server(),
        Some(doorstep_server::config::WORKER_ARGUMENT) => return doorstep_server::worker::be_one(),
        _ => {}
    }
    let asked = Asked::parse();
    let beside = || std::env::current_exe().expect("this program").with_file_name("doorstep");
    let program = asked.server.clone().unwrap_or_else(beside);
    if !program.exists() {
        eprintln!(
            "there is no server at {}: build it with `cargo build --release`, or name it with --server",
            program.display()
        );
        return ExitCode::from(2);
    }
    run(&asked, &program)
}

/// `doorstep serve`, in this program.
fn be_the_server() -> ExitCode {
    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        options: doorstep_server::serve::Options,
    }
    let line = Line::parse_from(std::env::args().skip(1));
    match doorstep_server::serve::run(&line.options, Lang::En) {
        Ok(()) => ExitCode::SUCCESS,
        Err(said) => {
            eprintln!("{}", said.line(Lang::En, false));
            ExitCode::FAILURE
        }
    }
}

/// A server process.
struct Serving {
    child: Child,
    address: String,
}

impl Serving {
    fn start(program: &Path, dir: &Path) -> Self {
        let port = dir.join("port");
        let log = std::fs::File::create(dir.join("server.log")).expect("a log");
        let child = Command::new(program)
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(dir.join("data"))
            .arg("--port-file")
            .arg(&port)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .expect("the server's process");
        let mut serving = Self { child, address: String::new() };
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(30) {
            if let Some(port) = std::fs::read_to_string(&port).ok().and_then(|text| text.trim().parse::<u16>().ok()) {
                serving.address = format!("http://127.0.0.1:{port}");
                return serving;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic_with("the server did not start")
    }

    /// Resident memory of the server and of its workers, KiB, and how many workers there are.
    fn memory(&self) -> (u64, u64, usize) {
        let of = |id: &str| -> u64 {
            let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
            let found = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
            found.and_then(|rest| rest.trim().strip_suffix(" kB")?.trim().parse().ok()).unwrap_or(0)
        };
        let own = self.child.id().to_string();
        let children: Vec<String> = std::fs::read_dir("/proc")
            .expect("/proc")
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            .filter(|id| id.bytes().all(|byte| byte.is_ascii_digit()))
            .filter(|id| {
                let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
                stat.rsplit(") ").next().and_then(|rest| rest.split(' ').nth(1)) == Some(&own)
            })
            .collect();
        (of(&own), children.iter().map(|id| of(id)).sum(), children.len())
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[expect(clippy::panic, reason = "a harness: what does not hold here must stop it")]
fn panic_with(what: &str) -> ! {
    panic!("{what}")
}

/// A phone of its own, over real HTTP.
struct Client {
    open: Option<Device>,
    host: Host,
    signer: Arc<SoftwareSigner>,
    transport: HttpTransport,
    entropy: Arc<Seeded>,
    file: PathBuf,
    nonce: Option<String>,
}

impl Client {
    fn enrolled(dir: &Path, person: &str, code: &Minted, address: &str, seed: u64) -> Self {
        let entropy = Arc::new(Seeded::new(seed, person));
        let signer = Arc::new(SoftwareSigner::generate(entropy.as_ref()).expect("a key"));
        let clock = Arc::new(SystemClock);
        let host = Host {
            clock,
            entropy: entropy.clone(),
            signer: signer.clone(),
            installation: random(entropy.as_ref()),
            lang: Lang::En,
        };
        let file = dir.join(format!("{person}.db"));
        let device = Device::open(&file, Options::default(), host.clone()).expect("a phone");
        let transport = HttpTransport::new(address, &HttpOptions::default()).expect("a loopback address");
        device.enrol(&transport, &code.typed, address, "a phone").expect("enrolled");
        Self { open: Some(device), host, signer, transport, entropy, file, nonce: None }
    }

    fn device(&self) -> &Device {
        self.open.as_ref().expect("the phone is on")
    }

    /// These documents as they lie in its database, the phone switched off for the moment.
    fn documents(&mut self, ids: &[DocId]) -> Vec<(DocId, Document)> {
        self.open = None;
        let store = doorstep_core::store::Store::open(&self.file, Options::default()).expect("the phone's database");
        let read = |id: &DocId| {
            let stored = store.document(id).expect("the store reads").expect("the case is here");
            (*id, Document::load(&stored.bytes).expect("a document that was opened before loads"))
        };
        let documents = ids.iter().map(read).collect();
        drop(store);
        self.open = Some(Device::open(&self.file, Options::default(), self.host.clone()).expect("a phone"));
        documents
    }

    fn sync(&self) {
        let report = self.device().sync(&self.transport).expect("the phone's side of a sync");
        assert_eq!(report.outcome, doorstep_core::sync::Outcome::Done, "the server answers");
    }

    fn send(&mut self, request: &Request) -> (u16, Vec<u8>) {
        let mut response = self.transport.send(request).expect("the server answers");
        self.nonce = response.header(HEADER_NONCE).map(str::to_owned);
        let mut body = Vec::new();
        response.body.read_to_end(&mut body).expect("its answer");
        (response.status, body)
    }

    /// A signed push of these changes; a verdict for each.
    fn push(&mut self, changes: Vec<PushedChange>) -> Vec<Verdict> {
        let enrolled = self.device().enrolled().expect("enrolled");
        let body = minicbor_serde::to_vec(PushRequest { version: VERSION, changes, bundles: vec![] }).expect("a record");
        for _ in 0..20 {
            if self.nonce.is_none() {
                self.send(&Request { method: "GET", path: PATH_NONCE.into(), headers: vec![], body: vec![] });
            }
            let nonce = self.nonce.take().expect("a nonce");
            let hashed = Digest::from_bytes(Sha256::digest(&body).into());
            let input = signing_input("POST", PATH_PUSH, &hashed, &enrolled.device, &enrolled.person, &nonce);
            let headers = vec![
                ("accept", CBOR.to_owned()),
                ("content-type", CBOR.to_owned()),
                (HEADER_DEVICE, enrolled.device.to_string()),
                (HEADER_PERSON, enrolled.person.to_string()),
                (HEADER_NONCE, nonce),
                (HEADER_SIGNATURE, BASE64URL_NOPAD.encode(&self.signer.sign(&input).expect("the key signs"))),
            ];
            let request = Request { method: "POST", path: PATH_PUSH.into(), headers, body: body.clone() };
            let (status, answer) = self.send(&request);
            if status == 200 {
                let answer: PushAnswer = minicbor_serde::from_slice(&answer).expect("an answer to a push");
                return answer.verdicts.into_iter().map(|one| one.verdict).collect();
            }
            assert!(status == 429 || status == 503, "the server answers {status}");
            std::thread::sleep(Duration::from_millis(200));
        }
        panic_with("the server turned the same push away twenty times")
    }
}

/// A change that fits on the document, made by another program of this phone: a note, or some typing.
fn fresh(client: &Client, document: &Document, chance: &Seeded) -> Vec<u8> {
    let actor = ActorId::from_bytes(random(client.entropy.as_ref()));
    let person = client.device().enrolled().expect("enrolled").person;
    let last = document.log::<Event>().entries.iter().map(|entry| entry.stamp.time).max().unwrap_or(Hlc(0));
    let stamp = Stamp { time: last.next(SystemClock.now()), node: chance.next() };
    let note = Noted { text: format!("第{}句，写得不长。", chance.next()) };
    let entry = Entry { stamp, author: person, body: Body::Event(Event::from(note)) };
    let typing = chance.percent(30);
    let text = format!("{}{}", document.text(TextName::Minutes), chance.next());
    let writing = if typing {
        Writing { entries: vec![], texts: vec![(TextName::Minutes, text)] }
    } else {
        Writing::entries(vec![entry])
    };
    document.write(actor, &writing).expect("a change").1.bytes
}

fn run(asked: &Asked, program: &Path) -> ExitCode {
    let dir = tempfile::tempdir().expect("a directory");
    let entropy = Seeded::new(asked.seed, "server");
    let data = dir.path().join("data");
    let sample = doorstep_server::admin::sample().expect("the sample is good");
    let store = Store::create(&data, &sample, &entropy, SystemClock.now()).expect("a new database");
    let codes = ["w-ncg-1", "lead-ncg"].map(|person| {
        let minted = Minted::new(&entropy);
        let code = NewCode {
            hash_long: digest(&minted.secret).expect("a code"),
            hash_short: digest(&minted.typed).expect("a code"),
            person: person.parse().expect("a person"),
            expires: SystemClock.now().plus_ms(CODE_MS),
        };
        store.put_code(code, SystemClock.now()).expect("the code is stored");
        minted
    });
    drop(store);
    let serving = Serving::start(program, dir.path());
    let mut worker = Client::enrolled(dir.path(), "w-ncg-1", &codes[0], &serving.address, asked.seed);
    let mut lead = Client::enrolled(dir.path(), "lead-ncg", &codes[1], &serving.address, asked.seed);
    worker.sync();
    let report =
        |worker: &Client, n: usize| worker.device().report(scenes::reported(&format!("事项{n}"))).expect("reported").id;
    let mut cases: Vec<DocId> = (0..CASES).map(|n| report(&worker, n)).collect();
    worker.sync();
    let mut documents = worker.documents(&cases);
    let chance = Seeded::new(asked.seed, "mutate");
    let mutator = Mutator { chance: &chance };
    let bar = ProgressBar::new(asked.changes as u64)
        .with_style(ProgressStyle::with_template("{bar:30} {pos}/{len} {elapsed_precise} {msg}").expect("a template"));
    let mut codes: BTreeMap<String, u64> = BTreeMap::new();
    let mut accepted: BTreeMap<DocId, Vec<ChangeHash>> = BTreeMap::new();
    let mut readings: Vec<(usize, u64, u64)> = Vec::new();
    let (mut done, mut pushes, mut slowest) = (0, 0_usize, Duration::ZERO);
    while done < asked.changes {
        let count = BATCH.min(asked.changes - done);
        let changes: Vec<PushedChange> = (0..count)
            .map(|_| {
                let (doc, document) = chance.pick(&documents);
                let change = fresh(&worker, document, &chance);
                let other = fresh(&worker, &chance.pick(&documents).1, &chance);
                let bytes = mutator.change(&change, &other);
                let hash = ChangeHash::from_bytes(chunk::hash(&bytes));
                PushedChange { doc: *doc, kind: DocKind::Case, hash, bytes: ByteBuf::from(bytes) }
            })
            .collect();
        let names: Vec<_> = changes.iter().map(|change| (change.doc, change.hash)).collect();
        let begun = Instant::now();
        let verdicts = worker.push(changes);
        slowest = slowest.max(begun.elapsed());
        assert_eq!(verdicts.len(), count, "a verdict for each");
        for ((doc, hash), verdict) in names.into_iter().zip(verdicts) {
            let code = match verdict {
                Verdict::Stored { .. } => {
                    accepted.entry(doc).or_default().push(hash);
                    "stored".to_owned()
                }
                Verdict::Known { .. } => "known".to_owned(),
                Verdict::Wanted { .. } => "wanted".to_owned(),
                Verdict::SetAside { code, .. } => code,
            };
            assert!(!code.is_empty(), "a refused change without a code");
            *codes.entry(code).or_default() += 1;
        }
        done += count;
        pushes += 1;
        bar.set_position(done as u64);
        if pushes.is_multiple_of(LOOK_EVERY) || done == asked.changes {
            look(&mut lead, &accepted);
            // What has grown is left alone, and new cases take its place.
            let grown: Vec<DocId> = accepted.iter().filter(|(_, all)| all.len() >= GROWN).map(|(doc, _)| *doc).collect();
            cases.retain(|case| !grown.contains(case));
            accepted.retain(|doc, _| !grown.contains(doc));
            for n in cases.len()..CASES {
                cases.push(report(&worker, n));
            }
            worker.sync();
            documents = worker.documents(&cases);
        }
        if done * READINGS / asked.changes > readings.len() {
            let (server, workers, count) = serving.memory();
            readings.push((done, server, workers));
            bar.set_message(format!("server {} MiB, {count} workers {} MiB", server / 1024, workers / 1024));
        }
    }
    bar.finish();
    println!("verdicts:");
    codes.iter().for_each(|(code, count)| println!("{count:>10}  {code}"));
    println!("memory, MiB:\n{:>10}{:>10}{:>10}", "changes", "server", "workers");
    let mib = |kib: u64| kib as f64 / 1024.0;
    readings.iter().for_each(|(done, server, workers)| println!("{done:>10}{:>10.1}{:>10.1}", mib(*server), mib(*workers)));
    println!("slowest push of {BATCH}: {} ms", slowest.as_millis());
    let flat = is_flat(&readings.iter().map(|(_, server, workers)| server + workers).collect::<Vec<_>>());
    println!("memory is {}", if flat { "flat" } else { "NOT flat" });
    if flat { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Whether the last quarter is about where the second was. Fewer readings than four say nothing, and pass.
fn is_flat(readings: &[u64]) -> bool {
    let quarter = readings.len() / 4;
    let median = |part: &[u64]| {
        let mut part = part.to_vec();
        part.sort_unstable();
        part[part.len() / 2]
    };
    quarter == 0 || median(&readings[readings.len() - quarter..]) <= median(&readings[quarter..2 * quarter]) + GROWTH_MAX_KIB
}

/// Another phone pulls, and opens every document that took something; each accepted change is in it.
fn look(lead: &mut Client, accepted: &BTreeMap<DocId, Vec<ChangeHash>>) {
    lead.sync();
    for doc in accepted.keys() {
        if let Err(error) = lead.device().digest(*doc) {
            panic_with(&format!("an accepted change left {doc} unreadable: {}", error.code()));
        }
    }
    assert_eq!(lead.device().pending().expect("pending").counts.unreadable, 0, "nothing is unreadable");
    let ids: Vec<DocId> = accepted.keys().copied().collect();
    for (doc, document) in lead.documents(&ids) {
        assert!(accepted[&doc].iter().all(|hash| document.has(hash)), "an accepted change is not in its document");
    }
}
